"""Financial years and quarters: 1 April to 31 March.

`2024/25` is the year to 31 March 2025, `2024/25 Q3` its third quarter (October to December 2024), `2025-04` the
month April 2025. A table's quarter is that quarter alone. A briefing's quarter is the year to its end, so the last
quarter of a year and the year are one briefing.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_YEAR = re.compile(r"(\d{4})/(\d{2})")
_QUARTER = re.compile(r"(\d{4}/\d{2}) Q([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True)
class Period:
    """A run of whole months inside one financial year.

    `year` is the calendar year in which the financial year begins; `first` and `last` count months from April (1) to
    March (12).
    """

    year: int
    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """A year, quarter or month from its name; ValueError names what was found and what is expected."""
        name = str(text).strip()
        if (match := _MONTH.fullmatch(name)) and 1 <= int(match[2]) <= 12:
            return cls.of_month(int(match[1]), int(match[2]))
        match = _QUARTER.fullmatch(name)
        year = _start_of(match[1] if match else name, text)
        if not match:
            return cls(year, 1, 12)
        last = 3 * int(match[2])
        return cls(year, last - 2, last)

    @classmethod
    def of_month(cls, year: int, month: int) -> "Period":
        """The month of a calendar year: `of_month(2025, 1)` is the tenth of 2024/25."""
        if not 1 <= month <= 12:
            raise ValueError(f"period: found month {month} of {year}; expected a month from 01 to 12")
        return cls(year if month > 3 else year - 1, (month - 4) % 12 + 1, (month - 4) % 12 + 1)

    @property
    def financial_year(self) -> str:
        """`2024/25`."""
        return year_name(self.year)

    @property
    def quarter(self) -> int:
        """The quarter in which the period ends, 1 to 4."""
        return (self.last + 2) // 3

    @property
    def months(self) -> int:
        """Number of months."""
        return self.last - self.first + 1

    @property
    def start(self) -> date:
        """The first day."""
        return date(*_calendar(self.year, self.first), 1)

    @property
    def end(self) -> date:
        """The last day."""
        year, month = _calendar(self.year, self.last)
        return date(year, month, monthrange(year, month)[1])

    @property
    def days(self) -> int:
        """Number of days; 365 or 366 in a year."""
        return (self.end - self.start).days + 1

    @property
    def to_date(self) -> "Period":
        """The financial year from 1 April to the end of this period."""
        return Period(self.year, 1, self.last)

    def earlier(self, years: int = 1) -> "Period":
        """The same months of an earlier financial year."""
        return Period(self.year - years, self.first, self.last)

    @property
    def slug(self) -> str:
        """The name as a folder: `2024-25`, `2024-25-q3`."""
        return self.name.lower().replace("/", "-").replace(" ", "-")

    @property
    def name(self) -> str:
        """The name that a table or a parameter uses. The year to the end of a quarter has that quarter's name."""
        if (self.first, self.last) == (1, 12):
            return self.financial_year
        if self.last % 3 == 0 and self.first in (1, self.last - 2):
            return f"{self.financial_year} Q{self.quarter}"
        if self.first == self.last:
            return "{:04d}-{:02d}".format(*_calendar(self.year, self.last))
        return f"{self.financial_year} months {self.first} to {self.last}"

    def __str__(self) -> str:
        return self.name


def briefing_period(text: str) -> Period:
    """The period of a briefing: a year, or the year to the end of the quarter named.

    `2024/25 Q4` is `2024/25`. A month is refused: briefings are quarterly.
    """
    period = Period.parse(text)
    if period.months == 1:
        raise ValueError(f"period: found {text!r}; expected a year such as 2024/25 or a quarter such as 2024/25 Q3")
    return period.to_date


def year_name(start: int) -> str:
    """`2024/25` from 2024."""
    return f"{start:04d}/{(start + 1) % 100:02d}"


def _start_of(name: str, text: str) -> int:
    match = _YEAR.fullmatch(name)
    if match and (int(match[1]) + 1) % 100 == int(match[2]):
        return int(match[1])
    begins = re.match(r"(\d{4})", name)
    hint = f"; for the year that begins in {begins[1]} write {year_name(int(begins[1]))}" if begins else ""
    raise ValueError(f"period: found {text!r}; expected 2024/25, 2024/25 Q3 or 2025-04{hint}")


def _calendar(year: int, month: int) -> tuple[int, int]:
    return (year, month + 3) if month <= 9 else (year + 1, month - 9)

"""What people type into cells, read as what they mean: one function a kind of column.

Each takes the text of a cell and gives its value, or raises ValueError. No word means "missing": a council called None
or a reason NA is text like any other; only an empty cell is empty.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from ijbtools.finance.years import Period, year_name

MOST_COUNTED = 10**15

_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_PLAIN = re.compile(r"\d+(\.\d*)?(e[+-]?\d+)?|\.\d+", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_SPACED = re.compile(r"(?<=\d) (?=\d{3}(\D|$))")  # a space between thousands
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y")
_CREDIT = re.compile(r"(?P<before>[cd]r)?\s*(?P<amount>[^-()a-z]+?)\s*(?P<behind>[cd]r)?", re.IGNORECASE)
_NIL = ("-", "--", "–", "—", "nil")  # a dash is how Excel shows 0 in its accounting format
_NUMBERED = re.compile(r"(?:period|month|p|m)\s*0?(\d{1,2})", re.IGNORECASE)  # a ledger's period: 1 is April
_MONTHS = ("%Y-%m", "%b-%y", "%b-%Y", "%B %Y", "%b %Y")  # Excel turns a typed 2025-04 into Apr-25


def read_id(text: str) -> str:
    """A short name that is also safe as a folder on every system."""
    if not _ID.fullmatch(text) or text in _DEVICES:
        raise ValueError
    return text


def read_number(text: str) -> float:
    """A number as ledgers print it: £, thousands separators, brackets or a minus before or behind for a negative."""
    if len(text) <= 15 and text.isascii() and text.isdigit():  # as most are
        return float(text)
    body = re.sub(r"[\u00a0\u2009\u202f]", " ", text).replace("\u2212", "-").strip()
    body = re.sub(r"(?<!\d) | (?!\d)", "", _SPACED.sub("", body))
    body = re.sub(r"^£\((.+)\)$", r"(£\1)", body)  # as Excel shows a negative amount
    negative = body.startswith("(") and body.endswith(")")
    if negative:
        body = body[1:-1]
    signed = re.fullmatch(r"(-?)£?(-?)([^-£]*|[^-£]*e-\d+)(-?)", body, re.IGNORECASE)
    if not signed or sum(bool(sign) for sign in (signed[1], signed[2], signed[4], negative)) > 1:
        raise ValueError
    digits = signed[3]
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    elif not _PLAIN.fullmatch(digits):
        raise ValueError
    value = float(digits)
    if value in (float("inf"),):
        raise ValueError
    minus = negative or signed[1] or signed[2] or signed[4]
    return -value if minus and value else value


def read_count(text: str) -> int:
    """A whole number, 0 or more."""
    value = read_number(text)
    if value < 0 or value != int(value) or value > MOST_COUNTED:
        raise ValueError
    return int(value)


def read_share(text: str) -> float:
    """A share from 0 to 1; `15%` is 0.15."""
    value = read_number(text[:-1]) / 100 if text.endswith("%") else read_number(text)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def read_year(text: str) -> str:
    """A financial year: `2024/25`."""
    period = Period.parse(text)
    if period.months != 12:
        raise ValueError
    return period.name


def read_period(text: str) -> str:
    """A month or quarter: `2025-04`, `2025/26 Q1`; also a month as Excel re-writes it, `Apr-25`."""
    for form in _MONTHS:
        try:
            when = datetime.strptime(text, form)
        except ValueError:
            continue
        return f"{when.year:04d}-{when.month:02d}"
    if _is_date(text):
        day = read_date_value(text)
        return f"{day.year:04d}-{day.month:02d}"
    period = Period.parse(text)
    if period.months == 12:
        raise ValueError
    return period.name


def read_month(text: str) -> str:
    """A month: `2025-04`; also as Excel re-writes it."""
    name = read_period(text)
    if Period.parse(name).months != 1:
        raise ValueError
    return name


def read_span(text: str) -> str:
    """A year, quarter or month."""
    try:
        return read_year(text)
    except ValueError:
        return read_period(text)


def read_date(text: str) -> str:
    """A day, as `2025-03-31`."""
    return read_date_value(text).isoformat()


def read_date_value(text: str) -> date:
    """A day from any of the ways that spreadsheets write one; the day comes before the month."""
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise ValueError


def read_text(text: str) -> str:
    """Text as it stands."""
    return text


READ: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "id": read_id,
        "text": read_text,
        "word": read_text,
        "year": read_year,
        "month": read_month,
        "period": read_period,
        "span": read_span,
        "date": read_date,
        "number": read_number,
        "amount": read_number,
        "count": read_count,
        "share": read_share,
    }
)


def suggestion(kind: str, text: str) -> str:
    """The value of that kind that was probably meant, or an empty string."""
    if kind in ("month", "period", "span") and (month := _suggested_month(text)):
        return month
    if kind in ("year", "period", "span") and (match := re.match(r"(\d{4})", text)):
        quarter = re.search(r"[qQ]\s*([1-4])\b", text)
        if kind == "year" or (kind == "span" and not quarter):
            return year_name(int(match[1]))
        return f"{year_name(int(match[1]))} Q{quarter[1]}" if quarter else ""
    if kind in ("amount", "number", "count") and text.strip("£ ").casefold() in _NIL:
        return "0"
    if kind == "amount":
        return _suggested_amount(text)
    if kind == "id":
        tidy = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:40]
        return tidy if _ID.fullmatch(tidy) and tidy not in _DEVICES else ""
    return ""


def _suggested_month(text: str) -> str:
    """`Period 6 2025/26` or `2025/26 P06` as 2025-09, `Sept-25` as 2025-09. A period of no year is not guessed."""
    numbered = _NUMBERED.search(text)
    rest = _NUMBERED.sub("", text, count=1).strip(" ,:;-")
    if numbered and 1 <= int(numbered[1]) <= 12 and re.fullmatch(r"\d{4}/\d{2}", rest):
        try:
            year = Period.parse(rest).year
        except ValueError:
            return ""
        return Period(year, int(numbered[1]), int(numbered[1])).start.isoformat()[:7]
    try:
        return read_month(re.sub(r"\bsept\b", "Sep", text, flags=re.IGNORECASE))
    except ValueError:
        return ""


def _suggested_amount(text: str) -> str:
    """`1,250.00CR` as -1250.00 and `1,250.00 DR` as 1250.00: spending is positive."""
    match = _CREDIT.fullmatch(text.strip())
    sides = [side for side in (match["before"], match["behind"]) if side] if match else []
    if not match or len(sides) != 1:
        return ""
    try:
        value = read_number(match["amount"])
    except ValueError:
        return ""
    return f"{-value if sides[0].casefold() == 'cr' else value:.2f}"


def _is_date(text: str) -> bool:
    try:
        read_date_value(text)
    except ValueError:
        return False
    return True

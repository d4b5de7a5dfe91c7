"""Figures and dates as words: the one place where a number becomes text.

Rounding is half-up, the minus is a true minus (−), and a figure stays on one line with its unit (no-break spaces).
"""

import math
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from ijbtools.finance.money import round_half_up
from ijbtools.finance.years import Period

NBSP = "\u00a0"
MINUS = "\u2212"
NOT_KNOWN = "not known"

# Free of the machine's locale, so that a page reads the same everywhere.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def number(value: float | Decimal, places: int = 0) -> str:
    """`75,093`, `−1.5`; `not known` for nan."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    rounded = float(round_half_up(value, places))
    text = f"{abs(rounded):,.{max(places, 0)}f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def with_unit(value: float, unit: str, places: int = 0) -> str:
    """A figure with its unit, for a label: `£31.6 million` from 31.6 and "£ million", `20.4%`, `31 days`, `31`."""
    figure = number(value, places)
    if unit.startswith("£"):
        sign, size = (MINUS, figure.removeprefix(MINUS)) if figure.startswith(MINUS) else ("", figure)
        return f"{sign}£{size}{unit.removeprefix('£').replace(' ', NBSP)}"
    if not unit:
        return figure
    return f"{figure}%" if unit == "%" else f"{figure}{NBSP}{unit}"


def pounds(amount: float) -> str:
    """Money in a sentence: `£46.4 million`, `£71,764`, `£126`; below £1,000 with pence, if any: `£144.72`."""
    if amount is None or math.isnan(amount):
        return NOT_KNOWN
    sign = MINUS if amount < 0 else ""
    size = abs(amount)
    if round_half_up(size, -5) >= 1_000_000_000:
        return f"{sign}£{number(size / 1e9, 2)}{NBSP}billion"
    if round_half_up(size) >= 1_000_000:
        return f"{sign}£{number(size / 1e6, 1)}{NBSP}million"
    if round_half_up(size, 2) >= 1_000:
        return f"{sign}£{number(size)}"
    rounded = round_half_up(size, 2)
    return f"{sign if rounded else ''}£{number(rounded, 0 if rounded == int(rounded) else 2)}"


def exact_pounds(amount: float) -> str:
    """Money to the penny: `£618.12`, `£445,119,956.28`."""
    if amount is None or math.isnan(amount):
        return NOT_KNOWN
    sign = MINUS if round_half_up(amount, 2) < 0 else ""
    return f"{sign}£{number(abs(amount), 2)}"


def percent(share: float, places: int = 0) -> str:
    """`15%`, `20.4%` from 0.15, 0.204."""
    if share is None or math.isnan(share):
        return NOT_KNOWN
    return f"{number(_decimal(share) * 100, places)}%"


def change(now: float, before: float, than: str) -> str:
    """A change said with its word: `17% more than in 2023/24`, `the same as in 2023/24`."""
    if math.isnan(before) or math.isnan(now) or now < 0 or before < 0 or (not before and now):
        return f"no comparison with {than}"
    if now == before:
        return f"the same as in {than}"
    moved = round_half_up((_decimal(now) / _decimal(before) - 1) * 100)
    if moved == 0:
        return f"about the same as in {than}"
    return f"{number(abs(moved))}% {'more' if moved > 0 else 'less'} than in {than}"


def day(when: date) -> str:
    """`31 March 2025`."""
    return f"{when.day}{NBSP}{_MONTHS[when.month - 1]} {when.year}"


def month(when: date) -> str:
    """`November 2026`."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def period_in_full(period: Period) -> str:
    """`Financial year 2024/25`, or `2025/26 to 30 June 2025` for the year to a quarter's end."""
    if period.months == 12:
        return f"Financial year {period.financial_year}"
    return f"{period.financial_year} to {day(period.end)}"


def in_period(period: Period) -> str:
    """For a sentence: `In 2024/25`, `In the three months to 30 June 2025`."""
    if period.months == 12:
        return f"In {period.financial_year}"
    if period.months == 1:
        return f"In {month(period.end)}"
    months = {3: "three", 6: "six", 9: "nine"}.get(period.months, str(period.months))
    return f"In the {months} months to {day(period.end)}"


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def money_unit(amounts: Iterable[float]) -> tuple[str, float, int]:
    """One unit for all amounts of a table: its name, what to divide by, and the decimals that keep three figures."""
    largest = max((abs(amount) for amount in amounts if not math.isnan(amount)), default=0.0)
    if largest >= 10_000_000:
        return "£ million", 1e6, 1
    if largest >= 1_000_000:
        return "£ million", 1e6, 2
    return ("£ thousand", 1e3, 0) if largest >= 100_000 else ("£", 1.0, 0)


def _decimal(value: float) -> Decimal:
    """The figure as it prints, so that halves stay halves."""
    return Decimal(repr(float(value)))

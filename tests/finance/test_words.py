"""Figures and dates as words: what a reader sees, letter by letter."""

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.words import (
    change,
    day,
    exact_pounds,
    in_period,
    listed,
    money_unit,
    month,
    number,
    percent,
    period_in_full,
    pounds,
    with_unit,
)
from ijbtools.finance.years import Period, briefing_period

steady = settings(deadline=None, derandomize=True)

PENNIES = st.integers(0, 13).flatmap(lambda digits: st.integers(0, 10**digits))  # small sums as often as large ones


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (75_093, 0, "75,093"),
        (999.5, 0, "1,000"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),  # to the even neighbour it would be 2
        (2.675, 2, "2.68"),
        (1_234.5, 2, "1,234.50"),
        (0, 0, "0"),
        (0, 1, "0.0"),
        (-0.4, 0, "0"),  # no minus before nothing
        (-0.04, 1, "0.0"),
        (-0.5, 0, "\u22121"),
        (-1.5, 1, "\u22121.5"),
        (-12_345, 0, "\u221212,345"),
        (1_234_567, -3, "1,235,000"),
        (math.nan, 0, "not known"),
        (None, 2, "not known"),
    ],
)
def test_number(value, places, expected):
    """A count has commas, the places asked for and a true minus."""
    assert number(value, places) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0, "£0"),
        (0.004, "£0"),
        (0.005, "£0.01"),
        (0.5, "£0.50"),
        (126, "£126"),
        (144.72, "£144.72"),
        (618.12, "£618.12"),
        (999, "£999"),
        (999.5, "£999.50"),
        (999.994, "£999.99"),
        (999.995, "£1,000"),
        (1_000, "£1,000"),
        (1_000.49, "£1,000"),
        (1_000.5, "£1,001"),
        (71_764, "£71,764"),
        (342_000, "£342,000"),
        (949_999, "£949,999"),
        (999_499.5, "£999,500"),
        (999_999.49, "£999,999"),
        (1_050_000, "£1.1\u00a0million"),
        (1_149_999.99, "£1.1\u00a0million"),
        (13_536_828, "£13.5\u00a0million"),
        (46_350_000, "£46.4\u00a0million"),
        (445_119_956.28, "£445.1\u00a0million"),
        (999_949_999, "£999.9\u00a0million"),
        (999_950_000, "£1.00\u00a0billion"),
        (999_999_500, "£1.00\u00a0billion"),
        (1_000_000_000, "£1.00\u00a0billion"),
        (1_004_999_999, "£1.00\u00a0billion"),
        (1_005_000_000, "£1.01\u00a0billion"),
        (12_345_678_901, "£12.35\u00a0billion"),
    ],
)
def test_pounds(amount, expected):
    """Money in a sentence has the size that a reader can say, and a loss the same words after a true minus."""
    assert pounds(amount) == expected
    assert pounds(-amount) == (expected if expected == "£0" else f"\u2212{expected}")


def test_pounds_that_round_to_a_million():
    """An amount that rounds to £1,000,000 is said in millions, as a million is."""
    assert pounds(999_999.5) == pounds(1_000_000)
    assert pounds(999_999.5).endswith("\u00a0million")


@pytest.mark.parametrize("amount", [math.nan, None])
def test_pounds_not_known(amount):
    """Money that is not known is said to be so."""
    assert pounds(amount) == "not known"


@steady
@given(PENNIES, PENNIES)
def test_pounds_keep_their_order(some, more):
    """The larger of two amounts never reads as the smaller."""
    units = {"million": 10**6, "billion": 10**9}
    said = []
    for pennies in sorted((some, some + more)):
        figure, _, unit = pounds(pennies / 100).removeprefix("£").replace(",", "").partition("\u00a0")
        said.append(float(figure) * units.get(unit, 1))
    assert said == sorted(said)


@steady
@given(PENNIES)
def test_pounds_are_near_the_amount(pennies):
    """Money in a sentence is within half of its last digit of the amount, and below £1,000 it is exact."""
    figure, _, unit = pounds(pennies / 100).removeprefix("£").replace(",", "").partition("\u00a0")
    size, half = {"": (1, 0.5), "million": (10**6, 50_000), "billion": (10**9, 5_000_000)}[unit]
    assert abs(float(figure) * size - pennies / 100) <= (half + 1e-3 if pennies >= 100_000 else 1e-9)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (618.12, "£618.12"),
        (445_119_956.28, "£445,119,956.28"),
        (919_354.8387, "£919,354.84"),
        (2.675, "£2.68"),
        (0, "£0.00"),
        (-0.004, "£0.00"),
        (-0.005, "\u2212£0.01"),
        (-580_645.1613, "\u2212£580,645.16"),
    ],
)
def test_exact_pounds(amount, expected):
    """Money to the penny always has its two places, and no minus before nothing."""
    assert exact_pounds(amount) == expected


@pytest.mark.parametrize(
    ("share", "places", "expected"),
    [
        (0.15, 0, "15%"),
        (0.145, 0, "15%"),
        (0.285, 0, "29%"),
        (1.005, 0, "101%"),
        (0.204, 1, "20.4%"),
        (0.0081, 2, "0.81%"),
        (0, 0, "0%"),
        (0.004, 0, "0%"),
        (-0.004, 0, "0%"),
        (0.005, 0, "1%"),
        (-0.005, 0, "\u22121%"),
        (-0.0088, 2, "\u22120.88%"),
        (1, 0, "100%"),
        (12.345, 0, "1,235%"),
        (math.nan, 0, "not known"),
        (None, 1, "not known"),
    ],
)
def test_percent(share, places, expected):
    """A share is said in hundredths, with the places asked for."""
    assert percent(share, places) == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (117, 100, "17% more than in 2023/24"),
        (83, 100, "17% less than in 2023/24"),
        (300, 100, "200% more than in 2023/24"),
        (0, 100, "100% less than in 2023/24"),
        (1_170, 1_000, "17% more than in 2023/24"),
        (100, 100, "the same as in 2023/24"),
        (100.4, 100, "about the same as in 2023/24"),
        (99.6, 100, "about the same as in 2023/24"),
        (100.5, 100, "1% more than in 2023/24"),
        (99.5, 100, "1% less than in 2023/24"),
        (101.5, 100, "2% more than in 2023/24"),
        (98.5, 100, "2% less than in 2023/24"),
        (0, 0, "the same as in 2023/24"),
        (5, 0, "no comparison with 2023/24"),
        (50, -100, "no comparison with 2023/24"),
        (-150, -100, "no comparison with 2023/24"),
        (math.nan, 100, "no comparison with 2023/24"),
        (100, math.nan, "no comparison with 2023/24"),
    ],
)
def test_change(now, before, expected):
    """A change is said with its word, never by a sign alone."""
    assert change(now, before, "2023/24") == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (date(2025, 3, 31), "31\u00a0March 2025"),
        (date(2026, 4, 1), "1\u00a0April 2026"),
        (date(2024, 12, 5), "5\u00a0December 2024"),
        (date(2025, 1, 10), "10\u00a0January 2025"),
    ],
)
def test_day(when, expected):
    """A date is day, month and year, and the day stays with its month."""
    assert day(when) == expected


@pytest.mark.parametrize(
    ("period", "title", "sentence"),
    [
        ("2024/25", "Financial year 2024/25", "In 2024/25"),
        ("2024/25 Q4", "Financial year 2024/25", "In 2024/25"),
        ("2025/26 Q1", "2025/26 to 30\u00a0June 2025", "In the three months to 30\u00a0June 2025"),
        ("2026/27 Q2", "2026/27 to 30\u00a0September 2026", "In the six months to 30\u00a0September 2026"),
        ("2024/25 Q3", "2024/25 to 31\u00a0December 2024", "In the nine months to 31\u00a0December 2024"),
    ],
)
def test_period_of_a_briefing(period, title, sentence):
    """A briefing's period is named in full for a title and by its months in a sentence."""
    assert period_in_full(briefing_period(period)) == title
    assert in_period(briefing_period(period)) == sentence


def test_quarter_of_a_table():
    """A table's quarter is the three months to its end, also the last of a year."""
    assert in_period(Period.parse("2024/25 Q3")) == "In the three months to 31\u00a0December 2024"
    assert in_period(Period.parse("2024/25 Q4")) == "In the three months to 31\u00a0March 2025"


@pytest.mark.parametrize(
    ("words", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(words, expected):
    """Words in a row have commas, and an "and" before the last."""
    assert listed(words) == expected


def test_month():
    """A month is said with its year, and a period of one month by its name."""
    assert month(date(2026, 11, 1)) == "November 2026"
    assert in_period(Period.parse("2025-04")) == "In April 2025"


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([46_416_485.0, -1.0], ("£ million", 1e6, 1)),
        ([-2_127_569.0, math.nan], ("£ million", 1e6, 2)),
        ([687_349.0], ("£ thousand", 1e3, 0)),
        ([71_764.0], ("£", 1.0, 0)),
        ([], ("£", 1.0, 0)),
    ],
)
def test_money_unit(amounts, expected):
    """One unit serves a whole table and leaves its largest amount about three figures."""
    assert money_unit(amounts) == expected


def test_exact_pounds_not_known():
    """Money to the penny that is not known is said to be so."""
    assert exact_pounds(math.nan) == "not known"


@pytest.mark.parametrize(
    ("value", "unit", "places", "expected"),
    [
        (31.6, "£ million", 1, "£31.6\u00a0million"),
        (-2, "£", 0, "\u2212£2"),
        (20.38, "%", 1, "20.4%"),
        (1_062, "days", 0, "1,062\u00a0days"),
        (3, "", 0, "3"),
    ],
)
def test_with_unit(value, unit, places, expected):
    """A label has its unit, and keeps it on its line."""
    assert with_unit(value, unit, places) == expected

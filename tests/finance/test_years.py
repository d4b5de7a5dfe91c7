"""Financial years, quarters and months: names, days and what a briefing covers."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.years import Period, briefing_period, year_name

steady = settings(deadline=None, derandomize=True)

YEARS = st.integers(1900, 2200)
PERIODS = st.one_of(
    YEARS.map(lambda year: Period(year, 1, 12)),
    st.builds(lambda year, quarter: Period(year, 3 * quarter - 2, 3 * quarter), YEARS, st.integers(1, 4)),
    st.builds(Period.of_month, YEARS, st.integers(1, 12)),
)


@pytest.mark.parametrize(
    ("name", "start", "end", "months", "days"),
    [
        ("2024/25", date(2024, 4, 1), date(2025, 3, 31), 12, 365),
        ("2023/24", date(2023, 4, 1), date(2024, 3, 31), 12, 366),  # holds 29 February 2024
        ("1999/00", date(1999, 4, 1), date(2000, 3, 31), 12, 366),  # 2000 was a leap year
        ("2099/00", date(2099, 4, 1), date(2100, 3, 31), 12, 365),  # 2100 is not
        ("2024/25 Q1", date(2024, 4, 1), date(2024, 6, 30), 3, 91),  # 30 + 31 + 30
        ("2024/25 Q2", date(2024, 7, 1), date(2024, 9, 30), 3, 92),  # 31 + 31 + 30
        ("2024/25 Q3", date(2024, 10, 1), date(2024, 12, 31), 3, 92),  # 31 + 30 + 31
        ("2024/25 Q4", date(2025, 1, 1), date(2025, 3, 31), 3, 90),  # 31 + 28 + 31
        ("2023/24 Q4", date(2024, 1, 1), date(2024, 3, 31), 3, 91),  # 31 + 29 + 31
        ("2025-04", date(2025, 4, 1), date(2025, 4, 30), 1, 30),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31), 1, 31),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), 1, 29),
    ],
)
def test_first_and_last_days(name, start, end, months, days):
    """A period begins and ends on the days that its name says, and counts its days from one to the other."""
    period = Period.parse(name)
    assert (period.start, period.end, period.months, period.days) == (start, end, months, days)


@steady
@given(PERIODS)
def test_name_and_parse_are_inverse(period):
    """The name of a year, a quarter or a month leads back to it."""
    assert Period.parse(period.name) == period
    assert str(period) == period.name


def test_parse_ignores_spaces_around():
    """Spaces before and after a name do no harm."""
    assert Period.parse(" 2024/25 Q3 ") == Period.parse("2024/25 Q3")


@steady
@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_day_lies_in_its_month(day):
    """A day lies in its month, the month in its quarter, and the quarter in the year that began the April before."""
    month = Period.of_month(day.year, day.month)
    quarter = Period.parse(f"{month.financial_year} Q{month.quarter}")
    year = Period.parse(month.financial_year)
    assert year.start <= quarter.start <= month.start <= day <= month.end <= quarter.end <= year.end
    assert year.start == date(day.year if day.month >= 4 else day.year - 1, 4, 1)


@steady
@given(YEARS)
def test_quarters_fill_the_year(year):
    """The four quarters follow each other without a gap and fill the year."""
    whole = Period(year, 1, 12)
    quarters = [Period.parse(f"{year_name(year)} Q{n}") for n in (1, 2, 3, 4)]
    assert [quarter.quarter for quarter in quarters] == [1, 2, 3, 4]
    assert (quarters[0].start, quarters[-1].end) == (whole.start, whole.end)
    assert all(after.start - before.end == timedelta(days=1) for before, after in pairwise(quarters))
    assert sum(quarter.days for quarter in quarters) == whole.days


@pytest.mark.parametrize(
    ("year", "month", "financial_year", "place", "quarter"),
    [(2024, 4, "2024/25", 1, 1), (2024, 12, "2024/25", 9, 3), (2025, 1, "2024/25", 10, 4), (2025, 3, "2024/25", 12, 4)],
)
def test_months_before_april_belong_to_the_year_before(year, month, financial_year, place, quarter):
    """January to March belong to the financial year that began the April before."""
    period = Period.of_month(year, month)
    assert (period.financial_year, period.first, period.last) == (financial_year, place, place)
    assert period.quarter == quarter


def test_periods_sort_by_time():
    """Sorted months are in order of time, across the turn of a year."""
    months = [Period.parse(name) for name in ("2025-04", "2025-01", "2025-11", "2024-12")]
    assert [month.name for month in sorted(months)] == ["2024-12", "2025-01", "2025-04", "2025-11"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024/25", Period(2024, 1, 12)),
        ("2024/25 Q1", Period(2024, 1, 3)),
        ("2024/25 Q3", Period(2024, 1, 9)),
        ("2024/25 Q4", Period(2024, 1, 12)),
    ],
)
def test_briefing_period_runs_from_april(text, expected):
    """A briefing covers the year to the end of its quarter, so the fourth quarter is the year."""
    assert briefing_period(text) == expected


def test_briefing_period_keeps_the_name_of_its_quarter():
    """The year to the end of a quarter has that quarter's name, and the fourth has the year's."""
    names = [briefing_period(f"2024/25 Q{n}").name for n in (1, 2, 3, 4)]
    assert names == ["2024/25 Q1", "2024/25 Q2", "2024/25 Q3", "2024/25"]


def test_briefing_period_refuses_a_month():
    """A month is refused for a briefing, with the two forms that are taken."""
    with pytest.raises(ValueError, match=r"^period: found '2025-01'; expected a year such as .* or a quarter such as"):
        briefing_period("2025-01")


@steady
@given(PERIODS)
def test_to_date_runs_from_april_to_the_same_end(period):
    """A period to date begins on 1 April, ends where the period ends, and stays the same when asked again."""
    to_date = period.to_date
    assert to_date.start == date(period.year, 4, 1)
    assert (to_date.end, to_date.quarter) == (period.end, period.quarter)
    assert to_date.to_date == to_date


@steady
@given(PERIODS, st.integers(0, 20), st.integers(0, 20))
def test_earlier_goes_back_whole_years(period, some, more):
    """Going back some years and then more is going back their sum, to the same months."""
    back = period.earlier(some)
    assert back.start == period.start.replace(year=period.start.year - some)
    assert back.months == period.months
    assert back.earlier(more) == period.earlier(some + more)


def test_earlier_is_one_year_by_default():
    """The period before is the same months a year earlier."""
    assert Period.parse("2024/25 Q3").earlier().name == "2023/24 Q3"


@pytest.mark.parametrize(
    ("name", "slug"), [("2024/25", "2024-25"), ("2024/25 Q3", "2024-25-q3"), ("1999/00 Q4", "1999-00-q4")]
)
def test_slug(name, slug):
    """The name as a folder has hyphens and small letters only."""
    assert Period.parse(name).slug == slug


@pytest.mark.parametrize(("start", "name"), [(2024, "2024/25"), (1999, "1999/00"), (2008, "2008/09")])
def test_year_name(start, name):
    """A financial year is named by its first year and the last two digits of the next."""
    assert year_name(start) == name


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2024/26", "2024/25"),
        ("2024/2025", "2024/25"),
        ("2025/26 Q5", "2025/26"),
        ("2025/26 Q0", "2025/26"),
        ("2025/26Q3", "2025/26"),
        ("2025", "2025/26"),
        ("1999-2000", "1999/00"),
    ],
)
def test_wrong_names_are_refused_with_the_right_one(text, hint):
    """A name that is nearly right is refused with what was found, what is expected and the year that was meant."""
    with pytest.raises(ValueError, match=rf"^period: found '{text}'; expected 2024/25, 2024/25 Q3 .* write {hint}$"):
        Period.parse(text)


@pytest.mark.parametrize("text", ["", "24/25", "Q3", "March 2025", None])
def test_wrong_names_without_a_year_are_refused(text):
    """A name without a year is refused with what was found and the three forms that are taken."""
    with pytest.raises(ValueError, match=rf"^period: found {text!r}; expected 2024/25, 2024/25 Q3 or 2025-04$"):
        Period.parse(text)


@pytest.mark.parametrize("text", ["2024-25", "2025-13", "2025-00"])
def test_wrong_months_are_refused(text):
    """A name written with a hyphen whose last part is no month is refused."""
    with pytest.raises(ValueError, match=r"^period: found .*; expected "):
        Period.parse(text)


@pytest.mark.parametrize("month", [0, 13, -1])
def test_of_month_refuses_a_month(month):
    """A month outside 1 to 12 is refused with its value and the range."""
    with pytest.raises(ValueError, match=rf"^period: found month {month} of 2025; expected a month from 01 to 12"):
        Period.of_month(2025, month)

"""Real terms: the deflator's arithmetic, its continuation, and one yearly rate."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.prices import in_prices_of, index_in, restated

steady = settings(deadline=None, derandomize=True, max_examples=50)

# HM Treasury, GDP deflators, December 2023: 2022/23 = 100.
TREASURY = {"2019/20": 89.527, "2020/21": 94.403, "2021/22": 93.629, "2022/23": 100.0, "2023/24": 106.1}
YEARS = st.sampled_from([*TREASURY, "2024/25", "2030/31"])
AMOUNTS = st.floats(-1e9, 1e9)


def test_the_treasurys_deflator():
    """A hundred pounds of 2020/21 are £99.18 in the prices of 2021/22, when the deflator fell by 0.82%."""
    # 100 × 93.629 / 94.403 = 99.1801...;  94.403 / 89.527 = 1.0545 (+5.45%);  93.629 / 94.403 = 0.9918 (−0.82%)
    assert in_prices_of("2021/22", 100.0, "2020/21", TREASURY) == pytest.approx(99.18, abs=0.005)
    assert in_prices_of("2020/21", 1.0, "2019/20", TREASURY) - 1 == pytest.approx(0.0545, abs=0.00005)
    assert in_prices_of("2021/22", 1.0, "2020/21", TREASURY) - 1 == pytest.approx(-0.0082, abs=0.00005)
    assert in_prices_of("2021/22", 94.403, "2020/21", TREASURY) == pytest.approx(93.629, rel=1e-12)


def test_the_deflator_in_use_is_the_treasurys(assumptions):
    """The deflator among the assumptions holds the published index to its last digit."""
    known = assumptions["gdp_deflator"].value
    assert {year: known[year] for year in TREASURY} == TREASURY


def test_a_year_of_the_index_is_as_published():
    """A year that the index has is given as it stands."""
    assert [index_in(TREASURY, year) for year in TREASURY] == list(TREASURY.values())


def test_the_index_goes_on_at_its_last_growth():
    """After the last year the index grows as it did in its last year, year by year."""
    index = {"2023/24": 100.0, "2024/25": 120.0, "2025/26": 126.0}
    # the last growth is 126 / 120 = 1.05;  126 × 1.05 = 132.3;  132.3 × 1.05 × 1.05 = 145.86075
    assert index_in(index, "2026/27") == pytest.approx(132.3, rel=1e-12)
    assert index_in(index, "2028/29") == pytest.approx(145.86075, rel=1e-12)
    assert in_prices_of("2026/27", 126.0, "2025/26", index) == pytest.approx(132.3, rel=1e-12)


def test_the_index_goes_on_over_the_turn_of_a_century():
    """Years are counted from the name's first four digits, also where the last two begin again."""
    assert index_in({"2097/98": 1.0, "2098/99": 2.0}, "2100/01") == pytest.approx(8.0)  # 2 × 2 × 2


def test_order_of_the_index_does_not_matter():
    """An index written newest first leads to the same figures, and is not altered."""
    newest_first = dict(reversed(TREASURY.items()))
    before = dict(newest_first)
    assert index_in(newest_first, "2026/27") == index_in(TREASURY, "2026/27")
    assert newest_first == before


@pytest.mark.parametrize("year", ["2018/19", "1999/00"])
def test_a_year_before_the_first_is_refused(year):
    """A year before the first of the index is refused with the year found and the one from which it is known."""
    with pytest.raises(ValueError, match=rf"^year: found '{year}'; expected one of 2019/20, "):
        index_in(TREASURY, year)
    with pytest.raises(ValueError, match=rf"^year: found '{year}'"):
        in_prices_of(year, 100.0, "2022/23", TREASURY)


def test_a_year_missing_in_the_middle_is_refused():
    """A gap of the index is refused, for no growth is known within it."""
    with pytest.raises(
        ValueError, match=r"^year: found '2021/22'; expected one of 2020/21, 2022/23, 2023/24, or a deflator that has"
    ):
        index_in({"2020/21": 94.403, "2022/23": 100.0, "2023/24": 106.1}, "2021/22")


def test_an_index_of_one_year_does_not_go_on():
    """One year alone has no growth: another one is refused."""
    with pytest.raises(ValueError, match=r"^year: found '2023/24'; expected"):
        index_in({"2022/23": 100.0}, "2023/24")


def test_what_is_no_year_is_refused():
    """Text that is no year is refused with the form that a year has."""
    with pytest.raises(ValueError, match=r"found 'this year'; expected 2024/25"):
        index_in(TREASURY, "this year")


def test_what_is_not_known_stays_so():
    """An amount that is not known is not known in any prices."""
    assert math.isnan(in_prices_of("2022/23", math.nan, "2019/20", TREASURY))


@steady
@given(amount=AMOUNTS, year=YEARS)
def test_in_its_own_prices_an_amount_is_itself(amount, year):
    """An amount in the prices of its own year is itself, to the last digit that a double holds."""
    assert in_prices_of(year, amount, year, TREASURY) == pytest.approx(amount, rel=1e-15)


@steady
@given(amount=AMOUNTS, one=YEARS, other=YEARS, third=YEARS)
def test_prices_by_way_of_another_year_are_the_same(amount, one, other, third):
    """Restating to one year and from there to another is restating at once, and back again gives the amount."""
    there = in_prices_of(other, amount, one, TREASURY)
    assert in_prices_of(third, there, other, TREASURY) == pytest.approx(
        in_prices_of(third, amount, one, TREASURY), rel=1e-12, abs=1e-300
    )
    assert in_prices_of(one, there, other, TREASURY) == pytest.approx(amount, rel=1e-12, abs=1e-300)


@steady
@given(amount=AMOUNTS, one=YEARS, other=YEARS, scale=st.floats(0.01, 100))
def test_the_level_of_the_index_does_not_matter(amount, one, other, scale):
    """An index with another base year leads to the same amounts."""
    scaled = {year: value * scale for year, value in TREASURY.items()}
    expected = in_prices_of(other, amount, one, TREASURY)
    assert in_prices_of(other, amount, one, scaled) == pytest.approx(expected, rel=1e-12, abs=1e-300)


# One yearly rate


def test_amounts_that_grew_with_prices_are_all_the_same():
    """100, 105 and 110.25 in three years are 115.7625 each in the fourth, at 5%."""
    # 100 × 1.05³ = 105 × 1.05² = 110.25 × 1.05 = 115.7625
    found = restated({"2023/24": 100.0, "2024/25": 105.0, "2025/26": 110.25}, "2026/27", 0.05)
    assert found == pytest.approx({"2023/24": 115.7625, "2024/25": 115.7625, "2025/26": 115.7625}, rel=1e-12)


def test_later_years_are_restated_backwards():
    """An amount of a later year is divided by the growth of prices since."""
    # 110.25 / 1.05² = 100
    assert restated({"2025/26": 110.25}, "2023/24", 0.05)["2025/26"] == pytest.approx(100.0, rel=1e-12)


def test_prices_can_fall():
    """A rate below 0 makes earlier amounts smaller."""
    assert restated({"2023/24": 100.0}, "2025/26", -0.1)["2023/24"] == pytest.approx(81.0)  # 100 × 0.9²


@steady
@given(amounts=st.dictionaries(st.sampled_from([*TREASURY]), AMOUNTS), rate=st.floats(-0.5, 0.5))
def test_one_rate_is_an_index_that_grows_at_it(amounts, rate):
    """A yearly rate restates as an index does that grows at that rate; the base year and no growth change nothing."""
    index = {year: (1 + rate) ** n for n, year in enumerate(TREASURY)}
    found = restated(amounts, "2021/22", rate)
    expected = {year: in_prices_of("2021/22", amount, year, index) for year, amount in amounts.items()}
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-300)
    assert found.get("2021/22") == amounts.get("2021/22")
    assert restated(amounts, "2021/22", 0.0) == amounts


@pytest.mark.parametrize("rate", [-1, -1.5, math.nan, -math.inf])
def test_a_rate_that_leaves_no_prices_is_refused(rate):
    """A rate of −100% or less, or none, is refused with what a rate looks like."""
    with pytest.raises(ValueError, match=rf"^inflation: found {rate!r}; expected a rate above −1, such as 0\.05$"):
        restated({"2023/24": 100.0}, "2024/25", rate)

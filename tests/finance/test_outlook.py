"""Doing nothing: spending grows with people of the ages that use a service, and with prices."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.outlook import outlook, people_growth

steady = settings(deadline=None, derandomize=True, max_examples=50)

YEARS = [2026, 2027, 2028]
PEOPLE = pd.DataFrame(
    [[60_000.0, 60_000.0, 59_400.0], [8_000.0, 8_400.0, 8_800.0], [2_000.0, 2_200.0, 2_400.0]],
    index=["18-64", "75-84", "85+"],
    columns=YEARS,
)
WEIGHTS = pd.DataFrame(
    [[1.0, 10.0, 20.0], [0.0, 1.0, 2.0], [1.0, 0.0, 0.0]],
    index=["prescribing", "home-care", "addictions"],
    columns=PEOPLE.index,
)
SPEND = pd.Series({"prescribing": 9_000_000.0, "home-care": 12_000_000.0, "addictions": 600_000.0})
NO_PRICES = pd.Series(0.0, index=SPEND.index)


def flat(services, years=YEARS):
    """People who stay as they are."""
    return pd.DataFrame(1.0, index=list(services), columns=years)


def test_growth_is_weighted_by_use():
    """People count by how much people of their age use a service."""
    found = people_growth(PEOPLE, WEIGHTS, 2026)
    # prescribing: 60,000 + 10 × 8,000 + 20 × 2,000 = 180,000;  60,000 + 84,000 + 44,000 = 188,000;
    #              59,400 + 88,000 + 48,000 = 195,400
    # home-care: 8,000 + 2 × 2,000 = 12,000;  8,400 + 4,400 = 12,800;  8,800 + 4,800 = 13,600
    # addictions: 60,000;  60,000;  59,400
    expected = [
        [1.0, 188_000 / 180_000, 195_400 / 180_000],
        [1.0, 12_800 / 12_000, 13_600 / 12_000],
        [1.0, 1.0, 0.99],
    ]
    pd.testing.assert_frame_equal(found, pd.DataFrame(expected, index=WEIGHTS.index, columns=YEARS), rtol=1e-12)


def test_people_and_prices_multiply():
    """Spending is that of the base year, times the growth of people, times the growth of prices compounded."""
    prices = pd.Series({"home-care": 0.05, "prescribing": 0.03, "addictions": 0.0})
    found = outlook(SPEND, people_growth(PEOPLE, WEIGHTS, 2026), prices)
    # 12,000,000 × 12,800/12,000 × 1.05 = 13,440,000;  12,000,000 × 13,600/12,000 × 1.05² = 14,994,000
    assert found.loc["home-care"].tolist() == pytest.approx([12_000_000, 13_440_000, 14_994_000], rel=1e-12)
    # 9,000,000 × 188/180 × 1.03 = 9,682,000;  9,000,000 × 195.4/180 × 1.03² = 10,364,993
    assert found.loc["prescribing"].tolist() == pytest.approx([9_000_000, 9_682_000, 10_364_993], rel=1e-12)
    assert found.loc["addictions"].tolist() == pytest.approx([600_000, 600_000, 594_000], rel=1e-12)
    assert found.index.tolist() == SPEND.index.tolist()
    assert found.columns.tolist() == YEARS


def test_nothing_grows_where_nothing_changes():
    """Where neither people nor prices grow every year costs what the first one does."""
    found = outlook(SPEND, flat(SPEND.index), NO_PRICES)
    assert all(found[year].tolist() == SPEND.tolist() for year in YEARS)


def test_twice_the_people_cost_twice_as_much():
    """Where people of every age double, spending on every service doubles."""
    doubled = pd.DataFrame({2026: PEOPLE[2026], 2027: 2 * PEOPLE[2026]})
    found = outlook(SPEND, people_growth(doubled, WEIGHTS, 2026), NO_PRICES)
    assert found[2027].tolist() == pytest.approx((2 * SPEND).tolist(), rel=1e-12)


def test_prices_compound():
    """At 10% a year spending is 100, 110, 121 and 133.1."""
    found = outlook(pd.Series({"a": 100.0}), flat("a", [2026, 2027, 2028, 2029]), pd.Series({"a": 0.1}))
    assert found.loc["a"].tolist() == pytest.approx([100, 110, 121, 133.1], rel=1e-12)


def test_an_age_group_without_weight_counts_nothing():
    """An age group of weight 0, or one that the weights do not name, may grow as it likes."""
    more = PEOPLE.copy()
    more.loc["18-64"] = [60_000.0, 1.0, 900_000.0]
    expected = people_growth(PEOPLE, WEIGHTS.loc[["home-care"]], 2026)
    pd.testing.assert_frame_equal(people_growth(more, WEIGHTS.loc[["home-care"]], 2026), expected)
    unnamed = WEIGHTS.loc[["home-care"], ["75-84", "85+"]]
    pd.testing.assert_frame_equal(people_growth(more, unnamed, 2026), expected)


def test_growth_is_since_the_base_year():
    """In the base year growth is 1, whichever year that is; years before it are there too."""
    found = people_growth(PEOPLE, WEIGHTS, 2027)
    assert found[2027].tolist() == [1.0, 1.0, 1.0]
    assert found.loc["home-care", 2026] == pytest.approx(12_000 / 12_800, rel=1e-12)


def test_services_may_come_in_any_order():
    """Growth and prices are found by the service's name; services that cost nothing here are left out."""
    prices = pd.Series({"addictions": 0.01, "home-care": 0.05, "other": 0.5, "prescribing": 0.03})
    growth = people_growth(PEOPLE, WEIGHTS, 2026)
    expected = outlook(SPEND, growth, prices)
    pd.testing.assert_frame_equal(outlook(SPEND, growth.iloc[::-1], prices.iloc[::-1]), expected)
    pd.testing.assert_frame_equal(outlook(SPEND.iloc[::-1], growth, prices), expected.iloc[::-1])


def test_what_is_passed_in_stays_as_it_was():
    """Neither people nor weights nor spending are altered."""
    people, weights, spend = PEOPLE.copy(), WEIGHTS.copy(), SPEND.copy()
    outlook(spend, people_growth(people, weights, 2026), NO_PRICES)
    pd.testing.assert_frame_equal(people, PEOPLE)
    pd.testing.assert_frame_equal(weights, WEIGHTS)
    pd.testing.assert_series_equal(spend, SPEND)


# What is refused


def test_an_unknown_base_year_is_refused():
    """A base year without people is refused with the years there are."""
    with pytest.raises(ValueError, match=r"^base: found 2025; expected one of the years \[2026, 2027, 2028\]$"):
        people_growth(PEOPLE, WEIGHTS, 2025)


def test_services_that_nobody_uses_are_refused():
    """Services whose weights meet nobody in the base year are named, all of them, with what is expected."""
    nobody = PEOPLE.copy()
    nobody.loc["18-64", 2026] = 0.0
    weights = pd.concat([WEIGHTS, pd.DataFrame(0.0, index=["none"], columns=WEIGHTS.columns)])
    expected = r"people: found nobody who uses \['addictions', 'none'\] in 2026; expected people of the ages that use"
    with pytest.raises(ValueError, match=f"^{expected}"):
        people_growth(nobody, weights, 2026)


def test_services_without_growth_or_prices_are_refused():
    """Services that growth or prices do not have are named, with the argument that lacks them."""
    growth = people_growth(PEOPLE, WEIGHTS, 2026)
    with pytest.raises(
        ValueError, match=r"^growth: found nothing for \['home-care'\]; expected every service of spend$"
    ):
        outlook(SPEND, growth.drop(index="home-care"), NO_PRICES)
    found = r"^price_growth: found nothing for \['addictions', 'prescribing'\]; expected every service of spend$"
    with pytest.raises(ValueError, match=found):
        outlook(SPEND, growth, NO_PRICES[["home-care"]])


# For any people and prices

COUNTS = st.lists(st.lists(st.floats(1, 1e6), min_size=3, max_size=3), min_size=3, max_size=3)
RATES = st.lists(st.floats(-0.1, 0.2), min_size=3, max_size=3)


def people_of(counts):
    return pd.DataFrame(counts, index=PEOPLE.index, columns=YEARS)


@steady
@given(counts=COUNTS, times=st.floats(0.001, 1000))
def test_only_proportions_matter(counts, times):
    """Neither the number of people nor the size of the weights matters, only how they move and differ."""
    people = people_of(counts)
    expected = people_growth(people, WEIGHTS, 2026)
    pd.testing.assert_frame_equal(people_growth(people * times, WEIGHTS, 2026), expected, rtol=1e-9)
    pd.testing.assert_frame_equal(people_growth(people, WEIGHTS * times, 2026), expected, rtol=1e-9)


@steady
@given(counts=COUNTS)
def test_growth_lies_between_that_of_the_ages(counts):
    """A service grows no faster than the age group that grows fastest, and no slower than the slowest."""
    people = people_of(counts)
    ages, found = people.div(people[2026], axis=0), people_growth(people, WEIGHTS, 2026)
    for year in YEARS:
        assert (found[year] <= ages[year].max() * (1 + 1e-9)).all()
        assert (found[year] >= ages[year].min() * (1 - 1e-9)).all()


@steady
@given(counts=COUNTS, rates=RATES, times=st.floats(0.001, 1000))
def test_spending_scales(counts, rates, times):
    """Twice the spending leads to twice the outlook, and the first year is the spending itself."""
    growth, prices = people_growth(people_of(counts), WEIGHTS, 2026), pd.Series(rates, index=SPEND.index)
    found = outlook(SPEND, growth, prices)
    assert found[2026].tolist() == pytest.approx(SPEND.tolist(), rel=1e-12)
    pd.testing.assert_frame_equal(outlook(SPEND * times, growth, prices), found * times, rtol=1e-9)


@steady
@given(counts=COUNTS, rates=RATES)
def test_people_and_prices_are_apart(counts, rates):
    """What both do is what people alone do, times what prices alone do."""
    growth, prices = people_growth(people_of(counts), WEIGHTS, 2026), pd.Series(rates, index=SPEND.index)
    alone, priced = outlook(SPEND, growth, NO_PRICES), outlook(SPEND, flat(SPEND.index), prices)
    both = alone.mul(priced).div(SPEND, axis=0)
    pd.testing.assert_frame_equal(outlook(SPEND, growth, prices), both, rtol=1e-9)

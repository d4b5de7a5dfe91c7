"""What later money is worth today: published factors, present values, payback."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.discounting import (
    KINDS,
    SCHEDULES,
    dips_again,
    equivalent_annual,
    factors,
    payback,
    present_value,
    schedule_label,
)

steady = settings(deadline=None, derandomize=True)

CHOICES = st.one_of(st.sampled_from(sorted(SCHEDULES)), st.integers(0, 2000).map(lambda points: points / 10_000))
# Whole pounds, so that running sums of doubles are exact.
POUNDS = st.integers(-(10**9), 10**9)
FLOWS = st.dictionaries(st.integers(0, 125), POUNDS, min_size=1, max_size=10)
RUNS = st.lists(POUNDS, min_size=1, max_size=12)


def flow(amounts: list[float] | dict[int, float]) -> pd.Series:
    """Amounts by year, from year 0 where they are a list."""
    return pd.Series(amounts, dtype=float)


@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
@pytest.mark.parametrize(("year", "published"), [(1, 0.9662), (5, 0.8420), (10, 0.7089), (20, 0.5026), (30, 0.3563)])
def test_published_factors(schedule, year, published):
    """The factors at 3.5% are those that the Green Book prints, to its four decimals, in the edition of 2026 too."""
    # HM Treasury, The Green Book (2022), annex on discounting; the printed precision is 0.0001
    assert factors(30, schedule)[year] == pytest.approx(published, abs=0.00005)


def test_rate_falls_after_year_30():
    """Year 31 is discounted at 3.0% from year 30, not at 3.0% from the start."""
    found = factors(31)
    assert found[31] == found[30] / 1.03
    assert found[31] == pytest.approx(0.345901, abs=0.0000005)
    assert found[31] < found[30] < 1.03**-31  # 0.3999: the lower rate from the start would turn the order round


@pytest.mark.parametrize(
    ("kind", "first", "second", "third"), [("standard", 0.035, 0.030, 0.025), ("health", 0.015, 0.01286, 0.0107)]
)
def test_closed_form_at_the_ends_of_the_steps(kind, first, second, third):
    """The factor is the product of 30 years of the first rate, 45 of the second and 50 of the third."""
    found = factors(125, kind=kind)
    for year, short, middle, long in [(1, 1, 0, 0), (30, 30, 0, 0), (31, 30, 1, 0), (75, 30, 45, 0), (76, 30, 45, 1)]:
        expected = (1 + first) ** -short * (1 + second) ** -middle * (1 + third) ** -long
        assert found[year] == pytest.approx(expected, rel=1e-12)
    assert found[125] == pytest.approx((1 + first) ** -30 * (1 + second) ** -45 * (1 + third) ** -50, rel=1e-12)


@pytest.mark.originals
def test_whole_columns_against_the_file(originals):
    """Every standard factor from year 0 to 125, and every health factor to year 30, is that of the file."""
    # six decimals; the file's health column takes 1.29% from year 31, rounded from 1.286%, and is not comparable there
    file = pd.read_csv(originals / "green-book" / "green_book_discount_factors.csv", index_col="year")
    assert file.index.tolist() == list(range(126))
    np.testing.assert_allclose(factors(125), file["discount_factor_standard"], rtol=0, atol=5.1e-7)
    np.testing.assert_allclose(factors(30, kind="health"), file["discount_factor_health"][:31], rtol=0, atol=5.1e-7)


def test_factors_are_labelled():
    """Factors are a Series by year from 0 to the last year, and year 0 alone is 1."""
    found = factors(3)
    assert (found.index.tolist(), found.index.name, found.name) == ([0, 1, 2, 3], "year", "factor")
    for schedule in ["green_book_2022", 0.03]:
        assert factors(0, schedule).tolist() == [1]
    assert factors(np.int64(3)).tolist() == found.tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("schedule", [*sorted(SCHEDULES), 0.03])
def test_factors_fall_and_do_not_depend_on_the_last_year(schedule, kind):
    """Each factor is below the one before, and a shorter run is the beginning of a longer one."""
    whole = factors(125, schedule, kind)
    assert whole[0] == 1
    assert (np.diff(whole) < 0).all() and whole[125] > 0
    for last in [1, 30, 31, 75, 76, 124]:
        assert factors(last, schedule, kind).tolist() == whole[: last + 1].tolist()


@steady
@given(st.integers(-5000, 5000).map(lambda points: points / 10_000), st.integers(0, 150), st.sampled_from(KINDS))
def test_flat_rate(rate, last, kind):
    """At a flat rate the factor of year t is (1 + r)^−t, for either kind and beyond year 125 too."""
    np.testing.assert_allclose(factors(last, rate, kind), (1 + rate) ** -np.arange(last + 1.0), rtol=1e-10)


def test_year_0_is_not_discounted():
    """Money of the first year counts in full, and money of the next is discounted once."""
    assert present_value(flow([100])) == 100
    assert present_value(flow([0, 103.5])) == pytest.approx(100, rel=1e-12)
    # 100 + 100/1.035 = 196.618357; with year 0 discounted it would be 189.969428
    assert present_value(flow([100, 100])) == pytest.approx(196.618357, abs=5e-7)


def test_nhs_money_is_not_discounted_as_health():
    """£1 million of year 10 is worth £708,919 as money; only an effect on health is worth £861,667, when asked for."""
    late = flow({10: 1_000_000})
    # 1.035^−10 = 0.7089188; 1.015^−10 = 0.8616672
    assert present_value(late) == present_value(late, kind="standard") == pytest.approx(708_918.8, abs=0.05)
    assert present_value(late, kind="health") == pytest.approx(861_667.2, abs=0.05)
    # 1000/(0.966184 + 0.933511) = 526.4; the health rate would give 1000/(0.985222 + 0.970662) = 511.3
    assert equivalent_annual(1_000, 2) == pytest.approx(526.4, abs=0.05)


def test_factors_are_not_rounded_first():
    """£1 billion of year 1 is worth £966,183,574.88, and not the printed factor times a billion."""
    assert present_value(flow({1: 1e9})) == pytest.approx(966_183_574.88, abs=0.005)


def test_present_values_of_the_hub():
    """A hub that costs 0.8 and three times 0.4 and yields four times 2.5 has present values 1.920655 and 9.182698."""
    # DF 1..4: 0.966184 + 0.933511 + 0.901943 = 2.801637; + 0.871442 = 3.673079
    # 0.8 + 0.4 × 2.801637 = 1.920655; 2.5 × 3.673079 = 9.182698; 0.4 of it in cash: 1.0 × 3.673079
    assert present_value(flow([0.8, 0.4, 0.4, 0.4])) == pytest.approx(1.920655, abs=5e-7)
    assert present_value(flow({1: 2.5, 2: 2.5, 3: 2.5, 4: 2.5})) == pytest.approx(9.182698, abs=5e-7)
    assert present_value(flow({1: 1, 2: 1, 3: 1, 4: 1})) == pytest.approx(3.673079, abs=5e-7)


@steady
@given(st.integers(1, 2000).map(lambda points: points / 10_000), st.integers(1, 60), st.integers(1, 10**6))
def test_annuity(rate, years, amount):
    """A steady amount of years 1 to n at rate r is worth amount × (1 − (1 + r)^−n) / r."""
    steady_flow = flow(dict.fromkeys(range(1, years + 1), amount))
    assert present_value(steady_flow, rate) == pytest.approx(amount * (1 - (1 + rate) ** -years) / rate, rel=1e-9)


@steady
@given(FLOWS)
def test_rate_0_is_the_plain_sum(amounts):
    """At a rate of 0 the present value is the sum."""
    assert present_value(flow(amounts), 0.0) == present_value(flow(amounts), 0) == sum(amounts.values())


@steady
@given(FLOWS, CHOICES, st.sampled_from(KINDS), st.randoms(use_true_random=False))
def test_order_of_years_is_irrelevant(amounts, schedule, kind, random):
    """Years in any order, and with the empty ones written out, give the same present value, payback and dips."""
    mixed = list(amounts.items())
    random.shuffle(mixed)
    versions = [flow(dict(sorted(amounts.items()))), flow(dict(mixed)), flow([amounts.get(t, 0) for t in range(126)])]
    worth = [present_value(one, schedule, kind) for one in versions]
    assert worth == pytest.approx([worth[0]] * 3, rel=1e-9, abs=1e-3)
    back = [payback(one) for one in versions]
    assert back == pytest.approx([back[0]] * 3, nan_ok=True)
    assert len({dips_again(one) for one in versions}) == 1


@steady
@given(FLOWS, FLOWS, CHOICES, st.sampled_from(KINDS))
def test_present_value_is_linear(one, other, schedule, kind):
    """The present value of two flows together is the sum of theirs, and of a flow k times as large k times as much."""
    together = flow(one).add(flow(other), fill_value=0)
    a, b = present_value(flow(one), schedule, kind), present_value(flow(other), schedule, kind)
    assert present_value(together, schedule, kind) == pytest.approx(a + b, rel=1e-9, abs=1e-3)
    assert present_value(flow(one) * -3, schedule, kind) == pytest.approx(-3 * a, rel=1e-9, abs=1e-3)


def test_years_are_read_from_the_index():
    """An amount is discounted by its year, not by its place in the list, and empty flows are worth nothing."""
    assert present_value(flow({10: 100})) == pytest.approx(70.89, abs=0.005)
    assert present_value(flow({5: 100, 0: -50})) == pytest.approx(84.20 - 50, abs=0.005)
    assert present_value(pd.Series(dtype=float, index=pd.RangeIndex(0))) == 0


def test_the_flow_is_left_alone():
    """No function changes the flow that it is given."""
    given_flow = flow({2: 60.0, 0: -100.0, 1: 60.0})
    before = given_flow.copy()
    present_value(given_flow), payback(given_flow, 0.03), dips_again(given_flow, 0.03)
    pd.testing.assert_series_equal(given_flow, before)


@pytest.mark.parametrize(
    ("net", "years"),
    [
        ([-100, 40, 40, 40], 2.5),  # after 2 years 20 are missing: 2 + 20/40
        ([-100, 60, 60], 1 + 40 / 60),
        ([-100, 50, 50], 2.0),  # exactly at the end of year 2
        ([-100, 100], 1.0),
        ([-100, 400], 0.25),
        ([-60, -40, 50, 100], 2.5),  # the sum is −60, −100, −50, 50
        ([-100, 0, 0, 100], 3.0),  # nothing comes in before year 3
        ({0: -100, 5: 200}, 4.5),  # years that are not there carry nothing
        ([-100, 60, 60, -50], 1 + 40 / 60),  # the first time counts
        ([5], 0.0),
        ([0, 10], 0.0),
        ([20, -100, 100], 0.0),  # year 0 pays for itself
        ([-14.8, 9.0, 5.8], 2.0),  # comes to −8.9e-16 in doubles
    ],
)
def test_payback_by_hand(net, years):
    """Payback is the last year short plus what is missing as a part of the next year's amount."""
    assert payback(flow(net)) == pytest.approx(years, rel=1e-12)


@pytest.mark.parametrize("net", [[-100, 40, 40], [-100], [-100, 99.99], [-1, -1, -1], [-100, 50, -50, 99]])
def test_never_paid_back(net):
    """Where the running sum stays below 0 payback is nan and nothing dips again."""
    assert math.isnan(payback(flow(net)))
    assert math.isnan(payback(flow(net), "green_book_2022"))
    assert not dips_again(flow(net))


def test_discounted_payback_by_hand():
    """100 paid back by 40 a year takes 2.5 years, and 2.6656 on flows discounted at 3.5%."""
    # 40 × 0.966184 + 40 × 0.933511 = 75.987771; (100 − 75.987771)/(40 × 0.901943) = 0.665570
    net = flow([-100, 40, 40, 40])
    for schedule in ["green_book_2022", 0.035]:
        assert payback(net, schedule) == pytest.approx(2.665570, abs=5e-7)
    assert payback(net, 0) == payback(net) == 2.5


def test_discounted_payback_may_never_come():
    """Money that is back after exactly two years is never back once discounted."""
    assert payback(flow([-100, 50, 50])) == 2
    assert math.isnan(payback(flow([-100, 50, 50]), "green_book_2022"))


@steady
@given(st.integers(1, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=30), CHOICES)
def test_discounted_is_never_earlier_than_plain(cost, benefits, schedule):
    """A cost paid back by later benefits is never back earlier when they are discounted."""
    net = flow([-cost, *benefits])
    plain, discounted = payback(net), payback(net, schedule)
    assert math.isnan(discounted) or discounted >= plain - 1e-6


@steady
@given(RUNS)
def test_payback_is_where_the_running_sum_meets_0(amounts):
    """At payback the running sum, drawn as straight lines between years, is 0 and was below 0 all the time before."""
    running, back = np.cumsum(amounts), payback(flow(amounts))
    if math.isnan(back):
        assert (running < 0).all()
    elif back == 0:
        assert running[0] >= 0
    else:
        assert (running[: math.ceil(back - 1e-9)] < 0).all()
        assert np.interp(back, range(len(running)), running) == pytest.approx(0, abs=1)


@steady
@given(RUNS, st.sampled_from([0.5, 2.0, 1024.0]))
def test_payback_does_not_depend_on_the_unit(amounts, factor):
    """Counting in another unit leaves payback and dips as they are."""
    assert payback(flow(amounts) * factor) == pytest.approx(payback(flow(amounts)), nan_ok=True)
    assert dips_again(flow(amounts) * factor) == dips_again(flow(amounts))


@pytest.mark.parametrize(
    ("net", "dips"),
    [
        ([-100, 60, 60, -50], True),  # 20 above, then 30 below
        ([-100, 60, 60, -20], False),  # back to 0 and not below
        ([-100, 60, 60, -50, 100], True),  # it recovers, but was below
        ([-100, 60, 60], False),
        ([-60, 20, -60, 200], False),  # below twice, but only before it is back
        ([10, -20], True),
        ([10, 5], False),
        ({0: -100, 1: 120, 9: -30}, True),
    ],
)
def test_dips_again_by_hand(net, dips):
    """The running sum dips again where it falls below 0 after it was paid back, and only then."""
    assert dips_again(flow(net)) is dips


def test_dips_again_on_discounted_flows():
    """A sum that stays above 0 in plain money can dip below 0 once discounted."""
    # plain: 5 above, then 1; at 3.5%: 105 × 0.966184 = 101.449, less 4 × 0.933511 = 3.734 and 1 × 0.901943: 3.187 below
    net = flow([-100, 105, -4, -1])
    assert not dips_again(net)
    assert dips_again(net, "green_book_2022") and dips_again(net, 0.035)


@steady
@given(RUNS)
def test_dips_again_is_about_what_follows_payback(amounts):
    """The sum dips again exactly when one of the running sums from payback on is below 0."""
    running = np.cumsum(amounts)
    first = next((t for t, total in enumerate(running) if total >= 0), len(running))
    assert dips_again(flow(amounts)) == bool((running[first:] < 0).any())


def test_equivalent_annual_by_hand():
    """£1,000 today is £1,035 a year later, and £120.24 a year for ten years at 3.5%."""
    # 1000 × 0.035/(1 − 1.035^−10) = 35/0.2910812 = 120.2414
    assert equivalent_annual(1_000, 1) == pytest.approx(1_035, rel=1e-12)
    assert equivalent_annual(1_000, 10) == equivalent_annual(1_000, 10, 0.035) == pytest.approx(120.2414, abs=0.00005)
    assert equivalent_annual(1_000, 4, 0) == 250
    assert equivalent_annual(-1_000, 4, 0) == -250


@steady
@given(POUNDS, st.integers(1, 125), CHOICES)
def test_equivalent_annual_is_the_inverse_of_present_value(amount, years, schedule):
    """The amount a year that a steady flow of years 1 to n is equivalent to is the flow's own."""
    npv = present_value(flow(dict.fromkeys(range(1, years + 1), amount)), schedule)
    assert equivalent_annual(npv, years, schedule) == pytest.approx(amount, rel=1e-9)


def test_schedules_are_named():
    """A result can print its schedule: the edition by name and date, or the flat rate."""
    assert schedule_label("green_book_2022") == "Green Book 2022: 3.5% to year 30, then falling"
    assert schedule_label("green_book_2026") == "Green Book 2026: 3.5% to year 30, then falling"
    assert schedule_label(0.03) == "flat rate of 3% a year"
    assert schedule_label(0.0125) == "flat rate of 1.25% a year"


@pytest.mark.parametrize("last_year", [-1, 1.5, "10", None, True])
def test_factors_refuse_a_last_year(last_year):
    """A last year that is no whole number of 0 or more is refused by name, with its value."""
    with pytest.raises(
        ValueError, match=f"^last_year: found {last_year!r}; expected a whole number of years, 0 or more"
    ):
        factors(last_year)


def test_schedules_end():
    """A year beyond 125 is refused under a named schedule, for it has no rate there."""
    with pytest.raises(ValueError, match=r"found 126; expected at most 125, where the schedule ends"):
        factors(126)
    with pytest.raises(ValueError, match=r"found 200; expected at most 125"):
        present_value(flow({200: 1}))


@pytest.mark.parametrize("kind", ["Health", "nhs", "", None])
def test_kind_is_refused(kind):
    """A kind that is neither standard nor health is refused by name, with a flat rate too."""
    for schedule in ["green_book_2022", 0.03]:
        with pytest.raises(ValueError, match=rf"^kind: found {kind!r}; expected one of \['standard', 'health'\]"):
            present_value(flow([1, 1]), schedule, kind)


@pytest.mark.parametrize(
    ("schedule", "found", "expected"),
    [
        ("green_book_2003", "'green_book_2003'", r"one of \['green_book_2022', 'green_book_2026'\], or a rate"),
        ("0.03", "'0.03'", r"one of \['green_book_2022', 'green_book_2026'\], or a rate such as 0.03"),
        (None, "None", r"one of \['green_book_2022'"),
        (True, "True", r"one of \['green_book_2022'"),
        ([0.03], r"\[0.03\]", r"one of \['green_book_2022'"),
        (-1, "-1", "a rate above −1, such as 0.03"),
        (-1.5, "-1.5", "a rate above −1"),
        (math.nan, "nan", "a rate above −1"),
        (math.inf, "inf", "a rate above −1"),
    ],
)
def test_schedule_is_refused(schedule, found, expected):
    """An unknown schedule or a rate that is none is refused by name, with its value, wherever one is taken."""
    calls = [
        lambda: factors(3, schedule),
        lambda: schedule_label(schedule),
        lambda: equivalent_annual(1.0, 3, schedule),
    ]
    if schedule is not None:  # without a schedule payback is on plain money
        calls += [lambda: payback(flow([-1, 2]), schedule), lambda: dips_again(flow([-1, 2]), schedule)]
    for call in calls:
        with pytest.raises(ValueError, match=f"^schedule: found {found}; expected {expected}"):
            call()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([1.0, 2.0], "found list; expected a Series whose index counts years from 0"),
        ({0: 1.0}, "found dict; expected a Series"),
        (pd.Series([1.0, math.nan]), r"found \[1.0, nan\]; expected a finite amount in every year"),
        (pd.Series([1.0, math.inf]), r"found \[1.0, inf\]; expected a finite amount"),
        (pd.Series([1.0, "much"]), r"found \[1.0, 'much'\]; expected a finite amount"),
        (pd.Series([1.0], index=[-1]), r"found the index \[-1\]; expected years counted from 0, each once"),
        (pd.Series([1.0, 2.0], index=[3, 3]), r"found the index \[3, 3\]; expected years counted from 0, each once"),
        (pd.Series([1.0], index=["2024/25"]), r"found the index \['2024/25'\]; expected years counted from 0"),
        (pd.Series([1.0], index=[0.5]), r"found the index \[0.5\]; expected years counted from 0"),
        (pd.Series([1.0], index=[True]), r"found the index \[True\]; expected years counted from 0"),
    ],
)
def test_flows_are_refused(bad, message):
    """A flow without a Series' years, with an amount missing or with years not from 0 is refused by its argument."""
    with pytest.raises(ValueError, match=f"^flow: {message}"):
        present_value(bad)
    for sums in [payback, dips_again]:
        with pytest.raises(ValueError, match=f"^net: {message}"):
            sums(bad)


@pytest.mark.parametrize("years", [0, -1, 2.0, "3", None, True])
def test_equivalent_annual_refuses_years(years):
    """Years other than a whole number of 1 or more are refused by name, with their value."""
    with pytest.raises(ValueError, match=rf"^years: found {years!r}; expected a whole number of 1 or more"):
        equivalent_annual(1_000, years)

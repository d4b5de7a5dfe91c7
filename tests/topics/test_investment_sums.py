"""The sums of an investment that stand by themselves: worked examples, properties, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.discounting import present_value
from ijbtools.finance.settlement import settle
from ijbtools.topics._investment_sums import in_steps, released_of
from ijbtools.topics.investment import label, optimism_bias, partition, switching_value

steady = settings(deadline=None, derandomize=True, max_examples=50)

million = st.floats(-200, 200)
YEARS = ["2027/28", "2028/29", "2029/30"]
DOING_NOTHING = [104.0, 108.16, 112.4864]


def by_year(*amounts):
    return pd.Series(amounts, index=YEARS[: len(amounts)], dtype=float)


# Worked examples of the method


@pytest.mark.parametrize(
    ("with_scheme", "gross", "released", "avoided"),
    [
        # 104 − 101, 108.16 − 102.01, 112.4864 − 103.0301;  100 − 101 and so on are below 0
        ([101, 102.01, 103.0301], [3, 6.15, 9.4563], [0, 0, 0], [3, 6.15, 9.4563]),
        # 100 − 97, 100 − 95, 100 − 93;  104 − 97 − 3, 108.16 − 95 − 5, 112.4864 − 93 − 7
        ([97, 95, 93], [7, 13.16, 19.4864], [3, 5, 7], [4, 8.16, 12.4864]),
    ],
)
def test_partition_on_a_flat_budget_of_100(with_scheme, gross, released, avoided):
    """On a flat budget of 100 what stays above it is all avoided, what falls below it is released."""
    parts = partition(by_year(*DOING_NOTHING), by_year(*with_scheme), by_year(100, 100, 100))
    assert parts.index.tolist() == YEARS
    assert parts["gross"].tolist() == pytest.approx(gross)
    assert parts["released"].tolist() == pytest.approx(released)
    assert parts["avoided"].tolist() == pytest.approx(avoided)


def home_first(uplift):
    """PV of investment, all benefits and what is released, of 40.0 growing by 4%, in £ million."""
    years = [1, 2, 3]
    nothing = pd.Series([40 * 1.04**t for t in years], index=years)
    with_scheme = pd.Series([40.6, 41.2, 41.8], index=years)
    budget = pd.Series([40 * (1 + uplift) ** t for t in years], index=years)
    parts = partition(nothing, with_scheme, budget)
    cost = present_value(pd.Series(0.6, index=years))
    return cost, present_value(parts["gross"]), present_value(parts["released"])


@pytest.mark.parametrize(
    ("uplift", "released", "said"),
    [
        # at 0: 40 is below 40.6, 41.2 and 41.8
        (0.0, 0.0, "invest_to_manage"),
        # at 2%: 40.8 − 40.6 = 0.2, 41.616 − 41.2 = 0.416, 42.44832 − 41.8 = 0.64832
        (0.02, 1.166325, "invest_to_manage"),
        # at 4% the budget keeps pace: 1.0, 2.064 and 3.19456 are all released
        (0.04, 5.774260, "invest_to_save"),
    ],
)
def test_forty_million_growing_by_4_percent(uplift, released, said):
    """PV(I) 1.680982 and PV(G) 5.774260; PV(R) 0, 1.166325 or 5.774260, which manages, manages and saves."""
    cost, gross, freed = home_first(uplift)
    # 0.6/1.035 + 0.6/1.035² + 0.6/1.035³;  1.0/1.035 + 2.064/1.035² + 3.19456/1.035³
    assert cost == pytest.approx(1.680982, abs=5e-7)
    assert gross == pytest.approx(5.774260, abs=5e-7)
    assert freed == pytest.approx(released, abs=5e-7)
    assert label(cost, freed, gross - freed) == said


def test_the_label_turns_at_2_226_percent():
    """What is released just covers the cost at an uplift of 2.226%, a hair above which the scheme saves money."""
    turn = switching_value(lambda uplift: home_first(uplift)[2] - home_first(uplift)[0], 0.0, 0.04)
    assert turn == pytest.approx(0.02226, abs=5e-6)
    said = []
    for uplift in (turn - 1e-5, turn + 1e-5):
        cost, gross, freed = home_first(uplift)
        said.append(label(cost, freed, gross - freed))
    assert said == ["invest_to_manage", "invest_to_save"]


def test_optimism_of_a_mixed_building():
    """30% non-standard at 51% and 70% standard at 24% is 32.1%: £10 million is to be taken as £13.21 million."""
    uplift = 0.3 * 0.51 + 0.7 * 0.24
    assert uplift == pytest.approx(0.321)
    assert optimism_bias(10e6, uplift) == pytest.approx(13.21e6)
    assert optimism_bias(10e6, uplift, mitigation=0.5) == pytest.approx(11.605e6)  # 10·(1 + 0.321·0.5)
    assert optimism_bias(10e6, uplift, mitigation=1) == 10e6


def test_two_schemes_on_one_budget():
    """5 and 5 on a budget of 100 and a do-nothing of 104 release 1 + 1 alone and 6 together."""
    # min(5, 100 − 99) = 1;  min(10, 100 − 94) = 6
    alone = released_of(np.array([5.0, 5.0]), np.array(104.0), np.array(100.0))
    assert alone.tolist() == [1, 1]
    assert released_of(np.array(10.0), np.array(104.0), np.array(100.0)) == 6


def test_two_million_that_save_ten():
    """A transfer of 2 to 10 on all benefits, 6 shared equally; of 2 to 4 on the 4 that is cash, 3 shared equally."""
    net = pd.Series({"community": -2.0, "council": 10.0})
    everything = settle(net)
    assert (everything.least, everything.most) == (2, 10)
    assert everything.transfers["amount"].tolist() == [6]
    assert everything.after.tolist() == [4, 4]
    cash = settle(net, cash=pd.Series({"community": -2.0, "council": 4.0}))
    assert (cash.least, cash.most_cash) == (2, 4)
    assert cash.transfers["amount"].tolist() == [3]


# Properties


@steady
@given(st.lists(st.tuples(million, million, million), min_size=1, max_size=3))
def test_released_and_avoided_are_the_gross(rows):
    """What is released and what is avoided are the gross benefit, and what is released lies between 0 and it."""
    nothing, with_scheme, budget = (by_year(*column) for column in zip(*rows, strict=True))
    parts = partition(nothing, with_scheme, budget)
    assert (parts["released"] + parts["avoided"] - parts["gross"]).abs().max() < 1e-9
    assert (parts["gross"] - (nothing - with_scheme)).abs().max() < 1e-9
    assert (parts["released"] >= 0).all()
    assert (parts["released"] <= parts["gross"].clip(lower=0)).all()
    room = (budget - with_scheme).clip(lower=0)
    assert (parts["released"] <= room + 1e-9).all()


@steady
@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 200), st.floats(0, 200))
def test_more_benefit_never_releases_less(small, more, nothing, budget):
    """A greater benefit, or a greater budget, never releases less."""
    at = [float(released_of(np.array(g), np.array(nothing), np.array(budget))) for g in (small, small + more)]
    assert at[1] >= at[0] - 1e-9
    raised = float(released_of(np.array(small), np.array(nothing), np.array(budget + more)))
    assert raised >= at[0] - 1e-9


def test_arrays_of_any_shape():
    """Many samples go the same way as one: rows of samples, columns of years."""
    gross = np.array([[3.0, 7.0], [5.0, -1.0]])
    freed = released_of(gross, np.array([[104.0, 104.0]]), np.array([[100.0], [102.0]]))
    # 3 and 7 on 100: 100 − 101, 100 − 97;  5 on 102: 102 − 99;  a negative benefit releases nothing
    assert freed.tolist() == [[0, 3], [3, 0]]


@pytest.mark.parametrize(
    ("amount", "step", "given_up"),
    [(249_999.99, 250_000, 0), (250_000, 250_000, 250_000), (700_000, 250_000, 500_000), (123.45, 0, 123.45)],
)
def test_whole_steps_of_money(amount, step, given_up):
    """A budget gives up whole steps, rounded down, and any amount where the step is 0."""
    assert float(in_steps(np.array(amount), step)) == pytest.approx(given_up)


def test_a_step_is_not_lost_to_the_last_bit():
    """Three tenths of a pound in steps of a tenth are three steps, as written."""
    assert float(in_steps(np.array(0.1 + 0.1 + 0.1), 0.1)) == pytest.approx(0.3)
    assert float(in_steps(np.array(0.3), 0.1)) == pytest.approx(0.3)


@steady
@given(st.floats(0, 1e7), st.floats(0, 1e7), st.floats(-1e6, 1e7))
def test_labels(cost, cash, rest):
    """Cash that covers the cost saves; all benefits that cover it manage; less does not pay back."""
    found = label(cost, cash, rest)
    if cash > cost + 1e-3:
        assert found == "invest_to_save"
    elif cash < cost - 1e-3 and cash + rest > cost + 1e-3:
        assert found == "invest_to_manage"
    elif cash < cost - 1e-3 and cash + rest < cost - 1e-3:
        assert found == "does_not_pay_back"
    else:
        assert found in {"invest_to_save", "invest_to_manage", "does_not_pay_back"}


@pytest.mark.parametrize(
    ("cash", "rest", "said"),
    [
        (100.0, 0.0, "invest_to_save"),
        (99.99, 0.01, "invest_to_manage"),
        (99.98, 0.01, "does_not_pay_back"),
        (120.0, -30.0, "invest_to_save"),
        (0.0, 100.0, "invest_to_manage"),
    ],
)
def test_labels_at_their_edges(cash, rest, said):
    """To cover a cost of 100 is to have 100: a penny less in cash manages, a penny less in all does not pay back."""
    assert label(100.0, cash, rest) == said


@steady
@given(st.floats(-5, 5), st.floats(0.01, 5), st.booleans())
def test_where_a_line_crosses_zero(root, slope, falling):
    """The value found is where the line crosses 0, rising or falling."""
    sign = -1 if falling else 1
    found = switching_value(lambda value: sign * slope * (value - root), -10, 10)
    assert found == pytest.approx(root, abs=1e-12)


def test_values_that_never_turn():
    """Where a present value has one sign there is no value at which it turns; at an end of the range there is."""
    assert math.isnan(switching_value(lambda value: 1 + value**2, -1, 1))
    assert math.isnan(switching_value(lambda value: -1.0, 0, 1))
    assert switching_value(lambda value: value, 0, 1) == 0
    assert switching_value(lambda value: value - 1, 0, 1) == 1


# What is refused


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"with_scheme": by_year(1, 2)}, r"^with_scheme: found the years \['2027/28', '2028/29'\]; expected those"),
        ({"budget": pd.Series([1.0, 2, 3])}, r"^budget: found the years \[0, 1, 2\]; expected those of do_nothing"),
        ({"budget": by_year(1, math.nan, 3)}, r"^budget: found .*nan.*; expected a finite amount in every year"),
        ({"do_nothing": by_year(1, math.inf, 3)}, r"^do_nothing: found .*inf.*; expected a finite amount"),
    ],
)
def test_partition_refuses(change, said):
    """Other years and missing amounts are refused by name, with what was found and what is expected."""
    usual = {"do_nothing": by_year(3, 3, 3), "with_scheme": by_year(2, 2, 2), "budget": by_year(3, 3, 3)}
    with pytest.raises(ValueError, match=said):
        partition(**{**usual, **change})


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ((-1.0, 2.0, 3.0), r"^pv_investment: found -1\.0; expected 0 or more"),
        ((math.nan, 2.0, 3.0), r"^pv_investment: found nan; expected a finite amount"),
        ((1.0, math.inf, 3.0), r"^pv_released: found inf; expected a finite amount"),
        ((1.0, 2.0, math.nan), r"^pv_avoided: found nan; expected a finite amount"),
    ],
)
def test_label_refuses(amounts, said):
    """A negative investment and an unknown amount are refused by name."""
    with pytest.raises(ValueError, match=said):
        label(*amounts)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((100.0, -0.1), r"^uplift: found -0\.1 .*; expected a share of 0 or more"),
        ((math.nan, 0.1), r"^uplift: found 0\.1 on a cost of nan; expected .* a finite cost"),
        ((100.0, 0.1, 1.5), r"^mitigation: found 1\.5; expected a share from 0 to 1"),
        ((100.0, 0.1, -0.5), r"^mitigation: found -0\.5; expected a share from 0 to 1"),
    ],
)
def test_optimism_bias_refuses(arguments, said):
    """A negative uplift, an unknown cost and a mitigation that is no share are refused by name."""
    with pytest.raises(ValueError, match=said):
        optimism_bias(*arguments)


@pytest.mark.parametrize(
    ("low", "high", "npv", "said"),
    [
        (1.0, 0.0, 1.0, r"^low, high: found 1\.0 and 0\.0; expected two finite numbers, the lower first"),
        (0.0, math.inf, 1.0, r"^low, high: found 0\.0 and inf; expected two finite numbers"),
        (0.0, 1.0, math.nan, r"^npv_of: found nan at low; expected a finite amount"),
    ],
)
def test_switching_value_refuses(low, high, npv, said):
    """Ends in the wrong order and a present value that is not known are refused by name."""
    with pytest.raises(ValueError, match=said):
        switching_value(lambda value: npv, low, high)

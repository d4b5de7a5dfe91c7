"""The four sums of the baseline that others call: published and worked examples, identities, and what is refused."""

import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ijbtools.finance.prices import restated
from ijbtools.topics.baseline import full_year_effect, released, roll_forward, set_aside
from ijbtools.vocabulary import STEPS

steady = settings(
    deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

HALF_PENNY = 0.005
OF = ["partnership", "partner", "service"]
NOW, NEXT, AFTER = "2025/26", "2026/27", "2027/28"


def budgets(*rows, year=NOW):
    """Recurring budgets of one made-up partnership: partner, service, amount."""
    columns = ["partner", "service", "recurring"]
    return pd.DataFrame(rows, columns=columns).assign(partnership="strathorran", year=year)


def changes(*rows, year=NEXT, recurrence="recurring", period=""):
    """Changes of that partnership: partner, service, step, amount."""
    columns = ["partner", "service", "step", "amount"]
    frame = pd.DataFrame(rows, columns=columns).astype({"amount": float})
    return frame.assign(partnership="strathorran", year=year, recurrence=recurrence, period=period)


def amounts(bridge):
    """The sum of each step over partners and services."""
    return bridge.groupby("step")["amount"].sum().to_dict()


def next_budgets(bridge, year):
    """The closings of a bridge as budgets of the year that it leads to."""
    closing = bridge[bridge["step"] == "closing"]
    return closing.rename(columns={"amount": "recurring"})[[*OF, "recurring"]].assign(year=year)


# Published and worked examples


def test_pressures_of_aberdeen_city_2017_18():
    """Aberdeen City IJB's pressures of 2017/18 add up to 3,988, with the cut in funding of 3,090 to a gap of 7,078."""
    # Aberdeen City IJB, budget 2017/18, £000: 2,206 + 255 + 22 + 415 + 9 + 559 + 522 = 3,988
    pressures = [2_206, 255, 22, 415, 9, 559, 522]
    rows = [("nhs", f"service-{n}", "demand", amount) for n, amount in enumerate(pressures)]
    before = budgets(*[("nhs", f"service-{n}", 10_000) for n in range(len(pressures))], year="2016/17")
    bridge = roll_forward(before, changes(*rows, year="2017/18"), "2016/17")
    sums = amounts(bridge)
    assert (sums["opening"], sums["demand"], sums["closing"]) == (70_000, 3_988, 73_988)
    # a cut in funding is no step of the budget, it lowers F: 73,988 − (70,000 − 3,090) = 3,988 + 3,090 = 7,078
    assert sums["closing"] - (70_000 - 3_090) == 7_078


def test_forty_thousand_a_month():
    """£40,000 a month from 1 October is £240,000 in its first year, £480,000 in a whole one, £240,000 to be added."""
    first, added = 40_000 * 6, full_year_effect(40_000, 6)
    assert (first, added, full_year_effect(40_000, 0)) == (240_000, 240_000, 480_000)
    bridge = roll_forward(budgets(("council", "care", 0)), changes(("council", "care", "new_commitment", first)), NOW)
    assert amounts(bridge)["closing"] == 240_000
    more = changes(("council", "care", "full_year_effect", added), year=AFTER)
    assert amounts(roll_forward(next_budgets(bridge, NEXT), more, NEXT))["closing"] == 480_000


def test_past_spending_in_the_prices_of_the_budget():
    """Outturns of 100, 105 and 110.25 against a budget of 112 pass in cash, and fail by 3.8 at 5% inflation."""
    outturns = {"2023/24": 100.0, "2024/25": 105.0, "2025/26": 110.25}
    cash = sum(outturns.values()) / 3
    assert cash == pytest.approx(105.083, abs=0.0005)
    assert cash < 112
    # 100 · 1.05³ = 105 · 1.05² = 110.25 · 1.05 = 115.7625
    real = restated(outturns, "2026/27", 0.05)
    assert list(real.values()) == pytest.approx([115.7625] * 3)
    assert sum(real.values()) / 3 - 112 == pytest.approx(3.8, abs=0.05)


def test_six_thousand_fewer_days():
    """6,000 fewer days at £380 are £2,280,000 of capacity and release £342,000, for no ward closes before 7,446."""
    ward = 24 * 365 * 0.85  # 24 beds at 85%: 7,446, not the 8,760 of full beds
    assert ward == pytest.approx(7_446)
    assert released(6_000, 380, 0.15) == pytest.approx(342_000)  # 6,000 · 380 · 15%
    assert released(6_000, 380, 0.15, ward, 500_000) == pytest.approx(342_000)
    assert released(7_446, 380, 0.15, ward, 500_000) == pytest.approx(924_422)  # 7,446 · 57 = 424,422, and a ward
    assert released(8_760, 380, 0.15, 24 * 365, 500_000) == pytest.approx(999_320)  # 8,760 · 57 = 499,320
    assert released(8_759, 380, 0.15, 24 * 365, 500_000) == pytest.approx(499_263)


def test_days_before_the_first_step():
    """Slack in a hospital is used up before the first ward closes; the days themselves release from the first."""
    assert released(7_446, 380, 0.15, 7_446, 500_000, days_before_steps=1) == pytest.approx(424_422)
    assert released(7_447, 380, 0.15, 7_446, 500_000, days_before_steps=1) == pytest.approx(924_479)  # 7,447 · 57
    assert released(3 * 7_446, 380, 0.15, 7_446, 500_000) == pytest.approx(3 * 924_422)


def test_a_step_that_releases_more_than_it_costs():
    """Closing a ward releases at most what its days cost beyond their variable part: £2,405,058 of 7,446 at £380."""
    most = 7_446 * 380 * 0.85
    assert most == pytest.approx(2_405_058)
    assert released(7_446, 380, 0.15, 7_446, most) == pytest.approx(7_446 * 380)
    with pytest.raises(ValueError, match=r"^step_cost: found 2405059\b.*expected at most 2\.40506e\+06"):
        released(7_446, 380, 0.15, 7_446, 2_405_059)
    with pytest.raises(ValueError, match=r"^step_cost: "):  # refused however far away the step is
        released(10, 380, 0.15, 7_446, 2_405_059)


def test_set_aside_of_strathorran():
    """30,000 days of geriatric medicine at £380 and 41,200 of general medicine at £500 are 32.0 million."""
    rows = [
        ("strathorran", "Geriatric medicine", 30_000),
        ("not-resident", "Geriatric medicine", 45_000),
        ("strathorran", "General medicine", 41_200),
        ("not-resident", "General medicine", 78_800),
    ]
    days = pd.DataFrame(rows, columns=["partnership", "specialty", "bed_days"]).assign(year=NOW)
    # 28.5 million / 75,000 = £380;  60.0 million / 120,000 = £500
    costs = pd.DataFrame(
        {"year": NOW, "specialty": ["Geriatric medicine", "General medicine"], "direct_cost": [28.5e6, 60.0e6]}
    )
    own = set_aside(days, costs).query("partnership == 'strathorran'").set_index("specialty")
    assert own["unit_cost"].to_dict() == pytest.approx({"Geriatric medicine": 380, "General medicine": 500})
    assert own["amount"].tolist() == pytest.approx([11.4e6, 20.6e6])
    assert own["amount"].sum() == pytest.approx(32.0e6)


def test_each_health_board_has_its_own_unit_cost():
    """Where bed days and costs are by health board, a day costs what it costs at that board."""
    days = pd.DataFrame(
        {"partnership": "strathorran", "partner": ["a", "b"], "year": NOW, "specialty": "Surgery", "bed_days": [10, 10]}
    )
    costs = pd.DataFrame({"partner": ["a", "b"], "year": NOW, "specialty": "Surgery", "direct_cost": [1_000, 3_000]})
    assert set_aside(days, costs).set_index("partner")["amount"].to_dict() == {"a": 1_000, "b": 3_000}
    together = set_aside(days.drop(columns="partner"), costs.drop(columns="partner").head(1))
    assert together["amount"].tolist() == [500, 500]


# Identities

money = st.integers(-5_000_000_000, 5_000_000_000).map(lambda pence: pence / 100)
parts = st.tuples(st.sampled_from(["nhs", "council"]), st.sampled_from(["home-care", "prescribing", "care-homes"]))
steps = st.sampled_from([step for step in STEPS if step != "saving"])
moves = st.one_of(
    st.tuples(parts, steps, money),
    st.tuples(parts, st.just("saving"), money.map(lambda amount: -abs(amount))),
)


def as_changes(drawn, year):
    return changes(*[(*who, step, amount) for who, step, amount in drawn], year=year)


@steady
@given(
    opening=st.lists(st.tuples(parts, money), min_size=1, max_size=8),
    first=st.lists(moves, max_size=12),
    second=st.lists(moves, max_size=12),
)
def test_every_bridge_closes_and_the_next_one_opens_there(opening, first, second):
    """By partner and service opening and steps are the closing, and rolled again the closing is the next opening."""
    start = budgets(*[(*who, amount) for who, amount in opening])
    bridge = roll_forward(start, as_changes(first, NEXT), NOW)
    assert not bridge.duplicated([*OF, "step"]).any()
    inner = bridge[bridge["step"] != "closing"].groupby(OF)["amount"].sum()
    closing = bridge[bridge["step"] == "closing"].set_index(OF)["amount"]
    assert set(inner.index) == set(closing.index) == set(bridge[bridge["step"] == "opening"].set_index(OF).index)
    assert (inner - closing).abs().max() <= HALF_PENNY
    whole = start["recurring"].sum() + sum(amount for _, _, amount in first)
    assert closing.sum() == pytest.approx(whole, abs=HALF_PENNY)
    again = roll_forward(next_budgets(bridge, NEXT), as_changes(second, AFTER), NEXT)
    opened = again[again["step"] == "opening"].set_index(OF)["amount"]
    assert (opened.reindex(closing.index) - closing).abs().max() <= HALF_PENNY
    assert opened.drop(closing.index).eq(0).all()  # services that are new then


@steady
@given(drawn=st.lists(moves, min_size=1, max_size=12), seed=st.randoms(use_true_random=False))
def test_a_bridge_is_in_the_order_of_its_steps(drawn, seed):
    """However the rows are given, a bridge runs from opening through the steps in their order to closing."""
    given_changes = as_changes(drawn, NEXT)
    order = list(given_changes.index)
    seed.shuffle(order)
    start = budgets(("nhs", "home-care", 100.0), ("council", "home-care", 50.0))
    bridge = roll_forward(start, given_changes, NOW)
    mixed = roll_forward(start, given_changes.loc[order], NOW)
    pd.testing.assert_frame_equal(bridge, mixed, check_exact=False, atol=HALF_PENNY)
    expected = ["opening", *STEPS, "closing"]
    for _, own in bridge.groupby(OF):
        assert own["step"].tolist() == [step for step in expected if step in set(own["step"])]


@steady
@given(
    days=st.lists(
        st.tuples(st.sampled_from(["a", "b", "not-resident"]), st.sampled_from(["x", "y"]), st.integers(0, 90_000)),
        min_size=1,
        max_size=9,
    ),
    costs=st.tuples(st.floats(0, 9e7), st.floats(0, 9e7)),
)
def test_set_aside_is_what_the_hospitals_cost(days, costs):
    """What all partnerships and people of elsewhere used adds up to the direct cost of every specialty with days."""
    frame = pd.DataFrame(days, columns=["partnership", "specialty", "bed_days"]).assign(year=NOW)
    table = pd.DataFrame({"year": NOW, "specialty": ["x", "y"], "direct_cost": costs})
    use = set_aside(frame, table)
    known = frame.groupby("specialty")["bed_days"].sum()
    sums = use.groupby("specialty")["amount"].sum()
    for specialty, cost in zip(("x", "y"), costs, strict=True):
        if known.get(specialty, 0):
            assert sums[specialty] == pytest.approx(cost, abs=HALF_PENNY)
    assert use["bed_days"].tolist() == frame["bed_days"].tolist()


shares = st.floats(0, 1)


@steady
@given(
    days=st.tuples(st.floats(0, 60_000), st.floats(0, 60_000)),
    unit=st.floats(0, 2_000),
    share=shares,
    step_days=st.floats(100, 20_000),
    part=shares,
    before=st.floats(0, 20_000),
)
def test_released_grows_and_never_exceeds_what_the_days_cost(days, unit, share, step_days, part, before):
    """More days never release less, whole steps release no more than the days cost, and never less than v·u·fall."""
    step_cost = part * (1 - share) * unit * step_days
    fewer, more = (released(fall, unit, share, step_days, step_cost, before) for fall in sorted(days))
    assert fewer <= more + HALF_PENNY
    fall = max(days)
    assert more <= fall * unit + HALF_PENNY
    closed = math.floor(max(0.0, fall - before) / step_days)
    assert more == pytest.approx(share * unit * fall + closed * step_cost, abs=HALF_PENNY)


@steady
@given(fall=st.floats(0, 60_000), unit=st.floats(0, 2_000), share=shares)
def test_without_steps_only_the_variable_part_is_released(fall, unit, share):
    """Without a step a fall releases v·u·fall, whatever closing a ward would bring."""
    assert released(fall, unit, share) == pytest.approx(share * unit * fall, abs=HALF_PENNY)
    assert released(fall, unit, share, step_cost=1e6) == released(fall, unit, share)


@steady
@given(monthly=st.floats(-1e8, 1e8), months=st.floats(0, 12))
def test_first_year_and_full_year_effect_are_a_whole_year(monthly, months):
    """What a commitment costs in its first year, and its full-year effect, are together twelve months of it."""
    assert monthly * months + full_year_effect(monthly, months) == pytest.approx(12 * monthly, abs=HALF_PENNY)


# Ways of being wrong that look right


def test_a_change_for_one_year_does_not_enter_the_base():
    """A non-recurring change is no step of the bridge, and next year's budget does not know it."""
    own = ("council", "home-care")
    recurring, once = changes((*own, "pay", 30)), changes((*own, "pay", 7), recurrence="non_recurring")
    sums = amounts(roll_forward(budgets((*own, 100)), pd.concat([recurring, once]), NOW))
    assert sums == {"opening": 100, "pay": 30, "closing": 130}


def test_a_change_within_the_year_is_not_rolled_forward():
    """What was moved between services within a year, with a period, is no part of how the next budget came about."""
    own = ("council", "home-care")
    within = [changes((*own, "virement", 9), period=period) for period in ("2026/27 Q1", "2026/27 Q3")]
    sums = amounts(roll_forward(budgets((*own, 100)), pd.concat([changes((*own, "pay", 30)), *within]), NOW))
    assert sums == {"opening": 100, "pay": 30, "closing": 130}


def test_only_the_next_year_is_rolled():
    """Changes of the year itself, and of the year after next, are not in the bridge."""
    own = ("council", "home-care")
    moved = pd.concat([changes((*own, "pay", 5), year=NOW), changes((*own, "pay", 3), year=AFTER)])
    assert amounts(roll_forward(budgets((*own, 100)), moved, NOW)) == {"opening": 100, "closing": 100}


def test_one_off_budgets_are_no_opening():
    """The opening is the recurring budget; what was budgeted for one year only is left behind."""
    start = budgets(("council", "home-care", 100)).assign(non_recurring=40.0)
    assert amounts(roll_forward(start, changes(), NOW))["closing"] == 100


def test_localities_of_a_service_are_one_line():
    """A service kept by several localities has one bridge, and its changes are counted once."""
    own = ("council", "home-care")
    start = budgets((*own, 60), (*own, 40)).assign(locality=["North", "South"])
    bridge = roll_forward(start, changes((*own, "pay", 10)), NOW)
    assert amounts(bridge) == {"opening": 100, "pay": 10, "closing": 110}
    assert len(bridge) == 3


def test_a_service_that_changes_hands():
    """A service that moves from one partner to the other closes at nothing there, opens at nothing here, once."""
    moved = changes(("council", "care-homes", "transfer_out", -80), ("nhs", "care-homes", "transfer_in", 80))
    bridge = roll_forward(budgets(("council", "care-homes", 80)), moved, NOW).set_index(["partner", "step"])["amount"]
    assert (bridge["council", "closing"], bridge["nhs", "opening"], bridge["nhs", "closing"]) == (0, 0, 80)


# What is refused

OWN = ("council", "home-care")
START = budgets((*OWN, 100.0))


@pytest.mark.parametrize(
    ("start", "moved", "year", "said"),
    [
        (START, changes(), "2031/32", r"^year: found .*'2031/32'; expected one of \['2025/26'\]"),
        (START, changes((*OWN, "inflation", 1)), NOW, r"^changes: found .*'inflation'.*; expected .*'pay'"),
        (START, changes((*OWN, "saving", 2.5)), NOW, r"^changes: found savings of \[2\.5\]; expected 0 or less"),
        (
            budgets((*OWN, 1), (*OWN, 2)).assign(price_base=["2024/25", "2025/26"]),
            changes(),
            NOW,
            r"^budgets: found prices of 2024/25 and 2025/26; expected prices of one year",
        ),
        (
            START,
            changes((*OWN, "pay", 1), (*OWN, "pay", 2)).assign(price_base=["", "2024/25"]),
            NOW,
            r"^changes: found prices of .* and 2024/25; expected prices of one year",
        ),
    ],
)
def test_roll_forward_refuses(start, moved, year, said):
    """A year without budgets, an unknown step, a saving above 0 and two price bases are refused by name."""
    with pytest.raises(ValueError, match=said):
        roll_forward(start, moved, year)


def test_what_lies_outside_the_year_is_not_judged():
    """A positive saving or another price base of a year that is not rolled does not stand in the way."""
    later = changes((*OWN, "saving", 2.5), (*OWN, "inflation", 1), year=AFTER)
    older = budgets((*OWN, 9), year="2019/20").assign(price_base="2019/20")
    start = pd.concat([START.assign(price_base=""), older])
    assert amounts(roll_forward(start, later, NOW)) == {"opening": 100, "closing": 100}


DAYS = pd.DataFrame({"partnership": ["a", "b"], "year": NOW, "specialty": ["x", "y"], "bed_days": [10, 5]})
COSTS = pd.DataFrame({"year": NOW, "specialty": ["x", "y"], "direct_cost": [100.0, 50.0]})


@pytest.mark.parametrize(
    ("days", "costs", "said"),
    [
        (DAYS, COSTS.head(1), r"^specialty_costs: found no cost of \[\['2025/26', 'y'\]\]; expected one"),
        (DAYS, COSTS.assign(year=NEXT), r"^specialty_costs: found no cost of .*'x'.*'y'.*; expected one"),
        (DAYS, pd.concat([COSTS, COSTS.head(1)]), r"^specialty_costs: found .*'x'.* twice; expected one cost"),
        (DAYS.drop(columns="specialty"), COSTS, r"^bed_days: found no column specialty; expected"),
    ],
)
def test_set_aside_refuses(days, costs, said):
    """A specialty with days and no cost, one cost twice, and days of no specialty are refused by name."""
    with pytest.raises(ValueError, match=said):
        set_aside(days, costs)


def test_a_specialty_that_nobody_used_needs_no_cost():
    """A specialty whose days are 0 everywhere costs nothing, and no cost of it is asked for."""
    nobody = DAYS.assign(bed_days=[10, 0])
    assert set_aside(nobody, COSTS.head(1)).set_index("specialty")["amount"].to_dict() == {"x": 100, "y": 0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"fall_in_bed_days": -1}, r"^fall_in_bed_days: found -1; expected .* 0 or more"),
        ({"fall_in_bed_days": float("nan")}, r"^fall_in_bed_days: found nan; expected a finite"),
        ({"unit_cost": -380}, r"^unit_cost: found -380; expected .* 0 or more"),
        ({"unit_cost": float("inf")}, r"^unit_cost: found inf; expected a finite"),
        ({"variable_share": 15}, r"^variable_share: found 15; expected a share from 0 to 1"),
        ({"step_days": 0}, r"^step_days: found 0; expected days of a ward, above 0"),
        ({"step_days": 100, "step_cost": -1}, r"^step_cost: found -1; expected .* 0 or more"),
        ({"step_days": 100, "days_before_steps": -1}, r"^days_before_steps: found -1; expected .* 0 or more"),
    ],
)
def test_released_refuses(arguments, said):
    """A negative, unknown or impossible argument is refused by name, with what was found and what is expected."""
    with pytest.raises(ValueError, match=said):
        released(**{"fall_in_bed_days": 6_000, "unit_cost": 380, "variable_share": 0.15, **arguments})


@pytest.mark.parametrize(
    ("monthly", "months", "said"),
    [
        (40_000, 13, r"^months_in_force: found 13; expected .* from 0 to 12"),
        (40_000, -1, r"^months_in_force: found -1; expected .* from 0 to 12"),
        (40_000, float("nan"), r"^months_in_force: found nan; expected"),
        (float("inf"), 6, r"^monthly: found inf; expected a finite amount"),
    ],
)
def test_full_year_effect_refuses(monthly, months, said):
    """Months that are not of one year, and an amount that is not finite, are refused by name."""
    with pytest.raises(ValueError, match=said):
        full_year_effect(monthly, months)

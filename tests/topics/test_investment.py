"""Schemes: worked examples, the stories' headlines, identities, and ways of being wrong that look right."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.errors import InputRefused
from ijbtools.finance.discounting import present_value
from ijbtools.inputs import read
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics import investment
from ijbtools.topics._investment_sums import in_steps, released_of
from ijbtools.topics._investment_view import BASES, RULES, View
from ijbtools.topics.result import FACT_COLUMNS
from ijbtools.vocabulary import FACT_STATUS

steady = settings(deadline=None, derandomize=True, max_examples=25)
MILLION = 1_000_000
NOW = "2026/27 Q2"
PLACES = ("strathorran", "ardmoral", "hadderley")
YEARS = [1, 2, 3]
NOTHING = pd.Series([104, 108.16, 112.4864], YEARS)
FLAT = pd.Series([100.0] * 3, YEARS)
HOME = pd.Series([40 * 1.04**t for t in YEARS], YEARS)
HOME_WITH = pd.Series([40.6, 41.2, 41.8], YEARS)


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships."""
    return dict(read(root / "data" / "sample" / "invented"))


@pytest.fixture(scope="module")
def result(tables, assumptions):
    """All schemes of the three invented partnerships."""
    return investment.compute(tables, assumptions)


def with_values(assumptions, **values):
    """The assumptions with other values."""
    changed = {
        name: one.model_copy(update={"value": {"always": values[name]}}) if name in values else one
        for name, one in assumptions.items()
    }
    return Assumptions(changed, assumptions.sources)


def scheme(result, name):
    """The summary of a scheme."""
    rows = result.tables["summary"]
    return rows[rows["scheme"] == name].iloc[0]


def case(result, name):
    """A scheme as arrays."""
    return next(one for one in result.cases if one.scheme == name)


# Worked examples


@pytest.mark.parametrize(
    ("with_scheme", "released", "avoided"),
    [
        ([101, 102.01, 103.0301], [0, 0, 0], [3, 6.15, 9.4563]),  # above the budget of 100: only growth is absorbed
        ([97, 95, 93], [3, 5, 7], [4, 8.16, 12.4864]),  # 100 − 97, 100 − 95, 100 − 93; 104 − 97 − 3 = 4
    ],
)
def test_partition(with_scheme, released, avoided):
    """A budget of 100 with growth of 4%: what is released lies below the budget, the rest is absorbed growth."""
    parts = investment.partition(NOTHING, pd.Series(with_scheme, YEARS), FLAT)
    assert parts["released"].tolist() == pytest.approx(released)
    assert parts["avoided"].tolist() == pytest.approx(avoided)


@pytest.mark.parametrize(("uplift", "cash"), [(0.0, 0.0), (0.02, 1.166325), (0.04, 5.774260)])
def test_the_case_of_forty(uplift, cash):
    """0.6 a year against 40.0 that grows by 4%: PV(I) 1.680982, PV(G) 5.774260, PV(R) by uplift."""
    cost = present_value(pd.Series([0.6] * 3, YEARS))
    parts = investment.partition(HOME, HOME_WITH, pd.Series([40 * (1 + uplift) ** t for t in YEARS], YEARS))
    released, gross = present_value(parts["released"]), present_value(parts["gross"])
    assert (cost, gross, released) == pytest.approx((1.680982, 5.774260, cash), abs=5e-7)
    expected = "invest_to_save" if uplift == 0.04 else "invest_to_manage"
    assert investment.label(cost, released, gross - released) == expected


def test_the_label_turns():
    """The label of that case turns at an uplift of 2.226%."""

    def short(uplift):
        budget = pd.Series([40 * (1 + uplift) ** t for t in YEARS], YEARS)
        return present_value(investment.partition(HOME, HOME_WITH, budget)["released"]) - 1.680982

    assert investment.switching_value(short, 0.0, 0.1) == pytest.approx(0.02226, abs=5e-6)


def test_optimism_bias():
    """A mix of 30% non-standard and 70% standard building is corrected by 0.3·51% + 0.7·24% = 32.1%."""
    assert investment.optimism_bias(100, 0.3 * 0.51 + 0.7 * 0.24) == pytest.approx(132.1)
    assert investment.optimism_bias(100, 0.321, mitigation=1) == 100


def test_two_schemes_on_one_budget():
    """5 and 5 on a budget of 100 and a do-nothing of 104 release 1 + 1 alone and 6 together."""
    nothing, budget = np.array([104.0]), np.array([100.0])
    alone = released_of(np.array([5.0]), nothing, budget)[0]
    assert (alone, released_of(np.array([10.0]), nothing, budget)[0]) == (1.0, 6.0)


def test_whole_steps():
    """Cash leaves in whole steps, rounded down; with a step of 0 any amount does."""
    amounts = np.array([249.0, 250.0, 749.99])
    assert in_steps(amounts, 250.0).tolist() == [0.0, 250.0, 500.0]
    assert in_steps(amounts, 0.0).tolist() == amounts.tolist()


# The stories


@pytest.mark.parametrize(
    ("uplift", "label"), [(0.0, "invest_to_manage"), (0.02, "invest_to_manage"), (0.04, "invest_to_save")]
)
def test_home_first(tables, assumptions, uplift, label):
    """Home First manages demand at an uplift of 0 and 2% and saves money at 4%; it turns at 2.226%."""
    row = scheme(investment.compute(tables, with_values(assumptions, budget_uplift=uplift)), "home-first")
    assert row["label"] == label
    worth = (row["pv_investment"], row["pv_gross"], row["turns_at"])
    assert worth == pytest.approx((1.680982e6, 5.774260e6, 0.02226), rel=1e-5, abs=5e-6)


def test_the_hub(result):
    """£2 million saves £10 million of which 4 is cash: 2–10 and 6 on all benefits, 2–4 and 3 on cash; PVs with them."""
    v = View(result.only("hadderley", NOW))
    plain = v.settled("hub", "equal_split", "all", discounted=False)
    cash = v.settled("hub", "equal_split", "cash", discounted=False)
    found = (plain.least, plain.most, plain.transfers["amount"].sum(), cash.most_cash, cash.transfers["amount"].sum())
    assert found == pytest.approx((2e6, 10e6, 6e6, 4e6, 3e6))
    nets = v.nets("hub")
    assert nets["cost"].sum() == pytest.approx(1_920_655, abs=0.5)  # 0.8 + 0.4 · (DF1 + DF2 + DF3)
    assert nets["all"].sum() == pytest.approx(9_182_698, abs=0.5)  # 2.5 · (DF1 + … + DF4)
    assert nets["cash"].sum() == pytest.approx(3_673_079, abs=0.5)
    for basis, equal in (("all", 5_551_676), ("cash", 2_796_867)):
        assert v.settled("hub", "equal_split", basis).transfers["amount"].sum() == pytest.approx(equal, abs=1)


def test_the_hub_cannot_be_paid_in_its_first_year(result):
    """A trust that must break even is £0.8 million short in the year in which it only pays."""
    short = View(result.only("hadderley", NOW)).unpayable("hub")
    assert short[["partner", "year"]].to_numpy().tolist() == [["hadderley-community", "2023/24"]]
    assert short["left"].tolist() == [-0.8 * MILLION]


def test_the_framework(result):
    """Of 24.0 saved in four years 1.5 recurs: 6.25%."""
    row, own = scheme(result, "framework"), case(result, "framework")
    assert (own.gross.sum(), row["recurs"]) == pytest.approx((24.0 * MILLION, 0.0625))
    assert row["steady_cash"] == pytest.approx(1.5 * MILLION)


def test_prevention_absorbs_and_releases_nothing(result):
    """Prevention releases no cash, and what it brings ahead is mostly growth that does not come."""
    years = result.tables["years"]
    own = years[years["scheme"] == "prevention"]
    assert own["cash"].sum() == 0
    assert own["absorbed"].sum() > 0.9 * own["gross"].sum() > 0
    assert scheme(result, "prevention")["label"] == "does_not_pay_back"


def test_a_capital_limit_is_broken(result):
    """£300,000 of capital against a limit of £250,000 is shown as broken, with what borrowing it costs revenue."""
    shown = result.only("ardmoral", NOW).table("capital").frame.iloc[0]
    assert (shown["amount"], shown["limit"], shown["said"]) == (300.0, 250.0, "broken")
    assert shown["borrowed"] == pytest.approx(300 * 0.05 / (1 - 1.05**-25))
    years = result.tables["years"]
    own = years[years["scheme"] == "step-down"]
    assert own["repaid"].iloc[0] == 0
    assert own["repaid"].iloc[1] == pytest.approx(300_000 * 0.05 / (1 - 1.05**-25))


def test_build_up_by_hand(result):
    """2,900 people · 20% · 21 hours · (1 − 15%) · 90% · £25.40 · (1 − 25%) is the first line of falls prevention."""
    rows = result.tables["build_up"]
    first = rows[(rows["scheme"] == "prevention") & (rows["segment"] == "aged 75 to 84")].iloc[0]
    assert first["amount"] == pytest.approx(2900 * 0.2 * 21 * 0.85 * 0.9 * 25.40 * 0.75)
    # half a year of lag; from then it rises over two years: 0.5 · 0.5/2, then 1.5/2 of what 10% a year leaves
    own = case(result, "prevention")
    line = own.benefits[own.benefits["segment"] == "aged 75 to 84"].index[0]
    first_year = own.years.index("2027/28")
    before = own.others[line, first_year] / own.do_nothing(0.04)[line, first_year]
    assert own.gross[line, first_year] == pytest.approx(first["amount"] * 0.5 * 0.25 * (1 - before))


# Identities


@steady
@given(st.floats(-0.02, 0.08), st.floats(-0.02, 0.08), st.sampled_from([0.0, 1e5, 2.5e5]), st.floats(0, 3))
def test_parts_add_up(result, growth, uplift, step, scale):
    """Cash, capacity and absorbed growth are all benefits, for any growth, uplift, step and size."""
    for one in result.cases:
        parts = one.parts(growth, uplift, step, scale)
        whole = parts["cash"] + parts["freed"] + parts["absorbed"]
        assert np.abs(whole - parts["gross"]).max() <= 0.005
        assert (parts["cash"] <= parts["released"] + 0.005).all()
        assert (parts["released"] >= -0.005).all()
        if scale <= 1:
            assert (parts["freed"] >= -0.005).all()


def test_before_a_scheme_starts_nothing_differs(result):
    """In years before a scheme begins, cost with it is cost without it to the last bit."""
    seen = 0
    for one in result.cases:
        nothing, parts = one.do_nothing(0.04), one.parts(0.04, 0.02)
        before = one.gross == 0
        seen += int(before.sum())
        assert ((nothing - parts["gross"])[before] == nothing[before]).all()
        assert (parts["released"][before] == 0).all()
    assert seen > 0


def test_more_uplift_releases_more(result):
    """What is released never falls as the uplift rises."""
    for one in result.cases:
        sums = [one.parts(0.04, uplift)["released"].sum() for uplift in np.linspace(-0.05, 0.1, 7)]
        assert sums == sorted(sums)


def test_schemes_on_one_budget_release_what_they_release_together(result):
    """What schemes on one budget release in their order adds up to what all of them release together."""
    hub, prevention = case(result, "hub"), case(result, "prevention")
    [i] = np.flatnonzero(hub.benefits["service"] == "home-care")
    rows = np.flatnonzero(prevention.benefits["service"] == "home-care")
    t, s = hub.years.index("2027/28"), prevention.years.index("2027/28")
    ordered = hub.parts(0.04, 0.02)["released"][i, t] + prevention.parts(0.04, 0.02)["released"][rows, s].sum()
    gross = hub.gross[i, t] + prevention.gross[rows, s].sum()
    nothing, budget = hub.do_nothing(0.04)[i, t], hub.budget[i] * 1.02
    assert ordered == pytest.approx(released_of(np.array([gross]), nothing, budget)[0], abs=0.005)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("basis", BASES)
def test_transfers_leave_nobody_worse_off(result, place, rule, basis):
    """Transfers sum to nothing, and where they are feasible nobody ends below 0 on what is shared."""
    v = View(result.only(place, NOW))
    assert v.shared
    for name in v.shared:
        made, nets = v.settled(name, rule, basis), v.nets(name)
        assert made.after.sum() == pytest.approx((nets["all"] - nets["cost"]).sum(), abs=0.005)
        moved = made.after - (nets["all"] - nets["cost"])
        if made.feasible:
            assert (nets[basis] - nets["cost"] + moved).min() >= -0.005
        else:
            assert made.transfers.empty


def test_schedules_and_growth(tables, assumptions, result):
    """The edition of 2026 keeps the rates of 2022; growth from people differs from the rate assumed."""
    newer = investment.compute(tables, assumptions, schedule="green_book_2026")
    pd.testing.assert_frame_equal(newer.tables["summary"], result.tables["summary"])
    people = investment.compute(tables, assumptions, growth_from="people")
    absorbed = people.tables["years"]["absorbed"].sum() - result.tables["years"]["absorbed"].sum()
    assert absorbed > 1e5
    for name, value in (("schedule", "green_book_1997"), ("growth_from", "hope")):
        with pytest.raises(ValueError, match=f"{name}: found '{value}'"):
            investment.compute(tables, assumptions, **{name: value})


# Ways of being wrong that look right


def test_a_claim_is_not_counted_on_top_of_its_build_up(tables, assumptions, result):
    """Where people and effects are given, raising what is claimed for the same budget changes nothing."""
    flows = tables["scheme_flows"].copy()
    claimed = (flows["scheme"] == "prevention") & (flows["kind"] == "benefit")
    flows.loc[claimed, ["amount", "high"]] = 9e9
    again = investment.compute({**tables, "scheme_flows": flows}, assumptions)
    assert case(again, "prevention").gross.sum() == case(result, "prevention").gross.sum()


def test_a_claim_is_not_corrected(tables, assumptions, result):
    """The correction for the grade of evidence is for what is built up, not for what a scheme claims."""
    harsh = investment.compute(tables, with_values(assumptions, correction_grade_4=0.9))
    assert case(harsh, "hub").gross.sum() == case(result, "hub").gross.sum()
    assert case(harsh, "step-down").gross.sum() < case(result, "step-down").gross.sum()


def test_prices_of_different_years_are_not_added(result):
    """The table of schemes has no total where they are in the prices of different years."""
    assert not result.only("hadderley", NOW).table("schemes").total
    assert {scheme(result, one)["base"] for one in ("hub", "prevention")} == {"2023/24", "2026/27"}


def test_a_later_scheme_acts_on_what_is_left(tables, assumptions, result):
    """Prevention brings less on the budget that the hub acts on than it would by itself: 1 − hub / cost of it."""
    flows = tables["scheme_flows"]
    without = {**tables, "scheme_flows": flows[flows["scheme"] != "hub"]}
    own, alone = case(result, "prevention"), case(investment.compute(without, assumptions), "prevention")
    rows = (own.benefits["service"] == "home-care").to_numpy()
    t = own.years.index("2027/28")
    left = 1 - own.others[rows, t] / own.do_nothing(0.04)[rows, t]
    assert (left < 1).all()
    assert own.gross[rows, t] == pytest.approx(alone.gross[rows, t] * left)
    assert own.gross[~rows].sum() == alone.gross[~rows].sum()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: investment.partition(NOTHING, HOME_WITH.iloc[:2], FLAT), "with_scheme: found"),
        (lambda: investment.partition(NOTHING, HOME_WITH, FLAT * np.nan), "budget: found"),
        (lambda: investment.label(-1, 0, 0), "pv_investment: found -1"),
        (lambda: investment.label(1, float("nan"), 0), "pv_released: found nan"),
        (lambda: investment.optimism_bias(100, -0.1), "uplift: found -0.1"),
        (lambda: investment.optimism_bias(100, 0.1, 1.5), "mitigation: found 1.5"),
        (lambda: investment.switching_value(lambda x: x, 2, 1), "low, high: found 2 and 1"),
    ],
)
def test_wrong_arguments_are_named(call, said):
    """A wrong argument is refused with its name, what was found and what is expected."""
    with pytest.raises(ValueError, match=f"{re.escape(said)}.*; expected"):
        call()


def test_one_sign_has_no_switching_value():
    """A net present value that keeps its sign turns nowhere; one that is 0 at an end turns there."""
    assert np.isnan(investment.switching_value(lambda x: x + 5, 0, 1))
    assert investment.switching_value(lambda x: x, 0, 1) == 0


# The contract


@pytest.mark.parametrize("place", PLACES)
def test_every_page_is_whole(result, place):
    """Every table and figure that shows has rows, every sentence is words, and every check holds."""
    page = result.only(place, NOW)
    for name in filter(page.shows, page.TABLES):
        shown = page.table(name)
        assert len(shown.frame), name
        assert {column.name for column in shown.columns} <= set(shown.frame.columns), name
        assert "nan" not in f"{shown.title} {shown.subtitle} {' '.join(shown.notes)}".split(), name
    for name in filter(page.shows, page.FIGURES):
        assert len(page.figure(name).frame), name
    broken = r"\b(nan|None|inf)\b|  |£-"
    assert not {name: text for name, text in page.sentences().items() if re.search(broken, text)}
    assert page.sentences()["headline"]
    assert 4 <= len(page.key_figures()) <= 8
    assert not [check for check in page.checks() if not check.holds]


def test_facts(result):
    """Facts have the columns of every topic, each key once, and of invented partnerships the status assumed."""
    facts = result.facts()
    assert list(facts.columns) == list(FACT_COLUMNS)
    assert set(facts["status"]) == {"assumed"} <= set(FACT_STATUS)
    assert not facts.duplicated(["partnership", "period", "measure", "from_partner", "to_partner"]).any()
    assert facts["amount"].notna().all()


@pytest.mark.parametrize("missing", ["scheme_effects", "budgets", "population", "reserves", "services"])
def test_without_a_table(tables, assumptions, missing):
    """Schemes are appraised without any one of the other tables."""
    found = investment.compute({name: frame for name, frame in tables.items() if name != missing}, assumptions)
    assert scheme(found, "hub")["pv_gross"] == pytest.approx(9_182_698, abs=0.5)
    assert all(check.holds for check in found.checks())


def test_schemes_are_needed(scotland, assumptions):
    """Without schemes the topic refuses, naming the tables and their columns."""
    with pytest.raises(InputRefused, match="no such table") as refused:
        investment.compute(scotland, assumptions)
    assert [problem.file for problem in refused.value.problems] == ["schemes.csv", "scheme_flows.csv"]

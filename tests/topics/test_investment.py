"""Investment for all partnerships: what every page holds, identities, and ways of being wrong that look right."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ijbtools.errors import InputRefused
from ijbtools.finance.discounting import present_value
from ijbtools.inputs import read
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics import investment
from ijbtools.topics._investment_cases import Case
from ijbtools.topics._investment_view import BASES, RULES, View
from ijbtools.topics.result import FACT_COLUMNS
from ijbtools.vocabulary import FACT_STATUS

steady = settings(
    deadline=None,
    derandomize=True,
    max_examples=25,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
slow = settings(steady, max_examples=10)

HALF_PENNY = 0.005
NOW, Y1, Y2, Y3 = "2026/27", "2027/28", "2028/29", "2029/30"
NHS, COUNCIL = "nhs-norland", "strathorran-council"
PAGES = [("strathorran", "2026/27 Q2"), ("ardmoral", "2026/27 Q1"), ("hadderley", "2026/27 Q2"), ("hadderley", NOW)]


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships."""
    return dict(read(root / "data" / "sample" / "invented"))


@pytest.fixture(scope="module")
def invented(tables, assumptions):
    """Investment of the three invented partnerships."""
    return investment.compute(tables, assumptions)


def with_values(assumptions, **values):
    """The assumptions with other values."""
    changed = {
        name: one.model_copy(update={"value": {"always": values[name]}}) if name in values else one
        for name, one in assumptions.items()
    }
    return Assumptions(changed, assumptions.sources)


def flow(kind, first, last, amount, scheme="one", partner=COUNCIL, service="home-care", share=1.0, **more):
    """A row of scheme_flows: of one scheme, in prices of 2026/27 unless told."""
    usual = {"recurrence": "recurring", "funding": "revenue", "ramp_years": 0.0, "grade": "4", "price_base": NOW}
    own = {"scheme": scheme, "partner": partner, "service": service, "kind": kind}
    span = {"first_year": first, "last_year": last, "amount": float(amount), "low": math.nan, "high": math.nan}
    return {"partnership": "strathorran", **own, **span, "cashable_share": share, **usual, **more}


def costs(first, last, amount, **more):
    return flow("investment", first, last, amount, partner=NHS, service="district-nursing", share=math.nan, **more)


def effect(**more):
    """A row of scheme_effects: 1,000 people, half reached, 10 units of £20, all of it owed, proven and at once."""
    usual = {
        "partnership": "strathorran", "scheme": "one", "partner": COUNCIL, "service": "home-care", "segment": "",
        "population": 1_000.0, "reach": 0.5, "effect": 10.0, "effect_basis": "gross", "deadweight": 0.0,
        "attribution": 1.0, "drop_off": 0.0, "unit_cost": 20.0, "basis": "full_average", "cashable_share": 1.0,
        "lag_months": 0.0, "ramp_years": 0.0, "grade": "1",
    }  # fmt: skip
    return {**usual, **more}


def place(tables, flows, budget=None, effects=(), order=None):
    """Strathorran with these flows alone, and a budget for care at home in 2026/27 (none where it is not given)."""
    schemes = order or list(dict.fromkeys(row["scheme"] for row in flows))
    rows = [
        ("strathorran", one, f"Scheme {one}", min(f["first_year"] for f in flows if f["scheme"] == one), place, "")
        for place, one in enumerate(schemes, start=1)
    ]
    found = {name: tables[name] for name in ("partnerships", "partners", "services", "reserves", "population")}
    found["schemes"] = pd.DataFrame(rows, columns=["partnership", "scheme", "name", "started", "order", "note"])
    found["scheme_flows"] = pd.DataFrame(flows)
    budgets = tables["budgets"].query("partnership == 'strathorran' and year == @NOW and partner == @NHS")
    if budget is not None:
        own = tables["budgets"].query("partner == @COUNCIL and service == 'home-care' and year == @NOW").head(1)
        budgets = pd.concat([budgets, own.assign(recurring=float(budget), locality="")], ignore_index=True)
    found["budgets"] = budgets
    if effects:
        found["scheme_effects"] = pd.DataFrame(list(effects))
    return found


def case(gross, budget, share=1.0, earlier=None, ahead=None):
    """One scheme on one budget, free of tables; `gross` by year."""
    gross = np.array([gross], dtype=float)
    count = gross.shape[1]
    before = np.zeros_like(gross) if earlier is None else np.array([earlier], dtype=float)
    steps = np.arange(count) if ahead is None else np.array(ahead)
    lines = pd.DataFrame({"partner": [COUNCIL], "service": ["home-care"], "segment": [""], "share": [share]})
    years = tuple(f"{2026 + t}/{27 + t}" for t in range(count))
    return Case(
        partnership="strathorran", scheme="one", name="One", order=1, years=years, base=NOW, benefits=lines,
        gross=gross, earlier=before, others=before, budget=np.array([float(budget)]), ahead=steps,
        costs=pd.DataFrame(columns=["partner", "recurrence", "funding"]), investment=np.zeros((0, count)),
    )  # fmt: skip


def years_of(result, scheme):
    rows = result.tables["years"]
    return rows[rows["scheme"] == scheme].set_index("year")


def row_of(result, scheme):
    rows = result.tables["summary"]
    return rows[rows["scheme"] == scheme].iloc[0]


# What every page holds


@pytest.mark.parametrize("page", PAGES)
def test_every_table_and_figure_that_shows(invented, page):
    """Each table and figure that shows has rows, the columns that it names, words, and no figure missing."""
    narrowed = invented.only(*page)
    tables = [narrowed.table(name) for name in narrowed.TABLES if narrowed.shows(name)]
    figures = [narrowed.figure(name) for name in narrowed.FIGURES if narrowed.shows(name)]
    assert len(tables) >= 9
    assert len(figures) >= 3
    for shown in [*tables, *(one.table for one in figures)]:
        assert len(shown.frame) > 0, shown.title
        partly = not any(shown is one for one in tables)  # beside a figure stand schemes of different years
        assert {column.name for column in shown.columns} <= set(shown.frame), shown.title
        for text in (shown.title, shown.subtitle, *shown.notes):
            assert text.strip()
            assert "nan" not in text.lower().split()
        for column in shown.columns:
            values = shown.frame[column.name]
            if column.places is None:
                assert values.map(lambda text: isinstance(text, str) and "nan" not in text.split()).all(), column.name
            else:
                known = np.isfinite(values.to_numpy(float))
                assert known.any() if partly else known.all(), (shown.title, column.name)
    for figure in figures:
        assert {figure.category, figure.value} <= set(figure.frame)
        assert np.isfinite(figure.frame[figure.value].to_numpy(float)).all()
        assert figure.alt.strip()


@pytest.mark.parametrize("page", PAGES)
def test_what_shows_is_what_the_partnership_has(invented, page):
    """Build-up shows with effects, capital with capital, the order of schemes where two act on one budget."""
    shows = {name for name in invented.TABLES if invented.only(*page).shows(name)}
    there = {"strathorran": set(), "ardmoral": {"build_up", "capital"}, "hadderley": {"build_up", "segments"}}
    own = there[page[0]] | ({"together"} if page[0] == "hadderley" else set())
    assert shows & {"build_up", "segments", "capital", "together"} == own


@pytest.mark.parametrize("page", PAGES)
def test_sentences_are_whole(invented, page):
    """Each sentence is empty or ends as one, and no missing figure is in it; so are the key figures."""
    narrowed = invented.only(*page)
    made = narrowed.sentences()
    assert {"headline", "caution", "labels", "partners", "range"} <= set(made)
    for said in made.values():
        assert said == "" or said.rstrip().endswith(".")
        assert "nan" not in said.lower().replace("£", " ").replace("\xa0", " ").split()
    assert made["headline"]
    assert made["caution"]
    for one in narrowed.key_figures():
        assert one.value
        assert "nan" not in one.value.lower()
    assert (made["build_up"] == "") == (page[0] == "strathorran")


@pytest.mark.parametrize("page", [None, *PAGES])
def test_checks_hold(invented, page):
    """Every check holds, for all and for each; on a page the transfers are among them."""
    result = invented.only(*page) if page else invented
    checks = result.checks()
    assert len(checks) == (5 if page else 4)
    assert [one.name for one in checks if not one.holds] == []


def test_a_check_that_does_not_hold_is_told(invented):
    """£1 of cash that comes from nowhere breaks the two checks that watch cash, and by £1."""
    broken = invented.tables["years"].copy()
    broken.loc[3, "cash"] += 1.0
    checks = replace(invented, tables={**invented.tables, "years": broken}).checks()
    assert sorted(abs(round(one.residual, 6)) for one in checks if not one.holds) == [1.0, 1.0]


def test_facts(invented):
    """Facts have the columns of every topic, statuses of the vocabulary, one row a key, and finite amounts."""
    facts = invented.facts()
    assert tuple(facts.columns) == FACT_COLUMNS
    keys = ["partnership", "period", "topic", "measure", "from_partner", "to_partner"]
    assert not facts.duplicated(keys).any()
    assert set(facts["status"]) <= set(FACT_STATUS)
    assert set(facts["unit"]) == {"£", "share"}
    assert np.isfinite(facts["amount"].astype(float)).all()
    assert facts["partnership"].nunique() == 3
    money = facts[facts["unit"] == "£"]
    assert (money["price_base"] != "").all()
    hub = facts[facts["measure"] == "scheme_hub_pv_investment"].iloc[0]
    assert (round(hub["amount"]), hub["period"], hub["price_base"]) == (1_920_655, "2023/24", "2023/24")


def test_parts_add_up_among_the_facts(invented):
    """Among the facts of each scheme and year, cash, freed and absorbed are the gross benefit."""
    facts = invented.facts()
    for scheme in invented.tables["summary"]["scheme"]:
        own = {
            name: facts[facts["measure"] == f"scheme_{scheme}_{name}"].set_index("period")["amount"].astype(float)
            for name in ("gross", "cash", "freed", "absorbed")
        }
        assert len(own["gross"]) >= 4
        assert (own["cash"] + own["freed"] + own["absorbed"] - own["gross"]).abs().max() < HALF_PENNY


@pytest.mark.parametrize("page", PAGES)
def test_facts_of_one_partnership(invented, page):
    """Narrowing leaves the facts of that partnership as they were."""
    whole = invented.facts()
    own = invented.only(*page).facts()
    expected = whole[whole["partnership"] == page[0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, expected, check_dtype=False)


def test_unknown_names(invented):
    """A table or figure that there is not is a ValueError that names those there are."""
    narrowed = invented.only(*PAGES[0])
    for ask in (narrowed.table, narrowed.figure):
        with pytest.raises(ValueError, match=r"found 'savings'; expected one of \['(schemes|outcome)'"):
            ask("savings")


@pytest.mark.parametrize(
    "missing", [["scheme_effects"], ["budgets"], ["population"], ["reserves"], ["services"], ["returns", "funding"]]
)
def test_tables_that_may_be_missing(tables, assumptions, invented, missing):
    """Without effects, budgets, people, reserves or services every scheme is still appraised, and its checks hold."""
    left = {name: frame for name, frame in tables.items() if name not in missing}
    result = investment.compute(left, assumptions)
    assert len(result.tables["summary"]) == 5
    assert all(one.holds for one in result.checks())
    if missing not in (["budgets"], ["scheme_effects"]):
        changed = result.tables["summary"][["pv_investment", "pv_gross", "pv_cash"]]
        assert (changed.to_numpy() == invented.tables["summary"][changed.columns].to_numpy()).all()


def test_only_what_is_needed(tables, assumptions):
    """Partnerships, partners, schemes and flows are enough: then all is released, and nothing absorbed."""
    few = {name: tables[name] for name in ("partnerships", "partners", "schemes", "scheme_flows")}
    years = investment.compute(few, assumptions).tables["years"]
    assert (years["released"] == years["gross"]).all()
    assert (years["absorbed"] == 0).all()
    assert years["gross"].sum() == pytest.approx(6_258_560 + 10e6 + 24e6 + 3 * 0.8e6 + 1.2e6 * (0.5 + 1 + 1 + 1))


def test_a_page_without_the_tables_that_may_be_missing(tables, assumptions):
    """A page of the needed tables and budgets still has its finding; what rests on the rest does not show."""
    few = {n: tables[n] for n in ("partnerships", "partners", "schemes", "scheme_flows", "budgets")}
    page = investment.compute(few, assumptions).only("hadderley", NOW)
    assert not page.shows("growth")
    assert not page.shows("build_up")
    assert all(len(page.table(name).frame) for name in page.TABLES if page.shows(name))
    assert page.sentences()["headline"]
    assert page.sentences()["build_up"] == ""


def test_missing_tables_are_named(tables, assumptions):
    """A folder without partnerships and partners is refused, and the tables to send are named."""
    with pytest.raises(InputRefused) as refused:
        investment.compute({"schemes": tables["schemes"]}, assumptions)
    assert [one.file for one in refused.value.problems] == ["partnerships.csv", "partners.csv"]
    assert "regime" in refused.value.problems[1].expected


@pytest.mark.parametrize(
    ("argument", "value", "said"),
    [
        ("schedule", "green_book_2030", r"^schedule: found 'green_book_2030'; expected one of .*'green_book_2022'"),
        ("schedule", "flat_3", r"^schedule: found 'flat_3'; expected .* a rate such as 0\.03"),
        ("growth_from", "guess", r"^growth_from: found 'guess'; expected one of \['assumed', 'people'\]"),
    ],
)
def test_compute_refuses(tables, assumptions, argument, value, said):
    """An unknown schedule or source of growth is refused by name, with what is expected."""
    with pytest.raises(ValueError, match=said):
        investment.compute(tables, assumptions, **{argument: value})


def test_growth_typed_as_4(assumptions):
    """Growth of 4 where 4% was meant is flagged, and growth of 0.04 is not."""
    before = len(assumptions.warnings)
    flagged = with_values(assumptions, do_nothing_growth=4).warnings
    assert len(flagged) == before + 1
    assert any("4" in one.found and "0.04" in f"{one.found} {one.expected}" for one in flagged)


def test_schedule_is_printed(tables, assumptions):
    """The schedules of 2022 and 2026 give the same figures, and each result says on which one it rests."""
    old, new = (investment.compute(tables, assumptions, schedule=f"green_book_{year}") for year in (2022, 2026))
    for name in ("years", "summary", "partners_net"):
        pd.testing.assert_frame_equal(old.tables[name], new.tables[name], check_exact=True)
    assert "2022" in old.schedule
    assert "2026" in new.schedule
    for result in (old, new):
        notes = " ".join(result.only(*PAGES[0]).table("schemes").notes)
        assert result.schedule in notes


def test_a_flat_rate(tables, assumptions):
    """At a flat rate of 3% Home First costs 0.6/1.03 + 0.6/1.03² + 0.6/1.03³ = £1.697167 million."""
    result = investment.compute(tables, assumptions, schedule=0.03)
    assert row_of(result, "home-first")["pv_investment"] / 1e6 == pytest.approx(1.697167, abs=5e-7)
    assert "3%" in result.schedule


# Identities of one case

growths = st.floats(-0.10, 0.20)
amounts = st.lists(st.floats(0, 9e6), min_size=4, max_size=4)
free = st.lists(st.floats(-9e6, 9e6), min_size=4, max_size=4)


@steady
@given(
    gross=free, budget=st.floats(1e5, 50e6), growth=growths, uplift=growths, share=st.floats(0, 1),
    step=st.sampled_from([0.0, 1.0, 24_999.5, 250_000.0]), scale=st.floats(0, 3), earlier=amounts,
)  # fmt: skip
def test_parts_add_up(gross, budget, growth, uplift, share, step, scale, earlier):
    """Cash, freed and absorbed are the gross benefit to half a penny, whatever is assumed."""
    parts = case(gross, budget, share, earlier).parts(growth, uplift, step, scale)
    assert np.abs(parts["cash"] + parts["freed"] + parts["absorbed"] - parts["gross"]).max() < HALF_PENNY
    assert np.abs(parts["gross"] - np.array([gross]) * scale).max() < HALF_PENNY


@steady
@given(
    gross=amounts, budget=st.floats(1e5, 50e6), growth=growths, uplift=growths, share=st.floats(0, 1),
    step=st.sampled_from([0.0, 1.0, 24_999.5, 250_000.0]), earlier=amounts,
)  # fmt: skip
def test_cash_within_released_within_gross(gross, budget, growth, uplift, share, step, earlier):
    """Cash is never above what is released, nor that above the gross benefit, and no part of a benefit is below 0."""
    parts = case(gross, budget, share, earlier).parts(growth, uplift, step)
    for name in ("cash", "freed", "absorbed", "released"):
        assert (parts[name] >= -HALF_PENNY).all(), name
    assert (parts["cash"] <= parts["released"] * share + HALF_PENNY).all()
    assert (parts["released"] <= parts["gross"] + HALF_PENNY).all()


@steady
@given(gross=amounts, step=st.sampled_from([1.0, 40_000.0, 250_000.0]), uplift=growths, share=st.floats(0.1, 1))
def test_whole_steps(gross, step, uplift, share):
    """Cash comes in whole steps only, the most of them that what is released holds."""
    whole = case(gross, 20e6, share)
    free_of_steps, stepped = (whole.parts(0.04, uplift, one)["cash"] for one in (0.0, step))
    count = stepped / step
    assert np.abs(count - np.round(count)).max() < 1e-6
    left = free_of_steps - stepped
    assert left.min() > -HALF_PENNY
    assert left.max() < step


@steady
@given(gross=amounts, uplifts=st.tuples(growths, growths), earlier=amounts, budget=st.floats(1e5, 50e6))
def test_released_grows_with_the_uplift(gross, uplifts, earlier, budget):
    """A higher uplift never releases less by the schemes of a budget together; alone, never less by each."""
    low, high = sorted(uplifts)
    alone = case(gross, budget)
    assert (alone.parts(0.04, high)["released"] >= alone.parts(0.04, low)["released"] - HALF_PENNY).all()
    first, then = case(earlier, budget), case(gross, budget, earlier=earlier)
    both = [first.parts(0.04, u)["released"] + then.parts(0.04, u)["released"] for u in (low, high)]
    assert (both[1] >= both[0] - HALF_PENNY).all()


@steady
@given(gross=amounts, budget=st.floats(1e5, 50e6), growth=growths, uplift=growths, waits=st.integers(1, 3))
def test_before_a_scheme_starts(gross, budget, growth, uplift, waits):
    """In the years before a scheme starts the cost with it is that of doing nothing, to the last bit."""
    late = [0.0] * waits + gross[waits:]
    one = case(late, budget, earlier=gross)
    parts, nothing = one.parts(growth, uplift), one.do_nothing(growth)
    assert ((nothing - parts["gross"])[:, :waits] == nothing[:, :waits]).all()
    for name in ("gross", "released", "cash", "freed", "absorbed"):
        assert (parts[name][:, :waits] == 0).all(), name


def test_before_any_scheme_of_the_sample_starts(invented):
    """Before its first year no scheme of the sample changes a cost or a budget, not by a fraction of a penny."""
    before = 0
    for one in invented.cases:
        first = row_of(invented, one.scheme)["first"]
        parts = one.parts(0.04, 0.02)
        waits = [t for t, year in enumerate(one.years) if year < first]
        before += len(waits)
        assert (parts["gross"][:, waits] == 0).all()
        assert (one.investment[:, waits] == 0).all()
    assert before == 1  # Home First waits from 2026/27 until 2027/28


@steady
@given(shares=st.lists(st.floats(0, 6), min_size=2, max_size=5), growth=growths, uplift=growths)
def test_together_is_the_sum_of_its_parts(shares, growth, uplift):
    """Schemes on one budget release, one after the other, what they release as one, whichever comes first."""

    def added(each):
        before, total = 0.0, 0.0
        for gross in each:
            total += case([gross], 100.0, earlier=[before], ahead=[1]).parts(growth, uplift)["released"][0, 0]
            before += gross
        return total

    joint = case([sum(shares)], 100.0, ahead=[1]).parts(growth, uplift)["released"][0, 0]
    assert added(shares) == pytest.approx(joint, abs=1e-9)
    assert added(shares[::-1]) == pytest.approx(joint, abs=1e-9)


def test_two_schemes_of_5():
    """On a budget of 100 and a do-nothing of 104, 5 and 5 release 1 + 1 alone and 6 together."""
    # alone: min(5, 100 − 99) = 1;  together: min(10, 100 − 94) = 6;  the second in order: 6 − 1 = 5
    alone = case([5], 100, ahead=[1]).parts(0.04, 0.0)["released"][0, 0]
    second = case([5], 100, earlier=[5], ahead=[1]).parts(0.04, 0.0)["released"][0, 0]
    joint = case([10], 100, ahead=[1]).parts(0.04, 0.0)["released"][0, 0]
    assert (alone, second, joint) == (pytest.approx(1), pytest.approx(5), pytest.approx(6))


def test_a_cost_that_a_scheme_adds():
    """A benefit of −2 on a budget releases nothing, and shows as −2 absorbed: a cost added."""
    parts = case([-2.0], 100, ahead=[1]).parts(0.04, 0.06)
    assert {name: parts[name][0, 0] for name in parts} == {
        "gross": -2, "released": 0, "cash": 0, "freed": 0, "absorbed": -2,
    }  # fmt: skip


# Identities of all tables together


@slow
@given(
    first=st.floats(0, 3e6), second=st.floats(0, 3e6), budget=st.floats(5e6, 20e6), uplift=st.floats(0, 0.06),
    growth=st.floats(0, 0.06),
)  # fmt: skip
def test_order_of_schemes(tables, assumptions, first, second, budget, uplift, growth):
    """Which of two schemes on one budget acts first changes neither what they bring nor what they release together."""
    flows = [costs(Y1, Y3, 1e5, scheme="a"), costs(Y1, Y3, 1e5, scheme="b")]
    flows += [flow("benefit", Y1, Y3, first, scheme="a"), flow("benefit", Y1, Y3, second, scheme="b")]
    terms = with_values(assumptions, budget_uplift=uplift, do_nothing_growth=growth)
    sums = [
        investment.compute(place(tables, flows, budget, order=order), terms)
        .tables["years"].groupby("year")[["gross", "released", "cash", "absorbed"]].sum()
        for order in (["a", "b"], ["b", "a"])
    ]  # fmt: skip
    assert (sums[0] - sums[1]).abs().to_numpy().max() < HALF_PENNY


@slow
@given(
    cost=st.floats(1, 3e6), cheap=st.floats(0, 2e6), gain=st.floats(0, 3e6), other=st.floats(0, 3e6),
    share=st.floats(0, 1), uplift=st.floats(0, 0.06),
)  # fmt: skip
def test_transfers_leave_nobody_worse_off(tables, assumptions, cost, cheap, gain, other, share, uplift):
    """On every basis and rule transfers sum to nothing; where feasible nobody is worse off on what is shared."""
    flows = [
        costs(NOW, Y2, cost),
        flow("investment", NOW, NOW, cheap, share=math.nan),
        flow("benefit", Y1, Y3, gain, share=share),
        flow("benefit", Y1, Y3, other, partner=NHS, service="community-hospitals", share=share / 2),
    ]
    page = investment.compute(place(tables, flows, 30e6), with_values(assumptions, budget_uplift=uplift))
    v = View(page.only("strathorran", NOW))
    for discounted in (True, False):
        nets = v.nets("one", discounted)
        for basis in BASES:
            shared = nets[basis] - nets["cost"]
            for rule in RULES:
                made = v.settled("one", rule, basis, discounted)
                moved = made.after - (nets["all"] - nets["cost"])
                assert moved.sum() == pytest.approx(0, abs=HALF_PENNY)
                if abs(shared.sum()) > HALF_PENNY:
                    assert made.feasible == (shared.sum() > 0)
                if not made.feasible:
                    assert made.transfers.empty
                    continue
                assert ((shared + moved) >= -HALF_PENNY).all(), (basis, rule)
                assert (made.after >= -HALF_PENNY).all(), (basis, rule)
                paid = made.transfers["amount"]
                assert (paid > 0).all()
                flown = pd.Series(0.0, index=nets.index)
                for one in made.transfers.itertuples(index=False):
                    flown[one.to_partner] += one.amount
                    flown[one.from_partner] -= one.amount
                assert (flown - moved).abs().max() < HALF_PENNY


@pytest.mark.parametrize(("held", "promised", "short"), [(2e6, 0, []), (2e6, 1.5e6, [NOW]), (0, 0, [NOW])])
def test_free_reserves_bind_who_may_hold_them(tables, assumptions, held, promised, short):
    """A council that spends £1 million before it is paid is short unless so much of its reserves is free."""
    flows = [
        flow("investment", NOW, NOW, 1e6, share=math.nan),
        flow("benefit", Y1, Y1, 3e6, partner=NHS, service="primary-care"),
    ]
    reserves = tables["reserves"].head(1).assign(
        partnership="strathorran", held_by=COUNCIL, year=NOW, opening=float(held), ring_fenced=0.0,
        committed=float(promised),
    )  # fmt: skip
    keeps_pace = with_values(assumptions, budget_uplift=0.04, do_nothing_growth=0.04)
    made = investment.compute({**place(tables, flows), "reserves": reserves}, keeps_pace)
    rows = View(made.only("strathorran", NOW)).unpayable("one")
    assert rows["year"].tolist() == short
    assert set(rows["partner"]) <= {COUNCIL}


@slow
@given(cost=st.floats(1e4, 3e6), gain=st.floats(0, 3e6), share=st.floats(0, 1), uplift=st.floats(0, 0.06))
def test_labels_agree_with_present_values(tables, assumptions, cost, gain, share, uplift):
    """The label is that of the present values beside it, and these are those of the years."""
    flows = [costs(Y1, Y3, cost), flow("benefit", Y1, Y3, gain, share=share)]
    result = investment.compute(place(tables, flows, 30e6), with_values(assumptions, budget_uplift=uplift))
    row, years = row_of(result, "one"), years_of(result, "one")
    for name in ("investment", "gross", "cash"):
        flows_of = pd.Series(years[name].to_numpy(), index=range(len(years)))
        assert row[f"pv_{name}"] == pytest.approx(present_value(flows_of), abs=HALF_PENNY)
    expected = (
        "invest_to_save" if row["pv_cash"] >= row["pv_investment"]
        else "invest_to_manage" if row["pv_gross"] >= row["pv_investment"] else "does_not_pay_back"
    )  # fmt: skip
    assert row["label"] == expected


def test_every_label_comes_up(tables, assumptions):
    """£100,000 a year that brings £200,000, all or a tenth in cash, or £50,000, saves, manages and does not pay."""
    made = []
    for gain, share in ((2e5, 1.0), (2e5, 0.1), (5e4, 1.0)):
        flows = [costs(Y1, Y3, 1e5), flow("benefit", Y1, Y3, gain, share=share)]
        made.append(row_of(investment.compute(place(tables, flows), assumptions), "one")["label"])
    assert made == ["invest_to_save", "invest_to_manage", "does_not_pay_back"]


def test_the_label_turns_where_it_says(invented, tables, assumptions):
    """A hair below the uplift at which a label turns the scheme manages demand, a hair above it saves money."""
    turn = row_of(invented, "home-first")["turns_at"]
    made = [
        row_of(investment.compute(tables, with_values(assumptions, budget_uplift=turn + by)), "home-first")["label"]
        for by in (-1e-6, 1e-6)
    ]
    assert made == ["invest_to_manage", "invest_to_save"]


# Growth from people


def test_growth_from_people(tables, assumptions, invented):
    """From people, care at home grows by older people weighted by use and by prices; from one rate, by that."""
    wide = tables["population"].query("partnership == 'strathorran'")
    counts = {
        status: rows.pivot_table(index="year", columns="age_group", values="people", aggfunc="sum")
        for status, rows in wide.groupby("status")
    }
    last = counts["estimate"].index.max()
    weights = {"65-74": 2, "75-84": 4, "85+": 9}

    def weighted(year):
        seen, ahead = counts["estimate"].loc[last], counts["projection"]
        return sum(use * seen[age] * ahead.loc[year, age] / ahead.loc[last, age] for age, use in weights.items())

    result = investment.compute(tables, assumptions, growth_from="people")
    assert last == 2025
    for t, year in enumerate((NOW, Y1, Y2, Y3)):
        # 40.0 · weighted people of the year / weighted people of 2026 · 1.04 each year
        expected = 40e6 * weighted(2026 + t) / weighted(2026) * 1.04**t
        assert years_of(result, "home-first")["do_nothing"][year] == pytest.approx(expected, abs=HALF_PENNY)
        assert years_of(invented, "home-first")["do_nothing"][year] == pytest.approx(40e6 * 1.04**t, abs=HALF_PENNY)
    shown = invented.only(*PAGES[0]).table("growth").frame["rate"].iloc[0]
    rate = (weighted(2029) / weighted(2026)) ** (1 / 3) * 1.04 - 1
    assert shown == pytest.approx(100 * rate)


def test_faster_growth_releases_less(tables, assumptions, invented):
    """People grow care at home by over 6% a year: then Home First releases nothing, and absorbs all it brings."""
    faster = years_of(investment.compute(tables, assumptions, growth_from="people"), "home-first")
    assert (faster["released"] <= years_of(invented, "home-first")["released"]).all()
    # year 1: 40.0 · 1.063 − 1.0 = 41.5 is above the budget of 40.8
    assert faster["cash"].sum() == 0
    assert faster["absorbed"].sum() == pytest.approx(6_258_560)


# Payback, dips, steady state


def test_payback_in_cash(invented):
    """The hub's cash is back after 1 1/3 years, discounted 1.3933; in all benefits after 0.38."""
    # −0.8, then 1.0 − 0.4 = 0.6 a year: −0.8, −0.2, 0.4: 1 + 0.2/0.6
    # discounted −0.8 + 0.6/1.035 = −0.220290, 0.6/1.035² = 0.560107: 1 + 0.220290/0.560107 = 1.3933
    row = row_of(invented, "hub")
    assert row["payback_cash"] == pytest.approx(1 + 0.2 / 0.6)
    assert row["payback_discounted"] == pytest.approx(1.3933, abs=5e-5)
    assert row["payback_all"] == pytest.approx(0.8 / 2.1)
    assert row["peak"] == pytest.approx(0.8e6)
    shown = invented.only("hadderley", NOW).table("schemes").frame.set_index("scheme")["back"]
    assert shown["Community hub"].startswith("2025/26")


def test_a_sum_that_dips_again(tables, assumptions):
    """Money that is back after two thirds of a year and then spent again is said to dip; money that stays is not."""
    # −1.0, +1.5, 0, −1.0: running −1.0, 0.5, 0.5, −0.5;  back at 1.0/1.5 = 0.667
    flows = [costs(NOW, NOW, 1e6), flow("benefit", Y1, Y1, 1.5e6)]
    once = row_of(investment.compute(place(tables, [*flows, costs(Y3, Y3, 0.4e6)]), assumptions), "one")
    again = row_of(investment.compute(place(tables, [*flows, costs(Y3, Y3, 1e6)]), assumptions), "one")
    assert (once["payback_cash"], again["payback_cash"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (bool(once["dips"]), bool(again["dips"])) == (False, True)
    assert again["peak"] == pytest.approx(1e6)


def test_a_steady_year(invented, tables, assumptions):
    """In its last year Home First releases £648,320 a year against £600,000: that could be funded every year."""
    # budget 40·1.02³ = 42.44832 less 41.8 with the scheme
    row = row_of(invented, "home-first")
    assert (row["steady_cash"], row["steady_cost"]) == (pytest.approx(648_320), 600_000)
    flows = [costs(Y1, Y3, 1e5), flow("benefit", Y1, Y2, 9e5), costs(Y1, Y1, 3e5, recurrence="non_recurring")]
    other = row_of(investment.compute(place(tables, flows), assumptions), "one")
    assert (other["steady_cash"], other["steady_cost"]) == (0, 1e5)


def test_horizons(invented):
    """Through one year the hub loses 0.8, through three it brings 0.4 in cash, through four 1.0."""
    # −0.8;  −0.8 − 0.4 − 0.4 + 1.0 + 1.0 = 0.4;  0.4 − 0.4 + 1.0 = 1.0
    frame = invented.only("hadderley", NOW).table("horizons").frame
    assert frame["net"].iloc[:3].round(6).tolist() == [-0.8, 0.4, 1.0]


# Build-up, line by line


def test_build_up_of_hadderleys_first_line(invented):
    """2,900 people, a fifth of them, 21 visits at £25.40, less 15%, 90% of it, less 25%, is £177,502.19 a year."""
    row = invented.tables["build_up"].query("partnership == 'hadderley' and segment == 'aged 75 to 84'").iloc[0]
    steps = ["people", "units", "valued", "net_of_deadweight", "attributed", "amount"]
    assert row["service"] == "home-care"
    # 2,900·0.2 = 580;  ·21 = 12,180;  ·25.40 = 309,372;  ·0.85 = 262,966.20;  ·0.9 = 236,669.58;  ·0.75 = 177,502.185
    expected = [580, 12_180, 309_372, 262_966.20, 236_669.58, 177_502.185]
    assert row[steps].astype(float).tolist() == pytest.approx(expected)
    assert row["amount"] == pytest.approx(2_900 * 0.2 * 21 * 0.85 * 0.9 * 25.40 * 0.75)


def test_every_factor_counts_once(tables, assumptions):
    """Halving any factor of a line halves the benefit; a deadweight, drop-off or correction of a half does too."""
    flows = [costs(NOW, Y1, 1e5), flow("benefit", NOW, Y1, 1.0)]

    def gross(values=assumptions, **more):
        result = investment.compute(place(tables, flows, effects=[effect(**more)]), values)
        return years_of(result, "one")["gross"].tolist()

    whole = 1_000 * 0.5 * 10 * 20.0
    assert gross() == [whole, whole]
    for name, half in (("population", 500.0), ("reach", 0.25), ("effect", 5.0), ("unit_cost", 10.0)):
        assert gross(**{name: half}) == [whole / 2, whole / 2], name
    for name in ("deadweight", "attribution"):
        assert gross(**{name: 0.5}) == [whole / 2, whole / 2], name
    assert gross(drop_off=0.5) == [whole, whole / 2]
    assert gross(with_values(assumptions, correction_grade_1=0.5)) == [whole / 2, whole / 2]
    assert gross(with_values(assumptions, correction_grade_2=0.5)) == [whole, whole]


def test_lag_ramp_and_drop_off(tables, assumptions):
    """Three months' lag, two years' ramp and 5% lost a year leave 28.1%, 83.1%, 90.3% and 85.7% of a whole year."""
    # year 0: 9 of 12 months, risen to 0.75/2: 0.75·0.375 = 0.28125;  year 1: 1.75/2·0.95 = 0.83125
    # year 2: 0.95² = 0.9025;  year 3: 0.95³ = 0.857375
    flows = [costs(NOW, Y3, 1e5), flow("benefit", NOW, Y3, 1.0)]
    line = effect(lag_months=3.0, ramp_years=2.0, drop_off=0.05)
    years = years_of(investment.compute(place(tables, flows, effects=[line]), assumptions), "one")
    assert (years["gross"] / 100_000).tolist() == pytest.approx([0.28125, 0.83125, 0.9025, 0.857375])


def test_a_lag_of_more_than_a_year(tables, assumptions):
    """With a lag of 18 months nothing comes in the first year, half in the second, all from the third."""
    flows = [costs(NOW, Y3, 1e5), flow("benefit", NOW, Y3, 1.0)]
    years = years_of(investment.compute(place(tables, flows, effects=[effect(lag_months=18.0)]), assumptions), "one")
    assert (years["gross"] / 100_000).tolist() == pytest.approx([0, 0.5, 1, 1])


def test_segments(invented):
    """Hadderley's benefits by group of people are those of its prevention, and the groups are those reached."""
    # aged 75 to 84: 2,900·0.2 = 580; aged 85 and over: 1,300·0.25 = 325
    page = invented.only("hadderley", NOW)
    frame = page.table("segments").frame
    assert len(frame) == 3
    assert "580" in frame["who"].iloc[0]
    assert "325" in frame["who"].iloc[1]
    brought = years_of(invented, "prevention")
    assert frame["gross"].iloc[-1] * 1e3 == pytest.approx(brought["gross"].sum())
    assert frame["absorbed"].iloc[-1] * 1e3 == pytest.approx(brought["absorbed"].sum())


# Ways of being wrong that look right


def test_a_claim_is_not_added_to_what_is_built_up(tables, assumptions, invented):
    """What a scheme claims for a budget is replaced, not joined, by what is built up for it."""
    claims = tables["scheme_flows"].copy()
    own = (claims["scheme"] == "step-down") & (claims["kind"] == "benefit")
    claims.loc[own, ["amount", "high"]] *= 2
    doubled = investment.compute({**tables, "scheme_flows": claims}, assumptions)
    assert (years_of(doubled, "step-down")["gross"] == years_of(invented, "step-down")["gross"]).all()
    # built up: (287,884.80 + 701,719.20)·0.28125 in the first year
    assert years_of(invented, "step-down")["gross"][NOW] == pytest.approx(989_604 * 0.28125)
    unbuilt = {name: frame for name, frame in tables.items() if name != "scheme_effects"}
    claimed = years_of(investment.compute({**unbuilt, "scheme_flows": claims}, assumptions), "step-down")
    assert claimed["gross"].tolist() == pytest.approx([1.2e6, 2.4e6, 2.4e6, 2.4e6])  # twice 1.2, ramped over two years


def test_what_is_built_up_leaves_other_claims(tables, assumptions):
    """A claim for another budget than the one that is built up stays."""
    flows = [costs(NOW, NOW, 1e5), flow("benefit", NOW, NOW, 7.0)]
    flows.append(flow("benefit", NOW, NOW, 300.0, partner=NHS, service="community-hospitals"))
    years = years_of(investment.compute(place(tables, flows, effects=[effect()]), assumptions), "one")
    assert years["gross"][NOW] == pytest.approx(100_000 + 300)


def test_what_is_claimed_is_not_corrected(tables, assumptions, invented):
    """Corrections for optimism change what is built up with that grade, and nothing that a scheme claims."""
    none = with_values(assumptions, **{f"correction_grade_{grade}": 0.0 for grade in range(1, 7)})
    changed = investment.compute(tables, none)
    for scheme in ("home-first", "hub", "framework"):
        assert (years_of(changed, scheme)["gross"] == years_of(invented, scheme)["gross"]).all()
    ratio = years_of(changed, "step-down")["gross"].sum() / years_of(invented, "step-down")["gross"].sum()
    assert ratio == pytest.approx(1 / 0.85)


def test_capital_and_its_repayment_are_not_both_counted(tables, assumptions, invented):
    """The flats' present value holds their £300,000 once, whatever borrowing costs and however long it lasts."""
    # 0.3 + 0.46·(1 + 1/1.035 + 1/1.035² + 1/1.035³) = 2.048753
    row = row_of(invented, "step-down")
    assert row["pv_investment"] == pytest.approx(300_000 + 460_000 * sum(1.035**-t for t in range(4)))
    dear = with_values(assumptions, borrowing_rate=0.12, asset_life=5)
    other = investment.compute(tables, dear)
    assert row_of(other, "step-down")["pv_investment"] == row["pv_investment"]
    shown = [one.only("ardmoral", NOW).table("capital").frame["borrowed"].iloc[0] for one in (invented, other)]
    # 300·0.05/(1 − 1.05^−25) = 21.285737;  300·0.12/(1 − 1.12^−5) = 83.222920
    assert shown == pytest.approx([21.285737, 83.222920], abs=5e-7)


def test_schemes_one_after_the_other(tables, assumptions):
    """Two schemes that each take 60% of one cost bring 60% and then 60% of the rest: 84%, never 120%."""
    flows = [costs(Y1, Y1, 1e5, scheme="a"), costs(Y1, Y1, 1e5, scheme="b")]
    flows += [flow("benefit", Y1, Y1, 6e6, scheme=one) for one in ("a", "b")]
    flat = with_values(assumptions, budget_uplift=0.0, do_nothing_growth=0.0)
    result = investment.compute(place(tables, flows, 10e6), flat)
    assert [years_of(result, one)["gross"][Y1] for one in ("a", "b")] == pytest.approx([6e6, 2.4e6])
    assert sum(years_of(result, one)["cash"][Y1] for one in ("a", "b")) == pytest.approx(8.4e6)


def test_a_later_scheme_has_only_what_comes_on_top(tables, assumptions, invented):
    """Falls prevention takes a share of what the hub has left of care at home, and without the hub of all of it."""
    flows, schemes = tables["scheme_flows"], tables["schemes"]
    alone = {
        **tables,
        "scheme_flows": flows[flows["scheme"] != "hub"],
        "schemes": schemes[schemes["scheme"] != "hub"],
    }
    without = investment.compute(alone, assumptions)
    lines = [
        one.tables["lines"].query("scheme == 'prevention' and service == 'home-care' and year == @Y1")["gross"].sum()
        for one in (invented, without)
    ]
    # £2.5 million of the hub on a cost of (20,352,723 + 2,500,000)·1.04 in 2027/28
    assert lines[0] / lines[1] == pytest.approx(1 - 2.5e6 / (22_852_723 * 1.04))
    # half a year's lag, a quarter of the ramp: 352,745.51625·0.125
    assert lines[1] == pytest.approx((177_502.185 + 175_243.33125) * 0.125)


def test_present_values_in_different_prices_are_not_added(tables, assumptions, invented):
    """Hadderley's schemes, in prices of two years, have no total; in prices of one year they have their sum."""
    shown = invented.only("hadderley", NOW).table("schemes")
    assert not shown.total
    assert len(shown.frame) == 3
    alike = {**tables, "scheme_flows": tables["scheme_flows"].assign(price_base=NOW)}
    added = investment.compute(alike, assumptions).only("hadderley", NOW).table("schemes")
    assert added.total
    assert added.frame["cost"].iloc[-1] == pytest.approx(added.frame["cost"].iloc[:-1].sum())
    assert len(added.frame) == 4


def test_cash_of_later_years_is_deflated(tables, assumptions):
    """Amounts in cash of their years are first deflated, then discounted; amounts in prices of one year are not."""
    plain = [costs(NOW, Y1, 1e6), flow("benefit", Y1, Y1, 1e6)]
    cash = [{**row, "price_base": ""} for row in plain]
    real, nominal = (investment.compute(place(tables, rows), assumptions) for rows in (plain, cash))
    index = assumptions["gdp_deflator"].value
    # 1.0 + 1.0/1.035;  1.0 + 1.0·(index of 2026/27 / index of 2027/28)/1.035
    assert row_of(real, "one")["pv_investment"] == pytest.approx(1e6 + 1e6 / 1.035)
    assert row_of(nominal, "one")["pv_investment"] == pytest.approx(1e6 + 1e6 * index[NOW] / index[Y1] / 1.035)
    assert (years_of(nominal, "one")["investment"] == years_of(real, "one")["investment"]).all()


def test_nothing_is_changed_that_was_read(tables, assumptions):
    """Working out the investment leaves the tables that were read as they were."""
    before = {name: frame.copy(deep=True) for name, frame in tables.items()}
    investment.compute(tables, assumptions, growth_from="people").only("hadderley", NOW).checks()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(tables[name], frame)

"""The baseline for all partnerships: published figures, identities, and ways of being wrong that look right."""

import re

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ijbtools.inputs import read
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics import baseline

steady = settings(
    deadline=None,
    derandomize=True,
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

HALF_PENNY = 0.005
BEFORE, NOW, NEXT = "2025/26", "2026/27", "2027/28"
NHS, COUNCIL = "nhs-norland", "strathorran-council"
PAGES = [
    ("strathorran", "2026/27 Q2"),
    ("strathorran", "2025/26 Q3"),
    ("strathorran", "2023/24"),
    ("ardmoral", "2026/27 Q1"),
    ("ardmoral", "2024/25"),
    ("hadderley", "2026/27 Q2"),
]


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships."""
    return dict(read(root / "data" / "sample" / "invented"))


@pytest.fixture(scope="module")
def invented(tables, assumptions):
    """The baseline of the three invented partnerships."""
    return baseline.compute(tables, assumptions)


@pytest.fixture(scope="module")
def public(scotland, assumptions):
    """The baseline of Scotland's partnerships, of which only public figures are known."""
    return baseline.compute(scotland, assumptions)


def lines(columns, rows, **same):
    """Rows as a frame with the same values in further columns."""
    return pd.DataFrame([tuple(row) for row in rows], columns=columns.split()).assign(**same)


def place(spent, money, model="body_corporate", changes=(), savings=(), forecast=()):
    """Tables of one made-up partnership, in which every partner has one service. Rows are

    spent: partner, year, recurring, non_recurring
    money: partner, to_partner, year, amount, recurrence, kind, status
    changes: partner, year, period, step, amount, recurrence
    savings: partner, target, forecast, inherited (of 2026/27)
    forecast: partner, amount, one-off part (of 2026/27)
    """
    services = {NHS: "prescribing", COUNCIL: "home-care"}
    partnerships = lines(
        "partnership name nation model model_from kind host started_on",
        [("strathorran", "Strathorran", "scotland", model, "2016-04-01", "invented", "", "")],
    )
    partners = lines(
        "partner name sector regime",
        [
            (NHS, "NHS Norland", "health_board", "break_even"),
            (COUNCIL, "Strathorran Council", "council", "reserves"),
            ("strathorran-ijb", "Strathorran IJB", "ijb", "reserves"),
        ],
        partnership="strathorran",
    )
    catalogue = lines(
        "service name category care_group setting prescribed",
        [
            ("prescribing", "Prescribing", "b", "all", "community", "yes"),
            ("home-care", "Care at home", "e", "older_people", "community", "yes"),
        ],
    )
    empty = float("nan")
    budgets = lines("partner year recurring non_recurring", spent, partnership="strathorran", scope="delegated")
    budgets = budgets.assign(host="", locality="", outturn=empty, outturn_one_off=empty)
    funding = lines("partner to_partner year amount recurrence kind status", money, partnership="strathorran")
    moved = lines(
        "partner year period step amount recurrence", changes, partnership="strathorran", funded_by="", note=""
    )
    listed = lines("partner target forecast inherited", savings, partnership="strathorran", year=NOW, delivered=0.0)
    listed = listed.assign(recurrence="recurring", owner="Head of care", rating="red", saving=range(len(savings)))
    expected = lines("partner forecast forecast_one_off", forecast, partnership="strathorran", month="2026-09")
    expected = expected.assign(actual=empty, actual_to_date=1.0, budget=empty, one_off=empty)
    found = {
        "partnerships": partnerships,
        "partners": partners,
        "services": catalogue,
        **{
            name: frame.assign(service=frame["partner"].map(services))
            for name, frame in (("budgets", budgets), ("changes", moved), ("savings", listed), ("spending", expected))
        },
        "funding": funding.assign(condition="", dated="2026-03-01"),
    }
    return {name: frame for name, frame in found.items() if len(frame)}


def agreed(partner, amount, recurrence="recurring", kind="base", year=NOW, to="", status="agreed"):
    return (partner, to, year, float(amount), recurrence, kind, status)


def row_of(result, year=NOW):
    """The line of the summary for the year."""
    rows = result.tables["summary"]
    return rows[rows["year"] == year].iloc[0]


def with_values(assumptions, **values):
    """The assumptions with other values; a dictionary is one by year."""
    as_value = {name: one if isinstance(one, dict) else {"always": one} for name, one in values.items()}
    changed = {
        name: one.model_copy(update={"value": as_value[name]}) if name in values else one
        for name, one in assumptions.items()
    }
    return Assumptions(changed, assumptions.sources)


# Published and worked examples


def test_gap_of_aberdeen_city_2017_18(assumptions):
    """Pressures of 3,988 and a cut in funding of 3,090 are a gap of 7,078; only the pressures are evidence."""
    # Aberdeen City IJB, budget 2017/18, £000: 2,206 + 255 + 22 + 415 + 9 + 559 + 522 = 3,988;  3,988 + 3,090 = 7,078
    pressures = [2_206, 255, 22, 415, 9, 559, 522]
    steps = ["pay", "price", "demand", "new_commitment", "full_year_effect", "pay", "price"]
    moved = [(NHS, NOW, "", step, 1e3 * amount, "recurring") for step, amount in zip(steps, pressures, strict=True)]
    spent = [(NHS, BEFORE, 200e6, 0.0), (NHS, NOW, 203_988e3, 0.0)]
    money = [agreed(NHS, 200e6, year=BEFORE), agreed(NHS, 200e6 - 3_090e3)]
    row = row_of(baseline.compute(place(spent, money, changes=moved), assumptions))
    assert (row["evidence"], row["gap"], row["gap_r"]) == (3_988e3, 7_078e3, 7_078e3)
    assert row["uplift_rate"] == pytest.approx(-3_090 / 200_000)


def test_three_years_of_spending_on_the_page(assumptions):
    """A budget of 112 after 100, 105 and 110.25 passes in cash and is 3.8 short at 5% inflation: the page says so."""
    years = ["2023/24", "2024/25", BEFORE]
    tables = place([(NHS, year, 112e6, 0.0) for year in [*years, NOW]], [agreed(NHS, 112e6)])
    tables["budgets"]["outturn"] = [100e6, 105e6, 110.25e6, float("nan")]
    dear = with_values(assumptions, gdp_deflator={year: 1.05**n for n, year in enumerate([*years, NOW])})
    page = baseline.compute(tables, dear).only("strathorran", NOW)
    row = page.figure("services").table.frame.iloc[0]
    assert row["mean_cash"] == pytest.approx(105.083, abs=0.0005)
    assert (row["mean"], row["latest"]) == (pytest.approx(115.7625), pytest.approx(115.7625))
    assert row["short"] == pytest.approx(3.7625)
    tests = page.table("tests").frame
    assert tests["rating"].iloc[0] == "not met"
    assert re.search(r"£3\.8\smillion.* cash, 0 would have failed", tests["sentence"].iloc[0])
    flat = with_values(assumptions, gdp_deflator=dict.fromkeys([*years, NOW], 1.0))
    assert baseline.compute(tables, flat).only("strathorran", NOW).table("tests").frame["rating"].iloc[0] == "met"


def test_social_work_in_scotland_2024_25(public):
    """Scotland's councils spent £4,873,130 thousand net on social work in 2024/25."""
    facts = public.facts()
    rows = facts[(facts["measure"] == "social_work_net_expenditure") & (facts["period"] == "2024/25")]
    assert rows["amount"].sum() == 4_873_130_000  # Scottish Local Government Finance Statistics 2024/25, Scotland
    assert rows["to_partner"].nunique() == 32


# Identities

million = st.integers(0, 300).map(lambda n: n * 1e6)
small = st.integers(-9_000_000_00, 9_000_000_00).map(lambda pence: pence / 100)


@steady
@given(
    spent=st.tuples(million, small, million, small),
    money=st.tuples(million, small, million, small),
    reserves=million,
    model=st.sampled_from(["body_corporate", "pooled_fund", "aligned"]),
)
def test_gaps_and_resources(assumptions, spent, money, reserves, model):
    """The gap is its recurring and one-off part, reserves come beneath, and every model plans for the same sum."""
    rows = [(NHS, NOW, *spent[:2]), (COUNCIL, NOW, *spent[2:])]
    given_money = [
        agreed(partner, amount, recurrence)
        for partner, pair in ((NHS, money[:2]), (COUNCIL, money[2:]))
        for amount, recurrence in zip(pair, ("recurring", "non_recurring"), strict=True)
    ]
    kept = agreed("strathorran-ijb", reserves, "non_recurring", "reserves")
    result = baseline.compute(place(rows, [*given_money, kept], model), assumptions)
    if not any(spent):
        assert result.tables["summary"].empty
        return
    row = row_of(result)
    assert row["gap"] == pytest.approx(sum(spent) - sum(money), abs=HALF_PENNY)
    assert row["gap"] == pytest.approx(row["gap_r"] + row["gap_n"], abs=HALF_PENNY)
    assert row["gap"] - row["left"] == pytest.approx(reserves, abs=HALF_PENNY)
    balanced = row["left"] <= HALF_PENNY
    assert row["hidden"] == pytest.approx(max(0.0, row["gap_r"]) if balanced else 0.0, abs=HALF_PENNY)
    page = result.only("strathorran", NOW)
    if page.shows("resources"):
        shown = page.table("resources").frame.groupby("model")["all"].sum()
        assert len(shown) == 5
        assert (shown - shown.iloc[0]).abs().max() < 1e-6


@steady
@given(
    flows=st.lists(st.integers(1, 200).map(lambda n: n * 1e6), min_size=4, max_size=4),
    once=st.integers(0, 9).map(lambda n: n * 1e6),
)
def test_hosts_hold_what_was_brought(assumptions, flows, once):
    """Own before delegation, and received less passed on, add up over both hosts to what both brought in."""
    pairs = [(NHS, NHS), (NHS, COUNCIL), (COUNCIL, NHS), (COUNCIL, COUNCIL)]
    money = [agreed(payer, amount, to=to) for (payer, to), amount in zip(pairs, flows, strict=True)]
    money.append(agreed(COUNCIL, once, "non_recurring", "one_off", to=NHS))
    held = {NHS: flows[0] + flows[2] + once, COUNCIL: flows[1] + flows[3]}
    spent = [(NHS, NOW, flows[0] + flows[2], once), (COUNCIL, NOW, held[COUNCIL], 0.0)]
    page = baseline.compute(place(spent, money, "lead_agency"), assumptions).only("strathorran", NOW)
    rows = page.table("hosts").frame.set_index("who")
    assert rows.loc["NHS Norland", "holds"] == pytest.approx(held[NHS] / 1e6)
    assert rows.loc["Strathorran Council", "holds"] == pytest.approx(held[COUNCIL] / 1e6)
    assert rows["holds"].iloc[-1] == pytest.approx(rows["own"].iloc[-1]) == pytest.approx((sum(flows) + once) / 1e6)
    assert rows["received"].iloc[-1] == pytest.approx(-rows["passed"].iloc[-1])


@steady
@given(
    base=st.tuples(million, million),
    pressure=st.tuples(million, million),
    saved=st.tuples(million, million),
    once=small,
    uplift=st.integers(-20, 20).map(lambda n: n * 1e6),
    target=st.integers(0, 20).map(lambda n: n * 1e6),
    expected=st.one_of(st.none(), st.tuples(million, small, million, small)),
)
def test_next_year_and_scenarios(assumptions, base, pressure, saved, once, uplift, target, expected):
    """The drivers of next year's gap are the central plan's gap; favourable is never above it, adverse never below."""
    moved = [(p, NEXT, "", "demand", amount, "recurring") for p, amount in zip((NHS, COUNCIL), pressure, strict=True)]
    moved += [(p, NEXT, "", "saving", -amount, "recurring") for p, amount in zip((NHS, COUNCIL), saved, strict=True)]
    moved.append((NHS, NEXT, "", "new_commitment", once, "non_recurring"))
    spent = [(NHS, NOW, base[0] + 1e6, 0.0), (COUNCIL, NOW, base[1] + 1e6, 0.0)]
    money = [agreed(NHS, 100e6), agreed(NHS, 100e6 + uplift, year=NEXT, status="offered")]
    money.append(agreed(COUNCIL, 1e6, "non_recurring", "one_off", year=NEXT, status="offered"))
    forecast = [(NHS, *expected[:2]), (COUNCIL, *expected[2:])] if expected else []
    savings = [(NHS, target, target / 4, "no")]
    tables = place(spent, money, changes=moved, savings=savings, forecast=forecast)
    result = baseline.compute(tables, assumptions)
    assert [check.name for check in result.checks() if "planned year" in check.name and not check.holds] == []
    page = result.only("strathorran", result.periods("strathorran")[-1])
    plan = page.tables["plan"].query(f"from_year == '{NOW}' and year == '{NEXT}'").set_index("scenario")
    drivers = page.table("next_year")
    divisor = 1e6 if "£ million" in drivers.subtitle else 1e3 if "£ thousand" in drivers.subtitle else 1.0
    assert drivers.frame["all"].iloc[-1] * divisor == pytest.approx(plan.loc["central", "gap"], abs=HALF_PENNY)
    base_cost = sum(expected[::2]) - sum(expected[1::2]) if expected else sum(base) + 2e6 + target * 0.75
    known = base_cost + sum(pressure) - sum(saved) + once - (100e6 + uplift) - 1e6
    assert plan.loc["central", "gap"] == pytest.approx(known, abs=HALF_PENNY)
    gaps = plan.loc[["favourable", "central", "adverse"], "gap"].tolist()
    assert gaps[0] <= gaps[1] + HALF_PENNY <= gaps[2] + 2 * HALF_PENNY


def test_three_scenarios(assumptions):
    """Pressures, savings and uplift stand at the ends of their ranges in each year ahead, uplift upon uplift."""
    years = (NEXT, "2028/29")
    moved = [
        (NHS, year, "", step, amount, "recurring")
        for year in years
        for step, amount in (("pay", 10e6), ("saving", -5e6))
    ]
    money = [agreed(NHS, 100e6, year=year) for year in (NOW, *years)]
    tables = place([(NHS, NOW, 100e6, 0.0)], money, changes=moved)
    plan = baseline.compute(tables, assumptions).tables["plan"].query(f"from_year == '{NOW}'")
    gaps = plan.set_index(["scenario", "year"])["gap"] / 1e6
    # favourable: 100 + 10 · 0.8 − 5 − 100 · 1.01 = 2.0;  106 − 100 · 1.01² = 3.99
    assert gaps["favourable"].tolist() == pytest.approx([2.0, 3.99])
    assert gaps["central"].tolist() == pytest.approx([5.0, 10.0])
    # adverse: 100 + 10 · 1.2 − 5 · 0.6 − 100 · 0.99 = 10.0;  118 − 100 · 0.99² = 19.99
    assert gaps["adverse"].tolist() == pytest.approx([10.0, 19.99])


@pytest.mark.parametrize(("partnership", "period"), PAGES)
def test_the_drivers_are_next_years_gap(invented, partnership, period):
    """After an outturn or with a forecast, the drivers by partner add up to the gap with which the plan begins."""
    page = invented.only(partnership, period)
    plan = page.tables["plan"].query(f"from_year == '{page.period.financial_year}' and scenario == 'central'")
    rows = page.table("next_year").frame
    assert rows["all"].iloc[-1] == pytest.approx(plan["gap"].iloc[0] / 1e6, abs=1e-6)
    assert rows.iloc[-1, 1:-1].sum() == pytest.approx(rows["all"].iloc[-1], abs=1e-6)


@pytest.mark.parametrize(("partnership", "period"), PAGES)
def test_contributions_are_what_each_brings(invented, partnership, period):
    """Each partner's column adds up to what it brings, and each line to what is spent on it."""
    page = invented.only(partnership, period)
    rows = page.table("contributions").frame
    given_money = page.tables["brought"].query(f"year == '{page.period.financial_year}'")
    brought = given_money.groupby("partner")["amount"].sum() / 1e6
    for partner, amount in brought.items():
        assert rows[partner].iloc[:-1].sum() == pytest.approx(amount, abs=1e-6) == pytest.approx(rows[partner].iloc[-1])
    inner = rows.set_index("what").drop(columns="all")
    assert inner.sum(axis=1).to_numpy() == pytest.approx(rows["all"].to_numpy(), abs=1e-6)
    assert len(page.figure("contributions").frame)


@pytest.mark.parametrize(("partnership", "period"), PAGES)
def test_resources_are_the_same_under_every_model(invented, partnership, period):
    """Whoever would hold it, the same money is planned for: what is brought, and what is set aside."""
    page = invented.only(partnership, period)
    year = page.period.financial_year
    aside = page.tables["budgets"].query(f"year == '{year}' and scope == 'set_aside'")["recurring"].sum()
    whole = (page.tables["brought"].query(f"year == '{year}'")["amount"].sum() + aside) / 1e6
    shown = page.table("resources").frame.groupby("model")["all"].sum()
    assert len(shown) >= 4
    assert shown.tolist() == pytest.approx([whole] * len(shown))


def test_order_of_rows_does_not_matter(invented, tables, assumptions):
    """The rows of every table may stand in any order."""
    mixed = {name: frame.sample(frac=1.0, random_state=7) for name, frame in tables.items()}
    keys = ["partnership", "period", "measure", "from_partner", "to_partner", "amount"]
    one, two = (
        result.facts().sort_values(keys).reset_index(drop=True)
        for result in (invented, baseline.compute(mixed, assumptions))
    )
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("partnership", ["strathorran", "ardmoral", "hadderley"])
def test_one_result_for_all_is_the_result_for_each(invented, tables, assumptions, partnership):
    """A partnership's figures are the same whether it is computed alone or with the others."""
    own = {
        name: frame[frame["partnership"] == partnership]
        if "partnership" in frame and name not in ("shares", "bed_days")  # parts of these are of elsewhere
        else frame
        for name, frame in tables.items()
    }
    alone = baseline.compute(own, assumptions).only(partnership, "2026/27 Q2")
    among = invented.only(partnership, "2026/27 Q2")
    pd.testing.assert_frame_equal(alone.facts(), among.facts())
    assert alone.sentences() == among.sentences()


# Ways of being wrong that look right


def test_a_one_off_cost_is_not_carried_into_the_years_ahead(assumptions):
    """A cost of one year is in that year's gap, and the year after begins without it."""
    later = "2028/29"
    moved = [(NHS, NEXT, "", "demand", 5e6, "non_recurring"), (NHS, later, "", "demand", 2e6, "recurring")]
    money = [agreed(NHS, 100e6, year=year) for year in (NOW, NEXT, later)]
    plan = baseline.compute(place([(NHS, NOW, 100e6, 0.0)], money, changes=moved), assumptions).tables["plan"]
    gaps = plan[plan["scenario"] == "central"].set_index("year")["gap"]
    assert gaps.to_dict() == {NEXT: 5e6, later: 2e6}


@pytest.mark.parametrize("kind", ["reserves", "overspend_share"])
def test_what_is_no_funding(assumptions, kind):
    """Reserves, and a partner's share of an overspend, are no part of what partners bring."""
    money = [agreed(NHS, 100e6), agreed(NHS, 7e6, "non_recurring", kind)]
    result = baseline.compute(place([(NHS, NOW, 107e6, 0.0)], money), assumptions)
    row = row_of(result)
    assert (row["f_r"], row["f_n"], row["gap"]) == (100e6, 0.0, 7e6)
    assert row["left"] == (0.0 if kind == "reserves" else 7e6)
    assert result.only("strathorran", NOW).table("resources").frame["all"].max() == 100.0


def test_reserves_that_are_only_asked_for_are_not_used(assumptions):
    """Reserves count when whoever holds them agreed, and not before."""
    money = [agreed(NHS, 100e6), agreed(NHS, 7e6, "non_recurring", "reserves", status="asked")]
    assert row_of(baseline.compute(place([(NHS, NOW, 107e6, 0.0)], money), assumptions))["left"] == 7e6


def test_an_offer_does_not_stand_beside_what_is_agreed(assumptions):
    """Where a partner agreed, its offers and what was asked of it do not count; the other partner's offer does."""
    money = [agreed(NHS, 100e6), agreed(NHS, 3e6, kind="uplift", status="offered"), agreed(NHS, 120e6, status="asked")]
    money.append(agreed(COUNCIL, 50e6, status="offered"))
    result = baseline.compute(place([(NHS, NOW, 150e6, 0.0)], money), assumptions)
    brought = result.tables["brought"].set_index("partner")
    assert brought["amount"].to_dict() == {NHS: 100e6, COUNCIL: 50e6}
    assert brought["standing"].to_dict() == {NHS: "agreed", COUNCIL: "offered"}
    page = result.only("strathorran", NOW)
    assert "Strathorran Council" in page.sentences()["caution"]
    assert "NHS Norland" not in page.sentences()["caution"]


def test_an_earlier_offer_is_not_added_to_a_later(assumptions):
    """Of several offers the latest stands alone, even where it is the lower one."""
    money = [agreed(NHS, 97e6, status="offered"), agreed(NHS, 99e6, status="offered")]
    tables = place([(NHS, NOW, 100e6, 0.0)], money)
    tables["funding"]["dated"] = ["2026-03-01", "2026-01-15"]
    assert row_of(baseline.compute(tables, assumptions))["f_r"] == 97e6


def test_what_is_agreed_on_several_days_adds_up(assumptions):
    """Agreed money is added whenever it was agreed: only offers and demands replace each other."""
    tables = place([(NHS, NOW, 100e6, 0.0)], [agreed(NHS, 90e6), agreed(NHS, 10e6, kind="uplift")])
    tables["funding"]["dated"] = ["2026-01-15", "2026-03-01"]
    assert row_of(baseline.compute(tables, assumptions))["f_r"] == 100e6


@pytest.mark.parametrize("step", ["virement", "allocation", "transfer_in", "saving"])
def test_only_pressures_are_evidence(assumptions, step):
    """A virement, an allocation, a transfer or a saving is no pressure on the budget."""
    amount = -4e6 if step == "saving" else 4e6
    moved = [(NHS, NOW, "", "pay", 3e6, "recurring"), (NHS, NOW, "", step, amount, "recurring")]
    moved.append((NHS, NOW, "", "price", 2e6, "non_recurring"))
    spent = [(NHS, BEFORE, 100e6, 0.0), (NHS, NOW, 103e6 + amount, 0.0)]
    money = [agreed(NHS, 100e6, year=BEFORE), agreed(NHS, 103e6 + amount)]
    result = baseline.compute(place(spent, money, changes=moved), assumptions)
    assert row_of(result)["evidence"] == 3e6
    assert row_of(result)["evidence_rate"] == pytest.approx(0.03)


def test_inherited_savings_are_counted_once(assumptions):
    """Next year carries a saving that is not delivered once, whether or not it was inherited and whoever forecasts."""
    savings = [(NHS, 4e6, 0.0, "yes"), (NHS, 3e6, 2e6, "no")]
    spent, money = [(NHS, NOW, 100e6, 0.0)], [agreed(NHS, 100e6), agreed(NHS, 100e6, year=NEXT)]
    row = row_of(baseline.compute(place(spent, money, savings=savings), assumptions))
    assert (row["target"], row["expected"], row["inherited"], row["undelivered"]) == (7e6, 2e6, 4e6, 5e6)
    assert row["next_base"] == 105e6
    # a forecast already has what is not delivered in it: 108 − 100 − 5 = 3 of overspend comes again
    told = baseline.compute(place(spent, money, savings=savings, forecast=[(NHS, 108e6, 0.0)]), assumptions)
    assert (row_of(told)["next_base"], row_of(told)["overspend_recurring"]) == (108e6, 3e6)


def test_a_saving_beyond_its_target_does_not_hide_another(assumptions):
    """What one saving brings beyond its target is not set against another that is not delivered."""
    savings = [(NHS, 4e6, 0.0, "yes"), (NHS, 3e6, 5e6, "no")]
    result = baseline.compute(place([(NHS, NOW, 100e6, 0.0)], [agreed(NHS, 100e6)], savings=savings), assumptions)
    assert row_of(result)["undelivered"] == 4e6


def test_an_earlier_forecast_does_not_stand_beside_the_latest(assumptions):
    """Of several forecasts of a year the latest alone counts."""
    tables = place([(NHS, NOW, 100e6, 0.0)], [agreed(NHS, 100e6)], forecast=[(NHS, 103e6, 1e6), (NHS, 108e6, 2e6)])
    tables["spending"]["month"] = ["2026-09", "2026-06"]
    row = row_of(baseline.compute(tables, assumptions))
    assert (row["forecast"], row["forecast_one_off"], row["next_base"]) == (103e6, 1e6, 102e6)


def test_a_change_within_the_year_moves_only_the_revised_budget(assumptions):
    """What changed in the first two quarters is in the revised budget, and in no bridge, evidence or plan."""
    moved = [(NHS, NOW, "2026/27 Q1", "allocation", 4e6, "recurring")]
    moved.append((NHS, NOW, "2026/27 Q2", "demand", 2e6, "recurring"))
    moved.append((NHS, NEXT, "2027/28 Q1", "demand", 9e6, "recurring"))
    spent = [(NHS, BEFORE, 100e6, 0.0), (NHS, NOW, 100e6, 0.0)]
    money = [agreed(NHS, 100e6, year=year) for year in (BEFORE, NOW, NEXT)]
    result = baseline.compute(place(spent, money, changes=moved), assumptions)
    assert set(result.tables["bridge"]["step"]) == {"opening", "closing"}
    assert row_of(result)["evidence"] == 0.0
    assert result.tables["plan"].query(f"from_year == '{NOW}'")["gap"].abs().max() <= 0.01 * 100e6  # uplift alone
    page = result.only("strathorran", NOW)
    assert page.table("revised").frame["all"].tolist() == pytest.approx([100.0, 2.0, 4.0, 106.0])


def test_the_revised_budget_is_that_of_the_pages_day(invented):
    """Changes of a later quarter are not in the revised budget of an earlier page, and are in the later one's."""
    early, late = (invented.only("strathorran", f"2026/27 Q{quarter}") for quarter in (1, 2))
    moves = early.tables["changes"].query("year == '2026/27' and period == '2026/27 Q2'")["amount"].sum()
    totals = [page.table("revised").frame["all"].iloc[-1] for page in (early, late)]
    assert abs(moves) > HALF_PENNY
    assert totals[1] - totals[0] == pytest.approx(moves / 1e6)


def test_neighbours_keep_their_shares(invented):
    """Narrowed to one partnership, a hosted service still shows who else uses it, and all shares are there."""
    rows = invented.only("strathorran", "2025/26").table("hosted").frame
    assert len(rows) == 4  # Strathorran, Eastmuir, Glenfirth and all
    budget = invented.tables["in_budget"].query("scope == 'hosted' and year == '2025/26'")["recurring"].sum()
    assert rows["budget"].iloc[:-1].sum() == pytest.approx(budget / 1e6)


def test_people_of_elsewhere_keep_their_days(invented):
    """Narrowed to one partnership, a bed day still costs what it costs with everybody's days."""
    use = invented.only("strathorran", "2026/27 Q2").tables["use"].query("year == '2025/26'")
    assert use.set_index("specialty")["unit_cost"].to_dict() == {"Geriatric medicine": 380, "General medicine": 500}


def test_what_is_retained_is_no_part_of_the_budget(invented):
    """What a partner keeps, or sets aside for hospitals, is in no bridge, category or gap."""
    outside = {"acute-other", "geriatric-medicine", "general-medicine"}
    for name in ("in_budget", "bridge", "changes", "forecasts", "outlook"):
        assert not outside & set(invented.tables[name]["service"]), name


def test_a_page_does_not_see_beyond_its_year(invented):
    """The page of an earlier year shows set-aside, sums passed and money in real terms up to that year only."""
    page = invented.only("ardmoral", "2025/26")
    assert not page.table("quantum").frame["flow"].str.contains("2026/27").any()
    assert page.table("real_terms").frame["year"].max() == "2025/26"
    used = invented.only("strathorran", "2024/25").table("set_aside").frame["days"]
    assert used.iloc[-1] == 29_300 + 40_300

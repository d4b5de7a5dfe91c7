"""A baseline from tables that are sent in part: what is not known is said, and never taken for nothing."""

import pandas as pd
import pytest

from ijbtools import report
from ijbtools.errors import InputRefused
from ijbtools.inputs import read
from ijbtools.topics import baseline
from ijbtools.topics.result import FACT_COLUMNS

NOW = "2026/27"
MILLION = 1_000_000


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships."""
    return dict(read(root / "data" / "sample" / "invented"))


def without(frame, **values):
    """The rows of a frame that do not have all of these values."""
    same = pd.concat([frame[name] == value for name, value in values.items()], axis=1).all(axis=1)
    return frame[~same]


def summary(tables, assumptions, partnership, year=NOW):
    rows = baseline.compute(tables, assumptions).tables["summary"]
    return rows[(rows["partnership"] == partnership) & (rows["year"] == year)].iloc[0]


def test_facts_of_nothing_are_an_empty_table(tables, assumptions):
    """Partnerships and partners alone give facts without a row, and with all their columns."""
    bare = {name: tables[name] for name in ("partnerships", "partners")}
    facts = baseline.compute(bare, assumptions).facts()
    assert list(facts.columns) == list(FACT_COLUMNS)
    assert len(facts) == 0


def test_facts_of_all_partnerships_have_each_measure_once(tables, assumptions):
    """Over all partnerships and years, a measure of a partnership, period and pair of partners is there once."""
    facts = baseline.compute(tables, assumptions).facts()
    keys = ["partnership", "period", "measure", "from_partner", "to_partner"]
    assert not facts.duplicated(keys).any()
    assert set(facts["status"]) == {"assumed"}


@pytest.mark.parametrize(("table", "year"), [("spending", NOW), ("budgets", "2025/26")])
def test_a_part_of_the_spending_is_not_the_whole(tables, assumptions, table, year):
    """Where one partner has not said what its year comes to, the year of the partnership is not known."""
    frame = tables[table].copy()
    own = frame["partner"] == "strathorran-council"
    columns = ["forecast", "forecast_one_off"] if table == "spending" else ["outturn", "outturn_one_off"]
    frame.loc[own & ((frame["year"] == year) if "year" in frame else True), columns] = float("nan")
    row = summary({**tables, table: frame}, assumptions, "strathorran", year)
    assert pd.isna(row["forecast" if table == "spending" else "outturn"])


def test_a_line_without_a_forecast_is_taken_at_its_budget(tables, assumptions):
    """A service that its partner did not forecast with the others counts as its budget: 257.0 less its overspend."""
    frame = tables["spending"].copy()
    line = (frame["partner"] == "nhs-norland") & (frame["service"] == "prescribing") & frame["forecast"].notna()
    said = frame.loc[line & (frame["month"] == "2026-09"), "forecast"].sum()
    frame.loc[line, ["forecast", "forecast_one_off"]] = float("nan")
    budgets = tables["budgets"]
    own = budgets[(budgets["partner"] == "nhs-norland") & (budgets["service"] == "prescribing")]
    own = own[own["year"] == NOW][["recurring", "non_recurring"]].sum().sum()
    row = summary({**tables, "spending": frame}, assumptions, "strathorran")
    assert row["forecast"] == pytest.approx(257.0 * MILLION - said + own, abs=0.005)


def test_each_flow_of_a_lead_agency_stands_at_its_own_latest_offer(tables, assumptions):
    """Where nothing is agreed, the latest offer of each flow stands, whenever the partner made its others."""
    frame = without(tables["funding"], partnership="ardmoral", year=NOW, status="agreed")
    row = summary({**tables, "funding": frame}, assumptions, "ardmoral")
    # 25.0 + 75.6432 + 123.97 + 6.5 are the last offers of four dates
    assert row["f_r"] == pytest.approx((25.0 + 75.6432 + 123.97 + 6.5) * MILLION, abs=0.005)


def test_an_offered_one_off_leaves_the_base_offered_before(tables, assumptions):
    """A one-off that is offered later than the base stands beside it."""
    frame = without(tables["funding"], partnership="strathorran", year=NOW, status="agreed")
    row = frame[(frame["partnership"] == "strathorran") & (frame["year"] == NOW) & (frame["status"] == "offered")].iloc[
        -1
    ]
    extra = row.to_frame().T.assign(amount=5e5, recurrence="non_recurring", kind="one_off", dated="2026-04-01")
    before = summary({**tables, "funding": frame}, assumptions, "strathorran")
    after = summary({**tables, "funding": pd.concat([frame, extra])}, assumptions, "strathorran")
    assert (after["f_r"], after["f_n"] - before["f_n"]) == (before["f_r"], 5e5)


def test_budgets_without_funding_claim_no_gap(tables, assumptions):
    """Without the table funding no page, figure or fact says that a budget is not covered."""
    given = {name: frame for name, frame in tables.items() if name != "funding"}
    page = baseline.compute(given, assumptions).only("strathorran", "2026/27 Q2")
    assert "not sent" in page.sentences()["headline"]
    assert "balance" not in page.sentences()["headline"]
    assert not [one.label for one in page.key_figures() if "ap" in one.label.split()[0].casefold()]
    assert not page.facts()["measure"].str.contains("gap|funding").any()


def test_bed_days_without_their_costs(tables, assumptions):
    """Without the table of costs the page comes, and says what it lacks; one specialty without a cost is refused."""
    given = {name: frame for name, frame in tables.items() if name != "specialty_costs"}
    page = baseline.compute(given, assumptions).only("strathorran", "2026/27 Q2")
    assert page.lacks("set_aside") == ("specialty_costs",)
    costs = tables["specialty_costs"]
    with pytest.raises(InputRefused, match="specialty_costs"):
        baseline.compute({**tables, "specialty_costs": costs[costs["specialty"] != "General medicine"]}, assumptions)


def test_scenarios_scale_pressures_and_not_transfers(tables, assumptions):
    """A transfer of £20 million out, with its money, leaves every scenario as far from the central one as before."""
    changes = tables["changes"]
    line = changes[(changes["partnership"] == "hadderley") & (changes["year"] == "2027/28")].iloc[[0]]
    out = line.assign(step="transfer_out", amount=-20e6, recurrence="recurring", note="To the next system")
    plain = baseline.compute(tables, assumptions).tables["plan"]
    moved = baseline.compute({**tables, "changes": pd.concat([changes, out])}, assumptions).tables["plan"]
    keys = ["partnership", "from_year", "scenario", "year"]
    both = plain.merge(moved, on=keys, suffixes=("", "_moved")).query(
        "partnership == 'hadderley' and from_year == @NOW"
    )
    assert (both["gap"] - both["gap_moved"]).to_numpy() == pytest.approx([20e6] * len(both))
    assert both["pressures"].ne(both["pressures_moved"]).any()


def test_a_budget_that_no_bridge_reaches_is_found(tables, assumptions):
    """A service in a budget without a change that brings it leaves a residual; without changes none is checked."""
    budgets = tables["budgets"]
    line = budgets[(budgets["partnership"] == "strathorran") & (budgets["year"] == NOW)].iloc[[0]]
    new = line.assign(service="adult-placement", scope="hosted", recurring=1e6, non_recurring=0.0)
    name = "Closing of the bridge"
    found = baseline.compute({**tables, "budgets": pd.concat([budgets, new])}, assumptions)
    [check] = [one for one in found.only("strathorran", "2026/27 Q2").checks() if one.name.startswith(name)]
    assert abs(check.residual) == pytest.approx(1e6)
    given = {table: frame for table, frame in tables.items() if table != "changes"}
    page = baseline.compute(given, assumptions).only("strathorran", "2026/27 Q2")
    assert not [one for one in page.checks() if one.name.startswith(name)]
    assert all(one.holds for one in page.checks())


@pytest.mark.parametrize("also", [(), ("population",), ("delays", "services")])
def test_a_page_of_nothing_says_what_it_would_show(tables, assumptions, also):
    """Partnerships and partners alone give a page for any period: it says what it needs, and no figure is made up."""
    bare = {name: tables[name] for name in ("partnerships", "partners", *also)}
    page = baseline.compute(bare, assumptions).only("strathorran", "2031/32 Q2")
    assert page.sentences()["headline"].startswith("No budget of Strathorran IJB was sent for 2031/32")
    assert page.key_figures()[0].value == "not sent"
    parts = "".join(one.html for one in (report.headline(page), report.caution(page), report.show(page, *NAMES)))
    assert "Not supplied." in parts
    assert "nan" not in parts
    assert page.checks() == []


NAMES = ("published", "enough", "gap", "services", "savings", "bridge", "contributions", "next_year", "people")


def test_public_figures_stand_for_years_that_are_not_published_yet(root, assumptions):
    """Where only published figures are there, a later page shows them to their last year; far ahead is a slip."""
    scotland = read(root / "data" / "sample" / "scotland")
    result = baseline.compute(scotland, assumptions)
    assert "in 2024/25 Fife Council spent" in result.only("fife", "2026/27 Q2").sentences()["headline"]
    with pytest.raises(InputRefused, match="complete figures"):
        result.only("fife", "2042/43")

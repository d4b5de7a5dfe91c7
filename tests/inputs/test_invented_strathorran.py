"""Strathorran's tables, summed as they are, against the figures of its story. £ million unless said."""

from datetime import date
from pathlib import Path

import pytest

from ijbtools.inputs.reader import read

ROOT = Path(__file__).resolve().parents[2]

ALL = read(ROOT / "data" / "sample" / "invented")
OWN = {name: t[t["partnership"] == "strathorran"] for name, t in ALL.items() if "partnership" in t}
NOW = "2026/27"
NHS, COUNCIL, IJB = "nhs-norland", "strathorran-council", "strathorran-ijb"


def m(pounds):
    """£ million, to the pound."""
    return round(float(pounds) / 1e6, 6)


def of(name, **cells):
    """Rows of a table with these cells; a list of values permits any of them."""
    rows = OWN[name]
    for column, wanted in cells.items():
        rows = rows[rows[column].isin(wanted if isinstance(wanted, list) else [wanted])]
    return rows


def budget(column, year=NOW, scope=("delegated", "hosted"), **cells):
    return m(of("budgets", year=year, scope=list(scope), **cells)[column].sum())


def brought(recurrence, year=NOW, **cells):
    rows = of("funding", year=year, recurrence=recurrence, **{"status": "agreed"} | cells)
    return m(rows.loc[~rows["kind"].isin(["reserves", "overspend_share"]), "amount"].sum())


def change(step, recurrence, year=NOW, **cells):
    return m(of("changes", step=step, recurrence=recurrence, year=year, period="", **cells)["amount"].sum())


def saving(column, year=NOW, **cells):
    return m(of("savings", year=year, **cells)[column].sum())


def closed_months():
    return OWN["spending"][OWN["spending"]["month"].between("2026-04", "2026-09")]


def forecast(column="forecast", **cells):
    return m(of("spending", month="2026-09", **cells)[column].sum())


def test_who_they_are():
    """A body corporate of 120,000 people, 12,500 aged 75 and over, with a board that must break even."""
    assert OWN["partnerships"][["nation", "model", "kind"]].values.tolist() == [
        ["scotland", "body_corporate", "invented"]
    ]
    assert OWN["partners"].set_index("partner")["regime"].to_dict() == {
        NHS: "break_even",
        COUNCIL: "reserves",
        IJB: "reserves",
    }
    people = of("population", year=[2025], status="estimate").set_index("age_group")["people"]
    assert (people.sum(), people["75-84"] + people["85+"]) == (120_000, 12_500)


def test_integrated_budget():
    """The integrated budget is 248.0 and the resources of the strategic plan are 278.0."""
    # NHS 149.0 + 3.0, council 94.0 + 2.0; set-aside 11.0 + 19.0
    assert [brought("recurring", partner=p) for p in (NHS, COUNCIL)] == [149.0, 94.0]
    assert [brought("non_recurring", partner=p) for p in (NHS, COUNCIL)] == [3.0, 2.0]
    set_aside = budget("recurring", scope=["set_aside"])
    assert (set_aside, 149.0 + 3.0 + 94.0 + 2.0, 248.0 + set_aside) == (30.0, 248.0, 278.0)
    assert budget("recurring", scope=["set_aside"], service="geriatric-medicine") == 11.0


def test_gaps():
    """The gap in the year is 2.0, met from reserves, and the hidden recurring gap 9.0."""
    e_r, e_n = budget("recurring"), budget("non_recurring")
    f_r, f_n = brought("recurring"), brought("non_recurring")
    assert (e_r, e_n, f_r, f_n) == (252.0, -2.0, 243.0, 5.0)
    reserves = of("funding", kind="reserves", status="agreed")
    assert reserves[["partner", "year", "amount", "recurrence", "dated"]].values.tolist() == [
        [IJB, NOW, 2_000_000, "non_recurring", "2026-06-24"]
    ]
    # 252.0 − 2.0 − 243.0 − 5.0 = 2.0; 252.0 − 243.0 = 9.0; budget 250.0
    assert (e_r + e_n - f_r - f_n, e_r - f_r, e_r + e_n) == (2.0, 9.0, 250.0)


def test_bridge_of_the_recurring_budget():
    """248.9 + 11.1 − 8.0 = 252.0, and costs of one year less one-off savings are 2.0 − 4.0."""
    steps = ("pay", "price", "demand", "new_commitment", "saving")
    assert budget("recurring", "2025/26") == 248.9
    assert [change(step, "recurring") for step in steps] == [5.0, 3.0, 2.6, 0.5, -8.0]
    assert [change(step, "non_recurring") for step in steps] == [0, 0, 0, 2.0, -4.0]
    assert of("changes", year=NOW, period="")["step"].isin(steps).all()


def test_uplift_and_evidence():
    """The uplift is 2.97%, and the evidence of pay, prices, demand and new commitments 4.70%."""
    last = brought("recurring", "2025/26")
    assert (last, m(of("funding", year=NOW, status="agreed", kind="uplift")["amount"].sum())) == (236.0, 7.0)
    assert round(7.0 / 236.0 * 100, 2) == 2.97
    assert round((5.0 + 3.0 + 2.6 + 0.5) / 236.0 * 100, 2) == 4.70


def test_rounds():
    """Partners were asked for an uplift of 11.1, last offered 5.9 and agreed 7.0; the first offers were lower."""
    uplift = of("funding", year=NOW, kind="uplift")
    last = uplift.sort_values("dated").groupby(["status", "partner"])["amount"].last().groupby("status").sum()
    assert {status: m(amount) for status, amount in last.items()} == {"asked": 11.1, "offered": 5.9, "agreed": 7.0}
    first = uplift[uplift["status"] == "offered"].sort_values("dated").groupby("partner")["amount"].first()
    assert m(first.sum()) == 5.6
    assert (uplift["condition"] != "").all()


def test_agreed_late():
    """The council agreed on 27 February, the board on 14 May, the IJB on 24 June 2026: 85 days after 31 March."""
    agreed = of("funding", year=NOW, status="agreed").groupby("partner")["dated"].agg(lambda days: sorted(set(days)))
    assert agreed.to_dict() == {COUNCIL: ["2026-02-27"], NHS: ["2026-05-14"], IJB: ["2026-06-24"]}
    assert (date(2026, 6, 24) - date(2026, 3, 31)).days == 85


def test_savings():
    """7.0 of 12.0 is expected: 3.5 of 8.0 recurring, of which nothing of the inherited 4.0, and 3.5 of 4.0 one-off."""
    assert (saving("target"), saving("forecast")) == (12.0, 7.0)
    assert [saving(c, inherited="yes") for c in ("target", "forecast", "delivered")] == [4.0, 0.0, 0.0]
    own = {"inherited": "no", "recurrence": "recurring"}
    assert [saving(c, **own) for c in ("target", "forecast")] == [4.0, 3.5]
    assert [saving(c, recurrence="non_recurring") for c in ("target", "forecast")] == [4.0, 3.5]
    assert round(7.0 / 12.0 * 100, 1) == 58.3
    assert (OWN["savings"]["delivered"] <= OWN["savings"]["forecast"].fillna(OWN["savings"]["target"])).all()


def test_inherited_savings_come_back():
    """The same savings of 4.0 stand in every year's list, inherited after the first, and bring nothing."""
    names = set(of("savings", year=NOW, inherited="yes")["saving"])
    for year in ("2023/24", "2024/25", "2025/26", NOW):
        same = of("savings", year=year, saving=list(names))
        assert (m(same["target"].sum()), same["delivered"].sum()) == (4.0, 0)
        assert set(same["inherited"]) == {"no" if year == "2023/24" else "yes"}
        assert set(same["recurrence"]) == {"recurring"}


def test_forecast():
    """The forecast is 257.0 on 250.0: savings 5.0, care at home 2.0, prescribing 1.0, hosted 0.9, vacancies −1.9."""
    assert forecast() == 257.0
    rows = of("budgets", year=NOW, scope=["delegated", "hosted"])
    planned = rows.assign(budget=rows["recurring"] + rows["non_recurring"]).groupby("service")["budget"].sum()
    over = of("spending", month="2026-09").groupby("service")["forecast"].sum() - planned
    listed = of("savings", year=NOW)
    short = (listed["target"] - listed["forecast"]).groupby(listed["service"]).sum().reindex(over.index, fill_value=0)
    assert m(short.sum()) == 5.0
    rest = over - short
    named = {service: m(amount) for service, amount in rest.items() if amount > 0}
    assert named == {"home-care": 2.0, "prescribing": 1.0, "out-of-hours": 0.9}
    assert (m(rest[rest < 0].sum()), m(over.sum()), round(7.0 / 250.0 * 100, 1)) == (-1.9, 7.0, 2.8)


def test_what_comes_again():
    """Of the forecast −3.4 does not come again; 4.5 of savings undelivered and 3.9 of overspends do."""
    # 2.0 one-off costs − 3.5 one-off savings − 1.9 vacancies
    assert forecast("forecast_one_off") == -3.4 == round(2.0 - 3.5 - 1.9, 1)
    recurring = of("savings", year=NOW, recurrence="recurring")
    undelivered = m((recurring["target"] - recurring["forecast"]).sum())
    assert undelivered == 4.5
    assert round(257.0 + 3.4 - 252.0 - undelivered, 6) == 3.9


def test_run_rate():
    """126.9 is spent at month 6, 0.6 of it once, with 49% of the budget due."""
    months = closed_months()
    assert (m(months["actual"].sum()), m(months["one_off"].sum()), m(months["budget"].sum())) == (126.9, 0.6, 122.5)
    assert m(of("spending", month=[f"2026-{n:02d}" for n in range(10, 13)])["actual"].sum()) == 0
    spent, whole = 126.9, 250.0
    assert round(122.5 / whole, 4) == 0.49
    assert round(spent / 6 * 12, 1) == 253.8
    assert round(spent / 6 * 12 - 0.6 * (12 / 6 - 1), 1) == 253.2
    assert round(spent + whole - 122.5, 1) == 254.4
    assert round(spent / 0.49, 2) == 258.98
    assert (round((whole - spent) / 6, 3), round(spent / 6, 2)) == (20.517, 21.15)


def test_no_known_change_lies_ahead():
    """Changes within the current year are all of its first two quarters."""
    own = of("changes", year=NOW)
    assert set(own["period"]) == {"", "2026/27 Q1", "2026/27 Q2"}


def test_who_pays():
    """Recovery is worth 2.5, the general reserve has 2.5 above its floor, and 0.5 of the earmarked can be released."""
    assert m(of("actions", kind="recovery", period="2026/27 Q2")["value"].sum()) == 2.5
    assert m(of("actions", kind="recovery")["value"].sum()) == 2.5
    now = of("reserves", year=NOW)
    general, earmarked = now[now["kind"] == "general"], now[now["kind"] == "earmarked"]
    # 6.5 − 2.0 planned − 2.0 floor = 2.5; 8.0 − 7.5 = 0.5; 7.0 − 2.5 − 2.5 − 0.5 = 1.5 for the partners
    assert m((general["opening"] + general["movement"]).sum() - 2.0e6) == 2.5
    assert m((earmarked["opening"] - earmarked["ring_fenced"]).sum()) == 0.5
    assert (now["committed"] == 0).all()
    nhs, council = brought("recurring", partner=NHS) + 3.0, brought("recurring", partner=COUNCIL) + 2.0
    assert round(1_500_000 * nhs / (nhs + council), 2) == 919_354.84
    assert round(1_500_000 * council / (nhs + council), 2) == 580_645.16


def test_reserves():
    """The general reserve falls 14.0, 11.5, 9.1, 6.5 and the earmarked 10.0, 9.4, 8.4, 8.0, with 7.5 ring-fenced."""
    sums = OWN["reserves"].groupby(["kind", "year"])[["opening", "movement", "ring_fenced"]].sum().map(m)
    assert sums.loc["general", "opening"].tolist() == [14.0, 11.5, 9.1, 6.5]
    assert sums.loc["general", "movement"].tolist() == [-2.5, -2.4, -2.6, -2.0]
    assert sums.loc["earmarked", "opening"].tolist() == [10.0, 9.4, 8.4, 8.0]
    assert sums.loc["earmarked", "movement"].tolist() == [-0.6, -1.0, -0.4, 0.0]
    assert sums.loc["earmarked", "ring_fenced"].tolist() == [7.5] * 4
    assert (round(2.0 / 248.0 * 100, 2), round(0.02 * 248.0, 2)) == (0.81, 4.96)


@pytest.mark.parametrize(
    ("year", "over", "partners", "hidden"),
    [("2023/24", 3.1, 0, 12.0), ("2024/25", 5.4, 2.0, 12.4), ("2025/26", 6.6, 3.6, 12.9)],
)
def test_overspends(year, over, partners, hidden):
    """Each overspend is what the reserves gave and what partners paid, while the recurring gap stayed hidden."""
    outturn, planned = budget("outturn", year), budget("recurring", year) + budget("non_recurring", year)
    paid = m(of("funding", year=year, kind="overspend_share", status="agreed")["amount"].sum())
    used = -m(of("reserves", year=year)["movement"].sum())
    assert (round(outturn - planned, 6), paid, round(used + paid, 6)) == (over, partners, over)
    assert round(budget("recurring", year) - brought("recurring", year), 6) == hidden
    assert of("funding", year=year, kind="overspend_share")["dated"].gt(f"20{year[5:]}-03-31").all()


def test_next_year():
    """The gap of 2027/28 is 19.24, 7.7% of the budget."""
    steps = ("pay", "price", "demand", "new_commitment", "full_year_effect")
    moved = [change(step, "recurring", "2027/28") for step in steps]
    assert moved == [4.2, 2.6, 2.0, 0.3, 0.24]
    assert m(of("changes", year="2027/28")["amount"].sum()) == 9.34
    offered = of("funding", year="2027/28", status="offered").groupby("kind")["amount"].sum()
    assert offered.map(m).to_dict() == {"base": 243.0, "uplift": 7.5}
    gap = 9.0 + 4.5 + 3.9 + sum(moved) - 7.5
    assert (round(9.0 + 4.5 + 3.9, 1), round(gap, 2), round(gap / 250.0 * 100, 1)) == (17.4, 19.24, 7.7)


def test_full_year_effect():
    """A contract of £40,000 a month from 1 October costs 240,000 in the first year, and 240,000 more in the next."""
    places = of("changes", service="care-homes")
    first = places[places["note"].str.startswith("Step-down") & (places["year"] == NOW)]
    later = places[places["step"] == "full_year_effect"]
    assert (first["amount"].tolist(), later["amount"].tolist()) == ([240_000], [40_000 * (12 - 6)])


def test_years_ahead():
    """2028/29 and 2029/30 have pressures, small savings, and offers built on the year before's."""
    for year, before, uplift in (("2028/29", 250.5, 7.6), ("2029/30", 258.1, 7.8)):
        offered = of("funding", year=year, status="offered").groupby("kind")["amount"].sum().map(m)
        assert offered.to_dict() == {"base": before, "uplift": uplift}
        assert change("saving", "recurring", year) == -1.0
    assert set(OWN["budgets"]["year"]) == {"2023/24", "2024/25", "2025/26", NOW}


def test_set_aside():
    """The hospital days of 2025/26 cost 32.0 at £380 and £500 a day."""
    # 28.5m / 75,000 = £380, 60.0m / 120,000 = £500; 30,000 · 380 + 41,200 · 500 = 11.4m + 20.6m
    days = ALL["bed_days"]
    days = days[(days["partner"] == NHS) & (days["year"] == "2025/26")]
    costs = ALL["specialty_costs"]
    costs = costs[(costs["partner"] == NHS) & (costs["year"] == "2025/26")].set_index("specialty")["direct_cost"]
    total = days.groupby("specialty")["bed_days"].sum()
    own = days[days["partnership"] == "strathorran"].set_index("specialty")["bed_days"]
    assert total.to_dict() == {"Geriatric medicine": 75_000, "General medicine": 120_000}
    assert own.to_dict() == {"Geriatric medicine": 30_000, "General medicine": 41_200}
    unit = costs / total
    assert unit.to_dict() == {"Geriatric medicine": 380.0, "General medicine": 500.0}
    assert m((own * unit).sum()) == 32.0 == budget("outturn", "2025/26", scope=["set_aside"])
    # 6,000 fewer days of geriatric medicine: 6,000 · 380 = 2.28; 15% of it £342,000
    assert (m(6_000 * unit["Geriatric medicine"]), 6_000 * 380 * 0.15) == (2.28, 342_000)


def test_delays():
    """14,600 days in 2025/26, 40.0 beds: 9,855, 2,920, 1,095 and 730; 10,950 of people aged 75 and over."""
    year = OWN["delays"][OWN["delays"]["period"].str.startswith("2025/26")]
    assert year.groupby("reason")["bed_days"].sum().to_dict() == {
        "health_and_social_care": 9_855,
        "code_9_awi": 2_920,
        "code_9_other": 1_095,
        "patient_and_family": 730,
    }
    older = year.loc[year["age_group"] == "75+", "bed_days"].sum()
    assert (year["bed_days"].sum(), older) == (14_600, 10_950)
    # 14,600 / 365 = 40.0; 9,855 / 365 = 27.0; 10,950 / 12,500 · 1,000 = 876.0
    assert (14_600 / 365, 9_855 / 365, older / 12_500 * 1_000) == (40.0, 27.0, 876.0)
    assert (round(14_600 * 618.12 / 1e6, 2), round(14_600 * 618.12 * 0.15 / 1e6, 2)) == (9.02, 1.35)
    assert round(9_855 * (100 - 618.12 * 0.15)) == 71_764
    quarters = [f"{y} Q{q}" for y in ("2023/24", "2024/25", "2025/26") for q in range(1, 5)]
    assert sorted(set(OWN["delays"]["period"])) == [*quarters, "2026/27 Q1", "2026/27 Q2"]


def test_hosted_service():
    """Out-of-hours care is hosted and forecast 0.9 over; by use that would be 0.36, 0.315 and 0.225."""
    hosted = of("budgets", scope="hosted")
    assert set(hosted["service"]) == {"out-of-hours"}
    assert set(hosted["host"]) == {"strathorran"}
    planned = budget("recurring", service="out-of-hours") + budget("non_recurring", service="out-of-hours")
    over = round(forecast(service="out-of-hours") - planned, 6)
    use = ALL["shares"]
    use = use[(use["name"] == "out-of-hours") & (use["year"] == NOW)].set_index("partnership")["share"]
    assert (over, use.to_dict()) == (0.9, {"strathorran": 0.40, "eastmuir": 0.35, "glenfirth": 0.25})
    assert [round(over * share, 3) for share in use] == [0.36, 0.315, 0.225]


def test_home_first():
    """Home First costs 0.6 a year and lowers care at home from 41.6, 43.264, 44.99456 to 40.6, 41.2 and 41.8."""
    assert budget("recurring", service="home-care") == 40.0
    flows = of("scheme_flows", scheme="home-first")
    cost = flows[flows["kind"] == "investment"]
    assert cost[["partner", "first_year", "last_year", "amount"]].values.tolist() == [
        [NHS, "2027/28", "2029/30", 600_000]
    ]
    gains = flows[flows["kind"] == "benefit"].set_index("first_year")
    assert (gains["last_year"] == gains.index).all()
    assert set(gains["cashable_share"]) == {1.0}
    without = [40.0 * 1.04**t for t in (1, 2, 3)]
    assert [round(w - m(g), 6) for w, g in zip(without, gains["amount"], strict=True)] == [40.6, 41.2, 41.8]
    # method section 4, taken as real: PV(I) = Σ 0.6 / 1.035^t and PV(G) = Σ benefit / 1.035^t, t = 1, 2, 3
    assert round(sum(0.6 / 1.035**t for t in (1, 2, 3)), 6) == 1.680982
    assert round(sum(m(g) / 1.035**t for t, g in enumerate(gains["amount"], start=1)), 6) == 5.774260
    assert set(flows["recurrence"]) == {"recurring"}


def test_pilot():
    """Where Home First was tried days fell from 520 to 470, elsewhere from 500 to 490: by 40 more."""
    mean = OWN["pilots"].groupby(["treated", "after"])["outcome"].mean().to_dict()
    assert mean == {("yes", "no"): 520, ("yes", "yes"): 470, ("no", "no"): 500, ("no", "yes"): 490}


def test_categories():
    """Every reporting category has a budget; running the partnership costs 2.1, 0.8% of the budget."""
    rows = of("budgets", year=NOW, scope=["delegated", "hosted"]).merge(ALL["services"], on="service")
    assert set(rows["category"]) == {"a", "b", "c", "d", "e", ""}
    running = m(rows.loc[rows["setting"] == "running_cost", ["recurring", "non_recurring"]].sum().sum())
    assert (running, round(running / 250.0 * 100, 1)) == (2.1, 0.8)


def test_localities():
    """Care at home and district nursing are kept by three localities in every year, nothing else is."""
    for name in ("budgets", "spending"):
        by_place = OWN[name][OWN[name]["locality"] != ""]
        assert set(by_place["service"]) == {"home-care", "district-nursing"}
        assert by_place["locality"].nunique() == 3


def test_ledgers_close_on_different_days():
    """The ledgers behind quarter 2 of 2026/27 close on 25 September at the council and 30 September at the board."""
    now = of("returns", period="2026/27 Q2").groupby("partner")["ledger_to"].agg(lambda days: sorted(set(days)))
    assert now.to_dict() == {NHS: ["2026-09-30"], COUNCIL: ["2026-09-25"], IJB: ["2026-09-30"]}
    assert set(of("returns", period="2025/26")["status"]) == {"final", "audited"}


def test_eligibility_raised():
    """Raising eligibility pays the council on either basis, and what all bear together changes its sign with it."""
    rows = OWN["mechanisms"]
    amounts = (rows["quantity"] * rows["unit_amount"]).groupby([rows["basis"], rows["bears"]]).sum().unstack()
    # 45 people · (−2,900 + 650 + 2,750) = 22,500; 45 · (−2,900 + 240 + 410) = −101,250
    assert amounts[COUNCIL].tolist() == [-130_500, -130_500]
    assert amounts.sum(axis=1).to_dict() == {"full_average": 22_500, "cash_releasing": -101_250}


def test_one_off_costs_are_paid_from_reserves():
    """The 2.0 that reserves pay are the 2.0 of costs of one year."""
    paid = of("changes", year=NOW, funded_by="reserves")
    assert (m(paid["amount"].sum()), set(paid["recurrence"])) == (2.0, {"non_recurring"})

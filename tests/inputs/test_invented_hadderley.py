"""Hadderley's tables, summed as they are, against the figures of its story. £ million unless said."""

from pathlib import Path

import pytest

from ijbtools.inputs.reader import read

ROOT = Path(__file__).resolve().parents[2]

ALL = read(ROOT / "data" / "sample" / "invented")
OWN = {name: t[t["partnership"] == "hadderley"] for name, t in ALL.items() if "partnership" in t}
ICB, COUNCIL, FERROW = "hadderley-icb", "hadderley-council", "ferrow-council"
ACUTE, COMMUNITY = "hadderley-acute", "hadderley-community"
YEARS = ["2023/24", "2024/25", "2025/26", "2026/27"]
NOW, NEXT = "2026/27", "2027/28"
CASES = 1_200


def m(pounds):
    """£ million, to the pound."""
    return round(float(pounds) / 1e6, 6)


def of(name, **cells):
    """Rows of a table with these cells; a list of values permits any of them."""
    rows = OWN[name]
    for column, wanted in cells.items():
        rows = rows[rows[column].isin(wanted if isinstance(wanted, list) else [wanted])]
    return rows


def pool(column, year=NOW):
    return m(of("budgets", scope="delegated", year=year)[column].sum())


def brought(year, status="agreed", **cells):
    """What goes into the pool; money from one partner to another does not."""
    return m(of("funding", to_partner="", status=status, year=year, **cells)["amount"].sum())


def forecast(column, retained=False):
    rows = of("spending", month="2026-09")
    return m(rows.loc[(rows["service"] == "other-council") == retained, column].sum())


def care(manner, basis, **cells):
    """Change in cost over all cases of discharge to assess; positive is borne."""
    rows = of("mechanisms", mechanism=f"Discharge to assess, done {manner}", basis=basis, **cells)
    return m((rows["quantity"] * rows["unit_amount"]).sum())


def case(manner, basis, **cells):
    """The same a case, in pounds."""
    return round(care(manner, basis, **cells) * 1e6 / CASES, 6)


def test_who_they_are():
    """A pooled fund in England with five partners and 240,000 people."""
    assert OWN["partnerships"][["nation", "model", "model_from", "kind"]].values.tolist() == [
        ["england", "pooled_fund", "2023-04-01", "invented"]
    ]
    regimes = OWN["partners"].set_index("partner")["regime"].to_dict()
    assert regimes == {
        ICB: "break_even",
        ACUTE: "break_even",
        COMMUNITY: "break_even",
        COUNCIL: "reserves",
        FERROW: "reserves",
    }
    assert of("population", year=[2025], status="estimate")["people"].sum() == 240_000


def test_the_pool():
    """The pool of 2026/27 is 110.0: 62.0 from the integrated care board and 48.0 from the council, all recurring."""
    assert [brought(NOW, partner=partner) for partner in (ICB, COUNCIL)] == [62.0, 48.0]
    assert brought(NOW, recurrence="recurring") == brought(NOW) == 110.0
    assert (pool("recurring"), pool("non_recurring")) == (116.0, -6.0)


def test_little_lasted():
    """In four years 24.0 is saved, and 1.5 of it, 6.25%, comes again."""
    rows = of("savings", year=YEARS)
    sums = rows.groupby(["year", "recurrence"])["target"].sum().map(m).to_dict()
    assert sums == {
        ("2023/24", "non_recurring"): 3.0,
        ("2024/25", "non_recurring"): 6.0,
        ("2025/26", "non_recurring"): 7.5,
        ("2026/27", "non_recurring"): 6.0,
        ("2026/27", "recurring"): 1.5,
    }
    # all delivered, the current year's as forecast
    brought_in = rows["forecast"].where(rows["year"] == NOW, rows["delivered"])
    assert (brought_in == rows["target"]).all()
    assert (sum(sums.values()), 1.5 / 24.0) == (24.0, 0.0625)


def test_gap_of_next_year():
    """The gap of 2027/28 is 8.4: one-off savings of 6.0 to be found again, and pressures 2.4 above the uplift."""
    pressures = m(of("changes", year=NEXT, period="", recurrence="recurring")["amount"].sum())
    uplift = brought(NEXT, "offered", kind="uplift")
    assert (pressures, uplift, round(pressures - uplift, 6)) == (5.7, 3.3, 2.4)
    assert brought(NEXT, "offered", kind="base") == brought(NOW)
    assert round(7.5 - 1.5 + 2.4, 6) == 8.4
    assert round(pool("recurring") - brought(NOW) + pressures - uplift, 6) == 8.4
    # nothing is added: no recurring saving is missed and no overspend comes again
    assert round(forecast("forecast") - forecast("forecast_one_off"), 6) == pool("recurring") == 116.0


def test_overspend_of_the_pool():
    """The pool is forecast 1.5 over; an underspend, the risk pool and what is not promised leave 0.4 of it."""
    assert (forecast("forecast"), forecast("forecast_one_off")) == (111.5, -4.5)
    over = round(forecast("forecast") - 110.0, 6)
    retained = m(of("budgets", service="other-council", scope="retained", year=NOW)["recurring"].sum())
    under = round(retained - forecast("forecast", retained=True), 6)
    reserves = of("reserves", year=NOW, held_by=COUNCIL).set_index("fund")
    free = (reserves["opening"] - reserves["ring_fenced"] - reserves["committed"]).map(m)
    assert (over, under, free["Risk pool"], free["Balances of the pool"]) == (1.5, 0.4, 0.5, 0.2)
    residual = round(over - under - free.sum(), 6)
    assert (residual, round(residual * 0.6, 6), round(residual * 0.4, 6)) == (0.4, 0.24, 0.16)
    assert set(reserves["kind"]) == {"earmarked"}


def test_no_line_of_the_pool_is_under():
    """In the current year no line of the pool is under its budget, so that the 1.5 is gross."""
    budgets = of("budgets", scope="delegated", year=NOW).set_index("service")
    latest = of("spending", month="2026-09").set_index("service")["forecast"].reindex(budgets.index)
    assert (latest >= budgets["recurring"] + budgets["non_recurring"]).all()


def test_the_hub():
    """The hub costs the community trust 2.0 and brings the council 10.0, 4.0 of it in cash; present values as told."""
    flows = {
        kind: [
            (int(row.first_year[:4]) + n - 2023, m(row.amount), row.cashable_share)
            for row in of("scheme_flows", scheme="hub", kind=kind, partner=partner).itertuples()
            for n in range(int(row.last_year[:4]) - int(row.first_year[:4]) + 1)
        ]
        for kind, partner in (("investment", COMMUNITY), ("benefit", COUNCIL))
    }
    # 0.8 + 3 × 0.4 from the first year on; 4 × 2.5 from the second
    assert [(t, amount) for t, amount, _ in flows["investment"]] == [(0, 0.8), (1, 0.4), (2, 0.4), (3, 0.4)]
    assert flows["benefit"] == [(t, 2.5, 0.4) for t in range(1, 5)]
    spent, gained = ([(t, amount) for t, amount, _ in flows[kind]] for kind in ("investment", "benefit"))
    assert round(sum(amount for _, amount in spent), 6) == 2.0
    assert (sum(amount for _, amount in gained), 10.0 * 0.4) == (10.0, 4.0)
    cost, benefit = (sum(amount / 1.035**t for t, amount in rows) for rows in (spent, gained))
    assert [round(amount, 6) for amount in (cost, benefit, benefit * 0.4)] == [1.920655, 9.182698, 3.673079]
    # equal split of the gain: least + (most − least)/2
    assert [round((cost + most) / 2, 6) for most in (benefit, benefit * 0.4)] == [5.551676, 2.796867]
    assert len(of("scheme_flows", scheme="hub")) == 3


def test_prevention_releases_nothing():
    """What prevention brings keeps growth away; no budget can give any of it up."""
    rows = of("scheme_flows", scheme="prevention", kind="benefit")
    assert (len(rows), set(rows["cashable_share"])) == (2, {0.0})
    assert set(of("scheme_effects", scheme="prevention")["cashable_share"]) == {0.0}


def test_cases():
    """1,200 cases are done well and 1,200 badly, each 900 of Hadderley and 300 of Ferrow, on both bases."""
    rows = OWN["mechanisms"]
    counted = rows.groupby(["mechanism", "basis", "bears"])["quantity"].sum().unstack()
    assert (len(counted), counted.drop_duplicates().values.tolist()) == (4, [[300.0, 1_200.0, 900.0]])
    assert set(rows["period"].str[:7]) == {"2025/26"}


@pytest.mark.parametrize(("basis", "saved"), [("full_average", 3_360), ("cash_releasing", 840)])
def test_days_saved(basis, saved):
    """A case saves the acute trust 8 days: £3,360 at £420 a day, or £840 in cash at £105."""
    assert {case(manner, basis, bears=ACUTE) for manner in ("well", "badly")} == {-saved}
    assert saved == 8 * {"full_average": 420, "cash_releasing": 105}[basis]


@pytest.mark.parametrize(
    ("basis", "bears", "level", "points"),
    [
        ("full_average", [ACUTE, COUNCIL, FERROW], 2_400 - 3_360, 2.0),  # (3,360 − 2,400)/48,000
        ("cash_releasing", [ACUTE, COUNCIL, FERROW], 2_400 - 840, -3.25),  # (840 − 2,400)/48,000
        ("full_average", [COUNCIL, FERROW], 2_400, -5.0),  # −2,400/48,000: whoever pays for care alone
    ],
)
def test_break_even(basis, bears, level, points):
    """Discharge to assess breaks even at +2.0 points, −3.25 in cash, and −5.0 for the council alone."""
    # the line through −4 points and +5: £480 a case and point, 1% of 48,000; its level is at no change
    well, badly = (case(manner, basis, bears=bears) for manner in ("well", "badly"))
    slope = (badly - well) / 9
    assert (slope, well + 4 * slope, -4 - well / slope) == (480.0, level, points)


@pytest.mark.parametrize(
    ("manner", "basis", "gain"),
    [
        ("well", "full_average", 3.456),  # 1,200 · (3,360 − 2,400 + 4% · 48,000)
        ("well", "cash_releasing", 0.432),  # 1,200 · (840 − 2,400 + 1,920)
        ("badly", "full_average", -1.728),  # 1,200 · (3,360 − 2,400 − 5% · 48,000)
        ("badly", "cash_releasing", -4.752),  # 1,200 · (840 − 2,400 − 2,400)
    ],
)
def test_1200_cases(manner, basis, gain):
    """Done well 1,200 cases gain 3.456, 0.432 in cash; done badly they lose 1.728, 4.752 in cash."""
    assert care(manner, basis) == -gain


def test_long_term_care_by_area():
    """Done badly, long-term care costs 2.88 a year: 2.16 for Hadderley and 0.72 for Ferrow."""
    # 5 points of the slope between the two: 5 · £480 = £2,400 a case
    long_term = []
    for council, cases in ((COUNCIL, 900), (FERROW, 300)):
        well, badly = (care(manner, "full_average", bears=council) * 1e6 / cases for manner in ("well", "badly"))
        assert (well, badly) == (2_400 - 1_920, 2_400 + 2_400)
        long_term.append(m((badly - well) / 9 * 5 * cases))
    assert (long_term, round(sum(long_term), 6)) == ([2.16, 0.72], 2.88)


def test_ferrow_is_shared():
    """Of Ferrow's people 30% belong to Hadderley and 70% to the next system, in every year."""
    shares = ALL["shares"]
    ferrow = shares[(shares["kind"] == "area") & (shares["name"] == FERROW)]
    assert ferrow.groupby("partnership")["share"].unique().map(list).to_dict() == {"hadderley": [0.3], "wolds": [0.7]}
    assert set(YEARS) <= set(ferrow["year"])


def test_delayed_days():
    """In 2025/26 there were 29,200 delayed days, 80.0 beds: 12.264 at £420 a day, 3.066 in cash at £105."""
    days = OWN["delays"]["bed_days"].groupby(OWN["delays"]["period"].str[:7]).sum()["2025/26"]
    assert (days, days / 365, m(days * 420), m(days * 105)) == (29_200, 80.0, 12.264, 3.066)


def test_mutual_support():
    """The council gives the board 4.0 in the first year and gets 4.0 in the third: nothing over four years."""
    rows = OWN["funding"][OWN["funding"]["to_partner"] != ""]
    assert rows[["partner", "to_partner", "year", "recurrence", "kind", "status"]].values.tolist() == [
        [COUNCIL, ICB, "2023/24", "non_recurring", "one_off", "agreed"],
        [ICB, COUNCIL, "2025/26", "non_recurring", "one_off", "agreed"],
    ]
    assert rows["amount"].map(m).tolist() == [4.0, 4.0]
    # and no part of the pool, whose funding is its budgets without them
    for year in YEARS:
        assert brought(year) == round(pool("recurring", year) + pool("non_recurring", year), 6)


def test_capital_forgone():
    """5.0 of capital is given up to keep the board, 3.0 short, in balance."""
    values = of("actions", period="2025/26").set_index("action")["value"].map(m)
    assert values[values.index.str.contains("capital")].tolist() == [5.0]
    assert values[values.index.str.contains("short of balance")].tolist() == [3.0]


def test_no_recovery_is_worth_anything_yet():
    """No recovery action has a value that could meet a part of the overspend."""
    recovery = of("actions", kind="recovery")
    assert len(recovery) == 1
    assert recovery["value"].isna().all()

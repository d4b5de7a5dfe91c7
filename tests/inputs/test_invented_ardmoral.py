"""Ardmoral's tables, summed as they are, against the figures of its story. £ million unless said."""

from pathlib import Path

import pytest

from ijbtools.inputs.reader import read

ROOT = Path(__file__).resolve().parents[2]

ALL = read(ROOT / "data" / "sample" / "invented")
OWN = {name: t[t["partnership"] == "ardmoral"] for name, t in ALL.items() if "partnership" in t}
BOARD, COUNCIL, GOVERNMENT = "nhs-ardmoral", "ardmoral-council", "scottish-government"
FIRST, SECOND, NOW = "2024/25", "2025/26", "2026/27"
ADULT = ["care-homes", "home-care", "learning-disability", "social-work", "reablement", "adult-placement"]


def m(pounds):
    """£ million, to the pound."""
    return round(float(pounds) / 1e6, 6)


def of(name, **cells):
    """Rows of a table with these cells; a list of values permits any of them."""
    rows = OWN[name]
    for column, wanted in cells.items():
        rows = rows[rows[column].isin(wanted if isinstance(wanted, list) else [wanted])]
    return rows


def flow(partner, to, year, **cells):
    """What one agreed to pass to the other before the year, without what was paid for an overspend afterwards."""
    rows = of("funding", partner=partner, to_partner=to, year=year, **{"status": "agreed"} | cells)
    return m(rows.loc[rows["kind"] != "overspend_share", "amount"].sum())


def adult(column, year, **cells):
    """Adult care, which the board hosts."""
    return m(of("budgets", partner=BOARD, host=BOARD, year=year, **cells)[column].sum())


def quantum(year):
    return round(adult("recurring", year) + adult("non_recurring", year), 6)


def forecast(**cells):
    return m(of("spending", month="2026-09", **cells)["forecast"].sum())


def saving(column, year, **cells):
    return m(of("savings", year=year, inherited="yes", **cells)[column].sum())


def board(column, year):
    """All that the board spends, over every scope."""
    return m(of("budgets", partner=BOARD, year=year)[column].sum())


def test_who_they_are():
    """A lead agency since 1 April 2024, hosted by the board for adult care, with 95,000 people."""
    row = OWN["partnerships"].iloc[0]
    assert (row["model"], row["started_on"], row["host"], row["kind"]) == (
        "lead_agency",
        "2024-04-01",
        BOARD,
        "invented",
    )
    assert OWN["partners"].set_index("partner")["sector"].to_dict() == {
        BOARD: "health_board",
        COUNCIL: "council",
        GOVERNMENT: "government",
    }
    assert of("population", year=[2025], status="estimate")["people"].sum() == 95_000


def test_the_first_year_by_host():
    """In 2024/25 the board has 190.0 and the council 30.5, together 220.5, which is what they brought."""
    own, passed, received, kept = (
        flow(*pair, FIRST) for pair in ((BOARD, BOARD), (BOARD, COUNCIL), (COUNCIL, BOARD), (COUNCIL, COUNCIL))
    )
    assert (own, passed, received, kept) == (118.0, 6.5, 72.0, 24.0)
    # own before delegation + received − passed: 124.5 + 72.0 − 6.5 and 96.0 + 6.5 − 72.0
    assert (own + passed, received + kept) == (124.5, 96.0)
    assert (own + passed + received - passed, received + kept + passed - received) == (190.0, 30.5)
    assert 190.0 + 30.5 == 220.5 == 124.5 + 96.0
    assert received - passed == 65.5  # the net flow to the board
    delegated = of("budgets", scope="delegated", year=FIRST).groupby("partner")["recurring"].sum()
    assert delegated.map(m).to_dict() == {BOARD: 190.0, COUNCIL: 30.5}


@pytest.mark.parametrize("year", [FIRST, SECOND, NOW])
def test_each_flow_is_its_budget(year):
    """What each flow brings is what its functions may cost, so that the whole agrees host by host."""
    rows = of("budgets", scope="delegated", year=year)
    rows = rows.assign(amount=rows["recurring"] + rows["non_recurring"])
    for payer, spender, host in (
        (BOARD, BOARD, ""),
        (BOARD, COUNCIL, COUNCIL),
        (COUNCIL, BOARD, BOARD),
        (COUNCIL, COUNCIL, ""),
    ):
        planned = rows.loc[(rows["partner"] == spender) & (rows["host"] == host), "amount"].sum()
        assert flow(payer, spender, year) == m(planned)


def test_before_the_lead_agency_each_had_its_own():
    """In 2023/24 nobody hosts anything, and no money crosses."""
    assert set(of("budgets", year="2023/24")["host"]) == {""}
    rows = of("funding", year="2023/24")
    own = rows[rows["partner"] != GOVERNMENT]
    assert (own["partner"] == own["to_partner"]).all()


def test_what_changes_hands_nets_to_nothing():
    """Adult care goes from the council to the board with 69.9, children's health the other way with 6.4."""
    moved = of("changes", year=FIRST, step=["transfer_in", "transfer_out"])
    assert moved["amount"].sum() == 0
    assert (moved.groupby("service")["amount"].sum() == 0).all()
    inward = moved[moved["step"] == "transfer_in"].set_index("partner")["amount"].groupby("partner").sum()
    assert inward.map(m).to_dict() == {BOARD: 69.9, COUNCIL: 6.4}
    assert set(of("changes", step=["transfer_in", "transfer_out"])["year"]) == {FIRST}


def test_the_overspend_of_the_first_year():
    """The first year is 3.4 over, 75.4 on 72.0: inherited savings 1.9, demand 1.1 and agency staff 0.4."""
    assert (adult("outturn", FIRST), quantum(FIRST)) == (75.4, 72.0)
    assert (saving("target", FIRST), saving("delivered", FIRST)) == (1.9, 0.0)
    agency = adult("outturn_one_off", FIRST)
    assert agency == 0.4 == adult("outturn_one_off", FIRST, service="social-work")
    assert round(75.4 - 72.0 - 1.9 - agency, 6) == 1.1  # demand, what is left
    # met by the council 1.4, once; the board bears the other 2.0, for which it has no row
    share = of("funding", kind="overspend_share")
    assert share[["partner", "to_partner", "year", "recurrence", "status"]].values.tolist() == [
        [COUNCIL, BOARD, FIRST, "non_recurring", "agreed"]
    ]
    assert (m(share["amount"].sum()), share["dated"].iloc[0][:7]) == (1.4, "2025-06")
    assert round(3.4 - 1.4, 6) == 2.0


def test_the_growth_that_was_not():
    """The growth of 4.5% is 3.0%: of 75.24 in 2025/26, 74.16 comes again and 1.08 does not."""
    recurring = flow(COUNCIL, BOARD, SECOND, recurrence="recurring")
    one_off = flow(COUNCIL, BOARD, SECOND, recurrence="non_recurring")
    assert (recurring, one_off) == (74.16, 1.08)
    assert (adult("recurring", SECOND), adult("non_recurring", SECOND)) == (74.16, 1.08)
    # 75.24/72.0 = 1.045 and 74.16/72.0 = 1.03
    assert [round(amount / quantum(FIRST) - 1, 6) for amount in (quantum(SECOND), recurring)] == [0.045, 0.03]


def test_the_right_quantum():
    """The quantum of 2026/27 is 76.014; with the one-off rolled in, as the board asked, it would be 77.121."""
    assert flow(COUNCIL, BOARD, NOW) == quantum(NOW) == round(74.16 * 1.025, 6) == 76.014
    asked = of("funding", partner=COUNCIL, to_partner=BOARD, year=NOW, status="asked")
    first_round = asked[asked["dated"] == asked["dated"].min()]
    assert m(first_round["amount"].sum()) == round(75.24 * 1.025, 6) == 77.121


def test_the_overspend_of_the_second_year():
    """The second year is 3.76 over, of which 1.86 is in dispute."""
    assert (adult("outturn", SECOND), quantum(SECOND)) == (79.0, 75.24)
    assert round(79.0 - 75.24, 6) == 3.76
    disputed = OWN["actions"][OWN["actions"]["action"].str.contains("disputed")]
    # 3.76 less the inherited savings of 1.9, which the board bears
    assert (m(disputed["value"].iloc[0]), round(3.76 - saving("target", SECOND), 6)) == (1.86, 1.86)
    assert saving("delivered", SECOND) == 0.0


def test_the_forecast_of_the_third_year():
    """At the second quarter adult care is forecast at 80.614, 4.6 or 6.05% over."""
    assert forecast(partner=BOARD, service=ADULT) == 80.614
    over = round(80.614 - quantum(NOW), 6)
    assert (over, round(over / quantum(NOW) * 100, 2)) == (4.6, 6.05)
    assert (saving("target", NOW), saving("delivered", NOW), saving("forecast", NOW)) == (1.9, 0.0, 0.0)
    # the other functions are forecast at their budgets, together by host
    delegated = of("budgets", scope="delegated", year=NOW)["recurring"].sum()
    assert round(forecast() - forecast(service="acute-other") - m(delegated), 6) == 4.6


def test_four_agreements():
    """Under four agreements the host bears 4.6, nothing, 2.3 or £1,720,105 of the overspend of the third year."""
    over = (forecast(partner=BOARD, service=ADULT) - quantum(NOW)) * 1e6
    first = quantum(NOW) * 1e6 * 0.01  # the host bears the first 1% of the quantum: 0.76014, then 25%
    host = first + (over - first) * 0.25
    assert (round(first), round(host), round(over - host)) == (760_140, 1_720_105, 2_879_895)
    assert round(over / 2) == 2_300_000


def test_reserve_of_the_council():
    """The council's earmarked reserve was 3.2 and is 0.72; the board holds none."""
    reserves = OWN["reserves"].set_index("year")
    assert set(reserves["held_by"]) == {COUNCIL}
    assert set(reserves["kind"]) == {"earmarked"}
    assert reserves["opening"].map(m).to_dict() == {"2023/24": 2.6, FIRST: 3.2, SECOND: 1.8, NOW: 0.72}
    # 3.2 − 1.4 towards the first year's overspend − 1.08 for the one-off addition
    assert reserves.loc[[FIRST, SECOND, NOW], "movement"].map(m).tolist() == [-1.4, -1.08, 0.0]


def test_three_years_of_the_board():
    """Limit less net expenditure is +0.3 and −1.9; with the plan's +1.6 three years are level, with −3.0 they fail."""
    limits = of("funding", partner=GOVERNMENT, to_partner=BOARD, status="agreed").set_index("year")["amount"].map(m)

    def net(spent, year, shares=0.0):
        return spent - flow(COUNCIL, BOARD, year) - shares + flow(BOARD, COUNCIL, year)

    first = limits[FIRST] - net(board("outturn", FIRST), FIRST, 1.4)
    second = limits[SECOND] - net(board("outturn", SECOND), SECOND)
    plan = limits[NOW] - net(board("recurring", NOW) + board("non_recurring", NOW), NOW)
    expected = limits[NOW] - net(forecast(partner=BOARD), NOW)  # if the host bears: 1.6 − 4.6
    assert [round(amount, 6) for amount in (first, second, plan, expected)] == [0.3, -1.9, 1.6, -3.0]
    assert round(first + second + plan, 6) == 0.0
    assert round(first + second + expected, 6) == -4.6
    assert (limits[NOW], round(expected / limits[NOW] * 100, 2)) == (340.0, -0.88)
    # each year is within 1% of its limit
    assert all(abs(amount) <= limits[year] * 0.01 for amount, year in ((first, FIRST), (second, SECOND), (plan, NOW)))


def test_delayed_days():
    """In 2025/26 there were 21,900 delayed days, 60.0 beds, £13,536,828 at the full average cost."""
    days = OWN["delays"]["bed_days"].groupby(OWN["delays"]["period"].str[:7]).sum()
    assert (days[SECOND], days[SECOND] / 365) == (21_900, 60.0)
    assert round(days[SECOND] * 618.12) == 13_536_828
    assert of("delays", period=["2026/27 Q1", "2026/27 Q2"])["reason"].nunique() == 4


def test_the_childrens_mirror():
    """Children's health cost 6.9 on 6.5 in 2025/26, and its host, the council, bears the 0.4: nothing is shunted."""
    row = of("budgets", service="children-health", year=SECOND)
    assert (m(row["outturn"].sum()), m(row["recurring"].sum()), set(row["host"])) == (6.9, 6.5, {COUNCIL})
    assert flow(BOARD, COUNCIL, SECOND) == 6.5  # no uplift
    mirror = OWN["mechanisms"]
    assert (mirror["quantity"] * mirror["unit_amount"]).map(m).tolist() == [0.4, 0.4]  # on both bases
    assert (mirror["decides"] == mirror["bears"]).all()
    assert set(mirror["decides"]) == {COUNCIL}


@pytest.mark.parametrize(
    "words",
    [
        "meets an overspend",
        "keeps an underspend",
        "first year's quantum is corrected",
        "savings handed over undelivered",
        "one-off addition enters",
        "settles a dispute",
        "decides a cut",
    ],
)
def test_missing_terms(words):
    """Each of the seven terms that the agreement lacks is a decision not taken, and its day has passed."""
    terms = of("actions", kind="decision", status="planned")
    term = terms[terms["action"].str.contains(words)]
    assert len(term) == 1
    assert term["due_on"].iloc[0] < "2026-09-30"
    assert term["decides"].iloc[0] == "unassigned"


def test_money_that_crosses_is_agreed_late():
    """Since the lead agency began, every amount that crosses was agreed after its year had begun, own money before."""
    rows = of("funding", status="agreed", year=[FIRST, SECOND, NOW], kind=["base", "uplift", "one_off"])
    rows = rows[rows["partner"] != GOVERNMENT]
    late = rows["dated"] > rows["year"].str[:4] + "-03-31"
    assert (late == (rows["partner"] != rows["to_partner"])).all()


def test_nothing_for_unpaid_carers():
    """No budget supports unpaid carers: the reporting category (d) is missing, the others are there."""
    services = ALL["services"].set_index("service")["category"]
    categories = set(of("budgets", scope="delegated", year=NOW)["service"].map(services))
    assert categories == {"a", "b", "c", "e", ""}


def test_two_ledgers():
    """The board's ledger reaches 30 September 2026, the council's 27 September."""
    rows = of("returns", period="2026/27 Q2").groupby("partner")["ledger_to"].unique()
    assert {partner: list(days) for partner, days in rows.items()} == {BOARD: ["2026-09-30"], COUNCIL: ["2026-09-27"]}

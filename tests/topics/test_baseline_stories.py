"""The headlines of the three invented partnerships that the baseline reaches, to their digits. £ million unless said.

Headlines of other topics are not here:
- monitoring: Strathorran's five forecasts, and the rate that it has to keep;
- risk share: who pays Strathorran's 7.0, its reserves and their floor; who met Ardmoral's overspends, what is disputed,
  its four agreements, its missing terms and the council's reserve; what is left of Hadderley's 1.5, and its capital;
- shunting: every delayed day, and discharge to assess with its 1,200 cases;
- investment and settlement: Home First, and the hub.
"""

import re

import pytest

from ijbtools.inputs import read
from ijbtools.topics import baseline

TOLERANCE = 5e-7  # of a million: half a pound


@pytest.fixture(scope="module")
def invented(root, assumptions):
    """The baseline of the three invented partnerships."""
    return baseline.compute(read(root / "data" / "sample" / "invented"), assumptions)


@pytest.fixture(scope="module")
def strathorran(invented):
    """Strathorran to quarter 2 of 2026/27."""
    return invented.only("strathorran", "2026/27 Q2")


@pytest.fixture(scope="module")
def hadderley(invented):
    """Hadderley to quarter 2 of 2026/27."""
    return invented.only("hadderley", "2026/27 Q2")


def near(amount):
    """To the pound, in £ million."""
    return pytest.approx(amount, abs=TOLERANCE)


def year_of(result, frame="summary", year=None):
    """The rows of a frame for the page's year, or another."""
    rows = result.tables[frame]
    return rows[rows["year"] == (year or result.period.financial_year)]


def summary(result):
    """The page's line of the summary: amounts in £ million, rates as they are."""
    row = year_of(result).iloc[0]
    numbers = row.drop(["partnership", "year", "from_underlying"]).astype(float)
    rates = numbers.index.str.endswith("_rate")
    return numbers.where(rates, numbers / 1e6)


def brought(result, year=None):
    """What counts as funding, by partner and recurrence."""
    rows = year_of(result, "brought", year)
    return (rows.groupby(["partner", "recurrence"])["amount"].sum() / 1e6).to_dict()


def shown(result, name):
    """A table for people, which stands in £ million, by its first column."""
    table = result.table(name)
    assert "£ million" in table.subtitle
    return table.frame.set_index(table.columns[0].name)


def says(result, name, *figures):
    """Whether a sentence holds the figures, in that order; a space there is any space."""
    between = ".*?".join(re.escape(one).replace(r"\ ", r"\s") for one in figures)
    return re.search(between, result.sentences()[name]) is not None


# A. Strathorran: balanced every March, hollow every April


def test_strathorran_resources(strathorran):
    """The integrated budget is 248.0: NHS 149.0 + 3.0, council 94.0 + 2.0; with 30.0 set aside 278.0."""
    assert brought(strathorran) == {
        ("nhs-norland", "recurring"): near(149.0),
        ("nhs-norland", "non_recurring"): near(3.0),
        ("strathorran-council", "recurring"): near(94.0),
        ("strathorran-council", "non_recurring"): near(2.0),
    }
    board = strathorran.table("resources").frame.iloc[0]
    assert (board["budget"], board["aside"], board["all"]) == (near(248.0), near(30.0), near(278.0))
    assert says(strathorran, "contributions", "£248.0 million", "£152.0 million", "£96.0 million")
    assert says(strathorran, "resources", "£248.0 million", "£30.0 million", "£278.0 million")


def test_strathorran_gap(strathorran):
    """The gap of 2.0 is met from reserves; the hidden recurring gap is 9.0."""
    row = summary(strathorran)
    assert (row["e_r"], row["f_r"], row["gap_r"]) == (near(252.0), near(243.0), near(9.0))
    assert (row["e_n"], row["f_n"], row["gap_n"]) == (near(-2.0), near(5.0), near(-7.0))
    assert (row["gap"], row["reserves"], row["left"], row["hidden"]) == (near(2.0), near(2.0), near(0.0), near(9.0))
    assert says(strathorran, "headline", "£250.0 million", "£248.0 million", "£2.0 million", "£9.0 million")
    assert says(strathorran, "enough", "£252.0 million", "£243.0 million", "£9.0 million")


def test_strathorran_bridge(strathorran):
    """248.9 + 11.1 − 8.0 = 252.0; the 11.1 are pay 5.0, prices 3.0, demand 2.6 and new commitments 0.5."""
    steps = year_of(strathorran, "bridge").groupby("step")["amount"].sum() / 1e6
    assert steps.to_dict() == {
        "opening": near(248.9),
        "pay": near(5.0),
        "price": near(3.0),
        "demand": near(2.6),
        "new_commitment": near(0.5),
        "saving": near(-8.0),
        "closing": near(252.0),
    }
    grounded = strathorran.figure("bridge").frame
    assert grounded.loc[grounded["grounded"], "amount"].tolist() == [near(248.9), near(252.0)]


def test_strathorran_uplift_against_evidence(strathorran):
    """The uplift of 2.97% stands against evidence of 4.70%."""
    row = summary(strathorran)
    assert row["uplift_rate"] * 100 == pytest.approx(2.97, abs=0.005)  # 243.0 / 236.0 − 1
    assert row["evidence_rate"] * 100 == pytest.approx(4.70, abs=0.005)  # 11.1 / 236.0
    assert says(strathorran, "offers", "2.97%", "4.70%")


def test_strathorran_agreed_late(strathorran):
    """The council agreed on 27 February, the board on 14 May, the IJB on 24 June 2026, 85 days after 31 March."""
    rows = strathorran.table("agreed").frame
    assert rows["when"].tolist() == ["27 February 2026", "14 May 2026", "24 June 2026"]
    assert rows["late"].tolist() == [-32, 44, 85]  # 28 February and 31 in March; 30 + 14; 30 + 31 + 24
    assert says(strathorran, "offers", "27 February 2026", "14 May 2026", "24 June 2026", "85 days")


def test_strathorran_rounds(strathorran):
    """Beside last year's 236.0 the partnership asked for 11.1, was last offered 5.9, and 7.0 was agreed."""
    found = strathorran.table("tests").frame["sentence"].iloc[-1]
    # 236.0 + 11.1, 236.0 + 7.0, 236.0 + 5.9; the council's 2.2 of January and the board's 3.7 of March, not its 3.4
    assert re.findall(r"£(\d+\.\d)\smillion", found) == ["247.1", "243.0", "241.9"]


def test_strathorran_savings(strathorran):
    """7.0 of 12.0 is expected, 58.3%: 3.5 of 8.0 recurring, nothing of 4.0 inherited, and 3.5 of 4.0 one-off."""
    rows = shown(strathorran, "savings")
    total, rows = rows.iloc[-1], rows.iloc[:-1]
    assert (total["target"], total["expected"], total["short"]) == (near(12.0), near(7.0), near(5.0))
    inherited, once = rows["kind"].str.contains("inherited"), rows["kind"].str.contains("one-off")
    parts = [rows.loc[some, ["target", "expected"]].sum().tolist() for some in (inherited, ~once & ~inherited, once)]
    assert parts == [[near(4.0), near(0.0)], [near(4.0), near(3.5)], [near(4.0), near(3.5)]]
    assert summary(strathorran)["undelivered"] == near(4.5)
    assert says(strathorran, "savings", "£12.0 million", "£7.0 million", "58.3%", "£3.5 million of £8.0 million")


def test_strathorran_forecast(strathorran):
    """257.0 on 250.0 is 7.0 or 2.8% over: savings 5.0, home care 2.0, prescribing 1.0, hosted 0.9, vacancies −1.9."""
    row = summary(strathorran)
    assert (row["forecast"], row["e_r"] + row["e_n"]) == (near(257.0), near(250.0))
    planned = year_of(strathorran, "in_budget").groupby("service")[["recurring", "non_recurring"]].sum().sum(axis=1)
    over = year_of(strathorran, "forecasts").groupby("service")["forecast"].sum() - planned
    listed = year_of(strathorran, "savings")
    short = (listed["target"] - listed["forecast"]).groupby(listed["service"]).sum()
    rest = over.subtract(short, fill_value=0.0) / 1e6
    above = {service: amount for service, amount in rest.items() if amount > TOLERANCE}
    assert above == {"home-care": near(2.0), "prescribing": near(1.0), "out-of-hours": near(0.9)}
    assert (short.sum() / 1e6, rest[rest < 0].sum()) == (near(5.0), near(-1.9))
    assert says(strathorran, "headline", "overspend by £7.0 million", "2.8%")


def test_strathorran_next_year(strathorran):
    """2027/28 begins 17.4 short, and its gap is 19.24 or 7.7%: + 4.2 + 2.6 + 2.0 + 0.3 + 0.24 − 7.5 uplift."""
    row = summary(strathorran)
    behind = (row["gap_r"], row["undelivered"], row["overspend_recurring"])
    assert behind == (near(9.0), near(4.5), near(3.9))
    assert sum(behind) == near(17.4) == near(row["next_base"] - row["f_r"])
    moved = year_of(strathorran, "changes", "2027/28").groupby("step")["amount"].sum() / 1e6
    assert moved.to_dict() == {
        "pay": near(4.2),
        "price": near(2.6),
        "demand": near(2.0),
        "new_commitment": near(0.3),
        "full_year_effect": near(0.24),
    }
    rows = shown(strathorran, "next_year")["all"].tolist()
    assert rows == [near(one) for one in (9.0, 4.5, 3.9, 4.2 + 2.6, 2.0, 0.3, 0.24, -7.5, 19.24)]
    assert says(strathorran, "headline", "2027/28", "£19.2 million", "7.7%")  # 19.24 / 250.0


def test_strathorran_set_aside(strathorran):
    """32.0 was used against 30.0 set aside: 30,000 days at £380 and 41,200 at £500."""
    rows = strathorran.table("set_aside").frame.set_index("specialty")
    assert rows.loc["Geriatric medicine", ["days", "unit", "amount"]].tolist() == [30_000, 380.0, near(11.4)]
    assert rows.loc["General medicine", ["days", "unit", "amount"]].tolist() == [41_200, 500.0, near(20.6)]
    assert rows["amount"].iloc[-1] == near(32.0)
    assert strathorran.figure("set_aside").frame["amount"].tolist()[:2] == [near(30.0), near(32.0)]


def test_strathorran_release(strathorran):
    """6,000 fewer days would be claimed as 2.28; £342,000 of it is cash, and a ward closes at 7,446."""
    row = strathorran.table("release").frame.iloc[0]
    # 6,000 · 380; · 15%; the rest
    assert [row["claim"], row["cash"], row["capacity"]] == [near(2.28), near(0.342), near(1.938)]
    assert says(strathorran, "release", "6,000", "£342,000")
    assert "7,446" in " ".join(strathorran.table("release").notes)
    ward = strathorran.table("release").frame.iloc[1]
    assert ward["claim"] == near(7_446 * 380 / 1e6)
    assert ward["cash"] == near(7_446 * 380 * (0.15 + 0.5) / 1e6)  # with half of a ward's cost when it closes


def test_strathorran_hosted(strathorran):
    """The hosted overspend of 0.9 is borne by the host; by use it would be 0.36, 0.315 and 0.225."""
    rows = strathorran.table("hosted").frame
    assert rows["lead"].tolist() == [near(0.9), 0.0, 0.0, near(0.9)]
    assert rows["use"].tolist() == [near(0.36), near(0.315), near(0.225), near(0.9)]


@pytest.mark.parametrize(
    ("year", "over", "hidden"), [("2023/24", 3.1, 12.0), ("2024/25", 5.4, 12.4), ("2025/26", 6.6, 12.9)]
)
def test_strathorran_balanced_every_march(invented, year, over, hidden):
    """Three years balanced without reserves, overspent by 3.1, 5.4 and 6.6, with 12.0, 12.4 and 12.9 hidden."""
    row = summary(invented.only("strathorran", year))
    assert (row["left"], row["reserves"], row["hidden"]) == (near(0.0), near(0.0), near(hidden))
    assert row["outturn"] - row["e_r"] - row["e_n"] == near(over)


def test_strathorran_running_cost(strathorran):
    """Running the partnership costs 2.1, 0.8% of its budget."""
    assert says(strathorran, "running_cost", "£2.1 million", "0.8%")


# B. Ardmoral: friends, and no terms


def quantum(invented, year):
    """The page's last line of the larger flow, then of the smaller one."""
    frame = invented.only("ardmoral", year).table("quantum").frame
    rows = frame[frame["flow"].str.contains(year[:7])]
    assert len(rows) == 2
    return rows.iloc[0], rows.iloc[1]


def test_ardmoral_hosts(invented):
    """In 2024/25 the board holds 190.0 and the council 30.5, together 220.5; 65.5 goes to the board net."""
    page = invented.only("ardmoral", "2024/25")
    board, council, both = (row for _, row in page.table("hosts").frame.iterrows())
    # 124.5 + 72.0 − 6.5 = 190.0;  96.0 + 6.5 − 72.0 = 30.5
    columns = ["own", "received", "passed", "holds"]
    assert board[columns].tolist() == [near(one) for one in (124.5, 72.0, -6.5, 190.0)]
    assert council[columns].tolist() == [near(one) for one in (96.0, 6.5, -72.0, 30.5)]
    assert (both["own"], both["holds"]) == (near(220.5), near(220.5))
    assert board["holds"] - board["own"] == near(65.5)
    assert re.search(r"£65\.5\smillion", page.table("hosts").title)
    held = page.tables["by_partner"].query("year == '2024/25'").set_index("partner")[["e_r", "f_r"]] / 1e6
    assert held.loc["nhs-ardmoral"].tolist() == [near(190.0), near(190.0)]
    assert held.loc["ardmoral-council"].tolist() == [near(30.5), near(30.5)]


def test_ardmoral_first_year(invented):
    """The first year is 3.4 over, 75.4 on 72.0: inherited savings 1.9, demand 1.1 and agency staff 0.4."""
    first, _ = quantum(invented, "2024/25")
    assert (first["total"], first["spent"], first["over"]) == (near(72.0), near(75.4), near(3.4))
    page = invented.only("ardmoral", "2024/25")
    row = summary(page)
    assert (row["inherited"], row["inherited_expected"]) == (near(1.9), near(0.0))
    hosted = year_of(page, "in_budget").query("host == 'nhs-ardmoral'")
    assert hosted["outturn_one_off"].sum() / 1e6 == near(0.4)
    assert first["over"] - row["inherited"] - hosted["outturn_one_off"].sum() / 1e6 == near(1.1)  # demand
    handed = [said for said in page.table("tests").frame["sentence"] if "handed over" in said]
    # both ways together: 72.0 + 6.5 handed over, 75.4 + 6.6 needed
    assert re.findall(r"£(\d+\.\d)\smillion", handed[0]) == ["78.5", "82.0", "1.9"]


def test_ardmoral_growth(invented):
    """The growth of 4.5% is 3.0%: of the 75.24 of 2025/26, 74.16 recurs and 1.08 does not."""
    first, _ = quantum(invented, "2025/26")
    assert (first["recurring"], first["one_off"], first["total"]) == (near(74.16), near(1.08), near(75.24))
    page = invented.only("ardmoral", "2025/26")
    assert says(page, "quantum", "4.5%", "3.0%")  # 75.24 / 72.0;  74.16 / 72.0
    assert re.search(r"4\.5%.*3\.0%", page.table("quantum").title)


def test_ardmoral_second_year(invented):
    """The second year is 3.76 over: 79.0 on 75.24."""
    first, children = quantum(invented, "2025/26")
    assert (first["spent"], first["over"]) == (near(79.0), near(3.76))
    # the children's mirror: 6.9 on 6.5, 0.4 borne by the council as host
    assert (children["total"], children["spent"], children["over"]) == (near(6.5), near(6.9), near(0.4))


def test_ardmoral_right_quantum(invented):
    """The quantum of 2026/27 is 76.014; with the one-off rolled in, as the board asked first, it would be 77.121."""
    first, _ = quantum(invented, "2026/27 Q2")
    assert (first["total"], first["one_off"]) == (near(76.014), near(0.0))  # 74.16 · 1.025
    page = invented.only("ardmoral", "2026/27 Q2")
    offers = page.table("offers").frame
    asked = offers[offers["who"].str.contains("Council to") & (offers["when"] == "5 December 2025")]
    assert asked["total"].tolist() == [near(77.121)]  # 75.24 · 1.025
    assert says(page, "quantum", "£76.0 million", "£1.1 million", "£77.1 million")


def test_ardmoral_third_year(invented):
    """At quarter 2 of 2026/27 adult care is forecast at 80.614: 4.6 or 6.05% over."""
    first, children = quantum(invented, "2026/27 Q2")
    assert (first["spent"], first["over"], children["over"]) == (near(80.614), near(4.6), near(0.0))
    assert first["over"] / first["total"] * 100 == pytest.approx(6.05, abs=0.005)
    assert says(invented.only("ardmoral", "2026/27 Q2"), "quantum", "£4.6 million", "6.05%")


def test_ardmoral_three_years(invented):
    """The plan of +0.3 − 1.9 + 1.6 is level; with −3.0 it is −4.6, although −0.88% of 340.0 is inside ±1%."""
    page = invented.only("ardmoral", "2026/27 Q2")
    rows = shown(page, "three_years")
    assert rows["plan"].tolist() == [near(one) for one in (0.3, -1.9, 1.6, 0.0)]
    assert rows["result"].tolist() == [near(one) for one in (0.3, -1.9, -3.0, -4.6)]  # 1.6 − 4.6 = −3.0
    assert rows["limit"].iloc[2] == near(340.0)
    assert rows["result"].iloc[2] / rows["limit"].iloc[2] * 100 == pytest.approx(-0.88, abs=0.005)
    assert (rows["result"].iloc[:3].abs() <= rows["limit"].iloc[:3] * 0.01).all()
    assert rows["limit"].iloc[-1] == near(320.3 + 330.1 + 340.0)


def test_ardmoral_before_there_were_three_years(invented):
    """In 2024/25 no third year is known, and nothing is said of three."""
    assert not invented.only("ardmoral", "2024/25").shows("three_years")


def test_ardmoral_has_nothing_for_carers(invented):
    """The category of unpaid carers stands in the list with nothing."""
    rows = invented.only("ardmoral", "2026/27 Q2").table("categories").frame
    assert rows.loc[rows["what"].str.startswith("(d)"), "amount"].tolist() == [0.0]
    assert (rows.loc[~rows["what"].str.startswith("(d)"), "amount"] > 0).all()


# C. Hadderley: everybody saved, little lasted


def test_hadderley_pool(hadderley):
    """The pool is 110.0: ICB 62.0 and council 48.0; what it pays for costs 116.0 a year."""
    assert brought(hadderley) == {
        ("hadderley-icb", "recurring"): near(62.0),
        ("hadderley-council", "recurring"): near(48.0),
    }
    row = summary(hadderley)
    assert (row["f_r"], row["e_r"], row["e_n"], row["hidden"]) == (near(110.0), near(116.0), near(-6.0), near(6.0))
    assert says(hadderley, "contributions", "£110.0 million", "£62.0 million", "£48.0 million")


def test_hadderley_saved(invented, hadderley):
    """24.0 was saved in four years, 3.0 + 6.0 + 7.5 + 7.5, and 1.5 of it recurs, 6.25%."""
    years, lasting = [], 0.0
    for year in ("2023/24", "2024/25", "2025/26", "2026/27 Q2"):
        rows = shown(invented.only("hadderley", year), "savings")
        years.append(rows["expected"].iloc[-1])
        lasting += rows.loc[rows["kind"] == "recurring", "expected"].sum()
    assert years == [near(one) for one in (3.0, 6.0, 7.5, 7.5)]
    assert (sum(years), lasting) == (near(24.0), near(1.5))
    assert says(hadderley, "savings", "£24.0 million", "£1.5 million", "6.25%")


def test_hadderley_next_year(hadderley):
    """The gap of 2027/28 is 8.4: 7.5 of savings − 1.5 that recur, and pressures of 5.7 above an uplift of 3.3."""
    rows = shown(hadderley, "next_year")["all"]
    assert (rows.iloc[0], rows.iloc[-1]) == (near(7.5 - 1.5), near(8.4))
    assert rows.iloc[1:-2].sum() == near(5.7)
    assert rows.iloc[-2] == near(-3.3)  # 5.7 − 3.3 = 2.4
    central = hadderley.tables["plan"].query("from_year == '2026/27' and scenario == 'central' and year == '2027/28'")
    assert central["gap"].iloc[0] / 1e6 == near(8.4)


def test_hadderley_overspend(hadderley):
    """The pool is forecast 1.5 over its 110.0; the council's underspend elsewhere is no part of that."""
    row = summary(hadderley)
    assert row["forecast"] - row["e_r"] - row["e_n"] == near(1.5)
    assert says(hadderley, "headline", "overspend by £1.5 million", "1.4%")


@pytest.mark.parametrize(("year", "funding"), [("2023/24", 100.0), ("2024/25", 102.5), ("2025/26", 105.6)])
def test_hadderley_mutual_support_is_no_funding(invented, year, funding):
    """The 4.0 that the council lent in 2023/24 and got back in 2025/26 never counts as money for the pool."""
    page = invented.only("hadderley", year)
    row = summary(page)
    assert (row["f_r"], row["f_n"], row["left"]) == (near(funding), near(0.0), near(0.0))
    assert set(year_of(page, "brought")["to_partner"]) == {""}

"""What ledgers really export: totals rows, thousands, the year to date, and what looks like a slip."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ijbtools.errors import InputRefused
from ijbtools.inputs import read

steady = settings(deadline=None, derandomize=True, max_examples=25)

BASE = {
    "partnerships": """\
partnership,name,nation,model,model_from,kind
norland,Norland IJB,scotland,body_corporate,2016-04-01,invented
""",
    "partners": """\
partnership,partner,name,sector,regime
norland,nhs-norland,NHS Norland,health_board,break_even
norland,norland-council,Norland Council,council,reserves
""",
    "services": """\
service,name,category,care_group,setting
home-care,Care at home,e,older_people,community
prescribing,Prescribing,b,all,community
""",
}
SPENDING = "partnership,partner,service,month,budget,actual\n"
TO_DATE = "partnership,partner,service,month,actual,actual_to_date\n"
BUDGETS = "partnership,partner,service,scope,year,recurring,non_recurring,outturn\n"
FUNDING = "partnership,partner,year,amount,recurrence,kind,status,dated\n"
RETURNS = "partnership,partner,table,period,ledger_to,precision,status\n"
RESERVES = "partnership,held_by,year,fund,kind,opening,movement,ring_fenced,committed\n"
COUNCIL, NHS = "norland,norland-council,home-care", "norland,nhs-norland,prescribing"
PARTS = f"{COUNCIL},2025-04,100.25,90\n{COUNCIL},2025-05,200,210.50\n{NHS},2025-04,50,49.99\n"  # 350.25 and 350.49

ADDS_UP = "a row of totals, which the rows above add up to"
SUM = "the sum of the rows above, or no such row: mend what is wrong, or delete the row"
OTHERWISE = f"{SUM}; where it is no total, call it otherwise"


def folder(path, **tables):
    """A folder with those tables beside a partnership, its partners and its services."""
    for name, text in {**BASE, **tables}.items():
        (Path(path) / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def problems(source):
    """What the reader refuses: file, row, column and found of each."""
    with pytest.raises(InputRefused) as refused:
        read(source)
    return [(one.file, one.row, one.column, one.found) for one in refused.value.problems]


def warnings(tables):
    """What is said beside the frames: row, column and found of each."""
    return [(one.row, one.column, one.found) for one in tables.warnings]


def returned(*lines):
    """A table of returns: partner, table, period and precision of each line."""
    rows = (f"norland,{who},{table},{period},2026-03-31,{precision},final\n" for who, table, period, precision in lines)
    return RETURNS + "".join(rows)


def as_rows(frame):
    """The frame without the numbers of its rows."""
    return frame.reset_index(drop=True)


# Rows of totals

LABELS = [
    *("Total,,,", "TOTAL,,,", "totals,,,", "Grand Total,,,", "grand total:,,,", "Sub-total,,,", "Subtotal,,,"),
    *("Sub total,,,", "norland,norland-council,Total,", ",,home-care Total,", ",,,Total", ",,Total for 40123,"),
    *(",,,", ",,Result,", "Overall Result,,,", "Report total,,,", "norland,,TOTAL  ,"),
]


@pytest.mark.parametrize("label", LABELS)
def test_totals_that_add_up_are_left_out_and_said(tmp_path, label):
    """A row that a ledger labels as a total, or does not label at all, is left out with its row number where it adds
    up."""
    tables = read(folder(tmp_path, spending=SPENDING + PARTS + f"\n{label},£350.25,350.49\n"))
    assert tables["spending"].index.tolist() == [2, 3, 4]
    assert tables["spending"]["budget"].sum() == 350.25
    assert warnings(tables) == [(6, "", ADDS_UP)]


@pytest.mark.parametrize("label", LABELS)
def test_totals_that_do_not_add_up_are_refused(tmp_path, label):
    """Under every label a total that is two pence out is refused once, with its row, column and both figures."""
    found = "a row of totals that does not add up: 350.27 in budget, where the rows above add up to 350.25"
    folder(tmp_path, spending=SPENDING + PARTS + f"\n{label},350.27,350.49\n")
    assert problems(tmp_path) == [("spending.csv", 6, "", found)]


def test_totals_rounded_to_pounds_are_refused_with_the_sum(tmp_path):
    """A total that a report rounded to whole pounds is refused with the sum that it stands for, and with the repair."""
    folder(tmp_path, spending=SPENDING + PARTS + "Total,,,,350,350\n")
    with pytest.raises(InputRefused) as refused:
        read(tmp_path)
    assert str(refused.value.problems[0]) == (
        "spending.csv, row 5: found a row of totals that does not add up: 350.00 in budget, where the rows above add "
        "up to 350.25; 350.00 in actual, where the rows above add up to 350.49; expected the sum of the rows above, "
        "or no such row: mend what is wrong, or delete the row."
    )


def test_totals_within_totals(tmp_path):
    """Totals of cost centres, of partners and of all are left out, each being the sum of its own part."""
    rows = [
        f"{COUNCIL},2025-04,10,1",
        f"{COUNCIL},2025-05,20,2",
        ",,home-care Total,,30,3",  # 10 + 20
        "norland,norland-council,prescribing,2025-04,5,4",
        ",,prescribing Total,,5,4",
        ",norland-council Total,,,35,7",  # 30 + 5: from the top, over the totals of two cost centres
        f"{NHS},2025-04,100,8",
        ",,prescribing Total,,100,8",
        "norland,nhs-norland,home-care,2025-04,50,9",
        ",,home-care Total,,50,9",
        ",nhs-norland Total,,,150,17",  # 100 + 50: from the partner's own beginning, over two more
        "Grand Total,,,,185,24",  # 35 + 150
    ]
    tables = read(folder(tmp_path, spending=SPENDING + "\n".join(rows) + "\n"))
    assert tables["spending"].index.tolist() == [2, 3, 5, 8, 10]
    assert [row for row, _, _ in warnings(tables)] == [4, 6, 7, 9, 11, 12, 13]


def test_a_total_is_of_one_part_in_all_its_columns(tmp_path):
    """A total of which one column is of all rows and another of the last block is refused."""
    rows = f"{COUNCIL},2025-04,10,1\nTotal,,,,10,1\n{NHS},2025-04,20,2\nTotal,,,,20,3\n"
    found = "a row of totals that does not add up: 20.00 in budget, where the rows above add up to 30.00"
    assert problems(folder(tmp_path, spending=SPENDING + rows)) == [("spending.csv", 5, "", found)]


def test_a_total_on_top_is_refused_with_its_repair(tmp_path):
    """A total that stands above its parts is refused, and the message says to move it or to delete it."""
    folder(tmp_path, spending=SPENDING + "Total,,,,350.25,350.49\n" + PARTS)
    with pytest.raises(InputRefused) as refused:
        read(tmp_path)
    (problem,) = refused.value.problems
    assert (problem.row, problem.found) == (2, "a row of totals above what it adds up")
    assert problem.expected == "it below its parts, or no such row: delete it"


def test_a_figure_of_a_total_that_cannot_be_read_is_refused(tmp_path):
    """A total is left out only if every figure in it was compared."""
    found = "a row of totals that does not add up: '350.49CR' in actual"
    assert problems(folder(tmp_path, spending=SPENDING + PARTS + "Total,,,,350.25,350.49CR\n")) == [
        ("spending.csv", 5, "", found)
    ]


def test_a_part_that_cannot_be_read_is_told_and_not_its_total(tmp_path):
    """Where a part cannot be read, that cell is the mistake, and the total that it belongs to is not another."""
    folder(tmp_path, spending=SPENDING + f"{COUNCIL},2025-04,10,9.00CR\n{NHS},2025-04,20,2\nTotal,,,,30,-7\n")
    assert problems(tmp_path) == [("spending.csv", 2, "actual", "'9.00CR'")]


@pytest.mark.parametrize(("cents", "taken"), [(0, True), (1, True), (2, False)])
@pytest.mark.parametrize("base", [0.1, 0.29, 1e9 + 0.07])
def test_a_penny_of_rounding_is_taken(tmp_path, base, cents, taken):
    """A total may be a penny from the sum of rounded parts, whatever the size of the amounts, and not two."""
    total = round(2 * base * 100) + cents
    rows = f"{COUNCIL},2025-04,{base:.2f},1\n{NHS},2025-04,{base:.2f},1\nTotal,,,,{total / 100:.2f},2\n"
    folder(tmp_path, spending=SPENDING + rows)
    if taken:
        assert len(read(tmp_path)["spending"]) == 2
    else:
        assert [one[:2] for one in problems(tmp_path)] == [("spending.csv", 4)]


@pytest.mark.parametrize("fund", ["Total", "Total reserves", "Reserves total", "Sub-total", "All funds"])
def test_a_total_among_names_does_not_count_twice(tmp_path, fund):
    """A total whose every other cell is filled in is found by its name: left out where it adds up, else refused."""
    whose = "norland,norland-council,2025/26"
    parts = f"{whose},General,general,10,1,0,0\n{whose},Winter,earmarked,5,0,0,0\n"
    total = f"{whose},{fund},general,{{}},1,0,0\n"
    tables = read(folder(tmp_path, reserves=RESERVES + parts + total.format(15)))
    assert (tables["reserves"]["opening"].sum(), warnings(tables)) == (15, [(4, "", ADDS_UP)])
    folder(tmp_path, reserves=RESERVES + parts + total.format(14))
    with pytest.raises(InputRefused) as refused:
        read(tmp_path)
    (problem,) = refused.value.problems
    assert (problem.row, problem.expected) == (4, OTHERWISE)


@pytest.mark.parametrize("locality", ["Total", "All localities", "All", "Whole partnership", "TOTAL"])
def test_a_total_among_localities_does_not_count_twice(tmp_path, locality):
    """A line for all localities beside each of them is left out where it is their sum, and refused where it is not."""
    heading = SPENDING.replace("\n", ",locality\n")
    parts = f"{COUNCIL},2025-04,10,9,East\n{COUNCIL},2025-04,5,4,West\n"
    tables = read(folder(tmp_path, spending=heading + parts + f"{COUNCIL},2025-04,15,13,{locality}\n"))
    assert (tables["spending"]["actual"].sum(), warnings(tables)) == (13, [(4, "", ADDS_UP)])
    told = problems(folder(tmp_path, spending=heading + parts + f"{COUNCIL},2025-04,16,13,{locality}\n"))
    assert [one[:2] for one in told] == [("spending.csv", 4)]


@pytest.mark.parametrize(
    "name", ["Whole Family Wellbeing Fund", "Totally different care", "Allerton", "All Saints ward"]
)
def test_names_that_only_look_like_totals_are_read(tmp_path, name):
    """A fund or a ward whose name begins like a total is read as what it is."""
    rows = "".join(f"norland,norland-council,2025/26,{one},general,10,1,0,0\n" for one in ("General", name))
    tables = read(folder(tmp_path, reserves=RESERVES + rows))
    assert (tables["reserves"]["fund"].tolist(), tables.warnings) == (["General", name], ())


def test_a_service_called_total_something_is_a_service(tmp_path):
    """An id that begins with the word, such as total-place, is an id."""
    services = BASE["services"] + "total-place,Total Place,e,all,community\n"
    rows = f"{COUNCIL},2025-04,10,9\nnorland,norland-council,total-place,2025-04,10,9\n"
    tables = read(folder(tmp_path, services=services, spending=SPENDING + rows))
    assert (tables["spending"]["service"].tolist(), tables.warnings) == (["home-care", "total-place"], ())


PENCE = st.integers(-(10**9), 10**9)
ROWS = st.lists(st.tuples(PENCE, PENCE), min_size=1, max_size=10)
MONTHS = [f"2025-{month:02d}" for month in range(4, 13)] + ["2026-01", "2026-02", "2026-03"]
FORMS = st.sampled_from([".2f", ",.2f"])


def spending_of(rows):
    """Lines of spending of the council, a month each."""
    return [f"{COUNCIL},{month},{b / 100:.2f},{a / 100:.2f}" for month, (b, a) in zip(MONTHS, rows, strict=False)]


@steady
@given(rows=ROWS, ends=st.sets(st.integers(1, 10), max_size=4), label=st.sampled_from(LABELS), grand=st.booleans())
def test_right_totals_change_nothing(rows, ends, label, grand):
    """However many right totals stand among the rows, the frame is the one without them, and each total is said."""
    plain = spending_of(rows)
    lines, last, said = [], 0, []
    for place, line in enumerate(plain, start=1):
        lines.append(line)
        if place in ends:
            part = rows[last:place]
            lines.append(f'{label},"{sum(b for b, _ in part) / 100:,.2f}",{sum(a for _, a in part) / 100:.2f}')
            said.append(len(lines) + 1)
            last = place
    if grand:
        lines.append(f'Grand Total,,,,{sum(b for b, _ in rows) / 100:.2f},"{sum(a for _, a in rows) / 100:,.2f}"')
        said.append(len(lines) + 1)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        tables = read(folder(one, spending=SPENDING + "\n".join(lines) + "\n"))
        without = read(folder(other, spending=SPENDING + "\n".join(plain) + "\n"))
    assert_frame_equal(as_rows(tables["spending"]), as_rows(without["spending"]), check_exact=True)
    assert [row for row, _, _ in warnings(tables)] == said


@steady
@given(rows=ROWS, off=st.integers(2, 10**6), up=st.booleans(), column=st.integers(0, 1), label=st.sampled_from(LABELS))
def test_wrong_totals_are_refused_with_their_row(rows, off, up, column, label):
    """A total that is two pence or more out in either column is refused at its own row, whatever its label."""
    sums = [sum(pair[side] for pair in rows) for side in (0, 1)]
    sums[column] += off if up else -off
    total = f"{label},{sums[0] / 100:.2f},{sums[1] / 100:.2f}"
    with tempfile.TemporaryDirectory() as path:
        told = problems(folder(path, spending=SPENDING + "\n".join([*spending_of(rows), total]) + "\n"))
    assert [one[:3] for one in told] == [("spending.csv", len(rows) + 2, "")]
    assert f" in {('budget', 'actual')[column]}, where " in told[0][3]


# Thousands


def budgets_of(amounts, unit):
    """Budgets of the council, a year each."""
    rows = []
    for place, (recurring, once) in enumerate(amounts):
        year = f"{2020 + place}/{21 + place}"
        rows.append(f"{COUNCIL},delegated,{year},{recurring / unit!r},{once / unit!r},")
    return BUDGETS + "\n".join(rows) + "\n"


@steady
@given(amounts=st.lists(st.tuples(PENCE, PENCE), min_size=1, max_size=5))
def test_thousands_are_pounds_divided_by_a_thousand(amounts):
    """Amounts in thousands, with as many decimals as it takes, give to the penny the frame that pounds give."""
    years = [f"{2020 + place}/{21 + place}" for place in range(len(amounts))]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        lines = {unit: [("norland-council", "budgets", year, unit) for year in years] for unit in ("1", "1000")}
        folder(one, budgets=budgets_of(amounts, 100_000), returns=returned(*lines["1000"]))
        folder(other, budgets=budgets_of(amounts, 100), returns=returned(*lines["1"]))
        assert_frame_equal(read(one)["budgets"], read(other)["budgets"], check_exact=True)


def test_thousands_of_one_partner_leave_the_others_in_pounds(tmp_path):
    """Only the rows of the partner, table and period that returns names are in thousands; prices of units never are."""
    activity = "partnership,partner,service,month,people,units,unit_cost,starts,ends\n"
    tables = read(
        folder(
            tmp_path,
            returns=returned(
                ("norland-council", "budgets", "2025/26", "1000"),
                ("norland-council", "activity", "2025/26", "1000"),
                ("norland-council", "spending", "2025/26", "1"),
            ),
            budgets=BUDGETS + f"{COUNCIL},delegated,2025/26,1.5,0.25,\n{NHS},delegated,2025/26,3000,0,\n",
            activity=activity + f"{COUNCIL},2025-04,5,100,27.5,0,0\n",
            spending=SPENDING + f"{COUNCIL},2025-04,7,6\n",
        )
    )
    budgets = tables["budgets"]
    assert budgets[["recurring", "non_recurring"]].to_numpy().tolist() == [[1500, 250], [3000, 0]]
    assert budgets["outturn"].isna().all()
    assert tables["activity"]["unit_cost"].tolist() == [27.5]
    assert tables["spending"]["actual"].tolist() == [6]


def test_the_narrowest_period_says_the_unit(tmp_path):
    """A month takes the unit of its quarter's line, and without one that of a line of its year."""
    tables = read(
        folder(
            tmp_path,
            returns=returned(
                ("norland-council", "spending", "2025/26 Q1", "1000"),
                ("norland-council", "spending", "2025/26 Q2", "1"),
            ),
            spending=SPENDING + f"{COUNCIL},2025-06,1,2\n{COUNCIL},2025-07,1000,2000\n",
        )
    )
    assert tables["spending"]["actual"].tolist() == [2000, 2000]


def test_a_row_in_both_units_is_refused(tmp_path):
    """Where two lines of returns hold for a row and differ, the first row of each such month is refused."""
    lines = [("norland-council", "spending", "2025/26 Q1", "1000"), ("norland-council", "spending", "2025-04", "1")]
    folder(tmp_path, returns=returned(*lines), spending=SPENDING + f"{COUNCIL},2025-04,1,2\n{COUNCIL},2025-05,1,2\n")
    found = "a row of norland-council in 2025-04 that was returned in pounds and in thousands"
    assert problems(tmp_path) == [("spending.csv", 2, "", found)]


def test_a_year_without_a_line_is_refused_beside_thousands(tmp_path):
    """Where a partner's return of one year is in thousands, its rows of a year that no line names are refused."""
    budgets = BUDGETS + f"{COUNCIL},delegated,2024/25,900,0,\n{COUNCIL},delegated,2025/26,1,0,\n"
    folder(tmp_path, returns=returned(("norland-council", "budgets", "2025/26", "1000")), budgets=budgets)
    with pytest.raises(InputRefused) as refused:
        read(tmp_path)
    assert [str(one) for one in refused.value.problems] == [
        "budgets.csv, row 2: found a row of norland-council in 2024/25, of which returns says nothing, where others of "
        "it are in thousands; expected a line of returns for norland-council in 2024/25 too, with its precision."
    ]


def test_thousands_of_a_table_without_partners(tmp_path):
    """The actions of a partnership, whose rows name no partner, are in thousands where its line says so."""
    actions = "partnership,period,kind,action,owner,value,status\nnorland,2025/26,recovery,Rounds,Head,12.5,planned\n"
    folder(tmp_path, actions=actions, returns=returned(("norland-council", "actions", "2025/26", "1000")))
    assert read(tmp_path)["actions"]["value"].tolist() == [12500]


@pytest.mark.parametrize("table", ["scheme_flows", "partners"])
def test_thousands_of_a_table_without_periods(tmp_path, table):
    """Where rows have no period, every line of their partner and table holds for them."""
    flows = (
        "partnership,scheme,partner,service,kind,recurrence,funding,first_year,last_year,amount\n"
        "norland,rounds,norland-council,home-care,benefit,recurring,revenue,2025/26,2027/28,1.5\n"
    )
    partners = BASE["partners"].replace("regime\n", "regime,capital_limit\n").replace("reserves\n", "reserves,1.5\n")
    tables = read(
        folder(
            tmp_path,
            partners=partners.replace("break_even\n", "break_even,7\n"),
            schemes="partnership,scheme,name,started,order\nnorland,rounds,Rounds,2025/26,1\n",
            scheme_flows=flows,
            returns=returned(("norland-council", table, "2025/26", "1000")),
        )
    )
    thousands = {"scheme_flows": (1500, [7, 1.5]), "partners": (1.5, [7, 1500])}[table]
    assert (tables["scheme_flows"]["amount"].item(), tables["partners"]["capital_limit"].tolist()) == thousands


def test_changes_at_budget_setting_take_the_unit_of_their_year(tmp_path):
    """A change without a period has the unit that was returned for its year, and another partner's has its own."""
    changes = "partnership,partner,service,year,period,step,amount,recurrence,note\n"
    which = ((COUNCIL, "", 3), (COUNCIL, "2025-05", 4), (NHS, "", 5))
    rows = "".join(f"{service},2025/26,{period},pay,{amount},recurring,\n" for service, period, amount in which)
    folder(tmp_path, changes=changes + rows, returns=returned(("norland-council", "changes", "2025/26", "1000")))
    assert read(tmp_path)["changes"]["amount"].tolist() == [3000, 4000, 5]


# The year to date


@steady
@given(pence=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_months_come_back_from_the_year_to_date(pence, seed):
    """Months added up to the year to date and sent in any order of rows are read as the same months, to the penny."""
    reached = [sum(pence[: place + 1]) for place in range(len(pence))]
    rows = [f"{COUNCIL},{month},,{total / 100:.2f}" for month, total in zip(MONTHS, reached, strict=False)]
    random.Random(seed).shuffle(rows)
    with tempfile.TemporaryDirectory() as path:
        spending = read(folder(path, spending=TO_DATE + "\n".join(rows) + "\n"))["spending"]
    assert spending.set_index("month")["actual"].to_dict() == {
        month: amount / 100 for month, amount in zip(MONTHS, pence, strict=False)
    }


def test_the_year_to_date_begins_anew_for_each_year_service_and_locality(tmp_path):
    """To date means since 1 April, for each partner's service and locality by itself."""
    rows = [
        f"{COUNCIL},2025-03,,1200,East",  # only March of 2024/25 is there: all of that year so far
        f"{COUNCIL},2025-04,,10,East",
        f"{COUNCIL},2025-04,,5,West",
        f"{COUNCIL},2025-05,,30,East",
        f"{COUNCIL},2025-05,,6,West",
        f"{NHS},2025-04,,7,",
    ]
    tables = read(folder(tmp_path, spending=TO_DATE.replace("\n", ",locality\n") + "\n".join(rows) + "\n"))
    assert tables["spending"]["actual"].tolist() == [1200, 10, 5, 20, 1, 7]
    assert warnings(tables) == [(2, "actual_to_date", "actual_to_date of 2025-03 without the month before")]


def test_a_month_that_is_skipped_is_said(tmp_path):
    """A year to date that skips a month counts it in the next, and says so at that row."""
    rows = f"{COUNCIL},2025-04,,100\n{COUNCIL},2025-06,,350\n"
    tables = read(folder(tmp_path, spending=TO_DATE + rows))
    assert tables["spending"]["actual"].tolist() == [100, 250]
    assert warnings(tables) == [(3, "actual_to_date", "actual_to_date of 2025-06 without the month before")]


def test_a_month_that_is_skipped_beside_monthly_amounts_is_said(tmp_path):
    """Where the year to date moves by more than the month, for a month between is not there, that is said."""
    rows = f"{COUNCIL},2025-04,100,100\n{COUNCIL},2025-06,90,350\n"
    tables = read(folder(tmp_path, spending=TO_DATE + rows))
    assert tables["spending"]["actual"].tolist() == [100, 90]
    found = "£90.00, where actual_to_date moves by £250.00 and a month before it is not there"
    assert warnings(tables) == [(3, "actual", found)]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (900, 850, "£850.00, where it was £900.00 in 2025-04"),
        (-900, -850, "−£850.00, where it was −£900.00 in 2025-04"),
        (900, 900, ""),
        (-900, -950, ""),
        (0, -50, ""),
    ],
)
def test_a_year_to_date_that_goes_back_is_said(tmp_path, first, second, said):
    """A year to date that goes back is read, for ledgers are put right, and pointed out; income that grows is not."""
    tables = read(folder(tmp_path, spending=TO_DATE + f"{COUNCIL},2025-04,,{first}\n{COUNCIL},2025-05,,{second}\n"))
    assert tables["spending"]["actual"].tolist() == [first, second - first]
    assert warnings(tables) == ([(3, "actual_to_date", said)] if said else [])


def test_months_and_year_to_date_that_disagree_are_refused(tmp_path):
    """Where both are sent and the month is not what the year to date moves by, both amounts are told."""
    rows = f"{COUNCIL},2025-04,100,100\n{COUNCIL},2025-05,90,200\n{COUNCIL},2025-06,50,250.01\n"
    folder(tmp_path, spending=TO_DATE + rows)
    with pytest.raises(InputRefused) as refused:
        read(tmp_path)
    assert [str(one) for one in refused.value.problems] == [
        "spending.csv, row 3, column actual: found £90.00, where actual_to_date moves by £100.00; expected the same "
        "amount twice, or one of the two columns only."
    ]


def test_a_year_to_date_with_a_gap_in_its_column_is_refused(tmp_path):
    """A row whose year to date is left empty makes the next one unknown, which is refused with its repair."""
    rows = f"{COUNCIL},2025-04,100,\n{COUNCIL},2025-05,,190\n"
    assert problems(folder(tmp_path, spending=TO_DATE + rows)) == [
        ("spending.csv", 3, "actual_to_date", "actual_to_date of 2025-05 after a row without one")
    ]


def test_months_alone_stay_as_they_are(tmp_path):
    """Where only months are sent, nothing is worked out and nothing said."""
    tables = read(folder(tmp_path, spending=SPENDING + f"{COUNCIL},2025-04,10,9\n{COUNCIL},2025-07,10,\n"))
    assert tables["spending"]["actual"].fillna(-1).tolist() == [9, -1]
    assert tables["spending"]["actual_to_date"].isna().all()
    assert tables.warnings == ()


def test_thousands_to_date(tmp_path):
    """A year to date in thousands becomes months in pounds."""
    rows = f"{COUNCIL},2025-04,,1.234\n{COUNCIL},2025-05,,3.1\n"
    lines = returned(("norland-council", "spending", "2025/26", "1000"))
    spending = read(folder(tmp_path, spending=TO_DATE + rows, returns=lines))["spending"]
    assert spending["actual"].tolist() == [1234, 1866]  # 3,100 − 1,234
    assert spending["actual_to_date"].tolist() == [1234, 3100]


# What looks like a slip


def thousandth(returns=""):
    """Budgets of £1,000 beside funding of £1 million."""
    tables = {
        "budgets": BUDGETS
        + f"{NHS},delegated,2025/26,600,0,\nnorland,nhs-norland,home-care,delegated,2025/26,400,0,\n",
        "funding": FUNDING + "norland,nhs-norland,2025/26,1000000,recurring,base,agreed,2025-04-01\n",
    }
    return {**tables, **({"returns": returns} if returns else {})}


def test_budgets_of_a_thousandth_of_the_funding_are_refused(tmp_path):
    """Budgets that are a thousandth of what was brought are refused at the first of them, with both amounts."""
    found = "£1,000.00 of nhs-norland (norland) in 2025/26, a thousandth of the £1,000,000.00 in funding"
    assert problems(folder(tmp_path, **thousandth())) == [("budgets.csv", 2, "", found)]


def test_a_thousandth_is_right_where_returns_says_thousands(tmp_path):
    """With the precision in returns the same files read without a word, in pounds."""
    tables = read(folder(tmp_path, **thousandth(returned(("nhs-norland", "budgets", "2025/26", "1000")))))
    assert (tables["budgets"]["recurring"].tolist(), tables.warnings) == ([600_000, 400_000], ())


def test_a_thousandth_is_pointed_out_where_returns_says_pounds(tmp_path):
    """Where returns says that the small amounts are pounds, they are read and pointed out."""
    tables = read(folder(tmp_path, **thousandth(returned(("nhs-norland", "budgets", "2025/26", "1")))))
    assert tables["budgets"]["recurring"].tolist() == [600, 400]
    assert [row for row, _, _ in warnings(tables)] == [2]


@pytest.mark.parametrize("amount", [10_000, 100_000, 2_000, 500])
def test_other_sizes_are_nobodys_slip(tmp_path, amount):
    """Budgets of a tenth, a hundredth or a few thousandths of the funding are not called thousands."""
    funding = FUNDING + "norland,nhs-norland,2025/26,1000000,recurring,base,agreed,2025-04-01\n"
    tables = read(folder(tmp_path, funding=funding, budgets=BUDGETS + f"{NHS},delegated,2025/26,{amount},0,\n"))
    assert tables.warnings == ()


@pytest.mark.parametrize("month_of", ["100,99", "100,", ",100"])
def test_spending_of_a_thousandth_of_the_budgets_is_refused(tmp_path, month_of):
    """Half a year's budget, or spending where no budget was sent, of a thousandth of the year's is refused at its first
    row."""
    rows = "".join(f"{NHS},{month},{month_of}\n" for month in MONTHS[:6])  # 12 × £100 a year beside £1.2 million
    funding = FUNDING + "norland,nhs-norland,2025/26,1200000,recurring,base,agreed,2025-04-01\n"
    folder(
        tmp_path, funding=funding, budgets=BUDGETS + f"{NHS},delegated,2025/26,1200000,0,\n", spending=SPENDING + rows
    )
    assert [one[:2] for one in problems(tmp_path)] == [("spending.csv", 2)]


def test_months_beyond_the_ledger_are_pointed_out(tmp_path):
    """A month that the ledger does not reach to its end is pointed out once, and an earlier one is not."""
    which = (f"{COUNCIL},2025-08,10,9", f"{COUNCIL},2025-09,10,9", f"{COUNCIL},2025-10,10,")
    rows = "\n".join([*which, "norland,norland-council,prescribing,2025-09,10,0"]) + "\n"
    lines = returned(("norland-council", "spending", "2025/26", "1")).replace("2026-03-31", "2025-09-14")
    tables = read(folder(tmp_path, spending=SPENDING + rows, returns=lines))
    assert warnings(tables) == [
        (3, "month", "spending of norland-council in 2025-09, where its ledger reaches 2025-09-14")
    ]

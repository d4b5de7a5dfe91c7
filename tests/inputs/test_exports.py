"""Whole files as ledgers export them: each either reads as what it means or is refused with its repair."""

import csv
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ijbtools.errors import InputRefused
from ijbtools.inputs import read
from ijbtools.inputs.reader import THEN, examine
from ijbtools.inputs.tables import TABLES

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
COUNCIL, NHS = "norland,norland-council,home-care", "norland,nhs-norland,prescribing"
TWO = f"{COUNCIL},2025-04,10,9\n{NHS},2025-04,20,19\n"
AMOUNT = "an amount in pounds, such as 1250 or (1,250.00) for a negative, or an empty cell"
MONTH = "a month such as 2025-04"
DELETE = "where it is a note or a footer, delete the row"


def folder(path, **tables):
    """A folder with those tables beside a partnership, its partners and its services."""
    for name, text in {**BASE, **tables}.items():
        (Path(path) / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def refused(source):
    """What the reader refuses, each problem as it is printed."""
    with pytest.raises(InputRefused) as told:
        read(source)
    return [str(one) for one in told.value.problems]


def amounts(tables):
    """Budget and actual of each row of spending, by its row in the file."""
    rows = tables["spending"]
    return {row: (b, a) for row, b, a in zip(rows.index.tolist(), rows["budget"], rows["actual"], strict=True)}


# Each reads as the two rows of TWO: what is exported, the rows that its two rows have there, and what is said.
READS = {
    "an Integra report with titles, a date stamp and a footer of totals": (
        "Norland Council - Budget monitoring,,,,,\nRun: 14/10/2026 09:03,,,,,\n,,,,,\n"
        + SPENDING
        + TWO
        + ",,,,,\nGrand Total,,,,30,28\n",
        (5, 6),
        ["row 8: found a row of totals, which the rows above add up to"],
    ),
    "an eFinancials report with blank lines between blocks, and a subtotal for each": (
        SPENDING + f"{COUNCIL},2025-04,10,9\n,,Total 40123,,10,9\n\n{NHS},2025-04,20,19\n,,Total 40124,,20,19\n",
        (2, 5),
        [f"row {row}: found a row of totals, which the rows above add up to" for row in (3, 6)],
    ),
    "a SAP list that prints its headings on every page": (
        SPENDING + f"{COUNCIL},2025-04,10,9\n\n{SPENDING}{NHS},2025-04,20,19\n",
        (2, 5),
        ["row 4: found the headings again"],
    ),
    "an Oracle report with a line of group headings and technical names above": (
        ",,,Period,Total,Total\nSEGMENT1,SEGMENT2,SEGMENT3,PERIOD_NAME,BUDGET,ACTUAL\n" + SPENDING + TWO,
        (4, 5),
        [],
    ),
    "parameters above the headings": (
        "Ledger:,norland,,,,\nPeriod:,2025-04,,,,\nCurrency:,GBP,,,,\n\n" + SPENDING + TWO,
        (6, 7),
        [],
    ),
    "money as a spreadsheet shows it": (
        SPENDING + f'{COUNCIL},Apr-25,"£10.00", 9.00 \n{NHS},01/04/2025,20.00,£ 19\n',
        (2, 3),
        [],
    ),
    "a column of one's own and an empty one": (
        SPENDING.replace(",month", ",,month,Variance %")
        + f"{COUNCIL},,2025-04,-10.0%,10,9\n{NHS},,2025-04,n/a,20,19\n",
        (2, 3),
        ["row 1: found the column 'Variance %'"],
    ),
    "headings over several lines": (
        '"partnership\n",partner,service,"\nmonth",budget , actual\n' + TWO,
        (2, 3),
        [],
    ),
}


@pytest.mark.parametrize("case", READS)
def test_it_reads(tmp_path, case):
    """The export reads as its two rows, with the numbers that they have in the spreadsheet, and says what it left
    out."""
    text, (first, second), said = READS[case]
    tables = read(folder(tmp_path, spending=text))
    assert amounts(tables) == {first: (10, 9), second: (20, 19)}
    assert tables["spending"]["month"].tolist() == ["2025-04", "2025-04"]
    assert [str(one).partition("; expected")[0] for one in tables.warnings] == [f"spending.csv, {one}" for one in said]


# Each is refused: the lines below the headings and the whole of what is said.
REFUSED = {
    "a footer": (
        TWO + "\nReport run by JS 14/10/2026\n",
        [f"row 5: found only 'Report run by JS 14/10/2026'; expected partner, service, month too; {DELETE}."],
    ),
    "a footer over two cells": (
        TWO + "Report run by,JS,,,,\n",
        [f"row 4: found only 'Report run by', 'JS'; expected service, month too; {DELETE}."],
    ),
    "a count of records under the amounts": (
        TWO + "Records,,,,2,2\n",
        [f"row 4: found only 'Records', '2', '2'; expected partner, service, month too; {DELETE}."],
    ),
    "a figure beside a word under the amounts": (
        TWO + ",,,,Records,2\n",
        [f"row 4: found only 'Records', '2'; expected partnership, partner, service, month too; {DELETE}."],
    ),
    "a footer of a ledger that marks its totals with stars": (
        TWO + "*,,,,30,28\n",
        [f"row 4: found only '*', '30', '28'; expected partner, service, month too; {DELETE}."],
    ),
    "lines of dashes": (
        "-----,-----,-----,-----,-----,-----\n" + TWO,
        [
            "row 2: found only '-----', '-----', '-----', '-----' …; expected a row of the table; "
            "where it is a note or a footer, delete the row."
        ],
    ),
    "names that stand only in the first row of a block": (
        f"{COUNCIL},2025-04,10,9\n,,,2025-05,10,9\n",
        [f"row 3: found only '2025-05', '10', '9'; expected partnership, partner, service too; {DELETE}."],
    ),
    "the same in many rows": (
        f"{COUNCIL},2025-04,10,9\n" + "".join(f",,,2025-{month:02d},10,9\n" for month in range(5, 13)),
        [
            "row 3: found only '2025-05', '10', '9' in the first of 8 such rows; expected partnership, partner, "
            f"service too; {DELETE}."
        ],
    ),
    "credits and debits": (
        f'{COUNCIL},2025-04,"1,250.00CR",9\n{COUNCIL},2025-05,10,1.50 DR\n',
        [
            f"row 2, column budget: found '1,250.00CR'; expected {AMOUNT}. Nearest: -1250.00.",
            f"row 3, column actual: found '1.50 DR'; expected {AMOUNT}. Nearest: 1.50.",
        ],
    ),
    "words and dashes for nothing": (
        f"{COUNCIL},2025-04,-,n/a\n{COUNCIL},2025-05,nil,£ -\n",
        [
            f"row 2, column budget: found '-'; expected {AMOUNT}. Nearest: 0.",
            f"row 3, column budget: found 'nil'; expected {AMOUNT}. Nearest: 0.",
            f"row 2, column actual: found 'n/a'; expected {AMOUNT}.",
            f"row 3, column actual: found '£ -'; expected {AMOUNT}. Nearest: 0.",
        ],
    ),
    "a percentage, a short form and an error of a spreadsheet": (
        f"{COUNCIL},2025-04,95%,1.2m\n{COUNCIL},2025-05,#REF!,#N/A\n",
        [
            f"row 2, column budget: found '95%'; expected {AMOUNT}.",
            f"row 3, column budget: found '#REF!'; expected {AMOUNT}.",
            f"row 2, column actual: found '1.2m'; expected {AMOUNT}.",
            f"row 3, column actual: found '#N/A'; expected {AMOUNT}.",
        ],
    ),
    "months by the ledger's own count": (
        "".join(
            f"{COUNCIL},{one},1,1\n" for one in ("Period 6", "2025/26 P06", "Period 12 2025/26", "Sept-25", "006/2025")
        ),
        [
            f"row 2, column month: found 'Period 6'; expected {MONTH}.",
            f"row 3, column month: found '2025/26 P06'; expected {MONTH}. Nearest: 2025-09.",
            f"row 4, column month: found 'Period 12 2025/26'; expected {MONTH}. Nearest: 2026-03.",
            f"row 5, column month: found 'Sept-25'; expected {MONTH}. Nearest: 2025-09.",
            f"row 6, column month: found '006/2025'; expected {MONTH}.",
        ],
    ),
    "a total that cannot be read": (
        TWO + "Total,,,,30.00DR,28.00DR\n",
        [f"row 4: found only 'Total', '30.00DR', '28.00DR'; expected partner, service, month too; {DELETE}."],
    ),
    "longer rows than the headings": (
        "".join(f"{COUNCIL},2025-{month:02d},10,9,note\n" for month in range(4, 10)),
        ["row 2: found 7 cells in 6 rows, first here; expected 6, as the headings have."],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(tmp_path, case):
    """The export is refused with one message for each thing to mend: its row, its column, what is expected and, where
    it can be known, the nearest."""
    rows, messages = REFUSED[case]
    assert refused(folder(tmp_path, spending=SPENDING + rows)) == [f"spending.csv, {one}" for one in messages]


def test_the_nearest_of_a_refused_cell_reads(tmp_path):
    """Put in place of what was refused, the nearest that a message offers is read."""
    rows = f'{COUNCIL},2025/26 P06,"1,250.00CR",-\n{COUNCIL},Sept-26,CR 5,(nil)\n'.replace("(nil)", "nil")
    folder(tmp_path, spending=SPENDING + rows)
    problems = sorted(examine(tmp_path).problems, key=lambda one: (one.row, one.column))
    mended = {(one.row, one.column): one.nearest for one in problems}
    fields = ("budget", "actual", "month")
    lines = [",".join([COUNCIL, *(mended[row, name] for name in ("month", "budget", "actual"))]) for row in (2, 3)]
    assert set(mended) == {(row, name) for row in (2, 3) for name in fields}
    tables = read(folder(tmp_path, spending=SPENDING + "\n".join(lines) + "\n"))
    assert amounts(tables) == {2: (-1250, 0), 3: (-5, 0)}
    assert tables["spending"]["month"].tolist() == ["2025-09", "2026-09"]


def test_a_ledger_nobody_translated_is_one_problem(tmp_path):
    """A whole export of whose headings none is known is refused once, however many rows and columns it has."""
    rows = "".join(f"40{line},x,{line},{line}\n" for line in range(200))
    text = "Budget monitoring report\n\nCost centre,Subjective,Budget YTD,Actual YTD\n" + rows
    assert refused(folder(tmp_path, spending=text)) == [
        "spending.csv, row 1: found the headings Budget monitoring report; expected near the top a row with the "
        "headings partnership, partner, service, month, or lines of names that say what the ledger calls them."
    ]


def test_a_ledger_with_every_heading_of_its_own(tmp_path):
    """An export with titles, headings and codes of its own, a footer of totals and thousands reads by its two small
    tables."""
    names = """\
table,partner,column,ledger,name
spending,,heading,Entity,partnership
spending,,heading,Ledger,partner
spending,,heading,Cost Centre,service
spending,,heading,Accounting Period,month
spending,,heading,Budget to Date £000,budget_to_date
spending,,heading,Actual to Date £000,actual_to_date
,,partnership,100,norland
,,partner,GL01,norland-council
,norland-council,service,0040123,home-care
,,month,P01-26,2025-04
,,month,P02-26,2025-05
"""
    export = """\
NORLAND COUNCIL,,,,,,
Budget Monitoring Report,,,,,,
Run date: 14-JUN-2025 09:03,,,,,,

Entity,Ledger,"Cost
Centre","Accounting
Period","Budget to
Date £000","Actual to
Date £000",Variance
100,GL01,0040123,P01-26,"1,000.0","1,012.5",(12.5)
100,GL01,0040123,P02-26,"2,000.0","2,030.0",(30.0)
"""
    returns = "partnership,partner,table,period,ledger_to,precision,status\n"
    returns += "norland,norland-council,spending,2025/26,2025-05-31,1000,provisional\n"
    tables = read(folder(tmp_path, names=names, returns=returns, spending=export))
    assert amounts(tables) == {6: (1_000_000, 1_012_500), 7: (1_000_000, 1_017_500)}  # 2,030.0 − 1,012.5
    assert [(one.row, one.found) for one in tables.warnings] == [(5, "the column 'Variance'")]


def test_rows_sorted_above_their_headings_are_refused(tmp_path):
    """A sheet that was sorted together with its headings is refused at each row above them: none is dropped."""
    text = f"{NHS},2025-05,20,19\n{COUNCIL},2025-04,10,9\n" + SPENDING + f"{NHS},2025-04,20,19\n"
    assert refused(folder(tmp_path, spending=text)) == [
        f"spending.csv, row {row}: found a row of the table above its headings: 'norland', {rest} …; expected it below "
        "them."
        for row, rest in (
            (1, "'nhs-norland', 'prescribing', '2025-05'"),
            (2, "'norland-council', 'home-care', '2025-04'"),
        )
    ]


def test_other_tables_have_footers_too(tmp_path):
    """A footer is one problem in every table, whichever columns it has."""
    for name, table in TABLES.items():
        if name not in BASE:
            (tmp_path / f"{name}.csv").write_text(f"{','.join(table.names)}\nReport run by JS\n", encoding="utf-8")
    messages = refused(folder(tmp_path))
    assert len(messages) == len(TABLES) - len(BASE)
    assert all(", row 2: found only 'Report run by JS'; expected " in one for one in messages)
    assert all(one.endswith(f"; {DELETE}.") for one in messages)


def test_a_row_that_was_only_begun_is_told_by_what_it_lacks(tmp_path):
    """A row of which little is filled in is one problem, which names the columns that are still to be filled in."""
    assert refused(folder(tmp_path, spending=SPENDING + TWO + "norland,norland-council,,,10,9\n")) == [
        "spending.csv, row 4: found only 'norland', 'norland-council', '10', '9'; expected service, month too; "
        f"{DELETE}."
    ]
    assert refused(folder(tmp_path, spending=SPENDING + TWO + "norland,norland-council,home-care,,10,9\n")) == [
        f"spending.csv, row 4, column month: found an empty cell; expected {MONTH}."
    ]


# Workbooks


def workbook(file, rows, title="spending"):
    """A workbook of a partnership, its partners and its services, and a sheet of typed rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in BASE.items():
        sheet = book.create_sheet(name)
        for line in csv.reader(text.splitlines()):
            sheet.append(line)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file


HEADINGS = SPENDING.strip().split(",")
WHO = COUNCIL.split(",")


def test_a_workbook_with_a_merged_title(tmp_path):
    """A title merged over the columns, dates for months, figures as numbers and as text: the rows keep their
    numbers."""
    rows = [
        ["Norland: budget monitoring"],
        ["Run", datetime(2026, 10, 14, 9, 3)],
        [],
        HEADINGS,
        [*WHO, datetime(2025, 4, 1), 10.5, -3.25],
        [*WHO, date(2025, 5, 31), "1,250.00", "(3.25)"],
        ["Grand Total", None, None, None, 1260.5, -6.5],
    ]
    file = workbook(tmp_path / "all.xlsx", rows)
    book = openpyxl.load_workbook(file)
    book["spending"].merge_cells("A1:F1")
    book.save(file)
    tables = read(file)
    assert amounts(tables) == {5: (10.5, -3.25), 6: (1250, -3.25)}
    assert tables["spending"]["month"].tolist() == ["2025-04", "2025-05"]
    assert [(one.file, one.row) for one in tables.warnings] == [("all.xlsx, sheet spending", 7)]


def test_formulas_that_were_never_worked_out_are_refused(tmp_path):
    """A formula without a value is refused where it stands, for its cell would read as empty."""
    rows = [HEADINGS, [*WHO, "2025-04", 10, "=4+5"], [*WHO, "2025-05", 10, "=F2+1"]]
    message = (
        "sheet spending, row 2: found 2 formulas, the first here, without a value; expected values: open the workbook "
        "in a spreadsheet program and save it."
    )
    assert refused(workbook(tmp_path / "tables.xlsx", rows)) == [f"tables.xlsx, {message}"]
    assert refused(tmp_path) == [f"tables.xlsx, {message}"]  # beside files too


def test_a_formula_of_an_empty_text_is_an_empty_cell(tmp_path):
    """A formula that was worked out to be nothing, as a spreadsheet stores it, is an empty cell like any other."""
    ours = workbook(tmp_path / "ours.xlsx", [HEADINGS, [*WHO, "2025-04", 10, '=IF(E2=0,1,"")']])
    theirs = tmp_path / "theirs.xlsx"
    with zipfile.ZipFile(ours) as source, zipfile.ZipFile(theirs, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'<c r="F2">', b'<c r="F2" t="str">'))
    assert len(refused(ours)) == 1
    assert read(theirs)["spending"]["actual"].isna().tolist() == [True]


def test_two_sheets_of_one_table_are_refused(tmp_path):
    """Sheets whose names differ by a space are one table twice, and the second is refused."""
    file = workbook(tmp_path / "all.xlsx", [HEADINGS, [*WHO, "2025-04", 10, 9]])
    book = openpyxl.load_workbook(file)
    book.create_sheet("Spending ").append(HEADINGS)
    book.save(file)
    assert refused(file) == [
        "all.xlsx, sheet Spending : found a second file of the table spending, beside all.xlsx, sheet spending; "
        "expected one filled file for each table."
    ]


def test_a_workbook_beside_files(tmp_path):
    """A table that is blank in the workbook and filled as a file is read from the file, and the other way round; one
    that is filled in both is refused."""
    folder(tmp_path, delays="partnership,period,age_group,reason,bed_days\n", spending=SPENDING + TWO)
    workbook(tmp_path / "tables.xlsx", [["partnership", "period", "age_group", "reason", "bed_days"]], "delays")
    for name in BASE:
        (tmp_path / f"{name}.csv").unlink()
    assert amounts(read(tmp_path)) == {2: (10, 9), 3: (20, 19)}
    workbook(tmp_path / "tables.xlsx", [["Norland"], HEADINGS, [*WHO, "2025-04", 10, 9]])
    assert refused(tmp_path) == [
        "tables.xlsx, sheet spending: found a second file of the table spending, beside spending.csv; expected one "
        "filled file for each table."
    ]
    (tmp_path / "spending.csv").write_text(f"Norland\n{SPENDING}", encoding="utf-8")
    assert amounts(read(tmp_path)) == {3: (10, 9)}


# For any export

TITLES = st.lists(
    st.sampled_from(
        ["", "Norland Council", "Run by JS,14/10/2026", ",,,,Budget,Actual", "Period,2025-04", ",,,month,,"]
    ),
    max_size=12,
)


@steady
@given(titles=TITLES)
def test_lines_above_the_headings_change_nothing(titles):
    """Whatever titles, dates and blank lines stand above the headings, the rows are the same, each with its own
    number."""
    above = "".join(f"{line}\n" for line in titles)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        below = read(folder(one, spending=above + SPENDING + TWO))
        plain = read(folder(other, spending=SPENDING + TWO))
    frame = plain["spending"].set_axis(plain["spending"].index + len(titles)).rename_axis("row")
    assert_frame_equal(below["spending"], frame, check_exact=True)
    assert below.warnings == plain.warnings == ()


@steady
@given(titles=TITLES, blanks=st.integers(0, 3), row=st.integers(0, 5))
def test_messages_number_rows_as_the_spreadsheet_does(titles, blanks, row):
    """Under any titles and between any blank lines, a mistake is told with the number of the line it stands in."""
    rows = [f"{COUNCIL},2025-{month:02d},10,9" for month in range(4, 10)]
    rows[row] = rows[row].replace(",10,", ",ten,")
    lines = [*titles, SPENDING.strip(), *(line for one in rows for line in (*[""] * blanks, one))]
    with tempfile.TemporaryDirectory() as path:
        messages = refused(folder(path, spending="\n".join(lines) + "\n"))
    number = next(place for place, line in enumerate(lines, start=1) if ",ten," in line)
    assert messages == [f"spending.csv, row {number}, column budget: found 'ten'; expected {AMOUNT}."]


CELLS = st.one_of(
    st.sampled_from(
        ["", "Total", "norland", "norland-council", "home-care", "2025-04", "10", "-", "n/a", "(5)", "5CR"]
    ),
    st.text("Tota l-/%£()0123456789.,CR\u00a0é\n", max_size=6),
)


@settings(steady, max_examples=150)
@given(
    table=st.sampled_from(sorted(TABLES)),
    lines=st.lists(st.lists(CELLS, max_size=16), max_size=6),
    top=st.integers(0, 6),
)
def test_no_file_makes_a_traceback(table, lines, top):
    """Whatever stands in a file, it is read or refused in sentences that name the file and end with what to do."""
    lines.insert(min(top, len(lines)), TABLES[table].names)
    with tempfile.TemporaryDirectory() as path:
        folder(path)
        with (Path(path) / f"{table}.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(lines)
        try:
            tables = read(path)
        except InputRefused as told:
            assert str(told).endswith(THEN)
            assert all(one.file.endswith(".csv") and one.found and one.expected for one in told.problems)
        else:
            assert table in tables

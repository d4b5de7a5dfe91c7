"""Files for machines and spreadsheets: every digit, no formula, the same bytes, and a workbook that can be read."""

import csv
import io
import re
import time
from dataclasses import fields, replace
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ijbtools.finance.words import NOT_KNOWN
from ijbtools.report.files import INVENTED, harmless, sheet_names, write_files
from ijbtools.topics.result import FACT_COLUMNS, ShownColumn, ShownFigure, ShownTable

ABOUT = {"Status": "Draft", "Made from": "data/sample/scotland", "Formula": "=1+1"}
DANGEROUS = "=+-@＝＋－＠\t\r\n"
ATTACKS = [
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "  =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "{=1+1}",
    "https://example.org/?=1",
    "0044 20",
    "<r>cells' own markup</r>",
    "<r><t>=1+1</t></r>",
    '";=1+1;"',
]


@pytest.fixture(scope="module")
def highland(shunted):
    """The sample's lead agency."""
    return shunted.only("highland", "2024/25")


@pytest.fixture(scope="module")
def folder(highland, tmp_path_factory):
    """Highland's files."""
    folder = tmp_path_factory.mktemp("files") / "not yet" / "there"
    write_files(highland, folder, ABOUT)
    return folder


@pytest.fixture(scope="module")
def workbook(folder):
    """Highland's workbook, read back."""
    return openpyxl.load_workbook(folder / "shunting.xlsx")


def read_back(file):
    return pd.read_csv(file, encoding="utf-8-sig", keep_default_na=False, na_values={"amount": [""]}, dtype=TEXT)


TEXT = {name: str for name in FACT_COLUMNS if name != "amount"}


def parsed(file):
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def values(sheet, row=1):
    """The cells of a sheet from a row on, with nothing for nothing."""
    return [["" if cell.value is None else cell.value for cell in cells] for cells in sheet.iter_rows(min_row=row)]


def own_fields(result):
    return {field.name: getattr(result, field.name) for field in fields(result)}


def sixteen(value):
    """A value as a workbook keeps it."""
    return value if isinstance(value, str) else float(f"{value:.16g}")


def with_tables(result, tables, figures=None):
    """The same result with other tables and figures."""

    class Other(type(result)):
        TABLES, FIGURES = tuple(tables), tuple(figures or ())

        def table(self, name):
            return tables[name]

        def figure(self, name):
            return figures[name]

    return Other(**own_fields(result))


def shown(rows, headings=("Who", "Amount"), places=(None, 1), **more):
    names = [f"c{at}" for at in range(len(headings))]
    columns = tuple(ShownColumn(*each) for each in zip(names, headings, places, strict=True))
    return ShownTable(
        **{"title": "A title", "subtitle": "£ million", "sources": ("S01",), **more},
        columns=columns,
        frame=pd.DataFrame(rows, columns=names),
    )


def figure_of(table):
    words = {"title": "What is drawn", "subtitle": table.subtitle, "alt": "Bars."}
    return ShownFigure("bars", **words, frame=table.frame, category="c0", value="c1", series="", places=1, table=table)


# What is written


def test_the_files_in_order(highland, tmp_path):
    """Facts, tables, the figures that no table holds already, and the workbook, in that order, and nothing else."""
    files = write_files(highland, tmp_path / "new", ABOUT)
    names = [file.relative_to(tmp_path / "new").as_posix() for file in files]
    tables = ["days", "rate", "decides", "ending", "one_budget", "figure-trend"]  # rate and flows are drawn from tables
    assert names == ["facts.csv", *(f"tables/{name}.csv" for name in tables), "shunting.xlsx"]
    assert sorted(files) == sorted(file for file in (tmp_path / "new").rglob("*") if file.is_file())


def test_a_figure_is_left_out_only_where_a_table_says_the_same(highland, tmp_path):
    """A figure has a file of its own where its values or headings are in no other file."""
    table = shown([["a", 1.0]])
    figures = {
        "same": figure_of(replace(table, title="Another title")),
        "value": figure_of(shown([["a", 1.1]])),
        "heading": figure_of(shown([["a", 1.0]], ("Who", "Cash"))),
        "twice": figure_of(shown([["a", 1.1]])),
    }
    files = write_files(with_tables(highland, {"one": table}, figures), tmp_path, {})
    assert [file.stem for file in files] == ["facts", "one", "figure-value", "figure-heading", "shunting"]
    sheet = openpyxl.load_workbook(tmp_path / "shunting.xlsx")["figure-value"]
    assert sheet["A1"].value == "What is drawn"


def test_a_result_that_is_not_narrowed_is_refused(shunted, tmp_path):
    """Files of all partnerships at once are refused, and nothing is written."""
    with pytest.raises(ValueError, match=r"result: found all partnerships; expected one: result\.only"):
        write_files(shunted, tmp_path / "new", ABOUT)
    assert not (tmp_path / "new").exists()


def test_an_infinite_number_is_refused(highland, tmp_path):
    """A number without end is refused with the name of its table, and nothing is written."""
    result = with_tables(highland, {"one": shown([["a", 1.0]]), "two": shown([["a", float("-inf")]])})
    with pytest.raises(ValueError, match="found an infinite number in two; expected"):
        write_files(result, tmp_path / "new", ABOUT)
    assert not (tmp_path / "new").exists()


# CSV


@pytest.mark.parametrize(
    ("partnership", "period"), [("highland", "2024/25"), ("orkney-islands", "2023/24 Q2"), ("edinburgh", "2024/25 Q4")]
)
def test_facts_come_back_as_they_were(shunted, tmp_path, partnership, period):
    """Facts that are read back are the partnership's and its nation's, to the last digit."""
    result = shunted.only(partnership, period)
    write_files(result, tmp_path, ABOUT)
    facts = result.facts()
    facts = facts[facts["partnership"].isin([partnership, "scotland"])].reset_index(drop=True)
    back = read_back(tmp_path / "facts.csv")
    assert tuple(back.columns) == FACT_COLUMNS
    assert set(back["partnership"]) == {partnership, "scotland"}
    pd.testing.assert_frame_equal(back, facts, check_exact=True, check_dtype=False)


def test_facts_of_other_nations_stay_out(highland, tmp_path):
    """Facts of another partnership or another nation are not in the file."""

    class Wider(type(highland)):
        def facts(self):
            facts = super().facts()
            return pd.concat([facts, facts.assign(partnership="england"), facts.assign(partnership="fife")])

    write_files(Wider(**own_fields(highland)), tmp_path, {})
    back = read_back(tmp_path / "facts.csv")
    assert set(back["partnership"]) == {"highland", "scotland"}
    assert len(back) == len(highland.facts())


@pytest.mark.parametrize(
    ("partnership", "period"), [("highland", "2024/25"), ("orkney-islands", "2023/24 Q2"), ("edinburgh", "2024/25 Q4")]
)
def test_tables_come_back_as_they_were(shunted, tmp_path, partnership, period):
    """A table that is read back has the ids, the readers' headings, and the values to the last digit."""
    result = shunted.only(partnership, period)
    write_files(result, tmp_path, ABOUT)
    for name in result.TABLES:
        table = result.table(name)
        back = pd.read_csv(tmp_path / "tables" / f"{name}.csv", encoding="utf-8-sig")
        assert list(back.columns) == ["partnership", "period", *(column.heading for column in table.columns)]
        assert set(back["partnership"]) == {partnership}
        assert set(back["period"]) == {result.period.name}
        for column in table.columns:
            found, expected = back[column.heading], table.frame[column.name]
            if column.places is None:
                assert found.fillna("").tolist() == expected.tolist()
            else:
                pd.testing.assert_series_equal(
                    found.astype(float),
                    expected.astype(float).reset_index(drop=True),
                    check_exact=True,
                    check_names=False,
                )


def test_csv_files_open_as_they_should(folder):
    """Every CSV file begins with the byte-order mark once, has `\\n` for new lines, commas, and £ as it is."""
    files = sorted(folder.rglob("*.csv"))
    assert len(files) == 7
    for file in files:
        data = file.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.count(b"\xef\xbb\xbf") == 1
        assert b"\r" not in data
        assert data.endswith(b"\n")
        assert len({len(row) for row in parsed(file)}) == 1
    assert ",£,2024/25,assumed\n" in (folder / "facts.csv").read_text("utf-8-sig")


def test_numbers_have_every_digit_and_no_more(highland, tmp_path):
    """Numbers are the shortest text that reads back as the same double; whole numbers have no decimals."""
    numbers = [75093.0, 0.1 + 0.2, -5.0, -0.0, 1 / 3, 1e-7, 1e15, 1e300, 123456789.125, 31]
    write_files(with_tables(highland, {"one": shown([["a", value] for value in numbers])}), tmp_path, {})
    found = [row[3] for row in parsed(tmp_path / "tables" / "one.csv")[1:]]
    assert found == [
        "75093",
        "0.30000000000000004",
        "-5",
        "0",
        "0.3333333333333333",
        "1e-07",
        "1000000000000000.0",  # from here on a double has no decimals to lose
        "1e+300",
        "123456789.125",
        "31",
    ]
    with ZipFile(tmp_path / "shunting.xlsx") as members:
        assert b"<v>-0</v>" not in members.read("xl/worksheets/sheet2.xml")


def test_what_is_not_known(highland, tmp_path):
    """What is not known is an empty cell for machines and said in words to readers; neither file says nan."""
    table = shown([["a", 1.5], ["b", float("nan")], [None, 2.5], ["", 0.0]])
    write_files(with_tables(highland, {"one": table}), tmp_path, {})
    assert [row[2:] for row in parsed(tmp_path / "tables" / "one.csv")[1:]] == [
        ["a", "1.5"],
        ["b", ""],
        ["", "2.5"],
        ["", "0"],
    ]
    book = openpyxl.load_workbook(tmp_path / "shunting.xlsx")
    assert values(book["one"], 4)[:4] == [["a", 1.5], ["b", NOT_KNOWN], [NOT_KNOWN, 2.5], ["", 0]]
    assert not any(str(cell).lower() in ("nan", "none") for sheet in book for row in values(sheet) for cell in row)


def test_headings_stand_once(highland, tmp_path):
    """Where two columns have the same heading, the CSV file tells them apart."""
    table = shown([["a", 1, 2, 3]], ("partnership", "Borders", "Borders", "Borders (2)"), (None, 0, 0, 0))
    write_files(with_tables(highland, {"one": table}), tmp_path, {})
    heading = parsed(tmp_path / "tables" / "one.csv")[0]
    assert heading == ["partnership", "period", "partnership (2)", "Borders", "Borders (2)", "Borders (2) (2)"]


# Nothing becomes a formula


@settings(deadline=None, derandomize=True)
@given(st.text(), st.sampled_from(["", " ", "\u00a0", "\ufeff", "\t", "\r", "\n", *DANGEROUS]))
def test_harmless_text_never_begins_as_a_formula(text, before):
    """Text made harmless never begins as a formula does, spaces counted or not, and ends with the text itself."""
    made = harmless(before + text)
    assert made[:1] not in {*"\t\r\n", *DANGEROUS}
    assert made.lstrip(" \u00a0\u200b\ufeff\u2003")[:1] not in set(DANGEROUS)
    assert made.endswith(before + text)
    assert made in (before + text, f"'{before}{text}")
    assert harmless(made) == made


@settings(deadline=None, derandomize=True)
@given(st.text(min_size=1))
def test_plain_text_is_left_alone(text):
    """Text that begins with a letter, a digit or any other plain sign is as it was, whatever follows."""
    assume(text[0].isalnum() or text[0] in "£'\"(<−")
    assert harmless(text) == text


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_name_becomes_a_formula(highland, tmp_path, attack):
    """A partnership's name, a heading, a row or a note that looks like a formula is text in every file."""
    tables = {**highland.tables, "partnerships": highland.tables["partnerships"].assign(name=attack)}
    result = replace(highland, tables=tables)
    assert result.table("rate").columns[1].heading == attack
    other = shown([[attack, -5.0], ["All", -5.0]], (attack, "Amount"), title=attack, subtitle=attack, notes=(attack,))
    own = {name: result.table(name) for name in result.TABLES}
    result = with_tables(result, {**own, "other": other, "again": replace(other, total=True)})
    for file in write_files(result, tmp_path, {attack: attack}):
        if file.suffix == ".csv":
            assert b"\r" not in file.read_bytes()
            for cell in (cell for row in parsed(file) for cell in row if cell.lstrip()[:1] in {*DANGEROUS}):
                assert cell == "" or re.fullmatch(r"-?\d+(\.\d+)?(e[+-]\d+)?", cell)
    assert parsed(tmp_path / "tables" / "other.csv")[1][3] == "-5"  # numbers stay numbers
    assert parsed(tmp_path / "tables" / "rate.csv")[0][3].endswith(attack.replace("\r", "\n"))

    book = openpyxl.load_workbook(tmp_path / "shunting.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds == {"n", "s"}
    assert not any(cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row)
    text = attack.replace("\r", "\n")
    assert values(book["other"])[0][0] == values(book["other"])[2][0] == values(book["other"])[3][0] == text
    assert text in [row[0] for row in values(book["other"], 7)]
    assert [text, text] in values(book["About"])
    with ZipFile(tmp_path / "shunting.xlsx") as members:
        assert not [name for name in members.namelist() if b"<f>" in members.read(name) or "external" in name]


def test_text_that_no_file_can_hold_is_shown_as_a_sign(highland, tmp_path):
    """Control characters and broken letters become a sign, and both doors stay open."""
    table = shown([["a\x00b\x0bc\ud800\uffff", 1.0], ["a\r\nb\rc", 2.0]])
    write_files(with_tables(highland, {"one": table}), tmp_path, {})
    assert [row[2] for row in parsed(tmp_path / "tables" / "one.csv")[1:]] == ["a�b�c��", "a\nb\nc"]
    book = openpyxl.load_workbook(tmp_path / "shunting.xlsx")
    assert [row[0] for row in values(book["one"], 4)[:2]] == ["a�b�c��", "a\nb\nc"]


# The workbook


def test_the_sheets(workbook, highland):
    """The first sheet says what this is, the last holds the facts, and every table has one between them."""
    assert workbook.sheetnames == ["About", *highland.TABLES, "figure-trend", "Facts"]
    for sheet in workbook:
        assert values(sheet)[0][0]
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_state == "visible"


def test_the_first_sheet_says_what_this_is(workbook, highland):
    """About has title, finding, every line of the run, what is on each sheet, every source used, and the licence."""
    rows = values(workbook["About"])
    said = {row[0]: row[1] for row in rows}
    assert rows[0] == ["Highland: shunting. Financial year 2024/25", ""]
    assert rows[1] == ["Finding", highland.sentences()["headline"]]
    assert [row for row in rows if row[0] in ABOUT] == [list(pair) for pair in ABOUT.items()]
    for name in highland.TABLES:
        assert said[name] == highland.table(name).title
    used = {*highland.data_sources, *(one.source for one in highland.used)}
    assert (
        {label for label in said if re.fullmatch(r"S\d\d", label)} == used == {"S01", "S02", "S03", "S05", "S09", "S10"}
    )
    assert highland.sources["S02"].citation in said["S02"]
    assert said["S02"].endswith(
        ". Open Government Licence v3.0. https://www.opendata.nhs.scot/dataset/population-estimates"
    )
    assert "Document read in part. Figures as BBC News reported them." in said["S05"]
    assert said["Licence"] == (
        "Contains public sector information licensed under the Open Government Licence v3.0: "
        "National Records of Scotland, by Public Health Scotland; Public Health Scotland."
    )
    assert INVENTED not in said


def test_a_scenario_is_named(highland, tmp_path):
    """About names the scenario, where there is one."""
    write_files(replace(highland, scenario="low.yaml"), tmp_path, {})
    assert ["Scenario", "low.yaml"] in values(openpyxl.load_workbook(tmp_path / "shunting.xlsx")["About"])


def test_invented_partnerships_are_said_to_be_so_first(highland, tmp_path):
    """The first row of an invented partnership's workbook says that it is invented."""
    tables = {**highland.tables, "partnerships": highland.tables["partnerships"].assign(kind="invented")}
    write_files(replace(highland, tables=tables), tmp_path, ABOUT)
    sheet = openpyxl.load_workbook(tmp_path / "shunting.xlsx")["About"]
    assert sheet["A1"].value == INVENTED
    assert sheet["A1"].font.bold
    assert sheet["A2"].value.startswith("Highland: ")


def test_tables_of_the_workbook_hold_what_the_result_holds(workbook, highland):
    """Title in A1, subtitle in A2, headings in row 3, then the values as numbers, with sixteen digits."""
    for name in highland.TABLES:
        table, rows = highland.table(name), values(workbook[name])
        assert [rows[0][0], rows[1][0]] == [table.title, table.subtitle]
        assert rows[2] == [column.heading for column in table.columns]
        frame = table.frame[[column.name for column in table.columns]]
        expected = [[sixteen(value) for value in row] for row in frame.itertuples(index=False, name=None)]
        assert rows[3 : 3 + len(expected)] == expected


def test_notes_and_sources_stand_beneath(workbook, highland):
    """Notes, the note on rounding where it is needed, and the sources with their ids stand beneath an empty row."""
    beneath = [row[0] for row in values(workbook["decides"], 9)]
    assert beneath == [
        "",
        *highland.table("decides").notes,
        "Figures may not add up because each is rounded.",  # 4.7 + 1.4 + 0.4 + 0.3 = 6.8 beside 7.0
        "Source: Public Health Scotland (S01); Accounts Commission and Auditor General for Scotland (S05).",
    ]
    assert "Cash is the part of a bed’s cost that a budget can give up." in beneath
    assert workbook["decides"]["A10"].alignment.wrap_text
    assert "Figures may not" not in str(values(workbook["days"]))


def test_number_formats_are_those_of_the_page(highland, tmp_path):
    """Each column has its decimals and thousands separators; numbers in a column of text are plain."""
    rows = [["a", 1234.5678, -1234.5678, 2024], ["All", 1234.5678, -1234.5678, 2024]]
    table = shown(rows, ("Who", "Days", "£ million", "Year"), (None, 0, 2, None), total=True)
    write_files(
        with_tables(highland, {"one": table, "thousands": shown([["a", 5.0]], places=(None, -3))}), tmp_path, {}
    )
    book = openpyxl.load_workbook(tmp_path / "shunting.xlsx")
    for row in (4, 5):
        assert [cell.number_format for cell in book["one"][row]] == ["General", "#,##0", "#,##0.00", "General"]
        assert [cell.data_type for cell in book["one"][row]] == ["s", "n", "n", "n"]
    assert book["thousands"]["B4"].number_format == "#,##0"


def test_header_and_total_stand_out(workbook):
    """The header row is bold, wrapped and has a line beneath; the total is bold and has a line above; no other row."""
    sheet = workbook["decides"]
    for cell in sheet[3]:
        assert (cell.font.bold, cell.alignment.wrap_text, cell.border.bottom.style) == (True, True, "thin")
    for cell in sheet[8]:  # four rows, then All; the empty cell too
        assert (cell.font.bold, cell.border.top.style) == (True, "thin")
    for row in (4, 5, 6, 7):
        assert not any(cell.font.bold or cell.border.top.style for cell in sheet[row])
    assert not any(cell.font.bold for cell in workbook["rate"][11])  # no total, no bold last row


def test_sheets_are_set_up_to_be_read_and_printed(workbook):
    """Header rows stay in sight and on every page; sheets print on A4, one page wide; columns fit what they hold."""
    for sheet in workbook:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        if sheet.title not in ("About", "Facts"):
            assert (sheet.freeze_panes, sheet.print_title_rows) == ("A4", "$3:$3")
            assert sheet.column_dimensions["A"].width >= 40
    assert (workbook["Facts"].freeze_panes, workbook["Facts"].print_title_rows) == ("A2", "$1:$1")
    longest = max(len(row[3]) for row in values(workbook["Facts"]))
    assert workbook["Facts"].column_dimensions["D"].width > longest


def test_the_last_sheet_holds_the_facts(workbook, folder):
    """Facts have a filter over all of them, blank cells for what is missing, and are those of the CSV file."""
    sheet, facts = workbook["Facts"], read_back(folder / "facts.csv")
    assert sheet.auto_filter.ref == f"A1:J{len(facts) + 1}" == sheet.dimensions
    rows = values(sheet)
    assert tuple(rows[0]) == FACT_COLUMNS
    for row, other in zip(rows[1:], facts.itertuples(index=False, name=None), strict=True):
        assert row[6] == sixteen(other[6])
        assert [*row[:6], *row[7:]] == [*other[:6], *other[7:]]
    assert {sheet.cell(row, 7).number_format for row in range(2, len(facts) + 2)} == {"#,##0", "#,##0.00"}


def test_properties_of_the_workbook(workbook):
    """The workbook has a title, names the project as author, and no hour of its making."""
    properties = workbook.properties
    assert properties.title == "Highland: shunting. Financial year 2024/25"
    assert properties.creator == "ijbtools"
    assert properties.created == properties.modified
    assert properties.created.year == 1980


def test_the_same_bytes_each_time(highland, folder, tmp_path, monkeypatch):
    """The same inputs give the same bytes on another day in another time zone, dates inside the workbook included."""
    now = time.time() + 40 * 86_400 + 3_601
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(now + 5 * 3600))
    again = write_files(highland, tmp_path, ABOUT)
    assert len(again) == 8
    for file in again:
        assert file.read_bytes() == (folder / file.relative_to(tmp_path)).read_bytes(), file.name
    with ZipFile(io.BytesIO((tmp_path / "shunting.xlsx").read_bytes())) as members:
        assert {member.date_time for member in members.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["days", "figure-trend"], ["days", "figure-trend"]),
        (["About", "facts", "History"], ["About 2", "facts 2", "History 2"]),
        (["Days", "days", "DAYS"], ["Days", "days 2", "DAYS 3"]),
        (["a[b]:c*d?e/f\\g"], ["a b c d e f g"]),
        (["'quoted'", "", " ", "''", "?"], ["quoted", "Table", "Table 2", "Table 3", "Table 4"]),
        (["x" * 40, "x" * 40], ["x" * 31, "x" * 29 + " 2"]),
        (["🏥" * 20], ["🏥" * 15]),  # a picture counts twice
    ],
)
def test_odd_names_of_sheets(names, expected):
    """Names of sheets are cut, cleaned and told apart as a workbook asks."""
    assert sheet_names(names) == expected


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=40), max_size=15))
def test_every_name_of_a_sheet_is_permitted(names):
    """Whatever the names, sheets have 1 to 31 characters, none that is forbidden, no quote at an end, each once."""
    chosen = sheet_names(names)
    assert len({name.casefold() for name in (*chosen, "About", "Facts", "History")}) == len(names) + 3
    for name in chosen:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", name)


def test_tables_with_odd_names_are_written(highland, tmp_path):
    """A workbook with long and clashing names of tables opens, with a sheet for each."""
    tables = {"about": shown([["a", 1.0]]), "y" * 40: shown([["b", 2.0]]), "Y" * 40: shown([["c", 3.0]])}
    write_files(with_tables(highland, tables), tmp_path, {})
    book = openpyxl.load_workbook(tmp_path / "shunting.xlsx")
    assert book.sheetnames == ["About", "about 2", "y" * 31, "Y" * 29 + " 2", "Facts"]
    assert [sheet["A4"].value for sheet in book.worksheets[1:4]] == ["a", "b", "c"]

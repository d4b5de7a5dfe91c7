"""The workbook to fill in: every table, its help and its lists, safe text, and rows that come back as they went in."""

import re
import subprocess
import sys
import warnings
from datetime import date
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest

from ijbtools.inputs import read
from ijbtools.inputs.columns import Column
from ijbtools.inputs.tables import TABLES
from ijbtools.report import forms
from ijbtools.report.forms import write_form

ABOUT = ("Tables of Strathorran", "Save this as data/tables.xlsx.", "=1+1")
TEXTS = ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(1)", "  =1+1", "<r><t>=1+1</t></r>", "https://example.org/", "0044"]
COLUMNS = [(table, column) for table in TABLES.values() for column in table.columns]


@pytest.fixture(scope="module")
def invented(root):
    """The tables of the invented partnerships."""
    return read(root / "data" / "sample" / "invented")


@pytest.fixture(scope="module")
def filled(invented, tmp_path_factory):
    """A workbook filled with the invented partnerships; a warning of the writer would be an error here."""
    file = tmp_path_factory.mktemp("form") / "tables.xlsx"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_form(file, invented, ABOUT)
    return file


@pytest.fixture(scope="module")
def book(filled):
    """The filled workbook, read back."""
    return openpyxl.load_workbook(filled)


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A workbook with nothing filled in, read back."""
    file = tmp_path_factory.mktemp("form") / "tables.xlsx"
    write_form(file, {}, ())
    return openpyxl.load_workbook(file)


def line(sheet, row):
    return [cell.value for cell in sheet[row]]


def rules(sheet):
    """The checks of a sheet by the letter of their column."""
    return {str(rule.sqref)[0]: rule for rule in sheet.data_validations.dataValidation}


def rule_of(book, table, column):
    return rules(book[table.name]).get(openpyxl.utils.get_column_letter(table.names.index(column.name) + 1))


def cells_of(book, name):
    """What stands in the cells that a defined name means."""
    [(sheet, cells)] = book.defined_names[name].destinations
    return [cell.value for row in book[sheet][cells] for cell in row] if ":" in cells else [book[sheet][cells].value]


def luminance(rgb):
    parts = [int(rgb[at : at + 2], 16) / 255 for at in (2, 4, 6)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(cell):
    fill = cell.fill.fgColor.rgb if cell.fill.fill_type else "FFFFFFFF"
    light, dark = sorted((luminance(cell.font.color.rgb), luminance(fill)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_table_has_its_sheet(book, blank):
    """Between start and words stands a sheet for every table, in order, with its headings in the third row."""
    for each in (book, blank):
        assert each.sheetnames == ["start", *TABLES, "words"]
        for table in TABLES.values():
            assert line(each[table.name], 3) == table.names


def test_start_says_what_the_workbook_is(book):
    """The first sheet has the lines given, then every table with a link, what it is for and whether it is required."""
    sheet = book["start"]
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert [row[0] for row in rows[:3]] == list(ABOUT)
    linked = {cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert linked == {name: f"'{name}'!A1" for name in [*TABLES, "words"]}
    for table in TABLES.values():
        said = (table.name, "optional" if table.optional else "required", table.meaning.replace("'", "’"))
        assert said in rows


def test_the_first_row_says_what_a_row_is(blank):
    """The first row of a sheet is the table's meaning and the words that together name a row."""
    said = {name: blank[name]["A1"].value for name in TABLES}
    assert (
        said["partners"] == "Who pays, bears or benefits in a partnership.  One row for each partnership and partner."
    )
    assert said["services"].endswith("  One row for each service.")
    assert said["reserves"].endswith("  One row for each partnership, held by, year and fund.")
    for table in TABLES.values():
        assert said[table.name].startswith(table.meaning.replace("'", "’"))
        assert line(blank[table.name], 1)[1:] == [None] * (len(table.columns) - 1)


def test_every_column_has_a_line_of_help(blank):
    """Over every heading stands whether it is required, what it means, what a cell may hold and its unit."""
    for table, column in COLUMNS:
        needed, meaning, *may = line(blank[table.name], 2)[table.names.index(column.name)].split("\n")
        assert needed == ("Required" if column.required else "Optional")
        assert column.meaning.replace("'", "’")[1:] in meaning
        assert all(word in may[0] for word in [*column.words, *column.also])
        assert column.unit in ("", "£", "year", "place") or column.unit in may[0]
        assert not re.search(r"\w\.\w|'", " ".join(may).replace("1,250.00", ""))


def test_required_headings_look_different_and_all_can_be_read(book):
    """Required and optional headings differ, and what is printed small or in colour has a contrast of 4.5 or more."""
    for table, column in COLUMNS:
        cell = book[table.name].cell(3, table.names.index(column.name) + 1)
        assert cell.font.bold
        assert cell.fill.fgColor.rgb == ("FF1F3864" if column.required else "FFDCE6F1")
        assert contrast(cell) >= 4.5
    assert contrast(book["words"]["A5"]) >= 4.5
    assert forms._HELP["font_color"] == "#595959"  # the same grey, in parts of cells


def test_headings_stay_in_sight_and_on_paper(book):
    """The headings are frozen on the screen, repeated on paper, and no cells are merged; a sheet is one page wide."""
    for name in TABLES:
        sheet = book[name]
        assert sheet.freeze_panes == ("B4" if len(TABLES[name].columns) > 4 else "A4")
        assert sheet.print_title_rows == "$3:$3"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert not sheet.merged_cells.ranges


def test_every_column_of_words_has_its_list(book):
    """A column of words offers exactly its words, by a defined name, and refuses others unless it can be added to."""
    for table, column in COLUMNS:
        if not column.words:
            continue
        rule = rule_of(book, table, column)
        assert rule.type == "list"
        assert cells_of(book, rule.formula1) == list(column.words)
        assert (rule.errorStyle or "stop") == ("warning" if column.opened_by else "stop")
        assert all(word in rule.error for word in column.words)


def test_words_have_their_labels(book):
    """The last sheet has every permitted word of every column with its label, and names the column and the sheet."""
    rows = list(book["words"].iter_rows(min_row=4, values_only=True))
    for table, column in COLUMNS:
        mine = [(w, m) for names, w, m, on in rows if column.name in names.split(", ") and table.name in on.split(", ")]
        assert {(word, label.replace("'", "’")) for word, label in column.words.items()} <= set(mine)


def test_columns_that_refer_offer_what_stands_there(book, invented):
    """A column that refers to another table offers the rows filled in there, and lets other words through."""
    for table, column in COLUMNS:
        if not column.refers_to:
            continue
        rule = rule_of(book, table, column)
        target, _, name = column.refers_to.partition(".")
        letter = openpyxl.utils.get_column_letter(TABLES[target].names.index(name) + 1)
        cells = f"{target}!${letter}$4:${letter}$5000"
        filled = f"{target}!${letter}$4:INDEX({cells},MAX(1,COUNTA({cells})))"
        assert (rule.type, rule.errorStyle, book.defined_names[rule.formula1].value) == ("list", "warning", filled)
        assert [cell.value for cell in book[target][letter][3:]] == invented[target][name].tolist()
        assert all(word in rule.error and word in rule.prompt for word in column.also)


def test_shares_and_counts_are_checked_gently(book):
    """A share beyond 0 to 1 and a count below 0 or not whole are questioned, not refused."""
    for table, column in COLUMNS:
        rule = rule_of(book, table, column)
        if column.kind == "share":
            assert (rule.type, rule.formula1, rule.formula2) == ("decimal", "0", "1")
        elif column.kind == "count":
            assert (rule.type, rule.operator, rule.formula1) == ("whole", "greaterThanOrEqual", "0")
        elif not column.words and not column.refers_to:
            assert rule is None
            continue
        if not column.words:
            assert rule.errorStyle == "warning"


def test_lists_are_references_down_to_row_5000_and_let_blanks_through(book):
    """No list is typed into its check, each reaches row 5000, and none minds a blank."""
    for name in TABLES:
        for rule in book[name].data_validations.dataValidation:
            assert re.fullmatch(r"[A-R]4:[A-R]5000", str(rule.sqref))
            assert rule.allowBlank
            assert rule.type != "list" or rule.formula1 in book.defined_names


def test_a_long_table_has_lists_beyond_its_end(tmp_path):
    """Where more is filled in than usual, lists and what they offer reach a thousand rows further."""
    services = pd.DataFrame({"service": [f"service-{n}" for n in range(4500)]})
    write_form(tmp_path / "form.xlsx", {"services": services}, ABOUT)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    assert str(rules(book["services"])["E"].sqref) == "E4:E5503"
    assert "$A$5503" in book.defined_names["ids_services_service"].value


def test_limits_of_excel_hold(book):
    """Messages, titles, names and rows are within what Excel permits."""
    for name in TABLES:
        for rule in book[name].data_validations.dataValidation:
            assert len(rule.error) <= 255 and len(rule.prompt or "") <= 255
            assert len(rule.errorTitle) <= 32 and len(rule.promptTitle or "") <= 32
            assert bool(rule.prompt) == bool(rule.promptTitle)
            assert not rule.error.endswith("…")
        assert book[name].row_dimensions[2].height <= 150
    assert all(len(name) <= 31 for name in book.sheetnames)
    for name in book.defined_names:
        assert re.fullmatch(r"[a-z_]{1,255}", name)
        assert not re.fullmatch(r"[a-z]{1,3}\d+|r\d*c\d*", name)


def test_long_hints_end_with_where_the_rest_is():
    """Labels that would not fit into a message are cut between words of the list."""
    long = Column("grade", "word", "", words={f"word-{n}": "what it means " * 4 for n in range(9)})
    hint = forms._hint(long)
    assert len(hint) <= 255
    assert hint.endswith("\n… more on the sheet words")
    assert hint.startswith("word-0: what it means")


def test_cells_are_kept_from_being_rewritten(book):
    """Columns of text are text as far as the sheet goes, amounts and counts have separators, years have none."""
    for table, column in COLUMNS:
        at = table.names.index(column.name) + 1
        [found] = {d.number_format for d in book[table.name].column_dimensions.values() if d.min <= at <= d.max}
        expected = {"amount": "#,##0.00", "count": "#,##0", "number": "General", "share": "General"}
        assert found == ("0" if column.unit == "year" else expected.get(column.kind, "@"))


def test_shares_are_not_percentages(book):
    """No share has a percent format, in which a typed 1 would become 1%."""
    assert {cell.number_format for cell in book["shares"]["E"][3:]} == {"General"}


def test_numbers_are_numbers_and_text_is_text(tmp_path):
    """Numbers are numbers also where a frame has them as text, days are text, and a missing value is a blank."""
    frames = {
        "spending": pd.DataFrame(
            {"month": ["2025-04", ""], "actual": ["(1,250.50)", "about 3"], "budget": [1e6, None]}
        ),
        "partnerships": pd.DataFrame({"code": [7, 8.0], "started_on": [date(2016, 4, 1), pd.Timestamp("2015-04-01")]}),
        "population": pd.DataFrame({"year": [2024], "people": [1200.0]}),
    }
    write_form(tmp_path / "form.xlsx", frames, ABOUT)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    spending = book["spending"]
    assert [[spending[f"{c}{row}"].value for c in "DEF"] for row in (4, 5)] == [
        ["2025-04", 1_000_000, -1250.5],
        [None, None, "about 3"],
    ]
    places = book["partnerships"]
    assert [[places[f"{c}{row}"].value for c in "FG"] for row in (4, 5)] == [["7", "2016-04-01"], ["8", "2015-04-01"]]
    assert [book["population"][f"{c}4"].value for c in "BD"] == [2024, 1200]


def test_text_never_becomes_a_formula_or_a_link(tmp_path):
    """Text that begins like a formula, a link or cells' own markup comes back as the text it is."""
    write_form(tmp_path / "form.xlsx", {"schemes": pd.DataFrame({"name": TEXTS, "note": TEXTS})}, TEXTS)
    sheet = openpyxl.load_workbook(tmp_path / "form.xlsx")["schemes"]
    assert [cell.value for cell in sheet["C"][3:]] == TEXTS
    assert {cell.data_type for cell in sheet["C"][3:]} == {"s"}
    with ZipFile(tmp_path / "form.xlsx") as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not [sheet for sheet in sheets if "<f>" in sheet]


def test_same_inputs_same_bytes(filled, invented, tmp_path):
    """Written twice, the workbook is the same byte for byte, names no author, and has its first line as title."""
    write_form(tmp_path / "again.xlsx", invented, ABOUT)
    assert (tmp_path / "again.xlsx").read_bytes() == filled.read_bytes()
    properties = openpyxl.load_workbook(filled).properties
    assert (properties.title, properties.creator or "", properties.created.year) == (ABOUT[0], "", 1980)


def test_unknown_tables_and_columns_are_refused(tmp_path):
    """A table or a column that the dictionary does not have is named, and nothing is written."""
    for name, frame in {"budget": pd.DataFrame(), "budgets": pd.DataFrame({"recuring": [1]})}.items():
        with pytest.raises(ValueError, match=r"frames: found .* expected names of the dictionary"):
            write_form(tmp_path / "form.xlsx", {name: frame}, ABOUT)
    assert not list(tmp_path.iterdir())


def test_a_form_is_written_without_matplotlib():
    """The module is imported without matplotlib, so that a new workspace is made quickly."""
    code = "import sys, ijbtools.report.forms; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_filled_form_reads_as_its_folder(filled, invented):
    """Read back, the filled workbook gives the rows of the folder it was filled from; other tables have no rows."""
    again = read(filled)
    assert [warning.found for warning in again.warnings] == [warning.found for warning in invented.warnings]
    assert all(again[name].index.min() == 4 for name in invented)  # rows are numbered as the spreadsheet does
    for name in TABLES:
        if name in invented:
            kept, found = (tables[name].reset_index(drop=True) for tables in (invented, again))
            pd.testing.assert_frame_equal(found, kept, check_exact=False, rtol=1e-15, atol=0)
        else:
            assert name not in again or again[name].empty

"""Files as rows of text, numbered as a spreadsheet numbers them."""

import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.sheets import Sheet, read_csv, read_sheets


def csv_file(folder, content, name="delays.csv"):
    """A file of those bytes, or of that text in UTF-8."""
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return file


def workbook(file, sheets):
    """A workbook with those sheets, each a list of rows of typed values."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file


def problems_of(source):
    """What read_sheets refuses, or reports beside the sheets that it could read."""
    try:
        return list(read_sheets(source)[1])
    except InputRefused as refused:
        return list(refused.problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings(tmp_path, encoding):
    """The same cells come out of UTF-8 with or without a byte-order mark and of Windows-1252."""
    file = csv_file(tmp_path, "name,amount\nCafé Élan – Moray,£1250\n".encode(encoding))
    assert read_csv(file) == Sheet("delays.csv", ["name", "amount"], [(2, ["Café Élan – Moray", "£1250"])])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_the_repair(tmp_path, encoding):
    """Text saved as UTF-16 is refused, and the message says how to save it from Excel."""
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    csv_file(tmp_path, mark + "a,b\n1,2\n".encode(encoding))
    expected = "CSV UTF-8: in Excel, Save As, CSV UTF-8 (comma delimited)"
    assert problems_of(tmp_path) == [Problem("delays.csv", "text saved as Unicode (UTF-16)", expected)]


def test_a_byte_that_no_text_has_is_refused_with_its_row(tmp_path):
    """A byte that neither UTF-8 nor Windows-1252 knows is named with the row in which it stands."""
    csv_file(tmp_path, b"a,b\n1,2\n3,\x81\n")
    found = "the byte 0x81, which no text has"
    assert problems_of(tmp_path) == [Problem("delays.csv", found, "text saved as CSV UTF-8", row=3)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_rows_keep_their_numbers(tmp_path, newline):
    """Blank rows and rows of commas count and are dropped, and a line break inside a cell does not begin a row."""
    lines = ["a,b", "1,2", "", ",", '"one', 'two",4', "5,6", "", ",,", ""]
    sheet = read_csv(csv_file(tmp_path, newline.join(lines)))
    assert sheet.headings == ["a", "b"]
    # rows as a spreadsheet shows them: 1 headings, 2 data, 3 and 4 blank, 5 of two lines, 6 data, 7 to 9 blank
    assert sheet.rows == [(2, ["1", "2"]), (5, [f"one{newline}two", "4"]), (6, ["5", "6"])]


def test_blank_rows_before_the_headings(tmp_path):
    """The headings are the first row that has anything in it, and the rows below keep their numbers."""
    sheet = read_csv(csv_file(tmp_path, "\n,,\na,b\n1,2\n"))
    assert (sheet.headings, sheet.rows) == (["a", "b"], [(4, ["1", "2"])])


def test_spaces_around_cells_and_empty_headings_at_the_end(tmp_path):
    """Spaces around headings and cells go, inside they stay, and empty headings at the end are none."""
    sheet = read_csv(csv_file(tmp_path, " a , b ,,\n\u00a01 , 2 3 ,,\n"))
    assert (sheet.headings, sheet.rows) == (["a", "b"], [(2, ["1", "2 3", "", ""])])


def test_words_for_missing_stay_text(tmp_path):
    """NA, None, null, nan and #N/A are text like any other, and only an empty cell is empty."""
    sheet = read_csv(csv_file(tmp_path, "a,b,c,d,e,f\nNA,None,null,nan,#N/A,\n"))
    assert sheet.rows == [(2, ["NA", "None", "null", "nan", "#N/A", ""])]


def test_an_unclosed_quotation_mark_is_refused(tmp_path):
    """A quotation mark that nothing closes is refused, so that no rows disappear inside a cell."""
    csv_file(tmp_path, 'a,b\n"1,2\n3,4\n')
    found = "text that is not CSV (unexpected end of data)"
    assert problems_of(tmp_path) == [Problem("delays.csv", found, "a quotation mark closed")]


def test_an_empty_file_has_no_headings(tmp_path):
    """A file with nothing but blank lines is a sheet without headings and rows."""
    assert read_csv(csv_file(tmp_path, "\n,\n")) == Sheet("delays.csv", [], [])


def test_a_folder_gives_its_csv_files_by_table(tmp_path):
    """Tables have their files' names in small letters; other files, hidden ones and Excel's locks are left alone."""
    for name in ("Delays.CSV", "partners.csv", "~$partners.csv", ".hidden.csv", "notes.txt"):
        csv_file(tmp_path, "a\n1\n", name)
    sheets, problems = read_sheets(tmp_path)
    assert {name: sheet.file for name, sheet in sheets.items()} == {"delays": "Delays.CSV", "partners": "partners.csv"}
    assert problems == []


def test_every_unreadable_file_is_reported(tmp_path):
    """A file that cannot be read does not keep the others from being read, nor from being reported."""
    csv_file(tmp_path, 'a\n"1\n', "delays.csv")
    csv_file(tmp_path, "a\n1\n", "partners.csv")
    csv_file(tmp_path, "a\n1\n".encode("utf-16"), "population.csv")
    sheets, problems = read_sheets(tmp_path)
    assert list(sheets) == ["partners"]
    assert [problem.file for problem in problems] == ["delays.csv", "population.csv"]


def test_a_workbook_reads_as_its_csv_files(tmp_path):
    """Typed numbers, dates and yes-or-no cells of a workbook come out as the text that its CSV files hold."""
    typed = {
        "Partners": [["partner", "name"], ["nhs-norland", " NHS Norland "], ["none", "NA"]],
        " delays ": [
            ["whole", "decimal", "share", "large", "empty", "day", "moment", "yes_no"],
            [1250, 1250.0, 0.15, 1e20, None, date(2025, 4, 1), datetime(2025, 4, 1, 9, 30), True],
            [],
            [0, -0.5, 1e-05, 10**14, "x", date(2024, 2, 29), datetime(2025, 4, 1), False],
            [None, " ", None, None, None, None, None, None],
        ],
    }
    written = tmp_path / "written"
    written.mkdir()
    csv_file(written, "partner,name\nnhs-norland,NHS Norland\nnone,NA\n", "partners.csv")
    csv_file(
        written,
        "whole,decimal,share,large,empty,day,moment,yes_no\n"
        "1250,1250,0.15,1e+20,,2025-04-01,2025-04-01,yes\n"
        "\n"
        "0,-0.5,1e-05,100000000000000,x,2024-02-29,2025-04-01,no\n",
    )
    from_book, problems = read_sheets(workbook(tmp_path / "all.xlsx", typed))
    from_files, _ = read_sheets(written)
    cells = {name: (sheet.headings, sheet.rows) for name, sheet in from_book.items()}
    assert cells == {name: (sheet.headings, sheet.rows) for name, sheet in from_files.items()}
    assert from_book["delays"].rows[1][0] == 4  # the blank row counts
    assert from_book["partners"].file == "all.xlsx, sheet Partners"
    assert problems == []


def test_a_workbook_of_another_program(tmp_path):
    """A stored size that is too small cuts nothing off, and a whole number stored with decimals comes out whole."""
    ours = workbook(tmp_path / "ours.xlsx", {"delays": [["a", "b"], [1250, 0], [5, 6]]})
    theirs = tmp_path / "theirs.xlsx"
    with zipfile.ZipFile(ours) as source, zipfile.ZipFile(theirs, "w") as target:
        for name in source.namelist():
            content = (
                source.read(name).replace(b'ref="A1:B3"', b'ref="A1:A2"').replace(b"<v>1250</v>", b"<v>1250.0</v>")
            )
            target.writestr(name, content)
    assert read_sheets(theirs)[0]["delays"].rows == [(2, ["1250", "0"]), (3, ["5", "6"])]


def test_a_damaged_workbook_is_refused_in_a_sentence(tmp_path):
    """A workbook cut short, or another kind of file under that name, is refused in a sentence."""
    whole = workbook(tmp_path / "whole.xlsx", {"delays": [["a"], [1]]}).read_bytes()
    expected = "an .xlsx workbook, saved by a spreadsheet program"
    for content in (whole[: len(whole) // 2], b"", b"a,b\n1,2\n"):
        file = csv_file(tmp_path, content, "returns.xlsx")
        assert problems_of(file) == [Problem("returns.xlsx", "a file that is no workbook (BadZipFile)", expected)]


def test_neither_folder_nor_workbook_is_refused(tmp_path):
    """A missing folder and a file that is no workbook are refused with what is expected instead."""
    expected = "a folder of CSV or Parquet files, or one .xlsx workbook"
    missing, old = tmp_path / "nowhere", csv_file(tmp_path, "a", "old.xls")
    assert problems_of(missing) == [Problem(str(missing), "no such folder or file", expected)]
    assert problems_of(old) == [Problem(str(old), "a file old.xls", expected)]
    assert problems_of(tmp_path / "gone.xlsx")[0].found == "no such folder or file"


def test_a_workbook_damaged_inside_is_refused_in_a_sentence(tmp_path):
    """A workbook whose package is whole and whose sheet is cut short is refused in a sentence."""
    whole = workbook(tmp_path / "whole.xlsx", {"delays": [["a"], [1]]})
    damaged = tmp_path / "returns.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(damaged, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if name.endswith("sheet1.xml") else content)
    (problem,) = problems_of(damaged)
    assert problem.expected == "an .xlsx workbook, saved by a spreadsheet program"


def test_two_files_of_one_table_are_refused(tmp_path):
    """Two files whose names differ only in capitals are one table twice, and the second is refused."""
    csv_file(tmp_path, "a\n1\n", "DELAYS.CSV")
    csv_file(tmp_path, "a\n2\n", "delays.csv")
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system does not tell capitals from small letters")
    assert problems_of(tmp_path) == [
        Problem("delays.csv", "a second file of the table delays, beside DELAYS.CSV", "one filled file for each table")
    ]


def test_a_folder_called_like_a_table_is_left_alone(tmp_path):
    """A folder inside the folder is no table, whatever its name."""
    (tmp_path / "delays.csv").mkdir()
    assert read_sheets(tmp_path) == ({}, [])

"""Files as rows of text, numbered as a spreadsheet numbers them.

A source is a folder of CSV or Parquet files, with or without a workbook `tables.xlsx` beside them, or one workbook.
The rows of a Parquet file are read later, by `filled`, for they can be many. Nothing is
interpreted here: every cell comes out as text, an empty cell as an empty string, and a row keeps the number that a
spreadsheet program shows beside it, blank rows counted.
"""

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs import parquet
from ijbtools.inputs.tables import DECLARED

WORKBOOK = "tables.xlsx"  # the workbook that is read with a folder's CSV files
NO_TABLES = ("start", "words")  # sheets of our own workbook that hold no table
# A formula that was never worked out, as programs write it that are no spreadsheets: its cell would read as empty.
_NO_VALUE = re.compile(
    rb'<c r="[A-Z]+(\d+)"(?![^>]*t="str")[^>]*><f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
_LINES_ABOVE = 20  # so far down are headings looked for: exports begin with titles and dates


@dataclass(frozen=True)
class Sheet:
    """One table as text: the file's name for messages, headings, and rows with their spreadsheet numbers."""

    file: str
    headings: list[str]
    rows: list[tuple[int, list[str]]]
    top: int = 1  # the row of the headings
    path: Path = field(default=Path(), compare=False)
    above: list[tuple[int, list[str]]] = field(default_factory=list)  # lines above the headings
    written: list[str] = field(default_factory=list)  # the headings as the file has them, where they are translated
    stored: parquet.Stored | None = None  # a Parquet file, with the types of its columns
    columns: tuple[list[int], list[list[str]]] | None = None  # in place of rows: their numbers, and text by column

    @property
    def numbers(self) -> list[int]:
        """The number of each row."""
        return self.columns[0] if self.columns else [row for row, _ in self.rows]

    def texts(self, place: int) -> list[str]:
        """The cells of a column; blank where a row is too short."""
        if self.columns:
            return self.columns[1][place]
        return [line[place] if place < len(line) else "" for _, line in self.rows]

    def in_rows(self) -> "Sheet":
        """The same sheet row by row."""
        if not self.columns:
            return self
        lines = map(list, zip(*self.columns[1], strict=True))
        return replace(self, rows=list(zip(self.columns[0], lines, strict=True)), columns=None)

    def headed(self, known: Iterable[str]) -> "Sheet":
        """The same sheet from its row of headings on: the one, near the top, with most of the `known` headings."""
        permitted = set(known)
        lines = [(self.top, self.headings), *self.rows[:_LINES_ABOVE]]
        matches = [len(permitted.intersection(_trimmed(cells))) for _, cells in lines]
        best = matches.index(max(matches))
        if best == 0:
            return self
        row, headings = lines[best]
        return replace(self, headings=_trimmed(headings), rows=self.rows[best:], top=row, above=lines[:best])


def read_sheets(source: Path) -> tuple[dict[str, Sheet], list[Problem]]:
    """Every table in a folder of files or in one workbook, by name, and what could not be read."""
    if source.is_dir():
        return _read_folder(source)
    if source.suffix.lower() == ".xlsx" and source.is_file():
        return _read_workbook(source)
    expected = "a folder of CSV or Parquet files, or one .xlsx workbook"
    found = "no such folder or file" if not source.exists() else f"a file {source.name}"
    raise InputRefused([Problem(str(source), found, expected)])


def read_csv(file: Path) -> Sheet:
    """One CSV file. UTF-8 with or without a byte-order mark, or Windows-1252 as Excel saves it."""
    text = _decoded(file)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputRefused([Problem(file.name, f"text that is not CSV ({error})", "a quotation mark closed")]) from None
    return _sheet(file.name, enumerate(records, start=1), file)


def digests(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file, by its path."""
    return {str(path): _digest(path) for path in sorted(set(paths))}


def _digest(file: Path) -> str:
    with file.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


def read_parquet(file: Path) -> Sheet:
    """The headings of a Parquet file, whose rows are still to be read. One of no table is not opened."""
    if file.stem.casefold() not in DECLARED:
        return Sheet(file.name, [], [], path=file)
    stored = parquet.stored(file)
    return Sheet(file.name, [one_line(heading) for heading in stored.headings], [], path=file, stored=stored)


def filled(sheet: Sheet) -> Sheet:
    """The sheet with the rows of its Parquet file as text: the first is row 2, behind the headings."""
    if sheet.stored is None:
        return sheet
    texts: dict[str, str] = {}  # a cell that many rows have is held once
    lines = ([_text(value).strip() for value in row] for row in parquet.rows_of(sheet.stored))
    rows = [
        (row, [texts.setdefault(cell, cell) for cell in line]) for row, line in enumerate(lines, start=2) if any(line)
    ]
    return replace(sheet, rows=rows)


def _read_folder(folder: Path) -> tuple[dict[str, Sheet], list[Problem]]:
    """Every table of the folder's files. A table may be blank in one file and filled in another."""
    sheets: dict[str, Sheet] = {}
    problems: list[Problem] = []
    for file in sorted(folder.iterdir(), key=lambda path: (path.name.casefold() == WORKBOOK, path.name)):
        read_one = _READ.get(file.suffix.casefold()) if not file.name.startswith((".", "~")) else None
        if read_one is read_parquet and file.is_dir() and file.stem.casefold() in DECLARED:
            problems.append(Problem(file.name, "a folder of Parquet files", "one Parquet file for each table"))
        if not (read_one or file.name.casefold() == WORKBOOK) or not file.is_file():
            continue
        try:
            found, of_file = ({file.stem.casefold(): read_one(file)}, []) if read_one else _read_workbook(file)
        except InputRefused as refused:
            problems += refused.problems
            continue
        problems += of_file
        for name, sheet in found.items():
            if name in sheets and _filled(name, sheet) and _filled(name, sheets[name]):
                problems.append(_second(sheet, name, sheets[name]))
            elif name not in sheets or _filled(name, sheet):
                sheets[name] = sheet
    return sheets, problems


_READ: Mapping[str, Callable[[Path], Sheet]] = MappingProxyType({".csv": read_csv, ".parquet": read_parquet})


def _second(sheet: Sheet, name: str, first: Sheet) -> Problem:
    found = f"a second file of the table {name}, beside {first.file}"
    return Problem(sheet.file, found, "one filled file for each table")


def _filled(name: str, sheet: Sheet) -> bool:
    """Whether rows stand below the headings."""
    if sheet.stored:
        return sheet.stored.rows > 0
    return bool(sheet.headed(DECLARED[name].names if name in DECLARED else ()).rows)


def _read_workbook(file: Path) -> tuple[dict[str, Sheet], list[Problem]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises zip, XML, key and value errors alike on a damaged file
        raise InputRefused([_no_workbook(file, error)]) from None
    try:
        sheets: dict[str, Sheet] = {}
        problems: list[Problem] = []
        for sheet in book.worksheets:
            name = sheet.title.strip().casefold()
            if name in NO_TABLES:
                continue
            sheet.reset_dimensions()  # a stored size can be wrong; the cells are right
            rows = ([_text(value) for value in row] for row in sheet.iter_rows(values_only=True))
            read = _sheet(f"{file.name}, sheet {sheet.title}", enumerate(rows, start=1), file)
            if name in sheets:  # a space behind a name makes another sheet
                problems.append(_second(read, name, sheets[name]))
            sheets.setdefault(name, read)
            if name in DECLARED:
                problems += _without_values(file, sheet._worksheet_path, read.file)
        return sheets, problems
    # a sheet is only read now, and XML that is cut short is a SyntaxError
    except (zipfile.BadZipFile, zlib.error, SyntaxError, ValueError, KeyError, EOFError) as error:
        raise InputRefused([_no_workbook(file, error)]) from None
    finally:
        book.close()


def _without_values(file: Path, part: str, name: str) -> list[Problem]:
    with zipfile.ZipFile(file) as package:
        rows = [int(row) for row in _NO_VALUE.findall(package.read(part.lstrip("/")))]
    if not rows:
        return []
    found = f"{len(rows)} {'formula' if len(rows) == 1 else 'formulas, the first here,'} without a value"
    return [Problem(name, found, "values: open the workbook in a spreadsheet program and save it", row=min(rows))]


def _no_workbook(file: Path, error: Exception) -> Problem:
    found = f"a file that is no workbook ({type(error).__name__})"
    return Problem(file.name, found, "an .xlsx workbook, saved by a spreadsheet program")


def _sheet(name: str, numbered: Iterator[tuple[int, list[str]]] | enumerate[list[str]], path: Path) -> Sheet:
    filled = [(row, [cell.strip() for cell in cells]) for row, cells in numbered if any(c.strip() for c in cells)]
    if not filled:
        return Sheet(name, [], [], path=path)
    return Sheet(name, _trimmed(filled[0][1]), filled[1:], filled[0][0], path)


def _trimmed(headings: list[str]) -> list[str]:
    """The headings on one line each, without empty cells behind the last."""
    last = max((place for place, heading in enumerate(headings, start=1) if heading), default=0)
    return [one_line(heading) for heading in headings[:last]]


def one_line(text: str) -> str:
    """The text with one space for every run of spaces and line breaks: ledgers wrap their headings."""
    return " ".join(text.split())


def _decoded(file: Path) -> str:
    raw = file.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        found, expected = "text saved as Unicode (UTF-16)", "CSV UTF-8: in Excel, Save As, CSV UTF-8 (comma delimited)"
        raise InputRefused([Problem(file.name, found, expected)])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        found = f"the byte {raw[error.start]:#04x}, which no text has"
        raise InputRefused([Problem(file.name, found, "text saved as CSV UTF-8", row=row)]) from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)

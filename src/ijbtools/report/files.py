"""Results for machines and for spreadsheets: facts and tables as CSV, and one workbook that holds both.

No number is rounded. A CSV file holds every digit of a double, the workbook the first sixteen, rounded only by the
formats of its cells. Text from data never becomes a formula: in CSV files an apostrophe stands before it, in the
workbook its cell is text. The same inputs give the same bytes.
"""

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ijbtools.finance.words import NOT_KNOWN, number, period_in_full
from ijbtools.inputs.tables import TABLES
from ijbtools.report.parts import OPENED, citations, invented, licence_of, notes_of, sources_of
from ijbtools.topics.result import FACT_COLUMNS, Result, ShownColumn, ShownTable

INVENTED = "Invented. This partnership and all its figures are made up, to show how these files work."

_CREATED = datetime(1980, 1, 1)  # also the date of every member of a workbook, and the first that a zip file can have
_FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_UNWRITABLE = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold
_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\s]+")
_LONGEST_SHEET_NAME = 31
_WIDEST = 60  # characters of a column; longer text is wrapped


def write_files(result: Result, folder: Path | str, about: Mapping[str, str]) -> list[Path]:
    """Write `facts.csv`, `tables/<name>.csv` and `<topic>.xlsx` into the folder; the files, in order.

    The result is narrowed to one partnership and period; its nation's facts come with it. Tables that a
    partnership would have to send are beside them, blank, in `blank/`. Tables have their readers'
    headings after `partnership` and `period`; a figure's own is `tables/figure-<name>.csv`, unless a table holds the
    same. What is not known is an empty cell of a CSV file. `about` is what the first sheet of the workbook says of the
    run, line by line. Raises ValueError, and writes nothing, where the result is not narrowed or holds an infinity.
    """
    if result.period is None:
        raise ValueError("result: found all partnerships; expected one: result.only(partnership, period)")
    tables, facts = _tables(result), _facts(result)
    for name, rows in {**{name: _shown_rows(shown) for name, shown in tables.items()}, "facts": _rows(facts)}.items():
        if any(_is_number(value) and math.isinf(value) for row in rows for value in row):
            raise ValueError(f"result: found an infinite number in {name}; expected numbers, or nan where not known")
    folder = Path(folder)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    files = [_write_csv(folder / "facts.csv", [FACT_COLUMNS, *_cells(_rows(facts))])]
    for name, shown in tables.items():
        lines = _lines(shown, result.partnership, result.period.name)
        files.append(_write_csv(folder / "tables" / f"{name}.csv", lines))
    files += _write_blanks(folder / "blank", result)
    name = result.tables["partnerships"]["name"].iloc[0]
    title = f"{name}: {result.topic}. {period_in_full(result.period)}"
    return [*files, _write_workbook(folder / f"{result.topic}.xlsx", title, result, tables, facts, about)]


def _write_blanks(folder: Path, result: Result) -> list[Path]:
    """The blank tables that the partnership would have to fill in for what could not be shown."""
    names = [*result.TABLES, *result.FIGURES]
    lacking = dict.fromkeys(table for name in names for table in result.lacks(name))
    if lacking:
        folder.mkdir(parents=True, exist_ok=True)
    return [_write_csv(folder / f"{name}.csv", [TABLES[name].names]) for name in lacking]


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet program would take it for a formula.

    That is text which begins with = + - @ (also in full width, also after spaces), a tab or a new line.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def sheet_names(names: Iterable[str]) -> list[str]:
    """Names that a workbook permits for its sheets: at most 31 characters, no []:*?/\\, each once in any case.

    `About`, `Facts` and `History` are taken already; the program keeps the last for itself.
    """
    taken, chosen = {"about", "facts", "history"}, []
    for name in names:
        plain = _IN_SHEET_NAMES.sub(" ", _text(name)).strip(" '") or "Table"
        tried, times = _cut(plain, _LONGEST_SHEET_NAME), 1
        while tried.casefold() in taken:
            times += 1
            tried = f"{_cut(plain, _LONGEST_SHEET_NAME - len(str(times)) - 1)} {times}"
        taken.add(tried.casefold())
        chosen.append(tried)
    return chosen


def _cut(text: str, units: int) -> str:
    """The beginning of a text, measured as spreadsheet programs do: most characters count once, pictures twice."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").strip(" '")


def _tables(result: Result) -> dict[str, ShownTable]:
    """Every table by the name of its file, then the table of every figure whose values no other holds."""
    shown = {name: result.table(name) for name in result.TABLES if result.shows(name)}
    written = [_lines(table) for table in shown.values()]
    for name in filter(result.shows, result.FIGURES):
        figure = result.figure(name)
        lines = _lines(figure.table)
        if lines not in written:
            shown[f"figure-{name}"] = replace(figure.table, title=figure.title)
            written.append(lines)
    return shown


def _facts(result: Result) -> pd.DataFrame:
    """The facts of the partnership and of its nation."""
    facts = result.facts()
    whose = [result.partnership, result.tables["partnerships"]["nation"].iloc[0]]
    return facts.loc[facts["partnership"].isin(whose), list(FACT_COLUMNS)]


def _rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(frame.itertuples(index=False, name=None))


def _shown_rows(shown: ShownTable) -> list[tuple[Any, ...]]:
    return _rows(shown.frame[[column.name for column in shown.columns]])


def _lines(shown: ShownTable, *ids: str) -> list[list[str]]:
    """The headings and rows of a table as a CSV file has them, each row after the ids of what it is about."""
    headings = [*("partnership", "period")[: len(ids)], *(column.heading for column in shown.columns)]
    [heads] = _cells([headings])
    return [_each_once(heads), *_cells((*ids, *row) for row in _shown_rows(shown))]


def _each_once(headings: Sequence[str]) -> list[str]:
    """Headings of which none is there twice: the second `Scotland` is `Scotland (2)`."""
    once: list[str] = []
    for heading in headings:
        tried, times = heading, 1
        while tried in once:
            times += 1
            tried = f"{heading} ({times})"
        once.append(tried)
    return once


def _write_csv(file: Path, lines: Iterable[Sequence[str]]) -> Path:
    """UTF-8 with the mark by which spreadsheet programs know it, so that £ stays £."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(lines)
    return file


def _cells(rows: Iterable[Sequence[Any]]) -> list[list[str]]:
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: Any) -> str:
    """A value as a CSV file has it: numbers with every digit, nothing for what is missing, text that is no formula."""
    if pd.isna(value):
        return ""
    if not _is_number(value):
        return harmless(_text(value))
    if isinstance(value, Decimal):
        return str(value)
    return str(int(value)) if isinstance(value, Integral) or _is_whole(value) else repr(float(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)


def _is_whole(value: Any) -> bool:
    return abs(value) < 1e15 and value == int(value)


def _text(value: Any) -> str:
    """A value as text that every file can hold: new lines are `\\n`, unprintable characters are shown as one sign."""
    return _UNWRITABLE.sub("\ufffd", re.sub(r"\r\n?", "\n", str(value)))


class _Book:
    """A workbook in the making: one format a style, and sheets of which every cell is a number or text."""

    def __init__(self, file: Path, title: str) -> None:
        import xlsxwriter

        unchanged = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers", "nan_inf_to_errors")
        self.book = xlsxwriter.Workbook(str(file), {**dict.fromkeys(unchanged, False), "in_memory": True})
        self.book.set_properties({"title": _text(title), "author": "ijbtools", "created": _CREATED})
        self.styles: dict[tuple[tuple[str, Any], ...], Any] = {}

    def sheet(self, name: str, widths: Sequence[float], header: int | None = None) -> Any:
        """A sheet for A4 paper, as wide as one; its header row stays in sight and stands on every page."""
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if header is not None:
            sheet.freeze_panes(header + 1, 0)
            sheet.repeat_rows(header)
        return sheet

    def put(self, sheet: Any, row: int, column: int, value: Any, **style: Any) -> None:
        """Write one cell: a number as a number, everything else as text, nothing where the text is empty."""
        form = self._style(**style)
        if _is_number(value):
            sheet.write_number(row, column, value + 0, form)  # so that -0.0 is 0
            return
        text = _text(value)
        if not text:
            sheet.write_blank(row, column, None, form)
        elif text.startswith("<r>") and text.endswith("</r>"):  # write_string would take this for cells' own markup
            sheet.write_rich_string(row, column, text[:1], text[1:2], text[2:], form)
        else:
            sheet.write_string(row, column, text, form)

    def _style(self, **style: Any) -> Any:
        key = tuple(sorted(style.items()))
        if key not in self.styles:
            self.styles[key] = self.book.add_format({"valign": "top", **style})
        return self.styles[key]


def _write_workbook(
    file: Path,
    title: str,
    result: Result,
    tables: Mapping[str, ShownTable],
    facts: pd.DataFrame,
    about: Mapping[str, str],
) -> Path:
    """A sheet about the files, a sheet for each table, and the facts."""
    book = _Book(file, title)
    sheets = dict(zip(sheet_names(tables), tables.values(), strict=True))
    _about_sheet(book, result, title, about, sheets)
    for name, shown in sheets.items():
        _table_sheet(book, name, shown, _beneath(result, shown))
    _facts_sheet(book, facts)
    book.book.close()
    return file


def _about_sheet(
    book: _Book, result: Result, title: str, about: Mapping[str, str], sheets: Mapping[str, ShownTable]
) -> None:
    """What this is, what it found, what it was made from. Invented partnerships are said to be so first."""
    sources, licence = _sources(result)
    scenario = [("Scenario", result.scenario)] if result.scenario else []
    pairs = [("Finding", result.sentences()["headline"]), *scenario, *about.items()]
    contents = [*((name, shown.title) for name, shown in sheets.items()), ("Facts", "Every figure as a row")]
    sheet = book.sheet("About", (24, 100))
    row = 0
    for line, size in [*([(INVENTED, 11)] if invented(result) else []), (title, 14)]:
        book.put(sheet, row, 0, line, bold=True, font_size=size)
        row += 1
    for heading, part in (("", pairs), ("Sheets", contents), ("Sources", sources), ("", licence)):
        if heading and part:
            book.put(sheet, row, 0, heading, bold=True, font_size=12)
            row += 1
        for label, said in part:
            book.put(sheet, row, 0, label, text_wrap=True)
            book.put(sheet, row, 1, said, text_wrap=True)
            sheet.set_row(row, _height((label, 24), (said, 100)))
            row += 1


def _sources(result: Result) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Each source with its id, data first, then assumptions; and the acknowledgement that their licence asks for."""
    lines = []
    for one in sources_of(result):
        read = f"Document {OPENED[one.opened]}" if OPENED[one.opened] else ""
        parts = [one.citation, one.licence, read, one.note.rstrip("."), one.address]
        lines.append((one.id, ". ".join(part for part in parts if part) + ("" if one.address else ".")))
    licence = licence_of(result)
    return lines, [("Licence", licence)] if licence else []


def _beneath(result: Result, shown: ShownTable) -> list[str]:
    """What stands beneath a table: its notes, and its sources with their ids."""
    cited = "; ".join(f"{publisher} ({', '.join(ids)})" for publisher, ids in citations(result, shown.sources))
    return [*notes_of(shown), *([f"Source: {cited}."] if cited else [])]


def _table_sheet(book: _Book, name: str, shown: ShownTable, beneath: list[str]) -> None:
    """Title, subtitle, header row, rows, and after an empty row what stands beneath."""
    rows, header = _shown_rows(shown), 2
    widths = [_width(column, [row[at] for row in rows]) for at, column in enumerate(shown.columns)]
    if beneath:
        widths[0] = max(widths[0], 40)  # so that notes, wrapped in this column, are not slivers
    sheet = book.sheet(name, widths, header)
    book.put(sheet, 0, 0, shown.title, bold=True, font_size=14)
    book.put(sheet, 1, 0, shown.subtitle)
    for at, column in enumerate(shown.columns):
        book.put(sheet, header, at, column.heading, **_side(column), bold=True, bottom=1, text_wrap=True)
    sheet.set_row(header, _height(*zip((column.heading for column in shown.columns), widths, strict=True)))
    for down, row in enumerate(rows, header + 1):
        total = {"bold": True, "top": 1} if shown.total and down == header + len(rows) else {}
        for at, (value, column) in enumerate(zip(row, shown.columns, strict=True)):
            if pd.isna(value):
                value = NOT_KNOWN
            form = {"num_format": _format(column)} if _is_number(value) else {"text_wrap": True}
            book.put(sheet, down, at, value, **form, **_side(column), **total)
    for down, note in enumerate(beneath, header + len(rows) + 2):
        book.put(sheet, down, 0, note, text_wrap=True)
        sheet.set_row(down, _height((note, widths[0])))


def _facts_sheet(book: _Book, facts: pd.DataFrame) -> None:
    """The facts from the first row on, with a filter on every column."""
    rows = _rows(facts)
    columns = [ShownColumn(name, name, 2 if name == "amount" else None) for name in FACT_COLUMNS]
    widths = [_width(column, [row[at] for row in rows]) + 3 for at, column in enumerate(columns)]  # the filter's button
    sheet = book.sheet("Facts", widths, 0)
    for at, column in enumerate(columns):
        book.put(sheet, 0, at, column.heading, **_side(column), bold=True, bottom=1)
    for down, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            if _is_number(value) and not pd.isna(value):
                book.put(sheet, down, at, value, num_format="#,##0" if _is_whole(value) else "#,##0.00")
            elif not pd.isna(value) and value != "":
                book.put(sheet, down, at, value)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _height(*cells: tuple[str, float]) -> float:
    """The points that a row needs for the longest of its wrapped texts, each with the width of its column."""
    lines = [sum(max(1, math.ceil(len(line) * 1.15 / width)) for line in text.split("\n")) for text, width in cells]
    return 15.0 * max(lines)


def _side(column: ShownColumn) -> dict[str, str]:
    return {} if column.places is None else {"align": "right"}


def _format(column: ShownColumn) -> str:
    """Thousands separators and the decimals of the column; a minus before negatives. Numbers among text are plain."""
    if column.places is None:
        return "General"
    return "#,##0" + ("." + "0" * column.places if column.places > 0 else "")


def _width(column: ShownColumn, values: Sequence[Any]) -> float:
    """A width in characters that fits the values as they are shown and every word of the heading, in bold."""
    shown = [NOT_KNOWN if pd.isna(v) else number(v, column.places or 0) if _is_number(v) else _text(v) for v in values]
    lines = [line for text in shown for line in text.split("\n")]
    lengths = [*map(len, lines), *map(len, column.heading.split()), min(len(column.heading), 20)]
    return round(min(max(lengths), _WIDEST) * 1.1 + 2, 1)

"""A workbook for a finance team to fill in: one sheet a table, help over each column, permitted words as drop-downs.

Row 1 of a sheet says what the table is, row 2 what goes into each column, row 3 has the headings; rows are filled in
from row 4 on. The sheet `start` lists the tables, the sheet `words` every permitted word with what it means. Text never
becomes a formula, and 2025-04 never a date. The same inputs give the same bytes.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from ijbtools.inputs.cells import READ
from ijbtools.inputs.columns import Column, Table, holds
from ijbtools.inputs.tables import TABLES
from ijbtools.report.files import _CREATED, _Book, _is_number, _is_whole, _text

_HEADINGS, _FIRST = 2, 3  # the rows of the headings and of what is filled in first, counted from 0
_DOWN_TO, _SPARE = 5000, 1000  # rows that have drop-downs: so many, and so many beyond what is filled in already
_LONGEST_MESSAGE = 255  # characters; beyond that the drop-down itself would be lost
_HELP_LINES = 8  # at most, over columns of usual width, so that the rows to fill in stay in sight
_WIDEST_HELP, _WIDEST = 34, 44  # of columns, in characters
_HIGHEST = 405  # points of a row; Excel has no higher one
_START = (20, 11, 100)  # widths of the columns of the sheet `start`
_LETTERS, _SMALL_LETTERS = 1.1, 1.25  # of running text, to one of the width of a column

# Shares have no percent format: a cell that has it takes a typed 1 for 1% and 0.15 for 0.15%, and says nothing.
_FORMATS = {"number": "General", "amount": "#,##0.00", "count": "#,##0", "share": "General"}

_EDGE = {"left": 1, "left_color": "#8EA9DB"}  # so that the text of a column does not run into that of the next
_REQUIRED = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864", **_EDGE}
_OPTIONAL = {"bold": True, "font_color": "#1F3864", "bg_color": "#DCE6F1", **_EDGE}
_QUIET = {"font_color": "#595959"}
_HELP = {**_QUIET, "font_size": 9}
_LINK = {"font_color": "#0563C1", "underline": 1}

_HOW = (
    "1. Each sheet is one table, filled in from row 4 down. Its first line says what a row is. Leave out totals.",
    "2. Above each heading stands what goes into the column. Where the heading is dark the column is required: every "
    "row needs a value. Where it is light the column is optional: a cell may stay blank.",
    "3. Fill in partnerships, partners and services first, because other sheets offer what stands there to choose "
    "from. The sheet words says what each word to choose from means.",
    "4. Leave a sheet blank where you have nothing for it: the papers then say what they could not show.",
    "5. Keep the names of the sheets and the headings as they are. When you paste, paste values only (Paste Special, "
    "Values), so that lists and formats stay.",
)


def write_form(file: Path, frames: Mapping[str, pd.DataFrame], about: Sequence[str]) -> None:
    """Write the workbook: the rows of `frames` filled in, and `about` on the first sheet, its first line the title.

    A frame has some of its table's columns; other columns and tables stay blank. Raises ValueError, and writes nothing,
    where a table or a column is not of the dictionary.
    """
    for name, frame in frames.items():
        if unknown := {*frame} - {*TABLES[name].names} if name in TABLES else {name}:
            raise ValueError(f"frames: found {sorted(unknown)} in {name}; expected names of the dictionary")
    title, *lines = about or ["Tables to fill in"]
    book = _Book(file, title)
    book.book.set_properties({"title": _text(title), "created": _CREATED})
    _start_sheet(book, title, lines)
    ends = {name: max(_DOWN_TO, _FIRST + len(frames.get(name, ())) + _SPARE) for name in TABLES}
    for name, table in TABLES.items():
        _table_sheet(book, table, frames.get(name, pd.DataFrame()), ends[name])
    _words_sheet(book)
    for target in sorted({column.refers_to for table in TABLES.values() for column in table.columns} - {""}):
        book.book.define_name(_name("ids", target), _filled(target, ends))
    book.book.close()


def _start_sheet(book: _Book, title: str, lines: Sequence[str]) -> None:
    """What this is, how it is filled in, and every sheet with a link to it."""
    sheet = _sheet(book, "start", _START)
    book.put(sheet, 0, 0, title, bold=True, font_size=16)
    sheet.set_row(0, 26)
    sheet.fit_to_pages(1, 1)
    row = _paragraphs(book, sheet, 1, lines) + 1
    book.put(sheet, row, 0, "How to fill it in", bold=True, font_size=12)
    row = _paragraphs(book, sheet, row + 1, _HOW) + 1
    _heads(book, sheet, row, ("Sheet", "Table is", "What it is for"))
    lists = [(one.name, "optional" if one.optional else "required", one.meaning) for one in TABLES.values()]
    lists.append(("words", "", "The words to choose from, and what each means."))
    for down, (name, needed, said) in enumerate(lists, row + 1):
        sheet.write_url(down, 0, f"internal:'{name}'!A1", book._style(**_LINK), name)
        book.put(sheet, down, 1, needed)
        book.put(sheet, down, 2, _curly(said), text_wrap=True)
        sheet.set_row(down, 15 * len(textwrap.wrap(said, int(_START[-1] * _LETTERS))))


def _table_sheet(book: _Book, table: Table, frame: pd.DataFrame, end: int) -> None:
    """What the table is, help, headings, the rows that are known, and what is checked while one types."""
    known = {c.name: [_value(c, one) for one in frame[c.name]] for c in table.columns if c.name in frame}
    widths = {column.name: _width(column, known.get(column.name, [])) for column in table.columns}
    sheet = _sheet(book, table.name, [*widths.values()], _HEADINGS)
    sheet.freeze_panes(_FIRST, 1 if len(widths) > 4 else 0)
    sheet.set_tab_color("#8EA9DB" if table.optional else "#1F3864")
    *most, last = (name.replace("_", " ") for name in table.key)
    key = f"{', '.join(most)} and {last}" if most else last
    bold, plain = book._style(bold=True), book._style(**_QUIET)
    sheet.write_rich_string(0, 0, bold, _curly(table.meaning), plain, f"  One row for each {key}.", book._style())
    sheet.set_row(0, 20)
    sheet.set_row(1, 6 + 12.0 * max(map(_lines_of_help, table.columns, widths.values())))
    texts = [column.name for column in table.columns if column.kind == "text" and column.name in known]
    for down in range(len(frame)):  # not every program makes a row as high as its text by itself
        lines = [len(textwrap.wrap(str(known[name][down]), int(widths[name] * _LETTERS))) for name in texts]
        if max(lines, default=1) > 1:
            sheet.set_row(_FIRST + down, min(15 * max(lines), _HIGHEST))
    for at, column in enumerate(table.columns):
        side = {"align": "right", "indent": 1} if column.kind in _FORMATS else {}
        form = {"num_format": _format(column), **side, **({"text_wrap": True} if column.kind == "text" else {})}
        sheet.set_column(at, at, widths[column.name], book._style(**form))
        needed, said = _help(column).split("\n", 1)
        parts = (book._style(bold=True, **_HELP), needed, book._style(**_HELP), f"\n{said}")
        sheet.write_rich_string(1, at, *parts, book._style(text_wrap=True, **_EDGE))
        book.put(sheet, _HEADINGS, at, column.name, **(_REQUIRED if column.required else _OPTIONAL), **side)
        for down, value in enumerate(known.get(column.name, []), _FIRST):
            if value != "":
                book.put(sheet, down, at, value, **form)
        if rule := _rule(table, column):
            sheet.data_validation(_FIRST, at, end - 1, at, rule)
    sheet.ignore_errors({"number_stored_as_text": f"A{_FIRST + 1}:{_letter(len(widths) - 1)}{end}"})


def _words_sheet(book: _Book) -> None:
    """Every list of permitted words with its labels, and for each column the name of its list."""
    users: dict[tuple[tuple[str, str], ...], list[tuple[Table, Column]]] = {}
    for table in TABLES.values():
        for column in table.columns:
            if column.words:
                users.setdefault(tuple(column.words.items()), []).append((table, column))
    lines: list[tuple[str, str, str, str]] = []
    tops = {_FIRST}
    for words, columns in users.items():
        names = ", ".join(dict.fromkeys(column.name for _, column in columns))
        tables = ", ".join(dict.fromkeys(table.name for table, _ in columns))
        for table, column in columns:
            where = f"=words!$B${_FIRST + len(lines) + 1}:$B${_FIRST + len(lines) + len(words)}"
            book.book.define_name(_name("words", f"{table.name}.{column.name}"), where)
        lines += [(names, word, _curly(label), tables) for word, label in words]
        tops.add(_FIRST + len(lines))
    heads = ("Column", "Word", "What it means", "On the sheets")
    widths = [round(max(map(len, column)) * 1.1 + 2, 1) for column in zip(heads, *lines, strict=True)]
    sheet = _sheet(book, "words", widths, _HEADINGS)
    book.put(sheet, 0, 0, "The words to choose from, and what each means", bold=True, font_size=12)
    book.put(sheet, 1, 0, "Cells of these columns take the word itself. Nothing is filled in here.", **_QUIET)
    _heads(book, sheet, _HEADINGS, heads)
    for down, line in enumerate(lines, _FIRST):
        above = {"top": 1, "top_color": "#8EA9DB"} if down in tops else {}
        for at, said in enumerate(line):
            book.put(sheet, down, at, said, num_format="@", **above, **({} if at in (1, 2) else _QUIET))
    sheet.ignore_errors({"number_stored_as_text": f"B{_FIRST + 1}:B{_FIRST + len(lines)}"})


def _sheet(book: _Book, name: str, widths: Sequence[float], header: int | None = None) -> Any:
    sheet = book.sheet(name, widths, header)
    sheet.set_margins(0.4, 0.4, 0.5, 0.7)
    sheet.set_footer("&L&A&RPage &P of &N")
    return sheet


def _heads(book: _Book, sheet: Any, row: int, heads: Iterable[str]) -> None:
    for at, head in enumerate(heads):
        book.put(sheet, row, at, head, **_REQUIRED)


def _paragraphs(book: _Book, sheet: Any, row: int, texts: Iterable[str]) -> int:
    """Write texts from a row on, each in as many rows as it needs; the row after them."""
    for text in texts:
        for line in textwrap.wrap(_text(text), int(sum(_START) * _LETTERS)) or [""]:
            book.put(sheet, row, 0, line)
            row += 1
    return row


def _value(column: Column, value: Any) -> Any:
    """The value as its cell holds it: a number in a column of numbers, elsewhere text; nothing for what is missing."""
    if pd.isna(value):
        return ""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if column.kind not in _FORMATS:
        return str(int(value)) if _is_number(value) and _is_whole(value) else str(value)
    if _is_number(value):
        return value
    try:
        return READ[column.kind](str(value))
    except ValueError:
        return str(value)


def _format(column: Column) -> str:
    if column.kind == "count" and column.unit == "year":
        return "0"  # the year 2025, not 2,025
    return _FORMATS.get(column.kind, "@")


def _help(column: Column) -> str:
    """Whether the column must be filled in, what it means and what a cell may hold, a line each."""
    may = re.sub(r"\bone of (\w+)\.\w+", r"one of those on the sheet \1", holds(column))
    unit = f"; {column.unit}" if column.kind == "amount" and column.unit != "£" else ""
    said = (column.meaning, f"{'one of: ' if column.words else ''}{may}{unit}")
    sentences = (text[0].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".") for text in said)
    return _curly("\n".join(["Required" if column.required else "Optional", *sentences]))


def _lines_of_help(column: Column, width: float) -> int:
    """How many lines the help takes, in small letters, in a column of that width."""
    return sum(len(textwrap.wrap(line, int(width * _SMALL_LETTERS))) for line in _help(column).split("\n"))


def _width(column: Column, values: Iterable[Any]) -> float:
    """A width in characters that fits the heading, the values, and the help in few lines."""
    shown = [f"{one:,.2f}" if column.kind == "amount" and _is_number(one) else str(one) for one in values]
    fits = [
        width
        for width in range(24 if column.kind == "text" else 16, _WIDEST_HELP)
        if _lines_of_help(column, width) <= _HELP_LINES
    ]
    longest = min(max(map(len, shown), default=0) * 1.1 + 2, _WIDEST)
    return round(max(longest, len(column.name) * 1.25 + 2, min([*fits, _WIDEST_HELP])), 1)


def _rule(table: Table, column: Column) -> dict[str, Any]:
    """What a spreadsheet program offers and checks as one types. A blank is always let through.

    Only words that nobody can add to are enforced; the rest may be right later, and the reader of the tables checks it.
    """
    listed: dict[str, Any] = {"validate": "list"}
    if hint := _hint(column):
        listed |= {"input_title": column.name, "input_message": hint}
    if column.words:
        listed["source"] = f"={_name('words', f'{table.name}.{column.name}')}"
        expected = f"Expected one of: {', '.join(column.words)}. "
        if column.opened_by:
            own = f"One of your own is right if it is on the sheet categories, of the kind {column.opened_by}."
            return listed | _told("warning", "Not one of the usual words", expected + own)
        choose = f"Choose from the list{'' if column.required else ', or leave the cell blank'}."
        return listed | _told("stop", "Not a permitted word", expected + choose)
    if column.refers_to:
        listed["source"] = f"={_name('ids', column.refers_to)}"
        sheet, _, target = column.refers_to.partition(".")
        besides = f", or one of: {', '.join(column.also)}" if column.also else ""
        expected = f"Expected what stands in the column {target} of the sheet {sheet}{besides}. "
        return listed | _told("warning", f"Not on the sheet {sheet}", f"{expected}Check the spelling, or add it there.")
    if column.kind == "share":
        within = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
        return within | _told("warning", "Not a share", "Expected a share from 0 to 1, such as 0.15, or 15%.")
    if column.kind == "count":
        whole = {"validate": "integer", "criteria": ">=", "value": 0}
        return whole | _told("warning", "Not a count", "Expected a whole number, 0 or more.")
    return {}


def _told(style: str, title: str, message: str) -> dict[str, str]:
    message = textwrap.shorten(message, _LONGEST_MESSAGE, placeholder=" …")
    return {"error_type": style, "error_title": title, "error_message": message}


def _hint(column: Column) -> str:
    """What one should know before choosing: labels that say more than the words, and words beside the list."""
    if column.also:
        return f"From the list, or one of: {', '.join(column.also)}"
    if all(label == word.replace("_", " ") for word, label in column.words.items()):
        return ""
    lines = [f"{word}: {_curly(label)}" for word, label in column.words.items()]
    hint = lines
    while len("\n".join(hint)) > _LONGEST_MESSAGE:
        lines = lines[:-1]
        hint = [*lines, "… more on the sheet words"]
    return "\n".join(hint)


def _name(kind: str, column: str) -> str:
    """The defined name of the list for a `table.column`."""
    return f"{kind}_{column.replace('.', '_')}"


def _filled(column: str, ends: Mapping[str, int]) -> str:
    """The cells of a `table.column` down to the last that is filled in; the first, where none is.

    With blanks at its end a list would open on them, and Excel would let every word pass.
    """
    table, _, name = column.partition(".")
    letter = _letter(TABLES[table].names.index(name))
    cells = f"{table}!${letter}${_FIRST + 1}:${letter}${ends[table]}"
    return f"={table}!${letter}${_FIRST + 1}:INDEX({cells},MAX(1,COUNTA({cells})))"


def _letter(at: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(at))


def _curly(text: str) -> str:
    return text.replace("'", "’")

"""What ledgers call things, and what the tables call them: the table `names`.

A ledger exports codes and headings of its own. A line of `names` says that the service `40123` is `home-care`, or that
the heading `Cost centre` is `service`; it may hold for one table or one partner's rows only. The narrowest line counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ijbtools.errors import Problem, listed, nearest
from ijbtools.inputs import cells
from ijbtools.inputs.columns import KINDS, Column, Table
from ijbtools.inputs.sheets import Sheet, one_line
from ijbtools.inputs.tables import DECLARED

HEADING = "heading"
_WHOSE = ("partner", "held_by")  # columns that say whose ledger a row is from


@dataclass(frozen=True)
class Names:
    """The lines of the table, by table, partner and column."""

    lines: Mapping[tuple[str, str, str], Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Names":
        """The names of a checked frame; a line with a cell that could not be read says nothing."""
        lines: dict[tuple[str, str, str], dict[str, str]] = {}
        for one in frame.itertuples(index=False):
            if one.column and one.ledger and one.name:
                lines.setdefault((one.table, one.partner, one.column), {})[one_line(one.ledger)] = one.name
        return cls(lines)

    def known_headings(self, table: Table) -> set[str]:
        """The columns of the table, and what ledgers call them."""
        return {*table.names, *self._called(table)}

    def translated(self, sheet: Sheet, table: Table) -> Sheet:
        """The sheet with the headings and words that the tables use.

        A heading of the tables' own beside what a ledger calls the same column is the one that counts.
        """
        called = self._called(table)
        kept = {one for one in sheet.headings if one in table.names and one not in called}
        headings = [
            called[one] if one in called and (one in table.names or called[one] not in kept) else one
            for one in sheet.headings
        ]
        sheet = replace(sheet, headings=headings, written=sheet.headings)
        places = {heading: place for place, heading in reversed(list(enumerate(headings))) if heading in table.names}
        mine = {column for name, _, column in self.lines if name in ("", table.name)}.intersection(places)
        if not mine:
            return sheet
        whose = next((one for one in _WHOSE if one in places), "")
        order = sorted(mine - {whose})
        known: dict[str, Mapping[str, Mapping[str, str]]] = {}  # by partner, for rows of one partner repeat
        rows, sheet = [], sheet.in_rows()
        for row, line in sheet.rows:
            line = list(line)
            partner = self._put(line, places[whose], self._lookup(table.name, whose)) if whose else ""
            if partner not in known:
                known[partner] = {column: self._lookup(table.name, column, partner) for column in order}
            for column, words in known[partner].items():
                self._put(line, places[column], words)
            rows.append((row, line))
        return replace(sheet, rows=rows)

    @staticmethod
    def _put(line: list[str], place: int, words: Mapping[str, str]) -> str:
        """Translate that cell of the line, and give what it now holds."""
        if place >= len(line):
            return ""
        line[place] = words.get(one_line(line[place]), line[place])
        return line[place]

    def _called(self, table: Table) -> dict[str, str]:
        """The table's columns by what ledgers call them."""
        return {ledger: name for ledger, name in self._lookup(table.name, HEADING).items() if name in table.names}

    def _lookup(self, table: str, column: str, partner: str = "") -> Mapping[str, str]:
        known: dict[str, str] = {}
        for key in (("", ""), ("", partner), (table, ""), (table, partner)):
            known |= self.lines.get((*key, column), {})
        return known


def wrong_names(frame: pd.DataFrame, file: str) -> list[Problem]:
    """Lines that name no table, no column, or no heading that there is, and lines of which none is the narrower."""
    columns = {name for table in DECLARED.values() for name in table.names}
    problems = []
    for row, one in zip(frame.index, frame.itertuples(index=False), strict=True):
        if one.table and one.table not in DECLARED:
            expected, close = "a table of the dictionary, or an empty cell", nearest(one.table, DECLARED)
            problems.append(Problem(file, repr(one.table), expected, row=int(row), column="table", nearest=close))
            continue
        own = set(DECLARED[one.table].names) if one.table else columns
        of = f"of the table {one.table}" if one.table else "of a table"
        if one.column and one.column != HEADING and one.column not in own:
            close = nearest(one.column, [*own, HEADING])
            expected = f"a column {of}, or the word {HEADING}"
            problems.append(Problem(file, repr(one.column), expected, row=int(row), column="column", nearest=close))
        elif one.column == HEADING and one.name:
            problems += _wrong_heading(one, own, of, file, int(row))
    return problems + _equally_narrow(frame, file)


def _wrong_heading(one: Any, own: set[str], of: str, file: str, row: int) -> list[Problem]:
    if one.name not in own:
        close = nearest(one.name, own)
        return [Problem(file, repr(one.name), f"a column {of}", row=row, column="name", nearest=close)]
    if one.partner:
        expected = "an empty cell: a file has one row of headings, for the rows of every partner"
        return [Problem(file, repr(one.partner), expected, row=row, column="partner")]
    has = [table.name for table in DECLARED.values() if {one.ledger, one.name} <= set(table.names)]
    if has and not one.table and one.ledger != one.name:
        found = f"an empty cell, where {one.ledger!r} is itself a column of {' and '.join(has)}"
        return [Problem(file, found, "the table in which the ledger calls it so", row=row, column="table")]
    return []


def _equally_narrow(frame: pd.DataFrame, file: str) -> list[Problem]:
    """A line for a partner and one for a table that call the same thing by two names: nothing says which one counts."""
    lines = frame[(frame["column"] != "") & (frame["ledger"] != "") & (frame["name"] != "")].reset_index()
    both = set(zip(lines["table"], lines["partner"], lines["column"], lines["ledger"], strict=True))
    of_partner = lines[(lines["table"] == "") & (lines["partner"] != "")]
    of_table = lines[(lines["table"] != "") & (lines["partner"] == "")]
    pairs = of_partner.merge(of_table, on=["column", "ledger"], suffixes=("", "_table"))
    problems = []
    for one in pairs[pairs["name"] != pairs["name_table"]].itertuples(index=False):
        has = one.table_table in DECLARED and one.column in DECLARED[one.table_table].names
        if has and (one.table_table, one.partner, one.column, one.ledger) not in both:
            found = f"{one.ledger!r} as {one.name} for {one.partner}, and as {one.name_table} for {one.table_table}"
            expected = f"a line for {one.partner} in {one.table_table} too, which says what it is there"
            row = int(max(one.row, one.row_table))
            problems.append(Problem(file, f"{found} in row {int(min(one.row, one.row_table))}", expected, row=row))
    return problems


def unknown_names(
    frame: pd.DataFrame, frames: Mapping[str, pd.DataFrame], permitted: Callable[[Column], tuple[str, ...]], file: str
) -> list[Problem]:
    """Lines for a partner that there is not, and lines whose name no column takes. `permitted` are a column's words."""
    problems = []
    partners = frames["partners"]["partner"] if "partners" in frames else None
    for row, one in zip(frame.index, frame.itertuples(index=False), strict=True):
        if one.partner and partners is not None and one.partner not in set(partners):
            expected, close = "a partner of the table partners, or an empty cell", nearest(one.partner, partners)
            problems.append(Problem(file, repr(one.partner), expected, row=int(row), column="partner", nearest=close))
        tables = [table for table in DECLARED.values() if one.table in ("", table.name) and one.column in table.names]
        every = [table.column(one.column) for table in tables]
        columns = [column for column in every if column.refers_to] or every  # not the one that gives out the ids
        if not one.name or not columns:
            continue
        told = [_not_taken(column, one.name, frames, permitted(column)) for column in columns]
        if all(told):
            expected, close = told[0]
            problems.append(Problem(file, repr(one.name), expected, row=int(row), column="name", nearest=close))
    return problems


def _not_taken(
    column: Column, name: str, frames: Mapping[str, pd.DataFrame], words: tuple[str, ...]
) -> tuple[str, ...]:
    """What the column takes instead of that name and which is the nearest; nothing where it takes it."""
    target, _, target_column = column.refers_to.partition(".")
    if target in frames:
        known = frames[target][target_column]
        if name in column.also or (known == name).any():
            return ()
        return (f"a {target_column} of the table {target}", nearest(name, [*known, *column.also]))
    if words:
        return () if name in words else (listed(words), nearest(name, words))
    try:
        cells.READ[column.kind](name)
    except ValueError:
        return (KINDS[column.kind], cells.suggestion(column.kind, name))
    return ()

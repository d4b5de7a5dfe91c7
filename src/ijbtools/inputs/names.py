"""What ledgers call things, and what the tables call them: the table `names`.

A ledger exports codes and headings of its own. A line of `names` says that the service `40123` is `home-care`, or that
the heading `Cost centre` is `service`; it may hold for one table or one partner's rows only. The narrowest line counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from ijbtools.errors import Problem, nearest
from ijbtools.inputs.columns import Table
from ijbtools.inputs.sheets import Sheet
from ijbtools.inputs.tables import TABLES

HEADING = "heading"
_WHOSE = ("partner", "held_by")  # columns that say whose ledger a row is from


@dataclass(frozen=True)
class Names:
    """The lines of the table, by table, partner and column."""

    lines: Mapping[tuple[str, str, str], Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Names":
        """The names of a checked frame."""
        lines: dict[tuple[str, str, str], dict[str, str]] = {}
        for one in frame.itertuples(index=False):
            lines.setdefault((one.table, one.partner, one.column), {})[one.ledger] = one.name
        return cls(lines)

    def known_headings(self, table: Table) -> set[str]:
        """The columns of the table, and what ledgers call them."""
        return {*table.names, *self._lookup(table.name, HEADING)}

    def translated(self, sheet: Sheet, table: Table) -> Sheet:
        """The sheet with the headings and words that the tables use."""
        called = self._lookup(table.name, HEADING)
        there = set(sheet.headings)
        headings = [
            called[one] if one in called and one not in table.names and called[one] not in there else one
            for one in sheet.headings
        ]
        sheet = replace(sheet, headings=headings)
        places = {heading: place for place, heading in reversed(list(enumerate(headings))) if heading in table.names}
        own = {one for _, _, one in self.lines}
        if not own.intersection(places):
            return sheet
        whose = next((places[one] for one in _WHOSE if one in places), None)
        rows = [(row, self._row(cells, table.name, places, whose)) for row, cells in sheet.rows]
        return replace(sheet, rows=rows)

    def _row(self, cells: list[str], table: str, places: Mapping[str, int], whose: int | None) -> list[str]:
        cells = list(cells)
        partner = ""
        order = sorted(places.items(), key=lambda one: one[0] not in _WHOSE)  # whose ledger it is comes first
        for column, place in order:
            if place < len(cells):
                cells[place] = self._lookup(table, column, partner).get(cells[place], cells[place])
                if place == whose:
                    partner = cells[place]
        return cells

    def _lookup(self, table: str, column: str, partner: str = "") -> Mapping[str, str]:
        known: dict[str, str] = {}
        for key in (("", ""), ("", partner), (table, ""), (table, partner)):
            known |= self.lines.get((*key, column), {})
        return known


def wrong_names(frame: pd.DataFrame, file: str) -> list[Problem]:
    """Lines that name no table, no column, or no heading that there is."""
    columns = {name for table in TABLES.values() for name in table.names}
    problems = []
    for row, one in zip(frame.index, frame.itertuples(index=False), strict=True):
        if one.table and one.table not in TABLES:
            expected, close = "a table of the dictionary, or an empty cell", nearest(one.table, TABLES)
            problems.append(Problem(file, repr(one.table), expected, row=int(row), column="table", nearest=close))
            continue
        own = set(TABLES[one.table].names) if one.table else columns
        of = f"of the table {one.table}" if one.table else "of a table"
        if one.column != HEADING and one.column not in own:
            close = nearest(one.column, [*own, HEADING])
            expected = f"a column {of}, or the word {HEADING}"
            problems.append(Problem(file, repr(one.column), expected, row=int(row), column="column", nearest=close))
        elif one.column == HEADING and one.name not in own:
            close = nearest(one.name, own)
            problems.append(Problem(file, repr(one.name), f"a column {of}", row=int(row), column="name", nearest=close))
    return problems

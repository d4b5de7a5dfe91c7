"""The tables that a partner sends, each declared once.

Reader, checks, blank template and data dictionary all come from these declarations. `TABLES` are those that pages are
made of and that blank files and workbooks are written for. `DECLARED` are all that a source may hold: also `episodes`,
which has a row a person, can be millions of rows long, and is read as the table `delays`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ijbtools.inputs._tables_money import MONEY
from ijbtools.inputs._tables_places import EPISODES, PLACES
from ijbtools.inputs.columns import Table, holds

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in (*PLACES, *MONEY)})
PERSON_LEVEL: Mapping[str, Table] = MappingProxyType({EPISODES.name: EPISODES})
DECLARED: Mapping[str, Table] = MappingProxyType({**TABLES, **PERSON_LEVEL})


def dictionary() -> str:
    """The data dictionary: every table and column, in Markdown."""
    lines = ["# The tables\n"]
    for table in DECLARED.values():
        lines += [f"## {table.name}{' (optional)' if table.optional else ''}\n", f"{table.meaning}\n"]
        lines += [f"{_rows(table)}\n"]
        lines += ["| column | holds | meaning |", "|---|---|---|"]
        for column in table.columns:
            lines.append(
                f"| {column.name}{'' if column.required else ' (optional)'} | {holds(column)} | {column.meaning} |"
            )
        lines.append("")
    return "\n".join(lines)


def _rows(table: Table) -> str:
    """What a row of the table stands for."""
    if table.key:
        return f"One row for each {', '.join(table.key)}."
    return f"One row for each person; rows may be alike. They are added up to the table {table.adds_up_to}."

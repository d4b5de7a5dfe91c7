"""The tables that a partner sends, each declared once.

Reader, checks, blank template and data dictionary all come from these declarations.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ijbtools.inputs._tables_money import MONEY
from ijbtools.inputs._tables_places import PLACES
from ijbtools.inputs.columns import Table, holds

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in (*PLACES, *MONEY)})


def dictionary() -> str:
    """The data dictionary: every table and column, in Markdown."""
    lines = ["# The tables\n"]
    for table in TABLES.values():
        lines += [f"## {table.name}{' (optional)' if table.optional else ''}\n", f"{table.meaning}\n"]
        lines += [f"One row for each {', '.join(table.key)}.\n"]
        lines += ["| column | holds | meaning |", "|---|---|---|"]
        for column in table.columns:
            lines.append(
                f"| {column.name}{'' if column.required else ' (optional)'} | {holds(column)} | {column.meaning} |"
            )
        lines.append("")
    return "\n".join(lines)

"""Make the tables of the three invented partnerships: `python data/sample/invented/make [FOLDER]`.

Writes one CSV file a table and one workbook with a sheet a table, the same bytes on every run.
"""

import sys
from datetime import datetime
from pathlib import Path

import ardmoral
import hadderley
import numpy as np
import pandas as pd
import strathorran
import xlsxwriter
from rows import Made
from services import SERVICES

from ijbtools.inputs.columns import Table
from ijbtools.inputs.publishers import write_table
from ijbtools.inputs.tables import TABLES

SEED = 2026
WORKBOOK = "invented.xlsx"
_CREATED = datetime(2026, 11, 2)  # any fixed day, so that the bytes are the same on every run
_NUMBERS = ("amount", "number", "count", "share")
_WIDEST = 60


def gathered() -> Made:
    """The rows of all three partnerships by table, with the services that they share."""
    made: Made = {"services": SERVICES}
    for number, maker in enumerate((strathorran, ardmoral, hadderley), start=1):
        # each its own stream: a change to one partnership leaves the figures of the others as they were
        for name, rows in maker.made(np.random.default_rng([SEED, number])).items():
            made[name] = [*made.get(name, []), *rows]
    return made


def frame(table: Table, rows: list[dict[str, object]]) -> pd.DataFrame:
    """The rows as a frame of plain objects: whole amounts stay without decimals, empty cells stay empty."""
    unknown = {name for row in rows for name in row} - set(table.names)
    if unknown:
        raise ValueError(f"{table.name}: found the columns {sorted(unknown)}; expected columns of the dictionary")
    cells = [[_plain(row.get(name)) for name in table.names] for row in rows]
    return pd.DataFrame(cells, columns=table.names, dtype=object)


def write_workbook(frames: dict[str, pd.DataFrame], file: Path) -> None:
    """One sheet a table: headings bold and kept in sight, numbers as numbers, everything else as text."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(file), {**options, "in_memory": True})
    book.set_properties({"title": "Three invented partnerships", "created": _CREATED})
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.##"})
    for name, rows in frames.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        used = [c for c in TABLES[name].columns if c.required or rows[c.name].notna().any()]
        for place, column in enumerate(used):
            values = rows[column.name].tolist()
            longest = max(len(str(value)) for value in (column.name, *values) if value is not None)
            sheet.set_column(place, place, min(longest + 3, _WIDEST))
            sheet.write_string(0, place, column.name, bold)
            for row, value in enumerate(values, start=1):
                if value is None:
                    continue
                if column.kind in _NUMBERS:
                    sheet.write_number(row, place, value, money if column.kind == "amount" else None)
                else:
                    sheet.write_string(row, place, str(value))
    book.close()


def main(folder: Path) -> None:
    """Write every table that has rows, as CSV files and as one workbook."""
    made = gathered()
    frames = {name: frame(table, made[name]) for name, table in TABLES.items() if made.get(name)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in frames.items():
        write_table(name, rows, folder)
    write_workbook(frames, folder / WORKBOOK)


def _plain(value: object) -> object:
    """A cell as plain Python: no numpy, no -0.0, no decimals on a whole number, nothing where it is empty."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    number = float(value)
    if np.isnan(number):
        return None
    return int(number) if number.is_integer() else round(number, 6)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])

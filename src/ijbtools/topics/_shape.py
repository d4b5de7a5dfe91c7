"""One shape for tables of money: one unit, text columns as they are, a total where one is asked for."""

from collections.abc import Mapping

import pandas as pd

from ijbtools.finance.words import money_unit
from ijbtools.topics.result import ShownColumn, ShownTable

RETURNS = ("S18",)  # what partners returned, as the list of returns on the page says


def amounts_table(
    frame: pd.DataFrame,
    headings: Mapping[str, str],
    title: str,
    subtitle: str,
    total: str = "",
    places: int | None = None,
    sources: tuple[str, ...] = RETURNS,
    notes: tuple[str, ...] = (),
) -> ShownTable:
    """A table of £: every column of numbers is in one unit, which the subtitle names; `total` adds a last row.

    `places` sets the decimals where the unit is £ million; text columns of the total are empty but the first.
    """
    numbers = [name for name in headings if pd.api.types.is_numeric_dtype(frame[name])]
    shown = frame[list(headings)].reset_index(drop=True)
    if total:
        sums = {name: shown[name].sum() for name in numbers}
        line = {name: sums.get(name, "") for name in headings} | {next(iter(headings)): total}
        shown = pd.concat([shown, pd.DataFrame([line])], ignore_index=True)
    unit, divisor, fitting = money_unit([value for name in numbers for value in shown[name]])
    if places is not None and unit == "£ million":
        fitting = places
    shown[numbers] = shown[numbers] / divisor
    return ShownTable(
        title=title,
        subtitle=f"{subtitle}, {unit}",
        columns=tuple(ShownColumn(name, text, fitting if name in numbers else None) for name, text in headings.items()),
        frame=shown,
        sources=sources,
        total=bool(total),
        notes=notes,
    )

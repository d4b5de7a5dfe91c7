"""Tables with a row a person, added up to the table that pages are made of: `episodes` to `delays`.

    bed_days = Σ bed_days of the rows,   people = number of rows,   by the key of the table they make

A partnership sends one of the two. Nobody waits longer in a month or quarter than it has days. Problems are told once
each, with the number of rows and the first of them: the rows can be millions.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, Future
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd

from ijbtools.errors import Problem
from ijbtools.finance.years import Period
from ijbtools.inputs import parquet
from ijbtools.inputs.columns import Table
from ijbtools.inputs.names import Names
from ijbtools.inputs.sheets import Sheet
from ijbtools.inputs.tables import TABLES

SHORTEST = 28  # days of the shortest period: figures up to this need no second look
ADDED, PEOPLE, WHEN = "bed_days", "people", "period"


@dataclass(frozen=True)
class Persons:
    """A sheet of rows that stand for several people each, and where their figures are in the file."""

    sheet: Sheet
    people: Mapping[int, int] = field(default_factory=dict)  # by the row of the sheet
    named: tuple[int, ...] = ()  # places of the columns that say what a row is about
    added: int | None = None  # place of the figure
    when: tuple[int, tuple[str, ...]] = (-1, ())  # place of the period, and its text in each row as the file has it
    largest: Future[list[tuple[str, int]]] | None = None  # by that text, the largest figure that may be too large
    whole: bool = True  # whether every row has a figure that counts something


def grouped(sheet: Sheet, table: Table, names: Names, numbered: bool, meanwhile: Executor) -> Persons:
    """The rows of a Parquet file as one row for each combination of texts, with the sum of their figures.

    The rows have the number of the first that they stand for where `numbered`, else numbers of their own. What can be
    asked `meanwhile` is.
    """
    if sheet.stored is None:
        return Persons(sheet)
    headings = names.translated(sheet, table).headings
    places = {heading: place for place, heading in reversed(list(enumerate(headings)))}
    named = tuple(places[name] for name in table.names if name in places and name != ADDED)
    found = parquet.groups(sheet.stored, named, places.get(ADDED), numbered)
    whole = replace(sheet, columns=(found.numbers, found.columns))
    when = (places[WHEN], tuple(found.columns[places[WHEN]])) if WHEN in places else (-1, ())
    largest = None
    if WHEN in places and ADDED in places and found.high > SHORTEST:
        ask = partial(parquet.largest, sheet.stored, places[WHEN], places[ADDED], SHORTEST)
        largest = meanwhile.submit(copy_context().run, ask)
    return Persons(whole, found.people, named, places.get(ADDED), when, largest, found.whole)


def wrong_figures(persons: Persons) -> list[tuple[str, int, int]]:
    """Figures that count nothing: each as text, in how many rows, and the first of them."""
    stored, added = persons.sheet.stored, persons.added
    if stored is None or added is None or persons.whole:
        return []
    return parquet.wrong_figures(stored, persons.named, added)


def too_long(persons: Persons, frame: pd.DataFrame) -> list[Problem]:
    """More days of a person than the period has. `frame` is what the sheet was read as, row for row."""
    stored, file = persons.sheet.stored, persons.sheet.file
    found: list[tuple[str, int, int, int]] = []
    if frame.empty:
        return []
    if stored is None:
        limits = frame[WHEN].map(_days_of(frame[WHEN]))
        over = frame[frame[ADDED] > limits]
        for period, rows in over.groupby(WHEN, sort=True):
            found.append((str(period), len(rows), int(rows.index.min()), int(rows[ADDED].max())))
    elif persons.added is not None and persons.largest is not None:
        place, texts = persons.when
        names = {text: period for text, period in zip(texts, frame[WHEN].tolist(), strict=False) if period}
        days = _days_of(names.values())
        for text, high in persons.largest.result():
            period = names.get(text.strip(), "")
            if period and high > days[period]:
                found.append((period, *parquet.above(stored, place, text, persons.added, days[period]), high))
    return [
        Problem(
            file,
            f"{high:,} days of one person in {period}{in_rows(count)}",
            f"at most {_days_of([period])[period]}, the days of {period}",
            row=first,
            column=ADDED,
        )
        for period, count, first, high in found
        if high <= parquet.MOST_COUNTED
    ]


def in_rows(count: int) -> str:
    """What is said of a thing that several rows have, at the first of them."""
    return f" in {count:,} rows, first here" if count > 1 else ""


def added_up(table: Table, frame: pd.DataFrame, people: Mapping[int, int]) -> pd.DataFrame:
    """The rows added up by the key of the table that they make; each keeps the number of its first row.

    `people` says for how many a row stands; 1 unless said.
    """
    key = list(TABLES[table.adds_up_to].key)
    rows = frame.index
    work = frame.assign(row=rows, **{PEOPLE: [people.get(row, 1) for row in rows] if people else 1})
    sums = work.groupby(key, as_index=False, sort=True).agg(
        **{ADDED: (ADDED, "sum"), PEOPLE: (PEOPLE, "sum"), "row": ("row", "min")}
    )
    return sums.set_index("row").astype({ADDED: "int64", PEOPLE: "int64"})


def made(
    table: Table, sums: pd.DataFrame, frames: Mapping[str, pd.DataFrame], files: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Problem]]:
    """The table that the sums make, with the rows that were sent of it; a problem where both are of one partnership.

    The rows that are made are numbered on from the last that was sent, in the order of their key.
    """
    target = TABLES[table.adds_up_to]
    sent = frames.get(target.name, pd.DataFrame())
    problems = []
    for partnership in sorted({*sums["partnership"]}.intersection(sent.get("partnership", ()))):
        row = int(sums.index[sums["partnership"] == partnership].min())
        there = f"{files[target.name]} has too, from row {sent.index[sent['partnership'] == partnership].min()}"
        expected = f"its days in one of the tables {table.name} and {target.name}"
        problems.append(Problem(files[table.name], f"rows of {partnership}, which {there}", expected, row=row))
    last = int(sent.index.max()) if len(sent) else 1
    index = pd.RangeIndex(last + 1, last + 1 + len(sums), name="row")
    frame = sums.astype({PEOPLE: "float64"}).set_axis(index)[target.names]
    return (pd.concat([sent, frame]) if len(sent) else frame), problems


def _days_of(periods: Iterable[str]) -> dict[str, int]:
    return {one: Period.parse(one).days for one in set(periods) if one}

"""Tables in Parquet: rows as text for the path of the CSV files, or grouped by SQL where a table has a row a person.

`X.parquet` is read wherever `X.csv` is. Row n of the file is told as row n + 1: its headings count as row 1, as in a
spreadsheet. Columns have the type that is declared: whole numbers for counts, text for words, and so on. A person-level
table is never held whole: SQL groups its rows by the text of their cells, and each group then passes the same checks as
a row of a CSV file. Days are added up as whole numbers, so the number of threads does not matter.

Needs duckdb, which the extra `scale` brings. Nothing of a file gets into the text of a query: columns go by number, and
values and the path are parameters.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.cells import MOST_COUNTED
from ijbtools.inputs.columns import Column

THREADS = 0  # of a query; 0 is as many as the machine has
LOOKED_AT = 10_000  # rows at the top of a file in which most of its words are found
BY_PLACE = 1_000  # a column of more texts than that is grouped by the texts themselves (places are 16 bits)
MOST_TEXTS = 100_000  # different texts that a column of words can have
MOST_GROUPS = 3_000_000
_AT_A_TIME = 10_000  # rows
TOLD = 20  # different wrong figures of one column that are told

_TEXT = ("VARCHAR", "ENUM")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
_PARTS = ("DECIMAL", "FLOAT", "DOUBLE")
_DATES = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE")
_SAID = MappingProxyType(
    {
        **dict.fromkeys(_TEXT, "text"),
        **dict.fromkeys(_WHOLE, "whole numbers"),
        **dict.fromkeys(_PARTS, "numbers with decimals"),
        **dict.fromkeys(_DATES, "dates"),
        "BOOLEAN": "true and false",
    }
)
# The types in which a kind of column may be stored, and what to do where it is stored otherwise.
_TYPES: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "count": (_WHOLE, "whole numbers: cast the column to an integer before it is written"),
        **dict.fromkeys(
            ("number", "amount", "share"),
            ((*_WHOLE, *_PARTS), "numbers: cast the column to a number before it is written"),
        ),
        **dict.fromkeys(
            ("date", "month", "period", "span"),
            ((*_TEXT, *_DATES), "text or dates: cast the column to text before it is written"),
        ),
        **dict.fromkeys(
            ("id", "text", "year"), ((*_TEXT, *_WHOLE), "text: cast the column to text before it is written")
        ),
        "word": ((*_TEXT, *_WHOLE, "BOOLEAN"), "text: cast the column to text before it is written"),
    }
)


@dataclass(frozen=True)
class Stored:
    """A Parquet file whose rows have not been read: its columns, their types, and how many rows it has."""

    path: Path
    headings: tuple[str, ...]
    types: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Groups:
    """The rows of a file that hold the same texts, as one row each: its number, its cells, and how many rows it is.

    The number is that of the first such row where it was asked for, else a number of its own from 2 on. The cells are
    column by column: rows can be many.
    """

    numbers: list[int]
    columns: list[list[str]]
    people: Mapping[int, int]
    high: int  # the largest figure of the column that was added up
    whole: bool  # whether every row has a figure that counts something


def stored(file: Path) -> Stored:
    """What the file holds. Raises InputRefused where it is no Parquet file, or duckdb is not installed."""
    with _asking(file) as ask:
        described = ask(f"SELECT * FROM {_FILE} LIMIT 0").description or ()
        rows = ask("SELECT num_rows FROM parquet_file_metadata($file)").fetchone()[0]
    return Stored(file, tuple(str(one[0]) for one in described), tuple(str(one[1]) for one in described), int(rows))


def mistyped(column: Column, of: str) -> tuple[str, str] | None:
    """What a column of that type was found to be and what is expected; None where the type is one of its kind."""
    types, expected = _TYPES[column.kind]
    kind = _kind(of)
    if kind in types or (column.kind == "count" and _is_whole(of)):
        return None
    said = _SAID.get(kind, "cells of a kind that no table has")
    return f"{said} (stored as {of})", expected


def rows_of(source: Stored) -> Iterator[tuple[Any, ...]]:
    """Every row of the file in its order, as Python's own values; a part of them at a time."""
    with _asking(source.path) as ask:
        asked = ask(f"SELECT * FROM {_FILE}")
        while part := asked.fetchmany(_AT_A_TIME):
            yield from part


def groups(source: Stored, named: Sequence[int], added: int | None, numbered: bool = False) -> Groups:
    """The rows grouped by the text of the `named` columns, with the sum of the column `added`: days, in whole numbers.

    A figure that counts nothing (below 0, too large, blank) is 0 here, and `wrong_figures` tells it; so is a column of
    another type, which `mistyped` tells. Blank rows are left out. Raises InputRefused where a column holds more texts
    than words are, or the rows have so little in common that grouping does not make them fewer.
    """
    summed = added if added is not None and _is_whole(source.types[added]) else None
    with _asking(source.path) as ask:
        filled, low, high = _counted(ask, source, summed)
        keys = [place for place in named if filled[place]]
        cell = {place: _text(source, place, filled[place] < source.rows) for place in keys}
        right = low >= 0 and high <= MOST_COUNTED
        # With the words of the first rows one scan is enough, mostly. Where another turns up, all are looked for.
        texts = _first_texts(ask, source, keys)
        found = _grouped(ask, source, cell, texts, summed, right, numbered)
        if short := [place for place in keys if texts[place] and not np.ma.filled(found[f"k{place}"], 0).all()]:
            texts |= {place: _texts(ask, source, place) for place in short}
            found = _grouped(ask, source, cell, texts, summed, right, numbered)
    found = {name: np.ma.filled(held, 0) for name, held in found.items()}
    count = len(found["people"])
    order, blank = _in_order(found, texts, count)
    order = order[~blank[order]]
    cells: list[list[str]] = [[""] * len(order) for _ in _places(source)]
    for place in keys:
        held = found[f"k{place}"][order]
        known = np.array(["", *(one.strip() for one in texts[place])], dtype=object)
        cells[place] = known[held].tolist() if texts[place] else [str(one).strip() for one in held.tolist()]
    if added is not None:
        cells[added] = found["days"][order].tolist() if summed is not None else ["0"] * len(order)
    people = found["people"][order].tolist()
    numbers = (found["first"][order] + 2).tolist() if numbered else list(range(2, len(order) + 2))
    if blank.any():
        row, of_figures = _figures_of_blank_rows(source, named, added)
        if of_figures:
            for place, texts_of in enumerate(cells):
                texts_of.append("0" if place == added else "")
            numbers.append(row + 2 if numbered else len(order) + 2)
            people.append(of_figures)
    whole = summed is None or (right and filled[summed] == source.rows)
    return Groups(numbers, cells, dict(zip(numbers, people, strict=True)), high, whole)


def _in_order(found: Mapping[str, Any], texts: Mapping[int, list[str]], count: int) -> tuple[Any, Any]:
    """The places of the groups in the order of their texts, and which are of blank rows.

    So they come in one order whichever thread is first.
    """
    codes, blank = [], np.ones(count, dtype=bool)
    for place, known in texts.items():
        held = found[f"k{place}"]
        uniques, code = (known, held.astype("int64") - 1) if known else np.unique(held.astype(str), return_inverse=True)
        codes.append(code)
        blank &= np.isin(code, [at for at, text in enumerate(uniques) if not str(text).strip()])
    return (np.lexsort(codes[::-1]) if codes else np.arange(count)), blank


def wrong_figures(source: Stored, named: Sequence[int], added: int) -> list[tuple[str, int, int]]:
    """Figures of the column `added` that count nothing: each as text, in how many rows, and the first of them.

    A blank one counts as wrong only in a row of which something is filled.
    """
    if not _is_whole(source.types[added]):
        return []
    with _asking(source.path) as ask:
        found = ask(
            f"SELECT CAST(c{added} AS VARCHAR), count(*), min(c_row) FROM {_numbered(source)} "
            f"WHERE c{added} < 0 OR c{added} > {MOST_COUNTED} OR (c{added} IS NULL AND NOT ({_blank(source, named)})) "
            f"GROUP BY c{added} ORDER BY 3 LIMIT {TOLD}"
        ).fetchall()
    return [(str(value or ""), int(count), int(first) + 2) for value, count, first in found]


def largest(source: Stored, named: int, added: int, above: int) -> list[tuple[str, int]]:
    """Each text of the column `named` beside which a figure is above that, with the largest such figure."""
    text = _text(source, named)
    query = f"SELECT {text}, max(c{added}) FROM {_plain(source)} WHERE c{added} > $above GROUP BY 1 ORDER BY 1"
    with _asking(source.path) as ask:
        return [(str(value), int(high)) for value, high in ask(query, above=above).fetchall()]


def above(source: Stored, named: int, text: str, added: int, limit: int) -> tuple[int, int]:
    """In how many rows with that text in the column `named` the figure is above the limit, and the first of them."""
    where = f"WHERE {_text(source, named)} = $text AND c{added} > $limit"
    with _asking(source.path) as ask:
        query = f"SELECT count(*), min(c_row) FROM {_numbered(source)} {where}"
        count, first = ask(query, text=text, limit=limit).fetchone()
    return int(count), int(first) + 2


_FILE = "read_parquet($file, hive_partitioning => false)"


def _places(source: Stored) -> range:
    return range(len(source.headings))


def _plain(source: Stored) -> str:
    """The file with its columns by number."""
    return f"{_FILE} AS stored({', '.join(f'c{place}' for place in _places(source))})"


def _numbered(source: Stored) -> str:
    """The file with its columns by number, and its rows from 0 on as `c_row`."""
    columns = "".join(f"c{place}, " for place in _places(source))
    return f"read_parquet($file, hive_partitioning => false, file_row_number => true) AS stored({columns}c_row)"


def _text(source: Stored, place: int, blanks: bool = True) -> str:
    """The cell as text, as a CSV file would hold it; '' where it is blank, which no cell is unless there are `blanks`.

    What is done to words that a file holds once for many rows is done once; but not behind a `coalesce`.
    """
    kind = _kind(source.types[place])
    as_date = f"CAST(c{place} AS DATE)" if kind in _DATES else f"c{place}"
    text = f"c{place}" if kind == "VARCHAR" else f"CAST({as_date} AS VARCHAR)"
    return f"coalesce({text}, '')" if blanks else text


def _blank(source: Stored, named: Sequence[int]) -> str:
    """True of a row in which none of those columns is filled."""
    return " AND ".join(f"trim({_text(source, place)}) = ''" for place in named) or "false"


def _figures_of_blank_rows(source: Stored, named: Sequence[int], added: int | None) -> tuple[int, int]:
    """The first of the rows with nothing in the named columns but a figure, and how many there are."""
    if added is None:
        return 0, 0
    where = f"WHERE {_blank(source, named)} AND c{added} IS NOT NULL"
    with _asking(source.path) as ask:
        first, count = ask(f"SELECT min(c_row), count(*) FROM {_numbered(source)} {where}").fetchone()
    return int(first or 0), int(count)


def _counted(ask: Any, source: Stored, figure: int | None) -> tuple[list[int], int, int]:
    """How many cells of each column are filled, and the lowest and highest of a figure; 0 where there is none."""
    asked = [f"count(c{place})" for place in _places(source)]
    asked += [f"min(c{figure})", f"max(c{figure})"] if figure is not None else ["0", "0"]
    *filled, low, high = ask(f"SELECT {', '.join(asked)} FROM {_plain(source)}").fetchone()
    return filled, int(low or 0), int(high or 0)


def _first_texts(ask: Any, source: Stored, places: Sequence[int]) -> dict[int, list[str]]:
    """The different texts of each column in the first rows; none where they are too many to look up."""
    if not places:
        return {}
    top = f"(SELECT * FROM {_plain(source)} LIMIT {LOOKED_AT})"
    found = ask(f"SELECT {', '.join(f'list(DISTINCT {_text(source, n)})' for n in places)} FROM {top}").fetchone()
    texts = {place: sorted(map(str, one or [])) for place, one in zip(places, found, strict=True)}
    return {place: known if len(known) <= BY_PLACE else [] for place, known in texts.items()}


def _texts(ask: Any, source: Stored, place: int) -> list[str]:
    """The different texts of a column; none where they are too many to look up."""
    found = ask(f"SELECT DISTINCT {_text(source, place)} FROM {_plain(source)} LIMIT {MOST_TEXTS + 1}").fetchall()
    if len(found) > MOST_TEXTS:
        wrong, expected = f"more than {MOST_TEXTS:,} different texts", "the few words that rows share"
        raise InputRefused([Problem(source.path.name, wrong, expected, row=1, column=source.headings[place])])
    return sorted(str(one) for (one,) in found) if len(found) <= BY_PLACE else []


def _grouped(
    ask: Any,
    source: Stored,
    cell: Mapping[int, str],
    texts: Mapping[int, list[str]],
    summed: int | None,
    right: bool,
    numbered: bool,
) -> dict[str, Any]:
    """The groups, a column of each: `k` and the place for the keys, people, days and first.

    A key is its place in `texts` from 1 on, which is quicker to group by (0, or nothing, is none of them), or the text
    itself. `cell` is the text of each in SQL.
    """
    chosen = [
        f"{f'CAST(list_position($t{place}, {cell[place]}) AS USMALLINT)' if known else cell[place]} AS k{place}"
        for place, known in texts.items()
    ]
    keys = ", ".join(f"k{place}" for place in texts)
    chosen += ["count(*) AS people", *(["min(c_row) AS first"] if numbered else [])]
    if summed is not None:
        counts = f"c{summed}" if right else f"CASE WHEN c{summed} BETWEEN 0 AND {MOST_COUNTED} THEN c{summed} END"
        chosen.append(f"CAST(coalesce(sum({counts}), 0) AS VARCHAR) AS days")
    query = f"SELECT {', '.join(chosen)} FROM {_numbered(source) if numbered else _plain(source)}"
    query += f"{f' GROUP BY {keys}' if keys else ''} LIMIT {MOST_GROUPS + 1}"
    found = ask(query, **{f"t{place}": known for place, known in texts.items() if known}).fetchnumpy()
    if len(found["people"]) > MOST_GROUPS:
        wrong = f"more than {MOST_GROUPS:,} rows of which no two are alike but for their figures"
        raise InputRefused([Problem(source.path.name, wrong, "a row a person, in the words that many rows share")])
    return dict(found)


def _kind(of: str) -> str:
    """The type without what is in brackets behind it."""
    return of.partition("(")[0]


def _is_whole(of: str) -> bool:
    return _kind(of) in _WHOLE or (_kind(of) == "DECIMAL" and of.endswith(",0)"))


_held: ContextVar[tuple[ExitStack, list[Any]] | None] = ContextVar("held", default=None)


@contextmanager
def one_database() -> Iterator[None]:
    """All that is asked within is asked of one database, begun when the first is: beginning one takes its time."""
    with ExitStack() as until:
        token = _held.set((until, []))
        try:
            yield
        finally:
            _held.reset(token)


@contextmanager
def _asking(file: Path) -> Iterator[Any]:
    """A function that asks one query of the file. InputRefused where the file is none of the kind."""
    try:
        import duckdb
    except ImportError:
        found, expected = "a Parquet file, which needs duckdb", "it installed: python -m pip install duckdb"
        raise InputRefused([Problem(file.name, found, expected)]) from None
    path = re.sub(r"([*?\[])", r"[\1]", file.absolute().as_posix())  # a name may hold what else finds many names
    with ExitStack() as own:
        until, begun = _held.get() or (own, [])
        if not begun:
            begun.append(until.enter_context(_database(duckdb)))
        with begun[0].cursor() as base:
            try:
                yield lambda query, **given: base.execute(query, {"file": path, **given})
            except duckdb.Error as error:
                found = f"a file that cannot be read as Parquet ({type(error).__name__})"
                expected = "a whole Parquet file, as duckdb, pandas or a data warehouse writes it"
                raise InputRefused([Problem(file.name, found, expected)]) from None


@contextmanager
def _database(duckdb: Any) -> Iterator[Any]:
    """A database in memory. Its threads and its scratch folder end with it."""
    with tempfile.TemporaryDirectory(prefix="ijb-", ignore_cleanup_errors=True) as scratch:
        config: dict[str, Any] = {"temp_directory": scratch, "autoinstall_known_extensions": False}
        config |= {"threads": THREADS} if THREADS else {}
        with duckdb.connect(config=config) as base:
            yield base

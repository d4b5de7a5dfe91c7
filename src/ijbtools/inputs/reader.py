"""Reading and checking what a partner sends: all problems of all tables in one pass."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem, listed, nearest
from ijbtools.inputs import cells, parquet, persons, sheets
from ijbtools.inputs.columns import KINDS, Column, Table
from ijbtools.inputs.ledgers import by_month, doubts, in_pounds, without_notes, without_repeats, without_totals
from ijbtools.inputs.names import Names, unknown_names, wrong_names
from ijbtools.inputs.rules import across, table_rules
from ijbtools.inputs.tables import DECLARED, PERSON_LEVEL, TABLES

THEN = "Mend them in the file and save it; then try again. Nothing that is published has changed."

_DTYPES = {"number": "float64", "amount": "float64", "share": "float64", "count": "float64"}


@dataclass(frozen=True)
class Tables(Mapping[str, pd.DataFrame]):
    """Checked frames by table name, for all partnerships. The index of each is the spreadsheet's row number.

    Rows that were added up from a row a person (`person_level`) have numbers of their own.
    """

    frames: Mapping[str, pd.DataFrame]
    warnings: tuple[Problem, ...]
    source: Path
    digests: Mapping[str, str]
    paths: Mapping[str, Path] = field(default_factory=dict)  # the file of each table, and of those that say how to read
    person_level: frozenset[str] = frozenset()  # tables that were added up from a row a person

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)

    def only(self, names: Iterable[str]) -> "Tables":
        """These tables alone, as `read(source, names)` reads them; only the files that they rest on count."""
        wanted = [name for name in self.frames if name in set(names)]
        rests_on = {str(self.paths[name]) for name in (*wanted, *_beside(wanted)) if name in self.paths}
        digests = {name: digest for name, digest in self.digests.items() if name in rests_on}
        person_level = self.person_level.intersection(wanted)
        frames = {name: self.frames[name] for name in wanted}
        return replace(self, frames=frames, digests=digests, person_level=person_level)


@dataclass(frozen=True)
class Reading:
    """What a source holds as far as it could be read, and everything that is wrong with it."""

    tables: Tables
    problems: tuple[Problem, ...]
    files: Mapping[str, str]  # the file, or workbook and sheet, of each table
    tops: Mapping[str, int]  # the row of its headings
    sums: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # tables with a row a person, added up


def read(source: Path | str, only: tuple[str, ...] = ()) -> Tables:
    """Read and check a folder of CSV or Parquet files, or one workbook.

    `only` names the tables to read; without it, all that are there. A table that is not sent is simply absent. A table
    with a row a person is added up to the one that it makes: `episodes` to `delays`.
    Raises InputRefused with every problem of every table; warnings (extra columns, unknown tables) come back with the
    frames.
    """
    reading = examine(source, only)
    if reading.problems:
        raise InputRefused(reading.problems, THEN)
    return reading.tables


def examine(source: Path | str, only: tuple[str, ...] = ()) -> Reading:
    """Read and check as `read` does, and give what could be read together with every problem.

    Headings and codes of ledgers are translated by the table `names`; rows of totals that add up are left out; amounts
    that `returns` gives in thousands become pounds; spending to date becomes spending by month.
    """
    with parquet.one_database(), ThreadPoolExecutor(1) as meanwhile:
        reading = _examined(Path(source), only, meanwhile)
        stored = {file for name, file in reading.files.items() if name in PERSON_LEVEL}
        told = [*reading.problems, *reading.tables.warnings]
        # Which row is the first of many is only worked out where somebody has to go there.
        to_number = any(one.file in stored and (one.row or 0) > 1 for one in told)
        return _examined(Path(source), only, meanwhile, True) if to_number else reading


def _examined(source: Path, only: tuple[str, ...], meanwhile: Executor, numbered: bool = False) -> Reading:
    found, problems = sheets.read_sheets(source)
    warnings: list[Problem] = []
    expected = "a table of the dictionary"
    unknown = [
        Problem(sheet.file, "a table that is not read", expected, nearest=nearest(name, DECLARED), warning=True)
        for name, sheet in found.items()
        if name not in DECLARED
    ]
    found = {name: sheet for name, sheet in found.items() if name in DECLARED}
    wanted = [name for name in found if not only or name in only]
    made_of_persons = [table.adds_up_to for table in PERSON_LEVEL.values() if table.adds_up_to in only]
    beside = [name for name in _beside([*wanted, *made_of_persons]) if name in found and name not in wanted]
    frames: dict[str, pd.DataFrame] = {}
    sums: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    unread: dict[str, set[int]] = {}  # rows with a cell that could not be read
    names, further = Names(), Words()
    for name in sorted([*wanted, *beside], key=_in_order):
        table = DECLARED[name]
        files[name] = found[name].file
        try:
            if name in PERSON_LEVEL:
                sums[name], found[name], of_table = _added_up(table, found[name], names, further, numbered, meanwhile)
                problems += [problem for problem in of_table if not problem.warning]
                warnings += [problem for problem in of_table if problem.warning]
                continue
            sheet = sheets.filled(found[name])
        except InputRefused as refused:  # a Parquet file whose rows cannot be read
            problems += refused.problems
            continue
        sheet, of_repeats = without_repeats(sheet.headed(names.known_headings(table)))
        sheet, *of_totals = without_totals(names.translated(sheet, table), table)
        sheet, of_notes = without_notes(sheet, table)
        frames[name], of_cells, of_headings = _frame(table, sheet, further)
        found[name] = sheet
        unread[name] = {problem.row for problem in of_cells if problem.row and problem.row != sheet.top}
        if sheet.stored and any(problem.column and problem.row == sheet.top for problem in of_cells):
            unread[name] = set(frames[name].index)  # a column of another type
        problems += [*of_totals[0], *of_notes, *_told_once(of_cells)]
        warnings += [*of_repeats, *of_totals[1], *of_headings]
        if name == "names":
            problems += wrong_names(frames[name], sheet.file)
            names = Names.of(frames[name])
        elif name == "categories":
            further = Words.of(frames[name])
    warnings += unknown
    paths = {name: found[name].path for name in files}
    digests = meanwhile.submit(sheets.digests, paths.values())  # of large files it takes its time
    frames, of_frames, of_all = _together(frames, sums, found, files, unread, further, bool(problems))
    problems, warnings = [*problems, *of_frames], [*warnings, *of_all]
    made = {PERSON_LEVEL[name].adds_up_to for name, frame in sums.items() if len(frame)}
    tops = {name: found[name].top for name in files}
    asked = {name: frames[name] for name in sorted(frames, key=_in_order) if not only or name in only}
    tables = Tables(asked, tuple(warnings), source, digests.result(), paths, frozenset(made.intersection(asked)))
    return Reading(tables, tuple(problems), files, tops, sums)


def _together(
    frames: dict[str, pd.DataFrame],
    sums: Mapping[str, pd.DataFrame],
    found: Mapping[str, sheets.Sheet],
    files: Mapping[str, str],
    unread: Mapping[str, set[int]],
    further: "Words",
    wrong: bool,
) -> tuple[dict[str, pd.DataFrame], list[Problem], list[Problem]]:
    """What is checked of whole tables and between them: the frames as they are used, problems, and warnings.

    What needs every cell to be right is left where something is `wrong` already.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    if "names" in frames:
        problems += unknown_names(frames["names"], frames, further.permitted, files["names"])
    for name, frame in frames.items():
        problems += _told_once(_references(TABLES[name], frame, frames, files[name]))
        if all(column.name in found[name].headings for column in TABLES[name].columns if column.required):
            problems += _unique(TABLES[name], frame.drop(index=list(unread[name])), files[name])
            of_table = table_rules(name, frame, files[name], unread[name])
            problems += [problem for problem in of_table if not problem.warning]
            warnings += [problem for problem in of_table if problem.warning]
    for name, frame in sums.items():
        table = DECLARED[name]
        problems += _told_once(_references(table, frame, frames, files[name]), 1, frame[persons.PEOPLE].to_dict())
        problems += table_rules(name, frame, files[name], set())
        frames[table.adds_up_to], of_both = persons.made(table, frame, frames, files)
        problems += of_both
    if not (wrong or problems):
        frames, problems = in_pounds(frames, files)
    if not (wrong or problems) and "spending" in frames:
        frames["spending"], of_months = by_month(frames["spending"], files["spending"])
        problems = [problem for problem in of_months if not problem.warning]
        warnings += [problem for problem in of_months if problem.warning]
    if not (wrong or problems):
        of_all = [*across(frames, files), *doubts(frames, files)]
        problems = [problem for problem in of_all if not problem.warning]
        warnings += [problem for problem in of_all if problem.warning]
    return frames, problems, warnings


def _added_up(
    table: Table, sheet: sheets.Sheet, names: Names, further: "Words", numbered: bool, meanwhile: Executor
) -> tuple[pd.DataFrame, sheets.Sheet, list[Problem]]:
    """A table with a row a person added up by the key of the one that it makes, and what is wrong with its rows."""
    told: list[Problem] = []
    if sheet.stored is None:
        sheet, of_repeats = without_repeats(sheet.headed(names.known_headings(table)))
        sheet, of_notes = without_notes(names.translated(sheet, table), table)
        held = persons.Persons(sheet)
        told += [*of_repeats, *of_notes]
    else:
        held = persons.grouped(sheet, table, names, numbered, meanwhile)
        held = replace(held, sheet=names.translated(held.sheet, table))
    frame, of_cells, of_headings = _frame(table, held.sheet, further)
    told += [*of_headings, *_told_once(of_cells, 1, held.people)]
    column = table.column(persons.ADDED)
    for text, count, first in persons.wrong_figures(held):
        wrong, found = _value(column, text, ()), repr(text) if text else "an empty cell"
        said = f"{found}{persons.in_rows(count)}"
        told.append(Problem(sheet.file, said, wrong.expected, row=first, column=column.name, nearest=wrong.nearest))
    unread = {problem.row for problem in of_cells if problem.row and problem.row != held.sheet.top}
    sums = persons.added_up(table, frame.drop(index=list(unread)) if unread else frame, held.people)
    told += persons.too_long(held, frame)
    return sums, held.sheet, told


_FIRST = ("names", "categories")  # what they say is needed to read the others


def _in_order(name: str) -> tuple[bool, str]:
    return name not in _FIRST, name


def _beside(wanted: Iterable[str]) -> list[str]:
    """Tables that say how others are to be read, though nobody asked for them."""
    known = [DECLARED[name] for name in wanted if name in DECLARED]
    in_money = any(column.in_pounds for table in known for column in table.columns)
    of_persons = [table.name for table in PERSON_LEVEL.values() if table.adds_up_to in wanted]
    return [
        "names",
        *(["categories"] if "services" in wanted else []),
        *(["returns"] if in_money else []),
        *of_persons,
    ]


@dataclass(frozen=True)
class Words:
    """Permitted words of a partnership's own, by the kind of the table `categories`."""

    by_kind: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Words":
        """The words of a checked frame of `categories`."""
        return cls({str(kind): frozenset(rows["category"]) for kind, rows in frame.groupby("kind")})

    def permitted(self, column: Column) -> tuple[str, ...]:
        """Every word that the column takes."""
        further = self.by_kind.get(column.opened_by, ()) if column.opened_by else ()
        return (*column.words, *sorted(further))


_MANY = 5


def _told_once(
    problems: list[Problem], many: int = _MANY, people: Mapping[int, int] = MappingProxyType({})
) -> list[Problem]:
    """The same thing in more than so many rows of a column as one problem, at the first of them.

    `people` says how many rows of a file stand behind a row; 1 unless said.
    """
    alike: dict[tuple[str, ...], list[Problem]] = {}
    for one in problems:
        alike.setdefault((one.file, one.found, one.expected, one.column), []).append(one)
    told = []
    for same in alike.values():
        count = sum(people.get(one.row or 0, 1) for one in same)
        first = min(same, key=lambda one: one.row or 0)
        told += same if count <= many else [replace(first, found=f"{first.found}{persons.in_rows(count)}")]
    return told


def need(tables: Mapping[str, pd.DataFrame], *names: str) -> None:
    """Refuse, naming every table and its columns, where one of `names` is missing from `tables`."""
    missing = [TABLES[name] for name in names if name not in tables]
    if missing:
        raise InputRefused(
            Problem(f"{table.name}.csv", "no such table", f"a table with the columns {', '.join(table.names)}")
            for table in missing
        )


def given(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """The table of that name with all its columns; an empty one where it was not sent."""
    columns = TABLES[name].columns
    empty = pd.DataFrame({c.name: pd.Series(dtype="float64" if c.kind in _DTYPES else "str") for c in columns})
    if name not in tables or tables[name].empty:
        return empty
    missing = [c.name for c in columns if c.name not in tables[name]]
    return tables[name].assign(**{c: float("nan") if empty[c].dtype == "float64" else "" for c in missing})


def _frame(table: Table, sheet: sheets.Sheet, further: Words) -> tuple[pd.DataFrame, list[Problem], list[Problem]]:
    problems: list[Problem] = []
    warnings: list[Problem] = []
    places = {heading: i for i, heading in reversed(list(enumerate(sheet.headings)))}
    if sheet.headings and not places.keys() & set(table.names):
        return _frame(table, sheets.Sheet(sheet.file, table.names, []), further)[0], [_no_headings(table, sheet)], []
    for heading in sheet.headings:
        if heading and heading not in table.names:
            close = nearest(heading, [name for name in table.names if name not in places])
            expected = "a column of the dictionary; it is left out"
            warnings.append(
                Problem(sheet.file, f"the column {heading!r}", expected, row=sheet.top, nearest=close, warning=True)
            )
    for place, heading in enumerate(sheet.headings):
        if not heading and any(sheet.texts(place)):
            expected = "a heading; the column is left out"
            warnings.append(
                Problem(sheet.file, f"no heading over column {place + 1}", expected, row=sheet.top, warning=True)
            )
    for heading in (h for h in table.names if sheet.headings.count(h) > 1):
        own = [one for one, name in zip(sheet.written, sheet.headings, strict=False) if name == heading]
        of_names = f"the headings {' and '.join(own)}, which are all {heading}"
        found = of_names if len(set(own)) > 1 else "the heading twice"
        problems.append(Problem(sheet.file, found, "each heading once", row=sheet.top, column=heading))
    columns: dict[str, list[Any]] = {}
    numbers = sheet.numbers
    for column in table.columns:
        if column.name in places and (wrong_type := _mistyped(column, sheet, places[column.name])):
            problems.append(wrong_type)
        elif column.name in places:
            columns[column.name], wrong = _column(column, sheet, places[column.name], further.permitted(column))
            problems += wrong
        elif column.required:
            close = nearest(column.name, [heading for heading in sheet.headings if heading not in table.names])
            found = f"the headings {listed(sheet.headings)}" if sheet.headings else "no headings"
            problems.append(Problem(sheet.file, found, f"a column {column.name}", row=sheet.top, nearest=close))
        if column.name not in columns:
            columns[column.name] = [None] * len(numbers)
    index = pd.Index(numbers, name="row", dtype="int64")
    frame = pd.DataFrame(
        {
            column.name: pd.array([_blank_to_nan(v) for v in columns[column.name]], dtype=_DTYPES[column.kind])
            if column.kind in _DTYPES
            else pd.array(["" if v is None else v for v in columns[column.name]], dtype="str")
            for column in table.columns
        },
        index=index,
    )
    whole = [c.name for c in table.columns if c.kind == "count" and c.required and not frame[c.name].isna().any()]
    frame = frame.astype(dict.fromkeys(whole, "int64"))
    for row, cells_of_row in sheet.rows:
        if any(cells_of_row[len(sheet.headings) :]):
            found = f"{len(cells_of_row)} cells"
            problems.append(Problem(sheet.file, found, f"{len(sheet.headings)}, as the headings have", row=row))
    return frame, problems, warnings


def _mistyped(column: Column, sheet: sheets.Sheet, place: int) -> Problem | None:
    """The problem of a column that is stored in another type than its kind is; none where nothing is in it."""
    wrong = parquet.mistyped(column, sheet.stored.types[place]) if sheet.stored else None
    if wrong is None or not any(sheet.texts(place)):
        return None
    return Problem(sheet.file, wrong[0], wrong[1], row=sheet.top, column=column.name)


def _no_headings(table: Table, sheet: sheets.Sheet) -> Problem:
    """One problem for a sheet in which no heading of the table was found, however many columns it lacks."""
    needed = ", ".join(column.name for column in table.columns if column.required)
    expected = f"near the top a row with the headings {needed}, or lines of names that say what the ledger calls them"
    return Problem(sheet.file, f"the headings {listed(sheet.headings)}", expected, row=sheet.top)


def _column(
    column: Column, sheet: sheets.Sheet, place: int, permitted: tuple[str, ...]
) -> tuple[list[Any], list[Problem]]:
    texts = sheet.texts(place)
    read = {text: _value(column, text, permitted) for text in set(texts)}  # most columns repeat few texts
    if not any(isinstance(value, _Wrong) for value in read.values()):
        return [read[text] for text in texts], []
    values: list[Any] = []
    problems: list[Problem] = []
    for row, text in zip(sheet.numbers, texts, strict=True):
        value = read[text]
        if isinstance(value, _Wrong):
            found = repr(text) if text else "an empty cell"
            problems.append(
                Problem(sheet.file, found, value.expected, row=row, column=column.name, nearest=value.nearest)
            )
            value = None
        values.append(value)
    return values, problems


@dataclass(frozen=True)
class _Wrong:
    expected: str
    nearest: str = ""


def _value(column: Column, text: str, permitted: tuple[str, ...]) -> Any:
    if not text:
        return _Wrong(_expected(column, permitted)) if column.required else None
    if text in column.also:
        return text
    if permitted and text not in permitted:
        return _Wrong(_expected(column, permitted), nearest(text, permitted))
    try:
        return cells.READ[column.kind](text)
    except ValueError:
        return _Wrong(_expected(column, permitted), cells.suggestion(column.kind, text))


def _expected(column: Column, permitted: tuple[str, ...]) -> str:
    coded = _OR_NAMED if column.refers_to.partition(".")[0] in _CODED else ""
    blank = "" if column.required else ", or an empty cell"
    return f"{listed(permitted) if permitted else KINDS[column.kind]}{coded}{blank}"


def _blank_to_nan(value: Any) -> float:
    return float("nan") if value is None else float(value)


_REVISED = "; what revises a budget within the year is a row of changes, with its period"


def _unique(table: Table, frame: pd.DataFrame, file: str) -> list[Problem]:
    key = list(table.key)
    repeated = frame[frame.duplicated(key, keep="first")]
    if repeated.empty:
        return []
    first = frame.drop_duplicates(key).reset_index().set_index(key)["row"]
    problems = []
    for row, values in zip(repeated.index, repeated[key].itertuples(index=False, name=None), strict=True):
        earlier = first.loc[values if len(key) > 1 else values[0]]
        said = ", ".join(str(value) for value in values if value != "")
        found = f"{said} again, as in row {earlier}"
        expected = f"one row for each {', '.join(key)}{_REVISED if table.name == 'budgets' else ''}"
        problems.append(Problem(file, found, expected, row=int(row)))
    return problems


_CODED = ("partners", "services")  # what ledgers have codes for
_OR_NAMED = ", or a line of the table names that says which one it is"


def _references(table: Table, frame: pd.DataFrame, frames: Mapping[str, pd.DataFrame], file: str) -> list[Problem]:
    problems = []
    for column in table.columns:
        target, _, target_column = column.refers_to.partition(".")
        if target not in frames or target_column not in frames[target]:
            continue
        values = frame[column.name]
        permitted = set(frames[target][target_column])
        unknown = frame[(values != "") & ~values.isin(permitted | set(column.also))]
        for row, value in unknown[column.name].items():
            close = nearest(value, [*permitted, *column.also])
            code = "" if close or target not in _CODED else _OR_NAMED
            expected = f"a {target_column} of the table {target}{code}"
            problems.append(Problem(file, repr(value), expected, row=int(str(row)), column=column.name, nearest=close))
        if target == "partners" and "partnership" in frame:
            problems += _wrong_partnership(frame, frames["partners"], column, file)
    return problems


def _wrong_partnership(frame: pd.DataFrame, partners: pd.DataFrame, column: Column, file: str) -> list[Problem]:
    """A partner must be one of the row's own partnership."""
    own = set(zip(partners["partnership"], partners["partner"], strict=True))
    known = set(partners["partner"])
    problems = []
    for row, partnership, value in zip(frame.index, frame["partnership"], frame[column.name], strict=True):
        elsewhere = partnership == words.NOT_RESIDENT
        if value in known and value not in column.also and (partnership, value) not in own and not elsewhere:
            theirs = [partner for whose, partner in own if whose == partnership]
            expected = f"a partner of {partnership}: {listed(sorted(theirs))}"
            problems.append(Problem(file, repr(value), expected, row=int(row), column=column.name))
    return problems

"""What of a workspace's tables is there, missing or doubtful, with the file, row and column to go to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from ijbtools.errors import InputRefused, Problem, listed
from ijbtools.finance.years import Period
from ijbtools.inputs.columns import Table
from ijbtools.inputs.persons import PEOPLE
from ijbtools.inputs.reader import Reading, examine
from ijbtools.inputs.sheets import WORKBOOK
from ijbtools.inputs.tables import DECLARED

# The states of a table, in the order in which one would see to them, each with what it means.
STATES: Mapping[str, str] = MappingProxyType(
    {
        "to mend": "something in it cannot be read or used",
        "missing": "nothing was sent, and a page wants it",
        "in part": "a partner, or the year, is not in it",
        "doubtful": "it is read, and something in it should be looked at",
        "there": "it is there, and nothing is wrong with it",
        "not sent": "nothing was sent; it may stay so",
    }
)
_TIMES = ("period", "month", "year")
_EXPECTED = ("health_board", "council", "icb")  # partners who return the tables of money
_OF_EACH = ("funding", "budgets", "savings", "spending")  # tables that every such partner returns for every year


@dataclass(frozen=True)
class Line:
    """One table of the list: its state, what is there, and where to go."""

    table: Table
    state: str
    rows: int
    holds: str
    pages: tuple[str, ...]
    places: tuple[Problem, ...]


@dataclass(frozen=True)
class Completeness:
    """The list for one folder or workbook of tables, and what concerns no single table."""

    source: Path
    lines: tuple[Line, ...]
    others: tuple[Problem, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that must be mended before a page can be made."""
        places = [*self.others, *(place for line in self.lines if line.state == "to mend" for place in line.places)]
        return tuple(place for place in places if not place.warning)

    @property
    def summary(self) -> str:
        """How many tables are in each state: `3 are missing, 12 there and 4 not sent`."""
        if not self.lines:
            return "none could be read"
        counts = [(self.count(state), state) for state in STATES if self.count(state)]
        said = [f"{count} {state}" for count, state in counts]
        said[0] = f"{counts[0][0]} {'is' if counts[0][0] == 1 else 'are'} {counts[0][1]}"
        return " and ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else said[0]

    def to_see_to(self, state: str) -> tuple[Line, ...]:
        """The tables in that state with somewhere to go."""
        return tuple(line for line in self.lines if line.state == state and line.places)

    def count(self, state: str) -> int:
        """How many tables are in that state."""
        return sum(line.state == state for line in self.lines)


def completeness(
    source: Path,
    wanted: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    partnerships: Iterable[str] = (),
    period: Period | None = None,
) -> Completeness:
    """The list for a folder of tables or a workbook, as the notebooks of a plan want them for its partnerships.

    `wanted` are the tables that each notebook reads, by its name; without it only what is there is judged.
    """
    try:
        reading = examine(source)
    except InputRefused as refused:
        return Completeness(source, (), refused.problems)
    whose = list(partnerships)
    by_file: dict[str, list[Problem]] = {}
    for problem in [*reading.problems, *reading.tables.warnings]:
        by_file.setdefault(problem.file, []).append(problem)
    lines = []
    for name, table in DECLARED.items():
        pages = tuple(notebook for notebook, reads in wanted.items() if name in reads)
        found = by_file.pop(reading.files.get(name, f"{name}.csv"), [])
        lines.append(_line(table, reading, found, pages, whose, period))
    lines.sort(key=lambda line: list(STATES).index(line.state))
    others = [problem for rest in by_file.values() for problem in rest]
    return Completeness(source, tuple(lines), tuple(others))


def _line(
    table: Table,
    reading: Reading,
    found: list[Problem],
    pages: tuple[str, ...],
    whose: list[str],
    period: Period | None,
) -> Line:
    frame = reading.sums.get(table.name, reading.tables.get(table.name, pd.DataFrame()))
    if whose and "partnership" in frame and table.name != "shares":
        frame = frame[frame["partnership"].isin(whose)]
    rows = int(frame[PEOPLE].sum()) if table.adds_up_to and len(frame) else len(frame)
    holds = _holds(frame, rows)
    wrong = [problem for problem in found if not problem.warning]
    if wrong:
        return Line(table, "to mend", rows, holds, pages, tuple(found))
    if frame.empty:
        instead = any(DECLARED[name].adds_up_to == table.name for name in reading.sums)
        missing = bool(pages) and not table.optional and not instead
        places = (_where_to_begin(table, reading, whose),) if missing else ()
        return Line(table, "missing" if missing else "not sent", 0, "no rows", pages, (*places, *found))
    gaps = _gaps(table, frame, reading, whose, period) if pages else []
    if gaps:
        return Line(table, "in part", rows, holds, pages, (*gaps, *found))
    return Line(table, "doubtful" if found else "there", rows, holds, pages, tuple(found))


def _holds(frame: pd.DataFrame, rows: int) -> str:
    """`1,204 rows, 2023/24 to 2026/27`."""
    if frame.empty:
        return "no rows"
    said = f"{rows:,} {'row' if rows == 1 else 'rows'}"
    when = next((one for one in _TIMES if one in frame and (frame[one] != "").any()), "")
    if when:
        times = sorted({str(one) for one in frame[when] if one != ""}, key=_in_order)
        said += f", {times[0]} to {times[-1]}" if len(times) > 1 else f", {times[0]}"
    return said


def _in_order(name: str) -> tuple[str, str]:
    try:
        period = Period.parse(name)
    except ValueError:
        return (name, name)
    return (period.start.isoformat(), period.end.isoformat())


def _where_to_begin(table: Table, reading: Reading, whose: list[str]) -> Problem:
    """Where the first row of a table that is not there would be typed."""
    source = reading.tables.source
    columns = ", ".join(column.name for column in table.columns if column.required)
    expected = f"rows with {columns}"
    if table.name in reading.files:
        file = reading.files[table.name]
    elif source.is_dir() and not (source / WORKBOOK).exists():
        return Problem(f"{table.name}.csv", "no such file", expected)
    else:
        file = f"{WORKBOOK if source.is_dir() else source.name}, sheet {table.name}"
    first = next(column.name for column in table.columns if column.required)
    row, found = reading.tops.get(table.name, 1) + 1, "no rows"
    there = reading.tables.get(table.name, pd.DataFrame())
    if len(there):  # of other partnerships
        row, found = int(there.index.max()) + 1, f"no rows of {listed(whose).replace(' or ', ' and ')}"
    return Problem(file, found, expected, row=row, column=first)


def _gaps(
    table: Table, frame: pd.DataFrame, reading: Reading, whose: list[str], period: Period | None
) -> list[Problem]:
    """Partners who returned nothing of it for the period's year, or whose spending ends before the period does."""
    if table.name not in _OF_EACH or period is None:
        return []
    file, year = reading.files[table.name], period.financial_year
    years = frame["year"] if "year" in frame else frame["month"].map(lambda one: Period.parse(one).financial_year)
    partners = reading.tables.get("partners", pd.DataFrame({"sector": []}))
    partners = partners[partners["sector"].isin(_EXPECTED)]
    gaps = []
    for partnership in whose or sorted(set(frame["partnership"])):
        own = frame[frame["partnership"] == partnership]
        own = own[years.reindex(own.index) == year]
        expected = partners[partners["partnership"] == partnership]["partner"] if len(partners) else []
        lacking = [partner for partner in expected if partner not in set(own["partner"])]
        if lacking:
            last = int(frame.index.max()) + 1
            found = f"nothing of {listed(lacking).replace(' or ', ' and ')} for {year}"
            gaps.append(Problem(file, found, "rows of every partner who pays", row=last, column="partner"))
        if table.name == "spending":
            gaps += _months_to_come(own, file, period)
    return gaps


def _months_to_come(own: pd.DataFrame, file: str, period: Period) -> list[Problem]:
    """Partners whose months do not reach the end of the period, each with the row of its last one."""
    gaps = []
    for partner, rows in own.groupby("partner", sort=False):
        last = max(rows["month"])
        if Period.parse(last).end < period.end:
            row = int(str(rows.index[rows["month"] == last][-1])) + 1
            expected = f"spending to the end of {period.name}"
            gaps.append(Problem(file, f"months of {partner} to {last}", expected, row=row, column="month"))
    return gaps

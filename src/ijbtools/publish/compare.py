"""Two quarters, or two scenarios, of one page: figure by figure, and what moved each.

The first side is a published page. The second is another, or the first worked out again from what is there now: as it
is, with a scenario file, or for another period. What moved a figure is found by changing one thing at a time:

    A as published → A today (tables, code) → other assumptions → other period → B as published (tables, code)

and the parts sum to the whole change. Where the two differ in one kind alone, all of the change is of that kind, and
nothing need be worked out. Where two things changed at once and neither can be put back, they are not told apart.
"""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from ijbtools.errors import InputRefused, Problem, nearest
from ijbtools.finance.years import Period, briefing_period
from ijbtools.publish import _sides as sides
from ijbtools.publish._measures import KEY, flow, said
from ijbtools.publish._moves import ASSUMED, KINDS, METHOD, NEW, REVISED, Key, Move, Row, Step, by_year, moves
from ijbtools.publish._sides import Side, Today
from ijbtools.publish.place import replace_file, written
from ijbtools.report.files import harmless

NOW = "now"
PAGE, CSV = "compare.html", "compare.csv"
COLUMNS = (
    "partnership",
    "key_figure",
    "figure",
    "measure",
    "from_partner",
    "to_partner",
    "year",
    "unit",
    "price_base_a",
    "price_base_b",
    "a",
    "b",
    "change",
    "change_percent",
    "new_data",
    "revised_data",
    "assumption",
    "method",
    "not_told_apart",
    "not_told_apart_among",
)


@dataclass(frozen=True)
class Compared:
    """Two sides, and every figure of theirs with its change taken apart.

    `differ` are the kinds in which the sides differ, or may differ; `unknown` says why the changes could not be taken
    apart, where that is so. `names` are those of partners and schemes by id.
    """

    a: Side
    b: Side
    moves: tuple[Move, ...]
    differ: frozenset[str]
    names: Mapping[str, str]
    home: Path
    unknown: str = ""

    @cached_property
    def key(self) -> list[Move]:
        """The figures that stand at the top of the page, in its order."""
        own = [one for one in self.moves if one.key.partnership == self.a.record["partnership"]]
        found = []
        for pattern in KEY.get(self.a.record["topic"], ()):
            there = [one for one in own if re.fullmatch(pattern, one.key.measure) and self._stands_at_the_top(one)]
            years = sorted({one.key.year for one in there if not math.isnan(one.change)})
            found += [one for one in there if not years or one.key.year == years[0]]
        return found or own[:6]

    def _stands_at_the_top(self, move: Move) -> bool:
        return not move.key.from_partner and (not move.key.to_partner or "net_expenditure" in move.key.measure)

    @cached_property
    def others(self) -> list[Move]:
        """The figures beside the key figures that moved most, those in £ first; ten at most, each amount once."""
        others = [one for one in self.moves if one.moved and one not in self.key]
        others.sort(key=lambda one: (one.key.unit != "£", -abs(one.change)))
        shown = {(round(one.before, 2), round(one.after, 2)) for one in self.key}
        found = []
        for one in others:
            both = (round(one.before, 2), round(one.after, 2))
            if both not in shown:
                shown.add(both)
                found.append(one)
        return found[:10]

    @cached_property
    def most(self) -> Move | None:
        """The key figure that moved most, by its £ or else by its %; where none did, any figure; None where nothing."""
        moved = [one for one in self.key if one.moved] or self.others
        in_pounds = [one for one in moved if one.key.unit == "£"]
        if in_pounds:
            return max(in_pounds, key=lambda one: abs(one.change))
        return max(moved, key=lambda one: 0.0 if math.isnan(one.percent) else abs(one.percent), default=None)

    def label(self, key: Key) -> str:
        """A figure in words."""
        elsewhere = key.partnership != self.a.record["partnership"]
        where = f"{key.partnership.replace('_', ' ').title()}: " if elsewhere else ""
        ahead = f", {key.year}" if key.year else ""
        whose = flow(key.measure, key.from_partner, key.to_partner, self.names)
        return f"{where}{said(key.measure, self.names)}{whose}{ahead}"

    @property
    def heads(self) -> tuple[str, str]:
        """What the columns of the two sides are called."""
        a, b = self.a, self.b
        if a.period != b.period:
            return a.period.name, b.period.name + ("" if b.page else ", now")
        if b.page is None and b.slug == NOW:
            return "As published", "Now"
        if a.scenario != b.scenario:
            return _scenario(a), _scenario(b)
        made = [sides.made_on(side).capitalize() for side in (a, b)]
        return (made[0], made[1]) if made[0] != made[1] else ("A", "B")

    @property
    def folder(self) -> str:
        """The name of a folder for this comparison: partnership, notebook, and the two sides."""
        first, second = self.a.slug, self.b.slug
        if first == second and self.a.scenario != self.b.scenario:
            first, second = (Path(side.scenario).stem or "central" for side in (self.a, self.b))
        if first == second:
            first, second = (str(side.record.get("digest", ""))[:8] or side.slug for side in (self.a, self.b))
        parts = (self.a.record["partnership"], self.a.notebook, first, second)
        return "-".join(re.sub(r"[^a-z0-9]+", "-", str(part).lower()).strip("-") for part in parts)


def compare(before: Path, after: str = NOW) -> Compared:
    """Compare a published page with another, or with itself worked out again; see the module.

    `after` is a page, `now`, a scenario file, or a period. InputRefused where the two are not of one partnership and
    notebook, or there is none; PageRefused where one is damaged.
    """
    a = sides.published(before)
    home = sides.home_of(a.page or before)
    today = Today(home, a)
    if a.record["topic"] in sides.TOPICS:
        a = replace(a, values=today.known_again(a))
    b = _second(a, after, home, today)
    differ = frozenset(differing(a, b))
    totals = _flows_in_all(a, b)
    start = with_totals(a.rows, totals)
    steps, unknown = _steps(a, b, today, differ, totals)
    found = moves(start, steps, differ)
    return Compared(a, b, tuple(found), differ, _names(today, a), home, unknown)


def _second(a: Side, after: str, home: Path, today: Today) -> Side:
    """The second side from what was typed."""
    if after == NOW:
        return today.now()
    if after.lower().endswith((".yaml", ".yml")):
        file = next((one for one in (Path(after), home / after) if one.is_file()), None)
        if file is None:
            there = [f"params/scenarios/{one.name}" for one in sorted((home / "params" / "scenarios").glob("*.yaml"))]
            found = Problem(after, "no such file", "a scenario file", nearest=nearest(after, there))
            raise InputRefused([found])
        whole = file.resolve()
        seen = whole.relative_to(home.resolve()).as_posix() if whole.is_relative_to(home.resolve()) else str(whole)
        return today.now(scenario=seen, slug=file.stem)
    try:
        period = briefing_period(after)
    except ValueError:
        return _other_page(a, Path(after), home)
    return today.now(period=period, slug=f"{period.slug}-now")


def _other_page(a: Side, path: Path, home: Path) -> Side:
    if not path.exists() and not path.suffix:
        expected = "a published page, the word now, a scenario file, or a period such as 2024/25 Q3"
        raise InputRefused([Problem("B", repr(str(path)), expected, nearest=nearest(str(path), (NOW,)))])
    b = sides.published(path)
    problems = [
        Problem(str(path), f"the {what} {b.record['partnership'] if what == 'partnership' else b.notebook}", expected)
        for what, differs, expected in (
            ("partnership", a.record["partnership"] != b.record["partnership"], a.record["partnership"]),
            ("notebook", (a.notebook, a.record["topic"]) != (b.notebook, b.record["topic"]), a.notebook),
        )
        if differs
    ]
    if problems:
        raise InputRefused(problems, "Compare two pages of one partnership and one notebook.")
    if b.record["topic"] in sides.TOPICS:
        return replace(b, values=Today(home, b).known_again(b))
    return b


def differing(a: Side, b: Side) -> set[str]:
    """In which kinds the sides differ, or may differ where that is not known."""
    found = set()
    if a.period != b.period:
        found.add(NEW)
    if dict(a.tables) != dict(b.tables):
        found.add(REVISED)
    if not sides.same_assumptions(a, b) or (a.period.year != b.period.year and sides.by_date(b.values)):
        found.add(ASSUMED)
    if sides.same_code(a.record, b.record) is not True:
        found.add(METHOD)
    return found


def _steps(a: Side, b: Side, today: Today, differ: frozenset[str], totals: set[str]) -> tuple[list[Step], str]:
    """The steps from the figures of one side to those of the other, and why there are no more than one."""
    last = with_totals(b.rows, totals)
    if len(differ) <= 1:
        return [Step(differ, last)], ""
    try:
        return _all_steps(a, b, today, totals, last), ""
    except InputRefused as refused:
        return [Step(differ, last)], "; ".join(str(one) for one in refused.problems)


def _all_steps(a: Side, b: Side, today: Today, totals: set[str], last: Sequence[Row]) -> list[Step]:
    def worked(data: str, side: Side, period: Period, years: int = 0) -> list[Row]:
        """Today's figures with the assumptions of a side, by date so many years earlier."""
        assumptions = today.restored(side)
        assumptions = sides.shifted(assumptions, years) if years else assumptions
        return with_totals(sides.rows_of(today.result(data, assumptions, side, period)), totals)

    now = today.now_made_with
    steps = [Step(_since(a, today, now), worked(a.data, a, a.period))]
    if a.data != b.data:
        steps.append(Step(frozenset({REVISED}), worked(b.data, a, a.period)))
    years = b.period.year - a.period.year
    as_dated = worked(b.data, b, a.period)
    as_it_stands = worked(b.data, b, a.period, years) if years else as_dated
    steps.append(Step(frozenset({ASSUMED}), as_it_stands, as_dated))
    if b.page is None:
        return [*steps, Step(frozenset({NEW}), last)]
    steps.append(Step(frozenset({NEW}), worked(b.data, b, b.period)))
    return [*steps, Step(_since(b, today, now), last)]


def _since(side: Side, today: Today, now: Mapping[str, object]) -> frozenset[str]:
    """What has changed since a page was published and cannot be put back."""
    found = set()
    if dict(side.tables) != today.digests(side.data):
        found.add(REVISED)
    if sides.same_code(side.record, now) is not True:
        found.add(METHOD)
    if side.values is None:
        found.add(ASSUMED)
    return frozenset(found)


def with_totals(rows: Sequence[Row], measures: set[str]) -> list[Row]:
    """The rows, and before the flows of each of these measures their sum, as the page's key figures have it."""
    found: list[Row] = []
    done: set[tuple[str, str]] = set()
    for row in rows:
        one = (row.partnership, row.measure)
        if row.measure in measures and one not in done and row.from_partner:
            done.add(one)
            flows = [each for each in rows if (each.partnership, each.measure) == one]
            whole = math.fsum(each.amount for each in flows)
            found.append(row._replace(from_partner="", to_partner="", amount=whole))
        found.append(row)
    return found


def _flows_in_all(a: Side, b: Side) -> set[str]:
    """The key measures that a page has as flows alone, whose sum its key figures give; all of one partnership."""
    rows = [row for side in (a, b) for row in side.rows if row.partnership == a.record["partnership"]]
    several = by_year(a.rows, b.rows)
    return {
        row.measure
        for row in rows
        if any(re.fullmatch(pattern, row.measure) for pattern in KEY.get(a.record["topic"], ()))
        and row.from_partner
        and row.measure not in several
    }


def _names(today: Today, a: Side) -> dict[str, str]:
    """The names of partners and schemes by id; none where today's tables cannot be read."""
    try:
        tables = today.tables(a.data)
    except InputRefused:
        return {}
    names: dict[str, str] = {}
    for table, column in (("partners", "partner"), ("schemes", "scheme")):
        if table in tables:
            names |= dict(zip(tables[table][column], tables[table]["name"], strict=True))
    return names


def _scenario(side: Side) -> str:
    stem = Path(side.scenario).stem.replace("-", " ").replace("_", " ")
    return stem[:1].upper() + stem[1:] if stem else "Without a scenario"


def default_folder(compared: Compared) -> Path:
    """Where a comparison lies unless said: `compare/<partnership>-<notebook>-<A>-<B>` of the site of its first page."""
    page = (compared.a.page or Path()).resolve()
    own = (compared.a.record["partnership"], compared.a.record["slug"])
    site = page.parents[2] if page.parent.parts[-2:] == own else page.parent
    return site / "compare" / compared.folder


def write(compared: Compared, into: Path, today: date | None = None) -> tuple[Path, Path]:
    """Write the page and the CSV file into the folder; each is replaced at once. The page is examined before."""
    from ijbtools.publish._told import context, style_of
    from ijbtools.report.examine import require
    from ijbtools.report.page import compare_page

    html = compare_page(style=style_of(compared.home), **context(compared, into, today or date.today()))
    require(html, f"that compares {compared.heads[0]} with {compared.heads[1]}")
    with written(into):
        into.mkdir(parents=True, exist_ok=True)
        replace_file(into / CSV, as_csv(compared))
        replace_file(into / PAGE, html)
    return into / PAGE, into / CSV


def told(compared: Compared) -> list[str]:
    """What a terminal prints: the two sides, the finding, and the largest moves, aligned."""
    from ijbtools.publish._told import lines

    return lines(compared)


def as_csv(compared: Compared) -> str:
    """Every figure as a row, key figures first, with the mark by which spreadsheet programs know UTF-8.

    Nothing is rounded. What is not known is empty, and so is a part that is in `not_told_apart`.
    """
    lines = [list(COLUMNS)]
    for move in in_order(compared):
        key = move.key
        unknown = math.isnan(move.change)
        parts = [math.nan if unknown or one in move.among else move.parts.get(one, 0.0) for one in KINDS]
        texts = ["yes" if move in compared.key else "no", compared.label(key), key.measure, key.from_partner]
        texts = [key.partnership, *texts, key.to_partner, key.year, key.unit, *move.bases]
        rest = math.nan if unknown else move.together
        figures = [move.before, move.after, move.change, move.percent, *parts, rest]
        among = " or ".join(move.among)
        lines.append([*map(harmless, texts), *map(_figure, figures), among])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return "\ufeff" + text.getvalue()


def in_order(compared: Compared) -> list[Move]:
    """Every figure: key figures first, then the others in their order."""
    first = set(map(id, compared.key))
    return [*compared.key, *(one for one in compared.moves if id(one) not in first)]


def _figure(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else repr(float(value))

"""A change taken apart: figures of two pages matched row by row, and each change as the sum of what moved it.

The figures are worked out again in steps, each of which changes one thing, and the part of a kind is what its step
moves. In the order of the steps:

    A as published → A today (tables, code) → other assumptions → other period → B as published (tables, code)

Another order could give other parts; their sum is the change in any order.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ijbtools.finance.years import Period

NEW, REVISED, ASSUMED, METHOD = "new data", "revised data", "assumption", "method"
KINDS = (NEW, REVISED, ASSUMED, METHOD)
_NOISE = 1e-12  # of the amounts: what adding up doubles in another order leaves
PENNY = 0.005


class Row(NamedTuple):
    """One line of `facts.csv`, without its topic and status."""

    partnership: str
    period: str
    measure: str
    from_partner: str
    to_partner: str
    amount: float
    unit: str
    price_base: str


class Key(NamedTuple):
    """What two figures have in common that are compared. `year` is empty for the figure of the page's own period."""

    partnership: str
    measure: str
    from_partner: str
    to_partner: str
    unit: str
    year: str
    number: int


@dataclass(frozen=True)
class Move:
    """One figure on both sides, and its change taken apart: change = sum of `parts` + `together`.

    `together` is what cannot be told apart, `among` the kinds that are in it and so are in no part. nan where a figure
    is only on one side.
    """

    key: Key
    before: float
    after: float
    bases: tuple[str, str] = ("", "")
    parts: Mapping[str, float] = field(default_factory=dict)
    together: float = 0.0
    among: tuple[str, ...] = ()

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def percent(self) -> float:
        """The change in % of the figure before; nan where that is nothing, or the other one is of the other sign."""
        return self.change / abs(self.before) * 100 if self.before and self.before * self.after >= 0 else math.nan

    @property
    def moved(self) -> bool:
        """Whether there is a change to speak of: half a penny, or as little of what is no money."""
        if math.isnan(self.change):
            return False
        least = PENNY if self.key.unit == "£" else 1e-9 * max(1.0, abs(self.before))
        return abs(self.change) >= least


@dataclass(frozen=True)
class Step:
    """What changes from one state of the figures to the next."""

    kinds: frozenset[str]
    after: Sequence[Row]
    dated: Sequence[Row] | None = None  # the same for figures of a named year, where it is not the same


def by_year(*sides: Iterable[Row]) -> set[str]:
    """The measures that a side has for several years: they are matched year by year, the others page by page."""
    several = set()
    for rows in sides:
        seen: dict[str, str] = {}
        for row in rows:
            if seen.setdefault(row.measure, row.period) != row.period:
                several.add(row.measure)
    return several


def keyed(rows: Iterable[Row], years: set[str]) -> dict[Key, Row]:
    """The rows by what they are matched by. Where two have all of it in common, the first is matched with the first."""
    found: dict[Key, Row] = {}
    counts: dict[tuple[str, ...], int] = {}
    for row in rows:
        year = _year(row.period) if row.measure in years else ""
        same = (row.partnership, row.measure, row.from_partner, row.to_partner, row.unit, year)
        counts[same] = counts.get(same, -1) + 1
        found[Key(*same, counts[same])] = row
    return found


def moves(before: Sequence[Row], steps: Sequence[Step], differ: frozenset[str]) -> list[Move]:
    """Every figure of both sides, in the order of the second, with its change taken apart.

    `differ` are the kinds in which the sides differ: only they can have moved anything between them. A step of several
    kinds cannot be told apart; nor can a figure that some step does not have.
    """
    last = steps[-1].after
    years = by_year(before, last)
    states = [keyed(rows, years) for rows in (before, *(step.after for step in steps))]
    dated = [states[0], *(keyed(one.after if one.dated is None else one.dated, years) for one in steps)]
    kinds = [step.kinds for step in steps]
    found = []
    for key in dict.fromkeys([*states[-1], *states[0]]):
        path = dated if key.year else states
        first, final = states[0].get(key), states[-1].get(key)
        amounts = [one[key].amount if key in one else math.nan for one in path]
        bases = (first.price_base if first else "", final.price_base if final else "")
        parts, together, among = taken_apart(amounts, kinds, differ)
        found.append(Move(key, amounts[0], amounts[-1], bases, parts, together, among))
    return found


def taken_apart(
    amounts: Sequence[float], kinds: Sequence[frozenset[str]], differ: frozenset[str]
) -> tuple[dict[str, float], float, tuple[str, ...]]:
    """The parts of amounts[-1] − amounts[0] by kind, what cannot be told apart, and the kinds that are in that.

        part of a kind = Σ of the steps of that kind alone;   together = change − Σ parts

    A kind in which the sides do not differ is in no part: what both sides share, an older code say, was taken off one
    and put back on the other. So steps of several kinds go to the one of them in which the sides differ, if it is one.
    A kind that is also in what cannot be told apart has no part: it is counted there.
    """
    change = amounts[-1] - amounts[0]
    if math.isnan(change):
        return {}, 0.0, ()
    noise = _NOISE * max(abs(amounts[0]), abs(amounts[-1]), 1.0)
    if any(math.isnan(one) for one in amounts):
        amounts, kinds = [amounts[0], amounts[-1]], [differ]
    known: dict[str, float] = {}
    pool, among, unrecorded = 0.0, set[str](), False
    for now, then, one in zip(amounts[1:], amounts, kinds, strict=False):
        if abs(now - then) <= noise:
            continue
        if len(one) == 1 and one <= differ:
            [kind] = one
            known[kind] = known.get(kind, 0.0) + now - then
        else:
            pool += now - then
            among |= one & differ
            unrecorded = unrecorded or not one
    if abs(pool) > noise and len(among) == 1 and not unrecorded:
        [kind] = among
        known[kind] = known.get(kind, 0.0) + pool
        pool, among = 0.0, set()
    if abs(pool) <= noise:
        return {kind: known[kind] for kind in KINDS if kind in known}, 0.0, ()
    parts = {kind: known[kind] for kind in KINDS if kind in known and kind not in among}
    return parts, change - math.fsum(parts.values()), tuple(kind for kind in KINDS if kind in among)


def _year(period: str) -> str:
    try:
        return Period.parse(period).financial_year
    except ValueError:
        return period

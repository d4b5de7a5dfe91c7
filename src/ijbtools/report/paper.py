"""What every kind of figure is laid out with: a `Paper` measured in CSS pixels from its top left corner.

Text is measured before it is placed, and set line by line, so that it stays where it is in the narrower fonts of the
page.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ijbtools.finance.money import round_half_up
from ijbtools.finance.words import with_unit
from ijbtools.report.drawing import INK, MARKS, QUIET, WORDS, width_of, wrapped
from ijbtools.topics.result import ShownFigure

STEPPED_BACK = (QUIET, 0.4)  # grey on light and on dark screens
MARKERS = ("o", "s", "D", "^")
BLANK = "#ffffff"  # what the figure lies on


class Paper:
    """What a figure is laid out on; without a figure, only for measuring."""

    def __init__(self, narrow: bool, figure: Figure | None = None) -> None:
        self.narrow = narrow
        self.width, self.size, self.thick = (328.0, 14, 18) if narrow else (680.0, 15, 20)
        self.small = 14 if narrow else 13  # ticks and headings: 12 pixels where a narrow page shrinks the drawing
        self.line = self.size * 1.25
        self.figure = figure
        if figure is not None:
            self.height = figure.get_figheight() * 72
            self.base = self.axes(0, 0, self.width, self.height, (0, self.width), (self.height, 0))

    def axes(self, left: float, top: float, right: float, bottom: float, across: Any, up: Any) -> Any:
        """Bare axes between these edges; `across` and `up` are the limits of their values."""
        assert self.figure is not None
        low = 1 - bottom / self.height
        axes = self.figure.add_axes((left / self.width, low, (right - left) / self.width, (bottom - top) / self.height))
        axes.set_axis_off()
        axes.set_xlim(*across)
        axes.set_ylim(*up)
        return axes

    def say(
        self, x: float, middle: float, text: str, colour: str = INK, bold: bool | str = False, align: str = "left",
        size: int = 0,
    ) -> None:  # fmt: skip
        """Lines of text about the height `middle`, each a text of its own; bold all or only the "first" line."""
        assert self.figure is not None
        size, lines = size or self.size, text.split("\n")
        for i, line in enumerate(lines if text else ()):
            # Figures and capitals stand about 0.72 of the size high.
            y = middle + (i - (len(lines) - 1) / 2) * size * 1.25 + size * 0.36
            weight = "bold" if bold is True or (bold == "first" and i == 0) else "normal"
            place = (x / self.width, 1 - y / self.height)
            self.figure.text(*place, line, color=colour, size=size, fontweight=weight, ha=align, parse_math=False)

    def hairline(self, xs: Sequence[float], ys: Sequence[float], colour: str = QUIET) -> None:
        """A thin line through these points."""
        self.base.plot(xs, ys, color=colour, linewidth=0.8, solid_capstyle="butt", scalex=False, scaley=False)

    def wide(self, text: str, bold: bool = False, size: int = 0) -> float:
        """The width of the widest line of a text."""
        return max(width_of(line, size or self.size, bold) for line in text.split("\n"))

    def wrap(self, text: str, room: float, bold: bool = False, size: int = 0) -> str:
        """A text in lines of at most `room` pixels."""
        return text if self.wide(text, bold, size) <= room else wrapped(text, room, size or self.size, bold)


def in_order(column: pd.Series) -> list[Any]:
    """What stands in a column, each once: in its declared order where it has one, else as it first appears."""
    found = dict.fromkeys(column)
    return [one for one in column.cat.categories if one in found] if hasattr(column, "cat") else list(found)


def label(value: float, shown: ShownFigure, full: bool = False, sign: bool = False) -> str:
    """A value beside its mark: with £ or % always, with longer units where `full`, with + where `sign`."""
    text = with_unit(value, shown.unit if full or shown.unit in ("£", "%") else "", shown.places)
    return f"+{text}" if sign and round_half_up(value, shown.places) > 0 else text


def tones(names: Sequence[Any], highlight: str, grey: Any = STEPPED_BACK) -> list[tuple[Any, str]]:
    """For each series its colour as a mark and as a word; grey for all but the highlighted one, if there is one."""
    if highlight in map(str, names):
        return [(MARKS[0], WORDS[0]) if str(name) == highlight else (grey, QUIET) for name in names]
    return list(zip(MARKS, WORDS, strict=True))[: len(names)]


def ends(values: Sequence[float], places: int) -> tuple[float, float]:
    """From where to where a scale runs: from or to 0, unless all values lie close together and far from it."""
    low, high = min(values), max(values)
    near, far = sorted((abs(low), abs(high)))
    if low * high > 0 and near > far * 2 / 3 and far - near > max(far * 0.05, 10 * 10.0**-places):
        return low, high
    return min(low, 0.0), max(high, 0.0)


def ticks(low: float, high: float, places: int, most: int) -> list[float]:
    """Round values in equal steps from `low` or below to `high` or above, no finer than figures are printed."""
    step = least = 10.0**-places
    if high - low > least * most:
        power = 10.0 ** math.floor(math.log10((high - low) / most))
        step = max(least, next(m * power for m in (1, 2, 5, 10) if m * power * most >= (high - low) * (1 - 1e-9)))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, max(last, first + 1) + 1)]


def tick_labels(marks: Sequence[float], shown: ShownFigure) -> list[str]:
    """Ticks with as many decimals as their step needs."""
    places = max(0, -math.floor(math.log10(marks[1] - marks[0]) + 1e-9))
    return [with_unit(mark, shown.unit if shown.unit in ("£", "%") else "", places) for mark in marks]


def thinned(centres: Sequence[float], widths: Sequence[float], high: float, chosen: int = -1) -> dict[int, float]:
    """Which labels of these widths stand in one line between 0 and `high` without touching, and their centres.

    The last, the `chosen` and the first, and from the last every one, every second, every third … between them. What
    does not fit with these is left out, the first before the chosen.
    """
    placed = [min(max(c, w / 2), high - w / 2) for c, w in zip(centres, widths, strict=True)]

    def apart(i: int, j: int) -> bool:
        return placed[j] - placed[i] >= (widths[i] + widths[j]) / 2 + 5

    last = len(placed) - 1
    ends: list[int] = []
    for i in (last, chosen, 0):
        if i >= 0 and all(i != j and apart(*sorted((i, j))) for j in ends):
            ends.append(i)
    for step in range(1, last + 2):
        between = [i for i in range(last, 0, -step) if all(apart(*sorted((i, j))) for j in ends)]
        kept = sorted([*ends, *between])
        if all(apart(i, j) for i, j in pairwise(kept)):
            break
    return {i: placed[i] for i in kept}


def fan(
    paper: Paper, places: Sequence[float], names: Sequence[str], orders: Iterable[Sequence[int]], size: int, bold: bool
) -> tuple[list[tuple[float, float, str]], float]:
    """Names over (or under) marks at `places`, on as many levels as they need: centre, middle, text; and their height.

    An order says which name stands nearest to the marks. A name leaves room for the lines from later names to their
    marks, so that no line crosses a name. Of several orders the one that breaks no word and stays lowest.
    """
    best: Any = None
    for order in orders:
        taken: list[tuple[float, float, float]] = []
        found = [(0.0, 0.0, "")] * len(names)
        broken, moved = 0, 0.0
        for n, i in enumerate(order):
            later = [(places[j], j) for j in order[n + 1 :]]
            low = max((x for x, j in later if (x, j) < (places[i], i)), default=-5.0) + 5
            high = min((x for x, j in later if (x, j) > (places[i], i)), default=paper.width + 5) - 5
            room = max(high - low - 2, 1.0)
            broken += max(paper.wide(word, bold, size) for word in names[i].split(" ")) > room
            if best is not None and broken > best[0][0]:
                break
            text = paper.wrap(names[i], room, bold, size)
            wide, tall = paper.wide(text, bold, size), (text.count("\n") + 1) * size * 1.25
            centre = max(low + wide / 2, min(places[i], high - wide / 2))
            left, right = min(centre - wide / 2, places[i]), max(centre + wide / 2, places[i])
            level = max((top for a, b, top in taken if a < right + 8 and left - 8 < b), default=0.0)
            taken.append((left, right, level + tall))
            found[i] = (centre, level + tall / 2, text)
            moved += abs(centre - places[i])
        else:
            cost = (broken, max(top for _, _, top in taken), moved)
            if best is None or cost < best[0]:
                best = (cost, found)
    return best[1], best[0][1]


def fan_line(place: float, name: tuple[float, float, str], tall: float, wide: float) -> float | None:
    """How far the line from a mark to its name goes: to its near edge, or beside it; None where none is needed."""
    centre, middle, text = name
    if abs(place - centre) > wide / 2:
        return middle
    near = middle - (text.count("\n") + 1) * tall / 2
    return near if near > 1 else None


@dataclass(frozen=True)
class Rows:
    """Names at the left edge, beside or above their marks, and where the marks of each row stand."""

    names: list[tuple[str, float, bool]]  # text, middle, bold
    left: float
    middles: list[float]
    bands: list[tuple[float, float]]
    bottom: float

    def say(self, paper: Paper, colours: Sequence[str]) -> None:
        """Set the names."""
        for (text, middle, bold), colour in zip(self.names, colours, strict=True):
            paper.say(0, middle, text, colour, bold)

    def rule(self, paper: Paper, x: float, colour: str) -> None:
        """A hairline down all marks, that leaves out names above them."""
        for top, bottom in [(self.bands[0][0], self.bands[-1][1])] if self.left else self.bands:
            paper.hairline((x, x), (top - 1, bottom + 1), colour)


def rows(
    paper: Paper, names: Sequence[str], bold: Sequence[bool], thick: float, head: float = 0, gap: float = 12,
    top: float = 0, beside: bool = False,
) -> Rows:  # fmt: skip
    """Rows from `top` down whose marks are `thick` pixels high, those of the first with `head` pixels above them.

    On narrow paper long names stand above their marks, unless `beside`.
    """
    beside = beside or not paper.narrow or max(map(paper.wide, names, bold)) <= 92
    longest = max(paper.wide(word, True) for name in names for word in name.split(" ")) + 1
    room = max(paper.width * 0.36, min(longest, paper.width * 0.46)) if beside else paper.width
    texts = [paper.wrap(name, room, heavy) for name, heavy in zip(names, bold, strict=True)]
    left = max(map(paper.wide, texts, bold)) + (10 if paper.narrow else 16) if beside else 0.0
    said, middles, bands = [], [], []
    top += head if beside else 0.0
    for i, (text, heavy) in enumerate(zip(texts, bold, strict=True)):
        tall = (text.count("\n") + 1) * paper.line
        row = max(tall, thick) if beside else tall + 2 + (head if i == 0 else 0) + thick
        middle = top + (row / 2 if beside else row - thick / 2)
        said.append((text, middle if beside else top + tall / 2, heavy))
        middles.append(middle)
        bands.append((top if beside else middle - thick / 2, top + row))
        top += row + gap
    return Rows(said, left, middles, bands, top - gap)


def to_scale(spans: Sequence[tuple[float, float, float, float]], left: float, right: float) -> tuple[float, float]:
    """Pixels a unit, and the pixel of 0, as large as fits between two edges.

    A span is a mark from value to value, and the pixels that it needs to its left and right, for labels.
    """
    base, top = min(a for a, _, _, _ in spans), max(b for _, b, _, _ in spans)

    def sides(scale: float) -> tuple[float, float]:
        before = max(room - scale * (a - base) for a, _, room, _ in spans)
        return before, max(room + scale * (b - base) for _, b, _, room in spans)

    low, high = 0.0, (right - left) / (top - base) if top > base else 1.0
    if sum(sides(high)) > right - left:
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if sum(sides(middle)) <= right - left else (low, middle)
        high = max(low, 0.05 * (right - left) / (top - base))  # a mark is seen even where a label is too long
    return high, left + sides(high)[0] - high * base

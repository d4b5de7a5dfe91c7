"""Drawing figures: each kind once, for a wide and for a narrow page.

A kind is a painter and the height that its rows and names need. Here are those along an axis and the heat map; those
that run down the page, and the paper all are laid out on, are in `kinds`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ijbtools.finance.words import number
from ijbtools.report import alluvial, kinds
from ijbtools.report.drawing import GRID, INK, MARKS, QUIET, WORDS, Drawing, Drawings, draw_at, spread
from ijbtools.report.paper import (
    BLANK,
    MARKERS,
    Paper,
    ends,
    fan,
    fan_line,
    in_order,
    label,
    thinned,
    tick_labels,
    ticks,
    tones,
)
from ijbtools.topics.result import ShownFigure

_STYLES = ("solid", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (7, 1.4, 1.2, 1.4)))  # of lines, so that colour is not alone
_GREYS = ((QUIET, 0.6), (QUIET, 0.3), (QUIET, 0.45), (QUIET, 0.2))  # of parts that step back
_SHADES = (0.08, 0.62)  # of a heat map: ink has 4.5 to 1 on all of them, on light and on dark screens


def draw(shown: ShownFigure, only: str = "") -> Drawings:
    """Draw a figure of any known kind for both widths, or `only` for "wide" or "narrow": that one stands for both then.

    ValueError where the frame breaks the contract of its kind, or the width is unknown.
    """
    if only not in ("", "wide", "narrow"):
        raise ValueError(f"only: found {only!r}; expected 'wide' or 'narrow', or nothing for both")
    _check(shown)
    if only:
        one = _drawing(shown, Paper(narrow=only == "narrow"))
        return Drawings(wide=one, narrow=one)
    return Drawings(wide=_drawing(shown, Paper(narrow=False)), narrow=_drawing(shown, Paper(narrow=True)))


def _drawing(shown: ShownFigure, paper: Paper) -> Drawing:
    painter, height = _KINDS[shown.kind]
    return draw_at(painter, shown, int(paper.width), math.ceil(height(shown, paper.narrow)), paper.size)


def _check(shown: ShownFigure) -> None:
    """Refuse what cannot be drawn truly, with what was found and what is expected."""
    if shown.kind not in _KINDS:
        raise ValueError(f"kind: found {shown.kind!r}; expected one of {list(_KINDS)}")
    frame = shown.frame
    if frame.empty:
        raise ValueError("frame: found no rows; expected one or more")
    roles = ["category", "value"] if shown.kind == "bars" else ["category", "value", "series"]
    for role in roles:
        if getattr(shown, role) not in frame.columns:
            raise ValueError(f"{role}: found {getattr(shown, role)!r}; expected one of the columns {list(frame)}")
    values = pd.to_numeric(frame[shown.value], errors="coerce").astype(float)
    blank = frame[shown.value].isna() & (shown.kind == "heat_map" and values.notna().any())
    _refuse(shown, shown.value, ~values.map(math.isfinite) & ~blank, "a number")
    for role in roles[::2] if shown.kind != "bridge" else roles[:1]:
        _refuse(shown, getattr(shown, role), frame[getattr(shown, role)].isna(), "a name")
    if shown.kind in ("line", "stacked_bars", "dot_plot", "heat_map"):
        series = in_order(frame[shown.series])
        if len(series) > 4 and shown.kind != "heat_map":
            raise ValueError(f"series: found {len(series)}, {[str(s) for s in series]}; expected at most four")
        again = frame.duplicated([shown.category, shown.series])
        _refuse(shown, shown.category, again, f"one row for each {shown.category} and {shown.series}")
    if shown.kind == "stacked_bars":
        _refuse(shown, shown.value, values < 0, "0 or more, for a part of a bar")
    if shown.kind == "bridge":
        _refuse(shown, shown.series, ~frame[shown.series].isin([True, False]), "true or false")
        _check_sum(shown, values)
    known = [str(name) for role in roles[::2] if role != "series" or shown.kind != "bridge"
             for name in in_order(frame[getattr(shown, role)])]  # fmt: skip
    if shown.highlight and shown.highlight not in known:
        raise ValueError(f"highlight: found {shown.highlight!r}; expected one of {known}")


def _refuse(shown: ShownFigure, column: str, wrong: pd.Series, expected: str) -> None:
    if wrong.any():
        row = wrong.tolist().index(True)
        found = shown.frame[column].iloc[row]
        raise ValueError(f"frame: found {found!s} as {column} in row {row + 1}; expected {expected}")


def _check_sum(shown: ShownFigure, values: pd.Series) -> None:
    """A bar that stands on the ground after steps stands at their sum, as far as figures are printed."""
    near = max(0.5 * 10.0**-shown.places, 1e-9 * float(values.abs().max()))
    at = None
    for row, (value, ground) in enumerate(zip(values, shown.frame[shown.series], strict=True), start=1):
        if ground and at is not None and abs(value - at) > near:
            found, expected = number(value, shown.places), number(at, shown.places)
            raise ValueError(f"frame: found {found} in row {row}; expected {expected}, the sum of the rows before it")
        at = value if ground else (at or 0.0) + value


def _table(shown: ShownFigure) -> tuple[list[str], list[str], list[list[float]]]:
    """Categories, series, and the values of each series by category: nan where there is no row."""
    categories, series = in_order(shown.frame[shown.category]), in_order(shown.frame[shown.series])
    values = [[math.nan] * len(categories) for _ in series]
    rows = zip(shown.frame[shown.category], shown.frame[shown.series], shown.frame[shown.value], strict=True)
    for category, one, value in rows:
        values[series.index(one)][categories.index(category)] = float(value)
    return [str(category) for category in categories], [str(one) for one in series], values


def _blocks(paper: Paper, shown: ShownFigure, names: Sequence[str], values: Sequence[float]) -> list[str]:
    """What stands beside the last marks: the value, under it the name."""
    words = [paper.wide(word, True) for name in names for word in name.split()]
    room = max(112.0 if paper.narrow else 185.0, min(max(words, default=0.0) + 1, paper.width * 0.46))
    full = len(values) == 1 and paper.wide(label(values[0], shown, full=True), True) <= room
    texts = [paper.wrap(name, room) for name in names]
    return [f"{label(value, shown, full)}\n{text}".strip() for value, text in zip(values, texts, strict=True)]


def _room(paper: Paper, blocks: Sequence[str]) -> float:
    return max(max(paper.wide(first, True), paper.wide(rest)) for first, _, rest in (b.partition("\n") for b in blocks))


def _sizes(paper: Paper, blocks: Sequence[str]) -> list[float]:
    return [(block.count("\n") + 1) * paper.line + 4 for block in blocks]


def _beside(
    paper: Paper, blocks: Sequence[str], marks: Sequence[tuple[float, float]], x: float, colours: Sequence[str],
    bottom: float,
) -> None:  # fmt: skip
    """Blocks at `x`, level with their marks or moved apart; a hairline leads to those that were moved away."""
    sizes = _sizes(paper, blocks)
    places = spread([y for _, y in marks], sizes, 0.0, bottom)
    for block, size, place, (from_x, y), colour in zip(blocks, sizes, places, marks, colours, strict=True):
        if abs(place - y) > size / 2:
            paper.hairline((from_x + 2, x - 3), (y, place - (size - 4 - paper.line) / 2))
        paper.say(x, place, block, colour, "first")


@dataclass(frozen=True)
class _Under:
    """Names under an axis: centre, middle below it, text; the categories they are of; and how deep they reach."""

    names: list[tuple[int, float, float, str]]
    lines: list[tuple[int, float]]
    depth: float


def _under(paper: Paper, names: Sequence[str], centres: Sequence[float], highlight: str) -> _Under:
    """Every name in its slot, in up to three lines. Where they do not fit, periods are thinned out, and other names
    stand one below the other, each with a line to its mark."""
    slot = centres[1] - centres[0] - 5 if len(centres) > 1 else paper.width
    high, bold = paper.small * 1.25, [name == highlight for name in names]
    words = [(word, heavy) for name, heavy in zip(names, bold, strict=True) for word in name.split()]
    if all(paper.wide(word, heavy, paper.small) <= slot for word, heavy in words):
        texts = [paper.wrap(name, slot, heavy, paper.small) for name, heavy in zip(names, bold, strict=True)]
        widths = [paper.wide(text, heavy, paper.small) for text, heavy in zip(texts, bold, strict=True)]
        lines = [text.count("\n") + 1 for text in texts]
        placed = thinned(centres, widths, paper.width)
        if len(placed) == len(names) and max(lines) <= 3:
            found = [(i, placed[i], 6 + lines[i] * high / 2, texts[i]) for i in placed]
            return _Under(found, [], max(lines) * high + 6)
    if all(any(letter.isdigit() for letter in name) for name in names):
        widths = [paper.wide(name, heavy, paper.small) for name, heavy in zip(names, bold, strict=True)]
        placed = thinned(centres, widths, paper.width, bold.index(True) if True in bold else -1)
        return _Under([(i, x, 6 + high / 2, names[i]) for i, x in placed.items()], [], high + 6)
    fanned, depth = fan(paper, centres, names, [range(len(names))[::-1]], paper.small, True)
    reaches = [
        fan_line(x, one, high, paper.wide(one[2], True, paper.small)) for x, one in zip(centres, fanned, strict=True)
    ]
    leads = [(i, 6 + reach) for i, reach in enumerate(reaches) if reach]
    return _Under([(i, x, 6 + middle, text) for i, (x, middle, text) in enumerate(fanned)], leads, depth + 6)


def _say_under(
    paper: Paper, under: _Under, centres: Sequence[float], names: list[str], highlight: str, y: float
) -> None:
    for i, reach in under.lines:
        paper.hairline((centres[i], centres[i]), (y + 3, y + reach - 1))
    for i, centre, middle, text in under.names:
        chosen = names[i] == highlight
        paper.say(centre, y + middle, text, INK if chosen else QUIET, chosen, "center", paper.small)


@dataclass(frozen=True)
class _Lines:
    names: list[str]
    series: list[str]
    values: list[list[float]]
    marks: list[float]
    ticks: list[str]
    blocks: list[str]
    left: float
    right: float
    centres: list[float]
    under: _Under
    bottom: float


def _lines(shown: ShownFigure, paper: Paper) -> _Lines:
    names, series, values = _table(shown)
    known = [value for line in values for value in line if not math.isnan(value)]
    marks = ticks(*ends(known, shown.places), shown.places, 3 if paper.narrow else 4)
    texts = tick_labels(marks, shown)
    left = max(paper.wide(text, size=paper.small) for text in texts) + 10
    if left > paper.width / 4:  # no room: the last values are said, and the line at 0 stays
        texts, left = [""] * len(marks), 6.0
    last = [[value for value in line if not math.isnan(value)][-1] for line in values]
    blocks = _blocks(paper, shown, series, last)
    right = paper.width - _room(paper, blocks) - 14
    step = (right - left - 12) / max(len(names) - 1, 1)
    centres = [left + 6 + i * step for i in range(len(names))] if len(names) > 1 else [right - 6]
    bottom = 10 + max(210.0 if paper.narrow else 240.0, sum(_sizes(paper, blocks)) - 10)
    under = _under(paper, names, centres, shown.highlight)
    return _Lines(names, series, values, marks, texts, blocks, left, right, centres, under, bottom)


def _line_height(shown: ShownFigure, narrow: bool) -> float:
    placed = _lines(shown, Paper(narrow))
    return placed.bottom + placed.under.depth + 2


def _line(figure: Figure, shown: ShownFigure, narrow: bool) -> None:
    """A line a series over the categories; gaps where there is no row; its last value and its name beside its end."""
    paper = Paper(narrow, figure)
    p = _lines(shown, paper)
    low, high = p.marks[0], p.marks[-1]
    heights = [p.bottom - (mark - low) / (high - low) * (p.bottom - 10) for mark in p.marks]
    for mark, text, y in zip(p.marks, p.ticks, heights, strict=True):
        if text or mark == 0:
            paper.hairline((p.left, p.right), (y, y), QUIET if mark == 0 else GRID)
        paper.say(p.left - 10, y, text, QUIET, align="right", size=paper.small)
    axes = paper.axes(0, 10, paper.width, p.bottom, (0, paper.width), (low, high))
    colours, ends = tones(p.series, shown.highlight, grey=_GREYS[0]), []
    for i, (values, (mark, _)) in enumerate(zip(p.values, colours, strict=True)):
        known = [n for n, value in enumerate(values) if not math.isnan(value)]
        # A point without neighbours has no line, so it is marked; so is the last.
        alone = [n for n in known if n == known[-1] or not {n - 1, n + 1} & set(known)]
        chosen = p.series[i] == shown.highlight
        axes.plot(
            p.centres, values, linestyle=_STYLES[i], marker=MARKERS[i], markevery=alone, color=mark, markeredgewidth=0,
            markersize=7, linewidth=2.8 if chosen else 2, clip_on=False, zorder=3 if chosen else 2,
        )  # fmt: skip
        y = p.bottom - (values[known[-1]] - low) / (high - low) * (p.bottom - 10)
        ends.append((p.centres[known[-1]] + 4, y))
    _beside(paper, p.blocks, ends, p.right + 14, [word for _, word in colours], p.bottom)
    _say_under(paper, p.under, p.centres, p.names, shown.highlight, p.bottom)


@dataclass(frozen=True)
class _Stack:
    names: list[str]
    series: list[str]
    values: list[list[float]]
    totals: list[float]
    labels: list[str]
    blocks: list[str]
    bar: float
    centres: list[float]
    beside: float
    under: _Under
    top: float
    bottom: float


def _stack(shown: ShownFigure, paper: Paper) -> _Stack:
    names, series, values = _table(shown)
    values = [[0.0 if math.isnan(value) else value for value in part] for part in values]
    totals = [sum(part[i] for part in values) for i in range(len(names))]
    labels = [label(total, shown) for total in totals]
    blocks = _blocks(paper, shown, series, [part[-1] for part in values])
    room = paper.width - _room(paper, blocks)
    last = paper.wide(labels[-1], True)  # the last total may be wider than its bar
    words = [paper.wide(word, True, paper.small) for name in names for word in name.split()]
    slot = min((room - 18) / (len(names) - 0.28), (room - 14 - last / 2) / (len(names) - 0.64), max(150.0, *words) + 10)
    bar = min(slot * 0.72, 96.0)
    centres = [6 + bar / 2 + slot * i for i in range(len(names))]
    beside = centres[-1] + max(bar / 2 + 12, last / 2 + 8, last + 8 - centres[-1])
    top = paper.line + 6
    bottom = top + max(200.0 if paper.narrow else 240.0, sum(_sizes(paper, blocks)) - top)
    under = _under(paper, names, centres, shown.highlight)
    return _Stack(names, series, values, totals, labels, blocks, bar, centres, beside, under, top, bottom)


def _stacked_bars_height(shown: ShownFigure, narrow: bool) -> float:
    placed = _stack(shown, Paper(narrow))
    return placed.bottom + placed.under.depth + 2


def _stacked_bars(figure: Figure, shown: ShownFigure, narrow: bool) -> None:
    """A bar a category, its parts one on the other in order, its total above; parts are named beside the last bar."""
    paper = Paper(narrow, figure)
    p = _stack(shown, paper)
    highest = max(p.totals) or 1.0
    tall = (p.bottom - p.top) / highest
    axes = paper.axes(0, p.top, paper.width, p.bottom, (0, paper.width), (0, highest))
    tinted = tones(p.series, shown.highlight)
    if shown.highlight in p.series:  # neighbours in unlike greys
        tinted = [tone if name == shown.highlight else (_GREYS[i], QUIET)
                  for i, (name, tone) in enumerate(zip(p.series, tinted, strict=True))]  # fmt: skip
    below, middles = [0.0] * len(p.names), []
    for i, (values, (mark, _)) in enumerate(zip(p.values, tinted, strict=True)):
        quiet = shown.highlight in p.names
        marks = [_GREYS[i] if quiet and name != shown.highlight else mark for name in p.names]
        axes.bar(p.centres, values, p.bar, bottom=below, color=marks, edgecolor=BLANK, linewidth=0.8)
        middles.append((p.centres[-1] + p.bar / 2, p.bottom - (below[-1] + values[-1] / 2) * tall))
        below = [base + value for base, value in zip(below, values, strict=True)]
    paper.hairline((0, p.centres[-1] + p.bar / 2), (p.bottom, p.bottom))
    bold = [i == len(p.names) - 1 or name == shown.highlight for i, name in enumerate(p.names)]
    wide = [paper.wide(text, heavy) for text, heavy in zip(p.labels, bold, strict=True)]
    said = thinned(p.centres, wide, paper.width)
    if len(said) < len(p.names):  # then only the ends, and the one that the finding is about
        chosen = [i for i, name in enumerate(p.names) if name == shown.highlight or i in (0, len(p.names) - 1)]
        said = thinned([p.centres[i] for i in chosen], [wide[i] for i in chosen], paper.width, len(chosen) - 2)
        said = {chosen[i]: centre for i, centre in said.items()}
    for i, centre in said.items():
        # A total that is wider than its bar stands clear of taller neighbours too.
        near = [t for t, c in zip(p.totals, p.centres, strict=True) if abs(c - centre) < (wide[i] + p.bar) / 2]
        paper.say(centre, p.bottom - max(near) * tall - paper.size * 0.7, p.labels[i], INK, bold[i], "center")
    _beside(paper, p.blocks, middles, p.beside, [word for _, word in tinted], p.bottom)
    _say_under(paper, p.under, p.centres, p.names, shown.highlight, p.bottom)


@dataclass(frozen=True)
class _Heat:
    columns: list[str]
    lines: list[str]
    values: list[list[float]]
    panels: list[tuple[list[int], float, kinds.Rows]]  # columns, where their headings end, rows
    headings: list[str]
    cell: float


def _heat(shown: ShownFigure, paper: Paper) -> _Heat:
    columns, lines, values = _table(shown)
    bold = [line == shown.highlight for line in lines]
    left = kinds.rows(paper, lines, bold, 28).left
    texts = [number(value, shown.places) for line in values for value in line if not math.isnan(value)]
    periods = all(any(letter.isdigit() for letter in name) for name in columns)
    words = [] if periods else [word for name in columns for word in name.split()]
    heavy = bool(shown.highlight)
    least = max([paper.wide(text, heavy) + 6 for text in texts] + [paper.wide(w, True, paper.small) + 8 for w in words])
    most = max(1, int((paper.width - left) // least))
    count = -(-len(columns) // (-(-len(columns) // most)))  # columns a panel, evenly
    cell = min((paper.width - left) / count, max(110.0, least))
    headings = [
        name if periods and " " not in name else paper.wrap(name, cell - 5, name == shown.highlight, paper.small)
        for name in columns
    ]  # fmt: skip
    panels, top = [], 0.0
    for start in range(0, len(columns), count):
        chosen = list(range(start, min(start + count, len(columns))))
        head = top + (max(headings[i].count("\n") for i in chosen) + 1) * paper.small * 1.25 + 6
        placed = kinds.rows(paper, lines, bold, 28, top=head, gap=2 if left else 8)
        panels.append((chosen, head, placed))
        top = placed.bottom + 24
    return _Heat(columns, lines, values, panels, headings, cell)


def _heat_height(shown: ShownFigure, narrow: bool) -> float:
    return _heat(shown, Paper(narrow)).panels[-1][2].bottom + 2


def _heat_map(figure: Figure, shown: ShownFigure, narrow: bool) -> None:
    """A cell for each line and column, darker the higher, its number in it; blank where there is none."""
    paper = Paper(narrow, figure)
    p = _heat(shown, paper)
    known = [value for line in p.values for value in line if not math.isnan(value)]
    low, high = min(known), max(known)
    for chosen, head, placed in p.panels:
        edges = [placed.left + n * p.cell for n in range(len(chosen))]
        widths = [paper.wide(p.headings[i], p.columns[i] == shown.highlight, paper.small) for i in chosen]
        centres = [edge + p.cell / 2 for edge in edges]
        for n, centre in thinned(centres, widths, paper.width).items():
            text, bold = p.headings[chosen[n]], p.columns[chosen[n]] == shown.highlight
            middle = head - 6 - (text.count("\n") + 1) * paper.small * 0.625
            paper.say(centre, middle, text, WORDS[0] if bold else QUIET, bold, "center", paper.small)
        for line, values, (top, bottom) in zip(p.lines, p.values, placed.bands, strict=True):
            for i, edge, centre in zip(chosen, edges, centres, strict=True):
                if math.isnan(values[i]):
                    continue
                share = (values[i] - low) / (high - low) if high > low else 0.5
                shade = (MARKS[0], _SHADES[0] + share * (_SHADES[1] - _SHADES[0]))
                cell = Rectangle((edge, top), p.cell - 2, bottom - top, facecolor=shade, linewidth=0)
                paper.base.add_patch(cell)
                bold = shown.highlight in (line, p.columns[i])
                paper.say(centre - 1, (top + bottom) / 2, number(values[i], shown.places), INK, bold, "center")
        placed.say(paper, [WORDS[0] if line == shown.highlight else INK for line in p.lines])


_KINDS: dict[str, tuple[Callable[..., None], Callable[[ShownFigure, bool], float]]] = {
    "line": (_line, _line_height),
    "bars": (kinds.bars, kinds.bars_height),
    "stacked_bars": (_stacked_bars, _stacked_bars_height),
    "bridge": (kinds.bridge, kinds.bridge_height),
    "dot_plot": (kinds.dot_plot, kinds.dot_plot_height),
    "heat_map": (_heat_map, _heat_height),
    "alluvial": (alluvial.alluvial, alluvial.height),
}

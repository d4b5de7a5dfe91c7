"""Kinds of figures that run down the page, a row a category: bars, bridge and dot plot."""

import math
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from matplotlib.figure import Figure

from ijbtools.finance.words import with_unit
from ijbtools.report.drawing import GRID, INK, MARKS, QUIET, WORDS
from ijbtools.report.paper import (
    BLANK,
    MARKERS,
    STEPPED_BACK,
    Paper,
    Rows,
    ends,
    fan,
    fan_line,
    in_order,
    label,
    rows,
    thinned,
    tick_labels,
    ticks,
    to_scale,
    tones,
)
from ijbtools.topics.result import ShownFigure

_DOT = 5.0  # half the width of a dot


def _axes_across(paper: Paper, scale: float, zero: float) -> Any:
    """Axes over the whole paper: values across, pixels down."""
    limits = (-zero / scale, (paper.width - zero) / scale)
    return paper.axes(0, 0, paper.width, paper.height, limits, (paper.height, 0))


def _values(shown: ShownFigure) -> list[float]:
    return [float(value) for value in shown.frame[shown.value]]


def _names(shown: ShownFigure) -> list[str]:
    return [str(name) for name in shown.frame[shown.category]]


def _bar_rows(shown: ShownFigure, paper: Paper) -> Rows:
    names = _names(shown)
    return rows(paper, names, [name == shown.highlight for name in names], paper.thick)


def bars_height(shown: ShownFigure, narrow: bool) -> float:
    """Pixels that the rows need."""
    return _bar_rows(shown, Paper(narrow)).bottom + 2


def bars(figure: Figure, shown: ShownFigure, narrow: bool) -> None:
    """A bar a row, with its value at its end; below 0 to the left."""
    paper = Paper(narrow, figure)
    placed, values = _bar_rows(shown, paper), _values(shown)
    heavy = [name == shown.highlight for name in _names(shown)]
    labels = [label(value, shown, full=i == 0 and not narrow) for i, value in enumerate(values)]
    rooms = [wide + 8 for wide in map(paper.wide, labels, heavy)]
    spans = [(min(v, 0.0), max(v, 0.0), w * (v < 0), w * (v >= 0)) for v, w in zip(values, rooms, strict=True)]
    scale, zero = to_scale(spans, placed.left + 1, paper.width - 1)
    colours = [MARKS[0] if bold or not shown.highlight else STEPPED_BACK for bold in heavy]
    axes = _axes_across(paper, scale, zero)
    axes.barh(placed.middles, values, height=paper.thick, color=colours, linewidth=0)
    placed.rule(paper, zero, QUIET)
    words = [WORDS[0] if bold else INK for bold in heavy]
    for value, text, middle, word, bold in zip(values, labels, placed.middles, words, heavy, strict=True):
        x = zero + scale * value + (6 if value >= 0 else -6)
        paper.say(x, middle, text, word, bold, "left" if value >= 0 else "right")
    placed.say(paper, words)


def steps(shown: ShownFigure) -> list[tuple[float, float, bool]]:
    """Each bar of a bridge: from where to where it runs, and whether it stands on the ground."""
    at, found = 0.0, []
    for value, grounded in zip(_values(shown), shown.frame[shown.series], strict=True):
        start = 0.0 if grounded else at
        at = start + value
        found.append((start, at, bool(grounded)))
    return found


def cut_of(runs: list[tuple[float, float, bool]]) -> float:
    """Where the bars of a bridge begin: at 0, or higher where its steps would be lost beside what they stand on.

    A round number below every step. Bars that are cut say so with a break.
    """
    levels = [level for start, end, ground in runs for level in ((end,) if ground else (start, end))]
    low, span = min(levels), max(levels) - min(levels)
    if span <= 0 or low < 4 * span:
        return 0.0
    places = -math.floor(math.log10(span))
    return round(math.floor(round((low - span) * 10.0**places, 9)) / 10.0**places, max(0, places))


def _bridge_rows(shown: ShownFigure, paper: Paper) -> Rows:
    return rows(paper, _names(shown), [ground for _, _, ground in steps(shown)], paper.thick, beside=True)


def bridge_height(shown: ShownFigure, narrow: bool) -> float:
    """Pixels that the steps need."""
    paper = Paper(narrow)
    return _bridge_rows(shown, paper).bottom + (10 + paper.small * 1.25 if cut_of(steps(shown)) else 2)


def bridge(figure: Figure, shown: ShownFigure, narrow: bool) -> None:
    """A row a step: bars on the ground dark, increases filled, decreases hatched, each from where the last ended."""
    paper = Paper(narrow, figure)
    placed, values, runs = _bridge_rows(shown, paper), _values(shown), steps(shown)
    cut = cut_of(runs)
    runs = [((0.0 if ground else start - cut), end - cut, ground) for start, end, ground in runs] if cut else runs
    labels = [label(v, shown, full=g and not narrow, sign=not g) for v, (_, _, g) in zip(values, runs, strict=True)]
    heavy = [g or name == shown.highlight for (_, _, g), name in zip(runs, _names(shown), strict=True)]
    rooms = [wide + 8 for wide in map(paper.wide, labels, heavy)]
    spans = [(min(a, b, 0.0), max(a, b), 1.0, room) for (a, b, _), room in zip(runs, rooms, strict=True)]
    scale, zero = to_scale([*spans, (0.0, 0.0, 1.0, 1.0)], placed.left, paper.width - 1)
    axes = _axes_across(paper, scale, zero)
    mark: Any
    for name, (start, end, ground), middle, text in zip(_names(shown), runs, placed.middles, labels, strict=True):
        down, quiet = end < start and not ground, shown.highlight not in ("", name)
        mark, word = (MARKS[2], WORDS[2]) if down else (MARKS[1], WORDS[1])
        if ground:
            mark, word = QUIET if quiet else MARKS[0], INK
        elif shown.highlight:
            mark, word = ((QUIET, 0.7 if down else 0.4), INK) if quiet else (MARKS[0], WORDS[0])
        axes.barh(
            middle, end - start, paper.thick, start, facecolor="none" if down else mark, edgecolor=mark,
            hatch="////" if down else None, linewidth=0.8,
        )  # fmt: skip
        paper.say(zero + scale * max(start, end) + 6, middle, text, word, ground or name == shown.highlight)
    for (_, _, ground), middle in zip(runs, placed.middles, strict=True):
        if ground and cut:  # two strokes across the bar say that it does not begin at 0
            for x in (zero + 14, zero + 19):
                places = [(one - zero) / scale for one in (x - 3, x + 3)]
                heights = (middle + paper.thick / 2 + 2, middle - paper.thick / 2 - 2)
                axes.plot(places, heights, color=BLANK, linewidth=2, zorder=3)
    if cut:
        decimals = len(f"{cut:.10f}".rstrip("0").partition(".")[2])
        text = f"Bars begin at {with_unit(cut, shown.unit, decimals)}"
        paper.say(zero, placed.bottom + 10 + paper.small * 0.5, text, QUIET, size=paper.small)
    for (_, end, _), above, below in zip(runs, placed.middles, placed.middles[1:], strict=False):
        x = zero + scale * end
        paper.hairline((x, x), (above + paper.thick / 2, below - paper.thick / 2))
    placed.say(paper, [INK] * len(values))


@dataclass(frozen=True)
class _Dots:
    kinds: list[Any]
    lines: list[dict[int, tuple[float, float]]]  # a line of the figure: from kind to value and pixels below the line
    labels: list[tuple[str, str]]  # what stands left and right of its dots
    fan: list[tuple[float, tuple[float, float, str]]]  # where each kind is named, and its name
    base: float  # where the names of the kinds stand
    rows: Rows
    scale: float
    zero: float
    ticks: list[float]


def _dots(shown: ShownFigure, paper: Paper) -> _Dots:
    frame, kinds = shown.frame, in_order(shown.frame[shown.series])
    categories = in_order(frame[shown.category])
    found: list[dict[int, float]] = [{} for _ in categories]
    for category, kind, value in zip(frame[shown.category], frame[shown.series], _values(shown), strict=True):
        found[categories.index(category)][kinds.index(kind)] = value
    names = [str(category) for category in categories]
    bold = [name == shown.highlight for name in names]
    lows, highs = [min(line.values()) for line in found], [max(line.values()) for line in found]
    labels = [(label(a, shown) if a < b else "", label(b, shown)) for a, b in zip(lows, highs, strict=True)]
    left = rows(paper, names, bold, 0).left
    room = sum(max(paper.wide(text, True) for text in side) for side in zip(*labels, strict=True))
    if room > (paper.width - left) * 0.6:  # long figures leave no room for dots: the highest are said
        labels = [("", text) for _, text in labels]
    rooms = [tuple(_DOT + (paper.wide(text, True) + 7 if text else 1) for text in pair) for pair in labels]
    low, high = ends(_values(shown), shown.places)
    spans = [(a, b, before, after) for a, b, (before, after) in zip(lows, highs, rooms, strict=True)]
    spans.append((low, high, 1.0, 1.0))
    scale, zero = to_scale(spans, left, paper.width - 1)
    named = [zero + scale * next(line[kind] for line in found if kind in line) for kind in range(len(kinds))]
    fanned, head = fan(paper, named, [str(k) for k in kinds], permutations(range(len(kinds))), paper.size, True)
    lines = [_dodged(line, scale) for line in found]
    thick = max(20.0, 2 * max(abs(down) for line in lines for _, down in line.values()) + 2 * _DOT)
    placed = rows(paper, names, bold, thick, head=head + 12)
    base = head + (0 if placed.left else (placed.names[0][0].count("\n") + 1) * paper.line + 2)
    marks = [t for t in ticks(low, high, shown.places, 3 if paper.narrow else 5) if low <= t <= high]
    places = list(zip(named, fanned, strict=True))
    scaled = len(kinds) > 2 and len(marks) > 1
    return _Dots(kinds, lines, labels, places, base, placed, scale, zero, marks if scaled else [])


def _dodged(line: dict[int, float], scale: float) -> dict[int, tuple[float, float]]:
    """Dots that would lie on one another stand one below the other, each at its value."""
    groups: list[list[int]] = []
    for kind in sorted(line, key=lambda k: (line[k], k)):
        if groups and (line[kind] - line[groups[-1][-1]]) * scale < 2 * _DOT:
            groups[-1].append(kind)
        else:
            groups.append([kind])
    down = {kind: (i - (len(group) - 1) / 2) * 9.0 for group in groups for i, kind in enumerate(sorted(group))}
    return {kind: (value, down[kind]) for kind, value in line.items()}


def dot_plot_height(shown: ShownFigure, narrow: bool) -> float:
    """Pixels that the names of the dots, the rows and the scale need."""
    paper = Paper(narrow)
    p = _dots(shown, paper)
    return p.rows.bottom + (10 + paper.small * 1.25 if p.ticks else 2)


def dot_plot(figure: Figure, shown: ShownFigure, narrow: bool) -> None:
    """Dots of up to four kinds on a line a category; each kind is named over its dot in the first line."""
    paper = Paper(narrow, figure)
    p = _dots(shown, paper)
    bold = [heavy for _, _, heavy in p.rows.names]
    _scale_below(paper, p, shown)
    colours = tones(p.kinds, shown.highlight)
    axes = _axes_across(paper, p.scale, p.zero)
    for line, (left, right), middle, heavy in zip(p.lines, p.labels, p.rows.middles, bold, strict=True):
        grey = any(bold) and not heavy
        by_value = sorted(line, key=lambda kind: line[kind][0])
        first, last = by_value[0], by_value[-1]
        low, high = (p.zero + p.scale * line[kind][0] for kind in (first, last))
        paper.hairline((low, high), (middle, middle))
        for kind, (value, down) in line.items():
            _dot(axes, value, middle + down, kind, STEPPED_BACK if grey else colours[kind][0])
        paper.say(low - _DOT - 5, middle, left, QUIET if grey else colours[first][1], heavy, "right")
        shared = len(line) > 1 and line[first][0] == line[last][0]
        word = INK if shared else colours[last][1]  # dots at the same value share a label
        paper.say(high + _DOT + 5, middle, right, QUIET if grey else word, heavy)
    for kind, ((place, name), (mark, word)) in enumerate(zip(p.fan, colours, strict=True)):
        foot = p.base + 1
        if kind in p.lines[0]:
            foot = p.rows.middles[0] + p.lines[0][kind][1] - _DOT - 1
        else:  # named with a dot of its own, since the first line has none
            _dot(axes, (place - p.zero) / p.scale, p.base + 6, kind, mark)
        reach = fan_line(place, name, paper.line, paper.wide(name[2], True))
        if reach:
            paper.hairline((place, place), (p.base - reach + 1, foot))
        paper.say(name[0], p.base - name[1], name[2], word, True, "center")
    p.rows.say(paper, [WORDS[0] if heavy else INK for heavy in bold])


def _dot(axes: Any, value: float, middle: float, kind: int, colour: Any) -> None:
    size = 2 * _DOT * (0.85 if MARKERS[kind] in "sD" else 1)
    for tone in (BLANK, colour) if colour == STEPPED_BACK else (colour,):  # no line shows through a grey dot
        axes.plot([value], [middle], MARKERS[kind], color=tone, markersize=size, markeredgewidth=0, clip_on=False)


def _scale_below(paper: Paper, p: _Dots, shown: ShownFigure) -> None:
    if not p.ticks:
        return
    texts = tick_labels(p.ticks, shown)
    places = [p.zero + p.scale * mark for mark in p.ticks]
    for i, centre in thinned(places, [paper.wide(text, size=paper.small) for text in texts], paper.width).items():
        paper.say(centre, p.rows.bottom + 10 + paper.small * 0.5, texts[i], QUIET, align="center", size=paper.small)
        p.rows.rule(paper, places[i], GRID)

"""The alluvial figure: from whom to whom, the width of every band carrying its amount."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from ijbtools.finance.words import with_unit
from ijbtools.report.drawing import INK, MARKS, QUIET, WORDS, spread, wrapped
from ijbtools.topics.result import ShownFigure

_GAP = 10.0  # pixels between two partners of a side
_NODE = 10.0  # width of a partner's bar
_LINE = 1.25  # height of a line of text, in text sizes
_SIDES = {False: (215.0, 190.0), True: (118.0, 116.0)}  # room for names left and right: wide, narrow


@dataclass(frozen=True)
class Band:
    """One flow: where it leaves and where it arrives, as the lower edge of each end, and its width at both."""

    from_partner: str
    to_partner: str
    start: float
    end: float
    width: float


@dataclass(frozen=True)
class Layout:
    """Partners of each side as (lower edge, height), and the bands between them. All in the unit of `height`."""

    left: Mapping[str, tuple[float, float]]
    right: Mapping[str, tuple[float, float]]
    bands: tuple[Band, ...]


def layout(flows: pd.DataFrame, height: float, gap: float = _GAP) -> Layout:
    """Place partners and bands in `height` so that every width is its amount times one scale.

    `flows`: from_partner, to_partner, amount > 0. Partners stand in order of first appearance, from the top; the
    bands of a partner in the order of those at their other end, so that bands of one partner never cross. Each side is
    centred.
    """
    sides = {side: list(dict.fromkeys(flows[side])) for side in ("from_partner", "to_partner")}
    most = max(len(names) for names in sides.values())
    scale = (height - gap * (most - 1)) / float(flows["amount"].sum())
    boxes: dict[str, dict[str, tuple[float, float]]] = {}
    for side, names in sides.items():
        sizes = flows.groupby(side)["amount"].sum() * scale
        used = float(sizes.sum()) + gap * (len(names) - 1)
        top = height - (height - used) / 2
        boxes[side] = {}
        for name in names:
            top -= float(sizes[name])
            boxes[side][name] = (top, float(sizes[name]))
            top -= gap
    ordered = flows.assign(
        _from=flows["from_partner"].map(sides["from_partner"].index),
        _to=flows["to_partner"].map(sides["to_partner"].index),
    )
    tops = {(side, name): low + size for side, box in boxes.items() for name, (low, size) in box.items()}
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for place, side, by in ((starts, "from_partner", ["_from", "_to"]), (ends, "to_partner", ["_to", "_from"])):
        for row in ordered.sort_values(by).itertuples():
            tops[side, getattr(row, side)] -= row.amount * scale
            place[row.Index] = tops[side, getattr(row, side)]
    bands = tuple(
        Band(row.from_partner, row.to_partner, starts[row.Index], ends[row.Index], row.amount * scale)
        for row in ordered.itertuples()
    )
    return Layout(boxes["from_partner"], boxes["to_partner"], bands)


def flows_of(shown: ShownFigure) -> pd.DataFrame:
    """The figure's flows, added up by pair, nothing left out but nothing. ValueError where an amount is no flow."""
    frame = shown.frame.rename(
        columns={shown.category: "from_partner", shown.series: "to_partner", shown.value: "amount"}
    )
    if not (frame["amount"] >= 0).all() or not (frame["amount"] > 0).any():
        amounts = frame["amount"].tolist()
        raise ValueError(f"frame: found the amounts {amounts}; expected amounts of 0 or more, one of them above 0")
    flows = frame.groupby(["from_partner", "to_partner"], as_index=False, sort=False, observed=True)["amount"].sum()
    return flows[flows["amount"] > 0].reset_index(drop=True)


def height(shown: ShownFigure, narrow: bool) -> int:
    """Pixels that the names of the fuller side need, and no less than a calm picture."""
    size, flows = (14 if narrow else 15), flows_of(shown)
    needed = []
    for side, room in zip(("from_partner", "to_partner"), _SIDES[narrow], strict=True):
        lines = [_label(str(name), 0.0, shown, room, size).count("\n") + 1 for name in dict.fromkeys(flows[side])]
        needed.append(sum(lines) * size * _LINE + 6.0 * len(lines))
    return int(max(260.0, *needed)) + 16


def alluvial(figure: Figure, shown: ShownFigure, narrow: bool) -> None:
    """Paint the bands, the partners' bars, and each partner's name with its amount."""
    flows = flows_of(shown)
    width, tall = figure.get_figwidth() * 72, figure.get_figheight() * 72
    placed = layout(flows, tall - 16.0)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(-8.0, tall - 8.0)
    axes.set_axis_off()
    left, right = _SIDES[narrow]
    x0, x1 = left + _NODE, width - right - _NODE
    shades = list(zip(MARKS, WORDS, strict=True))
    later = cycle([(QUIET, QUIET)])  # a fifth partner and those after it share the quiet colour
    colours = {name: shades.pop(0) if shades else next(later) for name in placed.left}
    for band in placed.bands:
        axes.add_patch(_ribbon(band, x0, x1, colours[band.from_partner][0]))
    for name, (low, size) in placed.left.items():
        axes.add_patch(Rectangle((left, low), _NODE, size, color=colours[name][0], linewidth=0))
    for low, size in placed.right.values():
        axes.add_patch(Rectangle((x1, low), _NODE, size, color=INK, linewidth=0))
    ends = flows.groupby("to_partner")["amount"].sum()
    starts = flows.groupby("from_partner")["amount"].sum()
    words = {name: colour[1] for name, colour in colours.items()}
    _names(axes, shown, placed.left, starts, left, tall, words, left=True)
    _names(axes, shown, placed.right, ends, right, tall, dict.fromkeys(placed.right, INK), left=False)


def _ribbon(band: Band, x0: float, x1: float, colour: str) -> PathPatch:
    middle = (x0 + x1) / 2
    top0, top1 = band.start + band.width, band.end + band.width
    points = [
        (x0, band.start), (middle, band.start), (middle, band.end), (x1, band.end),
        (x1, top1), (middle, top1), (middle, top0), (x0, top0), (x0, band.start),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return PathPatch(Path(points, codes), facecolor=colour, alpha=0.28, linewidth=0)


def _label(name: str, amount: float, shown: ShownFigure, room: float, size: float) -> str:
    return (
        f"{wrapped(name, room - 10.0, size)}\n{wrapped(with_unit(amount, shown.unit, shown.places), room - 10, size)}"
    )


def _names(
    axes: mpl.axes.Axes,
    shown: ShownFigure,
    boxes: Mapping[str, tuple[float, float]],
    amounts: pd.Series,
    room: float,
    tall: float,
    colours: Mapping[str, str],
    left: bool,
) -> None:
    """Each name at the middle of its bar, moved apart from its neighbours where they would touch."""
    size = mpl.rcParams["font.size"]
    labels = [_label(str(name), float(amounts[name]), shown, room, size) for name in boxes]
    heights = [(label.count("\n") + 1) * size * _LINE + 4.0 for label in labels]
    middles = [low + size_ / 2 for low, size_ in boxes.values()]
    places = spread(middles, heights, -8.0, tall - 8.0)
    x = room - 10.0 if left else axes.get_xlim()[1] - room + 10.0
    for (name, place), label in zip(zip(boxes, places, strict=True), labels, strict=True):
        axes.text(
            x,
            place,
            label,
            color=colours[name],
            ha="right" if left else "left",
            va="center",
            fontweight="bold",
            linespacing=1.15,
        )

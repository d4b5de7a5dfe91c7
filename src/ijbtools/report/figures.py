"""Drawing figures: each twice, for a wide and for a narrow page, as SVG that a page can carry in itself.

Text is text, at the page's size. It is laid out in the font that comes with matplotlib, which is wider than those of
the page, and then set in the page's. Colours are the Government Analysis Function's; each has a darker twin for words,
and a light one for dark screens, inside the drawing.
"""

import base64
import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ijbtools.finance.words import number
from ijbtools.topics.result import ShownFigure

FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

INK, QUIET, GRID = "#0b0c0c", "#505a5f", "#d9dcde"
MARKS = ("#12436d", "#28a197", "#801650", "#f46a25")
# The same hues dark enough to read on white (4.5 to 1 or more).
WORDS = ("#12436e", "#17706a", "#801651", "#b0420c")
_DARK = {
    INK: "#f3f2f1",
    QUIET: "#b1b4b6",
    GRID: "#3b4045",
    "#ffffff": "#15191c",
    MARKS[0]: "#5f9fd6",
    MARKS[1]: "#3fbdb2",
    MARKS[2]: "#d0689f",
    MARKS[3]: "#f58f5a",
    WORDS[0]: "#8fbfe8",
    WORDS[1]: "#63d2c8",
    WORDS[2]: "#e59ac0",
    WORDS[3]: "#f9ab82",
}
_RC = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ijbtools",
    "font.family": "DejaVu Sans",
    "figure.dpi": 72,  # one point is one CSS pixel
    "text.color": INK,
}


@dataclass(frozen=True)
class Drawing:
    """One drawing: its size in CSS pixels and its SVG as a data address."""

    width: int
    height: int
    svg: str

    @property
    def uri(self) -> str:
        """The drawing as an address that needs no request."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()


@dataclass(frozen=True)
class Drawings:
    """The same figure for a wide and a narrow page."""

    wide: Drawing
    narrow: Drawing


def draw(shown: ShownFigure) -> Drawings:
    """Draw a figure of any known kind for both widths."""
    painter = _KINDS[shown.kind]
    return Drawings(wide=_draw(painter, shown, 680, 340, 15), narrow=_draw(painter, shown, 328, 320, 14))


def _draw(painter: Callable[..., None], shown: ShownFigure, width: int, height: int, size: int) -> Drawing:
    with mpl.rc_context({**_RC, "font.size": size}):
        figure = Figure(figsize=(width / 72, height / 72))
        FigureCanvasSVG(figure)
        painter(figure, shown, width < 480)
        out = io.StringIO()
        figure.savefig(
            out, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return Drawing(width, height, _tidied(out.getvalue()))


def _stacked_bars(figure: Figure, shown: ShownFigure, narrow: bool) -> None:
    """Bars of one column a category, stacked by series; each series is named beside the last bar."""
    wide = shown.frame.pivot_table(index=shown.category, columns=shown.series, values=shown.value, observed=False)
    categories, series = list(wide.index), list(wide.columns)
    totals = wide.sum(axis=1)
    right = 0.64 if narrow else 0.72
    axes = figure.add_axes((0.005, 0.09, right, 0.84))
    below = [0.0] * len(categories)
    for colour, name in zip(MARKS, series, strict=False):
        axes.bar(range(len(categories)), wide[name], bottom=below, width=0.72, color=colour, linewidth=0)
        below = [base + value for base, value in zip(below, wide[name], strict=True)]
    top = float(totals.max()) or 1.0
    for i, total in enumerate(totals):
        if not narrow or i in (0, len(categories) - 1):
            weight = "bold" if i == len(categories) - 1 else "normal"
            axes.text(i, total + top * 0.015, number(total, shown.places), ha="center", va="bottom", fontweight=weight)
    ends = (0, len(categories) - 1)
    axes.set_xticks(range(len(categories)) if not narrow else ends)
    axes.set_xticklabels(
        [categories[i] for i in (range(len(categories)) if not narrow else ends)], color=QUIET, size=13
    )
    axes.set_xlim(-0.5, len(categories) - 0.5)
    axes.set_ylim(0, top * 1.08)
    axes.set_yticks([])
    axes.tick_params(length=0, pad=6)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    last = [float(wide[name].iloc[-1]) for name in series]
    middles = [sum(last[:i]) + size / 2 for i, size in enumerate(last)]
    _name_beside(figure, axes, [str(name) for name in series], middles, 11 if narrow else 17)


def _name_beside(figure: Figure, axes: Any, names: list[str], middles: list[float], wrap: int) -> None:
    """Names to the right of the axes at the heights `middles`, moved apart until none overlap."""
    size = mpl.rcParams["font.size"]
    height = figure.get_figheight() * 72
    texts = ["\n".join(textwrap.wrap(name, wrap)) for name in names]
    heights = [(text.count("\n") + 1) * size * 1.25 for text in texts]
    places = [float(axes.transData.transform((0, middle))[1]) for middle in middles]
    places = spread(places, heights, 2.0, height - 2.0)
    x = axes.get_position().x1 + 0.012
    for text, place, colour in zip(texts, places, WORDS, strict=False):
        figure.text(x, place / height, text, color=colour, fontweight="bold", va="center", ha="left", linespacing=1.15)


def spread(places: list[float], sizes: list[float], low: float, high: float) -> list[float]:
    """Centres moved as little as needed so that boxes of these sizes do not overlap and stay between the ends.

    Boxes keep their order. Where they cannot all fit they stand one on the other from `low` up.
    """
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    moved = list(places)
    edge = low
    for i in order:
        moved[i] = max(moved[i], edge + sizes[i] / 2)
        edge = moved[i] + sizes[i] / 2
    edge = max(high, low + sum(sizes))
    for i in reversed(order):
        moved[i] = min(moved[i], edge - sizes[i] / 2)
        edge = moved[i] - sizes[i] / 2
    return moved


def _tidied(svg: str) -> str:
    """The SVG without prolog and metadata, sized in pixels, in the page's fonts, with colours for light and dark."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style type=\"text/css\">.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(width|height)="([\d.]+)pt"', lambda m: f'{m[1]}="{float(m[2]):g}"', svg)
    svg = svg.replace("'DejaVu Sans'", FONTS)
    colours = {colour: f"c{i}" for i, colour in enumerate(_DARK)}
    for colour, name in colours.items():
        svg = svg.replace(colour, f"var(--{name})")
    light = "".join(f"--{name}:{colour};" for colour, name in colours.items())
    dark = "".join(f"--{name}:{_DARK[colour]};" for colour, name in colours.items())
    style = f"<style>svg{{{light}stroke-linejoin:round}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    return re.sub(r"(<svg[^>]*>)", lambda m: m[1] + style, svg, count=1)


_KINDS: dict[str, Callable[..., None]] = {"stacked_bars": _stacked_bars}

"""What all figures share: two widths, the page's text, colours for light and dark, labels that do not overlap.

Text is text, at the page's size. It is laid out in the font that comes with matplotlib, which is wider than those of
the page, and then set in the page's. Colours are the Government Analysis Function's; each has a darker twin for words,
and a light one for dark screens, inside the drawing.
"""

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from ijbtools.finance.words import NBSP
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


def draw_at(painter: Callable[..., None], shown: ShownFigure, width: int, height: int, size: int) -> Drawing:
    """One drawing of a figure, its text of `size` pixels. The painter is told whether the drawing is narrow."""
    with mpl.rc_context({**_RC, "font.size": size}):
        figure = Figure(figsize=(width / 72, height / 72))
        FigureCanvasSVG(figure)
        painter(figure, shown, width < 480)
        out = io.StringIO()
        figure.savefig(
            out, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return Drawing(width, height, _tidied(out.getvalue()))


def wrapped(text: str, room: float, size: float, bold: bool = True) -> str:
    """Text broken into lines that are at most `room` pixels wide.

    What belongs together (no-break spaces) is broken only where it does not fit, and a word only where it is too wide.
    """
    lines: list[str] = []
    words = [word for word in text.split(" ") if word]
    words = [part for word in words for part in (word.split(NBSP) if width_of(word, size, bold) > room else [word])]
    for word in words:
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(joined, size, bold) <= room:
            lines[-1] = joined
            continue
        while len(word) > 1 and width_of(word, size, bold) > room:
            cut = next((n for n in range(len(word) - 1, 1, -1) if width_of(word[:n] + "-", size, bold) <= room), 1)
            lines.append(f"{word[:cut]}-")
            word = word[cut:]
        lines.append(word)
    return "\n".join(lines)


@cache
def width_of(line: str, size: float, bold: bool = True) -> float:
    """The width of a line of text in the font that figures are laid out in."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(line, font, False)[0]) if line else 0.0


def spread(places: list[float], sizes: list[float], low: float, high: float) -> list[float]:
    """Centres moved as little as needed so that boxes of these sizes do not overlap and stay between the ends.

    Boxes keep their order. Boxes that touch stand together about the mean of where they would be; where they cannot
    all fit they stand one on the other from `low` up.
    """
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    # With the sizes below it taken off, each box only has to stand no lower than the one before it.
    below = [sum(sizes[j] for j in order[:n]) + sizes[i] / 2 for n, i in enumerate(order)]
    blocks: list[list[float]] = []  # mean and number of the boxes that stand together
    for i, offset in zip(order, below, strict=True):
        blocks.append([places[i] - offset, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            blocks[-1][0] = (blocks[-1][0] * blocks[-1][1] + mean * count) / (blocks[-1][1] + count)
            blocks[-1][1] += count
    levels = [mean for mean, count in blocks for _ in range(int(count))]
    moved = list(places)
    for i, offset, level in zip(order, below, levels, strict=True):
        moved[i] = max(low, min(level, high - sum(sizes))) + offset
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


def backend(name: str) -> None:
    """What plain matplotlib draws with, as the environment variable MPLBACKEND says it to a new process."""
    mpl.rcParams["backend"] = name

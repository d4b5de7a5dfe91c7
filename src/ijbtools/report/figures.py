"""Drawing figures: each kind once, for a wide and for a narrow page."""

from collections.abc import Callable

from matplotlib.figure import Figure

from ijbtools.finance.words import number
from ijbtools.report.drawing import MARKS, QUIET, Drawings, draw_at, name_beside
from ijbtools.topics.result import ShownFigure


def draw(shown: ShownFigure) -> Drawings:
    """Draw a figure of any known kind for both widths."""
    painter = _KINDS[shown.kind]
    return Drawings(wide=draw_at(painter, shown, 680, 340, 15), narrow=draw_at(painter, shown, 328, 320, 14))


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
    name_beside(figure, axes, [str(name) for name in series], middles, 11 if narrow else 17)


_KINDS: dict[str, Callable[..., None]] = {"stacked_bars": _stacked_bars}

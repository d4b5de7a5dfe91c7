"""The alluvial figure: widths carry the amounts, nothing is lost between the sides, names never overlap."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ijbtools.report.alluvial import alluvial, flows_of, height, layout
from ijbtools.report.drawing import draw_at
from ijbtools.topics.result import ShownFigure

steady = settings(deadline=None, derandomize=True, max_examples=40)

NAMES = (
    "NHS Norland",
    "Clackmannanshire and Stirling Council",
    "Comhairle nan Eilean Siar",
    "People",
    "An-id-without-any-space",
)
flow_lists = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES[::-1]), st.floats(0.001, 1e6)), min_size=1, max_size=18
)


def shown(rows):
    frame = pd.DataFrame(rows, columns=["decides", "bears", "amount"])
    return ShownFigure("alluvial", "t", "s", "alt", frame, "decides", "amount", "bears", 1, None, "£ million")


@steady
@given(flow_lists)
def test_widths_conserve_the_flows(rows):
    """Every band is as wide as its amount, and the bands of a partner fill its bar from edge to edge, on both sides."""
    flows = flows_of(shown(rows))
    placed = layout(flows, 300.0)
    scale = sum(band.width for band in placed.bands) / flows["amount"].sum()
    for band, row in zip(placed.bands, flows.itertuples(), strict=True):
        assert band.width == pytest.approx(row.amount * scale, rel=1e-9, abs=1e-9)
    for side, partner, edge in (("left", "from_partner", "start"), ("right", "to_partner", "end")):
        for name, (low, size) in getattr(placed, side).items():
            own = sorted((getattr(band, edge), band.width) for band in placed.bands if getattr(band, partner) == name)
            assert sum(width for _, width in own) == pytest.approx(size)
            assert own[0][0] == pytest.approx(low, abs=1e-6)
            assert all(lower + width == pytest.approx(upper, abs=1e-6) for (lower, width), (upper, _) in pairwise(own))
    left, right = (sum(size for _, size in side.values()) for side in (placed.left, placed.right))
    assert left == pytest.approx(right)


@steady
@given(flow_lists)
def test_partners_do_not_touch(rows):
    """Partners of a side stand apart, inside the picture."""
    placed = layout(flows_of(shown(rows)), 300.0)
    for side in (placed.left, placed.right):
        boxes = sorted(side.values())
        assert boxes[0][0] >= -1e-6
        assert boxes[-1][0] + boxes[-1][1] <= 300 + 1e-6
        assert all(low + size <= above - 10 + 1e-6 for (low, size), (above, _) in pairwise(boxes))


@settings(steady, max_examples=15)
@given(flow_lists, st.booleans())
def test_names_never_overlap(rows, narrow):
    """No name lies over another or outside the picture, at either width."""
    figure_shown = shown(rows)
    width, tall = (328 if narrow else 680), height(figure_shown, narrow)
    figure = Figure(figsize=(width / 72, tall / 72), dpi=72)
    canvas = FigureCanvasAgg(figure)
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 14 if narrow else 15, "font.family": "DejaVu Sans"}):
        alluvial(figure, figure_shown, narrow)
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in figure.axes[0].texts]
    assert len(boxes) == len({row[0] for row in rows}) + len({row[1] for row in rows})
    for i, box in enumerate(boxes):
        assert box.x0 >= -1.5
        assert box.x1 <= width + 1.5
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_flows_of_a_pair_are_added():
    """Two flows between the same partners are one band; a flow of nothing is none."""
    flows = flows_of(shown([("a", "b", 1.0), ("a", "b", 2.0), ("a", "c", 0.0)]))
    assert flows.to_dict("records") == [{"from_partner": "a", "to_partner": "b", "amount": 3.0}]


@pytest.mark.parametrize("amounts", [[-1.0, 2.0], [0.0, 0.0], [float("nan"), 1.0]])
def test_what_is_no_flow_is_refused(amounts):
    """Negative and unknown amounts, and nothing at all, are refused by name."""
    with pytest.raises(ValueError, match=r"^frame: found the amounts"):
        flows_of(shown([("a", "b", amount) for amount in amounts]))


def test_amounts_stand_beside_the_names():
    """Each partner's name stands in the picture with its amount and unit."""
    figure_shown = shown([("The law", "Hospitals", 9.6), ("People", "Hospitals", 2.9)])
    svg = draw_at(alluvial, figure_shown, 680, height(figure_shown, False), 15).svg
    for said in ("The law", "£9.6\u00a0million", "Hospitals", "£12.5\u00a0million"):
        assert said in svg.replace("&#160;", "\u00a0")

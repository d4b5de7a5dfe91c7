"""What figures are laid out with: round ticks, scales that fit, bars that are cut, labels that are never overlaid."""

import math
import re
from itertools import accumulate, pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.words import NBSP
from ijbtools.report.figures import draw
from ijbtools.report.kinds import cut_of, steps
from ijbtools.report.paper import Paper, ends, fan, thinned, ticks, to_scale
from ijbtools.topics.result import ShownFigure, ShownTable

steady = settings(deadline=None, derandomize=True, max_examples=50)


@steady
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.integers(0, 2))
def test_ticks_are_round_and_enclose(one, other, places):
    """Ticks stand in equal steps of 1, 2 or 5 times a power of ten, no finer than figures are printed, around all."""
    low, high = sorted((one, other))
    marks = ticks(low, high, places, 4)
    step = marks[1] - marks[0]
    assert marks[0] <= low + step * 1e-6
    assert marks[-1] >= high - step * 1e-6
    assert step >= 10.0**-places * 0.999
    assert f"{step:.0e}"[0] in "125"
    assert len(marks) <= 4 + 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [([3, 50], (0, 50)), ([-5, -1], (-5, 0)), ([-5, 8], (-5, 8)), ([80, 100], (80, 100)), ([-100, -80], (-100, -80)),
     ([100, 100.2], (0, 100.2)), ([7, 7], (0, 7)), ([0, 0], (0, 0))],
)  # fmt: skip
def test_a_scale_begins_at_nothing_unless_that_hides_all(values, expected):
    """A scale reaches to 0 unless its values lie far from it and close together, but not as good as equal."""
    assert ends(values, 1) == expected


@steady
@given(
    st.lists(
        st.tuples(st.floats(-50, 50), st.floats(0, 50), st.floats(0, 40), st.floats(0, 40)), min_size=1, max_size=6
    )
)
def test_marks_and_their_labels_fit(spans):
    """Marks with room for labels on both sides lie between the edges, on one scale."""
    spans = [(low, low + long, before, after) for low, long, before, after in spans]
    scale, zero = to_scale(spans, 100.0, 400.0)
    assert scale > 0
    for low, high, before, after in spans:
        assert zero + scale * low - before >= 100.0 - 1e-6
        assert zero + scale * high + after <= 400.0 + 1e-6


@steady
@given(st.lists(st.floats(10, 90), min_size=1, max_size=15))
def test_thinned_labels_never_touch(widths):
    """Labels that stay do not touch, lie inside, and the last one stays."""
    centres = [20.0 + 300 * i / len(widths) for i in range(len(widths))]
    kept = thinned(centres, widths, 328.0)
    assert len(widths) - 1 in kept
    for (i, a), (j, b) in pairwise(sorted(kept.items())):
        assert b - a >= (widths[i] + widths[j]) / 2 + 5
    assert all(centre - widths[i] / 2 >= -1e-6 and centre + widths[i] / 2 <= 328.0 + 1e-6 for i, centre in kept.items())


def test_the_chosen_label_stays_before_the_first():
    """Where the first and the chosen label would touch the chosen stays."""
    assert set(thinned([20.0, 40.0, 200.0], [30.0] * 3, 328.0, chosen=1)) == {1, 2}


def test_no_line_crosses_a_name():
    """Names over marks that lie together stand one over the other, clear of the lines from higher names."""
    paper, places = Paper(narrow=True), [100.0, 110.0, 118.0]
    names = ["Waiting for care", "Law", "Patient and family"]
    found, _ = fan(paper, places, names, [(2, 1, 0)], 14, True)
    levels = [middle for _, middle, _ in found]
    assert levels[0] > levels[1] > levels[2]
    for i, (centre, middle, text) in enumerate(found):
        half = paper.wide(text, True) / 2
        higher = [places[j] for j in range(3) if found[j][1] > middle]
        assert not [x for x in higher if abs(x - centre) < half], names[i]


# Bars that are cut


def bridge_of(rows, unit="£ million"):
    """A bridge of rows of name, amount, and whether the bar stands on the ground."""
    frame = pd.DataFrame(rows, columns=["step", "amount", "grounded"])
    table = ShownTable("The figures", "", (), frame, ())
    return ShownFigure("bridge", "Title", "What", "Alt", frame, "step", "amount", "grounded", 1, table, unit)


def roll(opening, *moves):
    """From an opening budget through its moves to the closing one."""
    closing = opening + sum(moves)
    rows = [(f"Step {n}", move, False) for n, move in enumerate(moves, 1)]
    return bridge_of([("Opening", opening, True), *rows, ("Closing", closing, True)])


def levels(shown):
    """Every level that a bar or a step of a bridge reaches; bars stand on the ground, whatever was before."""
    return [level for start, end, ground in steps(shown) for level in ((end,) if ground else (start, end))]


def test_steps_begin_where_the_last_one_ended():
    """Each step begins where the last one ended, and bars on the ground begin at 0."""
    # 240 + 9 = 249;  249 − 5 = 244
    expected = [(0.0, 240.0, True), (240.0, 249.0, False), (249.0, 244.0, False), (0.0, 244.0, True)]
    assert steps(roll(240.0, 9.0, -5.0)) == expected


@pytest.mark.parametrize(
    ("shown", "cut"),
    [
        (roll(240.0, 9.0, -5.0), 231.0),  # levels 240 to 249, a span of 9;  240 − 9 = 231, in whole ones
        (roll(2_400.0, 90.0, -57.0), 2_310.0),  # 2,400 − 90 = 2,310, in tens
        (roll(247.3, -15.6, 4.0), 210.0),  # 231.7 to 247.3 is 15.6;  231.7 − 15.6 = 216.1, in tens
        (roll(5_000_000.0, 123_456.0), 4_800_000.0),  # 4,876,544 in hundred thousands
        (roll(40.0, 10.0), 30.0),  # just four times the span;  40 − 10 = 30
        (roll(39.0, 10.0), 0.0),  # less than four times
        (roll(20.0, 8.0, -13.0), 0.0),
        (roll(0.0, 10.0), 0.0),
        (roll(100.0, -100.0), 0.0),
        (roll(100.0, -120.0), 0.0),
        (roll(-100.0, 2.0), 0.0),
        (roll(100.0), 0.0),  # nothing moves
        (roll(100.0, 0.0), 0.0),
    ],
)
def test_bars_are_cut_where_steps_would_be_lost(shown, cut):
    """Bars begin at 0 unless every level is at least four times as high as the steps span; then at a round number."""
    assert cut_of(steps(shown)) == pytest.approx(cut, rel=1e-12)


def test_a_bar_that_differs_counts_among_the_levels():
    """A bar on the ground that is far below the steps keeps the bridge from being cut."""
    rows = [("Opening", 240.0, True), ("Pay", 9.0, False), ("Closing", 249.0, True), ("Of it agreed", 60.0, True)]
    assert cut_of(steps(bridge_of(rows))) == 0


@steady
@given(
    st.floats(-1e3, 1e3),
    st.lists(st.floats(-100, 100).filter(lambda move: abs(move) > 0.01), min_size=1, max_size=8),
    st.sampled_from([1e-3, 1.0, 1e6]),
)
def test_a_cut_is_round_and_below_every_step(opening, moves, size):
    """A cut leaves room below the lowest level, of one to two times what the steps span, and is a round number."""
    shown = roll(opening * size, *(move * size for move in moves))
    cut, low, span = cut_of(steps(shown)), min(levels(shown)), max(levels(shown)) - min(levels(shown))
    assert 0 <= cut <= max(low, 0)
    assert bool(cut) == (low >= 4 * span)
    if cut:
        room = (low - cut) / span
        assert 1 - 1e-9 <= room <= 2 + 1e-9
        unit = 10.0 ** math.floor(math.log10(span))
        assert cut / unit == pytest.approx(round(cut / unit), abs=1e-6)


@steady
@given(st.floats(0, 1e3), st.lists(st.floats(-100, 100), min_size=1, max_size=8))
def test_no_bar_is_cut_where_a_level_is_at_or_below_nothing(first, moves):
    """Where any level lies at 0 or below it bars begin at 0."""
    low = min(accumulate(moves, initial=first))
    shown = roll(first - low - 1e-9, *moves)  # the lowest level is just below 0
    assert min(levels(shown)) <= 0
    assert cut_of(steps(shown)) == 0


@pytest.mark.parametrize("side", ["wide", "narrow"])
def test_a_cut_bridge_says_where_its_bars_begin(side):
    """Under a cut bridge stands the figure at which its bars begin; under one that begins at 0 there is nothing."""

    def texts(shown):
        svg = getattr(draw(shown), side).svg
        return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<text.*?</text>", svg, re.DOTALL)]

    assert f"Bars begin at £231{NBSP}million" in texts(roll(240.0, 9.0, -5.0))
    assert not [text for text in texts(roll(20.0, 8.0, -13.0)) if "begin" in text]


@pytest.mark.parametrize("side", ["wide", "narrow"])
def test_a_cut_bridge_is_drawn_to_scale(side):
    """Above the cut every bar and step has its length in the same scale, so that steps can be compared."""
    shown = roll(240.0, 9.0, -6.0, 3.0)
    found = bars_of(getattr(draw(shown), side).svg)
    # from 231 on:  240 − 231 = 9, then 9, 6 and 3, and 246 − 231 = 15
    scale = found[0] / 9
    assert found == pytest.approx([9 * scale, 9 * scale, 6 * scale, 3 * scale, 15 * scale], rel=1e-3)
    assert scale > 5


def bars_of(svg):
    """The lengths of the bars of a drawing, in the order in which they were drawn."""
    lengths = []
    for path in re.findall(r'<path d="(M [^"]*?z)\s*"', svg, re.DOTALL):
        points = [tuple(map(float, pair)) for pair in re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", path)]
        across, down = zip(*points, strict=True)
        if len(points) == 4 and 15 < max(down) - min(down) < 25:
            lengths.append(max(across) - min(across))
    return lengths

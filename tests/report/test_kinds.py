"""What figures are laid out with: round ticks, scales that fit, labels that are left out or moved, never overlaid."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.report.paper import Paper, ends, fan, thinned, ticks, to_scale

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

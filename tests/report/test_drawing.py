"""What all figures share: colours with contrast, and labels that never overlap."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.report.drawing import WORDS, spread

steady = settings(deadline=None, derandomize=True)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", WORDS)
def test_words_have_contrast(colour):
    """Labels stand out from white paper by 4.5 to 1 or more."""
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


@steady
@given(st.lists(st.tuples(st.floats(0, 400), st.floats(5, 60)), min_size=1, max_size=8))
def test_labels_never_overlap(boxes):
    """Boxes that are moved apart keep their order, do not overlap, and stay inside wherever they fit."""
    places, sizes = [place for place, _ in boxes], [size for _, size in boxes]
    moved = spread(places, sizes, 0.0, 400.0)
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    for below, above in pairwise(order):
        assert moved[above] - moved[below] >= (sizes[above] + sizes[below]) / 2 - 1e-6
    assert moved[order[0]] - sizes[order[0]] / 2 >= -1e-6
    assert moved[order[-1]] + sizes[order[-1]] / 2 <= max(400.0, sum(sizes)) + 1e-6


def test_labels_that_fit_stay():
    """Labels with room stay where they are."""
    assert spread([50.0, 150.0], [20.0, 20.0], 0.0, 200.0) == [50.0, 150.0]

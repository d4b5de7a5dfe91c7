"""Figures: two drawings as text-bearing SVG, the same bytes each time, labels that never overlap."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.report.figures import WORDS, draw, spread

steady = settings(deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def drawings(shunted):
    """The trend of Highland, drawn."""
    return draw(shunted.only("highland", "2024/25").figure("trend"))


def test_two_sizes(drawings):
    """A figure is drawn 680 and 328 pixels wide."""
    for drawing, width in ((drawings.wide, 680), (drawings.narrow, 328)):
        root = ET.fromstring(drawing.svg)
        assert float(root.get("width")) == drawing.width == width
        assert float(root.get("height")) == drawing.height


def test_text_is_text_in_the_pages_fonts(drawings):
    """Words in a figure are words, in the page's fonts, and the last value stands there."""
    for drawing in (drawings.wide, drawings.narrow):
        assert "75,093" in drawing.svg
        assert "2024/25" in drawing.svg
        assert "system-ui" in drawing.svg
        assert "DejaVu" not in drawing.svg


def test_no_date_no_creator_no_outside_address(drawings):
    """A drawing holds no date, no program and no address but the names of its own format."""
    for drawing in (drawings.wide, drawings.narrow):
        addresses = set(re.findall(r'https?://[^"<\s]+', drawing.svg))
        assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert not re.search(r"<metadata|matplotlib v", drawing.svg)


def test_the_same_bytes_each_time(shunted, drawings):
    """The same figure is drawn in the same bytes."""
    again = draw(shunted.only("highland", "2024/25").figure("trend"))
    assert again == drawings


def test_light_and_dark(drawings):
    """Every colour is named once for light and once for dark screens."""
    style = re.search(r"<style>(.*?)</style>", drawings.wide.svg)[1]
    light, dark = style.split("@media (prefers-color-scheme:dark)")
    assert set(re.findall(r"--c\d+", light)) == set(re.findall(r"--c\d+", dark))
    assert not re.findall(r"(?:fill|stroke): #(?!000)[0-9a-f]{6}", drawings.wide.svg)


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

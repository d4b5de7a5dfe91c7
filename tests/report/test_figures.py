"""Figures: two drawings as text-bearing SVG, the same bytes each time."""

import re
import xml.etree.ElementTree as ET

import pytest

from ijbtools.report.figures import draw


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

"""Figures: every kind at both widths, to scale, with every label where it can be read, and without colour alone."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure

from ijbtools.finance.words import number
from ijbtools.report import drawing, figures
from ijbtools.report.drawing import INK, MARKS, QUIET
from ijbtools.report.figures import draw
from ijbtools.report.kinds import cut_of
from ijbtools.report.paper import BLANK, MARKERS, Paper
from ijbtools.topics.result import ShownFigure, ShownTable

steady = settings(deadline=None, derandomize=True, max_examples=12)

KINDS = ("line", "bars", "stacked_bars", "bridge", "dot_plot", "heat_map")
ROWED = ("bars", "bridge", "dot_plot", "heat_map")  # kinds that say every category
YEARS = [f"20{year}/{year + 1}" for year in range(15, 27)]
NAMES = [
    "Clackmannanshire and Stirling", "NHS", "Waiting for care, an assessment or a place", "Highland", "£5 to $10, $20",
    "Code 9: adults with incapacity and other complex needs", "Na h-Eileanan an Iar", "Dumfries & Galloway <1%",
    "Patient and family", "Comhairle nan Eilean Siar", "Council", "Aberdeenshire",
]  # fmt: skip


def figure_of(kind, rows, places=1, **words):
    """A figure of rows of name, value, and series (or, in a bridge, whether the bar stands on the ground)."""
    frame = pd.DataFrame(rows, columns=["name", "value", "series"][: len(rows[0])])
    table = ShownTable("The figures", "", (), frame, ())
    series = "series" if len(rows[0]) == 3 else ""
    return ShownFigure(kind, "Title", "What", "Alt", frame, "name", "value", series, places, table, **words)


def by_series(categories, **values):
    """Rows of every category for each series."""
    return [(one, v, name) for name, those in values.items() for one, v in zip(categories, those, strict=True)]


PLAIN = {
    "line": figure_of("line", by_series(YEARS[:3], Highland=[3, 6, 5], Scotland=[2, 4, 4])),
    "bars": figure_of("bars", [("Hospitals", -46.4), ("Care", 9.5), ("Nobody", 0.0), ("Everyone", -36.9)]),
    "stacked_bars": figure_of("stacked_bars", by_series(YEARS[:3], NHS=[30, 31, 31], Council=[5, 4, 9])),
    "bridge": figure_of(
        "bridge", [("Opening", 20, True), ("Pay", 8, False), ("Savings", -13, False), ("Closing", 15, True)]
    ),
    "dot_plot": figure_of("dot_plot", by_series("AB", Then=[1, 9], Now=[4, 2])),
    "heat_map": figure_of("heat_map", by_series(["Cost", "Days"], A=[1, 5], B=[9, math.nan])),
}


def painted(shown, narrow):
    """The figure as matplotlib holds it before it is written."""
    paper = Paper(narrow)
    painter, height = figures._KINDS[shown.kind]
    with mpl.rc_context({**drawing._RC, "font.size": paper.size}):
        figure = Figure(figsize=(paper.width / 72, math.ceil(height(shown, narrow)) / 72))
        FigureCanvasSVG(figure)
        painter(figure, shown, narrow)
    return figure


def both(shown):
    return [painted(shown, narrow) for narrow in (False, True)]


def patches(figure):
    """Bars, parts or cells in the order of painting, as boxes in pixels."""
    return [patch.get_window_extent() for axes in figure.axes for patch in axes.patches]


def marked(figure):
    """What is plotted with a marker: lines of a line figure, single dots of a dot plot."""
    return [line for axes in figure.axes for line in axes.lines if line.get_marker() in MARKERS]


def said(shown, narrow=False):
    """All words of a figure in one string, broken words put together again."""
    return " ".join(text.get_text() for text in painted(shown, narrow).texts).replace("- ", "")


@st.composite
def shown_figures(draw_from, kind):
    """Figures of a kind with few or many rows, long names, zeros, negatives, equal, huge and tiny values."""
    some = st.sampled_from([1, 2, 3, 5, 8, 12])
    count, size = draw_from(some), draw_from(st.sampled_from([1e-6, 1.0, 60.0, 9e3, 1e9]))
    periods = kind in ("line", "stacked_bars", "heat_map") and draw_from(st.booleans())
    names = YEARS[:count] if periods else draw_from(st.permutations(NAMES))[:count]
    series = draw_from(st.permutations(NAMES))[: draw_from(st.integers(1, 4))]
    low = 0.0 if kind == "stacked_bars" else -1.0
    share = draw_from(st.sampled_from([st.just(0.7), st.just(0.0), st.floats(0, 1), st.floats(low, 1)]))

    def value():
        return draw_from(share) * size

    if kind == "bars":
        rows = [(name, value()) for name in names]
    elif kind == "bridge":
        rows = [(name, value(), name == names[0]) for name in names]
        rows.append(("Closing", sum(row[1] for row in rows), True))
    else:
        rows = [(name, value(), one) for name in names for one in series]
    words = {"unit": draw_from(st.sampled_from(["", "£ million", "%", "days"]))}
    lit = ["", names[-1], *([] if kind in ("bars", "bridge") else series[-1:])]
    return figure_of(kind, rows, draw_from(st.sampled_from([0, 1])), highlight=draw_from(st.sampled_from(lit)), **words)


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_can_be_read(kind):
    """In any figure of any kind, at both widths, no text lies on another or outside, and every name is there."""

    @steady
    @given(shown_figures(kind))
    def holds(shown):
        frame = shown.frame
        for figure in both(shown):
            renderer = figure._get_renderer()
            assert not any(axes.axison for axes in figure.axes)
            boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.texts]
            width, height = figure.get_size_inches() * 72
            for text, box in boxes:
                assert min(box.x0, box.y0, width - box.x1, height - box.y1) > -0.5, text
            for (one, a), (other, b) in combinations(boxes, 2):
                apart = max(a.x0 - b.x1, b.x0 - a.x1, a.y0 - b.y1, b.y0 - a.y1)
                assert apart > -0.5, (one, other)
            words = " ".join(text for text, _ in boxes).replace("- ", "")
            thinned_out = kind not in ROWED or frame["name"].iloc[0] in YEARS
            must = set(frame["name"].iloc[-1:] if thinned_out else frame["name"])
            if kind not in ("bars", "bridge"):
                must |= set(frame["series"])
            if kind in ("bars", "bridge", "heat_map"):
                must |= {number(abs(value), shown.places) for value in frame["value"]}
            assert not [text for text in must if text not in words]

    holds()


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_is_svg_at_two_sizes_and_the_same_each_time(kind):
    """Every kind is drawn 680 and 328 pixels wide, as SVG that parses, in the same bytes each time."""
    drawings = draw(PLAIN[kind])
    assert draw(PLAIN[kind]) == drawings
    for one, width in ((drawings.wide, 680), (drawings.narrow, 328)):
        root = ET.fromstring(one.svg)
        assert float(root.get("width")) == one.width == width
        assert float(root.get("height")) == one.height
        texts = " ".join(element.text for element in root.iter("{http://www.w3.org/2000/svg}text"))
        assert all(str(name) in texts for name in PLAIN[kind].frame["name"].iloc[-1:])


@pytest.mark.parametrize("kind", KINDS)
def test_light_and_dark(kind):
    """Every colour of every kind has one value for light and one for dark screens."""
    for one in (draw(PLAIN[kind]).wide, draw(PLAIN[kind]).narrow):
        style = re.search(r"<style>(.*?)</style>", one.svg)[1]
        light, dark = style.split("@media (prefers-color-scheme:dark)")
        assert set(re.findall(r"--c\d+", light)) == set(re.findall(r"--c\d+", dark))
        assert not re.findall(r"#[0-9a-f]{6}\b", one.svg.replace(style, ""))


def test_text_is_text_in_the_pages_fonts(shunted):
    """Words in a figure are words, in the page's fonts, and the last value stands there."""
    drawings = draw(shunted.only("highland", "2024/25").figure("trend"))
    for one in (drawings.wide, drawings.narrow):
        assert "75,093" in one.svg
        assert "2024/25" in one.svg
        assert "system-ui" in one.svg
        assert "DejaVu" not in one.svg


def test_no_date_no_creator_no_outside_address():
    """A drawing holds no date, no program and no address but the names of its own format."""
    for kind in KINDS:
        svg = draw(PLAIN[kind]).wide.svg
        addresses = set(re.findall(r'https?://[^"<\s]+', svg))
        assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert not re.search(r"<metadata|matplotlib v", svg)


# Marks are to scale.


def test_bars_are_as_long_as_their_values():
    """A bar is as long as its value, from 0 to the right or, below 0, to the left; 0 has no length."""
    values = PLAIN["bars"].frame["value"]
    for figure in both(PLAIN["bars"]):
        boxes = patches(figure)
        scale = boxes[0].width / values[0]
        assert [box.width for box in boxes] == pytest.approx([abs(v * scale) for v in values])
        ends = [(box.x1, box.x0)[value > 0] for box, value in zip(boxes, values, strict=True)]
        assert ends == pytest.approx([ends[0]] * len(ends))


def test_parts_are_as_high_as_their_values():
    """Parts of a stacked bar are as high as their values and stand one on the other, in order."""
    rows = [("2023/24", 3.0, "NHS"), ("2024/25", 5.0, "NHS"), ("2023/24", 0.0, "Council"), ("2024/25", 10.0, "Council")]
    for figure in both(figure_of("stacked_bars", rows)):
        boxes = patches(figure)
        assert [box.height / boxes[0].height for box in boxes] == pytest.approx([3 / 3, 5 / 3, 0 / 3, 10 / 3])
        assert boxes[3].y0 == pytest.approx(boxes[1].y1)


@steady
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6))
def test_steps_begin_where_the_last_ended(changes):
    """Each step of a bridge begins where the one before it ended, and the last bar stands at the sum."""
    values = [50.0, *changes, 50.0 + sum(changes)]
    rows = [(f"Step {i}", v, i in (0, len(values) - 1)) for i, v in enumerate(values)]
    figure = painted(figure_of("bridge", rows), narrow=False)
    boxes = patches(figure)
    cut = cut_of([(start, end, i in (0, len(changes) + 1)) for i, (start, end) in enumerate(running(values))])
    scale, zero = boxes[0].width / (50.0 - cut), boxes[0].x0
    ends = [(start or cut, end) for start, end in running(values)]  # bars that are cut begin at the cut
    for (start, end), box in zip(ends, boxes, strict=True):
        places = [zero + (one - cut) * scale for one in (start, end)]
        assert sorted((box.x0, box.x1)) == pytest.approx(sorted(places))


def running(values):
    """Where each bar of a bridge begins and ends: all but the first and last where the one before ended."""
    at, found = 0.0, []
    for value in values[:-1]:
        found.append((at, at + value))
        at += value
    return [*found, (0.0, at)]


@pytest.mark.parametrize("kind", ["line", "dot_plot"])
def test_points_stand_at_their_values(kind):
    """Equal differences of value are equal distances along the axis of a line figure and of a dot plot."""
    for figure in both(PLAIN[kind]):
        if kind == "line":
            places = [y for one in marked(figure) for _, y in one.get_transform().transform(one.get_xydata())]
        else:
            places = [one.get_transform().transform(one.get_xydata())[0][0] for one in marked(figure)]
        places, values = sorted(places), sorted(PLAIN[kind].frame["value"])
        scale = (places[-1] - places[0]) / (values[-1] - values[0])
        assert [p - places[0] for p in places] == pytest.approx([(v - values[0]) * scale for v in values])


def test_a_missing_point_is_a_gap():
    """A line has a gap where there is no row, and a point between gaps is marked."""
    shown = figure_of(
        "line", [(y, 1.0, "A") for y in YEARS[:5]] + [(y, 2.0, "B") for y in (YEARS[0], YEARS[2], YEARS[4])]
    )
    _, gappy = marked(painted(shown, narrow=False))
    assert [math.isnan(y) for y in gappy.get_ydata()] == [False, True, False, True, False]
    assert gappy.get_markevery() == [0, 2, 4]


def test_higher_is_darker():
    """The shade of a cell follows its value, every cell prints its number, and nan is blank."""
    for figure in both(PLAIN["heat_map"]):
        cells = [patch for axes in figure.axes for patch in axes.patches]
        assert len(cells) == 3  # of four: one is nan
        assert {to_hex(cell.get_facecolor()) for cell in cells} == {MARKS[0]}
        one, five, nine = (cell.get_facecolor()[3] for cell in cells)
        assert (five - one) / (nine - one) == pytest.approx((5 - 1) / (9 - 1))
        texts = [text.get_text() for text in figure.texts]
        assert [text for text in texts if re.fullmatch(r"[\d.]+", text)] == ["1.0", "5.0", "9.0"]


def test_numbers_have_contrast_on_their_cells():
    """Ink stands out from the darkest cell by 4.5 to 1 or more, on light and on dark screens."""

    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark = drawing._DARK
    for ground, mark, ink in ((BLANK, MARKS[0], INK), (dark[BLANK], dark[MARKS[0]], dark[INK])):
        for alpha in figures._SHADES:
            cell = [g * (1 - alpha) + m * alpha for g, m in zip(to_rgba(ground)[:3], to_rgba(mark)[:3], strict=True)]
            low, high = sorted((luminance(cell), luminance(to_rgba(ink)[:3])))
            assert (high + 0.05) / (low + 0.05) >= 4.5


# Words and numbers.


def test_numbers_are_printed_as_everywhere():
    """Labels have thousands separators, a true minus and their unit; the last value is bold."""
    shown = figure_of("bars", [("A", 75093.4), ("B", -1200.0)], places=0, unit="£ million")
    assert "£75,093 million" in said(shown).replace("\u00a0", " ")
    assert "−1,200" in said(shown)
    for kind in ("line", "stacked_bars", "bridge"):
        bold = [t.get_text() for t in painted(PLAIN[kind], narrow=True).texts if t.get_fontweight() == "bold"]
        last = {"line": "4.0", "stacked_bars": "40.0", "bridge": "15.0"}[kind]
        assert last in bold


def test_steps_say_their_sign():
    """An increase is labelled with a plus and a decrease with a true minus; bars on the ground have neither."""
    assert "20.0 +8.0 −13.0 15.0" in said(PLAIN["bridge"])


def test_order_is_kept():
    """Categories and series stand as they first appear, or in the order that their column declares."""
    rows = [("B", 1.0, "y"), ("A", 2.0, "y"), ("B", 3.0, "x"), ("A", 4.0, "x")]
    assert figures._table(figure_of("line", rows))[:2] == (["B", "A"], ["y", "x"])
    shown = figure_of("line", rows)
    shown.frame["name"] = pd.Categorical(shown.frame["name"], ["A", "unused", "B"], ordered=True)
    assert figures._table(shown) == (["A", "B"], ["y", "x"], [[2.0, 1.0], [4.0, 3.0]])


def test_crowded_periods_are_thinned_out():
    """Where periods do not fit under their marks the first and the last still stand there."""
    shown = figure_of("stacked_bars", [(year, 5.0, "NHS") for year in YEARS])
    texts = [text.get_text() for text in painted(shown, narrow=True).texts]
    there = [year for year in YEARS if year in texts]
    assert {YEARS[0], YEARS[-1]} <= set(there) < set(YEARS)


def test_crowded_names_are_all_said():
    """Names of other things than periods are never left out."""
    shown = figure_of("stacked_bars", [(name, 5.0, "NHS") for name in NAMES])
    assert not [name for name in NAMES if name not in said(shown, narrow=True)]


# Never colour alone.


def test_lines_differ_in_stroke_and_end():
    """Four lines have four strokes and four shapes at their ends."""
    shown = figure_of("line", [(year, float(i), f"Line {i}") for i in range(4) for year in YEARS[:3]])
    lines = marked(painted(shown, narrow=False))
    assert len({line.get_marker() for line in lines}) == 4
    dashes = set(re.findall(r"stroke-dasharray: ([\d., ]+)", draw(shown).wide.svg))
    assert len(dashes) == 3  # and one is solid


def test_dots_differ_in_shape():
    """Dots of four kinds have four shapes, and those at one value do not hide one another."""
    figure = painted(figure_of("dot_plot", [("A", 5.0, f"Kind {i}") for i in range(4)]), narrow=True)
    dots = marked(figure)
    assert len({dot.get_marker() for dot in dots}) == 4
    assert len({dot.get_xdata()[0] for dot in dots}) == 1
    assert min(b - a for a, b in pairwise(sorted(dot.get_ydata()[0] for dot in dots))) >= 8


def test_decreases_are_hatched():
    """In a bridge decreases are hatched, increases are filled, and bars on the ground are dark."""
    bars = [patch for axes in painted(PLAIN["bridge"], narrow=False).axes for patch in axes.patches]
    assert [bool(bar.get_hatch()) for bar in bars] == [False, False, True, False]
    assert [to_hex(bars[i].get_facecolor()) for i in (0, 3)] == [MARKS[0]] * 2


def test_parts_are_named_in_their_order():
    """The names beside the last stacked bar stand in the order of its parts, however thin they are."""
    rows = [("2024/25", value, name) for name, value in zip(NAMES[:4], (0.1, 40.0, 0.1, 0.2), strict=True)]
    for figure in both(figure_of("stacked_bars", rows)):
        heights = {text.get_text(): text.get_position()[1] for text in figure.texts}
        first_words = [next(y for text, y in heights.items() if text and name.startswith(text)) for name in NAMES[:4]]
        assert first_words == sorted(first_words)


@pytest.mark.parametrize(
    ("kind", "highlight"),
    [("line", "Scotland"), ("bars", "Care"), ("stacked_bars", "Council"), ("stacked_bars", "2016/17"),
     ("bridge", "Pay"), ("dot_plot", "Now"), ("dot_plot", "B"), ("heat_map", "B"), ("heat_map", "Days")],
)  # fmt: skip
def test_the_highlighted_one_stands_out(kind, highlight):
    """What the finding is about keeps its colour or is bold, and the rest steps back."""
    plain, lit = PLAIN[kind], figure_of(kind, PLAIN[kind].frame.values.tolist(), highlight=highlight)
    for narrow in (False, True):
        figure = painted(lit, narrow)
        marks = [patch.get_facecolor() for axes in figure.axes for patch in axes.patches]
        marks += [to_rgba(mark.get_color()) for mark in marked(figure)]
        if kind == "heat_map":
            strong = {text.get_text() for text in figure.texts if text.get_fontweight() == "bold"}
            assert highlight in strong
        else:
            assert MARKS[0] in {to_hex(mark) for mark in marks}
            assert QUIET in {to_hex(mark) for mark in marks}
        assert [text.get_text() for text in painted(plain, narrow).texts if text.get_text() == highlight] != []


# What cannot be drawn truly is refused.


@pytest.mark.parametrize(
    ("kind", "rows", "words", "message"),
    [
        ("pie", [("A", 1.0, "x")], {}, r"kind: found 'pie'; expected one of \['line', 'bars', "),
        ("line", [(1, 1.0, f"s{i}") for i in range(5)], {}, r"series: found 5, \['s0', .*; expected at most four"),
        ("dot_plot", [("A", 1.0, i) for i in range(5)], {}, "series: found 5, .*expected at most four"),
        ("stacked_bars", [("A", 1.0, i) for i in range(5)], {}, "series: found 5, .*expected at most four"),
        ("line", [("A", 1.0, "x"), ("A", 2.0, "x")], {}, "frame: found A as name in row 2; expected one row for each"),
        ("bars", [("A", 1.0), ("B", math.nan)], {}, "frame: found nan as value in row 2; expected a number"),
        ("bars", [("A", math.inf)], {}, "frame: found inf as value in row 1; expected a number"),
        ("bars", [("A", "much")], {}, "frame: found much as value in row 1; expected a number"),
        ("bars", [(None, 1.0)], {}, "frame: found .* as name in row 1; expected a name"),
        ("heat_map", [("A", math.nan, "x")], {}, "frame: found nan as value in row 1; expected a number"),
        ("stacked_bars", [("A", -1.0, "x")], {}, "frame: found -1.0 as value in row 1; expected 0 or more"),
        ("bridge", [("A", 5.0, "yes")], {}, "frame: found yes as series in row 1; expected true or false"),
        ("bridge", [("A", 5.0, True), ("B", -1.0, False), ("C", 4.4, True)], {},
         "frame: found 4.4 in row 3; expected 4.0, the sum of the rows before it"),
        ("bars", [("A", 1.0)], {"highlight": "B"}, r"highlight: found 'B'; expected one of \['A'\]"),
    ],
)  # fmt: skip
def test_refusals(kind, rows, words, message):
    """A refusal names the argument, what was found and what is expected."""
    with pytest.raises(ValueError, match=message):
        draw(figure_of(kind, rows, **words))


def test_refuses_no_rows_and_unknown_columns():
    """A frame without rows, or without a column that is named, is refused."""
    shown = figure_of("line", [("A", 1.0, "x")])
    object.__setattr__(shown, "series", "sort")
    with pytest.raises(
        ValueError, match=r"series: found 'sort'; expected one of the columns \['name', 'value', 'series'\]"
    ):
        draw(shown)
    object.__setattr__(shown, "frame", shown.frame.iloc[:0])
    with pytest.raises(ValueError, match="frame: found no rows; expected one or more"):
        draw(shown)

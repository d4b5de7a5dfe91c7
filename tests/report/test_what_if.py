"""A what-if strip: every joint state, worked out as a scenario would be, on one page without a script."""

import math
import re
from dataclasses import dataclass, replace
from html import unescape
from itertools import product
from types import SimpleNamespace

import pytest
from nbformat import v4

from ijbtools import report
from ijbtools.finance.words import with_unit
from ijbtools.finance.years import Period
from ijbtools.inputs import read_assumptions
from ijbtools.inputs.assumptions import Assumption, Assumptions, Range
from ijbtools.report.examine import examine
from ijbtools.report.page import page
from ijbtools.report.parts import PART
from ijbtools.report.what_if import LARGEST
from ijbtools.topics import shunting
from ijbtools.topics.result import Bars

STATE = re.compile(
    r'<span class="((?:[abc]\d ?)+)"( hidden)?>(.*?)(?: <span><strong>(.*?)</span>)?</span>(?=<span class|\n)'
)
BAR = re.compile(r'<span>(.*?)</span> <b>(.*?)</b><svg aria-hidden="true">(.*?)</svg>')
RECT = re.compile(r'<rect x="([\d.]+)%"(?: width="([\d.]+)%")?/>')


def states(html):
    """By its classes, what a state says: its sentence, its bars, and whether it is hidden to begin with."""
    shared, rest = re.search(r"<output>(.*?)(<span class.*?)</output>", html, re.DOTALL).groups()
    return {
        classes: SimpleNamespace(
            sentence=unescape(shared + said),
            bars=[(unescape(label), unescape(value), RECT.findall(drawn)) for label, value, drawn in BAR.findall(bars)],
            hidden=bool(hidden),
        )
        for classes, hidden, said, bars in STATE.findall(rest)
    }


def labels(html):
    """The words of every choice, in order, with * at the one that is checked."""
    found = re.findall(r"<label><input [^>]*?( checked)?> (.*?)</label>", html)
    return [re.sub(r"<[^>]+>", "", said) + (" *" if checked else "") for checked, said in found]


# The sample


@pytest.fixture(scope="module")
def highland(shunted):
    """The sample's lead agency."""
    return shunted.only("highland", "2024/25")


@pytest.fixture(scope="module")
def strip(scotland, assumptions, highland):
    """The strip of two assumptions of five values each."""
    return report.what_if(shunting, scotland, assumptions, highland, "bed_day_cash_share", "care_day_cost")


def test_states_are_the_product(strip):
    """Two assumptions of five values have 25 states, each once; one is to be seen, and one value of each is checked."""
    found = states(strip.html)
    assert list(found) == [f"a{i} b{j}" for i, j in product(range(1, 6), repeat=2)]
    assert [name for name, one in found.items() if not one.hidden] == ["a3 b3"]
    assert strip.html.count(" checked>") == 2
    assert labels(strip.html) == [
        *("10% lowest", "12.5%", "15% central *", "27.5%", "40% highest"),
        *("£80.00 a day lowest", "£103.00 a day", "£126.00 a day central *", "£135.36 a day", "£144.72 a day highest"),
    ]


def test_the_central_state_is_the_page(strip, highland):
    """The state that is shown first has the page's own headline, word for word, and the result's own bars."""
    central = states(strip.html)["a3 b3"]
    assert central.sentence == highland.sentences()["headline"]
    bars = highland.bars()
    assert [one[:2] for one in central.bars] == [
        (label, with_unit(v, bars.unit, bars.places)) for label, v in bars.rows
    ]


def test_the_central_state_is_worked_out_alike(scotland, assumptions, highland):
    """Working the central state out as the others are gives the page's own headline and bars."""
    there = shunting.work_out(shunting.prepare(scotland, "highland"), assumptions).only("highland", "2024/25")
    assert there.sentence("headline") == highland.sentences()["headline"]
    assert there.bars() == highland.bars()


@pytest.mark.parametrize(
    ("state", "share", "care"),
    [("a1 b1", 0.1, 80), ("a2 b5", 0.125, 144.72), ("a5 b2", 0.4, 103), ("a4 b4", 0.275, 135.36)],
)
def test_a_state_is_a_scenario(strip, scotland, root, tmp_path, state, share, care):
    """Each state says what the page would say under a scenario file with its values."""
    file = tmp_path / "scenario.yaml"
    file.write_text(f"label: It\nassumptions: {{bed_day_cash_share: {share}, care_day_cost: {care}}}\n", "utf-8")
    result = shunting.compute(scotland, read_assumptions(root / "params", file)).only("highland", "2024/25")
    bars = result.bars()
    found = states(strip.html)[state]
    assert found.sentence == result.sentences()["headline"]
    assert [one[:2] for one in found.bars] == [(label, with_unit(v, bars.unit, bars.places)) for label, v in bars.rows]


def test_an_end_that_is_central_is_one_value(scotland, assumptions, highland):
    """Where the central value is an end of the range there are three values, and the words say both."""
    part = report.what_if(shunting, scotland, assumptions, highland, "bed_day_cost", "bed_day_cash_share")
    assert labels(part.html)[:3] == ["£262.00 a day lowest", "£440.06 a day", "£618.12 a day central and highest *"]
    assert len(states(part.html)) == 15


def test_a_strip_is_light(strip):
    """25 states of the sample add less than 24 KiB."""
    assert len(strip.html.encode()) < 24 * 1024


def test_choices_say_what_they_are(strip):
    """Each group is named by its assumption with the quality as a word, and the owner of the ranges is named."""
    legends = [re.sub("<[^>]+>", "", one) for one in re.findall("<legend>(.*?)</legend>", strip.html)]
    assert [unescape(one) for one in legends] == [
        "Part of a bed day’s cost that a budget can give up ■ Red",
        "Price of the care that people wait for: place in a residential care home ▲ Amber",
    ]
    assert "the range that the owner of the assumption gave (Chief finance officer)" in strip.html


def test_jupyterlab_shows_the_central_state(strip, highland):
    """In JupyterLab there is the central state alone, with its bars in words, and no choice that would do nothing."""
    bundle = strip._repr_mimebundle_()
    assert bundle[PART] == strip.html
    for shown in (bundle["text/html"], bundle["text/plain"]):
        assert unescape(shown).count("75,093 days") == 1
        assert highland.sentences()["headline"] in unescape(shown)
        assert "<input" not in shown
        assert "Borne by hospitals, in cash: £7.0\N{NO-BREAK SPACE}million" in shown


def test_nothing_known_is_nothing_shown(scotland, assumptions, highland):
    """Without delayed days there is nothing to choose for."""
    tables = {name: frame for name, frame in scotland.items() if name != "delays"}
    empty = shunting.compute(tables, assumptions).only("highland", "2024/25")
    assert report.what_if(shunting, tables, assumptions, empty, "bed_day_cost", "bed_day_cash_share").html == ""


# The page


def notebook(result, tables, assumptions, *parts):
    """A short notebook as it is after its run."""

    def cell(part):
        return v4.new_code_cell("…", outputs=[v4.new_output("display_data", part._repr_mimebundle_())])

    cells = [v4.new_markdown_cell("# Who bears the cost?"), cell(report.headline(result))]
    cells += [v4.new_markdown_cell("## What if?"), *map(cell, parts), cell(report.record(result, tables, assumptions))]
    return v4.new_notebook(cells=cells)


def test_a_page_with_strips_passes(scotland, assumptions, highland, strip):
    """The examiner lets a page with two strips pass, and the same inputs give the same bytes."""
    other = report.what_if(shunting, scotland, assumptions, highland, "bed_day_cost", "bed_day_cash_share")
    html = page(notebook(highland, scotland, assumptions, strip, other))
    assert examine(html) == []
    again = report.what_if(shunting, scotland, assumptions, highland, "bed_day_cash_share", "care_day_cost")
    assert page(notebook(highland, scotland, assumptions, again, other)) == html
    names = [set(re.findall(r'name="(.*?)"', one.html)) for one in (strip, other)]
    assert not names[0] & names[1]


def test_only_pages_with_a_strip_carry_its_style(scotland, assumptions, highland, strip):
    """The rules of the strip are in the style sheet of pages that have one, and no state has a rule of its own."""
    plain = page(notebook(highland, scotland, assumptions))
    html = page(notebook(highland, scotland, assumptions, strip))
    assert "what-if" not in plain
    assert html.count(".what-if:has(") == 15
    assert len(html.encode()) - len(plain.encode()) - len(strip.html.encode()) < 4 * 1024


# A topic of our own


@dataclass(frozen=True)
class Found:
    """A result with what a strip asks for."""

    used: tuple[Assumption, ...]
    headline: str = "In Ayr the cost is {sum}."
    title: str = "Who pays"
    rows: int = 2
    unit: str = "£"
    topic: str = "stub"
    partnership: str = ""
    period: Period | None = None

    def only(self, partnership, period):
        return replace(self, partnership=partnership, period=Period.parse(period))

    @property
    def values(self):
        return [one.at(Period.parse("2024/25")) for one in self.used]

    def sentence(self, name):
        return {"headline": self.headline.format(sum=f"£{sum(self.values):,.2f}", all=self.values)}[name]

    def bars(self):
        rows = [(f"Partner {i}", value) for i, value in enumerate((*self.values, *range(5)))]
        return Bars(self.title, self.unit, 2, tuple(rows[: self.rows])) if self.rows else None


def assumed(name, low, value, high, unit="£ a day", **more):
    """An assumption with its range."""
    given = {"label": name, "unit": unit, "owner": "Owner", "source": "S1", "quality": "red", "name": name} | more
    return Assumption(value=value, range=Range(low=low, high=high), **given)


def stub(*used, **shown):
    """The topic, its assumptions and its result."""
    known = Assumptions({one.name: one for one in used}, {})

    def work_out(prepared, assumptions, **choices):
        assert prepared == ("tables", "ayr")
        return Found(tuple(assumptions[one.name] for one in used), **(shown | choices))

    topic = SimpleNamespace(prepare=lambda tables, partnership="": (tables, partnership), work_out=work_out)
    return topic, "tables", known, Found(used, **shown).only("ayr", "2024/25")


def test_bars_have_one_scale():
    """A bar is as long as its value on one scale of all states, from one zero that is drawn where signs differ."""
    part = report.what_if(*stub(assumed("one", -10, 0, 30), assumed("two", 0, 5, 10)), "one", "two")
    for one in states(part.html).values():
        for _, value, drawn in one.bars:
            amount = float(value.replace("£", "").replace("−", "-"))
            assert drawn[-1] == ("25.0", "")  # zero on the scale from −10 to 30
            if amount:
                begins, size = map(float, drawn[0])
                assert size == pytest.approx(abs(amount) / 40 * 100, abs=0.051)
                assert begins == pytest.approx((min(amount, 0) + 10) / 40 * 100, abs=0.051)


def test_units_do_not_change_the_scale():
    """A state in £ thousand is drawn on the same scale as one in £ million."""

    class Mixed(Found):
        def bars(self):
            value = self.values[0]
            unit, size = ("£ million", 1e6) if value >= 1e6 else ("£ thousand", 1e3)
            return Bars("Who pays", unit, 1, (("One", value / size), ("Two", math.nan)))

    used = (assumed("one", 5e5, 1e6, 2e6), assumed("two", 0, 1, 2))
    topic, tables, known, _ = stub(*used)
    topic.work_out = lambda prepared, changed: Mixed(tuple(changed.values()))
    part = report.what_if(topic, tables, known, Mixed(used).only("ayr", "2024/25"), "one", "two")
    found = states(part.html)
    assert found["a1 b1"].bars[0] == ("One", "£500.0\N{NO-BREAK SPACE}thousand", [("0.0", "25.0")])
    assert found["a5 b1"].bars[0] == ("One", "£2.0\N{NO-BREAK SPACE}million", [("0.0", "100.0")])
    assert found["a5 b1"].bars[1] == ("Two", "not known", [])


@pytest.mark.parametrize(
    ("low", "value", "high", "unit", "said"),
    [
        (0, 0, 4, "£ a day", ["£0.00 a day central and lowest *", "£2.00 a day", "£4.00 a day highest"]),
        (1, 1, 1, "£ a day", []),
        (2, 2.005, 2.01, "£", ["£2.00 lowest", "£2.01 central and highest *"]),
        (3, 1, 5, "beds", ["1 beds central and lowest *", "2 beds", "3 beds", "5 beds highest"]),
        (0.1, 0.15, 0.4, "share", ["10% lowest", "12.5%", "15% central *", "27.5%", "40% highest"]),
    ],
)  # fmt: skip
def test_values_are_ends_halves_and_centre(low, value, high, unit, said):
    """Values are in order, said in the page's words, none twice; what is said highest is the highest there is."""
    part = report.what_if(*stub(assumed("one", low, value, high, unit), assumed("two", 0, 5, 10)), "one", "two")
    assert labels(part.html)[:-5] == said
    assert len(states(part.html)) == max(1, len(said)) * 5
    assert ("outside that range" in part.html) == (not low <= value <= high)


def test_values_are_used_as_they_are_printed():
    """A value half-way is rounded as it is printed before it is used, so that a reader can work it out again."""
    part = report.what_if(*stub(assumed("one", 0, 0.33, 1), assumed("two", 0, 5, 10)), "one", "two")
    assert labels(part.html)[1] == "£0.17 a day"  # 0.165
    assert states(part.html)["a2 b3"].sentence == "In Ayr the cost is £5.17."


def test_three_assumptions_have_125_states_in_110_kib():
    """Three assumptions of five values, five bars and a sentence of 420 characters fit into 110 KiB."""
    used = [assumed(name, 0, 500, 2000) for name in ("one", "two", "three")]
    headline = "x" * 10 + " and so it goes on" * 19 + ": {sum}, of which a budget could give up little in cash."
    part = report.what_if(*stub(*used, headline=headline, rows=5), "one", "two", "three")
    assert len(headline) >= 400
    assert len(states(part.html)) == 125
    assert len(part.html.encode()) <= LARGEST


def test_what_does_not_fit_is_thinned():
    """Where 125 states are too much, the half-way values are left out; what is left is as it was."""
    used = [assumed(name, 0, 500, 2000) for name in ("one", "two", "three")]
    headline = "{all} costs {sum}" + " and so it goes on" * 30
    part = report.what_if(*stub(*used, headline=headline, rows=5), "one", "two", "three")
    assert len(part.html.encode()) <= LARGEST
    found = states(part.html)
    assert list(found) == [f"a{i} b{j} c{k}" for i, j, k in product(range(1, 4), repeat=3)]
    assert labels(part.html)[:3] == ["£0.00 a day lowest", "£500.00 a day central *", "£2,000.00 a day highest"]
    assert found["a1 b2 c3"].sentence.startswith("[0.0, 500.0, 2000.0] costs £2,500.00 and")
    assert [name for name, one in found.items() if not one.hidden] == ["a2 b2 c2"]


def test_sentences_that_share_nothing_or_all_are_whole():
    """What all sentences begin with is written once; sentences that differ at once, or never, are whole too."""
    used = (assumed("one", 0, 4, 8), assumed("two", 0, 5, 10))
    for headline in ("{sum} in all.", "Always the same.", "One {sum}"):
        topic = stub(*used, headline=headline)
        found = states(report.what_if(*topic, "one", "two").html)
        sums = [f"£{a + b:,.2f}" for a, b in product((0, 2, 4, 6, 8), (0, 2.5, 5, 7.5, 10))]
        assert [one.sentence for one in found.values()] == [headline.format(sum=one) for one in sums]


def test_everything_is_escaped():
    """Markup in a label, an owner, a sentence, a title or a unit is shown as it was written."""
    evil = '<img src=x onerror="alert(1)">'
    used = (assumed("one", 0, 4, 8, label=evil, owner=evil), assumed("two", 0, 5, 10, unit=evil))
    part = report.what_if(*stub(*used, headline=evil + " {sum} " + evil, title=evil), "one", "two")
    for html in (part.html, part.data["text/html"]):
        assert "<img" not in html
        assert html.count("&lt;img src=x") >= 5


def test_choices_are_handed_on():
    """What the sums were told beside the assumptions they are told for every state."""
    topic, tables, known, result = stub(assumed("one", 0, 4, 8), assumed("two", 0, 5, 10))
    html = report.what_if(topic, tables, known, result, "one", "two", title="Told").html
    assert html.count("<strong>Told") == 24


def test_nothing_without_bars_or_choices():
    """A result without bars, with bars of which nothing is known, or without ranges gives nothing."""
    used = (assumed("one", 0, 4, 8), assumed("two", 0, 5, 10))
    assert report.what_if(*stub(*used, rows=0), "one", "two").html == ""
    fixed = (assumed("one", 1, 1, 1), assumed("two", 2, 2, 2))
    assert report.what_if(*stub(*fixed), "one", "two").html == ""
    unknown = Found(used).only("ayr", "2024/25")
    object.__setattr__(unknown, "bars", lambda: Bars("Who", "£", 0, (("One", math.nan),)))
    assert report.what_if(*stub(*used)[:3], unknown, "one", "two").html == ""


def test_a_value_for_each_year_is_not_chosen():
    """An assumption that a body has given by year stays as it is, and the page is made all the same."""
    by_year = assumed("years", 0, 1, 2).model_copy(update={"value": {"2023/24": 1.0, "2024/25": 2.0}})
    part = report.what_if(*stub(assumed("one", 0, 4, 8), by_year), "one", "years")
    assert len(labels(part.html)) == 5
    assert states(part.html)["a1"].sentence == "In Ayr the cost is £2.00."


def test_names_that_cannot_be_chosen_are_refused():
    """One assumption, four, the same twice, one not used, and a result of all are refused by name."""
    topic, tables, known, result = stub(assumed("one", 0, 4, 8), assumed("two", 0, 5, 10))
    for names, said in (
        ((), "found none"),
        (("one",), "two or three"),
        (("one", "one"), "different"),
        (("one", "two", "three", "four"), "two or three"),
        (("one", "three"), "found 'three'"),
    ):
        with pytest.raises(ValueError, match=said):
            report.what_if(topic, tables, known, result, *names)
    with pytest.raises(ValueError, match="found all partnerships"):
        report.what_if(topic, tables, known, replace(result, period=None), "one", "two")

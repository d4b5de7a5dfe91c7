"""A what-if strip in a browser: choosing without a script, one state at a time, and the central one where none can be.

The pages are made here and not published: a strip of two assumptions and one of three below each other.
"""

import io
import re
import unicodedata
from importlib.resources import files

import pytest
from nbformat import v4
from pypdf import PdfReader

from ijbtools import report
from ijbtools.report import page as pages
from ijbtools.topics import shunting

pytestmark = pytest.mark.browser

NEW, OLD = "new.html", "old.html"
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CENTRAL, MOST = "£7.0 million in cash", "£18.6 million in cash"  # at 15%, and at 40% of £46.4 million


@pytest.fixture(scope="module")
def highland(shunted):
    """The sample's lead agency."""
    return shunted.only("highland", "2024/25")


@pytest.fixture(scope="module")
def site(tmp_path_factory, scotland, assumptions, highland):
    """A page with two strips, as browsers show it that can choose, and as others do."""
    two = report.what_if(shunting, scotland, assumptions, highland, "bed_day_cash_share", "care_day_cost")
    names = ("bed_day_cost", "bed_day_cash_share", "self_funder_share")
    three = report.what_if(shunting, scotland, assumptions, highland, *names)

    def cell(part):
        return v4.new_code_cell("…", outputs=[v4.new_output("display_data", part._repr_mimebundle_())])

    parts = [two, three, report.record(highland, scotland, assumptions)]
    cells = [v4.new_markdown_cell("# Who bears the cost?"), v4.new_markdown_cell("## What if?"), *map(cell, parts)]
    notebook = v4.new_notebook(cells=cells)
    out = tmp_path_factory.mktemp("strips")
    (out / NEW).write_text(pages.page(notebook), "utf-8")
    with pytest.MonkeyPatch.context() as patch:  # the condition fails, so that all rules that ask :has are passed over
        text = pages._text
        patch.setattr(pages, "_text", lambda name: text(name).replace("selector(:has(*))", "selector(:had(*))"))
        (out / OLD).write_text(pages.page(notebook), "utf-8")
    return out


def strip(tab, which=0):
    """One of the strips."""
    return tab.locator(".what-if").nth(which)


def shown(tab, which=0):
    """What the strip says at the moment, without more than one space between words."""
    return " ".join(strip(tab, which).locator("output").inner_text().split())


def open_states(tab):
    """How many states can be seen in each strip."""
    return tab.evaluate(
        """() => [...document.querySelectorAll('.what-if output')].map(
            one => [...one.children].filter(state => state.checkVisibility()).length)"""
    )


def told(tab):
    """Role and name of everything that the browser tells assistive technology."""
    session = tab.context.new_cdp_session(tab)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in nodes if not one["ignored"]]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)], ids=["1280-light", "360-dark"])
@pytest.mark.parametrize("path", [NEW, OLD])
def test_axe_finds_nothing(visit, path, width, dark):
    """axe-core finds no violation, before a choice and after one."""
    tab = visit(path, width, dark=dark, unguarded=True)
    tab.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    for choose in (False, path == NEW):
        if choose:
            strip(tab).get_by_role("radio").first.check()
        found = tab.evaluate("options => axe.run(document, options)", options)["violations"]
        assert not [(rule["id"], node["target"]) for rule in found for node in rule["nodes"]]


def test_the_central_state_is_shown_first(visit, highland):
    """A page opens with the central value chosen in every group, and with the page's own headline."""
    tab = visit(NEW)
    checked = tab.locator(".what-if input:checked")
    assert ["central" in one.locator("xpath=..").inner_text() for one in checked.all()] == [True] * 5
    for which in (0, 1):
        assert shown(tab, which).startswith(" ".join(highland.sentences()["headline"].split()))
    assert open_states(tab) == [1, 1]


def test_arrow_keys_choose(visit):
    """Tab goes from group to group, arrow keys move the choice, and sentence and bars follow in their strip only."""
    tab = visit(NEW)
    strip(tab).locator("input:checked").first.focus()
    for key in ("ArrowRight", "ArrowDown"):
        tab.keyboard.press(key)
    assert tab.evaluate("document.activeElement.parentElement.innerText").split() == ["40%", "highest"]
    assert MOST in shown(tab)
    assert "Borne by hospitals, in cash £18.6 million" in shown(tab)
    assert CENTRAL in shown(tab, 1)
    tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowLeft")
    assert tab.evaluate("document.activeElement.parentElement.innerText").split()[0] == "£103.00"
    assert "Care not paid for £5.3 million" in shown(tab)
    assert MOST in shown(tab)
    assert open_states(tab) == [1, 1]


def test_every_choice_shows_its_own_state(visit):
    """Whatever is chosen, one state is shown, and it is the one of the values that are chosen."""
    tab = visit(NEW)
    for which, count in ((0, 25), (1, 45)):
        seen = tab.evaluate(
            """which => {
                const strip = document.querySelectorAll('.what-if')[which], seen = []
                const groups = [...strip.querySelectorAll('fieldset')].map(one => [...one.querySelectorAll('input')])
                const choose = (at, chosen) => {
                    if (at < groups.length) {
                        for (const one of groups[at]) { one.checked = true; choose(at + 1, [...chosen, one.className]) }
                        return
                    }
                    const shown = [...strip.querySelector('output').children].filter(one => one.checkVisibility())
                    seen.push([chosen.join(' '), shown.map(one => one.className).join('|')])
                }
                choose(0, [])
                return seen
            }""",
            which,
        )
        assert len({chosen for chosen, _ in seen}) == count
        assert not [one for one in seen if one[0] != one[1]]


def test_only_the_chosen_state_is_told(visit):
    """Assistive technology meets the shown state alone, in an output; groups have names, and bars are not pictures."""
    tab = visit(NEW)
    strip(tab).get_by_role("radio", name="40% highest").check()
    strip(tab, 1).get_by_role("radio", name="10% lowest").check()
    exposed = told(tab)
    texts = [name for role, name in exposed if role == "StaticText"]
    said = [re.search("give up (.*)", f"give up {name}")[1] for name in texts if name.strip().endswith("in cash.")]
    assert len(said) == 2
    assert texts.count("Borne by hospitals, in cash") == 2
    assert [role for role, _ in exposed].count("status") == 2
    assert [role for role, _ in exposed].count("radiogroup") + [role for role, _ in exposed].count("group") >= 5
    assert not [one for one in exposed if one[0] in ("image", "img", "graphics-document")]
    assert not [name for role, name in exposed if role in ("radio", "group", "radiogroup") and not name]


@pytest.mark.parametrize("width", [1280, 768, 360, 320])
def test_choices_are_large_enough_and_nothing_is_wide(visit, width):
    """Every choice is 24 pixels high and wide or more, shows its focus, and nothing is wider than the screen."""
    tab = visit(NEW, width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    sizes = tab.evaluate(
        """() => [...document.querySelectorAll('.what-if label')].map(one => one.getBoundingClientRect())
            .map(one => Math.min(one.width, one.height))"""
    )
    assert min(sizes) >= 24
    tab.keyboard.press("Tab")
    strip(tab).locator("input:checked").first.focus()
    tab.keyboard.press("ArrowRight")
    style = "getComputedStyle(document.activeElement)"
    assert tab.evaluate(f"{style}.outlineStyle !== 'none' && parseFloat({style}.outlineWidth) >= 2")
    wide = "[...document.querySelectorAll('.what-if *')].filter(one => one.getBoundingClientRect().right > innerWidth)"
    assert not tab.evaluate(f"{wide}.map(one => one.outerHTML.slice(0, 99))")


@pytest.mark.parametrize("width", [1280, 360])
def test_bars_can_be_compared(visit, width):
    """In every state the bars' space begins and ends at the same place, whatever stands beside it."""
    tab = visit(NEW, width)
    places = set()
    for value in strip(tab).locator("fieldset").first.get_by_role("radio").all():
        value.check()
        boxes = tab.evaluate(
            """() => [...document.querySelector('.what-if output').querySelectorAll('svg')]
                .filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect())
                .map(one => [one.left, one.right])"""
        )
        assert len(boxes) == 4
        places |= {(round(left), round(right)) for left, right in boxes}
    ((left, right),) = places
    assert right - left > 200


@pytest.mark.parametrize("width", [1280, 360])
def test_without_has_the_central_state_stands_alone(visit, width):
    """A browser that knows no :has() shows the central state, what it is worked out with, and no choices."""
    tab = visit(OLD, width)
    assert open_states(tab) == [1, 1]
    for which in (0, 1):
        assert CENTRAL in shown(tab, which)
    assert not [one for one in tab.locator(".what-if :is(input, fieldset, legend)").all() if one.is_visible()]
    assert tab.get_by_text("Worked out with the central values").first.is_visible()
    assert not tab.get_by_text("other values can be chosen").first.is_visible()
    assert "radio" not in {role for role, _ in told(tab)}


@pytest.mark.parametrize("path", [NEW, OLD])
def test_paper_shows_the_central_state(visit, path):
    """On paper the central state stands, whatever was chosen, without choices, and says where there are others."""
    tab = visit(path)
    if path == NEW:
        strip(tab).get_by_role("radio", name="40% highest").check()
        assert MOST in shown(tab)
    document = PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True, tagged=True, outline=True)))
    text = "".join(re.sub(r"\s", "", unicodedata.normalize("NFKC", one.extract_text())) for one in document.pages)

    def count(words):
        return text.count(re.sub(r"\s", "", words))

    assert count(CENTRAL) == 2
    assert count(MOST) == 0
    assert count("On the page on screen, other values can be chosen.") == 2
    assert count("Choose other values") == count("27.5%") == 0
    assert count("The cost of delay, Highland, 2024/25") == 2

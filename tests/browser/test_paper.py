"""The published pages on paper: A4, tagged, numbered, whole, and without what only a screen needs."""

import io
import re
import unicodedata
from itertools import pairwise

import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.browser

HIGHLAND, ORKNEY, INDEX = "highland/2024-25/shunting.html", "orkney-islands/2024-25/shunting.html", "index.html"
STRATHORRAN = "strathorran/2026-27-q2/baseline.html"
A4 = (595.28, 841.89)
BETWEEN_MARGINS = 672  # pixels of A4 between margins of 16 mm

IDS = ["highland", "orkney", "strathorran"]
every_page = pytest.mark.parametrize("path", [HIGHLAND, ORKNEY, STRATHORRAN, INDEX], ids=[*IDS, "index"])
briefings = pytest.mark.parametrize(
    ("path", "name"), [(HIGHLAND, "Highland"), (ORKNEY, "Orkney Islands"), (STRATHORRAN, "Strathorran IJB")], ids=IDS
)


@pytest.fixture(scope="module")
def printed(visit):
    """Prints a page, once, and reads what came out."""
    made = {}

    def printed(path):
        if path not in made:
            made[path] = PdfReader(io.BytesIO(visit(path).pdf(prefer_css_page_size=True, tagged=True, outline=True)))
        return made[path]

    return printed


def plain(text):
    """A text without spaces and ligatures, which print sets as it likes."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def sheets(document):
    """The plain text of every sheet."""
    return [plain(sheet.extract_text()) for sheet in document.pages]


@every_page
def test_paper_is_tagged(printed, path):
    """The printed page is tagged for assistive technology, in British English, with a title."""
    document = printed(path)
    catalogue = document.root_object
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert catalogue["/Lang"] == "en-GB"
    assert document.metadata.title


@every_page
def test_paper_is_a4(printed, path):
    """A page asks for A4 upright by itself."""
    for sheet in printed(path).pages:
        assert float(sheet.mediabox.width) == pytest.approx(A4[0], abs=1)
        assert float(sheet.mediabox.height) == pytest.approx(A4[1], abs=1)


@briefings
def test_paper_is_short(printed, path, name):
    """A briefing takes between 2 and 12 sheets."""
    assert 2 <= len(printed(path).pages) <= 12


@briefings
def test_the_first_sheet_says_who_and_when(printed, path, name):
    """The first sheet says whose briefing it is, for which period and with which status."""
    first = sheets(printed(path))[0]
    for said in (name, "2024/25" if "2024-25" in path else "2026/27", "Draft"):
        assert plain(said) in first


@every_page
def test_every_sheet_is_numbered(printed, path):
    """Every sheet carries its number and how many there are."""
    texts = sheets(printed(path))
    assert not [i for i, text in enumerate(texts, start=1) if f"{i}/{len(texts)}" not in text]


@briefings
def test_every_sheet_says_its_status(printed, path, name):
    """Every sheet carries the status of the briefing, so that a loose sheet of a draft is known as one."""
    assert not [i for i, text in enumerate(sheets(printed(path)), start=1) if "Draft" not in text]


@every_page
def test_every_word_is_printed(visit, printed, path):
    """Every text that paper shows is there whole, on one sheet or on two that follow each other."""
    tab = visit(path)
    tab.emulate_media(media="print")
    texts = [text for one in tab.evaluate(TEXTS) if (text := plain(one))]
    on_sheets = sheets(printed(path))
    assert len(texts) >= 10
    assert not [text for text in texts if not on_paper(text, on_sheets)]


TEXTS = """() => {
    const texts = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (words.nextNode())
        if (words.currentNode.parentElement.checkVisibility()) texts.push(words.currentNode.data)
    return texts
}"""


def on_paper(text, texts):
    """Whether a text is on one sheet, or begins on one and ends on the next."""
    return any(text[begun(text, one) :] in after for one, after in pairwise([*texts, ""]))


def begun(text, sheet):
    """How much of a text, from its beginning, is on a sheet."""
    return next(i for i in range(len(text), -1, -1) if text[:i] in sheet)


@every_page
def test_nothing_runs_off_the_sheet(visit, path):
    """Between the margins of an A4 sheet nothing is wider than the box that it is in."""
    tab = visit(path, BETWEEN_MARGINS)
    tab.emulate_media(media="print")
    assert not tab.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(one => one.checkVisibility()
            && getComputedStyle(one).display !== 'inline' && one.clientWidth && one.scrollWidth > one.clientWidth + 1)
            .map(one => `${one.scrollWidth} in ${one.clientWidth}: ${one.innerText.slice(0, 80)}`)"""
    )


@briefings
def test_paper_leaves_out_what_only_a_screen_needs(visit, printed, path, name):
    """Neither the skip link nor the contents are printed, and nothing that is folded away leaves its handle."""
    tab = visit(path)
    contents = tab.locator("nav").locator("h2").inner_text()
    skip = tab.locator("a").first.inner_text()
    text = "".join(sheets(printed(path)))
    assert not [one for one in (contents, skip) if plain(one) in text]
    tab.emulate_media(media="print")
    assert not [one for one in tab.locator("summary").all() if one.is_visible()]


@every_page
def test_figures_and_rows_stay_whole(visit, path):
    """On paper no picture and no row of a table is split, and no heading stands at the foot of a sheet."""
    tab = visit(path)
    tab.emulate_media(media="print")
    assert not tab.evaluate(
        """() => {
            const kept = (one, part) => getComputedStyle(one)[part].startsWith('avoid')
            const whole = one => one && (kept(one, 'breakInside') || whole(one.parentElement))
            const split = [...document.querySelectorAll('img, tr')].filter(one => !whole(one))
            const left = [...document.querySelectorAll('main h2, main h3')].filter(one => !kept(one, 'breakAfter'))
            return [...split, ...left].map(one => one.outerHTML.slice(0, 120))
        }"""
    )

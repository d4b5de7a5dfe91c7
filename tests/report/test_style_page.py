"""A workspace's own house style on the page and on the index: header, accent, footer, and nothing else."""

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbformat import v4

from ijbtools import report
from ijbtools.inputs import style as inputs_style
from ijbtools.inputs.style import Style
from ijbtools.report.examine import examine
from ijbtools.report.page import index_page, page, run_record

STYLE = Style(
    organisation="Strathorran Integration Joint Board",
    accent="#7a0019",
    contact="finance@strathorran.example",
    accessibility="Everybody can read these pages,\nat every size.\n\n \nWrite to us for another form.",
)
NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></p></footer></main><h1>Mine</h1>",
    "}*{background:url(https://example.org)}",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; O’Brien & Sons \\ `x` %3Cscript%3E",
    "<!-- --> <![CDATA[ ]]> &#x3C;b&#x3E;",
]
CSS = (files("ijbtools.report") / "templates" / "page.css").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def executed(shunted, scotland, assumptions):
    """A short notebook as it is after its run."""
    one = shunted.only("highland", "2024/25")

    def cell(part):
        data = {name: value for name, value in part._repr_mimebundle_().items() if name != "text/html"}
        return v4.new_code_cell("…", outputs=[v4.new_output("display_data", data)])

    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Who bears the cost?"),
            cell(report.headline(one)),
            v4.new_markdown_cell("## The method"),
            cell(report.record(one, scotland, assumptions)),
        ]
    )


@pytest.fixture(scope="module")
def entries(executed):
    """The entries of an index with that page."""
    more = {"address": "highland/2024-25/shunting.html", "status_word": "Draft", "made": "1 July 2025", "stale": False}
    return [run_record(executed) | more]


@pytest.fixture(scope="module", params=["page", "index"])
def made(request, executed, entries):
    """Makes a page or an index in a style."""
    if request.param == "index":
        return lambda *style: index_page(entries, *style)
    return lambda *style: page(executed, "beside", ["a.csv"], *style)


class Read(HTMLParser):
    """Elements with their attributes, and the text in each kind of element."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", " ".join(data.split())))

    def links(self):
        """Every address that a link leads to."""
        return [given["href"] for tag, given in self.elements if tag == "a"]


def sheet(html):
    """The style sheet of a page, which its policy must let pass."""
    css = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in unescape(html)
    return css


def test_the_plain_style_changes_nothing(made):
    """Without a style, with the plain one, and with the plain accent said aloud, a page is the same bytes."""
    assert made() == made(Style()) == made(Style(accent=inputs_style.ACCENT))
    assert sheet(made()).startswith(CSS)
    for word in ("Contact", "Accessibility", "statement"):
        assert word not in made().replace(CSS, "")


def test_a_style_changes_only_what_it_says(executed):
    """A styled page with its header, its accent, its contact and its statement taken out is the plain page."""
    html, plain = page(executed, style=STYLE), page(executed)
    html = html.replace("<p>Strathorran Integration Joint Board · ", "<p>")
    html = re.sub(r'\n<p>Contact: <a href="mailto:.*?</details>(?=</footer>)', "", html, flags=re.DOTALL)
    html = html.replace(sheet(page(executed, style=STYLE)), sheet(plain))
    assert re.sub("sha256-[^']+", "", html) == re.sub("sha256-[^']+", "", plain)


def test_the_sheet_and_the_colours_agree():
    """The colours that contrast is worked out with are those of the style sheet."""
    light, dark = re.search(r":root\{(.*?)\}", CSS)[1], re.search(r"dark\)\{:root\{(.*?)\}", CSS)[1]
    assert f"--accent:{inputs_style.ACCENT};" in light
    assert "--paper:#fff;" in light
    assert inputs_style.PAPER == "#ffffff"
    assert f"--accent:{inputs_style.DARK_ACCENT};" in dark
    assert f"--paper:{inputs_style.DARK_PAPER};" in dark


def test_the_accent_wins_everywhere(made):
    """The accent stands after the sheet’s own: for light pages and paper, and its tint for dark screens."""
    own = sheet(made(STYLE)).removeprefix(CSS)
    dark = "@media screen and (prefers-color-scheme:dark){:root{--accent:" + STYLE.dark + "}}\n"
    assert own.startswith(":root{--accent:#7a0019}\n" + dark)
    assert sheet(made(Style(organisation="A"))) == sheet(made())


def test_the_header_names_the_organisation(executed, entries):
    """The organisation stands before what the pages are, and in the title of the index; not in the foot on paper."""
    html, index = page(executed, style=STYLE), index_page(entries, STYLE)
    assert "<p>Strathorran Integration Joint Board · Integration finance briefing</p>" in html
    assert "<strong>Strathorran Integration Joint Board</strong> <span>Integration finance briefings</span>" in index
    assert "<title>Strathorran Integration Joint Board · Integration finance briefings</title>" in index
    assert "Strathorran" not in sheet(html)


def test_the_statement_is_folded_on_a_page_and_open_on_the_index(executed, entries):
    """The statement’s paragraphs are folded under their name on a page, and stand under a heading on the index."""
    html, index = page(executed, style=STYLE), index_page(entries, STYLE)
    paragraphs = ("<p>Everybody can read these pages, at every size.</p>\n<p>Write to us for another form.</p>\n",)[0]
    assert f'<details class="statement"><summary>Accessibility statement</summary>\n{paragraphs}</details>' in html
    assert f'id="accessibility">Accessibility statement</h2>\n{paragraphs}</div>' in index


def test_a_styled_page_passes_the_examiner(made):
    """A page in a style passes the examiner, as does one that says only one thing."""
    assert examine(made(STYLE)) == []
    for name in Style.model_fields:
        assert examine(made(Style(**{name: getattr(STYLE, name)}))) == []


def test_an_empty_index_has_its_style():
    """An index without pages has header and footer too."""
    html = index_page([], STYLE)
    assert examine(html) == []
    assert "Nothing is published yet." in html
    assert "mailto:finance@strathorran.example" in html


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("finance@strathorran.example", "mailto:finance@strathorran.example"),
        ("o'neil+ijb@nhs.example", "mailto:o'neil+ijb@nhs.example"),
        ("https://strathorran.example/finance?a=1&b=2", "https://strathorran.example/finance?a=1&b=2"),
        ("https://strathorran.example", "https://strathorran.example"),
        ("Finance team, 01234 567890", None),
        ("Finance team, finance@strathorran.example", None),
        ("http://strathorran.example", None),
        ("javascript:alert(1)//@a.example", None),
        ("JavaScript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://bank.example@evil.example/", None),
        ("https://a.example/ javascript:alert(1)", None),
        ('https://a.example/"onclick="x', None),
        ("a@b.example?cc=all@c.example", None),
        ("a@b.example\nbcc:c@d.example", None),
        ("https://", None),
    ],
)
def test_a_contact_leads_where_it_says(made, contact, address):
    """An e-mail address is written to, an https address is opened, and anything else is text."""
    html = made(Style(contact=contact))
    read = Read(html)
    added = [link for link in read.links() if link not in Read(made()).links()]
    assert added == ([address] if address else [])
    shown = " ".join(contact.split())
    assert (("a", shown) if address else ("p", f"Contact: {shown}")) in read.texts
    assert examine(html) == []


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_text(made, text):
    """Markup, quotes and style in a house style are shown as they are written, and add no element."""
    check_shown(made, text)


marks = st.lists(st.sampled_from([*"<>\"'&;:/\\{}()=-!", "a", "\n", "style", "script"])).map("".join)
printable = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=80)


@settings(max_examples=25, deadline=None)
@given(st.one_of(printable, marks))
@example("<")
@example("&nbsp;")
def test_any_text_is_text(made, text):
    """Whatever a house style says, the page has the elements of one that says plain words."""
    try:
        Style(organisation=text, contact=text, accessibility=text)
    except ValueError:
        return
    check_shown(made, text)


def check_shown(made, text):
    """The text is in its three places as it is written, among the elements that plain words have there."""
    html = made(Style(organisation=text, contact=f"! {text}", accessibility=f"! {text}"))
    read, plain = Read(html), Read(made(Style(organisation="A", contact="!", accessibility="!")))
    own = [(tag, given) for tag, given in read.elements if given.get("http-equiv") is None]
    if text.strip():
        assert own == [(tag, given) for tag, given in plain.elements if given.get("http-equiv") is None]
        assert ("p", " ".join(f"Contact: ! {text}".split())) in read.texts
    assert examine(html) == []
    sheet(html)

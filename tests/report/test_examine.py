"""The examiner lets a good page pass and names each fault of a bad one."""

import pytest

from ijbtools.errors import PageRefused
from ijbtools.report.examine import examine, require

GOOD = """<!DOCTYPE html>
<html lang="en-GB"><head><title>A question: Fife</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:">
<style>p{color:red}</style></head>
<body><a href="#m">Skip</a><main id="m"><h1>A question?</h1><h2>A part</h2>
<img src="data:image/svg+xml;base64,AAAA" alt="What it shows">
<table><caption>What it shows</caption><thead><tr><th scope="col">Who</th><th scope="col">£</th></tr></thead>
<tbody><tr><th scope="row">Fife</th><td>1</td></tr></tbody></table>
<p class="note">A note.</p><a href="https://example.org">A source</a></main></body></html>
"""


def test_a_good_page_passes():
    """A page with a title, a language, a closed policy and whole tables passes."""
    assert examine(GOOD) == []
    require(GOOD, "good")


def test_published_pages_pass(site):
    """The pages of the sample, the index and the summary of the run pass."""
    pages = list(site.rglob("*.html"))
    assert len(pages) == 8
    assert {
        page.name: [str(p) for p in examine(page.read_text("utf-8"))]
        for page in pages
        if examine(page.read_text("utf-8"))
    } == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<h2>A part</h2>", "<h2>A part</h2><script>1</script>", "the element script"),
        ("<h2>A part</h2>", "<h2>A part</h2><iframe></iframe>", "the element iframe"),
        ("<h2>A part</h2>", '<h2>A part</h2><link rel="icon" href="x.png">', "the element link"),
        ('src="data:image/svg+xml;base64,AAAA"', 'src="https://example.org/a.png"', "https://example.org/a.png"),
        ("<img ", '<img srcset="data:image/png;base64,A 1x, b.png 2x" ', "b.png"),
        ("<img ", '<img onload="x()" ', "onload on img"),
        ("p{color:red}", "@import 'x.css'", "a style that fetches"),
        ("p{color:red}", "p{background:url(x.png)}", "a style that fetches"),
        ("<h1>", '<h1 style="color:red">', "style='color:red' on h1"),
        ('href="https://example.org"', 'href="javascript:x()"', "javascript:x()"),
        (' alt="What it shows"', "", "a picture without a description"),
        (' alt="What it shows"', ' alt=" "', "a picture without a description"),
        ("<caption>What it shows</caption>", "", "a table without a caption"),
        ("<caption>What it shows</caption>", "<caption> </caption>", "a table without a caption"),
        ('<th scope="col">£</th>', "<th>£</th>", "without a scope"),
        ('<th scope="col">£</th>', '<th scope="col"> </th>', "that is blank"),
        ("<title>A question: Fife</title>", "", "no title"),
        ("<title>A question: Fife</title>", "<title> </title>", "no title"),
        (' lang="en-GB"', "", "the language ''"),
        ("default-src 'none'; ", "", "no closed content policy"),
        ("<h2>A part</h2>", "<h3>A part</h3>", "a heading h3 after h1"),
        ("<h2>A part</h2>", "<h1>Another</h1>", "2 of h1"),
        ("<td>1</td>", "<td>nan</td>", "the figure 'nan'"),
        ("<td>1</td>", "<td> None </td>", "the figure 'None'"),
        ("<td>1</td>", "<td>-inf</td>", "the figure '-inf'"),
        ("A note.", "Lorem ipsum dolor.", "the placeholder 'Lorem ipsum'"),
        ("A note.", "Cost TBC.", "the placeholder 'TBC'"),
        ("A note.", "{{ name }}", "the placeholder '{{'"),
        ("<td>1</td>", "<td>[c]</td>", "the symbol [c]"),
        ("<td>1</td>", "<td>1†</td>", "the symbol †"),
        ('href="#m"', 'href="#n"', "a link to #n"),
        ('<p class="note">', '<p class="note" id="m">', "the id 'm' more than once"),
        ("</tr></tbody>", "</tbody>", "tags that close in order"),
        ("</main></body></html>", "", "never ends"),
    ],
)
def test_each_fault_is_named(old, new, said):
    """A page with one fault is refused, and the fault is said with what is expected."""
    assert old in GOOD
    problems = [str(problem) for problem in examine(GOOD.replace(old, new, 1))]
    assert any(said in problem and "expected" in problem for problem in problems), problems


def test_an_explained_symbol_passes():
    """A symbol that a note explains passes."""
    page = GOOD.replace("<td>1</td>", "<td>[c]</td>").replace("A note.", "[c] means held back to protect people.")
    assert examine(page) == []


def test_words_that_look_like_missing_figures_pass_in_text():
    """A place may be called None, and a sentence may say nan."""
    assert examine(GOOD.replace(">Fife</th>", ">None</th>").replace("A note.", "Ask your nan.")) == []


def test_a_refusal_says_every_reason_and_where():
    """All faults are said at once, each with its line and the heading it stands under."""
    bad = GOOD.replace("<td>1</td>", "<td>nan</td>").replace(' alt="What it shows"', "")
    with pytest.raises(PageRefused, match="2 problems") as refused:
        require(bad, "fife.html")
    assert "line 8, under the heading 'A part'" in str(refused.value)
    assert refused.value.exit_code == 4

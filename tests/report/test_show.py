"""What a page shows of each name: sentence, then figure or table; what is folded away, and what was not supplied."""

import base64
import re
from dataclasses import fields
from html import unescape
from html.parser import HTMLParser

import pytest

from ijbtools import report
from ijbtools.inputs import read
from ijbtools.inputs.columns import template
from ijbtools.inputs.tables import TABLES
from ijbtools.report.files import write_files
from ijbtools.topics import baseline

EVIL = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def invented(root):
    """The tables of the invented sample."""
    return read(root / "data" / "sample" / "invented")


@pytest.fixture(scope="module")
def strathorran(invented, assumptions):
    """The baseline of an invented partnership that has sent every table."""
    return baseline.compute(invented, assumptions).only("strathorran", "2026/27 Q2")


@pytest.fixture(scope="module")
def highland(scotland, assumptions):
    """The baseline of a real partnership of which only public figures are there."""
    return baseline.compute(scotland, assumptions).only("highland", "2024/25")


@pytest.fixture(scope="module")
def everything(strathorran, highland):
    """Of both partnerships, all that can be shown at once."""
    return {one.partnership: report.show(one, *every(one)).html for one in (strathorran, highland)}


def every(result):
    """Every name that can be shown, each once."""
    return list(dict.fromkeys([*result.sentences(), *result.TABLES, *result.FIGURES]))


class Tree(HTMLParser):
    """What stands in a part, in order: start tags with their attributes, what is open around each, and texts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.wrong, self.texts = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes), tuple(self.open)))
        if tag not in ("img", "source", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if data.strip():
            self.texts.append((tuple(self.open), data.strip()))


def plain(html):
    return unescape(re.sub(r"<[^>]+>", "", html))


def paragraph(text):
    return str(report.parts.part("paragraph", text=text).html)


# In order


def test_a_sentence_stands_before_its_figure_or_table(strathorran):
    """Each name's sentence comes first, then its figure or its table, in the order of the names."""
    html = report.show(strathorran, "contributions", "enough", "gap", "tests", "categories").html
    said = strathorran.sentences()
    places = [
        html.index(paragraph(said["contributions"])),
        html.index(report.figure(strathorran, "contributions").html),
        html.index(paragraph(said["enough"])),
        html.index(report.figure(strathorran, "gap").html),
        html.index(report.table(strathorran, "tests").html),
        html.index(report.table(strathorran, "categories").html),
    ]
    assert places == sorted(places)
    assert "<details class" not in html
    assert "Not supplied" not in html


def test_order_is_that_of_the_names(strathorran):
    """The same names in another order are shown in that order."""
    assert report.show(strathorran, "tests", "gap").html.index("<table>") < report.show(
        strathorran, "tests", "gap"
    ).html.index("<figure>")
    html = report.show(strathorran, "gap", "tests").html
    assert html == f"{report.figure(strathorran, 'gap').html}\n{report.table(strathorran, 'tests').html}"


def test_a_name_with_figure_and_table_is_drawn(strathorran):
    """Where a name has both a figure and a table the figure is shown, with its table behind it."""
    assert "set_aside" in strathorran.TABLES
    html = report.show(strathorran, "set_aside").html
    assert html == report.figure(strathorran, "set_aside").html
    assert html.count("<figure>") == html.count("<table>") == 1


def test_a_sentence_alone_is_a_paragraph(strathorran):
    """A name that is only a sentence is shown as one paragraph."""
    said = strathorran.sentences()["headline"]
    assert report.show(strathorran, "headline").html == paragraph(said)


def test_no_name_shows_nothing(strathorran):
    """Without names there is nothing, and no empty element."""
    assert report.show(strathorran).html == ""


# Folded away


def test_secondary_tables_are_folded_behind_one_summary(strathorran):
    """Lists and breakdowns stand behind one summary at the end, which says what they show; their sentences do not."""
    names = ["savings", "gap", "agreed", "real_terms"]
    folded = [name for name in names if strathorran.secondary(name)]
    html = report.show(strathorran, *names).html
    before, _, after = html.partition('<details class="more">')
    assert before.startswith(paragraph(strathorran.sentences()["savings"]))
    assert report.figure(strathorran, "gap").html in before
    assert folded == ["savings", "agreed", "real_terms"]
    inside, _, paper = after.partition("</details>")
    summary = plain(re.match(r"\s*<summary>(More figures: .*?)</summary>", inside, re.DOTALL)[1])
    note = plain(re.fullmatch(r'\s*<p class="note on-paper">(On the page on screen: .*?\.)</p>', paper)[1])
    for name in folded:
        assert [text.count(strathorran.would_show(name)) for text in (summary, note)] == [1, 1]
    tables = [report.table(strathorran, name).html for name in folded]
    assert [inside.count(one) for one in tables] == [1, 1, 1]
    assert [inside.index(one) for one in tables] == sorted(inside.index(one) for one in tables)


def test_what_is_not_secondary_is_never_folded(strathorran):
    """Without a secondary table there is no summary of more figures."""
    first = [name for name in every(strathorran) if not strathorran.secondary(name)]
    assert "More figures" not in report.show(strathorran, *first).html


def test_every_secondary_name_has_a_table(strathorran, highland):
    """Whatever is folded away is a table, for both a partnership with a budget and one without."""
    for result in (strathorran, highland):
        assert [name for name in every(result) if result.secondary(name) and name not in result.TABLES] == []


def test_people_are_folded_only_beside_a_budget(strathorran, highland):
    """How many people there will be is a first figure where no budget is, and is folded away beside one."""
    assert "<details class" not in report.show(highland, "people").html
    assert "<figure>" in report.show(highland, "people").html
    assert "<figure>" not in report.show(strathorran, "people").html
    assert "More figures: how many people of each age there will be" in report.show(strathorran, "people").html


@pytest.mark.parametrize("whose", ["strathorran", "highland"])
def test_all_that_can_be_shown_is_well_formed(everything, whose):
    """With every name at once all tags close, each `details` begins with its one summary, and each id is there once."""
    html = everything[whose]
    tree = Tree(html)
    assert (tree.open, tree.wrong) == ([], [])
    for at, (tag, _, around) in enumerate(tree.tags):
        if tag == "details":
            assert tree.tags[at + 1][0] == "summary"
            assert tree.tags[at + 1][2] == (*around, "details")
        assert tag != "summary" or around[-1] == "details"
    tags = [tag for tag, _, _ in tree.tags]
    assert tags.count("details") == tags.count("summary")
    summaries = [text for around, text in tree.texts if around and around[-1] == "summary"]
    assert len(summaries) == tags.count("summary")  # none is empty
    ids = [attributes["id"] for _, attributes, _ in tree.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [attributes["aria-labelledby"] for _, attributes, _ in tree.tags if "aria-labelledby" in attributes]
    assert sorted(named) == sorted(ids)
    assert not re.search(r"\bnan\b", plain(html))


def test_no_paragraph_holds_a_block(everything):
    """No table, figure or fold stands inside a paragraph or a summary, where a browser would close it early."""
    tags = Tree(everything["strathorran"]).tags
    blocks = ("table", "figure", "details", "div", "ul", "p", "dl")
    assert not [tag for tag, _, around in tags if tag in blocks and {"p", "summary"} & set(around)]


# Not supplied


def needs_of(html):
    """What would be shown, and the tables with their columns, as the last paragraph and list say."""
    paragraph, rows = re.search(
        r'<p class="needs">(.*?)</p>\n<ul class="needs">\n(.*?)</ul>$', html, re.DOTALL
    ).groups()
    assert paragraph.startswith("<strong>Not supplied.</strong> ")
    assert '<a href="#files">with the files</a>' in paragraph
    would = re.search(r"would show:? (.*?)\. It needs these tables", plain(paragraph), re.DOTALL)[1]
    found = re.findall(r"<li><strong>(.*?)</strong>: (.*?)</li>", rows)
    return would, {name: columns.split(", ") for name, columns in found}


def required(name):
    return [column.name for column in TABLES[name].columns if column.required]


def test_tables_that_were_not_supplied_are_listed_once(highland):
    """What could not be shown is said once, with each missing table once, its columns, and where blank ones are."""
    names = ["enough", "gap", "bridge", "services", "plan"]
    html = report.show(highland, *names).html
    would, tables = needs_of(html)
    phrases = list(dict.fromkeys(highland.would_show(name) for name in names))
    assert len(phrases) == 4  # the sentence and the figure of the gap show the same
    assert [would.count(phrase) for phrase in phrases] == [1, 1, 1, 1]
    assert [would.index(phrase) for phrase in phrases] == sorted(would.index(phrase) for phrase in phrases)
    assert html.count("<li>") == len(tables) == 4
    assert tables == {name: required(name) for name in ("budgets", "funding", "changes", "services")}
    assert html.count("Not supplied.") == 1
    assert "<figure>" not in html


def test_what_is_there_is_shown_before_what_is_not(highland):
    """Public figures are shown, and what was not supplied is said after them, wherever its name stands."""
    html = report.show(highland, "gap", "published", "savings", "people").html
    shown, _, needed = html.partition('<p class="needs">')
    assert report.figure(highland, "published").html in shown
    assert report.figure(highland, "people").html in shown
    assert "<figure>" not in needed
    assert list(needs_of(html)[1]) == ["budgets", "funding", "savings"]


def test_a_table_that_was_sent_is_not_asked_for(highland):
    """Of the tables that a name rests on only those that are missing are listed."""
    assert "population" in highland.tables
    assert list(needs_of(report.show(highland, "outlook").html)[1]) == ["budgets", "services"]


def test_nothing_is_asked_for_where_all_was_sent(everything):
    """A partnership that sent every table is asked for none."""
    assert "Not supplied" not in everything["strathorran"]


# What says nothing, and what there is not


def test_names_that_say_nothing_here_are_passed_over(strathorran):
    """A name that has nothing to say of this partnership leaves no trace, and asks for nothing."""
    silent = [name for name in every(strathorran) if not strathorran.shows(name)]
    assert set(silent) >= {"quantum", "hosts", "published", "demography"}
    assert report.show(strathorran, *silent).html == ""
    assert report.show(strathorran, "quantum", "gap", "hosts").html == report.figure(strathorran, "gap").html


@pytest.mark.parametrize("whose", ["strathorran", "highland"])
def test_unknown_names_are_refused(whose, request):
    """A name that there is not is refused with those there are, though all others could be shown."""
    with pytest.raises(ValueError, match=r"^show: found 'gaps'; expected one of \[.*'gap', .*'headline', .*'tests'"):
        report.show(request.getfixturevalue(whose), "published", "gaps")


# Blank tables


def lacking(result):
    return list(dict.fromkeys(one for name in [*result.TABLES, *result.FIGURES] for one in result.lacks(name)))


def test_blank_tables_are_written_for_what_is_missing(highland, tmp_path):
    """For every table that is asked for there is a blank one, equal to its declared headings, and no other."""
    files = write_files(highland, tmp_path, {})
    blank = {file.stem: file for file in files if file.parent == tmp_path / "blank"}
    assert sorted(blank) == sorted(
        ["budgets", "funding", "services", "savings", "changes", "bed_days", "specialty_costs", "returns"]
    )
    assert sorted(blank.values()) == sorted((tmp_path / "blank").iterdir())
    for name, file in blank.items():
        assert file.read_bytes() == b"\xef\xbb\xbf" + template(TABLES[name]).encode()


def test_every_table_that_a_page_asks_for_is_among_the_blank_ones(highland, everything, tmp_path):
    """Each table in the list of what was not supplied has its blank file, with the columns that the list names."""
    write_files(highland, tmp_path, {})
    tables = needs_of(everything["highland"])[1]
    assert sorted(tables) == sorted(file.stem for file in (tmp_path / "blank").iterdir())
    for name, columns in tables.items():
        headings = (tmp_path / "blank" / f"{name}.csv").read_text("utf-8-sig").strip().split(",")
        assert [heading for heading in headings if heading in required(name)] == columns


def test_blank_tables_are_read_without_a_problem(highland, tmp_path):
    """Blank tables as they are handed out are read without a problem: headings, and no row."""
    write_files(highland, tmp_path, {})
    tables = read(tmp_path / "blank")
    assert tables.warnings == ()
    assert {name: len(frame) for name, frame in tables.items()} == dict.fromkeys(lacking(highland), 0)


def test_no_blank_table_where_nothing_is_missing(strathorran, tmp_path):
    """A partnership that sent every table is handed no blank one, and no empty folder."""
    files = write_files(strathorran, tmp_path, {})
    assert lacking(strathorran) == []
    assert not (tmp_path / "blank").exists()
    assert not [file for file in files if "blank" in file.parts]


def test_tables_that_only_others_sent_are_blank(invented, assumptions, tmp_path):
    """A partnership that sent no savings gets that table blank, though others sent theirs."""
    savings = invented["savings"]
    tables = {**invented, "savings": savings[savings["partnership"] != "strathorran"]}
    result = baseline.compute(tables, assumptions).only("strathorran", "2026/27 Q2")
    write_files(result, tmp_path, {})
    assert [file.name for file in (tmp_path / "blank").iterdir()] == ["savings.csv"]
    assert list(needs_of(report.show(result, "gap", "savings").html)[1]) == ["savings"]


# Text from data


def hostile(tables):
    """The tables with a name that holds HTML wherever a text of a partner's own is printed."""
    texts = {
        "partnerships": ["name"],
        "partners": ["name"],
        "services": ["name"],
        "savings": ["saving", "owner"],
        "funding": ["condition"],
        "returns": ["signed_by", "prepared_by"],
        "reserves": ["fund"],
        "budgets": ["locality"],
        "bed_days": ["specialty"],
        "specialty_costs": ["specialty"],
    }
    changed = dict(tables)
    for name in texts.keys() & tables.keys():
        for column in texts[name]:
            typed = changed[name][column]
            changed[name] = changed[name].assign(**{column: typed.where(typed == "", EVIL + typed)})
    return changed


def test_text_from_data_is_escaped(invented, assumptions):
    """Names of partnerships, partners, services and whatever else was typed are shown as typed, and are no HTML."""
    result = baseline.compute(hostile(invented), assumptions).only("strathorran", "2026/27 Q2")
    html = report.show(result, *every(result)).html
    assert "<img src=x" not in html
    for name in ("headline", "tests", "services", "savings", "agreed", "localities", "returned"):
        assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;" in report.show(result, name).html, name
    assert not [attributes for tag, attributes, _ in Tree(html).tags if "onerror" in attributes]
    for drawing in re.findall(r"data:image/svg\+xml;base64,([^\"\s]+)", html):
        assert b"<img" not in base64.b64decode(drawing)


def test_text_from_data_is_escaped_where_tables_are_missing(scotland, assumptions):
    """Names are escaped too where most of a page is what was not supplied."""
    result = baseline.compute(hostile(scotland), assumptions).only("highland", "2024/25")
    html = report.show(result, *every(result)).html
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_words_of_a_topic_are_escaped(strathorran):
    """What a table would show is text, in the summary and in the note on paper, also with signs of HTML in it."""

    class Other(type(strathorran)):
        def would_show(self, name):
            return f"{EVIL} & {super().would_show(name)}"

    result = Other(**{field.name: getattr(strathorran, field.name) for field in fields(strathorran)})
    html = report.show(result, "agreed").html
    assert "<img src=x" not in html
    assert html.count("&lt;img src=x onerror=&#34;alert(1)&#34;&gt; &amp; when each partner agreed") == 2

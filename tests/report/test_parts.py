"""Parts of a page: structure that holds, text that is escaped."""

import dataclasses
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import PurePath

import pandas as pd
import pytest

from ijbtools import report
from ijbtools.errors import InputRefused
from ijbtools.report.parts import PART
from ijbtools.report.recording import RECORD
from ijbtools.topics.result import Check


@pytest.fixture(scope="module")
def highland(shunted):
    """The sample's lead agency."""
    return shunted.only("highland", "2024/25")


class Tags(HTMLParser):
    """Start tags with their attributes, and the order in which tags close."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.wrong = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("img", "source", "br", "meta", "link", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def all_parts(result):
    yield report.headline(result)
    yield report.caution(result)
    for name in result.sentences():
        yield report.sentence(result, name)
    for name in ("days", "rate", "decides", "ending", "one_budget"):
        yield report.table(result, name)
    yield report.figure(result, "trend")
    yield from (part(result) for part in (report.method, report.assumptions, report.checks, report.sources))
    yield report.record(result, data="data/sample/scotland", status="draft")


def test_every_part_is_well_formed(highland):
    """Every part closes what it opens, carries no style and no script, and prints no nan."""
    for part in all_parts(highland):
        tags = Tags(part.html)
        assert not tags.open
        assert not tags.wrong
        assert not [tag for tag, attributes in tags.tags if tag in ("script", "style") or "style" in attributes]
        assert not re.search(r"\bnan\b", part.html)


def test_every_table_is_accessible(highland):
    """Every table has a caption, headings with a scope and a name, and a heading for each row."""
    for part in all_parts(highland):
        for html in re.findall(r"<table.*?</table>", part.html, re.DOTALL):
            tags = Tags(html).tags
            assert [tag for tag, _ in tags].count("caption") == 1
            assert all("scope" in attributes for tag, attributes in tags if tag == "th")
            assert not re.search(r"<th[^>]*>\s*</th>", html)
            body = re.search(r"<tbody>(.*)</tbody>", html, re.DOTALL)[1]
            assert body.count("<tr") == body.count('scope="row"')


def test_numbers_stand_right_and_negatives_have_a_true_minus(highland):
    """Figures are marked as numbers, negatives have a true minus, and one unit is named in the caption."""
    html = report.table(highland, "ending").html
    assert '<td class="number">−31.6</td>' in html
    assert "£ million, 2024/25 prices" in html


def test_text_from_data_is_escaped(highland):
    """A name that holds HTML is shown as it was written, wherever it is printed."""
    evil = '<img src=x onerror="alert(1)">'
    tables = {**highland.tables, "partnerships": highland.tables["partnerships"].assign(name=evil)}
    result = replace(highland, tables=tables)
    for part in all_parts(result):
        assert "<img src=x" not in part.html
    assert "&lt;img src=x" in report.table(result, "days").html


def test_invented_partnerships_are_said_to_be_so_first(highland):
    """The first words of an invented partnership's answer say that it is invented."""
    tables = {**highland.tables, "partnerships": highland.tables["partnerships"].assign(kind="invented")}
    assert report.headline(replace(highland, tables=tables)).html.startswith('<p class="invented"><strong>Invented.')
    assert "nvented" not in report.headline(highland).html


def test_assumptions_show_their_standing(highland):
    """Each assumption used is shown with value, range and its meaning, quality as word and shape, source and owner."""
    html = report.assumptions(highland).html
    for assumption in highland.used:
        assert assumption.label.replace("'", "&#39;") in html
    for said in (
        "£618.12 a day",
        "£262.00 a day to £618.12 a day",
        "15%",
        "▲</span> Amber",
        "■</span> Red",
        "#source-S05",
        "Owner: ",
    ):
        assert said in html


def test_a_check_that_fails_is_said(highland):
    """A check that does not hold changes the table's title and its verdict."""

    class Broken(type(highland)):
        def checks(self):
            return [Check("a sum", 1.0, 0.005, "£")]

    fields = {name: getattr(highland, name) for name in (field.name for field in dataclasses.fields(highland))}
    html = report.checks(Broken(**fields)).html
    assert "A check does not hold" in html
    assert "<td>does not hold</td>" in html
    assert "Every check holds" in report.checks(highland).html


def test_rounded_parts_that_do_not_add_up_are_explained(highland):
    """Where rounded figures miss their rounded total, a note says why; where they do not, there is none."""
    from ijbtools.report.parts import _table
    from ijbtools.topics.result import ShownColumn, ShownTable

    def shown(values):
        frame = pd.DataFrame({"who": ["a", "b", "all"], "amount": [*values, sum(values)]})
        columns = (ShownColumn("who", "Who"), ShownColumn("amount", "Amount", 0))
        return _table(highland, ShownTable("t", "s", columns, frame, (), total=True)).html

    assert "each is rounded" in shown([1.4, 1.4])  # 1 + 1 beside 3
    assert "each is rounded" not in shown([1.0, 2.0])


def test_the_record_carries_what_the_page_needs(highland, scotland, assumptions):
    """The record names the parameters and the fingerprint of every file read, and nothing of the machine."""
    part = report.record(highland, scotland, assumptions, data="data/sample/scotland", status="draft")
    data = part.data[RECORD]
    names = {PurePath(name).name for name in data["inputs"]}
    assert names >= {"delays.csv", "partnerships.csv", "common.yaml", "sources.yaml"}
    assert not [name for name in data["inputs"] if str(PurePath(name).parent) in part.html]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in data["inputs"].values())
    assert data["slug"] == "2024-25"
    assert "as at November 2026" in data["model"]


def test_an_unknown_status_is_refused(highland):
    """A status that is no status is refused with the nearest."""
    with pytest.raises(InputRefused, match="Nearest: final"):
        report.record(highland, status="Finall")


def test_unknown_names_are_refused_with_those_there_are(highland):
    """A sentence, table or figure that the topic does not have is refused with the names that it has."""
    with pytest.raises(ValueError, match="'headline'"):
        report.sentence(highland, "heading")
    with pytest.raises(ValueError, match="'one_budget'"):
        report.table(highland, "budget")
    with pytest.raises(ValueError, match="'trend'"):
        report.figure(highland, "trends")


def test_a_part_shows_itself_in_jupyterlab(highland):
    """In JupyterLab a part brings its own style; on the page it does not, for there is one style sheet."""
    bundle = report.headline(highland)._repr_mimebundle_()
    assert bundle["text/html"].startswith("<style>.ijb")
    assert bundle[PART] == report.headline(highland).html
    assert "<" not in bundle["text/plain"]


def test_quality_stands_at_every_product_of_a_cost(highland):
    """Wherever an amount made of a bed day's cost is printed, its source and its quality are printed too."""
    parts = [report.figure(highland, "flows"), *(report.table(highland, name) for name in ("ending", "one_budget"))]
    for part in parts:
        shown = part.html.partition("<details>")[0]  # also on paper, where closed details are left out
        assert "£618.12 a day, quality amber" in shown
        assert "quality red" in shown
        assert "#source-S05" in shown
    assert "a day (amber)" in report.headline(highland).html
    assert "quality amber" in report.caution(highland).html

"""Investment from tables that are sent in part, or not at all: the page comes, and says what it would show."""

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ijbtools import report
from ijbtools.errors import InputRefused
from ijbtools.inputs import read
from ijbtools.report.files import write_files
from ijbtools.topics import investment
from ijbtools.topics.result import FACT_COLUMNS

steady = settings(
    deadline=None,
    derandomize=True,
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

INVENTED = ("strathorran", "ardmoral", "hadderley")
NEEDED = ("partnerships", "partners")
OTHERS = tuple(name for name in investment.READS if name not in NEEDED)
NOW = "2026/27 Q2"
SECTIONS = (
    ("schemes", "worth", "outcome", "labels", "fundable", "curve", "horizons", "affordability"),
    ("build_up", "factors", "segments", "break_even", "together", "capital", "growth"),
    ("partners", "range", "settlement", "payable"),
)  # by the notebook
BROKEN = re.compile(r"\b(nan|NaN|None|NaT|<NA>|inf)\b")


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships that the topic reads."""
    sent = read(root / "data" / "sample" / "invented")
    return {name: sent[name] for name in investment.READS}


def bare(tables):
    """Partnerships and partners alone."""
    return {name: tables[name] for name in NEEDED}


def without(tables, name, how, partnership):
    """The tables with one of them gone, with headings only, or with rows of other partnerships only."""
    left = {one: frame for one, frame in tables.items() if one != name}
    if how == "missing":
        return left
    frame = tables[name]
    return {**left, name: frame.iloc[:0] if how == "headings" else frame[frame["partnership"] != partnership]}


def said(page):
    """Everything that a page says in words, without drawing it."""
    tables = [page.table(name) for name in page.TABLES if page.shows(name)]
    figures = [page.figure(name) for name in page.FIGURES if page.shows(name)]
    return {
        "sentences": page.sentences(),
        "figures": page.key_figures(),
        "titles": [(one.title, one.subtitle, one.notes) for one in tables],
        "pictures": [(one.title, one.subtitle, one.alt) for one in figures],
        "lacks": {name: page.lacks(name) for name in (*page.TABLES, *page.FIGURES, *page.sentences())},
        "checks": [(check.name, check.holds) for check in page.checks()],
    }


def drawn(page):
    """The parts of the page as the notebook shows them."""
    shown = [report.show(page, *names) for names in SECTIONS]
    return "\n".join(one.html for one in (report.headline(page), report.caution(page), *shown))


def plain(html):
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r'(?:src|srcset)="[^"]*"', "", html)).split())


def is_whole(page):
    """Whether the page reads well whatever was sent: a finding, figures that are figures, checks that hold."""
    words = said(page)
    assert words["sentences"]["headline"]
    assert words["sentences"]["caution"]
    assert words["figures"]
    assert not BROKEN.search(str(words))
    assert all(holds for _, holds in words["checks"])
    facts = page.facts()
    assert tuple(facts.columns) == FACT_COLUMNS
    assert facts["amount"].notna().all()
    return words


@pytest.mark.parametrize("name", OTHERS)
def test_a_table_with_nothing_of_a_partnership_is_a_missing_one(tables, assumptions, name):
    """Whether a table is missing, has headings only or only others' rows, the page comes and says the same."""
    gone, blank = (
        investment.compute(without(tables, name, how, ""), assumptions, growth_from="people")
        for how in ("missing", "headings")
    )
    for partnership in INVENTED:
        words = is_whole(gone.only(partnership, NOW))
        assert is_whole(blank.only(partnership, NOW)) == words
        if "partnership" in tables[name]:
            rest = investment.compute(without(tables, name, "others", partnership), assumptions, growth_from="people")
            assert is_whole(rest.only(partnership, NOW)) == words


@pytest.mark.parametrize("name", [one for one in OTHERS if one not in ("funding", "returns")])
def test_its_parts_are_drawn(tables, assumptions, name):
    """Without any one table every part of the page is drawn, and no figure on it is broken."""
    page = investment.compute(without(tables, name, "missing", ""), assumptions).only("hadderley", NOW)
    html = drawn(page)
    assert not BROKEN.search(plain(html))
    asked = name in ("schemes", "scheme_flows", "budgets", "services", "population")
    assert ("Not supplied" in html) == asked


@steady
@given(
    partnership=st.sampled_from(INVENTED),
    kept=st.dictionaries(st.sampled_from(OTHERS), st.sampled_from(["whole", "headings", "others"])),
    year=st.integers(2005, 2060),
    quarter=st.sampled_from(["", " Q1", " Q2", " Q3", " Q4"]),
)
def test_any_part_of_the_tables(tables, assumptions, partnership, kept, year, quarter):
    """Whatever tables are sent, the page comes: of any period where schemes or budgets are not known."""
    given_tables = bare(tables)
    for name, how in kept.items():
        whole = tables[name]
        others = whole[whole["partnership"] != partnership] if "partnership" in whole else whole
        given_tables[name] = {"whole": whole, "headings": whole.iloc[:0], "others": others}[how]
    result = investment.compute(given_tables, assumptions)
    bounded = all(kept.get(name) == "whole" for name in ("schemes", "scheme_flows", "budgets"))
    is_whole(result.only(partnership, NOW if bounded else f"{year}/{(year + 1) % 100:02d}{quarter}"))


@pytest.mark.parametrize("partnership", INVENTED)
@pytest.mark.parametrize("alone", [False, True])
def test_partnerships_and_partners_alone(tables, assumptions, partnership, alone, tmp_path):
    """With two tables alone the page says that no schemes were sent, what it would show, and the columns it needs."""
    few = bare(tables)
    if alone:
        few = {name: frame[frame["partnership"] == partnership] for name, frame in few.items()}
    page = investment.compute(few, assumptions).only(partnership, "2025/26")
    words = is_whole(page)
    name = few["partnerships"].set_index("partnership").loc[partnership, "name"]
    assert words["sentences"]["headline"].startswith(f"No schemes were sent for {name}.")
    assert [one.label for one in words["figures"]] == ["Schemes", "Growth of cost", "Uplift of budgets"]
    assert words["figures"][0].value == "not sent"
    assert (words["titles"], words["pictures"], words["checks"], len(page.facts())) == ([], [], [], 0)
    html = drawn(page)
    assert html.count("Not supplied") == len(SECTIONS)
    assert "partnership, scheme, name, started, order" in plain(html)
    assert "S18" not in page.data_sources
    blank = {file.stem for file in write_files(page, tmp_path, {"Period": page.period.name})}
    assert blank >= {"facts", "schemes", "scheme_flows", "scheme_effects", "budgets", "investment"}


def test_scotland_has_no_schemes(scotland, assumptions):
    """Without schemes a real partnership's page says what is public: how many more people aged 75 and over."""
    page = investment.compute(scotland, assumptions).only("highland", "2024/25")
    is_whole(page)
    known = {one.label: one for one in page.key_figures()}["People aged 75+"]
    assert known.value.endswith("% more")
    assert known.note == "mid-2024 to mid-2034, projected"
    assert page.data_sources == ("S20", "S02", "S03")


def test_schemes_without_their_flows(tables, assumptions):
    """Schemes that are named without what they cost and bring are named, and only the flows are asked for."""
    few = {**bare(tables), "schemes": tables["schemes"]}
    page = investment.compute(few, assumptions).only("ardmoral", "2026/27")
    assert "1 scheme is named, Step-down flats; what it costs and brings was not sent" in page.sentences()["headline"]
    assert page.key_figures()[0].value == "1"
    assert page.lacks("schemes") == ("scheme_flows",)
    other = tables["scheme_flows"].query("partnership == 'ardmoral'").assign(scheme="another")
    page = investment.compute({**few, "scheme_flows": other}, assumptions).only("ardmoral", "2026/27")
    assert page.lacks("schemes") == ("scheme_flows",)


def test_flows_without_their_schemes(tables, assumptions):
    """Costs and benefits of schemes that are not named are said to be there, and only the schemes are asked for."""
    few = {**bare(tables), "scheme_flows": tables["scheme_flows"]}
    page = investment.compute(few, assumptions).only("ardmoral", "2026/27")
    assert "not the schemes they belong to" in page.sentences()["headline"]
    assert page.lacks("schemes") == ("schemes",)


@pytest.mark.parametrize("how", ["missing", "services"])
def test_without_budgets_a_label_is_said_to_be_a_claim(tables, assumptions, how):
    """Where no budget of the services is known the label stands with its caution, and not as something that turns."""
    budgets = tables["budgets"].assign(service="another")
    few = without(tables, "budgets", "missing", "") | ({"budgets": budgets} if how == "services" else {})
    page = investment.compute(few, assumptions).only("strathorran", NOW)
    assert page.sentences()["headline"].endswith("The budgets of the services concerned were not sent.")
    assert "its label says no more than what the scheme claims" in page.sentences()["caution"]
    assert page.lacks("labels") == page.lacks("affordability") == ("budgets",)
    assert page.shows("schemes")
    assert "Label turns at" not in [one.label for one in page.key_figures()]


def test_effects_may_be_left_out(tables, assumptions):
    """Schemes that are claimed and not built up are whole: nothing is asked for."""
    page = investment.compute(tables, assumptions).only("strathorran", NOW)
    assert tables["scheme_effects"].query("partnership == 'strathorran'").empty
    assert not any(page.lacks(name) for name in (*page.TABLES, *page.FIGURES))
    assert not page.shows("build_up")


def test_reserves_that_were_not_sent(tables, assumptions):
    """A partner that may hold reserves is not said to be short without a word that its reserves were not sent."""
    plain_page = investment.compute(tables, assumptions).only("hadderley", NOW)
    page = investment.compute({**tables, "reserves": tables["reserves"].iloc[:0]}, assumptions).only("hadderley", NOW)
    said_so = "No reserves were sent, so every partner is judged as if it had none."
    assert said_so in page.table("settlement").notes
    assert said_so not in plain_page.table("settlement").notes


def test_a_period_beyond_the_budgets_is_refused(tables, assumptions):
    """Where schemes and budgets were sent a year without a budget is refused; where none were, any period is taken."""
    result = investment.compute(without(tables, "schemes", "others", "hadderley"), assumptions)
    with pytest.raises(InputRefused, match="complete figures"):
        result.only("strathorran", "2031/32")
    assert result.only("hadderley", "2031/32").key_figures()[0].value == "not sent"

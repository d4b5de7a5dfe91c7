"""Delayed discharge from tables that are sent in part, or not at all: the page comes, and says what it would show."""

import re

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ijbtools import report
from ijbtools.errors import InputRefused
from ijbtools.inputs import read
from ijbtools.report.files import write_files
from ijbtools.topics import shunting
from ijbtools.topics.result import FACT_COLUMNS

steady = settings(
    deadline=None,
    derandomize=True,
    max_examples=20,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

INVENTED = ("strathorran", "ardmoral", "hadderley")
NEEDED = ("partnerships", "partners")
OTHERS = tuple(name for name in shunting.READS if name not in NEEDED)
NOW = "2026/27 Q2"
SHOWN = ("delay", "trend", "days", "rate", "nation", "flows", "flags", "one_budget", "ending")  # by the notebook
BROKEN = re.compile(r"\b(nan|NaN|None|NaT|<NA>|inf)\b")


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships that the topic reads."""
    sent = read(root / "data" / "sample" / "invented")
    return {name: sent[name] for name in shunting.READS}


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
    return "\n".join(one.html for one in (report.headline(page), report.caution(page), report.show(page, *SHOWN)))


def plain(html):
    return re.sub(r"<[^>]+>", " ", re.sub(r'(?:src|srcset)="[^"]*"', "", html))


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
@pytest.mark.parametrize("partnership", INVENTED)
def test_a_table_with_nothing_of_a_partnership_is_a_missing_one(tables, assumptions, partnership, name):
    """Whether a table is missing, has headings only or only others' rows, the page comes and says the same."""
    words = []
    for how in ("missing", "headings", "others"):
        page = shunting.compute(without(tables, name, how, partnership), assumptions).only(partnership, NOW)
        words.append(is_whole(page))
    assert words[0] == words[1] == words[2]


@pytest.mark.parametrize("name", OTHERS)
def test_its_parts_are_drawn(tables, assumptions, name):
    """Without any one table every part of the page is drawn, and no figure on it is broken."""
    page = shunting.compute(without(tables, name, "missing", ""), assumptions).only("ardmoral", NOW)
    html = drawn(page)
    assert not BROKEN.search(plain(html))
    assert ("Not supplied" in html) == (name in ("delays", "population"))


@steady
@given(
    partnership=st.sampled_from(INVENTED),
    kept=st.dictionaries(st.sampled_from(OTHERS), st.sampled_from(["whole", "headings", "others"])),
    year=st.integers(2005, 2060),
    quarter=st.sampled_from(["", " Q1", " Q2", " Q3", " Q4"]),
)
def test_any_part_of_the_tables(tables, assumptions, partnership, kept, year, quarter):
    """Whatever tables are sent, the page of any period comes where no delays were sent, and of their last otherwise."""
    given_tables = bare(tables)
    for name, how in kept.items():
        whole = tables[name]
        parts = {"whole": whole, "headings": whole.iloc[:0], "others": whole[whole["partnership"] != partnership]}
        given_tables[name] = parts[how]
    result = shunting.compute(given_tables, assumptions)
    period = NOW if kept.get("delays") == "whole" else f"{year}/{(year + 1) % 100:02d}{quarter}"
    page = result.only(partnership, period)
    is_whole(page)
    assert ("delays" in page.lacks("trend")) == (kept.get("delays") != "whole")


@pytest.mark.parametrize("partnership", INVENTED)
@pytest.mark.parametrize("alone", [False, True])
def test_partnerships_and_partners_alone(tables, assumptions, partnership, alone, tmp_path):
    """With two tables alone the page says that no days were sent, what it would show, and the columns it needs."""
    few = bare(tables)
    if alone:
        few = {name: frame[frame["partnership"] == partnership] for name, frame in few.items()}
    page = shunting.compute(few, assumptions).only(partnership, "2025/26")
    words = is_whole(page)
    name = few["partnerships"].set_index("partnership").loc[partnership, "name"]
    assert words["sentences"]["headline"].startswith(f"No delayed days were sent for {name}.")
    assert [one.label for one in words["figures"]] == ["Days delayed", "A day in a bed", "A day of care"]
    assert words["figures"][0].value == "not sent"
    assert (words["titles"], words["pictures"], words["checks"], len(page.facts())) == ([], [], [], 0)
    html = plain(drawn(page))
    assert "partnership, period, age_group, reason, bed_days" in " ".join(html.split())
    assert not page.data_sources
    files = write_files(page, tmp_path, {"Period": page.period.name})
    assert {file.stem for file in files} >= {"facts", "delays", "population", "shunting"}


def test_people_are_known_without_days(tables, assumptions):
    """Where people were counted and no days sent, the page says how many are aged 75 and over: 12,500 in mid-2025."""
    few = {**bare(tables), "population": tables["population"]}
    page = shunting.compute(few, assumptions).only("strathorran", "2025/26")
    known = {one.label: one for one in page.key_figures()}["People aged 75+"]
    assert known.value == "12,500"
    assert "mid-2025" in known.note
    assert page.lacks("rate") == ("delays",)


def test_without_people_days_are_still_shown(tables, assumptions):
    """Without the table of people the rate is left out with words, and the days stay."""
    page = shunting.compute(without(tables, "population", "missing", ""), assumptions).only("strathorran", NOW)
    assert page.lacks("rate") == ("population",)
    assert "Days per 1,000 aged 75+" not in [one.label for one in page.key_figures()]
    assert page.key_figures()[0].value == "7,514"
    html = plain(report.show(page, "trend", "days", "rate").html)
    assert "would show: delayed days per 1,000 people aged 75 and over" in html


def test_a_part_of_the_people_is_no_denominator(tables, assumptions):
    """Where only people aged 85 and over were counted there is no rate of those aged 75 and over."""
    people = tables["population"]
    page = shunting.compute({**tables, "population": people[people["age_group"] != "75-84"]}, assumptions)
    assert page.only("strathorran", NOW).lacks("rate") == ("population",)


@pytest.mark.parametrize("months", [["2026-04", "2026-05"], ["2026/27 Q2", "2026/27 Q3"]])
def test_days_of_no_whole_quarter_from_april(tables, assumptions, months):
    """Days of two months, or without the first quarter, are said not to reach; nothing is counted from them."""
    own = tables["delays"].query("partnership == 'strathorran'").head(1)
    rows = pd.concat([own.assign(period=month) for month in months], ignore_index=True)
    page = shunting.compute({**tables, "delays": rows}, assumptions).only("strathorran", NOW)
    is_whole(page)
    assert "do not cover a whole quarter from April on" in page.sentences()["headline"]
    assert page.key_figures()[0].value == "not known"


def test_a_period_that_the_days_do_not_reach_yet(tables, assumptions):
    """A period after the last day counted says so; one before the first, or far beyond, is refused.

    Where no days were sent, any period is taken.
    """
    result = shunting.compute(without(tables, "delays", "others", "hadderley"), assumptions)
    page = result.only("strathorran", "2027/28")
    said = is_whole(page)["sentences"]["headline"]
    assert said.startswith("The delayed days of Strathorran IJB are known to 2026/27 Q2, and not for 2027/28.")
    assert page.key_figures()[0].note == "for 2027/28; known to 2026/27 Q2"
    for period in ("2015/16", "2042/43"):
        with pytest.raises(InputRefused, match="complete figures"):
            result.only("strathorran", period)
    assert result.only("hadderley", "2042/43").key_figures()[0].value == "not sent"


def test_the_host_is_asked_for_where_days_are_priced(tables, assumptions):
    """A lead agency without a known host is refused only where its days are to be priced."""
    unnamed = {"partnerships": tables["partnerships"].assign(host=""), "partners": tables["partners"].iloc[:0]}
    page = shunting.compute(unnamed, assumptions).only("ardmoral", NOW)
    assert "one partner runs adult social care" in is_whole(page)["sentences"]["decides"]
    with pytest.raises(InputRefused, match="no host of ardmoral"):
        shunting.compute({**unnamed, "delays": tables["delays"]}, assumptions)


def test_nobody_delayed_is_drawn(tables, assumptions):
    """A partnership that returns no delayed day has its page, without a picture of costs that there are not."""
    none = tables["delays"].assign(bed_days=tables["delays"]["bed_days"] * 0)
    page = shunting.compute({**tables, "delays": none}, assumptions).only("strathorran", NOW)
    assert not page.shows("flows")
    assert page.table("days").title == "Nobody was recorded as delayed"
    html = plain(drawn(page))
    assert "nobody from Strathorran IJB was recorded" in html
    assert not BROKEN.search(html)


@pytest.mark.parametrize("count", [1, 30, 31])
def test_a_nation_is_shown_where_it_is_whole(scotland, assumptions, count):
    """Scotland as a whole needs all 31 authorities: not 30, and not one's own alone."""
    areas = ["highland", *(one for one in scotland["partnerships"]["partnership"] if one != "highland")][:count]
    some = {
        name: frame[frame["partnership"].isin([*areas, "not-resident"])] if "partnership" in frame else frame
        for name, frame in scotland.items()
    }
    result = shunting.compute(some, assumptions)
    page = result.only("highland", "2024/25")
    whole = count == 31
    assert ("Scotland as a whole" in page.sentences()["nation"]) == whole
    assert (not result.tables["nations"].empty) == whole
    assert ("Scotland" in result.sentences()["headline"]) == whole
    assert result.facts()["partnership"].eq("scotland").any() == whole
    assert ("Scotland" in [column.heading for column in page.table("rate").columns]) == whole
    assert any("Scotland" in one.note for one in page.key_figures()) == whole


def test_a_nation_whose_number_is_not_known_is_never_whole(scotland, assumptions):
    """Thirty-one partnerships of a nation whose authorities are not counted here are not that nation."""
    wales = scotland["partnerships"].assign(nation="wales")
    result = shunting.compute({**scotland, "partnerships": wales}, assumptions)
    assert result.tables["nations"].empty


def test_the_rate_of_a_nation_needs_all_its_people(scotland, assumptions):
    """Where one authority's people are not known the nation has its days and no rate."""
    people = scotland["population"]
    some = {**scotland, "population": people[people["partnership"] != "fife"]}
    page = shunting.compute(some, assumptions).only("highland", "2024/25")
    assert "Scotland as a whole" in page.sentences()["nation"]
    rate = {one.label: one for one in page.key_figures()}["Days per 1,000 aged 75+"]
    assert "Scotland" not in rate.note
    assert page.figure("rate").frame["place"].unique().tolist() == ["Highland"]

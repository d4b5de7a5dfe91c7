"""What every result of the baseline keeps: whole tables, figures and words, checks, facts, and what it lacks."""

import re

import pandas as pd
import pytest

from ijbtools.errors import InputRefused
from ijbtools.inputs import read
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics import baseline
from ijbtools.topics.result import FACT_COLUMNS
from ijbtools.vocabulary import FACT_STATUS

HALF_PENNY = 0.005
NOW, NEXT = "2026/27", "2027/28"
COUNCIL = "strathorran-council"
PAGES = [
    ("strathorran", "2026/27 Q2"),
    ("strathorran", "2025/26 Q3"),
    ("strathorran", "2023/24"),
    ("ardmoral", "2026/27 Q1"),
    ("ardmoral", "2024/25"),
    ("hadderley", "2026/27 Q2"),
]
REAL = [("highland", "2024/25"), ("clackmannanshire-and-stirling", "2024/25")]
EVERY = [*PAGES, *REAL]
OPTIONAL = [name for name in baseline.READS if name not in ("partnerships", "partners")]
BROKEN = r"\b(?:nan|NaN|None(?! of\b)|inf|True|False)\b|  |\.\.|£-"


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships."""
    return dict(read(root / "data" / "sample" / "invented"))


@pytest.fixture(scope="module")
def invented(tables, assumptions):
    """The baseline of the three invented partnerships."""
    return baseline.compute(tables, assumptions)


@pytest.fixture(scope="module")
def public(scotland, assumptions):
    """The baseline of Scotland's partnerships, of which only public figures are known."""
    return baseline.compute(scotland, assumptions)


@pytest.fixture(scope="module")
def pages(invented, public):
    """Every page that is looked at here, with all that it says and shows."""
    found = {}
    for one in EVERY:
        page = (public if one in REAL else invented).only(*one)
        found[one] = (page, *everything(page))
    return found


def with_values(assumptions, **values):
    """The assumptions with other values; a dictionary is one by year."""
    as_value = {name: one if isinstance(one, dict) else {"always": one} for name, one in values.items()}
    changed = {
        name: one.model_copy(update={"value": as_value[name]}) if name in values else one
        for name, one in assumptions.items()
    }
    return Assumptions(changed, assumptions.sources)


def pages_of(result):
    """Each partnership's last page."""
    names = result.tables["partnerships"]["partnership"]
    return [result.only(one, result.periods(one)[-1]) for one in names if result.periods(one)]


def everything(page):
    """All that a page says and shows of a result: words, and every table and figure that has something to say."""
    made = [page.table(name) for name in page.TABLES if page.shows(name)]
    drawn = [page.figure(name) for name in page.FIGURES if page.shows(name)]
    words = [
        *page.sentences().values(),
        *(text for one in page.key_figures() for text in (one.label, one.value, one.note)),
        *(text for one in made for text in (one.title, one.subtitle, *one.notes)),
        *(text for one in drawn for text in (one.title, one.subtitle, one.alt)),
    ]
    cells = [str(cell) for one in made for cell in one.frame.select_dtypes(exclude="number").to_numpy().ravel()]
    return [*words, *cells], made, drawn


@pytest.mark.parametrize("one", EVERY)
def test_everything_that_shows_can_be_shown(pages, one):
    """Every table and figure that has something to say is there with its words; the others say what they would show."""
    page, _, made, drawn = pages[one]
    assert len(made) >= 3
    assert len(drawn) >= 2
    assert all(one.title and one.subtitle for one in [*made, *drawn])
    for table in made:
        assert [column.name for column in table.columns] == list(table.frame.columns)
        assert all(column.heading for column in table.columns)
    for figure in drawn:
        assert figure.alt
        assert {figure.category, figure.value, figure.series} <= set(figure.frame.columns)
        assert figure.frame[figure.value].notna().all()
        names = {"", *figure.frame[figure.category], *figure.frame[figure.series]}
        assert figure.highlight in names
    assert all(page.would_show(name) for name in {*page.TABLES, *page.FIGURES})
    assert 4 <= len(page.key_figures()) <= 8


@pytest.mark.parametrize("one", [page for page in EVERY if page[1] >= "2024/25" and page[0] != "ardmoral"])
def test_no_table_is_empty(pages, one):
    """Every table and figure that shows has rows."""
    _, _, made, drawn = pages[one]
    assert all(len(shown.frame) for shown in [*made, *drawn])


@pytest.mark.parametrize("one", EVERY)
def test_words_are_whole(pages, one):
    """No sentence, title, note or cell holds a broken figure, and every sentence is one or empty."""
    page, said, _, _ = pages[one]
    assert [text for text in said if re.search(BROKEN, text)] == []
    for name, sentence in page.sentences().items():
        assert sentence == sentence.strip()
        assert not sentence or sentence.endswith("."), name
    assert page.sentences()["headline"]
    assert page.sentences()["caution"]


@pytest.mark.parametrize("one", EVERY)
def test_checks_hold(pages, one):
    """Every check holds on every page; with a budget, its bridge, funding, savings and plan are among them."""
    checks = pages[one][0].checks()
    assert [check for check in checks if not check.holds] == []
    assert len(checks) == 0 if one in REAL else len(checks) >= 4


def test_checks_hold_for_all_together(invented):
    """Over all partnerships every check holds, hospitals' direct cost among them."""
    checks = invented.checks()
    assert [check for check in checks if not check.holds] == []
    assert [check.name for check in checks if "direct cost" in check.name]


@pytest.mark.parametrize("period", ["2023/24", "2026/27 Q2"])
def test_localities_add_up(invented, period):
    """What localities have is what the partnership has for those services, and no other service is among them."""
    page = invented.only("strathorran", period)
    rows = page.table("localities").frame.set_index("locality")
    budget = page.tables["in_budget"].query(f"year == '{period[:7]}'")
    whole = budget.groupby("service")[["recurring", "non_recurring"]].sum().sum(axis=1) / 1e6
    assert set(rows.columns) == {"district-nursing", "home-care", "all"}
    for service in ("district-nursing", "home-care"):
        assert rows[service].iloc[:-1].sum() == pytest.approx(whole[service]) == pytest.approx(rows[service].iloc[-1])


@pytest.mark.parametrize("one", PAGES)
def test_categories_and_care_groups_are_the_same_pounds(pages, one):
    """Categories (a) to (e) are the whole budget, and so are the care groups, which are never added to them."""
    page = pages[one][0]
    row = page.tables["summary"].query(f"year == '{page.period.financial_year}'").iloc[0]
    for name in ("categories", "care_groups"):
        amounts = page.table(name).frame["amount"]
        assert amounts.iloc[:-1].sum() == pytest.approx((row["e_r"] + row["e_n"]) / 1e6) == amounts.iloc[-1]


def test_the_statement_closes(invented):
    """In each year of the financial statement spending is resources, reserves, and the gap of the central plan."""
    page = invented.only("strathorran", "2026/27 Q2")
    rows = page.table("statement").frame.set_index("line")
    aside, resources, cost, reserves, gap = (rows.iloc[n] for n in range(-5, 0))
    assert (cost - resources - reserves - gap).abs().max() < 1e-6
    assert (rows.iloc[:-5].sum() + aside - resources).abs().max() < 1e-6
    plan = page.tables["plan"].query("from_year == '2026/27' and scenario == 'central'")
    assert gap.iloc[1:].tolist() == pytest.approx((plan["gap"] / 1e6).tolist())


@pytest.mark.parametrize(
    ("table", "column", "name"),
    [
        ("budgets", "recurring", "recurring budget"),
        ("funding", "amount", "agreed money"),
        ("savings", "target", "savings list"),
    ],
)
def test_checks_find_a_pound(tables, assumptions, table, column, name):
    """A pound too much in a budget, in the money for it or in a saving is found by the check that is meant for it."""
    frame = tables[table].copy()
    rows = (frame["year"] == NOW) & (frame["partnership"] == "strathorran")
    rows &= frame["scope"].eq("delegated") if table == "budgets" else frame["partner"].eq(COUNCIL)
    frame.loc[rows[rows].index[0], column] += 1.0
    failed = [check for check in baseline.compute({**tables, table: frame}, assumptions).checks() if not check.holds]
    assert any(name in check.name and abs(abs(check.residual) - 1.0) < HALF_PENNY for check in failed)


@pytest.mark.parametrize("one", EVERY)
def test_facts_have_their_columns(pages, one):
    """Facts have the agreed columns and words, one row a measure and flow, and nothing invented is called known."""
    real, facts = one in REAL, pages[one][0].facts()
    assert tuple(facts.columns) == FACT_COLUMNS
    assert not facts.duplicated(["partnership", "period", "measure", "from_partner", "to_partner"]).any()
    assert facts["amount"].notna().all()
    assert len(facts)
    assert set(facts["status"]) == ({"published"} if real else {"assumed"}) <= FACT_STATUS.keys()
    assert (facts["topic"] == "baseline").all()
    assert (facts["unit"] == "£").all()
    assert (facts["price_base"] == facts["period"]).all()
    assert (facts["partnership"] == one[0]).all()


def test_statuses_of_a_real_partnership(tables, assumptions):
    """Were the partnership real, its facts would be budget, forecast and outturn, and assumed only ahead."""
    kind = tables["partnerships"].assign(kind="real")
    facts = baseline.compute({**tables, "partnerships": kind}, assumptions).only("strathorran", "2025/26").facts()
    status = facts.groupby("measure")["status"].agg(set)
    known = {"gap_recurring": "budget", "outturn_total": "outturn", "forecast_total": "forecast"}
    known |= {"plan_gap_central": "assumed", "do_nothing_cost": "assumed", "set_aside_use_General medicine": "outturn"}
    assert {measure: status[measure] for measure in known} == {measure: {one} for measure, one in known.items()}


def test_facts_are_the_pages_figures(pages):
    """The gaps, sums and steps among the facts are those of the frames, in £."""
    facts = pages[PAGES[0]][0].facts().groupby(["measure", "period"])["amount"].sum()
    assert facts["gap_hidden", NOW] == pytest.approx(9e6)
    assert facts["plan_gap_central", NEXT] == pytest.approx(19.24e6)
    assert facts["contribution_recurring", NOW] == pytest.approx(243e6)
    assert facts["bridge_closing", NOW] == pytest.approx(252e6) == facts["spent_by_recurring", NOW]


def test_what_a_real_partnership_would_have_to_send(public):
    """Of a real partnership only public figures show; for all else the tables that are lacking are named."""
    for partnership, period in REAL:
        page = public.only(partnership, period)
        assert {name for name in page.TABLES if page.shows(name)} == {"published", "people", "demography"}
        assert {name for name in page.FIGURES if page.shows(name)} == {"published", "people"}
        assert page.lacks("set_aside") == ("budgets", "bed_days", "specialty_costs")
        assert page.lacks("next_year") == ("budgets", "funding", "changes")
        assert page.lacks("savings") == ("savings",)
        assert page.lacks("outlook") == ("budgets", "services")  # of its three tables the people are known
        assert page.lacks("published") == page.lacks("people") == ()
        assert {name for name, sentence in page.sentences().items() if sentence} == {
            "headline",
            "caution",
            "published",
            "people",
        }


def test_a_lead_agency_lacks_what_only_it_could_show(public):
    """Where a partnership is no lead agency nothing is asked for its hosts; where it is one, the tables are named."""
    models = public.tables["partnerships"].set_index("partnership")["model"]
    assert models["highland"] == "lead_agency" != models["clackmannanshire-and-stirling"]
    assert public.only(*REAL[0]).lacks("hosts") == ("budgets", "funding")
    assert public.only(*REAL[1]).lacks("hosts") == ()
    assert not public.only(*REAL[1]).shows("hosts")


def test_social_work_of_two_councils_is_added(public, scotland):
    """A partnership of two councils shows what both spent, in cash and in the page's prices."""
    page = public.only("clackmannanshire-and-stirling", "2024/25")
    rows = page.table("published").frame.set_index("year")
    own = scotland["published"].query("partnership == 'clackmannanshire-and-stirling'").groupby("year")["amount"].sum()
    assert rows["cash"].to_dict() == pytest.approx((own / 1e6).to_dict())
    # GDP deflator: 107.882 in 2024/25, 106.1 in 2023/24
    assert rows.loc["2023/24", "real"] == pytest.approx(own["2023/24"] / 1e6 * 107.882 / 106.1)
    assert rows.loc["2024/25", "real"] == rows.loc["2024/25", "cash"]


def test_public_pages_stand_in_quarters_and_know_only_years_that_are_over(public):
    """Where no budget was sent there are pages from the first published year's end to a year after the last."""
    periods = public.periods("highland")
    assert (periods[0], periods[1], periods[-1]) == ("2018/19", "2019/20 Q1", "2025/26")
    page = public.only("highland", "2024/25 Q3")
    assert page.table("published").frame["year"].tolist()[-1] == "2023/24"
    for period in ("2018/19", "2019/20 Q1", "2025/26 Q2", "2025/26"):
        said, _, _ = everything(public.only("highland", period))
        assert not [text for text in said if re.search(BROKEN, text)]


def test_periods_of_a_year_that_still_runs(invented):
    """A year that is over has its quarters and itself; of the one that runs only the quarters so far are there."""
    for partnership in ("strathorran", "ardmoral", "hadderley"):
        periods = invented.periods(partnership)
        assert periods[-3:] == ["2025/26", "2026/27 Q1", "2026/27 Q2"]
        assert periods[:4] == ["2023/24 Q1", "2023/24 Q2", "2023/24 Q3", "2023/24"]
        assert len(periods) == 3 * 4 + 2


@pytest.mark.parametrize(
    ("partnership", "period", "nearest"),
    [
        ("strathoran", "2025/26", "strathorran"),
        ("strathorran", "2026/27", "2026/27 Q"),
        ("strathorran", "2026/27 Q3", "2026/27 Q2"),
        ("strathorran", "2027/28", "2026/27 Q2"),
    ],
)
def test_wrong_names_are_refused_with_the_nearest(invented, partnership, period, nearest):
    """A partnership or a period that no page can be made for is refused with the nearest that is there."""
    with pytest.raises(InputRefused, match=nearest):
        invented.only(partnership, period)


def test_last_quarter_is_the_year(invented):
    """The year to the end of its last quarter is the year."""
    quarter, year = invented.only("strathorran", "2025/26 Q4"), invented.only("strathorran", "2025/26")
    pd.testing.assert_frame_equal(quarter.facts(), year.facts())
    assert quarter.sentences() == year.sentences()


def test_unknown_names_are_refused(invented):
    """A table or figure that is not there is refused with the names of those that are."""
    page = invented.only(*PAGES[0])
    with pytest.raises(ValueError, match=r"^table: found 'gaps'; expected one of .*'next_year'"):
        page.table("gaps")
    with pytest.raises(ValueError, match=r"^figure: found 'gaps'; expected one of .*'gap'"):
        page.figure("gaps")


def test_one_place_has_to_be_chosen(invented):
    """For all partnerships together there is one sentence that counts them, and no table."""
    assert list(invented.sentences()) == ["headline"]
    assert re.findall(r"\d+", invented.sentences()["headline"]) == ["3", "3"]
    with pytest.raises(ValueError, match=r"^result: found all partnerships; expected one"):
        invented.table("balance")


@pytest.mark.parametrize("missing", [name for name in OPTIONAL if name != "specialty_costs"])
def test_without_a_table_the_page_still_comes(tables, assumptions, missing):
    """Without any one table the page comes whole, and what needs that table names it."""
    without = {name: frame for name, frame in tables.items() if name != missing}
    result = baseline.compute(without, assumptions)
    for page in pages_of(result) or [result]:
        if not page.partnership:
            assert missing == "budgets"
            continue
        said, made, _ = everything(page)
        assert made
        assert not [text for text in said if re.search(BROKEN, text)]
        lacking = {name for name in {*page.TABLES, *page.FIGURES} if missing in page.lacks(name)}
        assert not [name for name in lacking if page.shows(name)]
        assert (page.facts()["status"] == "assumed").all()


@pytest.mark.parametrize("also", [(), ("population",), ("population", "services")])
def test_with_hardly_any_table(tables, scotland, assumptions, also):
    """With partnerships and partners alone there is no page and no failure; with public figures there is a page."""
    few = {name: tables[name] for name in ("partnerships", "partners", *also)}
    result = baseline.compute(few, assumptions)
    assert [result.periods(name) for name in ("strathorran", "ardmoral", "hadderley")] == [[], [], []]
    assert result.checks() == []
    assert re.findall(r"\d+", result.sentences()["headline"]) == ["3", "0"]
    here = [name for name in also if name in scotland]
    few = {name: scotland[name] for name in ("partnerships", "partners", "published", *here)}
    page = baseline.compute(few, assumptions).only("highland", "2024/25")
    assert page.shows("published")
    assert page.shows("people") is bool(also)
    said, _, _ = everything(page)
    assert not [text for text in said if re.search(BROKEN, text)]


def test_with_budgets_only(tables, assumptions):
    """With budgets alone the page shows what they can say, and names funding and services for the rest."""
    few = {name: tables[name] for name in ("partnerships", "partners", "budgets")}
    page = baseline.compute(few, assumptions).only("strathorran", NOW)
    assert {name for name in page.TABLES if page.shows(name)} >= {"hosted", "localities", "real_terms"}
    assert page.lacks("balance") == ("funding",)
    assert page.lacks("categories") == ("services",)
    assert page.table("localities").frame["all"].iloc[-1] == pytest.approx(56.4)


@pytest.mark.parametrize("missing", ["partnerships", "partners"])
def test_two_tables_are_needed(tables, assumptions, missing):
    """Without partnerships or partners the topic is refused, and the table is named."""
    with pytest.raises(InputRefused, match=missing):
        baseline.compute({name: frame for name, frame in tables.items() if name != missing}, assumptions)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("budget_test_margin", 0.5),
        ("plan_pressures", 1.1),
        ("plan_uplift", 0.01),
        ("plan_savings", 0.5),
        ("use_65_74", 3),
        ("use_75_84", 5),
        ("use_85_over", 10),
        ("health_price_growth", 0.05),
        ("care_price_growth", 0.06),
        ("set_aside_fall", 8_000),
        ("set_aside_variable_share", 0.2),
        ("ward_beds", 16),
        ("ward_occupancy", 0.9),
        ("ward_step_share", 0.4),
        ("gdp_deflator", {"2022/23": 100.0, "2023/24": 150.0}),
    ],
)
def test_every_assumption_moves_something(pages, tables, assumptions, name, value):
    """Every assumption that is declared is among those used, and another value changes what the page shows."""
    page, said, made, _ = pages[PAGES[0]]
    assert name in [one.name for one in page.used]
    other = baseline.compute(tables, with_values(assumptions, **{name: value})).only(*PAGES[0])
    told, shown, _ = everything(other)
    moved = [not one.frame.equals(two.frame) for one, two in zip(made, shown, strict=True)]
    assert any(moved) or said != told


def test_every_declared_assumption_is_tried():
    """The assumptions tried above are those that the topic declares."""
    [mark] = test_every_assumption_moves_something.pytestmark
    assert {name for name, _ in mark.args[1]} == set(baseline.USES)


@pytest.mark.parametrize("one", EVERY)
def test_no_word_blames_ranks_or_calls_capacity_money(pages, one):
    """No page blames anybody, ranks areas, or calls the days that a ward has free money."""
    page, _, made, _ = pages[one]
    words = " ".join([*page.sentences().values(), *(table.title for table in made)]).lower()
    assert not re.findall(r"\b(?:blame\w*|fault|worst|best|rank\w*|failed to|wasted?|bed.?block\w*)\b", words)
    release = page.sentences()["release"]
    assert not release or "capacity" in release

"""What exploring needs of every topic: sums in two steps, one sentence, gains, a few bars, and figures that move."""

import pandas as pd
import pytest

from ijbtools import report
from ijbtools.errors import InputRefused
from ijbtools.inputs import read
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.report.figures import draw
from ijbtools.topics import baseline, investment, shunting
from ijbtools.topics.result import TOGETHER, Bars, bars_of, gains_of

TOPICS = (baseline, shunting, investment)
INVENTED = ("strathorran", "ardmoral", "hadderley")
SCOTTISH = ("highland", "orkney-islands", "stirling", "clackmannanshire-and-stirling", "glasgow-city")
HALF_PENNY = 0.005


@pytest.fixture(scope="module")
def invented(root):
    return read(root / "data" / "sample" / "invented")


@pytest.fixture(scope="module")
def samples(invented, scotland):
    return {"invented": invented, "scotland": scotland}


@pytest.fixture(scope="module")
def whole(samples, assumptions):
    """Every topic's result for each sample."""
    return {(topic, name): topic.compute(tables, assumptions) for topic in TOPICS for name, tables in samples.items()}


def latest(result, partnership):
    """The last page of a partnership; of a year that is known where nothing bounds its periods."""
    periods = result.periods(partnership)
    return result.only(partnership, periods[-1] if periods else "2024/25")


def with_values(assumptions, **values):
    """The assumptions with other values, the same in every year."""
    changed = {
        name: one.model_copy(update={"value": {"always": values[name]}}) if name in values else one
        for name, one in assumptions.items()
    }
    return Assumptions(changed, assumptions.sources)


def told(page):
    """All that a page says and shows: words, key figures, tables, figures, checks and facts, frames as text."""
    tables = {name: page.table(name) for name in page.TABLES if page.shows(name)}
    figures = {name: page.figure(name) for name in page.FIGURES if page.shows(name)}
    return {
        "sentences": page.sentences(),
        "key figures": page.key_figures(),
        "checks": page.checks(),
        "sources": page.data_sources,
        "facts": plain(page.facts()),
        "tables": {name: (one.title, one.subtitle, one.notes, plain(one.frame)) for name, one in tables.items()},
        "figures": {name: (one.title, one.subtitle, one.alt, plain(one.frame)) for name, one in figures.items()},
        "lacks": {name: page.lacks(name) for name in (*page.TABLES, *page.FIGURES, *page.sentences())},
        "gains": page.gains().to_dict(),
        "bars": page.bars(),
    }


def plain(frame):
    return frame.reset_index(drop=True).to_csv()


def pages():
    return [
        *((topic, "invented", one) for topic in TOPICS for one in INVENTED),
        *((topic, "scotland", one) for topic in TOPICS for one in SCOTTISH if one != "stirling"),
    ]


every_page = pytest.mark.parametrize(
    ("topic", "sample", "one"), pages(), ids=lambda x: getattr(x, "__name__", str(x)).rpartition(".")[2]
)


# Two steps


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("sample", ["invented", "scotland"])
def test_prepared_and_worked_out_is_computed(topic, sample, samples, whole, assumptions):
    """Prepared and then worked out, every frame is what compute gives, to the last digit."""
    made = topic.work_out(topic.prepare(samples[sample]), assumptions)
    there = whole[topic, sample]
    assert list(made.tables) == list(there.tables)
    for name, frame in made.tables.items():
        pd.testing.assert_frame_equal(frame, there.tables[name], check_exact=True)
    assert made.data_sources == there.data_sources
    assert made.used == there.used
    assert made.sentences() == there.sentences()


@every_page
def test_prepared_for_one_its_page_is_the_same(topic, sample, one, samples, whole, assumptions):
    """Prepared for one partnership, its page is the one made of all, though the prepared rows are its own."""
    page = latest(whole[topic, sample], one)
    prepared = topic.prepare(samples[sample], one)
    assert told(topic.work_out(prepared, assumptions).only(one, page.period.name)) == told(page)
    for name, frame in prepared.tables.items():
        if "partnership" in frame:
            assert set(frame["partnership"]) <= {one}, name


def test_a_nation_stays_whole_when_one_is_prepared(scotland, assumptions):
    """Prepared for one partnership, Scotland's days are still those of all 31 and of people of elsewhere."""
    made = shunting.work_out(shunting.prepare(scotland, "highland"), assumptions).only("highland", "2024/25")
    nation = made.tables["nations"].set_index("period").loc["2024/25"]
    assert nation["bed_days"] == 720_119
    assert "720,119 days" in made.sentence("nation")


def test_the_choices_of_an_appraisal_are_told_when_it_is_worked_out(invented, assumptions):
    """Schedule and source of growth are chosen after preparing, with the same answer as compute."""
    terms = {"schedule": "0.03", "growth_from": "people"}
    made = investment.work_out(investment.prepare(invented, "strathorran"), assumptions, **terms)
    there = investment.compute(invented, assumptions, **terms)
    assert told(latest(made, "strathorran")) == told(latest(there, "strathorran"))
    assert "3%" in made.schedule
    with pytest.raises(ValueError, match=r"^growth_from: found 'ages'"):
        investment.work_out(investment.prepare(invented), assumptions, growth_from="ages")


@pytest.mark.parametrize("topic", TOPICS)
def test_what_was_prepared_stays_as_it_was(topic, invented, assumptions):
    """Worked out under other assumptions in between, the same assumptions give the same page again."""
    prepared = topic.prepare(invented, "hadderley")
    before = told(latest(topic.work_out(prepared, assumptions), "hadderley"))
    ends = {name: assumptions[name].range.high for name in topic.USES if list(assumptions[name].value) == ["always"]}
    other = told(latest(topic.work_out(prepared, with_values(assumptions, **ends)), "hadderley"))
    assert other != before
    assert told(latest(topic.work_out(prepared, assumptions), "hadderley")) == before


@pytest.mark.parametrize("topic", TOPICS)
def test_an_unknown_partnership_is_refused(topic, invented):
    """A partnership that is none of the table is refused when it is prepared, with the nearest match."""
    with pytest.raises(InputRefused) as refused:
        topic.prepare(invented, "strathoran")
    [problem] = refused.value.problems
    assert problem.nearest == "strathorran"


# One sentence


@every_page
def test_one_sentence_is_that_of_all(topic, sample, one, whole):
    """A sentence by its name is the one among all; a name that there is not is refused with those there are."""
    page = latest(whole[topic, sample], one)
    together = page.sentences()
    assert {name: page.sentence(name) for name in together} == together
    with pytest.raises(ValueError, match=r"^sentence: found 'headlines'; expected one of \['headline'"):
        page.sentence("headlines")


@pytest.mark.parametrize("topic", TOPICS)
def test_before_it_is_narrowed_only_the_overview_is_said(topic, whole):
    """A result of all partnerships has its headline by name too, and no other sentence."""
    result = whole[topic, "invented"]
    assert result.sentence("headline") == result.sentences()["headline"]
    with pytest.raises(ValueError, match=r"expected one of \['headline'\]$"):
        result.sentence("caution")


# Gains


@every_page
def test_gains_add_up(topic, sample, one, whole):
    """What partners gain adds up to what everyone gains, to half a penny, where it is known by partner."""
    gains = latest(whole[topic, sample], one).gains()
    assert gains.index.is_unique
    if len(gains):
        assert gains.index[0] == TOGETHER
        assert gains.notna().all()
    if len(gains) > 1:
        assert gains.drop(TOGETHER).sum() == pytest.approx(gains[TOGETHER], abs=HALF_PENNY)


def test_gains_of_delay_are_its_changes_in_cash(whole):
    """Hospitals lose what they bear in cash, care budgets gain what they do not pay, and together it is the fact."""
    page = whole[shunting, "scotland"].only("glasgow-city", "2024/25")
    facts = page.facts().query("partnership == 'glasgow-city'")
    gains = page.gains()
    bears = facts[facts["measure"] == "borne_cash_releasing"]
    care = facts[facts["measure"] == "care_not_paid_for_cash_releasing"]
    assert set(gains.index) == {TOGETHER, "hospitals", "partnership"}
    assert gains["hospitals"] == pytest.approx(-bears["amount"].sum(), abs=HALF_PENNY)
    assert gains["partnership"] == pytest.approx(-care["amount"].sum(), abs=HALF_PENNY)
    total = facts.loc[facts["measure"] == "total_system_cash_releasing", "amount"].item()
    assert gains[TOGETHER] == pytest.approx(-total, abs=HALF_PENNY)


@pytest.mark.parametrize("one", INVENTED)
def test_gains_of_delay_leave_other_mechanisms_out(one, whole):
    """Together they are care not paid for less what hospitals bear in cash, whatever else a user has priced."""
    page = latest(whole[shunting, "invented"], one)
    _, borne, care, together = page.bars().pounds.values()
    assert together == pytest.approx(borne - care, abs=HALF_PENNY)
    assert page.gains()[TOGETHER] == pytest.approx(care - borne, abs=HALF_PENNY)
    facts = page.facts().groupby("measure")["amount"].sum()
    paid = facts["borne_cash_releasing"] + facts["care_not_paid_for_cash_releasing"]
    assert page.gains()[TOGETHER] == pytest.approx(-paid, abs=HALF_PENNY)


def test_gains_move_as_the_cash_share_does(scotland, assumptions):
    """With a tenth more of a bed's cost to give up, hospitals lose that much more to delay, and care budgets no less.

    Orkney Islands 2024/25: the change is 0.1 · days · £618.12.
    """
    prepared = shunting.prepare(scotland, "orkney-islands")
    share, cost = assumptions["bed_day_cash_share"].value["always"], 618.12
    plain, more = (
        shunting.work_out(prepared, with_values(assumptions, bed_day_cash_share=one)).only("orkney-islands", "2024/25")
        for one in (share, share + 0.1)
    )
    days = plain.view.bed_days
    moved = more.gains() - plain.gains()
    assert days > 0
    assert moved["hospitals"] == pytest.approx(-0.1 * days * cost, abs=HALF_PENNY)
    assert moved["partnership"] == 0
    assert moved[TOGETHER] == pytest.approx(moved["hospitals"], abs=HALF_PENNY)


@pytest.mark.parametrize("values", [{}, {"plan_pressures": 1.3, "plan_savings": 0.5, "plan_uplift": 0.01}])
@pytest.mark.parametrize("one", INVENTED)
def test_gains_of_a_plan_are_minus_its_gap(one, values, invented, assumptions):
    """Next year's gap, its sign turned, together and by partner, also where the plan's own terms are changed."""
    page = latest(baseline.compute(invented, with_values(assumptions, **values)), one)
    fact = page.facts().query("measure == 'plan_gap_central'")
    year = page.view.back(-1)
    gap = fact.loc[fact["period"] == year, "amount"].item()
    gains = page.gains()
    assert gains[TOGETHER] == pytest.approx(-gap, abs=HALF_PENNY)
    assert len(gains) > 1
    assert gains.drop(TOGETHER).sum() == pytest.approx(-gap, abs=HALF_PENNY)
    drivers = page.table("next_year")
    divisor = {"£ million": 1e6, "£ thousand": 1e3}.get(drivers.subtitle.rpartition(", ")[2], 1.0)
    assert drivers.frame["all"].iloc[-1] * divisor == pytest.approx(gap, abs=HALF_PENNY)


def test_a_forecast_of_one_partner_is_no_forecast_of_the_year(invented, assumptions):
    """Where only one of two partners has forecast the year, no overspend is in next year's gap, by partner as well."""
    spending = invented["spending"]
    own = spending[(spending["partnership"] == "strathorran") & spending["forecast"].notna()]
    silent = sorted(own["partner"].unique())[0]
    hushed = spending.assign(forecast=spending["forecast"].mask(spending["partner"] == silent))
    page = baseline.compute({**invented, "spending": hushed}, assumptions).only("strathorran", "2026/27 Q2")
    assert not page.view.row["from_underlying"]
    gains = page.gains()
    assert gains[TOGETHER] == pytest.approx(-page.view.next_year["gap"], abs=HALF_PENNY)
    assert gains.drop(TOGETHER).sum() == pytest.approx(gains[TOGETHER], abs=HALF_PENNY)


@pytest.mark.parametrize("one", INVENTED)
def test_gains_of_schemes_are_cash_less_cost(one, whole):
    """Together the facts of cash less those of cost, of the schemes that may be totalled; partners add up to it."""
    page = latest(whole[investment, "invented"], one)
    rows = page.tables["summary"].sort_values("order")
    chosen = rows if rows["base"].nunique() == 1 else rows.head(1)
    facts, gains = page.facts().set_index("measure"), page.gains()
    nets = pd.concat([facts.loc[[f"scheme_{scheme}_net_all"]] for scheme in chosen["scheme"]])
    assert set(gains.index) == {TOGETHER, *nets["to_partner"]}
    together = sum(
        facts.loc[f"scheme_{scheme}_pv_cash", "amount"] - facts.loc[f"scheme_{scheme}_pv_investment", "amount"]
        for scheme in chosen["scheme"]
    )
    assert gains[TOGETHER] == pytest.approx(together, abs=HALF_PENNY)


def test_where_nothing_is_known_nobody_gains(whole, scotland, assumptions):
    """Without budgets, schemes or days there are no gains and no bars."""
    without = {name: frame for name, frame in scotland.items() if name != "delays"}
    for page in (
        latest(whole[baseline, "scotland"], "highland"),
        latest(whole[investment, "scotland"], "highland"),
        shunting.compute(without, assumptions).only("highland", "2024/25"),
    ):
        assert page.gains().empty
        assert page.bars() is None


def test_gains_have_everyone_first():
    """Gains are a Series of floats by id, everyone together before the partners."""
    gains = gains_of(3, pd.Series({"one": 1, "two": 2}))
    assert gains.to_dict() == {"together": 3.0, "one": 1.0, "two": 2.0}
    assert gains.dtype == float


# Bars


@every_page
def test_bars_are_few_and_of_one_unit(topic, sample, one, whole):
    """There are two to five bars of different names, in one unit, or none where nothing is known."""
    page = latest(whole[topic, sample], one)
    bars = page.bars()
    assert (bars is None) == page.gains().empty or topic is baseline
    if bars is not None:
        assert 2 <= len(bars.rows) == len(bars.pounds) <= 5
        assert bars.unit in ("£ million", "£ thousand", "£")
        assert all(value == value for _, value in bars.rows)
        assert page.view.name in bars.title or topic is investment


def test_bars_of_delay_are_facts(whole):
    """Borne in capacity and in cash, care not paid for and the total in cash are the facts of those names."""
    page = whole[shunting, "scotland"].only("highland", "2024/25")
    facts = page.facts().query("partnership == 'highland'").groupby("measure")["amount"].sum()
    assert "mechanism_cash_releasing" not in facts
    assert list(page.bars().pounds.values()) == pytest.approx(
        [
            facts["borne_full_average"],
            facts["borne_cash_releasing"],
            -facts["care_not_paid_for_cash_releasing"],
            facts["total_system_cash_releasing"],
        ],
        abs=HALF_PENNY,
    )


@pytest.mark.parametrize("one", INVENTED)
def test_bars_of_a_budget_are_facts(one, whole):
    """The gap in the year, the recurring gap and the central gaps ahead are the facts of those names and years."""
    page = latest(whole[baseline, "invented"], one)
    facts = page.facts()
    ahead = facts[facts["measure"] == "plan_gap_central"].sort_values("period")
    first = [facts.loc[facts["measure"] == name, "amount"].item() for name in ("gap_in_year", "gap_recurring")]
    bars = page.bars()
    assert list(bars.pounds.values()) == pytest.approx([*first, *ahead["amount"]], abs=HALF_PENNY)
    assert [label[-7:] for label in list(bars.pounds)[2:]] == ahead["period"].tolist()


@pytest.mark.parametrize("one", INVENTED)
def test_bars_of_schemes_are_their_facts(one, whole):
    """Cost, cash and the other benefits are the facts' present values, and the last bar is what cash leaves."""
    page = latest(whole[investment, "invented"], one)
    cost, cash, other, net = page.bars().pounds.values()
    facts = page.facts().set_index("measure")["amount"]
    schemes = page.view.totalled["scheme"]
    of = {name: sum(facts[f"scheme_{one}_pv_{name}"] for one in schemes) for name in ("investment", "cash", "gross")}
    assert cost == pytest.approx(of["investment"], abs=HALF_PENNY)
    assert (cash, cash + other) == pytest.approx((of["cash"], of["gross"]), abs=HALF_PENNY)
    assert net == pytest.approx(page.gains()[TOGETHER], abs=HALF_PENNY)


def test_bars_name_their_unit():
    """Amounts stand in the unit of the largest, and in pounds are what they were."""
    bars = bars_of("A title", {"One": 2_500_000.0, "Two": -1_000.0})
    assert bars == Bars("A title", "£ million", 2, (("One", 2.5), ("Two", -0.001)))
    assert bars.pounds == pytest.approx({"One": 2_500_000.0, "Two": -1_000.0})


# Figures


@pytest.mark.parametrize("topic", TOPICS)
def test_figures_to_explore_are_figures(topic, whole):
    """Every figure to explore is one of the topic's, and some page of the samples shows it."""
    result = whole[topic, "invented"]
    assert result.EXPLORE
    assert set(result.EXPLORE) <= set(result.FIGURES)
    shown = {
        name
        for sample, ones in (("invented", INVENTED), ("scotland", ("highland",)))
        for one in ones
        for name in result.EXPLORE
        if latest(whole[topic, sample], one).shows(name)
    }
    assert shown == set(result.EXPLORE)


@pytest.mark.parametrize("topic", TOPICS)
def test_figures_to_explore_move(topic, samples, assumptions):
    """Each figure to explore is another when some assumption has other values, on a page that shows it."""
    still = set(topic.work_out(topic.prepare(samples["invented"]), assumptions).EXPLORE)
    for sample, one in (("invented", "strathorran"), ("invented", "hadderley"), ("scotland", "highland")):
        prepared = topic.prepare(samples[sample], one)
        plain = latest(topic.work_out(prepared, assumptions), one)
        for name in topic.USES:
            values = enumerate(assumptions[name].value.items(), start=1)
            moved = {year: value * (1 + 0.03 * i) + 0.01 for i, (year, value) in values}  # each year by more
            changed = {**assumptions, name: assumptions[name].model_copy(update={"value": moved})}
            page = latest(topic.work_out(prepared, Assumptions(changed, assumptions.sources)), one)
            still -= {
                figure
                for figure in still
                if plain.shows(figure) and not page.figure(figure).frame.equals(plain.figure(figure).frame)
            }
    assert not still


@pytest.mark.parametrize(("topic", "one"), [(baseline, "hadderley"), (investment, "strathorran")])
def test_one_width_is_drawn_as_with_both(topic, one, whole):
    """Drawn for one width alone, a figure is the same drawing as when both are drawn."""
    page = latest(whole[topic, "invented"], one)
    shown = page.figure(page.EXPLORE[0])
    both = draw(shown)
    assert draw(shown, only="wide").wide == both.wide
    assert draw(shown, only="narrow").narrow == both.narrow
    with pytest.raises(ValueError, match=r"^only: found 'tall'; expected 'wide' or 'narrow'"):
        draw(shown, only="tall")


def test_the_gaps_ahead_are_those_of_the_plan(whole):
    """The picture of the years ahead has the plan's gap of every year and scenario, the central one marked."""
    page = latest(whole[baseline, "invented"], "strathorran")
    shown, plan = page.figure("ahead"), page.view.central
    divisor = {"£ million": 1e6, "£ thousand": 1e3}[shown.unit]
    assert (shown.frame["amount"] * divisor).tolist() == pytest.approx(plan["gap"].tolist())
    assert shown.frame["scenario"].str.lower().tolist() == plan["scenario"].tolist()
    assert shown.highlight == "Central"
    assert shown.table.frame.equals(page.table("plan").frame)


@pytest.mark.parametrize("one", INVENTED)
def test_a_plan_ends_where_no_money_is_offered(one, invented, assumptions):
    """Before next year's money is offered, the page says so, shows this year alone, and has no gap ahead to draw."""
    funding = invented["funding"]
    tables = {**invented, "funding": funding[funding["year"] <= "2026/27"]}
    page = baseline.compute(tables, assumptions).only(one, "2026/27 Q2")
    plan = page.table("plan")
    assert plan.title == "No money is offered for 2027/28 yet, so the plan ends with 2026/27"
    assert plan.frame["year"].tolist() == ["2026/27"]
    assert "No money is offered for 2027/28 yet" in report.show(page, "plan", "next_year", "statement").html
    assert not page.shows("ahead")
    assert page.gains().empty
    assert len(page.bars().rows) == 2

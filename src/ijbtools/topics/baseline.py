"""Partners bring money to one budget for health and social care. This page says what each brings, how the budget came
about, whether it is enough, and what comes next. A budget can balance in its year and still be hollow: when recurring
costs are met with one-off money, the same gap stands there again next April.

| symbol | meaning | unit |
|---|---|---|
| E_r, E_n | budgeted spending on delegated and hosted services: recurring, and for this year only | £ |
| F_r, F_n | what partners agreed to bring, reserves left out: recurring, and for this year only | £ |
| m, k | cost of a new commitment a month; months of its first year in force | £, months |
| OBD, u | occupied bed days; direct cost of one | days, £ a day |
| v | part of that cost that falls with the days, before a ward closes | share |

**The budget.** Recurring budgets roll forward; changes for one year show in that year and fall out.

    closing recurring = opening recurring + sum of recurring changes
    full-year effect  = m · (12 − k)
    gap before reserves = (E_r + E_n) − (F_r + F_n) = recurring gap + one-off gap
    hidden gap        = E_r − F_r, where the year itself balances

What is agreed adds up; of what was asked or offered the latest round stands, and stands in where nothing is agreed.
Money passed from one partner's ledger to another's is counted once, where it is spent.

**Balance** has two meanings, and both are shown.

    may hold reserves:  in the year E ≤ F + planned use of reserves;   recurring: E_r ≤ F_r
    must break even:    in the year E ≤ F;                             recurring: E_r ≤ F_r
    three years:        sum of (limit − E) ≥ 0, and each year within 1% of its limit

**Next year.** The recurring cost that next year begins with is this year's budget, the recurring savings it will not
deliver, and the recurring part of its overspend; that is the same as the forecast without its one-off part.

    next year's gap = E_r − F_r + savings not delivered + recurring overspend + next year's pressures − uplift

The favourable and adverse scenarios take pressures, uplift and savings at the ends of their ranges.

**One budget.** In one budget a pound loses its identity: each service is paid for by all partners in the proportion in
which they contribute. The integrated budget is what partners pay in; with the amount set aside for hospital care it
makes the resources of the strategic plan. Under a lead agency each host has what is its own before delegation, and
what it receives, less what it passes on, so that both together have what was brought in.

**Set-aside.**

    u = direct cost of a specialty / its bed days, for all patients;   set-aside use = sum of OBD · u
    released by a fall of d days = v · u · d + (whole wards in d) · cost of closing one
    days of a ward = beds · 365 · occupancy

Until a ward closes the rest of a bed day's cost is capacity, not cash.

**Tests.** Past spending is restated to the budget's prices with the GDP deflator before it is compared. A test is met
(green), just missed (amber, within the margin among the assumptions) or not met (red).

**Doing nothing.** Spending grows with people, weighted by how much people of an age use, and with prices; nothing else
changes. It is no forecast.

**Pitfalls.** A cut in funding is not a rise in cost. A one-off never enters the next year's base. A saving that is
re-tabled every year is one saving. Reporting category (f), care groups, overlaps the others and is never added to them.
Council spending on social work that is published includes children's services, which most partnerships do not hold.

**Sources.** Tests: Scottish Government, Health and social care integration: financial assurance guidance, with Annex A.
Reporting categories: SSI 2014/326, regulation 4(2). Annual financial statement: Public Bodies (Joint Working)
(Scotland) Act 2014, section 39. Three-year rule for health boards: Scottish Government, 2018. The sums are this
project's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.contributions import brought as brought_by
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.inputs.reader import given, need
from ijbtools.topics import _baseline_facts as handed
from ijbtools.topics import _baseline_figures as drawn
from ijbtools.topics import _baseline_frames as frames
from ijbtools.topics import _baseline_needs as needs
from ijbtools.topics import _baseline_plan as planned
from ijbtools.topics import _baseline_tables as shown
from ijbtools.topics import _baseline_words as said
from ijbtools.topics._ageing import people
from ijbtools.topics._baseline_sums import full_year_effect, released, roll_forward, set_aside
from ijbtools.topics._baseline_view import View
from ijbtools.topics.result import (
    Bars,
    Check,
    KeyFigure,
    Prepared,
    Result,
    ShownFigure,
    ShownTable,
    named,
    need_partnership,
    of_one,
)

__all__ = [
    "READS",
    "USES",
    "BaselineResult",
    "compute",
    "full_year_effect",
    "prepare",
    "released",
    "roll_forward",
    "set_aside",
    "work_out",
]

USES = (
    "gdp_deflator",
    "budget_test_margin",
    "plan_pressures",
    "plan_uplift",
    "plan_savings",
    "use_65_74",
    "use_75_84",
    "use_85_over",
    "health_price_growth",
    "care_price_growth",
    "set_aside_fall",
    "set_aside_variable_share",
    "ward_beds",
    "ward_occupancy",
    "ward_step_share",
)
READS = (
    "partnerships",
    "partners",
    "services",
    "categories",
    "returns",
    "funding",
    "budgets",
    "changes",
    "savings",
    "spending",
    "reserves",
    "bed_days",
    "specialty_costs",
    "shares",
    "population",
    "published",
)

YEARS_AHEAD = 3  # a page further beyond the last published year is taken for a slip


@dataclass(frozen=True)
class BaselineResult(Result):
    """Budgets and what partners bring, for all partnerships and years; `only` narrows it.

    Frames in `tables` beside those that were read: `summary` (one row a partnership and year), `by_partner`, `brought`
    (the funding that counts), `bridge`, `use` (set-aside), `forecasts`, `plan` (years ahead by scenario), `outlook`.
    """

    TABLES = tuple(shown.TABLES)
    FIGURES = tuple(drawn.FIGURES)
    EXPLORE = ("ahead", "services", "published")

    @cached_property
    def view(self) -> View:
        """The numbers of the partnership and year; ValueError where it is not narrowed."""
        return View(self)

    def periods(self, partnership: str) -> list[str]:
        """Years with budgets or published figures, and their quarters; of the current year only quarters so far."""
        return frames.periods(self.tables, partnership)

    def beyond(self, partnership: str, period: Period) -> bool:
        """Where no budget was sent, a period after the last published year: the page says what is public till then."""
        last = Period.parse(self.periods(partnership)[-1])
        own = self.tables["summary"]["partnership"].eq(partnership).any()
        return not own and last.year < period.year <= last.year + YEARS_AHEAD

    def lacks(self, name: str) -> tuple[str, ...]:
        """The tables that the partnership would have to send for a sentence, table or figure of that name."""
        if name in needs.LEAD_AGENCY and not self.tables["partnerships"]["model"].eq("lead_agency").any():
            return ()
        return tuple(table for table in needs.SHOWS.get(name, ("", ()))[1] if not frames.sent(self, table))

    def shows(self, name: str) -> bool:
        """Whether the tables are there, and say something of this partnership and year."""
        return not self.lacks(name) and self.view.says(name)

    def secondary(self, name: str) -> bool:
        """Lists and breakdowns, one step behind the finding."""
        return name in needs.SECONDARY or (name == "people" and bool(self.view.row))

    def would_show(self, name: str) -> str:
        """What it shows, in a few words."""
        return needs.SHOWS[name][0]

    def checks(self) -> list[Check]:
        """Bridges close, budgets tie to funding, savings to changes, set-aside to its costs."""
        return handed.checks(self)

    def sentences(self) -> dict[str, str]:
        """The finding in words: for one partnership and period once narrowed, else how many there are."""
        return said.sentences(self.view) if self.period else said.overview(self)

    def sentence(self, name: str) -> str:
        """One sentence, without the others; ValueError names those there are."""
        return said.sentence(self.view, name) if self.period else super().sentence(name)

    def gains(self) -> pd.Series:
        """Minus the gap of next year in the central scenario, in £: what is over, if above 0.

            gain[p] = −(cost − money − reserves of partner p next year);   together = −gap of the plan

        Index `together`, then, where the page shows it by partner, those that have a part in it (`the pool` for money
        that is nobody's in particular). Empty where next year is not known.
        """
        return said.gains(self.view)

    def bars(self) -> Bars | None:
        """The gap in the year, the recurring gap, and the gaps left in the three years ahead, central scenario: £.

            gap = (E_r + E_n) − (F_r + F_n);   recurring = E_r − F_r;   left = gap less planned use of reserves

        Above 0 is missing. None where budget or money are not known.
        """
        return said.bars(self.view)

    def key_figures(self) -> list[KeyFigure]:
        """The figures at the top of the page."""
        return said.key_figures(self.view)

    def table(self, name: str) -> ShownTable:
        """A table for people; ValueError names those there are."""
        return named("table", shown.TABLES, name)(self.view)

    def figure(self, name: str) -> ShownFigure:
        """A figure as data; ValueError names those there are."""
        return named("figure", drawn.FIGURES, name)(self.view)

    def facts(self) -> pd.DataFrame:
        """Every figure as a row, for all partnerships and years unless narrowed."""
        return handed.facts(self)


def compute(
    tables: Mapping[str, pd.DataFrame], assumptions: Assumptions, facts: pd.DataFrame | None = None
) -> BaselineResult:
    """Work out the baseline of every partnership and year. Every table but partnerships and partners may be absent.

    `tables` as read by `inputs.read`; `facts` is not read. Raises InputRefused where partnerships or partners are
    missing, or a specialty with bed days has no cost.
    """
    return work_out(prepare(tables), assumptions)


def prepare(tables: Mapping[str, pd.DataFrame], partnership: str = "") -> Prepared:
    """All that no assumption moves: budgets, money, bridges, set-aside, savings, and what the years came to.

    With a `partnership` its own rows only; all are worked out before, as a specialty's cost is of all patients. Raises
    InputRefused as `compute` does, and where the partnership is none of the table.
    """
    need(tables, "partnerships", "partners")
    need_partnership(tables["partnerships"], partnership)
    sent = {name: given(tables, name) for name in READS}
    sent["shares"] = sent["shares"].rename(columns={"partnership": "area"})  # others' parts stay when narrowed
    budgets = frames.in_budget(sent["budgets"])
    changes = frames.of_services_in_budget(sent["changes"], sent["budgets"])
    brought = brought_by(sent["funding"], sent["partners"], sent["partnerships"])
    forecasts = frames.forecasts(sent["spending"], budgets)
    by_partner = frames.by_partner(budgets, brought, forecasts, sent["savings"])
    summary = frames.summary(by_partner, brought, sent["funding"], changes)
    years = sorted(set(budgets["year"]))
    bridges = [roll_forward(budgets, changes, year).assign(year=year_name(int(year[:4]) + 1)) for year in years]
    made = {
        **sent,
        "changes": changes,
        "in_budget": budgets,
        "brought": brought,
        "by_partner": by_partner,
        "forecasts": forecasts,
        "summary": summary,
        "bridge": pd.concat(bridges, ignore_index=True) if bridges else pd.DataFrame(columns=frames.BRIDGE),
        "use": _use(sent["bed_days"], sent["specialty_costs"]),
        "people": people(sent["population"]),
    }
    real = (sent["partnerships"]["kind"] == "real").any()
    public = (*(("S14",) if len(sent["published"]) else ()), *(("S02", "S03") if len(sent["population"]) else ()))
    returned = ("S18", "S11", "S16", "S17") if len(summary) else ()
    return Prepared(of_one(made, partnership), (*returned, *(public if real else ())), partnership)


def work_out(prepared: Prepared, assumptions: Assumptions) -> BaselineResult:
    """The years ahead and the outlook of what was prepared: plan in three scenarios, and what doing nothing costs."""
    use = assumptions.pick(USES)
    made = prepared.tables
    plan = planned.plan(made["summary"], made["changes"], made["brought"], made["funding"], use)
    outlook = planned.outlook_of(made["services"], made["in_budget"], made["people"], use)
    return BaselineResult(
        topic="baseline",
        tables={**made, "plan": plan, "outlook": outlook},
        used=tuple(use[name] for name in USES),
        sources=use.sources,
        data_sources=prepared.data_sources,
        scenario=use.scenario,
        method=__doc__ or "",
    )


def _use(bed_days: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Set-aside where both tables were sent; what they lack is refused as input."""
    if bed_days.empty or costs.empty:
        return set_aside(bed_days.iloc[:0], costs.iloc[:0])
    try:
        return set_aside(bed_days, costs)
    except ValueError as error:
        table, _, said = str(error).partition(": found ")
        found, _, expected = said.partition("; expected ")
        raise InputRefused([Problem(f"{table}.csv", found, expected)]) from None

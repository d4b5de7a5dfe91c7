"""Schemes are sold as savings when they absorb growth; one partner pays and another gains; a budget for one year kills
what pays back in four. This page says for every scheme what it costs and brings, whom, when, and whether it saves
money or manages demand.

| symbol | meaning | unit |
|---|---|---|
| C0, C1 | cost of the services it acts on: if nothing is done, and with the scheme, its own cost left out | £ a year |
| Bud | the budget of these services, rolled forward with its uplift | £ a year |
| G | gross benefit | £ a year |
| R | part of it that is released from the budget | £ a year |
| I | investment: what the scheme itself costs | £ a year |
| DF | discount factor of the schedule named | |

**What a scheme releases.** Budgets are cash, so this is worked out year by year.

    G = C0 − C1;   R = max(0, min(G, Bud − C1));   cash = R · cashable share, in whole steps only
    freed = R − cash (capacity);   absorbed = G − R (growth that does not come; below 0, a cost the scheme adds)

Until the latest year with a budget, and where the budget of a service is not known, everything is released.

**What it is.** Present values are in real terms; the first year is not discounted.

    invest to save      PV(cash) ≥ PV(I)
    invest to manage    PV(cash) < PV(I) ≤ PV(G)
    does not pay back   otherwise; it may still be worth its outcomes
    fundable every year: in its last year, cash ≥ recurring cost

The label is never chosen. It is printed with the uplift and growth it rests on, and with the uplift at which it turns.

**Build-up.** Where people and effects are given, the benefit is

    people · reach · effect · (1 − deadweight) · attribution · unit cost · (1 − correction of the grade of evidence)

with its lag, its ramp and its drop-off; then it replaces what the scheme claims for the same budget. An effect from a
comparison has no deadweight. What a scheme claims is taken as it is.

**Several schemes.** They act in a stated order. A later one acts on what earlier ones have left, and has of what the
budget releases only what comes on top.

**Capital.** It counts against a partner's limit, or against its borrowing, whose repayment is an equal sum each year:

    repayment a year = capital · r / (1 − (1 + r)^−life), from the year after

**Double running.** Until a scheme releases what it costs, old and new run side by side: cost in revenue less cash.

**Who gains.** A partner's net is the present value of its benefits less that of its costs: on all benefits, and on
those that its budget can give up. Only the second can be paid to another.

    least = −net of who invests;   most = gains of the others;   feasible when the sum of all nets is 0 or more

Rules: the cost covered and no more; the gain shared equally; the gain shared as partners invest. A transfer agreement
is this; a funding settlement is the government's.

**Break-even.** How far one thing may be worse, all else as assumed, before cash or all benefits no longer cover the
cost.

**Pitfalls.** Capacity is not cash. Growth that does not come is no saving, and no budget falls by it. A range must hold
what the correction leaves and not correct again. Amounts, growth and uplift are in the same terms: in the prices of
the year that the scheme's amounts are in.

**Sources.** Discounting: HM Treasury, The Green Book. Corrections by grade of evidence: cost benefit analysis guidance
for local partnerships (2014), not read for this page. The sums of release and settlement are this project's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd

from ijbtools.finance.discounting import schedule_label
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.inputs.reader import given, need
from ijbtools.topics import _investment_facts as handed
from ijbtools.topics import _investment_figures as drawn
from ijbtools.topics import _investment_needs as needs
from ijbtools.topics import _investment_schemes as schemes
from ijbtools.topics import _investment_shown as shown
from ijbtools.topics import _investment_words as said
from ijbtools.topics._ageing import people
from ijbtools.topics._investment_cases import Case, cases, drivers
from ijbtools.topics._investment_frames import PARTS, frames
from ijbtools.topics._investment_schemes import Portfolio
from ijbtools.topics._investment_sums import label, optimism_bias, partition, switching_value
from ijbtools.topics._investment_view import View
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
    "PARTS",
    "READS",
    "USES",
    "InvestmentResult",
    "compute",
    "label",
    "optimism_bias",
    "partition",
    "prepare",
    "switching_value",
    "work_out",
]

USES = (
    "do_nothing_growth",
    "budget_uplift",
    "cash_step",
    "use_65_74",
    "use_75_84",
    "use_85_over",
    "health_price_growth",
    "care_price_growth",
    "gdp_deflator",
    "borrowing_rate",
    "asset_life",
    "correction_grade_1",
    "correction_grade_2",
    "correction_grade_3",
    "correction_grade_4",
    "correction_grade_5",
    "correction_grade_6",
)
READS = (
    "partnerships",
    "partners",
    "services",
    "budgets",
    "funding",
    "reserves",
    "schemes",
    "scheme_flows",
    "scheme_effects",
    "population",
    "returns",
)

GROWTH_FROM = ("assumed", "people")


@dataclass(frozen=True)
class InvestmentResult(Result):
    """Schemes of all partnerships; `only` narrows to one partnership and day.

    Frames beside those that were read: `years` (one row a scheme and year), `partners_net` (a scheme and partner),
    `summary` (a scheme), `build_up` (a line of effect), `lines` (a scheme, budget and year). `cases` are the schemes as
    arrays, from which any growth, uplift or sample can be worked out again.
    """

    cases: tuple[Case, ...] = ()
    schedule: str = ""
    schedule_name: str | float = ""
    grown: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)

    TABLES = tuple(shown.TABLES)
    FIGURES = tuple(drawn.FIGURES)
    EXPLORE = ("curve", "outcome", "partners", "factors")

    @cached_property
    def view(self) -> View:
        """The numbers of the partnership's schemes; ValueError where it is not narrowed."""
        return View(self)

    def only(self, partnership: str, period: str) -> "InvestmentResult":
        """The same result for one partnership and day, with the sources of what it has."""
        narrowed = cast(InvestmentResult, super().only(partnership, period))
        return replace(narrowed, data_sources=needs.data_sources(narrowed, self.data_sources))

    def periods(self, partnership: str) -> list[str]:
        """Years with a budget and their quarters, for partnerships that have schemes; none for others."""
        if partnership not in set(self.tables["summary"]["partnership"]):
            return []
        budgets = self.tables["budgets"]
        years = sorted(set(budgets.loc[budgets["partnership"] == partnership, "year"]))
        return [Period(int(year[:4]), 1, 3 * quarter).name for year in years for quarter in (1, 2, 3, 4)]

    def lacks(self, name: str) -> tuple[str, ...]:
        """The tables that the partnership would have to send for a sentence, table or figure of that name."""
        return needs.lacks(self, name)

    def shows(self, name: str) -> bool:
        """Whether the tables are there, and say something of this partnership."""
        return not self.lacks(name) and shown.says(self.view, name)

    def secondary(self, name: str) -> bool:
        """Lists behind the finding."""
        return name in shown.SECONDARY

    def would_show(self, name: str) -> str:
        """What it shows, in a few words."""
        return needs.SHOWS[name][0]

    def checks(self) -> list[Check]:
        """Parts add up, schemes take no more than there is, transfers sum to nothing."""
        return handed.checks(self)

    def sentences(self) -> dict[str, str]:
        """The finding in words: for one partnership once narrowed, else how many schemes there are."""
        return said.sentences(self.view) if self.period else said.overview(self)

    def sentence(self, name: str) -> str:
        """One sentence, without the others; ValueError names those there are."""
        return said.sentence(self.view, name) if self.period else super().sentence(name)

    def gains(self) -> pd.Series:
        """Present value of cash less cost, by partner and together: £ in the prices of the first year.

            gain[p] = PV(cash released by budgets of p) − PV(costs of p);   together = PV(cash) − PV(investment)

        Summed over the schemes where all are in the prices of one year, else of the first scheme alone. Index
        `together`, then the partners. Empty where there are no schemes.
        """
        return said.gains(self.view)

    def bars(self) -> Bars | None:
        """Present values of cost, of cash, of the other benefits, and of cash less cost: £, of the schemes of `gains`.

            other = PV(all benefits) − PV(cash)

        None without schemes.
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
        """Every figure as a row, for all partnerships unless narrowed."""
        return handed.facts(self)


@dataclass(frozen=True)
class InvestmentPrepared(Prepared):
    """The schemes as they were sent, laid out by line and year, and the build-up but for its correction."""

    portfolios: tuple[Portfolio, ...]
    built: pd.DataFrame


def compute(
    tables: Mapping[str, pd.DataFrame],
    assumptions: Assumptions,
    facts: pd.DataFrame | None = None,
    schedule: str | float = "green_book_2022",
    growth_from: str = "assumed",
) -> InvestmentResult:
    """Appraise every scheme of every partnership, on one discount schedule.

    `tables` as read by `inputs.read`; every table but partnerships and partners may be absent. `facts` is not read.
    `schedule` is a name or a flat rate, also as text such as "0.03". `growth_from` is `assumed` (one rate) or `people`
    (people by age and prices, from the tables). Raises InputRefused where partnerships or partners are missing,
    ValueError where the schedule or `growth_from` is unknown.
    """
    _chosen(schedule, growth_from)
    return work_out(prepare(tables), assumptions, schedule=schedule, growth_from=growth_from)


def prepare(tables: Mapping[str, pd.DataFrame], partnership: str = "") -> InvestmentPrepared:
    """All that no assumption moves: schemes by line and year, their build-up, budgets, and people by age.

    With a `partnership` its own schemes only. Raises InputRefused where partnerships or partners are missing, or the
    partnership is none of the table.
    """
    need(tables, "partnerships", "partners")
    need_partnership(tables["partnerships"], partnership)
    every = {name: given(tables, name) for name in READS}
    real = (every["partnerships"]["kind"] == "real").any()
    every["built"] = schemes.build_up(every["scheme_effects"], every["scheme_flows"])
    sent = of_one(every, partnership)
    built = sent.pop("built")
    counted = people(sent["population"])
    return InvestmentPrepared(
        tables={**sent, "people": counted},
        data_sources=("S18", "S20", *(("S02", "S03") if real else ())),
        partnership=partnership,
        portfolios=tuple(schemes.portfolios(sent, built, counted)),
        built=built,
    )


def work_out(
    prepared: InvestmentPrepared,
    assumptions: Assumptions,
    schedule: str | float = "green_book_2022",
    growth_from: str = "assumed",
) -> InvestmentResult:
    """Appraise the schemes that were prepared. ValueError where the schedule or `growth_from` is unknown."""
    rate, label_of = _chosen(schedule, growth_from)
    use = assumptions.pick(USES)
    made: list[Case] = []
    grown: dict[tuple[str, str], np.ndarray] = {}
    for portfolio in prepared.portfolios:
        own = cases(portfolio, use)
        driven = drivers(portfolio, own, use)
        grown |= {(one.partnership, one.scheme): by for one, by in zip(own, driven, strict=True)}
        by_people = growth_from == "people"
        made += [replace(one, drivers=by) if by_people else one for one, by in zip(own, driven, strict=True)]
    return InvestmentResult(
        topic="investment",
        tables={
            **prepared.tables,
            **frames(made, prepared.tables["partners"], use, rate),
            "build_up": schemes.corrected(prepared.built, use),
        },
        used=tuple(use[name] for name in USES),
        sources=use.sources,
        data_sources=prepared.data_sources,
        scenario=use.scenario,
        method=__doc__ or "",
        cases=tuple(made),
        schedule=label_of,
        schedule_name=rate,
        grown=grown,
    )


def _chosen(schedule: str | float, growth_from: str) -> tuple[str | float, str]:
    """A schedule's name, or a flat rate as a number, and its label; ValueError where a choice is unknown."""
    if growth_from not in GROWTH_FROM:
        raise ValueError(f"growth_from: found {growth_from!r}; expected one of {list(GROWTH_FROM)}")
    try:
        rate: str | float = float(schedule)
    except ValueError:
        rate = schedule
    return rate, schedule_label(rate)

"""Delayed discharge is one way in which the decision of one partner becomes the cost of another. A person who is ready
to leave hospital but waits for the next step occupies a bed that a hospital pays for, while the care that would have
followed is not yet paid for. This page prices that, says who decides and who bears, and shows what changes when the
money lies in one budget.

| symbol | meaning | unit |
|---|---|---|
| D | delayed days in the period, by published group of reasons and age | days |
| u | cost of an occupied bed for a day, on the basis named | £ a day |
| v | part of that cost that a budget can give up when a bed is freed | share |
| c | price of the care that people wait for | £ a day |
| k | what people pay towards that care themselves | £ a day |
| s, f | share of days of people who pay for their own care; payment to them for that care | share, £ a day |
| d[p] | change in the cost of partner p: with the delay less without it; above 0 is borne | £ |

**What is priced.** Each delay is priced against one alternative: the care in place on the day the person was ready.

    borne by hospitals, full average = D · u
    borne by hospitals, cash         = D · u · v
    care not paid for, public purse  = D · ((1 − s) · (c − k) + s · f)
    care not paid for, by people     = D · ((1 − s) · k + s · (c − f))
    beds occupied on average         = D / days in the period
    rate = days of people aged 75+ / people aged 75+ · 1,000

Care is priced for the days spent waiting for care only.

**What follows.** For one mechanism with decider k:

    everyone together = Σ d
    gross             = Σ |d|
    shunted           = (gross − |Σ d|) / 2
    extra cost to all = max(0, Σ d)
    gain              = max(0, −Σ d)
    imposed           = Σ over p ≠ k of max(0, d[p])
    the sign turns at a cash share of c / u

Amounts over several mechanisms are given gross (sum of what each shunts) and net (of the sum of d). One budget changes
who gains and who loses, not what is lost: with the same decisions the shunted cost cancels and the extra cost stays.

**Who decides.** The published group "health and social care reasons" means waiting for arrangements that the
partnership makes. It does not split health from social care, so neither partner is named. For adults with incapacity
the law decides, for patient and family reasons people themselves; other complex needs are not assigned. Partners who
have agreed detailed reasons can say more in the table `attribution`. Under a lead agency the host of adult care both
decides and bears, and the other partner pays an agreed sum.

**Pitfalls.** A freed bed is capacity, not cash: only the cash basis can be paid or taken out of a budget. The published
costs of a bed day measure different things and never form one series. Areas code reasons differently, so they must not
be ranked by them. Days are counted where people live, not where they are treated: "hospitals" may be another board's.
The after-effect of waiting on people and on later care is not valued. Care is priced for days waiting for care only;
for other reasons nothing is known of the alternative.

**Sources.** Definitions of delay and of the groups of reasons: Public Health Scotland, from July 2016. The tension
between partners: Scottish Government consultation on integration, 2012, paragraph 5.9. The sums are this project's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from typing import cast

import numpy as np
import pandas as pd

from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.inputs.reader import given, need
from ijbtools.topics import _shunting_days as counted
from ijbtools.topics import _shunting_facts as handed
from ijbtools.topics import _shunting_hidden as held
from ijbtools.topics import _shunting_needs as needs
from ijbtools.topics import _shunting_prices as prices
from ijbtools.topics import _shunting_shown as shown
from ijbtools.topics import _shunting_words as said
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

USES = (
    "bed_day_cost",
    "bed_day_cash_share",
    "care_day_cost",
    "care_day_contribution",
    "self_funder_share",
    "self_funder_day_payment",
)
READS = ("partnerships", "partners", "delays", "population", "attribution", "mechanisms")


def delay_cost(delays: pd.DataFrame, bed_day_cost: float) -> pd.DataFrame:
    """What delayed days cost hospitals: the columns of `delays` and `amount` = bed_days · bed_day_cost, in £.

    The amount is not rounded and has the price base and basis of the cost. 720,119 days at £618.12 are
    £445,119,956.28. Raises ValueError where `bed_days` is missing or not 0 or more, or the cost is negative or nan.
    """
    if "bed_days" not in delays:
        raise ValueError(f"delays: found the columns {list(delays.columns)}; expected one named bed_days")
    days = pd.to_numeric(delays["bed_days"], errors="coerce")
    if not (days >= 0).all():
        raise ValueError(f"delays: found bed_days {delays['bed_days'][~(days >= 0)].tolist()}; expected 0 or more")
    if not (isinstance(bed_day_cost, Real) and np.isfinite(bed_day_cost) and bed_day_cost >= 0):
        raise ValueError(f"bed_day_cost: found {bed_day_cost!r}; expected £ a day, 0 or more")
    return delays.assign(amount=days * float(bed_day_cost))


def break_even_share(saving: float, short_term_cost: float, long_term_cost: float) -> float:
    """The change in the share of people who end in long-term care at which discharge to assess neither costs nor saves.

        p = (saving − short_term_cost) / long_term_cost          £ a person throughout

    Positive: there is room for that many more to end in long-term care. Negative: so many fewer must. With a hospital
    saving of £3,360, short-term care of £2,400 and long-term care of £48,000 it is +0.02; for the partner who only pays
    (saving 0), −0.05. Raises ValueError where an amount is not finite, or the long-term cost not above 0.
    """
    for name, value in (("saving", saving), ("short_term_cost", short_term_cost), ("long_term_cost", long_term_cost)):
        if not isinstance(value, Real) or not np.isfinite(value):
            raise ValueError(f"{name}: found {value!r}; expected £ a person")
    if long_term_cost <= 0:
        raise ValueError(f"long_term_cost: found {long_term_cost!r}; expected £ a person, more than 0")
    return (saving - short_term_cost) / long_term_cost


def by_period(
    tables: Mapping[str, pd.DataFrame], assumptions: Assumptions, bases: Sequence[str] = prices.BASES
) -> pd.DataFrame:
    """The flow matrix of delayed days: who decides against who bears, by reason, in each month or quarter as sent.

        amount = days · unit amount: £ a day for a bed, − £ a day for care that is not paid for

    A row for each partnership, period, reason, basis (`bases`), item (bed or care), `decides` and `bears`: `days`, and
    `amount` in £. Unlike `compute` nothing is added up from April, and mechanisms of the user’s own are left out: the
    months of a year to date sum to its priced lines. Months are finer than what is suppressed for pages, so these rows
    are for whoever may see the tables. Raises InputRefused as `compute` does.
    """
    need(tables, "partnerships", "partners")
    sent = {name: given(tables, name) for name in READS}
    delays, partnerships = sent["delays"], sent["partnerships"]
    hosts = counted.hosts(partnerships, sent["partners"], set(delays["partnership"].unique()))
    rows = prices.borne(delays, partnerships.assign(host=hosts), sent["attribution"], bases, in_order=True)
    units = prices.unit_amounts(assumptions.pick(USES), tuple(sorted(delays["period"].unique())))
    each = units.set_index(["period", "basis"])
    own = each.index.get_indexer(pd.MultiIndex.from_frame(rows[["period", "basis"]]))
    bed, public, people = (each[name].to_numpy(float)[own] for name in ("bed", "care_public", "care_people"))
    price = rows["price"].to_numpy(int)
    unit_amount = np.choose(price, [bed, -public, -people])
    rows = rows.assign(amount=rows["quantity"] * unit_amount)[(price != prices.PEOPLE) | (unit_amount != 0)]
    keys = ["partnership", "period", "reason", "basis", "item", "decides", "bears"]
    rows = rows.rename(columns={"partner": "bears", "quantity": "days"})
    return rows[[*keys, "days", "amount"]].reset_index(drop=True)


@dataclass(frozen=True)
class ShuntingResult(Result):
    """The answer of `compute`.

    Tables: `delays` (days by reason and age), `summary` (days, beds, rate), `nations` (the same for each nation that is
    there as a whole), `priced` (every priced line), `changes` (d by partner), `mechanisms` (sums and flag of each),
    `moves` (who gained at whose cost), `totals` (all mechanisms, by basis), `unit_amounts`, `people_75` (people aged 75
    and over by year), `suppressed` (what is hidden as of few people; `kind` is for nobody's page) and `exempted`.
    """

    TABLES = tuple(shown.TABLES)
    FIGURES = tuple(shown.FIGURES)
    EXPLORE = ("flows", "flows_in_cash")

    @cached_property
    def view(self) -> said.View:
        """The numbers of the partnership and period; ValueError where it is not narrowed."""
        return said.View(self)

    def only(self, partnership: str, period: str) -> "ShuntingResult":
        """The same result for one partnership and period, with the sources of what it has."""
        narrowed = cast(ShuntingResult, super().only(partnership, period))
        sources = needs.data_sources(narrowed, self.data_sources)
        return replace(narrowed, data_sources=sources, method=narrowed.method + held.in_method(narrowed))

    def periods(self, partnership: str) -> list[str]:
        """Periods with every month counted, oldest first: years, and years to the end of a quarter.

        None where no delayed days were sent, or none of a whole quarter from April.
        """
        rows = self.tables["summary"]
        own = rows.loc[rows["partnership"] == partnership, "period"].tolist()
        return sorted(own, key=lambda name: (Period.parse(name).year, Period.parse(name).last))

    def beyond(self, partnership: str, period: Period) -> bool:
        """A period that ends after the last day counted is taken; the page says that its days are not there yet.

        So is one whose days are of too few people to be shown.
        """
        if held.left_out(self, partnership, period):
            return True
        last = Period.parse(self.periods(partnership)[-1]).to_date
        return period.end > last.end and period.year <= last.year + needs.YEARS_AHEAD

    def lacks(self, name: str) -> tuple[str, ...]:
        """The tables that the partnership would have to send for a sentence, table or figure of that name."""
        return needs.lacks(self, name)

    def shows(self, name: str) -> bool:
        """Whether the tables are there; without a delayed day there is no cost to follow."""
        flows = name.startswith("flows") and self.period is not None
        nobody = flows and (self.view.bed_days == 0 or (name != "flows" and not self.view.cash_share))
        return not self.lacks(name) and not self.withheld(name) and not nobody

    def withheld(self, name: str) -> str:
        """Why it is not shown though its tables were sent: few people are behind it."""
        return held.why(self, name)

    def would_show(self, name: str) -> str:
        """What it shows, in a few words."""
        return needs.SHOWS[name][0]

    def checks(self) -> list[Check]:
        """Days tie to the returns, money to days, flows to their parts. Over all partnerships unless narrowed."""
        return handed.checks(self)

    def sentences(self) -> dict[str, str]:
        """The finding in words: for one partnership and period once narrowed, else for each nation together."""
        return said.sentences(self.view) if self.period else said.overview(self)

    def sentence(self, name: str) -> str:
        """One sentence, without the others; ValueError names those there are."""
        return said.sentence(self.view, name) if self.period else super().sentence(name)

    def gains(self) -> pd.Series:
        """What each partner gains by the delays of the period, in cash: £.

            gain[p] = −Σ d[p],   together = −Σ d,   over the priced delays on the basis cash_releasing

        d is the change in cost with the delay less without it, so above 0 is a cost not borne; the user’s own
        mechanisms are left out. Index `together`, then hospitals, partnership and people, or ids of partners where the
        table `attribution` or a lead agency’s host names them. Empty where no days are known.
        """
        return said.gains(self.view)

    def bars(self) -> Bars | None:
        """Borne by hospitals in capacity and in cash, care not paid for, and everyone together in cash: £.

            borne = D · u, and D · u · v;   care = public purse + people;   together = borne in cash − care

        None where no days are known.
        """
        return said.bars(self.view)

    def key_figures(self) -> list[KeyFigure]:
        """The four figures at the top of the page."""
        return said.key_figures(self.view)

    def table(self, name: str) -> ShownTable:
        """A table for people: days, rate, decides, ending, one_budget."""
        return named("table", shown.TABLES, name)(self.view)

    def figure(self, name: str) -> ShownFigure:
        """A figure as data: trend, rate, flows, flows_in_cash."""
        return named("figure", shown.FIGURES, name)(self.view)

    def facts(self) -> pd.DataFrame:
        """Every figure as a row, for all partnerships and periods unless narrowed."""
        return handed.facts(self)


@dataclass(frozen=True)
class ShuntingPrepared(Prepared):
    """Days, rates and nations, and every line that is to be priced, in its place."""

    lines: prices.Lines


def compute(
    tables: Mapping[str, pd.DataFrame], assumptions: Assumptions, facts: pd.DataFrame | None = None
) -> ShuntingResult:
    """Price delayed discharge, and the mechanisms a user added, for every partnership and complete period.

    `tables` as read by `inputs.read`; every table but partnerships and partners may be absent. `facts` is not read.
    Raises InputRefused where partnerships or partners are missing, or two price bases would be mixed.
    """
    return work_out(prepare(tables), assumptions)


def prepare(tables: Mapping[str, pd.DataFrame], partnership: str = "") -> ShuntingPrepared:
    """All that no assumption moves: days to date, people, rates, nations, and the lines that are to be priced.

    With a `partnership` its own rows only; nations are worked out from all partnerships before, so its page is the
    same. Raises InputRefused where partnerships or partners are missing, or the partnership is none of the table.
    """
    need(tables, "partnerships", "partners")
    need_partnership(tables["partnerships"], partnership)
    sent = {name: given(tables, name) for name in READS}
    hidden, exempted = (tables.get(name, nothing) for name, nothing in held.NOTHING.items())
    hosts = counted.hosts(sent["partnerships"], sent["partners"], set(sent["delays"]["partnership"]))
    partnerships = sent["partnerships"].assign(host=hosts)
    days = counted.days_to_date(sent["delays"], hidden)
    people = needs.aged_75(sent["population"])
    summary = counted.summary(days, people)
    frames = {
        "partnerships": partnerships,
        "partners": sent["partners"],
        "returns": sent["delays"],
        "delays": days,
        "summary": summary,
        "nations": counted.nations(summary, partnerships, hidden),
        "people_75": people,
        "attribution": sent["attribution"],
        "mechanisms": sent["mechanisms"],
        "suppressed": hidden,
        "exempted": exempted,
    }
    own = of_one(frames, partnership)
    attribution, mechanisms = own.pop("attribution"), own.pop("mechanisms")
    periods = sorted(days["period"].unique())
    return ShuntingPrepared(
        tables=own,
        data_sources=("S01", "S02", "S03") if (partnerships["kind"] == "real").any() else ("S18",),
        partnership=partnership,
        lines=prices.lines(own["delays"], own["partnerships"], attribution, mechanisms, periods),
    )


def work_out(prepared: ShuntingPrepared, assumptions: Assumptions) -> ShuntingResult:
    """Price what was prepared. Raises InputRefused where two price bases would be mixed."""
    use = assumptions.pick(USES)
    units = prices.unit_amounts(use, prepared.lines.periods)
    return ShuntingResult(
        topic="shunting",
        tables={**prepared.tables, **prices.priced_out(prepared.lines, units), "unit_amounts": units},
        used=tuple(use[name] for name in USES),
        sources=use.sources,
        data_sources=prepared.data_sources,
        scenario=use.scenario,
        method=__doc__ or "",
    )

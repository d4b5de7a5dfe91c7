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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import cast

import numpy as np
import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.flows import moves, taken_apart
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.inputs.reader import given, need
from ijbtools.topics import _shunting_facts as handed
from ijbtools.topics import _shunting_needs as needs
from ijbtools.topics import _shunting_shown as shown
from ijbtools.topics import _shunting_words as said
from ijbtools.topics.result import Check, KeyFigure, Result, ShownFigure, ShownTable

USES = (
    "bed_day_cost",
    "bed_day_cash_share",
    "care_day_cost",
    "care_day_contribution",
    "self_funder_share",
    "self_funder_day_payment",
)
READS = ("partnerships", "partners", "delays", "population", "attribution", "mechanisms")

WAITS_FOR_CARE = "health_and_social_care"
INSTEAD_OF = "care in place on the day the person was ready to leave"
_DECIDES = {
    WAITS_FOR_CARE: "partnership",
    "code_9_awi": "law",
    "code_9_other": "unassigned",
    "patient_and_family": "people",
}
_MECHANISM = ["partnership", "period", "mechanism", "decides", "basis"]


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


@dataclass(frozen=True)
class ShuntingResult(Result):
    """The answer of `compute`.

    Tables: `delays` (days by reason and age), `summary` (days, beds, rate), `nations` (the same for each nation that is
    there as a whole), `priced` (every priced line), `changes` (d by partner), `mechanisms` (sums and flag of each),
    `moves` (who gained at whose cost), `totals` (all mechanisms, by basis), `unit_amounts`, `people_75` (people aged 75
    and over by year).
    """

    TABLES = tuple(shown.TABLES)
    FIGURES = tuple(shown.FIGURES)

    def only(self, partnership: str, period: str) -> "ShuntingResult":
        """The same result for one partnership and period, with the sources of what it has."""
        narrowed = cast(ShuntingResult, super().only(partnership, period))
        return replace(narrowed, data_sources=needs.data_sources(narrowed, self.data_sources))

    def periods(self, partnership: str) -> list[str]:
        """Periods with every month counted, oldest first: years, and years to the end of a quarter.

        None where no delayed days were sent, or none of a whole quarter from April.
        """
        rows = self.tables["summary"]
        own = rows.loc[rows["partnership"] == partnership, "period"].tolist()
        return sorted(own, key=lambda name: (Period.parse(name).year, Period.parse(name).last))

    def beyond(self, partnership: str, period: Period) -> bool:
        """A period that ends after the last day counted is taken; the page says that its days are not there yet."""
        last = Period.parse(self.periods(partnership)[-1]).to_date
        return period.end > last.end and period.year <= last.year + needs.YEARS_AHEAD

    def lacks(self, name: str) -> tuple[str, ...]:
        """The tables that the partnership would have to send for a sentence, table or figure of that name."""
        return needs.lacks(self, name)

    def shows(self, name: str) -> bool:
        """Whether the tables are there; without a delayed day there is no cost to follow."""
        nobody = name == "flows" and self.period is not None and said.View(self).bed_days == 0
        return not self.lacks(name) and not nobody

    def would_show(self, name: str) -> str:
        """What it shows, in a few words."""
        return needs.SHOWS[name][0]

    def checks(self) -> list[Check]:
        """Days tie to the returns, money to days, flows to their parts. Over all partnerships unless narrowed."""
        return handed.checks(self)

    def sentences(self) -> dict[str, str]:
        """The finding in words: for one partnership and period once narrowed, else for each nation together."""
        return said.sentences(self) if self.period else said.overview(self)

    def key_figures(self) -> list[KeyFigure]:
        """The four figures at the top of the page."""
        return said.key_figures(self)

    def table(self, name: str) -> ShownTable:
        """A table for people: days, rate, decides, ending, one_budget."""
        return shown.table(self, name)

    def figure(self, name: str) -> ShownFigure:
        """A figure as data: trend, rate, flows."""
        return shown.figure(self, name)

    def facts(self) -> pd.DataFrame:
        """Every figure as a row, for all partnerships and periods unless narrowed."""
        return handed.facts(self)


def compute(
    tables: Mapping[str, pd.DataFrame], assumptions: Assumptions, facts: pd.DataFrame | None = None
) -> ShuntingResult:
    """Price delayed discharge, and the mechanisms a user added, for every partnership and complete period.

    `tables` as read by `inputs.read`; every table but partnerships and partners may be absent. `facts` is not read.
    Raises InputRefused where partnerships or partners are missing, or two price bases would be mixed.
    """
    need(tables, "partnerships", "partners")
    use = assumptions.pick(USES)
    sent = {name: given(tables, name) for name in READS}
    hosts = _hosts(sent["partnerships"], sent["partners"], set(sent["delays"]["partnership"]))
    partnerships = sent["partnerships"].assign(host=hosts)
    days = _days_to_date(sent["delays"])
    units = _unit_amounts(use, sorted(days["period"].unique()))
    priced = _price_delays(days, units, partnerships, sent["attribution"])
    own = _price_mechanisms(sent["mechanisms"], days)
    priced = pd.concat([priced, own], ignore_index=True) if len(own) else priced
    changes = priced.groupby([*_MECHANISM, "partner"], as_index=False, sort=False)["amount"].sum()
    people = needs.aged_75(sent["population"])
    summary = _summary(days, people)
    return ShuntingResult(
        topic="shunting",
        tables={
            "partnerships": partnerships,
            "partners": sent["partners"],
            "returns": sent["delays"],
            "delays": days,
            "summary": summary,
            "nations": _nations(summary, partnerships),
            "priced": priced,
            "changes": changes,
            "mechanisms": _flagged(taken_apart(changes, _MECHANISM)),
            "moves": moves(changes, _MECHANISM),
            "totals": _totals(changes),
            "unit_amounts": units,
            "people_75": people,
        },
        used=tuple(use[name] for name in USES),
        sources=use.sources,
        data_sources=("S01", "S02", "S03") if (partnerships["kind"] == "real").any() else ("S18",),
        scenario=use.scenario,
        method=__doc__ or "",
    )


def _hosts(partnerships: pd.DataFrame, partners: pd.DataFrame, priced: set[str]) -> list[str]:
    """Who hosts adult care in each lead agency: the partner named, else its one health board; nobody elsewhere.

    Refused where it cannot be told and the days of the partnership are to be priced.
    """
    boards = partners[partners["sector"] == "health_board"].groupby("partnership")["partner"].agg(list)
    hosts, problems = [], []
    for partnership, model, host in zip(
        partnerships["partnership"], partnerships["model"], partnerships["host"], strict=True
    ):
        own = boards.get(partnership, [])
        if model != "lead_agency":
            host = ""
        elif not host and len(own) == 1:
            host = own[0]
        elif not host and partnership in priced:
            expected = "for a lead agency, the partner that hosts adult care"
            problems.append(Problem("partnerships.csv", f"no host of {partnership}", expected, column="host"))
        hosts.append(host)
    if problems:
        raise InputRefused(problems)
    return hosts


def _days_to_date(delays: pd.DataFrame) -> pd.DataFrame:
    """Days from 1 April to each quarter's end, where every month so far was counted; 0 where none are recorded."""
    if delays.empty:
        return delays.assign(bed_days=delays["bed_days"].astype(int))[_DAYS]
    periods = {name: Period.parse(name) for name in delays["period"].unique()}
    rows = delays.assign(
        year=delays["period"].map({name: period.year for name, period in periods.items()}),
        quarter=delays["period"].map({name: period.quarter for name, period in periods.items()}),
        months=delays["period"].map({name: period.months for name, period in periods.items()}),
    )
    quarters = pd.Index([1, 2, 3, 4], name="quarter")
    counted = rows.drop_duplicates(["partnership", "period"])
    complete = counted.pivot_table(index=["partnership", "year"], columns="quarter", values="months", aggfunc="sum")
    complete = (complete.reindex(columns=quarters) == 3).astype(int).cummin(axis=1).astype(bool)
    complete = complete.stack().rename("complete").reset_index()
    complete = complete[complete["complete"]]
    grid = complete.merge(pd.DataFrame({"reason": list(words.REASONS)}), how="cross")
    grid = grid.merge(pd.DataFrame({"age_group": list(words.DELAY_AGE_GROUPS)}), how="cross")
    keys = ["partnership", "year", "quarter", "reason", "age_group"]
    known = rows.groupby(keys, as_index=False)["bed_days"].sum()
    grid = grid.merge(known, on=keys, how="left").fillna({"bed_days": 0}).sort_values(keys)
    grid["bed_days"] = grid.groupby(["partnership", "year", "reason", "age_group"])["bed_days"].cumsum().astype(int)
    spans = grid[["year", "quarter"]].drop_duplicates()
    names = {(y, q): Period(y, 1, 3 * q).name for y, q in spans.itertuples(index=False, name=None)}
    grid["period"] = [names[key] for key in zip(grid["year"], grid["quarter"], strict=True)]
    return grid[_DAYS].astype({"period": "str"}).reset_index(drop=True)


_DAYS = ["partnership", "period", "reason", "age_group", "bed_days"]


def _unit_amounts(use: Assumptions, periods: list[str]) -> pd.DataFrame:
    """£ a day by period and basis: what the bed costs, and the care to the public purse and to people themselves."""
    bed, care = use["bed_day_cost"], use["care_day_cost"]
    rows = []
    for name in periods:
        when = Period.parse(name)
        price, contribution = care.at(when), use["care_day_contribution"].at(when)
        own, payment = use["self_funder_share"].at(when), use["self_funder_day_payment"].at(when)
        public = (1 - own) * (price - contribution) + own * payment
        cash_share = use["bed_day_cash_share"].at(when)
        for basis, share in (("full_average", 1.0), ("cash_releasing", cash_share)):
            row = {"period": name, "basis": basis, "bed": bed.at(when) * share, "bed_full": bed.at(when)}
            rows.append(row | {"care_public": public, "care_people": price - public, "care": price})
    needed = [bed, care]
    if any(row["care_people"] for row in rows):
        needed += [use["care_day_contribution"], use["self_funder_day_payment"]]
    bases = {assumption.price_base for assumption in needed}
    if len(bases) > 1:
        raise InputRefused(
            [
                Problem(
                    "params",
                    "; ".join(f"{a.label} in prices of {a.price_base or 'no year named'}" for a in needed),
                    "one price base: choose a cost of care of the same year as the cost of a bed day",
                )
            ]
        )
    units = pd.DataFrame(rows, columns=_UNITS).astype({"period": "str", "basis": "str"})
    return units.assign(price_base=bed.price_base or "")


_UNITS = ["period", "basis", "bed", "bed_full", "care_public", "care_people", "care"]


def _price_delays(
    days: pd.DataFrame, units: pd.DataFrame, partnerships: pd.DataFrame, attribution: pd.DataFrame
) -> pd.DataFrame:
    """One row for each priced line: a bed borne, care not paid for by the public purse, care not paid for by people."""
    lines = days.groupby(["partnership", "period", "reason"], as_index=False, sort=False)["bed_days"].sum()
    led_by = dict(zip(partnerships["partnership"], partnerships["host"], strict=True))
    lines["host"] = [led_by.get(partnership, "") for partnership in lines["partnership"]]
    lines["decides"] = lines["reason"].map(_DECIDES)
    led = (lines["host"] != "") & (lines["reason"] == WAITS_FOR_CARE)
    lines["decides"] = lines["decides"].mask(led, lines["host"])
    lines["share"] = 1.0
    if len(attribution):
        agreed = lines.drop(columns=["decides", "share"]).merge(attribution, on=["partnership", "reason"])
        said = lines.merge(attribution[["partnership", "reason"]].drop_duplicates(), how="left", indicator=True)
        lines = pd.concat([lines[(said["_merge"] == "left_only").to_numpy()], agreed], ignore_index=True)
    lines["quantity"] = lines["bed_days"] * lines["share"]
    lines = lines.merge(units, on="period")
    hosted = lines["host"] != ""
    named = ~lines["decides"].isin(list(words.DECIDERS))
    hospitals = lines["host"].where(hosted, "hospitals")
    care_budget = lines["decides"].where(named, lines["host"].where(hosted, "partnership"))
    waits = lines["reason"] == WAITS_FOR_CARE
    parts = [
        lines.assign(item="bed", partner=hospitals, unit_amount=lines["bed"]),
        lines.assign(item="care", partner=care_budget, unit_amount=-lines["care_public"])[waits],
        lines.assign(item="care", partner="people", unit_amount=-lines["care_people"])[
            waits & lines["care_people"].ne(0)
        ],
    ]
    priced = pd.concat(parts, ignore_index=True)
    priced = priced.assign(
        mechanism="delay: " + priced["reason"],
        instead_of=INSTEAD_OF,
        unit="days",
        source="",
        amount=priced["quantity"] * priced["unit_amount"],
    )
    return priced[_PRICED]


_PRICED = [
    *_MECHANISM,
    "reason",
    "item",
    "instead_of",
    "partner",
    "quantity",
    "unit",
    "unit_amount",
    "amount",
    "price_base",
    "source",
]


def _price_mechanisms(mechanisms: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """The user's own mechanisms from 1 April to each quarter's end: quantity · unit amount, signed."""
    spans = {name: Period.parse(name) for name in {*mechanisms["period"], *days["period"]}}
    rows = mechanisms.rename(columns={"period": "own_period", "bears": "partner"})
    rows = rows.merge(days[["partnership", "period"]].drop_duplicates(), on="partnership")
    inside = [
        spans[own].year == spans[to_date].year and spans[own].last <= spans[to_date].last
        for own, to_date in zip(rows["own_period"], rows["period"], strict=True)
    ]
    rows = rows[np.array(inside, dtype=bool)].assign(
        reason="", item="mechanism", amount=lambda f: f["quantity"] * f["unit_amount"]
    )
    return rows[_PRICED]


def _summary(days: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Days, beds occupied on average, and delayed days of people aged 75 and over per 1,000 of them."""
    keys = ["partnership", "period"]
    summary = days.groupby(keys, as_index=False, sort=False)["bed_days"].sum()
    older = days[days["age_group"] == "75+"].groupby(keys, as_index=False)["bed_days"].sum()
    summary = summary.merge(older.rename(columns={"bed_days": "bed_days_75"}), on=keys)
    spans = {name: Period.parse(name) for name in summary["period"].unique()}
    summary["days_in_period"] = summary["period"].map({name: span.to_date.days for name, span in spans.items()})
    summary["beds"] = summary["bed_days"] / summary["days_in_period"]
    summary["year"] = summary["period"].map({name: span.year for name, span in spans.items()})
    summary = summary.merge(people, on=["partnership", "year"], how="left")
    return summary.assign(rate_75=summary["bed_days_75"] / summary["people_75"] * 1000)


def _nations(summary: pd.DataFrame, partnerships: pd.DataFrame) -> pd.DataFrame:
    """Real partnerships of a nation together, where all its authorities are there and each has the period.

    The rate is of residents, where the people of every one of them are known.
    """
    real = partnerships[partnerships["kind"] == "real"]
    nation_of = real.set_index("partnership")["nation"]
    rows = summary.assign(nation=summary["partnership"].map(nation_of))
    if real["nation"].nunique() == 1:  # people who live elsewhere can be counted with the one nation there is
        elsewhere = rows["partnership"] == words.NOT_RESIDENT
        rows["nation"] = rows["nation"].mask(elsewhere, real["nation"].iloc[0])
    rows = rows.dropna(subset=["nation"])
    resident = rows["partnership"] != words.NOT_RESIDENT
    rows = rows.assign(
        areas=resident.astype(int),
        peopled=(resident & rows["people_75"].notna()).astype(int),
        resident_days=rows["bed_days"].where(resident, 0),
        resident_75=rows["bed_days_75"].where(resident, 0),
    )
    sums = ["areas", "peopled", "bed_days", "resident_days", "resident_75", "people_75"]
    nations = rows.groupby(["nation", "period", "days_in_period"], as_index=False)[sums].sum(min_count=1)
    whole = real["nation"].value_counts()
    whole = whole[[needs.AUTHORITIES.get(nation) == count for nation, count in whole.items()]]
    nations = nations[nations["areas"] == nations["nation"].map(whole)]
    nations["people_75"] = nations["people_75"].where(nations["peopled"] == nations["areas"])
    nations["beds"] = nations["bed_days"] / nations["days_in_period"]
    return nations.assign(rate_75=nations["resident_75"] / nations["people_75"] * 1000)


def _flagged(mechanisms: pd.DataFrame) -> pd.DataFrame:
    """Flags are about bodies that decide: none for the law, people themselves and what is not assigned."""
    no_body = mechanisms["decides"].isin(["law", "people", "unassigned"])
    return mechanisms.assign(flag=mechanisms["flag"].mask(no_body, "none"))


def _totals(changes: pd.DataFrame) -> pd.DataFrame:
    """All mechanisms together, by basis: gross (Σ of what each shunts) and net (of Σ d), for everyone and the purse."""
    keys = ["partnership", "period", "basis"]
    each = taken_apart(changes, _MECHANISM)
    gross = each.groupby(keys, as_index=False)[["shunted", "imposed"]].sum()
    together = changes.groupby([*keys, "partner"], as_index=False)["amount"].sum().assign(decides="")
    net = taken_apart(together, keys)[[*keys, "system", "shunted", "waste", "gain"]]
    purse = together[together["partner"] != "people"].groupby(keys, as_index=False)["amount"].sum()
    totals = net.merge(gross, on=keys, suffixes=("_net", "_gross"))
    return totals.merge(purse.rename(columns={"amount": "public_purse"}), on=keys)

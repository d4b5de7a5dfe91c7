"""What a reader reads of shunting: its sentences and key figures."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.words import (
    change,
    exact_pounds,
    in_period,
    month,
    number,
    percent,
    pounds,
)
from ijbtools.finance.years import Period
from ijbtools.topics import _shunting_hidden as held
from ijbtools.topics._shunting_hidden import WAITS_FOR_CARE
from ijbtools.topics.result import TOGETHER, Bars, KeyFigure, Result, bars_of, gains_of, named


class View:
    """The numbers of one partnership and period that several sentences share."""

    def __init__(self, result: Result) -> None:
        if result.period is None:
            raise ValueError("result: found all partnerships; expected one: result.only(partnership, period)")
        self.result = result
        self.period = result.period
        own = result.tables["partnerships"].iloc[0]
        self.name, self.nation, self.host = own["name"], own["nation"], own["host"]
        self.model, self.as_at = own["model"], own["model_from"]
        partners = result.tables["partners"].set_index("partner")["name"]
        self.partners = {} if partners.empty else partners.to_dict()
        self.summary = self._row("summary", self.period)
        self.before = self._row("summary", self.period.earlier())
        self.than = self.period.earlier().name
        self.reasons = self.of("delays").groupby("reason")["bed_days"].sum()
        self.hidden = held.reasons(result, self.period)
        self.waits_hidden = WAITS_FOR_CARE in self.hidden
        self.too_few = held.everything(result, self.period)
        self.priced = self.of("priced")
        self.units = self.of("unit_amounts").set_index("basis")
        self.assumed = {assumption.name: assumption for assumption in result.used}

    def of(self, table: str) -> pd.DataFrame:
        """The rows of a table that belong to the period."""
        frame = self.result.tables[table]
        return frame[frame["period"] == self.period.name]

    def _row(self, table: str, period: Period) -> dict[str, Any]:
        frame = self.result.tables[table]
        rows = frame[frame["period"] == period.name]
        return dict(rows.iloc[0]) if len(rows) else {}

    @property
    def bed_days(self) -> int:
        """All delayed days; 0 where none were sent."""
        return int(self.summary.get("bed_days", 0))

    @property
    def waiting_days(self) -> int:
        """Days waiting for arrangements that the partnership makes; 0 where they are hidden."""
        return int(self.reasons.get(WAITS_FOR_CARE, 0))

    def borne(self, basis: str, reason: str = "") -> float:
        """What hospitals bore, all reasons or one."""
        rows = self.priced[(self.priced["item"] == "bed") & (self.priced["basis"] == basis)]
        return float(rows.loc[rows["reason"] == reason, "amount"].sum() if reason else rows["amount"].sum())

    def care(self, whose: str) -> float:
        """What care would have cost the public purse or people themselves."""
        rows = self.priced[(self.priced["item"] == "care") & (self.priced["basis"] == "full_average")]
        people = rows["partner"] == "people"
        return float(-rows.loc[people if whose == "people" else ~people, "amount"].sum())

    @property
    def waiting(self) -> float:
        """The share of the days that waited for arrangements that the partnership makes."""
        return self.waiting_days / self.bed_days if self.bed_days else float("nan")

    @property
    def bed_cost(self) -> float:
        """What a bed costs a day, at full average."""
        return self.assumed["bed_day_cost"].at(self.period)

    @property
    def care_cost(self) -> float:
        """What the care that people wait for costs a day."""
        return self.assumed["care_day_cost"].at(self.period)

    @property
    def turn(self) -> float:
        """The cash share at which ending delay neither costs nor releases cash, for everyone together."""
        return self.care_cost / self.bed_cost if self.bed_cost else float("nan")

    @property
    def cash_share(self) -> float:
        """The assumed part of a bed day's cost that a budget can give up."""
        return self.assumed["bed_day_cash_share"].at(self.period)

    def quality(self, name: str) -> str:
        """How good an assumption is, in its word."""
        return self.assumed[name].quality or "red"

    @property
    def bed_standing(self) -> str:
        """What a bed's cost and its cash rest on, for a note wherever an amount is made of them."""
        bed = self.assumed["bed_day_cost"]
        return (
            f"{bed.label}: {exact_pounds(self.bed_cost)} a day, quality {self.quality('bed_day_cost')}. Cash: "
            f"{percent(self.cash_share)} of it, quality {self.quality('bed_day_cash_share')}."
        )

    @property
    def care_standing(self) -> str:
        """What the price of care rests on, for the same."""
        care = self.assumed["care_day_cost"]
        return f"{care.label}: {exact_pounds(self.care_cost)} a day, quality {self.quality('care_day_cost')}."

    @property
    def price_base(self) -> str:
        """`2024/25 prices`."""
        return f"{self.assumed['bed_day_cost'].price_base or ''} prices"

    @property
    def sent_in_part(self) -> bool:
        """Whether delayed days were sent, though of no whole quarter from April on, or not of this period yet."""
        return not self.summary and not self.result.tables["returns"].empty

    @property
    def known_to(self) -> str:
        """The last period whose days are known, where the page's own comes after it."""
        known = [Period.parse(one).to_date for one in self.result.tables["summary"]["period"]]
        last = max(known, key=lambda one: one.end, default=None)
        return last.name if last and last.end < self.period.end and not self.summary else ""

    @property
    def nation_row(self) -> dict[str, Any]:
        """The nation's figures for the period, or nothing."""
        frame = self.result.tables["nations"]
        rows = frame[(frame["nation"] == self.nation) & (frame["period"] == self.period.name)]
        return dict(rows.iloc[0]) if len(rows) else {}

    def label(self, partner: str, roles: Mapping[str, str]) -> str:
        """A partner's name as a reader knows it; the host by its part, so that no page points at a named body."""
        if partner and partner == self.host:
            return "The host of adult care"
        return roles.get(partner) or self.partners.get(partner, partner)


def sentence(v: View, name: str) -> str:
    """One sentence in words. Where no days were sent, what rests on them is empty; what holds without them stays."""
    say = named("sentence", SENTENCES, name)
    stays = {"decides"}  # a table has this name too
    return say(v) if name in stays or not (v.result.lacks(name) or v.result.withheld(name)) else ""


def sentences(v: View) -> dict[str, str]:
    """The finding in words. Keys: headline, delay, decides, ending, one_budget, nation, caution, costs, flags."""
    return {name: sentence(v, name) for name in SENTENCES}


def gains(v: View) -> pd.Series:
    """Minus the change in cost in cash, together and by partner; see the result. Empty where no days are known."""
    if not v.summary or v.waits_hidden:
        return pd.Series(dtype=float)
    rows = v.priced[(v.priced["basis"] == "cash_releasing") & v.priced["item"].isin(["bed", "care"])]
    by_partner = rows.groupby("partner", sort=False)["amount"].sum()
    return gains_of(0.0 - by_partner.sum(), 0.0 - by_partner)


def bars(v: View) -> Bars | None:
    """What a bed's and care's price are about, in one unit; None where no days are known."""
    if not v.summary:
        return None
    borne = {
        "Borne by hospitals, full average": v.borne("full_average"),
        "Borne by hospitals, in cash": v.borne("cash_releasing"),
    }
    care = {}
    if not v.waits_hidden:
        care["Care not paid for"] = v.care("public") + v.care("people")
        care["Everyone together, in cash"] = -gains(v)[TOGETHER]
    return bars_of(f"The cost of delay, {v.name}, {v.period.name}", {**borne, **care})


def overview(result: Result) -> dict[str, str]:
    """The finding for all partnerships together: each nation's latest whole year, to the penny."""
    nations, units = result.tables["nations"], result.tables["unit_amounts"]
    full = units[units["basis"] == "full_average"].set_index("period")
    said = []
    for nation, rows in nations.groupby("nation", sort=True):
        years = [name for name in rows["period"] if Period.parse(name).months == 12]
        if years:
            latest = max(years)
            row, unit = rows.set_index("period").loc[latest], full.loc[latest]
            said.append(
                f"In {latest} people in {words.NATIONS[nation]} who were ready to leave hospital waited "
                f"{number(row['bed_days'])} days. At {exact_pounds(unit['bed_full'])} a day "
                f"({unit['price_base']} prices) that is {exact_pounds(row['bed_days'] * unit['bed_full'])} of capacity."
            )
    count = len(result.tables["partnerships"])
    return {"headline": " ".join(said) or f"Delayed discharge of {count} partnerships; choose one with only()."}


def key_figures(v: View) -> list[KeyFigure]:
    """Days, beds, rate, borne by hospitals, care waited for; where no days were sent, what is known without them."""
    if not v.summary:
        return _known_without_days(v)
    before = v.before.get("bed_days", float("nan"))
    figures = [
        KeyFigure("Days delayed", number(v.bed_days), change(v.bed_days, before, v.than)),
        KeyFigure("Waiting for care", percent(v.waiting), "of the days: care, an assessment or a place"),
        KeyFigure("Beds occupied", number(v.summary["beds"], 1), "on an average day"),
        KeyFigure(
            "Borne by hospitals",
            pounds(v.borne("full_average")),
            f"full average, {exact_pounds(v.bed_cost)} a day ({v.quality('bed_day_cost')}); "
            f"{pounds(v.borne('cash_releasing'))} in cash ({v.quality('bed_day_cash_share')})",
        ),
        KeyFigure(
            "Care waited for",
            pounds(v.care("public") + v.care("people")),
            f"would have been paid, for {number(v.waiting_days)} days at {exact_pounds(v.care_cost)} "
            f"({v.quality('care_day_cost')})",
        ),
    ]
    if v.waits_hidden:
        figures = [one for one in figures if one.label not in ("Waiting for care", "Care waited for")]
    if not pd.isna(v.summary["rate_75"]):
        there = v.nation_row.get("rate_75", float("nan"))
        beside = "" if pd.isna(there) else f"; {words.NATIONS[v.nation]} {number(there)}"
        rate = KeyFigure("Days per 1,000 aged 75+", number(v.summary["rate_75"]), f"people aged 75 and over{beside}")
        figures.insert(3 - v.waits_hidden, rate)
    return figures


def _known_without_days(v: View) -> list[KeyFigure]:
    """The people it would concern, where they were counted, and what a day would be priced at."""
    in_part = f"for {v.period.name}; known to {v.known_to}" if v.known_to else "of part of a quarter only"
    sent = in_part if v.sent_in_part else "by people who were ready to leave hospital"
    figures = [KeyFigure("Days delayed", "not known" if v.sent_in_part else "not sent", sent)]
    if v.too_few:
        few = f"of fewer than {held.fewer_than(v.result)} people in a quarter of the year"
        figures = [KeyFigure("Days delayed", "not shown", few)]
    people = v.result.tables["people_75"]
    people = people[people["year"] <= v.period.year].sort_values("year")
    if len(people):
        last = people.iloc[-1]
        rolled = ", projected" if last["population_status"] == "projection" else ""
        figures.append(
            KeyFigure("People aged 75+", number(last["people_75"]), f"live here, mid-{last['year']}{rolled}")
        )
    return [
        *figures,
        KeyFigure(
            "A day in a bed",
            exact_pounds(v.bed_cost),
            f"full average, assumed ({v.quality('bed_day_cost')}); {exact_pounds(v.bed_cost * v.cash_share)} in cash "
            f"({v.quality('bed_day_cash_share')})",
        ),
        KeyFigure("A day of care", exact_pounds(v.care_cost), f"assumed ({v.quality('care_day_cost')})"),
    ]


def _headline(v: View) -> str:
    if v.too_few:
        return f"How long people from {v.name} waited in hospital is not shown. {v.result.withheld('delay')}"
    if not v.summary:
        sent = (
            f"The delayed days of {v.name} are known to {v.known_to}, and not for {v.period.name}."
            if v.known_to
            else f"The delayed days that were sent for {v.name} do not cover a whole quarter from April on."
            if v.sent_in_part
            else f"No delayed days were sent for {v.name}."
        )
        return (
            f"{sent} With them this page would say how long people who were ready to leave hospital waited, who "
            "decides on the next step in their care, who bears the cost, and what one budget would change."
        )
    if not v.bed_days:
        return f"{in_period(v.period)} nobody from {v.name} was recorded as delayed in hospital."
    full, cash = v.borne("full_average"), v.borne("cash_releasing")
    spent = f"; {percent(v.waiting)} of the days were spent waiting for arrangements that the partnership makes"
    waiting = "" if v.waits_hidden else spent
    return (
        f"{in_period(v.period)} people from {v.name} who were ready to leave hospital waited "
        f"{number(v.bed_days)} days for the next step in their care{waiting}. Hospitals bore the cost of all of them: "
        f"{pounds(full)} of capacity at full average cost, of which a budget could give up {pounds(cash)} in cash."
    )


def _one_budget(v: View) -> str:
    return (
        "In one budget the same decisions cost the same: what moved from one budget to another cancels, and the "
        "extra cost to everyone stays until the delay itself ends."
    )


def _caution(v: View) -> str:
    these = "these" if v.summary else "such"
    return (
        f"A freed bed is capacity, not cash. When less than {percent(v.turn, 1)} of a bed’s cost can be given up, "
        f"ending {these} delays frees beds and costs everyone together more cash than it releases; above that, less. "
        f"This page assumes {percent(v.cash_share)}: {words.QUALITIES[v.quality('bed_day_cash_share')]} (quality "
        f"{v.quality('bed_day_cash_share')}). The cost of a bed is of quality {v.quality('bed_day_cost')}: "
        f"{words.QUALITIES[v.quality('bed_day_cost')]}."
    )


def _costs(v: View) -> str:
    return (
        f"A bed is priced at {exact_pounds(v.bed_cost)} a day and care at {exact_pounds(v.care_cost)} a day "
        f"({v.price_base}). Other published costs of a delayed day measure something else; they can be chosen by "
        "name and are never joined into one series."
    )


def _delay(v: View) -> str:
    largest = v.reasons.idxmax() if v.bed_days else ""
    largest = "" if largest == words.NOT_SHOWN else largest  # one of those in it may be the largest, or none
    past = v.before.get("bed_days", float("nan"))
    first = f"Delayed days were {change(v.bed_days, past, v.than)}." if past > 0 else ""
    share = percent(v.reasons.max() / v.bed_days) if v.bed_days else ""
    most = (
        f"The largest group of reasons was “{words.REASONS[largest].lower()}”, with {share} of the days."
        if largest
        else ""
    )
    coding = "Areas record reasons differently, so the groups are no ground for comparing areas."
    return " ".join(part for part in (first, most, coding) if part)


def _who_decides(v: View) -> str:
    split = (
        "The published reasons do not split health from social care: “waiting for care, an assessment or a place” "
        "means arrangements that the partnership makes. For adults with incapacity the law sets the steps."
    )
    if v.model == "lead_agency":
        as_at = month(Period.parse(v.as_at[:7]).start)
        host = v.partners.get(v.host, "one partner")
        counted = "Days are counted where people live; some were spent in hospitals of other boards. "
        return (
            f"{v.name} is a lead agency (as at {as_at}): {host} runs adult "
            "social care as well as hospitals, so it both decides and bears, and the council pays an agreed sum. "
            f"{counted if v.summary else ''}{split}"
        )
    return split


def _ending(v: View) -> str:
    cash = v.care("public") + v.care("people") - v.borne("cash_releasing", WAITS_FOR_CARE)
    beds = v.waiting_days / v.period.days
    if not v.waiting_days:
        return "No days were spent waiting for arrangements that the partnership makes."
    effect = "cost" if cash > 0 else "release"
    return (
        f"Ending the {number(v.waiting_days)} days of waiting for care would free {number(beds, 1)} beds and {effect} "
        f"{pounds(abs(cash))} {'more ' if cash > 0 else ''}in cash, all budgets together. The price of care that is "
        "not in place is not an underspend: nobody has it to give back."
    )


def _nation(v: View) -> str:
    row = v.nation_row
    if not row:
        return ""
    cost = row["bed_days"] * v.units.loc["full_average", "bed_full"]
    return (
        f"{words.NATIONS[v.nation]} as a whole, people who live elsewhere included: {number(row['bed_days'])} days, "
        f"{pounds(cost)} on the same full average cost, {number(row['beds'])} beds on an average day."
    )


def _flags(v: View) -> str:
    """Flags in words. Only those that hold on cash are raised; what full average cost alone says is marked as such."""
    rows = v.of("mechanisms")
    flags = {basis: set(rows.loc[rows["basis"] == basis, "flag"]) - {"none"} for basis in words.BASES}
    cash, full = flags["cash_releasing"], flags["full_average"] - flags["cash_releasing"]
    said = []
    if "unsettled_gain" in cash:
        waits = rows[(rows["basis"] == "cash_releasing") & (rows["flag"] == "unsettled_gain")]
        said.append(
            f"In cash, these waits cost everyone together {pounds(waits['gain'].sum())} less than the care would have, "
            f"and {pounds(waits['imposed'].sum())} of what they do cost falls on budgets of those who do not decide: "
            "an unsettled gain. What waiting does to people is not in these sums."
        )
    said += [f"In cash, {words.FLAGS[flag]}." for flag in sorted(cash - {"unsettled_gain"})]
    said += [
        f"At full average cost, {words.FLAGS[flag]}; as capacity is not cash, that alone raises no flag."
        for flag in sorted(full)
    ]
    return " ".join(said) or "In cash, these sums show no conflict between those who decide and those who bear."


SENTENCES: dict[str, Callable[[View], str]] = {
    "headline": _headline,
    "delay": _delay,
    "decides": _who_decides,
    "ending": _ending,
    "one_budget": _one_budget,
    "nation": _nation,
    "caution": _caution,
    "costs": _costs,
    "flags": _flags,
}

"""What a reader sees of shunting: its sentences, key figures, tables and figures, as words and data."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.words import (
    change,
    day,
    exact_pounds,
    in_period,
    money_unit,
    month,
    number,
    percent,
    pounds,
)
from ijbtools.finance.years import Period
from ijbtools.topics.result import KeyFigure, Result, ShownColumn, ShownFigure, ShownTable

WAITS_FOR_CARE = "health_and_social_care"


class _View:
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
        self.priced = self.of("priced")
        self.units = result.tables["unit_amounts"].query("period == @self.period.name").set_index("basis")
        self.assumed = {assumption.name: assumption for assumption in result.used}

    def of(self, table: str) -> pd.DataFrame:
        frame = self.result.tables[table]
        return frame[frame["period"] == self.period.name]

    def _row(self, table: str, period: Period) -> dict[str, Any]:
        frame = self.result.tables[table]
        rows = frame[frame["period"] == period.name]
        return dict(rows.iloc[0]) if len(rows) else {}

    @property
    def bed_days(self) -> int:
        return int(self.summary["bed_days"])

    @property
    def waiting_days(self) -> int:
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
    def turn(self) -> float:
        """The cash share at which ending delay neither costs nor releases cash, for everyone together."""
        unit = self.units.loc["full_average"]
        return float(unit["care"] / unit["bed_full"]) if unit["bed_full"] else float("nan")

    @property
    def cash_share(self) -> float:
        return self.assumed["bed_day_cash_share"].at(self.period)

    @property
    def price_base(self) -> str:
        return f"{self.units['price_base'].iloc[0]} prices"

    @property
    def nation_row(self) -> dict[str, Any]:
        frame = self.result.tables["nations"]
        rows = frame[(frame["nation"] == self.nation) & (frame["period"] == self.period.name)]
        return dict(rows.iloc[0]) if len(rows) else {}

    def label(self, partner: str, roles: Mapping[str, str]) -> str:
        """A partner's name as a reader knows it; the host by its part, so that no page points at a named body."""
        if partner and partner == self.host:
            return "The host of adult care"
        return roles.get(partner) or self.partners.get(partner, partner)


def sentences(result: Result) -> dict[str, str]:
    """The finding in words. Keys: headline, delay, decides, ending, one_budget, nation, caution, costs, flags."""
    v = _View(result)
    unit = v.units.loc["full_average"]
    full, cash = v.borne("full_average"), v.borne("cash_releasing")
    waiting = v.waiting_days / v.bed_days if v.bed_days else float("nan")
    borne = (
        f"Hospitals bore the cost of all of them: {pounds(full)} of capacity at full average cost, of which a budget "
        f"could give up {pounds(cash)} in cash."
    )
    if v.bed_days:
        headline = (
            f"{in_period(v.period)} people from {v.name} who were ready to leave hospital waited "
            f"{number(v.bed_days)} days for the next step in their care; {percent(waiting)} of the days were spent "
            f"waiting for arrangements that the partnership makes. {borne}"
        )
    else:
        headline = f"{in_period(v.period)} nobody from {v.name} was recorded as delayed in hospital."
    return {
        "headline": headline,
        "delay": _delay(v),
        "decides": _who_decides(v),
        "ending": _ending(v),
        "one_budget": (
            "In one budget the same decisions cost the same: what moved from one budget to another cancels, and the "
            "extra cost to everyone stays until the delay itself ends."
        ),
        "nation": _nation(v),
        "caution": (
            f"A freed bed is capacity, not cash. When less than {percent(v.turn, 1)} of a bed’s cost can be given up, "
            "ending these delays frees beds and costs everyone together more cash than it releases; above that, less. "
            f"This page assumes {percent(v.cash_share)}, a working assumption that nobody has measured."
        ),
        "costs": (
            f"A bed is priced at {exact_pounds(unit['bed_full'])} a day and care at {exact_pounds(unit['care'])} a day "
            f"({v.price_base}). Other published costs of a delayed day measure something else; they can be chosen by "
            "name and are never joined into one series."
        ),
        "flags": _flags(v),
    }


def key_figures(result: Result) -> list[KeyFigure]:
    """Days, beds, rate, borne by hospitals, care waited for."""
    v = _View(result)
    unit = v.units.loc["full_average"]
    before = v.before.get("bed_days", float("nan"))
    figures = [
        KeyFigure("Days delayed", number(v.bed_days), change(v.bed_days, before, v.than)),
        KeyFigure("Beds occupied", number(v.summary["beds"], 1), "on an average day"),
        KeyFigure(
            "Borne by hospitals",
            pounds(v.borne("full_average")),
            f"full average, {exact_pounds(unit['bed_full'])} a day; {pounds(v.borne('cash_releasing'))} in cash",
        ),
        KeyFigure(
            "Care waited for",
            pounds(v.care("public") + v.care("people")),
            f"would have been paid, for {number(v.waiting_days)} days at {exact_pounds(unit['care'])}",
        ),
    ]
    if not pd.isna(v.summary["rate_75"]):
        nation = v.nation_row
        beside = f"; {words.NATIONS[v.nation]} {number(nation['rate_75'])}" if nation else ""
        rate = KeyFigure("Days per 1,000 older people", number(v.summary["rate_75"]), f"aged 75 and over{beside}")
        figures.insert(2, rate)
    return figures


def table(result: Result, name: str) -> ShownTable:
    """The table of that name; ValueError names those there are."""
    tables = {"days": _days, "rate": _rate, "decides": _decides, "ending": _end, "one_budget": _one_budget}
    if name not in tables:
        raise ValueError(f"table: found {name!r}; expected one of {list(tables)}")
    return tables[name](_View(result))


def figure(result: Result, name: str) -> ShownFigure:
    """The figure of that name; ValueError names those there are."""
    if name != "trend":
        raise ValueError(f"figure: found {name!r}; expected 'trend'")
    return _trend(_View(result))


def _delay(v: _View) -> str:
    largest = v.reasons.idxmax() if v.bed_days else ""
    past = v.before.get("bed_days", float("nan"))
    first = f"The days were {change(v.bed_days, past, v.than)}." if past > 0 else ""
    share = percent(v.reasons.max() / v.bed_days) if v.bed_days else ""
    most = (
        f"The largest group of reasons was “{words.REASONS[largest].lower()}”, with {share} of the days."
        if largest
        else ""
    )
    coding = "Areas record reasons differently, so the groups are no ground for comparing areas."
    return " ".join(part for part in (first, most, coding) if part)


def _who_decides(v: _View) -> str:
    split = (
        "The published reasons do not split health from social care: “waiting for care, an assessment or a place” "
        "means arrangements that the partnership makes. For adults with incapacity the law sets the steps."
    )
    if v.model == "lead_agency":
        as_at = month(Period.parse(v.as_at[:7]).start)
        host = v.partners.get(v.host, v.host)
        return (
            f"{v.name} is a lead agency (as at {as_at}): {host} runs adult "
            "social care as well as hospitals, so it both decides and bears, and the council pays an agreed sum. Days "
            "are counted where people live; some were spent in hospitals of other boards. " + split
        )
    return split


def _ending(v: _View) -> str:
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


def _nation(v: _View) -> str:
    row = v.nation_row
    if not row:
        return ""
    cost = row["bed_days"] * v.units.loc["full_average", "bed_full"]
    return (
        f"{words.NATIONS[v.nation]} as a whole, people who live elsewhere included: {number(row['bed_days'])} days, "
        f"{pounds(cost)} on the same full average cost, {number(row['beds'])} beds on an average day."
    )


def _flags(v: _View) -> str:
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


def _days(v: _View) -> ShownTable:
    now, before = v.period.name, v.than
    earlier = v.result.tables["delays"]
    earlier = earlier[earlier["period"] == before].groupby("reason")["bed_days"].sum()
    frame = pd.DataFrame({"reason": [*words.REASONS.values(), "All reasons"]})
    frame["before"] = _with_total([earlier.get(reason, float("nan")) for reason in words.REASONS])
    frame["now"] = _with_total([v.reasons.get(reason, 0) for reason in words.REASONS])
    frame["change"] = frame["now"] - frame["before"]
    top = v.waiting_days / v.bed_days if v.bed_days else float("nan")
    return ShownTable(
        title=f"{percent(top)} of the days were spent waiting for care, an assessment or a place",
        subtitle=f"Delayed days by reason, people aged 18 and over, {v.name}",
        columns=(
            ShownColumn("reason", "Reason"),
            ShownColumn("before", before, 0),
            ShownColumn("now", now, 0),
            ShownColumn("change", "Change", 0),
        ),
        frame=frame,
        sources=v.result.data_sources[:1],
        total=True,
    )


def _rate(v: _View) -> ShownTable:
    summary, nations = v.result.tables["summary"], v.result.tables["nations"]
    same = [name for name in v.result.periods(v.result.partnership) if _same_months(name, v.period)]
    here = summary.set_index("period")["rate_75"]
    there = nations[nations["nation"] == v.nation].set_index("period")["rate_75"]
    frame = pd.DataFrame({"period": same, "here": [here.get(name) for name in same]})
    columns = [ShownColumn("period", "Year"), ShownColumn("here", v.name, 0)]
    if not there.empty:
        frame["there"] = [there.get(name) for name in same]
        columns.append(ShownColumn("there", words.NATIONS[v.nation], 0))
    rolled = summary.loc[summary["population_status"] == "projection", "period"].tolist()
    since = [name for name in same if name in rolled]
    notes = (
        (f"From {since[0]} on, the latest estimate of people is rolled forward at its projected growth.",)
        if since
        else ()
    )
    now, past = v.summary["rate_75"], v.before.get("rate_75", float("nan"))
    return ShownTable(
        title=f"Delayed days per 1,000 people aged 75 and over: {change(now, past, v.than)}",
        subtitle=f"Delayed days of people aged 75 and over per 1,000 of them, {v.name}{_months_of(v.period)}",
        columns=tuple(columns),
        frame=frame[frame["here"].notna()],
        sources=v.result.data_sources,
        notes=notes,
    )


def _decides(v: _View) -> ShownTable:
    beds = v.priced[v.priced["item"] == "bed"]
    wide = beds.pivot_table(index=["decides", "partner"], columns="basis", values="amount", aggfunc="sum", sort=False)
    days = beds[beds["basis"] == "full_average"].groupby(["decides", "partner"], sort=False)["quantity"].sum()
    wide = wide.loc[days.sort_values(ascending=False, kind="stable").index]
    unit, divisor, places = money_unit(wide["full_average"])
    frame = pd.DataFrame(
        {
            "who": [v.label(decides, words.DECIDERS) for decides, _ in wide.index],
            "bears": [v.label(partner, words.BEARERS) for _, partner in wide.index],
            "full": wide["full_average"].to_numpy() / divisor,
            "cash": wide["cash_releasing"].to_numpy() / divisor,
        }
    )
    whose = "what the host of adult care arranges" if v.host else "arrangements that the partnership makes"
    frame.loc[len(frame)] = ["All", "", frame["full"].sum(), frame["cash"].sum()]
    return ShownTable(
        title=f"{percent(v.waiting_days / v.bed_days if v.bed_days else float('nan'))} of the cost follows {whose}",
        subtitle=f"Cost of delayed days, {unit}, {v.price_base}, {v.name}, {v.period.name}",
        columns=(
            ShownColumn("who", "Who decides"),
            ShownColumn("bears", "Who bears"),
            ShownColumn("full", "Full average", places),
            ShownColumn("cash", "Cash", places),
        ),
        frame=frame,
        sources=(*v.result.data_sources[:1], v.assumed["bed_day_cost"].source),
        total=True,
        notes=("Cash is the part of a bed’s cost that a budget can give up.",),
    )


def _end(v: _View) -> ShownTable:
    bases = list(words.BASES)
    beds = [-v.borne(basis, WAITS_FOR_CARE) for basis in bases]
    rows = [("Hospitals", *beds), ("Care at home and in care homes", *[v.care("public")] * 2)]
    if v.care("people"):
        rows.append(("People themselves", *[v.care("people")] * 2))
    rows.append(("Everyone together", *(sum(row[i] for row in rows) for i in (1, 2))))  # type: ignore[misc]
    unit, divisor, places = money_unit([*beds, v.care("public")])
    frame = pd.DataFrame(rows, columns=["who", "full", "cash"])
    frame[["full", "cash"]] /= divisor
    return ShownTable(
        title="What ending the wait for care would change",
        subtitle=f"Change in cost, {unit}, {v.price_base}, {v.name}, {v.period.name}; a minus costs less",
        columns=(
            ShownColumn("who", "Who"),
            ShownColumn("full", "Full average", places),
            ShownColumn("cash", "Cash", places),
        ),
        frame=frame,
        sources=(v.assumed["bed_day_cost"].source, v.assumed["care_day_cost"].source),
        total=True,
        notes=(f"For {number(v.waiting_days)} days of waiting for care; for other reasons no alternative is known.",),
    )


def _one_budget(v: _View) -> ShownTable:
    mechanisms = v.of("mechanisms")
    waits = mechanisms[mechanisms["mechanism"] == f"delay: {WAITS_FOR_CARE}"]
    by_basis = waits.groupby("basis")[["shunted", "system"]].sum()
    rows = []
    for basis, label in (("full_average", "full average"), ("cash_releasing", "cash")):
        shunted, system = by_basis.loc[basis, "shunted"], by_basis.loc[basis, "system"]
        rows.append((f"Moved between budgets, {label}", shunted, 0.0, 0.0))
        rows.append((f"Extra cost to everyone, {label}", system, system, 0.0))
    shunts = any(row[1] for row in rows if row[0].startswith("Moved"))
    title = "One budget ends the shunting, not the cost" if shunts else "Nothing is shunted, and the cost stays"
    unit, divisor, places = money_unit([amount for row in rows for amount in row[1:]])
    frame = pd.DataFrame(rows, columns=["what", "now", "one", "ended"])
    frame[["now", "one", "ended"]] /= divisor
    return ShownTable(
        title=title,
        subtitle=f"Waiting for care, {unit}, {v.price_base}, {v.name}, {v.period.name}; a minus is a gain",
        columns=(
            ShownColumn("what", "What"),
            ShownColumn("now", "Separate budgets", places),
            ShownColumn("one", "One budget, same decisions", places),
            ShownColumn("ended", "One budget, waiting ended", places),
        ),
        frame=frame,
        sources=(v.assumed["bed_day_cost"].source, v.assumed["care_day_cost"].source),
        notes=("Moved between budgets: each decision by itself, added up; reasons are not netted against each other.",),
    )


def _trend(v: _View) -> ShownFigure:
    delays = v.result.tables["delays"]
    same = [name for name in v.result.periods(v.result.partnership) if _same_months(name, v.period)]
    same = [name for name in same if Period.parse(name).year <= v.period.year][-8:]
    frame = delays[delays["period"].isin(same)].groupby(["period", "reason"], as_index=False)["bed_days"].sum()
    frame["reason"] = pd.Categorical(frame["reason"].map(words.REASONS), list(words.REASONS.values()), ordered=True)
    frame = frame.sort_values(["period", "reason"]).reset_index(drop=True)
    totals = frame.groupby("period")["bed_days"].sum()
    first, last = totals.iloc[0], totals.iloc[-1]
    wide = frame.pivot_table(index="period", columns="reason", values="bed_days", observed=False).reset_index()
    wide["all"] = totals.to_numpy()
    title = f"Delayed days in {same[-1]} were {change(last, first, same[0])}" if len(same) > 1 else "Delayed days"
    subtitle = (
        f"Delayed days by reason, people aged 18 and over, {v.name}, {same[0]} to {same[-1]}{_months_of(v.period)}"
    )
    alt = (
        f"Stacked bars of delayed days by reason, {same[0]} to {same[-1]}: {number(first)} days in {same[0]}, "
        f"{number(last)} in {same[-1]}, of which {number(v.waiting_days)} waiting for care, an assessment or a place."
    )
    columns = [ShownColumn("period", "Year"), *(ShownColumn(r, r, 0) for r in words.REASONS.values())]
    return ShownFigure(
        kind="stacked_bars",
        title=title,
        subtitle=subtitle,
        alt=alt,
        frame=frame,
        category="period",
        value="bed_days",
        series="reason",
        places=0,
        table=ShownTable(
            title="The figures behind this picture",
            subtitle=subtitle,
            columns=(*columns, ShownColumn("all", "All reasons", 0)),
            frame=wide,
            sources=v.result.data_sources[:1],
        ),
    )


def _with_total(values: list[float]) -> list[float]:
    return [*values, sum(values)]


def _same_months(name: str, period: Period) -> bool:
    return Period.parse(name).to_date.last == period.last


def _months_of(period: Period) -> str:
    return "" if period.months == 12 else f", each year to {day(period.end).rsplit(' ', 1)[0]}"

"""What shunting hands on: its checks with their residuals, and every figure as a fact."""

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.years import Period
from ijbtools.topics import _shunting_hidden as held
from ijbtools.topics.result import FACT_COLUMNS, Check, Result


def checks(result: Result) -> list[Check]:
    """Days tie to the returns, money to days, flows to their parts. Over all partnerships unless narrowed."""
    tables, penny = result.tables, 0.005
    if result.lacks("delay") or result.withheld("delay"):
        return []
    returned = tables["returns"]
    if result.period:
        span = result.period
        inside = {
            name
            for name in returned["period"].unique()
            if (own := Period.parse(name)).year == span.year and own.last <= span.last
        }
        returned = returned[returned["period"].isin(inside)]
    periods = [result.period.name] if result.period else tables["summary"]["period"].unique()
    days = tables["delays"][tables["delays"]["period"].isin(periods)]
    priced = tables["priced"][tables["priced"]["period"].isin(periods)]
    changes = tables["changes"][tables["changes"]["period"].isin(periods)]
    flows = tables["moves"][tables["moves"]["period"].isin(periods)]
    each = tables["mechanisms"][tables["mechanisms"]["period"].isin(periods)]
    beds = priced[(priced["item"] == "bed") & (priced["basis"] == "full_average")]
    unit = tables["unit_amounts"].drop_duplicates("period").set_index("period")["bed_full"]
    by_period = days.groupby("period")["bed_days"].sum()
    found = [
        _check(
            "Days by reason and age, less the days in the returns",
            days["bed_days"].sum() - returned["bed_days"].sum(),
            0,
            "days",
        ),
        _check(
            "Days that are priced, less the days counted", beds["quantity"].sum() - days["bed_days"].sum(), 1e-6, "days"
        ),
        _check(
            "Borne by hospitals at full average cost, less days times cost",
            beds["amount"].sum() - (by_period * unit.reindex(by_period.index)).sum(),
            penny,
            "£",
        ),
        _check(
            "Cost that moved between partners, less what was shunted",
            flows["amount"].sum() - each["shunted"].sum(),
            penny,
            "£",
        ),
        _check(
            "Changes of all partners, less the change for everyone",
            changes["amount"].sum() - each["system"].sum(),
            penny,
            "£",
        ),
    ]
    if not result.period:  # over all periods the days of a year stand in each of its quarters
        found = found[1:]
    return found


def _check(name: str, residual: float, tolerance: float, unit: str) -> Check:
    return Check(name, float(residual), tolerance, unit)


def facts(result: Result) -> pd.DataFrame:
    """Every figure as a row, and each nation's days and cost, for all partnerships and periods unless narrowed.

    Sums that rest on days of waiting for care are left out where those are hidden.
    """
    tables = result.tables
    moves, totals = (held.without_waits(tables[name], tables["suppressed"]) for name in ("moves", "totals"))
    periods = [result.period.name] if result.period else list(tables["summary"]["period"].unique())
    base = next(iter(tables["unit_amounts"]["price_base"]), "")
    money = {"unit": "£", "price_base": base, "status": "assumed"}
    days = {"unit": "days", "price_base": "", "status": "published"}
    summary, priced = tables["summary"], tables["priced"]
    lines = [
        summary.assign(measure="bed_days", amount=summary["bed_days"], **days),
        summary.assign(measure="beds", amount=summary["beds"], **(days | {"unit": "beds"})),
        summary.assign(
            measure="delayed_days_75_rate",
            amount=summary["rate_75"],
            **(days | {"unit": "days per 1,000 people aged 75 and over"}),
        ).dropna(subset=["amount"]),
    ]
    reasons = tables["delays"].groupby(["partnership", "period", "reason"], as_index=False)["bed_days"].sum()
    lines.append(reasons.assign(measure="bed_days_" + reasons["reason"], amount=reasons["bed_days"], **days))
    for basis in words.BASES:
        own = priced[priced["basis"] == basis]
        for item, measure in (("bed", "borne"), ("care", "care_not_paid_for"), ("mechanism", "mechanism")):
            flow = own[own["item"] == item].rename(columns={"decides": "from_partner", "partner": "to_partner"})
            keys = ["partnership", "period", "from_partner", "to_partner"]
            flow = flow.groupby(keys, as_index=False)["amount"].sum()
            lines.append(flow.assign(measure=f"{measure}_{basis}", **money))
        moved = moves[moves["basis"] == basis]
        keys = ["partnership", "period", "from_partner", "to_partner"]
        moved = moved.groupby(keys, as_index=False)["amount"].sum()
        lines.append(moved.assign(measure=f"shunted_{basis}", **money))
        total = totals[totals["basis"] == basis]
        for measure in ("system", "shunted_gross", "shunted_net", "public_purse", "waste", "gain"):
            lines.append(total.assign(measure=f"total_{measure}_{basis}", amount=total[measure], **money))
    unit = tables["unit_amounts"].drop_duplicates("period").set_index("period")["bed_full"]
    nations = tables["nations"].rename(columns={"nation": "partnership"})
    lines.append(nations.assign(measure="bed_days", amount=nations["bed_days"], **days))
    borne = nations["bed_days"] * nations["period"].map(unit)
    lines.append(nations.assign(measure="borne_full_average", to_partner="hospitals", amount=borne, **money))
    table = pd.concat([line.assign(topic=result.topic) for line in lines], ignore_index=True)
    table = table[table["period"].isin(periods)].reindex(columns=list(FACT_COLUMNS)).astype({"amount": float})
    invented = tables["partnerships"].loc[tables["partnerships"]["kind"] == "invented", "partnership"]
    table["status"] = table["status"].mask(table["partnership"].isin(invented), "assumed")
    return table.fillna({"from_partner": "", "to_partner": ""}).reset_index(drop=True)

"""What an investment hands on: its checks with their residuals, and every figure as a fact."""

from typing import Any, cast

import pandas as pd

from ijbtools.topics._investment_view import RULES, View
from ijbtools.topics.result import FACT_COLUMNS, Check, Result

_PENNY = 0.005


def checks(result: Result) -> list[Check]:
    """Parts add up, lines add up to years, partners to schemes; for one partnership transfers sum to nothing."""
    years, lines, nets = result.tables["years"], result.tables["lines"], result.tables["partners_net"]
    summary = result.tables["summary"]
    if summary.empty:
        return []
    by_year = lines.groupby(["partnership", "scheme", "year"])[["gross", "cash"]].sum()
    own = years.set_index(["partnership", "scheme", "year"])[["gross", "cash"]]
    parts = years["cash"] + years["freed"] + years["absorbed"] - years["gross"]
    cost = nets.groupby(["partnership", "scheme"])["pv_cost"].sum()
    brought = nets.groupby(["partnership", "scheme"])["pv_all"].sum()
    whole = summary.set_index(["partnership", "scheme"])
    found = [
        ("Cash, capacity and absorbed growth, less all benefits", _worst(parts)),
        ("Benefits by budget, less benefits by year", _worst((by_year - own).stack())),
        ("Costs of all partners, less the cost of the scheme", _worst(cost - whole["pv_investment"])),
        ("Benefits of all partners, less those of the scheme", _worst(brought - whole["pv_gross"])),
    ]
    if result.period:
        v: View = cast(Any, result).view  # an InvestmentResult, which this module cannot import
        moved = [
            made.after.sum() - float((rows["all"] - rows["cost"]).sum())
            for scheme in v.shared
            for rule in RULES
            for made, rows in [(v.settled(scheme, rule, "released"), v.nets(scheme))]
        ]
        if moved:
            found.append(("What transfers make or lose, all partners together", _worst(pd.Series(moved))))
    return [Check(name, float(residual), _PENNY, "£") for name, residual in found]


def _worst(residuals: pd.Series) -> float:
    residuals = residuals.dropna()
    return float(residuals.iloc[residuals.abs().argmax()]) if len(residuals) else 0.0


def facts(result: Result) -> pd.DataFrame:
    """Every figure as a row, for all partnerships unless narrowed. Period is the year, or the scheme's first year."""
    summary, years, nets = (result.tables[name] for name in ("summary", "years", "partners_net"))
    lines = []
    firsts = summary.set_index(["partnership", "scheme"])["first"]
    bases = summary.set_index(["partnership", "scheme"])["base"]
    for name in ("pv_investment", "pv_gross", "pv_cash"):
        measure = "scheme_" + summary["scheme"] + "_" + name
        lines.append(summary.assign(measure=measure, amount=summary[name], period=summary["first"], unit="£"))
    turns = summary[summary["turns_at"].notna()]
    measure = "scheme_" + turns["scheme"] + "_turns_at_uplift"
    lines.append(turns.assign(measure=measure, amount=turns["turns_at"], period=turns["first"], unit="share"))
    for name in ("investment", "gross", "released", "cash", "freed", "absorbed"):
        measure = "scheme_" + years["scheme"] + "_" + name
        lines.append(years.assign(measure=measure, amount=years[name], period=years["year"], unit="£"))
    keys = list(zip(nets["partnership"], nets["scheme"], strict=True))
    period = [firsts[key] for key in keys]
    for name in ("net_all", "net_cash"):
        measure = "scheme_" + nets["scheme"] + "_" + name
        lines.append(
            nets.assign(measure=measure, amount=nets[name], period=period, to_partner=nets["partner"], unit="£")
        )
    table = pd.concat([line for line in lines if len(line)], ignore_index=True) if len(summary) else pd.DataFrame()
    if len(table):
        table["price_base"] = [bases[key] for key in zip(table["partnership"], table["scheme"], strict=True)]
        table["price_base"] = table["price_base"].mask(table["unit"] == "share", "")
    table = table.assign(topic=result.topic, status="assumed").reindex(columns=list(FACT_COLUMNS))
    for column in ("from_partner", "to_partner"):
        table[column] = table[column].astype(object).where(table[column].notna(), "")
    return table.reset_index(drop=True)

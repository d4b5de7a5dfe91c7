"""What the baseline hands on: its checks with their residuals, and every figure as a fact."""

import pandas as pd

from ijbtools.topics.result import FACT_COLUMNS, Check, Result

_WHERE = ["partnership", "year"]
_PENNY = 0.005


def checks(result: Result) -> list[Check]:
    """Bridges close, budgets tie to funding, savings to changes, set-aside to its costs. For the year once narrowed."""
    tables = result.tables
    year = result.period.financial_year if result.period else ""
    found = [
        *_bridges(tables["bridge"], tables["in_budget"], tables["changes"], year),
        *_funded(tables["summary"], year),
        *_saved(tables["savings"], tables["changes"], tables["in_budget"], year),
        *_set_aside(tables["use"], tables["specialty_costs"], bool(result.partnership)),
        *_planned(tables["plan"], year),
        *_two_ways(tables["summary"], year),
    ]
    return [Check(name, float(residual), _PENNY, "£") for name, residual in found]


def _of(frame: pd.DataFrame, year: str, column: str = "year") -> pd.DataFrame:
    return frame[frame[column] == year] if year else frame


def _worst(residuals: pd.Series) -> float:
    """The residual furthest from nothing, with its sign."""
    residuals = residuals.dropna()
    return float(residuals.iloc[residuals.abs().argmax()]) if len(residuals) else 0.0


def _bridges(bridge: pd.DataFrame, budgets: pd.DataFrame, changes: pd.DataFrame, year: str) -> list[tuple[str, float]]:
    sent = changes.loc[changes["period"] == "", _WHERE].drop_duplicates()
    rows = _of(bridge, year).merge(sent, on=_WHERE)  # without changes there is no bridge to close
    if rows.empty:
        return []
    keys = ["partnership", "partner", "service", "year"]
    steps = rows[rows["step"] != "closing"].groupby(keys)["amount"].sum()
    closing = rows[rows["step"] == "closing"].set_index(keys)["amount"]
    own = budgets.merge(rows[_WHERE].drop_duplicates(), on=_WHERE).groupby(keys)["recurring"].sum()
    known = own.groupby(level=[0, 3]).sum()
    there = closing[[(key[0], key[3]) in known.index for key in closing.index]]
    return [
        ("Opening and steps of every bridge, less its closing", _worst(steps - closing)),
        (
            "Closing of the bridge, less the recurring budget of each service",
            _worst(there.subtract(own, fill_value=0.0)),
        ),
    ]


def _funded(summary: pd.DataFrame, year: str) -> list[tuple[str, float]]:
    rows = _of(summary, year)
    rows = rows[rows["f_r"] != 0]
    return [("Budgets, less agreed money and planned use of reserves", _worst(rows["left"]))] if len(rows) else []


def _saved(savings: pd.DataFrame, changes: pd.DataFrame, budgets: pd.DataFrame, year: str) -> list[tuple[str, float]]:
    rows, moves = _of(savings, year), _of(changes, year)
    moves = moves[(moves["period"] == "") & (moves["step"] == "saving")]
    keys = [*_WHERE, "partner"]
    targets, cuts = rows.groupby(keys)["target"].sum(), moves.groupby(keys)["amount"].sum()
    both = targets.index.intersection(cuts.index)
    return (
        [("Targets of the savings list, less savings taken from budgets", _worst(targets[both] + cuts[both]))]
        if len(both)
        else []
    )


def _set_aside(use: pd.DataFrame, costs: pd.DataFrame, narrowed: bool) -> list[tuple[str, float]]:
    if use.empty:
        return []
    found = [("Days times unit cost, less set-aside use", _worst(use["bed_days"] * use["unit_cost"] - use["amount"]))]
    if not narrowed:  # only all partnerships together add up to what hospitals cost
        keys = [key for key in ("partner", "year", "specialty") if key in use]
        total = use.groupby(keys)["amount"].sum() - costs.set_index(keys)["direct_cost"]
        found.append(("Set-aside use of all patients, less direct cost", _worst(total)))
    return found


def _planned(plan: pd.DataFrame, year: str) -> list[tuple[str, float]]:
    rows = _of(plan, year, "from_year")
    if rows.empty:
        return []
    left = rows["opening"] + rows["pressures"] + rows["savings"] - rows["e_r"]
    return [("Each planned year’s opening and steps, less its recurring cost", _worst(left))]


def _two_ways(summary: pd.DataFrame, year: str) -> list[tuple[str, float]]:
    rows = _of(summary, year)
    rows = rows[rows["from_underlying"]]
    if rows.empty:
        return []
    added = rows["e_r"] + rows["undelivered"] + rows["overspend_recurring"]
    return [("Next year’s opening, rolled forward, less the underlying cost", _worst(added - rows["next_base"]))]


def facts(result: Result) -> pd.DataFrame:
    """Every figure as a row, for all partnerships and years unless narrowed."""
    tables = result.tables
    year = result.period.financial_year if result.period else ""
    summary, partner = _of(tables["summary"], year), _of(tables["by_partner"], year)
    money = {"unit": "£", "price_base": "", "status": "budget"}
    lines = []
    names = {
        "e_r": "budget_recurring",
        "e_n": "budget_non_recurring",
        "f_r": "funding_recurring",
        "f_n": "funding_non_recurring",
        "reserves": "planned_use_of_reserves",
        "gap": "gap_in_year",
        "gap_r": "gap_recurring",
        "gap_n": "gap_non_recurring",
        "left": "gap_left",
        "hidden": "gap_hidden",
        "target": "savings_target",
        "undelivered": "savings_recurring_undelivered",
        "evidence": "evidence_of_pressures",
    }
    for column, measure in names.items():
        about_money = column.startswith(("f_", "gap", "left", "hidden"))
        own = summary[summary["funded"]] if about_money else summary
        lines.append(own.assign(measure=measure, amount=own[column], **money))
    for column, status in (("expected", "forecast"), ("outturn", "outturn"), ("forecast", "forecast")):
        measure = "savings_expected" if column == "expected" else f"{column}_total"
        known = summary[summary[column].notna()]
        lines.append(known.assign(measure=measure, amount=known[column], **(money | {"status": status})))
    for column, measure in (("e_r", "spent_by_recurring"), ("e_n", "spent_by_non_recurring")):
        lines.append(partner.assign(measure=measure, amount=partner[column], to_partner=partner["partner"], **money))
    brought = _of(tables["brought"], year)
    flows = brought.groupby([*_WHERE, "partner", "to_partner", "recurrence"], as_index=False)["amount"].sum()
    flows = flows.rename(columns={"partner": "from_partner"})
    lines.append(flows.assign(measure="contribution_" + flows["recurrence"], **money))
    bridge = _of(tables["bridge"], year)
    steps = bridge.groupby([*_WHERE, "partner", "step"], as_index=False)["amount"].sum()
    lines.append(steps.assign(measure="bridge_" + steps["step"], to_partner=steps["partner"], **money))
    use = _of(tables["use"], year)
    lines.append(use.assign(measure="set_aside_use_" + use["specialty"], **(money | {"status": "outturn"})))
    plan = _of(tables["plan"], year, "from_year")
    if not year:  # of all plans for a year, the latest
        plan = plan[plan["from_year"] == plan.groupby("partnership")["from_year"].transform("max")]
    for column in ("e_r", "e_n", "f_r", "f_n", "gap"):
        measure = "plan_" + column + "_" + plan["scenario"]
        lines.append(plan.assign(measure=measure, amount=plan[column], **(money | {"status": "assumed"})))
    outlook = _of(tables["outlook"], year, "from_year")
    if not year:
        outlook = outlook[outlook["from_year"] == outlook.groupby("partnership")["from_year"].transform("max")]
    nothing = outlook.groupby([*_WHERE], as_index=False)["amount"].sum()
    lines.append(nothing.assign(measure="do_nothing_cost", **(money | {"status": "assumed"})))
    published = _of(tables["published"], year)
    published = published.rename(columns={"partner": "to_partner"})
    lines.append(published.assign(**(money | {"status": "published"})))
    known = set(tables["partnerships"]["partnership"])
    filled = [line[line["partnership"].isin(known)].assign(topic=result.topic) for line in lines if len(line)]
    if not filled:
        return pd.DataFrame(columns=list(FACT_COLUMNS))
    table = pd.concat(filled, ignore_index=True)
    table["period"] = table["year"]
    table["price_base"] = table["price_base"].mask(table["price_base"] == "", table["year"])
    table = table.reindex(columns=list(FACT_COLUMNS))
    invented = tables["partnerships"].loc[tables["partnerships"]["kind"] == "invented", "partnership"]
    table["status"] = table["status"].mask(table["partnership"].isin(invented), "assumed")
    for column in ("from_partner", "to_partner"):
        table[column] = table[column].astype(object).where(table[column].notna(), "")
    return table.reset_index(drop=True)

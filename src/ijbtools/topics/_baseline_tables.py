"""The tables of the baseline that a reader sees, as data: gap, tests, offers, bridges, savings."""

from collections.abc import Callable, Iterable
from datetime import date

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.words import NBSP, day, money_unit, number, percent, pounds
from ijbtools.finance.years import Period
from ijbtools.topics import _baseline_ahead as ahead
from ijbtools.topics import _baseline_resources as resources
from ijbtools.topics._baseline_tests import RATINGS, tests
from ijbtools.topics._baseline_view import View
from ijbtools.topics._shape import RETURNS, amounts_table
from ijbtools.topics.result import ShownColumn, ShownTable


def _balance(v: View) -> ShownTable:
    row = v.row
    reserves = f"after {pounds(row['reserves'])} of reserves" if row["reserves"] else ""
    in_year = [_met(row["left"], reserves), _met(row["gap"], "without reserves" if row["reserves"] else "")]
    recurring = [_met(row["gap_r"], "every year")] * 2
    lines = [("In the year", *in_year), ("Every year, recurring against recurring", *recurring)]
    three = v.as_break_even
    if len(three) == 3:
        inside = (three["left"].abs() <= 0.01 * three["limit"] + 0.005).all()
        over, outside = three["left"].sum() < -0.005, "" if inside else "a year is outside 1%"
        short = f"{pounds(-three['left'].sum())} over in three years" if over else ""
        said = " and ".join(part for part in (short, outside) if part)
        lines.append(("Three years together, each within 1%", "no such rule", f"not met: {said}" if said else "met"))
    frame = pd.DataFrame(
        lines,
        columns=["rule", "reserves", "break_even"],
    )
    return ShownTable(
        title="Balanced by one rule is not balanced by the other"
        if in_year[0].startswith("met") != in_year[1].startswith("met")
        else "Both rules say the same of the year",
        subtitle=f"The budget of {v.year} under the rule for councils and joint boards, and under that for health "
        "boards",
        columns=(
            ShownColumn("rule", "Rule"),
            ShownColumn("reserves", "May hold reserves"),
            ShownColumn("break_even", "Must break even"),
        ),
        frame=frame,
        sources=RETURNS,
        notes=("A council may use reserves for one-offs. A health board may not: its limit is for the year.",),
    )


def _met(short: float, how: str) -> str:
    said = "met," if short <= 0.005 else f"not met: {pounds(short)} short"
    return f"{said} {how}".rstrip(" ,")


def _three_years(v: View) -> ShownTable:
    rows = v.three_years
    unit, divisor, places = money_unit([*rows["plan"], *rows["result"]])
    frame = pd.DataFrame(
        {
            "year": rows["year"],
            "limit": rows["limit"] / divisor,
            "plan": rows["plan"] / divisor,
            "result": rows["result"] / divisor,
            "share": rows["result"] / rows["limit"] * 100,
        }
    )
    share = rows["result"].sum() / rows["limit"].sum() * 100
    frame.loc[len(frame)] = ["Three years", *(frame[c].sum() for c in ("limit", "plan", "result")), share]
    inside = (rows["result"].abs() <= 0.01 * rows["limit"] + 0.005).all()
    holds = rows["result"].sum() >= -0.005
    told = "each is within 1% of its limit" if inside else "a year is outside 1% of its limit"
    joined = ", and " if holds == inside else ", though "
    return ShownTable(
        title=f"The three years {'add up' if holds else 'do not add up'}{joined}{told}",
        subtitle=f"Limit less net spending of {v.partner(rows['partner'].iloc[0])}, {unit}; a minus is an overspend",
        columns=(
            ShownColumn("year", "Year"),
            ShownColumn("limit", "Limit", places),
            ShownColumn("plan", "Outturn, then plan", max(places, 1)),
            ShownColumn("result", "Outturn, then forecast", max(places, 1)),
            ShownColumn("share", "% of limit", 2),
        ),
        frame=frame,
        sources=RETURNS,
        total=True,
        notes=("If the board bears the whole of its overspend. The share is that of the last column but one.",),
    )


def _tests(v: View) -> ShownTable:
    made = tests(v)
    missed = sum(one.rating != "green" for one in made)
    return ShownTable(
        title=f"{number(missed)} of {number(len(made))} tests are not met in full"
        if missed
        else f"All {number(len(made))} tests are met",
        subtitle=f"Assurance tests on the budget of {v.name}, {v.year}",
        columns=(
            ShownColumn("test", "Test"),
            ShownColumn("rating", "Verdict"),
            ShownColumn("sentence", "What was found"),
        ),
        frame=pd.DataFrame(
            [(one.name, RATINGS[one.rating], one.sentence) for one in made],
            columns=["test", "rating", "sentence"],
        ),
        sources=(*RETURNS, "S11"),
        notes=(
            f"Just missed: short by no more than {percent(v.value('budget_test_margin'), 1)} of what is tested. Past "
            f"years are restated with the GDP deflator (quality {v.quality('gdp_deflator')}).",
        ),
    )


def _savings(v: View) -> ShownTable:
    rows = v.savings.sort_values(["inherited", "recurrence", "target"], ascending=[False, False, False])
    frame = pd.DataFrame(
        {
            "saving": rows["saving"].to_numpy(),
            "owner": rows["owner"].to_numpy(),
            "kind": [
                f"{words.RECURRENCES[recurrence]}{', inherited' if inherited == 'yes' else ''}"
                for recurrence, inherited in zip(rows["recurrence"], rows["inherited"], strict=True)
            ],
            "target": rows["target"].to_numpy(),
            "delivered": rows["delivered"].to_numpy(),
            "expected": rows["expected"].to_numpy(),
        }
    )
    frame["short"] = frame["target"] - frame["expected"]
    total = frame["target"].sum()
    return amounts_table(
        frame,
        {
            "saving": "Saving",
            "owner": "Owner",
            "kind": "Kind",
            "target": "Target",
            "delivered": "Delivered so far",
            "expected": "Expected",
            "short": "Short",
        },
        title=f"{percent(frame['expected'].sum() / total, 1)} of the savings is expected"
        if total
        else "No saving is aimed at",
        subtitle=f"Savings in the budget of {v.year}",
        total="All savings",
        places=2,
    )


def _offers(v: View) -> ShownTable:
    rows = v.of("funding")
    rows = rows[(rows["kind"] != "overspend_share") & rows["partner"].isin(v.partners.index)]
    rows = rows[rows["partner"].map(v.partners["sector"]) != "government"]
    rows = rows.assign(
        recurring=rows["amount"].where(rows["recurrence"] == "recurring", 0.0),
        one_off=rows["amount"].where(rows["recurrence"] != "recurring", 0.0),
    )
    rounds = rows.groupby(["dated", "partner", "to_partner", "status"], as_index=False).agg(
        recurring=("recurring", "sum"), one_off=("one_off", "sum"), condition=("condition", _conditions)
    )
    names = [
        f"{v.partner(partner)}{f' to {v.partner(to)}' if to not in ('', partner) else ''}"
        for partner, to in zip(rounds["partner"], rounds["to_partner"], strict=True)
    ]
    frame = rounds.assign(
        when=[day(date.fromisoformat(one)).replace(NBSP, " ") for one in rounds["dated"]],
        who=names,
        status=rounds["status"].map(words.FUNDING_STATUS),
        total=rounds["recurring"] + rounds["one_off"],
        condition=rounds["condition"].mask(rounds["condition"] == "", "none said"),
    )
    headings = {"when": "Day", "who": "Who", "status": "Standing", "recurring": "Recurring", "one_off": "One-off"}
    headings |= {"total": "Together", "condition": "Condition"}
    return amounts_table(
        frame[list(headings)],
        headings,
        title="What was asked for, offered and agreed, round by round",
        subtitle=f"Money for {v.year}, in the order in which it was said",
        places=2,
    )


def _conditions(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _agreed(v: View) -> ShownTable:
    frame = pd.DataFrame(
        {
            "partner": [v.partner(one) for one in v.agreed["partner"]],
            "when": [day(date.fromisoformat(one)).replace(NBSP, " ") for one in v.agreed["dated"]],
            "late": v.agreed["late"].to_numpy(),
        }
    )
    late = max(0, int(v.agreed["late"].max()))
    return ShownTable(
        title=f"The budget was complete {number(late)} days after 31 March" if late else "Agreed by 31 March",
        subtitle=f"The day on which each partner agreed its part of {v.year}; days after 31 March, a minus is before",
        columns=(
            ShownColumn("partner", "Partner"),
            ShownColumn("when", "Agreed"),
            ShownColumn("late", "Days after 31 March", 0),
        ),
        frame=frame,
        sources=RETURNS,
    )


def _by_service(v: View) -> ShownTable:
    rows = v.bridge
    steps = [step for step in words.STEPS if (rows["step"] == step).any()]
    wide = rows.pivot_table(index=["partner", "service"], columns="step", values="amount", aggfunc="sum").fillna(0.0)
    wide = wide.sort_values(["partner", "closing"], ascending=[True, False]).reset_index()
    frame = pd.DataFrame({"service": [v.service(one) for one in wide["service"]]})
    frame["partner"] = [v.partner(one) for one in wide["partner"]]
    for step in ("opening", *steps, "closing"):
        frame[step] = wide[step].to_numpy()
    headings = {"service": "Service", "partner": "Spent by", "opening": f"{v.back(1)}"}
    headings |= {step: words.STEPS[step] for step in steps} | {"closing": v.year}
    return amounts_table(
        frame,
        headings,
        title="How each service’s recurring budget moved",
        subtitle=f"Recurring budget, {v.back(1)} to {v.year}",
        total="All services",
        places=2,
    )


def in_year_changes(v: View) -> pd.DataFrame:
    """Changes within the year up to the page's day."""
    rows = v.of("changes")
    rows = rows[rows["period"] != ""]
    inside = [Period.parse(one).last <= v.period.last for one in rows["period"]]
    return rows[inside]


def _revised(v: View) -> ShownTable:
    rows = in_year_changes(v)
    approved = v.of("in_budget").groupby("partner")[["recurring", "non_recurring"]].sum().sum(axis=1)
    partners = sorted({*approved.index, *rows["partner"]})
    lines: list[tuple[str, pd.Series]] = [("Approved at budget setting", approved)]
    for step in words.STEPS:
        moved = rows[rows["step"] == step].groupby("partner")["amount"].sum()
        if len(moved):
            lines.append((words.STEPS[step], moved))
    frame = pd.DataFrame(
        [(label, *(float(amounts.get(one, 0.0)) for one in partners)) for label, amounts in lines],
        columns=["step", *partners],
    )
    frame["all"] = frame[partners].sum(axis=1)
    moved = float(frame["all"].iloc[1:].sum())
    return amounts_table(
        frame,
        {"step": "Step", **{one: v.partner(one) for one in partners}, "all": "All"},
        title=f"The revised budget is {pounds(abs(moved))} {'above' if moved >= 0 else 'below'} the approved one"
        if abs(moved) > 0.005
        else "The revised budget is as large as the approved one",
        subtitle=f"Approved to revised budget, {v.year} to {day(v.period.end)}, by who spends it",
        total="Revised",
        places=2,
    )


def _setting(v: View) -> ShownTable:
    who = v.runs
    lines: list[tuple[str, float, float]] = [
        ("Recurring budget that is set", v.row["e_r"], v.row["f_r"]),
        ("Recurring money from the partners", v.row["f_r"], v.row["f_r"]),
    ]
    title = f"Set as one quantum, {pounds(v.row['gap_r'])} would be for {who} to find"
    if v.row["gap_r"] <= 0.005:
        title = "Recurring money covers the recurring budget, however it is set"
    gaps = v.gap_by_partner[lambda one: one.abs() > 0.005]
    lines += [(f"To be found by {v.partner(str(one))}", float(gap), 0.0) for one, gap in gaps.items()]
    if v.row["gap_r"] > 0.005:
        lines.append((f"To be found by {who}, who runs the services", 0.0, float(v.row["gap_r"])))
    frame = pd.DataFrame(lines, columns=["what", "items", "quantum"])
    return amounts_table(
        frame,
        {"what": "What", "items": "Item by item", "quantum": "One quantum"},
        title=title,
        subtitle=f"The recurring budget of {v.year} set the traditional way, pressures and savings item by item, and "
        "the commissioning way, a sum within which the host decides",
        places=2,
        notes=(
            "Item by item, what a pool lacks is shared as partners contribute."
            if v.model == "pooled_fund"
            else "Item by item, what is not covered stays with the partner whose services it is in.",
        ),
    )


def _returned(v: View) -> ShownTable:
    rows = v.returned
    frame = pd.DataFrame(
        {
            "table": [f"{table}, {period}" for table, period in zip(rows["table"], rows["period"], strict=True)],
            "who": [v.partner(one) for one in rows["partner"]],
            "to": [day(date.fromisoformat(one)).replace(NBSP, " ") for one in rows["ledger_to"]],
            "status": rows["status"].map(words.RETURN_STATUS),
            "by": rows["prepared_by"].mask(rows["prepared_by"] == "", "not said"),
            "signed": rows["signed_by"].mask(rows["signed_by"] == "", "not signed off"),
        }
    )
    days = rows["ledger_to"].nunique()
    return ShownTable(
        title="Where the figures come from: partners’ returns",
        subtitle="Each table returned, the last day in its ledger, and who answers for it",
        columns=(
            ShownColumn("table", "Table"),
            ShownColumn("who", "Returned by"),
            ShownColumn("to", "Ledger to"),
            ShownColumn("status", "Standing"),
            ShownColumn("by", "Prepared by"),
            ShownColumn("signed", "Signed off by"),
        ),
        frame=frame,
        sources=(),
        notes=("The ledgers do not all close on the same day.",) if days > 1 else (),
    )


TABLES: dict[str, Callable[[View], ShownTable]] = {
    "balance": _balance,
    "three_years": _three_years,
    "tests": _tests,
    "savings": _savings,
    "offers": _offers,
    "agreed": _agreed,
    "by_service": _by_service,
    "revised": _revised,
    "setting": _setting,
    "returned": _returned,
    **resources.TABLES,
    **ahead.TABLES,
}

"""The assurance tests on a delegated budget: each with what was found, a rating and a sentence.

Source of the tests: Scottish Government, Health and social care integration: financial assurance guidance, and Annex A.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.words import day, listed, number, percent, pounds
from ijbtools.topics._baseline_frames import HALF_PENNY
from ijbtools.topics._baseline_view import AMBER, GREEN, RED, View

RATINGS = {GREEN: "met", AMBER: "just missed", RED: "not met"}


@dataclass(frozen=True)
class Test:
    """One test: its name, its rating, and the finding as a sentence."""

    __test__ = False  # it is no test of ours

    name: str
    rating: str
    sentence: str


def tests(v: View) -> list[Test]:
    """Every test that the tables allow, in the order of the guidance."""
    made = [
        _three_years(v),
        _latest_year(v),
        _one_off_money(v),
        _inherited(v),
        _delivered_once(v),
        _uplift(v),
        _handed_over(v),
        _categories(v),
        _agreed(v),
        _rounds(v),
    ]
    return [one for one in made if one]


def _three_years(v: View) -> Test | None:
    rows = v.tested
    if rows.empty:
        return None
    short = rows[rows["rating"] != GREEN]
    worst = RED if (rows["rating"] == RED).any() else AMBER if len(short) else GREEN
    cash = (rows["mean_cash"] > rows["budget"] + HALF_PENNY).sum()
    names = [v.service(one) for one in short.sort_values("short", ascending=False)["service"]]
    first = (
        f"{len(short)} of {len(rows)} services are budgeted below what they cost on average in the last three years, "
        f"by {pounds(short['short'].sum())} together in {v.year} prices: {listed(names[:4])}"
        f"{' and others' if len(names) > 4 else ''}."
        if len(short)
        else f"Every service is budgeted at least at what it cost on average in the last three years, in {v.year} "
        "prices."
    )
    plain = f" In cash, {number(cash)} would have failed." if cash < len(short) else ""
    return Test("Three years of spending, in the budget’s prices", worst, first + plain)


def _latest_year(v: View) -> Test | None:
    rows = v.tested
    if rows.empty:
        return None
    budget, latest = rows["budget"].sum(), rows["latest"].sum()
    short = latest - budget
    word = "less than" if short > HALF_PENNY else "at least"
    return Test(
        "The latest year’s spending, in the budget’s prices",
        v.rated(short, budget),
        f"These services cost {pounds(latest)} in {v.back(1)}, in {v.year} prices; their budget of {pounds(budget)} is "
        f"{word} that.",
    )


def _one_off_money(v: View) -> Test:
    total = v.funding + v.row["reserves"]
    one_off = v.row["f_n"] + v.row["reserves"]
    if one_off <= HALF_PENNY:
        return Test("Resting on one-off money", GREEN, f"None of the {pounds(total)} is for one year only.")
    return Test(
        "Resting on one-off money",
        v.rated(one_off, total),
        f"{pounds(one_off)} of {pounds(total)} ({percent(one_off / total, 1) if total else 'all'}) will not be there "
        f"next year: one-off contributions of {pounds(v.row['f_n'])} and reserves of {pounds(v.row['reserves'])}.",
    )


def _inherited(v: View) -> Test | None:
    rows = v.savings[v.savings["inherited"] == "yes"]
    if rows.empty:
        return None
    target, expected = rows["target"].sum(), rows["expected"].sum()
    open_ones = rows[rows["expected"] < rows["target"] - HALF_PENNY]
    owners = listed(sorted(open_ones["owner"].unique()))
    whose = f" They are with {owners}." if owners else ""
    return Test(
        "Savings inherited from earlier years",
        v.rated(target - expected, target),
        f"Of {pounds(target)} of savings carried over from earlier years {pounds(expected)} is expected.{whose}",
    )


def _delivered_once(v: View) -> Test | None:
    expected = v.savings["expected"].sum()
    if not expected:
        return None
    once = v.savings.loc[v.savings["recurrence"] == "non_recurring", "expected"].sum()
    return Test(
        "Delivered for this year only",
        v.rated(once, expected),
        f"{pounds(once)} ({percent(once / expected)}) of the {pounds(expected)} of savings expected will have to be "
        "found again next year.",
    )


def _uplift(v: View) -> Test | None:
    uplift, evidence = v.row["uplift_rate"], v.row["evidence_rate"]
    if pd.isna(uplift) or not v.row["evidence"]:
        return None
    before = v.row["f_r_before"]
    return Test(
        "Uplift against the evidence",
        v.rated((evidence - uplift) * before, before),
        f"Recurring money rose by {percent(uplift, 2)}; pay, prices, demand and new commitments came to "
        f"{percent(evidence, 2)} of the year before’s recurring money.",
    )


def _handed_over(v: View) -> Test | None:
    started = str(v.own["started_on"])
    if not started or not (date(v.start, 4, 1) <= date.fromisoformat(started) <= v.period.end):
        return None
    handed = v.quanta[v.quanta["year"] == v.year]
    over = float((handed["spent"] - handed["total"]).sum()) if len(handed) else v.expected - v.budget
    base = float(handed["total"].sum()) if len(handed) else v.budget
    if pd.isna(over):
        return None
    inherited = float(v.row["inherited"] - v.row["inherited_expected"])
    part = f", {pounds(inherited)} of it savings that were handed over undelivered" if inherited > HALF_PENNY else ""
    return Test(
        "Handed over against found",
        v.rated(over, base),
        f"{pounds(base)} was handed over in the first year and {pounds(base + over)} was found to be needed{part}.",
    )


def _categories(v: View) -> Test | None:
    if v.services.empty:
        return None
    rows = v.of("budgets")
    there = set(v.services["category"].reindex(rows["service"].unique()).dropna())
    missing = [f"({one}) {label}" for one, label in words.CATEGORIES.items() if one not in there]
    return Test(
        "Prescribed categories present",
        RED if missing else GREEN,
        f"No budget is shown for {listed(missing)}." if missing else "Each of the categories (a) to (e) has a budget.",
    )


def _agreed(v: View) -> Test | None:
    if v.agreed.empty:
        return None
    last = v.agreed.iloc[-1]
    late, when = int(last["late"]), day(date.fromisoformat(last["dated"]))
    on_time = f"The last agreement came on {when}, by 31 March."
    return Test(
        "Agreed by 31 March",
        RED if late > 0 else GREEN,
        f"The budget was complete when {v.partner(last['partner'])} agreed on {when}, {number(late)} days after 31 "
        "March."
        if late > 0
        else on_time,
    )


def _rounds(v: View) -> Test | None:
    totals = latest_rounds(v)
    if not {"asked", "agreed"} <= set(totals):
        return None
    asked, agreed = totals["asked"], totals["agreed"]
    offered = f" {pounds(totals['offered'])} was the last offer." if "offered" in totals else ""
    return Test(
        "Asked for, offered, agreed",
        v.rated(asked - agreed, asked),
        f"{pounds(asked)} of recurring money was asked for and {pounds(agreed)} agreed.{offered}",
    )


def latest_rounds(v: View) -> dict[str, float]:
    """Recurring money asked for, offered and agreed: the latest round of each sum that was asked for and agreed."""
    rows = v.of("funding")
    rows = rows[rows["recurrence"] == "recurring"]
    rows = rows[~rows["kind"].isin(["reserves", "overspend_share", "allocation"])]
    rows = rows[rows["partner"].map(v.partners["sector"]) != "government"]
    flow = ["partner", "to_partner"]
    for status in ("asked", "agreed"):
        rows = rows.merge(rows.loc[rows["status"] == status, flow].drop_duplicates(), on=flow)
    last = rows["dated"] == rows.groupby([*flow, "status"])["dated"].transform("max")
    stands = rows[last | (rows["status"] == "agreed")]
    return {str(status): float(amount) for status, amount in stands.groupby("status")["amount"].sum().items()}

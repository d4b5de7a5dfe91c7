"""What the figures of `facts.csv` are called, and which of them stand at the top of a comparison."""

import re
from collections.abc import Mapping, Sequence

from ijbtools import vocabulary as words

# By topic, in the order of the page's key figures; a year ahead is the first that the page has.
KEY: Mapping[str, Sequence[str]] = {
    "baseline": (
        "funding_recurring",
        "gap_in_year",
        "gap_hidden",
        "savings_expected",
        "forecast_total",
        "outturn_total",
        "plan_gap_central",
        "social_work_net_expenditure",
    ),
    "shunting": (
        "bed_days",
        "beds",
        "delayed_days_75_rate",
        "borne_full_average",
        "borne_cash_releasing",
        "care_not_paid_for_cash_releasing",
        "total_system_cash_releasing",
    ),
    "investment": (
        r"scheme_.+_pv_investment",
        r"scheme_.+_pv_gross",
        r"scheme_.+_pv_cash",
        r"scheme_.+_turns_at_uplift",
    ),
}

_BASIS = {"full_average": "at full average cost", "cash_releasing": "in cash"}
_PLAN = {"e_r": "recurring cost", "e_n": "one-off cost", "f_r": "recurring money", "f_n": "one-off money", "gap": "gap"}
_SCHEME = {
    "pv_investment": "cost, present value",
    "pv_gross": "all benefits, present value",
    "pv_cash": "cash, present value",
    "turns_at_uplift": "uplift at which its label turns",
    "investment": "cost",
    "gross": "all benefits",
    "released": "released from budgets",
    "cash": "cash",
    "freed": "capacity freed",
    "absorbed": "growth absorbed",
    "net_all": "net of all benefits",
    "net_cash": "net of cash",
}
_TOTALS = {
    "system": "Everyone together",
    "shunted_gross": "Moved between partners",
    "shunted_net": "Moved between partners, over all mechanisms together",
    "public_purse": "Public purse",
    "waste": "Extra cost to everyone together",
    "gain": "Gain of everyone together",
}
_PLAIN = {
    "bed_days": "Days delayed",
    "beds": "Beds occupied on an average day",
    "delayed_days_75_rate": "Rate of delayed days, people aged 75 and over",
    "budget_recurring": "Recurring budget",
    "budget_non_recurring": "One-off budget",
    "funding_recurring": "Recurring money from partners",
    "funding_non_recurring": "One-off money from partners",
    "planned_use_of_reserves": "Planned use of reserves",
    "gap_in_year": "Gap in the year",
    "gap_recurring": "Recurring gap",
    "gap_non_recurring": "One-off part of the gap",
    "gap_left": "Gap left after reserves",
    "gap_hidden": "Hidden recurring gap",
    "savings_target": "Savings to be made",
    "savings_expected": "Savings expected",
    "savings_recurring_undelivered": "Recurring savings not delivered",
    "evidence_of_pressures": "Evidence of pressures",
    "forecast_total": "Forecast spending",
    "outturn_total": "Outturn",
    "do_nothing_cost": "Cost if nothing is done",
    "spent_by_recurring": "Recurring budget spent by",
    "spent_by_non_recurring": "One-off budget spent by",
    "contribution_recurring": "Recurring contribution",
    "contribution_non_recurring": "One-off contribution",
    "social_work_net_expenditure": "Net expenditure on social work",
}


def said(measure: str, names: Mapping[str, str]) -> str:
    """A measure in words: `Gap in the year`; one that is not known by its own words, `own_measure` as `Own measure`.

    `names` has those of schemes by id.
    """
    if measure in _PLAIN:
        return _PLAIN[measure]
    if found := re.fullmatch(r"bed_days_(.+)", measure):
        reason = words.SHOWN_REASONS.get(found[1], _plain(found[1]))
        return f"Days delayed: {reason[0].lower()}{reason[1:]}"
    if found := re.fullmatch(r"total_(.+)_(full_average|cash_releasing)", measure):
        return f"{_TOTALS.get(found[1], _plain(found[1]))}, {_BASIS[found[2]]}"
    if found := re.fullmatch(r"(borne|care_not_paid_for|mechanism|shunted)_(full_average|cash_releasing)", measure):
        what = {"borne": "Borne", "care_not_paid_for": "Care not paid for (negative: spared)", "shunted": "Moved"}
        return f"{what.get(found[1], 'Own mechanisms')}, {_BASIS[found[2]]}"
    if found := re.fullmatch(r"bridge_(.+)", measure):
        step = {"opening": "opening", "closing": "closing"} | {k: v.lower() for k, v in words.STEPS.items()}
        return f"Bridge, {step.get(found[1], _plain(found[1]).lower())}"
    if found := re.fullmatch(r"plan_(e_r|e_n|f_r|f_n|gap)_(\w+)", measure):
        return f"Plan, {_PLAN[found[1]]}, {found[2]}"
    if found := re.fullmatch(r"set_aside_use_(.+)", measure):
        return f"Use of set-aside hospital care, {found[1]}"
    for part, text in _SCHEME.items():
        if found := re.fullmatch(rf"scheme_(.+)_{part}", measure):
            return f"{names.get(found[1], _plain(found[1]))}: {text}"
    return _plain(measure)


def flow(measure: str, from_partner: str, to_partner: str, names: Mapping[str, str]) -> str:
    """Of whom a figure is, after a comma: `, by hospitals, decided by the law`, `, from NHS A to B Council`, `, NHS A`.

    Where a delay is priced the first decides and the second bears.
    """
    gave = names.get(from_partner) or _in_a_sentence(words.DECIDERS, words.BEARERS, from_partner)
    took = names.get(to_partner) or _in_a_sentence(words.BEARERS, words.DECIDERS, to_partner)
    if measure.startswith(("borne_", "care_not_paid_for_", "mechanism_")):
        return (f", by {took}" if took else "") + (f", decided by {gave}" if gave else "")
    if gave and took:
        return f", from {gave} to {took}"
    return f", {gave or took}" if gave or took else ""


def _in_a_sentence(first: Mapping[str, str], second: Mapping[str, str], partner: str) -> str:
    word = first.get(partner) or second.get(partner) or ""
    return f"{word[0].lower()}{word[1:]}" if word else partner


def _plain(word: str) -> str:
    spaced = word.replace("_", " ").replace("-", " ").strip()
    return spaced[:1].upper() + spaced[1:]

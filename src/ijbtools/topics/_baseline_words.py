"""What a reader reads of the baseline: its sentences and key figures."""

from collections.abc import Callable
from datetime import date

import pandas as pd

from ijbtools.finance.words import change, day, listed, number, percent, pounds
from ijbtools.topics import _baseline_ahead as ahead
from ijbtools.topics._baseline_frames import expected_savings
from ijbtools.topics._baseline_tables import in_year_changes
from ijbtools.topics._baseline_tests import latest_rounds
from ijbtools.topics._baseline_view import View
from ijbtools.topics.result import Bars, KeyFigure, Result, bars_of, gains_of, named

_DUST = 0.005


def overview(result: Result) -> dict[str, str]:
    """How many partnerships there are, and how many have sent a budget."""
    known = result.tables["summary"]["partnership"].nunique()
    count = len(result.tables["partnerships"])
    return {"headline": f"{number(count)} partnerships, {number(known)} of them with budgets; choose one with only()."}


def sentence(v: View, name: str) -> str:
    """One sentence in words; empty where it says nothing here."""
    say = named("sentence", SENTENCES, name)
    return say(v) if v.result.shows(name) else ""


def sentences(v: View) -> dict[str, str]:
    """The finding in words, by the name of what it stands over."""
    return {name: sentence(v, name) for name in SENTENCES}


def gains(v: View) -> pd.Series:
    """Minus next year's gap, together and, where the page has it so, by partner; empty where it is not known."""
    if not v.next_year:
        return pd.Series(dtype=float)
    shown = not v.result.lacks("next_year")
    by_partner = -ahead.next_year_by_partner(v).drop(columns="all").sum() if shown else {}
    return gains_of(-v.next_year["gap"], by_partner)


def bars(v: View) -> Bars | None:
    """This year's gap and those ahead, in one unit; None where budget or money are not known."""
    if not (v.row and v.row["funded"]):
        return None
    before = ", before reserves" if v.row["reserves"] else ""
    amounts = {f"Gap in {v.year}{before}": v.row["gap"], "Recurring gap": v.row["gap_r"]}
    rows = v.central[v.central["scenario"] == "central"]
    amounts |= {f"Gap left in {year}": gap for year, gap in zip(rows["year"], rows["gap"], strict=True)}
    return bars_of(f"The gap, {v.name}", amounts)


def key_figures(v: View) -> list[KeyFigure]:
    """The figures at the top: with a budget its gap, without one what is public."""
    return _own_figures(v) if v.row else _public_figures(v)


def _own_figures(v: View) -> list[KeyFigure]:
    row = v.row
    standing = "offered, not yet agreed" if v.offered else "from the partners"
    aside = f"; {pounds(v.funding + v.set_aside_budget)} with what is set aside" if v.set_aside_budget else ""
    figures = [KeyFigure("Integrated budget", pounds(v.funding), f"{standing}{aside}")]
    if not row["funded"]:
        return [KeyFigure("Planned spending", pounds(v.budget), "what partners bring was not sent"), *_spent_figures(v)]
    covered = f"{pounds(row['reserves'])} of it met from reserves" if row["reserves"] else "before reserves"
    figures.append(KeyFigure("Gap in the year", pounds(row["gap"]), covered))
    figures.append(
        KeyFigure("Hidden recurring gap", pounds(row["hidden"]), "comes again next April")
        if row["hidden"]
        else KeyFigure("Recurring gap", pounds(row["gap_r"]), "recurring cost less recurring money")
    )
    figures += _spent_figures(v)
    if v.next_year:
        gap = v.next_year["gap"]
        figures.append(
            KeyFigure(f"Gap of {v.back(-1)}", pounds(gap), f"{percent(gap / v.budget, 1)} of this year’s budget")
        )
    return figures


def _spent_figures(v: View) -> list[KeyFigure]:
    """Savings expected, and how the year turns out."""
    row, figures = v.row, []
    if row["target"]:
        share = percent(row["expected"] / row["target"], 1)
        figures.append(KeyFigure("Savings expected", share, f"{pounds(row['expected'])} of {pounds(row['target'])}"))
    if not pd.isna(v.expected):
        over = v.expected - v.budget
        word = "overspend" if over > 0 else "underspend"
        note = f"{word}, {percent(abs(over) / v.budget, 1)} of the budget"
        figures.append(KeyFigure(v.expected_word.capitalize(), pounds(abs(over)), note))
    return figures


def _public_figures(v: View) -> list[KeyFigure]:
    rows = ahead.published_by_year(v)
    if rows.empty:
        figures = [KeyFigure("Budget", "not sent", "nor what partners bring")]
    else:
        first, last = rows.iloc[0], rows.iloc[-1]
        included = f"net, {last['year']}, children’s services included"
        since = f"since {first['year']}"
        figures = [
            KeyFigure("Spent on social work", pounds(last["amount"]), included),
            KeyFigure("In cash", _growth(last["amount"] / first["amount"]), since),
            KeyFigure("In real terms", _growth(last["real"] / first["real"]), f"{since}, {v.year} prices"),
        ]
    if not v.result.lacks("people"):
        wide = ahead.people_by_age(v)
        older = wide[["75-84", "85+"]].sum(axis=1)
        grown = _growth(older.iloc[-1] / older.iloc[0])
        figures.append(KeyFigure("People aged 75+", grown, f"mid-{wide.index[0]} to mid-{wide.index[-1]}, projected"))
    return figures


def _growth(ratio: float) -> str:
    return f"{percent(abs(ratio - 1))} {'more' if ratio >= 1 else 'less'}"


def _headline(v: View) -> str:
    if not v.row:
        return _public_headline(v)
    row = v.row
    if not row["funded"]:
        return (
            f"The budget of {v.name} for {v.year} is {pounds(v.budget)}. What its partners bring was not sent, so "
            f"whether that is enough cannot be said.{_turned_out(v)}"
        )
    money = f"{pounds(v.funding)} from its partners"
    if row["reserves"]:
        money += f" and {pounds(row['reserves'])} of reserves"
    if row["left"] > _DUST:
        first = (
            f"The budget of {v.name} for {v.year} does not balance: it plans to spend {pounds(v.budget)} with {money}, "
            f"and {pounds(row['left'])} is not covered."
        )
    else:
        first = f"The budget of {v.name} for {v.year} balances: {pounds(v.budget)} of spending is met by {money}."
    if row["hidden"]:
        first += (
            f" But {pounds(row['hidden'])} of what it costs every year is covered by one-off money and one-off "
            "savings, and stands there again next April."
        )
    elif row["gap_r"] > _DUST:
        first += f" Recurring cost is {pounds(row['gap_r'])} above recurring money."
    else:
        first += " Recurring money covers recurring cost."
    first += _turned_out(v)
    if v.next_year and v.next_year["gap"] > _DUST:
        gap = v.next_year["gap"]
        first += (
            f" If nothing changes, {v.back(-1)} begins {pounds(gap)} short, {percent(gap / v.budget, 1)} of this "
            "year’s budget."
        )
    return first


def _turned_out(v: View) -> str:
    """Over- or underspend of the year, where it is known."""
    if pd.isna(v.expected) or abs(v.expected - v.budget) <= _DUST:
        return ""
    over, word = v.expected - v.budget, "overspend" if v.expected > v.budget else "underspend"
    when = "is expected to" if v.expected_word == "forecast" else "did"
    return f" The year {when} {word} by {pounds(abs(over))}, {percent(abs(over) / v.budget, 1)}."


def _public_headline(v: View) -> str:
    rows = ahead.published_by_year(v)
    if rows.empty:
        return (
            f"No budget of {v.name} was sent for {v.year}, nor what its partners bring. With them this page would say "
            "what each partner brings, whether it is enough this year and every year, and what comes next. The rest "
            "of it says what the partnership would have to supply."
        )
    first, last = rows.iloc[0], rows.iloc[-1]
    councils = listed([v.partner(one) for one in v.result.tables["published"]["partner"].unique()])
    return (
        f"What {v.name} brings together, and whether it is enough, is not public. What is: in {last['year']} "
        f"{councils} spent {pounds(last['amount'])} net on social work, children’s services included; in {v.year} "
        f"prices that is {change(last['real'], first['real'], first['year'])}. The rest of this page says what the "
        "partnership would have to supply."
    )


def _caution(v: View) -> str:
    if not v.row and ahead.published_by_year(v).empty:
        return (
            "“Balanced” means that a year’s spending is covered, with one-off money too. Whether every year is covered "
            "is another question, and no page can answer it without the partners’ own figures."
        )
    if not v.row:
        return (
            "Council spending on social work is not the partnership’s budget. It includes children’s services, which "
            "most partnerships do not hold, and leaves out all health care."
        )
    offered = [v.partner(one) for one in v.offered]
    standing = f" The money of {listed(offered)} for {v.year} is offered and not agreed." if offered else ""
    basis = (
        f"the {v.expected_word} of the year"
        if v.row["from_underlying"]
        else "the budget, as nobody has forecast the year"
    )
    return (
        "“Balanced” means that a year’s spending is covered, with one-off money too. Whether every year is covered is "
        "another question, and the figure for it is the recurring gap. Next year’s recurring cost is taken from "
        f"{basis}; pressures and money of the years ahead are the partnership’s own estimates.{standing}"
    )


def _enough(v: View) -> str:
    row = v.row
    if row["gap_r"] <= _DUST:
        return (
            f"Recurring cost is {pounds(row['e_r'])}, recurring money {pounds(row['f_r'])}: nothing of the year rests "
            "on one-offs alone."
        )
    return (
        f"Recurring cost is {pounds(row['e_r'])} and recurring money {pounds(row['f_r'])}: {pounds(row['gap_r'])} is "
        f"missing every year. In {v.year} one-offs cover {pounds(row['gap_r'] - row['gap'])} of it"
        + (f" and reserves {pounds(row['reserves'])}." if row["reserves"] else ".")
    )


def _savings(v: View) -> str:
    rows = v.savings
    recurring = rows["recurrence"] == "recurring"
    inherited = rows[rows["inherited"] == "yes"]
    lasting, once = rows[recurring], rows[~recurring]
    parts = [
        f"{pounds(some['expected'].sum())} of {pounds(some['target'].sum())} that would {how}"
        for some, how in ((lasting, "recur"), (once, "serve this year only"))
        if len(some)
    ]
    target = rows["target"].sum()
    share = f" ({percent(rows['expected'].sum() / target, 1)})" if target else ""
    said = f"Of {pounds(target)} of savings {pounds(rows['expected'].sum())} is expected{share}: {listed(parts)}."
    if len(inherited):
        said += (
            f" Of the {pounds(inherited['target'].sum())} carried over from earlier years, "
            f"{pounds(inherited['expected'].sum())} is expected."
        )
    past = v.result.tables["savings"]
    past = past[past["year"] <= v.year]
    years = past["year"].nunique()
    if years > 1 and expected_savings(past).sum() > 0:
        brought = expected_savings(past)
        lasting_part = brought[past["recurrence"] == "recurring"].sum()
        said += (
            f" In the {number(years)} years from {past['year'].min()}, {pounds(brought.sum())} was or will be saved, "
            f"of which {pounds(lasting_part)} recurs ({percent(lasting_part / brought.sum(), 2)})."
        )
    if v.row and v.row["undelivered"] > _DUST:
        said += f" {pounds(v.row['undelivered'])} of recurring savings that are not delivered weighs on next year."
    return said


def _offers(v: View) -> str:
    if not v.row:
        return ""
    said = []
    if not pd.isna(v.row["uplift_rate"]) and v.row["evidence"]:
        said.append(
            f"Recurring money grew by {percent(v.row['uplift_rate'], 2)}; pay, prices, demand and new commitments, as "
            f"the budget itself counts them, came to {percent(v.row['evidence_rate'], 2)}."
        )
    totals = latest_rounds(v)
    if {"asked", "agreed"} <= set(totals):
        said.append(f"{pounds(totals['asked'])} of it was asked for, {pounds(totals['agreed'])} agreed.")
    if len(v.agreed):
        days = [
            f"{v.partner(p)} on {day(date.fromisoformat(d))}"
            for p, d in zip(v.agreed["partner"], v.agreed["dated"], strict=True)
        ]
        late = int(v.agreed["late"].max())
        said.append(
            f"Agreed by {listed(days)}"
            + (f": complete {number(late)} days after 31 March." if late > 0 else ", in time.")
        )
    return " ".join(said)


def _revised(v: View) -> str:
    rows = in_year_changes(v)
    moved = rows.groupby("step")["amount"].sum()
    virements = rows.loc[(rows["step"] == "virement") & (rows["amount"] > 0), "amount"].sum()
    paid = rows.loc[(rows["step"] == "allocation") & (rows["funded_by"] != ""), "funded_by"].unique()
    said = f"By {day(v.period.end)} {pounds(virements)} had moved between services." if virements else ""
    if moved.get("allocation", 0.0):
        who = listed([v.partner(one) if one != "reserves" else "reserves" for one in paid])
        said += f" Allocations in the year added {pounds(moved['allocation'])}{f', paid by {who}' if who else ''}."
    return said.strip()


def _setting(v: View) -> str:
    return (
        "A budget can be set item by item, each partner answering for the pressures and savings of its own services, "
        f"or as one sum within which {v.runs} decides. The sum is the same; who has to find what is missing is not."
    )


def _contributions(v: View) -> str:
    parts = [
        f"{v.partner(str(one))} {pounds(amount)} ({percent(amount / v.brought.sum(), 1)})"
        for one, amount in v.brought.items()
    ]
    return (
        f"Partners bring {pounds(v.brought.sum())}: {listed(parts)}. In one budget that money loses its identity: a "
        "pound spent on care at home or on prescribing is paid for by all of them alike."
    )


def _resources(v: View) -> str:
    label = {"body_corporate": "the joint board", "lead_agency": "two hosts", "pooled_fund": "a pool"}.get(
        v.model, "each"
    )
    aside = v.set_aside_budget
    extra = (
        f" With {pounds(aside)} set aside for hospital care, {pounds(v.brought.sum() + aside)} is planned for."
        if aside
        else ""
    )
    return f"{pounds(v.brought.sum())} is the integrated budget, held by {label}.{extra}"


def _quantum(v: View) -> str:
    main = v.main_quantum
    last = main.iloc[-1]
    payer, host = v.partner(last["from"]), v.partner(last["to"])
    said = f"{payer} passes {pounds(last['total'])} to {host} in {last['year']}"
    said += f", {pounds(last['one_off'])} of it for this year only." if last["one_off"] else ", all of it recurring."
    if len(main) > 1:
        before = main.iloc[-2]
        if last["one_off"]:
            said += (
                f" Called growth of {percent(last['total'] / before['total'] - 1, 1)}, it is "
                f"{percent(last['recurring'] / before['recurring'] - 1, 1)} of what recurs."
            )
        elif before["one_off"]:
            rolled = before["total"] * last["recurring"] / before["recurring"]
            said += (
                f" Had last year’s one-off of {pounds(before['one_off'])} been taken into the base, it would be "
                f"{pounds(rolled)}."
            )
    if not pd.isna(last["spent"]) and last["spent"] > last["total"] + _DUST:
        over = last["spent"] - last["total"]
        said += (
            " The functions it pays for are "
            f"{'expected to cost' if last['kind'] == 'forecast' else 'found to have cost'} {pounds(last['spent'])}: "
            f"{pounds(over)} over, {percent(over / last['total'], 2)}."
        )
    return said


def _release(v: View) -> str:
    r = v.release
    return (
        f"If {number(r['fall'])} bed days fewer were used, {pounds(r['claim'])} of hospital care would not be needed, "
        f"but {pounds(r['cash'])} is what a budget could give up; the rest is capacity until a whole ward closes."
    )


def _running_cost(v: View) -> str:
    rows = v.of("in_budget")
    setting = v.services["setting"].reindex(rows["service"]).to_numpy()
    cost = rows.loc[setting == "running_cost", ["recurring", "non_recurring"]].sum().sum()
    return (
        f"Running the partnership itself costs {pounds(cost)}, {percent(cost / v.budget, 1)} of its budget."
        if cost
        else "No cost of running the partnership itself is shown in its budget."
    )


def _plan(v: View) -> str:
    rows = v.central
    if rows.empty:
        return f"No money is offered for {v.back(-1)} yet, so no gap of the years ahead can be shown."
    last = rows[rows["year"] == rows["year"].max()].set_index("scenario")["gap"]
    return (
        f"In {rows['year'].max()} the gap left is {_left(last['central'])} if the plan holds, "
        f"{_left(last['favourable'])} in a favourable and {_left(last['adverse'])} in an adverse case. None of these "
        "is a forecast: nobody will leave the gap alone."
    )


def _left(gap: float) -> str:
    return pounds(gap) if gap > -_DUST else f"nothing, with {pounds(-gap)} over,"


def _published(v: View) -> str:
    rows = ahead.published_by_year(v)
    first, last = rows.iloc[0], rows.iloc[-1]
    return (
        f"In cash, {last['year']} was {change(last['amount'], first['amount'], first['year'])}. What the "
        "health board brings is not in these figures."
    )


def _people(v: View) -> str:
    wide = ahead.people_by_age(v)
    older, adults = wide[["75-84", "85+"]].sum(axis=1), wide["18-64"]
    first, last = wide.index[0], wide.index[-1]
    return (
        f"People aged 75 and over would be {change(older[last], older[first], f'mid-{first}')} by mid-{last}, and "
        f"people aged 18 to 64 {change(adults[last], adults[first], f'mid-{first}')}. More older people need more "
        "care; adults of working age give much of it."
    )


SENTENCES: dict[str, Callable[[View], str]] = {
    "headline": _headline,
    "caution": _caution,
    "enough": _enough,
    "savings": _savings,
    "offers": _offers,
    "revised": _revised,
    "setting": _setting,
    "contributions": _contributions,
    "resources": _resources,
    "quantum": _quantum,
    "release": _release,
    "running_cost": _running_cost,
    "plan": _plan,
    "published": _published,
    "people": _people,
}

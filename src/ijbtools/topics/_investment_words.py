"""What a reader reads of an investment: its sentences and key figures."""

from collections.abc import Callable

import pandas as pd

from ijbtools.finance.words import change, day, listed, number, percent, pounds
from ijbtools.topics._investment_view import BASES, LABELS, View, care
from ijbtools.topics.result import Bars, KeyFigure, Result, bars_of, gains_of, named


def overview(result: Result) -> dict[str, str]:
    """How many schemes there are."""
    rows = result.tables["summary"]
    places = rows["partnership"].nunique()
    return {"headline": f"{number(len(rows))} schemes of {number(places)} partnerships; choose one with only()."}


def sentence(v: View, name: str) -> str:
    """One sentence in words; empty where it says nothing here."""
    say = named("sentence", SENTENCES, name)
    always = {"headline", "caution"}
    return say(v) if name in always or v.result.shows(name) else ""


def sentences(v: View) -> dict[str, str]:
    """The finding in words, by the name of what it stands over."""
    return {name: sentence(v, name) for name in SENTENCES}


def gains(v: View) -> pd.Series:
    """Cash less cost together and by partner, of the schemes that may be totalled; empty without schemes."""
    rows = v.totalled
    if rows.empty:
        return pd.Series(dtype=float)
    nets = v.result.tables["partners_net"]
    nets = nets[nets["scheme"].isin(rows["scheme"])].groupby("partner", sort=False)[["pv_released", "pv_cost"]].sum()
    return gains_of((rows["pv_cash"] - rows["pv_investment"]).sum(), nets["pv_released"] - nets["pv_cost"])


def bars(v: View) -> Bars | None:
    """Cost, what the benefits are, and cash less cost, in one unit; None without schemes."""
    rows = v.totalled
    if rows.empty:
        return None
    cost, gross, cash = (float(rows[name].sum()) for name in ("pv_investment", "pv_gross", "pv_cash"))
    amounts = {
        "Cost": cost,
        "Cash released": cash,
        "Capacity, and growth absorbed": gross - cash,
        "Cash less cost": cash - cost,
    }
    return bars_of(f"Present values, {v.whose(rows)}", amounts)


def key_figures(v: View) -> list[KeyFigure]:
    """What the schemes are, and of all of them, or of the first where prices differ, cost, benefits and cash."""
    rows = v.summary
    if rows.empty:
        return _known_without_schemes(v)
    kinds = rows["label"].value_counts()
    figures = [
        KeyFigure("Schemes", number(len(rows)), listed([f"{number(n)} {LABELS[str(k)]}" for k, n in kinds.items()]))
    ]
    chosen = v.totalled
    whose = v.whose(chosen)
    cost, gross, cash = (float(chosen[name].sum()) for name in ("pv_investment", "pv_gross", "pv_cash"))
    figures += [
        KeyFigure("Cost", pounds(cost), f"present value, {whose}"),
        KeyFigure("All benefits", pounds(gross), "cash, capacity and growth absorbed"),
        KeyFigure(
            "Cash", pounds(cash), f"released from budgets; {percent(cash / gross if gross else 0)} of all benefits"
        ),
    ]
    turns = rows["turns_at"].dropna()
    if len(turns):
        first = rows.loc[turns.index[0]]
        figures.append(KeyFigure("Label turns at", percent(first["turns_at"], 2), f"uplift a year, {first['name']}"))
    if v.shared:
        made = v.settled(v.shared[0], "equal_split", "released")
        amount = float(made.transfers["amount"].sum())
        note = f"equal split of the cash released, {v.names[v.shared[0]]}"
        figures.append(KeyFigure("Transfer", pounds(amount) if made.feasible else "not feasible", note))
    return figures


def _known_without_schemes(v: View) -> list[KeyFigure]:
    """How many schemes are named, what the page would take for growth and uplift, and how people age."""
    named = len(v.result.tables["schemes"])
    figures = [
        KeyFigure("Schemes", number(named), "named; costs and benefits not sent")
        if named
        else KeyFigure("Schemes", "not sent", "neither their names nor what they cost and bring")
    ]
    people = v.result.tables["people"]
    older = people[people["age_group"].isin(["75-84", "85+"])].pivot_table(
        index="year", columns="age_group", values="people", aggfunc="sum"
    )
    older = older.reindex(columns=["75-84", "85+"]).dropna().sum(axis=1)
    older = older[(older.index >= v.period.year) & (older.index <= v.period.year + 10)]
    if len(older) > 1 and older.iloc[0]:
        first, last = older.index[0], older.index[-1]
        grown = change(older[last], older[first], f"mid-{first}").partition(" than ")[0]
        figures.append(KeyFigure("People aged 75+", grown, f"mid-{first} to mid-{last}, projected"))
    assumed = (
        ("Growth of cost", "do_nothing_growth", "if nothing is done"),
        ("Uplift of budgets", "budget_uplift", "of services that schemes relieve"),
    )
    for label, name, about in assumed:
        figures.append(KeyFigure(label, percent(v.value(name), 1), f"a year, {about}, assumed ({v.quality(name)})"))
    return figures


def _without_schemes(v: View) -> str:
    named = [str(name) for name in v.result.tables["schemes"].sort_values("order")["name"]]
    if named:
        one = len(named) == 1
        schemes = "1 scheme is" if one else f"{number(len(named))} schemes are"
        they = "it costs and brings" if one else "they cost and bring"
        sent = f"For {v.name} {schemes} named, {listed(named)}; what {they} was not sent."
    elif len(v.result.tables["scheme_flows"]):
        sent = f"Costs and benefits were sent for {v.name}, but not the schemes they belong to."
    else:
        sent = f"No schemes were sent for {v.name}."
    with_it = "With that" if len(named) == 1 else "With them"
    return (
        f"{sent} {with_it} this page would say what each scheme costs and brings, to whom and when, whether it saves "
        "money or manages demand, and what transfer between partners would make it happen."
    )


def _headline(v: View) -> str:
    if v.summary.empty:
        return _without_schemes(v)
    said = []
    for _, row in v.summary.iterrows():
        cost, gross, cash = pounds(row["pv_investment"]), pounds(row["pv_gross"]), pounds(row["pv_cash"])
        said.append(f"{row['name']} costs {cost} and brings {gross}, of which {cash} is cash: {LABELS[row['label']]}.")
    first = f"On {day(v.period.end)} {v.name} has {number(len(said))} scheme{'s' if len(said) != 1 else ''}. "
    more = " The others are in the table." if len(said) > 3 else ""
    held = " The budgets of the services concerned were not sent." if "budgets" in v.result.lacks("labels") else ""
    return first + " ".join(said[:3]) + more + held


def _caution(v: View) -> str:
    unknown = ""
    if v.not_budgeted:
        services = listed([f"“{one}”" for one in v.not_budgeted])
        unknown = (
            f" The budget of {services} is not known: there all that a scheme brings counts as released, so its label "
            "says no more than what the scheme claims."
        )
    return (
        f"Whether a scheme saves money or manages demand rests on growth of {percent(v.value('do_nothing_growth'), 1)} "
        f"a year and an uplift of {percent(v.value('budget_uplift'), 1)}, both of quality "
        f"{v.quality('budget_uplift')}: nobody has measured them. Capacity freed and growth absorbed are worth having "
        f"and are not money. A scheme that does not pay back may still be worth its outcomes.{unknown}"
    )


def _notes(v: View) -> str:
    notes = v.result.tables["schemes"].set_index("scheme")["note"]
    return " ".join(
        f"{v.names[scheme]} acts on {care(v, scheme)}. {notes.get(scheme, '')}".strip()
        for scheme in v.summary["scheme"]
    )


def _labels(v: View) -> str:
    said = []
    for _, row in v.summary.iterrows():
        if pd.isna(row["turns_at"]):
            said.append(f"{row['name']} is “{LABELS[row['label']]}” at every uplift tried.")
        else:
            said.append(
                f"At the assumed uplift of {percent(v.value('budget_uplift'), 1)} {row['name']} is "
                f"“{LABELS[row['label']]}”; it saves money from an uplift of {percent(row['turns_at'], 2)} a year on."
            )
    return " ".join(said)


def _partners(v: View) -> str:
    said = []
    for scheme in v.shared:
        nets = v.nets(scheme)
        net = nets["all"] - nets["cost"]
        pays = [v.partner(str(one)) for one in net.index[net < -0.005]]
        gains = [v.partner(str(one)) for one in net.index[net > 0.005]]
        verb = "gains" if len(gains) == 1 else "gain"
        more = "pays more than it gains" if len(pays) == 1 else "pay more than they gain"
        said.append(f"In {v.names[scheme]} {listed(pays)} {more}, and {listed(gains)} {verb}.")
    return " ".join(said) or "In no scheme does one partner pay for what another gains."


def _range(v: View) -> str:
    said = []
    for scheme in v.shared:
        plain, part, cash = (v.settled(scheme, "equal_split", one, discounted=False) for one in BASES)
        name = v.names[scheme]
        equal, kept, paid = (float(one.transfers["amount"].sum()) for one in (plain, part, cash))
        if not cash.feasible:
            said.append(
                f"{name}: who invests needs {pounds(cash.least)}, and {pounds(max(0.0, cash.most_cash))} of cash is "
                "released, so no transfer can make it good."
            )
            continue
        said.append(
            f"{name}: on all benefits a transfer from {pounds(plain.least)} to {pounds(plain.most)} would leave nobody "
            f"worse off, {pounds(equal)} in equal parts, but only cash can be paid: up to {pounds(part.most_cash)} if "
            f"budgets keep pace with growth ({pounds(kept)} in equal parts), up to {pounds(cash.most_cash)} at the "
            f"assumed uplift ({pounds(paid)})."
        )
        short = v.unpayable(scheme)
        if len(short):
            first = short.iloc[0]
            said.append(
                f"Year by year that does not hold by itself: in {first['year']} {v.partner(first['partner'])} would be "
                f"{pounds(-first['left'])} short{v.without_reserves(first['partner'])}."
            )
    return " ".join(said)


def _horizons(v: View) -> str:
    return (
        "Budgets are set for one year. What pays back later looks like a loss until then, so the same decision is "
        "shown through one, three and four years."
    )


def _fundable(v: View) -> str:
    said = []
    for _, row in v.summary.iterrows():
        if row["recurs"] < 0.995 and row["pv_gross"] > 0:
            said.append(f"Of what {row['name']} brings, {percent(row['recurs'], 2)} comes again every year.")
        if row["steady_cost"] > 0:
            enough = row["steady_cash"] >= row["steady_cost"] - 0.005
            said.append(
                f"In its last year {row['name']} releases {pounds(row['steady_cash'])} of recurring cash and costs "
                f"{pounds(row['steady_cost'])}: it {'pays' if enough else 'does not pay'} for itself every year."
            )
    return " ".join(said)


def _build_up(v: View) -> str:
    rows = v.result.tables["build_up"]
    flows = v.result.tables["scheme_flows"]
    said = []
    for scheme, own in rows.groupby("scheme", sort=False):
        claimed = flows[(flows["scheme"] == scheme) & (flows["kind"] == "benefit")]["amount"].sum()
        said.append(
            f"{v.names[str(scheme)]} claims {pounds(claimed)} a year; built up from people and effects it is "
            f"{pounds(own['amount'].sum())} a year, and that is what this page counts."
        )
    return " ".join(said)


SENTENCES: dict[str, Callable[[View], str]] = {
    "headline": _headline,
    "caution": _caution,
    "schemes": _notes,
    "labels": _labels,
    "partners": _partners,
    "range": _range,
    "horizons": _horizons,
    "fundable": _fundable,
    "build_up": _build_up,
}

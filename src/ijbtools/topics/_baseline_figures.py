"""The pictures of the baseline, as data."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.words import change, listed, money_unit, number, percent, pounds, with_unit
from ijbtools.topics import _baseline_ahead as ahead
from ijbtools.topics._baseline_resources import TABLES as RESOURCES
from ijbtools.topics._baseline_resources import bringer, by_category, shares
from ijbtools.topics._baseline_view import GREEN, View
from ijbtools.topics._shape import RETURNS, amounts_table
from ijbtools.topics.result import ShownColumn, ShownFigure, ShownTable

_MOST = 9  # services that a picture names; the rest is "other services"


def _steps(v: View, lines: list[tuple[str, float, bool]], title: str, subtitle: str, places: int = 1) -> ShownFigure:
    """A bridge of named amounts; True marks the bars that stand on the ground."""
    unit, divisor, fitting = money_unit([amount for _, amount, _ in lines])
    places = places if unit == "£ million" else fitting
    frame = pd.DataFrame(lines, columns=["step", "amount", "grounded"])
    frame["amount"] /= divisor
    table = ShownTable(
        title=title,
        subtitle=f"{subtitle}, {unit}",
        columns=(ShownColumn("step", "Step"), ShownColumn("amount", "Amount", places)),
        frame=frame[["step", "amount"]],
        sources=RETURNS,
    )
    said = "; ".join(f"{step} {pounds(amount)}" for step, amount, _ in lines)
    return ShownFigure(
        kind="bridge",
        title=title,
        subtitle=table.subtitle,
        alt=f"Steps from top to bottom: {said}.",
        frame=frame,
        category="step",
        value="amount",
        series="grounded",
        places=places,
        table=table,
        unit=unit,
    )


def _gap(v: View) -> ShownFigure:
    row = v.row
    lines = [("Recurring gap", row["gap_r"], True)]
    if row["e_n"]:
        label = "One-off savings, less one-off costs" if row["e_n"] < 0 else "One-off costs, less one-off savings"
        lines.append((label, row["e_n"], False))
    if row["f_n"]:
        lines.append(("One-off money from partners", -row["f_n"], False))
    lines.append(("Gap in the year", row["gap"], True))
    if row["reserves"]:
        lines += [("Planned use of reserves", -row["reserves"], False), ("Left uncovered", row["left"], True)]
    recurring, left = pounds(row["gap_r"]), row["left"]
    if left <= 0.005 < row["gap_r"]:
        title = f"The year balances, and a recurring gap of {recurring} is hidden in it"
    elif row["gap_r"] <= 0.005:
        title = "Recurring money covers recurring cost" + ("" if left <= 0.005 else ", the year does not balance")
    else:
        title = f"{pounds(left)} of the year is not covered, and {recurring} of every year"
    return _steps(v, lines, title, f"Recurring and one-off gap in the budget of {v.year}, {v.name}")


def _bridge(v: View) -> ShownFigure:
    rows = v.bridge.groupby("step")["amount"].sum()
    lines = [(f"Recurring budget {v.back(1)}", float(rows.get("opening", 0.0)), True)]
    lines += [(label, float(rows[step]), False) for step, label in words.STEPS.items() if rows.get(step, 0.0)]
    closing = float(rows.get("closing", 0.0))
    lines.append((f"Recurring budget {v.year}", closing, True))
    rises = sum(amount for _, amount, ground in lines if not ground and amount > 0)
    title = f"Pressures of {pounds(rises)} took the recurring budget to {pounds(closing)}"
    return _steps(v, lines, title, f"Recurring budget of {v.name}, {v.back(1)} to {v.year}")


def _ahead(v: View) -> ShownFigure:
    """The gap left in each year ahead: a line a scenario."""
    table = ahead.TABLES["plan"](v)
    rows = v.central
    unit, divisor, places = money_unit(rows["gap"])
    frame = pd.DataFrame(
        {
            "year": rows["year"],
            "scenario": [one.capitalize() for one in rows["scenario"]],
            "amount": rows["gap"] / divisor,
        }
    )
    said = "; ".join(
        f"{name} " + ", ".join(f"{pounds(gap)} in {year}" for year, gap in zip(own["year"], own["gap"], strict=True))
        for name, own in rows.groupby("scenario", sort=False)
    )
    return ShownFigure(
        kind="line",
        title=table.title,
        subtitle=f"Gap left in three scenarios, {unit}, {v.name}; cash of each year",
        alt=f"A line a scenario: {said}.",
        frame=frame.reset_index(drop=True),
        category="year",
        value="amount",
        series="scenario",
        places=places,
        table=replace(table, title="The figures behind this picture"),
        unit=unit,
        highlight="Central",
    )


def _services(v: View) -> ShownFigure:
    rows = v.tested.assign(name=[v.service(one) for one in v.tested["service"]])
    rows = rows.sort_values("budget", ascending=False)
    chosen, rest = rows.head(_MOST), rows.iloc[_MOST:]
    if len(rest):
        sums = rest[["budget", "mean", "mean_cash", "latest", "short"]].sum()
        rating = v.rated(sums["short"], sums["budget"])
        chosen = pd.concat(
            [chosen, pd.DataFrame([{**sums, "name": "Other services", "rating": rating}])], ignore_index=True
        )
    unit, divisor, places = money_unit([*chosen["budget"], *chosen["mean"]])
    names = [
        name if rating == GREEN else f"{name}, {with_unit(short / divisor, unit, places)} short"
        for name, rating, short in zip(chosen["name"], chosen["rating"], chosen["short"], strict=True)
    ]
    spent = f"Mean of three years, {v.year} prices"
    frame = pd.DataFrame(
        [
            row
            for name, budget, mean in zip(names, chosen["budget"] / divisor, chosen["mean"] / divisor, strict=True)
            for row in ((name, "Budget", budget), (name, spent, mean))
        ],
        columns=["service", "kind", "amount"],
    )
    table = amounts_table(chosen.drop(columns=["service"], errors="ignore"),
        {"name": "Service", "mean_cash": "Mean, cash", "mean": "Mean, restated", "latest": "Latest year, restated",
         "budget": "Budget", "short": "Short"},
        title="Budgets beside three years of spending",
        subtitle=f"Budget of {v.year} and outturn of {v.back(3)} to {v.back(1)}, restated in {v.year} prices",
        total="All services",
        places=2,
        sources=(*RETURNS, v.assumed["gdp_deflator"].source),
        notes=("A minus in the last column is a budget above past spending.",),
    )  # fmt: skip
    below = (v.tested["rating"] != GREEN).sum()
    title = (
        f"{number(below)} of {number(len(v.tested))} services are budgeted below what they have cost"
        if below
        else "Budgets are at least what services have cost"
    )
    said = "; ".join(
        f"{name}: budget {pounds(b)}, mean {pounds(m)}"
        for name, b, m in zip(chosen["name"], chosen["budget"], chosen["mean"], strict=True)
    )
    return ShownFigure(
        kind="dot_plot",
        title=title,
        subtitle=f"Budget of {v.year} beside the mean outturn of three years in its prices, {unit}; lines that fall "
        "short say by how much",
        alt=f"Two dots a service. {said}.",
        frame=frame,
        category="service",
        value="amount",
        series="kind",
        places=places,
        table=table,
        unit=unit,
    )


def _contributions(v: View) -> ShownFigure:
    parts, amounts = shares(v), by_category(v)
    largest = amounts.sort_values(ascending=False)
    named = [str(one) for one in largest.index[:4]]
    other = float(amounts.drop(named).sum())
    sizes = {v.category(one): float(amounts[one]) for one in named if amounts[one] > 0}
    if other > 0:
        sizes["Everything else"] = other
    unit, divisor, _ = money_unit(amounts)
    rows = [
        (bringer(v, str(partner)), what, share * amount / divisor)
        for partner, share in parts.items()
        for what, amount in sizes.items()
        if share > 0
    ]
    frame = pd.DataFrame(rows, columns=["who", "what", "amount"])
    said = listed([f"{bringer(v, str(one))} {percent(share, 1)}" for one, share in parts.items()])
    table = RESOURCES["contributions"](v)
    return ShownFigure(
        kind="alluvial",
        title="In one budget each service is paid for by all",
        subtitle=f"The budget of {v.year}, from who brings it to what it is spent on, {unit}",
        alt=f"Bands from partners to what is spent. Partners bring {said}; each pays that share of everything.",
        frame=frame,
        category="who",
        value="amount",
        series="what",
        places=1,
        table=table,
        unit=unit,
    )


def _set_aside(v: View) -> ShownFigure:
    table = RESOURCES["set_aside"](v)
    rows = v.used.sort_values("amount", ascending=False)
    used = float(rows["amount"].sum())
    lines = [(f"Set aside for {v.year}", v.set_aside_budget), (f"Used in {rows['year'].iloc[0]}", used)]
    lines += [
        (f"of it {specialty.lower()}", float(amount))
        for specialty, amount in zip(rows["specialty"].head(6), rows["amount"].head(6), strict=True)
    ]
    unit, divisor, places = money_unit([amount for _, amount in lines])
    frame = pd.DataFrame(lines, columns=["what", "amount"])
    frame["amount"] /= divisor
    frame["series"] = ""
    return ShownFigure(
        kind="bars",
        title=table.title,
        subtitle=f"Hospital care set aside and used, {unit}, {v.name}",
        alt="Bars: " + "; ".join(f"{what} {pounds(amount)}" for what, amount in lines) + ".",
        frame=frame,
        category="what",
        value="amount",
        series="series",
        places=places,
        table=table,
        unit=unit,
        highlight=lines[1][0],
    )


def _published(v: View) -> ShownFigure:
    table = ahead.TABLES["published"](v)
    rows = ahead.published_by_year(v)
    unit, divisor, places = money_unit(rows["amount"])
    frame = pd.DataFrame(
        [
            line
            for year, cash, real in zip(rows["year"], rows["amount"] / divisor, rows["real"] / divisor, strict=True)
            for line in ((year, "Cash", cash), (year, f"{v.year} prices", real))
        ],
        columns=["year", "series", "amount"],
    )
    first, last = rows.iloc[0], rows.iloc[-1]
    return ShownFigure(
        kind="line",
        title=table.title,
        subtitle=table.subtitle,
        alt=f"Two lines from {first['year']} to {last['year']}: cash from {pounds(first['amount'])} to "
        f"{pounds(last['amount'])}; in {v.year} prices from {pounds(first['real'])} to {pounds(last['real'])}.",
        frame=frame,
        category="year",
        value="amount",
        series="series",
        places=places,
        table=table,
        unit=unit,
        highlight=f"{v.year} prices",
    )


def _people(v: View) -> ShownFigure:
    table = ahead.TABLES["people"](v)
    wide = ahead.people_by_age(v)
    first, last = wide.index[0], wide.index[-1]
    groups = {
        "18 to 64": wide["18-64"],
        "65 to 74": wide["65-74"],
        "75 and over": wide[["75-84", "85+"]].sum(axis=1),
    }
    frame = pd.DataFrame(
        [
            (f"{year}", name, float(people[year] / people[first] * 100))
            for year in wide.index
            for name, people in groups.items()
        ],
        columns=["year", "group", "index"],
    )
    moved = [f"{name} {change(p[last], p[first], f'mid-{first}')}" for name, p in groups.items()]
    return ShownFigure(
        kind="line",
        title=table.title,
        subtitle=f"People by age, mid-{first} = 100, {v.name}, mid-{first} to mid-{last}",
        alt=f"Three lines from mid-{first} to mid-{last}: {'; '.join(moved)}.",
        frame=frame,
        category="year",
        value="index",
        series="group",
        places=0,
        table=table,
        highlight="75 and over",
    )


FIGURES: dict[str, Callable[[View], ShownFigure]] = {
    "gap": _gap,
    "ahead": _ahead,
    "services": _services,
    "bridge": _bridge,
    "contributions": _contributions,
    "set_aside": _set_aside,
    "published": _published,
    "people": _people,
}

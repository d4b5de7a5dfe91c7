"""Tables of what comes next, and of what is public: plan, next year's gap, statement, outlook, people, published."""

from collections.abc import Callable

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.outlook import people_growth
from ijbtools.finance.words import change, listed, money_unit, number, percent, pounds
from ijbtools.finance.years import Period, year_name
from ijbtools.topics._ageing import by_age, use_by_age
from ijbtools.topics._baseline_frames import HALF_PENNY
from ijbtools.topics._baseline_plan import PRESSURES, SCENARIOS, ends_of
from ijbtools.topics._baseline_view import View
from ijbtools.topics._shape import RETURNS, amounts_table
from ijbtools.topics.result import ShownColumn, ShownTable

POOL = "the pool"
_DRIVERS = {
    "Pay and prices": ("pay", "price"),
    "Demand": ("demand",),
    "New policy": ("new_commitment",),
    "Full-year effects": ("full_year_effect",),
    "Savings planned": ("saving",),
    "Other changes": ("virement", "allocation", "transfer_in", "transfer_out"),
}


def _plan(v: View) -> ShownTable:
    rows = v.central
    if rows.empty:
        return _no_plan(v)
    order = {name: i for i, name in enumerate(SCENARIOS)}
    rows = rows.sort_values(["year", "scenario"], key=lambda c: c.map(order) if c.name == "scenario" else c)
    frame = pd.DataFrame(
        {
            "year": [f"{year}, {scenario}" for year, scenario in zip(rows["year"], rows["scenario"], strict=True)],
            "cost": (rows["e_r"] + rows["e_n"]).to_numpy(),
            "money": (rows["f_r"] + rows["f_n"]).to_numpy(),
            "reserves": rows["reserves"].to_numpy(),
            "gap": rows["gap"].to_numpy(),
        }
    )
    last = rows[(rows["scenario"] == "central")].iloc[-1]
    note = (
        f"Pressures {number(_end(v, 'plan_pressures', 'low'), 1)} to {number(_end(v, 'plan_pressures', 'high'), 1)} "
        f"times the plan’s, uplift {percent(_end(v, 'plan_uplift', 'low'))} to "
        f"{percent(_end(v, 'plan_uplift', 'high'))} beyond it, {percent(_end(v, 'plan_savings', 'low'))} to "
        f"{percent(_end(v, 'plan_savings', 'high'))} of savings delivered (quality {v.quality('plan_pressures')})."
    )
    return amounts_table(
        frame,
        _OF_PLAN,
        title=f"Left alone, the gap reaches {pounds(last['gap'])} in {last['year']}",
        subtitle="Medium-term plan in three scenarios, cash of each year; a gap that is not closed is carried on",
        places=2,
        notes=(note, "Money of the years ahead is what partners have offered, not what they have agreed."),
    )


_OF_PLAN = {
    "year": "Year and scenario",
    "cost": "Cost",
    "money": "Money from partners",
    "reserves": "Reserves",
    "gap": "Gap left",
}


def _no_plan(v: View) -> ShownTable:
    """The year alone, where no money is offered for the next one."""
    line = (v.year, v.budget, v.funding, v.row["reserves"], v.row["left"])
    return amounts_table(
        pd.DataFrame([line], columns=list(_OF_PLAN)),
        {**_OF_PLAN, "year": "Year"},
        title=f"No money is offered for {v.back(-1)} yet, so the plan ends with {v.year}",
        subtitle="Medium-term plan, cash of the year",
        places=2,
    )


def _end(v: View, name: str, end: str) -> float:
    span = v.assumed[name].range
    return getattr(span, end) if span else v.value(name)


def next_year_by_partner(v: View) -> pd.DataFrame:
    """How next year's gap comes about: a row a driver, a column a partner and `all`; the last row is the sum."""
    following = v.back(-1)
    now = v.of("by_partner").set_index("partner")
    known = now["underlying"].notna() & v.row["from_underlying"]
    overspend = (now["underlying"] - now["e_r"] - now["undelivered"]).where(known, 0.0)
    steps = v.of("changes", following)
    steps = steps[steps["period"] == ""]
    recurring = steps[steps["recurrence"] == "recurring"]
    k, s, u = ends_of(v.assumed, "central", v.year)  # what the plan makes of pressures, savings and uplift
    scaled = {**dict.fromkeys(PRESSURES, k), "saving": s}
    recurring = recurring.assign(amount=recurring["amount"] * recurring["step"].map(scaled).fillna(1.0))
    rows = {
        f"Recurring gap of {v.year}{', met by one-offs' if v.row['hidden'] else ''}": now["e_r"] - now["f_r"],
        "Recurring savings not delivered": now["undelivered"],
        "Recurring part of the overspend": overspend,
    }
    for label, names in _DRIVERS.items():
        rows[label] = recurring[recurring["step"].isin(names)].groupby("partner")["amount"].sum()
    rows["One-off costs and savings"] = steps[steps["recurrence"] != "recurring"].groupby("partner")["amount"].sum()
    money = v.of("brought", following)
    money = money.assign(partner=money["to_partner"].mask(money["to_partner"] == "", money["partner"]))
    sums = money.groupby(["partner", "recurrence"])["amount"].sum().unstack().reindex(columns=list(words.RECURRENCES))
    rows["Uplift offered"] = -(sums["recurring"].fillna(0.0).mul(1 + u).sub(now["f_r"], fill_value=0.0))
    rows["One-off money offered"] = -sums["non_recurring"].fillna(0.0)
    kept = v.of("funding", following)
    kept = kept[(kept["kind"] == "reserves") & (kept["status"] == "agreed")]
    rows["Planned use of reserves"] = -kept.groupby("partner")["amount"].sum()
    frame = pd.DataFrame(rows).T.fillna(0.0)
    if v.model == "pooled_fund":  # a pool's money is nobody's in particular
        whole = frame.index.str.contains("Recurring gap|Uplift|money offered|reserves")
        frame[POOL] = frame.sum(axis=1).where(whole, 0.0)
        frame.loc[whole, [one for one in frame if one != POOL]] = 0.0
    frame = frame.loc[:, (frame.abs() > 0.005).any()]
    frame = frame[(frame.abs() > 0.005).any(axis=1)]
    frame["all"] = frame.sum(axis=1)
    return frame


def _next_year(v: View) -> ShownTable:
    rows = next_year_by_partner(v)
    partners = [str(one) for one in rows.columns if one != "all"]
    frame = rows.rename_axis("driver").reset_index()
    gap = float(rows["all"].sum())
    budget = v.budget
    parts = [f"this year’s recurring budget of {pounds(v.row['e_r'])}"]
    if v.row["undelivered"] > HALF_PENNY:
        parts.append(f"recurring savings of {pounds(v.row['undelivered'])} that are not delivered")
    if abs(over := v.row["overspend_recurring"]) > HALF_PENNY:
        parts.append(f"a recurring {'overspend' if over > 0 else 'underspend'} of {pounds(abs(over))}")
    check = f"the {v.expected_word} without its one-off part is the same sum"
    unknown = "nobody has forecast the year, so no overspend is in it"
    how = (
        f"Next year begins with {pounds(v.row['next_base'])} of recurring cost: {listed(parts)}; "
        f"{check if v.row['from_underlying'] else unknown}."
    )
    named = {one: "The pool" if one == POOL else v.partner(one) for one in partners}
    return amounts_table(
        frame,
        {"driver": "What drives it", **named, "all": "All"},
        title=f"The gap of {v.back(-1)} is {pounds(gap)}, {percent(gap / budget, 1)} of this year’s budget",
        subtitle=f"From the recurring gap of {v.year} to the gap of {v.back(-1)}, by partner",
        total=f"Gap of {v.back(-1)}",
        places=2,
        notes=(
            how,
            "Costs are with the partner that spends, money with the partner that brings it, in a lead agency with its "
            "host.",
        ),
    )


def _statement(v: View) -> ShownTable:
    rows = v.central
    rows = rows[rows["scenario"] == "central"]
    years = [v.year, *rows["year"]]
    lines: dict[str, list[float]] = {}
    for partner in v.brought.index:
        paid = [v.of("brought", year) for year in years]
        lines[f"Paid by {v.partner(str(partner))}"] = [
            float(one.loc[one["partner"] == partner, "amount"].sum()) for one in paid
        ]
    aside = v.set_aside_budget
    if aside:
        lines["Set aside for hospital care"] = [aside] * len(years)
    resources = [sum(one) for one in zip(*lines.values(), strict=True)]
    cost = [v.budget + aside, *(rows["e_r"] + rows["e_n"] + aside)]
    reserves = [float(v.row["reserves"]), *rows["reserves"]]
    lines["Resources of the strategic plan"] = resources
    lines["Planned spending"] = cost
    lines["Use of reserves"] = reserves
    lines["Gap still to be closed"] = [c - r - s for c, r, s in zip(cost, resources, reserves, strict=True)]
    frame = pd.DataFrame(lines, index=years).T.rename_axis("line").reset_index()
    return amounts_table(
        frame,
        {"line": "Line", **{year: year for year in years}},
        title="The annual financial statement, from the same rows",
        subtitle="Resources and planned spending, cash of each year, central scenario",
        places=2,
        sources=(*RETURNS, *(("S17",) if v.nation == "scotland" else ())),
        notes=("Years ahead rest on what partners have offered; set-aside stays as it is now.",) if aside else (),
    )


def _outlook(v: View) -> ShownTable:
    rows = v.result.tables["outlook"]
    rows = rows[rows["from_year"] == v.year]
    last = rows["year"].max()
    end = rows[rows["year"] == last].set_index("service")
    now = v.of("in_budget").groupby("service")["recurring"].sum()
    category = v.services["category"].reindex(now.index).fillna("")
    frame = pd.DataFrame({"now": now, "people": end["demography"] - now, "prices": end["amount"] - end["demography"]})
    frame = frame.groupby(category.to_numpy()).sum().reindex([*v.categories, ""]).dropna()
    frame["then"] = frame.sum(axis=1)
    growth = frame["then"].sum() / frame["now"].sum() - 1
    frame.insert(0, "what", [v.category(str(one)) for one in frame.index])
    use = ", ".join(number(v.value(name), 0) for name in ("use_65_74", "use_75_84", "use_85_over"))
    return amounts_table(
        frame,
        {"what": "Spent on", "now": v.year, "people": "People", "prices": "Prices", "then": str(last)},
        title=f"Doing nothing would cost {percent(growth)} more by {last}",
        subtitle=f"Recurring budget of {v.year} carried on for the people of {last} at its prices; no forecast of "
        "spending",
        total="All",
        places=1,
        sources=(*RETURNS, *v.of_people),
        notes=(
            f"People aged 65 to 74, 75 to 84 and 85 or over are counted {use} times an adult under 65 where all ages "
            f"use a service (quality {v.quality('use_75_84')}). Prices grow by "
            f"{percent(v.value('health_price_growth'), 1)} a year in health and "
            f"{percent(v.value('care_price_growth'), 1)} in social care (quality {v.quality('care_price_growth')}).",
        ),
    )


def _localities(v: View) -> ShownTable:
    rows = v.of("in_budget")
    rows = rows[rows["locality"] != ""].assign(amount=lambda f: f["recurring"] + f["non_recurring"])
    wide = rows.pivot_table(index="locality", columns="service", values="amount", aggfunc="sum").fillna(0.0)
    services = [str(one) for one in wide.columns]
    frame = wide.reset_index()
    frame["all"] = wide.sum(axis=1).to_numpy()
    return amounts_table(
        frame,
        {"locality": "Locality", **{one: v.service(one) for one in services}, "all": "All"},
        title="The services whose budget is known by locality",
        subtitle=f"Budget of {v.year} by locality",
        total="Partnership",
        places=2,
    )


def _real_terms(v: View) -> ShownTable:
    rows = v.result.tables["summary"]
    rows = rows[rows["year"] <= v.year].sort_values("year").tail(4)
    lines = []
    for row in rows.itertuples(index=False):
        spent = row.outturn if not pd.isna(row.outturn) else row.forecast
        budget = row.e_r + row.e_n
        lines.append((row.year, budget, spent, v.real(budget, row.year), v.real(spent, row.year)))
    frame = pd.DataFrame(lines, columns=["year", "budget", "spent", "real_budget", "real_spent"])
    moved = change(frame["real_budget"].iloc[-1], frame["real_budget"].iloc[0], frame["year"].iloc[0])
    return amounts_table(
        frame,
        {
            "year": "Year",
            "budget": "Budget, cash",
            "spent": "Spent or forecast, cash",
            "real_budget": f"Budget, {v.year} prices",
            "real_spent": f"Spent or forecast, {v.year} prices",
        },
        title=f"In real terms the budget of {v.year} is {moved}",
        subtitle="Integrated budget and what it came to, in cash and in the prices of the latest year",
        places=1,
        sources=(*RETURNS, v.assumed["gdp_deflator"].source),
        notes=(f"Restated with the GDP deflator (quality {v.quality('gdp_deflator')}).",),
    )


def published_by_year(v: View) -> pd.DataFrame:
    """What councils spent on social work in each year that is over: cash, and in the prices of the page's year."""
    rows = v.result.tables["published"]
    rows = rows[rows["measure"] == "social_work_net_expenditure"]
    over = [year for year in rows["year"].unique() if Period.parse(year).end <= v.period.end]
    rows = rows[rows["year"].isin(over)]
    sums = rows.groupby("year", as_index=False)["amount"].sum()
    return sums.assign(real=[v.real(a, y) for a, y in zip(sums["amount"], sums["year"], strict=True)])


def _published(v: View) -> ShownTable:
    rows = published_by_year(v)
    unit, divisor, places = money_unit(rows["amount"])
    frame = pd.DataFrame({"year": rows["year"], "cash": rows["amount"] / divisor, "real": rows["real"] / divisor})
    councils = v.result.tables["published"]["partner"].unique()
    who = " and ".join(v.partner(one) for one in councils)
    first, last = rows.iloc[0], rows.iloc[-1]
    return ShownTable(
        title=f"In {last['year']} prices, social work spending was "
        f"{change(last['real'], first['real'], first['year'])}",
        subtitle=f"Net expenditure on social work, children’s services included, {unit}, {who}",
        columns=(
            ShownColumn("year", "Year"),
            ShownColumn("cash", "Cash", places),
            ShownColumn("real", f"{v.year} prices", places),
        ),
        frame=frame,
        sources=("S14", v.assumed["gdp_deflator"].source),
        notes=(
            "Children’s services are in these figures and cannot be taken out; most partnerships do not hold them. "
            f"Prices are restated with the GDP deflator (quality {v.quality('gdp_deflator')}); 2020/21 and 2021/22 are "
            "distorted by the pandemic and read best together.",
        ),
    )


def people_by_age(v: View) -> pd.DataFrame:
    """People by calendar year and age group, from the latest estimate ten years on: a column an age group."""
    rows = v.result.tables["people"]
    wide = rows.pivot_table(index="year", columns="age_group", values="people", aggfunc="sum")
    latest = rows.loc[rows["status"] == "estimate", "year"].max()
    return wide[(wide.index >= latest) & (wide.index <= latest + 10)].dropna()


def _people(v: View) -> ShownTable:
    wide = people_by_age(v)
    first, last = wide.index[0], wide.index[-1]
    older = wide[["75-84", "85+"]].sum(axis=1)
    shown = [year for year in wide.index if (year - first) % 2 == 0 or year == last]
    frame = pd.DataFrame({"year": [f"mid-{year}" for year in shown]})
    for age in wide.columns:
        frame[age] = wide.loc[shown, age].to_numpy()
    return ShownTable(
        title=f"People aged 75 and over: {change(older[last], older[first], f'mid-{first}')} by mid-{last}",
        subtitle=f"People by age, {v.name}, mid-{first} to mid-{last}",
        columns=(ShownColumn("year", "Year"), *(ShownColumn(a, _aged(a), 0) for a in words.POPULATION_AGE_GROUPS)),
        frame=frame,
        sources=v.of_people,
        notes=(f"After mid-{first} the latest estimate is rolled forward at its projected growth.",),
    )


def _demography(v: View) -> ShownTable:
    people = v.result.tables["people"]
    wide = by_age(people)
    years = [year for year in range(v.start, v.start + 6) if year in wide.columns]
    grown = people_growth(wide[years], use_by_age(v.assumed, v.period).loc[["all"]], v.start).loc["all"]
    latest = published_by_year(v).iloc[-1]
    spent = float(latest["real"])
    unit, divisor, places = money_unit([spent])
    frame = pd.DataFrame(
        {
            "year": [year_name(year) for year in years],
            "index": [growth * 100 for growth in grown],
            "amount": [spent * growth / divisor for growth in grown],
        }
    )
    use = ", ".join(number(v.value(name), 0) for name in ("use_65_74", "use_75_84", "use_85_over"))
    return ShownTable(
        title=f"People alone would add {percent(grown.iloc[-1] - 1)} by {year_name(years[-1])}",
        subtitle=f"People weighted by use of care ({v.year} = 100), and social work spending of {latest['year']} at "
        f"the same use, {unit}, {v.year} prices, children’s services included",
        columns=(
            ShownColumn("year", "Year"),
            ShownColumn("index", "People, weighted", 1),
            ShownColumn("amount", "At the same use", places),
        ),
        frame=frame,
        sources=("S14", *v.of_people),
        notes=(
            f"People aged 65 to 74, 75 to 84 and 85 or over are counted {use} times a younger person (quality "
            f"{v.quality('use_75_84')}). Prices are left out, and nothing else changes: no forecast of spending.",
        ),
    )


def _aged(group: str) -> str:
    label = words.POPULATION_AGE_GROUPS[group]
    return f"{label[0].upper()}{label[1:]}"


TABLES: dict[str, Callable[[View], ShownTable]] = {
    "plan": _plan,
    "next_year": _next_year,
    "statement": _statement,
    "outlook": _outlook,
    "localities": _localities,
    "real_terms": _real_terms,
    "published": _published,
    "people": _people,
    "demography": _demography,
}

"""Tables of what is brought and what becomes of it: contributions, models, set-aside, hosted services, categories."""

from collections.abc import Callable

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.words import listed, number, percent, pounds
from ijbtools.topics._baseline_frames import HALF_PENNY
from ijbtools.topics._baseline_view import View
from ijbtools.topics._shape import RETURNS, amounts_table
from ijbtools.topics.result import ShownColumn, ShownTable


def shares(v: View) -> pd.Series:
    """What part of the budget each partner, the reserves and nobody pays for; largest first."""
    paid = v.brought.copy()
    paid["reserves"] = v.row["reserves"]
    paid["nobody"] = max(0.0, v.row["left"])
    return (paid[paid > HALF_PENNY] / paid.sum()).sort_values(ascending=False, kind="stable")


def bringer(v: View, who: str) -> str:
    """The name of a partner, or of the reserves."""
    return {"reserves": "Reserves", "nobody": "Not covered"}.get(who) or v.partner(who)


def by_category(v: View) -> pd.Series:
    """The year's budget by reporting category; what has none is the running of the partnership."""
    rows = v.of("in_budget")
    category = v.services["category"].reindex(rows["service"]).fillna("").to_numpy()
    amounts = (rows["recurring"] + rows["non_recurring"]).groupby(category).sum()
    return amounts.reindex([*v.categories, ""]).dropna()


def _contributions(v: View) -> ShownTable:
    parts, amounts = shares(v), by_category(v)
    frame = pd.DataFrame({"what": [v.category(str(one)) for one in amounts.index]})
    for partner, share in parts.items():
        frame[str(partner)] = amounts.to_numpy() * share
    frame["all"] = amounts.to_numpy()
    said = listed([f"{number(100 * share, 1)}p from {bringer(v, str(one))}" for one, share in parts.items()])
    return amounts_table(
        frame,
        {"what": "Spent on", **{str(one): bringer(v, str(one)) for one in parts.index}, "all": "All"},
        title=f"Of every pound in one budget, {said}",
        subtitle=f"The budget of {v.year} by what it is spent on, shared in the proportion in which partners "
        "contribute",
        total="All",
        places=1,
        notes=("Once in one budget, a contribution is no longer for one service: each service is paid for by all.",),
    )


def held_by(v: View) -> pd.Series:
    """What each host of a lead agency holds: its own before delegation, and received, less passed on."""
    rows = v.of("brought")
    held = rows["to_partner"].mask(rows["to_partner"] == "", rows["partner"])
    return rows["amount"].groupby(held).sum().sort_values(ascending=False)


def _hosts(v: View) -> ShownTable:
    rows = v.of("brought")
    rows = rows[rows["to_partner"] != ""]
    partners = list(dict.fromkeys([*rows["partner"], *rows["to_partner"]]))
    passed = rows[rows["partner"] != rows["to_partner"]]
    lines = []
    for one in partners:
        own = rows.loc[rows["partner"] == one, "amount"].sum()
        received = passed.loc[passed["to_partner"] == one, "amount"].sum()
        given = passed.loc[passed["partner"] == one, "amount"].sum()
        lines.append((v.partner(one), own, received, -given, own + received - given))
    frame = pd.DataFrame(lines, columns=["who", "own", "received", "passed", "holds"])
    net = passed.loc[passed["to_partner"] == partners[0], "amount"].sum()
    net -= passed.loc[passed["partner"] == partners[0], "amount"].sum()
    first, other = (partners[0], partners[-1]) if net >= 0 else (partners[-1], partners[0])
    return amounts_table(
        frame,
        {
            "who": "Host",
            "own": "Own before delegation",
            "received": "Received",
            "passed": "Passed on",
            "holds": "Holds",
        },
        title=f"Net, {pounds(abs(net))} goes from {v.partner(other)} to {v.partner(first)}",
        subtitle=f"The two budgets of the lead agency, {v.year}",
        total="Together",
        places=2,
        notes=("Money that passes through both ledgers is counted once: together they hold what was brought in.",),
    )


def _resources(v: View) -> ShownTable:
    total, aside = float(v.brought.sum()), v.set_aside_budget
    sectors = v.partners["sector"]
    health = [str(one) for one in v.brought.index if sectors.get(one) in ("health_board", "icb", "trust")]
    holder = health[0] if health else str(v.brought.index[0])
    others = [str(one) for one in v.brought.index if str(one) != holder]
    lines: list[tuple[str, str, float, float]] = []
    lines.append((words.MODELS["body_corporate"], "the joint board", total, aside))
    if v.model == "lead_agency" and len(hosts := held_by(v)):
        for partner, amount in hosts.items():
            lines.append(
                (
                    f"{words.MODELS['lead_agency']}, as it is",
                    v.partner(str(partner)),
                    float(amount),
                    aside if partner == holder else 0.0,
                )
            )
    elif others:
        council = v.partner(others[0])
        lines.append((f"{words.MODELS['lead_agency']}, health hosts", v.partner(holder), total, aside))
        by_council = f"{words.MODELS['lead_agency']}, the council hosts"
        lines += [(by_council, council, total, 0.0), (by_council, v.partner(holder), 0.0, aside)]
    pool = words.MODELS["pooled_fund"]
    lines += [(pool, "the host of the pool", total, 0.0), (pool, v.partner(holder), 0.0, aside)]
    for partner, amount in v.brought.items():
        lines.append(
            (words.MODELS["aligned"], v.partner(str(partner)), float(amount), aside if partner == holder else 0.0)
        )
    frame = pd.DataFrame(lines, columns=["model", "who", "budget", "aside"])
    frame = frame[(frame["budget"] != 0) | (frame["aside"] != 0)]
    frame["all"] = frame["budget"] + frame["aside"]
    frame["model"] = [f"{one[0].upper()}{one[1:]}" for one in frame["model"]]
    model = words.MODELS[v.model]
    return amounts_table(
        frame,
        {
            "model": "Model",
            "who": "Who would hold it",
            "budget": "Integrated budget",
            "aside": "Set aside",
            "all": "Both",
        },
        title=f"Under every model {pounds(total + aside)} is planned for, and counted once",
        subtitle=f"The same money of {v.year} under each model of integration; it is {_article(model)} now",
        places=1,
        notes=("Within each model the lines add up to the resources of the strategic plan.",),
    )


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _quantum(v: View) -> ShownTable:
    flows = v.quanta
    size = flows.groupby(["from", "to"])["total"].transform("sum")
    rows = flows.assign(size=-size).sort_values(["size", "year"])
    main = v.main_quantum
    grown = main.iloc[-1]
    frame = pd.DataFrame(
        {
            "flow": [
                f"{v.partner(a)} to {v.partner(b)}, {y}"
                for a, b, y in zip(rows["from"], rows["to"], rows["year"], strict=True)
            ],
            "recurring": rows["recurring"].to_numpy(),
            "one_off": rows["one_off"].to_numpy(),
            "total": rows["total"].to_numpy(),
            "spent": rows["spent"].to_numpy(),
            "over": (rows["spent"] - rows["total"]).to_numpy(),
        }
    )
    past = main[main["one_off"] != 0]
    title = "What partners pass to each other, one-offs apart"
    if len(main) > 1 and grown["one_off"]:
        before = main.iloc[-2]["total"]
        title = (
            f"“{percent(grown['total'] / before - 1, 1)} growth” is "
            f"{percent(grown['recurring'] / before - 1, 1)} once the one-off is set apart"
        )
    elif len(past) and len(main) > 1:
        last, before = main.iloc[-1], main.iloc[-2]
        rolled = before["total"] * last["recurring"] / before["recurring"]
        title = (
            f"With last year’s one-off rolled in, the sum would be {pounds(rolled - last['recurring'])} higher"
            if before["one_off"]
            else title
        )
    return amounts_table(
        frame,
        {
            "flow": "From whom to whom",
            "recurring": "Recurring",
            "one_off": "One-off",
            "total": "Together",
            "spent": "Spent on it",
            "over": "Over",
        },
        title=title,
        subtitle=f"Sums passed for functions that the other partner hosts, to {v.year}; spending of the current year "
        "is the forecast",
        places=3,
        notes=("A one-off never enters the next year’s sum. Above 0 in the last column is an overspend of the host.",),
    )


def _set_aside(v: View) -> ShownTable:
    rows = v.used.sort_values("amount", ascending=False)
    frame = pd.DataFrame(
        {
            "specialty": rows["specialty"].to_numpy(),
            "days": rows["bed_days"].to_numpy(),
            "unit": rows["unit_cost"].to_numpy(),
            "amount": rows["amount"].to_numpy() / 1e6,
        }
    )
    frame.loc[len(frame)] = ["All", frame["days"].sum(), float("nan"), frame["amount"].sum()]
    frame.loc[len(frame) - 1, "unit"] = frame["amount"].iloc[-1] * 1e6 / frame["days"].iloc[-1]
    used, budget = rows["amount"].sum(), v.set_aside_budget
    over = "more" if used > budget else "less"
    year = rows["year"].iloc[0]
    return ShownTable(
        title=f"Hospital care used came to {pounds(abs(used - budget))} {over} than is set aside",
        subtitle=f"Bed days, £ a day and £ million by specialty, {v.name}, {year}; set aside for {v.year}: "
        f"{pounds(budget)}",
        columns=(
            ShownColumn("specialty", "Specialty"),
            ShownColumn("days", "Bed days", 0),
            ShownColumn("unit", "£ a day", 2),
            ShownColumn("amount", "£ million", 2),
        ),
        frame=frame,
        sources=RETURNS,
        total=True,
        notes=(
            "Each specialty’s direct cost for all patients divided by its bed days, times the bed days of people from "
            f"here. Use is of {year}, in its own prices.",
        ),
    )


def _release(v: View) -> ShownTable:
    r = v.release
    frame = pd.DataFrame(
        [
            (f"{number(days)} days, {_wards(wards)}", days * r["unit"], cash, days * r["unit"] - cash)
            for days, wards, cash in r["steps"]
        ],
        columns=["fall", "claim", "cash", "capacity"],
    )
    return amounts_table(
        frame,
        {"fall": "Fewer days", "claim": "At average cost", "cash": "Released in cash", "capacity": "Freed as capacity"},
        title=f"{number(r['fall'])} fewer days release {pounds(r['cash'])}, not {pounds(r['claim'])}",
        subtitle=f"What a fall in bed days in {r['specialty'].lower()} releases, at {pounds(r['unit'])} a day",
        places=2,
        notes=(
            f"{percent(v.value('set_aside_variable_share'))} of a day’s cost falls with the day (quality "
            f"{v.quality('set_aside_variable_share')}). A ward of {number(v.value('ward_beds'))} beds at "
            f"{percent(v.value('ward_occupancy'))} is {number(r['ward'])} days (quality {v.quality('ward_beds')}); "
            f"closing it releases {percent(v.value('ward_step_share'))} of its cost more (quality "
            f"{v.quality('ward_step_share')}). The falls are trials, not a plan.",
        ),
    )


def _wards(count: int) -> str:
    return {0: "no ward closes", 1: "one ward closes", 2: "two wards close"}.get(count, f"{count} wards close")


def _hosted(v: View) -> ShownTable:
    lines = []
    for row in v.hosted.itertuples(index=False):
        over = 0.0 if pd.isna(row.over) else row.over
        parts = v.shares(row.service)
        parts = parts if len(parts) else pd.Series({v.result.partnership: 1.0})
        for area, share in parts.items():
            name = v.name if area == v.result.partnership else str(area).replace("-", " ").title()
            lead = over if area == row.host else 0.0
            lines.append((f"{v.service(row.service)}: {name}", row.budget * share, lead, over * share))
    frame = pd.DataFrame(lines, columns=["who", "budget", "lead", "use"])
    return amounts_table(
        frame,
        {"who": "Hosted service", "budget": "Budget by use", "lead": "Overspend by host", "use": "Overspend by use"},
        title="Who bears the overspend of a hosted service: its host, or all who use it",
        subtitle=f"Services hosted for several partnerships, {v.year}; above 0 is an overspend ({v.expected_word})",
        total="Together",
        places=3,
    )


def _categories(v: View) -> ShownTable:
    rows = v.of("in_budget").assign(amount=lambda f: f["recurring"] + f["non_recurring"])
    rows = rows.assign(category=v.services["category"].reindex(rows["service"]).fillna("").to_numpy())
    total = rows["amount"].sum()
    lines = []
    for one in [*v.categories, ""]:
        own = rows[rows["category"] == one]
        if own.empty and not one:
            continue
        amount, variances = own["amount"].sum(), _variances(v, own)
        why = variances.abs().idxmax() if abs(variances.sum()) > 0.0005 * total else ""
        said = f"mostly {v.service(str(why))[0].lower()}{v.service(str(why))[1:]}" if why else "none"
        label = f"({one}) {v.category(one)}" if one in words.CATEGORIES else v.category(one)
        lines.append((label, amount, amount / total * 100, variances.sum(), said if len(own) else "no budget is shown"))
    frame = pd.DataFrame(lines, columns=["what", "amount", "share", "variance", "why"])
    share = frame["share"].to_numpy()
    table = amounts_table(
        frame.drop(columns="share"),
        {"what": "Category", "amount": "Budget", "variance": "Variance", "why": "Where"},
        title="The reporting categories, each with its variance",
        subtitle=f"Budget of {v.year} by category of SSI 2014/326, and budget less {v.expected_word}",
        total="All",
        places=1,
        sources=(*RETURNS, "S16"),
        notes=(
            "A minus is an overspend. Category (f), care groups, overlaps these and is shown apart. Set-aside is not "
            "in these figures; with it, category (a) is larger by the amount set aside.",
        ),
    )
    shown = table.frame.copy()
    shown.insert(2, "share", [*share, share.sum()])
    columns = (*table.columns[:2], ShownColumn("share", "%", 0), *table.columns[2:])
    return ShownTable(table.title, table.subtitle, columns, shown, table.sources, True, table.notes)


def _variances(v: View, lines: pd.DataFrame) -> pd.Series:
    """Budget less outturn or forecast by service."""
    found = {}
    for service, own in lines.groupby("service"):
        spent = v.spent_on(own)
        if not pd.isna(spent):
            found[service] = own["amount"].sum() - spent
    return pd.Series(found, dtype=float)


def _care_groups(v: View) -> ShownTable:
    rows = v.of("in_budget").assign(amount=lambda f: f["recurring"] + f["non_recurring"])
    group = v.services["care_group"].reindex(rows["service"]).fillna("all").to_numpy()
    amounts = rows["amount"].groupby(group).sum().sort_values(ascending=False)
    frame = pd.DataFrame({"what": [v.care_groups[str(one)] for one in amounts.index], "amount": amounts.to_numpy()})
    frame["what"] = [f"{one[0].upper()}{one[1:]}" for one in frame["what"]]
    return amounts_table(
        frame,
        {"what": "Care group", "amount": "Budget"},
        title="The same budget by whom it is for",
        subtitle=f"Category (f) of SSI 2014/326: budget of {v.year} by care group",
        total="All",
        places=1,
        notes=("These are the same pounds as in categories (a) to (e), seen another way; never add the two.",),
    )


TABLES: dict[str, Callable[[View], ShownTable]] = {
    "contributions": _contributions,
    "hosts": _hosts,
    "resources": _resources,
    "quantum": _quantum,
    "set_aside": _set_aside,
    "release": _release,
    "hosted": _hosted,
    "categories": _categories,
    "care_groups": _care_groups,
}

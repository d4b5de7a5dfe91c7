"""What a reader sees of shunting: its tables and figures, as data."""

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.words import change, day, listed, money_unit, number, percent, period_in_full
from ijbtools.finance.years import Period
from ijbtools.topics import _shunting_hidden as held
from ijbtools.topics._shunting_hidden import WAITS_FOR_CARE
from ijbtools.topics._shunting_words import View
from ijbtools.topics.result import ShownColumn, ShownFigure, ShownTable


def _days(v: View) -> ShownTable:
    now, before = v.period.name, v.than
    earlier = v.result.tables["delays"]
    earlier = earlier[earlier["period"] == before].groupby("reason")["bed_days"].sum()
    frame = pd.DataFrame({"reason": [*words.REASONS.values(), "All reasons"]})
    frame["before"] = _with_total([earlier.get(reason, float("nan")) for reason in words.REASONS])
    frame["now"] = _with_total([v.reasons.get(reason, 0) for reason in words.REASONS])
    frame["change"] = frame["now"] - frame["before"]
    past = v.period.earlier()
    some = bool(v.hidden or held.reasons(v.result, past) or held.everything(v.result, past))
    waiting = f"{percent(v.waiting)} of the days were spent waiting for care, an assessment or a place"
    if v.waits_hidden:
        waiting = "Delayed days, as far as they are shown by reason"
    return ShownTable(
        title=waiting if v.bed_days else "Nobody was recorded as delayed",
        subtitle=f"Delayed days by reason, people aged 18 and over, {v.name}{_months_of(v.period)}",
        columns=(
            ShownColumn("reason", "Reason"),
            ShownColumn("before", before, 0),
            ShownColumn("now", now, 0),
            ShownColumn("change", "Change", 0),
        ),
        frame=_days_in_part(v, earlier) if some else frame,
        sources=v.result.data_sources[:1],
        total=True,
        notes=(held.note(v.result),) if some else (),
    )


def _days_in_part(v: View, earlier: pd.Series) -> pd.DataFrame:
    """The same with `[c]` for what is hidden, and a row for the reasons that are counted together."""
    past = v.period.earlier()
    left_out = held.everything(v.result, past)
    hidden = {"now": v.hidden, "before": held.reasons(v.result, past)}
    days = {"now": v.reasons, "before": earlier}
    rows = []
    for reason, label in words.SHOWN_REASONS.items():
        shown: dict[str, object] = {"reason": label}
        for column in ("before", "now"):
            if reason in hidden[column] or (column == "before" and left_out):
                shown[column] = words.HIDDEN
            elif reason == words.NOT_SHOWN and not hidden[column] and (column == "now" or len(earlier)):
                shown[column] = "none"
            else:
                shown[column] = days[column].get(reason, float("nan") if column == "before" else 0)
        rows.append({**shown, "change": _less(shown["now"], shown["before"])})
    every = words.HIDDEN if left_out else earlier.sum() if len(earlier) else float("nan")
    rows.append({"reason": "All reasons", "before": every, "now": v.reasons.sum(), "change": _less(v.bed_days, every)})
    alike = hidden["now"] == hidden["before"]
    if not alike:  # other reasons are counted in it than a year before
        rows[-2]["change"] = words.HIDDEN if left_out else "no comparison"
    return pd.DataFrame(rows, columns=["reason", "before", "now", "change"]).astype(object)


def _less(now: object, before: object) -> object:
    """The difference, or why there is none."""
    if words.HIDDEN in (now, before):
        return words.HIDDEN
    return now - before if not isinstance(now, str) and not isinstance(before, str) else "no comparison"  # type: ignore[operator]


def _rate(v: View) -> ShownTable:
    summary, nations = v.result.tables["summary"], v.result.tables["nations"]
    same = [name for name in v.result.periods(v.result.partnership) if _same_months(name, v.period)]
    here = summary.set_index("period")["rate_75"]
    there = nations[nations["nation"] == v.nation].set_index("period")["rate_75"]
    frame = pd.DataFrame({"period": same, "here": [here.get(name) for name in same]})
    columns = [ShownColumn("period", "Year"), ShownColumn("here", v.name, 0)]
    if there.notna().any():
        frame["there"] = [there.get(name) for name in same]
        columns.append(ShownColumn("there", words.NATIONS[v.nation], 0))
    rolled = summary.loc[summary["population_status"] == "projection", "period"].tolist()
    since = [name for name in same if name in rolled]
    notes = (
        (f"From {since[0]} on, the latest estimate of people is rolled forward at its projected growth.",)
        if since
        else ()
    )
    now, past = v.summary["rate_75"], v.before.get("rate_75", float("nan"))
    no_split = pd.Series([held.ages(v.result, Period.parse(name)) for name in frame["period"]], index=frame.index)
    frame = frame[frame["here"].notna() | no_split]
    if frame["here"].isna().any():
        frame = frame.assign(here=frame["here"].astype(object).where(frame["here"].notna(), words.HIDDEN))
        notes = (*notes, held.note_of_rates(v.result))
    return ShownTable(
        title=f"Delayed days per 1,000 people aged 75 and over: {change(now, past, v.than)}",
        subtitle=f"Delayed days of people aged 75 and over per 1,000 of them, {v.name}{_months_of(v.period)}",
        columns=tuple(columns),
        frame=frame,
        sources=v.result.data_sources,
        notes=notes,
    )


def _decides(v: View) -> ShownTable:
    beds = v.priced[v.priced["item"] == "bed"]
    wide = beds.pivot_table(index=["decides", "partner"], columns="basis", values="amount", aggfunc="sum", sort=False)
    days = beds[beds["basis"] == "full_average"].groupby(["decides", "partner"], sort=False)["quantity"].sum()
    wide = wide.loc[days.sort_values(ascending=False, kind="stable").index]
    unit, divisor, places = money_unit(wide["full_average"])
    frame = pd.DataFrame(
        {
            "who": [v.label(decides, words.DECIDERS) for decides, _ in wide.index],
            "bears": [v.label(partner, words.BEARERS) for _, partner in wide.index],
            "full": wide["full_average"].to_numpy() / divisor,
            "cash": wide["cash_releasing"].to_numpy() / divisor,
        }
    )
    whose = "what the host of adult care arranges" if v.host else "arrangements that the partnership makes"
    frame.loc[len(frame)] = ["All", "", frame["full"].sum(), frame["cash"].sum()]
    return ShownTable(
        title=f"{percent(v.waiting)} of the cost follows {whose}" if v.bed_days else "No days, and so no cost",
        subtitle=f"Cost of delayed days, {unit}, {v.price_base}, {v.name}, {_in_full(v.period)}",
        columns=(
            ShownColumn("who", "Who decides"),
            ShownColumn("bears", "Who bears"),
            ShownColumn("full", "Full average", places),
            ShownColumn("cash", "Cash", places),
        ),
        frame=frame,
        sources=(*v.result.data_sources[:1], v.assumed["bed_day_cost"].source),
        total=True,
        notes=(
            "Cash is the part of a bed’s cost that a budget can give up.",
            v.bed_standing,
            *((held.note_of_parts(v.result),) if v.hidden else ()),
        ),
    )


def _end(v: View) -> ShownTable:
    bases = list(words.BASES)
    beds = [-v.borne(basis, WAITS_FOR_CARE) for basis in bases]
    rows = [("Hospitals", *beds), ("Care at home and in care homes", *[v.care("public")] * 2)]
    if v.care("people"):
        rows.append(("People themselves", *[v.care("people")] * 2))
    rows.append(("Everyone together", *(sum(row[i] for row in rows) for i in (1, 2))))  # type: ignore[misc]
    unit, divisor, places = money_unit([*beds, v.care("public")])
    frame = pd.DataFrame(rows, columns=["who", "full", "cash"])
    frame[["full", "cash"]] /= divisor
    return ShownTable(
        title="What ending the wait for care would change",
        subtitle=f"Change in cost, {unit}, {v.price_base}, {v.name}, {_in_full(v.period)}; a minus costs less",
        columns=(
            ShownColumn("who", "Who"),
            ShownColumn("full", "Full average", places),
            ShownColumn("cash", "Cash", places),
        ),
        frame=frame,
        sources=(v.assumed["bed_day_cost"].source, v.assumed["care_day_cost"].source),
        total=True,
        notes=(
            f"For {number(v.waiting_days)} days of waiting for care; for other reasons no alternative is known.",
            v.bed_standing,
            v.care_standing,
        ),
    )


def _one_budget(v: View) -> ShownTable:
    mechanisms = v.of("mechanisms")
    waits = mechanisms[mechanisms["mechanism"] == f"delay: {WAITS_FOR_CARE}"]
    by_basis = waits.groupby("basis")[["shunted", "system"]].sum()
    rows = []
    for basis, label in (("full_average", "full average"), ("cash_releasing", "cash")):
        shunted, system = by_basis.loc[basis, "shunted"], by_basis.loc[basis, "system"]
        rows.append((f"Moved between budgets, {label}", shunted, 0.0, 0.0))
        rows.append((f"Extra cost to everyone, {label}", system, system, 0.0))
    shunts = any(row[1] for row in rows if row[0].startswith("Moved"))
    title = "One budget ends the shunting, not the cost" if shunts else "Nothing is shunted, and the cost stays"
    unit, divisor, places = money_unit([amount for row in rows for amount in row[1:]])
    frame = pd.DataFrame(rows, columns=["what", "now", "one", "ended"])
    frame[["now", "one", "ended"]] /= divisor
    return ShownTable(
        title=title,
        subtitle=f"Waiting for care, {unit}, {v.price_base}, {v.name}, {_in_full(v.period)}; a minus is a gain",
        columns=(
            ShownColumn("what", "What"),
            ShownColumn("now", "Separate budgets", places),
            ShownColumn("one", "One budget, same decisions", places),
            ShownColumn("ended", "One budget, waiting ended", places),
        ),
        frame=frame,
        sources=(v.assumed["bed_day_cost"].source, v.assumed["care_day_cost"].source),
        notes=(
            "Moved between budgets: each decision by itself, added up; reasons are not netted against each other.",
            v.bed_standing,
            v.care_standing,
        ),
    )


def _trend(v: View) -> ShownFigure:
    delays = v.result.tables["delays"]
    same = [name for name in v.result.periods(v.result.partnership) if _same_months(name, v.period)]
    same = [name for name in same if Period.parse(name).year <= v.period.year][-8:]
    delays = delays[delays["period"].isin(same)]
    # A part of the bars is one thing through all years: what is hidden in one of them is counted together in all.
    hidden = frozenset().union(*(held.reasons(v.result, Period.parse(name)) for name in same))
    delays = delays.assign(reason=delays["reason"].mask(delays["reason"].isin(hidden), words.NOT_SHOWN))
    shown = [reason for reason in words.REASONS if reason not in hidden] + ([words.NOT_SHOWN] if hidden else [])
    parts = [words.SHOWN_REASONS[reason] for reason in shown]
    frame = delays.groupby(["period", "reason"], as_index=False)["bed_days"].sum()
    frame["reason"] = pd.Categorical(frame["reason"].map(words.SHOWN_REASONS), parts, ordered=True)
    frame = frame.sort_values(["period", "reason"]).reset_index(drop=True)
    totals = frame.groupby("period")["bed_days"].sum()
    first, last = totals.iloc[0], totals.iloc[-1]
    wide = frame.pivot_table(index="period", columns="reason", values="bed_days", observed=False).reset_index()
    wide["all"] = totals.to_numpy()
    title = f"Delayed days in {same[-1]} were {change(last, first, same[0])}" if len(same) > 1 else "Delayed days"
    subtitle = (
        f"Delayed days by reason, people aged 18 and over, {v.name}, {same[0]} to {same[-1]}{_months_of(v.period)}"
    )
    waiting = f", of which {number(v.waiting_days)} waiting for care, an assessment or a place"
    alt = (
        f"Stacked bars of delayed days by reason, {same[0]} to {same[-1]}: {number(first)} days in {same[0]}, "
        f"{number(last)} in {same[-1]}{'' if v.waits_hidden else waiting}."
    )
    columns = [ShownColumn("period", "Year"), *(ShownColumn(part, part, 0) for part in parts)]
    return ShownFigure(
        kind="stacked_bars",
        title=title,
        subtitle=subtitle,
        alt=alt,
        frame=frame,
        category="period",
        value="bed_days",
        series="reason",
        places=0,
        table=ShownTable(
            title="The figures behind this picture",
            subtitle=subtitle,
            columns=(*columns, ShownColumn("all", "All reasons", 0)),
            frame=wide,
            sources=v.result.data_sources[:1],
            notes=(held.note_of_parts(v.result),) if hidden else (),
        ),
    )


def _rate_figure(v: View) -> ShownFigure:
    shown = _rate(v)
    names = {column.name: column.heading for column in shown.columns[1:]}
    known = shown.frame[shown.frame["here"] != words.HIDDEN].astype({"here": float})
    frame = known.melt(id_vars="period", value_vars=list(names), var_name="place", value_name="rate").dropna()
    frame["place"] = frame["place"].map(names)
    first, last = known["period"].iloc[0], known["period"].iloc[-1]
    ends = [
        f"{name} {number(rows['rate'].iloc[0])} in {first} and {number(rows['rate'].iloc[-1])} in {last}"
        for name, rows in frame.groupby("place", sort=False)
    ]
    return ShownFigure(
        kind="line",
        title=shown.title,
        subtitle=shown.subtitle,
        alt=f"Lines of delayed days per 1,000 people aged 75 and over, {first} to {last}: {'; '.join(ends)}.",
        frame=frame.reset_index(drop=True),
        category="period",
        value="rate",
        series="place",
        places=0,
        table=shown,
        highlight=v.name,
    )


def _flows(v: View, basis: str = "full_average") -> ShownFigure:
    shown = _decides(v)
    column = "full" if basis == "full_average" else "cash"
    places = next(one.places for one in shown.columns if one.name == column) or 0
    frame = shown.frame.iloc[:-1][["who", "bears", column]].rename(columns={column: "amount"})
    frame = frame[frame["amount"] > 0]
    unit = money_unit([v.borne("full_average")])[0]
    said = "; ".join(f"{row.who} {number(row.amount, places)}" for row in frame.itertuples())
    bearers = listed([str(name).lower() for name in frame["bears"].unique()])
    return ShownFigure(
        kind="alluvial",
        title=shown.title,
        subtitle=f"Cost of delayed days by who decides and who bears, {_BASES[basis]}, {unit}, {v.price_base}, "
        f"{v.name}, {_in_full(v.period)}",
        alt=f"Bands from those who decide to those who bear, as wide as the cost in {unit}: {said}; all to {bearers}.",
        frame=frame.reset_index(drop=True),
        category="who",
        value="amount",
        series="bears",
        places=places,
        table=shown,
        unit=unit,
    )


_BASES = {"full_average": "full average cost", "cash_releasing": "cash that a budget could give up"}


def _flows_in_cash(v: View) -> ShownFigure:
    """The flows on the other costing basis: no page shows it, and who explores may choose it."""
    return _flows(v, "cash_releasing")


def _with_total(values: list[float]) -> list[float]:
    return [*values, sum(values)]


def _same_months(name: str, period: Period) -> bool:
    return Period.parse(name).to_date.last == period.last


def _in_full(period: Period) -> str:
    """The year, or `2026/27 to 30 September 2026`: a quarter means the year to its end."""
    return period.name if period.months == 12 else period_in_full(period)


def _months_of(period: Period) -> str:
    return "" if period.months == 12 else f", each year to {day(period.end).rsplit(' ', 1)[0]}"


TABLES = {"days": _days, "rate": _rate, "decides": _decides, "ending": _end, "one_budget": _one_budget}
FIGURES = {"trend": _trend, "rate": _rate_figure, "flows": _flows, "flows_in_cash": _flows_in_cash}

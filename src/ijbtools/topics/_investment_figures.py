"""The pictures of an investment, as data."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ijbtools.finance.words import listed, money_unit, number, percent, pounds
from ijbtools.topics import _investment_whom as whom
from ijbtools.topics._investment_notes import terms_note
from ijbtools.topics._investment_view import View
from ijbtools.topics._shape import RETURNS, amounts_table
from ijbtools.topics.result import ShownColumn, ShownFigure, ShownTable


def _outcome(v: View) -> ShownFigure:
    """Where all benefits go: cash, capacity, absorbed growth, by scheme."""
    sums = v.result.tables["years"].groupby("scheme")[["cash", "freed", "absorbed", "investment"]].sum()
    sums = sums.reindex(v.summary["scheme"])
    unit, divisor, places = money_unit(sums[["cash", "freed", "absorbed"]].sum(axis=1))
    kinds = {"cash": "Cash", "freed": "Capacity freed", "absorbed": "Growth absorbed"}
    frame = pd.DataFrame(
        [
            (v.names[scheme], said, max(0.0, float(row[name])) / divisor)
            for scheme, row in sums.iterrows()
            for name, said in kinds.items()
        ],
        columns=["scheme", "kind", "amount"],
    )
    shown = pd.DataFrame({"scheme": [v.names[one] for one in sums.index], **{k: sums[k].to_numpy() for k in kinds}})
    shown["investment"] = sums["investment"].to_numpy()
    table = amounts_table(
        shown,
        {"scheme": "Scheme", **kinds, "investment": "Scheme costs"},
        title="What becomes of the benefits",
        subtitle="Over each scheme’s years, as they come",
        total="All schemes" if len(shown) > 1 and v.one_base else "",
        places=2,
        notes=(terms_note(v),),
    )
    cash, whole = sums["cash"].sum(), sums[["cash", "freed", "absorbed"]].sum().sum()
    title = "What becomes of each scheme’s benefits"
    if v.one_base and whole > 0:
        title = f"{percent(cash / whole)} of the benefits is cash"
    said = "; ".join(
        f"{v.names[str(one)]}: {pounds(row['cash'])} cash, {pounds(row['freed'])} capacity, {pounds(row['absorbed'])} "
        "absorbed"
        for one, row in sums.iterrows()
    )
    return ShownFigure(
        kind="stacked_bars",
        title=title,
        subtitle=f"Benefits over each scheme’s years by what becomes of them, {unit}, {v.name}",
        alt=f"Stacked bars. {said}.",
        frame=frame,
        category="scheme",
        value="amount",
        series="kind",
        places=places,
        table=table,
        unit=unit,
    )


def _factors(v: View) -> ShownFigure:
    """What each factor takes off, from the worth of units avoided to the benefit a year."""
    rows = v.result.tables["build_up"]
    valued, net, owed, left = (float(rows[n].sum()) for n in ("valued", "net_of_deadweight", "attributed", "amount"))
    lines = [
        ("At unit cost", valued, True),
        ("Would have happened anyway", net - valued, False),
        ("Owed to others", owed - net, False),
        ("Correction for optimism", left - owed, False),
        ("Benefit a year, once whole", left, True),
    ]
    unit, divisor, places = money_unit([amount for _, amount, _ in lines])
    frame = pd.DataFrame(lines, columns=["factor", "amount", "grounded"])
    frame["amount"] /= divisor
    table = ShownTable(
        title="What each factor takes off",
        subtitle=f"Benefits built up from people and effects, a year, {unit}",
        columns=(ShownColumn("factor", "Factor"), ShownColumn("amount", "Amount", places)),
        frame=frame[["factor", "amount"]],
        sources=(*RETURNS, "S19"),
        notes=("Lag, ramp and drop-off come on top, year by year, and then what is released and what is cash.",),
    )
    said = "; ".join(f"{name} {pounds(amount)}" for name, amount, _ in lines)
    return ShownFigure(
        kind="bridge",
        title=f"Of {pounds(valued)} at unit cost, {pounds(left)} a year is counted",
        subtitle=f"What each factor takes off the benefits built up from people and effects, {unit} a year, {v.name}",
        alt=f"Steps from top to bottom: {said}.",
        frame=frame,
        category="factor",
        value="amount",
        series="grounded",
        places=places,
        table=table,
        unit=unit,
    )


def _curve(v: View) -> ShownFigure:
    """The running sum of cash less cost of each scheme, up to four."""
    rows = []
    chosen = v.cases[:4]
    for case in chosen:
        net = case.parts(**v.terms())["cash"].sum(axis=0) - case.investment.sum(axis=0)
        rows += [(year, case.name, float(total)) for year, total in zip(case.years, np.cumsum(net), strict=True)]
    frame = pd.DataFrame(rows, columns=["year", "scheme", "amount"])
    unit, divisor, places = money_unit(frame["amount"])
    years = sorted(frame["year"].unique())
    frame["year"] = pd.Categorical(frame["year"], years, ordered=True)
    frame["amount"] /= divisor
    frame = frame.sort_values(["year", "scheme"]).reset_index(drop=True)
    wide = frame.pivot_table(index="year", columns="scheme", values="amount", observed=False)
    wide = wide[[case.name for case in chosen]].reset_index()
    wide["year"] = wide["year"].astype(str)
    back = [case.name for case in chosen if frame[frame["scheme"] == case.name]["amount"].iloc[-1] >= 0]
    table = ShownTable(
        title="Cash less cost, running sum",
        subtitle=f"{unit}, as money comes",
        columns=(ShownColumn("year", "Year"), *(ShownColumn(case.name, case.name, places) for case in chosen)),
        frame=wide,
        sources=RETURNS,
        notes=(terms_note(v),),
    )
    said = "; ".join(f"{case.name} ends at {pounds(frame[frame['scheme'] == case.name]['amount'].iloc[-1] * divisor)}"
                     for case in chosen)  # fmt: skip
    return ShownFigure(
        kind="line",
        title=f"In cash, {listed(back)} {'is' if len(back) == 1 else 'are'} back by the end" if back
        else "In cash, no scheme is back by the end",
        subtitle=f"Running sum of cash released less cost of the scheme, {unit}, {v.name}",
        alt=f"A line a scheme. {said}.",
        frame=frame,
        category="year",
        value="amount",
        series="scheme",
        places=places,
        table=table,
        unit=unit,
    )  # fmt: skip


def _partners_figure(v: View) -> ShownFigure:
    table = whom.TABLES["partners"](v)
    frame = table.frame
    unit = "£ million" if "£ million" in table.subtitle else "£ thousand" if "£ thousand" in table.subtitle else "£"
    dots = pd.DataFrame(
        [
            row
            for who, net, cash in zip(frame["who"], frame["net"], frame["cash"], strict=True)
            for row in ((who, "Cash", cash), (who, "All benefits", net))
        ],
        columns=["who", "kind", "amount"],
    )
    said = "; ".join(
        f"{w} {number(a, 2)} on all, {number(c, 2)} on cash"
        for w, a, c in zip(frame["who"], frame["net"], frame["cash"], strict=True)
    )
    return ShownFigure(
        kind="dot_plot",
        title=table.title,
        subtitle=f"Net of each partner by scheme, present values, {unit}; a minus pays more than it gets",
        alt=f"Two dots a partner and scheme, in {unit}: {said}.",
        frame=dots,
        category="who",
        value="amount",
        series="kind",
        places=2,
        table=table,
        unit=unit,
    )


FIGURES: dict[str, Callable[[View], ShownFigure]] = {
    "outcome": _outcome,
    "factors": _factors,
    "curve": _curve,
    "partners": _partners_figure,
}

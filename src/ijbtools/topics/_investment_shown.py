"""The tables and pictures of an investment that a reader sees, as data."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.prices import in_prices_of
from ijbtools.finance.words import listed, number, percent, pounds
from ijbtools.topics import _investment_whom as whom
from ijbtools.topics._investment_notes import pv_note, terms_note
from ijbtools.topics._investment_sums import released_of
from ijbtools.topics._investment_view import LABELS, View
from ijbtools.topics._shape import RETURNS, amounts_table
from ijbtools.topics.result import ShownColumn, ShownTable

SECONDARY = ("worth", "build_up", "affordability", "payable", "growth")
_NOT_ADDED = "Schemes are not added up here: their amounts are in the prices of different years."
_UPLIFTS = (0.0, 0.02, 0.04)
_HORIZONS = (1, 3, 4)


def says(v: View, name: str) -> bool:
    """Whether a table or figure says something of this partnership."""
    built = v.result.tables["build_up"]
    if v.summary.empty:
        return False
    there: dict[str, Callable[[], object]] = {
        "build_up": lambda: len(built),
        "factors": lambda: len(built),
        "segments": lambda: (built["segment"] != "").any(),
        "range": lambda: v.shared,
        "settlement": lambda: v.shared,
        "payable": lambda: v.shared,
        "capital": lambda: any((case.costs["funding"] == "capital").any() for case in v.cases),
        "together": lambda: len(_overlaps(v)),
        "growth": lambda: not all(np.isnan(one).all() for one in _grown(v)),
    }
    return name not in there or bool(there[name]())


def _schemes(v: View) -> ShownTable:
    frame = pd.DataFrame(
        {
            "scheme": v.summary["name"].to_numpy(),
            "cost": v.summary["pv_investment"].to_numpy(),
            "all": v.summary["pv_gross"].to_numpy(),
            "cash": v.summary["pv_cash"].to_numpy(),
            "label": v.summary["label"].map(LABELS).to_numpy(),
            "back": [v.back(row, "payback_cash") for _, row in v.summary.iterrows()],
        }
    )
    saves = int((v.summary["label"] == "invest_to_save").sum())
    count = len(frame)
    headings = {"scheme": "Scheme", "cost": "Cost", "all": "All benefits", "cash": "Cash", "label": "What it is"}
    shown = amounts_table(
        frame,
        headings | {"back": "Cash is back"},
        title=f"{number(saves)} of {number(count)} schemes {'saves' if saves == 1 else 'save'} money"
        if count > 1
        else f"{frame['scheme'][0]}: {frame['label'][0]}",
        subtitle="What each scheme costs and brings over its years, present values",
        total="All schemes" if count > 1 and v.one_base else "",
        places=2,
        sources=(*RETURNS, "S20"),
        notes=(terms_note(v), pv_note(v), *(() if v.one_base else (_NOT_ADDED,))),
    )
    recurs = [*(v.summary["recurs"] * 100), float("nan")][: len(shown.frame)]
    if shown.total:
        recurs[-1] = float((v.summary["recurs"] * v.summary["pv_gross"]).sum() / v.summary["pv_gross"].sum() * 100)
    with_share = shown.frame.copy()
    with_share.insert(4, "recurs", recurs)
    columns = (*shown.columns[:4], ShownColumn("recurs", "% recurs", 2), *shown.columns[4:])
    return replace(shown, frame=with_share, columns=columns)


def _worth(v: View) -> ShownTable:
    rows = v.summary
    frame = pd.DataFrame(
        {
            "scheme": rows["name"].to_numpy(),
            "all": (rows["pv_gross"] - rows["pv_investment"]).to_numpy(),
            "cash": (rows["pv_cash"] - rows["pv_investment"]).to_numpy(),
            "peak": rows["peak"].to_numpy(),
            "back_all": [v.back(row, "payback_all") for _, row in rows.iterrows()],
            "back": [
                v.back(row, "payback_discounted") + (", then below 0 again" if row["dips"] else "")
                for _, row in rows.iterrows()
            ],
        }
    )
    headings = {"scheme": "Scheme", "all": "NPV, all", "cash": "NPV, cash", "peak": "Peak funding"}
    shown = amounts_table(
        frame,
        headings | {"back_all": "All benefits are back", "back": "Cash is back, discounted"},
        title="What each scheme is worth, and when it is back",
        subtitle="Net present values, the most that is out at once, and payback",
        places=2,
        sources=(*RETURNS, "S20"),
        notes=("BCR: present value of all benefits over that of the cost; transfers never enter it.", pv_note(v)),
    )
    ratio = [g / c if c else float("nan") for g, c in zip(rows["pv_gross"], rows["pv_investment"], strict=True)]
    with_ratio = shown.frame.copy()
    with_ratio.insert(2, "ratio", ratio)
    columns = (*shown.columns[:2], ShownColumn("ratio", "BCR", 2), *shown.columns[2:])
    return replace(shown, frame=with_ratio, columns=columns)


def _labels(v: View) -> ShownTable:
    rows = []
    for case, (_, row) in zip(v.cases, v.summary.iterrows(), strict=True):
        turns = row["turns_at"]
        at = [v.label_at(case, uplift=one) for one in _UPLIFTS]
        rows.append(
            (case.name, *at, f"{percent(turns, 2)} a year" if not pd.isna(turns) else "at none from −10% to 20%")
        )
    names = [f"u{i}" for i in range(len(_UPLIFTS))]
    columns = [ShownColumn("scheme", "Scheme")]
    columns += [ShownColumn(n, f"At an uplift of {percent(one)}") for n, one in zip(names, _UPLIFTS, strict=True)]
    return ShownTable(
        title="What a scheme is called turns on the uplift of the budget it relieves",
        subtitle="The label at three uplifts, and the uplift a year from which a scheme saves money",
        columns=(*columns, ShownColumn("turns", "Turns at")),
        frame=pd.DataFrame(rows, columns=["scheme", *names, "turns"]),
        sources=RETURNS,
        notes=(
            f"All else as assumed: growth {percent(v.value('do_nothing_growth'), 1)} a year (quality "
            f"{v.quality('do_nothing_growth')}). Nobody chooses a label.",
        ),
    )


def _affordability(v: View) -> ShownTable:
    rows = v.result.tables["years"]
    order = {scheme: i for i, scheme in enumerate(v.summary["scheme"])}
    rows = rows.sort_values(["scheme", "t"], key=lambda c: c.map(order) if c.name == "scheme" else c)
    frame = pd.DataFrame({"year": [f"{v.names[s]}, {y}" for s, y in zip(rows["scheme"], rows["year"], strict=True)]})
    headings = {
        "year": "Scheme and year", "do_nothing": "If nothing is done", "budget": "Budget", "investment": "Scheme costs",
        "repaid": "Borrowing repaid", "double_running": "Double running", "cash": "Cash released",
        "freed": "Capacity freed", "absorbed": "Growth absorbed",
    }  # fmt: skip
    bases = v.summary.set_index("scheme")["base"]
    cash = [
        in_prices_of(year, 1.0, bases[scheme], v.assumed["gdp_deflator"].value)
        for scheme, year in zip(rows["scheme"], rows["year"], strict=True)
    ]
    for name in list(headings)[1:]:  # what is borrowed is repaid in equal sums of cash
        frame[name] = rows[name].to_numpy() * (1.0 if name == "repaid" else np.array(cash))
    return amounts_table(
        frame,
        headings,
        title="Can it be paid for, year by year",
        subtitle="Cost and budget of the services concerned, cost of the scheme, and what becomes of its benefit, cash "
        "of each year",
        places=2,
        notes=(
            terms_note(v),
            "Brought from the prices of each scheme’s first year to cash with the GDP deflator (quality "
            f"{v.quality('gdp_deflator')}). No correction for optimism is in the costs.",
        ),
    )


def _build_up(v: View) -> ShownTable:
    rows = v.result.tables["build_up"]
    frame = pd.DataFrame(
        {
            "line": [
                f"{v.names[s]}: {v.service(x)}{f', {g}' if g else ''}"
                for s, x, g in zip(rows["scheme"], rows["service"], rows["segment"], strict=True)
            ],
            "people": rows["people"].to_numpy(),
            "units": rows["units"].to_numpy(),
            "valued": rows["valued"].to_numpy() / 1e3,
            "net": rows["net_of_deadweight"].to_numpy() / 1e3,
            "attributed": rows["attributed"].to_numpy() / 1e3,
            "corrected": rows["amount"].to_numpy() / 1e3,
        }
    )
    first = rows.iloc[0]
    factors = (
        f"The first line: {number(first['population'])} people, {percent(first['reach'])} reached, "
        f"{number(first['effect'], 1)} units each, at {pounds(first['unit_cost'])}; {percent(first['deadweight'])} "
        f"would have happened anyway, {percent(first['attribution'])} of the rest is owed to the scheme, and "
        f"{percent(first['correction'])} is taken off for evidence of grade {first['grade']} (quality red)."
    )
    return ShownTable(
        title=f"Built up from people, {pounds(rows['valued'].sum())} becomes {pounds(rows['amount'].sum())} a year",
        subtitle="People reached and units avoided a year, and their worth in £ thousand a year after each factor",
        columns=(
            ShownColumn("line", "Line"),
            ShownColumn("people", "People", 0),
            ShownColumn("units", "Units", 0),
            ShownColumn("valued", "At unit cost", 0),
            ShownColumn("net", "Less anyway", 0),
            ShownColumn("attributed", "Owed to it", 0),
            ShownColumn("corrected", "Corrected", 0),
        ),
        frame=frame,
        sources=(*RETURNS, "S19"),
        notes=(factors, "Lag, ramp and drop-off come on top, year by year."),
    )


def _segments(v: View) -> ShownTable:
    rows = v.result.tables["lines"]
    rows = rows[rows["segment"] != ""]
    sums = rows.groupby(["scheme", "segment"], sort=False)[["gross", "cash", "freed", "absorbed"]].sum().reset_index()
    people = v.result.tables["build_up"].groupby(["scheme", "segment"])["people"].max()
    frame = pd.DataFrame(
        {
            "who": [
                f"{v.names[s]}: {g}, {number(people.get((s, g), float('nan')))} people reached"
                for s, g in zip(sums["scheme"], sums["segment"], strict=True)
            ],
            **{name: sums[name].to_numpy() for name in ("gross", "cash", "freed", "absorbed")},
        }
    )  # fmt: skip
    headings = {"who": "Whom it concerns", "gross": "All benefits", "cash": "Cash"}
    return amounts_table(
        frame,
        headings | {"freed": "Capacity freed", "absorbed": "Growth absorbed"},
        title=f"{pounds(frame['absorbed'].sum())} of growth is absorbed, followed to the people it concerns",
        subtitle="Benefits over the scheme’s years by group of people",
        total="All groups",
        places=2,
        notes=(terms_note(v),),
    )


def _horizons(v: View) -> ShownTable:
    rows = []
    for case in v.cases:
        parts = case.parts(**v.terms())
        spent, cash, gross = case.investment.sum(axis=0), parts["cash"].sum(axis=0), parts["gross"].sum(axis=0)
        start = int(np.argmax(spent + gross > 0))
        for years in _HORIZONS:
            window = slice(start, start + years)
            cost, brought, everything = (float(one[window].sum()) for one in (spent, cash, gross))
            rows.append((f"{case.name}, {_years(years)}", cost, brought, brought - cost, everything - cost))
    frame = pd.DataFrame(rows, columns=["what", "cost", "cash", "net", "all"])
    turned = [
        case.name
        for i, case in enumerate(v.cases)
        if (frame["net"].iloc[3 * i] < 0) != (frame["net"].iloc[3 * i + 2] < 0)
    ]
    return amounts_table(
        frame,
        {
            "what": "Scheme, seen through",
            "cost": "Cost",
            "cash": "Cash",
            "net": "Net, cash",
            "all": "Net, all benefits",
        },
        title=f"Seen through one year, {listed(turned)} would not be begun"
        if turned
        else "One, three and four years say the same in cash",
        subtitle="The same decision through one, three and four years from the first; as money comes, not discounted",
        places=2,
        notes=(terms_note(v),),
    )


def _years(count: int) -> str:
    return {1: "one year", 3: "three years", 4: "four years"}[count]


def _break_even(v: View) -> ShownTable:
    rows = []
    for case in v.cases:
        for on_cash, counted in ((True, "cash"), (False, "all benefits")):
            scale = v.turn(case, "scale", 0.0, 10.0, on_cash)
            cost = v.turn(case, "cost", 0.0, 20.0, on_cash)
            share = v.turn(case, "share", 0.0, 1.0, on_cash) if on_cash else float("nan")
            growth = v.turn(case, "growth", -0.05, 0.15, on_cash)
            rows.append((f"{case.name}, on {counted}", _times(scale), _times(cost), _share(share), _share(growth)))
    return ShownTable(
        title="What must be true for each scheme to break even",
        subtitle="One thing at a time, all else as assumed: how far it may go until benefits just cover the cost",
        columns=(
            ShownColumn("what", "Scheme, counted on"),
            ShownColumn("scale", "Benefits at least"),
            ShownColumn("cost", "Cost at most"),
            ShownColumn("share", "Cashable share"),
            ShownColumn("growth", "Growth"),
        ),
        frame=pd.DataFrame(rows, columns=["what", "scale", "cost", "share", "growth"]),
        sources=RETURNS,
        notes=(terms_note(v), "Times are of the amounts assumed. “Nowhere” means that it does not turn on this alone."),
    )


def _times(value: float) -> str:
    return "nowhere" if pd.isna(value) else f"{number(value, 2)} times"


def _share(value: float) -> str:
    return "nowhere" if pd.isna(value) else percent(value, 1)


def _capital(v: View) -> ShownTable:
    rate, life = v.value("borrowing_rate"), v.value("asset_life")
    repaid = rate / (1 - (1 + rate) ** -life) if rate else 1 / life
    rows = []
    spent: dict[tuple[str, str], float] = {}
    for case in v.cases:
        capital = (case.costs["funding"] == "capital").to_numpy()
        for partner, amounts in zip(case.costs["partner"][capital], case.investment[capital], strict=True):
            for year, amount in zip(case.years, amounts, strict=True):
                if amount:
                    spent[str(partner), year] = spent.get((str(partner), year), 0.0) + float(amount)
    broken = 0
    for (partner, year), amount in spent.items():
        limit = float(v.partners["capital_limit"].get(partner, float("nan")))
        counts = str(v.partners["capital_counts"].get(partner, ""))
        over = amount - limit
        broken += over > 0.005
        said = "not known" if pd.isna(limit) else "broken" if over > 0.005 else "kept"
        borrowed = amount * repaid if counts == "borrowing" else 0.0
        against = words.CAPITAL_COUNTS.get(counts, "not said")
        rows.append(
            (f"{v.partner(partner)}, {year}", amount, against, limit if not pd.isna(limit) else 0.0, said, borrowed)
        )
    frame = pd.DataFrame(rows, columns=["who", "amount", "against", "limit", "said", "borrowed"])
    headings = {"who": "Partner and year", "amount": "Capital", "against": "Counts against"}
    return amounts_table(
        frame,
        headings | {"limit": "Limit", "said": "Limit is", "borrowed": "Repaid a year"},
        title=f"The plan breaks {number(broken)} capital limit{'s' if broken != 1 else ''}"
        if broken
        else "No capital limit is broken",
        subtitle="Capital of all schemes by partner and year, its limit, and what borrowing costs revenue",
        notes=(
            f"Repaid in equal sums over {number(life)} years at {percent(rate, 1)} (quality "
            f"{v.quality('borrowing_rate')}). The appraisal counts capital when it is spent, the repayment never as "
            "well.",
        ),
    )  # fmt: skip


def _overlaps(v: View) -> list[tuple[str, float, float, float]]:
    """Schemes on a budget that another acts on before: gross, released alone, and released in order."""
    found = []
    for case in v.cases:
        shared = ((case.others > 0) & (case.gross > 0)).any(axis=1)
        if not shared.any():
            continue
        terms = v.terms()
        nothing = case.do_nothing(terms["growth"])
        rolled = case.budget[:, None] * (1 + terms["uplift"]) ** case.ahead
        alone = np.where(np.isnan(nothing), case.gross, released_of(case.gross, nothing, rolled))[shared].sum()
        ordered = case.parts(**terms)["released"][shared].sum()
        found.append((case.name, float(case.gross[shared].sum()), float(alone), float(ordered)))
    return found


def _together(v: View) -> ShownTable:
    rows = [(name, gross, alone, ordered) for name, gross, alone, ordered in _overlaps(v)]
    frame = pd.DataFrame(rows, columns=["scheme", "gross", "alone", "ordered"])
    return amounts_table(
        frame,
        {"scheme": "Scheme", "gross": "All benefits", "alone": "Released alone", "ordered": "Released in order"},
        title="Schemes that act on the same budget are not counted twice",
        subtitle="What later schemes bring on budgets that earlier ones act on, over all years",
        places=2,
        notes=(
            f"In the stated order: {listed([case.name for case in v.cases])}. A later scheme acts on what is left, and "
            "has of the release what comes on top.",
        ),
    )


def _grown(v: View) -> list[np.ndarray]:
    return [v.result.grown[case.partnership, case.scheme] for case in v.cases]


def _growth(v: View) -> ShownTable:
    found: dict[str, float] = {}
    for case, grown in zip(v.cases, _grown(v), strict=True):
        for service, line in zip(case.benefits["service"], grown, strict=True):
            last = int(case.ahead[-1])
            if last > 0 and not np.isnan(line[-1]):
                found[v.service(service)] = float(line[-1] ** (1 / last) - 1)
    frame = pd.DataFrame([(name, rate * 100) for name, rate in found.items()], columns=["service", "rate"])
    taken = percent(v.value("do_nothing_growth"), 1)
    return ShownTable(
        title=f"From people and prices, cost would grow by {_span(frame['rate'])}; this page takes {taken}",
        subtitle="Growth a year if nothing is done, from people by age and prices, %",
        columns=(ShownColumn("service", "Service"), ShownColumn("rate", "% a year", 1)),
        frame=frame,
        sources=RETURNS,
        notes=(
            f"People weighted by use of care by age (quality {v.quality('use_75_84')}), prices in health "
            f"{percent(v.value('health_price_growth'), 1)} and in social care "
            f"{percent(v.value('care_price_growth'), 1)} (quality {v.quality('care_price_growth')}). Where amounts are "
            "in the prices of one year, growth is too.",
        ),
    )


def _span(rates: pd.Series) -> str:
    low, high = percent(rates.min() / 100, 1), percent(rates.max() / 100, 1)
    return low if low == high else f"{low} to {high}"


TABLES: dict[str, Callable[[View], ShownTable]] = {
    "schemes": _schemes,
    "worth": _worth,
    "labels": _labels,
    "affordability": _affordability,
    "build_up": _build_up,
    "segments": _segments,
    "horizons": _horizons,
    "break_even": _break_even,
    "capital": _capital,
    "together": _together,
    "growth": _growth,
    **whom.TABLES,
}

"""The tables of who pays, who gains, and what transfer makes a scheme happen."""

from collections.abc import Callable

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.words import listed, number, percent
from ijbtools.topics._investment_notes import pv_note, terms_note
from ijbtools.topics._investment_view import BASES, RULES, View
from ijbtools.topics._shape import RETURNS, amounts_table
from ijbtools.topics.result import ShownTable


def _partners(v: View) -> ShownTable:
    rows = []
    for scheme in v.summary["scheme"]:
        nets = v.nets(scheme)
        rows += [
            (f"{v.names[scheme]}: {v.partner(str(p))}", r.cost, r.all, r.all - r.cost, r.cash - r.cost)
            for p, r in zip(nets.index, nets.itertuples(index=False), strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["who", "cost", "all", "net", "cash"])
    loses = int((frame["cash"] < -0.005).sum())
    return amounts_table(
        frame,
        {"who": "Scheme and partner", "cost": "Pays", "all": "Gains, all", "net": "Net, all", "cash": "Net, cash"},
        title=f"In cash, {number(loses)} of {number(len(frame))} partners pay more than they get back"
        if loses
        else "In cash, nobody pays more than it gets back",
        subtitle="Who pays and who gains by scheme, present values",
        places=2,
        sources=(*RETURNS, "S20"),
        notes=(
            "Cash is the cashable share of all benefits: what a budget could give up if it kept pace with growth.",
            pv_note(v),
        ),
    )


def _range(v: View) -> ShownTable:
    rows = []
    for scheme in v.shared:
        for discounted in (False, True):
            for basis, said in BASES.items():
                made = v.settled(scheme, "equal_split", basis, discounted)
                most = made.most if basis == "all" else made.most_cash
                equal = float(made.transfers["amount"].sum())
                payable = "if they keep pace" if basis == "cash" else "yes"
                verdict = "no: not cash" if basis == "all" else payable if made.feasible else "no: too little"
                what = f"{said}{', present value' if discounted else ''}"
                rows.append((f"{v.names[scheme]}: {what}", made.least, most, equal, verdict))
    frame = pd.DataFrame(rows, columns=["what", "least", "most", "equal", "verdict"])
    return amounts_table(
        frame,
        {
            "what": "Counted on",
            "least": "Least",
            "most": "Most",
            "equal": "Equal split",
            "verdict": "Can budgets pay it?",
        },
        title="Only cash can be paid from one budget to another",
        subtitle="The least and the most that who invests can receive, and the sum that shares the gain equally",
        places=2,
        notes=(
            "All benefits hold capacity and growth absorbed, which no budget can pay out. The cashable part: what "
            "budgets could give up if they kept pace with growth. Cash released: what they do give up at an uplift of "
            f"{percent(v.value('budget_uplift'), 1)} a year (quality {v.quality('budget_uplift')}). Not discounted "
            "unless it says so.",
            pv_note(v),
        ),
    )


def _settlement(v: View) -> ShownTable:
    rows = []
    for scheme in v.shared:
        for rule, said in RULES.items():
            made = v.settled(scheme, rule, "released")
            if not made.feasible:
                rows.append((f"{v.names[scheme]}: {said}", "too little cash", 0.0, -made.least, "nothing to pay"))
            short = v.unpayable(scheme, rule)
            held = f"short in {listed(sorted(short['year'].unique()))}" if len(short) else "holds"
            for one in made.transfers.itertuples(index=False):
                who = f"{v.partner(one.from_partner)} to {v.partner(one.to_partner)}"
                rows.append((f"{v.names[scheme]}: {said}", who, one.amount, float(made.after[one.to_partner]), held))
    frame = pd.DataFrame(rows, columns=["rule", "who", "amount", "after", "held"])
    return amounts_table(
        frame,
        {
            "rule": "Scheme and rule",
            "who": "Transfer",
            "amount": "Amount",
            "after": "Who receives ends at",
            "held": "Year by year",
        },
        title="The transfer agreement under each rule",
        subtitle="On the cash that is released, present values",
        places=3,
        sources=(*RETURNS, "S20"),
        notes=(
            "Transfers sum to nothing: what one pays, another receives. Year by year, a partner that must break even "
            "may not be below 0, and another not beyond its free reserves.",
            *_unsent_reserves(v, frame),
            terms_note(v),
            pv_note(v),
        ),
    )


def _unsent_reserves(v: View, frame: pd.DataFrame) -> tuple[str, ...]:
    """A note where a verdict is worse than it may be because nobody's reserves are known."""
    unknown = any(v.without_reserves(str(partner)) for partner in v.partners.index)
    if not unknown or not frame["held"].str.startswith("short").any():
        return ()
    return ("No reserves were sent, so every partner is judged as if it had none.",)


def _payable(v: View) -> ShownTable:
    frames = [v.payable(scheme).assign(scheme=v.names[scheme]) for scheme in v.shared]
    rows = pd.concat(frames, ignore_index=True)
    frame = pd.DataFrame(
        {
            "who": [
                f"{s}: {v.partner(p)}, {y}"
                for s, p, y in zip(rows["scheme"], rows["partner"], rows["year"], strict=True)
            ],
            "rule": rows["regime"].map(words.REGIMES).fillna("not known").to_numpy(),
            **{name: rows[name].to_numpy() for name in ("cost", "cash", "transfer", "left")},
        }
    )
    headings = {"who": "Scheme, partner, year", "rule": "Its rule", "cost": "Pays", "cash": "Cash"}
    return amounts_table(
        frame,
        headings | {"transfer": "Transfer", "left": "Left"},
        title="Whether the agreement can be kept year by year",
        subtitle="An equal split, paid as the payer’s cash comes; not discounted",
        places=2,
        notes=(
            "Below 0 in the last column, a partner that must break even cannot pay, and another needs its reserves.",
        ),
    )


TABLES: dict[str, Callable[[View], ShownTable]] = {
    "partners": _partners,
    "range": _range,
    "settlement": _settlement,
    "payable": _payable,
}

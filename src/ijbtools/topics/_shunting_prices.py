"""The priced lines of shunting: first all but their prices, then the prices, and what they add up to.

`lines` puts every line in its place once: whose change in cost it is, of which mechanism, in which total. `priced_out`
then needs only the unit amounts, and adds up by those places.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.flows import moves, taken_apart
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics._shunting_hidden import WAITS_FOR_CARE

BASES = tuple(words.BASES)
INSTEAD_OF = "care in place on the day the person was ready to leave"
_DECIDES = {
    WAITS_FOR_CARE: "partnership",
    "code_9_awi": "law",
    "code_9_other": "unassigned",
    "patient_and_family": "people",
    words.NOT_SHOWN: "unassigned",
}
_MECHANISM = ["partnership", "period", "mechanism", "decides", "basis"]
_TOTAL = ["partnership", "period", "basis"]
_UNITS = ["period", "basis", "bed", "bed_full", "care_public", "care_people", "care"]
_PRICED = [
    *_MECHANISM, "reason", "item", "instead_of", "partner", "quantity", "unit", "unit_amount", "amount", "price_base",
    "source",
]  # fmt: skip
_BED, _PUBLIC, PEOPLE, _OWN = range(4)  # what prices a line: a bed, care by whom it is paid for, or itself


@dataclass(frozen=True)
class Lines:
    """Every line that is to be priced, and where its amount belongs; frames and arrays with a row a line or key.

    `rows` have the columns of the priced lines; unit amount, amount and price base only in the user's own mechanisms.
    `price` says what prices a line and `day` which row of the unit amounts. `change` is its row of `changes` (whose
    cost in which mechanism), `mechanism` that change's row of `mechanisms`, `total` the same of `totals`.
    """

    periods: tuple[str, ...]
    rows: pd.DataFrame
    price: np.ndarray
    day: np.ndarray
    change: np.ndarray
    changes: pd.DataFrame
    mechanism: np.ndarray
    mechanisms: pd.DataFrame
    total: np.ndarray
    totals: pd.DataFrame


def lines(
    days: pd.DataFrame,
    partnerships: pd.DataFrame,
    attribution: pd.DataFrame,
    mechanisms: pd.DataFrame,
    periods: list[str],
) -> Lines:
    """What is to be priced of these days (to date) and of the user's own mechanisms; `periods` have unit amounts."""
    parts = [_of_delays(days, partnerships, attribution), _of_mechanisms(mechanisms, days)]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    starts = {name: i * len(words.BASES) for i, name in enumerate(periods)}
    bases = {basis: i for i, basis in enumerate(words.BASES)}
    day = [starts[p] + bases[b] for p, b in zip(rows["period"], rows["basis"], strict=True)]
    changes, change = _places(rows[[*_MECHANISM, "partner"]])
    keys, mechanism = _places(changes[_MECHANISM])
    totals, total = _places(keys[_TOTAL], in_order=True)
    price = rows.pop("price").to_numpy(int)
    return Lines(tuple(periods), rows, price, np.array(day, dtype=int), change, changes, mechanism, keys, total, totals)


def _places(keys: pd.DataFrame, in_order: bool = False) -> tuple[pd.DataFrame, np.ndarray]:
    """Each key once, as they first appear or in their order, and for each row the place of its key."""
    once = keys.drop_duplicates()
    once = (once.sort_values(list(keys)) if in_order else once).reset_index(drop=True)
    return once, keys.groupby(list(keys), sort=in_order).ngroup().to_numpy()


def borne(
    days: pd.DataFrame,
    partnerships: pd.DataFrame,
    attribution: pd.DataFrame,
    bases: Sequence[str] = BASES,
    in_order: bool = False,
) -> pd.DataFrame:
    """A line for each bed borne, care not paid for by the public purse, and care not paid for by people.

    Lines of the same days follow each other `in_order` of partnership, period and reason, the agreed ones last.
    """
    each = days.groupby(["partnership", "period", "reason"], as_index=False, sort=in_order)["bed_days"].sum()
    led_by = dict(zip(partnerships["partnership"], partnerships["host"], strict=True))
    each["host"] = [led_by.get(partnership, "") for partnership in each["partnership"].tolist()]
    each["decides"] = each["reason"].map(_DECIDES)
    led = (each["host"] != "") & (each["reason"] == WAITS_FOR_CARE)
    each["decides"] = each["decides"].mask(led, each["host"])
    each["share"] = 1.0
    if len(attribution):
        agreed = each.drop(columns=["decides", "share"]).merge(attribution, on=["partnership", "reason"])
        said = each.merge(attribution[["partnership", "reason"]].drop_duplicates(), how="left", indicator=True)
        each = pd.concat([each[(said["_merge"] == "left_only").to_numpy()], agreed], ignore_index=True)
    each["quantity"] = each["bed_days"] * each["share"]
    each = each.merge(pd.DataFrame({"basis": list(bases)}), how="cross")
    hosted = each["host"] != ""
    named = ~each["decides"].isin(list(words.DECIDERS))
    hospitals = each["host"].where(hosted, "hospitals")
    care_budget = each["decides"].where(named, each["host"].where(hosted, "partnership"))
    waits = each["reason"] == WAITS_FOR_CARE
    parts = [
        each.assign(item="bed", partner=hospitals, price=_BED),
        each.assign(item="care", partner=care_budget, price=_PUBLIC)[waits],
        each.assign(item="care", partner="people", price=PEOPLE)[waits],
    ]
    rows = pd.concat(parts)
    return (rows.sort_index(kind="stable") if in_order else rows).reset_index(drop=True)


def _of_delays(days: pd.DataFrame, partnerships: pd.DataFrame, attribution: pd.DataFrame) -> pd.DataFrame:
    """The same as lines of a mechanism each."""
    rows = borne(days, partnerships, attribution)
    rows = rows.assign(
        mechanism="delay: " + rows["reason"],
        instead_of=INSTEAD_OF,
        unit="days",
        source="",
        unit_amount=float("nan"),
        amount=float("nan"),
        price_base="",
    )
    return rows[[*_PRICED, "price"]]


def _of_mechanisms(mechanisms: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """The user's own mechanisms from 1 April to each quarter's end: quantity · unit amount, signed."""
    spans = {name: Period.parse(name) for name in {*mechanisms["period"], *days["period"]}}
    rows = mechanisms.rename(columns={"period": "own_period", "bears": "partner"})
    rows = rows.merge(days[["partnership", "period"]].drop_duplicates(), on="partnership")
    inside = [
        spans[own].year == spans[to_date].year and spans[own].last <= spans[to_date].last
        for own, to_date in zip(rows["own_period"], rows["period"], strict=True)
    ]
    rows = rows[np.array(inside, dtype=bool)].assign(
        reason="", item="mechanism", price=_OWN, amount=lambda f: f["quantity"] * f["unit_amount"]
    )
    return rows[[*_PRICED, "price"]]


def unit_amounts(use: Assumptions, periods: tuple[str, ...]) -> pd.DataFrame:
    """£ a day by period and basis: what the bed costs, and the care to the public purse and to people themselves.

        bed = cost of a bed day · cash share (1 on full average);   care to people = care − care to the public purse
        care to the public purse = (1 − self-funders) · (care − contribution) + self-funders · payment

    Raises InputRefused where two price bases would be mixed.
    """
    bed, care = use["bed_day_cost"], use["care_day_cost"]
    rows = []
    for name in periods:
        when = Period.parse(name)
        price, contribution = care.at(when), use["care_day_contribution"].at(when)
        own, payment = use["self_funder_share"].at(when), use["self_funder_day_payment"].at(when)
        public = (1 - own) * (price - contribution) + own * payment
        full, cash = bed.at(when), bed.at(when) * use["bed_day_cash_share"].at(when)
        for basis, cost in zip(words.BASES, (full, cash), strict=True):
            rows.append((name, basis, cost, full, public, price - public, price))
    units = pd.DataFrame(rows, columns=_UNITS).astype({"period": "str", "basis": "str"})
    needed = [bed, care]
    if units["care_people"].astype(bool).any():
        needed += [use["care_day_contribution"], use["self_funder_day_payment"]]
    if len({assumption.price_base for assumption in needed}) > 1:
        found = "; ".join(f"{a.label} in prices of {a.price_base or 'no year named'}" for a in needed)
        expected = "one price base: choose a cost of care of the same year as the cost of a bed day"
        raise InputRefused([Problem("params", found, expected)])
    return units.assign(price_base=bed.price_base or "")


def priced_out(placed: Lines, units: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The lines at their prices, and what they add up to: priced, changes, mechanisms, moves, totals.

        amount = quantity · unit amount: £ a day for a bed, − £ a day for care that is not paid for

    `units` as from `unit_amounts`. Where people pay nothing towards care they have no line.
    """
    own = placed.price == _OWN
    bed, public, people = (units[name].to_numpy(float)[placed.day] for name in ("bed", "care_public", "care_people"))
    unit_amount = np.choose(placed.price, [bed, -public, -people, placed.rows["unit_amount"].to_numpy(float)])
    amount = np.where(own, placed.rows["amount"], placed.rows["quantity"].to_numpy(float) * unit_amount)
    kept = (placed.price != PEOPLE) | (unit_amount != 0)
    base = placed.rows["price_base"].where(own, next(iter(units["price_base"]), ""))
    priced = placed.rows.assign(unit_amount=unit_amount, amount=amount, price_base=base)
    amounts = pd.Series(amount[kept]).groupby(placed.change[kept]).sum()
    changes = placed.changes.iloc[amounts.index].assign(amount=amounts.to_numpy()).reset_index(drop=True)
    # Taken apart by the number of the mechanism, which is quicker than by its five names.
    numbered = changes[["partner", "decides", "amount"]].assign(number=placed.mechanism[amounts.index])
    each = taken_apart(numbered, ["number"])
    moved = moves(numbered, ["number"])
    sums = _named(each, placed.mechanisms)
    no_body = sums["decides"].isin(["law", "people", "unassigned"])  # flags are about bodies that decide
    return {
        "priced": priced[kept].reset_index(drop=True),
        "changes": changes,
        "mechanisms": sums.assign(flag=sums["flag"].mask(no_body, "none")),
        "moves": _named(moved, placed.mechanisms),
        "totals": _totals(numbered, each, placed),
    }


def _named(numbered: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """The names that stand for the numbers, and the other columns."""
    keys = names.iloc[numbered["number"]].reset_index(drop=True)
    return pd.concat([keys, numbered.drop(columns="number").reset_index(drop=True)], axis=1)


def _totals(changes: pd.DataFrame, each: pd.DataFrame, placed: Lines) -> pd.DataFrame:
    """All mechanisms together, by basis: gross (Σ of what each shunts) and net (of Σ d), for everyone and the purse."""
    gross = each[["shunted", "imposed"]].groupby(placed.total[each["number"]]).sum()
    together = changes.assign(number=placed.total[changes["number"]])
    together = together.groupby(["number", "partner"], as_index=False)["amount"].sum().assign(decides="")
    net = taken_apart(together, ["number"]).set_index("number")
    found = net[["system", "shunted", "waste", "gain"]].rename(columns={"shunted": "shunted_net"})
    purse = together[together["partner"] != "people"].groupby("number")["amount"].sum()
    found = found.assign(shunted_gross=gross["shunted"], imposed=gross["imposed"], public_purse=purse)
    return _named(found.rename_axis("number").reset_index(), placed.totals)

"""Flows between partners: who decides against who bears, and what is shunted.

| symbol | identifier | unit | meaning |
|---|---|---|---|
| d[p] | `change` | £ | cost to partner p with the decision less its cost without; d > 0 is borne, d < 0 gained |
| k | `decider` | | the partner whose decision it is |
| G, L | | £ | sum of the gains, sum of the losses |
| T[i, j] | `matrix` | £ | cost that moved from gainer i to loser j |

    system = Σ d          gross = Σ |d|          shunted = (gross − |system|) / 2 = min(G, L)
    waste = max(0, system)          gain = max(0, −system)          imposed = Σ_{p ≠ k} max(0, d[p])
    T[i, j] = min(G, L) · (−d[i] / G) · (d[j] / L)

Matrices hold within one mechanism. Those of several mechanisms are added; they are never rebuilt from netted changes,
which would show cost moving between partners who have nothing to do with each other.

Source: the definitions are this project's own; "cost-shunting" is the word of the Scottish Government's consultation
on integration (2012), paragraph 5.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

# Sums of doubles leave dust; a total this small beside the gross amount is nothing.
_DUST = 1e-12


@dataclass(frozen=True)
class Split:
    """One change in cost, taken apart. Amounts are in the unit of the change; see the module for the formulae."""

    system: float
    gross: float
    shunted: float
    waste: float
    gain: float
    imposed: float
    flag: str
    matrix: pd.DataFrame


def split(change: pd.Series, decider: str | None = None) -> Split:
    """Take apart the change in cost that one decision makes, partner by partner.

    `change` has one signed amount a partner (positive is borne) and covers one mechanism. Without a `decider`,
    `imposed` is nan and no flag is raised.

    `matrix` is square over all partners: rows are who gained, columns who lost; it sums to `shunted`. `flag` is the
    first that holds of: perverse (d[k] < 0, system > 0), indifferent (d[k] = 0, imposed > 0), blocked (d[k] > 0,
    system < 0), unsettled_gain (system < 0, imposed > 0); else none.

    Raises ValueError where an amount is missing, a partner occurs twice or the decider is not among the partners.
    """
    if not isinstance(change, pd.Series) or change.empty:
        raise ValueError(f"change: found {change!r}; expected a Series with one amount a partner")
    twice = change.index[change.index.duplicated()].unique().tolist()
    if twice:
        raise ValueError(f"change: found {twice} more than once; expected one amount a partner")
    amounts = pd.to_numeric(change, errors="coerce").astype(float)
    if not np.isfinite(amounts).all():
        raise ValueError(f"change: found {change.tolist()}; expected a finite amount for every partner")
    if decider is not None and decider not in change.index:
        raise ValueError(f"decider: found {decider!r}; expected one of {change.index.tolist()}")
    frame = pd.DataFrame({"partner": change.index, "amount": amounts.to_numpy(), "decides": decider})
    sums = taken_apart(frame, by=[]).iloc[0]
    moved = moves(frame, by=[])
    matrix = pd.DataFrame(0.0, index=change.index, columns=change.index)
    for row in moved.itertuples(index=False):
        matrix.loc[row.from_partner, row.to_partner] = row.amount
    fields = {name: float(sums[name]) for name in ("system", "gross", "shunted", "waste", "gain")}
    known = decider is not None
    return Split(
        **fields,
        imposed=float(sums["imposed"]) if known else float("nan"),
        flag=str(sums["flag"]) if known else "none",
        matrix=matrix.rename_axis(index="gained", columns="lost"),
    )


def taken_apart(changes: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The sums of `split` for many mechanisms at once.

    `changes`: the columns `by` (which together name one mechanism with one decider), partner, amount, decides; one row
    a partner. Returns one row a mechanism: `by`, system, gross, shunted, waste, gain, own (what the decider itself
    bears, 0 where it is no partner), imposed, flag.
    """
    work = changes.assign(
        _gross=changes["amount"].abs(),
        _own=changes["amount"].where(changes["partner"] == changes["decides"], 0.0),
        _imposed=changes["amount"].clip(lower=0.0).where(changes["partner"] != changes["decides"], 0.0),
    )
    keys = list(by)
    sums = _sum(work, keys, ["amount", "_gross", "_own", "_imposed"])
    sums.columns = pd.Index([*keys, "system", "gross", "own", "imposed"])
    dust = sums["gross"] * _DUST
    for name in ("system", "own", "imposed"):
        sums[name] = sums[name].where(sums[name].abs() > dust, 0.0)
    sums["shunted"] = (sums["gross"] - sums["system"].abs()) / 2
    sums["shunted"] = sums["shunted"].where(sums["shunted"] > dust, 0.0)
    sums["waste"] = sums["system"].clip(lower=0.0)
    sums["gain"] = (0.0 - sums["system"]).clip(lower=0.0)
    own, system, imposed = sums["own"], sums["system"], sums["imposed"]
    sums["flag"] = np.select(
        [
            (own < 0) & (system > 0),
            (own == 0) & (imposed > 0),
            (own > 0) & (system < 0),
            (system < 0) & (imposed > 0),
        ],
        ["perverse", "indifferent", "blocked", "unsettled_gain"],
        default="none",
    )
    return sums[[*keys, "system", "gross", "shunted", "waste", "gain", "own", "imposed", "flag"]]


def moves(changes: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Who gained what at whose cost: the matrices T of many mechanisms, as rows.

    `changes` as in `taken_apart`. Returns `by`, from_partner (gained), to_partner (lost), amount > 0; the amounts of a
    mechanism sum to what it shunted.
    """
    keys = list(by)
    work = changes if keys else changes.assign(_one=0)
    on = keys or ["_one"]
    gainers = work[work["amount"] < 0].assign(gained=lambda f: -f["amount"])
    losers = work[work["amount"] > 0].assign(lost=lambda f: f["amount"])
    pairs = gainers[[*on, "partner", "gained"]].merge(
        losers[[*on, "partner", "lost"]], on=on, suffixes=("_gained", "_lost")
    )
    total_gained = gainers.groupby(on)["gained"].sum().rename("total_gained")
    total_lost = losers.groupby(on)["lost"].sum().rename("total_lost")
    pairs = pairs.join(total_gained, on=on).join(total_lost, on=on)
    smaller = pairs[["total_gained", "total_lost"]].min(axis=1)
    pairs["amount"] = smaller * (pairs["gained"] / pairs["total_gained"]) * (pairs["lost"] / pairs["total_lost"])
    pairs = pairs.rename(columns={"partner_gained": "from_partner", "partner_lost": "to_partner"})
    return pairs[[*keys, "from_partner", "to_partner", "amount"]]


def _sum(frame: pd.DataFrame, keys: list[str], columns: list[str]) -> pd.DataFrame:
    if keys:
        return frame.groupby(keys, as_index=False, sort=False)[columns].sum()
    return frame[columns].sum().to_frame().T

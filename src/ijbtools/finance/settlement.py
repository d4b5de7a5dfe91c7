"""The transfer agreement that leaves nobody worse off.

One partner invests and others gain. A transfer is a real payment between partners; it makes no money, so transfers sum
to nothing, and no rule for sharing a gain can pay more than there is.

| symbol | identifier | unit | meaning |
|---|---|---|---|
| net[p] | `net` | £ | present value of the benefits of partner p less that of its costs |
| cash[p] | `cash` | £ | the part of net[p] that a budget can give up; only cash can be paid |

    least = −net[investor]              what the investor must receive to be no worse off
    most  = Σ of the other partners' gains      what the others can pay and be no worse off
    feasible when Σ net ≥ 0; without an investor, every partner with a negative net is made whole

| rule | after the transfers |
|---|---|
| cost_cover_only | who lost is at 0; who gained pays in proportion to the gain |
| equal_split | every partner has the same part of the gain of all |
| pro_rata | parts of the gain of all in proportion to `weights`, such as what each invested |

Where `cash` is given it is what is shared, and `most_cash` what can be paid: £10 million of which £4 million is cash,
at a cost of £2 million, from 2 to 4, shared equally 3 and not 6.

Source: the definitions are this project's own; the case is from a round table of the Healthcare Financial Management
Association.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

RULES = ("cost_cover_only", "equal_split", "pro_rata")
_DUST = 1e-12


@dataclass(frozen=True)
class Settlement:
    """What can be agreed: amounts in £ of the unit of `net`; `after` is each partner's net once transfers are made."""

    feasible: bool
    least: float
    most: float
    most_cash: float
    transfers: pd.DataFrame
    after: pd.Series


def settle(
    net: pd.Series,
    investor: str | None = None,
    rule: str = "equal_split",
    weights: pd.Series | None = None,
    cash: pd.Series | None = None,
) -> Settlement:
    """Transfers under a rule, for any number of partners; see the module for the formulae.

    `net` has one amount a partner. `least` and `most` are what the `investor` must and can receive; without one, what
    all those with a negative net must. `cash` has the same partners: the part of each net that is cash, costs included;
    then only it is shared, and feasible means that it covers its own losses. `weights` are needed by pro_rata.
    `transfers` has from_partner, to_partner and amount above 0, and none where nothing is feasible; `after` sums to the
    sum of `net`. Raises ValueError where an amount is missing, a partner is there twice or not in all of the series, or
    the investor or the rule is unknown.
    """
    own = _amounts(net, "net")
    if rule not in RULES:
        raise ValueError(f"rule: found {rule!r}; expected one of {list(RULES)}")
    if investor is not None and investor not in own.index:
        raise ValueError(f"investor: found {investor!r}; expected one of {own.index.tolist()}")
    paid = own if cash is None else _amounts(cash, "cash", own.index)
    if (paid > own + _scale(own)).any():
        raise ValueError(
            f"cash: found {paid.tolist()}; expected at most the nets, {own.tolist()}, of which it is a part"
        )
    parts = _parts(rule, weights, paid.index)
    receiving = [investor] if investor is not None else own.index[own < -_scale(own)].tolist()
    others = [one for one in own.index if one not in receiving]
    least = float(-own[receiving].sum()) + 0.0
    most = float(own[others].sum())
    most_cash = float(paid[others].sum())
    feasible = bool(paid.sum() >= -_scale(paid))
    target = _target(paid, rule, parts) if feasible else paid
    moved = target - paid
    transfers = _pairs(moved, _scale(paid))
    return Settlement(feasible, least, most, most_cash, transfers, own + moved)


def _scale(amounts: pd.Series) -> float:
    return _DUST * max(1.0, float(amounts.abs().sum()))


def _parts(rule: str, weights: pd.Series | None, partners: pd.Index) -> pd.Series:
    """Each partner's part of the gain of all, where the rule has one."""
    if rule != "pro_rata":
        return pd.Series(1 / len(partners), index=partners)
    if weights is None:
        raise ValueError("weights: found None; expected one weight a partner for the rule pro_rata")
    found = _amounts(weights, "weights", partners)
    if (found < 0).any() or not found.sum() > 0:
        raise ValueError(f"weights: found {found.tolist()}; expected weights of 0 or more, not all of them 0")
    return found / found.sum()


def _target(paid: pd.Series, rule: str, parts: pd.Series) -> pd.Series:
    """Where each partner stands after the transfers."""
    if rule != "cost_cover_only":
        return float(paid.sum()) * parts
    gains = paid.clip(lower=0.0)
    short = float((gains - paid).sum())
    return gains - short * gains / gains.sum() if gains.sum() > 0 else gains


def _pairs(moved: pd.Series, dust: float) -> pd.DataFrame:
    """Who pays whom: each payer pays every receiver in proportion to what it receives."""
    pays, gets = -moved[moved < -dust], moved[moved > dust]
    total = float(gets.sum())
    rows = [
        (payer, receiver, float(amount * got / total))
        for payer, amount in pays.items()
        for receiver, got in gets.items()
    ]
    return pd.DataFrame(rows, columns=["from_partner", "to_partner", "amount"]).astype({"amount": float})


def _amounts(values: pd.Series, name: str, index: pd.Index | None = None) -> pd.Series:
    if not isinstance(values, pd.Series) or values.empty:
        raise ValueError(f"{name}: found {values!r}; expected a Series with one amount a partner")
    twice = values.index[values.index.duplicated()].unique().tolist()
    if twice:
        raise ValueError(f"{name}: found {twice} more than once; expected one amount a partner")
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name}: found {values.tolist()}; expected a finite amount for every partner")
    if index is not None:
        if set(numbers.index) != set(index):
            raise ValueError(f"{name}: found {numbers.index.tolist()}; expected the partners {index.tolist()}")
        numbers = numbers.reindex(index)
    return numbers

"""The sums of an investment that stand by themselves: what is released, what it is called, and where that turns.

All are plain arithmetic on arrays whose last axis is the year, so that one case or many samples go the same way.
"""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

LABELS = ("invest_to_save", "invest_to_manage", "does_not_pay_back")


def partition(do_nothing: pd.Series, with_scheme: pd.Series, budget: pd.Series) -> pd.DataFrame:
    """What a scheme releases from a budget, and what of it only keeps growth away; £, by year.

        gross = do_nothing − with_scheme;   avoided = gross − released
        released = max(0, min(gross, budget − with_scheme))

    `with_scheme` is the cost with the scheme, its own cost left out; the three have the same index. An avoided amount
    below 0 is a cost that the scheme adds. Raises ValueError where an index differs or an amount is missing.
    """
    for name, other in (("with_scheme", with_scheme), ("budget", budget)):
        if not do_nothing.index.equals(other.index):
            raise ValueError(f"{name}: found the years {list(other.index)}; expected those of do_nothing")
    values = {"do_nothing": do_nothing, "with_scheme": with_scheme, "budget": budget}
    for name, series in values.items():
        if not np.isfinite(pd.to_numeric(series, errors="coerce").to_numpy(float)).all():
            raise ValueError(f"{name}: found {series.tolist()}; expected a finite amount in every year")
    gross = do_nothing.to_numpy(float) - with_scheme.to_numpy(float)
    freed = released_of(gross, do_nothing.to_numpy(float), budget.to_numpy(float))
    return pd.DataFrame({"gross": gross, "released": freed, "avoided": gross - freed}, index=do_nothing.index)


def released_of(gross: np.ndarray, do_nothing: np.ndarray, budget: np.ndarray) -> np.ndarray:
    """max(0, min(gross, budget − (do_nothing − gross))), for arrays of any shape."""
    return np.maximum(0.0, np.minimum(gross, budget - (do_nothing - gross)))


def in_steps(amount: np.ndarray, step: float) -> np.ndarray:
    """What can be given up in whole steps of £ `step`, rounded down; any amount where the step is 0."""
    return np.floor(amount / step + 1e-9) * step if step > 0 else amount


def label(pv_investment: float, pv_released: float, pv_avoided: float) -> str:
    """What a scheme is, from present values in £: it is worked out, never chosen.

        invest_to_save      pv_released ≥ pv_investment
        invest_to_manage    pv_released < pv_investment ≤ pv_released + pv_avoided
        does_not_pay_back   otherwise; it may still be worth its outcomes

    `pv_released` is the cash, `pv_avoided` the rest of the gross benefit. Equal up to a millionth of a pound is equal.
    Raises ValueError where an amount is missing or the investment negative.
    """
    given = {"pv_investment": pv_investment, "pv_released": pv_released, "pv_avoided": pv_avoided}
    for name, value in given.items():
        if not math.isfinite(value):
            raise ValueError(f"{name}: found {value!r}; expected a finite amount")
    if pv_investment < 0:
        raise ValueError(f"pv_investment: found {pv_investment!r}; expected 0 or more")
    if pv_released >= pv_investment - 1e-6:
        return "invest_to_save"
    return "invest_to_manage" if pv_released + pv_avoided >= pv_investment - 1e-6 else "does_not_pay_back"


def optimism_bias(cost: float, uplift: float, mitigation: float = 0.0) -> float:
    """A cost corrected for optimism: cost · (1 + uplift · (1 − mitigation)), in £.

    A mix of 30% non-standard (51%) and 70% standard building (24%) has an uplift of 0.3·51% + 0.7·24% = 32.1%. Raises
    ValueError where the uplift is negative or the mitigation no share.
    """
    if not (math.isfinite(cost) and math.isfinite(uplift) and uplift >= 0):
        raise ValueError(
            f"uplift: found {uplift!r} on a cost of {cost!r}; expected a share of 0 or more of a finite cost"
        )
    if not 0 <= mitigation <= 1:
        raise ValueError(f"mitigation: found {mitigation!r}; expected a share from 0 to 1")
    return cost * (1 + uplift * (1 - mitigation))


def switching_value(npv_of: Callable[[float], float], low: float, high: float) -> float:
    """The value between `low` and `high` at which a net present value turns sign; nan if it has one sign.

    `npv_of` takes one number and gives £. Found by halving, to the last digit that doubles hold. Where the sign turns
    more than once, one of the turns. Raises ValueError where `low` is not below `high`, or a value is not finite.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low, high: found {low!r} and {high!r}; expected two finite numbers, the lower first")
    first, last = npv_of(low), npv_of(high)
    for name, value in (("low", first), ("high", last)):
        if not math.isfinite(value):
            raise ValueError(f"npv_of: found {value!r} at {name}; expected a finite amount")
    if first == 0 or last == 0:
        return low if first == 0 else high
    if (first > 0) == (last > 0):
        return math.nan
    for _ in range(200):
        middle = (low + high) / 2
        value = npv_of(middle)
        if value == 0 or middle in (low, high):
            return middle
        low, high = (middle, high) if (value > 0) == (first > 0) else (low, middle)
    return (low + high) / 2

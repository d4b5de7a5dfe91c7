"""What later money is worth today: discount factors, present values, payback.

| symbol | identifier | unit | meaning |
|---|---|---|---|
| t | index of a flow | years | from year 0, the first year of the appraisal, which is not discounted |
| r_t | `schedule` | share a year | discount rate of year t, in real terms |
| DF[t] | `factors` | | what £1 of year t is worth in year 0 |

    DF[0] = 1;   DF[t] = DF[t−1] / (1 + r_t);   PV = Σ flow[t] · DF[t]
    equivalent annual amount = NPV / Σ_{t=1..n} DF[t]

The rate falls with time: 3.5% to year 30, 3.0% to year 75, 2.5% to year 125. Effects on health alone (never NHS money)
are discounted at 1.5%, 1.286% and 1.07%. The edition of 2026 keeps these rates. Flows are in real terms, in the prices
of one year; cash is deflated first.

Source: HM Treasury, The Green Book (2022), annex on discounting: 0.9662, 0.8420, 0.7089, 0.5026 and 0.3563 in years 1,
5, 10, 20 and 30. HM Treasury, terms of reference of the review of discounting (December 2025), for the rates in force.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

_RATES = {"standard": ((30, 0.035), (75, 0.030), (125, 0.025)), "health": ((30, 0.015), (75, 0.01286), (125, 0.0107))}

# A named schedule: its label, and for each kind the rate up to and with a year.
SCHEDULES: Mapping[str, str] = MappingProxyType(
    {
        "green_book_2022": "Green Book 2022: 3.5% to year 30, then falling",
        "green_book_2026": "Green Book 2026: 3.5% to year 30, then falling",
    }
)
KINDS = ("standard", "health")


def schedule_label(schedule: str | float) -> str:
    """How a schedule is printed with a result: its name, or the flat rate."""
    rate = _flat(schedule)
    return SCHEDULES[str(schedule)] if rate is None else f"flat rate of {rate * 100:g}% a year"


def factors(last_year: int, schedule: str | float = "green_book_2022", kind: str = "standard") -> pd.Series:
    """The discount factor of each year from 0 to `last_year`; see the module for the formula.

    `schedule` is a name, or a flat rate such as 0.03; `kind` standard or health (a flat rate serves both). Raises
    ValueError for an unknown name or kind, a rate of −100% or less, or a year below 0 or beyond 125 of a schedule.
    """
    if isinstance(last_year, bool) or not isinstance(last_year, int | np.integer) or last_year < 0:
        raise ValueError(f"last_year: found {last_year!r}; expected a whole number of years, 0 or more")
    if kind not in KINDS:
        raise ValueError(f"kind: found {kind!r}; expected one of {list(KINDS)}")
    rate = _flat(schedule)
    if rate is None:
        steps = _RATES[kind]
        if last_year > steps[-1][0]:
            raise ValueError(f"last_year: found {last_year}; expected at most {steps[-1][0]}, where the schedule ends")
        rates = [next(r for last, r in steps if year <= last) for year in range(1, last_year + 1)]
    else:
        rates = [rate] * last_year
    values = np.concatenate([[1.0], 1 / np.cumprod(1 + np.array(rates, dtype=float))]) if rates else np.ones(1)
    return pd.Series(values, index=pd.RangeIndex(last_year + 1, name="year"), name="factor")


def present_value(flow: pd.Series, schedule: str | float = "green_book_2022", kind: str = "standard") -> float:
    """The present value of a flow in £, in real terms: Σ flow[t] · DF[t].

    The index of `flow` counts years from 0, in any order; years that are not there carry nothing. Raises ValueError
    where it does not, or an amount is missing.
    """
    years, amounts = _flow(flow, "flow")
    return float((amounts * factors(max(years, default=0), schedule, kind).to_numpy()[years]).sum()) if years else 0.0


def payback(net: pd.Series, schedule: str | float | None = None) -> float:
    """Years until the running sum of (benefit − cost) is 0 or more: t − 1 + |cum[t−1]| / net[t]; nan if it never is.

    On discounted flows where a schedule is given. 0 where year 0 already pays for itself; years before the first amount
    do not count. The first such year counts, also where the sum dips below 0 again later (`dips_again`). Raises
    ValueError as `present_value` does.
    """
    running = _running(net, schedule)
    t = _back(running)
    if t is None:
        return math.nan
    own = running[t][1]
    return t - 1 + abs(running[t - 1][0]) / own if t and own else float(t)


def dips_again(net: pd.Series, schedule: str | float | None = None) -> bool:
    """Whether the running sum falls below 0 again after it was paid back."""
    running = _running(net, schedule)
    back = _back(running)
    return back is not None and any(total < -_dust(running) for total, _ in running[back:])


def equivalent_annual(npv: float, years: int, schedule: str | float = "green_book_2022") -> float:
    """The same amount each year 1 to `years` that has this present value: NPV / Σ DF[t].

    Raises ValueError where `years` is not a whole number above 0, or the amount is not finite.
    """
    if not math.isfinite(npv):
        raise ValueError(f"npv: found {npv!r}; expected a finite amount")
    if isinstance(years, bool) or not isinstance(years, int | np.integer) or years < 1:
        raise ValueError(f"years: found {years!r}; expected a whole number of 1 or more")
    return float(npv / factors(years, schedule).iloc[1:].sum())


def _dust(running: list[tuple[float, float]]) -> float:
    """What sums of doubles leave of amounts of this size."""
    return 1e-12 * max(1.0, sum(abs(own) for _, own in running))


def _back(running: list[tuple[float, float]]) -> int | None:
    """The first year, from the first that carries anything, at whose end the running sum is 0 or more."""
    first = next((t for t, (_, own) in enumerate(running) if own), 0)
    return next((t for t, (total, _) in enumerate(running) if t >= first and total >= -_dust(running)), None)


def _running(net: pd.Series, schedule: str | float | None) -> list[tuple[float, float]]:
    """The running sum of each year from 0, and the year's own amount."""
    years, amounts = _flow(net, "net")
    flow = np.zeros(max(years, default=-1) + 1)
    flow[years] = amounts
    if schedule is not None and len(flow):
        flow = flow * factors(len(flow) - 1, schedule).to_numpy()
    return list(zip(np.cumsum(flow).tolist(), flow.tolist(), strict=True))


def _flat(schedule: str | float) -> float | None:
    """A flat rate as a number; None for a named schedule."""
    if isinstance(schedule, str):
        if schedule not in SCHEDULES:
            raise ValueError(f"schedule: found {schedule!r}; expected one of {list(SCHEDULES)}, or a rate such as 0.03")
        return None
    if isinstance(schedule, bool) or not isinstance(schedule, int | float | np.number):
        raise ValueError(f"schedule: found {schedule!r}; expected one of {list(SCHEDULES)}, or a rate such as 0.03")
    if not (math.isfinite(schedule) and schedule > -1):
        raise ValueError(f"schedule: found {schedule!r}; expected a rate above −1, such as 0.03")
    return float(schedule)


def _flow(flow: pd.Series, name: str) -> tuple[list[int], np.ndarray]:
    if not isinstance(flow, pd.Series):
        raise ValueError(f"{name}: found {type(flow).__name__}; expected a Series whose index counts years from 0")
    amounts = pd.to_numeric(flow, errors="coerce").to_numpy(float)
    if not np.isfinite(amounts).all():
        raise ValueError(f"{name}: found {flow.tolist()}; expected a finite amount in every year")
    years = [int(year) for year in flow.index if isinstance(year, int | np.integer) and not isinstance(year, bool)]
    if len(years) != len(flow) or len(set(years)) != len(years) or min(years, default=0) < 0:
        raise ValueError(f"{name}: found the index {list(flow.index)}; expected years counted from 0, each once")
    return years, amounts

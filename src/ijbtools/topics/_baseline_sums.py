"""The sums of the baseline that stand by themselves: rolling a budget forward, and the set-aside for hospital care."""

import math

import numpy as np
import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.years import Period, year_name

_BRIDGE = ["partnership", "partner", "service"]
_ORDER = {name: n for n, name in enumerate(("opening", *words.STEPS, "closing"))}


def full_year_effect(monthly: float, months_in_force: float) -> float:
    """What a commitment adds to the second year's budget, in £: monthly · (12 − months in force in the first year).

    £40,000 a month from 1 October, in force for 6 months: £240,000. Raises ValueError where the months are not from 0
    to 12, or the amount is not finite.
    """
    if not _finite(monthly):
        raise ValueError(f"monthly: found {monthly!r}; expected a finite amount in £ a month")
    if not (_finite(months_in_force) and 0 <= months_in_force <= 12):
        raise ValueError(f"months_in_force: found {months_in_force!r}; expected months of one year, from 0 to 12")
    return monthly * (12 - months_in_force)


def roll_forward(budgets: pd.DataFrame, changes: pd.DataFrame, year: str) -> pd.DataFrame:
    """The recurring budget of the year after `year`, as a bridge for each partner and service.

        closing = opening + sum of the recurring changes of the next year

    `budgets` and `changes` have the columns of those tables; opening is the recurring budget of `year`, 0 for a service
    that has none. Changes within the year (with a period) and non-recurring ones are left out. Returns partnership,
    partner, service, step (opening, then the steps of the vocabulary, then closing) and amount in £; closing is the sum
    of the others. Raises ValueError for a year without budgets, an unknown step, a saving above 0, or two price bases.
    """
    own = budgets[budgets["year"] == year]
    if own.empty:
        raise ValueError(f"year: found no budgets of {year!r}; expected one of {sorted(set(budgets['year']))}")
    _one_price_base(own, "budgets")
    following = year_name(Period.parse(year).year + 1)
    moves = changes[changes["year"] == following]
    if "period" in moves:
        moves = moves[moves["period"].isna() | (moves["period"] == "")]
    if "recurrence" in moves:
        moves = moves[moves["recurrence"] == "recurring"]
    unknown = sorted(set(moves["step"]) - set(words.STEPS))
    if unknown:
        raise ValueError(f"changes: found the steps {unknown}; expected steps of {list(words.STEPS)}")
    rises = moves[(moves["step"] == "saving") & (moves["amount"] > 0)]
    if len(rises):
        found = rises["amount"].tolist()
        raise ValueError(f"changes: found savings of {found}; expected 0 or less, as a saving lowers the budget")
    _one_price_base(moves, "changes")
    named = {base for frame in (own, moves) if "price_base" in frame for base in frame["price_base"].fillna("")} - {""}
    if len(named) > 1:
        raise ValueError(f"changes: found prices of {' and '.join(sorted(named))}; expected those of the budgets")
    if not np.isfinite([*own["recurring"].astype(float), *moves["amount"].astype(float)]).all():
        raise ValueError("budgets, changes: found an amount that is missing; expected a finite amount in every row")
    opening = own.groupby(_BRIDGE, as_index=False)["recurring"].sum().rename(columns={"recurring": "amount"})
    steps = moves.groupby([*_BRIDGE, "step"], as_index=False)["amount"].sum()
    new = steps[_BRIDGE].drop_duplicates().merge(opening[_BRIDGE], how="left", indicator=True)
    new = new[new["_merge"] == "left_only"][_BRIDGE].assign(amount=0.0)
    opening = pd.concat([opening, new], ignore_index=True) if len(new) else opening
    parts = pd.concat([opening.assign(step="opening"), steps], ignore_index=True)
    closing = parts.groupby(_BRIDGE, as_index=False)["amount"].sum().assign(step="closing")
    rows = pd.concat([parts, closing], ignore_index=True)
    rows = rows.sort_values([*_BRIDGE, "step"], key=lambda c: c.map(_ORDER) if c.name == "step" else c)
    return rows[[*_BRIDGE, "step", "amount"]].reset_index(drop=True)


def set_aside(bed_days: pd.DataFrame, specialty_costs: pd.DataFrame) -> pd.DataFrame:
    """What a partnership's people used of hospital care, by specialty, in £.

        u = direct cost / bed days of all patients;   amount = bed days · u

    `bed_days`: partnership (people of elsewhere are rows too), year, specialty, bed_days; `specialty_costs`: year,
    specialty, direct_cost; both by `partner`, the health board, where they have that column. Returns those keys with
    bed_days, unit_cost (£ a day) and amount; the amounts of all partnerships add up to the direct cost
    of the specialties that have bed days. Raises
    ValueError where a specialty with days has no cost, or one cost twice.
    """
    if (pd.to_numeric(bed_days["bed_days"]) < 0).any():
        found = bed_days.loc[bed_days["bed_days"] < 0, "bed_days"].tolist()
        raise ValueError(f"bed_days: found {found}; expected days of 0 or more")
    keys = [key for key in ("partner", "year", "specialty") if key in bed_days and key in specialty_costs]
    if "specialty" not in keys:
        raise ValueError("bed_days: found no column specialty; expected the columns of the table")
    costs = specialty_costs[[*keys, "direct_cost"]]
    twice = costs[costs.duplicated(keys)][keys].values.tolist()
    if twice:
        raise ValueError(f"specialty_costs: found {twice} twice; expected one cost for each {', '.join(keys)}")
    total = bed_days.groupby(keys, as_index=False)["bed_days"].sum().rename(columns={"bed_days": "all_days"})
    rows = bed_days.merge(total, on=keys).merge(costs, on=keys, how="left")
    unknown = rows[rows["direct_cost"].isna() & (rows["bed_days"] > 0)]
    if len(unknown):
        found = unknown[keys].drop_duplicates().values.tolist()
        raise ValueError(f"specialty_costs: found no cost of {found}; expected one for each specialty with bed days")
    rows["unit_cost"] = (rows["direct_cost"] / rows["all_days"]).where(rows["all_days"] > 0, 0.0)
    rows["amount"] = rows["bed_days"] * rows["unit_cost"]
    first = ["partnership", *[key for key in ("partner", "year", "specialty") if key in keys]]
    return rows[[*first, "bed_days", "unit_cost", "amount"]].reset_index(drop=True)


def released(
    fall_in_bed_days: float,
    unit_cost: float,
    variable_share: float,
    step_days: float | None = None,
    step_cost: float = 0.0,
    days_before_steps: float = 0.0,
) -> float:
    """The cash that a fall in bed days releases, in £.

        v · u · fall + floor(max(0, fall − days before steps) / step days) · step cost

    Without `step_days` nothing closes. 6,000 days at £380 and a variable share of 15% release £342,000 of £2,280,000;
    the rest is capacity. Raises ValueError where an argument is negative, the share is above 1, or closing a step would
    release more than its days cost (v·u·step days + step cost > u·step days).
    """
    given = {
        "fall_in_bed_days": fall_in_bed_days,
        "unit_cost": unit_cost,
        "variable_share": variable_share,
        "step_cost": step_cost,
        "days_before_steps": days_before_steps,
    }
    for name, value in given.items():
        if not (_finite(value) and value >= 0):
            raise ValueError(f"{name}: found {value!r}; expected a finite number of 0 or more")
    if variable_share > 1:
        raise ValueError(f"variable_share: found {variable_share!r}; expected a share from 0 to 1")
    falling = variable_share * unit_cost * fall_in_bed_days
    if step_days is None:
        return falling
    if not (_finite(step_days) and step_days > 0):
        raise ValueError(f"step_days: found {step_days!r}; expected days of a ward, above 0")
    whole = unit_cost * step_days
    if variable_share * whole + step_cost > whole * (1 + 1e-12):
        raise ValueError(
            f"step_cost: found {step_cost!r}; expected at most {(1 - variable_share) * whole:g}, what {step_days:g} "
            "days cost beyond their variable part"
        )
    steps = math.floor(max(0.0, fall_in_bed_days - days_before_steps) / step_days + 1e-12)
    return falling + steps * step_cost


def _one_price_base(rows: pd.DataFrame, name: str) -> None:
    if "price_base" not in rows:
        return
    bases = sorted(set(rows["price_base"].fillna("")))
    if len(bases) > 1:
        named = " and ".join(base or "the year itself" for base in bases)
        raise ValueError(f"{name}: found prices of {named}; expected prices of one year")


def _finite(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)

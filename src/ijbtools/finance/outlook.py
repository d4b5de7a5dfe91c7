"""The do-nothing outlook: what the same care would cost for the people there will be, at the prices there will be.

| symbol | identifier | unit | meaning |
|---|---|---|---|
| spend[s, 0] | `spend` | £ a year | spending on service s in the base year |
| w[s, a] | `weights` | | use of service s by a person of age group a, relative to the others |
| P[a, t] | `people` | people | people of age group a in year t |
| p[s] | `price_growth` | share a year | growth of prices of service s |

    spend[s, t] = spend[s, 0] · Σ_a w[s, a]·P[a, t] / Σ_a w[s, a]·P[a, 0] · (1 + p[s])^t

The growth of people is weighted by age group; nothing else changes: no efficiency, no change of need at a given age.
It is no forecast of what will be spent.

Source: the formula is this project's own; it is the usual demographic projection of spending at constant use by age.
"""

import numpy as np
import pandas as pd


def people_growth(people: pd.DataFrame, weights: pd.DataFrame, base: int) -> pd.DataFrame:
    """Growth of people weighted by age group, since the base year: 1.02 is 2% more.

    `people`: index age groups, columns calendar years. `weights`: index services (or care groups), columns age groups;
    an age group that it does not name counts nothing. Returns services by years. Raises ValueError where the base year
    is not there, or nobody who uses a service lives there.
    """
    if base not in people.columns:
        raise ValueError(f"base: found {base!r}; expected one of the years {list(people.columns)}")
    known = weights.reindex(columns=people.index).fillna(0.0)
    weighted = pd.DataFrame(known.to_numpy() @ people.to_numpy(float), index=weights.index, columns=people.columns)
    empty = weighted.index[~(weighted[base] > 0)].tolist()
    if empty:
        raise ValueError(f"people: found nobody who uses {empty} in {base}; expected people of the ages that use them")
    return weighted.div(weighted[base], axis=0)


def outlook(spend: pd.Series, growth: pd.DataFrame, price_growth: pd.Series) -> pd.DataFrame:
    """What doing nothing costs, by service and year, in cash of each year; see the module for the formula.

    `spend`: £ by service in the base year, which is the first column of `growth`. `growth`: services by years, as from
    `people_growth`. `price_growth`: share a year by service (0.03 is 3%). Returns services by years, the first being
    `spend` itself. Raises ValueError where a service is missing in `growth` or `price_growth`.
    """
    for name, other in (("growth", growth.index), ("price_growth", price_growth.index)):
        missing = sorted(set(spend.index) - set(other))
        if missing:
            raise ValueError(f"{name}: found nothing for {missing}; expected every service of spend")
    years = np.asarray(growth.columns, dtype=float) - float(growth.columns[0])
    prices = (1 + price_growth.reindex(spend.index).to_numpy()[:, None]) ** years[None, :]
    values = spend.to_numpy(float)[:, None] * growth.reindex(spend.index).to_numpy(float) * prices
    return pd.DataFrame(values, index=spend.index, columns=growth.columns)

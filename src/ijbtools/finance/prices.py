"""Real terms: amounts of several years in the prices of one.

    real[t, base] = nominal[t] · deflator[base] / deflator[t]

Beyond the last year of a published index its last yearly growth goes on, and whoever shows the figure says so.

Source: HM Treasury's use of the GDP deflator; the continuation beyond the published years is this project's own rule.
"""

import math
from collections.abc import Mapping

from ijbtools.finance.years import Period, year_name


def index_in(deflator: Mapping[str, float], year: str) -> float:
    """The index of a financial year; after the last one, that one grown at its own yearly rate.

    `deflator` has an index above 0 by financial year. Raises ValueError for a year before the first, or one that is
    missing in the middle.
    """
    known = sorted(deflator)
    if year in deflator:
        return float(deflator[year])
    last = Period.parse(known[-1]).year if known else 0
    if not known or year < known[-1] or year_name(last - 1) not in deflator:
        expected = f"one of {', '.join(known)}, or a deflator that has it" if known else "a deflator that has any year"
        raise ValueError(f"year: found {year!r}; expected {expected}")
    growth = deflator[known[-1]] / deflator[year_name(last - 1)]
    return float(deflator[known[-1]] * growth ** (Period.parse(year).year - last))


def in_prices_of(base: str, amount: float, year: str, deflator: Mapping[str, float]) -> float:
    """An amount in cash of `year`, in the prices of `base`; nan stays nan. See the module for the formula."""
    return math.nan if math.isnan(amount) else amount * index_in(deflator, base) / index_in(deflator, year)


def restated(amounts: Mapping[str, float], base: str, inflation: float) -> dict[str, float]:
    """Amounts by financial year in the prices of `base` at one yearly rate of inflation (0.05 is 5%).

        restated[t] = amount[t] · (1 + inflation)^(base − t)

    100, 105 and 110.25 in three years become 115.7625 each in the fourth at 5%. Raises ValueError where the rate is
    −100% or less.
    """
    if not inflation > -1:
        raise ValueError(f"inflation: found {inflation!r}; expected a rate above −1, such as 0.05")
    to = Period.parse(base).year
    return {year: amount * (1 + inflation) ** (to - Period.parse(year).year) for year, amount in amounts.items()}

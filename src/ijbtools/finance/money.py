"""Rounding and sharing money, right to the penny.

Amounts are pounds in double precision inside the sums and are rounded only when shown or paid.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any, overload

import numpy as np
import pandas as pd

# Wide enough for the longest double written out in full; the default 28 digits are not.
_WIDE = Context(prec=1100, rounding=ROUND_HALF_UP)


@overload
def round_half_up(amount: float | Decimal, places: int = ...) -> float: ...
@overload
def round_half_up(amount: Any, places: int = ...) -> Any: ...
def round_half_up(amount: Any, places: int = 0) -> Any:
    """Round to `places` decimals, halves away from zero, on the shortest decimal that prints as the float.

    round_half_up(2.675, 2) is 2.68 although the double lies just below: people check against the figure they see.
    Negative places round to tens, hundreds and so on. NaN and infinities pass through.

    Takes a number (gives a float), an array or sequence (an array) or a Series (a Series of the same index).
    Raises ValueError where `amount` is not numeric or `places` not a whole number.
    """
    _whole(places, "places")
    if isinstance(amount, pd.Series):
        return pd.Series(round_half_up(_numbers(amount, "amount"), places), index=amount.index, name=amount.name)
    if isinstance(amount, Decimal):
        return _round(amount, places)
    if np.ndim(amount):
        numbers = _numbers(amount, "amount")
        rounded = [_round(number, places) for number in numbers.ravel().tolist()]
        return np.array(rounded, dtype=float).reshape(numbers.shape)
    return _round(float(_numbers(amount, "amount")), places)


def allocate(total: float, weights: pd.Series, places: int = 2) -> pd.Series:
    """Share `total` in proportion to `weights` so that the rounded parts add up to the rounded total exactly.

    Largest remainder: each part is its exact share cut down to the last place, and the units left over go to the
    largest remainders, ties to the earlier row. A negative total is shared as its mirror image.

        share[i] = total · weight[i] / Σ weight

    Returns a Series on the same index. Raises ValueError where a weight is negative or not a number, or where all
    are 0.
    """
    _whole(places, "places")
    if not isinstance(weights, pd.Series):
        raise ValueError(f"weights: found {type(weights).__name__}; expected a Series with one weight a partner")
    whole = float(_numbers(total, "total")) if np.ndim(total) == 0 else float("nan")
    if not np.isfinite(whole):
        raise ValueError(f"total: found {total!r}; expected a finite amount")
    numbers = _numbers(weights, "weights")
    if not np.isfinite(numbers).all() or (numbers < 0).any() or not (numbers > 0).any():
        raise ValueError(f"weights: found {numbers.tolist()}; expected numbers of 0 or more, not all of them 0")
    exact = [Fraction(Decimal(repr(number))) for number in numbers.tolist()]
    unit = Fraction(10) ** -int(places)
    units = int(Fraction(Decimal(repr(_round(abs(whole), places)))) / unit)
    shares = [units * weight / sum(exact) for weight in exact]
    parts = [int(share // 1) for share in shares]
    largest = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in largest[: units - sum(parts)]:
        parts[i] += 1
    sign = -1 if whole < 0 else 1
    return pd.Series([float(sign * part * unit) for part in parts], index=weights.index, name=weights.name, dtype=float)


def _round(number: float | Decimal, places: int) -> float:
    decimal = number if isinstance(number, Decimal) else Decimal(repr(number))
    if not decimal.is_finite():
        return float(decimal)
    return float(decimal.quantize(Decimal(1).scaleb(-int(places), _WIDE), context=_WIDE)) + 0.0  # never −0


def _numbers(values: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "iuf":
            if array.dtype.kind in "bUSmM" or any(isinstance(value, str | bool) for value in array.ravel().tolist()):
                raise TypeError
            array = array.astype(float)
        return array.astype(float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: found {values!r}; expected a number or numbers") from None


def _whole(value: int, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name}: found {value!r}; expected a whole number")

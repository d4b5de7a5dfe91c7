"""What the makers of the three partnerships share: rows, and parts that add up to a total to the penny."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ijbtools.finance.money import allocate

Row = dict[str, object]
Made = dict[str, list[Row]]  # rows by table


def parts(total: float, weights: Mapping[str, float], places: int = 0) -> dict[str, float]:
    """A total in £ divided by weights, in whole pounds (or `places` decimals), adding up to it exactly."""
    return allocate(total, pd.Series(weights, dtype=float), places).to_dict()


def wobbled(weights: Mapping[str, float], rng: np.random.Generator, spread: float = 0.05) -> dict[str, float]:
    """Weights moved a little, so that figures do not look made up by rule."""
    return {name: weight * float(1 + spread * rng.uniform(-1, 1)) for name, weight in weights.items()}


def months(year: int, count: int = 12) -> Iterable[str]:
    """The months of the financial year that begins in `year`, as `2026-04`."""
    for n in range(count):
        yield f"{year + (n + 3) // 12}-{(n + 3) % 12 + 1:02d}"


def pounds(millions: float) -> int:
    """£ million as whole pounds."""
    return round(millions * 1_000_000)

"""Strathorran month by month: budget and spending, managers' forecasts, and what was done for the money."""

import numpy as np
from rows import Row, months, parts, pounds, wobbled
from strathorran_year import HISTORY, NOW, ONE_OFF_COSTS, PARTNERSHIP, SPENDS, by_place

Key = tuple[str, str]  # service and locality
Amounts = dict[Key, dict[str, float]]

SO_FAR = 6  # months of the current year that are closed
_BUDGET_TO_DATE, _SPENT_TO_DATE, _ONE_OFF_TO_DATE = pounds(122.5), pounds(126.9), pounds(0.6)

# the year's shape, April to March; care at home and prescribing rise in winter
_LEVEL = (1.0,) * 12
_SHAPES = {
    "prescribing": (0.95, 1.0, 0.97, 1.0, 0.98, 0.98, 1.02, 1.0, 1.06, 1.03, 0.96, 1.05),
    "home-care": (0.97, 0.98, 0.98, 0.99, 0.99, 0.99, 1.0, 1.01, 1.02, 1.03, 1.01, 1.03),
    "out-of-hours": (1.02, 0.98, 0.95, 0.97, 0.97, 0.96, 0.98, 1.0, 1.1, 1.08, 1.0, 0.99),
    "care-homes": (0.98, 0.99, 0.98, 0.99, 0.99, 0.99, 1.0, 1.0, 1.02, 1.02, 1.01, 1.03),
}
# how much of the coming over- or underspend managers had seen by each quarter's end
_SEEN = {2: 0.25, 5: 0.55, 8: 0.85, 11: 1.0}

# service: unit cost in 2023/24, its yearly rise, people in April 2023, their yearly growth, packages begun a month as a
# part of people
_ACTIVITY = {
    "home-care": (25.60, 0.046, 1_420, 0.022, 0.055),
    "care-homes": (905.00, 0.051, 548, 0.006, 0.034),
    "reablement": (38.20, 0.041, 118, 0.010, 0.62),
    "learning-disability": (29.40, 0.044, 205, 0.012, 0.02),
}


def spending(rng: np.random.Generator, planned: dict[int, dict[str, dict[str, float]]]) -> list[Row]:
    """Budget and spending by month; budgets of all twelve months of the current year, spending of six."""
    rows: list[Row] = []
    for year in HISTORY:
        of_year = by_place(planned[year])
        budget = {key: _spread(rng, key, _budget(row), 0.01) for key, row in of_year.items()}
        actual = {key: _spread(rng, key, row["outturn"], 0.03) for key, row in of_year.items()}
        costs = {service: pounds(amount) for service, amount, _ in ONE_OFF_COSTS[year]}
        one_off = _lumpy(rng, of_year, costs, 12)
        expected = {place: _seen(rng, of_year, seen) for place, seen in _SEEN.items()}
        rows += _rows(year, budget, actual, one_off, expected)
    return rows + _current(rng, by_place(planned[NOW]))


def _current(rng: np.random.Generator, of_year: Amounts) -> list[Row]:
    """The current year: 49% of the budget and the money spent fall in the months that are closed."""
    first = _shared(_BUDGET_TO_DATE, {key: _budget(row) for key, row in of_year.items()}, rng, 0.012)
    spent = _shared(_SPENT_TO_DATE, {key: row["outturn"] for key, row in of_year.items()}, rng, 0.012)
    budget = {
        key: [
            *_spread(rng, key, first[key], 0.01, slice(0, SO_FAR)),
            *_spread(rng, key, _budget(row) - first[key], 0.01, slice(SO_FAR, 12)),
        ]
        for key, row in of_year.items()
    }
    actual = {key: _spread(rng, key, spent[key], 0.03, slice(0, SO_FAR)) for key in of_year}
    weights = {service: amount for service, amount, _ in ONE_OFF_COSTS[NOW]}
    one_off = _lumpy(rng, of_year, parts(_ONE_OFF_TO_DATE, weights), SO_FAR)
    expected = {SO_FAR - 1: {key: (row["outturn"], row["outturn_one_off"]) for key, row in of_year.items()}}
    return _rows(NOW, budget, actual, one_off, expected)


def _budget(amounts: dict[str, float]) -> float:
    return amounts["recurring"] + amounts["non_recurring"]


def _spread(rng: np.random.Generator, key: Key, total: float, spread: float, span: slice = slice(0, 12)) -> list[float]:
    """A sum over months in the service's shape, in whole pounds that add up to it."""
    shape = _SHAPES.get(key[0], _LEVEL)[span]
    return list(parts(total, wobbled({str(n): weight for n, weight in enumerate(shape)}, rng, spread)).values())


def _shared(total: float, weights: dict[Key, float], rng: np.random.Generator, spread: float) -> dict[Key, float]:
    names = {"|".join(key): key for key in weights}
    shared = parts(total, wobbled({name: weights[key] for name, key in names.items()}, rng, spread))
    return {key: shared[name] for name, key in names.items()}


def _lumpy(rng: np.random.Generator, of_year: Amounts, costs: dict[str, float], count: int) -> dict[Key, list[float]]:
    """One-off costs by month: they come in lumps, at the first locality of the service."""
    first = dict(reversed(list(of_year)))
    lumps = {}
    for service, cost in costs.items():
        weights = rng.dirichlet(np.full(count, 1.2))
        shared = parts(cost, {str(n): float(weight) for n, weight in enumerate(weights)})
        lumps[service, first[service]] = list(shared.values())
    return lumps


def _seen(rng: np.random.Generator, of_year: Amounts, seen: float) -> dict[Key, tuple[float, float]]:
    """Managers' forecast and its one-off part when they had seen that much of what was coming."""
    expected = {}
    for key, row in of_year.items():
        budget, planned_once = _budget(row), row["non_recurring"]
        part = seen if seen == 1 else seen * float(1 + 0.15 * rng.uniform(-1, 1))
        total = budget + part * (row["outturn"] - budget)
        once = planned_once + part * (row["outturn_one_off"] - planned_once)
        expected[key] = (total, once) if seen == 1 else (_to_thousand(total), _to_thousand(once))
    return expected


def _to_thousand(amount: float) -> float:
    return float(round(amount / 1_000) * 1_000)


def _rows(
    year: int,
    budget: dict[Key, list[float]],
    actual: dict[Key, list[float]],
    one_off: dict[Key, list[float]],
    expected: dict[int, dict[Key, tuple[float, float]]],
) -> list[Row]:
    rows: list[Row] = []
    for (service, place), by_month in budget.items():
        key = (service, place)
        for n, month in enumerate(months(year)):
            row: Row = {
                "partnership": PARTNERSHIP,
                "partner": SPENDS[service],
                "service": service,
                "month": month,
                "budget": by_month[n],
                "actual": actual[key][n] if n < len(actual[key]) else None,
                "one_off": one_off[key][n] if key in one_off and n < len(one_off[key]) else None,
                "locality": place,
            }
            if n in expected:
                row["forecast"], row["forecast_one_off"] = expected[n][key]
            rows.append(row)
    return rows


def activity(rng: np.random.Generator, spent: list[Row]) -> list[Row]:
    """People, units and packages by month: units follow the money at the unit cost of the year."""
    rows: list[Row] = []
    for service, (unit_cost, rise, first, growth, begun) in _ACTIVITY.items():
        paid: dict[str, float] = {}
        for row in spent:
            if row["service"] == service and row["actual"] is not None:
                month = str(row["month"])
                paid[month] = paid.get(month, 0.0) + float(row["actual"])
        people = first
        for n, month in enumerate(paid):
            starts = round(people * begun * float(1 + 0.25 * rng.uniform(-1, 1)))
            # packages end about as fast as they begin, so that people follow their growth and do not drift away
            ahead = people - first * (1 + growth) ** (n / 12)
            ends = max(0, round(starts * float(1 + 0.15 * rng.uniform(-1, 1)) + 0.3 * ahead))
            cost = round(unit_cost * (1 + rise) ** (n // 12), 2)
            rows.append(
                {
                    "partnership": PARTNERSHIP,
                    "partner": SPENDS[service],
                    "service": service,
                    "month": month,
                    "people": people,
                    "units": round(paid[month] * 0.97 / cost),
                    "unit_cost": cost,
                    "starts": starts,
                    "ends": ends,
                }
            )
            people += starts - ends
    return rows

"""The frames of an investment: what each case costs and brings by year, by line, by partner, and as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ijbtools.finance.discounting import dips_again, factors, payback
from ijbtools.finance.prices import in_prices_of
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumption
from ijbtools.topics._investment_cases import Case
from ijbtools.topics._investment_sums import label, switching_value

PARTS = ("gross", "released", "cash", "freed", "absorbed")
_YEARS = [
    "partnership", "scheme", "year", "t", "investment", "recurring_cost", "capital", "repaid", "double_running", *PARTS,
    "do_nothing", "budget",
]  # fmt: skip
_LINES = ["partnership", "scheme", "year", "partner", "service", "segment", *PARTS]
_NETS = ["partnership", "scheme", "partner", "pv_cost", "pv_all", "pv_cash", "pv_released", "net_all", "net_cash"]
_SUMMARY = [
    "partnership", "scheme", "name", "order", "first", "last", "base", "pv_investment", "pv_gross", "pv_cash",
    "pv_claimed", "label", "payback_cash", "payback_all", "payback_discounted", "dips", "peak", "turns_at", "recurs",
    "steady_cash", "steady_cost",
]  # fmt: skip
_UPLIFTS = (-0.1, 0.2)  # where the uplift at which a label turns is looked for


@dataclass(frozen=True)
class Discount:
    """What £1 of each of a case's years is worth: `real` in prices of year 0, `factors` once that is discounted."""

    real: np.ndarray
    factors: np.ndarray

    def pv(self, amounts: np.ndarray) -> float:
        """The present value of amounts by year, £: Σ amount[t] · real[t] · DF[t]. ValueError where one is missing."""
        if not np.isfinite(amounts).all():
            raise ValueError(f"flow: found {amounts.tolist()}; expected a finite amount in every year")
        return float((amounts * self.real * self.factors).sum())


def discount(case: Case, use: Mapping[str, Assumption], schedule: str | float) -> Discount:
    """Prices and discount factors of a case's years, on a schedule."""
    return Discount(real_terms(case, use), factors(len(case.years) - 1, schedule).to_numpy())


def real_terms(case: Case, use: Mapping[str, Assumption]) -> np.ndarray:
    """What cash of each year is in prices of year 0; 1 where the scheme's amounts are in the prices of one year."""
    if case.base:
        return np.ones(len(case.years))
    deflator = use["gdp_deflator"].value
    return np.array([in_prices_of(case.years[0], 1.0, year, deflator) for year in case.years])


def terms(case: Case, use: Mapping[str, Assumption]) -> tuple[float, float, float]:
    """Growth, uplift and step of a case's first year."""
    when = Period.parse(case.years[0])
    return use["do_nothing_growth"].at(when), use["budget_uplift"].at(when), use["cash_step"].at(when)


def repayment_rate(use: Mapping[str, Assumption], when: Period) -> float:
    """What £1 borrowed costs revenue a year: r / (1 − (1 + r)^−life); 1 / life without interest."""
    rate, life = use["borrowing_rate"].at(when), use["asset_life"].at(when)
    return rate / (1 - (1 + rate) ** -life) if rate else 1 / life


def frames(
    made: list[Case], partners: pd.DataFrame, use: Mapping[str, Assumption], schedule: str | float
) -> dict[str, pd.DataFrame]:
    """Years, lines, partners_net and summary of all cases; £ in the prices of each scheme's first year."""
    counts = partners.set_index(["partnership", "partner"])["capital_counts"].to_dict()
    years, lines, nets, summary = [], [], [], []
    for case in made:
        parts, worth = case.parts(*terms(case, use)), discount(case, use, schedule)
        years.append(_years(case, parts, counts, use))
        lines.append(_by_line(case, parts))
        nets.append(_nets(case, parts, worth))
        summary.append(_summary(case, parts, years[-1], worth, schedule, use))
    return {
        "years": _stacked(years, _YEARS),
        "lines": _stacked(lines, _LINES),
        "partners_net": _stacked(nets, _NETS),
        "summary": _stacked(summary, _SUMMARY),
    }


def _stacked(blocks: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Blocks of columns one under the other; what is one value stands in every row of its block."""
    found: dict[str, list[Any]] = {name: [] for name in columns}
    for block in blocks:
        rows = max((len(one) for one in block.values() if not isinstance(one, str)), default=1)
        for name in columns:
            one = block[name]
            found[name] += [one] * rows if isinstance(one, str) else list(one)
    return pd.DataFrame(found, columns=columns) if blocks else pd.DataFrame(columns=columns)


def _years(
    case: Case, parts: Mapping[str, np.ndarray], counts: Mapping[Any, str], use: Mapping[str, Assumption]
) -> dict[str, Any]:
    """A row a year: cost, benefits by what becomes of them, capital, and the budget beside it."""
    growth, uplift, _ = terms(case, use)
    recurring = ((case.costs["recurrence"] == "recurring") & (case.costs["funding"] == "revenue")).to_numpy()
    capital = (case.costs["funding"] == "capital").to_numpy()
    borrowing = [counts.get((case.partnership, one)) == "borrowing" for one in case.costs["partner"]]
    borrows = case.investment[capital & np.array(borrowing, dtype=bool)].sum(axis=0)
    spent = case.investment[~capital].sum(axis=0)
    own = ~case.benefits.duplicated(["partner", "service"]).to_numpy()  # each budget once
    return {
        "partnership": case.partnership,
        "scheme": case.scheme,
        "year": case.years,
        "t": range(len(case.years)),
        "investment": case.investment.sum(axis=0),
        "recurring_cost": case.investment[recurring].sum(axis=0),
        "capital": case.investment[capital].sum(axis=0),
        "repaid": (np.cumsum(borrows) - borrows) * repayment_rate(use, Period.parse(case.years[0])),
        "double_running": np.maximum(0.0, spent - parts["cash"].sum(axis=0)),
        **{name: parts[name].sum(axis=0) for name in PARTS},
        "do_nothing": case.do_nothing(growth)[own].sum(axis=0),
        "budget": (case.budget[:, None] * (1 + uplift) ** case.ahead)[own].sum(axis=0),
    }


def _by_line(case: Case, parts: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """A row a line of benefit and year."""
    count = len(case.years)
    of_line = {name: np.repeat(case.benefits[name].to_numpy(), count) for name in ("partner", "service", "segment")}
    return {
        "partnership": case.partnership,
        "scheme": case.scheme,
        "year": case.years * len(case.benefits),
        **of_line,
        **{name: parts[name].ravel() for name in PARTS},
    }


def _nets(case: Case, parts: Mapping[str, np.ndarray], worth: Discount) -> dict[str, Any]:
    """Present values by partner: what it pays, all that it gains, the cashable part of that, and the cash released.

    The cashable part is what a transfer could be paid from if budgets kept pace with growth.
    """
    cost = dict.fromkeys([*case.costs["partner"], *case.benefits["partner"]], 0.0)
    everything, cash, released = dict(cost), dict(cost), dict(cost)
    for partner, amounts in zip(case.costs["partner"], case.investment, strict=True):
        cost[partner] += worth.pv(amounts)
    for i, partner in enumerate(case.benefits["partner"]):
        gross = worth.pv(case.gross[i])
        everything[partner] += gross
        cash[partner] += gross * case.shares[i]
        released[partner] += worth.pv(parts["cash"][i])
    pays, gains = np.array(list(cost.values())), np.array(list(everything.values()))
    cashable = np.array(list(cash.values()))
    return {
        "partnership": case.partnership,
        "scheme": case.scheme,
        "partner": list(cost),
        "pv_cost": pays,
        "pv_all": gains,
        "pv_cash": cashable,
        "pv_released": list(released.values()),
        "net_all": gains - pays,
        "net_cash": cashable - pays,
    }


def _summary(
    case: Case,
    parts: Mapping[str, np.ndarray],
    years: Mapping[str, Any],
    worth: Discount,
    schedule: str | float,
    use: Mapping[str, Assumption],
) -> dict[str, Any]:
    """The case as a whole: present values, label and where it turns, payback, peak, and what comes again every year."""
    growth, _, step = terms(case, use)
    spent, gross, cash = (years[name] for name in ("investment", "gross", "cash"))
    pv_spent, pv_gross, pv_cash = worth.pv(spent), worth.pv(gross), worth.pv(cash)
    lasting = (case.benefits["recurrence"] == "recurring").to_numpy()
    net, everything = pd.Series(cash - spent), pd.Series(gross - spent)

    def short(uplift: float) -> float:
        return worth.pv(case.parts(growth, uplift, step)["cash"].sum(axis=0)) - pv_spent

    row = {
        "partnership": case.partnership,
        "scheme": case.scheme,
        "name": case.name,
        "order": case.order,
        "first": case.years[int(np.argmax(spent + gross > 0))],
        "last": case.years[-1],
        "base": case.base or case.years[0],
        "pv_investment": pv_spent,
        "pv_gross": pv_gross,
        "pv_cash": pv_cash,
        "pv_claimed": worth.pv((case.shares[:, None] * case.gross).sum(axis=0)),
        "label": label(pv_spent, pv_cash, pv_gross - pv_cash),
        "payback_cash": payback(net),
        "payback_all": payback(everything),
        "payback_discounted": payback(net * worth.real, schedule),
        "dips": dips_again(net),
        "peak": float(max(0.0, -net.cumsum().min())),
        "turns_at": switching_value(short, *_UPLIFTS),
        "recurs": float(case.gross[lasting].sum() / case.gross.sum()) if case.gross.sum() else 0.0,
        "steady_cash": float(parts["cash"][lasting, -1].sum()),
        "steady_cost": float(years["recurring_cost"][-1]),
    }
    return {name: [value] for name, value in row.items()}

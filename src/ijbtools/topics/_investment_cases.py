"""Schemes as cases: arrays of what each costs and brings, by line and year, ready for any growth, uplift or sample.

A line of benefit is a scheme's effect on one budget (partner and service), a line of investment what one partner pays.
Years run from year 0, which is the scheme's first year or the latest year with a budget, whichever comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ijbtools.finance.outlook import people_growth
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics._ageing import people, use_by_age
from ijbtools.topics._investment_sums import in_steps, released_of

LINE = ["partner", "service"]


@dataclass(frozen=True)
class Case:
    """One scheme. Arrays have a row a line and a column a year; amounts in £, in the prices of `base`."""

    partnership: str
    scheme: str
    name: str
    order: int
    years: tuple[str, ...]
    base: str
    benefits: pd.DataFrame  # partner, service, segment, share (cashable), and what the build-up rests on
    gross: np.ndarray  # benefit by line
    earlier: np.ndarray  # benefit of what acts on the same budget before it
    others: np.ndarray  # the part of that which is of other schemes
    budget: np.ndarray  # budget of the line in the latest year with one, as if no scheme were there; nan if unknown
    ahead: np.ndarray  # years after that year; 0 until then
    costs: pd.DataFrame  # partner, recurrence, funding
    investment: np.ndarray  # cost by line of cost
    drivers: np.ndarray | None = None  # growth of cost by line and year, where it is worked out from people and prices

    def do_nothing(self, growth: float) -> np.ndarray:
        """What the budgets' services cost without any scheme, by line and year.

        Where the growth of people and prices is not known, the rate assumed takes its place.
        """
        assumed = np.broadcast_to((1 + growth) ** self.ahead[None, :], self.gross.shape)
        grown = assumed if self.drivers is None else np.where(np.isnan(self.drivers), assumed, self.drivers)
        return self.budget[:, None] * grown

    def parts(
        self, growth: float, uplift: float, step: float = 0.0, scale: float = 1.0, share: float | None = None
    ) -> dict:
        """Gross, released, cash, freed and absorbed benefit by line and year.

        Schemes on one budget share what it can release in their order: this one has what is released with it, less
        what is released without it. `scale` multiplies its benefits, `share` replaces its cashable shares. In a line
        whose budget is unknown, or a year that has one, nothing is absorbed. Cash leaves a budget in whole steps.
        """
        gross = self.gross * scale
        nothing, rolled = self.do_nothing(growth), self.budget[:, None] * (1 + uplift) ** self.ahead[None, :]
        earlier = self.others + (self.earlier - self.others) * scale
        before = released_of(earlier, nothing, rolled)
        together = released_of(earlier + gross, nothing, rolled)
        released = np.where(np.isnan(nothing), gross, together - before)
        shares = self.benefits["share"].to_numpy(float) if share is None else np.full(len(self.benefits), share)
        cash = self._stepped(released * shares[:, None], step)
        return {
            "gross": gross,
            "released": released,
            "cash": cash,
            "freed": released - cash,
            "absorbed": gross - released,
        }

    def _stepped(self, cash: np.ndarray, step: float) -> np.ndarray:
        """Cash in whole steps of each budget, shared between its lines as they brought it."""
        if step <= 0:
            return cash
        stepped = np.zeros_like(cash)
        for rows in self.benefits.groupby(LINE).indices.values():
            whole = cash[rows].sum(axis=0)
            part = np.divide(in_steps(whole, step), whole, out=np.zeros_like(whole), where=whole > 0)
            stepped[rows] = cash[rows] * part
        return stepped


def cases(tables: Mapping[str, pd.DataFrame], use: Assumptions) -> list[Case]:
    """Every scheme of every partnership, in the order in which they act.

    A scheme acts on what earlier ones have left of the same budget: its benefit there is times 1 − (earlier benefits /
    cost if nothing is done). The budget is that of the latest year, with what schemes already take out put back.
    """
    budgets = tables["budgets"].groupby(["partnership", *LINE, "year"])["recurring"].sum()
    latest = tables["budgets"].groupby("partnership")["year"].max()
    found: list[Case] = []
    for partnership, rows in tables["schemes"].sort_values(["partnership", "order"]).groupby("partnership"):
        now = int(str(latest.get(partnership, rows["started"].min()))[:4])
        own = [
            (row, *_lines(tables, str(partnership), row, now, use))
            for row in rows.itertuples(index=False)
            if len(_of(tables["scheme_flows"], str(partnership), row.scheme))
        ]
        found += _in_order(
            str(partnership), own, budgets, now, use["do_nothing_growth"].at(Period.parse(year_name(now)))
        )
    return found


def _of(frame: pd.DataFrame, partnership: str, scheme: str) -> pd.DataFrame:
    return frame[(frame["partnership"] == partnership) & (frame["scheme"] == scheme)]


def _lines(
    tables: Mapping[str, pd.DataFrame], partnership: str, row: Any, now: int, use: Assumptions
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """A scheme's lines of benefit, its flows, and its years as calendar years."""
    flows = _of(tables["scheme_flows"], partnership, row.scheme)
    built = build_up(_of(tables["scheme_effects"], partnership, row.scheme), flows, use)
    claimed = flows[flows["kind"] == "benefit"]
    if len(built):  # what is built up from people and effects replaces what is claimed for the same budget
        known = claimed[LINE].apply(tuple, axis=1).isin(set(built[LINE].itertuples(index=False, name=None)))
        claimed = claimed[~known]
    plain = {"segment": "", "drop_off": 0.0, "lag_months": 0.0, "source": "claimed"}
    claimed = claimed.assign(
        share=claimed["cashable_share"].fillna(0.0), ramp_years=claimed["ramp_years"].fillna(0.0), **plain
    )
    parts = [one[_BENEFIT] for one in (built.assign(source="built up", recurrence="recurring"), claimed) if len(one)]
    lines = pd.concat(parts, ignore_index=True) if parts else claimed[_BENEFIT]
    last = max(int(year[:4]) for year in flows["last_year"])
    first = min(int(row.started[:4]), now, *(int(year[:4]) for year in flows["first_year"]))
    return lines, flows, np.arange(first, last + 1)


_BENEFIT = [
    *LINE, "segment", "share", "recurrence", "amount", "drop_off", "lag_months", "ramp_years", "first_year",
    "last_year", "source",
]  # fmt: skip


def _in_order(partnership: str, own: list, budgets: pd.Series, now: int, growth: float) -> list[Case]:
    """Cases of one partnership: each line after those that act on the same budget before it."""
    whole = {
        n: np.array([_profile(line, starts) for line in lines.itertuples(index=False)]).reshape(len(lines), len(starts))
        for n, (_, lines, _, starts) in enumerate(own)
    }
    size: dict[tuple[str, str], float] = {}
    for n, (_, lines, _, starts) in enumerate(own):
        for i, key in enumerate(lines[LINE].itertuples(index=False, name=None)):
            size.setdefault(key, float(budgets.get((partnership, *key, year_name(now)), float("nan"))))
            size[key] += float(whole[n][i, starts == now].sum())
    taken: dict[tuple[str, str], dict[int, float]] = {}
    found = []
    for n, (row, lines, flows, starts) in enumerate(own):
        ahead = np.clip(starts - now, 0, None)
        keys = list(lines[LINE].itertuples(index=False, name=None))
        budget = np.array([size[key] for key in keys], dtype=float)
        others = np.array(
            [[taken.get(key, {}).get(int(start), 0.0) for start in starts] for key in keys], dtype=float
        ).reshape(len(keys), len(starts))
        gross, earlier = whole[n].reshape(len(keys), len(starts)), np.zeros((len(keys), len(starts)))
        for i, key in enumerate(keys):
            before = taken.setdefault(key, {})
            earlier[i] = [before.get(int(start), 0.0) for start in starts]
            nothing = budget[i] * (1 + growth) ** ahead
            if nothing.min() > 0:
                gross[i] = gross[i] * np.clip(1 - others[i] / nothing, 0.0, 1.0)
            for start, amount in zip(starts, gross[i], strict=True):
                before[int(start)] = before.get(int(start), 0.0) + float(amount)
        costs = flows[flows["kind"] == "investment"].reset_index(drop=True)
        spent = np.array(
            [
                np.where((starts >= int(a[:4])) & (starts <= int(b[:4])), amount, 0.0)
                for a, b, amount in zip(costs["first_year"], costs["last_year"], costs["amount"], strict=True)
            ]
        ).reshape(len(costs), len(starts))
        years = tuple(year_name(int(start)) for start in starts)
        base = next((one for one in flows["price_base"] if one), "")
        kinds = costs[["partner", "service", "recurrence", "funding"]]
        about = (partnership, row.scheme, row.name, int(row.order), years, base)
        found.append(Case(*about, lines, gross, earlier, others, budget, ahead, kinds, spent))
    return found


def build_up(effects: pd.DataFrame, flows: pd.DataFrame, use: Assumptions) -> pd.DataFrame:
    """Benefits from people and effects, one factor after the other; the columns of the table and the running product.

    people · reach · effect · (1 − deadweight) · attribution · unit cost · (1 − correction of the grade), a year, once
    whole and before any of it drops off. Effects of schemes without flows have no years, and are left out.
    """
    scheme = ["partnership", "scheme"]
    effects = effects.merge(flows[scheme].drop_duplicates(), on=scheme)
    if effects.empty:
        return pd.DataFrame(columns=[*(c for c in _BENEFIT if c != "recurrence"), *STEPS, "grade", "correction"])
    when = Period.parse(str(flows["first_year"].min()))
    rates = {grade: use[f"correction_grade_{grade}"].at(when) for grade in set(effects["grade"])}
    rows = effects.assign(correction=effects["grade"].map(rates), share=effects["cashable_share"])
    rows["people"] = rows["population"] * rows["reach"]
    rows["units"] = rows["people"] * rows["effect"]
    rows["valued"] = rows["units"] * rows["unit_cost"]
    rows["net_of_deadweight"] = rows["valued"] * (1 - rows["deadweight"])
    rows["attributed"] = rows["net_of_deadweight"] * rows["attribution"]
    rows["amount"] = rows["attributed"] * (1 - rows["correction"])
    ends = {"first_year": ("first_year", "min"), "last_year": ("last_year", "max")}
    own = flows[flows["kind"] == "benefit"].groupby([*scheme, *LINE], as_index=False).agg(**ends)
    whole = flows.groupby(scheme, as_index=False).agg(**ends)
    rows = rows.merge(own, on=[*scheme, *LINE], how="left").merge(whole, on=scheme, how="left", suffixes=("", "_whole"))
    for name in ends:
        rows[name] = rows[name].fillna(rows[f"{name}_whole"])
    return rows.drop(columns=[f"{name}_whole" for name in ends]).reset_index(drop=True)


STEPS = ("people", "units", "valued", "net_of_deadweight", "attributed")


def _profile(line: Any, starts: np.ndarray) -> np.ndarray:
    """A year's benefit: nothing before its first year and its lag, then ramping up, then dropping off."""
    first, last = int(line.first_year[:4]), int(line.last_year[:4])
    age = starts - first  # whole years since it began
    lag = line.lag_months / 12
    live = np.clip(age + 1 - lag, 0.0, 1.0)  # part of the year in which it works
    ramp = line.ramp_years
    risen = np.clip((age + 1 - lag) / ramp, 0.0, 1.0) if ramp > 0 else np.ones(len(starts))
    kept = (1 - line.drop_off) ** np.clip(age, 0, None)
    inside = (starts >= first) & (starts <= last)
    return np.where(inside, line.amount * live * np.minimum(risen, 1.0) * kept, 0.0)


def drivers(case: Case, tables: Mapping[str, pd.DataFrame], use: Assumptions) -> np.ndarray:
    """Growth of cost by line and year from people by age and prices, since the latest year with a budget.

    nan where the people of a year are not known. 1 until that year.
    """
    now = int(case.years[-1][:4]) - int(case.ahead[-1])
    when = Period.parse(year_name(now))
    counted = people(tables["population"])
    own = counted[counted["partnership"] == case.partnership]
    wide = own.pivot_table(index="age_group", columns="year", values="people", aggfunc="sum")
    services = tables["services"].set_index("service")
    found = np.full((len(case.benefits), len(case.years)), np.nan)
    if now not in wide.columns or services.empty:
        return found
    grown = people_growth(wide, use_by_age(use, when), now)
    for i, service in enumerate(case.benefits["service"]):
        health = services["category"].get(service, "") in ("a", "b")
        rate = use["health_price_growth" if health else "care_price_growth"].at(when)
        weighted = grown.loc[services["care_group"].get(service, "all")]
        for t, ahead in enumerate(case.ahead):
            year = now + int(ahead)
            found[i, t] = weighted[year] * (1 + rate) ** ahead if year in weighted.index else np.nan
    return found

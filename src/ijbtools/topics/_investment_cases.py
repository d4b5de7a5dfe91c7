"""Schemes as cases: arrays of what each costs and brings, by line and year, ready for any growth, uplift or sample."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ijbtools.finance.outlook import people_growth
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics._ageing import use_by_age
from ijbtools.topics._investment_schemes import LINE, Portfolio, Scheme, correction
from ijbtools.topics._investment_sums import in_steps, released_of


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
        shares = self.shares if share is None else np.full(len(self.benefits), share)
        cash = self._stepped(released * shares[:, None], step)
        return {
            "gross": gross,
            "released": released,
            "cash": cash,
            "freed": released - cash,
            "absorbed": gross - released,
        }

    @cached_property
    def shares(self) -> np.ndarray:
        """The cashable share of each line."""
        return self.benefits["share"].to_numpy(float)

    @cached_property
    def _of_budget(self) -> list[np.ndarray]:
        """The lines of each budget."""
        return list(self.benefits.groupby(LINE).indices.values())

    def _stepped(self, cash: np.ndarray, step: float) -> np.ndarray:
        """Cash in whole steps of each budget, shared between its lines as they brought it."""
        if step <= 0:
            return cash
        stepped = np.zeros_like(cash)
        for rows in self._of_budget:
            whole = cash[rows].sum(axis=0)
            part = np.divide(in_steps(whole, step), whole, out=np.zeros_like(whole), where=whole > 0)
            stepped[rows] = cash[rows] * part
        return stepped


def cases(portfolio: Portfolio, use: Assumptions) -> list[Case]:
    """A partnership's schemes, each line after those that act on the same budget before it.

    A scheme acts on what earlier ones have left of the same budget: its benefit there is times 1 − (earlier benefits /
    cost if nothing is done). The budget is that of the latest year, with what schemes already take out put back.
    """
    own, now = portfolio.schemes, portfolio.now
    growth = use["do_nothing_growth"].at(Period.parse(year_name(now)))
    whole = [_claimed(one, use) for one in own]
    keys = [list(one.lines[LINE].itertuples(index=False, name=None)) for one in own]
    size: dict[tuple[str, str], float] = {}
    for one, of_scheme, gross in zip(own, keys, whole, strict=True):
        for i, key in enumerate(of_scheme):
            size.setdefault(key, float(portfolio.budgets.get(key, float("nan"))))
            size[key] += float(gross[i, one.starts == now].sum())
    first = min((int(one.starts[0]) for one in own), default=now)
    last = max((int(one.starts[-1]) for one in own), default=now)
    taken = {key: np.zeros(last - first + 1) for key in size}  # of each budget, by year
    found = []
    for one, of_scheme, gross in zip(own, keys, whole, strict=True):
        ahead = np.clip(one.starts - now, 0, None)
        here = slice(int(one.starts[0]) - first, int(one.starts[-1]) - first + 1)
        budget = np.array([size[key] for key in of_scheme], dtype=float)
        others, earlier = np.zeros_like(gross), np.zeros_like(gross)
        for i, key in enumerate(of_scheme):
            others[i] = taken[key][here]
        for i, key in enumerate(of_scheme):
            earlier[i] = taken[key][here]
            nothing = budget[i] * (1 + growth) ** ahead
            if nothing.min() > 0:
                gross[i] = gross[i] * np.clip(1 - others[i] / nothing, 0.0, 1.0)
            taken[key][here] += gross[i]
        lines = one.lines.assign(amount=_amounts(one, use))
        about = (portfolio.partnership, one.scheme, one.name, one.order, one.years, one.base)
        found.append(Case(*about, lines, gross, earlier, others, budget, ahead, one.costs, one.investment))
    return found


def _amounts(one: Scheme, use: Assumptions) -> np.ndarray:
    """£ a year of each line, once whole."""
    rates = {grade: correction(use, grade, one.began) for grade in set(one.grades)}
    return one.lines["amount"].to_numpy(float) * (1 - np.array([rates[grade] for grade in one.grades], dtype=float))


def _claimed(one: Scheme, use: Assumptions) -> np.ndarray:
    """Benefit by line and year, as if the scheme were alone."""
    return one.profile.of(_amounts(one, use))


def drivers(portfolio: Portfolio, made: list[Case], use: Assumptions) -> list[np.ndarray]:
    """Growth of cost by line and year of each case, from people by age and prices, since the latest year with a budget.

    nan where the people of a year are not known. 1 until that year.
    """
    grown: dict[int, pd.DataFrame] = {}
    found = []
    for one, case in zip(portfolio.schemes, made, strict=True):
        now = int(one.starts[-1] - case.ahead[-1])
        when = Period.parse(year_name(now))
        rows = np.full((len(case.benefits), len(case.years)), np.nan)
        if now in portfolio.people.columns:
            if now not in grown:
                grown[now] = people_growth(portfolio.people, use_by_age(use, when), now)
            prices = {True: use["health_price_growth"].at(when), False: use["care_price_growth"].at(when)}
            for i, (group, health) in enumerate(zip(one.care_group, one.health, strict=True)):
                weighted = grown[now].loc[group].reindex(now + case.ahead).to_numpy()
                rows[i] = weighted * np.array([(1 + prices[health]) ** ahead for ahead in case.ahead])
        found.append(rows)
    return found

"""Schemes as they were sent, laid out by line and year: all of a case that no assumption moves.

A line of benefit is a scheme's effect on one budget (partner and service), a line of investment what one partner pays.
Years run from year 0, which is the scheme's first year or the latest year with a budget, whichever comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics._ageing import by_age

LINE = ["partner", "service"]
STEPS = ("people", "units", "valued", "net_of_deadweight", "attributed")
_SCHEME = ["partnership", "scheme"]
_BENEFIT = [
    *LINE, "segment", "share", "recurrence", "amount", "drop_off", "lag_months", "ramp_years", "first_year",
    "last_year", "source",
]  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """When a scheme's benefits come: a row a line, a column a year. `live` is the part of a year in which it works."""

    inside: np.ndarray
    live: np.ndarray
    risen: np.ndarray
    kept: np.ndarray

    def of(self, amounts: np.ndarray) -> np.ndarray:
        """Benefit by line and year: nothing before the first year and its lag, then ramping up, then dropping off."""
        return np.where(self.inside, amounts[:, None] * self.live * self.risen * self.kept, 0.0)


@dataclass(frozen=True)
class Scheme:
    """One scheme as it was sent. `grades` are those of the lines that are built up, empty where one is claimed."""

    scheme: str
    name: str
    order: int
    starts: np.ndarray  # calendar years in which its financial years begin
    years: tuple[str, ...]
    base: str
    lines: pd.DataFrame  # of benefit; the amount of what is built up is not corrected yet
    grades: tuple[str, ...]
    began: Period
    profile: Profile
    costs: pd.DataFrame
    investment: np.ndarray
    health: tuple[bool, ...]  # of each line, whether its service is health care
    care_group: tuple[str, ...]


@dataclass(frozen=True)
class Portfolio:
    """A partnership's schemes in the order in which they act, its latest budget by line, and its people by age."""

    partnership: str
    now: int  # the latest year with a budget, else when the first scheme started
    schemes: tuple[Scheme, ...]
    budgets: Mapping[tuple[str, str], float]
    people: pd.DataFrame  # by age group and calendar year; empty where no services are known, whose use it would be


def portfolios(tables: Mapping[str, pd.DataFrame], built: pd.DataFrame, people: pd.DataFrame) -> list[Portfolio]:
    """Every partnership's schemes that have flows. `built` as from `build_up`, `people` counted on from estimates."""
    budgets = tables["budgets"].groupby(["partnership", "year", *LINE])["recurring"].sum()
    latest = tables["budgets"].groupby("partnership")["year"].max()
    flows = dict(list(tables["scheme_flows"].groupby(_SCHEME)))
    effects = dict(list(built.groupby(_SCHEME)))
    services = tables["services"].set_index("service")[["category", "care_group"]].to_dict()
    found = []
    for name, rows in tables["schemes"].sort_values(["partnership", "order"]).groupby("partnership"):
        partnership = str(name)
        now = int(str(latest.get(partnership, rows["started"].min()))[:4])
        own = [
            _laid_out(row, flows[partnership, row.scheme], effects.get((partnership, row.scheme)), now, services)
            for row in rows.itertuples(index=False)
            if (partnership, row.scheme) in flows
        ]
        known = (partnership, year_name(now)) in budgets.index
        by_line = budgets.loc[partnership, year_name(now)].to_dict() if known else {}
        here = people[people["partnership"] == partnership]
        ages = by_age(here if len(tables["services"]) else here.iloc[:0])
        found.append(Portfolio(partnership, now, tuple(own), by_line, ages))
    return found


def _laid_out(
    row: Any, flows: pd.DataFrame, built: pd.DataFrame | None, now: int, services: Mapping[str, Mapping[str, str]]
) -> Scheme:
    """A scheme's lines of benefit and of cost, year by year."""
    claimed = flows[flows["kind"] == "benefit"]
    if built is not None:  # what is built up from people and effects replaces what is claimed for the same budget
        keys = set(built[LINE].itertuples(index=False, name=None))
        known = [key in keys for key in claimed[LINE].itertuples(index=False, name=None)]
        claimed = claimed[~np.array(known, dtype=bool)]
    plain = {"segment": "", "drop_off": 0.0, "lag_months": 0.0, "source": "claimed"}
    claimed = claimed.assign(
        share=claimed["cashable_share"].fillna(0.0), ramp_years=claimed["ramp_years"].fillna(0.0), **plain
    )[_BENEFIT]
    grades = [""] * len(claimed)
    lines = claimed
    if built is not None:
        up = built.assign(amount=built["attributed"], source="built up", recurrence="recurring")[_BENEFIT]
        lines = pd.concat([up, claimed], ignore_index=True) if len(claimed) else up
        grades = [*built["grade"], *grades]
    lines = lines.reset_index(drop=True)
    last = max(int(year[:4]) for year in flows["last_year"])
    first = min(int(row.started[:4]), now, *(int(year[:4]) for year in flows["first_year"]))
    starts = np.arange(first, last + 1)
    costs = flows[flows["kind"] == "investment"].reset_index(drop=True)
    spent = [
        np.where((starts >= int(a[:4])) & (starts <= int(b[:4])), amount, 0.0)
        for a, b, amount in zip(costs["first_year"], costs["last_year"], costs["amount"], strict=True)
    ]
    return Scheme(
        scheme=row.scheme,
        name=row.name,
        order=int(row.order),
        starts=starts,
        years=tuple(year_name(int(start)) for start in starts),
        base=next((one for one in flows["price_base"] if one), ""),
        lines=lines,
        grades=tuple(grades),
        began=Period.parse(str(flows["first_year"].min())),
        profile=_profile(lines, starts),
        costs=costs[["partner", "service", "recurrence", "funding"]],
        investment=np.array(spent).reshape(len(costs), len(starts)),
        health=tuple(services["category"].get(one, "") in ("a", "b") for one in lines["service"]),
        care_group=tuple(services["care_group"].get(one, "all") for one in lines["service"]),
    )


def _profile(lines: pd.DataFrame, starts: np.ndarray) -> Profile:
    """When the lines' benefits come; see `Profile`."""

    def column(name: str) -> np.ndarray:
        return lines[name].to_numpy(float)[:, None]

    first, last = (np.array([int(year[:4]) for year in lines[name]])[:, None] for name in ("first_year", "last_year"))
    age = starts - first  # whole years since it began
    lag, ramp = column("lag_months") / 12, column("ramp_years")
    risen = np.clip((age + 1 - lag) / np.where(ramp > 0, ramp, 1.0), 0.0, 1.0)
    return Profile(
        inside=(starts >= first) & (starts <= last),
        live=np.clip(age + 1 - lag, 0.0, 1.0),
        risen=np.where(ramp > 0, risen, 1.0),
        kept=(1 - column("drop_off")) ** np.clip(age, 0, None),
    )


def build_up(effects: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """Benefits from people and effects, one factor after the other: the columns of the table and the running product.

    people · reach · effect · (1 − deadweight) · attribution · unit cost, a year, once whole and before any of it drops
    off; `corrected` takes off the rest. `began` is the first year of the scheme's flows. Effects of schemes without
    flows have no years, and are left out.
    """
    effects = effects.merge(flows[_SCHEME].drop_duplicates(), on=_SCHEME)
    if effects.empty:
        return pd.DataFrame(
            columns=[*_SCHEME, *(c for c in _BENEFIT if c != "recurrence"), *STEPS, "grade", "correction", "began"]
        )
    rows = effects.assign(correction=float("nan"), share=effects["cashable_share"])
    rows["people"] = rows["population"] * rows["reach"]
    rows["units"] = rows["people"] * rows["effect"]
    rows["valued"] = rows["units"] * rows["unit_cost"]
    rows["net_of_deadweight"] = rows["valued"] * (1 - rows["deadweight"])
    rows["attributed"] = rows["net_of_deadweight"] * rows["attribution"]
    rows["amount"] = float("nan")
    ends = {"first_year": ("first_year", "min"), "last_year": ("last_year", "max")}
    own = flows[flows["kind"] == "benefit"].groupby([*_SCHEME, *LINE], as_index=False).agg(**ends)
    whole = flows.groupby(_SCHEME, as_index=False).agg(**ends)
    rows = rows.merge(own, on=[*_SCHEME, *LINE], how="left").merge(whole, on=_SCHEME, how="left", suffixes=("", "_of"))
    rows["began"] = rows["first_year_of"]
    for name in ends:
        rows[name] = rows[name].fillna(rows[f"{name}_of"])
    return rows.drop(columns=[f"{name}_of" for name in ends]).reset_index(drop=True)


def correction(use: Assumptions, grade: str, began: Period) -> float:
    """What is taken off a benefit for evidence of this grade, as a share; nothing of what is claimed."""
    return use[f"correction_grade_{grade}"].at(began) if grade else 0.0


def corrected(built: pd.DataFrame, use: Assumptions) -> pd.DataFrame:
    """The build-up with its last factor: amount = attributed · (1 − correction of the grade of evidence), £ a year."""
    rates = [correction(use, g, Period.parse(b)) for g, b in zip(built["grade"], built["began"], strict=True)]
    rows = built.drop(columns="began").assign(correction=rates)
    return rows.assign(amount=rows["attributed"] * (1 - rows["correction"]))

"""The numbers of one partnership's schemes that several sentences, tables and figures of the investment page share."""

from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from ijbtools.finance.settlement import Settlement, settle
from ijbtools.finance.words import number
from ijbtools.topics._investment_cases import Case
from ijbtools.topics._investment_frames import Discount, discount
from ijbtools.topics._investment_sums import label, switching_value
from ijbtools.topics.result import Result

LABELS = {
    "invest_to_save": "invest to save",
    "invest_to_manage": "invest to manage",
    "does_not_pay_back": "does not pay back",
}
BASES = {
    "all": "all benefits",
    "cash": "the cashable part",
    "released": "cash released",
}
RULES = {
    "cost_cover_only": "the cost covered, no more",
    "equal_split": "the gain shared equally",
    "pro_rata": "the gain shared as partners invest",
}


class View:
    """One partnership's schemes. Amounts in £."""

    def __init__(self, result: Result) -> None:
        if result.period is None:
            raise ValueError("result: found all partnerships; expected one: result.only(partnership, period)")
        self.result = cast(Any, result)  # an InvestmentResult, which this module cannot import
        self.period, self.year = result.period, result.period.financial_year
        self.own = result.tables["partnerships"].iloc[0]
        self.name = self.own["name"]
        self.partners = result.tables["partners"].set_index("partner")
        self.services = result.tables["services"].set_index("service")
        self.assumed = {assumption.name: assumption for assumption in result.used}
        self.summary = result.tables["summary"].sort_values("order")
        self.names = self.summary.set_index("scheme")["name"].to_dict()
        cases: tuple[Case, ...] = self.result.cases
        self.cases = [one for one in cases if one.partnership == self.result.partnership]

    @property
    def one_base(self) -> bool:
        """Whether all schemes are in the prices of one year, so that they can be added."""
        return bool(self.summary["base"].nunique() == 1)

    @property
    def totalled(self) -> pd.DataFrame:
        """The schemes whose amounts are summed: all in the prices of one year, else the first alone."""
        return self.summary if self.one_base else self.summary.head(1)

    def whose(self, rows: pd.DataFrame) -> str:
        """Of which schemes a sum is."""
        return "all schemes" if len(rows) > 1 else str(rows["name"].iloc[0])

    @cached_property
    def not_budgeted(self) -> list[str]:
        """Services that schemes relieve whose budget is not known: there, nothing is absorbed."""
        unknown = [
            self.service(service)
            for case in self.cases
            for service, budget in zip(case.benefits["service"], case.budget, strict=True)
            if np.isnan(budget)
        ]
        return list(dict.fromkeys(unknown))

    def without_reserves(self, partner: str) -> str:
        """What to add where a partner that may hold reserves is judged without any, as none were sent."""
        rows = self.result.tables["reserves"]
        held = self.partners["regime"].get(partner) == "reserves"
        return ", its reserves left out as none were sent" if held and not (rows["year"] <= self.year).any() else ""

    def partner(self, partner: str) -> str:
        """A partner's name."""
        return str(self.partners["name"].get(partner, partner))

    def service(self, service: str) -> str:
        """A service's name."""
        return str(self.services["name"].get(service, service)) if len(self.services) else service

    def value(self, assumption: str) -> float:
        """An assumption on the page's day."""
        return self.assumed[assumption].at(self.period)

    def quality(self, assumption: str) -> str:
        """How good an assumption is, in its word."""
        return self.assumed[assumption].quality or "red"

    def of(self, table: str, scheme: str) -> pd.DataFrame:
        """A table's rows of one scheme."""
        frame = self.result.tables[table]
        return frame[frame["scheme"] == scheme]

    def terms(self, **changed: float) -> dict[str, float]:
        """Growth, uplift and step, some of them replaced."""
        found = {
            "growth": self.value("do_nothing_growth"),
            "uplift": self.value("budget_uplift"),
            "step": self.value("cash_step"),
        }
        return {**found, **changed}

    def pv(self, case: Case, amounts: np.ndarray) -> float:
        """The present value of amounts by year, on the page's schedule, in real terms."""
        return self._discounts[case.scheme].pv(amounts)

    @cached_property
    def _discounts(self) -> dict[str, Discount]:
        """What £1 of each year is worth, by scheme."""
        return {one.scheme: discount(one, self.assumed, self.result.schedule_name) for one in self.cases}

    def worth(self, case: Case, **changed: float) -> tuple[float, float, float]:
        """PV of investment, cash and all benefits, with some terms replaced (also `cost`, `scale` and `share`)."""
        cost = changed.pop("cost", 1.0)
        parts = case.parts(**self.terms(**changed))
        spent = self.pv(case, case.investment.sum(axis=0)) * cost
        return spent, self.pv(case, parts["cash"].sum(axis=0)), self.pv(case, parts["gross"].sum(axis=0))

    def label_at(self, case: Case, **changed: float) -> str:
        """What the scheme would be called with some terms replaced."""
        spent, cash, gross = self.worth(case, **changed)
        return LABELS[label(spent, cash, gross - cash)]

    def turn(self, case: Case, name: str, low: float, high: float, on_cash: bool = True) -> float:
        """The value of one term at which cash (or all benefits) just covers the cost; nan where it never turns."""

        def short(value: float) -> float:
            spent, cash, gross = self.worth(case, **{name: value})
            return (cash if on_cash else gross) - spent

        return switching_value(short, low, high)

    def settled(self, scheme: str, rule: str, basis: str, discounted: bool = True) -> Settlement:
        """What partners can agree on for a scheme, on all benefits, the cashable part of them or the cash released."""
        rows = self.nets(scheme, discounted)
        weights = rows["cost"]
        cash = None if basis == "all" else rows[["all", basis]].min(axis=1) - rows["cost"]
        net = rows["all"] - rows["cost"]
        return settle(net, rule=rule, weights=weights if weights.sum() > 0 else net.abs(), cash=cash)

    def nets(self, scheme: str, discounted: bool = True) -> pd.DataFrame:
        """By partner: cost, all benefits, the cashable part, cash released; present values, or as they come."""
        rows = self.of("partners_net", scheme).set_index("partner")
        names = ["cost", "all", "cash", "released"]
        if discounted:
            return rows[[f"pv_{name}" for name in names]].set_axis(names, axis=1)
        case = next(one for one in self.cases if one.scheme == scheme)
        found = pd.DataFrame(0.0, index=rows.index, columns=names)
        released = case.parts(**self.terms())["cash"]
        for partner, amounts in zip(case.costs["partner"], case.investment, strict=True):
            found.loc[partner, "cost"] += amounts.sum()
        for partner, share, amounts in zip(case.benefits["partner"], case.benefits["share"], case.gross, strict=True):
            found.loc[partner, "all"] += amounts.sum()
            found.loc[partner, "cash"] += amounts.sum() * share
        for partner, amounts in zip(case.benefits["partner"], released, strict=True):
            found.loc[partner, "released"] += amounts.sum()
        return found

    @cached_property
    def shared(self) -> list[str]:
        """Schemes in which one partner pays and another gains."""
        found = []
        for scheme in self.summary["scheme"]:
            rows = self.nets(scheme)
            net = rows["all"] - rows["cost"]
            if (net < -0.005).any() and (net > 0.005).any():
                found.append(str(scheme))
        return found

    @cached_property
    def free_reserves(self) -> pd.Series:
        """By partner: reserves of the latest year that are neither ring-fenced nor promised."""
        rows = self.result.tables["reserves"]
        rows = rows[rows["year"] <= self.year]
        rows = rows[rows["year"] == rows["year"].max()]
        free = (rows["opening"] - rows["ring_fenced"] - rows["committed"]).clip(lower=0.0)
        return free.groupby(rows["held_by"]).sum()

    def payable(self, scheme: str, rule: str = "equal_split") -> pd.DataFrame:
        """Year by year, each partner's cash, cost and transfer under a rule, paid as cash comes.

        Columns partner, year, cost, cash, transfer (received above 0), left, regime. Transfers of a year are in
        proportion to the payer's cash of the year; the sum of all years is that of the agreement, undiscounted.
        """
        case = next(one for one in self.cases if one.scheme == scheme)
        agreed = self.settled(scheme, rule, "released", discounted=False)
        parts = case.parts(**self.terms())
        partners = list(self.nets(scheme).index)
        cost = {p: np.zeros(len(case.years)) for p in partners}
        cash = {p: np.zeros(len(case.years)) for p in partners}
        for partner, amounts in zip(case.costs["partner"], case.investment, strict=True):
            cost[partner] = cost[partner] + amounts
        for partner, amounts in zip(case.benefits["partner"], parts["cash"], strict=True):
            cash[partner] = cash[partner] + amounts
        moved = {p: np.zeros(len(case.years)) for p in partners}
        for row in agreed.transfers.itertuples(index=False):
            whole = cash[row.from_partner].sum()
            paid = row.amount * (cash[row.from_partner] / whole if whole > 0 else np.zeros(len(case.years)))
            moved[row.from_partner] = moved[row.from_partner] - paid
            moved[row.to_partner] = moved[row.to_partner] + paid
        frames = [
            pd.DataFrame({"partner": p, "year": case.years, "cost": cost[p], "cash": cash[p], "transfer": moved[p]})
            for p in partners
        ]
        frame = pd.concat(frames, ignore_index=True)
        frame["left"] = frame["cash"] - frame["cost"] + frame["transfer"]
        frame["regime"] = frame["partner"].map(self.partners["regime"])
        return frame

    def unpayable(self, scheme: str, rule: str = "equal_split") -> pd.DataFrame:
        """Years in which a partner that must break even would be below 0, or another beyond its free reserves."""
        rows = self.payable(scheme, rule)
        running = rows.groupby("partner")["left"].cumsum()
        free = rows["partner"].map(self.free_reserves).fillna(0.0)
        binds = (rows["regime"] == "break_even") & (rows["left"] < -0.005)
        beyond = (rows["regime"] == "reserves") & (running < -free - 0.005)
        return rows[binds | beyond]

    def back(self, row: Any, column: str) -> str:
        """A payback as the financial year in which the money is back."""
        years = row[column]
        if pd.isna(years):
            return "not in these years"
        start = int(next(one for one in self.cases if one.scheme == row["scheme"]).years[0][:4])
        place = start + int(np.ceil(years - 1e-9))
        return f"{place}/{(place + 1) % 100:02d}, after {number(years, 1)} years"


def care(v: View, scheme: str) -> str:
    """The services that a scheme relieves, in words."""
    case = next(one for one in v.cases if one.scheme == scheme)
    names = [v.service(one)[0].lower() + v.service(one)[1:] for one in dict.fromkeys(case.benefits["service"])]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)

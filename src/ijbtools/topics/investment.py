"""Schemes are sold as savings when they absorb growth; one partner pays and another gains; a budget for one year kills
what pays back in four. This page says for every scheme what it costs and brings, whom, when, and whether it saves
money or manages demand.

| symbol | meaning | unit |
|---|---|---|
| C0, C1 | cost of the services it acts on: if nothing is done, and with the scheme, its own cost left out | £ a year |
| Bud | the budget of these services, rolled forward with its uplift | £ a year |
| G | gross benefit | £ a year |
| R | part of it that is released from the budget | £ a year |
| I | investment: what the scheme itself costs | £ a year |
| DF | discount factor of the schedule named | |

**What a scheme releases.** Budgets are cash, so this is worked out year by year.

    G = C0 − C1;   R = max(0, min(G, Bud − C1));   cash = R · cashable share, in whole steps only
    freed = R − cash (capacity);   absorbed = G − R (growth that does not come; below 0, a cost the scheme adds)

Until the latest year with a budget, and where the budget of a service is not known, everything is released.

**What it is.** Present values are in real terms; the first year is not discounted.

    invest to save      PV(cash) ≥ PV(I)
    invest to manage    PV(cash) < PV(I) ≤ PV(G)
    does not pay back   otherwise; it may still be worth its outcomes
    fundable every year: in its last year, cash ≥ recurring cost

The label is never chosen. It is printed with the uplift and growth it rests on, and with the uplift at which it turns.

**Build-up.** Where people and effects are given, the benefit is

    people · reach · effect · (1 − deadweight) · attribution · unit cost · (1 − correction of the grade of evidence)

with its lag, its ramp and its drop-off; then it replaces what the scheme claims for the same budget. An effect from a
comparison has no deadweight. What a scheme claims is taken as it is.

**Several schemes.** They act in a stated order. A later one acts on what earlier ones have left, and has of what the
budget releases only what comes on top.

**Capital.** It counts against a partner's limit, or against its borrowing, whose repayment is an equal sum each year:

    repayment a year = capital · r / (1 − (1 + r)^−life), from the year after

**Double running.** Until a scheme releases what it costs, old and new run side by side: cost in revenue less cash.

**Who gains.** A partner's net is the present value of its benefits less that of its costs: on all benefits, and on
those that its budget can give up. Only the second can be paid to another.

    least = −net of who invests;   most = gains of the others;   feasible when the sum of all nets is 0 or more

Rules: the cost covered and no more; the gain shared equally; the gain shared as partners invest. A transfer agreement
is this; a funding settlement is the government's.

**Break-even.** How far one thing may be worse, all else as assumed, before cash or all benefits no longer cover the
cost.

**Pitfalls.** Capacity is not cash. Growth that does not come is no saving, and no budget falls by it. A range must hold
what the correction leaves and not correct again. Amounts, growth and uplift are in the same terms: in the prices of
the year that the scheme's amounts are in.

**Sources.** Discounting: HM Treasury, The Green Book. Corrections by grade of evidence: cost benefit analysis guidance
for local partnerships (2014), not read for this page. The sums of release and settlement are this project's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import pandas as pd

from ijbtools.finance.discounting import dips_again, payback, present_value, schedule_label
from ijbtools.finance.prices import in_prices_of
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumption, Assumptions
from ijbtools.inputs.reader import given, need
from ijbtools.topics import _investment_facts as handed
from ijbtools.topics import _investment_needs as needs
from ijbtools.topics import _investment_shown as shown
from ijbtools.topics import _investment_words as said
from ijbtools.topics._ageing import people
from ijbtools.topics._investment_cases import Case, build_up, cases, drivers
from ijbtools.topics._investment_sums import label, optimism_bias, partition, switching_value
from ijbtools.topics.result import Check, KeyFigure, Result, ShownFigure, ShownTable

__all__ = [
    "READS",
    "USES",
    "InvestmentResult",
    "compute",
    "label",
    "optimism_bias",
    "partition",
    "switching_value",
]

USES = (
    "do_nothing_growth",
    "budget_uplift",
    "cash_step",
    "use_65_74",
    "use_75_84",
    "use_85_over",
    "health_price_growth",
    "care_price_growth",
    "gdp_deflator",
    "borrowing_rate",
    "asset_life",
    "correction_grade_1",
    "correction_grade_2",
    "correction_grade_3",
    "correction_grade_4",
    "correction_grade_5",
    "correction_grade_6",
)
READS = (
    "partnerships",
    "partners",
    "services",
    "budgets",
    "funding",
    "reserves",
    "schemes",
    "scheme_flows",
    "scheme_effects",
    "population",
    "returns",
)

GROWTH_FROM = ("assumed", "people")
PARTS = ("gross", "released", "cash", "freed", "absorbed")


@dataclass(frozen=True)
class InvestmentResult(Result):
    """Schemes of all partnerships; `only` narrows to one partnership and day.

    Frames beside those that were read: `years` (one row a scheme and year), `partners_net` (a scheme and partner),
    `summary` (a scheme), `build_up` (a line of effect), `lines` (a scheme, budget and year). `cases` are the schemes as
    arrays, from which any growth, uplift or sample can be worked out again.
    """

    cases: tuple[Case, ...] = ()
    schedule: str = ""
    schedule_name: str | float = ""
    grown: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)

    TABLES = tuple(shown.TABLES)
    FIGURES = tuple(shown.FIGURES)

    def deflate(self, case: Case) -> np.ndarray:
        """What a pound of each of a case's years is worth in prices of its year 0."""
        return _real(case, {one.name: one for one in self.used})

    def only(self, partnership: str, period: str) -> "InvestmentResult":
        """The same result for one partnership and day, with the sources of what it has."""
        narrowed = cast(InvestmentResult, super().only(partnership, period))
        return replace(narrowed, data_sources=needs.data_sources(narrowed, self.data_sources))

    def periods(self, partnership: str) -> list[str]:
        """Years with a budget and their quarters, for partnerships that have schemes; none for others."""
        if partnership not in set(self.tables["summary"]["partnership"]):
            return []
        budgets = self.tables["budgets"]
        years = sorted(set(budgets.loc[budgets["partnership"] == partnership, "year"]))
        return [Period(int(year[:4]), 1, 3 * quarter).name for year in years for quarter in (1, 2, 3, 4)]

    def lacks(self, name: str) -> tuple[str, ...]:
        """The tables that the partnership would have to send for a sentence, table or figure of that name."""
        return needs.lacks(self, name)

    def shows(self, name: str) -> bool:
        """Whether the tables are there, and say something of this partnership."""
        return not self.lacks(name) and shown.says(self, name)

    def secondary(self, name: str) -> bool:
        """Lists behind the finding."""
        return name in shown.SECONDARY

    def would_show(self, name: str) -> str:
        """What it shows, in a few words."""
        return needs.SHOWS[name][0]

    def checks(self) -> list[Check]:
        """Parts add up, schemes take no more than there is, transfers sum to nothing."""
        return handed.checks(self)

    def sentences(self) -> dict[str, str]:
        """The finding in words: for one partnership once narrowed, else how many schemes there are."""
        return said.sentences(self) if self.period else said.overview(self)

    def key_figures(self) -> list[KeyFigure]:
        """The figures at the top of the page."""
        return said.key_figures(self)

    def table(self, name: str) -> ShownTable:
        """A table for people; ValueError names those there are."""
        return shown.table(self, name)

    def figure(self, name: str) -> ShownFigure:
        """A figure as data; ValueError names those there are."""
        return shown.figure(self, name)

    def facts(self) -> pd.DataFrame:
        """Every figure as a row, for all partnerships unless narrowed."""
        return handed.facts(self)


def compute(
    tables: Mapping[str, pd.DataFrame],
    assumptions: Assumptions,
    facts: pd.DataFrame | None = None,
    schedule: str | float = "green_book_2022",
    growth_from: str = "assumed",
) -> InvestmentResult:
    """Appraise every scheme of every partnership, on one discount schedule.

    `tables` as read by `inputs.read`; every table but partnerships and partners may be absent. `facts` is not read.
    `schedule` is a name or a flat rate, also as text such as "0.03". `growth_from` is `assumed` (one rate) or `people`
    (people by age and prices, from the tables). Raises InputRefused where partnerships or partners are missing,
    ValueError where the schedule or `growth_from` is unknown.
    """
    if growth_from not in GROWTH_FROM:
        raise ValueError(f"growth_from: found {growth_from!r}; expected one of {list(GROWTH_FROM)}")
    need(tables, "partnerships", "partners")
    rate = _rate(schedule)
    label_of = schedule_label(rate)
    use = assumptions.pick(USES)
    sent = {name: given(tables, name) for name in READS}
    made = cases(sent, use)
    grown = {(one.partnership, one.scheme): drivers(one, sent, use) for one in made}
    if growth_from == "people":
        made = [replace(one, drivers=grown[one.partnership, one.scheme]) for one in made]
    years = _stack([_years(case, use, sent["partners"]) for case in made], _YEARS)
    lines = _stack([_by_line(case, use) for case in made], _LINES)
    nets = _stack([_nets(case, use, rate) for case in made], _NETS)
    summary = _stack([_summary(case, years, use, rate) for case in made], _SUMMARY)
    real = (sent["partnerships"]["kind"] == "real").any()
    return InvestmentResult(
        topic="investment",
        tables={
            **sent,
            "years": years,
            "lines": lines,
            "partners_net": nets,
            "summary": summary,
            "build_up": build_up(sent["scheme_effects"], sent["scheme_flows"], use),
            "people": people(sent["population"]),
        },
        used=tuple(use[name] for name in USES),
        sources=use.sources,
        data_sources=("S18", "S20", *(("S02", "S03") if real else ())),
        scenario=use.scenario,
        method=__doc__ or "",
        cases=tuple(made),
        schedule=label_of,
        schedule_name=rate,
        grown=grown,
    )


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


def _rate(schedule: str | float) -> str | float:
    """A schedule's name, or a flat rate as a number."""
    try:
        return float(schedule)
    except ValueError:
        return schedule


def _stack(frames: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def terms(case: Case, use: Mapping[str, Assumption]) -> tuple[float, float, float]:
    """Growth, uplift and step of a case's first year."""
    when = Period.parse(case.years[0])
    return use["do_nothing_growth"].at(when), use["budget_uplift"].at(when), use["cash_step"].at(when)


def _real(case: Case, use: Mapping[str, Assumption]) -> np.ndarray:
    """What cash of each year is in prices of year 0; 1 where the scheme's amounts are in the prices of one year."""
    if case.base:
        return np.ones(len(case.years))
    deflator = use["gdp_deflator"].value
    return np.array([in_prices_of(case.years[0], 1.0, year, deflator) for year in case.years])


def _pv(amounts: np.ndarray, schedule: str | float) -> float:
    return present_value(pd.Series(amounts, index=range(len(amounts))), schedule)


def repayment_rate(use: Mapping[str, Assumption], when: Period) -> float:
    """What £1 borrowed costs revenue a year: r / (1 − (1 + r)^−life); 1 / life without interest."""
    rate, life = use["borrowing_rate"].at(when), use["asset_life"].at(when)
    return rate / (1 - (1 + rate) ** -life) if rate else 1 / life


def _years(case: Case, use: Assumptions, partners: pd.DataFrame) -> pd.DataFrame:
    growth, uplift, step = terms(case, use)
    parts = case.parts(growth, uplift, step)
    costs = case.costs
    recurring = ((costs["recurrence"] == "recurring") & (costs["funding"] == "revenue")).to_numpy()
    capital = (costs["funding"] == "capital").to_numpy()
    own_partners = partners[partners["partnership"] == case.partnership].set_index("partner")["capital_counts"]
    borrows = capital & (costs["partner"].map(own_partners) == "borrowing").to_numpy()
    borrowed = np.cumsum(case.investment[borrows].sum(axis=0)) - case.investment[borrows].sum(axis=0)
    spent = case.investment[~capital].sum(axis=0)
    own = ~case.benefits.duplicated(["partner", "service"]).to_numpy()  # each budget once
    frame = pd.DataFrame({name: parts[name].sum(axis=0) for name in PARTS})
    return frame.assign(
        partnership=case.partnership,
        scheme=case.scheme,
        year=case.years,
        t=range(len(case.years)),
        investment=case.investment.sum(axis=0),
        recurring_cost=case.investment[recurring].sum(axis=0),
        capital=case.investment[capital].sum(axis=0),
        repaid=borrowed * repayment_rate(use, Period.parse(case.years[0])),
        double_running=np.maximum(0.0, spent - parts["cash"].sum(axis=0)),
        do_nothing=case.do_nothing(growth)[own].sum(axis=0),
        budget=(case.budget[:, None] * (1 + uplift) ** case.ahead)[own].sum(axis=0),
    )


def _by_line(case: Case, use: Assumptions) -> pd.DataFrame:
    parts = case.parts(*terms(case, use))
    rows = []
    for i, line in enumerate(case.benefits.itertuples(index=False)):
        frame = pd.DataFrame({name: parts[name][i] for name in PARTS}).assign(year=case.years)
        rows.append(frame.assign(partner=line.partner, service=line.service, segment=line.segment))
    whole = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=_LINES)
    return whole.assign(partnership=case.partnership, scheme=case.scheme)


def _nets(case: Case, use: Assumptions, schedule: str | float) -> pd.DataFrame:
    """Present values by partner: what it pays, all that it gains, the cashable part of that, and the cash released.

    The cashable part is what a transfer could be paid from if budgets kept pace with growth.
    """
    real = _real(case, use)
    cost = dict.fromkeys(dict.fromkeys([*case.costs["partner"], *case.benefits["partner"]]), 0.0)
    everything, cash, released = dict(cost), dict(cost), dict(cost)
    for partner, amounts in zip(case.costs["partner"], case.investment, strict=True):
        cost[partner] += _pv(amounts * real, schedule)
    for partner, share, amounts in zip(case.benefits["partner"], case.benefits["share"], case.gross, strict=True):
        everything[partner] += _pv(amounts * real, schedule)
        cash[partner] += _pv(amounts * real, schedule) * share
    for partner, amounts in zip(case.benefits["partner"], case.parts(*terms(case, use))["cash"], strict=True):
        released[partner] += _pv(amounts * real, schedule)
    frame = pd.DataFrame({"pv_cost": cost, "pv_all": everything, "pv_cash": cash, "pv_released": released})
    frame["net_all"], frame["net_cash"] = frame["pv_all"] - frame["pv_cost"], frame["pv_cash"] - frame["pv_cost"]
    frame = frame.rename_axis("partner").reset_index()
    return frame.assign(partnership=case.partnership, scheme=case.scheme)


def _summary(case: Case, years: pd.DataFrame, use: Assumptions, schedule: str | float) -> pd.DataFrame:
    growth, _, step = terms(case, use)
    real = _real(case, use)
    own = years[(years["partnership"] == case.partnership) & (years["scheme"] == case.scheme)]
    pv = {name: _pv(own[name].to_numpy() * real, schedule) for name in ("investment", "gross", "cash")}
    claimed = case.benefits["share"].to_numpy(float)[:, None] * case.gross
    lasting = (case.benefits["recurrence"] == "recurring").to_numpy()
    cash = case.parts(*terms(case, use))["cash"]
    net = pd.Series(own["cash"].to_numpy() - own["investment"].to_numpy(), index=range(len(own)))
    everything = pd.Series(own["gross"].to_numpy() - own["investment"].to_numpy(), index=range(len(own)))

    def short(rate: float) -> float:
        released = case.parts(growth, rate, step)["cash"].sum(axis=0)
        return _pv(released * real, schedule) - pv["investment"]

    return pd.DataFrame(
        [
            {
                "partnership": case.partnership,
                "scheme": case.scheme,
                "name": case.name,
                "order": case.order,
                "first": case.years[int(np.argmax(own["investment"].to_numpy() + own["gross"].to_numpy() > 0))],
                "last": case.years[-1],
                "base": case.base or case.years[0],
                "pv_investment": pv["investment"],
                "pv_gross": pv["gross"],
                "pv_cash": pv["cash"],
                "pv_claimed": _pv(claimed.sum(axis=0) * real, schedule),
                "label": label(pv["investment"], pv["cash"], pv["gross"] - pv["cash"]),
                "payback_cash": payback(net),
                "payback_all": payback(everything),
                "payback_discounted": payback(net * real, schedule),
                "dips": dips_again(net),
                "peak": float(max(0.0, -net.cumsum().min())),
                "turns_at": switching_value(short, -0.1, 0.2),
                "recurs": float(case.gross[lasting].sum() / case.gross.sum()) if case.gross.sum() else 0.0,
                "steady_cash": float(cash[lasting, -1].sum()),
                "steady_cost": float(own["recurring_cost"].iloc[-1]),
            }
        ]
    )

"""Years ahead: the plan in three scenarios, and what doing nothing would cost the people there will be."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ijbtools.finance.outlook import outlook, people_growth
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.assumptions import Assumption, Assumptions
from ijbtools.topics._ageing import by_age, use_by_age

SCENARIOS = ("favourable", "central", "adverse")
AHEAD = 3
PRESSURES = ("full_year_effect", "pay", "price", "demand", "new_commitment")  # what scenarios scale
_WHERE = ["partnership", "year"]
PLAN = [
    "partnership", "from_year", "scenario", "year", "opening", "pressures", "savings", "e_r", "e_n", "f_r", "f_n",
    "reserves", "gap",
]  # fmt: skip


def plan(
    summary: pd.DataFrame, changes: pd.DataFrame, brought: pd.DataFrame, funding: pd.DataFrame, use: Assumptions
) -> pd.DataFrame:
    """The gap left in each year ahead, by scenario, from every year that has a budget; £ in cash of each year.

        e_r[t] = e_r[t−1] + pressures[t] · k + savings[t] · s;   e_r[0] = next_base of the summary
        f_r[t] = recurring funding of the plan · (1 + u)^t;   gap = e_r + e_n − f_r − f_n − reserves

    k, s and u are the plan's own in the central scenario (1, 1, 0 unless changed) and the ends of their ranges in the
    others; transfers and virements are not scaled. Years stop at the first one for which nothing is brought.
    """
    steps = changes[changes["period"] == ""]
    kind = steps["step"].map({"saving": "saving", **dict.fromkeys(PRESSURES, "pressure")}).fillna("moved")
    ahead = steps.assign(kind=kind.mask(steps["recurrence"] == "non_recurring", "non_recurring"))
    kept = funding[(funding["kind"] == "reserves") & (funding["status"] == "agreed")]
    moves = ahead.groupby([*_WHERE, "kind"])["amount"].sum().to_dict()
    money = brought.groupby([*_WHERE, "recurrence"])["amount"].sum().to_dict()
    held = kept.groupby(_WHERE)["amount"].sum().to_dict()
    ends = {(year, one): ends_of(use, one, year) for year in set(summary["year"]) for one in SCENARIOS}
    rows = []
    for row in summary.itertuples(index=False):
        for scenario in SCENARIOS:
            k, s, u = ends[row.year, scenario]
            e_r = row.next_base
            for t in range(1, AHEAD + 1):
                year = year_name(int(row.year[:4]) + t)
                key = (row.partnership, year)
                f_r = money.get((*key, "recurring"), 0.0)
                if not f_r:
                    break
                pressures = moves.get((*key, "pressure"), 0.0) * k
                savings = moves.get((*key, "saving"), 0.0) * s
                moved = moves.get((*key, "moved"), 0.0)
                opening, e_r = e_r, e_r + pressures + savings + moved
                e_n, f_n = moves.get((*key, "non_recurring"), 0.0), money.get((*key, "non_recurring"), 0.0)
                f_r *= (1 + u) ** t
                reserves = held.get(key, 0.0)
                gap = e_r + e_n - f_r - f_n - reserves
                rows.append(
                    (
                        row.partnership, row.year, scenario, year, opening, pressures + moved, savings, e_r, e_n, f_r,
                        f_n, reserves, gap,
                    )
                )  # fmt: skip
    return pd.DataFrame(rows, columns=PLAN)


def ends_of(use: Mapping[str, Assumption], scenario: str, year: str) -> tuple[float, float, float]:
    """Multiple of pressures, part of savings delivered, and extra uplift of a scenario."""
    found = []
    for name, better in (("plan_pressures", "low"), ("plan_savings", "high"), ("plan_uplift", "high")):
        one = use[name]
        span = one.range
        if scenario == "central" or span is None:
            found.append(one.at(Period.parse(year)))
        else:
            worse = "high" if better == "low" else "low"
            found.append(getattr(span, better if scenario == "favourable" else worse))
    return found[0], found[1], found[2]


def outlook_of(services: pd.DataFrame, budgets: pd.DataFrame, counted: pd.DataFrame, use: Assumptions) -> pd.DataFrame:
    """Doing nothing, for three years after every budget: partnership, from_year, year, service, demography, amount.

    `amount` has both the growth of people and of prices, in cash of its year; `demography` the growth of people alone.
    `counted` are people by partnership, calendar year and age group. Partnerships whose people are not known for all
    the years are left out.
    """
    columns = ["partnership", "from_year", "year", "service", "demography", "amount"]
    found = []
    care = services.set_index("service")["care_group"].to_dict()
    health = set(services.loc[services["category"].isin(["a", "b"]), "service"])
    spend = budgets.groupby(["partnership", "year", "service"])["recurring"].sum()
    ages = {str(name): by_age(rows) for name, rows in counted.groupby("partnership") if name in spend.index.levels[0]}
    for (partnership, year), lines in spend.groupby(level=[0, 1]):
        start, wide = int(str(year)[:4]), ages.get(str(partnership), pd.DataFrame())
        years = list(range(start, start + AHEAD + 1))
        amounts = lines.droplevel([0, 1])
        if not set(years) <= set(wide.columns) or not set(amounts.index) <= set(care):
            continue
        when = Period.parse(str(year))
        grown = people_growth(wide[years], use_by_age(use, when), start).reindex([care[one] for one in amounts.index])
        grown.index = amounts.index
        prices = {True: use["health_price_growth"].at(when), False: use["care_price_growth"].at(when)}
        rates = pd.Series([prices[one in health] for one in amounts.index], index=amounts.index)
        alone, both = outlook(amounts, grown, rates * 0).iloc[:, 1:], outlook(amounts, grown, rates).iloc[:, 1:]
        rows = {
            "partnership": partnership,
            "from_year": year,
            "year": np.repeat([year_name(t) for t in years[1:]], len(amounts)),
            "service": np.tile(amounts.index.to_numpy(), AHEAD),
            "demography": alone.to_numpy().ravel("F"),
            "amount": both.to_numpy().ravel("F"),
        }
        found.append(pd.DataFrame(rows, columns=columns))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)

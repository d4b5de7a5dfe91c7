"""Years ahead: the plan in three scenarios, and what doing nothing would cost the people there will be."""

from collections.abc import Mapping

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.outlook import outlook, people_growth
from ijbtools.finance.people import people_in
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.assumptions import Assumption, Assumptions

SCENARIOS = ("favourable", "central", "adverse")
AHEAD = 3
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
    others. Years stop at the first one for which nothing is brought.
    """
    steps = changes[changes["period"] == ""]
    ahead = steps.assign(
        kind=steps["recurrence"].where(steps["recurrence"] == "non_recurring", "pressure").mask(
            (steps["recurrence"] == "recurring") & (steps["step"] == "saving"), "saving"
        )
    )  # fmt: skip
    moves = ahead.groupby([*_WHERE, "kind"])["amount"].sum()
    money = brought.groupby([*_WHERE, "recurrence"])["amount"].sum()
    kept = funding[(funding["kind"] == "reserves") & (funding["status"] == "agreed")]
    kept = kept.groupby(_WHERE)["amount"].sum()
    rows = []
    for row in summary.itertuples(index=False):
        for scenario in SCENARIOS:
            k, s, u = _ends(use, scenario, row.year)
            e_r = row.next_base
            for t in range(1, AHEAD + 1):
                year = year_name(int(row.year[:4]) + t)
                key = (row.partnership, year)
                f_r = money.get((*key, "recurring"), 0.0)
                if not f_r:
                    break
                pressures = moves.get((*key, "pressure"), 0.0) * k
                savings = moves.get((*key, "saving"), 0.0) * s
                opening, e_r = e_r, e_r + pressures + savings
                e_n, f_n = moves.get((*key, "non_recurring"), 0.0), money.get((*key, "non_recurring"), 0.0)
                f_r *= (1 + u) ** t
                reserves = kept.get(key, 0.0)
                gap = e_r + e_n - f_r - f_n - reserves
                rows.append(
                    (
                        row.partnership, row.year, scenario, year, opening, pressures, savings, e_r, e_n, f_r, f_n,
                        reserves, gap,
                    )
                )  # fmt: skip
    return pd.DataFrame(rows, columns=PLAN)


def _ends(use: Assumptions, scenario: str, year: str) -> tuple[float, float, float]:
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


def people(population: pd.DataFrame) -> pd.DataFrame:
    """People by partnership, calendar year and age group: estimates, then projected growth."""
    years = sorted({int(year) for year in population["year"].dropna()})
    return people_in(population, years).reset_index(drop=True)


def use_by_age(use: Mapping[str, Assumption], when: Period) -> pd.DataFrame:
    """Use of care by care group and age, relative to an adult under 65."""
    ages = {"65-74": "use_65_74", "75-84": "use_75_84", "85+": "use_85_over"}
    older = {age: use[name].at(when) for age, name in ages.items()}
    adult = {"18-64": 1.0}
    grown_up = dict.fromkeys(["18-64", "65-74", "75-84", "85+"], 1.0)
    groups = {
        "all": {"0-17": 1.0, **adult, **older},
        "older_people": older,
        "adults": adult,
        "learning_disability": grown_up,
        "mental_health": grown_up,
        "addictions": grown_up,
        "carers": grown_up,
        "children": {"0-17": 1.0},
    }
    columns = list(words.POPULATION_AGE_GROUPS)
    return pd.DataFrame.from_dict(groups, orient="index").reindex(columns=columns).fillna(0.0)


def outlook_of(
    services: pd.DataFrame, budgets: pd.DataFrame, population: pd.DataFrame, use: Assumptions
) -> pd.DataFrame:
    """Doing nothing, for three years after every budget: partnership, from_year, year, service, demography, amount.

    `amount` has both the growth of people and of prices, in cash of its year; `demography` the growth of people alone.
    Partnerships whose people are not known for all the years are left out.
    """
    columns = ["partnership", "from_year", "year", "service", "demography", "amount"]
    counted, found = people(population), []
    care = services.set_index("service")["care_group"]
    health = services.set_index("service")["category"].isin(["a", "b"])
    spend = budgets.groupby(["partnership", "year", "service"])["recurring"].sum()
    for (partnership, year), lines in spend.groupby(level=[0, 1]):
        start, own = int(str(year)[:4]), counted[counted["partnership"] == partnership]
        wide = own.pivot_table(index="age_group", columns="year", values="people", aggfunc="sum")
        years = list(range(start, start + AHEAD + 1))
        amounts = lines.droplevel([0, 1])
        if not set(years) <= set(wide.columns) or not set(amounts.index) <= set(care.index):
            continue
        when = Period.parse(str(year))
        grown = people_growth(wide[years], use_by_age(use, when), start).reindex(care[amounts.index])
        grown.index = amounts.index
        rates = pd.Series(
            [use["health_price_growth" if health[one] else "care_price_growth"].at(when) for one in amounts.index],
            index=amounts.index,
        )
        alone = outlook(amounts, grown, rates * 0)
        both = outlook(amounts, grown, rates)
        for t in years[1:]:
            rows = pd.DataFrame({"demography": alone[t], "amount": both[t]}).rename_axis("service").reset_index()
            found.append(rows.assign(partnership=partnership, from_year=year, year=year_name(t))[columns])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)

"""People by age as topics use them: counted on from the last estimate, and weighted by how much care an age uses."""

from collections.abc import Mapping

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.people import people_in
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumption


def people(population: pd.DataFrame) -> pd.DataFrame:
    """People by partnership, calendar year and age group: estimates, then projected growth."""
    years = sorted({int(year) for year in population["year"].dropna()})
    return people_in(population, years).reset_index(drop=True)


def by_age(counted: pd.DataFrame) -> pd.DataFrame:
    """People of one partnership, as from `people`: a row an age group, a column a calendar year."""
    return counted.pivot_table(index="age_group", columns="year", values="people", aggfunc="sum")


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

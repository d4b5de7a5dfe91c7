"""What each part of shunting shows, the tables that a partnership sends for it, and when a nation is whole."""

from types import MappingProxyType

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.people import people_in
from ijbtools.topics import _shunting_hidden as held
from ijbtools.topics.result import Result

_DAYS = ("delays",)

# name: what it shows, and the tables it rests on
SHOWS = MappingProxyType(
    {
        "delay": ("how many days people waited, and for what", _DAYS),
        "trend": ("delayed days by reason over the years", _DAYS),
        "days": ("the same beside the year before", _DAYS),
        "rate": ("delayed days per 1,000 people aged 75 and over", ("delays", "population")),
        "flows": ("the cost of the days by who decides and who bears it", _DAYS),
        "flows_in_cash": ("the same in cash", _DAYS),
        "decides": ("the cost of the days by who decides and who bears it", _DAYS),
        "flags": ("where what is best for one budget is not best for all", _DAYS),
        "one_budget": ("what one budget would change, and what it would not", _DAYS),
        "ending": ("what ending the wait for care would free, and what it would cost", _DAYS),
    }
)

# A nation is shown as a whole only where every authority is in the table. Scotland has 31: 30 integration joint boards
# and the lead agency of Highland, under the Public Bodies (Joint Working) (Scotland) Act 2014. How many make up the
# other nations is not known here, so they are never shown as a whole.
AUTHORITIES = MappingProxyType({"scotland": 31})

YEARS_AHEAD = 3  # a page further beyond the last day counted is taken for a slip


def lacks(result: Result, name: str) -> tuple[str, ...]:
    """The tables that the partnership would have to send for a sentence, table or figure of that name."""
    return tuple(table for table in SHOWS.get(name, ("", ()))[1] if not _reaches(result, table))


def _reaches(result: Result, table: str) -> bool:
    """Whether the table has complete figures of the partnership for the page's period."""
    rows = result.tables["summary"] if table == "delays" else result.tables["people_75"]
    if result.partnership:
        rows = rows[rows["partnership"] == result.partnership]
    if result.period:
        year, name = result.period.year, result.period.name
        rows = rows[rows["period"] == name] if table == "delays" else rows[rows["year"] == year]
    sent = result.period is not None and table == "delays" and held.everything(result, result.period)
    return sent or not rows.empty


def aged_75(population: pd.DataFrame) -> pd.DataFrame:
    """People aged 75 and over by partnership and year, where all of them were counted: `people_75` and its status."""
    people = people_in(population, sorted({int(year) for year in population["year"].dropna()}))
    people = people[people["age_group"].isin(words.AGED_75_AND_OVER)]
    keys = ["partnership", "year"]
    found = people.groupby(keys, as_index=False).agg(
        people_75=("people", "sum"), population_status=("status", "max"), groups=("age_group", "nunique")
    )
    in_one = people.loc[people["age_group"] == "75+", keys].drop_duplicates().assign(in_one=True)
    found = found.merge(in_one, on=keys, how="left")
    whole = (found["groups"] > 1) | found["in_one"].eq(True)
    return found.loc[whole & (found["people_75"] > 0), [*keys, "people_75", "population_status"]]


def data_sources(result: Result, used: tuple[str, ...]) -> tuple[str, ...]:
    """Of the sources of the data, those whose figures the page has: the first is of days, others or it of people."""
    nations = result.tables["nations"]
    nation = result.tables["partnerships"]["nation"].iloc[0]
    period = result.period.name if result.period else ""
    beside = ((nations["nation"] == nation) & (nations["period"] == period)).any()
    days = beside or not result.tables["summary"].empty
    people = not result.tables["people_75"].empty
    return tuple(dict.fromkeys([*(used[:1] if days else ()), *((used[1:] or used) if people else ())]))

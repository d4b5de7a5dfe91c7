"""Delayed days before anything is priced: who hosts care, days to date, rates, and nations as a whole."""

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.years import Period, year_name
from ijbtools.topics import _shunting_hidden as held
from ijbtools.topics import _shunting_needs as needs

DAYS = ["partnership", "period", "reason", "age_group", "bed_days"]


def hosts(partnerships: pd.DataFrame, partners: pd.DataFrame, priced: set[str]) -> list[str]:
    """Who hosts adult care in each lead agency: the partner named, else its one health board; nobody elsewhere.

    Refused where it cannot be told and the days of the partnership are to be priced.
    """
    boards = partners[partners["sector"] == "health_board"].groupby("partnership")["partner"].agg(list)
    found, problems = [], []
    for partnership, model, host in zip(
        partnerships["partnership"], partnerships["model"], partnerships["host"], strict=True
    ):
        own = boards.get(partnership, [])
        if model != "lead_agency":
            host = ""
        elif not host and len(own) == 1:
            host = own[0]
        elif not host and partnership in priced:
            expected = "for a lead agency, the partner that hosts adult care"
            problems.append(Problem("partnerships.csv", f"no host of {partnership}", expected, column="host"))
        found.append(host)
    if problems:
        raise InputRefused(problems)
    return found


def days_to_date(delays: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Days from 1 April to each quarter's end, where every month so far was counted; 0 where none are recorded.

    What is `hidden` (a log as of `inputs.disclosure`) has no rows; what was put together for it is `not_shown`.
    """
    if delays.empty:
        return delays.assign(bed_days=delays["bed_days"].astype(int))[DAYS]
    periods = {name: Period.parse(name) for name in delays["period"].unique()}
    rows = delays.assign(
        year=delays["period"].map({name: period.year for name, period in periods.items()}),
        quarter=delays["period"].map({name: period.quarter for name, period in periods.items()}),
        months=delays["period"].map({name: period.months for name, period in periods.items()}),
    )
    quarters = pd.Index([1, 2, 3, 4], name="quarter")
    counted = rows.drop_duplicates(["partnership", "period"])
    complete = counted.pivot_table(index=["partnership", "year"], columns="quarter", values="months", aggfunc="sum")
    complete = (complete.reindex(columns=quarters) == 3).astype(int).cummin(axis=1).astype(bool)
    complete = complete.stack().rename("complete").reset_index()
    complete = complete[complete["complete"]]
    together = [words.NOT_SHOWN] if len(hidden) else []
    grid = complete.merge(pd.DataFrame({"reason": [*words.REASONS, *together]}), how="cross")
    grid = grid.merge(pd.DataFrame({"age_group": [*words.DELAY_AGE_GROUPS, *together]}), how="cross")
    grid = held.as_shown(grid, hidden) if together else grid
    keys = ["partnership", "year", "quarter", "reason", "age_group"]
    known = rows.groupby(keys, as_index=False)["bed_days"].sum()
    grid = grid.merge(known, on=keys, how="left").fillna({"bed_days": 0}).sort_values(keys)
    grid["bed_days"] = grid.groupby(["partnership", "year", "reason", "age_group"])["bed_days"].cumsum().astype(int)
    spans = grid[["year", "quarter"]].drop_duplicates()
    names = {(y, q): Period(y, 1, 3 * q).name for y, q in spans.itertuples(index=False, name=None)}
    grid["period"] = [names[key] for key in zip(grid["year"], grid["quarter"], strict=True)]
    return grid[DAYS].astype({"period": "str"}).reset_index(drop=True)


def summary(days: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Days, beds occupied on average, and delayed days of people aged 75 and over per 1,000 of them.

    Those of people aged 75 and over are not known where the split by age is not shown.
    """
    keys = ["partnership", "period"]
    found = days.groupby(keys, as_index=False, sort=False)["bed_days"].sum()
    older = days[days["age_group"] == "75+"].groupby(keys, as_index=False)["bed_days"].sum()
    found = found.merge(older.rename(columns={"bed_days": "bed_days_75"}), on=keys, how="left")
    spans = {name: Period.parse(name) for name in found["period"].unique()}
    days_of = {name: span.to_date.days for name, span in spans.items()}
    found["days_in_period"] = found["period"].map(days_of).astype("int64")
    found["beds"] = found["bed_days"] / found["days_in_period"]
    found["year"] = found["period"].map({name: span.year for name, span in spans.items()})
    found = found.merge(people, on=["partnership", "year"], how="left")
    return found.assign(rate_75=found["bed_days_75"] / found["people_75"] * 1000)


def nations(summary: pd.DataFrame, partnerships: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Real partnerships of a nation together, where all its authorities are there and each has the period.

    The rate is of residents, where the people of every one of them are known, and their days by age. There is none
    where the days of people who live elsewhere are too few to be shown: the nation less its partnerships is theirs.
    """
    real = partnerships[partnerships["kind"] == "real"]
    nation_of = real.set_index("partnership")["nation"]
    rows = summary.assign(nation=summary["partnership"].map(nation_of))
    if real["nation"].nunique() == 1:  # people who live elsewhere can be counted with the one nation there is
        elsewhere = rows["partnership"] == words.NOT_RESIDENT
        rows["nation"] = rows["nation"].mask(elsewhere, real["nation"].iloc[0])
    rows = rows.dropna(subset=["nation"])
    resident = rows["partnership"] != words.NOT_RESIDENT
    rows = rows.assign(
        areas=resident.astype(int),
        peopled=(resident & rows["people_75"].notna() & rows["bed_days_75"].notna()).astype(int),
        resident_days=rows["bed_days"].where(resident, 0),
        resident_75=rows["bed_days_75"].where(resident, 0),
    )
    sums = ["areas", "peopled", "bed_days", "resident_days", "resident_75", "people_75"]
    found = rows.groupby(["nation", "period", "days_in_period"], as_index=False)[sums].sum(min_count=1)
    whole = real["nation"].value_counts()
    whole = whole[[needs.AUTHORITIES.get(nation) == count for nation, count in whole.items()]]
    found = found[found["areas"] == found["nation"].map(whole)]
    found["people_75"] = found["people_75"].where(found["peopled"] == found["areas"])
    found["beds"] = found["bed_days"] / found["days_in_period"]
    few = hidden.loc[(hidden["partnership"] == words.NOT_RESIDENT) & (hidden["what"] == "all"), "year"]
    if len(few):
        years = {name: year_name(Period.parse(name).year) for name in found["period"].unique()}
        found = found[~found["period"].map(years).isin(few)]
    return found.assign(rate_75=found["resident_75"] / found["people_75"] * 1000)

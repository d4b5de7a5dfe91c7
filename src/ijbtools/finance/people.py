"""How many people live somewhere in a year that the estimates do not reach yet."""

import pandas as pd


def people_in(population: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """People by partnership, year and age group: the estimate, or the last estimate rolled on at projected growth.

        people[t] = estimate[t],  or  estimate[last] · projection[t] / projection[last]

    The projections were made before the census that the estimates rest on, so only their growth is used. `population`
    has the columns of the table; its `year` is the calendar year of a mid-year count. Returns partnership, year,
    age_group, people, status (`estimate`, or `projection` where growth was used); combinations that neither series
    reaches are left out.

    Source: this project's own rule. The published projections for areas are 2018-based while the estimates are rebased
    to the census of 2022, so that their levels differ and only the growth carries over.
    """
    keys = ["partnership", "age_group"]
    counts = population.groupby([*keys, "year", "status"], as_index=False)["people"].sum(min_count=1)
    counts = counts.dropna(subset=["people"])
    counts["year"] = counts["year"].astype(int)
    estimates = counts[counts["status"] == "estimate"].drop(columns="status")
    projections = counts[counts["status"] == "projection"].drop(columns="status")
    last = estimates.sort_values("year").drop_duplicates(keys, keep="last")
    base = last.merge(projections, on=[*keys, "year"], suffixes=("", "_projected"))
    rolled = projections.merge(base, on=keys, suffixes=("", "_base"))
    rolled = rolled[(rolled["year"] > rolled["year_base"]) & (rolled["people_projected"] > 0)]
    rolled = rolled.assign(people=rolled["people_base"] * rolled["people"] / rolled["people_projected"])
    known = pd.concat(
        [
            estimates.assign(status="estimate"),
            rolled[[*keys, "year", "people"]].assign(status="projection"),
        ],
        ignore_index=True,
    )
    return known[known["year"].isin(years)][["partnership", "year", "age_group", "people", "status"]]

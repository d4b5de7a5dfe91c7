"""Which money counts as what partners bring to a budget.

Agreed money adds up. Where a partner agreed nothing for a year, its latest offer stands in. Reserves are not brought by
a partner, a share of an overspend is paid after the event, a government's money is the limit of its own body, and what
partners lend each other outside the one budget never reaches it.

Source: this project's own rule, from the Scottish Government's financial assurance guidance.
"""

import pandas as pd

_WHO = ["partnership", "year", "partner", "to_partner"]


def brought(funding: pd.DataFrame, partners: pd.DataFrame, partnerships: pd.DataFrame) -> pd.DataFrame:
    """The rows of `funding` that count, with `standing`: agreed or offered. The columns are those of the tables.

    Returns partnership, year, partner, to_partner, amount (£), recurrence, kind, condition, standing, dated.
    """
    sectors = partners[["partnership", "partner", "sector"]]
    rows = funding.merge(sectors, on=["partnership", "partner"], how="left")
    rows = rows.merge(partnerships[["partnership", "model"]], on="partnership", how="left")
    own = (rows["to_partner"] == "") | (rows["to_partner"] == rows["partner"]) | (rows["model"] == "lead_agency")
    rows = rows[own & ~rows["kind"].isin(["reserves", "overspend_share"]) & (rows["sector"] != "government")]
    agreed = rows[rows["status"] == "agreed"]
    offered = rows[rows["status"] == "offered"]
    latest = offered["dated"] == offered.groupby([*_WHO, "recurrence"])["dated"].transform("max")
    known = agreed[_WHO].drop_duplicates()
    stands = offered[latest].merge(known, on=_WHO, how="left", indicator=True)
    stands = stands[stands["_merge"] == "left_only"].drop(columns="_merge")
    columns = [*_WHO, "amount", "recurrence", "kind", "condition", "status", "dated"]
    return pd.concat([agreed, stands])[columns].rename(columns={"status": "standing"}).reset_index(drop=True)

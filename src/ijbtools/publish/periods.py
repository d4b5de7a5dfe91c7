"""`--period auto`: the latest quarter that is over and complete in the tables of a partnership.

A quarter here is the year to its end, as in every briefing. It is complete where each dated table of the partnership
reaches its end without a gap in its year:

    delays     every month of the year so far was counted
    spending   every partner sent every month so far, and its ledger reaches into the last of them
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from ijbtools.finance.years import Period
from ijbtools.inputs.reader import given

AUTO = "auto"
TABLES = ("delays", "spending", "returns", "budgets")  # what it is found from

_Ends = dict[str, set[Period]]  # by partnership, the years to the ends of complete quarters


@dataclass(frozen=True)
class Waiting:
    """A partnership that has dated tables, and no complete quarter in them."""

    partnership: str
    why: str


def last_over(today: date) -> Period:
    """The year to the end of the last quarter that is over: its last day lies before today."""
    month = today.replace(day=1) - timedelta(days=1)
    while month.month % 3:
        month = month.replace(day=1) - timedelta(days=1)
    return Period.of_month(month.year, month.month).to_date


def latest(tables: Mapping[str, pd.DataFrame], partnerships: Iterable[str], today: date) -> dict[str, Period | Waiting]:
    """The latest complete quarter of each partnership on that day, as the year to its end.

    One that sends neither delays nor spending gets the last year or quarter of its budgets that is over, and without
    budgets the last quarter that is over.
    """
    over = last_over(today)
    dated = {"delays": delays_to(given(tables, "delays"))}
    dated["spending"] = spending_to(given(tables, "spending"), given(tables, "returns"))
    budgets = given(tables, "budgets")[["partnership", "year"]].drop_duplicates()
    years: dict[str, set[str]] = {}
    for partnership, year in budgets.itertuples(index=False, name=None):
        years.setdefault(partnership, set()).add(year)
    found: dict[str, Period | Waiting] = {}
    for partnership in partnerships:
        reach = {name: ends[partnership] for name, ends in dated.items() if partnership in ends}
        if reach:
            common = [end for end in set.intersection(*reach.values()) if end <= over]
            why = f"no quarter that is over is complete in {' and '.join(reach)}"
            found[partnership] = max(common) if common else Waiting(partnership, why)
        else:
            found[partnership] = _budgeted(years.get(partnership, set()), over)
    return found


def _budgeted(years: Iterable[str], over: Period) -> Period:
    """The last quarter of these years that is over; the last of all where none of them has begun, or there is none."""
    starts = [Period.parse(year).year for year in years]
    begun = [start for start in starts if start <= over.year]
    return over if not begun or max(begun) == over.year else Period(max(begun), 1, 12)


def delays_to(delays: pd.DataFrame) -> _Ends:
    """The quarters to whose end every month of the year was counted; a partnership without rows is left out."""
    ends: _Ends = {}
    months: dict[tuple[str, int, int], int] = {}
    spans: dict[str, Period] = {}
    for partnership, name in delays[["partnership", "period"]].drop_duplicates().itertuples(index=False, name=None):
        span = spans.setdefault(name, Period.parse(name))
        ends.setdefault(partnership, set())
        key = (partnership, span.year, span.quarter)
        months[key] = months.get(key, 0) + span.months
    for partnership, year in {key[:2] for key in months}:
        for quarter in (1, 2, 3, 4):
            if months.get((partnership, year, quarter)) != 3:
                break
            ends[partnership].add(Period(year, 1, 3 * quarter))
    return ends


def spending_to(spending: pd.DataFrame, returns: pd.DataFrame) -> _Ends:
    """The quarters to whose end every partner's ledger is closed; a partnership without spending is left out.

    The partners are those with rows of the year or of the year before. A month is there where it was sent alone, or
    lies within a year to date that was sent. Where `returns` says how far a ledger reaches, it reaches into the
    quarter's last month: ledgers close on different days.
    """
    closed = _ledgers(returns)
    sent: dict[str, dict[str, dict[int, set[int]]]] = {}  # by partnership and partner the months of each year
    keys = ["partnership", "partner", "month"]
    known = spending[spending["month"] != ""]
    rows = known[keys].assign(own=known["actual"].notna(), so_far=known["actual_to_date"].notna())
    for partnership, partner, name, own, so_far in rows.drop_duplicates().itertuples(index=False, name=None):
        span = Period.parse(name)
        months = sent.setdefault(partnership, {}).setdefault(partner, {}).setdefault(span.year, set())
        months |= set(range(1, span.last + 1)) if so_far else {span.last} if own else set()
    ends: _Ends = {}
    for partnership, partners in sent.items():
        ends[partnership] = set()
        for year in {year for years in partners.values() for year in years}:
            of_year = {partner: years for partner, years in partners.items() if {year, year - 1} & years.keys()}
            for quarter in (1, 2, 3, 4):
                end = Period(year, 1, 3 * quarter)
                if all(
                    set(range(1, end.last + 1)) <= years.get(year, set())
                    and closed.get((partnership, partner), end.end) >= end.end.replace(day=1)
                    for partner, years in of_year.items()
                ):
                    ends[partnership].add(end)
    return ends


def _ledgers(returns: pd.DataFrame) -> dict[tuple[str, str], date]:
    """The last day in each partner's ledger of spending, where returns says it."""
    lines = returns[(returns["table"] == "spending") & (returns["ledger_to"] != "")]
    last = lines.groupby(["partnership", "partner"])["ledger_to"].max()
    return {(str(whose), str(partner)): date.fromisoformat(day) for (whose, partner), day in last.items()}

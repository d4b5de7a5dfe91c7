"""What few people are behind is put together before anything is worked out of it, so that no page can give it away.

Pages show delayed days: of a partnership in all, by reason, and of people aged 75 and over, from 1 April to the end of
each quarter. Counts of people are on no page; they decide what may be there, and end here.

**Grain.** One quarter's page can be subtracted from the next, so the finest that pages show are whole quarters from
April on, and those are looked at. Where a quarter comes in months its people are not their sum, for who waits in three
months would be three: they are taken to be as many as in the fullest month, and they are never fewer. A count that is
not given is at least the days divided by the days of the period. Reasons, age groups and localities are added up: each
person is in one of each in a period.

**Primary.** A reason with 1 to n − 1 people in a quarter is hidden, and through the whole financial year, so that no
subtraction of years to date leaves that quarter.

**Secondary.** The total and the other reasons are shown, so what is hidden is known together. Quarter after quarter,
until at least two reasons are hidden and those hidden are n people or more together, the one with the fewest people in
that quarter is hidden too. As a reason that is shown has n people or none, one more is enough. The quarters are taken
in their order and nothing is undone: what a later quarter hides is never less than what an earlier page has hidden.

**Age groups.** Where one of the two is 1 to n − 1 people in a quarter, the split by age is left out for the year: the
other one and the total would give it away. Days by reason stay.

**All.** Where a partnership is 1 to n − 1 people in a quarter, all its rows of the year are left out.

**What can be worked out.** Whoever has every page can work out, of each quarter, the days of every reason that is
shown, of those hidden together, of both age groups where shown, and no more. That something is hidden tells that a
reason among those hidden is of few people; which one it is, no page or file says: `kind` in the log is for those who
hold the tables, and stays with them.

**What is not protected against.** Days that others publish of the same people; earlier pages where the partner has
since revised its table, raised or lowered n, or taken an exemption back; one person who has most of the days of a cell
(people are counted, days are not weighed); what the people of a cell know of each other; that a reason has nobody. The
table that is handed to a notebook still has months, and reason by age: a notebook of one's own must not print those.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.years import Period, year_name

DISCLOSURE = "IJB_DISCLOSURE"  # set by `ijb`: what a plan says of suppression, for the kernels it starts
FEWER_THAN = 5  # people
COUNTED = ("delays",)  # the tables that can have counts of people behind what pages show

LOG = ("partnership", "year", "what", "word", "kind", "fewer_than")
_YEARS = ["partnership", "year"]
_QUARTERS = [*_YEARS, "quarter"]


@dataclass(frozen=True)
class Disclosure:
    """What a plan says of suppression: below how many people, and why a table is exempt. 0 and 1 hide nothing."""

    below: int = FEWER_THAN
    exempt: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The same as one line, for an environment."""
        return json.dumps({"suppress_below": self.below, "exempt": dict(self.exempt)}, sort_keys=True)

    @classmethod
    def of(cls, text: str) -> "Disclosure":
        """From that line; what holds where nothing is said, of an empty one. InputRefused where it is another."""
        if not text:
            return USUAL
        try:
            said = json.loads(text)
            return cls(int(said["suppress_below"]), {str(name): str(why) for name, why in said["exempt"].items()})
        except (ValueError, KeyError, TypeError, AttributeError):
            expected = f"nothing, or {USUAL.text}"
            raise InputRefused([Problem(f"environment variable {DISCLOSURE}", repr(text), expected)]) from None


USUAL = Disclosure()  # what holds where nothing is said


def no_log() -> pd.DataFrame:
    """The log of nothing hidden."""
    return pd.DataFrame({name: pd.Series(dtype="int64" if name == "fewer_than" else "str") for name in LOG})


def person_level(delays: pd.DataFrame, declared: bool = False) -> pd.Series:
    """Which rows are of persons: all where that is `declared`, else those of a partnership and year with any `people`.

    Published aggregates, which have no people, may stand beside them.
    """
    if declared or "people" not in delays or delays.empty:
        return pd.Series(declared, index=delays.index, dtype=bool)
    years = delays["period"].map({name: Period.parse(name).year for name in delays["period"].unique()})
    return delays["people"].notna().groupby([delays["partnership"], years]).transform("any")


def suppressed(
    delays: pd.DataFrame, threshold: int = FEWER_THAN, declared: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table `delays` with nothing in it that gives away fewer than `threshold` people, and the log of what is not.

    Rows of persons come back without people and localities; hidden reasons, and age groups, as `not_shown`. Days by
    partnership and period add up to the same, but for a partnership and year that is left out. The table itself where
    no row is of persons or the threshold is 0 or 1. The log has a row for each reason hidden (`what` is reason, `word`
    the reason), each year without the split by age (age_group) and each year left out (all); `kind` is primary or
    secondary, and is not for pages.
    """
    own = person_level(delays, declared)
    if threshold <= 1 or not own.any():
        return delays, no_log()
    rows = _counted(delays[own])
    log = _log(rows, threshold)
    whole = set(log.loc[log["what"] == "all", _YEARS].itertuples(index=False, name=None))
    ages = set(log.loc[log["what"] == "age_group", _YEARS].itertuples(index=False, name=None))
    of_reasons = log.loc[log["what"] == "reason", [*_YEARS, "word"]]
    reasons = set(of_reasons.itertuples(index=False, name=None))
    years = list(zip(rows["partnership"], rows["year"].map(year_name), strict=True))
    hidden = [(*year, reason) in reasons for year, reason in zip(years, rows["reason"], strict=True)]
    safe = rows.assign(
        reason=rows["reason"].mask(np.array(hidden, dtype=bool), words.NOT_SHOWN),
        age_group=rows["age_group"].mask(np.array([year in ages for year in years], dtype=bool), words.NOT_SHOWN),
    )[np.array([year not in whole for year in years], dtype=bool)]
    keys = ["partnership", "period", "age_group", "reason"]
    safe = safe.groupby(keys, as_index=False, sort=False)["bed_days"].sum()
    blanks = {name: float("nan") if name == "people" else "" for name in delays if name not in safe}
    kinds = {name: kind for name, kind in delays.dtypes.items() if name != "people"}
    safe = safe.assign(**blanks)[list(delays.columns)].astype(kinds)
    parts = [part for part in (delays[~own], safe) if len(part)]
    found = pd.concat(parts, ignore_index=True) if parts else safe
    return found.rename_axis(index=delays.index.name), log


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with year, quarter, months, and how many people there are in each at least."""
    periods = {name: Period.parse(name) for name in rows["period"].unique()}
    days = rows["period"].map({name: period.days for name, period in periods.items()})
    people = rows["people"] if "people" in rows else pd.Series(float("nan"), index=rows.index)
    people = people.fillna(np.ceil(rows["bed_days"] / days)).clip(lower=(rows["bed_days"] > 0).astype(float))
    return rows.assign(
        year=rows["period"].map({name: period.year for name, period in periods.items()}),
        quarter=rows["period"].map({name: period.quarter for name, period in periods.items()}),
        months=rows["period"].map({name: period.months for name, period in periods.items()}),
        people=people.astype("int64"),
    )


def _log(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """What is hidden, of every partnership and year in which any quarter has few people of anything."""
    rows = _of_whole_quarters(rows)
    by_reason = _table(rows, "reason", list(words.REASONS))
    by_age = _table(rows, "age_group", list(words.DELAY_AGE_GROUPS))
    few = [
        _years_of(by_reason.sum(axis=1).to_frame(), threshold),
        _years_of(by_age, threshold),
        _years_of(by_reason, threshold),
    ]
    everything, ages, reasons = few
    found: list[tuple[str, int, str, str, str]] = []
    found += [(*key, "all", "", "primary") for key in everything]
    found += [(*key, "age_group", "", "primary") for key in ages if key not in everything]
    wanted = [key for key in reasons if key not in everything]
    for key in wanted:
        quarters = [part.to_numpy() for _, part in by_reason.loc[key].groupby(level="quarter")]
        found += [(*key, "reason", list(words.REASONS)[at], kind) for at, kind in _hidden(quarters, threshold).items()]
    lines = [(name, year_name(year), *rest, threshold) for name, year, *rest in found]
    log = pd.DataFrame(lines, columns=list(LOG)).astype(no_log().dtypes.to_dict())
    return log.sort_values(["partnership", "year", "what", "word"]).reset_index(drop=True)


def _of_whole_quarters(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of quarters of which every month was counted, and of every quarter before from April on."""
    counted = rows.drop_duplicates(["partnership", "period"])
    months = counted.pivot_table(index=_YEARS, columns="quarter", values="months", aggfunc="sum")
    whole = (months.reindex(columns=[1, 2, 3, 4]) == 3).astype(int).cummin(axis=1).astype(bool)
    known = set(whole.stack().loc[lambda one: one].index)
    keys = rows[_QUARTERS].itertuples(index=False, name=None)
    return rows[np.array([key in known for key in keys], dtype=bool)]


def _table(rows: pd.DataFrame, by: str, columns: list[str]) -> pd.DataFrame:
    """People of each period: a row a period of each partnership, year and quarter, a column a reason or age group."""
    counts = rows.groupby([*_QUARTERS, "period", by])["people"].sum().unstack(by)
    return counts.reindex(columns=columns).fillna(0).astype("int64")


def _years_of(counts: pd.DataFrame, threshold: int) -> list[tuple[str, int]]:
    """The partnerships and years in which any column is of 1 to threshold − 1 people in a quarter."""
    people = counts.groupby(level=_QUARTERS).max()
    few = ((people > 0) & (people < threshold)).any(axis=1)
    return list(dict.fromkeys(key[:2] for key in few[few].index))


def _hidden(quarters: list[np.ndarray], threshold: int) -> dict[int, str]:
    """Which columns are hidden in a year, and why each, from quarters in order: a row a period, a column a reason."""
    hidden: dict[int, str] = {}
    for counts in quarters:
        people = counts.max(axis=0)
        hidden |= {int(at): "primary" for at in np.flatnonzero((people > 0) & (people < threshold))}
        while hidden and (len(hidden) < 2 or 0 < counts[:, list(hidden)].sum(axis=1).max() < threshold):
            # There is one left: all of them together are never few here.
            left = [int(at) for at in np.flatnonzero(people) if at not in hidden]
            hidden[min(left, key=lambda at: people[at])] = "secondary"
    return hidden

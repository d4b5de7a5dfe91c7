"""What of shunting is not shown because few people are behind it, and how the page says so."""

from types import MappingProxyType

import numpy as np
import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.disclosure import no_log
from ijbtools.topics.result import Result

WAITS_FOR_CARE = "health_and_social_care"
_OF_WAITS = ("flows", "flows_in_cash", "decides", "flags", "ending", "one_budget")  # rest on days waiting for care
NOTHING = MappingProxyType({"suppressed": no_log(), "exempted": pd.DataFrame({"table": [], "why": []}, dtype="str")})


def reasons(result: Result, period: Period) -> frozenset[str]:
    """The reasons that are hidden in the financial year of the period."""
    return frozenset(_rows(result, period, "reason")["word"])


def everything(result: Result, period: Period) -> bool:
    """Whether all days of the financial year are left out."""
    return not _rows(result, period, "all").empty


def left_out(result: Result, partnership: str, period: Period) -> bool:
    """The same of a partnership, before the result is narrowed to it."""
    rows = _rows(result, period, "all")
    return bool((rows["partnership"] == partnership).any())


def ages(result: Result, period: Period) -> bool:
    """Whether the split by age is left out in the financial year."""
    return not _rows(result, period, "age_group").empty


def fewer_than(result: Result) -> int:
    """Below how many people counts are hidden, where any are."""
    return int(result.tables["suppressed"]["fewer_than"].max())


def why(result: Result, name: str) -> str:
    """Why a sentence, table or figure of that name is kept back, in a sentence; nothing where it is not."""
    period = result.period
    if period is None or name not in ("delay", "trend", "days", "rate", *_OF_WAITS):
        return ""
    if everything(result, period):
        few = f"fewer than {fewer_than(result)} people from here were delayed"
        return f"In a quarter of {year_name(period.year)} {few}, and their days would tell of them."
    if name in _OF_WAITS and WAITS_FOR_CARE in reasons(result, period):
        few = f"a reason is of fewer than {fewer_than(result)} people"
        return (
            f"In a quarter of {year_name(period.year)} {few}, and the days spent waiting for care could not be shown "
            "without giving that away."
        )
    if name == "rate" and ages(result, period):
        few = f"one of the two age groups is of fewer than {fewer_than(result)} people"
        return f"In a quarter of {year_name(period.year)} {few}."
    return ""


def note(result: Result) -> str:
    """What `[c]` means in a table of reasons."""
    together = words.SHOWN_REASONS[words.NOT_SHOWN]
    return (
        f"{words.HIDDEN}: fewer than {fewer_than(result)} people in a quarter of the year, or hidden so that such a "
        f"number cannot be worked out; counted in the row “{together}”."
    )


def note_of_rates(result: Result) -> str:
    """What `[c]` means in a table of rates."""
    few = f"fewer than {fewer_than(result)} people delayed"
    return f"{words.HIDDEN}: one of the two age groups had {few} in a quarter of the year."


def note_of_parts(result: Result) -> str:
    """What the reasons put together are, where a picture or a table of costs has them."""
    few = f"fewer than {fewer_than(result)} people in a quarter"
    return f"Reasons of few people are put together: those of {few}, and those that would give them away."


def in_method(result: Result) -> str:
    """What the method section says besides: the rule where anything is hidden, the reason where a table is exempt."""
    said = []
    years = result.tables["suppressed"]["year"]
    if result.period and (years <= year_name(result.period.year)).any():
        few = f"fewer than {fewer_than(result)} people"
        said.append(
            f"**Few people.** A reason of {few} in a quarter is not shown in that financial year, nor is the next "
            "smallest where it would give the first away; their days are counted together, decided by nobody that is "
            f"named. Where an age group is of {few}, no rate is shown; where all together are, nothing is. Counts of "
            "people are used for this alone."
        )
    for row in result.tables["exempted"].itertuples(index=False):
        why = _plain(row.why)
        said.append(f"**Exempt.** Of the table {row.table} nothing is hidden for being of few people: {why}.")
    return "".join(f"\n{paragraph}\n" for paragraph in said)


def as_shown(grid: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Of rows by partnership, year (its first), reason and age group those that are shown, `not_shown` among them."""
    keys = list(zip(grid["partnership"], grid["year"].map(year_name), strict=True))
    of_reasons, of_ages = (hidden[hidden["what"] == what] for what in ("reason", "age_group"))
    named = set(zip(of_reasons["partnership"], of_reasons["year"], of_reasons["word"], strict=True))
    some = {key[:2] for key in named}
    no_split = set(zip(of_ages["partnership"], of_ages["year"], strict=True))
    kept = [
        (key in some if reason == words.NOT_SHOWN else (*key, reason) not in named)
        and (age == words.NOT_SHOWN) == (key in no_split)
        for key, reason, age in zip(keys, grid["reason"], grid["age_group"], strict=True)
    ]
    return grid[np.array(kept, dtype=bool)]


def without_waits(table: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """The rows of partnerships and periods whose days of waiting for care are shown: the others have no sums."""
    rows = hidden[(hidden["what"] == "reason") & (hidden["word"] == WAITS_FOR_CARE)]
    years = set(zip(rows["partnership"], rows["year"], strict=True))
    if not years:
        return table
    names = {name: year_name(Period.parse(name).year) for name in table["period"].unique()}
    keys = zip(table["partnership"], table["period"].map(names), strict=True)
    return table[np.array([key not in years for key in keys], dtype=bool)]


def _rows(result: Result, period: Period, what: str) -> pd.DataFrame:
    log = result.tables["suppressed"]
    return log[(log["year"] == year_name(period.year)) & (log["what"] == what)]


def _plain(text: str) -> str:
    """Words of a user's as Markdown that means nothing but them."""
    kept = " ".join(text.split()).rstrip(".")
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~:/@&^$=" else sign for sign in kept)

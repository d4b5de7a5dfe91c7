"""The list of what a page does not show because few people are behind it: what and why, and no number.

A line is a partnership, a financial year and what is hidden in it. Whether it is hidden for itself or for another's
sake, and any count, is in no file that is published: either would tell of people.
"""

import csv
from pathlib import Path
from typing import Any

from ijbtools import vocabulary as words
from ijbtools.finance.years import Period
from ijbtools.topics.result import Result

FILE = "suppressed.csv"
_COLUMNS = ("partnership", "year", "hidden", "word", "why")
_WHAT = {"reason": "days of the reason", "age_group": "days by age group, and the rate", "all": "all days"}


def log_of(result: Result) -> list[dict[str, str]]:
    """What is hidden of a narrowed result up to the year of its page, and why; nothing where nothing is."""
    log = result.tables.get("suppressed")
    if log is None or result.period is None:
        return []
    return [
        {
            "partnership": str(row.partnership),
            "year": str(row.year),
            "hidden": _WHAT[str(row.what)],
            "word": words.REASONS.get(str(row.word), ""),
            "why": f"fewer than {row.fewer_than} people in a quarter of the year, or hidden so that such a number "
            "cannot be worked out",
        }
        for row in log.itertuples(index=False)
        if Period.parse(str(row.year)).year <= result.period.year
    ]


def exempted_of(result: Result) -> dict[str, str]:
    """The tables of persons of which nothing is hidden, each with its reason."""
    exempted = result.tables.get("exempted")
    return {} if exempted is None else dict(zip(exempted["table"], exempted["why"], strict=True))


def write_log(lines: list[dict[str, str]], folder: Path) -> list[Path]:
    """Write them as `suppressed.csv`, UTF-8 with the mark by which spreadsheet programs know it; no file of none."""
    if not lines:
        return []
    file = folder / FILE
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer: Any = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return [file]

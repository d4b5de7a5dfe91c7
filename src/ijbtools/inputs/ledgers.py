"""What ledgers really export, made into what the tables mean: totals rows, thousands, and the year to date.

What is plain is read, and said; what is not is refused with its repair.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ijbtools.errors import Problem
from ijbtools.finance.words import exact_pounds
from ijbtools.finance.years import Period
from ijbtools.inputs import cells
from ijbtools.inputs.columns import Table
from ijbtools.inputs.sheets import Sheet
from ijbtools.inputs.tables import TABLES

_TOTAL = re.compile(r"(grand\s+|sub[\s-]?)?totals?\b", re.IGNORECASE)
_NAMING = ("id", "word", "year", "month", "period", "span", "date")  # kinds that a row of totals cannot have
_ADDED = ("amount", "count", "number")
_PENNY = 0.01
_THOUSANDTH = (0.8e-3, 1.25e-3)
_NOT_BUDGETED = ["reserves", "overspend_share"]  # kinds of funding that no partner's budget is made of


def without_totals(sheet: Sheet, table: Table) -> tuple[Sheet, list[Problem], list[Problem]]:
    """The sheet without rows of totals, and a warning for each that adds up; a problem for each that does not.

    A row is one of totals where a cell that names something begins with the word, or where it names nothing at all and
    holds figures only. Its figures must be what the rows above add up to: all of them, or those since the last total.
    """
    places = {heading: place for place, heading in reversed(list(enumerate(sheet.headings)))}
    naming = [places[one.name] for one in table.columns if one.kind in _NAMING and one.name in places]
    words = [places[one.name] for one in table.columns if one.kind == "text" and one.name in places]
    added = {one.name: places[one.name] for one in table.columns if _adds_up(one.kind, one.unit, one.name, places)}
    kept: list[tuple[int, list[str]]] = []
    since: list[list[str]] = []
    problems, warnings = [], []
    for row, line in sheet.rows:
        if not _is_total(line, naming, words, list(added.values())):
            kept.append((row, line))
            since.append(line)
            continue
        wrong = []
        for name, place in added.items():
            said = _figure(line, place)
            sums = [_sum(lines, place) for lines in (since, [cells_of_row for _, cells_of_row in kept])]
            if said is not None and not any(abs(said - one) <= _PENNY for one in sums):
                wrong.append(f"{said:,.2f} in {name}, where the rows above add up to {sums[1]:,.2f}")
        since = []
        if wrong:
            found = f"a row of totals that does not add up: {'; '.join(wrong)}"
            expected = "the sum of the rows above, or no such row: mend what is wrong, or delete the row"
            problems.append(Problem(sheet.file, found, expected, row=row))
        else:
            found = "a row of totals, which the rows above add up to"
            warnings.append(Problem(sheet.file, found, "rows of parts only; it is left out", row=row, warning=True))
    return replace(sheet, rows=kept), problems, warnings


def _adds_up(kind: str, unit: str, name: str, places: Mapping[str, int]) -> bool:
    return kind in _ADDED and name in places and unit not in ("£ a unit", "year", "place")


def _is_total(line: list[str], naming: list[int], words: list[int], added: list[int]) -> bool:
    def at(place: int) -> str:
        return line[place] if place < len(line) else ""

    if not any(_figure(line, place) is not None for place in added):
        return False
    if any(_TOTAL.match(at(place)) for place in naming):
        return True
    said = [at(place) for place in words if at(place)]
    return not any(at(place) for place in naming) and all(_TOTAL.match(one) for one in said)


def _figure(line: list[str], place: int) -> float | None:
    try:
        return cells.read_number(line[place])
    except (ValueError, IndexError):
        return None


def _sum(lines: list[list[str]], place: int) -> float:
    return sum(value for line in lines if (value := _figure(line, place)) is not None)


def in_pounds(
    frames: Mapping[str, pd.DataFrame], files: Mapping[str, str]
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """The frames with every amount in pounds: those returned in thousands are multiplied by 1,000.

    A line of `returns` holds for the rows of its partnership, partner and table in its period, or, where no line names
    a row's own month or quarter, in its financial year. Prices of a unit are always in pounds.
    """
    frames = dict(frames)
    if "returns" not in frames or (frames["returns"]["precision"] != "1000").all():
        return frames, []
    problems = []
    for name, returned in frames["returns"].groupby("table"):
        amounts = (
            [c.name for c in TABLES[name].columns if c.kind == "amount" and c.unit == "£"] if name in TABLES else []
        )
        if name not in frames or not amounts or (returned["precision"] != "1000").all():
            continue
        frame = frames[name]
        said = _precisions(frame, returned)
        for row in said.index[said.map(len) > 1]:
            found = "a row that was returned in pounds and in thousands"
            expected = "one precision in returns for the partner, table and period"
            problems.append(Problem(files[name], found, expected, row=int(row)))
        thousands = said.map(lambda one: one == {"1000"})
        frame = frame.copy()
        # Pounds have two decimals: the product of a double and 1,000 is brought back to them.
        frame.loc[thousands, amounts] = (frame.loc[thousands, amounts] * 1000).round(2)
        frames[name] = frame
    return frames, problems


def _precisions(frame: pd.DataFrame, returned: pd.DataFrame) -> pd.Series:
    """For each row the precisions in which it was returned."""
    whose = next(one for one in ("partner", "held_by") if one in frame)
    when = next((one for one in ("period", "month", "year") if one in frame), None)
    if when == "period" and "year" in frame:  # changes: a blank period is the setting of the year's budget
        times = frame["period"].mask(frame["period"] == "", frame["year"])
    else:
        times = frame[when] if when else pd.Series("", index=frame.index)
    spans = {one: Period.parse(one) for one in {*times, *returned["period"]} if one}
    answers = {}
    own = frame["partnership"] if "partnership" in frame else pd.Series("", index=frame.index)
    for key in set(zip(own, frame[whose], times, strict=True)):
        partnership, partner, time = key
        mine = returned[returned["partner"] == partner]
        if partnership:
            mine = mine[mine["partnership"] == partnership]
        if time:
            span = spans[time]
            of_year = mine[[spans[one].financial_year == span.financial_year for one in mine["period"]]]
            exact = of_year[
                [spans[one].start <= span.start and span.end <= spans[one].end for one in of_year["period"]]
            ]
            mine = exact if len(exact) else of_year
        answers[key] = frozenset(mine["precision"])
    return pd.Series([answers[key] for key in zip(own, frame[whose], times, strict=True)], index=frame.index)


def by_month(spending: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Spending with the budget and actual of each month, worked out where only the year to date was sent.

        of the month = to date − to date in the row before, within the financial year

    A month that is skipped is part of the next row's figure, and said. Where both are sent they must agree.
    """
    if spending.empty:
        return spending, []
    line = ["partnership", "partner", "service", "locality"]
    parsed = {one: Period.parse(one) for one in spending["month"].drop_duplicates() if one}
    work = spending[spending["month"] != ""].assign(
        _year=lambda frame: frame["month"].map({name: one.financial_year for name, one in parsed.items()})
    )
    work = work.sort_values([*line, "month"], kind="stable")
    groups = work.groupby([*line, "_year"], sort=False)
    number = groups.cumcount()
    months_in = work["month"].map({name: (one.start.month - 4) % 12 for name, one in parsed.items()})
    before = groups["month"].shift()
    skipped = months_in - before.map({name: (one.start.month - 4) % 12 for name, one in parsed.items()}).fillna(-1) > 1
    problems: list[Problem] = []
    filled = spending.copy()
    for own, to_date in (("budget", "budget_to_date"), ("actual", "actual_to_date")):
        given = work[own].notna()
        reached = work[to_date]
        last = reached.groupby([work[key] for key in [*line, "_year"]], sort=False).shift()
        derived = reached - last.where(number > 0, 0.0)
        wanted = ~given & derived.notna()
        filled.loc[work.index[wanted], own] = derived[wanted].round(2)
        for row in work.index[wanted & skipped]:
            found = f"{to_date} of {work.loc[row, 'month']} without the month before"
            expected = "every month; what it adds counts in this one"
            problems.append(Problem(file, found, expected, row=int(row), column=to_date, warning=True))
        for row in work.index[~given & reached.notna() & derived.isna()]:
            found = f"{to_date} of {work.loc[row, 'month']} after a row without one"
            expected = "the year to date in every row of the year, or each month alone"
            problems.append(Problem(file, found, expected, row=int(row), column=to_date))
        both = given & derived.notna() & ((work[own] - derived).abs() > _PENNY) & ~skipped
        for row in work.index[both]:
            found = f"{exact_pounds(work.loc[row, own])}, where {to_date} moves by {exact_pounds(derived[row])}"
            problems.append(Problem(file, found, "the same amount twice", row=int(row), column=own))
    return filled, problems


def doubts(frames: Mapping[str, pd.DataFrame], files: Mapping[str, str]) -> list[Problem]:
    """What looks like a slip: amounts of a thousandth of what they belong to, and months the ledger does not reach."""
    found = []
    if {"budgets", "funding"} <= set(frames):
        found += _thousandths(frames, files)
    if {"spending", "returns"} <= set(frames):
        found += _beyond_the_ledger(frames["spending"], frames["returns"], files["spending"])
    return found


def _thousandths(frames: Mapping[str, pd.DataFrame], files: Mapping[str, str]) -> list[Problem]:
    """A partner's budgets, funding and spending are of one size; a thousandth is another unit.

    Where `returns` says the unit of the table it is only pointed out.
    """
    keys = ["partnership", "partner", "year"]
    budgets = frames["budgets"].assign(amount=lambda rows: rows["recurring"] + rows["non_recurring"], row=_row)
    agreed = frames["funding"]["status"].eq("agreed") & ~frames["funding"]["kind"].isin(_NOT_BUDGETED)
    money = frames["funding"][agreed].assign(row=_row)
    sums = {"budgets": _sums(budgets, keys), "funding": _sums(money, keys)}
    if "spending" in frames and len(frames["spending"]):
        months = frames["spending"].assign(row=_row, year=lambda rows: rows["month"].map(_year_of))
        count = months.groupby(keys)["month"].nunique()
        spent = _sums(months.assign(amount=months["budget"].fillna(months["actual"])), keys)
        sums["spending"] = spent.assign(amount=spent["amount"] * 12 / count.reindex(spent.index))
    problems = []
    for name, other in (("budgets", "funding"), ("spending", "budgets")):
        if name not in sums:
            continue
        both = sums[name].merge(sums[other], left_index=True, right_index=True, suffixes=("", "_other"))
        for key, one in both[(both["amount"] > 0) & (both["amount_other"] > 0)].iterrows():
            ratio = one["amount"] / one["amount_other"]
            small, large = (name, other) if ratio < 1 else (other, name)
            if not _THOUSANDTH[0] <= min(ratio, 1 / ratio) <= _THOUSANDTH[1]:
                continue
            row = int(one["row"] if small == name else one["row_other"])
            amounts = sorted((one["amount"], one["amount_other"]))
            partnership, partner, year = key
            found = (
                f"{exact_pounds(amounts[0])} of {partner} ({partnership}) in {year}, a thousandth of the "
                f"{exact_pounds(amounts[1])} in {large}"
            )
            expected = f"pounds in both; where {small} is in thousands, the precision 1000 for it in returns"
            told = _told(frames, small, key)
            problems.append(Problem(files[small], found, expected, row=row, warning=told))
    return problems


def _row(rows: pd.DataFrame) -> np.ndarray:
    return rows.index.to_numpy()


def _year_of(month: str) -> str:
    return Period.parse(month).financial_year if month else ""


def _sums(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return rows.groupby(keys).agg(amount=("amount", "sum"), row=("row", "min"))


def _told(frames: Mapping[str, pd.DataFrame], name: str, key: tuple[str, str, str]) -> bool:
    if "returns" not in frames:
        return False
    lines = frames["returns"]
    same = (lines["partnership"] == key[0]) & (lines["partner"] == key[1]) & (lines["table"] == name)
    return any(_year_of_span(one) == key[2] for one in lines[same]["period"])


def _year_of_span(span: str) -> str:
    return Period.parse(span).financial_year if span else ""


def _beyond_the_ledger(spending: pd.DataFrame, returns: pd.DataFrame, file: str) -> list[Problem]:
    """A month's spending ends no later than the last day that is in the ledger."""
    lines = returns[(returns["table"] == "spending") & (returns["ledger_to"] != "")]
    if lines.empty:
        return []
    last = lines.groupby(["partnership", "partner"])["ledger_to"].max().to_dict()
    rows = spending[spending["actual"].notna() & (spending["month"] != "")]
    keys = ["partnership", "partner", "month"]
    problems = []
    for (partnership, partner, month), of_month in rows.groupby(keys, sort=True):
        reaches = last.get((partnership, partner), "")
        if reaches and Period.parse(month).end.isoformat() > reaches:
            found = f"spending of {partner} in {month}, where its ledger reaches {reaches}"
            expected = "months that are whole, or ledger_to in returns brought up to date"
            row = int(str(of_month.index[0]))
            problems.append(Problem(file, found, expected, row=row, column="month", warning=True))
    return problems

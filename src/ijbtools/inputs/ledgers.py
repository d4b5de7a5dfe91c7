"""What ledgers really export, made into what the tables mean: totals rows, thousands, and the year to date.

What is plain is read, and said; what is not is refused with its repair.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from ijbtools.errors import Problem
from ijbtools.finance.words import exact_pounds
from ijbtools.finance.years import Period
from ijbtools.inputs import cells
from ijbtools.inputs.columns import Column, Table
from ijbtools.inputs.sheets import Sheet, one_line
from ijbtools.inputs.tables import TABLES

# `Total`, `Grand total`, `Sub-total`, and `Home care Total` as a spreadsheet writes it; total-place is a name.
_TOTAL = re.compile(r"(grand|sub|overall|report)?[\s-]*totals?\b(?!-\w).*|.*\S\s+totals?\W*", re.IGNORECASE | re.DOTALL)
_RESULT = re.compile(r"(overall\s+)?result", re.IGNORECASE)  # as SAP's reports call a total
_WHOLE = re.compile(r"all(\s+(localities|areas|specialties|funds|reserves|savings))?|whole\s+(area|partnership)", re.I)
_NAMING = ("id", "word", "year", "month", "period", "span", "date")  # kinds that a row of totals cannot have
_ADDED = ("amount", "count", "number")
_PENNY = 0.01
_MANY = 5
_THOUSANDTH = (0.8e-3, 1.25e-3)
_NOT_BUDGETED = ["reserves", "overspend_share"]  # kinds of funding that no partner's budget is made of


def without_repeats(sheet: Sheet) -> tuple[Sheet, list[Problem]]:
    """The sheet without the headings that a ledger prints again on each page, and a warning for each."""

    def again(line: list[str]) -> bool:
        return bool(sheet.headings) and [one_line(one) for one in line if one] == [one for one in sheet.headings if one]

    warnings = [
        Problem(sheet.file, "the headings again", "them once; the row is left out", row=row, warning=True)
        for row, line in sheet.rows
        if again(line)
    ]
    return (replace(sheet, rows=[one for one in sheet.rows if not again(one[1])]) if warnings else sheet), warnings


def without_notes(sheet: Sheet, table: Table) -> tuple[Sheet, list[Problem]]:
    """The sheet without lines that are no rows of the table, and a problem for each: footers, page titles, dashes.

    Such a line fills at most half of the columns that every row must fill. Rows above the headings are refused too:
    a sheet that was sorted with its headings would lose them.
    """
    places = {heading: place for place, heading in reversed(list(enumerate(sheet.headings)))}
    needed = [column for column in table.columns if column.required]
    if not all(column.name in places for column in needed):
        return sheet, []  # the headings are refused
    telling = [column for column in needed if column.kind != "text"]  # a line of help reads as text as well
    problems = [
        Problem(sheet.file, f"a row of the table above its headings: {_quoted(line)}", "it below them", row=row)
        for row, line in sheet.above
        if 2 * sum(_reads(column, _at(line, places[column.name])) for column in telling) > len(telling)
    ]
    kept: list[tuple[int, list[str]]] = []
    notes: dict[tuple[str, ...], list[tuple[int, list[str]]]] = {}
    for row, line in sheet.rows:
        filled = [column.name for column in needed if _at(line, places[column.name])]
        if 2 * len(filled) <= len(needed) or not any(letter.isalnum() for cell in line for letter in cell):
            notes.setdefault(tuple(filled), []).append((row, line))
        else:
            kept.append((row, line))
    for there, lines in notes.items():
        lacking = ", ".join(column.name for column in needed if column.name not in there)
        expected = f"{lacking} too" if lacking else "a row of the table"
        for row, line in lines[:1] if len(lines) > _MANY else lines:
            more = f" in the first of {len(lines)} such rows" if len(lines) > _MANY else ""
            found = f"only {_quoted(line)}{more}"
            repair = f"{expected}; where it is a note or a footer, delete the row"
            problems.append(Problem(sheet.file, found, repair, row=row))
    return (replace(sheet, rows=kept) if notes else sheet), problems


def _reads(column: Column, text: str) -> bool:
    try:
        cells.READ[column.kind](text)
    except ValueError:
        return False
    return bool(text) and (not column.words or text in column.words)


def _quoted(line: list[str]) -> str:
    """What a line holds, cut where it is long: `'Report run by JS', '14/10/2026'`."""
    filled = [repr(one_line(cell)) for cell in line if cell]
    return ", ".join(filled[:4]) + (" …" if len(filled) > 4 else "")


def _at(line: list[str], place: int) -> str:
    return line[place] if place < len(line) else ""


def without_totals(sheet: Sheet, table: Table) -> tuple[Sheet, list[Problem], list[Problem]]:
    """The sheet without rows of totals, and a warning for each that adds up; a problem for each that does not.

    A row is one of totals where a cell that names something begins or ends with the word, or where it names nothing at
    all and holds figures only. Its figures must be what the rows above add up to: all of them, or those since one of
    the totals above or since another partner, service or year began, as those of a cost centre within a partner's.
    """
    places = {heading: place for place, heading in reversed(list(enumerate(sheet.headings)))}
    naming = [places[one.name] for one in table.columns if one.kind in _NAMING and one.name in places]
    words = [places[one.name] for one in table.columns if one.kind == "text" and one.name in places]
    added = {one.name: places[one.name] for one in table.columns if _adds_up(one.kind, one.unit, one.name, places)}
    summed = [one for one in table.columns if one.name in added and one.kind != "number"]
    named = [places[one.name] for one in table.columns if summed and _names_a_row(one, table) and one.name in places]
    figures = list(added.values())
    totals = {row for row, line in sheet.rows if _is_total(line, naming, words, named, figures)}
    if not totals:  # as mostly
        return sheet, [], []
    kept: list[tuple[int, list[str]]] = []
    reached = dict.fromkeys(added, 0.0)  # what the rows so far add up to; not a number after a cell that cannot be read
    begins = [dict(reached)]  # the same at the top, at each total, and where what rows name changes
    before: list[str] = []
    problems, warnings = [], []
    for row, line in sheet.rows:
        if row not in totals:
            kept.append((row, line))
            names = [_at(line, place) for place in naming]
            if names != before:
                begins.append(dict(reached))
            before = names
            for name, place in added.items():
                reached[name] += (_figure(line, place) or 0.0) if _readable(line, place) else math.nan
            continue
        said = {name: _figure(line, place) for name, place in added.items()}
        unread = [name for name, place in added.items() if not _readable(line, place)]
        wrong = [f"{_at(line, added[name])!r} in {name}" for name in unread]
        if not any(_as_said(said, start, reached) for start in begins):
            wrong += [
                f"{figure:,.2f} in {name}, where the rows above add up to {reached[name]:,.2f}"
                for name, figure in said.items()
                if figure is not None and _differ(figure, reached[name])
            ] or ["figures of which some are of all rows above and some of a part"]
        begins.append(dict(reached))
        if wrong:
            found = f"a row of totals that does not add up: {'; '.join(wrong)}"
            expected = "the sum of the rows above, or no such row: mend what is wrong, or delete the row"
            if not kept:
                found = "a row of totals above what it adds up"
                expected = "it below its parts, or no such row: delete it"
            if not any(_TOTAL.fullmatch(_at(line, place)) for place in naming) and any(_at(line, one) for one in named):
                expected += "; where it is no total, call it otherwise"
            problems.append(Problem(sheet.file, found, expected, row=row))
        else:
            found = "a row of totals, which the rows above add up to"
            warnings.append(Problem(sheet.file, found, "rows of parts only; it is left out", row=row, warning=True))
    return replace(sheet, rows=kept), problems, warnings


def _adds_up(kind: str, unit: str, name: str, places: Mapping[str, int]) -> bool:
    return kind in _ADDED and name in places and unit not in ("£ a unit", "year", "place")


def _names_a_row(column: Column, table: Table) -> bool:
    """Whether it is free text that tells rows apart, such as the fund of a reserve: there a total may hide."""
    return column.kind == "text" and column.name in table.key and (column.required or column.name == "locality")


def _as_said(said: Mapping[str, float | None], start: Mapping[str, float], end: Mapping[str, float]) -> bool:
    return not any(figure is not None and _differ(figure, end[name] - start[name]) for name, figure in said.items())


def _differ(one: float, other: float) -> bool:
    """By more than a penny, for parts and total may each be rounded. What is not known differs from nothing."""
    return round(abs(one - other), 4) > _PENNY


def _is_total(line: list[str], naming: list[int], words: list[int], named: list[int], added: list[int]) -> bool:
    names = [line[place] for place in naming if place < len(line)]
    texts = [line[place] for place in named if place < len(line)]
    called = any(_matches(one)[0] for one in (*names, *texts))
    called = called or any(_matches(one)[1] for one in texts) or any(_matches(one)[2] for one in names)
    if any(names) and not called:
        return False
    if not any(_figure(line, place) is not None for place in added):
        return False
    if called:
        return True
    said = [_at(line, place) for place in words if _at(line, place)]
    if not all(_matches(one)[0] for one in said):
        return False
    return bool(said) or all(_readable(line, place) for place in added)


@lru_cache(maxsize=4096)  # few texts stand in many cells
def _matches(text: str) -> tuple[bool, bool, bool]:
    """Whether it is the word for a total, for a whole, for a result."""
    return tuple(bool(one.fullmatch(text)) for one in (_TOTAL, _WHOLE, _RESULT))  # type: ignore[return-value]


def _figure(line: list[str], place: int) -> float | None:
    return _number(_at(line, place))


@lru_cache(maxsize=1024)  # a cell is looked at several times
def _number(text: str) -> float | None:
    try:
        return cells.read_number(text)
    except ValueError:
        return None


def _readable(line: list[str], place: int) -> bool:
    return not _at(line, place) or _figure(line, place) is not None


def in_pounds(
    frames: Mapping[str, pd.DataFrame], files: Mapping[str, str]
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """The frames with every amount in pounds: those returned in thousands are multiplied by 1,000.

    A line of `returns` holds for the rows of its partnership, partner and table in its period, or, where no line names
    a row's own month or quarter, in its financial year. Prices of a unit are always in pounds. Where one of the lines
    says thousands, a row of which none says anything is refused.
    """
    frames = dict(frames)
    if "returns" not in frames or (frames["returns"]["precision"] != "1000").all():
        return frames, []
    problems = []
    for name, returned in frames["returns"].groupby("table"):
        amounts = [column.name for column in TABLES[name].columns if column.in_pounds] if name in TABLES else []
        if name not in frames or not amounts or (returned["precision"] != "1000").all():
            continue
        frame = frames[name]
        said, unclear = _precisions(frame, returned)
        for row, found, expected in unclear:
            problems.append(Problem(files[name], found, expected, row=row))
        thousands = said.map(lambda one: one == {"1000"})
        frame = frame.copy()
        # Pounds have two decimals: the product of a double and 1,000 is brought back to them.
        frame.loc[thousands, amounts] = (frame.loc[thousands, amounts] * 1000).round(2)
        frames[name] = frame
    return frames, problems


def _precisions(frame: pd.DataFrame, returned: pd.DataFrame) -> tuple[pd.Series, list[tuple[int, str, str]]]:
    """For each row the precisions in which it was returned; and rows of which that is not clear, why and what to do."""
    blank = pd.Series("", index=frame.index)
    whose = next((frame[one] for one in ("partner", "held_by") if one in frame), blank)
    when = next((frame[one] for one in ("period", "month", "year") if one in frame), blank)
    if "year" in frame:  # changes: a blank period is the setting of the year's budget
        when = when.mask(when == "", frame["year"])
    own = frame.get("partnership", blank)
    spans = {one: Period.parse(one) for one in {*when, *returned["period"]} if one}
    answers: dict[tuple[str, str, str], frozenset[str]] = {}
    unclear = []
    for row, key in zip(frame.index, zip(own, whose, when, strict=True), strict=True):
        if key in answers:
            continue
        partnership, partner, time = key
        mine = returned
        for column, value in (("partnership", partnership), ("partner", partner)):
            mine = mine[(mine[column] == value) | (value == "")]
        said = _of_time(mine, spans, time) if time else mine
        answers[key] = frozenset(said["precision"])
        of = f"{partner or partnership}{f' in {time}' if time else ''}"
        if len(answers[key]) > 1:
            expected = "one precision in returns for the partner, table and period"
            unclear.append((int(row), f"a row of {of} that was returned in pounds and in thousands", expected))
        elif not answers[key] and "1000" in set(mine["precision"]):
            found = f"a row of {of}, of which returns says nothing, where others of it are in thousands"
            unclear.append((int(row), found, f"a line of returns for {of} too, with its precision"))
    keys = zip(own, whose, when, strict=True)
    return pd.Series([answers[key] for key in keys], index=frame.index, dtype="object"), unclear


def _of_time(lines: pd.DataFrame, spans: Mapping[str, Period], time: str) -> pd.DataFrame:
    """The lines of returns whose period holds that time, or, where none does, those of its financial year."""
    span = spans[time]
    of_year = [spans[one].year == span.year for one in lines["period"]]
    within = [spans[one].start <= span.start and span.end <= spans[one].end for one in lines["period"]]
    return lines[np.array(within if any(within) else of_year, dtype=bool)]


def by_month(spending: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Spending with the budget and actual of each month, worked out where only the year to date was sent.

        of the month = to date − to date in the row before, within the financial year

    A month that is skipped is part of the next row's figure, and said, as is a year to date that goes down. Where both
    are sent they must agree.
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
        last = last.where(number > 0, 0.0)
        derived = (reached - last).round(2)
        wanted = ~given & derived.notna()
        filled.loc[work.index[wanted], own] = derived[wanted]
        for row in work.index[wanted & skipped]:
            found = f"{to_date} of {work.loc[row, 'month']} without the month before"
            expected = "every month; what it adds counts in this one"
            problems.append(Problem(file, found, expected, row=int(row), column=to_date, warning=True))
        for row in work.index[~given & reached.notna() & derived.isna()]:
            found = f"{to_date} of {work.loc[row, 'month']} after a row without one"
            expected = "the year to date in every row of the year, or each month alone"
            problems.append(Problem(file, found, expected, row=int(row), column=to_date))
        for row in work.index[(derived < 0) & (last > 0) | (derived > 0) & (last < 0)]:
            moves = f"{exact_pounds(reached[row])}, where it was {exact_pounds(last[row])} in {before[row]}"
            expected = "a year to date that goes on; where the ledger was put right, it stands"
            problems.append(Problem(file, moves, expected, row=int(row), column=to_date, warning=True))
        both = given & derived.notna() & ((work[own] - derived).abs().round(4) > _PENNY)
        for row in work.index[both]:
            found = f"{exact_pounds(work.loc[row, own])}, where {to_date} moves by {exact_pounds(derived[row])}"
            expected = "the same amount twice, or one of the two columns only"
            if skipped[row]:
                found, expected = f"{found} and a month before it is not there", "a row for every month"
            of_gap = bool(skipped[row])  # what is missing of the year is not made up
            problems.append(Problem(file, found, expected, row=int(row), column=own, warning=of_gap))
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

"""A comparison in words: its finding, its tables, and what differs between the two sides."""

import math
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ijbtools.errors import InputRefused
from ijbtools.finance.money import round_half_up
from ijbtools.finance.words import NOT_KNOWN, day, listed, number, period_in_full, pounds
from ijbtools.inputs.assumptions import ALWAYS
from ijbtools.inputs.style import Style, read_style
from ijbtools.inputs.workspace import assumptions_in
from ijbtools.publish import _sides as sides
from ijbtools.publish._moves import ASSUMED, KINDS, METHOD, NEW, REVISED, Move
from ijbtools.publish.compare import CSV, Compared, in_order

NONE = "–"  # where there is no percentage: of nothing
BY = {NEW: "new data", REVISED: "revised data", ASSUMED: "other assumptions", METHOD: "another method"}
MEANINGS = {
    NEW: "another period, with its further months or its own budget",
    REVISED: "the tables of the earlier page say something else than when it was made",
    ASSUMED: "other values: another scenario, changed params, or a value that goes by date",
    METHOD: "another version of the package or the notebook, which works it out in another way",
}
_SHOWN_DIGITS = 12

Cells = list[tuple[str, bool]]


def finding(compared: Compared) -> str:
    """What moved most and why, in a sentence or two; no one is named for it."""
    known = [one for one in compared.moves if not math.isnan(one.change)]
    moved = sum(one.moved for one in known)
    most = compared.most
    if not known:
        return "The two pages have no figure in common, so there is nothing to compare."
    if most is None:
        many = f"all {number(len(known))} figures are" if len(known) > 1 else "the one figure is"
        return f"Nothing moved: {many} the same."
    share = "" if math.isnan(most.percent) else f" ({number(abs(most.percent), 1)}%)"
    more = "more" if most.change > 0 else "less"
    (then, now), unit = compared.heads, most.key.unit
    said = (
        f"What moved most is “{compared.label(most.key)}”: {_amount(most.before, unit)} ({_lower(then)}), "
        f"{_amount(most.after, unit)} ({_lower(now)}), {_size(most.change, unit)} {more}{share}. {because(most)}"
    )
    said += f" {number(moved)} of {number(len(known))} figures moved." if len(known) > 1 else ""
    return f"{said} {lengths(compared)}".rstrip()


def lengths(compared: Compared) -> str:
    """That the two sides are of so many months, where figures of a quarter go from 1 April to its end; else nothing."""
    both = (compared.a, compared.b)
    months = [side.period.months for side in both]
    if months[0] == months[1] or not any(" Q" in row.period for side in both for row in side.rows):
        return ""
    return (
        f"A quarter means the year to its end: {compared.a.period} is {months[0]} months, {compared.b.period} "
        f"{months[1]} months."
    )


def because(move: Move) -> str:
    """What moved a figure, in one sentence: `All of it comes from new data.`"""
    unit = move.key.unit
    parts = sorted(move.parts.items(), key=lambda one: -abs(one[1]))
    rest = _size(move.together, unit)
    among = f"{rest} cannot be told apart" + (f": {_either(move.among)}." if move.among else ".")
    if not parts:
        return among if not move.among else f"What moved it cannot be told apart: {_either(move.among)}."
    if len(parts) == 1 and not move.together:
        return f"All of it comes from {BY[parts[0][0]]}."
    told = [f"{BY[kind]} {'raised' if one > 0 else 'lowered'} it by {_size(one, unit)}" for kind, one in parts]
    sentence = f"{'; '.join(told)}."
    return f"{sentence[0].upper()}{sentence[1:]}" + (f" {among}" if move.together else "")


def lines(compared: Compared) -> list[str]:
    """What a terminal prints: the two sides, the finding, and the largest moves, aligned."""
    first, second = in_full(compared)
    name = compared.a.record["name"] + (" (invented)" if compared.a.record.get("invented") else "")
    top = [f"{name}, {compared.a.notebook}", f"  A: {first}", f"  B: {second}", "", finding(compared)]
    shown = [one for one in compared.key if one.moved]
    shown += [one for one in compared.others if one not in shown][: max(0, 10 - len(shown))]
    if not shown:
        return top
    rows: list[tuple[str, ...]] = [("", "A", "B", "change", "%", "what moved it")]
    for one in shown:
        figures = _figures(one, (one.before, one.after, one.change))
        unit = "" if one.key.unit == "£" else f" ({_unit(one.key.unit)})"
        rows.append((compared.label(one.key) + unit, *figures, _percent(one), _briefly(one)))
    widths = [max(len(row[at]) for row in rows) for at in range(6)]
    widths[0] = min(widths[0], 56)
    aligned = [
        "  ".join(
            [_cut(row[0], widths[0]).ljust(widths[0]), *(row[at].rjust(widths[at]) for at in range(1, 5)), row[5]]
        )
        for row in rows
    ]
    return [*top, "", *(line.rstrip() for line in aligned)]


def in_full(compared: Compared) -> tuple[str, str]:
    """What the two sides are: period, scenario, and when it was published or that it was worked out now."""
    found = []
    for side in (compared.a, compared.b):
        scenario = f"with the scenario {side.scenario}" if side.scenario else ""
        made = sides.made_on(side) or "worked out now from today’s tables, assumptions and code"
        found.append(", ".join(part for part in (period_in_full(side.period), scenario, made) if part))
    return found[0], found[1]


def context(compared: Compared, into: Path, today: date) -> dict[str, Any]:
    """What the page shows, for `report.page.compare_page`. Links are as seen from the folder `into`."""
    first, second = in_full(compared)
    heads = compared.heads
    record = compared.a.record
    mixed = any(one.together for one in compared.moves)
    return {
        "name": record["name"],
        "invented": bool(record.get("invented")),
        "question": str(record.get("title", record["topic"])),
        "heads": heads,
        "sides": [
            {"head": head, "said": said, "address": _address(side.page, into)}
            for head, said, side in zip(heads, (first, second), (compared.a, compared.b), strict=True)
        ],
        "finding": finding(compared),
        "printed": _printed(compared),
        "figures": _table(compared, compared.key, mixed),
        "others": _table(compared, compared.others, mixed),
        "all": _table(compared, in_order(compared), mixed),
        "notes": _notes(compared),
        "meanings": [(kind.capitalize(), MEANINGS[kind]) for kind in KINDS],
        "files": _files(compared),
        "assumptions": _assumptions(compared),
        "code": _code(compared),
        "csv": CSV,
        "today": day(today),
    }


def style_of(home: Path) -> Style:
    """The house style of the workspace; the plain one where it cannot be read."""
    try:
        return read_style(home)
    except InputRefused:
        return Style()


def _printed(compared: Compared) -> list[Cells]:
    """The key figures as the two pages print them."""
    first = {one.label: one.value for one in compared.a.key_figures}
    second = {one.label: one.value for one in compared.b.key_figures}
    labels = dict.fromkeys([*first, *second])
    return [[(one, False), (first.get(one, "not shown"), True), (second.get(one, "not shown"), True)] for one in labels]


def _table(compared: Compared, chosen: Sequence[Move], mixed: bool) -> dict[str, Any]:
    """Headings and rows of a table of figures: both sides, the change with its %, and its parts."""
    headings = [*compared.heads, "Change", *(kind.capitalize() for kind in KINDS), *(["Not told apart"] * mixed)]
    rows = []
    for one in chosen:
        parts = [math.nan if kind in one.among else one.parts.get(kind, 0.0) for kind in KINDS]
        if math.isnan(one.change):
            shown = [*_figures(one, (one.before, one.after)), *[NOT_KNOWN] * (5 + mixed)]
        else:
            values = (one.before, one.after, one.change, *parts, one.together)
            shown = _figures(one, values)[: 7 + mixed]
        share = "" if math.isnan(one.percent) else f"{_percent(one)}%"
        row = {"label": compared.label(one.key), "unit": _unit(one.key.unit), "cells": shown, "share": share}
        rows.append(row)
    return {"headings": headings, "rows": rows}


def _notes(compared: Compared) -> list[str]:
    """How to read the tables, as far as it concerns these two sides."""
    found = ["Figures may not add up because each is rounded; in the CSV file none is."]
    differ = compared.differ
    if len(differ) == 1:
        [kind] = differ
        found.append(f"The two differ in one thing alone, so all that moved is {kind}.")
    elif compared.unknown:
        found.append(f"The changes could not be taken apart, as a page cannot be worked out again: {compared.unknown}")
    elif differ:
        found.append(
            "The figures were worked out again, one thing changed at a time: first what has changed in tables and code "
            "since A was published, then the assumptions, then the period, then what has changed since B was. Another "
            "order could move amounts from one column to another; their sum is the change in any order."
        )
    among = sorted({one.among for one in compared.moves if one.together and one.among})
    if among:
        said = "; or ".join(_either(one) for one in among)
        found.append(
            f"Not told apart: {said}. They changed together, and the older state of one of them cannot be put back. "
            "What is in this column is in no other: there it says not known."
        )
    if any(one.together and not one.among for one in compared.moves):
        found.append(
            "Not told apart, with a figure in the other columns: both pages were made from tables or by code that is "
            "no more. The other columns are as today’s tables and code give them, and this is what they leave."
        )
    alone = [one for one in compared.moves if math.isnan(one.before) != math.isnan(one.after)]
    if alone:
        found.append(f"{number(len(alone))} figures are on one of the two alone; the other is not known.")
    if compared.a.record.get("suppressed") or compared.b.record.get("suppressed"):
        found.append("What few people are behind is hidden on the pages, and so it is here; each page says what.")
    based = sorted({one.bases for one in compared.moves if all(one.bases) and one.bases[0] != one.bases[1]})
    if based:
        pairs = "; ".join(f"{a} and {b}" for a, b in based)
        found.append(f"Some amounts are in prices of different years ({pairs}) and are compared as they stand.")
    return found


def _files(compared: Compared) -> list[Cells]:
    """Tables and files of params that are not the same on both sides, with their checksums, shortened."""
    rows = []
    for what, first, second in (
        ("table", compared.a.tables, compared.b.tables),
        ("params", compared.a.params, compared.b.params),
    ):
        for name in sorted({*first, *second}):
            if first.get(name) != second.get(name):
                digests = [one.get(name, "")[:_SHOWN_DIGITS] or "not read" for one in (first, second)]
                rows.append([(one, False) for one in (name, what, *digests)])
    return rows


def _assumptions(compared: Compared) -> list[Cells]:
    """The assumptions that are not the same on both sides: from what to what."""
    a, b = compared.a, compared.b
    rows: list[Cells] = []
    if a.scenario != b.scenario:
        rows.append([(one, False) for one in ("Scenario", a.scenario or "none", b.scenario or "none")])
    for name in sorted({*a.terms, *b.terms}):
        if a.terms.get(name) != b.terms.get(name):
            ends = [str(side.terms.get(name, "not set")) for side in (a, b)]
            rows.append([(one, False) for one in (name.replace("_", " ").capitalize(), *ends)])
    try:
        known = assumptions_in(compared.home)
    except InputRefused:
        known = None
    first, second = a.values or {}, b.values or {}
    for name in dict.fromkeys([*first, *second]) if first and second else ():
        label = known[name].label if known is not None and name in known else name
        then, now = first.get(name), second.get(name)
        texts = [_value(one, side.period.financial_year) for one, side in ((then, a), (now, b))]
        alike = then is not None and now is not None and sides.plain(then) == sides.plain(now)
        if texts[0] != texts[1] or not alike:
            if texts[0] == texts[1]:
                texts = [f"{text} ({_range(one)})" for text, one in zip(texts, (then, now), strict=True)]
            rows.append([(one, False) for one in (label, *texts)])
    return rows


def _value(one: Mapping[str, Any] | None, year: str) -> str:
    """The value that holds in the year; where it goes by date, since which."""
    if one is None:
        return "not used"
    dated = sorted((when, value) for when, value in one["value"].items() if when != ALWAYS)
    begun = [(when, value) for when, value in dated if when <= year] or dated[:1]
    if not begun:
        return f"{one['value'].get(ALWAYS, math.nan):g}"
    when, value = begun[-1]
    return f"{value:g} ({when})" if len(dated) > 1 else f"{value:g}"


def _range(one: Mapping[str, Any] | None) -> str:
    span = (one or {}).get("range") or []
    ends = f"range {span[0]:g} to {span[1]:g}" if len(span) == 2 else "no range"
    base = str((one or {}).get("price_base") or "")
    return f"{ends}, {base} prices" if base else ends


def _code(compared: Compared) -> list[Cells]:
    """Version, revision, notebook and packages, where they are not the same on both sides."""
    first, second = compared.a.record, compared.b.record
    rows = [
        ("Version of ijbtools", *(str(one["code"].get("version", "not known")) for one in (first, second))),
        ("Revision of the code", *(sides.named_revision(one["code"]) for one in (first, second))),
        ("Files of the package", *((str(one["code"].get("files", ""))[:_SHOWN_DIGITS]) for one in (first, second))),
        ("Notebook", *(str(one["notebook"].get("sha256", ""))[:_SHOWN_DIGITS] for one in (first, second))),
    ]
    for name in sides.FIGURED_WITH[1:]:
        rows.append((name, *(str(one.get("packages", {}).get(name, "")) for one in (first, second))))
    shown = [(what, *(text or "not known" for text in ends)) for what, *ends in rows]
    if sides.same_code(first, second) is not None:
        shown = [row for row in shown if row[1] != row[2] and NOT_KNOWN not in row[1:]]
    else:
        shown = [row for row in shown if row[1] != row[2] or row[0].startswith("Revision")]
    return [[(cell, False) for cell in row] for row in shown]


def _address(page: Path | None, into: Path) -> str:
    """The way from the folder to a page, or nothing where there is none, as between two drives."""
    if page is None:
        return ""
    try:
        return quote(Path(os.path.relpath(page.resolve(), into.resolve())).as_posix())
    except ValueError:
        return ""


def _either(kinds: Sequence[str]) -> str:
    return " or ".join([", ".join(kinds[:-1]), kinds[-1]]) if len(kinds) > 1 else listed(list(kinds))


def _places(move: Move) -> int:
    """Decimals of a row: pounds from £1,000 on, pence below; whole numbers whole."""
    sizes = [abs(one) for one in (move.before, move.after) if not math.isnan(one)]
    if move.key.unit == "£":
        return 0 if max(sizes, default=0.0) >= 1_000 else 2
    if move.key.unit == "share":
        return 2
    return 0 if all(one == int(one) for one in sizes) else 1


def _figures(move: Move, values: Sequence[float]) -> list[str]:
    """Figures of a row, all with the same decimals, without the unit."""
    scale, places = (100.0 if move.key.unit == "share" else 1.0), _places(move)
    return [number(one * scale, places) for one in values]


def _unit(unit: str) -> str:
    """The unit, as short as a column needs it: the figure's own words say of whom."""
    return "%" if unit == "share" else unit.partition(" people aged")[0]


def _percent(move: Move) -> str:
    if math.isnan(move.percent):
        return NONE
    return number(move.percent, 1)


def _amount(value: float, unit: str) -> str:
    if unit == "£":
        return pounds(value)
    if unit == "share":
        return f"{number(value * 100, 2)}%"
    return f"{number(value, 0 if value == int(value) else 1)} {_unit(unit)}"


def _size(value: float, unit: str) -> str:
    if unit == "share":
        return f"{number(abs(value) * 100, 2)} percentage points"
    return _amount(abs(value), unit)


def _briefly(move: Move) -> str:
    """`new data 1,200, assumption −300`; one kind that moved all of it stands alone."""
    if len(move.parts) == 1 and not move.together:
        return next(iter(move.parts))
    parts = [f"{kind} {_figures(move, (one,))[0]}" for kind, one in move.parts.items() if _shows(one, move)]
    if move.together:
        parts.append(f"not told apart {_figures(move, (move.together,))[0]}")
        parts[-1] += f" ({_either(move.among)})" if move.among else ""
    return ", ".join(parts)


def _shows(part: float, move: Move) -> bool:
    scale = 100.0 if move.key.unit == "share" else 1.0
    return bool(round_half_up(part * scale, _places(move)))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _lower(head: str) -> str:
    """A column's heading inside a sentence: `as published`, `2024/25 Q3`, `A`."""
    return head if len(head) == 1 or not head[1].islower() else f"{head[0].lower()}{head[1:]}"

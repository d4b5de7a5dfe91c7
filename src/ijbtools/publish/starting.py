"""`ijb new`: a workspace for one's own partnership, with blank tables, a plan, what is local, and a filled example."""

import os
import tempfile
from datetime import date, timedelta
from importlib import resources as packaged_files
from pathlib import Path

import pandas as pd

from ijbtools.errors import InputRefused, Problem, nearest
from ijbtools.finance.years import Period
from ijbtools.inputs.columns import template
from ijbtools.inputs.reader import Tables, read
from ijbtools.inputs.sheets import WORKBOOK
from ijbtools.inputs.tables import TABLES
from ijbtools.inputs.workspace import packaged
from ijbtools.publish.lab import lay_down
from ijbtools.publish.place import written

EXAMPLE = "strathorran"
PUBLIC = "data/sample/scotland"


def new(folder: Path, partnership: str = "", today: date | None = None) -> Path:
    """Write a workspace into a folder that is not there yet or is empty; the folder.

    With the id of a partnership whose figures are public, its tables begin with them. InputRefused where the folder
    holds something, or nobody is known by that id; nothing is left behind where writing fails.
    """
    problems = []
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problems.append(Problem(str(folder), "something that is there already", "a folder that is new or empty"))
    public = read(packaged() / PUBLIC)
    known = public["partnerships"]["partnership"].tolist()
    if partnership and partnership not in known:
        expected = "a partnership whose figures are public (its council area, such as fife), or none"
        problems.append(Problem("--partnership", repr(partnership), expected, nearest=nearest(partnership, known)))
    if problems:
        raise InputRefused(problems)
    period = _latest(public, partnership) if partnership else _last_quarter(today or date.today())
    with written(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ijb-new-", dir=folder.parent) as scratch:
            _fill(Path(scratch) / "new", _of(public, partnership) if partnership else {}, period)
            lay_down(Path(scratch) / "new")
            if folder.exists():
                folder.rmdir()
            os.replace(Path(scratch) / "new", folder)
    return folder


def _fill(home: Path, own: dict[str, pd.DataFrame], period: Period) -> None:
    from ijbtools.report.forms import write_form

    for name in ("data", "blank", "example", "notebooks", "params/plans", "params/scenarios"):
        (home / name).mkdir(parents=True)
    for name, table in TABLES.items():
        (home / "blank" / f"{name}.csv").write_text(template(table), encoding="utf-8", newline="\n")
    write_form(home / "data" / WORKBOOK, own, _ABOUT)
    invented = _of(read(packaged() / "data" / "sample" / "invented"), EXAMPLE)
    write_form(home / "example" / WORKBOOK, invented, (_INVENTED, *_ABOUT))
    texts = packaged_files.files("ijbtools.publish") / "workspace"
    for source, target in _TEXTS.items():
        text = (texts / source).read_text(encoding="utf-8")
        (home / target).write_text(text.replace("PERIOD", period.name), encoding="utf-8", newline="\n")


_TEXTS = {
    "README.md": "README.md",
    "house.yaml": "house.yaml",
    "local.yaml": "params/local.yaml",
    "sources.yaml": "params/sources.yaml",
    "scenario.yaml": "params/scenarios/example.yaml",
    "briefing.yaml": "params/plans/briefing.yaml",
    "example.yaml": "example/plan.yaml",
}
_ABOUT = (
    "One sheet for each table. Fill in what you have: a page is made of what is there, and says what it would need.",
    "Amounts are pounds, net of income, cash of their own year. Where a ledger is in thousands, say so in returns.",
    "What your ledger calls things may stay as it is: the sheet names says what it means.",
    "Then: ijb check, and ijb publish, in the folder of this workspace.",
)
_INVENTED = "Invented: Strathorran does not exist, and every figure here is made up, to show a workbook that is filled."


def _of(tables: Tables, partnership: str) -> dict[str, pd.DataFrame]:
    """The tables of one partnership: its rows, and what its rows refer to."""
    frames = {}
    for name, frame in tables.items():
        if "partnership" in frame and name != "shares":
            frame = frame[frame["partnership"] == partnership]
        frames[name] = frame
    partners = set(frames["partners"]["partner"])
    for name in ("specialty_costs",):
        if name in frames:
            frames[name] = frames[name][frames[name]["partner"].isin(partners)]
    if "services" in frames:
        used = {
            one
            for frame in frames.values()
            if "service" in frame and frame is not frames["services"]
            for one in frame["service"]
        }
        frames["services"] = frames["services"][frames["services"]["service"].isin(used)]
    if "shares" in frames:
        shares = frames["shares"]
        mine = shares[shares["partnership"] == partnership]["name"]
        frames["shares"] = shares[shares["name"].isin(mine)]
    return {name: frame for name, frame in frames.items() if len(frame)}


def _latest(public: Tables, partnership: str) -> Period:
    """The last whole year that the public figures of delays reach, or the quarter where no year is whole."""
    delays = public["delays"]
    periods = sorted({Period.parse(one) for one in delays[delays["partnership"] == partnership]["period"]}, key=_end)
    years = [one for one in periods if one.quarter == 4]
    return Period(years[-1].year, 1, 12) if years else periods[-1]


def _end(period: Period) -> date:
    return period.end


def _last_quarter(today: date) -> Period:
    """The quarter that was over on that day, as the year to its end."""
    month = today.replace(day=1) - timedelta(days=1)
    while month.month % 3:
        month = month.replace(day=1) - timedelta(days=1)
    return Period.of_month(month.year, month.month).to_date

"""The two sides of a comparison: what a published page says, and the same page worked out again from what is there now.

A page is taken by its run record, and its figures from `facts.csv` beside it, which must be what the record says.
"""

import csv
import importlib
import inspect
import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

import ijbtools
from ijbtools.errors import InputRefused, PageRefused, Problem, listed
from ijbtools.finance.words import day, period_in_full
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.assumptions import ALWAYS, Assumption, Assumptions
from ijbtools.inputs.disclosure import USUAL, Disclosure
from ijbtools.inputs.reader import Tables, read
from ijbtools.inputs.scenarios import changed
from ijbtools.inputs.workspace import OURS, assumptions_in, data_in, guarded, notebooks_in, packaged, workspace
from ijbtools.publish import briefing, due
from ijbtools.publish._moves import Row
from ijbtools.publish.place import sha256
from ijbtools.publish.site import readable
from ijbtools.report.files import harmless
from ijbtools.report.recording import values_of
from ijbtools.topics.result import FACT_COLUMNS, KeyFigure, Prepared, Result

TOPICS = ("baseline", "investment", "shunting")
FIGURED_WITH = ("ijbtools", "numpy", "pandas")  # other packages draw and write; no figure comes of them

Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Side:
    """One side. `values` are the assumptions that it rests on, or None where they are no longer known."""

    label: str
    slug: str
    record: Mapping[str, Any]
    rows: tuple[Row, ...]
    key_figures: tuple[KeyFigure, ...]
    tables: Mapping[str, str]
    params: Mapping[str, str]
    values: Values | None
    page: Path | None = None

    @property
    def period(self) -> Period:
        """The period of the page: the year to the end of a quarter."""
        return Period.parse(self.record["period"]).to_date

    @property
    def data(self) -> str:
        """The tables, as seen from the workspace."""
        return str(self.record["parameters"].get("data", ""))

    @property
    def scenario(self) -> str:
        """The scenario file as seen from the workspace, or nothing."""
        return str(self.record["parameters"].get("scenario", ""))

    @property
    def notebook(self) -> str:
        """The notebook's name without its ending."""
        return Path(str(self.record["notebook"]["name"])).stem

    @property
    def terms(self) -> dict[str, str]:
        """What the topic takes beside tables and assumptions, such as a discount schedule."""
        return {name: self.record["parameters"][name] for name in _terms(self.record["topic"]) if self._has(name)}

    def _has(self, name: str) -> bool:
        return bool(self.record["parameters"].get(name))

    @property
    def disclosure(self) -> Disclosure:
        """What its plan said of suppression; what holds where nothing was said."""
        said = self.record.get("disclosure") or {}
        exempt = said.get("exempt") or {}
        return Disclosure(int(said.get("suppress_below", USUAL.below)), {str(k): str(v) for k, v in exempt.items()})

    def choices(self, known: Assumptions) -> dict[str, str]:
        """The options that were chosen by name."""
        return {name: str(one) for name, one in self.record["parameters"].items() if name in known and one}


@cache
def _terms(topic: str) -> tuple[str, ...]:
    if topic not in TOPICS:
        return ()
    return tuple(inspect.signature(_module(topic).work_out).parameters)[2:]


def _module(topic: str) -> Any:
    return importlib.import_module(f"ijbtools.topics.{topic}")


def record_file(path: Path) -> Path:
    """The run record of a page, of its folder of files, or the record itself. InputRefused where there is none."""
    expected = "a published page such as site/fife/2024-25/shunting.html"
    if path.name == "run.json" and path.is_file():
        return path
    if (path / "run.json").is_file():
        return path / "run.json"
    if path.is_dir():
        pages = sorted(one.name for one in path.glob("*.html") if list(path.glob(f"{one.stem}-????????/run.json")))
        found = f"a folder with {listed(pages).replace(' or ', ' and ')}" if pages else "a folder without a page"
        raise InputRefused([Problem(str(path), found, expected)])
    if not path.is_file():
        raise InputRefused([Problem(str(path), "no such file", expected)])
    records = sorted(path.parent.glob(f"{path.stem}-????????/run.json"))
    if not records:
        raise InputRefused([Problem(str(path), "no run record beside it", f"{expected}, with its folder beside it")])
    whole = {one: record for one in records if (record := readable(one))}
    ours = [one for one, record in whole.items() if record["outputs"].get(path.name) == sha256(path)]
    return (ours or [*whole, *records])[0]


def published(path: Path) -> Side:
    """The side of a published page. InputRefused where there is none, PageRefused where it is damaged."""
    file = record_file(path)
    record = readable(file)
    if record is None or not _is_whole(record):
        raise PageRefused(
            f"{file} is damaged: it is no whole run record. Publish the page again, or take a copy of it."
        )
    page = file.parent.parent / f"{file.parent.name[:-9]}.html"
    facts = file.parent / "facts.csv"
    for one in (page, facts):
        name = one.relative_to(page.parent).as_posix()
        digest = record["outputs"].get(name)
        found = sha256(one) if one.is_file() else ""
        if not found or found != digest:
            how = "is not what its run record says" if found else "is missing"
            raise PageRefused(f"{one} {how}, so it cannot be compared. `ijb verify` names all that differs.")
    assumed = {name for name in record["inputs"] if _is_params(name, str(record["parameters"].get("scenario", "")))}
    return Side(
        label=period_in_full(Period.parse(record["period"]).to_date),
        slug=str(record["slug"]),
        record=record,
        rows=_read(facts),
        key_figures=_key_figures(page.read_text(encoding="utf-8")),
        tables={Path(name).name: digest for name, digest in record["inputs"].items() if name not in assumed},
        params={Path(name).name: digest for name, digest in record["inputs"].items() if name in assumed},
        values=record.get("assumptions") or None,
        page=page,
    )


def _is_whole(record: Mapping[str, Any]) -> bool:
    texts = all(isinstance(record.get(one), str) for one in ("partnership", "period", "topic", "name", "slug"))
    maps = all(isinstance(record.get(one), dict) for one in ("parameters", "inputs", "outputs", "notebook", "code"))
    if not texts or not maps or not isinstance(record["notebook"].get("name"), str):
        return False
    said = record.get("disclosure", {})
    if not isinstance(said, dict) or not isinstance(said.get("suppress_below", 0), int):
        return False
    if not isinstance(said.get("exempt", {}), dict):
        return False
    if not isinstance(record.get("packages", {}), dict) or not _are_values(record.get("assumptions", {})):
        return False
    try:
        Period.parse(record["period"])
    except ValueError:
        return False
    return True


def _are_values(found: Any) -> bool:
    """Whether this is what `recording.values_of` gives."""
    if not isinstance(found, dict):
        return False
    dated = [one.get("value") if isinstance(one, dict) else None for one in found.values()]
    return all(isinstance(one, dict) and all(isinstance(x, int | float) for x in one.values()) for one in dated)


def _is_params(name: str, scenario: str) -> bool:
    return name.removeprefix(OURS).startswith("params/") or name == scenario


def _read(facts: Path) -> tuple[Row, ...]:
    """The figures of a published page."""
    with facts.open(encoding="utf-8-sig", newline="") as reading:
        heads, *lines = csv.reader(reading)
    if tuple(heads) != FACT_COLUMNS:
        found = f"the columns {', '.join(heads)}"
        raise InputRefused([Problem(str(facts), found, ", ".join(FACT_COLUMNS))], "Publish the page again.")
    rows = []
    for line in lines:
        one = {name: _unquoted(cell) for name, cell in zip(FACT_COLUMNS, line, strict=True)}
        rows.append(_row(one, float(one["amount"]) if one["amount"] else math.nan))
    return tuple(rows)


def _unquoted(cell: str) -> str:
    """The cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


def _row(one: Mapping[str, Any], amount: float) -> Row:
    texts = {name: str(one[name]) for name in Row._fields if name != "amount"}
    return Row(amount=amount, **texts)


class _KeyFigures(HTMLParser):
    """The key figures of a page, as they are printed there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.inside, self.at, self.found = False, "", list[dict[str, str]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "dl" and given.get("class") == "key":
            self.inside = True
        elif self.inside and tag == "dt":
            self.found.append({"dt": "", "value": "", "note": ""})
            self.at = "dt"
        elif self.inside and tag == "dd":
            self.at = given.get("class") or ""

    def handle_endtag(self, tag: str) -> None:
        self.at = ""
        self.inside = self.inside and tag != "dl"

    def handle_data(self, data: str) -> None:
        if self.inside and self.found and self.at in self.found[-1]:
            self.found[-1][self.at] += data


def _key_figures(html: str) -> tuple[KeyFigure, ...]:
    reader = _KeyFigures()
    reader.feed(html)
    reader.close()
    return tuple(KeyFigure(one["dt"], one["value"], one["note"]) for one in reader.found)


def home_of(page: Path) -> Path:
    """The workspace that a page lies in; where it lies in none the one here, or else the package itself."""
    for start in (page.resolve().parent, Path()):
        try:
            return workspace(start)
        except InputRefused:
            continue
    return packaged()


class Today:
    """A page worked out again: with today's tables and code, and whichever assumptions and period."""

    def __init__(self, home: Path, side: Side) -> None:
        self.home, self.side = home, side
        self._prepared: dict[tuple[str, str], Prepared] = {}
        self._tables: dict[str, Tables] = {}

    @cached_property
    def topic(self) -> Any:
        """The module that works the page out. InputRefused where the topic is none of ours."""
        name = self.side.record["topic"]
        if name not in TOPICS:
            expected = f"one that is worked out here: {listed(list(TOPICS))}"
            raise InputRefused([Problem(str(self.side.page), f"the topic {name!r}", expected)])
        return _module(name)

    def tables(self, data: str) -> Tables:
        """The tables of that source that the topic reads."""
        if data not in self._tables:
            self._tables[data] = read(data_in(self.home, data), self.topic.READS)
        return self._tables[data]

    def digests(self, data: str) -> dict[str, str]:
        """What the tables are today, file by file."""
        return {Path(name).name: digest for name, digest in self.tables(data).digests.items()}

    @cached_property
    def params(self) -> Assumptions:
        """Today's assumptions, without a scenario or choices."""
        return assumptions_in(self.home)

    def assumptions(self, side: Side, scenario: str | None = None) -> Assumptions:
        """Today's, with the scenario and the choices of a side; `scenario` is another instead of its own."""
        file = side.scenario if scenario is None else scenario
        chosen = side.choices(self.params)
        return assumptions_in(self.home, file, chosen) if file or chosen else self.params

    def restored(self, side: Side) -> Assumptions:
        """The assumptions that a side rests on where they are known; today's with its scenario where not."""
        if side.values is None:
            return self.assumptions(side)
        return with_values(self.params, side.values)

    def known_again(self, side: Side) -> Values | None:
        """The values of a page whose record does not hold them: today's, where its params are what they were."""
        if side.values is not None:
            return side.values
        try:
            today = self.assumptions(side)
        except InputRefused:
            return None
        same = {Path(name).name: digest for name, digest in today.digests.items()} == dict(side.params)
        return self.values(today) if same and side.params else None

    def values(self, assumptions: Assumptions) -> Values:
        """What the sums take from the assumptions."""
        return values_of(assumptions.pick(self.topic.USES).values())

    def result(self, data: str, assumptions: Assumptions, side: Side, period: Period) -> Result:
        """The page worked out with the terms of a side; InputRefused where there are no such figures.

        What few people are behind is suppressed as on the page of that side.
        """
        own, kept = str(self.side.record["partnership"]), (data, side.disclosure.text)
        if kept not in self._prepared:
            self._prepared[kept] = self.topic.prepare(guarded(self.tables(data), side.disclosure), own)
        try:
            worked: Result = self.topic.work_out(self._prepared[kept], assumptions, **side.terms)
        except InputRefused:
            raise
        except ValueError as error:
            found, _, expected = str(error).partition("; expected ")
            raise InputRefused([Problem("parameter", found, expected or "one that is known")]) from None
        return worked.only(own, period.name)

    @cached_property
    def now_made_with(self) -> dict[str, Any]:
        """What works figures out here, as a run record says it."""
        own = notebooks_in(self.home).get(self.side.notebook)
        notebook = {"name": f"{self.side.notebook}.ipynb", "sha256": sha256(own) if own else ""}
        code = {"version": ijbtools.__version__, "revision": briefing.revision()}
        return {
            "code": code | {"files": due.environment()["code"]},
            "packages": {name: metadata.version(name) for name in briefing.PACKAGES},
            "python": platform.python_version(),
            "notebook": notebook,
        }

    def now(self, period: Period | None = None, scenario: str | None = None, slug: str = "now") -> Side:
        """The side's page worked out from what is there now, for another period or scenario where one is named."""
        when = period or self.side.period
        assumptions = self.assumptions(self.side, scenario)
        result = self.result(self.side.data, assumptions, self.side, when)
        parameters = {**self.side.record["parameters"], **({} if scenario is None else {"scenario": scenario})}
        own = {"parameters": parameters, "period": when.name, "slug": when.slug, "digest": ""}
        record = {**self.side.record, **own, **self.now_made_with}
        return Side(
            label=period_in_full(when),
            slug=slug,
            record=record,
            rows=rows_of(result),
            key_figures=tuple(result.key_figures()),
            tables=self.digests(self.side.data),
            params={Path(name).name: digest for name, digest in assumptions.digests.items()},
            values=self.values(assumptions),
        )


def rows_of(result: Result) -> tuple[Row, ...]:
    """The figures of a result as `facts.csv` has them: those of the partnership and of its nation."""
    facts = result.facts()
    nation = result.tables["partnerships"]["nation"].iloc[0]
    facts = facts[facts["partnership"].isin([result.partnership, nation])]
    facts = facts.assign(amount=facts["amount"].astype(float))
    rows = facts[list(Row._fields)].to_dict("records")
    return tuple(_row({k: "" if pd.isna(v) else v for k, v in row.items()}, row["amount"]) for row in rows)


def with_values(assumptions: Assumptions, values: Values) -> Assumptions:
    """The assumptions with the values that a run record holds; those it does not name as they are."""
    changes: dict[str, Any] = {}
    for name, one in values.items():
        if name in assumptions:
            span = one.get("range") or []
            ends = {"range": {"low": span[0], "high": span[1]}} if len(span) == 2 else {}
            changes[name] = {"value": dict(one["value"]), "price_base": one.get("price_base") or None, **ends}
    return changed(assumptions, changes)


def shifted(assumptions: Assumptions, years: int) -> Assumptions:
    """The assumptions by date so many years earlier: what holds in 2026/27 now holds in 2025/26, for 1 year."""
    items = {name: _earlier(one, years) for name, one in assumptions.items_by_name.items()}
    return Assumptions(items, assumptions.sources, assumptions.scenario, assumptions.digests)


def _earlier(one: Assumption, years: int) -> Assumption:
    moved = {when if when == ALWAYS else year_name(int(when[:4]) - years): value for when, value in one.value.items()}
    return one.model_copy(update={"value": moved})


def by_date(values: Values | None) -> bool:
    """Whether any value is another at another date."""
    return values is None or any(len(set(one["value"].values())) > 1 for one in values.values())


def same_code(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    """Whether two run records are of the same notebook and code; None where it is not known.

    It is known by the checksum of the package's files where both have it, by the revision where that is whole (no file
    differed from it), and for a released package by its version.
    """
    first, second = one["code"], other["code"]
    if one["notebook"].get("sha256") != other["notebook"].get("sha256"):
        return False
    if any(one.get("packages", {}).get(name) != other.get("packages", {}).get(name) for name in FIGURED_WITH):
        return False
    if first.get("files") and second.get("files"):
        return bool(first["files"] == second["files"])
    if first.get("version") != second.get("version"):
        return False
    revisions = [str(each.get("revision", "")) for each in (first, second)]
    if not any(revisions):
        return True
    if not all(revisions) or any(each.endswith("-dirty") for each in revisions):
        return None
    return revisions[0] == revisions[1]


def same_assumptions(one: Side, other: Side) -> bool:
    """Whether two sides rest on the same assumptions, as far as is known."""
    if one.terms != other.terms:
        return False
    if one.values is not None and other.values is not None:
        return _plain(one.values) == _plain(other.values)
    choices = [{k: v for k, v in side.record["parameters"].items() if k not in _STANDING} for side in (one, other)]
    return choices[0] == choices[1] and bool(one.params) and one.params == other.params


_STANDING = ("data", "status", "prepared_by", "signed_by")


def _plain(values: Values) -> dict[str, Any]:
    return {name: plain(one) for name, one in values.items()}


def plain(one: Mapping[str, Any]) -> tuple[dict[str, float], list[float], str]:
    """One of a run record's assumptions as what can be compared: values by date, ends of the range, year of prices."""
    return dict(one["value"]), list(one.get("range") or []), str(one.get("price_base") or "")


def made_on(side: Side) -> str:
    """`published on 22 November 2026`, or nothing where the side is none that was published."""
    if side.page is None:
        return ""
    try:
        return f"published on {day(datetime.fromisoformat(str(side.record['published_at'])).date())}"
    except ValueError:
        return "published"


def named_revision(code: Mapping[str, Any]) -> str:
    """The revision, shortened; a mark where files differed from it."""
    revision = str(code.get("revision", ""))
    return f"{revision[:10]}{' with changes' if revision.endswith('-dirty') else ''}" if revision else "not known"

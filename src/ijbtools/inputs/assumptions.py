"""Numbers that are not measured here: value by date, range, source, owner and quality.

They lie in `params/*.yaml`, their sources in `params/sources.yaml`. A scenario file holds only what it changes. A topic
names what it uses and receives those assumptions and no others.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ijbtools.errors import IjbError, InputRefused, Problem, listed, nearest
from ijbtools.finance.years import Period
from ijbtools.inputs.yaml_files import Checked, check, line_of, load

THEN = "Mend the files in params; then try again. Nothing that is published has changed."
ALWAYS = "always"


def _by_date(value: Any) -> Any:
    return value if isinstance(value, dict) else {ALWAYS: value}


def _years(value: dict[str, float]) -> dict[str, float]:
    for year in value:
        if year != ALWAYS and not _is_year(year):
            raise ValueError("financial years such as 2024/25")
    return dict(sorted(value.items()))


def _is_year(name: str) -> bool:
    try:
        return Period.parse(name).months == 12
    except ValueError:
        return False


def _not_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number")
    return value


Number = Annotated[float, BeforeValidator(_not_bool), Field(allow_inf_nan=False)]
ByDate = Annotated[dict[str, Number], BeforeValidator(_by_date), AfterValidator(_years)]


class Source(Checked):
    """Where a figure comes from. Ids are never used again for something else."""

    publisher: str
    title: str
    published: str
    address: str = ""
    licence: str = ""
    opened: Literal["yes", "no", "in part"]
    note: str = ""
    id: str = ""

    @property
    def citation(self) -> str:
        """Publisher, title and date, for a caption."""
        return f"{self.publisher}, {self.title}, {self.published}"


class Range(Checked):
    """How far the value may be off, and what the two ends mean."""

    low: Number
    high: Number
    ends: Literal["limits", "one_in_ten"] = "limits"
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> "Range":
        if self.low > self.high:
            raise ValueError("low no higher than high")
        return self

    @property
    def meaning(self) -> str:
        """What the ends mean, in words."""
        return "limits" if self.ends == "limits" else "1 in 10 either side"


class Option(Checked):
    """One of several values to choose from by name; what it does not say is as in the assumption."""

    label: str
    value: ByDate
    price_base: str | None = None
    source: str
    owner: str | None = None
    quality: Literal["green", "amber", "red"]
    range: Range | None = None
    note: str = ""


class Assumption(Checked):
    """A number that is not measured here, with all that a reader needs to judge it."""

    label: str
    unit: str
    value: ByDate = Field(default_factory=dict)
    price_base: str | None = None
    basis: Literal["full_average", "cash_releasing"] | None = None
    source: str = ""
    owner: str
    quality: Literal["green", "amber", "red"] | None = None
    range: Range | None = None
    note: str = ""
    choice: str = ""
    options: dict[str, Option] = Field(default_factory=dict)
    name: str = ""
    changed_by: str = ""

    @model_validator(mode="after")
    def _complete(self) -> "Assumption":
        if self.options:
            if self.choice not in self.options:
                raise ValueError(f"a choice that is one of {listed(list(self.options))}, not {self.choice!r}")
            return self
        if not self.value or not self.source or not self.quality or not self.range:
            raise ValueError("a value, source, quality and range, or options that have them")
        return self

    @property
    def chosen(self) -> "Assumption":
        """The assumption with the chosen option's value, source and standing; itself where there are no options."""
        if not self.options:
            return self
        option = self.options[self.choice]
        given = {name: value for name, value in option if value not in (None, "", {})}
        given["label"] = f"{self.label}: {option.label}"
        return self.model_copy(update={**given, "options": {}})

    @property
    def doubt(self) -> str:
        """What looks like a slip of the unit: growth of 4 where 4% was meant, say. Empty where nothing does."""
        large = [value for value in self.value.values() if abs(value) > 1]
        if self.unit != "share" or not large:
            return ""
        return (
            f"{self.label}: found {large[0]:g} as a share, which is {large[0] * 100:g}%; was {large[0] / 100:g} meant?"
        )

    def at(self, period: Period) -> float:
        """The value on that date: the latest that begins no later, or the earliest there is."""
        dated = sorted((year, value) for year, value in self.value.items() if year != ALWAYS)
        begun = [value for year, value in dated if year <= period.financial_year]
        return begun[-1] if begun else self.value.get(ALWAYS, dated[0][1] if dated else float("nan"))


class Scenario(Checked):
    """What a scenario changes, who wrote it, when and why."""

    label: str
    author: str = ""
    date: str = ""
    note: str = ""
    assumptions: dict[str, Any]


@dataclass(frozen=True)
class Assumptions(Mapping[str, Assumption]):
    """Assumptions by name, each with its chosen option, and the register of sources.

    `central` are the same as params have them, before a scenario and choices, each with all its options.
    """

    items_by_name: Mapping[str, Assumption]
    sources: Mapping[str, Source]
    scenario: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    read_names: set[str] = field(default_factory=set, compare=False)
    central: Mapping[str, Assumption] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Assumption:
        if name not in self.items_by_name:
            known = listed(list(self.items_by_name))
            raise IjbError(f"The assumption {name!r} is not among those this topic declares in USES: {known}.")
        self.read_names.add(name)
        return self.items_by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.items_by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self.items_by_name)

    def __len__(self) -> int:
        return len(self.items_by_name)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Values that look like a slip of the unit."""
        return tuple(
            Problem("params", one.doubt, "a share such as 0.04 for 4%", warning=True)
            for one in self.items_by_name.values()
            if one.doubt
        )

    def pick(self, names: Iterable[str]) -> "Assumptions":
        """Only the named assumptions. InputRefused where one is nowhere in the files."""
        wanted = list(names)
        missing = [name for name in wanted if name not in self.items_by_name]
        if missing:
            raise InputRefused(
                (
                    Problem("params", f"no assumption {n}", "one in a file of params", nearest=nearest(n, self))
                    for n in missing
                ),
                THEN,
            )
        return Assumptions(
            {name: self.items_by_name[name] for name in wanted},
            self.sources,
            self.scenario,
            self.digests,
            central={name: self.central[name] for name in wanted if name in self.central},
        )


def read_assumptions(
    folder: Path | str,
    scenario: Path | str | None = None,
    choices: Mapping[str, str] | None = None,
    beneath: Path | None = None,
) -> Assumptions:
    """Read every assumption of a params folder, then a scenario's changes, then choices of options by name.

    Beneath the folder may lie another, whose assumptions and sources hold unless this one changes them: an entry with a
    label stands for itself, one without holds only what it changes, and names the source of a value that it changes.
    Raises InputRefused with every problem, each with file and line.
    """
    folders = [*([beneath] if beneath else []), Path(folder)]
    problems: list[Problem] = []
    found: dict[str, Assumption] = {}
    files: dict[str, str] = {}
    changes: list[tuple[str, Mapping[str, Any], str]] = []
    named: dict[Path, dict[Any, str]] = {one: {} for one in folders}
    for file in [file for one in folders for file in sorted(one.glob("*.yaml")) if file.name != SOURCES]:
        try:
            data = load(file)
        except InputRefused as refused:
            problems += refused.problems
            continue
        for name in data:
            where = f"{file.name}, line {line_of(data, (name,))}"
            if not isinstance(data[name], Mapping):
                problems.append(Problem(where, f"{name}: {data[name]!r}", "its label, unit, value and the rest"))
                continue
            if beneath and file.parent != beneath and "label" not in data[name]:
                changes.append((str(name), data[name], where))
                continue
            if name in named[file.parent]:
                also = named[file.parent][name]
                problems.append(Problem(where, f"the name {name}, also in {also}", "each name once"))
            one = check(Assumption, {**data[name], "name": name}, file.name, data, (name,))
            if isinstance(one, list):
                problems += one
            else:
                found[str(name)], files[str(name)] = one, file.name
                named[file.parent][name] = file.name
    for name, change, where in changes:
        problems += _local(found, files, name, change, where)
    sources = _read_sources(folders, problems)
    problems += _unknown_sources(found, files, sources)
    central = dict(found)
    label = ""
    if scenario:
        label = apply_scenario(Path(scenario), found, sources, problems)
    for name, choice in (choices or {}).items():
        problems += _apply(found, name, {"choice": choice}, f"parameter {name}", "")
    if problems:
        raise InputRefused(problems, THEN)
    read = [*(file for one in folders for file in sorted(one.glob("*.yaml"))), *([Path(scenario)] if scenario else [])]
    digests = {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in read}
    items = {name: assumption.chosen for name, assumption in found.items()}
    return Assumptions(items, sources, label, digests, central=central)


SOURCES = "sources.yaml"


def _local(
    found: dict[str, Assumption], files: dict[str, str], name: str, change: Mapping[str, Any], where: str
) -> list[Problem]:
    """A change of an assumption beneath. Who changes a value says where the new one comes from, and how good it is."""
    unsaid = [one for one in ("source", "quality") if "value" in change and one not in change]
    problems = [Problem(where, f"{name}: a value without its {one}", f"the {one} of this value") for one in unsaid]
    problems += _apply(found, name, {str(key): value for key, value in change.items()}, where, "")
    files[name] = where.partition(",")[0]
    return problems


def _read_sources(folders: list[Path], problems: list[Problem]) -> dict[str, Source]:
    """The register of every folder. An id of the folder beneath is never used again for something else."""
    register = _sources_in(folders[0] / SOURCES, problems)
    for file in (folder / SOURCES for folder in folders[1:] if (folder / SOURCES).is_file()):
        for key, source in _sources_in(file, problems).items():
            same = key in register and (source.publisher, source.title) == (
                register[key].publisher,
                register[key].title,
            )
            if key in register and not same:
                expected = f"an id of its own, such as L01: {key} is already {register[key].title}"
                problems.append(Problem(file.name, f"the id {key}", expected))
            register[key] = source
    return register


def _sources_in(file: Path, problems: list[Problem]) -> dict[str, Source]:
    try:
        data = load(file)
    except InputRefused as refused:
        problems += refused.problems
        return {}
    sources = {}
    for key in data:
        if not isinstance(data[key], Mapping):
            where = f"{file.name}, line {line_of(data, (key,))}"
            problems.append(Problem(where, f"{key}: {data[key]!r}", "its publisher, title and the rest"))
            continue
        one = check(Source, {**data[key], "id": key}, file.name, data, (key,))
        if isinstance(one, list):
            problems += one
        else:
            sources[str(key)] = one
    return sources


def _unknown_sources(found: Mapping[str, Assumption], files: Mapping[str, str], sources: Mapping[str, Source]) -> list:
    problems = []
    for name, assumption in found.items():
        ids = [assumption.source, *(option.source for option in assumption.options.values())]
        for unknown in (one for one in ids if one and one not in sources):
            where = f"{files[name]}, {name}"
            expected = "an id of sources.yaml"
            problems.append(Problem(where, f"the source {unknown}", expected, nearest=nearest(unknown, sources)))
    return problems


def apply_scenario(
    file: Path, found: dict[str, Assumption], sources: Mapping[str, Source], problems: list[Problem]
) -> str:
    """Change what was found by a scenario file, adding to the problems; the scenario's label."""
    try:
        data = load(file)
    except InputRefused as refused:
        problems += refused.problems
        return ""
    scenario = check(Scenario, data, file.name, data)
    if isinstance(scenario, list):
        problems += scenario
        return ""
    for name, changes in scenario.assumptions.items():
        where = f"{file.name}, line {line_of(data, ('assumptions', name))}"
        problems += apply_change(found, name, changes, where, scenario.label)
        source = str(changes.get("source", "")) if isinstance(changes, dict) else ""
        if source and source not in sources:
            expected = "an id of sources.yaml"
            problems.append(Problem(where, f"the source {source}", expected, nearest=nearest(source, sources)))
    return scenario.label


def apply_change(found: dict[str, Assumption], name: str, change: Any, where: str, changed_by: str) -> list[Problem]:
    """Change one of what was found by an entry of a scenario: a value, values by date, or the fields that it names."""
    given = change if isinstance(change, dict) and not _is_by_date(change) else {"value": change}
    return _apply(found, name, given, where, changed_by)


def _is_by_date(value: Mapping[str, Any]) -> bool:
    return bool(value) and all(key == ALWAYS or "/" in str(key) for key in value)


def _apply(
    found: dict[str, Assumption], name: str, changes: Mapping[str, Any], where: str, changed_by: str
) -> list[Problem]:
    if name not in found:
        return [Problem(where, f"the assumption {name}", "one of those in params", nearest=nearest(name, found))]
    old = found[name]
    choice = str(changes.get("choice", old.choice))
    if "choice" in changes and choice not in old.options:
        expected = f"one of {listed(list(old.options))}" if old.options else "no choice: it has one value"
        return [Problem(where, f"the choice {choice!r}", expected, nearest=nearest(choice, old.options))]
    base = old if set(changes) <= {"choice", "options"} else old.model_copy(update={"choice": choice}).chosen
    merged = {**base.model_dump(exclude_none=True), **changes, "changed_by": changed_by or old.changed_by}
    new = check(Assumption, merged, where, {})
    if isinstance(new, list):
        return [Problem(where, problem.found, problem.expected, nearest=problem.nearest) for problem in new]
    found[name] = new
    return []

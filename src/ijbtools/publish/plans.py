"""What to run: which notebooks, for which partnerships, for which period."""

import contextlib
from ast import literal_eval
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from ijbtools.errors import InputRefused, Problem, listed, nearest
from ijbtools.finance.years import Period, briefing_period
from ijbtools.inputs.disclosure import COUNTED, FEWER_THAN, USUAL, Disclosure
from ijbtools.inputs.reader import examine
from ijbtools.inputs.style import read_style
from ijbtools.inputs.workspace import assumptions_in, data_in, notebooks_in, tables_in, workspace
from ijbtools.inputs.yaml_files import Checked, check, load
from ijbtools.publish import periods as quarters
from ijbtools.publish.parameters import parameters_of, wrong_parameters


class Plan(Checked):
    """A plan as its file has it. `parameters` go to every notebook; `out` is seen from the workspace.

    `partnerships` are ids, or the word all: every one of the table. `period` is one or a list; the word auto is the
    latest complete quarter of each partnership. A page is late `due_days` after the quarter's end. A final page names
    who signed it off. Counts of fewer than `suppress_below` people are hidden (0: none are), but for the tables that
    `exempt` names, each with the reason that pages print.
    """

    label: str
    notebooks: list[str] = Field(min_length=1)
    partnerships: Annotated[list[str], Field(min_length=1)] | Literal["all"]
    period: str | Annotated[list[str], Field(min_length=1)]
    status: Literal["draft", "final"] = "draft"
    prepared_by: str = ""
    signed_by: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    out: str = "site"
    due_days: int = Field(default=45, ge=0, le=366)
    suppress_below: int = Field(default=FEWER_THAN, ge=0)
    exempt: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _standing(self) -> "Plan":
        if self.status == "final" and not self.signed_by:
            raise ValueError("signed_by, who signed it off, for a plan whose status is final")
        misplaced = self.parameters.keys() & {"partnership", "period", "status", "prepared_by", "signed_by"}
        if misplaced:
            raise ValueError(f"{', '.join(sorted(misplaced))} as lines of the plan, not among its parameters")
        for name, why in self.exempt.items():
            if name not in COUNTED:
                raise ValueError(f"exempt only tables with people behind them, {listed(COUNTED)}, and not {name}")
            if not why:
                raise ValueError(f"exempt with a reason for {name}: pages print it")
        return self


NO_PARTNERSHIPS = pd.DataFrame({"partnership": [], "name": [], "kind": []})


@dataclass(frozen=True)
class Job:
    """One briefing to make: a notebook with its parameters, and what its plan says of suppression."""

    notebook: Path
    parameters: dict[str, Any]
    disclosure: Disclosure = USUAL

    @property
    def name(self) -> str:
        """The notebook's name, which is its topic's."""
        return self.notebook.stem

    @property
    def data(self) -> str:
        """The tables that it reads, as seen from the workspace: its parameter, or the notebook's own choice."""
        given = self.parameters.get("data", "")
        declared = {} if given else parameters_of(self.notebook)
        return given or (literal_eval(declared["data"].default) if "data" in declared else "")

    @property
    def folder(self) -> PurePosixPath:
        """Where its page lies, as seen from the site."""
        return PurePosixPath(self.parameters["partnership"], briefing_period(self.parameters["period"]).slug)

    @property
    def kept(self) -> str:
        """The name under which its notebook is kept where it fails."""
        return "-".join([*self.folder.parts, self.name])

    def __str__(self) -> str:
        return f"{self.name}, {self.parameters['partnership']}, {self.parameters['period']}"


@dataclass(frozen=True)
class Planned:
    """A plan with its workspace, and the jobs it comes to.

    With `auto` its period is the latest complete quarter; `waiting` are the partnerships that have none yet.
    """

    label: str
    home: Path
    out: Path
    jobs: tuple[Job, ...]
    due_days: int = 45
    auto: bool = False
    waiting: tuple[quarters.Waiting, ...] = ()


def read_plan(
    file: Path,
    notebooks: tuple[str, ...] = (),
    partnerships: tuple[str, ...] = (),
    periods: tuple[str, ...] = (),
    out: Path | None = None,
    today: date | None = None,
) -> Planned:
    """Read a plan; the other arguments narrow or replace what it says. InputRefused with every problem.

    The period auto is the latest complete quarter on the day `today`.
    """
    data = load(file)
    plan = check(Plan, data, file.name, data)
    if isinstance(plan, list):
        raise InputRefused(plan)
    home = workspace(file.resolve().parent)
    known = notebooks_in(home)
    wanted = notebooks or tuple(plan.notebooks)
    problems = [
        Problem(file.name, f"the notebook {name!r}", "one in the folder notebooks", nearest=nearest(name, known))
        for name in wanted
        if name not in known
    ]
    if problems:
        raise InputRefused(problems)
    source = ""
    if not partnerships and plan.partnerships == "all":
        source = _source(plan, known[wanted[0]])
        tables = examine(data_in(home, source), ("partnerships",)).tables  # what is wrong in it is for check_plan
        partnerships = tuple(tables.get("partnerships", NO_PARTNERSHIPS)["partnership"])
        if not partnerships:
            expected = "at least one row: who the partnership is"
            raise InputRefused([Problem(source, "no partnership in the table partnerships", expected)])
    standing = {"status": plan.status, "prepared_by": plan.prepared_by, "signed_by": plan.signed_by}
    said = dict.fromkeys(periods or ([plan.period] if isinstance(plan.period, str) else plan.period))
    whose = partnerships or tuple(plan.partnerships)
    latest: dict[str, Period | quarters.Waiting] = {}
    if quarters.AUTO in said:
        latest = latest_quarters(home, source or _source(plan, known[wanted[0]]), whose, today)
    disclosure = Disclosure(plan.suppress_below, plan.exempt)
    waiting = tuple(one for one in latest.values() if isinstance(one, quarters.Waiting))
    jobs = tuple(
        Job(known[name], {**plan.parameters, **standing, "partnership": partnership, "period": period}, disclosure)
        for partnership in whose
        for period in _periods(said, latest.get(partnership))
        for name in dict.fromkeys(wanted)
    )
    return Planned(plan.label, home, out or home / plan.out, jobs, plan.due_days, bool(latest), waiting)


def latest_quarters(
    home: Path, source: str, partnerships: Sequence[str], today: date | None = None
) -> dict[str, Period | quarters.Waiting]:
    """The latest complete quarter of each partnership in the source on that day; see `periods.latest`.

    In a source that cannot be read it is the last quarter that is over: what is wrong in it is for `check_plan`.
    """
    today = today or date.today()
    with contextlib.suppress(InputRefused):
        reading = examine(data_in(home, source), ("partnerships", *quarters.TABLES)) if source else None
        if reading and not reading.problems:
            return quarters.latest(reading.tables, partnerships, today)
    return dict.fromkeys(partnerships, quarters.last_over(today))


def _source(plan: Plan, notebook: Path) -> str:
    """The tables of a plan: as its parameters have it, or as the notebook has."""
    if "data" in plan.parameters:
        return str(plan.parameters["data"])
    declared = parameters_of(notebook)
    return str(literal_eval(declared["data"].default)) if "data" in declared else ""


def _periods(said: Iterable[str], latest: Period | quarters.Waiting | None) -> dict[str, None]:
    """The periods of a partnership, each once: auto is its latest complete quarter, where it has one."""
    named = [getattr(latest, "name", "") if one == quarters.AUTO else one for one in said]
    return dict.fromkeys(one for one in named if one)


def plan_files(what: Path) -> list[Path]:
    """The plans that a path means: itself, or every plan in `params/plans` of the workspace that a folder is in."""
    if not what.is_dir():
        return [what]
    folder = workspace(what) / "params" / "plans"
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise InputRefused([Problem(str(folder), "no plan", "a plan such as briefing.yaml")])
    return files


def read_plans(what: Sequence[Path], **narrowed: Any) -> list[Planned]:
    """The plans of plan files and workspaces, narrowed as by `read_plan`. InputRefused with every problem of all."""
    plans, problems = [], []
    for one in what:
        try:
            plans += [read_plan(file, **narrowed) for file in plan_files(one)]
        except InputRefused as refused:
            problems += [problem for problem in refused.problems if problem not in problems]
    if problems:
        raise InputRefused(problems)
    return plans


def check_plan(planned: Planned, shared: Path | None = None) -> list[Problem]:
    """Every problem of a plan that can be known before a kernel starts.

    Parameters are checked against each notebook, the tables and assumptions they name are read, partnerships are looked
    up in the tables, and the house style is read. What was read is laid into the folder `shared` for the jobs.
    """
    problems: dict[Problem, None] = {}  # each once, in order
    with _collected(problems):
        read_style(planned.home)
    declared = {job.notebook: parameters_of(job.notebook) for job in planned.jobs}
    for job in {job.name: job for job in planned.jobs}.values():
        problems |= dict.fromkeys(wrong_parameters(job.notebook, job.parameters))
    if problems:
        return list(problems)
    read: dict[str, list[str]] = {}  # the partnerships of each source
    scenarios: set[str] = set()
    for job in planned.jobs:
        defaults = {name: literal_eval(one.default) for name, one in declared[job.notebook].items()}
        given = defaults | job.parameters
        data, scenario = given.get("data", ""), given.get("scenario", "")
        if data and data not in read:
            read[data] = []
            with _collected(problems):
                read[data] = list(
                    tables_in(planned.home, data, shared).get("partnerships", NO_PARTNERSHIPS)["partnership"]
                )
        if scenario not in scenarios:
            scenarios.add(scenario)
            with _collected(problems):
                assumptions_in(planned.home, scenario, shared=shared)
        try:
            briefing_period(given["period"])
        except ValueError as error:
            expected = str(error).partition("expected ")[2]
            problems[Problem("parameter period", repr(given["period"]), expected)] = None
        known = read.get(data, [])
        if known and given["partnership"] not in known:
            expected = f"a partnership of {data}: {listed(known)}"
            close = nearest(given["partnership"], known)
            problems[Problem("parameter partnership", repr(given["partnership"]), expected, nearest=close)] = None
    return list(problems)


@contextlib.contextmanager
def _collected(problems: dict[Problem, None]) -> Iterator[None]:
    """What is refused here joins the problems, and the rest is looked at all the same."""
    try:
        yield
    except InputRefused as refused:
        problems |= dict.fromkeys(refused.problems)


def unlike(plans: Sequence[Planned]) -> list[Problem]:
    """Pages that the plans would make twice, and not from the same: only one of them could stay."""
    first: dict[Path, Job] = {}
    problems = []
    for planned in plans:
        for job in planned.jobs:
            place = planned.out / job.folder / f"{job.name}.html"
            other = first.setdefault(place, job)
            if other != job:
                names = sorted(name for name in other.parameters if other.parameters[name] != job.parameters.get(name))
                found = f"two plans with other parameters ({', '.join(names) or 'names'}) for one page"
                problems.append(Problem(str(place), found, "one, or plans with different folders in their line out"))
    return problems


def planned_warnings(planned: Planned) -> list[Problem]:
    """What looks doubtful in the assumptions of a plan that has no problem, each once."""
    scenarios = dict.fromkeys(str(job.parameters.get("scenario", "")) for job in planned.jobs)
    found = [warning for scenario in scenarios for warning in assumptions_in(planned.home, scenario).warnings]
    return list(dict.fromkeys(found))

"""What to run: which notebooks, for which partnerships, for which period."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from ijbtools.errors import InputRefused, Problem, nearest
from ijbtools.inputs.workspace import workspace
from ijbtools.inputs.yaml_files import Checked, check, load


class Plan(Checked):
    """A plan as its file has it. `parameters` go to every notebook; `out` is seen from the workspace."""

    label: str
    notebooks: list[str] = Field(min_length=1)
    partnerships: list[str] = Field(min_length=1)
    period: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    out: str = "site"


@dataclass(frozen=True)
class Job:
    """One briefing to make: a notebook with its parameters."""

    notebook: Path
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        """The notebook's name, which is its topic's."""
        return self.notebook.stem


@dataclass(frozen=True)
class Planned:
    """A plan with its workspace, and the jobs it comes to."""

    label: str
    home: Path
    out: Path
    jobs: tuple[Job, ...]


def read_plan(
    file: Path,
    notebooks: tuple[str, ...] = (),
    partnerships: tuple[str, ...] = (),
    period: str = "",
    out: Path | None = None,
) -> Planned:
    """Read a plan; the other arguments narrow or replace what it says. InputRefused with every problem."""
    data = load(file)
    plan = check(Plan, data, file.name, data)
    if isinstance(plan, list):
        raise InputRefused(plan)
    home = workspace(file.resolve().parent)
    known = {path.stem: path for path in sorted((home / "notebooks").glob("*.ipynb"))}
    wanted = notebooks or tuple(plan.notebooks)
    problems = [
        Problem(file.name, f"the notebook {name!r}", "one in the folder notebooks", nearest=nearest(name, known))
        for name in wanted
        if name not in known
    ]
    if problems:
        raise InputRefused(problems)
    jobs = tuple(
        Job(known[name], {**plan.parameters, "partnership": partnership, "period": period or plan.period})
        for partnership in partnerships or tuple(plan.partnerships)
        for name in wanted
    )
    return Planned(plan.label, home, out or home / plan.out, jobs)

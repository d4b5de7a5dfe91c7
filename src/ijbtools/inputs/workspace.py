"""Where an analyst's files are: the nearest folder upward that has `params/`."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.assumptions import Assumptions, read_assumptions
from ijbtools.inputs.reader import Tables, read

VARIABLE = "IJB_WORKSPACE"  # set by `ijb` for the kernels it starts, whose own folder may be anywhere


def load(
    data: str, only: tuple[str, ...] = (), scenario: str = "", choices: Mapping[str, str] | None = None
) -> tuple[Tables, Assumptions]:
    """The checked tables and the assumptions of the workspace: what a notebook begins with.

    `data` is a folder of CSV files or a workbook and `scenario` a scenario file, both as seen from the workspace.
    """
    home = workspace(os.environ.get(VARIABLE, "."))
    tables = read(home / data, only)
    assumptions = read_assumptions(home / "params", home / scenario if scenario else None, choices)
    return (
        replace(tables, digests=_seen_from(home, tables.digests)),
        replace(assumptions, digests=_seen_from(home, assumptions.digests)),
    )


def _seen_from(home: Path, digests: Mapping[str, str]) -> dict[str, str]:
    """The digests by each file's path as seen from the workspace; a file elsewhere keeps its whole path."""
    seen = {}
    for name, digest in digests.items():
        file = Path(name)
        inside = file.is_relative_to(home)
        seen[(file.relative_to(home) if inside else file).as_posix()] = digest
    return seen


def workspace(start: Path | str = ".") -> Path:
    """The nearest folder, from `start` upward, that has a folder `params`. InputRefused where there is none."""
    here = Path(start).resolve()
    for folder in (here, *here.parents):
        if (folder / "params").is_dir():
            return folder
    raise InputRefused(
        [Problem(str(start), "no folder params here or above", "a folder of a workspace, the one that holds params")]
    )

"""Where an analyst's files are: the nearest folder upward that has `params/`."""

import os
from collections.abc import Mapping
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
    return tables, read_assumptions(home / "params", home / scenario if scenario else None, choices)


def workspace(start: Path | str = ".") -> Path:
    """The nearest folder, from `start` upward, that has a folder `params`. InputRefused where there is none."""
    here = Path(start).resolve()
    for folder in (here, *here.parents):
        if (folder / "params").is_dir():
            return folder
    raise InputRefused(
        [Problem(str(start), "no folder params here or above", "a folder of a workspace, the one that holds params")]
    )

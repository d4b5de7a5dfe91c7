"""`ijb lab`: JupyterLab on the notebooks, laid down in a workspace so that they run on its own tables with no edit."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.workspace import VARIABLE, packaged, workspace
from ijbtools.inputs.yaml_files import load
from ijbtools.publish.periods import AUTO
from ijbtools.publish.place import written
from ijbtools.publish.plans import plan_files, read_plan

FOLDER = "explore"  # notebooks to explore; those in `notebooks` take the place of the package's when pages are made


def open_lab(where: Path, arguments: tuple[str, ...] = ()) -> int:
    """Open JupyterLab on the workspace that `where` is in; its exit code, once it is closed.

    InputRefused where JupyterLab is not installed, or there is no workspace.
    """
    home = workspace(where)
    if find_spec("jupyterlab") is None:
        expected = 'the extra lab: python -m pip install "ijbtools[lab]", or make lab in the project’s folder'
        raise InputRefused([Problem("JupyterLab", "no such package in this Python", expected)])
    folder = "notebooks" if home == packaged() else lay_down(home).name
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={home}"]
    command += [f"--LabApp.default_url=/lab/tree/{folder}", *arguments]
    try:
        return subprocess.run(command, env={**os.environ, VARIABLE: str(home)}, check=False).returncode
    except KeyboardInterrupt:
        return 0


def lay_down(home: Path) -> Path:
    """Lay down the package's notebooks in the workspace's folder `explore`, set to its own plan; those there stay.

    Partnership, period and data become those of the workspace's first plan that can be read.
    """
    set_to = _parameters(home)
    folder = home / FOLDER
    with written(folder):
        folder.mkdir(exist_ok=True)
        for source in sorted((packaged() / "notebooks").glob("*.ipynb")):
            if not (folder / source.name).exists():
                book = nbformat.read(source, as_version=4)
                for cell in book.cells:
                    if "parameters" in cell.metadata.get("tags", []):
                        cell.source = _set(cell.source, set_to)
                nbformat.write(book, folder / source.name)
    return folder


def _parameters(home: Path) -> dict[str, Any]:
    """What the first job of the workspace's plans is run with; as far as it is known where nothing is filled in yet."""
    known: dict[str, Any] = {"data": "data", "partnership": ""}  # an empty partnership is the only one there is
    try:
        for file in plan_files(home):
            period = load(file).get("period", "")
            known["period"] = period if isinstance(period, str) and period != AUTO else None  # else the notebook's own
            jobs = read_plan(file).jobs
            if jobs:
                return jobs[0].parameters
    except InputRefused:
        pass  # for `ijb check` to tell
    return known


def _set(source: str, values: dict[str, Any]) -> str:
    """The parameters cell with other defaults; comments and order stay."""
    lines = []
    for line in source.splitlines():
        match = re.match(r"(\w+): str = \"[^\"]*\"(.*)", line)
        if match and isinstance(values.get(match[1]), str):
            line = f"{match[1]}: str = {_quoted(values[match[1]])}{match[2]}"
        lines.append(line)
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""Where an analyst's files are: the nearest folder upward that has `params/`, and beneath it the package's own.

A workspace holds what is local. Notebooks, assumptions, sources and examples that it does not have are the package's.
"""

import contextlib
import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pandas as pd

import ijbtools
from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.assumptions import Assumptions, read_assumptions
from ijbtools.inputs.disclosure import DISCLOSURE, Disclosure, person_level, suppressed
from ijbtools.inputs.reader import Tables, read

VARIABLE = "IJB_WORKSPACE"  # set by `ijb` for the kernels it starts, whose own folder may be anywhere
SHARED = "IJB_SHARED"  # set by `ijb`: a folder where one job of a run finds what another has read and checked
OURS = "ijbtools:"  # begins the name of a file of the package in a run record


def packaged() -> Path:
    """Where the package's own notebooks, params and examples lie: in an installed copy, or at the top of a checkout."""
    inside = Path(ijbtools.__file__).resolve().parent / "home"
    return inside if inside.is_dir() else inside.parents[2]


def load(
    data: str, only: tuple[str, ...] = (), scenario: str = "", choices: Mapping[str, str] | None = None
) -> tuple[Tables, Assumptions]:
    """The checked tables and the assumptions of the workspace: what a notebook begins with.

    `data` is a folder of CSV files or a workbook, as seen from the workspace, or one of the package's examples;
    `scenario` is a scenario file as seen from the workspace. A choice that is empty is as the assumptions have it.
    Under `ijb` all jobs of a run share one reading and one check.

    Counts of few people are suppressed, below the number that the plan says, else below five (`inputs.disclosure`).
    What is hidden is in the further table `suppressed`, what the plan exempts, and why, in `exempted`.
    """
    rules = Disclosure.of(os.environ.get(DISCLOSURE, ""))
    home = workspace(os.environ.get(VARIABLE, "."))
    folder = os.environ.get(SHARED, "")
    tables = tables_in(home, data, Path(folder)).only(only) if folder and only else read(data_in(home, data), only)
    tables = guarded(tables, rules, Path(folder) if folder else None)
    assumptions = assumptions_in(home, scenario, choices, Path(folder) if folder else None)
    return (
        replace(tables, digests=_seen_from(home, tables.digests)),
        replace(assumptions, digests=_seen_from(home, assumptions.digests)),
    )


_Read = TypeVar("_Read")


def tables_in(home: Path, data: str, shared: Path | None = None) -> Tables:
    """Every table of the source of that name, checked; kept in the folder `shared`, or taken from there."""
    source = data_in(home, data)
    return _once(shared, f"tables {source}", lambda: read(source))


def guarded(tables: Tables, rules: Disclosure, shared: Path | None = None) -> Tables:
    """The tables without what few people are behind, and what is hidden or exempted as tables beside them.

    Where no table has counts of people they are the tables themselves.
    """
    if "delays" not in tables:
        return tables
    delays, declared = tables["delays"], "delays" in tables.person_level
    if not person_level(delays, declared).any():
        return tables
    if why := rules.exempt.get("delays"):
        exempted = pd.DataFrame({"table": ["delays"], "why": [why]}).astype("str")
        return replace(tables, frames={**tables.frames, "exempted": exempted})
    named = f"suppressed {tables.source} {rules.below}"
    safe, log = _once(shared, named, lambda: suppressed(delays, rules.below, declared))
    return replace(tables, frames={**tables.frames, "delays": safe, "suppressed": log})


def assumptions_in(
    home: Path, scenario: str = "", choices: Mapping[str, str] | None = None, shared: Path | None = None
) -> Assumptions:
    """The assumptions of a workspace: the package's, with what the workspace changes and adds.

    They are kept in the folder `shared`, or taken from there.
    """
    ours, own = packaged() / "params", home / "params"
    chosen = {name: choice for name, choice in (choices or {}).items() if choice}
    beneath = None if own.resolve() == ours.resolve() else ours
    file = home / scenario if scenario else None
    named = f"assumptions {own} {file} {sorted(chosen.items())}"
    return _once(shared, named, lambda: read_assumptions(own, file, chosen, beneath))


def _once(folder: Path | None, name: str, read_it: Callable[[], _Read]) -> _Read:
    """What was read under this name, from the folder where it lies there; else read now, and laid there for others.

    The folder is the run's own: nobody else may write into it, and it is gone with the run.
    """
    if folder is None:
        return read_it()
    file = folder / f"{hashlib.sha256(name.encode()).hexdigest()}.pickle"
    if file.exists():
        return pickle.loads(file.read_bytes())
    found = read_it()
    with contextlib.suppress(OSError):  # no room, or on Windows another job is just reading it: then it is read again
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as writing:
            pickle.dump(found, writing, protocol=pickle.HIGHEST_PROTOCOL)
        os.replace(temporary, file)
    return found


def data_in(home: Path, data: str) -> Path:
    """The folder or workbook of that name in the workspace, or else among the package's examples."""
    own = home / data
    return packaged() / data if not own.exists() and (packaged() / data).exists() else own


def notebooks_in(home: Path) -> dict[str, Path]:
    """Every notebook by its name: the package's, and those of the workspace, which come first."""
    folders = (packaged() / "notebooks", home / "notebooks")
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.ipynb"))}


def file_of(home: Path, name: str) -> Path:
    """The file that a run record names."""
    return packaged() / name.removeprefix(OURS) if name.startswith(OURS) else home / name


def _seen_from(home: Path, digests: Mapping[str, str]) -> dict[str, str]:
    """The digests by each file's path as seen from the workspace or the package; one elsewhere keeps its whole path."""
    seen = {}
    for name, digest in digests.items():
        file = Path(name)
        if file.is_relative_to(home):
            seen[file.relative_to(home).as_posix()] = digest
        elif file.is_relative_to(packaged()):
            seen[OURS + file.relative_to(packaged()).as_posix()] = digest
        else:
            seen[file.as_posix()] = digest
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

"""Briefings made by workers elsewhere: what they are sent, and what they do with it.

A worker needs the same ijbtools, Python and packages installed, and nothing else. The workspace is sent to it: a folder
that both can see is not needed. What is made comes back in memory, and only the sender writes pages.

Sent are the workspace's `params` and `notebooks`, its house style and the tables that the jobs name. Whoever can reach
the scheduler can read these and run anything on the workers, so the cluster must be trusted with them.
"""

import contextlib
import socket
import tempfile
import threading
import uuid
from ast import literal_eval
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, TypeVar

from ijbtools.errors import CannotReach, CannotWrite, InputRefused, NotebookFailed, Problem
from ijbtools.inputs.disclosure import USUAL, Disclosure
from ijbtools.inputs.style import HOUSE
from ijbtools.inputs.workspace import notebooks_in, packaged
from ijbtools.publish.briefing import Made, NotMade, make
from ijbtools.publish.due import environment
from ijbtools.publish.parameters import parameters_of
from ijbtools.publish.place import sha256
from ijbtools.publish.plans import Job, Planned

_Any = TypeVar("_Any")
_SAME = "Install the same there, from the same lock, and start it again."


@dataclass(frozen=True)
class Parcel:
    """A workspace as it is sent: its files by their names from there, and what it was packed with.

    Of the package's own workspace nothing is sent (`files` is None): every installed copy holds it. `notebooks` are the
    SHA-256 of those that are run. All parcels of one run have its `run`.
    """

    files: dict[str, bytes] | None
    notebooks: dict[str, str]
    environment: dict[str, Any]
    run: str
    number: int


def parcels(plans: Sequence[Planned]) -> dict[Path, Parcel]:
    """What workers must be sent for these plans, by workspace. InputRefused where a file lies outside its workspace."""
    files: dict[Path, dict[str, bytes]] = {}
    notebooks: dict[Path, dict[str, str]] = {}
    problems: dict[Problem, None] = {}
    for planned in plans:
        home = planned.home
        names = dict.fromkeys(_always(home))
        for parameter, name in _named(planned):
            if outside(name):
                expected = "a path inside the workspace, as seen from there: what lies in it is sent along"
                problems[Problem(f"parameter {parameter}", f"the path {name}", expected)] = None
            else:
                names |= dict.fromkeys(_files(home, name))
        own = files.setdefault(home, {})
        for name in names if home != packaged() else ():
            try:
                own[name] = own[name] if name in own else (home / name).read_bytes()
            except OSError as error:
                problems[Problem(name, f"no way to read it ({error.strerror})", "a file that can be read")] = None
        notebooks.setdefault(home, {}).update({job.name: sha256(job.notebook) for job in planned.jobs})
    if problems:
        raise InputRefused(problems, "Or make these pages here, without --scheduler. Nothing was run.")
    run = uuid.uuid4().hex
    return {
        home: Parcel(None if home == packaged() else own, notebooks[home], environment(), run, number)
        for number, (home, own) in enumerate(files.items())
    }


def _always(home: Path) -> Iterator[str]:
    """The files of a workspace that every job could read."""
    found = [*sorted((home / "params").rglob("*.yaml")), *sorted((home / "notebooks").glob("*.ipynb")), home / HOUSE]
    yield from (file.relative_to(home).as_posix() for file in found if file.is_file())


def _named(planned: Planned) -> Iterator[tuple[str, str]]:
    """The parameters that name what a job reads, with the names."""
    declared = {notebook: parameters_of(notebook) for notebook in {job.notebook for job in planned.jobs}}
    for job in planned.jobs:
        for parameter in ("data", "scenario"):
            one = declared[job.notebook].get(parameter)
            name = job.parameters.get(parameter) or (literal_eval(one.default) if one else "")
            if name:
                yield parameter, str(name)


def _files(home: Path, name: str) -> list[str]:
    """The files that a name means: itself, or the tables in a folder. None for one of the package's examples."""
    there = home / name
    if there.is_dir():
        tables = (file.name for file in sorted(there.iterdir()) if file.suffix.lower() in (".csv", ".parquet", ".xlsx"))
        return [str(PurePosixPath(name, table)) for table in tables if (there / table).is_file()]
    return [name] if there.is_file() else []


def outside(name: str) -> bool:
    """Whether a path may lead out of the folder that it is seen from, on any system."""
    paths = (PurePosixPath(name), PureWindowsPath(name))
    return any(path.is_absolute() or path.anchor or ".." in path.parts for path in paths)


def as_it_is(one: _Any) -> _Any:
    """What was given. A task for the scheduler to hold."""
    return one


def make_elsewhere(
    parcel: Parcel, name: str, parameters: dict[str, Any], disclosure: Disclosure = USUAL
) -> Made | NotMade:
    """On a worker: make a briefing in the workspace that was sent, by a notebook's name and the rest of its job."""
    host = socket.gethostname()
    if differs := _differs(parcel.environment, environment()):
        return NotMade(CannotReach(f"The worker on {host} has {differs}. {_SAME}"))
    try:
        with _unpacked(parcel) as (home, shared):
            notebook = notebooks_in(home).get(name)
            if notebook is None or sha256(notebook) != parcel.notebooks[name]:
                return NotMade(CannotReach(f"The worker on {host} has another notebook {name}, or none. {_SAME}"))
            with _folder("ijb-job-") as work:
                return make(Job(notebook, parameters, disclosure), home, Path(work), shared)
    except OSError as error:
        said = f"The worker on {host} cannot write {error.filename or ''}: {error.strerror or type(error).__name__}."
        return NotMade(CannotWrite(f"{said} Make room there."))
    except ValueError as error:
        return NotMade(NotebookFailed(f"The worker on {host} was sent what it does not take: {error}."))


@dataclass
class _Unpacked:
    """What was unpacked here of one parcel, and how many jobs work with it now."""

    folder: "tempfile.TemporaryDirectory[str]"
    jobs: int = 0


_LOCK = threading.Lock()
_HERE: dict[tuple[str, int], _Unpacked] = {}  # by run and number of the parcel


@contextlib.contextmanager
def _unpacked(parcel: Parcel) -> Iterator[tuple[Path, Path]]:
    """The workspace on this worker, and a folder for what its jobs have read.

    Unpacked once for all jobs of a run. What an earlier run has left goes when none of its jobs is at work.
    """
    key = parcel.run, parcel.number
    with _LOCK:
        for other in [other for other, one in _HERE.items() if other[0] != parcel.run and not one.jobs]:
            _HERE.pop(other).folder.cleanup()
        here = _HERE[key] if key in _HERE else _unpack(parcel)
        _HERE[key] = here
        here.jobs += 1
    try:
        folder = Path(here.folder.name).resolve()
        yield packaged() if parcel.files is None else folder / "workspace", folder / "shared"
    finally:
        with _LOCK:
            here.jobs -= 1


def _unpack(parcel: Parcel) -> _Unpacked:
    """Write the files of a parcel. ValueError, and nothing written, where a name leads out of its folder."""
    for name in parcel.files or {}:
        if outside(name):
            raise ValueError(f"the path {name} leads out of the workspace")
    folder = _folder("ijb-workspace-")
    try:
        home = Path(folder.name) / "workspace"
        for needed in (home / "params", Path(folder.name) / "shared"):
            needed.mkdir(parents=True)
        for name, content in (parcel.files or {}).items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(content)
    except OSError:
        folder.cleanup()
        raise
    return _Unpacked(folder)


def _folder(prefix: str) -> "tempfile.TemporaryDirectory[str]":
    """A folder of our own in that of this worker, which Dask clears when the worker has ended or was killed."""
    place = None
    with contextlib.suppress(ImportError, ValueError):  # without Dask, or not on a worker
        from distributed import get_worker

        place = get_worker().local_directory
    return tempfile.TemporaryDirectory(prefix=prefix, dir=place, ignore_cleanup_errors=True)


def _differs(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """What is not the same, in words; nothing where all is."""
    said = []
    if ours["code"] != theirs["code"]:
        said.append("another ijbtools")
    if ours["python"] != theirs["python"]:
        said.append(f"Python {theirs['python']} and not {ours['python']}")
    for name, version in ours["packages"].items():
        if theirs["packages"].get(name) != version:
            said.append(f"{name} {theirs['packages'].get(name)} and not {version}")
    return ", ".join(said)

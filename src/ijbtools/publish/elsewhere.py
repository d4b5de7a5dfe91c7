"""Briefings made by workers elsewhere: what they are sent, and what they do with it.

A worker needs the same ijbtools, Python and packages installed, and nothing else. The workspace is sent to it: a folder
that both can see is not needed. What is made comes back in memory, and only the sender writes pages.
"""

import socket
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ijbtools.errors import CannotReach, InputRefused, NotebookFailed, Problem
from ijbtools.inputs.style import HOUSE
from ijbtools.inputs.workspace import data_in, notebooks_in, packaged
from ijbtools.publish.briefing import Made, NotMade, make
from ijbtools.publish.due import environment
from ijbtools.publish.plans import Job, Planned

_Any = TypeVar("_Any")


@dataclass(frozen=True)
class Parcel:
    """A workspace as it is sent: its files by their names, and what it was packed with.

    Of the package's own workspace nothing is sent (`files` is None): every installed copy holds it.
    """

    files: dict[str, bytes] | None
    environment: dict[str, Any]
    run: str = field(default_factory=lambda: uuid.uuid4().hex)


def parcels(plans: Sequence[Planned]) -> dict[Path, Parcel]:
    """What workers must be sent for these plans, by workspace. InputRefused where a file lies outside its workspace."""
    files: dict[Path, dict[str, bytes]] = {}
    problems: list[Problem] = []
    for planned in plans:
        own = files.setdefault(planned.home, {})
        for file in _needed(planned):
            if file.is_relative_to(planned.home):
                own.setdefault(file.relative_to(planned.home).as_posix(), file.read_bytes())
            elif not file.is_relative_to(packaged()):
                problems.append(
                    Problem(str(file), "a file outside the workspace", "one inside it, which is sent along")
                )
    if problems:
        raise InputRefused(dict.fromkeys(problems), "Or make these pages here, without --scheduler.")
    return {home: Parcel(None if home == packaged() else own, environment()) for home, own in files.items()}


def _needed(planned: Planned) -> Iterator[Path]:
    """Every file of the workspace that a job could read."""
    home = planned.home
    yield from sorted((home / "params").rglob("*.yaml"))
    yield from sorted((home / "notebooks").glob("*.ipynb"))
    if (home / HOUSE).is_file():
        yield home / HOUSE
    for job in planned.jobs:
        if scenario := job.parameters.get("scenario"):
            yield (home / scenario).resolve()
        source = data_in(home, job.parameters.get("data", "data")).resolve()
        inside = sorted(source.iterdir()) if source.is_dir() else [source]
        yield from (file for file in inside if file.is_file() and file.suffix.lower() in (".csv", ".xlsx"))


def as_it_is(one: _Any) -> _Any:
    """What was given. A task for the scheduler to hold."""
    return one


def make_elsewhere(parcel: Parcel, name: str, parameters: dict[str, Any]) -> Made | NotMade:
    """On a worker: make a briefing in the workspace that was sent, by a notebook's name and its parameters."""
    differs = _differs(parcel.environment, environment())
    if differs:
        said = f"The worker on {socket.gethostname()} has {differs}. Install the same there, from the same lock."
        return NotMade(CannotReach(said))
    with _LOCK:
        home, shared = _unpacked(parcel)
    notebook = notebooks_in(home).get(name)
    if notebook is None:
        return NotMade(NotebookFailed(f"The worker on {socket.gethostname()} has no notebook {name}."))
    with tempfile.TemporaryDirectory(prefix="ijb-", ignore_cleanup_errors=True) as work:
        return make(Job(notebook, parameters), home, Path(work), shared)


_LOCK = threading.Lock()
_HERE: "dict[str, tempfile.TemporaryDirectory[str]]" = {}  # what was unpacked here, of the last run of each workspace


def _unpacked(parcel: Parcel) -> tuple[Path, Path]:
    """The workspace on this worker, and a folder for what its jobs have read. Unpacked once for all jobs of a run."""
    if parcel.run not in _HERE:
        _HERE[parcel.run] = tempfile.TemporaryDirectory(prefix="ijb-workspace-", ignore_cleanup_errors=True)
        home = Path(_HERE[parcel.run].name).resolve() / "workspace"
        for name, content in (parcel.files or {"params/.none": b""}).items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(content)
        (home.parent / "shared").mkdir()
    folder = Path(_HERE[parcel.run].name).resolve()
    return packaged() if parcel.files is None else folder / "workspace", folder / "shared"


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

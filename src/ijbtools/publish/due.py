"""What is due: a page is made again only when something that it comes from has changed."""

import hashlib
import json
import platform
import re
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import ijbtools
from ijbtools.inputs.style import HOUSE
from ijbtools.inputs.workspace import data_in, packaged
from ijbtools.publish.briefing import PACKAGES
from ijbtools.publish.place import sha256
from ijbtools.publish.plans import Job
from ijbtools.publish.site import changed_inputs, differing_outputs, readable

_BESIDE = ("ipykernel", "jinja2", "nbclient", "nbformat", "nh3", "openpyxl", "xlsxwriter")  # bytes come of these too
_TABLE = re.compile(r"[^.~].*\.(csv|parquet|xlsx|yaml)", re.IGNORECASE)  # not what a spreadsheet program lays beside it


def is_due(job: Job, home: Path, out: Path, made_of: str, digests: dict[Path, str] | None = None) -> bool:
    """Whether the page is to be made.

    It is not where its run record says that it was made from the same (see `made_of`), and the files that were read,
    the page and the files beside it are what they were. `digests` are what the files are, filled on the way.
    """
    found = sorted((out / job.folder).glob(f"{job.name}-????????/run.json"))
    record = readable(found[0]) if len(found) == 1 else None
    if record is None or record.get("made_of") != made_of:
        return True
    return bool(changed_inputs(record, home, digests) or differing_outputs(found[0], record, out))


def made_of(job: Job, home: Path) -> str:
    """A fingerprint of everything that a page is made from, but for the content of the files that its run record names.

    Parameters, what is suppressed, notebook, house style, the code with its templates, the packages, and the names of
    the files that the run could read: a table that is sent for the first time makes the page due.
    """
    data = data_in(home, job.data) if job.data else home / "params"
    folders = [*([data] if data.is_dir() else []), home / "params", packaged() / "params"]
    there = [sorted(path.name for path in one.iterdir() if _TABLE.fullmatch(path.name)) for one in folders]
    style = sha256(home / HOUSE) if (home / HOUSE).is_file() else ""
    whole = [job.parameters, job.disclosure.text, sha256(job.notebook), style, there, environment()]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@cache
def environment() -> dict[str, Any]:
    """What makes pages here: the package's own files, Python, and the packages that draw and write."""
    package = Path(ijbtools.__file__).resolve().parent
    code = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        name = file.relative_to(package).as_posix()
        if file.is_file() and not name.startswith("home/") and "__pycache__" not in name:
            code.update(f"{name} {sha256(file)}\n".encode())
    packages = {name: metadata.version(name) for name in (*PACKAGES, *_BESIDE)}
    return {"code": code.hexdigest(), "python": platform.python_version(), "packages": packages}

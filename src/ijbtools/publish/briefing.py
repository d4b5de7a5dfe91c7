"""One briefing: run the notebook, see that it is complete, make and examine the page, record, and move into place."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import ijbtools
from ijbtools.errors import IjbError, InputRefused, Interrupted, NotebookFailed, Problem
from ijbtools.inputs.style import HOUSE, read_style
from ijbtools.inputs.workspace import VARIABLE, file_of
from ijbtools.publish.place import FAILED, checksums, replace_file, scratch, sha256, written
from ijbtools.publish.plans import Job
from ijbtools.publish.running import CELL_SECONDS, run

_PACKAGES = ("ijbtools", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "pydantic")


@dataclass(frozen=True)
class Published:
    """A page in its place."""

    file: Path
    record: dict[str, Any]


def publish(job: Job, home: Path, out: Path, seconds: int = CELL_SECONDS) -> Published:
    """Make one briefing and put it in place as `out/<partnership>/<period>/<notebook>.html`.

    The page is replaced last and at once. Its files lie beside it in `<notebook>-<first 8 of the run's digest>/`, which
    is never overwritten; those of earlier runs are removed afterwards. Whatever fails before leaves the last good page
    as it was, and keeps the failed notebook in `out/failed`. The folder `out` is held by `place.reserved`.
    """
    from ijbtools.report.examine import require
    from ijbtools.report.page import page, run_record
    from ijbtools.report.recording import FILES

    started, began = datetime.now(UTC), time.perf_counter()
    with written(out), scratch(out) as work:
        executed, files = work / job.notebook.name, work / "files"
        kept = out / FAILED / f"{job.parameters.get('partnership', '')}-{job.name}.ipynb"
        try:
            environment = {VARIABLE: str(home), FILES: str(files)}
            notebook = run(job.notebook, executed, job.parameters, environment, seconds)
            record = run_record(notebook)
            if record is None:
                raise NotebookFailed(
                    f"{job.notebook.name} ended without its run record: its last cell must be report.record(…)."
                )
            _unchanged(home, record["inputs"])
            ran = time.perf_counter()
            digest = _digest(job, record)
            html = page(notebook, beside=_beside(job, digest), files=_listed(files), style=read_style(home))
            require(html, f"{record['name']}, {record['period']}, {job.name}")
        except IjbError as error:
            raise _kept(error, executed, kept) from None
        folder = out / record["partnership"] / record["slug"]
        target, beside = folder / f"{job.name}.html", folder / _beside(job, digest)
        whole = record | {
            "digest": digest,
            "notebook": {"name": job.notebook.name, "sha256": sha256(job.notebook)},
            "code": {"version": ijbtools.__version__, "revision": _revision()},
            "python": platform.python_version(),
            "packages": {name: metadata.version(name) for name in _PACKAGES},
            "seed": record.get("seed"),
            "house": {HOUSE: sha256(home / HOUSE)} if (home / HOUSE).is_file() else {},
            "examiner": "passed",
            "outputs": {f"{beside.name}/{name}": one for name, one in checksums(files).items()}
            | {target.name: hashlib.sha256(html.encode()).hexdigest()},
            "published_at": started.isoformat(timespec="seconds"),
            "seconds": {"notebook": round(ran - began, 3), "page": round(time.perf_counter() - ran, 3)},
        }
        _write_record(files / "run.json", whole)
        folder.mkdir(parents=True, exist_ok=True)
        _put_beside(files, beside, work)
        replace_file(target, html)
        for old in folder.glob(f"{job.name}-????????"):
            if old != beside:
                shutil.rmtree(old, ignore_errors=True)
        kept.unlink(missing_ok=True)
    return Published(target, whole)


def _put_beside(files: Path, beside: Path, work: Path) -> None:
    """Put the files in place. A folder of the same digest holds the same; only one that was damaged makes way."""
    if beside.exists():
        ours = {name: one for name, one in checksums(files).items() if name != "run.json"}
        theirs = {name: one for name, one in checksums(beside).items() if name != "run.json"}
        if ours == theirs:
            os.replace(files / "run.json", beside / "run.json")
            return
        os.replace(beside, work / "damaged")
    os.replace(files, beside)


def _unchanged(home: Path, inputs: dict[str, str]) -> None:
    """The files that the run read are still what it read."""
    changed = [name for name, digest in inputs.items() if not _is_still(file_of(home, name), digest)]
    if changed:
        raise InputRefused(
            [Problem(name, "another content than when the notebook read it", "one that stays") for name in changed],
            "Wait until the files are complete, and run again. Nothing that is published has changed.",
        )


def _is_still(file: Path, digest: str) -> bool:
    try:
        return sha256(file) == digest
    except OSError:
        return False


def _digest(job: Job, record: dict[str, Any]) -> str:
    """What the page is made of, in one word: parameters, inputs, notebook and package."""
    made_of = [record["parameters"], record["partnership"], record["period"], record["inputs"], sha256(job.notebook)]
    return hashlib.sha256(json.dumps([*made_of, ijbtools.__version__], sort_keys=True).encode()).hexdigest()


def _beside(job: Job, digest: str) -> str:
    return f"{job.name}-{digest[:8]}"


def _listed(files: Path) -> list[str]:
    """The files for readers: the workbook first, then facts and tables."""
    names = sorted(path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file())
    return sorted(names, key=lambda name: (not name.endswith(".xlsx"), "/" in name, name))


def _kept(error: IjbError, executed: Path, kept: Path) -> IjbError:
    """The error with where the failed notebook was kept for the analyst."""
    if isinstance(error, Interrupted):
        return error
    said = [str(error), "The last good page, if there is one, is as it was."]
    if executed.exists():
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(executed, kept)
        said.append(f"Open the notebook as far as it ran, mend what it shows, and publish again: {kept}")
    if isinstance(error, InputRefused):
        return InputRefused(error.problems, " ".join([error.then, *said[2:]]).strip())
    return type(error)("\n".join(said))


@cache
def _revision() -> str:
    """The revision of the code where it lies in a git checkout, marked where files differ; else nothing."""
    here = Path(__file__).resolve().parent
    try:
        command = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _write_record(file: Path, record: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    file.write_text(text, encoding="utf-8", newline="\n")

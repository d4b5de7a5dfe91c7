"""One briefing: run the notebook, see that it is complete, make and examine the page, record, and move into place.

The first half, `make`, needs only the workspace and a folder to work in, and may happen in any process; the second,
`put`, is for the one process that holds the folder of pages.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import threading
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import ijbtools
from ijbtools.errors import CannotWrite, IjbError, InputRefused, Interrupted, NotebookFailed, Problem
from ijbtools.inputs.disclosure import DISCLOSURE, USUAL
from ijbtools.inputs.style import HOUSE, read_style
from ijbtools.inputs.workspace import SHARED, VARIABLE, file_of
from ijbtools.publish.place import FAILED, checksums, replace_file, scratch, sha256, written
from ijbtools.publish.plans import Job
from ijbtools.publish.running import CELL_SECONDS, run

PACKAGES = ("ijbtools", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "pydantic")


@dataclass(frozen=True)
class Made:
    """A page that passed its examination, with its files and its record, nowhere yet."""

    html: str
    files: dict[str, bytes]
    record: dict[str, Any]


@dataclass(frozen=True)
class NotMade:
    """Why there is no page, the notebook as far as it ran, and for a fault of ours what we need to mend it."""

    error: IjbError
    executed: bytes = b""
    trace: str = ""


@dataclass(frozen=True)
class Published:
    """A page in its place."""

    file: Path
    record: dict[str, Any]


def publish(job: Job, home: Path, out: Path, seconds: int = CELL_SECONDS) -> Published:
    """Make one briefing and put it in place as `out/<partnership>/<period>/<notebook>.html`; both halves at once.

    The folder `out` is held by `place.reserved`.
    """
    with written(out), scratch(out) as work:
        made = make(job, home, work, seconds=seconds)
    return put(made, job, home, out)


def make(job: Job, home: Path, work: Path, shared: Path | None = None, seconds: int = CELL_SECONDS) -> Made | NotMade:
    """Run the notebook in the empty folder `work` and make its page; nothing is written anywhere else.

    Tables and assumptions that another job of the run has read and checked lie in `shared`.
    """
    executed = work / job.notebook.name
    try:
        return _made(job, home, executed, work / "files", shared, seconds)
    except Interrupted:
        raise
    except OSError as error:
        reason = f"Cannot write {error.filename or work}: {error.strerror or type(error).__name__}. Make room."
        return NotMade(CannotWrite(reason))
    except IjbError as error:
        return NotMade(error, executed.read_bytes() if executed.exists() else b"")
    except Exception as error:
        said = f"Something is wrong inside ijbtools ({type(error).__name__}: {error}). This is our fault."
        return NotMade(IjbError(said), executed.read_bytes() if executed.exists() else b"", traceback.format_exc())


def _made(job: Job, home: Path, executed: Path, files: Path, shared: Path | None, seconds: int) -> Made:
    from ijbtools.report.examine import require
    from ijbtools.report.page import page, prepare, run_record
    from ijbtools.report.recording import FILES

    threading.Thread(target=prepare, daemon=True).start()  # while the notebook runs
    started, began = datetime.now(UTC), time.perf_counter()
    environment = {VARIABLE: str(home), FILES: str(files), DISCLOSURE: job.disclosure.text}
    environment |= {SHARED: str(shared)} if shared else {}
    notebook = run(job.notebook, executed, job.parameters, environment, seconds)
    record = run_record(notebook)
    if record is None:
        raise NotebookFailed(
            f"{job.notebook.name} ended without its run record: its last cell must be report.record(…)."
        )
    ran = time.perf_counter()
    digest = _digest(job, record)
    html = page(notebook, beside=f"{job.name}-{digest[:8]}", files=_listed(files), style=read_style(home))
    require(html, f"{record['name']}, {record['period']}, {job.name}")
    whole = record | {
        "digest": digest,
        "notebook": {"name": job.notebook.name, "sha256": sha256(job.notebook)},
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "seed": record.get("seed"),
        "disclosure": {"suppress_below": job.disclosure.below, "exempt": dict(job.disclosure.exempt)},
        "examiner": "passed",
        "published_at": started.isoformat(timespec="seconds"),
        "seconds": {"notebook": round(ran - began, 3), "page": round(time.perf_counter() - ran, 3)},
    }
    return Made(html, {name: (files / name).read_bytes() for name in checksums(files)}, whole)


def put(made: Made | NotMade, job: Job, home: Path, out: Path, made_of: str = "") -> Published:
    """Put a briefing in place, or raise why there is none.

    The page is replaced last and at once. Its files lie beside it in `<notebook>-<first 8 of the run's digest>/`, which
    is never overwritten; those of earlier runs are removed afterwards. Whatever fails before leaves the last good page
    as it was, and keeps the failed notebook in `out/failed`. `made_of` is the fingerprint by which a later run sees
    that nothing is due.
    """
    from ijbtools.publish.due import environment  # which knows what a briefing is

    kept = out / FAILED / f"{job.kept}.ipynb"
    with written(out):
        if isinstance(made, NotMade):
            raise _kept(made, kept)
        try:
            _unchanged(home, made.record["inputs"])
        except IjbError as error:
            raise _kept(NotMade(error), kept) from None
        folder = out / made.record["partnership"] / made.record["slug"]
        target, beside = folder / f"{job.name}.html", folder / f"{job.name}-{made.record['digest'][:8]}"
        with scratch(out) as work:
            files = work / "files"
            for name, content in made.files.items():
                (files / name).parent.mkdir(parents=True, exist_ok=True)
                (files / name).write_bytes(content)
            code = {"version": ijbtools.__version__, "revision": revision(), "files": environment()["code"]}
            whole = made.record | {
                "made_of": made_of,
                "code": code,
                "house": {HOUSE: sha256(home / HOUSE)} if (home / HOUSE).is_file() else {},
                "outputs": {f"{beside.name}/{name}": one for name, one in checksums(files).items()}
                | {target.name: hashlib.sha256(made.html.encode()).hexdigest()},
            }
            _write_record(files / "run.json", whole)
            folder.mkdir(parents=True, exist_ok=True)
            _put_beside(files, beside, work)
            replace_file(target, made.html)
        for old in folder.glob(f"{job.name}-????????"):
            if old != beside:
                shutil.rmtree(old, ignore_errors=True)
        for old in (kept, kept.with_suffix(".txt")):
            old.unlink(missing_ok=True)
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
    made_of += [] if job.disclosure == USUAL else [job.disclosure.text]
    return hashlib.sha256(json.dumps([*made_of, ijbtools.__version__], sort_keys=True).encode()).hexdigest()


def _listed(files: Path) -> list[str]:
    """The files for readers: the workbook first, then facts and tables."""
    names = sorted(path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file())
    return sorted(names, key=lambda name: (not name.endswith(".xlsx"), "/" in name, name))


def _kept(failed: NotMade, kept: Path) -> IjbError:
    """The error with where the failed notebook was kept for the analyst."""
    error = failed.error
    said = [str(error), "The last good page, if there is one, is as it was."]
    if failed.executed or failed.trace:
        kept.parent.mkdir(exist_ok=True)
    if failed.executed:
        kept.write_bytes(failed.executed)
        said.append(f"Open the notebook as far as it ran, mend what it shows, and publish again: {kept}")
    if failed.trace:
        kept.with_suffix(".txt").write_text(failed.trace, encoding="utf-8", newline="\n")
        said.append(f"What we need to mend it: {kept.with_suffix('.txt')}")
    if isinstance(error, InputRefused):
        return InputRefused(error.problems, " ".join([error.then, *said[2:]]).strip())
    return type(error)("\n".join(said))


@cache
def revision() -> str:
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

"""The folder that pages are published into: one run at a time, nothing half-replaced, nothing left over."""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ijbtools.errors import CannotWrite, Locked
from ijbtools.finance.words import NBSP, day

RUNNING, FAILED = ".running-", "failed"
HOLDER = ".running.json"  # who holds the folder: for people to read, and never trusted for locking


@contextlib.contextmanager
def reserved(out: Path) -> Iterator[None]:
    """Hold the folder for this run. Locked where another run holds it; a dead run's lock is free by itself.

    What a run that was killed left behind is cleared first.
    """
    with written(out):
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise Locked(
                f"Another run is publishing into {out}{_holder(out)}. Wait until it is done, or choose another folder "
                "with --out."
            ) from None
    try:
        _say_who(out)
        for left in out.glob(f"{RUNNING}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        with contextlib.suppress(OSError):
            (out / HOLDER).unlink()
        lock.release()


def _say_who(out: Path) -> None:
    """Write down who holds the folder and since when."""
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    with contextlib.suppress(OSError):  # nothing depends on it
        replace_file(out / HOLDER, json.dumps({"process": os.getpid(), "host": platform.node(), "since": since}))


def _holder(out: Path) -> str:
    """` (process 4711 on finance-1, since 06:30 on 22 November 2026)`; nothing where that cannot be told."""
    try:
        said = json.loads((out / HOLDER).read_text(encoding="utf-8"))
        since = datetime.fromisoformat(said["since"])
        process, host = int(said["process"]), "".join(one for one in str(said["host"])[:64] if one.isprintable())
    except (OSError, ValueError, TypeError, KeyError):
        return ""
    where = f" on {host}" if host else ""
    return f" (process {process}{where}, since {since:%H:%M} on {day(since.date()).replace(NBSP, ' ')})"


def keep_failure(out: Path, name: str, reason: str) -> None:
    """Keep why the last run of a page failed, beside what is kept of its notebook, until a run of it succeeds."""
    said = {"reason": reason, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    with contextlib.suppress(OSError):  # the run itself tells of it all the same
        (out / FAILED).mkdir(exist_ok=True)
        replace_file(out / FAILED / f"{name}.json", json.dumps(said, indent=2, ensure_ascii=False) + "\n")


def forget_failure(out: Path, name: str) -> None:
    """A run of the page has succeeded, or found it as it should be: nothing is kept of an earlier one that failed."""
    for suffix in (".json", ".ipynb", ".txt"):
        with contextlib.suppress(OSError):
            (out / FAILED / f"{name}{suffix}").unlink()


def failure(out: Path, name: str, published_at: str = "") -> tuple[date, str] | None:
    """The day on which the last run of a page failed, and why; None where it did not, or was published since.

    Where only the notebook was kept, as by earlier versions, the file's own time counts.
    """
    kept = out / FAILED / f"{name}.json"
    try:
        said = json.loads(kept.read_text(encoding="utf-8"))
        at, reason = datetime.fromisoformat(said["at"]), str(said["reason"])
    except (OSError, ValueError, TypeError, KeyError):
        notebook = kept.with_suffix(".ipynb")
        if not notebook.exists():
            return None
        at, reason = datetime.fromtimestamp(notebook.stat().st_mtime, UTC), f"see {FAILED}/{notebook.name}"
    if published_at and at < datetime.fromisoformat(published_at):
        return None
    return at.date(), reason


@contextlib.contextmanager
def written(out: Path) -> Iterator[None]:
    """Say in a sentence why something could not be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        where = error.filename or out
        raise CannotWrite(
            f"Cannot write {where}: {reason}. What was published before is as it was. Make room or ask for the right "
            "to write there, or choose another folder with --out."
        ) from None


@contextlib.contextmanager
def scratch(out: Path) -> Iterator[Path]:
    """A folder beside the pages, on the same disk, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=RUNNING, dir=out))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replace_file(file: Path, text: str) -> None:
    """Write a file whole, then put it in place at once."""
    handle, temporary = tempfile.mkstemp(prefix=RUNNING, suffix=file.suffix, dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as writing:
            writing.write(text)
            writing.flush()
            os.fsync(writing.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def sha256(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


def checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder, by its name from there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}

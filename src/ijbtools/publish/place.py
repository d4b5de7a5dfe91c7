"""The folder that pages are published into: one run at a time, nothing half-replaced, nothing left over."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from ijbtools.errors import CannotWrite, Locked

RUNNING, FAILED = ".running-", "failed"


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
                f"Another run is publishing into {out}. Wait until it is done, or choose another folder with --out."
            ) from None
    try:
        for left in out.glob(f"{RUNNING}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


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

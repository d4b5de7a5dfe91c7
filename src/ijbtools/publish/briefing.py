"""One briefing: run the notebook, see that it is complete, make the page, and only then move it into place."""

import contextlib
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ijbtools.errors import IjbError, InputRefused, NotebookFailed
from ijbtools.inputs.workspace import VARIABLE
from ijbtools.publish.plans import Job

CELL_SECONDS = 300


class Refused(IjbError):
    """The notebook itself refused its input: the message is the one that the reader needs."""

    exit_code = InputRefused.exit_code


@dataclass(frozen=True)
class Published:
    """A page in its place."""

    file: Path
    record: dict[str, Any]


def publish(job: Job, home: Path, out: Path) -> Published:
    """Make one briefing and put it in place as `out/<partnership>/<period>/<notebook>.html`.

    The page is replaced last and at once; whatever fails before leaves the last good page as it was. Beside it lies
    `<notebook>-<first 8 of the run's digest>/run.json`, which says what it was made from.
    """
    from ijbtools.report.page import page, run_record

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".running-", dir=out) as scratch:
        executed = _execute(job, home, Path(scratch))
        record = run_record(executed)
        if record is None:
            raise NotebookFailed(
                f"{job.notebook.name} ended without its run record: its last cell must be report.record(…)."
            )
        html = page(executed)
        record = record | {"page_sha256": hashlib.sha256(html.encode()).hexdigest()}
        folder = out / record["partnership"] / record["slug"]
        beside = folder / f"{job.name}-{_digest(record)[:8]}"
        fresh = Path(scratch) / beside.name
        fresh.mkdir()
        _write(fresh / "run.json", json.dumps(record, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
        _write(Path(scratch) / "page.html", html)
        folder.mkdir(parents=True, exist_ok=True)
        if not beside.exists():
            fresh.replace(beside)
        target = folder / f"{job.name}.html"
        os.replace(Path(scratch) / "page.html", target)
    for old in folder.glob(f"{job.name}-????????"):
        if old != beside:
            shutil.rmtree(old)
    return Published(target, record)


def _execute(job: Job, home: Path, scratch: Path) -> Any:
    """The executed notebook. papermill marks unrun cells as completed, so what it says of them is not asked."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    output = scratch / job.notebook.name
    with _workspace(home):
        try:
            return papermill.execute_notebook(
                str(job.notebook),
                str(output),
                parameters=job.parameters,
                kernel_name="python3",
                progress_bar=False,
                execution_timeout=CELL_SECONDS,
                extra_arguments=["--log-level=ERROR"],
            )
        except PapermillExecutionError as error:
            if error.ename == InputRefused.__name__:
                raise Refused(error.evalue) from None
            message = f"{job.notebook.name}, cell {error.cell_index + 1} of the run: {error.ename}: {error.evalue}"
            raise NotebookFailed(f"{message}\nThe last good page is as it was. {_kept(output)}") from None
        except (RuntimeError, TimeoutError) as error:
            message = f"{job.notebook.name} stopped before its end: {str(error).strip().splitlines()[0]}"
            raise NotebookFailed(f"{message}\nThe last good page is as it was. {_kept(output)}") from None


def _kept(output: Path) -> str:
    """Keep a failed notebook for the analyst, outside the pages."""
    if not output.exists():
        return ""
    folder = output.parent.parent / "failed"
    folder.mkdir(exist_ok=True)
    kept = shutil.copy(output, folder / output.name)
    return f"The notebook as it failed: {kept}"


@contextlib.contextmanager
def _workspace(home: Path) -> Iterator[None]:
    """Tell the kernel where the workspace is, and give it this Python's own folder first on its path."""
    before = {name: os.environ.get(name) for name in (VARIABLE, "PATH")}
    os.environ[VARIABLE] = str(home)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before["PATH"] or ""])
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _digest(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")

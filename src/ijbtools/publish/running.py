"""Running one notebook so that it can be stopped, and never taken for complete when it is not.

papermill runs in a thread of its own: signals reach us and not it, and a kernel that is in the way is ended. papermill
marks unrun cells as completed when a kernel dies or a cell takes too long, so what it writes into the notebook is not
asked whether the run is complete.
"""

import contextlib
import logging
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from ijbtools.errors import InputRefused, Interrupted, NotebookFailed, Refused

CELL_SECONDS = 300
EXPLORE = "explore"  # the tag of cells that only people in JupyterLab run


def run(notebook: Path, output: Path, parameters: dict[str, Any], environment: dict[str, str], seconds: int) -> Any:
    """The executed notebook, also written to `output` as far as it came.

    `environment` is what the kernel finds in its environment. Raises Refused where the notebook itself refused its
    input, NotebookFailed where it did not reach its end, Interrupted where we were told to stop.
    """
    from ijbtools.publish.kernels import Kernel

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="notebook") as threads:
        job = threads.submit(_execute_and_close, notebook, output, parameters, environment, seconds)
        try:
            while not wait([job], timeout=0.2).done:  # short waits, so that signals get through on Windows too
                pass
        except BaseException:
            Kernel.end_all()
            raise
    return job.result()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """While this lasts, being interrupted or told to end raises Interrupted, so that nothing is left half done."""

    def _stop(number: int, frame: object) -> None:
        raise Interrupted("Interrupted. What was published before is as it was.")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), _stop) for name in names}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _execute_and_close(
    notebook: Path, output: Path, parameters: dict[str, Any], environment: dict[str, str], seconds: int
) -> Any:
    """Execute, then close the event loop that Jupyter opens for this thread and would leave open."""
    from jupyter_core.utils import ensure_event_loop

    from ijbtools.publish.kernels import kernel_class

    # What papermill and the kernel log is for the analyst's file, not among our sentences.
    logging.getLogger("papermill").addHandler(logging.NullHandler())
    with output.with_suffix(".log").open("w", encoding="utf-8") as log:
        try:
            return _execute(notebook, output, parameters, kernel_class(environment, log), seconds)
        finally:
            ensure_event_loop().close()


def _execute(notebook: Path, output: Path, parameters: dict[str, Any], kernel: type, seconds: int) -> Any:
    import papermill
    from papermill.exceptions import PapermillExecutionError

    try:
        return papermill.execute_notebook(
            _literal(_to_run(notebook, output)),
            _literal(output),
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            execution_timeout=seconds,
            kernel_manager_class=kernel,
            shutdown_kernel="immediate",
            extra_arguments=["--log-level=ERROR"],
        )
    except PapermillExecutionError as error:
        if error.ename == InputRefused.__name__:
            raise Refused(error.evalue) from None
        place = f"{notebook.name}, cell {error.cell_index + 1} of the run"
        raise NotebookFailed(f"{place}: {error.ename}: {error.evalue}".strip().rstrip(":")) from None
    except TimeoutError:
        said = f"a cell took longer than {seconds} seconds"
        raise NotebookFailed(f"{notebook.name} stopped before its end: {said}") from None
    except RuntimeError as error:
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        logged = output.with_suffix(".log").read_text("utf-8", errors="replace").strip().splitlines()
        said = f"{said} ({logged[-1].strip()})" if logged else said
        raise NotebookFailed(f"{notebook.name} stopped before its end: {said}") from None


def _to_run(notebook: Path, output: Path) -> Path:
    """The notebook without its cells for people in JupyterLab, tagged `explore`; itself where it has none."""
    import nbformat

    book = nbformat.read(notebook, as_version=4)
    kept = [cell for cell in book.cells if EXPLORE not in cell.metadata.get("tags", [])]
    if len(kept) == len(book.cells):
        return notebook
    book.cells = kept
    file = output.with_name(f"to-run-{notebook.name}")
    nbformat.write(book, file)
    return file


def _literal(file: Path) -> str:
    """The path as papermill takes it: it would fill in names in braces."""
    return str(file).replace("{", "{{").replace("}", "}}")

"""Who makes the briefings: this process, a pool of processes, or the workers of a Dask cluster.

All are `concurrent.futures` executors behind one small class, and give the same bytes.
"""

import multiprocessing
import os
import signal
import tempfile
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from ijbtools.publish.briefing import Made, NotMade, make
from ijbtools.publish.plans import Job, Planned

_MOST = 61  # processes that a pool may have on Windows


def cores() -> int:
    """How many processes can work at once here."""
    own = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return min(len(own) or os.cpu_count() or 1, _MOST)


class Team:
    """Makes briefings, one after another, in this process."""

    def __init__(self, work: Path, shared: Path) -> None:
        self.work, self.shared = work, shared

    @property
    def width(self) -> int:
        """How many jobs to give at a time."""
        return 1

    @property
    def described(self) -> str:
        """The team in words."""
        return "one process"

    def __enter__(self) -> "Team":
        from ijbtools.publish.kernels import make_ready

        make_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let nothing go on."""

    def submit(self, planned: Planned, job: Job) -> "Future[Made | NotMade]":
        """The briefing, as soon as it is made. Raises BrokenExecutor where the workers have ended."""
        future: Future[Made | NotMade] = Future()
        future.set_result(_make(job, planned.home, self.work, self.shared))
        return future

    def renew(self) -> None:
        """Take new workers for those that ended."""


class Pool(Team):
    """A pool of long-lived processes, each with a fork server of its own for its kernels."""

    def __init__(self, work: Path, shared: Path, processes: int) -> None:
        super().__init__(work, shared)
        self._processes = processes

    @property
    def width(self) -> int:
        """One job for each process: what is in flight is known when one of them ends."""
        return self._processes

    @property
    def described(self) -> str:
        """The team in words."""
        return f"{self._processes} processes"

    def __enter__(self) -> "Pool":
        context = multiprocessing.get_context("spawn")  # as on every system
        theirs, self._lifeline = context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(
            self._processes, mp_context=context, initializer=_begin_worker, initargs=(theirs, self.shared)
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the processes at once, with their kernels."""
        self._lifeline.close()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(self, planned: Planned, job: Job) -> "Future[Made | NotMade]":
        """As for every team."""
        from ijbtools.publish.kernels import unheard

        with unheard():  # giving out a job may start a process
            return self._executor.submit(_make, job, planned.home, self.work, self.shared)

    def renew(self) -> None:
        """Take new processes for those that ended; the others of the pool are ended too."""
        self.__exit__(None, None, None)
        self.__enter__()


def _make(job: Job, home: Path, work: Path, shared: Path) -> Made | NotMade:
    """A briefing made in a folder of its own below `work`."""
    with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as folder:
        return make(job, home, Path(folder), shared)


def _begin_worker(lifeline: Connection, shared: Path) -> None:
    """What a process of the pool does first. It ends when the process that it works for does, or lets go of it.

    It ends at once, so its temporary files lie in `shared`, which goes with the run.
    """
    from ijbtools.publish.kernels import make_ready

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches every process of a terminal; the first tells us
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    tempfile.tempdir = str(shared)
    make_ready()


def _end_with(lifeline: Connection) -> None:
    from ijbtools.publish.kernels import Kernel

    try:
        lifeline.recv()  # nothing is ever sent: this waits until the other end is closed
    except (EOFError, OSError):
        Kernel.end_all()
        os._exit(0)

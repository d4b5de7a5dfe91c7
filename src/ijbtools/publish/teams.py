"""Who makes the briefings: this process, a pool of processes, or the workers of a Dask cluster.

All are `concurrent.futures` executors behind one small class, and give the same bytes.
"""

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

from ijbtools.errors import CannotReach
from ijbtools.publish.briefing import Made, NotMade, make
from ijbtools.publish.elsewhere import as_it_is, make_elsewhere, parcels
from ijbtools.publish.plans import Job, Planned

_MOST = 61  # processes that a pool may have on Windows
_ANSWER = 10  # seconds to wait for a scheduler and its first worker


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
            self._processes, mp_context=context, initializer=_begin_worker, initargs=(theirs,)
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the processes at once, with their kernels."""
        self._lifeline.close()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(self, planned: Planned, job: Job) -> "Future[Made | NotMade]":
        """As for every team."""
        return self._executor.submit(_make, job, planned.home, self.work, self.shared)

    def renew(self) -> None:
        """Take new processes for those that ended; the others of the pool are ended too."""
        self.__exit__(None, None, None)
        self.__enter__()


class Cluster(Team):
    """The workers of a Dask cluster, wherever they are; they are sent the workspace."""

    def __init__(self, plans: Sequence[Planned], address: str) -> None:
        self._address = address
        self._parcels = parcels(plans)

    @property
    def width(self) -> int:
        """Twice as many jobs as the cluster has threads now, so that none waits for the next."""
        return max(2 * sum(self._client.nthreads().values()), 1)

    @property
    def described(self) -> str:
        """How many workers there are now."""
        count = len(self._client.nthreads())
        return f"{count} Dask {'worker' if count == 1 else 'workers'}"

    def __enter__(self) -> "Cluster":
        try:
            from distributed import Client
        except ImportError:
            raise CannotReach('--scheduler needs the extra dask: pip install "ijbtools[dask]"') from None
        try:
            self._client = Client(self._address, timeout=_ANSWER, set_as_default=False)
        except (OSError, ValueError) as error:
            said = f"No Dask scheduler answers at {self._address} ({error}). Start one with: dask scheduler"
            raise CannotReach(said) from None
        try:
            self._client.wait_for_workers(1, timeout=_ANSWER)
        except TimeoutError:
            self._client.close()
            said = f"The scheduler at {self._address} has no workers. Start one with: dask worker {self._address}"
            raise CannotReach(said) from None
        # A task and not scattered data: what a lost worker held can be had again.
        self._sent: dict[Path, Any] = {
            home: self._client.submit(as_it_is, one, pure=False) for home, one in self._parcels.items()
        }
        self._executor = self._client.get_executor(pure=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Take back what is not done."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def submit(self, planned: Planned, job: Job) -> "Future[Made | NotMade]":
        """As for every team."""
        return self._executor.submit(make_elsewhere, self._sent[planned.home], job.name, job.parameters)


def _make(job: Job, home: Path, work: Path, shared: Path) -> Made | NotMade:
    """A briefing made in a folder of its own below `work`."""
    with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as folder:
        return make(job, home, Path(folder), shared)


def _begin_worker(lifeline: Connection) -> None:
    """What a process of the pool does first. It ends when the process that it works for does, or lets go of it."""
    from ijbtools.publish.kernels import make_ready

    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a Ctrl-C reaches every process of the terminal; the first one tells us
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    make_ready()


def _end_with(lifeline: Connection) -> None:
    from ijbtools.publish.kernels import Kernel

    try:
        lifeline.recv()  # nothing is ever sent: this waits until the other end is closed
    except (EOFError, OSError):
        Kernel.end_all()
        os._exit(0)

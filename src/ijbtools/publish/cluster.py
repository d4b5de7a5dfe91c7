"""The workers of a Dask cluster as a team: they are sent the workspace, and what they make comes back in memory.

Dask's client lives in a thread of its own. How often a job is tried again after its worker has died is the scheduler's
`allowed-failures`. A cluster must be trusted: it sees the workspace's tables, and what it sends back is published.
"""

import asyncio
import contextlib
import logging
import threading
import warnings
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ijbtools.errors import CannotReach, NotebookFailed
from ijbtools.publish.briefing import Made, NotMade
from ijbtools.publish.elsewhere import as_it_is, make_elsewhere, parcels
from ijbtools.publish.plans import Job, Planned
from ijbtools.publish.teams import Team

_ANSWER = 10.0  # seconds to wait for a scheduler and for its first worker
_PATIENCE = 60.0  # seconds to wait for a worker where the last one has gone
_LOOK = 1.0  # seconds between looks at how many workers there are

_Any = TypeVar("_Any")


class Cluster(Team):
    """The workers of a Dask cluster, wherever they are."""

    def __init__(self, plans: Sequence[Planned], address: str) -> None:
        self._address = address
        self._client: Any = None
        self._parcels = parcels(plans)
        self._held = contextlib.ExitStack()
        self._watching: Any = None
        self._gone: CannotReach | None = None  # why no more can be made there
        self._threads: dict[str, int] = {}  # of each worker
        self._running: dict[str, Any] = {}  # what Dask has of us, by its keys
        self._together: set[str] = set()  # those that another was beside

    @property
    def width(self) -> int:
        """Twice as many jobs as the cluster has threads now, so that none waits for the next."""
        return max(2 * sum(self._threads.values()), 1)

    @property
    def described(self) -> str:
        """How many workers there are now."""
        count = len(self._threads)
        return f"{count} Dask {'worker' if count == 1 else 'workers'}"

    def __enter__(self) -> "Cluster":
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise CannotReach('--scheduler needs the extra dask: pip install "ijbtools[dask]"') from None
        with contextlib.ExitStack() as held:
            held.enter_context(_quiet())
            self._loop = held.enter_context(_loop())
            held.callback(lambda: self._await(self._leave()))
            self._await(self._connect())
            self._held = held.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Take back what is not done. What a worker has begun it ends, and nobody hears of it."""
        self._held.close()

    def submit(self, planned: Planned, job: Job) -> "Future[Made | NotMade]":
        """As for every team."""
        return asyncio.run_coroutine_threadsafe(self._make(planned, job), self._loop)

    def renew(self) -> None:
        """Connect anew, and send the workspace once more. Where nobody answers, every job to come fails with that."""
        try:
            self._await(self._reconnect())
        except CannotReach as error:
            self._gone = error

    def _await(self, coroutine: Coroutine[Any, Any, _Any]) -> _Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _connect(self) -> None:
        """Raises CannotReach where there is no scheduler, or one without workers."""
        from distributed import Client

        self._client = None
        try:
            self._client = Client(self._address, timeout=_ANSWER, set_as_default=False, asynchronous=True)
            await asyncio.wait_for(self._client, _ANSWER + 1)
        except Exception as error:  # of many kinds: an address that is none, a refusal, somebody else who answers
            said = " ".join(str(error).split()) or type(error).__name__
            said = f"No Dask scheduler answers at {self._address} ({said}). Start one with: dask scheduler"
            raise CannotReach(said) from None
        try:
            await self._client.wait_for_workers(1, timeout=_ANSWER)
            self._threads = await self._client.nthreads()
        except OSError:
            said = f"The scheduler at {self._address} has no workers. Start one with: dask worker {self._address}"
            raise CannotReach(said) from None
        # A task and not scattered data: what a lost worker held can be had again.
        self._sent: dict[Path, Any] = {
            home: self._client.submit(as_it_is, one, pure=False) for home, one in self._parcels.items()
        }
        self._watching = asyncio.create_task(self._watch())

    async def _reconnect(self) -> None:
        await self._leave()
        await self._connect()

    async def _leave(self) -> None:
        """Close the client; the scheduler then forgets what was asked for."""
        if self._watching not in (None, asyncio.current_task()):
            self._watching.cancel()
        if self._client is not None:
            with contextlib.suppress(Exception):  # it may be gone already
                await self._client.close(timeout=_ANSWER)

    async def _watch(self) -> None:
        """Keep count of the workers. Where there is none for too long, give up."""
        clock = asyncio.get_running_loop().time
        seen = clock()
        while clock() - seen < _PATIENCE:
            await asyncio.sleep(_LOOK)
            with contextlib.suppress(Exception):  # no answer just now; where the scheduler is gone the client sees it
                self._threads = await asyncio.wait_for(self._client.nthreads(), _ANSWER)
                seen = clock() if self._threads else seen
        said = f"The scheduler at {self._address} has had no workers for {_PATIENCE:.0f} seconds."
        self._gone = CannotReach(f"{said} Start one with: dask worker {self._address}")
        await self._leave()

    async def _make(self, planned: Planned, job: Job) -> Made | NotMade:
        """The briefing, from whichever worker. BrokenExecutor where it is to be tried once more."""
        from distributed import KilledWorker

        if self._gone:
            return NotMade(self._gone)
        try:
            sent = self._sent[planned.home]
            asked = self._client.submit(make_elsewhere, sent, job.name, job.parameters, job.disclosure, pure=False)
        except Exception as error:
            raise BrokenExecutor(f"the scheduler is gone: {error}") from None
        self._running[asked.key] = asked
        if len(self._running) > 1:
            self._together |= self._running.keys()
        try:
            return await asked
        except KilledWorker as error:
            if asked.key in self._together:  # another may have ended the worker: alone it is seen who did
                raise BrokenExecutor(str(error)) from None
            times = error.allowed_failures + 1
            said = f"{job}: the worker that made it ended{f', {times} times over' if times > 1 else ''}"
            said = f"{said} (the scheduler's allowed-failures is {error.allowed_failures})"
            return NotMade(NotebookFailed(f"{said}. Its log says why: too little memory, or no ijbtools there."))
        except CancelledError:  # Dask's word, not asyncio's, for what is lost with the scheduler
            if self._gone:
                return NotMade(self._gone)
            raise BrokenExecutor("the scheduler is gone or has started again") from None
        except Exception as error:
            said = f"{job} was not made ({type(error).__name__}: {' '.join(str(error).split())})"
            return NotMade(CannotReach(f"{said}. Scheduler and workers need the same ijbtools, from the same lock."))
        finally:
            del self._running[asked.key]
            self._together.discard(asked.key)


@contextlib.contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A running event loop in a thread of its own; what is still waited for at the end is cancelled."""
    # Of this kind on every system: the other one of Windows does not do for Dask.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=loop.run_forever, name="dask", daemon=True)
        thread.start()
        try:
            yield loop
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep to ourselves what Dask logs and warns of: what matters of it is said in our sentences."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in ("distributed", "tornado")]
    loggers = [logging.getLogger(name) for name in [*names, "asyncio"]]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"distributed\b")
        try:
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)

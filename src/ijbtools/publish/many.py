"""Many briefings: what is due is given to a team and put in place as it comes. One that fails stops no other."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ijbtools.errors import IjbError, InputRefused, Interrupted, NotebookFailed, NothingDue
from ijbtools.publish.briefing import Made, NotMade, put
from ijbtools.publish.cluster import Cluster
from ijbtools.publish.due import is_due, made_of
from ijbtools.publish.kernels import make_ready
from ijbtools.publish.outcomes import Outcome, Progress, Run
from ijbtools.publish.place import forget_failure, keep_failure, reserved, scratch, written
from ijbtools.publish.plans import Job, Planned, check_plan, unlike
from ijbtools.publish.running import stoppable
from ijbtools.publish.site import write_index
from ijbtools.publish.status import nothing_due, states
from ijbtools.publish.summary import names_of, write_summary
from ijbtools.publish.teams import Pool, Team, cores

_Awaited = Future[Made | NotMade]
_TURN = 0.2  # seconds to wait at a time, so that signals get through on Windows too
THEN = "Nothing was run, and nothing that is published has changed."


def publish_all(
    plans: Sequence[Planned],
    processes: int = 0,
    scheduler: str = "",
    force: bool = False,
    told: Callable[[Progress], None] = lambda progress: None,
) -> Run:
    """Publish every page of the plans that is due, and write indexes and summaries.

    `processes` work at once (0: as many as there are cores); or the workers of the Dask cluster at the address
    `scheduler`. With `force` every page is due. `told` hears of every change. InputRefused where anything is wrong that
    can be known before; NothingDue where the period of every plan is auto and no page is to be made: then only the
    indexes are written, and the summary goes on to tell of the last run that made something.
    """
    began = time.perf_counter()
    with ExitStack() as held:
        held.enter_context(stoppable())
        shared = Path(held.enter_context(TemporaryDirectory(prefix="ijb-", ignore_cleanup_errors=True)))
        if not scheduler and 1 in (processes, sum(len(planned.jobs) for planned in plans)):
            make_ready()  # while everything is checked
        _refuse(plans, shared)
        sites = {planned.out: planned.home for planned in plans}
        for out in sites:
            held.enter_context(reserved(out))
        tasks = {
            planned.out / job.folder / job.name: _Task(planned, job, made_of(job, planned.home))
            for planned in plans
            for job in planned.jobs
        }
        digests: dict[Path, str] = {}  # of the files that many pages were made from
        due = [
            task
            for task in tasks.values()
            if force or is_due(task.job, task.planned.home, task.planned.out, task.made_of, digests)
        ]
        made_anew = {id(task) for task in due}
        as_they_were = [task for task in tasks.values() if id(task) not in made_anew]
        for task in as_they_were:
            forget_failure(task.planned.out, task.job.kept)  # of a change that has been taken back
        if not due and all(planned.auto for planned in plans):
            _write_indexes(plans, set(tasks), names_of(plans, shared))
            raise NothingDue(nothing_due(plans))
        ledger = _Ledger(len(tasks), told)
        for task in as_they_were:
            ledger.ended(task, "unchanged")
        team = _team(plans, len(due), processes, scheduler, held, shared) if due else None
        try:
            if team is not None:
                with team:
                    ledger.team = team.described
                    _work_off(due, team, ledger)
        finally:  # interrupted, too: the index says what is there
            for task in tasks.values():
                ledger.ended(task, "not run")
            whole = Run(tuple(ledger.outcomes), tuple(sites), ledger.team, time.perf_counter() - began)
            names = names_of(plans, shared)
            for out, home in sites.items():
                write_summary(out, home, whole, names)
            good = {one.page.with_suffix("") for one in whole.outcomes if one.how in ("published", "unchanged")}
            _write_indexes(plans, good, names)
    return whole


def _write_indexes(plans: Sequence[Planned], good: set[Path], names: Mapping[str, str]) -> None:
    """Write the index of each site; the pages `good`, without their suffix, are known to be as they should be."""
    found = states(plans, names, good=good)
    for out, home in {planned.out: planned.home for planned in plans}.items():
        write_index(out, home, [one for one in found if one.planned.out == out])


def _refuse(plans: Sequence[Planned], shared: Path) -> None:
    """InputRefused with everything that is wrong and can be known before anything is run."""
    problems = [problem for planned in plans for problem in check_plan(planned, shared)]
    problems = list(dict.fromkeys(problems or unlike(plans)))
    if problems:
        raise InputRefused(problems, THEN)


def _team(plans: Sequence[Planned], due: int, processes: int, scheduler: str, held: ExitStack, shared: Path) -> Team:
    if scheduler:
        return Cluster(plans, scheduler)
    out = plans[0].out
    with written(out):
        work = held.enter_context(scratch(out))
    processes = min(processes or cores(), due)
    return Team(work, shared) if processes == 1 else Pool(work, shared, processes)


@dataclass(frozen=True)
class _Task:
    """One page to make, and the fingerprint of what it is made of."""

    planned: Planned
    job: Job
    made_of: str


class _Ledger:
    """What has become of each task, and how long the rest will take."""

    def __init__(self, total: int, told: Callable[[Progress], None]) -> None:
        self.total, self.told = total, told
        self.outcomes: list[Outcome] = []
        self.team = ""
        self.running, self.width = 0, 1
        self._ended: set[Path] = set()

    def ended(
        self, task: _Task, how: str, error: IjbError | None = None, reason: str = "", seconds: float = 0.0
    ) -> None:
        """Write down how the task ended; the first word counts."""
        code = error.exit_code if error else 0
        outcome = Outcome(task.planned, task.job, how, reason, str(error or ""), code, seconds)
        if outcome.page not in self._ended:
            self._ended.add(outcome.page)
            self.outcomes.append(outcome)
            self.tell(self.running, self.width)

    def tell(self, running: int, width: int) -> None:
        """Let it be known how far the run is. Those running are taken to be half done."""
        self.running, self.width = running, width
        worked = [one.seconds for one in self.outcomes if one.seconds]
        to_do = self.total - len(self.outcomes)
        left = None
        if worked and to_do:
            left = sum(worked) / len(worked) * (to_do - min(running, to_do) / 2) / min(width, to_do)
        self.told(Progress(self.total, running, tuple(self.outcomes), left))


def _work_off(due: Sequence[_Task], team: Team, ledger: _Ledger) -> None:
    """Give the team as many jobs as it takes, and put each in place as it comes.

    Where workers have ended, new ones are taken, and what was in flight is run once more, one job at a time: so the one
    that ends its worker does not take others with it.
    """
    waiting, again = deque(due), deque[_Task]()
    second: set[int] = set()
    running: dict[_Awaited, tuple[_Task, float]] = {}
    while waiting or again or running:
        lone = bool(again) or any(id(task) in second for task, _ in running.values())
        while (again or waiting) and len(running) < (1 if lone else team.width):
            task = again.popleft() if again else waiting.popleft()
            ledger.tell(len(running) + 1, team.width)
            began = time.perf_counter()
            running[_submitted(team, task)] = task, began
        lost = _gather(wait(running, timeout=_TURN, return_when=FIRST_COMPLETED).done, running, ledger)
        if lost:
            while not all(one.done() for one in running):  # those beside it are lost too, or made
                wait(running, timeout=_TURN)
            lost += _gather(list(running), running, ledger)
            team.renew()
            for task in lost:
                if id(task) in second:
                    said = f"{task.job}: what made it ended, and ended again when it was run once more."
                    _settle(task, NotMade(NotebookFailed(f"{said} There may be too little memory.")), 0.0, ledger)
                else:
                    second.add(id(task))
                    again.append(task)
        if running:
            ledger.tell(len(running), team.width)


def _submitted(team: Team, task: _Task) -> _Awaited:
    """The task given to the team; where its workers ended while nothing was in flight, to new ones."""
    try:
        return team.submit(task.planned, task.job)
    except BrokenExecutor as error:
        future: _Awaited = Future()
        future.set_exception(error)
        return future


def _gather(
    done: Iterable["Future[Made | NotMade]"],
    running: dict["Future[Made | NotMade]", tuple[_Task, float]],
    ledger: _Ledger,
) -> list[_Task]:
    """Put in place what is made. The tasks that were lost with their workers."""
    lost = []
    for future in done:
        task, began = running.pop(future)
        try:
            made = future.result()
        except BrokenExecutor:
            lost.append(task)
            continue
        except IjbError:
            raise
        except Exception as error:
            said = f"{task.job} was not made: {type(error).__name__}: {error}".rstrip(": ")
            made = NotMade(NotebookFailed(said))
        ledger.running = len(running)
        _settle(task, made, time.perf_counter() - began, ledger)
    return lost


def _settle(task: _Task, made: Made | NotMade, seconds: float, ledger: _Ledger) -> None:
    """Put a briefing in its place, or write down why there is none."""
    try:
        put(made, task.job, task.planned.home, task.planned.out, task.made_of)
    except Interrupted:
        raise
    except IjbError as error:
        reason = made.error if isinstance(made, NotMade) else error
        keep_failure(task.planned.out, task.job.kept, str(reason))
        ledger.ended(task, "failed", error, str(reason), seconds)
    else:
        forget_failure(task.planned.out, task.job.kept)
        ledger.ended(task, "published", seconds=seconds)

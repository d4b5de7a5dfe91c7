"""How the jobs of a run ended, and how far a run is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ijbtools.publish.plans import Job, Planned

# The words for how a job ended, those to see to first, with what they mean.
HOW = {
    "failed": "there is no new page; the last good one, if there is one, is as it was",
    "not run": "the run was stopped before this page was made",
    "published": "made, examined and put in its place",
    "unchanged": "nothing that the page is made from has changed since it was published, so it was not made again",
}


@dataclass(frozen=True)
class Outcome:
    """How one job ended: `how` is published, unchanged, failed or not run.

    `reason` is why it failed; `said` adds what to do about it on this machine.
    """

    planned: Planned
    job: Job
    how: str
    reason: str = ""
    said: str = ""
    exit_code: int = 0
    seconds: float = 0.0

    @property
    def page(self) -> Path:
        """Where its page lies, if there is one."""
        return self.planned.out / self.job.folder / f"{self.job.name}.html"


@dataclass(frozen=True)
class Progress:
    """How far a run is. `left` is the time left in seconds, or None while nobody can say."""

    total: int
    running: int
    outcomes: Sequence[Outcome]
    left: float | None

    def count(self, how: str) -> int:
        """How many jobs ended so."""
        return sum(one.how == how for one in self.outcomes)


@dataclass(frozen=True)
class Run:
    """A whole run: its outcomes, the folders it published into, who did the work, and how long it took."""

    outcomes: tuple[Outcome, ...]
    sites: tuple[Path, ...]
    team: str
    seconds: float

    @property
    def exit_code(self) -> int:
        """The worst of all jobs."""
        return max((one.exit_code for one in self.outcomes), default=0)

    def __str__(self) -> str:
        return f"It took {lasted(self.seconds)}{f' with {self.team}' if self.team else ''}"


def counted(outcomes: Iterable[Outcome]) -> str:
    """How many pages ended how: `12 pages: 2 failed, 10 published.`, or `All 12 pages published.`"""
    how = [one.how for one in outcomes]
    pages = f"{len(how)} {'page' if len(how) == 1 else 'pages'}"
    parts = [f"{how.count(word)} {word}" for word in HOW if word in how]
    if len(parts) == 1:
        return f"{'All ' if len(how) > 1 else ''}{pages} {how[0]}."
    return f"{pages}: {', '.join(parts)}."


def lasted(seconds: float) -> str:
    """`48 seconds`, `3 min 5 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return "1 second" if whole == 1 else f"{whole} seconds"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"

"""`ijb status`: for each page of the plans whether it is published, due, late or failed; the index shows the same."""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ijbtools.errors import CannotWrite, InputRefused, Problem
from ijbtools.finance.words import NBSP, day, listed
from ijbtools.finance.years import Period, briefing_period
from ijbtools.publish.due import made_of
from ijbtools.publish.periods import Waiting
from ijbtools.publish.place import failure
from ijbtools.publish.plans import Job, Planned, latest_quarters
from ijbtools.publish.site import changed_inputs, differing_outputs, published_pages, readable, write_index

# The words for how a page stands, those to see to first, with what they mean.
STATES: Mapping[str, str] = {
    "failed": "the last run of it ended without a page; the last good page, if there is one, is as it was",
    "late": "it is not there, and the day by which it was to be there is past",
    "due": "it is not there yet, or something that it comes from has changed: the next run makes it",
    "waiting": "no quarter that is over is complete in the tables yet",
    "published": "it is there, and nothing that it comes from has changed since",
}
TO_SEE_TO = ("failed", "late")


@dataclass(frozen=True)
class PageState:
    """How one page of a plan stands, on one day.

    `said` is that in words; `more` is why, for the analyst: names of files, and what a failed run said. `stale` is a
    page that is there, of which an input has changed since. A partnership that waits has neither job nor period.
    """

    planned: Planned
    partnership: str
    name: str
    state: str
    said: str
    more: str = ""
    job: Job | None = None
    period: Period | None = None
    stale: bool = False

    @property
    def address(self) -> str:
        """Where its page lies, or is to lie, as seen from the site."""
        return f"{self.job.folder}/{self.job.name}.html" if self.job else ""


def states(
    plans: Sequence[Planned],
    names: Mapping[str, str] | None = None,
    today: date | None = None,
    good: Collection[Path] = (),
) -> list[PageState]:
    """How every page of the plans stands, each once.

    `names` are those of the partnerships. The pages `good` are known to be as they should be: their paths, without the
    suffix. InputRefused where a period is not one.
    """
    found: list[PageState] = []
    seen: set[Path] = set()
    digests: dict[Path, str] = {}  # of the inputs that many pages share
    lasts: dict[Path, _Last] = {}  # of each site, once it is asked for
    for planned in plans:
        whose = names or {}
        for one in planned.waiting:
            name = whose.get(one.partnership, one.partnership)
            found.append(PageState(planned, one.partnership, name, "waiting", one.why))
        for job in planned.jobs:
            try:
                period = briefing_period(job.parameters["period"])
            except ValueError as error:
                expected = str(error).partition("expected ")[2]
                raise InputRefused([Problem("parameter period", repr(job.parameters["period"]), expected)]) from None
            place = planned.out / job.folder / job.name
            if place not in seen:
                seen.add(place)
                page = _Page(planned, job, period, place in good)
                found.append(page.state(whose, today or date.today(), digests, lasts))
    return found


@dataclass(frozen=True)
class _Page:
    """One page of a plan, and whether it is known to be as it should be."""

    planned: Planned
    job: Job
    period: Period
    good: bool

    def state(
        self, names: Mapping[str, str], today: date, digests: dict[Path, str], lasts: dict[Path, "_Last"]
    ) -> PageState:
        """How it stands. `digests` and `lasts` are what many pages share, filled on the way."""
        out, partnership = self.planned.out, self.job.parameters["partnership"]
        records = sorted((out / self.job.folder).glob(f"{self.job.name}-????????/run.json"))
        record = readable(records[0]) if len(records) == 1 else None
        there = (out / self.job.folder / f"{self.job.name}.html").exists()
        state, said, more, stale = "published", "", "", False
        if there and record:
            said = f"published on {day(_day_of(record))}"
            if not self.good:
                changed = changed_inputs(record, self.planned.home, digests)
                stale, reason = bool(changed), _changed(changed)
                reason = reason or self._due_for(records[0], record)
                state, more = ("due" if reason else "published"), reason
        elif there:
            state, said, more = "due", "published", "its run record cannot be read"
        else:
            if out not in lasts:
                lasts[out] = _last(out)
            state, said = self._missing(today, lasts[out].get((partnership, self.job.name)))
        failed = None if self.good else failure(out, self.job.kept, record["published_at"] if there and record else "")
        if failed:
            stays = f"; the page of {day(_day_of(record))} stays" if there and record else "; there is no page"
            state, said, more = "failed", f"failed on {day(failed[0])}{stays}", next(iter(failed[1].splitlines()), "")
        name = names.get(partnership, partnership)
        return PageState(self.planned, partnership, name, state, said, more, self.job, self.period, stale)

    def _due_for(self, run: Path, record: dict[str, Any]) -> str:
        """Why a page whose inputs are as they were would be made again; nothing where it would not."""
        if record.get("made_of") != made_of(self.job, self.planned.home):
            return "the plan, its notebook, the house style, the files of tables or the package have changed"
        return "the page, or a file beside it, is not what was published" if self._damaged(run, record) else ""

    def _damaged(self, run: Path, record: dict[str, Any]) -> bool:
        return bool(differing_outputs(run, record, self.planned.out))

    def _missing(self, today: date, last: tuple[Period, date] | None) -> tuple[str, str]:
        by = self.period.end + timedelta(days=self.planned.due_days)
        more = f"; the last is {last[0]}, published on {day(last[1])}" if last else ""
        if today > by:
            return "late", f"not there; it was to be by {day(by)}{more}"
        return "due", f"not there yet; it is to be by {day(by)}{more}"


_Last = dict[tuple[str, str], tuple[Period, date]]  # by partnership and notebook: the latest period, and when


def _last(out: Path) -> _Last:
    """The latest period that is published of each partnership and notebook, and the day on which it was."""
    found: _Last = {}
    for page, record in published_pages(out):
        try:
            one = (briefing_period(str(record["period"])), _day_of(record))
        except (KeyError, ValueError):
            continue
        key = (page.parent.parent.name, page.stem)
        found[key] = max(one, found.get(key, one))
    return found


def _day_of(record: Mapping[str, Any]) -> date:
    return datetime.fromisoformat(record["published_at"]).date()


def _changed(files: Sequence[str]) -> str:
    if not files:
        return ""
    shown = listed(list(files[:3])) if len(files) <= 3 else f"{', '.join(files[:2])} and {len(files) - 2} more"
    return f"stale: {shown} {'has' if len(files) == 1 else 'have'} changed since"


def counted(found: Iterable[tuple[str, bool]]) -> str:
    """`12 pages: 1 failed, 2 late, 3 due (2 of them stale), 6 published.`, or `All 12 pages are published.`

    Of each page its state, and whether it is stale.
    """
    found = list(found)
    pages = [one for one in found if one[0] != "waiting"]
    waiting = len(found) - len(pages)
    total = f"{len(pages)} {'page' if len(pages) == 1 else 'pages'}"
    parts = []
    for state in STATES:
        of_state = [stale for one, stale in pages if one == state]
        stale = sum(of_state)
        marked = f" ({'stale' if stale == len(of_state) else f'{stale} of them stale'})" if stale else ""
        parts += [f"{len(of_state)} {state}{marked}"] if of_state else []
    if not pages:
        said = f"{total}: no page is wanted."
    elif all(one == ("published", False) for one in pages):
        said = f"All {total} are published." if len(pages) > 1 else f"{total} published."
    else:
        said = f"{total}: {', '.join(parts)}."
    return f"{said} {_waiting(waiting)}." if waiting else said


def _waiting(count: int) -> str:
    return f"{count} {'partnership has' if count == 1 else 'partnerships have'} no complete quarter"


def lines(found: Sequence[PageState]) -> Iterator[str]:
    """The status as text: counts first, then plan by plan a line a page, those to see to first, and why below it."""
    yield counted((one.state, one.stale) for one in found)
    widths = [max((len(one) for one in column), default=0) for column in zip(*map(_cells, found), strict=True)]
    for planned in {id(one.planned): one.planned for one in found}.values():
        own = sorted((one for one in found if one.planned is planned), key=lambda one: list(STATES).index(one.state))
        yield ""
        yield f"{planned.label} ({planned.out})"
        for one in own:
            cells = "  ".join(cell.ljust(width) for cell, width in zip(_cells(one), widths, strict=True))
            yield f"  {cells}  {one.said}".replace(NBSP, " ")
            if one.more:
                yield f"  {'':<{widths[0]}}  {one.more}".replace(NBSP, " ")


def _cells(one: PageState) -> tuple[str, str, str, str]:
    return (one.state, one.partnership, one.job.name if one.job else "", one.period.name if one.period else "")


def newer(plans: Sequence[Planned], today: date | None = None) -> Iterator[str]:
    """For each plan with a fixed period what is complete beyond it, and how it is published."""
    for planned in (one for one in plans if not one.auto and one.jobs):
        last = {job.parameters["partnership"]: briefing_period(job.parameters["period"]) for job in planned.jobs}
        for job in planned.jobs:
            whose, period = job.parameters["partnership"], briefing_period(job.parameters["period"])
            last[whose] = max(last[whose], period)
        latest = latest_quarters(planned.home, planned.jobs[0].data, list(last), today)
        there, beyond = _last(planned.out), dict[Period, int]()
        for whose, one in latest.items():
            if isinstance(one, Waiting) or one <= last[whose]:
                continue
            published = there.get((whose, planned.jobs[0].name))
            if not published or published[0] < one:
                beyond[one] = beyond.get(one, 0) + 1
        for period, count in sorted(beyond.items()):
            whom = f"{count} {'partnership' if count == 1 else 'partnerships'}"
            yield f"{planned.label}: {period} is complete for {whom}. To publish it: --period auto"


def write_indexes(found: Sequence[PageState]) -> Iterator[Path]:
    """Bring the index of each site that is there up to these states; one that may not be written to is left."""
    for out, home in {one.planned.out: one.planned.home for one in found}.items():
        if (out / "index.html").exists():
            with contextlib.suppress(CannotWrite):
                yield write_index(out, home, [one for one in found if one.planned.out == out])


def nothing_due(plans: Sequence[Planned]) -> str:
    """`Nothing is due: the pages of 2024/25 for 4 partnerships are as published.`"""
    jobs = [job for planned in plans for job in planned.jobs]
    periods = sorted({briefing_period(job.parameters["period"]) for job in jobs})
    whose = {(planned.home, job.parameters["partnership"]) for planned in plans for job in planned.jobs}
    waiting = {(planned.home, one.partnership) for planned in plans for one in planned.waiting}
    said = []
    if jobs:
        when = listed([one.name for one in periods]) if len(periods) <= 3 else "the latest quarter of each"
        pages = "page" if len(jobs) == 1 else "pages"
        whom = f"{len(whose)} {'partnership' if len(whose) == 1 else 'partnerships'}"
        said.append(f"the {pages} of {when} for {whom} {'is' if len(jobs) == 1 else 'are'} as published")
    if waiting:
        said.append(_waiting(len(waiting)))
    return f"Nothing is due: {'; '.join(said)}."

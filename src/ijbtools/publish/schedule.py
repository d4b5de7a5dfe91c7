"""`ijb schedule`: files that let Windows, systemd or cron start `ijb publish PLAN --period auto`. Nothing is installed.

A quarter's pages are due a number of days after its end. No scheduler can count from there, so the days are worked out
here: from the due day until the next quarter is over a start comes every day. A start on which nothing is due does
nothing (exit code 5), and so a table that comes late, or a machine that was off, costs days and not the quarter.
"""

import codecs
import re
import shlex
import sys
import sysconfig
import textwrap
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources as packaged_files
from pathlib import Path
from xml.sax.saxutils import escape

from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.words import listed
from ijbtools.publish.place import written
from ijbtools.publish.plans import Planned, plan_files, read_plan

MOST_DAYS = 80  # so that a due day lies before the next quarter's end, and in no year on a day that others do not have
USUAL_DAYS = 30  # leaves time until a plan's due_days to see to what failed
_OF_WINDOWS = re.compile(r"[\\/]{2}|[A-Za-z]:")  # the beginning of a share or a drive
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Schedule:
    """What was written: the files, the one to read first, and when a start comes, in words."""

    files: tuple[Path, ...]
    readme: Path
    when: str


def schedule(
    what: Path,
    into: Path | None = None,
    days: int | None = None,
    at: str = "06:30",
    copy_to: str = "",
    today: date | None = None,
) -> Schedule:
    """Write the files for one plan into a folder: `schedule` in its workspace, unless said.

    They start at the time `at` from `days` days after a quarter's end on; usually 30, or the plan's due_days where
    that is sooner. `copy_to` is a folder or share that the pages are copied to as the last step. InputRefused where the
    plan cannot be read, or something given cannot be used.
    """
    files = plan_files(what)
    if len(files) > 1:
        names = [file.name for file in files]
        raise InputRefused([Problem(str(what), f"{len(names)} plans", f"one of them: {', '.join(names)}")])
    planned = read_plan(files[0])
    days = min(USUAL_DAYS, planned.due_days) if days is None else days
    folder = (into or planned.home / "schedule").absolute()
    to = copy_to if not copy_to or _OF_WINDOWS.match(copy_to) else str(Path(copy_to).absolute())
    plan = files[0].resolve()
    problems = []
    if not 0 <= days <= MOST_DAYS:
        problems.append(Problem("--days", str(days), f"days after a quarter's end, 0 to {MOST_DAYS}"))
    match = _AT.fullmatch(at.strip())
    if not match:
        problems.append(Problem("--at", repr(at), "a time of day such as 06:30"))
    for one in (str(folder), str(planned.home), str(planned.out), str(plan), to):
        if '"' in one or not one.isprintable():
            problems.append(Problem("the path", repr(one), "one without quotation marks and line breaks"))
    if problems or not match:
        raise InputRefused(problems)
    return _write(planned, plan, folder, days, (int(match[1]), int(match[2])), to, today or date.today())


def due_days(days: int) -> list[tuple[int, int]]:
    """Month and day of the four due days, in the order of the year; in no year earlier than so many days after the end.

    They are those of a year without 29 February: in a leap year a due day in March comes a day later than it might.
    """
    ends = [date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30)]
    due = [end + timedelta(days=days) for end in ends]
    return sorted((one.month, one.day) for one in due)


def starts(days: int) -> dict[tuple[int, int], list[int]]:
    """Months with the same days of starts, by their first and last day: from each due day to the next quarter's end.

    Whole months are under (1, 31), whichever their last day is.
    """
    ends = [date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)]
    first: dict[int, int] = {}
    for end, following in zip(ends, [*ends[1:], date(2026, 3, 31)], strict=True):
        one = end + timedelta(days=days)
        while one <= following:
            if one.year == 2025:
                first[one.month] = min(one.day, first.get(one.month, 31))
            one += timedelta(days=1)
    groups: dict[tuple[int, int], list[int]] = {}
    for month, begin in sorted(first.items()):
        last = monthrange(2024, month)[1]  # February has its 29th in the years that have it
        groups.setdefault((1, 31) if begin == 1 else (begin, last), []).append(month)
    return groups


def _write(
    planned: Planned, plan: Path, folder: Path, days: int, at: tuple[int, int], to: str, today: date
) -> Schedule:
    name = "ijb-" + (re.sub(r"[^A-Za-z0-9]+", "-", plan.stem).strip("-").lower() or "plan")
    label = "".join(one for one in " ".join(planned.label.split()) if one.isprintable())
    command = _command()
    file = {kind: folder / f"{name}.{kind}" for kind in ("xml", "cmd", "cron", "sh", "service", "timer", "log")}
    when = _in_words(days, at)
    comment = textwrap.fill(when, 120, initial_indent="# ", subsequent_indent="# ")
    paths = {"LOG": file["log"], "PLAN": plan, "SITE": planned.out, "TO": to}
    texts = {
        file["xml"]: _task(file["cmd"], planned.home, f"{label}. {when}", days, at, today),
        file["cmd"]: _script("cmd", {one: _cmd(str(path)) for one, path in paths.items()}, _cmd_line(command)),
        file["sh"]: _script("sh", {one: shlex.quote(str(path)) for one, path in paths.items()}, shlex.join(command)),
        file["cron"]: _filled("publish.cron", LABEL=label, WHEN=comment, LINES=_cron(file["sh"], days, at)),
        file["service"]: _filled("publish.service", LABEL=label.replace("%", "%%"), SCRIPT=_unit(str(file["sh"]))),
        file["timer"]: _filled(
            "publish.timer", LABEL=label.replace("%", "%%"), WHEN=comment, LINES=_calendar(days, at)
        ),
        folder / "README.txt": _filled(
            "README.txt",
            LABEL=label,
            COMMAND=f'{" ".join(command)} publish "{plan}" --period auto',
            WHEN=textwrap.fill(when, 120),
            LOG=str(file["log"]),
            COPIED=_COPIED.format(to) if to else "",
            NAME=f"ijb {name.removeprefix('ijb-')}",
            XML=str(file["xml"]),
            SERVICE=shlex.quote(str(file["service"])),
            TIMER=shlex.quote(str(file["timer"])),
            UNIT=name,
            CRON=str(file["cron"]),
        ),
    }
    with written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for one, text in texts.items():
            one.write_bytes(_encoded(one, text))
        file["sh"].chmod(0o755)
    return Schedule(tuple(texts), folder / "README.txt", when)


_COPIED = """
As its last step a start copies the pages to

    {}

and deletes nothing there. Whoever runs it needs the right to write to that folder.
"""


def _encoded(file: Path, text: str) -> bytes:
    """As each system reads it: UTF-16 with its mark for Task Scheduler, lines that end as on Windows for its files."""
    if file.suffix == ".xml":
        return codecs.BOM_UTF16_LE + text.replace("\n", "\r\n").encode("utf-16-le")
    return (text.replace("\n", "\r\n") if file.suffix == ".cmd" else text).encode()


def _in_words(days: int, at: tuple[int, int]) -> str:
    due = listed([f"{day} {_MONTH[month - 1]}" for month, day in due_days(days)])
    after = f"{days} {'day' if days == 1 else 'days'} after a quarter's end"
    every = "on that day and every day after it until the quarter then running is over"
    return f"Due on {due}, {after}: it starts at {at[0]:02d}:{at[1]:02d} {every}."


_MONTH = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _command() -> list[str]:
    """The `ijb` of the environment that runs now, by its whole path."""
    name = "ijb.exe" if sys.platform == "win32" else "ijb"
    for folder in (Path(sysconfig.get_path("scripts")), Path(sys.executable).parent):
        if (folder / name).is_file():
            return [str((folder / name).absolute())]
    return [str(Path(sys.executable).absolute()), "-c", "from ijbtools.cli import main; main()"]


def _task(script: Path, home: Path, description: str, days: int, at: tuple[int, int], today: date) -> str:
    start = f"{today.isoformat()}T{at[0]:02d}:{at[1]:02d}:00"
    triggers = [
        _filled(
            "trigger.xml",
            START=start,
            DAYS="".join(f"<Day>{day}</Day>" for day in range(first, last + 1)),
            MONTHS="".join(f"<{_MONTH[month - 1]} />" for month in months),
        ).rstrip("\n")
        for (first, last), months in starts(days).items()
    ]
    return _filled(
        "task.xml",
        START=start,
        DESCRIPTION=escape(description),
        TRIGGERS="\n".join(triggers),
        SCRIPT=escape(str(script)),
        HOME=escape(str(home)),
    )


def _script(kind: str, paths: Mapping[str, str], command: str) -> str:
    """The script, with the copying at its end where there is somewhere to copy to on such a system."""
    to = paths["TO"].strip("'")
    copies = bool(to) and (kind == "cmd" or not _OF_WINDOWS.match(to))
    return _filled(f"publish.{kind}", IJB=command, COPY=_filled(f"copy.{kind}", **paths) if copies else "", **paths)


def _cron(script: Path, days: int, at: tuple[int, int]) -> str:
    """Lines of a crontab, where a per cent sign would end the command."""
    command = f"/bin/sh {shlex.quote(str(script))}".replace("%", r"\%")
    return "\n".join(
        f"{at[1]} {at[0]} {_span(span, '-')} {','.join(map(str, months))} * {command}"
        for span, months in starts(days).items()
    )


def _calendar(days: int, at: tuple[int, int]) -> str:
    """Lines of a systemd timer."""
    return "\n".join(
        f"OnCalendar=*-{','.join(f'{month:02d}' for month in months)}-{_span(span, '..')} {at[0]:02d}:{at[1]:02d}:00"
        for span, months in starts(days).items()
    )


def _span(span: tuple[int, int], to: str) -> str:
    first, last = span
    if span == (1, 31):
        return "*"
    return f"{first:02d}" if first == last else f"{first:02d}{to}{last:02d}"


def _cmd(text: str) -> str:
    """A path between the quotation marks of a .cmd file; robocopy takes a backslash before one for an escape."""
    doubled = text.replace("%", "%%")
    return f"{doubled}." if doubled.endswith("\\") else doubled


def _cmd_line(command: list[str]) -> str:
    return " ".join(word if word == "-c" else f'"{_cmd(word)}"' for word in command)


def _unit(text: str) -> str:
    """One word of a command line in a unit."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


def _filled(name: str, **values: str) -> str:
    """The template with its values; what a value holds is never taken for a name."""
    text = (packaged_files.files("ijbtools.publish") / "scheduled" / name).read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], text)

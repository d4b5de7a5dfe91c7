"""`ijb check`: the completeness list of a workspace, a plan or a folder of tables, said and written as a page."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from ijbtools.errors import InputRefused, Problem, listed
from ijbtools.finance.years import briefing_period
from ijbtools.inputs.completeness import Completeness, Line, completeness
from ijbtools.inputs.style import Style, read_style
from ijbtools.inputs.workspace import data_in
from ijbtools.publish.place import replace_file, written
from ijbtools.publish.plans import Planned, check_plan, plan_files, planned_warnings, read_plan

PAGE = "check.html"
_WIDTH = 16  # of a table's name


def check_workspace(what: Path, say: Callable[[str], None], out: Path | None = None) -> list[Problem]:
    """Check every plan of a workspace, or one plan. The lists are said, and written as one page a site.

    `out` is where the page goes instead of where the plans publish. Every problem found is given back.
    """
    problems: list[Problem] = []
    pages: dict[Path, list[_Checked]] = {}
    for file in plan_files(what):
        try:
            planned = read_plan(file, out=out)
        except InputRefused as refused:
            problems += refused.problems
            continue
        checked = _check(planned, say)
        problems += checked.problems
        pages.setdefault(planned.out, []).append(checked)
    for site, of_site in pages.items():
        say(f"As a page: {_write(site, of_site)}")
    return list(dict.fromkeys(problems))


def check_tables(source: Path, say: Callable[[str], None]) -> list[Problem]:
    """Check a folder of tables or a workbook by itself: its list is said. Every problem found."""
    found = completeness(source)
    _say(found, say)
    return list(found.problems)


def reads_of(notebook: str) -> tuple[str, ...]:
    """The tables that the notebook's topic reads; none where it is no topic of the package."""
    name = f"ijbtools.topics.{notebook}"
    if not notebook.isidentifier() or find_spec(name) is None:
        return ()
    return tuple(getattr(import_module(name), "READS", ()))


@dataclass(frozen=True)
class _Checked:
    """A plan with its lists, and the problems that concern no table."""

    planned: Planned
    lists: list[Completeness]
    problems: list[Problem]
    others: list[Problem]


def _check(planned: Planned, say: Callable[[str], None]) -> _Checked:
    problems = check_plan(planned)
    say(f"{planned.label}: {len(planned.jobs)} {'page' if len(planned.jobs) == 1 else 'pages'}")
    lists = []
    for data in dict.fromkeys(str(job.parameters.get("data", "")) for job in planned.jobs):
        jobs = [job for job in planned.jobs if str(job.parameters.get("data", "")) == data]
        if not data:
            continue
        try:
            period = briefing_period(str(jobs[0].parameters["period"]))
        except ValueError:
            period = None  # among the problems of the plan
        wanted = {job.name: reads_of(job.name) for job in jobs}
        whose = list(dict.fromkeys(str(job.parameters["partnership"]) for job in jobs))
        found = completeness(data_in(planned.home, data), wanted, whose, period)
        _say(found, say)
        lists.append(found)
        problems += [problem for problem in found.problems if problem not in problems]
    doubts = [] if problems else planned_warnings(planned)
    for doubt in doubts:
        say(f"  To know: {doubt}")
    of_tables = {problem for found in lists for problem in found.problems}
    others = [*(problem for problem in problems if problem not in of_tables), *doubts]
    return _Checked(planned, lists, problems, others)


def _say(found: Completeness, say: Callable[[str], None]) -> None:
    say(f"{found.source}")
    for line in (one for one in found.lines if one.state != "not sent"):
        count = sum(not place.warning for place in line.places)
        more = f"; {count} {'problem' if count == 1 else 'problems'}, below" if line.state == "to mend" else ""
        say(f"  {line.state:<9} {line.table.name:<{_WIDTH}} {line.holds}{more}{_wanted(line)}")
        for place in line.places:
            if line.state != "to mend" or place.warning:
                say(f"  {'':<9} {place}")
    unsent = [line.table.name for line in found.lines if line.state == "not sent"]
    if unsent:
        say(f"  not sent  {', '.join(unsent)}")
    for other in found.others:
        if other.warning:
            say(f"  To know: {other}")


def _wanted(line: Line) -> str:
    return f", wanted by {listed(line.pages).replace(' or ', ' and ')}" if line.state == "missing" else ""


def _write(site: Path, checked: list[_Checked]) -> Path:
    from ijbtools.report.examine import require
    from ijbtools.report.page import checklist_page

    try:
        style = read_style(checked[0].planned.home)
    except InputRefused:
        style = Style()  # what is wrong with it is among the problems
    label = "; ".join(one.planned.label for one in checked)
    lists = [found for one in checked for found in one.lists]
    others = list(dict.fromkeys(problem for one in checked for problem in one.others))
    html = checklist_page(label, lists, others, style)
    require(html, PAGE)
    with written(site):
        site.mkdir(parents=True, exist_ok=True)
        replace_file(site / PAGE, html)
    return site / PAGE

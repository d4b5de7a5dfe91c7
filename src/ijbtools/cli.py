"""The `ijb` command. Heavy packages are imported where they are used, so that help comes at once."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ijbtools import __version__
from ijbtools.errors import IjbError, InputRefused, Interrupted, NothingDue, PageRefused, Problem, listed, nearest

if TYPE_CHECKING:
    from ijbtools.publish.outcomes import Progress

EXIT_CODES = """Exit codes: 0 done, 1 our fault or the machine's, 2 input or parameter refused, 3 a notebook failed, 4 a
page refused, `verify` differs or `status` finds a page late or failed, 5 nothing is due (with the period auto),
6 locked, 130 interrupted."""

_path = click.Path(path_type=Path)


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ijb")
def ijb() -> None:
    """Board papers on shared health and social care budgets, from partners' returns."""


@ijb.command()
@click.argument("folder", type=_path)
@click.option("--partnership", default="", help="Begin with this partnership's public figures, such as fife.")
def new(folder: Path, partnership: str) -> None:
    """Write a workspace for one's own partnership into FOLDER.

    Blank tables as a workbook and as CSV files, a plan, a file of assumptions that holds only what is local, and an
    invented example that is filled in. Its README says what to do next.
    """
    from ijbtools.publish.starting import new as write

    made = write(folder, partnership)
    click.echo(f"A workspace: {made}")
    click.echo(f"Fill in {made / 'data' / 'tables.xlsx'}, then: ijb check {_quoted(made)}")
    if not partnership:
        click.echo("Public figures of Scottish partnerships are there to begin with: ijb new FOLDER --partnership fife")


@ijb.command()
@click.argument("what", type=_path, nargs=-1)
@click.option("--notebook", multiple=True, help="Only this notebook of the plan.")
@click.option("--partnership", multiple=True, help="This partnership instead of those of the plan.")
@click.option("--period", multiple=True, help="This period instead of the plan's: 2024/25, '2024/25 Q3', auto.")
@click.option("--out", type=_path, help="Publish into this folder instead of the plan's.")
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Make so many pages at once; as many as there are cores if not said."
)
@click.option("--scheduler", default="", metavar="ADDRESS", help="Make them on the Dask cluster at this address.")
@click.option("--force", is_flag=True, help="Make every page, also those that nothing has changed for.")
def publish(
    what: tuple[Path, ...],
    notebook: tuple[str, ...],
    partnership: tuple[str, ...],
    period: tuple[str, ...],
    out: Path | None,
    jobs: int | None,
    scheduler: str,
    force: bool,
) -> None:
    """Run the notebooks of plans and publish their pages.

    WHAT is one or more plans (.yaml) or workspaces, of which every plan is run; here unless said. Options that narrow
    may be given several times. A page is made again only when something that it comes from has changed, and replaced
    only when its run was complete and the page passed its examination; until then the last good page stays as it is.

    The period auto is the latest quarter that is over and complete in the tables of each partnership; where nothing is
    due then, it is said in one line, with exit code 5.
    """
    from ijbtools.publish.many import publish_all
    from ijbtools.publish.outcomes import counted
    from ijbtools.publish.plans import read_plans

    if jobs and scheduler:
        raise click.UsageError("--jobs is for this machine and --scheduler for others: one of them.")
    plans = read_plans(what or (Path(),), notebooks=notebook, partnerships=partnership, periods=period, out=out)
    with _progress(sum(len(planned.jobs) for planned in plans)) as told:
        run = publish_all(plans, jobs or 0, scheduler, force, told)
    click.echo(f"{counted(run.outcomes)} {run}.")
    for site in run.sites:
        click.echo(f"Index: {site / 'index.html'}")
    sys.exit(run.exit_code)


@ijb.command()
@click.argument("what", type=_path, nargs=-1)
@click.option("--out", type=_path, help="Write the page into this folder instead of the plan's.")
def check(what: tuple[Path, ...], out: Path | None) -> None:
    """List what is there, missing and doubtful, and every problem in one pass; nothing is run.

    WHAT is one or more workspaces, plans (.yaml), folders of CSV files or workbooks; the workspace here unless said. A
    plan is checked with its notebooks' parameters, its tables and its assumptions. The list of a plan is written as a
    page too, check.html beside its index.
    """
    from ijbtools.inputs.reader import THEN
    from ijbtools.publish.checking import check_tables, check_workspace

    problems: list[Problem] = []
    for one in what or (Path(),):
        is_plan = one.suffix.lower() in (".yaml", ".yml") or (one / "params").is_dir() or not what
        try:
            checked = check_workspace(one, click.echo, out) if is_plan else check_tables(one, click.echo)
        except InputRefused as refused:
            checked = list(refused.problems)
        problems += [problem for problem in checked if problem not in problems]
    if problems:
        raise InputRefused(problems, THEN)


@ijb.command("list")
@click.argument("where", type=_path, default=Path())
@click.option("--assumptions", "assumed", is_flag=True, help="List what is assumed instead.")
def list_(where: Path, assumed: bool) -> None:
    """List the notebooks of the workspace with their parameters. WHERE is any folder in it; here unless said."""
    from ijbtools.inputs.workspace import assumptions_in, notebooks_in, workspace
    from ijbtools.publish.parameters import parameters_of
    from ijbtools.report.page import title_of

    home = workspace(where)
    if assumed:
        for name, one in assumptions_in(home).items():
            values = ", ".join(f"{when} {value:g}".removeprefix("always ") for when, value in one.value.items())
            click.echo(f"{name} ({one.unit}): {values}; {one.quality}. {one.label}")
        return
    for notebook in notebooks_in(home).values():
        click.echo(f"{notebook.stem}: {title_of(notebook)}")
        for parameter in parameters_of(notebook).values():
            click.echo(f"  {parameter.name} ({parameter.kind}, {parameter.default}): {parameter.meaning}")


@ijb.command("import")
@click.argument("kind")
@click.argument("file", type=_path)
@click.option("--into", type=_path, default=Path(), help="The folder of tables to write to; here unless said.")
@click.option("--since", type=int, default=0, help="Population and spending: the first year to keep.")
def import_(kind: str, file: Path, into: Path, since: int) -> None:
    """Turn a publisher's own FILE into our tables.

    KIND is areas, delays, population-estimates, population-projections or social-work-spending. Totals in the file are
    checked against their parts and left out; rows of the tables that the file does not replace stay.
    """
    from ijbtools.inputs.publishers import IMPORTERS, write_table
    from ijbtools.inputs.reader import read
    from ijbtools.publish.place import written

    problems = []
    if kind not in IMPORTERS:
        problems.append(Problem("KIND", repr(kind), listed(list(IMPORTERS)), nearest=nearest(kind, IMPORTERS)))
    if not file.is_file():
        problems.append(Problem("FILE", f"no file {file}", "a CSV file as the publisher has it"))
    if problems:
        raise InputRefused(problems)
    with written(into):
        into.mkdir(parents=True, exist_ok=True)
        for name, frame in IMPORTERS[kind](file, read(into), since).items():
            click.echo(f"{write_table(name, frame, into)}: {len(frame):,} rows")


@ijb.command()
def dictionary() -> None:
    """Print the data dictionary: every table and column."""
    from ijbtools.inputs.tables import dictionary as text

    click.echo(text(), nl=False)


@ijb.command()
@click.argument("folder", type=_path)
def verify(folder: Path) -> None:
    """Check that the pages in FOLDER are what their run records say, and name what differs.

    Pages and files that were changed, are missing or were added are refused. Inputs that have changed since are named
    too: such a page is stale.
    """
    from ijbtools.inputs.workspace import workspace
    from ijbtools.publish.site import differences, records

    try:
        home = workspace(folder)
    except InputRefused:
        home = workspace()
    differs = differences(folder, home)
    for one in differs:
        click.echo(f"{'stale' if one.stale else 'differs'}  {one}")
    if differs:
        raise PageRefused(f"{len(differs)} differences from what the run records say.")
    click.echo(f"{len(records(folder))} pages are what their run records say, from the inputs of today.")


@ijb.command()
@click.argument("before", metavar="A", type=_path)
@click.argument("after", metavar="[B]", default="now")
@click.option("--into", type=_path, help="Write compare.html and compare.csv into this folder.")
def compare(before: Path, after: str, into: Path | None) -> None:
    """Two quarters or two scenarios of a page, figure by figure, and what moved each.

    A is a published page. B is another of the same partnership and notebook, or A worked out again from what is there
    now: now (so unless said), a scenario file (.yaml), or another period such as "2024/25 Q3". The largest moves are
    printed; all of them go into compare.html and compare.csv, in a folder of the site's folder compare unless said.
    """
    from ijbtools.publish.compare import compare as compared_with
    from ijbtools.publish.compare import default_folder, told, write

    compared = compared_with(before, after)
    for line in told(compared):
        click.echo(line)
    page, figures = write(compared, into or default_folder(compared))
    click.echo(f"\nPage: {page}\nFigures: {figures}")


@ijb.command()
@click.argument("what", type=_path, nargs=-1)
@click.option("--period", multiple=True, help="This period instead of the plan's, such as auto.")
@click.option("--out", type=_path, help="The folder of pages instead of the plan's.")
def status(what: tuple[Path, ...], period: tuple[str, ...], out: Path | None) -> None:
    """Say for each page whether it is published, due, late or failed, and bring the index up to that.

    WHAT is one or more plans (.yaml) or workspaces; here unless said. A page is late that is not there when the plan's
    due_days have passed since the quarter's end. Nothing is run. Exit code 4 where a page is late or failed.
    """
    from ijbtools.publish.plans import read_plans
    from ijbtools.publish.status import TO_SEE_TO, lines, newer, states, write_indexes

    plans = read_plans(what or (Path(),), periods=period, out=out)
    found = states(plans)
    for line in (*lines(found), *newer(plans)):
        click.echo(line)
    for index in write_indexes(found):
        click.echo(f"Index: {index}")
    if any(one.state in TO_SEE_TO for one in found):
        sys.exit(PageRefused.exit_code)


@ijb.command()
@click.argument("plan", type=_path)
@click.option("--into", type=_path, help="Write into this folder instead of schedule in the plan's workspace.")
@click.option("--days", type=int, help="Days after a quarter's end; 30 unless said, or the plan's due_days if sooner.")
@click.option("--at", default="06:30", show_default=True, help="The time of day.")
@click.option("--copy-to", default="", metavar="FOLDER", help="Copy the pages to this folder or share at the end.")
def schedule(plan: Path, into: Path | None, days: int | None, at: str, copy_to: str) -> None:
    """Write files that let Windows, systemd or cron publish PLAN after each quarter. Nothing is installed.

    A file for Windows Task Scheduler with its .cmd, units for systemd, lines for cron, and a README that says how each
    is taken over. They run this environment's ijb with the period auto, keep a log, and make up for missed starts.
    """
    from ijbtools.publish.schedule import schedule as write

    made = write(plan, into, days, at, copy_to)
    for file in made.files:
        click.echo(f"Written: {file}")
    click.echo(made.when)
    click.echo(f"Nothing is installed. How to: {made.readme}")


def _quoted(path: Path) -> str:
    """The path as a command line takes it."""
    return f'"{path}"' if " " in str(path) else str(path)


@ijb.command()
@click.argument("where", type=_path, default=Path())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(where: Path, arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks of a workspace. WHERE is any folder in it; here unless said.

    Notebooks that the workspace does not have yet are laid down in its folder explore first, set to its own tables.
    Further ARGUMENTS, after --, go to JupyterLab.
    """
    from ijbtools.publish.lab import open_lab

    sys.exit(open_lab(where, arguments))


@contextmanager
def _progress(total: int) -> Iterator[Callable[["Progress"], None]]:
    """Say how each job ended: above a bar on a terminal, as plain lines elsewhere."""
    from ijbtools.publish.outcomes import lasted

    terminal = sys.stderr.isatty()
    told = 0
    shown: dict[str, Any] = {"item_show_func": lambda text: text, "show_pos": True, "show_eta": False}
    with click.progressbar(length=total, file=sys.stderr, hidden=not terminal, width=20, **shown) as bar:

        def tell(progress: "Progress") -> None:
            nonlocal told
            bar.length = progress.total
            left = "" if progress.left is None else f", about {lasted(progress.left)} left"
            for number, one in enumerate(progress.outcomes[told:], start=told + 1):
                if terminal:
                    click.echo("\r\033[K", nl=False, err=True)
                rest = left if number < progress.total and one.how != "unchanged" else ""
                click.echo(f"{number} of {progress.total}  {one.how:<9}  {one.job}{'' if terminal else rest}")
                said = one.said or (str(one.page) if one.how == "published" else "")
                for line in said.splitlines():
                    click.echo(f"        {line}", err=one.how == "failed")
            ended, failed = len(progress.outcomes), progress.count("failed")
            counts = f"{progress.running} running, {ended - failed} done, {failed} failed{left}"
            bar.update(ended - told, current_item=counts)
            bar.render_progress()  # also when nothing ended
            told = ended

        bar.render_progress()
        yield tell


def main() -> None:
    """Run the command; what a user can mend is said in sentences, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may not know £ or −
    try:
        ijb.main(standalone_mode=False)
    except NothingDue as nothing:  # no fault
        click.echo(str(nothing))
        sys.exit(nothing.exit_code)
    except IjbError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(Interrupted.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except Exception as error:
        click.echo(
            f"Something is wrong inside ijbtools ({type(error).__name__}: {error}). This is our fault.", err=True
        )
        click.echo(f"What we need to mend it was written to {_kept(error)}. Nothing half-made was published.", err=True)
        sys.exit(IjbError.exit_code)


def _kept(error: Exception) -> str:
    """Write what only a programmer reads into a file of its own."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="ijb-error-", suffix=".txt", delete=False, encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    return file.name

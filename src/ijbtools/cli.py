"""The `ijb` command. Heavy packages are imported where they are used, so that help comes at once."""

import sys
from pathlib import Path

import click

from ijbtools import __version__
from ijbtools.errors import IjbError, InputRefused, Problem

EXIT_CODES = """Exit codes: 0 done, 1 our fault, 2 input or parameter refused, 3 a notebook failed, 4 a page refused,
130 interrupted."""

_folder = click.Path(path_type=Path)


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ijb")
def ijb() -> None:
    """Board papers on shared health and social care budgets, from partners' returns."""


@ijb.command()
@click.argument("plan", type=_folder)
@click.option("--notebook", multiple=True, help="Only this notebook of the plan.")
@click.option("--partnership", multiple=True, help="This partnership instead of those of the plan.")
@click.option("--period", default="", help="This period instead of the plan's, such as 2024/25 or '2024/25 Q3'.")
@click.option("--out", type=_folder, help="Publish into this folder instead of the plan's.")
def publish(plan: Path, notebook: tuple[str, ...], partnership: tuple[str, ...], period: str, out: Path | None) -> None:
    """Run the notebooks of PLAN and publish their pages."""
    from ijbtools.publish.briefing import publish as publish_one
    from ijbtools.publish.parameters import check_parameters
    from ijbtools.publish.plans import read_plan
    from ijbtools.publish.site import write_index

    planned = read_plan(plan, notebook, partnership, period, out)
    problems: list[Problem] = []
    for job in {job.name: job for job in planned.jobs}.values():
        try:
            check_parameters(job.notebook, job.parameters)
        except InputRefused as refused:
            problems += refused.problems
    if problems:
        raise InputRefused(problems, "Nothing was run, and nothing that is published has changed.")
    worst = 0
    for number, job in enumerate(planned.jobs, start=1):
        said = (
            f"{number} of {len(planned.jobs)}  {job.name}, {job.parameters['partnership']}, {job.parameters['period']}"
        )
        click.echo(said)
        try:
            made = publish_one(job, planned.home, planned.out)
        except IjbError as error:
            click.echo(f"{error}", err=True)
            worst = max(worst, error.exit_code)
        else:
            click.echo(f"        {made.file}")
    if planned.out.is_dir():
        click.echo(f"Index:  {write_index(planned.out)}")
    sys.exit(worst)


@ijb.command()
@click.argument("data", type=_folder)
def check(data: Path) -> None:
    """Read every table in DATA, a folder of CSV files or a workbook, and print every problem."""
    from ijbtools.inputs.reader import read

    tables = read(data)
    for warning in tables.warnings:
        click.echo(f"To know: {warning}")
    for name, frame in tables.items():
        click.echo(f"{name}: {len(frame):,} rows, no problem")


@ijb.command("import")
@click.argument("kind")
@click.argument("file", type=_folder)
@click.option("--into", type=_folder, default=Path(), help="The folder of tables to write to; here unless said.")
@click.option("--since", type=int, default=0, help="Population: the first year to keep.")
def import_(kind: str, file: Path, into: Path, since: int) -> None:
    """Turn a publisher's own FILE into our tables.

    KIND is areas, delays, population-estimates or population-projections. Totals in the file are checked against their
    parts and left out; rows of the tables that the file does not replace stay.
    """
    from ijbtools.errors import listed, nearest
    from ijbtools.inputs.publishers import IMPORTERS, write_table
    from ijbtools.inputs.reader import read

    problems = []
    if kind not in IMPORTERS:
        problems.append(Problem("KIND", repr(kind), listed(list(IMPORTERS)), nearest=nearest(kind, IMPORTERS)))
    if not file.is_file():
        problems.append(Problem("FILE", f"no file {file}", "a CSV file as the publisher has it"))
    if problems:
        raise InputRefused(problems)
    into.mkdir(parents=True, exist_ok=True)
    for name, frame in IMPORTERS[kind](file, read(into), since).items():
        click.echo(f"{write_table(name, frame, into)}: {len(frame):,} rows")


@ijb.command()
def dictionary() -> None:
    """Print the data dictionary: every table and column."""
    from ijbtools.inputs.tables import dictionary as text

    click.echo(text(), nl=False)


def main() -> None:
    """Run the command; what a user can mend is said in sentences, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may not know £ or −
    try:
        ijb.main(standalone_mode=False)
    except IjbError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)

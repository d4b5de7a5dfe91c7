"""The summary of a run: what was published, what was as it was, what failed and why, as a page beside the index."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ijbtools.errors import InputRefused
from ijbtools.finance.words import day, period_in_full
from ijbtools.finance.years import briefing_period
from ijbtools.inputs.style import Style, read_style
from ijbtools.inputs.workspace import tables_in
from ijbtools.publish.outcomes import HOW, Outcome, Run, counted
from ijbtools.publish.place import FAILED, replace_file, written
from ijbtools.publish.plans import NO_PARTNERSHIPS, Planned
from ijbtools.publish.site import RUN


def write_summary(out: Path, home: Path, run: Run, names: Mapping[str, str]) -> Path:
    """Write `run.html` about the pages of this site; replaced at once. `names` are those of the partnerships.

    It is not examined as briefings are: what failed is told in the words in which it failed.
    """
    from ijbtools.report.page import run_page

    own = sorted((one for one in run.outcomes if one.planned.out == out), key=lambda one: list(HOW).index(one.how))
    rows = [_row(one, out, names) for one in own]
    labels = "; ".join(dict.fromkeys(one.planned.label for one in own))
    ended = datetime.now().astimezone()
    html = run_page(
        label=labels,
        headline=counted(own),
        when=f"{run}, and ended on {day(ended.date())} at {ended:%H:%M}.",
        rows=rows,
        meanings={word: meaning for word, meaning in HOW.items() if any(one.how == word for one in own)},
        style=_style(home),
    )
    with written(out):
        replace_file(out / RUN, html)
    return out / RUN


def names_of(plans: Sequence[Planned], shared: Path) -> dict[str, str]:
    """What the partnerships of the plans are called, by their ids; the invented ones are said to be so."""
    names: dict[str, str] = {}
    for home, data in dict.fromkeys((one.home, job.data) for one in plans for job in one.jobs if job.data):
        for row in tables_in(home, data, shared).get("partnerships", NO_PARTNERSHIPS).itertuples():
            names[row.partnership] = f"{row.name}{', invented' if row.kind == 'invented' else ''}"
    return names


def _row(one: Outcome, out: Path, names: Mapping[str, str]) -> dict[str, Any]:
    from ijbtools.report.page import title_of

    partnership = one.job.parameters["partnership"]
    kept = one.planned.out / FAILED / f"{one.job.kept}.ipynb"
    return {
        "name": names.get(partnership, partnership),
        "question": title_of(one.job.notebook),
        "period": period_in_full(briefing_period(one.job.parameters["period"])),
        "how": one.how,
        "said": one.reason.splitlines(),
        "seconds": f"{one.seconds:.1f}" if one.seconds else "",
        "page": one.page.relative_to(out).as_posix() if one.page.exists() else "",
        "kept": kept.relative_to(out).as_posix() if one.how == "failed" and kept.exists() else "",
    }


def _style(home: Path) -> Style:
    try:
        return read_style(home)
    except InputRefused:
        return Style()

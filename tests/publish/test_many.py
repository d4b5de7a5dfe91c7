"""Many briefings at once: the same bytes whoever makes them, none that stops another, and only what is due."""

import pickle
import signal
import subprocess
import sys
import textwrap
import time

import nbformat
import psutil
import pytest

from ijbtools.errors import InputRefused, Problem
from ijbtools.publish import many, teams
from ijbtools.publish.kernels import FORK, forks
from ijbtools.publish.many import publish_all
from ijbtools.publish.outcomes import Outcome, counted, lasted
from ijbtools.publish.place import checksums
from ijbtools.publish.plans import read_plans
from ijbtools.publish.running import run
from ijbtools.report.examine import examine

SCHEMES = "partnership,scheme,name,started,order\n"
TWO = "partnerships: [orkney-islands, fife]"
KILL_WORKER = """import pathlib, psutil
for one in psutil.Process().parents():
    if "spawn_main" in " ".join(one.cmdline()):
        one.kill()
        break
"""
FIGURE = """import os, random, sys
import matplotlib.pyplot as plt
import numpy as np
print(os.getcwd(), os.environ["MARK"], "HOME" in os.environ, sys.argv[0].split(os.sep)[-1].removesuffix(".py"))
plt.plot([1, 2]);
"""
DRAWN = "import random\nimport numpy as np\nprint(random.random(), np.random.rand())"


def of_two(space, **more):
    """The plan of the workspace for two partnerships, one of which is published already."""
    space.plan.write_text(space.plan.read_text("utf-8").replace("partnerships: [orkney-islands]", TWO), "utf-8")
    return read_plans([space.plan], **more)


def how(run):
    """How each partnership's page ended."""
    return {one.job.parameters["partnership"]: one.how for one in run.outcomes}


def bytes_of(site):
    """Pages and files but for the lock, the run records, which hold times, and the summary of the run."""
    return {name: one for name, one in checksums(site).items() if not name.endswith((".lock", "run.json", "run.html"))}


def test_the_same_bytes_from_one_process_from_two_and_without_fork(space, tmp_path, monkeypatch):
    """One process, two, and ordinary kernels publish the same pages and files, byte for byte."""
    alone = publish_all(of_two(space, out=tmp_path / "one"), processes=1)
    two = publish_all(of_two(space, out=tmp_path / "two"), processes=2)
    monkeypatch.setenv(FORK, "no")
    assert not forks()
    plain = publish_all(of_two(space, out=tmp_path / "plain"), processes=2)
    assert [run.exit_code for run in (alone, two, plain)] == [0, 0, 0]
    assert (alone.team, two.team) == ("one process", "2 processes")
    whole = bytes_of(tmp_path / "one")
    assert {"fife/2024-25/shunting.html", "orkney-islands/2024-25/shunting.html", "index.html"} <= whole.keys()
    assert bytes_of(tmp_path / "two") == whole
    assert bytes_of(tmp_path / "plain") == whole


def test_a_failed_job_stops_no_other_and_the_summary_says_why(space):
    """What fails is told with its reason, escaped; the others are published; the exit code is the worst."""
    space.spoil("compute", "if partnership == 'fife':\n    raise RuntimeError('no figures <b>today</b>')\n" + SHUNTING)
    ended = publish_all(of_two(space), processes=2)
    assert how(ended) == {"fife": "failed", "orkney-islands": "published"}
    assert ended.exit_code == 3
    html = (space.out / "run.html").read_text("utf-8")
    assert "2 pages: 1 failed, 1 published." in html
    assert "cell 4 of the run: RuntimeError: no figures &lt;b&gt;today&lt;/b&gt;" in html
    assert '<a href="failed/fife-2024-25-shunting.ipynb">' in html
    assert '<a href="orkney-islands/2024-25/shunting.html">Orkney Islands</a>' in html
    assert str(space.home) not in html
    assert examine(html) == []
    assert '<a href="run.html">How the last run went</a>' in (space.out / "index.html").read_text("utf-8")


SHUNTING = """from ijbtools import report
from ijbtools.inputs import load
from ijbtools.topics import shunting

choices = {"bed_day_cost": bed_day_cost, "care_day_cost": care_day_cost}
tables, assumptions = load(data, shunting.READS, scenario, choices)
result = shunting.compute(tables, assumptions).only(partnership, period)
"""


def test_only_what_is_due_is_made(space):
    """Of two pages only the one that is not there yet is made; then none, and nothing published changes."""
    assert how(publish_all(of_two(space))) == {"orkney-islands": "unchanged", "fife": "published"}
    before = checksums(space.out / "fife")
    again = publish_all(of_two(space))
    assert how(again) == {"orkney-islands": "unchanged", "fife": "unchanged"}
    assert (again.exit_code, str(again).startswith("It took ")) == (0, True)
    assert checksums(space.out / "fife") == before
    assert "All 2 pages unchanged." in (space.out / "run.html").read_text("utf-8")


def later(file):
    """Add a line that means nothing to a file."""
    with file.open("a", encoding="utf-8") as more:
        more.write("# a remark\n" if file.suffix == ".yaml" else "\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda space: later(space.home / "data" / "delays.csv"),
        lambda space: later(space.home / "params" / "common.yaml"),
        lambda space: (space.home / "params" / "local.yaml").write_text("", "utf-8"),
        lambda space: (space.home / "data" / "schemes.csv").write_text(
            "partnership,scheme,name,started,order\n", "utf-8"
        ),
        lambda space: space.spoil("delay", "## How much delay, and for which reasons"),
        lambda space: space.plan.write_text(space.plan.read_text("utf-8") + "prepared_by: A. Analyst\n", "utf-8"),
        lambda space: (space.home / "house.yaml").write_text("organisation: Our council\n", "utf-8"),
        lambda space: later(space.page),
        lambda space: next(space.page.parent.glob("*/facts.csv")).unlink(),
        lambda space: next(space.page.parent.glob("*/run.json")).write_text("{}", "utf-8"),
    ],
    ids=[
        "table",
        "assumption",
        "file of assumptions",
        "new table",
        "notebook",
        "plan",
        "style",
        "page",
        "file",
        "record",
    ],
)
def test_whatever_a_page_comes_from_makes_it_due(space, change, monkeypatch):
    """A change of tables, assumptions, notebook, parameters or style makes a page due; so does damage to it."""
    monkeypatch.setattr(many, "_work_off", lambda due, team, ledger: made.extend(due))
    made = []
    publish_all(read_plans([space.plan]))
    assert made == []
    change(space)
    publish_all(read_plans([space.plan]))
    assert [task.job.name for task in made] == ["shunting"]


def test_what_lies_beside_the_tables_makes_nothing_due(space, monkeypatch):
    """A spreadsheet program's lock and a note beside the tables are not read, and change nothing; force makes all."""
    monkeypatch.setattr(many, "_work_off", lambda due, team, ledger: made.extend(due))
    made = []
    for name in (".~lock.tables.xlsx#", "~$tables.xlsx", "note.txt"):
        (space.home / "data" / name).write_text("x", "utf-8")
    publish_all(read_plans([space.plan]))
    assert made == []
    publish_all(read_plans([space.plan]), force=True)
    assert len(made) == 1


def test_another_code_makes_a_page_due(space, monkeypatch):
    """A change of the package or of what it draws with makes a page due."""
    from ijbtools.publish import due

    job = read_plans([space.plan])[0].jobs[0]
    before = due.made_of(job, space.home)
    assert not due.is_due(job, space.home, space.out, before)
    monkeypatch.setattr(due, "environment", lambda: {"code": "another"})
    assert due.made_of(job, space.home) != before


def test_a_worker_that_ends_is_replaced_and_its_job_run_once_more(space, tmp_path):
    """A worker that is killed once costs nothing but time: both pages come."""
    flag = tmp_path / "killed"
    once = f"import pathlib\nif not pathlib.Path({str(flag)!r}).exists():\n    pathlib.Path({str(flag)!r}).touch()\n"
    space.spoil("compute", once + textwrap.indent(KILL_WORKER, "    ") + SHUNTING)
    ended = publish_all(of_two(space), processes=2)
    assert flag.exists()
    assert how(ended) == {"orkney-islands": "published", "fife": "published"}


def test_a_job_that_ends_its_worker_takes_no_other_with_it(space):
    """A job that ends its worker each time fails after the second, and the one in flight beside it is published."""
    space.spoil(
        "compute", f"if partnership == 'fife':\n    {KILL_WORKER.replace(chr(10), chr(10) + '    ')}\n{SHUNTING}"
    )
    ended = publish_all(of_two(space), processes=2)
    assert how(ended) == {"orkney-islands": "published", "fife": "failed"}
    assert "ended again when it was run once more" in next(one.reason for one in ended.outcomes if one.how == "failed")
    assert ended.exit_code == 3


def started(space, tmp_path):
    """`ijb publish` of two pages as its own process, when the cells of both wait."""
    space.spoil(
        "compute", f"import pathlib, time\npathlib.Path({str(tmp_path)!r}, partnership).touch()\ntime.sleep(120)"
    )
    of_two(space)
    command = [sys.executable, "-c", "from ijbtools.cli import main; main()", "publish", str(space.plan), "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while not {"fife", "orkney-islands"} <= {path.name for path in tmp_path.iterdir()} and time.monotonic() < limit:
        time.sleep(0.05)
        assert process.poll() is None, process.communicate()
    return process, psutil.Process(process.pid).children(recursive=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without telling it")
def test_a_pool_that_is_told_to_stop(space, tmp_path):
    """Told to stop, the workers end at once with their kernels; the summary says what was not run."""
    process, children = started(space, tmp_path)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert len(children) >= 4
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert not list(space.out.glob(".running-*"))
    assert "All 2 pages not run." in (space.out / "run.html").read_text("utf-8")
    assert space.pages_are_good()


def test_a_pool_ends_with_the_process_that_it_works_for(space, tmp_path):
    """Where the first process is killed, its workers, their fork servers and their kernels end by themselves."""
    process, children = started(space, tmp_path)
    process.kill()
    process.communicate(timeout=30)
    assert not psutil.wait_procs(children, timeout=15)[1]
    assert {name: one for name, one in checksums(space.out).items() if name in space.good} == space.good


def executed(tmp_path, name, *cells):
    """A notebook of these cells, run on a kernel of its own; its cells."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number}"
    nbformat.write(book, tmp_path / f"{name}.ipynb")
    environment = {"IJB_WORKSPACE": str(tmp_path), "MARK": name}
    made = run(tmp_path / f"{name}.ipynb", tmp_path / f"{name}-run.ipynb", {}, environment, 60)
    return [cell for cell in made.cells if not cell.metadata.get("tags")]


def shown(cells):
    """What the cells printed and showed."""
    return [(one.get("text"), one.get("data")) for cell in cells for one in cell.outputs]


@pytest.mark.skipif(not forks(), reason="kernels are forked on Linux only")
def test_a_forked_kernel_is_like_an_ordinary_one(tmp_path, monkeypatch):
    """Folder, environment, arguments and inline figures are those of an ordinary kernel."""
    forked = executed(tmp_path, "probe", FIGURE)
    monkeypatch.setenv(FORK, "no")
    ordinary = executed(tmp_path, "probe", FIGURE)
    assert shown(forked) == shown(ordinary)
    assert shown(forked)[0][0] == f"{tmp_path} probe True ipykernel_launcher\n"
    assert "image/png" in shown(forked)[-1][1]


@pytest.mark.skipif(not forks(), reason="kernels are forked on Linux only")
def test_forked_kernels_draw_other_random_numbers(tmp_path):
    """Two forks of one process do not begin with the same random state."""
    first, second = (shown(executed(tmp_path, name, DRAWN))[0][0].split() for name in ("first", "second"))
    assert not set(first) & set(second)


@pytest.mark.skipif(not forks(), reason="kernels are forked on Linux only")
def test_a_named_backend_holds_in_a_fork(tmp_path, monkeypatch):
    """A backend of matplotlib that the environment names is the kernel's, as in an ordinary one."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    assert shown(executed(tmp_path, "named", "import matplotlib\nprint(matplotlib.get_backend())"))[0][0] == "agg\n"


def test_a_daemonic_process_forks_no_kernels(monkeypatch):
    """Below a daemonic process, such as a Dask nanny's, kernels are ordinary ones."""
    import multiprocessing

    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    assert not forks()


def test_plans_that_make_one_page_differently_are_refused(space):
    """Two plans with other parameters for one page are refused before anything runs; two alike are one."""
    other = space.plan.with_name("other.yaml")
    other.write_text(space.plan.read_text("utf-8"), "utf-8")
    assert how(publish_all(read_plans([space.plan, other]))) == {"orkney-islands": "unchanged"}
    other.write_text(space.plan.read_text("utf-8") + "prepared_by: A. Analyst\n", "utf-8")
    with pytest.raises(InputRefused, match=r"two plans with other parameters \(prepared_by\) for one page"):
        publish_all(read_plans([space.plan, other]))
    assert space.pages_are_good()


def test_a_plan_of_several_periods(space):
    """A plan may name several periods: partnerships times periods times notebooks."""
    text = space.plan.read_text("utf-8").replace("period: 2024/25", "period: [2023/24, 2024/25 Q3]")
    space.plan.write_text(text.replace("[orkney-islands]", "[orkney-islands, fife]"), "utf-8")
    folders = [str(job.folder) for planned in read_plans([space.plan]) for job in planned.jobs]
    assert folders == [
        "orkney-islands/2023-24",
        "orkney-islands/2024-25-q3",
        "fife/2023-24",
        "fife/2024-25-q3",
    ]


def test_progress_is_told(space):
    """What is running, done and failed is told on the way, and the time left once a page was made."""
    heard = []
    publish_all(of_two(space), processes=1, told=heard.append)
    assert [(one.running, len(one.outcomes)) for one in heard] == [(0, 1), (1, 1), (0, 2)]
    assert heard[-1].count("published") == 1
    publish_all(of_two(space), processes=1, force=True, told=heard.append)
    assert heard[-2].left is not None and heard[-2].left > 0
    assert heard[-1].left is None


def test_as_many_processes_as_cores_and_no_more_than_jobs(space, monkeypatch):
    """Without --jobs there are as many processes as cores, and never more than pages that are due."""
    taken = []
    monkeypatch.setattr(
        many, "Pool", lambda work, shared, processes: taken.append(processes) or teams.Team(work, shared)
    )
    monkeypatch.setattr(many, "_work_off", lambda due, team, ledger: None)
    monkeypatch.setattr(many, "cores", lambda: 8)
    publish_all(of_two(space), force=True)
    publish_all(of_two(space), force=True, processes=1)
    publish_all(of_two(space), processes=3)
    assert taken == [2]
    assert 1 <= teams.cores() <= 61


def test_outcomes_in_words(space):
    """Counts and times as a reader says them."""
    plan = read_plans([space.plan])[0]
    published, failed = (Outcome(plan, plan.jobs[0], one) for one in ("published", "failed"))
    assert counted([published]) == "1 page published."
    assert counted([published, published]) == "All 2 pages published."
    assert counted([published, failed, published]) == "3 pages: 1 failed, 2 published."
    assert [lasted(one) for one in (0.6, 48.2, 185, 7800)] == ["1 second", "48 seconds", "3 min 5 s", "2 h 10 min"]


def test_what_is_refused_comes_whole_from_another_process():
    """Every problem of a refusal survives the way between processes."""
    refused = InputRefused([Problem("delays.csv", "'x'", "a number", row=4)], "Mend it.")
    again = pickle.loads(pickle.dumps(refused))
    assert (again.problems, again.then, str(again)) == (refused.problems, refused.then, str(refused))

"""A Dask cluster as the team: the same bytes, wherever they are made, and no failure that is not told in a sentence."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import psutil
import pytest

from ijbtools.errors import CannotReach, InputRefused
from ijbtools.publish import cluster, elsewhere
from ijbtools.publish.briefing import NotMade
from ijbtools.publish.many import publish_all
from ijbtools.publish.place import checksums
from ijbtools.publish.plans import read_plans

distributed = pytest.importorskip("distributed")

OURS = ("run.json", "run.html", ".lock")  # these tell of the run: when it was, and who made it
ENDS_ITS_WORKER = """
import psutil
if partnership == "fife":
    next(one for one in psutil.Process().parents() if "forkserver" not in " ".join(one.cmdline())).kill()
    import time
    time.sleep(60)
"""
WAITS = "import pathlib, time\npathlib.Path(begun).touch()\ntime.sleep(120)\n"


class Dask:
    """A scheduler with its workers, as processes of their own on this machine, each in a folder of its own."""

    def __init__(self, folder):
        self.folder, self.address, self._processes = folder, "", []

    def start(self, allowed_failures=0):
        """Start the scheduler, on a port that is free."""
        file = self.folder / "scheduler.json"
        settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures)}
        options = ["--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        self.scheduler = self._start("scheduler", options, settings)
        _until(lambda: file.exists() and "tcp://" in file.read_text("utf-8"))
        self.address = next(word for word in file.read_text("utf-8").split('"') if word.startswith("tcp://"))

    def worker(self, name, *options):
        """Start a worker; the folder that it works in."""
        place = self.folder / name
        self._start(name, [self.address, "--no-dashboard", "--local-directory", str(place), *options])
        return place

    def await_workers(self, count):
        """Wait until so many workers are there."""
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=60)

    def close(self):
        """End every process, with what it has started."""
        for process in self._processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        child.kill()
            process.kill()
            process.wait(timeout=30)

    def _start(self, name, options, settings=None):
        (self.folder / name).mkdir(parents=True)
        kind = "scheduler" if name == "scheduler" else "worker"
        command = [sys.executable, "-m", "dask", kind, "--host", "127.0.0.1", *options]
        with (self.folder / f"{name}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, cwd=self.folder / name, env={**os.environ, **(settings or {})}, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    """A cluster of two workers, one below a nanny and one without."""
    with contextlib.closing(Dask(tmp_path_factory.mktemp("dask"))) as held:
        held.start()
        held.worker("nannied", "--nthreads", "1")
        held.worker("plain", "--nthreads", "1", "--no-nanny")
        held.await_workers(2)
        yield held


@pytest.fixture
def lone(tmp_path, request):
    """A cluster of a test's own, without workers yet; the parameter, if any, is the scheduler's allowed-failures."""
    with contextlib.closing(Dask(tmp_path / "dask")) as held:
        held.start(getattr(request, "param", 0))
        yield held


@pytest.fixture
def impatient(monkeypatch):
    """Waits are short."""
    monkeypatch.setattr(cluster, "_ANSWER", 1.0)
    monkeypatch.setattr(cluster, "_PATIENCE", 2.0)


def _until(true, seconds=60):
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.05)


def _plans(space, *partnerships):
    return read_plans([space.plan], partnerships=partnerships)


def _bytes(out):
    """The checksums of what was published, but for what tells of the run itself."""
    return {name: one for name, one in checksums(out).items() if not name.endswith(OURS)}


def _before(space, cell, source):
    """Put lines before those of a cell."""
    import nbformat

    book = nbformat.read(space.home / "notebooks" / "shunting.ipynb", as_version=4)
    kept = next(one.source for one in book.cells if one.id == cell)
    space.spoil(cell, source + kept)


def _script(space, scheduler):
    script = "from ijbtools.publish import cluster; cluster._ANSWER = 1.0; from ijbtools.cli import main; main()"
    options = ["--scheduler", scheduler, "--out", str(space.out), "--force"]
    return [sys.executable, "-c", script, "publish", str(space.plan), *options]


def _command(space, scheduler):
    """`ijb publish` as its own process, to its end."""
    command = _script(space, scheduler)
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_same_bytes_either_way(space, dask, tmp_path):
    """Two workers in folders of their own, of both kinds, give what one process gives; of jobs nothing stays."""
    here, there = ([replace(one, out=tmp_path / name) for one in _plans(space, "fife", "highland")] for name in "ab")
    assert publish_all(here, processes=1).exit_code == 0
    run = publish_all(there, scheduler=dask.address)
    assert run.exit_code == 0, run.outcomes
    assert run.team == "2 Dask workers"
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")
    for name in ("nannied", "plain"):
        left = [path.name.rpartition("-")[0] for path in (dask.folder / name).rglob("ijb-*")]
        assert left == ["ijb-workspace"]


def test_the_same_bytes_from_the_package_itself(root, dask, tmp_path):
    """Of the checkout as the workspace nothing is sent, and the pages are the same."""
    scotland = root / "params" / "plans" / "scotland.yaml"
    narrowed = {"partnerships": ("fife",), "notebooks": ("shunting",)}
    for name, scheduler in (("a", ""), ("b", dask.address)):
        plans = read_plans([scotland], out=tmp_path / name, **narrowed)
        assert publish_all(plans, processes=1, scheduler=scheduler).exit_code == 0
    assert elsewhere.parcels(plans)[root].files is None
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_the_workspace_of_an_earlier_run_goes(space):
    """It is unpacked once for all jobs of a run, and goes when another run begins and none of its jobs is at work."""
    planned = _plans(space)
    first, second = (elsewhere.parcels(planned)[space.home] for _ in range(2))
    with elsewhere._unpacked(first) as (home, shared):
        assert (home / "data" / "delays.csv").read_bytes() == (space.home / "data" / "delays.csv").read_bytes()
        with elsewhere._unpacked(first) as (again, _):
            assert again == home
        with elsewhere._unpacked(second) as (other, _):
            assert other != home
        assert home.is_dir()
        assert shared.is_dir()
    with elsewhere._unpacked(second) as (again, _):
        assert again == other
        assert not home.exists()


def test_a_large_workspace_and_nothing_on_the_terminal(space, dask):
    """The command says its sentences and Dask none of its own, even where much is sent."""
    (space.home / "notebooks" / "other.ipynb").write_text(
        f'{{"note": "{"many words " * 2_000_000}"}}', encoding="utf-8"
    )
    done = _command(space, dask.address)
    assert done.returncode == 0, done.stderr
    assert "distributed" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


def test_a_job_that_ends_its_worker(space, lone):
    """It fails with a sentence as often as the scheduler allows, and what was beside it is published."""
    lone.worker("nannied", "--nthreads", "2")
    _before(space, "compute", ENDS_ITS_WORKER)
    run = publish_all(_plans(space, "fife", "highland"), scheduler=lone.address, force=True)
    how = {one.job.parameters["partnership"]: one for one in run.outcomes}
    assert [how[name].how for name in ("fife", "highland")] == ["failed", "published"]
    assert "the worker that made it ended (the scheduler's allowed-failures is 0)" in how["fife"].said
    assert run.exit_code == 3


def test_no_scheduler(space, impatient):
    """Where nobody answers it is said with what to do, and nothing has changed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{free}", "nowhere", "tls://127.0.0.1:1", "odd://127.0.0.1:1"):
        with pytest.raises(
            CannotReach, match=r"No Dask scheduler answers at .* Start one with: dask scheduler"
        ) as said:
            publish_all(_plans(space), scheduler=address, force=True)
        assert said.value.exit_code == 1
        assert "\n" not in str(said.value)
    assert space.pages_are_good()
    assert not [one for one in threading.enumerate() if one.name == "dask"]


def test_somebody_else_answers(space, impatient):
    """Where a server of another kind answers it is not taken for a scheduler."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(CannotReach, match="No Dask scheduler answers"):
            publish_all(_plans(space), scheduler=address, force=True)
    assert space.pages_are_good()


def test_no_workers(space, lone, impatient):
    """A scheduler without workers is told with how to start one."""
    with pytest.raises(CannotReach, match=rf"has no workers. Start one with: dask worker {lone.address}"):
        publish_all(_plans(space), scheduler=lone.address, force=True)
    assert space.pages_are_good()


@pytest.mark.parametrize("name", ["../elsewhere", "/elsewhere", "data/../../elsewhere"])
def test_files_outside_the_workspace(space, name):
    """What is not in the workspace is refused by its name before anybody is asked, with exit code 2."""
    planned = _plans(space)[0]
    job = replace(planned.jobs[0], parameters={**planned.jobs[0].parameters, "data": name})
    with pytest.raises(InputRefused, match=f"parameter data: found the path {name}; expected a path inside") as refused:
        elsewhere.parcels([replace(planned, jobs=(job,))])
    assert refused.value.exit_code == 2


def test_files_outside_are_refused_before_anything_runs(space, impatient):
    """A plan whose tables lie beside the workspace is refused, and no scheduler is looked for."""
    (space.home / "data").rename(space.home.parent / "returns")
    space.plan.write_text(space.plan.read_text("utf-8").replace("data: data", "data: ../returns"), encoding="utf-8")
    with pytest.raises(InputRefused, match=r"parameter data: found the path \.\./returns"):
        publish_all(_plans(space), scheduler="127.0.0.1:1")
    assert space.pages_are_good()


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/a", "\\a", "C:\\a", "C:a", "a\\..\\..\\b", "//server/share/a"])
def test_a_parcel_that_leads_out_of_its_folder(space, name, tmp_path, monkeypatch):
    """Nothing of a parcel is unpacked where one of its names may lead out of the folder."""
    monkeypatch.setattr(elsewhere.tempfile, "tempdir", str(tmp_path))
    planned = _plans(space)[0]
    parcel = elsewhere.parcels([planned])[space.home]
    made = elsewhere.make_elsewhere(replace(parcel, files={name: b""}), "shunting", planned.jobs[0].parameters)
    assert isinstance(made, NotMade)
    assert "leads out of the workspace" in str(made.error)
    assert [one.name for one in tmp_path.iterdir()] == ["Finance team"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"code": "another"}, "another ijbtools. Install"),
        ({"python": "2.7.18"}, "and not 2.7.18"),
        ({"packages": {"pandas": "0.1"}}, "and not 0.1"),
    ],
)
def test_a_worker_with_another_installation(space, other, said):
    """A worker whose code, Python or packages differ makes nothing and says what to install."""
    planned = _plans(space)[0]
    parcel = elsewhere.parcels([planned])[space.home]
    strange = replace(parcel, environment={**parcel.environment, **other})
    made = elsewhere.make_elsewhere(strange, "shunting", planned.jobs[0].parameters)
    assert isinstance(made, NotMade)
    assert isinstance(made.error, CannotReach)
    assert said in str(made.error)
    assert socket.gethostname() in str(made.error)


def test_a_worker_with_another_notebook(root, tmp_path):
    """The package's own notebooks are not sent, so a worker on which one differs makes nothing of it."""
    planned = read_plans([root / "params" / "plans" / "scotland.yaml"], notebooks=("shunting",), out=tmp_path)[0]
    parcel = replace(elsewhere.parcels([planned])[root], notebooks={"shunting": "another"})
    made = elsewhere.make_elsewhere(parcel, "shunting", planned.jobs[0].parameters)
    assert isinstance(made, NotMade)
    assert "has another notebook shunting, or none" in str(made.error)


def test_everything_that_a_job_reads_is_sent(space):
    """Tables, assumptions, notebooks and house style are in the parcel; pages and what else lies about are not."""
    (space.home / "house.yaml").write_text("organisation: Ours\n", encoding="utf-8")
    (space.home / "letters.txt").write_text("private", encoding="utf-8")
    sent = elsewhere.parcels(_plans(space))[space.home].files
    assert {"house.yaml", "data/delays.csv", "params/common.yaml", "params/plans/mine.yaml"} <= sent.keys()
    assert "notebooks/shunting.ipynb" in sent
    assert not [name for name in sent if name.startswith("site") or name == "letters.txt"]


def test_the_scheduler_dies_in_the_middle(space, lone, tmp_path):
    """The run ends soon, tells every page that failed in a sentence, and the last good pages stay."""
    lone.worker("plain", "--nthreads", "1", "--no-nanny")
    lone.await_workers(1)
    begun = tmp_path / "begun"
    _before(space, "compute", WAITS.replace("begun", repr(str(begun))))
    process = subprocess.Popen(_script(space, lone.address), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        _until(begun.exists)
        lone.scheduler.kill()
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    assert f"No Dask scheduler answers at {lone.address}" in err
    assert "Traceback" not in err
    assert "distributed" not in err
    assert space.pages_are_good()


@pytest.mark.parametrize("lone", [1], indirect=True)
def test_the_last_worker_dies(space, lone, impatient):
    """Where the last worker is gone for good the run ends with that, and does not wait for ever."""
    lone.worker("plain", "--nthreads", "1", "--no-nanny")
    lone.await_workers(1)
    _before(space, "compute", ENDS_ITS_WORKER)
    run = publish_all(_plans(space, "fife"), scheduler=lone.address, force=True)
    assert f"The scheduler at {lone.address} has had no workers for 2 seconds" in run.outcomes[0].said
    assert run.exit_code == 1
    assert space.pages_are_good()

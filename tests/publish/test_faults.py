"""Whole or not at all: faults injected for real, each leaving the last good page as it was, byte for byte."""

import json
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ijbtools import cli
from ijbtools.errors import CannotWrite, InputRefused, NotebookFailed, PageRefused, Refused
from ijbtools.publish.briefing import publish
from ijbtools.publish.place import reserved

WAITS = "import pathlib, time\npathlib.Path(started).touch()\ntime.sleep(120)"


def publish_it(space, seconds=300):
    with reserved(space.out):
        return publish(space.job, space.home, space.out, seconds)


def command(space, *more):
    """`ijb publish` as its own process."""
    script = "from ijbtools.cli import main; main()"
    return [sys.executable, "-c", script, "publish", str(space.plan), *more]


def started(space, tmp_path):
    """`ijb publish` as its own process, with a cell that waits, when that cell has begun."""
    flag = tmp_path / "begun"
    space.spoil("compute", WAITS.replace("started", repr(str(flag))))
    process = subprocess.Popen(command(space), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while not flag.exists() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    assert flag.exists(), process.communicate()
    return process


def test_a_cell_that_raises(space):
    """A cell that raises is named with what it said; the notebook is kept as far as it ran."""
    space.spoil("compute", "raise RuntimeError('no figures today')")
    with pytest.raises(NotebookFailed, match=r"cell 4 of the run: RuntimeError: no figures today") as failed:
        publish_it(space)
    assert failed.value.exit_code == 3
    assert "mend what it shows, and publish again" in str(failed.value)
    assert (space.out / "failed" / "orkney-islands-2024-25-shunting.ipynb").exists()
    assert space.pages_are_good()


def test_cells_to_explore_are_not_run(space):
    """A cell for people in JupyterLab is left out when a page is made, whatever it would do."""
    space.spoil("explore", "raise RuntimeError('run')")
    html = publish_it(space).file.read_text("utf-8")
    assert "What if the assumptions were different?" in html
    assert "ijb-explore" not in html


@pytest.mark.parametrize("death", ["import os\nos._exit(1)", "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)"])
def test_a_kernel_that_dies(space, death):
    """A kernel that dies in a cell is a failed run, although papermill marks the unrun cells as completed."""
    if "SIGTERM" in death and sys.platform == "win32":
        death = death.replace("SIGTERM", "SIGBREAK")
    space.spoil("answer", death)
    with pytest.raises(NotebookFailed, match="stopped before its end"):
        publish_it(space)
    assert space.pages_are_good()


def test_a_cell_that_hangs(space):
    """A cell that takes longer than it may is ended, with its kernel."""
    space.spoil("compute", "import time\ntime.sleep(120)")
    with pytest.raises(NotebookFailed, match="a cell took longer than 3 seconds"):
        publish_it(space, seconds=3)
    assert not [
        child for child in psutil.Process().children(recursive=True) if "ipykernel" in " ".join(child.cmdline())
    ]
    assert space.pages_are_good()


def test_a_notebook_without_its_record(space):
    """A notebook whose last cell does not give the run record is not complete."""
    space.spoil("working-shown", "report.checks(result)")
    with pytest.raises(NotebookFailed, match="run record"):
        publish_it(space)
    assert space.pages_are_good()


def test_a_page_that_the_examiner_refuses(space):
    """A page with a script is refused with exit code 4, and says what and where."""
    space.spoil("answer", "from IPython.display import HTML\nHTML('<script>1</script>')")
    with pytest.raises(PageRefused, match="the element script") as refused:
        publish_it(space)
    assert refused.value.exit_code == 4
    assert space.pages_are_good()


def test_input_that_changes_during_the_run(space):
    """A table that changes after the notebook read it makes the run no good, and is named."""
    file = space.home / "data" / "delays.csv"
    space.spoil("answer", f"with open({str(file)!r}, 'a') as late:\n    late.write('\\n')")
    with pytest.raises(InputRefused, match=r"data/delays\.csv: found another content") as refused:
        publish_it(space)
    assert refused.value.exit_code == 2
    assert space.pages_are_good()


def test_input_that_is_wrong(space):
    """A mistake in a table that the notebook meets is told as input, with its row, not as a failed notebook."""
    with (space.home / "data" / "delays.csv").open("a", encoding="utf-8") as more:
        more.write("orkney-islands,2025/26 Q1,75+,code_9_awi,many\n")
    with pytest.raises(Refused, match=r"row 9218, column bed_days: found 'many'") as refused:
        publish_it(space)
    assert refused.value.exit_code == 2
    assert space.pages_are_good()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without telling it")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_being_told_to_stop(space, tmp_path, number):
    """Told to stop, the command ends its kernel, clears up, says so and leaves with exit code 130."""
    process = started(space, tmp_path)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert not list(space.out.glob(".running-*"))
    assert space.pages_are_good()


def test_being_killed(space, tmp_path):
    """What a killed run leaves behind is cleared by the next, which the dead run's lock does not hinder."""
    process = started(space, tmp_path)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=30)
    for child in children:
        child.kill()
    assert list(space.out.glob(".running-*"))
    space.spoil("compute", "raise RuntimeError('again')")
    with pytest.raises(NotebookFailed, match="again"):
        publish_it(space)
    assert not list(space.out.glob(".running-*"))
    assert space.pages_are_good()


def test_two_runs_at_once(space, monkeypatch, capsys):
    """A second run into the same folder leaves at once with exit code 6 and a clear line."""
    monkeypatch.setattr(sys, "argv", ["ijb", "publish", str(space.plan)])
    with reserved(space.out), pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 6
    assert "Another run is publishing into" in capsys.readouterr().err
    assert space.pages_are_good()


@pytest.mark.parametrize(
    ("parameters", "said"),
    [("{data: data, bed_day_cst: x}", "Nearest: bed_day_cost"), ("{data: data, scenario: 5}", "of type str")],
)
def test_wrong_parameters(space, monkeypatch, capsys, parameters, said):
    """Unknown and ill-typed parameters are refused before a kernel starts, with exit code 2."""
    space.plan.write_text(space.plan.read_text("utf-8").replace("{data: data}", parameters), "utf-8")
    monkeypatch.setattr(sys, "argv", ["ijb", "publish", str(space.plan)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert said in capsys.readouterr().err
    assert space.pages_are_good()


def test_a_folder_that_may_not_be_written(space, read_only):
    """A folder that may not be written to is told with its reason, and the page in it stays."""
    read_only(space.out)
    with pytest.raises(CannotWrite, match=r"Cannot write .*(Read-only|denied)") as refused:
        publish_it(space)
    assert refused.value.exit_code == 1
    assert space.pages_are_good()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
@pytest.mark.parametrize("bytes_left", [2_000, 60_000])
def test_a_disk_that_is_full(space, bytes_left):
    """A disk that is full is told in a sentence, and no half page takes the place of a good one."""
    limited = (
        "import resource, sys; from ijbtools.cli import main; import ijbtools.publish.running; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes_left}, {bytes_left})); main()"
    )
    space.spoil("answer", "report.headline(result)")  # another page than the last, so that it must be written
    done = subprocess.run(
        [sys.executable, "-c", limited, "publish", str(space.plan)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (1, 3), done.stderr
    assert "Traceback (most recent call last)" not in done.stderr.split("cell")[0]
    assert space.pages_are_good()


def test_another_python_under_the_same_name(space, tmp_path, monkeypatch):
    """Where a kernel of the same name is registered that is another Python, the notebook runs in ours all the same."""
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["another-python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Other"}
    (folder / "kernel.json").write_text(json.dumps({**spec, "language": "python"}), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert publish_it(space).file == space.page


def test_after_a_failure_the_next_good_run_publishes(space):
    """When the fault is mended the page is published, and the notebook kept for it is gone."""
    source = "raise RuntimeError('not yet')"
    space.spoil("answer", source)
    with pytest.raises(NotebookFailed):
        publish_it(space)
    kept = space.out / "failed" / "orkney-islands-2024-25-shunting.ipynb"
    assert kept.exists()
    space.spoil("answer", "display(report.headline(result), report.caution(result))")
    made = publish_it(space)
    assert made.file == space.page
    assert not kept.exists()


def test_old_files_go_and_new_ones_come(space):
    """A run with other parameters puts its files into a folder of its own; those of the earlier run are removed."""
    before = next(space.page.parent.glob("shunting-*"))
    text = space.plan.read_text("utf-8")
    space.plan.write_text(text + "prepared_by: A. Analyst\n", "utf-8")
    publish_it(space)
    after = list(space.page.parent.glob("shunting-????????"))
    assert len(after) == 1
    assert after[0] != before
    assert "prepared by A. Analyst" in space.page.read_text("utf-8")
    assert after[0].name in space.page.read_text("utf-8")


def test_files_that_were_damaged_are_mended(space):
    """Publishing again puts back a file beside the page that somebody changed."""
    facts = next(space.page.parent.glob("shunting-*/facts.csv"))
    whole = facts.read_bytes()
    facts.write_text("nothing", encoding="utf-8")
    publish_it(space)
    assert facts.read_bytes() == whole

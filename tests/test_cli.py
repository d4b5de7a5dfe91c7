"""The command: what it prints and its exit codes. In this process, but for the two that must be seen from outside."""

import os
import re
import subprocess
import sys

import pytest

from ijbtools import cli
from ijbtools.report.examine import examine


@pytest.fixture
def run(capsys, monkeypatch):
    """Run `ijb` as a user would; gives exit code, output and errors."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["ijb", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_help_comes_at_once_and_names_the_exit_codes():
    """Help loads none of the heavy packages and prints the exit codes."""
    script = "import sys; from ijbtools.cli import ijb; ijb(['--help'], standalone_mode=False)"
    heavy = "; print([name for name in ('pandas','numpy','papermill','matplotlib','pydantic') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script + heavy], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Exit codes: 0 done" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_installed_command_runs():
    """The installed module runs from anywhere and says its version."""
    command = [sys.executable, "-c", "from ijbtools.cli import main; main()", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("ijb, version ")


def test_check_says_that_the_sample_has_no_problem(run, root):
    """The sample is read without a problem, table by table."""
    code, out, err = run("check", root / "data" / "sample" / "scotland")
    assert (code, err) == (0, "")
    assert "  there     delays           9,216 rows, 2016/17 Q2 to 2025/26 Q1\n" in out


def test_check_prints_every_problem_without_a_traceback(run, tmp_path):
    """Problems are printed in one pass, without a traceback, with exit code 2."""
    (tmp_path / "delays.csv").write_text(
        "partnership,period,age_group,reason,bed_days\nfife,2025-13,75+,awi,x\n", "utf-8"
    )
    code, out, err = run("check", tmp_path)
    assert code == 2
    assert "  to mend   delays           1 row; 3 problems, below\n" in out
    assert "3 problems to mend" in err
    assert "delays.csv, row 2, column bed_days: found 'x'; expected a whole number, 0 or more." in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "nowhere"), "no such folder or file"),
        (("publish", "nowhere.yaml"), "no such file"),
        (("publish", "/"), "no folder params here or above"),
        (("new",), "Missing argument"),
        (("publsh",), "No such command"),
        (("publish", "plan.yaml", "--jobs", "0"), "0 is not in the range x>=1"),
        (("publish", "plan.yaml", "--jobs", "2", "--scheduler", "127.0.0.1:1"), "one of them"),
        (("import", "delay", "nowhere.csv"), "Nearest: delays"),
        (("status", "nowhere.yaml"), "no such file"),
        (("schedule", "nowhere.yaml"), "no such file"),
        (("schedule",), "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(run, arguments, said):
    """Wrong calls are refused with exit code 2 and a sentence."""
    code, _, err = run(*arguments)
    assert code == 2
    assert said in err
    assert "Traceback" not in err


def test_unknown_parameters_stop_before_anything_runs(run, root, tmp_path):
    """A plan with a parameter that the notebook does not know is refused, and nothing is written."""
    (tmp_path / "params").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "shunting.ipynb").write_bytes((root / "notebooks" / "shunting.ipynb").read_bytes())
    plan = tmp_path / "params" / "plan.yaml"
    plan.write_text(
        "label: x\nnotebooks: [shunting]\npartnerships: [fife]\nperiod: 2024/25\nparameters: {scenari: low}\n", "utf-8"
    )
    code, _, err = run("publish", plan)
    assert code == 2
    assert "Nearest: scenario." in err
    assert not (tmp_path / "site").exists()


def test_a_wrong_partnership_stops_before_anything_runs(run, root, tmp_path):
    """A plan with a partnership or period that is not in the tables is refused, all at once, and nothing is run."""
    plan = root / "params" / "plans" / "scotland.yaml"
    chosen = ("--partnership", "fyfe", "--partnership", "angsu", "--out", tmp_path / "site")
    code, out, err = run("publish", plan, *chosen)
    assert (code, out) == (2, "")
    assert "2 problems to mend" in err
    assert "Nearest: fife" in err
    assert "Nearest: angus" in err
    assert run("publish", plan, "--period", "2024", "--out", tmp_path / "site")[0] == 2
    assert not (tmp_path / "site").exists()


def test_the_worst_exit_code_wins_and_the_others_are_published(run, root, tmp_path):
    """A briefing that fails does not stop the others; each is told, and the exit code is the worst."""
    plan = root / "params" / "plans" / "scotland.yaml"
    (tmp_path / "site" / "fife").mkdir(parents=True)
    (tmp_path / "site" / "fife" / "2024-25").write_text("in the way", encoding="utf-8")
    chosen = ("--partnership", "fife", "--partnership", "angus", "--out", tmp_path / "site")
    code, out, err = run("publish", plan, *chosen)
    assert code == 1
    ended = set(re.findall(r"(?m)^\d of 4  (.*?) *(?:, about .* left)?$", out))  # in whatever order they came
    assert ended == {
        "failed     baseline, fife, 2024/25",
        "failed     shunting, fife, 2024/25",
        "published  baseline, angus, 2024/25",
        "published  shunting, angus, 2024/25",
    }
    assert "4 pages: 2 failed, 2 published. It took " in out
    assert "Cannot write" in err
    assert (tmp_path / "site" / "angus" / "2024-25" / "shunting.html").exists()
    assert "\x1b" not in out + err


def test_check_of_a_plan(run, root, tmp_path):
    """A plan is checked with everything it needs, nothing is run, and its list is a page that passes the examiner."""
    code, out, _ = run("check", root / "params" / "plans" / "scotland.yaml", "--out", tmp_path)
    assert code == 0
    assert "Baseline and delayed discharge in Scotland, 2024/25: 8 pages" in out
    assert "  there     delays           1,152 rows, 2016/17 Q2 to 2025/26 Q1\n" in out  # of the plan's four
    assert "  missing   budgets          no rows, wanted by baseline\n" in out
    html = (tmp_path / "check.html").read_text("utf-8")
    assert examine(html) == []
    assert "<strong>missing</strong>" in html


def test_list_shows_each_notebook_with_its_parameters(run, root):
    """Every notebook is listed with its question and each parameter with type, default and meaning."""
    code, out, _ = run("list", root / "notebooks")
    assert code == 0
    assert "shunting: Who decides, and who bears the cost of delayed discharge?" in out
    assert 'partnership (str, "highland"): whose page' in out


def test_import_then_check(run, tmp_path):
    """A publisher's lookup becomes tables that are read without a problem."""
    source = tmp_path / "lookup.csv"
    source.write_text(
        "CA,CAName,HSCP,HSCPName,HB,HBName\nS12000047,Fife,S37000032,Fife,S08000029,NHS Fife\n", encoding="utf-8"
    )
    code, out, _ = run("import", "areas", source, "--into", tmp_path / "tables")
    assert code == 0
    assert "partners.csv: 2 rows" in out
    assert run("check", tmp_path / "tables")[0] == 0


def test_the_dictionary_names_every_table(run):
    """The data dictionary is printed as one text."""
    code, out, _ = run("dictionary")
    assert code == 0
    assert "## delays" in out
    assert "| bed_days |" in out


def test_our_own_fault_is_said_in_a_sentence(run, monkeypatch, tmp_path):
    """A fault of ours is told without a traceback, which is kept in a file, with exit code 1."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("ijbtools.inputs.tables.dictionary", lambda: 1 / 0)
    code, _, err = run("dictionary")
    assert code == 1
    assert "This is our fault" in err
    assert "Traceback" not in err
    assert "ZeroDivisionError" in next(tmp_path.glob("ijb-error-*.txt")).read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_progress_on_a_terminal(root, tmp_path):
    """On a terminal one line under what is done says how many run, are done and failed; it is drawn over."""
    import pty

    plan = root / "params" / "plans" / "scotland.yaml"
    chosen = ["--partnership", "orkney-islands", "--notebook", "shunting", "--out", str(tmp_path / "site")]
    command = [sys.executable, "-c", "from ijbtools.cli import main; main()", "publish", str(plan), *chosen]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            more = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        said += more
    os.close(ours)
    assert process.wait(timeout=60) == 0
    text = said.decode()
    assert "0/1  1 running, 0 done, 0 failed" in text
    assert "1/1  0 running, 1 done, 0 failed" in text
    assert "1 of 1  published  shunting, orkney-islands, 2024/25" in text
    assert "1 page published. It took" in text

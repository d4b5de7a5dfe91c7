"""The command: what it prints and its exit codes. In this process, but for the two that must be seen from outside."""

import subprocess
import sys

import pytest

from ijbtools import cli


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
    assert "delays: 9,216 rows, no problem" in out


def test_check_prints_every_problem_without_a_traceback(run, tmp_path):
    """Problems are printed in one pass, without a traceback, with exit code 2."""
    (tmp_path / "delays.csv").write_text(
        "partnership,period,age_group,reason,bed_days\nfife,2025-13,75+,awi,x\n", "utf-8"
    )
    code, out, err = run("check", tmp_path)
    assert (code, out) == (2, "")
    assert "3 problems to mend" in err
    assert "delays.csv, row 2, column bed_days: found 'x'; expected a whole number, 0 or more." in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "nowhere"), "no such folder or file"),
        (("publish", "nowhere.yaml"), "no such file"),
        (("publish",), "Missing argument"),
        (("publsh",), "No such command"),
        (("import", "delay", "nowhere.csv"), "Nearest: delays"),
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


def test_the_worst_exit_code_wins_and_the_others_are_published(run, root, tmp_path):
    """One wrong partnership does not stop the other; the exit code is the worst."""
    plan = root / "params" / "plans" / "scotland.yaml"
    code, out, err = run("publish", plan, "--partnership", "fyfe", "--partnership", "angus", "--out", tmp_path)
    assert code == 2
    assert "Nearest: fife" in err
    assert (tmp_path / "angus" / "2024-25" / "shunting.html").exists()
    assert "index.html" in out


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

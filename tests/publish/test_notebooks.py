"""The notebooks run as they stand: under plain papermill, and from their own folder as in JupyterLab."""

import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from ijbtools.report.page import run_record


def test_under_plain_papermill(root, tmp_path):
    """`papermill notebooks/shunting.ipynb out.ipynb -f params.yaml` runs to the run record, with those parameters."""
    (tmp_path / "mine.yaml").write_text("partnership: fife\nperiod: 2024/25 Q3\n", encoding="utf-8")
    out = tmp_path / "out.ipynb"
    command = [
        sys.executable,
        "-m",
        "papermill",
        "notebooks/shunting.ipynb",
        str(out),
        "-f",
        str(tmp_path / "mine.yaml"),
    ]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    record = run_record(nbformat.read(out, as_version=4))
    assert (record["partnership"], record["period"]) == ("fife", "2024/25 Q3")


@pytest.mark.parametrize("name", ["shunting"])
def test_as_in_jupyterlab(root, tmp_path, name):
    """Run from top to bottom in its own folder, with no edit, a notebook comes to its run record and writes no file."""
    before = sorted(path.name for path in (root / "notebooks").iterdir())
    book = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(root / "notebooks")}}).execute()
    assert run_record(book)["topic"] == name
    assert sorted(path.name for path in (root / "notebooks").iterdir()) == before

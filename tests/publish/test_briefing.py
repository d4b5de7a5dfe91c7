"""Publishing one briefing: complete, in its place, self-contained, the same bytes; and what happens when it fails."""

import hashlib
import json
import re
import shutil

import nbformat
import pytest

from ijbtools.errors import InputRefused, NotebookFailed
from ijbtools.publish.briefing import Refused, publish
from ijbtools.publish.parameters import check_parameters, parameters_of
from ijbtools.publish.plans import Job, read_plan

PAGE = "highland/2024-25/shunting.html"


@pytest.fixture
def notebook(root, tmp_path):
    """A copy of the notebook that a test may spoil: `spoil(cell, source)` gives a job for it."""

    def spoil(cell_id, source):
        book = nbformat.read(root / "notebooks" / "shunting.ipynb", as_version=4)
        next(cell for cell in book.cells if cell.id == cell_id).source = source
        file = tmp_path / "shunting.ipynb"
        nbformat.write(book, file)
        return Job(file, {"partnership": "highland", "period": "2024/25"})

    return spoil


def test_pages_lie_where_they_should(site):
    """A page lies under its partnership and period, with its run record beside it, and nothing else is left over."""
    files = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    assert [re.sub(r"-[0-9a-f]{8}/", "-DIGEST/", file) for file in files] == [
        "highland/2024-25/shunting-DIGEST/run.json",
        "highland/2024-25/shunting.html",
        "index.html",
        "orkney-islands/2024-25/shunting-DIGEST/run.json",
        "orkney-islands/2024-25/shunting.html",
    ]


def test_the_record_is_of_this_page(site):
    """The run record holds the fingerprint of the page beside it."""
    record = json.loads(next(site.glob("highland/2024-25/shunting-*/run.json")).read_text("utf-8"))
    assert record["page_sha256"] == hashlib.sha256((site / PAGE).read_bytes()).hexdigest()
    assert record["parameters"]["bed_day_cost"] == "hospital_bed_2024_25"


def test_the_page_fetches_and_runs_nothing(site, root):
    """A page has no script, no style attribute, no address that is fetched, no code, no host and no path."""
    html = (site / PAGE).read_text("utf-8")
    assert not re.search(r"<script|<link|<iframe|\sstyle=|\son\w+=|javascript:|@import|url\(", html)
    assert not re.findall(r'(?:src|srcset)="(?!data:image/svg\+xml;base64,)', html)
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html
    for word in (str(root), "import ijbtools", "shunting.compute", "Traceback", "execution_count"):
        assert word not in html


def test_the_page_prints_the_published_days(site):
    """Highland's page prints its 75,093 days, and Scotland's 720,119 days and £445.1 million."""
    html = (site / PAGE).read_text("utf-8").replace("\u00a0", " ")
    for said in (
        "75,093",
        "720,119 days",
        "£445.1 million",
        "£46.4 million",
        "20.4%",
        "lead agency (as at November 2026)",
    ):
        assert said in html


def test_a_page_is_small(site):
    """A page stays below 300 KiB."""
    assert (site / PAGE).stat().st_size < 300 * 1024


def test_contents_lead_to_headings(site):
    """Every entry of the contents is the id of a heading on the page."""
    html = (site / PAGE).read_text("utf-8")
    targets = re.findall(r'<li><a href="#([^"]+)"', html)
    assert len(targets) >= 5
    assert not [target for target in targets if f'id="{target}"' not in html]


def test_the_same_bytes_again(site, root, tmp_path):
    """The same inputs give the same page, byte for byte."""
    plan = read_plan(root / "params" / "plans" / "scotland.yaml", partnerships=("highland",))
    made = publish(plan.jobs[0], plan.home, tmp_path)
    assert made.file.read_bytes() == (site / PAGE).read_bytes()


def test_a_notebook_that_raises_leaves_the_last_good_page(site, root, notebook, tmp_path):
    """A cell that raises is named; the last good page stays as it was, and the failed notebook is kept."""
    out = tmp_path / "out"
    shutil.copytree(site, out)
    job = notebook("compute", "raise RuntimeError('no figures today')")
    with pytest.raises(NotebookFailed, match="no figures today") as failed:
        publish(job, root, out)
    assert (out / PAGE).read_bytes() == (site / PAGE).read_bytes()
    assert (out / "failed" / "shunting.ipynb").exists()
    assert "cell 4" in str(failed.value)
    assert not list(out.glob(".running-*"))


def test_a_kernel_that_dies_leaves_the_last_good_page(site, root, notebook, tmp_path):
    """papermill marks unrun cells as completed when a kernel is killed; the page is not published all the same."""
    out = tmp_path / "out"
    shutil.copytree(site, out)
    with pytest.raises(NotebookFailed, match="stopped before its end"):
        publish(notebook("compute", "import os\nos._exit(1)"), root, out)
    assert (out / PAGE).read_bytes() == (site / PAGE).read_bytes()


def test_a_notebook_without_its_record_is_not_complete(root, notebook, tmp_path):
    """A notebook whose last cell does not give the run record is not published."""
    with pytest.raises(NotebookFailed, match="run record"):
        publish(notebook("working-shown", "report.checks(result)"), root, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.html"))


def test_refused_input_is_said_as_input(root, tmp_path):
    """A partnership that is not in the tables is refused as input, with the nearest, and not as a failed notebook."""
    job = Job(root / "notebooks" / "shunting.ipynb", {"partnership": "glasgow", "period": "2024/25"})
    with pytest.raises(Refused, match="Nearest: glasgow-city") as refused:
        publish(job, root, tmp_path)
    assert refused.value.exit_code == 2


def test_parameters_are_checked_before_a_kernel_starts(root):
    """Unknown names and values of another type are refused, all at once, with the nearest name."""
    file = root / "notebooks" / "shunting.ipynb"
    with pytest.raises(InputRefused) as refused:
        check_parameters(file, {"partnershp": "fife", "period": 2024, "status": True, "data": "x"})
    said = str(refused.value)
    assert "3 problems" in said
    assert "Nearest: partnership." in said
    assert "period = 2024" in said
    assert "status = True" in said


def test_parameters_are_described(root):
    """Every parameter of the notebook has a type and a meaning."""
    declared = parameters_of(root / "notebooks" / "shunting.ipynb")
    assert list(declared)[:2] == ["partnership", "period"]
    assert all(one.kind == "str" and one.meaning for one in declared.values())

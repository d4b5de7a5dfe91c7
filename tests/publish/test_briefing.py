"""Publishing one briefing: complete, in its place, self-contained, and the same bytes."""

import json
import re
from importlib import metadata

import ijbtools
from ijbtools.publish.briefing import publish
from ijbtools.publish.parameters import parameters_of, wrong_parameters
from ijbtools.publish.place import checksums, sha256
from ijbtools.publish.plans import read_plan

PAGE = "highland/2024-25/shunting.html"


def test_pages_lie_where_they_should(site):
    """A page lies under its partnership and period, with its files beside it, and nothing else is left over."""
    files = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    files = [re.sub(r"-[0-9a-f]{8}/", "-DIGEST/", file) for file in files if file != ".lock"]
    for partnership in ("highland", "orkney-islands"):
        own = {file.removeprefix(f"{partnership}/2024-25/") for file in files if file.startswith(partnership)}
        assert own >= {"shunting.html"} | {
            f"shunting-DIGEST/{name}" for name in ("facts.csv", "run.json", "shunting.xlsx")
        }
        assert {name for name in own if "/tables/" in name} >= {"shunting-DIGEST/tables/days.csv"}
    assert {file for file in files if "/" not in file} == {"index.html", "run.html"}


def test_the_record_says_what_the_page_was_made_from(site, root):
    """The record holds parameters, inputs, notebook, code, packages, timings, outputs and the verdict."""
    record = json.loads(next(site.glob("highland/2024-25/shunting-*/run.json")).read_text("utf-8"))
    assert record["parameters"]["data"] == "data/sample/scotland"
    assert record["outputs"]["shunting.html"] == sha256(site / PAGE)
    assert record["notebook"]["sha256"] == sha256(root / "notebooks" / "shunting.ipynb")
    assert all(record["inputs"][name] == sha256(root / name) for name in record["inputs"])
    assert {"data/sample/scotland/delays.csv", "params/common.yaml"} <= record["inputs"].keys()
    assert record["packages"]["pandas"] == metadata.version("pandas")
    assert record["code"]["version"] == ijbtools.__version__
    assert record["seconds"]["notebook"] > 0
    assert record["examiner"] == "passed"
    assert "seed" in record


def test_the_page_leads_to_its_files(site):
    """Every file that the page names lies beside it."""
    html = (site / PAGE).read_text("utf-8")
    named = re.findall(r'href="(shunting-[0-9a-f]{8}/[^"]+)"', html)
    assert any(name.endswith(".xlsx") for name in named)
    assert all((site / PAGE).parent.joinpath(name).is_file() for name in named)


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
    assert len(targets) >= 4
    assert not [target for target in targets if f'id="{target}"' not in html]


def test_the_same_bytes_again(site, root, tmp_path):
    """The same inputs give the same page and files, byte for byte."""
    plan = read_plan(root / "params" / "plans" / "scotland.yaml", partnerships=("highland",))
    made, *_ = [publish(job, plan.home, tmp_path) for job in plan.jobs]
    again, before = checksums(made.file.parent), checksums((site / PAGE).parent)
    assert {name: one for name, one in again.items() if "run.json" not in name} == {
        name: one for name, one in before.items() if "run.json" not in name
    }


def test_parameters_are_checked_before_a_kernel_starts(root):
    """Unknown names and values of another type are refused, all at once, with the nearest name."""
    file = root / "notebooks" / "shunting.ipynb"
    given = {"partnershp": "fife", "period": 2024, "status": True, "data": "x"}
    said = [str(problem) for problem in wrong_parameters(file, given)]
    assert len(said) == 3
    assert "Nearest: partnership." in said[0]
    assert "period = 2024" in said[1]
    assert "status = True" in said[2]


def test_parameters_are_described(root):
    """Every parameter of the notebook has a type and a meaning."""
    declared = parameters_of(root / "notebooks" / "shunting.ipynb")
    assert list(declared)[:2] == ["partnership", "period"]
    assert all(one.kind == "str" and one.meaning for one in declared.values())

"""One's own partnership, the whole way: a new workspace, ledgers' exports as they come, checks, pages, drop-ins.

Glen Almond is invented, and so is every figure; its exports are not those of the sample. The sums are typed in below.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import nbformat
import openpyxl
import pytest

from ijbtools import cli
from ijbtools.inputs.tables import TABLES
from ijbtools.publish.place import checksums

LONG = "Finance – Añadir Größe 2026 with spaces and accents in a name that goes on and on "
EXPORTS = {
    "partnerships": """partnership,name,nation,model,model_from,kind
glen-almond,Glen Almond,scotland,body_corporate,2016-04-01,invented
""",
    "partners": """partnership,partner,name,sector,regime
glen-almond,nhs-almond,NHS Almond,health_board,break_even
glen-almond,almond-council,Almond Council,council,reserves
""",
    "categories": """kind,category,name
category,prevention,prevention and early help
""",
    "services": """service,name,category,care_group,setting
hospital-at-home,Hospital at home,b,older_people,community
home-care,Care at home,e,older_people,community
good-neighbours,Good neighbours,prevention,all,community
""",
    "names": """table,partner,column,ledger,name
,,partner,01,nhs-almond
,,partner,GAC,almond-council
,,service,H40123,hospital-at-home
,,service,S-77,home-care
,,service,S-78,good-neighbours
budgets,,heading,Cost centre,service
budgets,,heading,Annual budget,recurring
budgets,,heading,Non-rec budget,non_recurring
spending,,heading,Cost centre,service
spending,,heading,Cum. actual,actual_to_date
spending,,heading,Cum. budget,budget_to_date
""",
    "returns": """partnership,partner,table,period,ledger_to,precision,status
glen-almond,01,budgets,2026/27 Q2,18/09/2026,1000,provisional
glen-almond,01,spending,2026/27 Q2,18/09/2026,1000,provisional
glen-almond,GAC,budgets,2026/27 Q2,30/09/2026,1,provisional
glen-almond,GAC,spending,2026/27 Q2,30/09/2026,1,provisional
""",
    # 61,234.5 thousand; 48,000,000.50 and 2,750,000.25 pounds: 111,984,500.75 with the one-off 0.00 and (250,000.00)
    "budgets": """Budget monitoring report
Period 6 2026/27,,,,,,
Printed 14/10/2026 by J. Smith

partnership,partner,Cost centre,scope,year,Annual budget,Non-rec budget
glen-almond,01,H40123,delegated,2026/27,"£61,234.50",-
glen-almond,GAC,S-77,delegated,2026/27,"48,000,000.50","(250,000.00)"
glen-almond,GAC,S-78,delegated,2026/27,"2,750,000.25",0
Total GAC,,,,,"50,750,000.75","(250,000.00)"
""",
    "funding": """partnership,partner,year,amount,recurrence,kind,status,dated
glen-almond,01,2026/27,61234500,recurring,base,agreed,2026-03-27
glen-almond,GAC,2026/27,50500000.75,recurring,base,agreed,2026-02-19
Grand total,,,111734500.75,,,,
""",
    "spending": """Cum. means the year to date
partnership,partner,Cost centre,month,Cum. budget,Cum. actual,forecast
glen-almond,01,H40123,2026-04,5100,5140.5,
glen-almond,01,H40123,2026-05,10200,10310,
glen-almond,01,H40123,2026-06,15300,15511.2,
glen-almond,01,H40123,2026-09,30600,31022.4,62100
glen-almond,GAC,S-77,Apr-26,"4,000,000","4,100,000.10",
glen-almond,GAC,S-77,May-26,"8,000,000","8,150,000.30",
glen-almond,GAC,S-77,Jun-26,"12,000,000","12,300,000.60",
glen-almond,GAC,S-77,Sep-26,"24,000,000","24,600,001.20",48900000
""",
}
EXPORTS["budgets"] = EXPORTS["budgets"].replace('"£61,234.50",-', '"£61,234.50",0')


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


def fill(home, **changes):
    """Put the exports into the workspace, as CSV files beside its blank workbook."""
    for name, text in {**EXPORTS, **changes}.items():
        (home / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    plan = home / "params" / "plans" / "briefing.yaml"
    plan.write_text(re.sub(r"(?m)^period: \S+( Q\d)?", "period: 2026/27 Q2", plan.read_text("utf-8")), "utf-8")


def facts(home, notebook="baseline"):
    """The rows of a page's facts."""
    (file,) = (home / "site" / "glen-almond" / "2026-27-q2").glob(f"{notebook}-*/facts.csv")
    return list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))


def test_a_new_workspace_has_all_that_its_readme_names(run, tmp_path):
    """Every file and folder of the README's table is there, and every blank table reads; a full folder is refused."""
    home = tmp_path / "own"
    assert run("new", home)[0] == 0
    named = re.findall(r"(?m)^\| `([\w/.]+)` \|", (home / "README.md").read_text("utf-8"))
    assert [name for name in named if not (home / name).exists()] == ["site/"]
    assert sorted(file.stem for file in (home / "blank").iterdir()) == sorted(TABLES)
    book = openpyxl.load_workbook(home / "data" / "tables.xlsx", read_only=True)
    assert book.sheetnames == ["start", *TABLES, "words"]
    book.close()
    before = checksums(home)
    code, _, err = run("new", home)
    assert (code, "something that is there already" in err) == (2, True)
    assert checksums(home) == before
    assert run("new", tmp_path / "other", "--partnership", "fyfe")[2].count("Nearest: fife") == 1
    assert not (tmp_path / "other").exists()


def test_a_workspace_begins_with_public_figures(run, tmp_path):
    """With a Scottish partnership's id its public figures are there, and the plan is for the last whole year."""
    assert run("new", tmp_path / "own", "--partnership", "orkney-islands")[0] == 0
    code, out, _ = run("check", tmp_path / "own")
    assert code == 0
    assert "  there     delays           288 rows, 2016/17 Q2 to 2025/26 Q1\n" in out
    assert "tables.xlsx, sheet budgets, row 4, column partnership: found no rows" in out
    assert "period: 2024/25 " in (tmp_path / "own" / "params" / "plans" / "briefing.yaml").read_text("utf-8")


def test_the_whole_way(run, tmp_path, monkeypatch):
    """From new to one's own pages on exports as they come, on a path of 200 characters, from another folder."""
    parent = tmp_path / LONG[:60].strip()
    home = parent / (LONG * 3)[: max(20, 200 - len(str(parent)) - 1)].strip()
    parent.mkdir()
    monkeypatch.chdir(tmp_path)
    assert run("new", home)[0] == 0
    assert len(str(home)) >= 195

    # Nothing is filled in yet: told as such, with the sheet to begin with.
    code, _, err = run("publish", home)
    assert (code, "no partnership in the table partnerships" in err) == (2, True)

    fill(home)
    code, out, err = run("check", home)
    assert (code, err) == (0, "")
    assert "  doubtful  budgets          3 rows, 2026/27\n" in out
    assert "budgets.csv, row 9: found a row of totals, which the rows above add up to" in out
    assert "  doubtful  spending         8 rows, 2026-04 to 2026-09\n" in out
    assert "spending.csv, row 6, column actual_to_date: found actual_to_date of 2026-09 without the month before" in out
    assert "spending of nhs-almond in 2026-09, where its ledger reaches 2026-09-18" in out
    assert "  missing   delays           no rows, wanted by shunting\n" in out
    assert "delays, row 4, column partnership: found no rows" in out
    assert (home / "site" / "check.html").exists()

    code, out, err = run("publish", home)
    assert (code, err) == (0, "")
    amounts = {(row["measure"], row["to_partner"]): float(row["amount"]) for row in facts(home)}
    assert amounts["spent_by_recurring", "nhs-almond"] == 61_234_500
    assert amounts["spent_by_recurring", "almond-council"] == 50_750_000.75
    assert amounts["budget_recurring", ""] + amounts["budget_non_recurring", ""] == pytest.approx(111_734_500.75)
    assert amounts["gap_hidden", ""] == 250_000
    html = (home / "site" / "glen-almond" / "2026-27-q2" / "baseline.html").read_text("utf-8")
    assert "Prevention and early help" in html
    assert "18 September 2026" in html.replace("\u00a0", " ")
    assert "Not supplied." in (home / "site" / "glen-almond" / "2026-27-q2" / "shunting.html").read_text("utf-8")
    record = json.loads(next((home / "site").glob("*/*/baseline-*/run.json")).read_text("utf-8"))
    assert str(tmp_path) not in json.dumps(record["inputs"])
    assert run("verify", home / "site")[0] == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {
                "budgets": EXPORTS["budgets"].replace(
                    "Total GAC", "glen-almond,GAC,S-78,delegated,2026/27,9,0\nTotal GAC"
                )
            },
            "budgets.csv, row 9: found glen-almond, almond-council, good-neighbours, delegated, 2026/27 again, as in "
            "row 8; expected one row for each partnership, partner, service, scope, year, locality; what revises",
        ),
        (
            {"names": EXPORTS["names"].replace(",,service,S-78,good-neighbours\n", "")},
            "budgets.csv, row 8, column service: found 'S-78'; expected a short name",
        ),
        (
            {"budgets": EXPORTS["budgets"].replace("50,750,000.75", "50,750,000.70")},
            "budgets.csv, row 9: found a row of totals that does not add up",
        ),
        (
            {"returns": EXPORTS["returns"].replace("01,budgets,2026/27 Q2,18/09/2026,1000", "01,budgets,2026/27,,1")},
            "returns.csv, row 2, column ledger_to: found an empty cell; expected a date such as",
        ),
        (
            {"returns": EXPORTS["returns"].partition("\n")[0] + "\n"},
            "budgets.csv, row 6: found £61,234.50 of nhs-almond (glen-almond) in 2026/27, a thousandth",
        ),
        (
            {"spending": EXPORTS["spending"].replace("5140.5", "5140.5CR")},
            "spending.csv, row 3, column actual_to_date: found '5140.5CR'",
        ),
    ],
    ids=["a budget revised", "a code that is not mapped", "totals", "no closing day", "thousands not said", "a credit"],
)
def test_what_cannot_be_read_is_refused_with_its_repair(run, tmp_path, changes, told):
    """An export that is not understood is refused with file, row and column, and nothing is published."""
    home = tmp_path / "own"
    run("new", home)
    fill(home, **changes)
    code, _, err = run("publish", home)
    assert code == 2
    assert told in err
    assert "Traceback" not in err
    assert not (home / "site").exists()


def test_drop_ins_need_nothing_of_the_package(run, root, tmp_path):
    """A notebook, an assumption, a scenario, a category and a house style of the workspace all reach its pages."""
    home = tmp_path / "own"
    run("new", home)
    fill(home)
    (home / "params" / "sources.yaml").write_text(
        'L01: {publisher: Almond Council, title: Contract register, published: "2026", opened: "yes"}\n', "utf-8"
    )
    (home / "params" / "local.yaml").write_text(
        """bed_day_cash_share: {value: 0.2, source: L01, quality: amber}
visit_cost:
  label: Cost of a visit
  unit: £ a visit
  value: {2026/27: 21.5}
  source: L01
  owner: Chief finance officer
  quality: amber
  range: {low: 19, high: 24}
""",
        "utf-8",
    )
    (home / "house.yaml").write_text(
        'organisation: Glen Almond & Friends\naccent: "#7a0019"\ncontact: finance@almond.example\n', "utf-8"
    )
    book = nbformat.read(root / "notebooks" / "shunting.ipynb", as_version=4)
    book.cells[0].source = "# What does a visit cost?"
    shown = next(cell for cell in book.cells if cell.id == "answer")
    shown.source += "\nfrom IPython.display import Markdown\nvisit = assumptions['visit_cost'].at(result.period)"
    shown.source += "\ndisplay(Markdown(f'A visit costs £{visit:.2f}.'))"
    nbformat.write(book, home / "notebooks" / "visits.ipynb")
    plan = home / "params" / "plans" / "briefing.yaml"
    text = plan.read_text("utf-8").replace("[baseline, shunting, investment]", "[visits]")
    plan.write_text(
        text.replace("  data: data\n", "  data: data\n  scenario: params/scenarios/example.yaml\n"), "utf-8"
    )

    assert "visits: What does a visit cost?" in run("list", home)[1]
    assert "visit_cost (£ a visit): 2026/27 21.5; amber" in run("list", home, "--assumptions")[1]
    assert "bed_day_cash_share (share): 0.2; amber" in run("list", home, "--assumptions")[1]
    code, _, err = run("publish", home)
    assert (code, err) == (0, "")
    html = (home / "site" / "glen-almond" / "2026-27-q2" / "visits.html").read_text("utf-8")
    for words in ("A visit costs £21.50.", "Glen Almond &amp; Friends", "--accent:#7a0019", "finance@almond.example"):
        assert words in html
    assert "Beds give up more cash" in html  # the scenario
    assert "Contract register" in html  # the source of the local assumption
    (home / "house.yaml").write_text('accent: "#88c0d0"\n', "utf-8")
    code, _, err = run("publish", home)
    assert (code, "whose contrast with the page is" in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bed_day_cash_share: {value: 0.2}\n", "bed_day_cash_share: a value without its source"),
        ("bed_day_cash_shar: {value: 0.2, source: S10, quality: red}\n", "Nearest: bed_day_cash_share."),
        ("visit_cost: {label: Cost of a visit, value: 3}\n", "nothing for visit_cost.unit"),
    ],
)
def test_local_assumptions_say_where_they_come_from(run, tmp_path, text, told):
    """A value that is changed without source or quality, an unknown name and a half-said new one are refused."""
    home = tmp_path / "own"
    run("new", home)
    fill(home)
    (home / "params" / "local.yaml").write_text(text, "utf-8")
    code, _, err = run("check", home)
    assert (code, told in err) == (2, True), err


@pytest.fixture(scope="module")
def installed(root, tmp_path_factory):
    """The package as `pip install` lays it down, read by a Python of its own: no checkout beside it."""
    place = tmp_path_factory.mktemp("installed")
    source = place / "source"
    shutil.copytree(
        root, source, ignore=shutil.ignore_patterns(".*", "site", "tests", "*.egg-info", "__pycache__", "benchmarks")
    )
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*command, "-w", str(place), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(place / "package")
    shutil.rmtree(source)
    return place / "package"


def test_an_installed_copy_that_is_read_only_does_the_same(installed, read_only, tmp_path):
    """From a wheel laid down read-only, new, check and publish work from anywhere and write nothing into it."""
    before = checksums(installed)
    read_only(installed)
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def ijb(*arguments):
        command = [sys.executable, "-c", "from ijbtools.cli import main; main()", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=environment, check=False
        )

    home = tmp_path / "Our own ü"
    assert ijb("new", home, "--partnership", "orkney-islands").returncode == 0
    where = subprocess.run(
        [sys.executable, "-c", "import ijbtools; print(ijbtools.__file__)"],
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=True,
    ).stdout  # fmt: skip
    assert str(installed) in where
    assert ijb("check", home).returncode == 0
    done = ijb("publish", home, "--notebook", "shunting")
    assert done.returncode == 0, done.stderr
    assert (home / "site" / "orkney-islands" / "2024-25" / "shunting.html").exists()
    record = json.loads(next((home / "site").glob("*/*/shunting-*/run.json")).read_text("utf-8"))
    assert "ijbtools:params/common.yaml" in record["inputs"]
    assert ijb("verify", home / "site").returncode == 0
    assert checksums(installed) == before

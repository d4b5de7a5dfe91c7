"""Tables of persons through `ijb publish`: what is hidden is in no file of the site, and what the plan exempts is."""

import csv
import json
import re

import openpyxl
import pytest
from click.testing import CliRunner

from ijbtools.cli import ijb
from ijbtools.errors import InputRefused
from ijbtools.inputs.disclosure import Disclosure
from ijbtools.publish import elsewhere
from ijbtools.publish.due import is_due, made_of
from ijbtools.publish.place import checksums
from ijbtools.publish.plans import read_plan
from ijbtools.vocabulary import DELAY_AGE_GROUPS, REASONS

HIDDEN = (379, 1613)  # days of the third and fourth reason in the year; primes that nothing else comes to
EXEMPT = 'exempt: {delays: "published by Public Health Scotland, which has suppressed it"}\n'


@pytest.fixture
def persons(space):
    """The workspace with a table of Orkney's days that has people: in each quarter two of the third reason."""
    lines = ["partnership,period,age_group,reason,bed_days,people"]
    of_year = {
        2023: [(2000, 30), (700, 12), (300, 8), (400, 9)],
        2024: [(2111, 30), (709, 12), (HIDDEN[0] / 4, 1), (HIDDEN[1] / 4, 9)],
    }
    for start, by_reason in of_year.items():
        for reason, (days, people) in zip(REASONS, by_reason, strict=True):
            for age in DELAY_AGE_GROUPS:
                for quarter in range(1, 5):
                    whole = int(days) + (round(4 * days) - 4 * int(days) if quarter == 1 else 0)
                    share = whole // 4 if age == "18-74" else whole - whole // 4
                    period = f"{start}/{start + 1 - 2000} Q{quarter}"
                    lines.append(f"orkney-islands,{period},{age},{reason},{share},{people}")
    (space.home / "data" / "delays.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return space


def published(space):
    """Publish the workspace's plan; what the command said, and the page's folder of files."""
    done = CliRunner().invoke(ijb, ["publish", str(space.plan)], standalone_mode=False)
    assert done.exit_code == 0, done.output
    [folder] = space.page.parent.glob("shunting-????????")
    return folder


def told(page, folder):
    """Every text that is published of a page: itself, its files, the cells of its workbook."""
    texts = {page.name: re.sub(r'(?:src|srcset)="[^"]*"', "", page.read_text("utf-8"))}
    for file in folder.rglob("*"):
        if file.suffix == ".csv":
            texts[file.name] = cells_of(file)
        elif file.suffix == ".json":
            texts[file.name] = file.read_text("utf-8")
        elif file.suffix == ".xlsx":
            book = openpyxl.load_workbook(file)
            cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
            texts[file.name] = "\n".join(cells)
    return texts


def cells_of(file):
    """Every cell of a CSV file on a line of its own, so that no comma stands beside a number."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        return "\n".join(cell for row in csv.reader(text) for cell in row)


def has(text, number):
    return bool(re.search(rf"(?<![\d.,\w-])(?:{number}|{number:,})(?![\d\w]|[.,-]\d)", text))


def test_hidden_days_are_in_no_file(persons):
    """Page, CSV, workbook and record have [c] and the two reasons together; a log says what is hidden, and why."""
    folder = published(persons)
    texts = told(persons.page, folder)
    assert {"facts.csv", "days.csv", "run.json", "shunting.xlsx", "suppressed.csv"} <= texts.keys()
    assert [(name, number) for name, text in texts.items() for number in HIDDEN if has(text, number)] == []
    for name in ("shunting.html", "days.csv", "shunting.xlsx"):
        assert "[c]" in texts[name], name
        assert has(texts[name], sum(HIDDEN)), name
    assert "[c]: fewer than 5 people in a quarter of the year" in texts["shunting.html"]
    assert "[c]: fewer than 5 people in a quarter of the year" in texts["shunting.xlsx"]
    assert texts["suppressed.csv"].splitlines()[5:9] == [
        "orkney-islands", "2024/25", "days of the reason", REASONS["code_9_other"],
    ]  # fmt: skip
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert record["disclosure"] == {"suppress_below": 5, "exempt": {}}
    assert [one["word"] for one in record["suppressed"]] == [REASONS["code_9_other"], REASONS["patient_and_family"]]
    assert "primary" not in "".join(texts.values())
    assert '<a href="shunting-' in texts["shunting.html"]
    assert "suppressed.csv" in texts["shunting.html"]


def test_an_exemption_shows_all_and_its_reason(persons):
    """A plan that exempts the table by name shows every reason and prints why; taking it back makes the page due."""
    plain = persons.plan.read_text("utf-8")
    persons.plan.write_text(plain + EXEMPT, encoding="utf-8")
    folder = published(persons)
    texts = told(persons.page, folder)
    assert all(has(texts[name], number) for name in ("shunting.html", "days.csv", "facts.csv") for number in HIDDEN)
    assert "[c]" not in "".join(texts.values())
    assert "published by Public Health Scotland, which has suppressed it" in texts["shunting.html"]
    assert "suppressed.csv" not in texts
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert list(record["exempted"]) == ["delays"]
    job = read_plan(persons.plan).jobs[0]
    assert not is_due(job, persons.home, persons.out, made_of(job, persons.home))
    persons.plan.write_text(plain, encoding="utf-8")
    job = read_plan(persons.plan).jobs[0]
    assert is_due(job, persons.home, persons.out, made_of(job, persons.home))
    assert "[c]" in told(persons.page, published(persons))["days.csv"]


def test_another_threshold(persons):
    """`suppress_below: 0` hides nothing and exempts nothing; another number is another page."""
    plain = persons.plan.read_text("utf-8")
    persons.plan.write_text(plain + "suppress_below: 0\n", encoding="utf-8")
    text = told(persons.page, published(persons))
    assert has(text["days.csv"], HIDDEN[0])
    assert "Exempt." not in text["shunting.html"]
    prints = set()
    for below in (0, 5, 10):
        persons.plan.write_text(f"{plain}suppress_below: {below}\n", encoding="utf-8")
        prints.add(made_of(read_plan(persons.plan).jobs[0], persons.home))
    assert len(prints) == 3


def test_a_worker_elsewhere_hides_the_same(persons):
    """What a plan says of suppression goes with the job to a cluster's worker: the same bytes come back."""
    persons.plan.write_text(persons.plan.read_text("utf-8") + "suppress_below: 10\n", encoding="utf-8")
    planned = read_plan(persons.plan)
    [job] = planned.jobs
    assert job.disclosure == Disclosure(10, {})
    folder = published(persons)
    parcel = elsewhere.parcels([planned])[persons.home]
    made = elsewhere.make_elsewhere(parcel, job.name, job.parameters, job.disclosure)
    assert made.html == persons.page.read_text("utf-8")
    assert set(made.files) == set(checksums(folder)) - {"run.json"}
    assert "fewer than 10 people" in made.html


def test_published_figures_are_as_they_were(space):
    """Without counts of people the page is the same whatever the plan says, but for the folder of its files."""
    before = space.page.read_text("utf-8")
    space.plan.write_text(space.plan.read_text("utf-8") + EXEMPT + "suppress_below: 7\n", encoding="utf-8")
    folder = published(space)
    after = space.page.read_text("utf-8")
    assert re.sub(r"shunting-[0-9a-f]{8}", "", before) == re.sub(r"shunting-[0-9a-f]{8}", "", after)
    assert not (folder / "suppressed.csv").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("suppress_below: -1\n", "suppress_below"),
        ("suppress_below: few\n", "suppress_below"),
        ("exempt: {budgets: mine}\n", "exempt only tables with people behind them, delays"),
        ('exempt: {delays: " "}\n', "exempt with a reason for delays"),
    ],
)
def test_a_wrong_line_is_refused(space, line, said):
    """A threshold that is none, a table that has no people, or an exemption without its reason is refused."""
    space.plan.write_text(space.plan.read_text("utf-8") + line, encoding="utf-8")
    with pytest.raises(InputRefused, match=said):
        read_plan(space.plan)

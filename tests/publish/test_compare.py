"""Two quarters or two scenarios of a page, figure by figure, and what moved each.

The small workspace has one partnership whose days and prices make sums that can be done by hand: 300 days in the first
quarter and 200 in the second, at £618.12 a day, of which 15% is cash.
"""

import csv
import io
import json
import math
import os
import shutil
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ijbtools
from ijbtools.cli import ijb
from ijbtools.errors import InputRefused, PageRefused
from ijbtools.inputs import load
from ijbtools.inputs.disclosure import DISCLOSURE, Disclosure
from ijbtools.inputs.workspace import VARIABLE
from ijbtools.publish import _sides as sides
from ijbtools.publish import briefing, due
from ijbtools.publish._measures import flow, said
from ijbtools.publish._moves import ASSUMED, KINDS, METHOD, NEW, REVISED, Row, Step, keyed, moves, taken_apart
from ijbtools.publish._told import because, finding, lines
from ijbtools.publish.compare import as_csv, compare, default_folder, write
from ijbtools.publish.place import checksums, sha256
from ijbtools.report import files, parts, recording
from ijbtools.report.examine import examine
from ijbtools.topics import baseline, shunting
from ijbtools.topics.result import FACT_COLUMNS

BED, CASH, CARE = 618.12, 0.15, 126.0
PARTNERSHIPS = """partnership,name,nation,model,model_from,started_on,kind,host
ardle,Ardle IJB,scotland,body_corporate,2016-04-01,2016-04-01,invented,
"""
PARTNERS = """partnership,partner,name,sector,regime,capital_counts,capital_limit
ardle,nhs-ardle,NHS Ardle,health_board,break_even,,
ardle,ardle-council,Ardle Council,council,reserves,,
"""
DELAYS = """partnership,period,age_group,reason,bed_days,people
ardle,2025/26 Q1,75+,health_and_social_care,100,
ardle,2026/27 Q1,75+,health_and_social_care,250,
ardle,2026/27 Q1,75+,patient_and_family,50,
ardle,2026/27 Q2,75+,health_and_social_care,200,
"""


@pytest.fixture
def home(tmp_path, root):
    """A workspace of one partnership: params that a test may change, and three small tables."""
    own = tmp_path / "Our team"
    shutil.copytree(root / "params", own / "params", ignore=shutil.ignore_patterns("plans", ".ipynb_checkpoints"))
    (own / "params" / "scenarios").mkdir()
    (own / "data").mkdir()
    for name, text in (("partnerships", PARTNERSHIPS), ("partners", PARTNERS), ("delays", DELAYS)):
        (own / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    return own


def scenario(home, name="low", **values):
    """A scenario file of the workspace, as seen from there."""
    text = f"label: {name.capitalize()}\nassumptions:\n" + "".join(f"  {k}: {v}\n" for k, v in values.items())
    (home / "params" / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return f"params/scenarios/{name}.yaml"


def revise(home, before, after, table="delays"):
    """Put other words into a table."""
    file = home / "data" / f"{table}.csv"
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def published(home, period, topic=shunting, partnership="ardle", out="site", data="data", made_by=None, **parameters):
    """A page as publishing leaves it: headline, files and record of the true notebook's last cell, without a kernel."""
    rules = parameters.pop("disclosure", Disclosure())
    scenario_file = parameters.pop("scenario", "")
    before = {name: os.environ.pop(name, None) for name in (VARIABLE, recording.FILES, DISCLOSURE)}
    os.environ |= {VARIABLE: str(home), DISCLOSURE: rules.text}
    try:
        tables, assumptions = load(data, topic.READS, scenario_file)
        result = topic.compute(tables, assumptions).only(partnership, period)
        name = topic.__name__.rpartition(".")[2]
        folder = home / out / partnership / result.period.slug
        shutil.rmtree(folder, ignore_errors=True)
        beside = folder / f"{name}-0123abcd"
        beside.mkdir(parents=True)
        if parameters.pop("whole", False):
            os.environ[recording.FILES] = str(beside)
        else:  # what is compared; tables and the workbook take seconds
            files._write_csv(beside / "facts.csv", [FACT_COLUMNS, *files._cells(files._rows(files._facts(result)))])
        standing = {"status": "draft", "prepared_by": "", "signed_by": ""}
        made = recording.record(result, tables, assumptions, data=data, scenario=scenario_file, **standing)
    finally:
        for name_, value in before.items():
            os.environ.pop(name_, None)
            if value is not None:
                os.environ[name_] = value
    page = folder / f"{name}.html"
    page.write_text(parts.headline(result).html, encoding="utf-8")
    notebook = sides.notebooks_in(home)[name]
    record = made.data[recording.RECORD] | {
        "title": "Who decides, and who bears the cost of delayed discharge?",
        "digest": "0123abcd",
        "notebook": {"name": f"{name}.ipynb", "sha256": sha256(notebook)},
        "code": {"version": ijbtools.__version__, "revision": "", "files": due.environment()["code"]},
        "packages": {one: metadata.version(one) for one in briefing.PACKAGES},
        "disclosure": {"suppress_below": rules.below, "exempt": dict(rules.exempt)},
        "published_at": "2026-10-20T06:00:00+00:00",
    }
    rerecord(page, **(record | (made_by or {})))
    return page


def rerecord(page, **changes):
    """Write the run record again with other words, and with the checksums of what is there."""
    beside = next(page.parent.glob(f"{page.stem}-????????"))
    file = beside / "run.json"
    record = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for name, value in changes.items():
        record = {k: v for k, v in record.items() if k != name} | ({} if value is None else {name: value})
    own = {f"{beside.name}/{name}": one for name, one in checksums(beside).items() if name != "run.json"}
    record["outputs"] = own | {page.name: sha256(page)}
    file.write_text(json.dumps(record), encoding="utf-8")


def made_elsewhere(page, add=0.0):
    """The page as another version of the package would have made it: its delayed days are so many more."""
    facts = next(page.parent.glob("*/facts.csv"))
    with facts.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    for row in rows:
        if row[3] == "bed_days":
            row[6] = repr(float(row[6]) + add)
    with facts.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    rerecord(page, code={"version": "0.0.9", "revision": "", "files": "f" * 64})


def move(compared, measure="bed_days", to_partner=""):
    """The one figure of that name."""
    [found] = [
        one
        for one in compared.moves
        if one.key.measure == measure and one.key.to_partner == to_partner and not one.key.from_partner
    ]
    return found


def pence(value):
    """To the penny, as sums of doubles leave less than that over."""
    return pytest.approx(value, abs=0.005)


def closes(compared):
    """Every change is the sum of its parts and of what cannot be told apart, to half a penny."""
    for one in compared.moves:
        if not math.isnan(one.change):
            assert sum(one.parts.values()) + one.together == pytest.approx(one.change, abs=0.005)
            assert not set(one.parts) & set(one.among)
    return True


def test_another_quarter_is_new_data(home):
    """Two quarters from the same tables, params and code: all that moved is new data."""
    first = published(home, "2026/27 Q1", whole=True)
    found = compare(first, str(published(home, "2026/27 Q2", whole=True)))
    days, borne = move(found), move(found, "borne_full_average")
    assert (days.before, days.after, days.parts) == (300, 500, {NEW: 200})
    # 500 days · £618.12 − 300 days · £618.12 = £309,060.00 − £185,436.00
    assert borne.change == pence(123_624.00)
    assert borne.parts == {NEW: pence(123_624.00)}
    assert found.differ == {NEW}
    assert found.heads == ("2026/27 Q1", "2026/27 Q2")
    assert closes(found)


def test_a_scenario_is_an_assumption(home):
    """A page and the same with a scenario file: all that moved is the assumption, and days stay."""
    page = published(home, "2026/27 Q1")
    found = compare(page, scenario(home, bed_day_cash_share=0.25))
    cash = move(found, "borne_cash_releasing")
    # 300 days · £618.12 · (25% − 15%)
    assert cash.parts == {ASSUMED: pence(18_543.60)}
    assert cash.percent == pytest.approx(200 / 3)
    assert not move(found).moved
    assert move(found, "borne_full_average").parts == {}
    assert found.heads == ("Without a scenario", "Low")
    assert closes(found)


def test_two_published_scenarios_are_compared(home):
    """Two pages of one period, published with two scenarios into two folders: all that moved is the assumption."""
    low = scenario(home, "low", bed_day_cash_share=0.10)
    high = scenario(home, "high", bed_day_cash_share=0.40)
    first = published(home, "2026/27 Q1", scenario=low, out="low")
    found = compare(first, str(published(home, "2026/27 Q1", scenario=high, out="high")))
    # 300 days · £618.12 · (40% − 10%)
    assert move(found, "borne_cash_releasing").parts == {ASSUMED: pence(55_630.80)}
    assert found.heads == ("Low", "High")
    assert default_folder(found).name == "ardle-shunting-low-high"


def test_a_revised_row_is_revised_data(home):
    """A page against now: a row of its tables says something else, and all that moved is revised data."""
    page = published(home, "2026/27 Q1")
    revise(home, "patient_and_family,50", "patient_and_family,60")
    found = compare(page)
    assert move(found).parts == {REVISED: 10}
    assert move(found, "borne_full_average").parts == {REVISED: pence(6_181.20)}  # 10 days · £618.12
    assert found.heads == ("As published", "Now")
    assert closes(found)


def test_all_three_at_once_are_told_apart(home):
    """A revised row, a scenario and another quarter: each part is what it alone moves, in the order of the steps."""
    first = published(home, "2026/27 Q1")
    revise(home, "patient_and_family,50", "patient_and_family,60")
    low = scenario(home, bed_day_cost="{value: {2024/25: 500}}")
    found = compare(first, str(published(home, "2026/27 Q2", scenario=low)))
    borne = move(found, "borne_full_average")
    # revised data: 10 days · £618.12; assumption: 310 days · (£500 − £618.12); new data: 200 days · £500
    expected = {NEW: 100_000.00, REVISED: 6_181.20, ASSUMED: -36_617.20}
    assert borne.parts == {kind: pence(one) for kind, one in expected.items()}
    assert borne.change == pence(69_564.00)  # 510 · £500 − 300 · £618.12 = £255,000 − £185,436
    assert borne.together == 0
    assert closes(found)


def test_further_months_are_not_revised_data(home):
    """A table that has only grown by the new quarter is another file, and yet nothing of it is revised."""
    revise(home, "ardle,2026/27 Q2,75+,health_and_social_care,200,\n", "")
    first = published(home, "2026/27 Q1")
    with (home / "data" / "delays.csv").open("a", encoding="utf-8") as table:
        table.write("ardle,2026/27 Q2,75+,health_and_social_care,200,\n")
    found = compare(first, str(published(home, "2026/27 Q2")))
    assert found.differ == {NEW, REVISED}
    assert move(found).parts == {NEW: 200}
    assert closes(found)


def test_a_value_by_date_is_an_assumption(home):
    """A value that is another in another year is told from the days of that year."""
    by_date = scenario(home, bed_day_cost="{value: {2025/26: 600, 2026/27: 700}}")
    first = published(home, "2025/26 Q1", scenario=by_date)
    found = compare(first, str(published(home, "2026/27 Q1", scenario=by_date)))
    borne = move(found, "borne_full_average")
    # assumption: 100 days · (£700 − £600); new data: (300 − 100) days · £700
    assert borne.parts == {NEW: pence(140_000), ASSUMED: pence(10_000)}
    assert move(found).parts == {NEW: 200}
    assert closes(found)


def test_a_period_is_worked_out_now(home):
    """A page against another period by its name: that period is worked out from what is there now."""
    found = compare(published(home, "2026/27 Q1"), "2026/27 Q2")
    assert move(found).parts == {NEW: 200}
    assert found.heads == ("2026/27 Q1", "2026/27 Q2, now")


def test_params_changed_since_are_put_back(home):
    """Params and a table changed since: the record holds the values of then, so the two are told apart."""
    page = published(home, "2026/27 Q1")
    revise(home, "patient_and_family,50", "patient_and_family,60")
    common = home / "params" / "common.yaml"
    common.write_text(common.read_text("utf-8").replace("value: 0.15", "value: 0.25"), encoding="utf-8")
    cash = move(found := compare(page), "borne_cash_releasing")
    # revised data: 10 days · £618.12 · 15%; assumption: 310 days · £618.12 · 10%
    assert cash.parts == {REVISED: pence(927.18), ASSUMED: pence(19_161.72)}
    assert closes(found)


def test_without_the_values_of_then_they_are_not_told_apart(home):
    """The same for a record from before values were recorded: not told apart, and in no part a nothing is claimed."""
    page = published(home, "2026/27 Q1")
    rerecord(page, assumptions=None)
    revise(home, "patient_and_family,50", "patient_and_family,60")
    common = home / "params" / "common.yaml"
    common.write_text(common.read_text("utf-8").replace("value: 0.15", "value: 0.25"), encoding="utf-8")
    cash = move(found := compare(page), "borne_cash_releasing")
    assert cash.parts == {}
    assert cash.among == (REVISED, ASSUMED)
    assert cash.together == pence(20_088.90)  # 310 · £618.12 · 25% − 300 · £618.12 · 15%
    assert because(cash) == "What moved it cannot be told apart: revised data or assumption."
    assert closes(found)


def test_without_values_but_with_the_same_params_they_are_known(home):
    """A record from before values were recorded whose params are what they were: its values are today's."""
    page = published(home, "2026/27 Q1")
    rerecord(page, assumptions=None)
    revise(home, "patient_and_family,50", "patient_and_family,60")
    found = compare(page, scenario(home, bed_day_cash_share=0.25))
    assert move(found, "borne_cash_releasing").parts == {REVISED: pence(927.18), ASSUMED: pence(19_161.72)}


def test_other_code_is_the_method(home):
    """Made by another version from the same tables and values: what moved is the method."""
    page = published(home, "2026/27 Q1")
    made_elsewhere(page, add=7)
    found = compare(page)
    assert (move(found).before, move(found).parts) == (307, {METHOD: -7})


def test_other_code_beside_a_scenario_is_told_apart(home):
    """Another version and another scenario: the method is what today's code gives with the values of then."""
    page = published(home, "2026/27 Q1")
    made_elsewhere(page, add=7)
    found = compare(page, scenario(home, bed_day_cash_share=0.25))
    assert move(found).parts == {METHOD: -7}
    assert move(found, "borne_cash_releasing").parts == {ASSUMED: pence(18_543.60)}


def test_other_code_and_revised_tables_are_not_told_apart(home):
    """Another version and revised tables: neither can be put back, and the figures that moved say so."""
    page = published(home, "2026/27 Q1")
    made_elsewhere(page, add=7)
    revise(home, "patient_and_family,50", "patient_and_family,60")
    found = compare(page)
    assert (move(found).parts, move(found).among, move(found).together) == ({}, (REVISED, METHOD), 3)
    assert closes(found)


def test_code_that_is_not_known_is_not_taken_for_another(home):
    """Where nothing says whether the code is the same, and a page worked out again is as it was, it moved nothing."""
    page = published(home, "2026/27 Q1", made_by={"code": {"version": ijbtools.__version__, "revision": "abc-dirty"}})
    found = compare(page, "2026/27 Q2")
    assert METHOD in found.differ
    assert move(found).parts == {NEW: 200}


def test_code_is_the_same_where_that_is_known():
    """Checksums decide, then clean revisions, then a release's version; a changed checkout is not known."""
    plain = {"notebook": {"sha256": "n"}, "packages": {"numpy": "2"}}

    def code(version="1", revision="", files=""):
        return plain | {"code": {"version": version, "revision": revision, "files": files}}

    assert sides.same_code(code(files="a"), code(version="2", files="a")) is True
    assert sides.same_code(code(files="a"), code(files="b")) is False
    assert sides.same_code(code(revision="a"), code(revision="a")) is True
    assert sides.same_code(code(revision="a"), code(revision="b")) is False
    assert sides.same_code(code(revision="a-dirty"), code(revision="a-dirty")) is None
    assert sides.same_code(code(revision="a"), code()) is None
    assert sides.same_code(code(), code()) is True
    assert sides.same_code(code(), code(version="2")) is False
    assert sides.same_code(code(), code() | {"notebook": {"sha256": "m"}}) is False
    assert sides.same_code(code(), code() | {"packages": {"numpy": "3"}}) is False


def test_a_figure_of_one_side_alone_is_not_known_on_the_other(home):
    """A mechanism that only the second quarter has is there with its figure, and the other side is not known."""
    (home / "data" / "mechanisms.csv").write_text(
        "partnership,mechanism,instead_of,decides,bears,period,quantity,unit,unit_amount,basis,source\n"
        "ardle,early discharge,a week later,nhs-ardle,ardle-council,2026/27 Q2,10,days,100,full_average,invented\n",
        encoding="utf-8",
    )
    found = compare(published(home, "2026/27 Q1"), str(published(home, "2026/27 Q2")))
    [other] = [one for one in found.moves if one.key.measure == "mechanism_full_average"]
    assert math.isnan(other.before)
    assert other.after == 1_000
    assert other.parts == {}
    [line] = [one for one in csv.DictReader(io.StringIO(as_csv(found))) if one["measure"] == "mechanism_full_average"]
    empty = ("a", "change", "change_percent", "new_data", "revised_data", "assumption", "method", "not_told_apart")
    assert [line[name] for name in empty] == [""] * len(empty)


def test_nothing_moved_is_said(home):
    """A page against itself: every figure is the same, and the finding says so."""
    page = published(home, "2026/27 Q1")
    found = compare(page, str(page))
    assert finding(found).startswith("Nothing moved: all ")
    assert found.differ == frozenset()
    assert not any(one.moved for one in found.moves)


@given(
    days=st.lists(st.integers(0, 5_000), min_size=6, max_size=6),
    shares=st.lists(st.floats(0, 1, allow_nan=False), min_size=2, max_size=2),
    known=st.lists(st.sets(st.sampled_from(KINDS), max_size=3), min_size=5, max_size=5),
    differ=st.sets(st.sampled_from(KINDS)),
)
def test_parts_sum_to_the_change(days, shares, known, differ):
    """Whatever each step changes, and whatever of it is known, the parts and the rest sum to the change."""
    amounts = [one * BED * shares[at % 2] for at, one in enumerate(days)]
    parts_, together, among = taken_apart(amounts, [frozenset(one) for one in known], frozenset(differ))
    assert sum(parts_.values()) + together == pytest.approx(amounts[-1] - amounts[0], abs=0.005)
    assert set(parts_) <= differ
    assert not set(parts_) & set(among)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    revised=st.integers(0, 2_000),
    later=st.integers(0, 2_000),
    share=st.floats(0.05, 0.95, allow_nan=False),
    bed=st.floats(1, 2_000, allow_nan=False),
)
def test_parts_of_pages_sum_to_the_change(home, revised, later, share, bed):
    """For whatever tables and assumptions the second page is made from, every change is the sum of its parts."""
    (home / "data" / "delays.csv").write_text(DELAYS, encoding="utf-8")
    first = published(home, "2026/27 Q1")
    revise(home, "patient_and_family,50", f"patient_and_family,{revised}")
    revise(home, "2026/27 Q2,75+,health_and_social_care,200", f"2026/27 Q2,75+,health_and_social_care,{later}")
    low = scenario(home, bed_day_cash_share=share, bed_day_cost=f"{{value: {{2024/25: {bed}}}}}")
    found = compare(first, str(published(home, "2026/27 Q2", scenario=low)))
    assert closes(found)
    cash = move(found, "borne_cash_releasing")
    assert cash.parts.get(REVISED, 0) == pytest.approx((revised - 50) * BED * CASH, abs=0.005)
    assert cash.parts.get(NEW, 0) == pytest.approx(later * bed * share, abs=0.005)


def test_figures_of_years_are_matched_year_by_year():
    """A measure of several years is matched by its year, one that a page has once with that of the other page."""
    first = [Row("a", "2025/26", "gap", "", "", 1, "£", ""), Row("a", "2026/27", "plan", "", "", 5, "£", "")]
    first.append(Row("a", "2027/28", "plan", "", "", 6, "£", ""))
    second = [Row("a", "2026/27", "gap", "", "", 3, "£", ""), Row("a", "2027/28", "plan", "", "", 9, "£", "")]
    found = {(one.key.measure, one.key.year): one for one in moves(first, [Step(frozenset({NEW}), second)], {NEW})}
    assert found["gap", ""].parts == {NEW: 2}
    assert found["plan", "2027/28"].parts == {NEW: 3}
    assert math.isnan(found["plan", "2026/27"].after)


def test_rows_that_have_all_in_common_are_matched_in_order():
    """Two rows with the same measure, flow and unit are matched first with first and second with second."""
    rows = [Row("a", "2025/26", "use", "", "", amount, "£", "") for amount in (1.0, 2.0)]
    assert [key.number for key in keyed(rows, set())] == [0, 1]


def test_older_tables_of_both_leave_a_rest():
    """Both made from tables that have since been revised: the parts are today's, and what they leave is said."""
    steps = [frozenset({REVISED}), frozenset({ASSUMED}), frozenset({NEW}), frozenset({REVISED})]
    parts_, together, among = taken_apart([100, 110, 121, 130, 118], steps, frozenset({ASSUMED, NEW}))
    assert (parts_, together, among) == ({NEW: 9, ASSUMED: 11}, -2, ())


def test_older_code_of_both_is_not_the_method(home):
    """Both made by one older version, from tables revised in between: what moved between them is revised data."""
    first = published(home, "2026/27 Q1")
    made_elsewhere(first, add=7)
    revise(home, "patient_and_family,50", "patient_and_family,60")
    second = published(home, "2026/27 Q2", scenario=scenario(home, bed_day_cash_share=0.25))
    made_elsewhere(second, add=7)
    found = compare(first, str(second))
    assert METHOD not in found.differ
    assert (move(found).change, move(found).parts) == (210, {NEW: 200, REVISED: 10})
    assert closes(found)


def test_what_few_people_are_behind_stays_hidden(home):
    """What is worked out now is suppressed as the page's plan said: a reason of few people is in no figure."""
    text = DELAYS.replace(",50,\n", ",50,2\n").replace("250,\n", "250,40\n").replace("200,\n", "200,30\n")
    (home / "data" / "delays.csv").write_text(text, encoding="utf-8")
    found = compare(published(home, "2026/27 Q1"), "2026/27 Q2")
    assert not [one for one in found.moves if "patient_and_family" in one.key.measure]
    assert move(found).parts == {NEW: 200}
    shown = compare(published(home, "2026/27 Q1", disclosure=Disclosure(0)), "2026/27 Q2")
    assert [one for one in shown.moves if "patient_and_family" in one.key.measure]


def test_baseline_pages_are_compared(root, tmp_path):
    """Pages of another topic, of two years: budgets are new data, and every change is the sum of its parts."""
    home = tmp_path / "home"
    shutil.copytree(root / "params", home / "params", ignore=shutil.ignore_patterns("plans"))
    where = {"topic": baseline, "partnership": "strathorran", "data": "data/sample/invented"}
    found = compare(published(home, "2025/26", **where), str(published(home, "2026/27 Q2", **where)))
    money = move(found, "funding_recurring")
    assert (money.before, money.after, money.parts) == (236e6, 243e6, {NEW: 7e6})
    assert closes(found)


def test_two_partnerships_or_notebooks_are_refused(home):
    """Pages of two partnerships, and of two notebooks, are different things; each is said."""
    page, other = published(home, "2026/27 Q1"), published(home, "2026/27 Q1", out="other")
    rerecord(other, partnership="elsewhere", notebook={"name": "investment.ipynb", "sha256": ""})
    with pytest.raises(InputRefused) as refused:
        compare(page, str(other))
    assert [one.found for one in refused.value.problems] == ["the partnership elsewhere", "the notebook investment"]


def test_what_is_no_page_is_refused(home):
    """No file, a folder, a page without a record, a slip of a word, a scenario that is not there: each is said."""
    page = published(home, "2026/27 Q1")
    lone = home / "lone.html"
    lone.write_text("<p>alone</p>", encoding="utf-8")
    for before, after, found in (
        (home / "no.html", "now", "no such file"),
        (page.parent, "now", "a folder with shunting.html"),
        (lone, "now", "no run record beside it"),
        (page, "nwo", "'nwo'"),
        (page, "params/scenarios/none.yaml", "no such file"),
        (page, "2031/32", "'2031/32'"),
    ):
        with pytest.raises(InputRefused) as refused:
            compare(before, after)
        assert refused.value.problems[0].found == found


@pytest.mark.parametrize("spoilt", ["facts.csv", "page", "record", "no facts", "words", "values"])
def test_damaged_files_are_refused(home, spoilt):
    """Facts or a page that are not what the record says, and a record that is not whole: exit code 4, in a sentence."""
    page = published(home, "2026/27 Q1")
    facts = next(page.parent.glob("*/facts.csv"))
    if spoilt == "facts.csv":
        facts.write_text(facts.read_text("utf-8").replace("300", "301"), encoding="utf-8")
    elif spoilt == "page":
        page.write_text("<p>another</p>", encoding="utf-8")
    elif spoilt == "record":
        (facts.parent / "run.json").write_text("{", encoding="utf-8")
    elif spoilt == "no facts":
        facts.unlink()
    else:
        rerecord(page, **({"period": "2026"} if spoilt == "words" else {"assumptions": {"bed_day_cost": 618.12}}))
    with pytest.raises(PageRefused) as refused:
        compare(page)
    assert refused.value.exit_code == 4
    assert "Traceback" not in str(refused.value)


def test_a_page_is_named_by_its_folder_or_record_too(home):
    """The page, its folder of files and its run record mean the same page."""
    page = published(home, "2026/27 Q1")
    beside = next(page.parent.glob("shunting-????????"))
    assert {sides.published(one).page for one in (page, beside, beside / "run.json")} == {page}


def test_key_figures_are_those_that_the_page_prints(home):
    """The key figures are read from the page as they stand there."""
    page = published(home, "2026/27 Q1")
    first = sides.published(page).key_figures[0]
    assert (first.label, first.value) == ("Days delayed", "300")


def test_the_csv_file_is_for_spreadsheets(home):
    """UTF-8 with its mark, a row a figure, key figures first, parts that sum, no cell that is a formula."""
    revise(home, "NHS Ardle", "'=HYPERLINK(1)", table="partners")
    first = published(home, "2026/27 Q1")
    found = compare(first, str(published(home, "2026/27 Q2")))
    text = as_csv(found)
    assert text.startswith("\ufeffpartnership,key_figure,figure,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == len(found.moves)
    assert [one["key_figure"] for one in rows] == sorted((one["key_figure"] for one in rows), reverse=True)
    for row in rows:
        assert not row["figure"].startswith(("=", "+", "-", "@"))
        if row["change"]:
            whole = sum(float(row[one] or 0) for one in ("new_data", "revised_data", "assumption", "method"))
            assert whole + float(row["not_told_apart"]) == pytest.approx(float(row["change"]), abs=0.005)


def test_the_page_passes_and_says_what_it_compares(home):
    """The page passes the examiner, says invented first, names both sides with links, and what differs."""
    first = published(home, "2026/27 Q1")
    revise(home, "patient_and_family,50", "patient_and_family,60")
    low = scenario(home, bed_day_cash_share=0.25)
    found = compare(first, str(published(home, "2026/27 Q2", scenario=low)))
    page, figures = write(found, default_folder(found))
    html = page.read_text("utf-8")
    assert examine(html) == []
    assert html.index("Invented.") < html.index("What moved most")
    assert 'href="../../ardle/2026-27-q1/shunting.html"' in html
    assert (page.parent / "../../ardle/2026-27-q1/shunting.html").resolve() == first
    for words in ("delays.csv", "Part of a bed day’s cost that a budget can give up", "<td>0.15</td><td>0.25</td>"):
        assert words in html
    assert "6 months" in html
    assert page.parent == home / "site" / "compare" / "ardle-shunting-2026-27-q1-2026-27-q2"
    assert figures.read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_same_pages_give_the_same_bytes(home):
    """Two comparisons of the same pages on one day are the same, byte for byte."""
    first, second = published(home, "2026/27 Q1"), published(home, "2026/27 Q2")
    folders = [home / "site" / "compare" / name for name in ("once", "twice")]
    for folder in folders:
        write(compare(first, str(second)), folder)
    assert checksums(folders[0]) == checksums(folders[1])


def test_words_of_others_are_only_text(home):
    """A name that is HTML stays text on the page."""
    page = published(home, "2026/27 Q1")
    rerecord(page, name="<script>alert(1)</script>", title="A <b>question</b>?")
    html = write(compare(page), home / "out")[0].read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "A &lt;b&gt;question" in html


def test_what_cannot_be_worked_out_again_is_not_told_apart(home):
    """Today's tables no longer have A's period: the change is whole and not told apart, and the page says why."""
    first = published(home, "2025/26 Q1")
    second = published(home, "2026/27 Q1", scenario=scenario(home, bed_day_cash_share=0.25))
    revise(home, "ardle,2025/26 Q1,75+,health_and_social_care,100,\n", "")
    found = compare(first, str(second))
    assert "2025/26 Q1" in found.unknown
    assert (move(found).together, move(found).among) == (200, (NEW, ASSUMED))
    html = write(found, home / "out")[0].read_text("utf-8")
    assert "could not be taken apart" in html
    assert "not known" in html
    assert examine(html) == []


def test_the_command_prints_the_largest_moves(home):
    """`ijb compare` prints both sides, the finding and aligned moves, and where page and CSV file are."""
    first, second = published(home, "2026/27 Q1"), published(home, "2026/27 Q2")
    into = home / "site" / "ours"
    done = CliRunner().invoke(ijb, ["compare", str(first), str(second), "--into", str(into)], standalone_mode=False)
    assert done.exit_code == 0, done.output
    assert "Ardle IJB (invented), shunting" in done.output
    assert "What moved most is “Borne, at full average cost”: £185,436 (2026/27 Q1), £309,060" in done.output
    rows = [line for line in done.output.splitlines() if line.endswith("new data")]
    assert len({line.index("new data") for line in rows}) == 1
    assert f"Page: {into / 'compare.html'}" in done.output
    assert (into / "compare.csv").is_file()


def test_lines_name_parts_where_several_moved(home):
    """A figure that two things moved is printed with both parts."""
    first = published(home, "2026/27 Q1")
    revise(home, "patient_and_family,50", "patient_and_family,60")
    printed = lines(compare(first, "2026/27 Q2"))
    [days] = [line for line in printed if line.startswith("Days delayed (days)")]
    assert days.endswith("new data 200, revised data 10")
    assert any("New data raised it by £123,624; revised data raised it by £6,181." in line for line in printed)


def test_measures_are_said_in_words():
    """Every kind of measure has words of its own; one that is not known its own words."""
    names = {"home-first": "Home First", "nhs-ardle": "NHS Ardle"}
    assert said("bed_days_code_9_awi", names) == "Days delayed: adults with incapacity"
    assert said("plan_gap_central", names) == "Plan, gap, central"
    assert said("bridge_full_year_effect", names) == "Bridge, full-year effect"
    assert said("scheme_home-first_pv_cash", names) == "Home First: cash, present value"
    assert said("total_shunted_net_cash_releasing", names).endswith("over all mechanisms together, in cash")
    assert said("own_measure", names) == "Own measure"
    assert flow("borne_cash_releasing", "law", "hospitals", names) == ", by hospitals, decided by the law"
    assert flow("shunted_cash_releasing", "nhs-ardle", "people", names) == ", from NHS Ardle to people"
    assert flow("contribution_recurring", "nhs-ardle", "", names) == ", NHS Ardle"


def test_pages_print_nothing_of_the_values_recorded(site):
    """The run record holds the values that each page rests on, and no page prints that field."""
    records = list(Path(site).glob("*/*/*-????????/run.json"))
    assert records
    for file in records:
        record = json.loads(file.read_text("utf-8"))
        assert record["assumptions"].keys() == set(shunting.USES) or record["topic"] != "shunting"
        assert all(one.keys() == {"value", "range", "price_base"} for one in record["assumptions"].values())
        assert "price_base" not in (file.parent.parent / f"{file.parent.name[:-9]}.html").read_text("utf-8")

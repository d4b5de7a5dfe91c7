"""What must hold within a table and between tables: each bad file told by its place, and good ones that look alike."""

import csv
import re
import sys
import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools import cli
from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.words import exact_pounds
from ijbtools.inputs import read
from ijbtools.inputs.reader import THEN

steady = settings(deadline=None, derandomize=True, max_examples=25)

BASE = {
    "partnerships": """\
partnership,name,nation,model,model_from,kind
norland,Norland IJB,scotland,body_corporate,2016-04-01,invented
""",
    "partners": """\
partnership,partner,name,sector,regime
norland,nhs-norland,NHS Norland,health_board,break_even
norland,norland-council,Norland Council,council,reserves
""",
    "services": """\
service,name,category,care_group,setting
home-care,Care at home,e,older_people,community
prescribing,Prescribing,b,all,community
""",
}
BUDGETS = "partnership,partner,service,scope,year,recurring,non_recurring,locality,price_base\n"
FUNDING = "partnership,partner,year,amount,recurrence,kind,status,dated\n"
CHANGES = "partnership,partner,service,year,period,step,amount,recurrence,note\n"
SAVINGS = "partnership,partner,service,year,saving,inherited,recurrence,target,delivered,forecast,owner,quality\n"
SHARES = "kind,name,partnership,year,share\n"
ATTRIBUTION = "partnership,reason,decides,share\n"
RETURNS = "partnership,partner,table,period,ledger_to,precision,status\n"
SPENDING = "partnership,partner,service,month,budget,actual,locality\n"

COUNCIL, NHS = "norland,norland-council,home-care", "norland,nhs-norland,prescribing"

# £1 million passes from the NHS to the council and stands in both ledgers: 3 + 1 + 1 = 5 is planned, 4 is brought.
TWICE = (
    BUDGETS
    + f"{NHS},delegated,2025/26,3000000,0,,\n"
    + "norland,nhs-norland,home-care,delegated,2025/26,1000000,0,,\n"
    + f"{COUNCIL},delegated,2025/26,1000000,0,,\n"
)
FOUR = FUNDING + "norland,nhs-norland,2025/26,4000000,recurring,base,agreed,2025-04-01\n"

ONE_SUM = "shares that sum to 1"
ONE_BUDGET = (
    "one row for each partnership, partner, service, scope, year, locality; what revises a budget within the year is a "
    "row of changes, with its period"
)
ONE_PRICE = "prices of one year, best the cash of the year itself"
WHOLE = "a row for the whole or rows for its localities, not both"
ABOVE_0 = "an amount above 0: what the saving is to bring in"
ONCE = "money that passes through two ledgers counted once, where it is spent"


def change(step, amount, service=COUNCIL, period="", note=""):
    return f"{service},2025/26,{period},{step},{amount},recurring,{note}\n"


def saving(target, delivered=0, forecast=""):
    row = (
        f"{COUNCIL},2025/26,Visits planned in rounds,no,recurring,{target},{delivered},{forecast},Head of care,amber\n"
    )
    return SAVINGS + row


def budget(year, amount=100, base="", locality="", scope="delegated"):
    return f"{COUNCIL},{scope},{year},{amount},0,{locality},{base}\n"


# What is sent, and what is refused of it: table, row, column, found, expected and nearest.
BAD = {
    "a saving target of 0": ({"savings": saving(0)}, [("savings", 2, "target", "£0.00", ABOVE_0, "")]),
    "a negative saving target": (
        {"savings": saving('"(50,000)"')},
        [("savings", 2, "target", "−£50,000.00", ABOVE_0, "")],
    ),
    "a saving that raises the budget": (
        {"changes": CHANGES + change("pay", 300000) + change("saving", 400000)},
        [("changes", 3, "amount", "a saving of £400,000.00", "0 or less: a saving lowers the budget", "")],
    ),
    "a transfer out that raises the budget": (
        {"changes": CHANGES + change("transfer_out", "250000.50")},
        [("changes", 2, "amount", "a transfer out of £250,000.50", "0 or less: a transfer out lowers the budget", "")],
    ),
    "a transfer in that lowers the budget": (
        {"changes": CHANGES + change("transfer_in", -250000)},
        [("changes", 2, "amount", "a transfer in of −£250,000.00", "0 or more: a transfer in raises the budget", "")],
    ),
    "a change of an unknown service": (
        {"changes": CHANGES + change("pay", 1, "norland,norland-council,home-cair")},
        [("changes", 2, "service", "'home-cair'", "a service of the table services", "home-care")],
    ),
    "a budget twice": (
        {"budgets": BUDGETS + budget("2025/26", 100) + "\n" + budget("2025/26", 200)},
        [
            (
                "budgets",
                4,
                "",
                "norland, norland-council, home-care, delegated, 2025/26 again, as in row 2",
                ONE_BUDGET,
                "",
            )
        ],
    ),
    "budgets of one year in two prices": (
        {"budgets": BUDGETS + budget("2025/26") + f"{NHS},delegated,2025/26,100,0,,2023/24\n"},
        [("budgets", 3, "price_base", "norland 2025/26 in prices of 2023/24 and 2025/26", ONE_PRICE, "")],
    ),
    "a budget for the whole and for its localities": (
        {"budgets": BUDGETS + "".join(budget("2025/26", 60, locality=one) for one in ("East", "West", ""))},
        [("budgets", 4, "locality", "an empty cell", WHOLE, "")],
    ),
    "spending for the whole and for one locality": (
        {"spending": SPENDING + f"{COUNCIL},2025-04,9,8,\n{COUNCIL},2025-04,5,4,East\n"},
        [("spending", 2, "locality", "an empty cell", WHOLE, "")],
    ),
    "shares of a hosted service": (
        {
            "shares": SHARES
            + "hosted_service,out-of-hours,norland,2025/26,40%\n"
            + "hosted_service,out-of-hours,southland,2025/26,0.35\n"
            + "hosted_service,out-of-hours,isle,2025/26,0.2\n"
            + "hosted_service,out-of-hours,norland,2026/27,1\n"
        },  # 0.4 + 0.35 + 0.2 = 0.95
        [("shares", 4, "share", "shares of out-of-hours in 2025/26 that sum to 0.95", ONE_SUM, "")],
    ),
    "shares of who decides": (
        {
            "attribution": ATTRIBUTION
            + "norland,code_9_other,norland-council,60%\n"
            + "norland,code_9_other,nhs-norland,50%\n"
        },  # 0.6 + 0.5 = 1.1
        [("attribution", 3, "share", "shares of code_9_other in norland that sum to 1.1", ONE_SUM, "")],
    ),
    "a return of an unknown table": (
        {"returns": RETURNS + "norland,nhs-norland,budget,2025/26,2026-03-31,1,final\n"},
        [("returns", 2, "table", "'budget'", "a table of the dictionary", "budgets")],
    ),
    "money in both ledgers": (
        {"budgets": TWICE, "funding": FOUR},
        [
            (
                "budgets",
                4,
                "recurring",
                "£1,000,000.00 for home-care in 2025/26, as in row 3; the budgets exceed the funding by just that",
                ONCE,
                "",
            )
        ],
    ),
}


def folder(path, tables):
    """A folder with those tables beside a partnership, its partners and two services."""
    for name, text in {**BASE, **tables}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def workbook(path, tables):
    """The same tables as a spreadsheet program keeps them: numbers and days are numbers and days."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in {**BASE, **tables}.items():
        sheet = book.create_sheet(name)
        for cells in csv.reader(text.splitlines()):
            sheet.append([typed(cell) for cell in cells])
    book.save(path / "tables.xlsx")
    return path / "tables.xlsx"


def typed(text):
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text or None


def problems(source):
    """What is refused, by file, row and column."""
    with pytest.raises(InputRefused) as refused:
        read(source)
    return sorted(refused.value.problems, key=lambda one: (one.file, one.row or 0, one.column))


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_its_place(tmp_path, case):
    """A file that breaks a rule is refused, once, with file, row, column, what was found and what is expected."""
    tables, told = BAD[case]
    expected = [Problem(f"{one[0]}.csv", *one[3:5], *one[1:3], nearest=one[5]) for one in told]
    assert problems(folder(tmp_path, tables)) == expected


@pytest.mark.parametrize("case", BAD)
def test_a_bad_workbook_is_refused_with_the_same_problems(tmp_path, case):
    """The same tables as sheets of one workbook are refused with the same problems, each with its sheet."""
    tables, told = BAD[case]
    expected = [Problem(f"tables.xlsx, sheet {one[0]}", *one[3:5], *one[1:3], nearest=one[5]) for one in told]
    assert problems(workbook(tmp_path, tables)) == expected


def test_a_year_missing_in_the_middle_is_refused(tmp_path):
    """A partner whose budgets skip years is told each of them, and the years between which they are expected."""
    rows = budget("2022/23") + budget("2025/26") + f"{NHS},delegated,2022/23,5,0,,\n{NHS},delegated,2023/24,5,0,,\n"
    told = problems(folder(tmp_path, {"budgets": BUDGETS + rows}))
    assert {(one.file, one.column, one.expected) for one in told} == {
        ("budgets.csv", "year", "every year from 2022/23 to 2025/26")
    }
    assert [one.found for one in told] == [
        f"no rows of norland-council (norland) in {year}" for year in ("2023/24", "2024/25")
    ]


@pytest.mark.parametrize("table", ["funding", "changes", "savings"])
def test_amounts_of_one_year_are_in_one_price_base(tmp_path, table):
    """Funding, changes and savings of one year in two prices are refused as budgets are."""
    heading, row = {
        "funding": (FUNDING, "norland,nhs-norland,2025/26,{},recurring,base,agreed,2025-04-01"),
        "changes": (CHANGES, f"{COUNCIL},2025/26,,demand,{{}},recurring,"),
        "savings": (SAVINGS, f"{COUNCIL},2025/26,Rounds {{0}},no,recurring,{{0}},0,,Head of care,amber"),
    }[table]
    other = row.format(9).replace("base,", "uplift,").replace("demand,", "price,")
    text = heading.replace("\n", ",price_base\n") + f"{row.format(8)},\n{other},2024/25\n"
    assert problems(folder(tmp_path, {table: text})) == [
        Problem(f"{table}.csv", "norland 2025/26 in prices of 2024/25 and 2025/26", ONE_PRICE, 3, "price_base")
    ]


def test_money_in_both_ledgers_is_told_whatever_an_overspend_brought(tmp_path):
    """A share of an overspend, agreed after the event, does not make money that is planned twice right."""
    late = "norland,norland-council,2025/26,1000000,non_recurring,overspend_share,agreed,2026-05-01\n"
    (problem,) = problems(folder(tmp_path, {"budgets": TWICE, "funding": FOUR + late}))
    assert (problem.row, problem.expected) == (4, ONCE)


def test_one_off_money_counts_where_it_stands_in_both_ledgers(tmp_path):
    """A budget's recurring and one-off part together are the amount that two ledgers share."""
    once = TWICE.replace("home-care,delegated,2025/26,1000000,0,", "home-care,delegated,2025/26,900000,100000,", 1)
    (problem,) = problems(folder(tmp_path, {"budgets": once, "funding": FOUR}))
    assert problem.found.startswith("£1,000,000.00 for home-care in 2025/26, as in row 3")


GOOD = {
    "a saving delivered to its target": {"savings": saving(80000, 80000, 80000)},
    "a saving with a half penny over": {"savings": saving(80000, "80000.004")},
    "savings and transfers of 0": {"changes": CHANGES + "".join(change(s, 0) for s in ("saving", "transfer_in"))},
    "signed as they move the budget": {
        "changes": CHANGES + change("saving", -5) + change("transfer_out", -5) + change("transfer_in", 5)
    },
    "other steps of either sign": {
        "changes": CHANGES + change("pay", -5) + change("price", -5) + change("demand", 5) + change("allocation", -5)
    },
    "virements that net to nothing": {
        "changes": CHANGES
        + change("virement", "-120000.35", period="2025/26 Q1")
        + change("virement", "120000.35", NHS, "2025/26 Q1")
    },
    "a partner that begins later": {
        "budgets": BUDGETS + f"{NHS},delegated,2023/24,5,0,,\n{NHS},delegated,2024/25,5,0,,\n" + budget("2024/25")
    },
    "the same service in two scopes": {
        "budgets": BUDGETS + budget("2025/26") + budget("2025/26", scope="retained")
    },
    "every year in prices of its own": {
        "budgets": BUDGETS + budget("2024/25", base="2024/25") + budget("2025/26", base="2023/24")
    },
    "prices of the year, said or left blank": {
        "budgets": BUDGETS + budget("2025/26", base="2025/26") + f"{NHS},delegated,2025/26,5,0,,\n"
    },
    "one service by locality, another for the whole": {
        "budgets": BUDGETS + budget("2025/26", locality="East") + f"{NHS},delegated,2025/26,5,0,,\n"
    },
    "funding that covers both ledgers": {
        "budgets": TWICE,
        "funding": FOUR + "norland,norland-council,2025/26,1000000,recurring,base,agreed,2025-04-01\n",
    },
    "reserves that cover both ledgers": {
        "budgets": TWICE,
        "funding": FOUR + "norland,norland-council,2025/26,1000000,non_recurring,reserves,agreed,2025-04-01\n",
    },
    "an offer that covers both ledgers where nothing is agreed": {
        "budgets": TWICE,
        "funding": FOUR + "norland,norland-council,2025/26,1000000,recurring,base,offered,2025-02-01\n",
    },
    "two localities of one partner that cost the same": {
        "budgets": BUDGETS + budget("2025/26", locality="East") + budget("2025/26", locality="West"),
        "funding": FUNDING + "norland,norland-council,2025/26,100,recurring,base,agreed,2025-04-01\n",
    },
    "a gap of another size": {"budgets": TWICE, "funding": FOUR.replace("4000000", "4000001")},
    "the same amount in a budget that is not the partnership's": {
        "budgets": TWICE.replace("home-care,delegated", "home-care,retained", 1),
        "funding": FOUR,
    },
    "no funding sent": {"budgets": TWICE},
    "funding of another year": {"budgets": TWICE, "funding": FOUR.replace("2025/26", "2024/25")},
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD)
def test_what_only_looks_alike_is_taken(tmp_path, case):
    """Tables that keep to the rules, however close, are read without a problem or a warning."""
    assert read(folder(tmp_path, GOOD[case])).warnings == ()


def test_a_government_limit_is_no_money_for_the_budget(tmp_path):
    """Money in both ledgers is found although a government's limit for its own body would cover it."""
    tables = {
        "partners": BASE["partners"] + "norland,the-government,The Government,government,none\n",
        "budgets": TWICE,
        "funding": FOUR + "norland,the-government,2025/26,9000000,recurring,base,agreed,2025-04-01\n",
    }
    with pytest.raises(InputRefused, match=ONCE):
        read(folder(tmp_path, tables))


def test_a_year_with_a_mistake_is_not_missing(tmp_path):
    """A year whose only row has a cell that cannot be read is told once, not also as a year that is missing."""
    rows = budget("2023/24") + budget("2024/25", amount="x") + budget("2025/26")
    with pytest.raises(InputRefused) as refused:
        read(folder(tmp_path, {"budgets": BUDGETS + rows}))
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [(3, "recurring")]


# What is flagged, and read all the same


def test_more_delivered_or_forecast_than_the_target_is_flagged(tmp_path):
    """A saving above its target is read, with a warning that asks whether the target is out of date."""
    tables = read(folder(tmp_path, {"savings": saving(80000, "80000.01", 95000)}))
    expected = "at most the target; if it is right, the target is out of date"
    more = "more than the target of £80,000.00"
    assert tables.warnings == (
        Problem("savings.csv", f"£80,000.01, {more}", expected, row=2, column="delivered", warning=True),
        Problem("savings.csv", f"£95,000.00, {more}", expected, row=2, column="forecast", warning=True),
    )
    assert tables["savings"]["delivered"].tolist() == [80000.01]


def test_virements_that_make_money_are_flagged(tmp_path):
    """Virements of one period that do not net to nothing are read, with a warning that says what is left of them."""
    rows = [
        change("virement", -120000, period="2025/26 Q1"),
        change("virement", 100000, NHS, "2025/26 Q1"),  # −120,000 + 100,000 = −20,000
        change("virement", -5, period="2025/26 Q2"),
        change("virement", 5, NHS, "2025/26 Q2"),
        change("virement", 7),  # at budget setting, where there is no period
    ]
    tables = read(folder(tmp_path, {"changes": CHANGES + "".join(rows)}))
    assert len(tables["changes"]) == 5
    assert [(one.file, one.column, one.found, one.expected, one.warning) for one in tables.warnings] == [
        ("changes.csv", "amount", f"virements of norland in {what}", "virements that sum to nothing", True)
        for what in ("2025/26 that sum to £7.00", "2025/26 Q1 that sum to −£20,000.00")
    ]


def test_a_flagged_workbook_is_read(tmp_path):
    """A workbook is flagged as its tables would be, and read."""
    (warning,) = read(workbook(tmp_path, {"savings": saving(80000, 90000)})).warnings
    assert (warning.file, warning.row, warning.column) == ("tables.xlsx, sheet savings", 2, "delivered")
    assert warning.found == "£90,000.00, more than the target of £80,000.00"


# Everything at once


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


MANY = {
    "budgets": BUDGETS + budget("2023/24") + budget("2025/26") * 2 + f"{NHS},delegated,2025/26,lots,0,,\n",
    "changes": CHANGES + change("saving", 5) + change("pay", 1, "norland,norland-council,home-cair"),
    "returns": RETURNS + "norland,nhs-norlund,budget,2025/26,2026-03-31,1,final\n",
    "savings": saving(10).replace("amber", "ambr") + saving(0).replace("rounds", "pairs").removeprefix(SAVINGS),
    "shares": SHARES + "area,norland-council,norland,2025/26,0.9\n",
}
TOLD = [
    "budgets.csv, column year: found no rows of norland-council (norland) in 2024/25; expected every year from 2023/24 "
    "to 2025/26.",
    "budgets.csv, row 4: found norland, norland-council, home-care, delegated, 2025/26 again, as in row 3; expected "
    f"{ONE_BUDGET}.",
    "budgets.csv, row 5, column recurring: found 'lots'; expected an amount in pounds, such as 1250 or (1,250.00) for "
    "a negative.",
    "changes.csv, row 2, column amount: found a saving of £5.00; expected 0 or less: a saving lowers the budget.",
    "changes.csv, row 3, column service: found 'home-cair'; expected a service of the table services. Nearest: "
    "home-care.",
    "returns.csv, row 2, column partner: found 'nhs-norlund'; expected a partner of the table partners. Nearest: "
    "nhs-norland.",
    "returns.csv, row 2, column table: found 'budget'; expected a table of the dictionary. Nearest: budgets.",
    "savings.csv, row 2, column quality: found 'ambr'; expected green, amber or red. Nearest: amber.",
    f"savings.csv, row 3, column target: found £0.00; expected {ABOVE_0}.",
    "shares.csv, row 2, column share: found shares of norland-council in 2025/26 that sum to 0.9; expected shares that "
    "sum to 1.",
]


def without_row(line):
    """A missing year is told without regard to the row it is told at."""
    return re.sub(r", row \d+(, column year: found no rows)", r"\1", line)


def test_problems_of_all_files_come_at_once(tmp_path, run):
    """Five files with ten mistakes are refused once, by the reader and by the command, without a traceback."""
    folder(tmp_path, MANY)
    assert sorted(without_row(str(one)) for one in problems(tmp_path)) == TOLD
    code, out, err = run("check", tmp_path)
    lines = err.splitlines()
    assert code == 2
    assert out.count("  to mend ") == 5
    assert lines[0].endswith("10 problems to mend:")
    assert sorted(without_row(line.strip()) for line in lines[1:-1]) == TOLD
    assert lines[-1] == THEN
    assert "Traceback" not in err


def test_the_command_prints_flags_and_goes_on(tmp_path, run):
    """The command says what is flagged and how many rows were read, with exit code 0."""
    code, out, err = run("check", folder(tmp_path, {"savings": saving(80000, 90000)}))
    assert (code, err) == (0, "")
    assert "  doubtful  savings          1 row, 2025/26\n" in out
    assert (
        "savings.csv, row 2, column delivered: found £90,000.00, more than the target of £80,000.00; "
        "expected at most the target; if it is right, the target is out of date.\n"
    ) in out


# For any amounts

WEIGHTS = st.lists(st.integers(1, 10_000), min_size=2, max_size=8)


def shares_file(path, shares):
    rows = "".join(f"area,norland-council,place-{i},2025/26,{share!r}\n" for i, share in enumerate(shares))
    return folder(Path(path), {"shares": SHARES + rows})


@steady
@given(weights=WEIGHTS)
def test_any_parts_of_one_whole_are_taken(weights):
    """Any weights divided by their sum are shares that are taken, however many digits they have."""
    shares = [weight / sum(weights) for weight in weights]
    with tempfile.TemporaryDirectory() as path:
        tables = read(shares_file(path, shares))
    assert tables["shares"]["share"].tolist() == shares


@steady
@given(weights=WEIGHTS, which=st.integers(0, 7), off=st.floats(1.001e-6, 0.5), up=st.booleans())
def test_any_share_that_is_off_is_refused(weights, which, off, up):
    """A single share that is more than a millionth too high or too low is refused at its name's last row."""
    shares = [weight / sum(weights) for weight in weights]
    at = which % len(shares)
    moved = shares[at] + (off if up else -off)
    if not 0 <= moved <= 1:  # the other way there is room, for nothing moves by more than a half
        moved = shares[at] + (-off if up else off)
    shares[at] = moved
    with tempfile.TemporaryDirectory() as path:
        (problem,) = problems(shares_file(path, shares))
    assert (problem.file, problem.row, problem.column) == ("shares.csv", len(shares) + 1, "share")
    assert problem.expected == ONE_SUM


PENCE = st.integers(1, 10**9)


@steady
@given(target=PENCE, delivered=st.integers(-(10**9), 10**9), forecast=st.one_of(st.none(), PENCE))
def test_a_saving_is_flagged_exactly_where_it_is_above_its_target(target, delivered, forecast):
    """Whatever the amounts, a penny above the target is flagged, and nothing at or below it is."""
    said = "" if forecast is None else forecast / 100
    with tempfile.TemporaryDirectory() as path:
        tables = read(folder(Path(path), {"savings": saving(target / 100, delivered / 100, said)}))
    above = [name for name, pence in (("delivered", delivered), ("forecast", forecast or 0)) if pence > target]
    assert [one.column for one in tables.warnings] == above


@steady
@given(moved=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6), left=st.integers(-100, 100))
def test_virements_are_flagged_exactly_where_something_is_left(moved, left):
    """Virements that net to nothing pass, and those that leave a penny or more are flagged with what they leave."""
    amounts = [*moved, left - sum(moved)]
    rows = [change("virement", pence / 100, note=f"no. {n}") for n, pence in enumerate(amounts)]
    with tempfile.TemporaryDirectory() as path:
        tables = read(folder(Path(path), {"changes": CHANGES + "".join(rows)}))
    assert [one.found for one in tables.warnings] == (
        [f"virements of norland in 2025/26 that sum to {exact_pounds(left / 100)}"] if left else []
    )

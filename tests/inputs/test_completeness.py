"""The list of what is there, missing, in part, doubtful and to mend."""

import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.years import Period
from ijbtools.inputs import read
from ijbtools.inputs.completeness import STATES, completeness
from ijbtools.inputs.tables import DECLARED

steady = settings(deadline=None, derandomize=True, max_examples=20)

BASE = {
    "partnerships": """\
partnership,name,nation,model,model_from,kind
norland,Norland IJB,scotland,body_corporate,2016-04-01,invented
southland,Southland IJB,scotland,body_corporate,2016-04-01,invented
""",
    "partners": """\
partnership,partner,name,sector,regime
norland,nhs-norland,NHS Norland,health_board,break_even
norland,norland-council,Norland Council,council,reserves
norland,carers,Carers of Norland,third_sector,none
southland,southland-council,Southland Council,council,reserves
""",
    "services": """\
service,name,category,care_group,setting
home-care,Care at home,e,older_people,community
prescribing,Prescribing,b,all,community
""",
}
SPENDING = "partnership,partner,service,month,budget,actual\n"
TO_DATE = "partnership,partner,service,month,actual_to_date\n"
BUDGETS = "partnership,partner,service,scope,year,recurring,non_recurring\n"
COUNCIL, NHS = "norland,norland-council,home-care", "norland,nhs-norland,prescribing"
BOTH = f"{COUNCIL},2025-09,10,9\n{NHS},2025-09,20,19\n"
WANTED = {"monitoring": ("spending", "budgets"), "baseline": ("budgets", "activity")}
YEAR = Period.parse("2025/26 Q2")


def folder(path, **tables):
    """A folder with those tables beside two partnerships, their partners and their services."""
    for name, text in {**BASE, **tables}.items():
        (Path(path) / f"{name}.csv").write_text(text, encoding="utf-8")
    return Path(path)


def line(found, name):
    """State, what is there and the places of one table of the list."""
    (one,) = (one for one in found.lines if one.table.name == name)
    return one.state, one.holds, [str(place) for place in one.places]


def listed(source, whose=("norland",), period=YEAR, wanted=WANTED):
    """The list as the notebooks of a plan want it."""
    return completeness(source, wanted, whose, period)


def test_every_table_has_its_line_and_those_to_see_to_come_first(tmp_path):
    """Every table of the dictionary is in the list once, in the order in which one would see to them."""
    found = listed(folder(tmp_path, spending=SPENDING + BOTH))
    assert sorted(one.table.name for one in found.lines) == sorted(DECLARED)
    states = [list(STATES).index(one.state) for one in found.lines]
    assert states == sorted(states)
    # budgets are wanted and missing; spending and the three small tables are there; 21 others were not sent
    assert found.summary == f"1 is missing, 4 there and {len(DECLARED) - 5} not sent"
    assert (found.problems, found.others) == ((), ())
    assert [one.table.name for one in found.to_see_to("missing")] == ["budgets"]
    assert sum(found.count(state) for state in STATES) == len(DECLARED)


def test_a_table_that_is_there_says_its_rows_and_years(tmp_path):
    """A table that is whole says how many rows it has and from when to when."""
    months = "".join(f"{who},2025-{month:02d},1,1\n" for who in (COUNCIL, NHS) for month in (12, 4))
    budget = f"{COUNCIL},delegated,2025/26,1,1\n"
    found = completeness(folder(tmp_path, spending=SPENDING + months, budgets=BUDGETS + budget))
    assert line(found, "spending") == ("there", "4 rows, 2025-04 to 2025-12", [])
    assert line(found, "budgets") == ("there", "1 row, 2025/26", [])
    assert line(found, "services") == ("there", "2 rows", [])
    delays = "partnership,period,age_group,reason,bed_days\n"
    days = "".join(f"norland,{one},75+,code_9_awi,1\n" for one in ("2025-08", "2025/26 Q1"))
    assert line(completeness(folder(tmp_path, delays=delays + days)), "delays")[1] == "2 rows, 2025/26 Q1 to 2025-08"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (None, "budgets.csv: found no such file"),
        (BUDGETS, "budgets.csv, row 2, column partnership: found no rows"),
        ("Norland Council\n\n" + BUDGETS, "budgets.csv, row 4, column partnership: found no rows"),
        (
            BUDGETS + "southland,southland-council,home-care,delegated,2025/26,1,0\n",
            "budgets.csv, row 3, column partnership: found no rows of norland",
        ),
    ],
)
def test_a_missing_table_says_where_its_first_row_goes(tmp_path, text, place):
    """A table that a page wants and that has no row of the partnership is missing, with where one would begin, as far
    as there is a file, and what it needs."""
    found = listed(folder(tmp_path, **({} if text is None else {"budgets": text})))
    state, holds, (told,) = line(found, "budgets")
    assert (state, holds) == ("missing", "no rows")
    needs = "rows with partnership, partner, service, scope, year, recurring, non_recurring"
    assert told == f"{place}; expected {needs}."


def test_a_missing_table_of_a_workbook_names_its_sheet(tmp_path):
    """In a workbook, alone or beside files, the place is a sheet."""
    folder(tmp_path, spending=SPENDING + BOTH)
    book = openpyxl.Workbook()
    book.active.title = "delays"
    book.active.append(["partnership", "period", "age_group", "reason", "bed_days"])
    book.save(tmp_path / "tables.xlsx")
    for source in (tmp_path, tmp_path / "tables.xlsx"):
        _, _, (told,) = line(listed(source), "budgets")
        assert told.startswith("tables.xlsx, sheet budgets, row 2, column partnership: found no rows; ")


def test_optional_tables_and_those_that_no_page_wants_may_stay_away(tmp_path):
    """An optional table, and one that no page of the plan reads, is not sent rather than missing."""
    found = listed(folder(tmp_path))
    assert line(found, "activity") == ("not sent", "no rows", [])  # wanted and optional
    assert line(found, "funding") == ("not sent", "no rows", [])  # neither
    assert line(completeness(tmp_path), "budgets")[0] == "not sent"  # nothing is said of what pages want


def test_a_partner_without_rows_of_the_year_is_in_part(tmp_path):
    """A partner who pays and returned nothing for the year is named with the row where its rows would go; a charity is
    not waited for, nor is a partner of another partnership."""
    rows = f"{COUNCIL},2025-09,10,9\n{NHS},2026-12,20,19\n"
    state, holds, (told,) = line(listed(folder(tmp_path, spending=SPENDING + rows)), "spending")
    assert (state, holds) == ("in part", "2 rows, 2025-09 to 2026-12")
    assert told == (
        "spending.csv, row 4, column partner: found nothing of nhs-norland for 2025/26; expected rows of every partner "
        "who pays."
    )
    told = line(listed(tmp_path, period=Period.parse("2024/25")), "spending")[2]
    assert ["found nothing of nhs-norland and norland-council for 2024/25" in one for one in told] == [True]
    late = f"{COUNCIL},2025-09,10,9\n{NHS},2024-12,20,19\n"
    assert len(line(listed(folder(tmp_path, spending=SPENDING + late)), "spending")[2]) == 1  # told once
    assert line(listed(tmp_path, whose=()), "spending")[0] == "in part"
    assert line(listed(tmp_path, period=None), "spending")[0] == "there"
    assert line(listed(tmp_path, wanted={}), "spending")[0] == "there"  # no page waits for it
    assert line(listed(folder(tmp_path, spending=SPENDING + BOTH)), "spending")[0] == "there"


def test_a_partner_whose_months_end_early_is_in_part(tmp_path):
    """A partner whose spending ends before the period does is named with its last month and the row after it; the month
    in which the period ends is enough, and where no partners are known nothing is expected of them."""
    rows = f"{NHS},2025-08,20,19\n{COUNCIL},2025-09,10,9\n{COUNCIL},2025-08,10,9\n"
    state, _, told = line(listed(folder(tmp_path, spending=SPENDING + rows)), "spending")
    assert (state, told) == (
        "in part",
        [
            "spending.csv, row 3, column month: found months of nhs-norland to 2025-08; expected spending to the end "
            "of 2025/26 Q2."
        ],
    )
    assert line(listed(tmp_path, period=Period.parse("2025-08")), "spending")[0] == "there"
    (tmp_path / "partners.csv").unlink()
    assert line(listed(tmp_path, ("norland", "southland"), Period.parse("2025-08")), "spending")[0] == "there"


def test_what_is_read_and_doubtful(tmp_path):
    """A table with something to look at is doubtful, and its rows count without the total that was left out."""
    found = listed(folder(tmp_path, spending=SPENDING + BOTH + "Total,,,,30,28\n"))
    state, holds, (told,) = line(found, "spending")
    assert (state, holds) == ("doubtful", "2 rows, 2025-09")
    assert told.startswith("spending.csv, row 4: found a row of totals, which the rows above add up to")
    assert found.problems == ()


def test_what_is_to_mend(tmp_path):
    """A table with a mistake is to mend, with every place, warnings too; the other tables are judged all the same."""
    rows = f"{COUNCIL},2025-04,ten,9\n{NHS},2025-13,20,19\n"
    found = listed(folder(tmp_path, spending=SPENDING + rows))
    state, holds, told = line(found, "spending")
    assert (state, holds) == ("to mend", "2 rows, 2025-04")
    assert [one.partition(":")[0] for one in told] == [
        "spending.csv, row 3, column month",
        "spending.csv, row 2, column budget",
    ]
    assert [str(one) for one in found.problems] == told
    assert line(found, "budgets")[0] == "missing"
    assert line(found, "services")[0] == "there"
    assert found.summary.startswith("1 is to mend, 1 missing, 3 there and ")


def test_warnings_of_a_table_to_mend_are_places_and_no_problems(tmp_path):
    """A column that is left out is shown beside a mistake of the same table, and is not counted as one."""
    found = listed(folder(tmp_path, spending=SPENDING.replace("\n", ",mine\n") + f"{COUNCIL},2025-04,ten,9,x\n"))
    assert len(line(found, "spending")[2]) == 2
    assert [one.column for one in found.problems] == ["budget"]


def test_files_that_cannot_be_read_are_to_mend(tmp_path):
    """A file that cannot be read is to mend under its table's name; what belongs to no table is told beside."""
    folder(tmp_path, populaton="a\n1\n")
    (tmp_path / "spending.csv").write_bytes(SPENDING.encode("utf-16"))
    (tmp_path / "tables.xlsx").write_bytes(b"no workbook")
    found = listed(tmp_path)
    assert line(found, "spending")[0] == "to mend"
    assert sorted(one.file for one in found.others) == ["populaton.csv", "tables.xlsx"]
    assert sorted(one.file for one in found.problems) == ["spending.csv", "tables.xlsx"]


@pytest.mark.parametrize("name", ["nowhere", "old.xls"])
def test_a_source_that_is_not_there(tmp_path, name):
    """Where there is no such folder or workbook, the list is that one problem, and it can still be said."""
    if name == "old.xls":
        (tmp_path / name).write_text("a")
    found = listed(tmp_path / name)
    assert (found.lines, found.summary) == ((), "none could be read")
    assert [one.expected for one in found.problems] == ["a folder of CSV or Parquet files, or one .xlsx workbook"]


def test_lists_of_headings_only(tmp_path):
    """A folder of blank templates is a list without mistakes: what pages want is missing, the rest is not sent."""
    for name, table in DECLARED.items():
        (tmp_path / f"{name}.csv").write_text(",".join(table.names) + "\n", encoding="utf-8")
    found = listed(tmp_path)
    assert {one.state for one in found.lines} == {"missing", "not sent"}
    assert [one.table.name for one in found.to_see_to("missing")] == ["budgets", "spending"]


def test_the_year_to_date_and_ledger_codes_count_as_rows(tmp_path):
    """A table in a ledger's words, year to date and with a month skipped is there, and doubtful for that month."""
    names = "table,partner,column,ledger,name\n,,heading,Cost centre,service\n,,service,4010,home-care\n"
    rows = "norland,norland-council,4010,2025-04,9\nnorland,norland-council,4010,2025-09,9\n"
    rows += "norland,nhs-norland,4010,2025-04,9\nnorland,nhs-norland,4010,2026-03,9\n"
    found = listed(folder(tmp_path, names=names, spending=TO_DATE.replace("service", "Cost centre") + rows))
    state, holds, told = line(found, "spending")
    assert (state, holds) == ("doubtful", "4 rows, 2025-04 to 2026-03")
    assert sorted(one.partition(" without")[0] for one in told) == [
        "spending.csv, row 3, column actual_to_date: found actual_to_date of 2025-09",
        "spending.csv, row 5, column actual_to_date: found actual_to_date of 2026-03",
    ]


@steady
@given(sent=st.sets(st.sampled_from(["budgets", "spending"])), partners=st.sets(st.sampled_from([COUNCIL, NHS])))
def test_the_list_and_the_reader_agree(sent, partners):
    """The list has a problem exactly where the reader refuses, and a table is there exactly where every partner sent
    it."""
    rows = {
        "budgets": BUDGETS + "".join(f"{who},delegated,2025/26,1,0\n" for who in sorted(partners)),
        "spending": SPENDING + "".join(f"{who},2025-09,1,1\n" for who in sorted(partners)),
    }
    with tempfile.TemporaryDirectory() as path:
        found = listed(folder(path, **{name: rows[name] for name in sorted(sent)}))
        read(path)
    assert found.problems == ()
    states = {0: "missing", 1: "in part", 2: "there"}
    for name in rows:
        assert line(found, name)[0] == (states[len(partners)] if name in sent else "missing")

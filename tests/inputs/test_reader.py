"""Reading and checking what a partner sends."""

import csv
import hashlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.columns import KINDS
from ijbtools.inputs.reader import THEN, need, read
from ijbtools.inputs.tables import TABLES
from ijbtools.vocabulary import DELAY_AGE_GROUPS, REASONS

PARTNERSHIPS = """\
partnership,name,nation,model,model_from,kind,host
norland,Norland,scotland,body_corporate,2016-04-01,invented,
southland,Southland,scotland,body_corporate,01/04/2016,invented,
isle,Isle,scotland,lead_agency,1-Apr-2012,invented,nhs-isle
"""
PARTNERS = """\
partnership,partner,name,sector,regime
norland,nhs-norland,NHS Norland,health_board,break_even
norland,norland-council,Norland Council,council,reserves
southland,southland-council,Southland Council,council,reserves
isle,nhs-isle,NA,health_board,break_even
"""
DELAYS = "partnership,period,age_group,reason,bed_days\n"
POPULATION = "partnership,year,age_group,people,status\n"
ATTRIBUTION = "partnership,reason,decides,share\n"


def folder(path, **tables):
    """A folder with those tables beside three partnerships and their partners."""
    for name, text in {"partnerships": PARTNERSHIPS, "partners": PARTNERS, **tables}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def problems(source):
    """What the reader refuses: file, row, column, found, expected and nearest of each, in the order of their places."""
    with pytest.raises(InputRefused) as refused:
        read(source)
    return [
        (one.file, one.row, one.column, one.found, one.expected, one.nearest)
        for one in sorted(refused.value.problems, key=lambda one: (one.file, one.row, one.column))
    ]


def test_checked_frames(tmp_path):
    """Every row of every table comes out typed, with the spreadsheet's row number, blanks where nothing was sent."""
    rows = 'norland,2025-04,75+,code_9_awi,12\n\nnorland,May-25,75+,code_9_awi,"1,250"\n'
    tables = read(folder(tmp_path, delays=DELAYS + rows))
    assert (list(tables), len(tables), tables.warnings) == (["delays", "partners", "partnerships"], 3, ())
    delays = tables["delays"]
    assert delays.index.tolist() == [2, 4]
    assert delays["bed_days"].tolist() == [12, 1250]
    assert delays["bed_days"].dtype == "int64"
    assert delays["period"].tolist() == ["2025-04", "2025-05"]
    assert delays["locality"].tolist() == ["", ""]
    assert delays["people"].isna().all()
    assert tables["partners"]["name"].tolist()[-1] == "NA"
    assert tables["partnerships"]["model_from"].tolist() == ["2016-04-01", "2016-04-01", "2012-04-01"]


MISTAKES = """\
partnership,period,age_group,reason,bed_days
norlund,2025/26 Q1,75+,code_9_awi,5
norland,2025/26,75+,code_9_awi,5
norland,2025-26 Q2,75+,code_9_other,5
norland,2025-07,75,code_9_awi,5
norland,2025-08,75+,Code 9 AWI,5
norland,2025-09,75+,code_9_awi,"1,23"
norland,2025-10,75+,code_9_awi,5,6
norland,2025/26 Q1,75+,code_9_awi,5

norland,2025/26 Q1,75+,code_9_awi,6
"""


def test_all_problems_of_all_tables_in_one_pass(tmp_path):
    """Fourteen mistakes in four tables are all told at once, each with its place, the repair and the nearest match."""
    folder(
        tmp_path,
        attribution=ATTRIBUTION + "norland,code_9_awi,law,60%\nnorland,code_9_awi,southland-council,30%\n",
        delays=MISTAKES,
        partners=PARTNERS.replace("Southland Council", "").replace("NA,health_board", "NA,health board"),
        partnerships=PARTNERSHIPS.replace("Southland,scotland", "Southland,Scotlnd").replace("1-Apr-2012", "1.4.2012"),
    )
    own = "a partner of norland: nhs-norland or norland-council"
    sum_of_shares = "shares of code_9_awi in norland that sum to 0.9"  # 60% + 30%
    known = "a partnership of the table partnerships"
    one_each = "one row for each partnership, period, age_group, reason, locality"
    reasons = "health_and_social_care, code_9_awi, code_9_other or patient_and_family"
    again = "norland, 2025/26 Q1, 75+, code_9_awi again, as in row 9"
    sectors = "health_board, council, ijb, icb, trust, provider, third_sector, people or government"
    nations = "scotland, england, wales or northern_ireland"
    assert problems(tmp_path) == [
        ("attribution.csv", 3, "decides", "'southland-council'", own, ""),
        ("attribution.csv", 3, "share", sum_of_shares, "shares that sum to 1", ""),
        ("delays.csv", 2, "partnership", "'norlund'", known, "norland"),
        ("delays.csv", 3, "period", "'2025/26'", KINDS["period"], ""),
        ("delays.csv", 4, "period", "'2025-26 Q2'", KINDS["period"], "2025/26 Q2"),
        ("delays.csv", 5, "age_group", "'75'", "18-74 or 75+", "75+"),
        ("delays.csv", 6, "reason", "'Code 9 AWI'", reasons, "code_9_awi"),
        ("delays.csv", 7, "bed_days", "'1,23'", KINDS["count"], ""),
        ("delays.csv", 8, "", "6 cells", "5, as the headings have", ""),
        ("delays.csv", 11, "", again, one_each, ""),
        ("partners.csv", 4, "name", "an empty cell", "text", ""),
        ("partners.csv", 5, "sector", "'health board'", sectors, "health_board"),
        ("partnerships.csv", 3, "nation", "'Scotlnd'", nations, "scotland"),
        ("partnerships.csv", 4, "model_from", "'1.4.2012'", KINDS["date"], ""),
    ]


def test_the_message_lists_each_problem_and_what_to_do_next(tmp_path):
    """The message counts the problems, gives each one a line and ends with what to do next."""
    folder(tmp_path, delays=DELAYS + "norland,2025-04,75,code_9_awi,-3\n")
    with pytest.raises(InputRefused) as refused:
        read(tmp_path)
    assert str(refused.value).splitlines() == [
        "2 problems to mend:",
        "  delays.csv, row 2, column age_group: found '75'; expected 18-74 or 75+. Nearest: 75+.",
        "  delays.csv, row 2, column bed_days: found '-3'; expected a whole number, 0 or more.",
        THEN,
    ]


def test_a_missing_column_names_the_nearest_heading(tmp_path):
    """A missing column is named with the heading that is most like it."""
    folder(tmp_path, delays=DELAYS.replace("age_group", "Age Group") + "norland,2025-04,75+,code_9_awi,5\n")
    found = "the headings partnership, period, Age Group, reason or bed_days"
    assert problems(tmp_path) == [("delays.csv", 1, "", found, "a column age_group", "Age Group")]


def test_extra_columns_and_unknown_tables_are_warnings(tmp_path):
    """An extra column and an unknown table are left out with a word of warning, and the rest is read."""
    text = DELAYS.replace("\n", ",peple,notes\n") + "norland,2025-04,75+,code_9_awi,5,3,x\n"
    tables = read(folder(tmp_path, delays=text, populaton="a\n", zzz="a\n"))
    column, table = "a column of the dictionary; it is left out", "a table of the dictionary"
    assert list(tables.warnings) == [
        Problem("delays.csv", "the column 'peple'", column, row=1, nearest="people", warning=True),
        Problem("delays.csv", "the column 'notes'", column, row=1, warning=True),
        Problem("populaton.csv", "a table that is not read", table, nearest="population", warning=True),
        Problem("zzz.csv", "a table that is not read", table, warning=True),
    ]
    assert list(tables["delays"].columns) == TABLES["delays"].names
    assert list(tables) == ["delays", "partners", "partnerships"]


def test_a_repeated_key_names_the_earlier_row(tmp_path):
    """A row is a repeat when its key means the same, however it is written, and the earlier row is named."""
    awi = "75+,code_9_awi"
    rows = f"norland,2025-04,{awi},5\n\nnorland,2025-05,{awi},5\nnorland,Apr-25,{awi},6\n"
    found = "norland, 2025-04, 75+, code_9_awi again, as in row 2"
    (problem,) = problems(folder(tmp_path, delays=DELAYS + rows))
    assert problem[:4] == ("delays.csv", 5, "", found)


def test_not_resident_is_a_partnership_of_delays_only(tmp_path):
    """People who live elsewhere may have delays, and no other table may name them."""
    folder(
        tmp_path,
        delays=DELAYS + "not-resident,2025-04,75+,code_9_awi,5\n",
        population=POPULATION + "not-resident,2023,0-17,5,estimate\n",
    )
    known = "a partnership of the table partnerships"
    assert problems(tmp_path) == [("population.csv", 2, "partnership", "'not-resident'", known, "")]


def test_partners_are_those_of_the_partnership(tmp_path):
    """A partner must be one of the row's own partnership; words such as people are taken, and a misspelling is told."""
    folder(
        tmp_path,
        partnerships=PARTNERSHIPS.replace(",nhs-isle", ",nhs-norland"),
        attribution=ATTRIBUTION + "norland,code_9_awi,people,0.5\nnorland,code_9_awi,nhs-norlan,0.5\n",
    )
    assert problems(tmp_path) == [
        ("attribution.csv", 3, "decides", "'nhs-norlan'", "a partner of the table partners", "nhs-norland"),
        ("partnerships.csv", 4, "host", "'nhs-norland'", "a partner of isle: nhs-isle", ""),
    ]


@pytest.mark.parametrize(
    ("shares", "total"),
    [
        (("1",), None),
        (("33.3%", "33.3%", "33.4%"), None),
        (("0.1",) * 10, None),
        (("0.5", "0.4"), "0.9"),
        (("1", "1%"), "1.01"),
        (("33.3%",) * 3, "0.999"),
    ],
)
def test_shares_sum_to_one(tmp_path, shares, total):
    """Shares that sum to 1 on paper are taken, tenths and percentages too; others are told with their sum."""
    partners = "".join(f"norland,partner-{i},Partner {i},provider,none\n" for i in range(len(shares)))
    rows = "".join(f"norland,code_9_awi,partner-{i},{share}\n" for i, share in enumerate(shares))
    folder(tmp_path, partners=PARTNERS + partners, attribution=ATTRIBUTION + rows)
    if total is None:
        assert len(read(tmp_path)["attribution"]) == len(shares)
        return
    found = f"shares of code_9_awi in norland that sum to {total}"
    last = len(shares) + 1
    assert problems(tmp_path) == [("attribution.csv", last, "share", found, "shares that sum to 1", "")]


def test_a_month_and_its_quarter_are_refused(tmp_path):
    """A month beside its own quarter would count twice; a month of another quarter, age or reason would not."""
    rows = """\
norland,2025-04,75+,code_9_awi,5
norland,2025-07,75+,code_9_awi,5
norland,2025-05,18-74,code_9_awi,5
norland,2025-06,75+,code_9_other,5
southland,2025-04,75+,code_9_awi,5
norland,2025/26 Q1,75+,code_9_awi,15
"""
    found, expected = "the month 2025-04 and its quarter 2025/26 Q1 (row 7)", "months or the quarter, not both"
    assert problems(folder(tmp_path, delays=DELAYS + rows)) == [("delays.csv", 2, "period", found, expected, "")]


@pytest.mark.parametrize(
    ("table", "row"),
    [("delays", "norland,2025/26 Q1,75+,code_9_awi,5"), ("population", "norland,2023,0-17,5,estimate")],
)
def test_the_whole_and_its_localities_are_refused(tmp_path, table, row):
    """A row for the whole partnership beside rows for its localities would count twice, and is refused once."""
    headings = {"delays": DELAYS, "population": POPULATION}[table].replace("\n", ",locality\n")
    rows = f"{row},east\n{row},west\n{row},\n{row.replace('norland', 'southland')},\n"
    expected = "a row for the whole or rows for its localities, not both"
    assert problems(folder(tmp_path, **{table: headings + rows})) == [
        (f"{table}.csv", 4, "locality", "an empty cell", expected, "")
    ]


def test_a_repeated_heading_is_refused(tmp_path):
    """A heading that is there twice is refused, for nobody could say which column counts."""
    folder(tmp_path, delays=DELAYS.replace("\n", ",bed_days\n") + "norland,2025-04,75+,code_9_awi,5,6\n")
    assert problems(tmp_path) == [("delays.csv", 1, "bed_days", "the heading twice", "each heading once", "")]


def test_only_the_named_tables(tmp_path):
    """With `only`, other tables are not checked; a table that is needed and absent is told with its columns."""
    folder(tmp_path, delays=DELAYS + "norland,x,75+,code_9_awi,5\n")
    tables = read(tmp_path, only=("partnerships", "partners", "population"))
    assert list(tables) == ["partners", "partnerships"]
    need(tables, "partners")
    with pytest.raises(InputRefused) as refused:
        need(tables, "partners", "population")
    columns = "a table with the columns partnership, year, age_group, people, status, locality"
    assert refused.value.problems == (Problem("population.csv", "no such table", columns),)


def test_digests_of_the_files_that_were_read(tmp_path):
    """The tables keep the SHA-256 of each file that they came from, and of no other."""
    folder(tmp_path, delays=DELAYS)
    tables = read(tmp_path, only=("partnerships", "partners"))
    files = ("partnerships.csv", "partners.csv")
    assert tables.digests == {
        str(tmp_path / name): hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in files
    }


MONTHS = {
    "2025-04": ("2025-04", "Apr-25", "April 2025", "2025-04-01", "01/04/2025"),
    "2025-05": ("2025-05", "May-25", "May 2025", "2025-05-01", "31/05/2025"),
    "2025/26 Q2": ("2025/26 Q2", " 2025/26 Q2 "),
}
DAYS = st.tuples(st.integers(0, 99_999), st.sampled_from(["{}", "{:,}", "{}.0", " {} ", "{:.1e}"])).filter(
    lambda pair: float(pair[1].format(pair[0]).replace(",", "")) == pair[0]
)
KEYS = st.tuples(*map(st.sampled_from, (["norland", "not-resident"], [*MONTHS], [*DELAY_AGE_GROUPS], [*REASONS])))


@settings(deadline=None, derandomize=True)
@given(rows=st.dictionaries(KEYS, DAYS, min_size=1, max_size=8), data=st.data())
def test_spelling_and_order_do_not_matter(rows, data):
    """Delays written in any accepted spelling and any order of rows and columns read to the same days."""
    headings = data.draw(st.permutations(DELAYS.strip().split(",")))
    with tempfile.TemporaryDirectory() as path:
        file = folder(Path(path)) / "delays.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(headings)
            for key in data.draw(st.permutations(list(rows))):
                days, form = rows[key]
                period = data.draw(st.sampled_from(MONTHS[key[1]]))
                cells = [key[0], period, *key[2:], form.format(days)]
                writer.writerow([dict(zip(DELAYS.strip().split(","), cells, strict=True))[name] for name in headings])
        delays = read(path)["delays"]
    read_back = delays.set_index(["partnership", "period", "age_group", "reason"])["bed_days"]
    assert read_back.to_dict() == {key: days for key, (days, _) in rows.items()}
    assert delays["bed_days"].sum() == sum(days for days, _ in rows.values())


def test_a_repeated_year_is_told(tmp_path):
    """A repeated row is told where a whole number belongs to its key."""
    row = "norland,2023,0-17,5,estimate\n"
    key = "one row for each partnership, year, age_group, status, locality"
    assert problems(folder(tmp_path, population=POPULATION + row + row)) == [
        ("population.csv", 3, "", "norland, 2023, 0-17, estimate again, as in row 2", key, "")
    ]


def test_an_empty_file_is_told_by_its_columns(tmp_path):
    """A file with nothing in it is told by each column that it lacks."""
    told = problems(folder(tmp_path, delays=""))
    assert [one[3:5] for one in told] == [("no headings", f"a column {name}") for name in DELAYS.strip().split(",")]


def test_a_mistake_is_told_once(tmp_path):
    """Cells that could not be read make no further problems of repeats, sums or missing hosts."""
    folder(
        tmp_path,
        delays=DELAYS + "norland,2025-04,75,code_9_awi,5\nnorland,2025-04,18to74,code_9_awi,6\n",
        population=POPULATION + "norland,x,0-17,5,estimate\nnorland,y,0-17,6,estimate\n",
        attribution=ATTRIBUTION + "norland,code_9_awi,law,half\nnorland,code_9_awi,people,0.5\n",
        partnerships=PARTNERSHIPS.replace(",nhs-isle", ",NHS Isle"),
    )
    assert [one[:3] for one in problems(tmp_path)] == [
        ("attribution.csv", 2, "share"),
        ("delays.csv", 2, "age_group"),
        ("delays.csv", 3, "age_group"),
        ("partnerships.csv", 4, "host"),
        ("population.csv", 2, "year"),
        ("population.csv", 3, "year"),
    ]


def test_a_missing_column_is_told_once(tmp_path):
    """A missing column of the key makes no repeats of all its rows."""
    rows = "norland,2025-04,75+,code_9_awi,5\nnorland,2025-04,18-74,code_9_awi,6\n"
    (problem,) = problems(folder(tmp_path, delays=DELAYS.replace("age_group", "ages") + rows))
    assert problem[4] == "a column age_group"


def test_words_are_taken_though_another_partnership_has_such_a_partner(tmp_path):
    """A permitted word such as people stays permitted where another partnership has a partner of that id."""
    partners = PARTNERS + "southland,people,People,people,none\n"
    folder(tmp_path, partners=partners, attribution=ATTRIBUTION + "norland,code_9_awi,people,1\n")
    assert read(tmp_path)["attribution"]["decides"].tolist() == ["people"]


def test_a_quarter_and_a_locality_of_its_month_are_refused(tmp_path):
    """A quarter for the whole and a month for a locality would count twice, and months of two localities would not."""
    heading = DELAYS.replace("\n", ",locality\n")
    folder(tmp_path, delays=heading + "norland,2025/26 Q1,75+,code_9_awi,9,\nnorland,2025-04,75+,code_9_awi,3,east\n")
    assert [one[:4] for one in problems(tmp_path)] == [
        ("delays.csv", 3, "period", "the month 2025-04 and its quarter 2025/26 Q1 (row 2)")
    ]
    rows = "norland,2025/26 Q1,75+,code_9_awi,9,west\nnorland,2025-04,75+,code_9_awi,3,east\n"
    assert len(read(folder(tmp_path, delays=heading + rows))["delays"]) == 2


def test_headings_are_told_with_their_own_row(tmp_path):
    """Where blank rows stand before the headings, a problem of the headings names their row."""
    folder(tmp_path, delays="\n\n" + DELAYS.replace("age_group", "ages"))
    assert [one[:2] for one in problems(tmp_path)] == [("delays.csv", 3)]


def test_cells_without_a_heading_are_a_warning(tmp_path):
    """A column that has cells and no heading is left out with a word of warning."""
    folder(tmp_path, delays=DELAYS.replace("bed_days", ",bed_days") + "norland,2025-04,75+,code_9_awi,stray,5\n")
    assert [(one.row, one.found) for one in read(tmp_path).warnings] == [(1, "no heading over column 5")]


def test_shares_beside_an_unreadable_partner_are_not_summed(tmp_path):
    """Where a cell of a reason's rows could not be read, that cell is told and the shares are not summed."""
    folder(tmp_path, attribution=ATTRIBUTION + "norland,code_9_awi,NHS!,0.9\n")
    assert [one[:3] for one in problems(tmp_path)] == [("attribution.csv", 2, "decides")]

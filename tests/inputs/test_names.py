"""What ledgers call things: codes and headings by the table `names`."""

import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ijbtools.errors import InputRefused
from ijbtools.inputs import read

steady = settings(deadline=None, derandomize=True, max_examples=20)

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
SPENDING = "partnership,partner,service,month,budget,actual\n"
NAMES = "table,partner,column,ledger,name\n"
COUNCIL, NHS = "norland,norland-council", "norland,nhs-norland"
CODE = "a service of the table services, or a line of the table names that says which one it is"


def folder(path, names="", **tables):
    """A folder with those tables and those lines of names beside a partnership, its partners and its services."""
    for name, text in {**BASE, "names": NAMES + names, **tables}.items():
        (Path(path) / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def told(source):
    """What the reader refuses, each problem as it is printed."""
    with pytest.raises(InputRefused) as refused:
        read(source)
    return [str(one) for one in refused.value.problems]


def test_the_same_code_of_two_partners_is_two_services(tmp_path):
    """A code means what the partner whose row it is calls so, though the partner too is called by its ledger's code."""
    names = """\
,norland-council,service,4010,home-care
,nhs-norland,service,4010,prescribing
,,partner,C1,norland-council
,,partner,H1,nhs-norland
"""
    rows = "norland,C1,4010,2025-04,1,1\nnorland,H1,4010,2025-04,2,2\nnorland,norland-council,4010,2025-05,3,3\n"
    spending = read(folder(tmp_path, names, spending=SPENDING + rows))["spending"]
    assert spending["partner"].tolist() == ["norland-council", "nhs-norland", "norland-council"]
    assert spending["service"].tolist() == ["home-care", "prescribing", "home-care"]


def test_the_partner_may_stand_behind_the_code(tmp_path):
    """Whose row it is counts wherever its column stands, and a holder of reserves is a partner too."""
    names = ",norland-council,service,4010,home-care\n,norland-council,kind,G,general\n,,held_by,C1,norland-council\n"
    heading = "service,partner,partnership,month,budget,actual\n"
    reserves = "kind,partnership,held_by,year,fund,opening,movement,ring_fenced,committed\n"
    tables = read(
        folder(
            tmp_path,
            names,
            spending=heading + "4010,norland-council,norland,2025-04,1,1\n",
            reserves=reserves + "G,norland,C1,2025/26,General,1,0,0,0\n",
        )
    )
    assert tables["spending"]["service"].tolist() == ["home-care"]
    assert tables["reserves"]["kind"].tolist() == ["general"]


@pytest.mark.parametrize(
    ("lines", "service"),
    [
        (",,service,4010,home-care\n", "home-care"),
        (",,service,4010,prescribing\n,norland-council,service,4010,home-care\n", "home-care"),
        (",,service,4010,prescribing\nspending,,service,4010,home-care\n", "home-care"),
        (
            "spending,,service,4010,prescribing\n,norland-council,service,4010,home-care\n"
            "spending,norland-council,service,4010,home-care\n",
            "home-care",
        ),
        ("budgets,,service,4010,home-care\n,,service,4010,prescribing\n", "prescribing"),
        (",nhs-norland,service,4010,home-care\n,,service,4010,prescribing\n", "prescribing"),
    ],
)
def test_the_narrowest_line_counts(tmp_path, lines, service):
    """A line for the row's own table and partner goes before one for either, and that before one for all, in any order
    of lines."""
    for order in (lines.splitlines(), reversed(lines.splitlines())):
        folder(tmp_path, "\n".join(order) + "\n", spending=SPENDING + f"{COUNCIL},4010,2025-04,1,1\n")
        assert read(tmp_path)["spending"]["service"].tolist() == [service]


def test_lines_of_which_none_is_the_narrower_are_refused(tmp_path):
    """A line for a partner and one for a table that differ about a code are refused with both rows and the repair."""
    lines = ",norland-council,service,4010,home-care\nspending,,service,4010,prescribing\n"
    folder(tmp_path, lines, spending=SPENDING + f"{COUNCIL},4010,2025-04,1,1\n")
    assert told(tmp_path) == [
        "names.csv, row 3: found '4010' as home-care for norland-council, and as prescribing for spending in row 2; "
        "expected a line for norland-council in spending too, which says what it is there."
    ]
    folder(tmp_path, lines.replace("spending", "delays").replace("prescribing", "x"))
    assert told(tmp_path) == [
        "names.csv, row 3, column column: found 'service'; expected a column of the table delays, or the word heading."
    ]


@pytest.mark.parametrize("spaces", [" ", "  ", "\u00a0", "\n", " \n "])
def test_spaces_and_line_breaks_of_headings_and_codes_do_not_matter(tmp_path, spaces):
    """A heading that a ledger wraps, or spaces in its own way, and a code with two spaces, are known all the same."""
    called = {"Cost centre": "service", "Accounting  period": "month", "This budget": "budget", "To date": "actual"}
    names = "".join(f",,heading,{ledger},{name}\n" for ledger, name in called.items()) + ",,service,CC 4010,home-care\n"
    wrapped = ",".join(f'"{spaces.join(ledger.split())}"' for ledger in called)
    groups = ",,,month,budget,actual\n"  # of the columns of the table there are more here than in the headings
    spending = f'{groups}partnership,partner,{wrapped}\n{COUNCIL},"CC{spaces}4010",2025-04,10,9\n'
    tables = read(folder(tmp_path, names, spending=spending))
    assert tables["spending"][["service", "month"]].to_numpy().tolist() == [["home-care", "2025-04"]]
    assert tables.warnings == ()


def test_one_heading_is_different_columns_in_different_tables(tmp_path):
    """A heading means in each table what the line for that table says, and elsewhere what the line for all says."""
    names = "spending,,heading,Value,actual\n,,heading,Value,amount\n,,heading,Value of it,budget\n"
    tables = read(
        folder(
            tmp_path,
            names,
            spending=SPENDING.replace("actual", "Value") + f"{COUNCIL},home-care,2025-04,10,9\n",
            funding="partnership,partner,year,Value,recurrence,kind,status,dated\n"
            f"{COUNCIL},2025/26,7,recurring,base,agreed,2025-04-01\n",
        )
    )
    assert (tables["spending"]["actual"].item(), tables["funding"]["amount"].item()) == (9, 7)


def test_a_heading_that_is_another_columns_name(tmp_path):
    """A ledger whose heading `actual` is the year to date is read so where a line for the table says it."""
    names = "spending,,heading,actual,actual_to_date\n"
    rows = f"{COUNCIL},home-care,2025-04,10,9\n{COUNCIL},home-care,2025-05,10,20\n"
    spending = read(folder(tmp_path, names, spending=SPENDING + rows))["spending"]
    assert spending["actual"].tolist() == [9, 11]  # 20 − 9
    assert spending["actual_to_date"].tolist() == [9, 20]


def test_two_headings_may_change_places(tmp_path):
    """Two headings that a ledger uses the other way round are each read as what its line says."""
    names = "spending,,heading,budget,actual\nspending,,heading,actual,budget\n"
    spending = read(folder(tmp_path, names, spending=SPENDING + f"{COUNCIL},home-care,2025-04,10,9\n"))["spending"]
    assert (spending["budget"].item(), spending["actual"].item()) == (9, 10)


def test_a_line_for_every_table_renames_no_column(tmp_path):
    """A line for every table whose heading is itself a column is refused, for it says too little."""
    folder(tmp_path, ",,heading,actual,actual_to_date\n", spending=SPENDING + f"{COUNCIL},home-care,2025-04,10,9\n")
    assert told(tmp_path) == [
        "names.csv, row 2, column table: found an empty cell, where 'actual' is itself a column of spending; expected "
        "the table in which the ledger calls it so."
    ]


def test_a_heading_does_not_rename_what_a_table_lacks(tmp_path):
    """A line for every table leaves tables alone that have no such column, and their headings are told as they are."""
    delays = "partnership,Cost centre,period,age_group,reason,bed_days\nnorland,x,2025-04,75+,code_9_awi,1\n"
    tables = read(folder(tmp_path, ",,heading,Cost centre,service\n", delays=delays))
    assert [one.found for one in tables.warnings] == ["the column 'Cost centre'"]


def test_the_tables_own_heading_counts_before_the_ledgers(tmp_path):
    """Where a column stands under its own name and under the ledger's, its own counts, and the other is told."""
    heading = SPENDING.replace("service", "service,Cost centre")
    tables = read(
        folder(
            tmp_path,
            ",,heading,Cost centre,service\n",
            spending=heading + f"{COUNCIL},home-care,prescribing,2025-04,10,9\n",
        )
    )
    assert tables["spending"]["service"].tolist() == ["home-care"]
    assert [one.found for one in tables.warnings] == ["the column 'Cost centre'"]


@pytest.mark.parametrize(
    ("lines", "heading", "headings"),
    [
        (",,heading,CC,service\n,,heading,Cost centre,service\n", "CC,Cost centre", "CC and Cost centre"),
        ("spending,,heading,locality,service\n,,heading,CC,service\n", "locality,CC", "locality and CC"),
        ("spending,,heading,locality,service\n", "locality,service", "locality and service"),
    ],
)
def test_two_headings_of_one_column_are_refused_by_their_own_names(tmp_path, lines, heading, headings):
    """Where two headings of a file are the same column, both are told as the file has them."""
    rows = f"{COUNCIL},home-care,home-care,2025-04,10,9\n"
    folder(tmp_path, lines, spending=SPENDING.replace("service", heading) + rows)
    assert told(tmp_path) == [
        f"spending.csv, row 1, column service: found the headings {headings}, which are all service; expected each "
        "heading once."
    ]


REFUSED = {
    "an unknown table": (
        "spendings,,service,4010,home-care\n",
        "row 2, column table: found 'spendings'; expected a table of the dictionary, or an empty cell. Nearest: "
        "spending.",
    ),
    "an unknown column": (
        "spending,,servise,4010,home-care\n",
        "row 2, column column: found 'servise'; expected a column of the table spending, or the word heading. Nearest: "
        "service.",
    ),
    "a column of another table": (
        "spending,,scope,D,delegated\n",
        "row 2, column column: found 'scope'; expected a column of the table spending, or the word heading.",
    ),
    "an unknown heading": (
        ",,heading,Cost centre,servise\n",
        "row 2, column name: found 'servise'; expected a column of a table. Nearest: service.",
    ),
    "a heading of one partner": (
        ",nhs-norland,heading,Cost centre,service\n",
        "row 2, column partner: found 'nhs-norland'; expected an empty cell: a file has one row of headings, for the "
        "rows of every partner.",
    ),
    "an unknown partner": (
        ",nhs-norlund,service,4010,home-care\n",
        "row 2, column partner: found 'nhs-norlund'; expected a partner of the table partners, or an empty cell. "
        "Nearest: nhs-norland.",
    ),
    "an unknown service": (
        ",,service,4010,home-cair\n",
        "row 2, column name: found 'home-cair'; expected a service of the table services. Nearest: home-care.",
    ),
    "an unknown word": (
        "funding,,recurrence,R,recuring\n",
        "row 2, column name: found 'recuring'; expected recurring or non_recurring. Nearest: recurring.",
    ),
    "no month": (
        "spending,,month,P06,2025-13\n",
        "row 2, column name: found '2025-13'; expected a month such as 2025-04.",
    ),
    "no amount": (
        "spending,,actual,nil,none\n",
        "row 2, column name: found 'none'; expected an amount in pounds, such as 1250 or (1,250.00) for a negative.",
    ),
    "the same code twice": (
        ",,service,4010,home-care\n,,service,4010,prescribing\n",
        "row 3: found service, 4010 again, as in row 2; expected one row for each table, partner, column, ledger.",
    ),
    "an empty name": (",,service,4010,\n", "row 2, column name: found an empty cell; expected text."),
    "an empty code": (",,service,,home-care\n", "row 2, column ledger: found an empty cell; expected text."),
    "an empty column": (",,,4010,home-care\n", "row 2, column column: found an empty cell; expected text."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_line_that_says_nothing_is_refused(tmp_path, case):
    """A line that no row could ever use is refused by its row and column with what is expected and the nearest."""
    lines, message = REFUSED[case]
    assert told(folder(tmp_path, lines)) == [f"names.csv, {message}"]


def test_a_mistake_in_names_does_not_hide_the_rows_that_need_it(tmp_path):
    """An empty code stands for no empty cell: rows without a service are refused as such."""
    folder(tmp_path, ",,service,,home-care\n", spending=SPENDING + f"{COUNCIL},,2025-04,1,1\n")
    assert [one.partition(":")[0] for one in told(tmp_path)] == [
        "names.csv, row 2, column ledger",
        "spending.csv, row 2, column service",
    ]


def test_own_categories_may_be_named(tmp_path):
    """A ledger's code for a category of the partnership's own is translated as one for the statutory ones."""
    services = BASE["services"] + "day-care,Day care,77,all,community\n"
    categories = "kind,category,name\ncategory,day-services,Day services\n"
    tables = read(folder(tmp_path, ",,category,77,day-services\n", services=services, categories=categories))
    assert tables["services"]["category"].tolist() == ["e", "b", "day-services"]


def test_words_months_and_nothings_are_translated(tmp_path):
    """A ledger's period, its word for nothing and its column of figures are read by lines of names like its codes."""
    names = "spending,,month,Period 6,2025-09\nspending,,actual,-,0\nspending,,budget,n/a,0\n"
    spending = read(folder(tmp_path, names, spending=SPENDING + f"{COUNCIL},home-care,Period 6,n/a,-\n"))["spending"]
    assert spending[["month", "budget", "actual"]].to_numpy().tolist() == [["2025-09", 0, 0]]


def test_an_unknown_code_is_told_with_its_repair_and_once(tmp_path):
    """A code that no line names is told with both repairs, and in many rows once, at the first of them."""
    rows = "".join(f"{COUNCIL},004010,{month},1,1\n" for month in ("2025-04", "2025-05"))
    assert told(folder(tmp_path, ",,service,4010,home-care\n", spending=SPENDING + rows)) == [
        f"spending.csv, row {row}, column service: found '004010'; expected {CODE}." for row in (2, 3)
    ]
    rows = "".join(f"{COUNCIL},004010,2025-{month:02d},1,1\n" for month in range(4, 10))
    assert told(folder(tmp_path, spending=SPENDING + rows)) == [
        f"spending.csv, row 2, column service: found '004010' in 6 rows, first here; expected {CODE}."
    ]


def test_a_code_that_is_no_id_is_told_with_both_repairs(tmp_path):
    """A code in capitals is told as no id, and the message points to the table of names."""
    (message,) = told(folder(tmp_path, spending=SPENDING + f"{COUNCIL},HC_4010,2025-04,1,1\n"))
    assert "found 'HC_4010'; expected a short name" in message
    assert "or a line of the table names that says which one it is" in message


def test_codes_are_the_same_as_numbers_and_as_text(tmp_path):
    """In a workbook a code is the same whether its cells are numbers, or text, and its leading zeros are kept."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    names = NAMES + ",,service,40123,home-care\n,,service,0040123,prescribing\n"
    for name, text in {**BASE, "names": names}.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(","))
    sheet = book.create_sheet("spending")
    sheet.append(SPENDING.strip().split(","))
    for place, code in enumerate((40123, 40123.0, "40123", "0040123"), start=4):
        sheet.append(["norland", "norland-council", code, f"2025-{place:02d}", 10, 9])
    book.save(tmp_path / "all.xlsx")
    spending = read(tmp_path / "all.xlsx")["spending"]
    assert spending["service"].tolist() == ["home-care", "home-care", "home-care", "prescribing"]


def test_names_are_used_though_nobody_asked_for_them(tmp_path):
    """Reading one table only uses the names as well, and gives that table alone."""
    folder(tmp_path, ",,service,4010,home-care\n", spending=SPENDING + f"{COUNCIL},4010,2025-04,1,1\n")
    tables = read(tmp_path, only=("spending",))
    assert (list(tables), tables["spending"]["service"].tolist()) == (["spending"], ["home-care"])


CODES = st.text("ABCXYZ0123456789 -/.", min_size=1, max_size=8).filter(lambda code: code.strip())
ENTRIES = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(4, 12)), min_size=1, max_size=8, unique=True)


@steady
@given(
    codes=st.lists(CODES.map(lambda code: " ".join(code.split())), min_size=4, max_size=4, unique=True), rows=ENTRIES
)
def test_codes_give_the_frames_that_ids_give(codes, rows):
    """Whatever a ledger calls its partners and services, with names its rows read as those that use the ids."""
    partners, services = ("norland-council", "nhs-norland"), ("home-care", "prescribing")
    names = "".join(
        f",,{column},{code},{name}\n"
        for (column, name), code in zip(
            [*(("partner", one) for one in partners), *(("service", one) for one in services)], codes, strict=True
        )
    )

    def spending(partner, service):
        lines = (f"norland,{partner[p]},{service[s]},2025-{month:02d},1,{month}\n" for p, s, month in rows)
        return SPENDING + "".join(lines)

    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        by_code = read(folder(one, names, spending=spending(codes[:2], codes[2:])))
        by_id = read(folder(other, spending=spending(partners, services)))
    assert_frame_equal(by_code["spending"], by_id["spending"], check_exact=True)

"""Publishers' own layouts, turned into our tables."""

import pandas as pd
import pytest

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.publishers import IMPORTERS, LEAD_AGENCIES, slug, write_table
from ijbtools.inputs.reader import read

LOOKUP = """\
CA,CAName,HSCP,HSCPName,HB,HBName
S12000902,Westshire,S37000901,Norland,S08000901,NHS Norland
S12000901,Eastshire,S37000901,Norland,S08000901,NHS Norland
S12000017,Highland,S37000016,Highland,S08000022,NHS Highland
S12000013,Na h-Eileanan Siar,S37000031,Western Isles,S08000028,NHS Western Isles
"""
QUARTER = ("202504", "202505", "202506")
# days a month: two councils of Norland, Highland, Western Isles, people who live elsewhere
PLACES = {"S12000901": 1, "S12000902": 2, "S12000017": 3, "S12000013": 0, "OTHER": 5}
AGES = {"18plus": 3, "18-74": 1, "75plus": 2}
REASONS = {
    "All Delay Reasons": 10,
    "Health and Social Care Reasons": 1,
    "Patient and Family Related Reasons": 2,
    "Code 9 AWI": 3,
    "Code 9 Non-AWI": 4,
}


def delays_text(months=QUARTER):
    """The monthly file: in every cell the area's days times the weights of age and reason, totals among their parts."""
    lines = ["MonthOfDelay,CA,AgeGroup,ReasonForDelay,NumberOfDelayedBedDays,AverageDailyNumberOfDelayedBeds"]
    for month in months:
        for place, days in {**PLACES, "S92000003": sum(PLACES.values())}.items():
            for age, weight in AGES.items():
                lines += [f"{month},{place},{age},{reason},{days * weight * n},0" for reason, n in REASONS.items()]
    return "\n".join(lines) + "\n"


BANDED = """\
Year,HSCP,pop_0_17,pop_18_64,pop_65_74,pop_75_84,pop_85plus,pop_all
2022,S92000003,10,20,30,40,50,150
2022,S37000901,4,15,10,20,25,74
2022,S37000016,6,5,20,20,25,76
2023,S92000003,12,20,30,40,50,152
2023,S37000901,5,15,10,20,25,75
2023,S37000016,7,5,20,20,25,77
"""

SPENT = "social_work_net_rev_exp_k"
SPENDING = """\
code,name,year,social_work_net_rev_exp_k,education_net_rev_exp_k
S12000901,Eastshire,2018-19,100,900
S12000902,Westshire,2018-19,200,900
S12000013,Na h-Eileanan Siar,2018-19,30,900
S12000901,Eastshire,2019-20,110,900
S12000902,Westshire,2019-20,220,900
S12000013,Na h-Eileanan Siar,2019-20,33,900
"""


def single_years():
    """The same people by single years of age and by sex, each band in its youngest and its oldest year."""
    lines = [",".join(["Year,HSCP,Sex,AllAges", *(f"Age{age}" for age in range(90)), "Age90plus"])]
    for line in BANDED.splitlines()[1:]:
        year, area, *bands, everyone = line.split(",")
        people = dict.fromkeys(range(91), 0)
        for (youngest, oldest), number in zip([(0, 17), (18, 64), (65, 74), (75, 84), (85, 90)], bands, strict=True):
            people[youngest], people[oldest] = 1, int(number) - 1
        lines.append(",".join(map(str, [year, area, "All", everyone, *people.values()])))
        lines.append(",".join(map(str, [year, area, "Female", 91, *[1] * 91])))
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path):
    """A folder of tables that has Norland, Highland and Western Isles."""
    tables = tmp_path / "tables"
    tables.mkdir()
    for name, frame in bring(tables, "areas", LOOKUP).items():
        write_table(name, frame, tables)
    return tables


def bring(folder, kind, text, since=0):
    """What a publisher's file of that kind and text gives beside the tables of the folder."""
    file = folder.parent / "file.csv"
    file.write_text(text, encoding="utf-8")
    return IMPORTERS[kind](file, read(folder), since)


def refused(folder, kind, text):
    """The problems for which a publisher's file is refused."""
    with pytest.raises(InputRefused) as error:
        bring(folder, kind, text)
    return list(error.value.problems)


def test_areas(folder):
    """Councils of one partnership merge, and partners have their codes, the lead agency its host."""
    assert (folder / "partnerships.csv").read_bytes().decode() == (
        "partnership,name,nation,model,model_from,code,started_on,kind,host\n"
        f"highland,Highland,scotland,lead_agency,{LEAD_AGENCIES['S37000016']},S37000016,2012-04-01,real,nhs-highland\n"
        "norland,Norland,scotland,body_corporate,2016-04-01,S37000901,,real,\n"
        "western-isles,Western Isles,scotland,body_corporate,2016-04-01,S37000031,,real,\n"
    )
    assert (folder / "partners.csv").read_bytes().decode() == (
        "partnership,partner,name,sector,regime,code\n"
        "highland,highland-council,Highland Council,council,reserves,S12000017\n"
        "highland,nhs-highland,NHS Highland,health_board,break_even,S08000022\n"
        "norland,eastshire-council,Eastshire Council,council,reserves,S12000901\n"
        "norland,westshire-council,Westshire Council,council,reserves,S12000902\n"
        "norland,nhs-norland,NHS Norland,health_board,break_even,S08000901\n"
        "western-isles,comhairle-nan-eilean-siar,Comhairle nan Eilean Siar,council,reserves,S12000013\n"
        "western-isles,nhs-western-isles,NHS Western Isles,health_board,break_even,S08000028\n"
    )
    assert read(folder).warnings == ()


@pytest.mark.parametrize("elsewhere", ["OTHER", ""])
def test_delays(folder, elsewhere):
    """Councils add to partnerships and months to the quarter, people from elsewhere stay, and totals are taken out."""
    table = bring(folder, "delays", delays_text().replace("OTHER", elsewhere))["delays"]
    days = table.set_index(["partnership", "period", "age_group", "reason"])["bed_days"]
    norland = days["norland", "2025/26 Q1"]
    assert norland["18-74"].to_dict() == {  # 3 months × (1 + 2) days × the reason's weight
        "health_and_social_care": 9,
        "code_9_awi": 27,
        "code_9_other": 36,
        "patient_and_family": 18,
    }
    assert norland["75+"].to_dict() == (2 * norland["18-74"]).to_dict()
    assert set(days.index.get_level_values("period")) == {"2025/26 Q1"}
    # 3 months × days × (1 + 2) of the ages × (1 + 2 + 3 + 4) of the reasons
    expected = {"norland": 3 * 3 * 30, "highland": 3 * 3 * 30, "western-isles": 0, "not-resident": 3 * 5 * 30}
    assert days.groupby("partnership").sum().to_dict() == expected
    assert not days.index.duplicated().any()


def test_a_quarter_with_a_missing_month_is_left_out(folder):
    """A quarter is there when all its three months are, in whatever order they come."""
    months = ["202507", "202506", "202504", "202505", "202409", "202403"]
    assert set(bring(folder, "delays", delays_text(months))["delays"]["period"]) == {"2025/26 Q1"}
    assert len(bring(folder, "delays", delays_text(months[:3]))["delays"]) == 0


@pytest.mark.parametrize(
    ("cell", "days", "group"),
    [
        ("S12000901,18-74,Code 9 AWI,3", 4, "2025-05, S12000901, 18-74: parts that add up to +1"),
        ("S12000901,18plus,All Delay Reasons,30", 31, "2025-05, S12000901, 18plus: parts that add up to -1"),
        ("S92000003,75plus,Code 9 AWI,66", 60, "2025-05, S92000003, 75plus: parts that add up to -6"),
    ],
)
def test_reasons_that_do_not_add_up(folder, cell, days, group):
    """Reasons that do not add up to all reasons are refused with the month, area and age, and by how much."""
    text = delays_text().replace(f"202505,{cell},", f"202505,{cell.rpartition(',')[0]},{days},")
    (problem,) = refused(folder, "delays", text)
    assert problem.found == f"{group} beside the total 'All Delay Reasons'"
    assert problem.expected == "parts that add up to the total"


def test_ages_and_areas_that_do_not_add_up(folder):
    """Where the reasons add up, ages are checked against all ages, and areas against Scotland."""
    text = delays_text(["202504"])
    young = text.replace("S12000901,18-74,All Delay Reasons,10,", "S12000901,18-74,All Delay Reasons,11,")
    young = young.replace("S12000901,18-74,Code 9 AWI,3,", "S12000901,18-74,Code 9 AWI,4,")
    assert [problem.found for problem in refused(folder, "delays", young)] == [
        "2025-04, S12000901, All Delay Reasons: parts that add up to +1 beside the total '18plus'",
        "2025-04, S12000901, Code 9 AWI: parts that add up to +1 beside the total '18plus'",
    ]
    without = "".join(line for line in text.splitlines(True) if "OTHER" not in line)
    found = [problem.found for problem in refused(folder, "delays", without)]
    assert "2025-04, 18plus, All Delay Reasons: parts that add up to -150 beside the total 'S92000003'" in found


@pytest.mark.parametrize(
    ("new", "column", "found", "expected"),
    [
        ("202504,S12000999,18-74,Code 9 AWI,9", "CA", "S12000999", "a council's code in the table partners"),
        ("202513,S12000017,18-74,Code 9 AWI,9", "MonthOfDelay", "202513", "a month such as 202504"),
        ("2025-04,S12000017,18-74,Code 9 AWI,9", "MonthOfDelay", "2025-04", "a month such as 202504"),
        ("202504,S12000017,18 to 74,Code 9 AWI,9", "AgeGroup", "18 to 74", "18-74, 75plus or 18plus"),
        ("202504,S12000017,18-74,Code 9 AWI,-9", "NumberOfDelayedBedDays", "-9", "a whole number, 0 or more"),
        ("202504,S12000017,18-74,Code 9 AWI,9.5", "NumberOfDelayedBedDays", "9.5", "a whole number, 0 or more"),
        ("202504,S12000017,18-74,Code 9 AWI,", "NumberOfDelayedBedDays", "", "a whole number, 0 or more"),
    ],
)
def test_an_unknown_code_is_refused_with_its_row(folder, new, column, found, expected):
    """A code, month, age group or number that is not the publisher's is refused with row, column and what was found."""
    old = "202504,S12000017,18-74,Code 9 AWI,9"
    lines = delays_text().splitlines()
    row = lines.index(f"{old},0") + 1  # the headings are row 1
    lines[row - 1] = f"{new},0"
    told = refused(folder, "delays", "\n".join(lines))
    assert told == [Problem("file.csv", repr(found), expected, row=row, column=column)]


def test_a_repeated_row_is_refused(folder):
    """A row that is there twice is refused with its row, before it can count twice."""
    lines = delays_text().splitlines()
    told = refused(folder, "delays", "\n".join([*lines, lines[7]]))
    found = "the same month, area, age and reason again"
    assert told == [Problem("file.csv", found, "each once", row=len(lines) + 1)]


def test_another_layout_is_refused(folder):
    """A file without the publisher's headings is refused with each one that is missing and the nearest."""
    told = refused(folder, "delays", delays_text().replace("AgeGroup", "Age_group", 1))
    assert [(one.row, one.expected, one.nearest) for one in told] == [
        (1, "a column AgeGroup, as the publisher's file has", "Age_group")
    ]
    told = refused(folder, "population-estimates", "Year,HSCP,People\n2023,S37000901,5\n")
    assert [one.expected.split(",")[0] for one in told][:2] == ["a column pop_0_17", "a column pop_18_64"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [("delays", delays_text()), ("population-estimates", BANDED), ("social-work-spending", SPENDING)],
)
def test_areas_come_first(tmp_path, kind, text):
    """Delays, population and spending are refused, with what to do, where there are no partnerships yet."""
    (tmp_path / "tables").mkdir()
    (problem,) = refused(tmp_path / "tables", kind, text)
    assert problem.found == "no such table"
    assert problem.expected.endswith("partnerships first: ijb import areas FILE")


def test_bands_and_single_years_give_the_same_population(folder):
    """Bands of age and single years of age give the same table, both sexes together, without Scotland's total."""
    banded = bring(folder, "population-estimates", BANDED)["population"]
    pd.testing.assert_frame_equal(bring(folder, "population-estimates", single_years())["population"], banded)
    assert set(banded["status"]) == {"estimate"}
    assert set(bring(folder, "population-projections", BANDED)["population"]["status"]) == {"projection"}
    people = banded.set_index(["partnership", "year", "age_group"])["people"]
    assert people["norland", 2023].to_dict() == {"0-17": 5, "18-64": 15, "65-74": 10, "75-84": 20, "85+": 25}
    assert people.groupby("year").sum().to_dict() == {2022: 150, 2023: 152}


def test_since_keeps_the_later_years(folder):
    """Years before `since` are left out, and that year is kept."""
    assert set(bring(folder, "population-estimates", BANDED, since=2023)["population"]["year"]) == {2023}
    assert set(bring(folder, "population-estimates", BANDED, since=2022)["population"]["year"]) == {2022, 2023}
    assert len(bring(folder, "population-estimates", BANDED, since=2024)["population"]) == 0


@pytest.mark.parametrize(
    ("old", "new", "where", "found"),
    [
        ("25,74", "25,75", "file.csv, row 3", "ages that do not add up to all ages"),
        ("2022,S37000016", "2022,S37000099", "file.csv, row 4, column HSCP", "'S37000099'"),
        ("2023,S37000016,7", "2023,S37000016,seven", "file.csv, row 7, column pop_0_17", "'seven'"),
        ("2023,S37000901,5,15,10,20,25,75\n", "", "file.csv", "areas of 2023 that do not add up to S92000003"),
    ],
)
def test_population_that_does_not_add_up(folder, old, new, where, found):
    """Ages and areas that do not add up, an unknown code and a word for a number are refused."""
    (problem,) = refused(folder, "population-estimates", BANDED.replace(old, new))
    assert (problem.where, problem.found) == (where, found)


def test_other_rows_stay(folder):
    """Rows of other partnerships, years and kinds stay as they were, and rows that come again are replaced."""
    with (folder / "partnerships.csv").open("a", encoding="utf-8") as file:
        file.write("ours,Ours,scotland,aligned,2016-04-01,,,invented,\n")
    (folder / "population.csv").write_text(
        "partnership,year,age_group,people,status\n"
        "ours,2023,0-17,1000,estimate\n"
        "norland,2021,0-17,1001,estimate\n"
        "norland,2023,0-17,1002,projection\n"
        "norland,2023,0-17,1003,estimate\n",
        encoding="utf-8",
    )
    write_table("population", bring(folder, "population-estimates", BANDED)["population"], folder)
    people = read(folder)["population"]["people"].tolist()
    assert [number for number in people if number >= 1000] == [1001, 1002, 1000]  # by partnership, then kind, then year
    assert len(people) == 3 + 20  # 2 partnerships × 2 years × 5 bands
    again = bring(folder, "areas", LOOKUP)
    assert again["partnerships"]["partnership"].tolist() == ["highland", "norland", "ours", "western-isles"]


def test_write_table(tmp_path):
    """A table is written in the declared order, empty optional columns left out, and nothing else lies beside it."""
    frame = pd.DataFrame({"bed_days": [5], "reason": ["code_9_awi"], "age_group": ["75+"], "locality": [""]})
    file = write_table("delays", frame.assign(period="2025/26 Q1", partnership="norland", people=pd.NA), tmp_path)
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == b"partnership,period,age_group,reason,bed_days\nnorland,2025/26 Q1,75+,code_9_awi,5\n"


def test_slug():
    """A name becomes an id in small letters, without accents, spaces and signs."""
    assert slug("Argyll and Bute") == "argyll-and-bute"
    assert slug(" Dùn Èideann (City) ") == "dun-eideann-city"


def test_delays_come_a_second_time(folder):
    """Delays that come again replace their quarters and the months of these, and all else stays as it was written."""
    awi = "75+,code_9_awi"
    (folder / "delays.csv").write_text(
        "partnership,period,age_group,reason,bed_days,people\n"
        f"norland,2024/25 Q1,{awi},5,2\n"
        f"norland,2025-04,{awi},5,2\n"
        f"norland,2025-07,{awi},7,\n",
        encoding="utf-8",
    )
    write_table("delays", bring(folder, "delays", delays_text())["delays"], folder)
    lines = (folder / "delays.csv").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("norland") and "2025/26 Q1" not in line] == [
        f"norland,2024/25 Q1,{awi},5,2",
        f"norland,2025-07,{awi},7,",
    ]
    assert read(folder).warnings == ()


@pytest.mark.parametrize("row", [1, 2])
def test_a_repeated_row_of_population_is_refused(folder, row):
    """A year and area that are there twice are refused with their row, Scotland's total and a partnership alike."""
    lines = BANDED.splitlines()
    (problem,) = refused(folder, "population-estimates", "\n".join([*lines, lines[row]]))
    assert (problem.row, problem.found) == (8, "the same year and area again")


def test_a_repeated_row_of_a_file_without_scotland_is_refused(folder):
    """Without a total for Scotland nothing but its own row can tell a repeat, and it is refused."""
    lines = [line for line in BANDED.splitlines() if "S92000003" not in line]
    (problem,) = refused(folder, "population-estimates", "\n".join([*lines, lines[1]]))
    assert problem.found == "the same year and area again"


def test_a_repeated_council_is_refused(folder):
    """A council area that the lookup has twice is refused with its row."""
    lines = LOOKUP.splitlines()
    (problem,) = refused(folder, "areas", "\n".join([*lines, lines[1]]))
    assert (problem.row, problem.found) == (6, "the same council area again")


def test_an_empty_code_is_nobody(folder):
    """A row of population without a code is refused, and not given to a partnership that has none."""
    with (folder / "partnerships.csv").open("a", encoding="utf-8") as file:
        file.write("ours,Ours,scotland,aligned,2016-04-01,,,invented,\n")
    text = BANDED.replace("2023,S92000003,12,20,30,40,50,152\n", "").replace("2023,S37000901", "2023,")
    text = "".join(line for line in text.splitlines(True) if "S92000003" not in line)
    (problem,) = refused(folder, "population-estimates", text)
    assert (problem.column, problem.found) == ("HSCP", "''")


def test_social_work_spending(folder):
    """Each council's thousands of pounds become pounds of its partnership, year by year, with measure and source."""
    write_table("published", bring(folder, "social-work-spending", SPENDING)["published"], folder)
    assert (folder / "published.csv").read_bytes().decode() == (
        "partnership,partner,year,measure,amount,source\n"
        "norland,eastshire-council,2018/19,social_work_net_expenditure,100000,S14\n"
        "norland,eastshire-council,2019/20,social_work_net_expenditure,110000,S14\n"
        "norland,westshire-council,2018/19,social_work_net_expenditure,200000,S14\n"
        "norland,westshire-council,2019/20,social_work_net_expenditure,220000,S14\n"
        "western-isles,comhairle-nan-eilean-siar,2018/19,social_work_net_expenditure,30000,S14\n"
        "western-isles,comhairle-nan-eilean-siar,2019/20,social_work_net_expenditure,33000,S14\n"
    )
    assert read(folder).warnings == ()


def test_spending_since(folder):
    """Financial years that begin before `since` are left out, and the one that begins in it is kept."""
    years = {
        since: set(bring(folder, "social-work-spending", SPENDING, since)["published"]["year"])
        for since in (2018, 2019)
    }
    assert years == {2018: {"2018/19", "2019/20"}, 2019: {"2019/20"}}
    assert len(bring(folder, "social-work-spending", SPENDING, since=2020)["published"]) == 0


def test_spending_comes_a_second_time(folder):
    """Spending that comes again replaces its councils and years, and all else stays as it was written, to the penny."""
    (folder / "published.csv").write_text(
        "partnership,partner,year,measure,amount,source\n"
        "norland,eastshire-council,2017/18,social_work_net_expenditure,95000.25,S14\n"
        "norland,eastshire-council,2018/19,social_work_net_expenditure,1,S14\n"
        "highland,highland-council,2018/19,social_work_net_expenditure,143438000,S14\n",
        encoding="utf-8",
    )
    write_table("published", bring(folder, "social-work-spending", SPENDING)["published"], folder)
    lines = (folder / "published.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1:4] == [
        "highland,highland-council,2018/19,social_work_net_expenditure,143438000,S14",
        "norland,eastshire-council,2017/18,social_work_net_expenditure,95000.25,S14",
        "norland,eastshire-council,2018/19,social_work_net_expenditure,100000,S14",
    ]
    assert len(lines) == 1 + 2 + 6


@pytest.mark.parametrize(
    ("new", "column", "found", "expected"),
    [
        ("S12000999,X,2018-19,100,9", "code", "S12000999", "a council's code in the table partners"),
        ("S92000003,Scotland,2018-19,100,9", "code", "S92000003", "a council's code in the table partners"),
        (",X,2018-19,100,9", "code", "", "a council's code in the table partners"),
        ("S12000901,X,2018/19,100,9", "year", "2018/19", "a year such as 2018-19"),
        ("S12000901,X,2018-20,100,9", "year", "2018-20", "a year such as 2018-19"),
        ("S12000901,X,,100,9", "year", "", "a year such as 2018-19"),
        *(
            (f"S12000901,X,2018-19,{found},9", SPENT, found, "thousands of pounds, a whole number above 0")
            for found in ("many", "", "0", "-5", "1.5", "inf", "1e3")
        ),
    ],
)
def test_spending_that_cannot_be_read(folder, new, column, found, expected):
    """A code, year or number that is not the publisher's is refused with row, column and what was found."""
    text = SPENDING.replace("S12000901,Eastshire,2018-19,100,900", new)
    told = refused(folder, "social-work-spending", text)
    assert told == [Problem("file.csv", repr(found), expected, row=2, column=column)]


def test_every_problem_of_spending_at_once(folder):
    """A wrong code, a wrong year, a word for a number and a repeated row are all told in one pass."""
    lines = SPENDING.splitlines()
    repeated = lines[6]
    lines[1] = lines[1].replace("S12000901", "S12000999")
    lines[2] = lines[2].replace("2018-19", "2018")
    lines[3] = lines[3].replace(",30,", ",thirty,")
    told = refused(folder, "social-work-spending", "\n".join([*lines, repeated]))
    assert [(one.row, one.column, one.found) for one in told] == [
        (2, "code", "'S12000999'"),
        (3, "year", "'2018'"),
        (4, SPENT, "'thirty'"),
        (8, "", "the same council and year again"),
    ]


def test_spending_of_another_layout(folder):
    """A file without the publisher's headings is refused with each one that is missing and the nearest."""
    text = SPENDING.replace("code,name,year,social_work_net_rev_exp_k", "Code,name,period,social_work")
    told = refused(folder, "social-work-spending", text)
    assert [(one.expected, one.nearest) for one in told] == [
        ("a column code, as the publisher's file has", "Code"),
        ("a column year, as the publisher's file has", ""),
        (f"a column {SPENT}, as the publisher's file has", "social_work"),
    ]


def test_a_council_of_two_partnerships_is_refused(folder):
    """A council's code that two partnerships have is refused: nobody could tell whose the figures are."""
    with (folder / "partners.csv").open("a", encoding="utf-8") as file:
        file.write("highland,eastshire-council,Eastshire Council,council,reserves,S12000901\n")
    (problem,) = refused(folder, "social-work-spending", SPENDING)
    assert (problem.file, problem.column, problem.found) == ("partners.csv", "code", "'S12000901'")
    assert problem.expected == "each council's code once"

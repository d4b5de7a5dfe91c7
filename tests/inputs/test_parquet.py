"""Tables in Parquet are read as the CSV files of that name are, and checked as strictly."""

import builtins
import os
import threading
from datetime import date

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs import parquet
from ijbtools.inputs.reader import examine, read

PARTNERSHIPS = (
    "partnership,name,nation,model,model_from,kind\n"
    "norland,Norland,scotland,body_corporate,2016-04-01,invented\n"
    "sudland,Sudland,scotland,body_corporate,2016-04-01,invented\n"
)
HEADINGS = ("partnership", "period", "age_group", "reason", "bed_days", "locality")
GOOD = [
    ("norland", "2025-04", "75+", "health_and_social_care", 30, ""),
    ("norland", "2025-04", "75+", "health_and_social_care", 12, ""),
    ("norland", "2025-04", "18-74", "code_9_awi", 0, ""),
    ("sudland", "2025/26 Q1", "75+", "patient_and_family", 91, ""),
    ("not-resident", "Apr-25", "75+", "code_9_other", 7, ""),
]


def write(path, name, rows, headings=HEADINGS, types=None, **options):
    """A Parquet file of those rows; '' is written as nothing, and whole columns get the types that are named."""
    typed = {heading: "INTEGER" if heading == "bed_days" else "VARCHAR" for heading in headings} | (types or {})
    columns = ", ".join(f'"{heading}" {typed[heading]}' for heading in headings)
    file = str(path / f"{name}.parquet").replace("'", "''")
    said = "".join(f", {option} {value}" for option, value in options.items())
    with duckdb.connect() as base:
        base.execute(f"CREATE TABLE made ({columns})")
        if rows:
            cells = [[None if cell == "" else cell for cell in row] for row in rows]
            base.executemany(f"INSERT INTO made VALUES ({', '.join('?' * len(headings))})", cells)
        base.execute(f"COPY made TO '{file}' (FORMAT parquet{said})")


def csv(path, name, rows, headings=HEADINGS):
    """A CSV file of those rows."""
    lines = [",".join(headings), *(",".join(str(cell) for cell in row) for row in rows)]
    (path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def both(tmp_path, rows, name="episodes", headings=HEADINGS, beside=(("partnerships", PARTNERSHIPS),), **written):
    """Two folders with the same rows, one as CSV and one as Parquet."""
    folders = tmp_path / "csv", tmp_path / "parquet"
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for other, text in beside:
            (folder / f"{other}.csv").write_text(text, encoding="utf-8")
    csv(folders[0], name, rows, headings)
    write(folders[1], name, rows, headings, **written)
    return folders


def told(source):
    """Every problem and warning of a source, without the ending of the file."""
    reading = examine(source)
    said = [str(one).replace(".parquet", ".csv") for one in (*reading.problems, *reading.tables.warnings)]
    return sorted(said)


def test_the_same_delays_from_csv_and_parquet(tmp_path):
    """Rows of persons add up to the days and the people of each partnership, period, age group and reason."""
    folders = both(tmp_path, GOOD)
    for folder in folders:
        tables = read(folder)
        delays = tables["delays"]
        assert "episodes" not in tables
        assert tables.person_level == {"delays"}
        assert delays.values.tolist() == [
            ["norland", "2025-04", "18-74", "code_9_awi", 0, 1, ""],
            ["norland", "2025-04", "75+", "health_and_social_care", 30 + 12, 2, ""],
            ["not-resident", "2025-04", "75+", "code_9_other", 7, 1, ""],
            ["sudland", "2025/26 Q1", "75+", "patient_and_family", 91, 1, ""],
        ]
        assert (str(delays["bed_days"].dtype), str(delays["people"].dtype)) == ("int64", "float64")
    pd.testing.assert_frame_equal(read(folders[0])["delays"], read(folders[1])["delays"])


WRONG = [
    ("norland", "2025-04", "75+", "health_and_social_care", 30, ""),
    ("norlnd", "2025-04", "75+", "health_and_social_care", 1, ""),
    ("norlnd", "2025-04", "75+", "health_and_social_care", 2, ""),
    ("norland", "2025", "75+", "health_and_social_care", 1, ""),
    ("norland", "2025-04", "75", "health_and_social_care", 1, ""),
    ("norland", "2025-05", "75", "health_and_social_care", 1, ""),
    ("norland", "2025-04", "", "health_and_social_care", 1, ""),
    ("norland", "2025-04", "75+", "awi", 1, ""),
    ("norland", "2025-04", "75+", "health_and_social_care", -3, ""),
    ("norland", "2025-04", "75+", "health_and_social_care", -3, ""),
    ("norland", "2025-04", "75+", "health_and_social_care", "", ""),
    ("norland", "2025-04", "75+", "health_and_social_care", 31, ""),
    ("norland", "2025/26 Q1", "75+", "health_and_social_care", 31, ""),
    ("sudland", "2025-04", "75+", "code_9_awi", 3, ""),
    ("sudland", "2025-04", "75+", "code_9_awi", 3, "North"),
]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_problems_in_the_same_words(tmp_path, monkeypatch, threads):
    """Every problem is told once, with the number of rows and the first, alike from CSV and Parquet."""
    monkeypatch.setattr(parquet, "THREADS", threads)
    folders = both(tmp_path, WRONG, row_group_size=4)
    found = told(folders[0])
    assert found == told(folders[1])
    assert found == sorted(
        [
            "episodes.csv, row 3, column partnership: found 'norlnd' in 2 rows, first here; expected a partnership of "
            "the table partnerships. Nearest: norland.",
            "episodes.csv, row 5, column period: found '2025'; expected a month such as 2025-04 or a quarter such as "
            "2025/26 Q1.",
            "episodes.csv, row 6, column age_group: found '75' in 2 rows, first here; expected 18-74 or 75+. "
            "Nearest: 75+.",
            "episodes.csv, row 8, column age_group: found an empty cell; expected 18-74 or 75+.",
            "episodes.csv, row 9, column reason: found 'awi'; expected health_and_social_care, code_9_awi, "
            "code_9_other or patient_and_family.",
            "episodes.csv, row 10, column bed_days: found '-3' in 2 rows, first here; expected a whole number, 0 or "
            "more.",
            "episodes.csv, row 12, column bed_days: found an empty cell; expected a whole number, 0 or more.",
            "episodes.csv, row 13, column bed_days: found 31 days of one person in 2025-04; expected at most 30, the "
            "days of 2025-04.",
            "episodes.csv, row 2, column period: found the month 2025-04 and its quarter 2025/26 Q1 (row 14); "
            "expected months or the quarter, not both.",
            "episodes.csv, row 15, column locality: found an empty cell; expected a row for the whole or rows for its "
            "localities, not both.",
        ]
    )


PERIODS = ["2025-04", "2025-05", "Jun-25", "2026-01"]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["norland", "sudland", "not-resident", " norland"]),
        st.sampled_from(PERIODS),
        st.sampled_from(["18-74", "75+"]),
        st.sampled_from(["health_and_social_care", "code_9_awi", "code_9_other", "patient_and_family"]),
        st.integers(0, 28),
        st.just(""),
    ),
    max_size=60,
)


@given(rows=ROWS, group=st.integers(1, 20), threads=st.integers(1, 3), looked_at=st.integers(1, 30))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_make_the_same_delays(tmp_path_factory, rows, group, threads, looked_at):
    """Whatever the rows, their order in the file, its parts and the threads: days and people are those of the CSV."""
    folders = both(tmp_path_factory.mktemp("rows"), rows, row_group_size=group)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "THREADS", threads)
        patch.setattr(parquet, "LOOKED_AT", looked_at)
        delays, of_csv = read(folders[1])["delays"], read(folders[0])["delays"]
    pd.testing.assert_frame_equal(delays, of_csv)
    assert delays["bed_days"].sum() == sum(row[4] for row in rows)
    assert delays["people"].sum() == len(rows)


@pytest.mark.parametrize("by_place", [0, 2])
def test_words_that_are_not_in_the_first_rows(tmp_path, monkeypatch, by_place):
    """A word that only comes later, or one of too many to look up, counts as the others do."""
    monkeypatch.setattr(parquet, "LOOKED_AT", 1)
    monkeypatch.setattr(parquet, "BY_PLACE", by_place)
    folders = both(tmp_path, GOOD)
    pd.testing.assert_frame_equal(read(folders[1])["delays"], read(folders[0])["delays"])


def test_what_is_not_added_up(tmp_path, monkeypatch):
    """A column of ever other texts, and rows of which no two are alike, are refused and not held in memory."""
    write(tmp_path, "episodes", [(f"p-{n}", "2025-04", "75+", "code_9_awi", 1, "") for n in range(9)])
    monkeypatch.setattr(parquet, "LOOKED_AT", 1)
    monkeypatch.setattr(parquet, "MOST_TEXTS", 8)
    found, expected = "more than 8 different texts", "the few words that rows share"
    assert told(tmp_path) == [str(Problem("episodes.csv", found, expected, row=1, column="partnership"))]
    monkeypatch.setattr(parquet, "MOST_TEXTS", 100)
    monkeypatch.setattr(parquet, "MOST_GROUPS", 8)
    assert "more than 8 rows of which no two are alike" in told(tmp_path)[0]


def test_blank_rows_count_and_stand_for_nobody(tmp_path):
    """A row without a cell is nobody and no problem; one with nothing but a figure is told; rows keep their number."""
    blank = ("",) * 6
    folders = both(tmp_path, [blank, GOOD[0], blank, ("norland", "2025-04", "75+", "code_9_awi", "", "")])
    assert told(folders[0]) == told(folders[1]) != []
    assert "row 5, column bed_days: found an empty cell" in told(folders[1])[0]
    write(folders[1], "episodes", [blank, GOOD[0], ("", "", "", "", 5, "")])
    assert [one.row for one in examine(folders[1]).problems] == [4] * 4


TYPES = [
    ("bed_days", "DOUBLE", "numbers with decimals (stored as DOUBLE)", "whole numbers: cast the column"),
    ("bed_days", "VARCHAR", "text (stored as VARCHAR)", "whole numbers: cast the column"),
    ("bed_days", "DATE", "dates (stored as DATE)", "whole numbers: cast the column"),
    ("reason", "DOUBLE", "numbers with decimals (stored as DOUBLE)", "text: cast the column"),
    ("period", "DOUBLE", "numbers with decimals (stored as DOUBLE)", "text or dates: cast the column"),
]


@pytest.mark.parametrize(("column", "of", "found", "expected"), TYPES)
@pytest.mark.parametrize("name", ["episodes", "delays"])
def test_types_are_those_that_are_declared(tmp_path, name, column, of, found, expected):
    """A column of another type is refused once, with its type and the repair; nothing else is said of its cells."""
    row = dict(zip(HEADINGS, GOOD[0], strict=True)) | {column: {"VARCHAR": "12", "DATE": date(1970, 1, 13)}.get(of, 12)}
    write(tmp_path, name, [tuple(row.values())] * 7, types={column: of})
    problems = [one for one in examine(tmp_path).problems if one.column == column]
    assert [(one.row, one.found) for one in problems] == [(1, found)]
    assert problems[0].expected.startswith(expected)
    assert len(examine(tmp_path).problems) == 1


@pytest.mark.parametrize("of", ["TINYINT", "BIGINT", "USMALLINT", "UBIGINT", "DECIMAL(9, 0)"])
def test_whole_numbers_of_any_width_are_counts(tmp_path, of):
    """Days may be stored in whole numbers of any width."""
    write(tmp_path, "episodes", [(*GOOD[0][:4], 30, "")], types={"bed_days": of})
    assert read(tmp_path)["delays"]["bed_days"].tolist() == [30]


def test_sums_are_exact(tmp_path):
    """Figures that a double could not add up are added up as whole numbers, and absurd ones are told."""
    large = 10**15
    write(tmp_path, "episodes", [(*GOOD[0][:4], large + 1, "")], types={"bed_days": "BIGINT"})
    assert [one.found for one in examine(tmp_path).problems] == [f"'{large + 1}'"]
    write(tmp_path, "episodes", [(*GOOD[0][:4], large, "")] * 3, types={"bed_days": "BIGINT"})
    assert [one.found for one in examine(tmp_path).problems][-1].startswith(f"{large:,} days of one person in 2025-04")


DELAYS = [
    ("norland", "2025-04", "75+", "code_9_awi", 12, ""),
    ("norland", "2025-04", "75+", "code_9_awi", 12, ""),
    ("", "", "", "", "", ""),
    ("Total", "", "", "", 24, ""),
    ("sudland", "2025-04", "74+", "code_9_awi", 1, "North"),
]


def test_other_tables_are_read_as_their_csv(tmp_path):
    """Any table may be Parquet: totals, repeated rows, blank rows and words are told as of the CSV file, by row."""
    folders = both(tmp_path, DELAYS, "delays")
    assert told(folders[0]) == told(folders[1])
    assert len(told(folders[1])) == 3
    folders = both(tmp_path / "good", GOOD[2:], "delays")
    pd.testing.assert_frame_equal(read(folders[1])["delays"], read(folders[0])["delays"])


def test_amounts_dates_and_yes_or_no(tmp_path):
    """Numbers with decimals are amounts, dates are dates and months, and true is yes."""
    text = "partnership,scheme,unit,treated,period,after,outcome\nnorland,link,ward-1,yes,2025-04,no,12.50\n"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pilots.csv").write_text(text, encoding="utf-8")
    (tmp_path / "b").mkdir()
    row = ("norland", "link", "ward-1", True, date(2025, 4, 1), False, 1250)
    types = {"treated": "BOOLEAN", "after": "BOOLEAN", "period": "DATE", "outcome": "DECIMAL(9, 0)"}
    write(tmp_path / "b", "pilots", [row], text.splitlines()[0].split(","), types)
    one, other = (read(tmp_path / folder)["pilots"].iloc[0] for folder in "ab")
    assert other["outcome"] == 100 * one["outcome"]
    names = ["treated", "after", "period", "unit"]
    assert other[names].tolist() == one[names].tolist() == ["yes", "no", "2025-04", "ward-1"]


def test_names_of_a_ledger_hold_in_parquet(tmp_path):
    """Headings and words of one's own are translated by the table names, in Parquet as in CSV."""
    names = (
        "table,partner,column,ledger,name\nepisodes,,heading,HSCP,partnership\nepisodes,,partnership,N01,norland\n"
        "episodes,,reason,51X,code_9_other\nepisodes,,period,M1,2025-04\n"
    )
    rows = [("N01", "M1", "75+", "51X", 12, "")]
    beside = (("partnerships", PARTNERSHIPS), ("names", names))
    folders = both(tmp_path, rows, headings=("HSCP", *HEADINGS[1:]), beside=beside)
    for folder in folders:
        row = read(folder)["delays"].iloc[0]
        assert row[["partnership", "period", "reason"]].tolist() == ["norland", "2025-04", "code_9_other"]
    folders = both(tmp_path, [(*rows[0][:4], 31, "")], headings=("HSCP", *HEADINGS[1:]), beside=beside)
    for folder in folders:
        assert [one.found for one in examine(folder).problems] == ["31 days of one person in 2025-04"]


def test_a_further_column_is_left_out(tmp_path):
    """A column that the table does not have is a warning, as in CSV, and its cells are on no page."""
    folders = both(tmp_path, [(*GOOD[0], "0101501234")], headings=(*HEADINGS, "chi"))
    for folder in folders:
        tables = read(folder)
        assert [one.found for one in tables.warnings] == ["the column 'chi'"]
        assert "chi" not in tables["delays"]


@pytest.mark.parametrize("folder", ["it's [1] a*b? 100%", "year=2024", "Größe $file"])
def test_any_name_of_a_folder(tmp_path, folder):
    """Quotes, brackets and stars in a path are its name: they find no other file and are no part of a query."""
    if "*" in folder and os.name == "nt":
        pytest.skip("Windows has no such names")
    place = tmp_path / folder
    place.mkdir()
    write(place, "episodes", GOOD)
    assert read(place)["delays"]["bed_days"].sum() == 30 + 12 + 0 + 91 + 7


def test_values_are_no_part_of_a_query(tmp_path):
    """A word with quotes and SQL in it is told like any other."""
    word = "x'); DROP TABLE stored; --"
    write(tmp_path, "episodes", [(word, "2025-04", "75+", word, 1, "")])
    assert sorted(one.column for one in examine(tmp_path).problems) == ["partnership", "reason"]


def test_one_filled_file_for_each_table(tmp_path):
    """A CSV and a Parquet file of one table, both filled, are refused; a blank one beside a filled one is not."""
    csv(tmp_path, "episodes", GOOD)
    write(tmp_path, "episodes", GOOD)
    assert "a second file of the table episodes, beside episodes.csv" in str(examine(tmp_path).problems[0])
    csv(tmp_path, "episodes", [])
    assert len(read(tmp_path)["delays"]) == 4
    write(tmp_path, "episodes", [])
    assert len(read(tmp_path)["delays"]) == 0
    csv(tmp_path, "episodes", GOOD)
    assert len(read(tmp_path)["delays"]) == 4


def test_what_is_no_parquet_file(tmp_path):
    """A damaged file, and a folder of parts, are refused with the repair; a table nobody knows is a warning."""
    write(tmp_path, "episodes", GOOD)
    whole = (tmp_path / "episodes.parquet").read_bytes()
    (tmp_path / "episodes.parquet").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "delays.parquet").mkdir()
    (tmp_path / "other.parquet").write_bytes(b"nothing")
    found = {one.file: one for one in examine(tmp_path).problems}
    assert found["delays.parquet"].expected == "one Parquet file for each table"
    assert found["episodes.parquet"].found.startswith("a file that cannot be read as Parquet")
    assert {one.file for one in examine(tmp_path).tables.warnings} == {"other.parquet"}


def test_without_duckdb(tmp_path, monkeypatch):
    """Where duckdb is not installed a Parquet file is refused, and the sentence says how to install it."""
    write(tmp_path, "episodes", GOOD)
    plain = builtins.__import__

    def without(name, *rest, **options):
        if name == "duckdb":
            raise ImportError(name)
        return plain(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputRefused, match="python -m pip install duckdb"):
        read(tmp_path)


def test_nothing_is_left_running(tmp_path):
    """After a file was read, or refused, there is no thread, no connection and no scratch folder more than before."""
    write(tmp_path, "episodes", WRONG)
    before = threading.active_count()
    examine(tmp_path)
    assert threading.active_count() == before
    assert duckdb.connect().execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").fetchone()[0] <= 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["episodes.parquet"]

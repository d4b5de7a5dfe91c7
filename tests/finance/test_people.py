"""People in a year: the estimate, or the last estimate rolled on at projected growth."""

import pandas as pd
import pytest

from ijbtools.finance.people import people_in

COLUMNS = ["partnership", "year", "age_group", "people", "status"]


def table(*rows: tuple) -> pd.DataFrame:
    """Rows of the population table."""
    return pd.DataFrame(rows, columns=COLUMNS)


# Estimates stop at 2023; the projection was made on an older count and stands 10% higher in that year.
SERIES = table(
    ("Strathorran", 2022, "75-84", 990.0, "estimate"),
    ("Strathorran", 2023, "75-84", 1_000.0, "estimate"),
    ("Strathorran", 2022, "75-84", 1_090.0, "projection"),
    ("Strathorran", 2023, "75-84", 1_100.0, "projection"),
    ("Strathorran", 2024, "75-84", 1_155.0, "projection"),
    ("Strathorran", 2026, "75-84", 1_210.0, "projection"),
)


def test_estimate_is_used_where_there_is_one():
    """A year with an estimate shows it, whatever the projection for that year says."""
    expected = table(
        ("Strathorran", 2022, "75-84", 990.0, "estimate"), ("Strathorran", 2023, "75-84", 1_000.0, "estimate")
    )
    pd.testing.assert_frame_equal(people_in(SERIES, [2022, 2023]).reset_index(drop=True), expected)


def test_growth_is_applied_to_the_last_estimate():
    """Beyond the estimates the last one grows as the projection does."""
    # 2024: 1,000 × 1,155/1,100 = 1,050;  2026: 1,000 × 1,210/1,100 = 1,100
    found = people_in(SERIES, [2024, 2026]).set_index("year")
    assert found["people"].to_dict() == pytest.approx({2024: 1_050.0, 2026: 1_100.0}, rel=1e-12)
    assert set(found["status"]) == {"projection"}


def test_level_of_the_projection_does_not_matter():
    """A projection twice as high throughout leads to the same people, for only its growth is used."""
    doubled = SERIES.assign(people=SERIES["people"].where(SERIES["status"] == "estimate", 2 * SERIES["people"]))
    found, expected = people_in(doubled, [2023, 2024, 2026]), people_in(SERIES, [2023, 2024, 2026])
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_order_of_the_rows_does_not_matter():
    """A table in reverse order leads to the same people."""
    found = people_in(SERIES.iloc[::-1], [2022, 2023, 2024, 2026]).sort_values("year", ignore_index=True)
    expected = people_in(SERIES, [2022, 2023, 2024, 2026]).sort_values("year", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)


def test_unknown_combinations_are_left_out():
    """A year that no series reaches, and a projection without an estimate in its base year, give no row."""
    rows = table(
        ("Strathorran", 2023, "85+", 400.0, "estimate"),  # no projection at all
        ("Ardmoral", 2023, "85+", 300.0, "projection"),  # no estimate at all
        ("Ardmoral", 2024, "85+", 310.0, "projection"),
        ("Hadderley", 2023, "85+", 500.0, "estimate"),  # the projection begins after the last estimate
        ("Hadderley", 2024, "85+", 520.0, "projection"),
        ("Hadderley", 2025, "85+", 530.0, "projection"),
    )
    found = people_in(rows, [2023, 2024, 2025, 2040])
    assert sorted(zip(found["partnership"], found["year"], strict=True)) == [("Hadderley", 2023), ("Strathorran", 2023)]


def test_each_partnership_and_age_group_has_its_own_last_estimate():
    """Growth starts from the last estimate of the same partnership and age group."""
    rows = table(
        ("Strathorran", 2023, "65-74", 200.0, "estimate"),
        ("Strathorran", 2023, "65-74", 210.0, "projection"),
        ("Strathorran", 2025, "65-74", 231.0, "projection"),
        ("Strathorran", 2024, "85+", 50.0, "estimate"),
        ("Strathorran", 2024, "85+", 40.0, "projection"),
        ("Strathorran", 2025, "85+", 44.0, "projection"),
        ("Ardmoral", 2024, "85+", 70.0, "estimate"),
        ("Ardmoral", 2024, "85+", 80.0, "projection"),
        ("Ardmoral", 2025, "85+", 80.0, "projection"),
    )
    found = people_in(rows, [2025]).set_index(["partnership", "age_group"])["people"].to_dict()
    expected = {
        ("Strathorran", "65-74"): 220.0,  # 200 × 231/210
        ("Strathorran", "85+"): 55.0,  # 50 × 44/40
        ("Ardmoral", "85+"): 70.0,  # 70 × 80/80
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_localities_are_summed():
    """Rows by locality count together, before growth is applied."""
    rows = table(
        ("Strathorran", 2023, "85+", 30.0, "estimate"),
        ("Strathorran", 2023, "85+", 70.0, "estimate"),
        ("Strathorran", 2023, "85+", 60.0, "projection"),
        ("Strathorran", 2023, "85+", 60.0, "projection"),
        ("Strathorran", 2024, "85+", 60.0, "projection"),
        ("Strathorran", 2024, "85+", 66.0, "projection"),
    ).assign(locality=["North", "South"] * 3)
    found = people_in(rows, [2023, 2024])
    # 30 + 70 = 100;  100 × (60 + 66)/(60 + 60) = 105
    assert found["people"].tolist() == pytest.approx([100.0, 105.0], rel=1e-12)
    assert list(found.columns) == COLUMNS


def test_years_not_asked_for_are_left_out():
    """Only the years asked for come back."""
    assert people_in(SERIES, [2024])["year"].tolist() == [2024]
    assert people_in(SERIES, []).empty


def test_the_table_passed_in_stays_as_it_was():
    """The table that is read is not altered."""
    rows = SERIES.copy()
    people_in(rows, [2024])
    pd.testing.assert_frame_equal(rows, SERIES)

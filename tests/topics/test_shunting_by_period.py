"""The flow matrix of delayed days by month and reason."""

import importlib.util

import pandas as pd
import pytest

from ijbtools.errors import InputRefused
from ijbtools.topics import shunting

KEYS = ["partnership", "reason", "basis", "item", "decides", "bears"]


def test_quarters_of_the_sample_sum_to_the_year_to_date(scotland, assumptions, shunted):
    """Quarter by quarter, days and amounts add up to the priced lines of each year to date, partner by partner."""
    flows = shunting.by_period(scotland, assumptions)
    year = flows[flows["period"].str.startswith("2024/25 Q")].groupby(KEYS)[["days", "amount"]].sum()
    priced = shunted.tables["priced"].rename(columns={"partner": "bears", "quantity": "days"})
    priced = priced[priced["period"] == "2024/25"].groupby(KEYS)[["days", "amount"]].sum()
    priced = priced[priced["days"] > 0]
    assert len(priced) > 100
    pd.testing.assert_frame_equal(year[year["days"] > 0], priced, check_exact=False, rtol=0, atol=0.005)


def test_months_by_hand(scotland, assumptions):
    """100 days of May at £618.12 a bed and £126 of care: hospitals bear £61,812 and care budgets are spared £12,600."""
    row = {"period": "2025-05", "age_group": "75+", "bed_days": 100, "people": 9.0, "locality": ""}
    rows = [
        row | {"partnership": "fife", "reason": "health_and_social_care"},
        row | {"partnership": "fife", "reason": "code_9_awi"},
        row | {"partnership": "highland", "reason": "health_and_social_care"},
    ]
    flows = shunting.by_period({**scotland, "delays": pd.DataFrame(rows)}, assumptions)
    full = flows[flows["basis"] == "full_average"].drop(columns=["basis", "period"])
    # Highland is a lead agency: its health board decides on care and bears it, and runs the hospitals.
    assert full.round(2).values.tolist() == [
        ["fife", "code_9_awi", "bed", "law", "hospitals", 100, 61812],
        ["fife", "health_and_social_care", "bed", "partnership", "hospitals", 100, 61812],
        ["fife", "health_and_social_care", "care", "partnership", "partnership", 100, -12600],
        ["highland", "health_and_social_care", "bed", "nhs-highland", "nhs-highland", 100, 61812],
        ["highland", "health_and_social_care", "care", "nhs-highland", "nhs-highland", 100, -12600],
    ]
    assert set(flows["period"]) == {"2025-05"}


def test_agreed_shares_divide_the_days(scotland, assumptions):
    """Where partners have agreed who decides, each has its share of the days, and what is borne stays the same."""
    row = {"period": "2025-05", "age_group": "75+", "bed_days": 100, "people": 9.0, "locality": ""}
    delays = pd.DataFrame([row | {"partnership": "fife", "reason": "code_9_other"}])
    agreed = {"partnership": "fife", "reason": "code_9_other"}
    shares = [agreed | {"decides": "fife-council", "share": 0.75}, agreed | {"decides": "people", "share": 0.25}]
    sent = {**scotland, "delays": delays, "attribution": pd.DataFrame(shares)}
    full = shunting.by_period(sent, assumptions).query("basis == 'full_average'")
    assert full[["decides", "days"]].values.tolist() == [["fife-council", 75], ["people", 25]]
    assert full["amount"].sum() == pytest.approx(61812)


def test_without_days_or_partners(scotland, assumptions):
    """Without days there are no flows; without partners they are refused."""
    none = {name: frame for name, frame in scotland.items() if name != "delays"}
    assert len(shunting.by_period(none, assumptions)) == 0
    with pytest.raises(InputRefused, match=r"partners\.csv"):
        shunting.by_period({"delays": scotland["delays"], "partnerships": scotland["partnerships"]}, assumptions)


def test_equal_to_a_bare_query_to_the_penny(root, assumptions, tmp_path):
    """Generated episodes in Parquet give the flow matrix that the benchmark's query in SQL gives, to the penny."""
    spec = importlib.util.spec_from_file_location("scale", root / "benchmarks" / "scale.py")
    scale = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scale)
    scale.episodes(tmp_path / "many", 20_000)
    bare = sorted(scale.bare(tmp_path / "many", None))
    assert sorted(scale.checked(tmp_path / "many", assumptions)) == bare
    assert len(bare) > 10_000
    assert sum(line[6] for line in bare if line[3] == "bed") > 20_000  # days: each row has one or more

"""The sample of real figures, data/sample/scotland, against figures as they were published."""

from pathlib import Path

import pandas as pd
import pytest

from ijbtools.finance.years import Period
from ijbtools.inputs.publishers import IMPORTERS, LEAD_AGENCIES, write_table
from ijbtools.inputs.reader import read
from ijbtools.inputs.yaml_files import load
from ijbtools.vocabulary import AGED_75_AND_OVER, DELAY_AGE_GROUPS, NOT_RESIDENT, POPULATION_AGE_GROUPS, REASONS

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample" / "scotland"

SCOTLAND = read(SAMPLE)
SPENDING = "la-net-revenue-expenditure/scotland_social_work_net_revenue_expenditure_2018_19_2024_25.csv"
DELAYS = SCOTLAND["delays"].assign(year=SCOTLAND["delays"]["period"].str[:7])


def test_thirty_one_partnerships():
    """Scotland has 31 partnerships, 30 bodies corporate and one lead agency, which is Highland."""
    partnerships = SCOTLAND["partnerships"]
    assert len(partnerships) == 31
    assert partnerships["model"].value_counts().to_dict() == {"body_corporate": 30, "lead_agency": 1}
    lead = partnerships[partnerships["model"] == "lead_agency"]
    assert lead[["partnership", "code", "host"]].values.tolist() == [["highland", "S37000016", "nhs-highland"]]
    assert set(lead["code"]) == set(LEAD_AGENCIES)
    assert partnerships["code"].is_unique


def test_partners():
    """The partners are 32 councils, each of one partnership, and 14 health boards, one in each partnership."""
    partners = SCOTLAND["partners"]
    councils, boards = (partners[partners["sector"] == sector] for sector in ("council", "health_board"))
    assert (len(councils), councils["code"].nunique(), boards["code"].nunique()) == (32, 32, 14)
    assert boards["partnership"].tolist() == SCOTLAND["partnerships"]["partnership"].tolist()
    both = councils[councils["partnership"] == "clackmannanshire-and-stirling"]["partner"]
    assert both.tolist() == ["clackmannanshire-council", "stirling-council"]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        ("2017/18", 494_123),
        ("2018/19", 521_772),
        ("2019/20", 542_204),
        ("2020/21", 358_426),
        ("2021/22", 540_302),
        ("2022/23", 661_705),
        ("2024/25", 720_119),
    ],
)
def test_published_days_of_scotland(year, days):
    """The quarters of a year add up to the days that Public Health Scotland published for Scotland."""
    # Public Health Scotland, Delayed Discharges in NHSScotland, annual figures
    assert DELAYS.loc[DELAYS["year"] == year, "bed_days"].sum() == days


def test_days_of_people_who_live_elsewhere():
    """In 2024/25 the partnerships have 719,643 days, and people who live elsewhere 476."""
    year = DELAYS[DELAYS["year"] == "2024/25"]
    elsewhere = year["partnership"] == NOT_RESIDENT
    assert year.loc[~elsewhere, "bed_days"].sum() == 719_643
    assert year.loc[elsewhere, "bed_days"].sum() == 476
    assert 719_643 + 476 == 720_119


def test_published_days_of_people_aged_75_and_over():
    """In 2020/21 people aged 75 and over had 227,524 days."""
    # Local Government Benchmarking Framework, indicator SW8, numerator for Scotland
    aged = DELAYS[(DELAYS["year"] == "2020/21") & DELAYS["age_group"].isin(AGED_75_AND_OVER)]
    assert aged["bed_days"].sum() == 227_524


def test_quarters_have_no_gap():
    """Every partnership has every age group and reason in every quarter from 2016/17 Q2 to 2025/26 Q1."""
    quarters = [f"{Period(year, 1, 12)} Q{quarter}" for year in range(2016, 2026) for quarter in range(1, 5)][1:-3]
    assert (quarters[0], quarters[-1], len(quarters)) == ("2016/17 Q2", "2025/26 Q1", 36)
    areas = [*SCOTLAND["partnerships"]["partnership"], NOT_RESIDENT]
    there = set(DELAYS[["partnership", "period", "age_group", "reason"]].itertuples(index=False, name=None))
    expected = {(p, q, age, reason) for p in areas for q in quarters for age in DELAY_AGE_GROUPS for reason in REASONS}
    assert there == expected
    assert len(DELAYS) == len(expected) == 32 * 36 * 2 * 4


def test_population_of_mid_2023():
    """Scotland had 5,490,100 people in mid-2023, 512,713 of them aged 75 and over."""
    # National Records of Scotland, mid-2023 population estimates
    people = SCOTLAND["population"]
    people = people[(people["year"] == 2023) & (people["status"] == "estimate")]
    assert people["people"].sum() == 5_490_100
    assert people.loc[people["age_group"].isin(AGED_75_AND_OVER), "people"].sum() == 512_713


@pytest.mark.parametrize(("status", "years"), [("estimate", range(2010, 2024)), ("projection", range(2018, 2044))])
def test_population_has_no_gap(status, years):
    """Every partnership has every age group in every year from the first to the last."""
    people = SCOTLAND["population"]
    people = people[people["status"] == status]
    there = set(people[["partnership", "year", "age_group"]].itertuples(index=False, name=None))
    partnerships = SCOTLAND["partnerships"]["partnership"]
    assert there == {(p, year, age) for p in partnerships for year in years for age in POPULATION_AGE_GROUPS}


@pytest.mark.parametrize(
    ("year", "thousands"),
    [("2018/19", 3_246_898), ("2021/22", 3_816_551), ("2023/24", 4_604_480), ("2024/25", 4_873_130)],
)
def test_spending_on_social_work(year, thousands):
    """The net expenditure on social work of 32 councils adds up to the total that the file's record states."""
    # Scottish Local Government Finance Statistics, LA level, net revenue expenditure, £000: sums of 32 councils
    amounts = SCOTLAND["published"].loc[SCOTLAND["published"]["year"] == year, "amount"]
    assert amounts.sum() == thousands * 1000


@pytest.mark.parametrize(("year", "millions"), [("2021/22", 3817), ("2023/24", 4604), ("2024/25", 4873)])
def test_spending_on_social_work_as_announced(year, millions):
    """The councils' net expenditure on social work adds up to what was announced for Scotland, to the million."""
    # Scottish Government, Local government expenditure and income: 28 February 2023, 4 February 2025, 3 February 2026
    amounts = SCOTLAND["published"].loc[SCOTLAND["published"]["year"] == year, "amount"]
    assert amounts.sum() / 1e6 == pytest.approx(millions, abs=0.5)


def test_spending_on_social_work_has_no_gap():
    """Every one of 32 councils has its spending in every one of 7 years, of one measure and one source."""
    published = SCOTLAND["published"]
    partners = SCOTLAND["partners"]
    councils = partners.loc[partners["sector"] == "council", ["partnership", "partner"]].itertuples(
        index=False, name=None
    )
    years = [str(Period(year, 1, 12)) for year in range(2018, 2025)]
    there = set(published[["partnership", "partner", "year"]].itertuples(index=False, name=None))
    assert there == {(*council, year) for council in councils for year in years}
    assert len(published) == len(there) == 32 * 7
    assert set(published["measure"]) == {"social_work_net_expenditure"}
    assert set(published["source"]) == {"S14"}
    assert set(published["source"]) <= set(load(ROOT / "params" / "sources.yaml"))


def test_read_without_a_warning():
    """The sample reads without a word of warning."""
    assert SCOTLAND.warnings == ()


@pytest.mark.originals
def test_the_originals_give_the_sample(originals, tmp_path):
    """The publishers' whole files, imported one after the other, give the sample's files byte by byte."""
    for kind, file, since in (
        ("areas", "lookups/council_hscp_hb_current.csv", 0),
        ("delays", "phs-delayed-discharge/delayed_discharge_beddays_council_201607_202508.csv", 0),
        ("population-estimates", "population/hscp_pop_est_raw.csv", 2010),
        ("population-projections", "population/hscp_pop_proj_ageband.csv", 2010),
        ("social-work-spending", SPENDING, 0),
    ):
        for name, frame in IMPORTERS[kind](originals / file, read(tmp_path), since).items():
            write_table(name, frame, tmp_path)
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert made == {file.name: file.read_bytes() for file in SAMPLE.glob("*.csv")}


@pytest.mark.originals
def test_the_banded_original_gives_the_same_estimates(originals):
    """The file of estimates by band gives the same table as the one by single years of age."""
    areas = read(SAMPLE, only=("partnerships", "partners"))
    single, banded = (
        IMPORTERS["population-estimates"](originals / "population" / file, areas, 2010)["population"]
        for file in ("hscp_pop_est_raw.csv", "hscp_pop_est_ageband.csv")
    )
    pd.testing.assert_frame_equal(single.reset_index(drop=True), banded.reset_index(drop=True))


@pytest.mark.originals
def test_the_original_spending_adds_up(originals):
    """The file has 32 councils in each of 7 years, and they add up to the totals that its record states."""
    areas = read(SAMPLE, only=("partnerships", "partners"))
    table = IMPORTERS["social-work-spending"](originals / SPENDING, areas, 0)["published"]
    years = table.groupby("year")
    assert years["partner"].nunique().tolist() == years.size().tolist() == [32] * 7
    thousands = years["amount"].sum() // 1000
    assert thousands[["2018/19", "2021/22", "2023/24", "2024/25"]].tolist() == [
        3_246_898,
        3_816_551,
        4_604_480,
        4_873_130,
    ]

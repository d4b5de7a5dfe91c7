"""The house style of the project's own assumptions, params/*.yaml."""

import csv
from pathlib import Path

import pytest

from ijbtools.inputs.assumptions import read_assumptions
from ijbtools.inputs.yaml_files import load

PARAMS = Path(__file__).resolve().parents[2] / "params"
DATA_SOURCES = {"S01", "S02", "S03", "S04", "S11", "S14", "S16", "S17", "S18", "S20"}  # not of assumptions

FILES = {file.name: load(file) for file in sorted(PARAMS.glob("*.yaml"))}
REGISTER = FILES.pop("sources.yaml")
ASSUMPTIONS = {name: raw for data in FILES.values() for name, raw in data.items()}
# Every value that can be chosen: an assumption, or each of its options with what the assumption says for all of them.
ENTRIES = {name: raw for name, raw in ASSUMPTIONS.items() if "options" not in raw} | {
    f"{name}.{option}": {"unit": raw["unit"], "owner": raw["owner"], **said}
    for name, raw in ASSUMPTIONS.items()
    for option, said in raw.get("options", {}).items()
}


def values(entry):
    """The values of an entry, of every date."""
    return entry["value"].values() if isinstance(entry["value"], dict) else [entry["value"]]


def test_params_read():
    """The project's own assumptions read without a problem."""
    assert set(read_assumptions(PARAMS)) == set(ASSUMPTIONS)


@pytest.mark.parametrize("field", ["label", "unit", "value", "source", "owner", "quality", "range"])
def test_params_say_everything(field):
    """Every assumption and every option has a label, a unit, a value, a source, an owner, a quality and a range."""
    assert [name for name, entry in ENTRIES.items() if entry.get(field) in (None, "", {})] == []


def test_params_have_registered_sources():
    """Every assumption and every option names a source of the register."""
    assert [name for name, entry in ENTRIES.items() if entry["source"] not in REGISTER] == []


def test_params_lie_in_their_ranges():
    """Every value lies in its range, and every range says what its two ends mean and why they are there."""
    outside = [
        name
        for name, entry in ENTRIES.items()
        if not all(entry["range"]["low"] <= value <= entry["range"]["high"] for value in values(entry))
    ]
    assert outside == []
    assert [name for name, entry in ENTRIES.items() if not {"ends", "note"} <= set(entry["range"])] == []


def test_params_of_money_have_a_price_base():
    """Every value in pounds says of which year its prices are."""
    money = {name: entry for name, entry in ENTRIES.items() if "£" in entry["unit"]}
    assert money != {}
    assert [name for name, entry in money.items() if not entry.get("price_base")] == []


def test_params_choose_between_two_or_more():
    """An assumption with options has two or more, and no value of its own beside them."""
    choices = {name: raw for name, raw in ASSUMPTIONS.items() if "options" in raw}
    assert [name for name, raw in choices.items() if len(raw["options"]) < 2 or "value" in raw] == []


def test_every_source_is_used():
    """Every source of the register is that of an assumption, of published figures, or of a duty."""
    used = {entry["source"] for entry in ENTRIES.values()}
    assert [source for source in REGISTER if source not in used | DATA_SOURCES] == []


@pytest.mark.originals
def test_the_deflator_is_the_publishers(originals):
    """The GDP deflator of every year from 2018/19 to 2028/29 is the one in the file, to its last digit."""
    # HM Treasury, GDP deflators at market prices, December 2023; to 2028/29 with the forecast's growth
    with (originals / "gdp-deflator" / "gdp_deflator_financial_year.csv").open(encoding="utf-8") as file:
        index = {
            row["financial_year"].replace("-", "/"): row["index_chained_2022_23_100"] for row in csv.DictReader(file)
        }
    deflator = ASSUMPTIONS["gdp_deflator"]["value"]
    assert list(deflator) == [year for year in index if "2018/19" <= year <= "2028/29"]
    assert len(deflator) == 11
    assert deflator == {year: float(index[year]) for year in deflator}


def test_the_pandemic_in_the_deflator():
    """Prices rise by 5.45% in 2020/21 and fall by 0.82% in 2021/22, as published; 2022/23 is 100."""
    deflator = ASSUMPTIONS["gdp_deflator"]["value"]
    # 94.403 / 89.527 - 1 = 5.446%; 93.629 / 94.403 - 1 = -0.820%
    assert 100 * (deflator["2020/21"] / deflator["2019/20"] - 1) == pytest.approx(5.45, abs=0.005)
    assert 100 * (deflator["2021/22"] / deflator["2020/21"] - 1) == pytest.approx(-0.82, abs=0.005)
    assert deflator["2022/23"] == 100

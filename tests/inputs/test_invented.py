"""The invented partnerships together: made by their script, read in both forms, and adding up."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from ijbtools.inputs.reader import read
from ijbtools.inputs.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
INVENTED = ROOT / "data" / "sample" / "invented"
WORKBOOK = INVENTED / "invented.xlsx"

CSV = read(INVENTED)
HALF_PENNY = 0.005
OF = ["partnership", "partner", "service"]


def year_of(month):
    first = int(month[:4]) - (month[5:] < "04")
    return f"{first}/{(first + 1) % 100:02d}"


def after(year):
    return f"{int(year[:4]) + 1}/{(int(year[:4]) + 2) % 100:02d}"


def planned():
    """Budgets of what the partnerships decide on, by partner, service and year; localities together."""
    budgets = CSV["budgets"]
    inside = budgets[budgets["scope"].isin(["delegated", "hosted"])]
    return inside.groupby([*OF, "year"])[["recurring", "non_recurring"]].sum()


def at_setting(recurrence):
    changes = CSV["changes"]
    own = changes[(changes["period"] == "") & (changes["recurrence"] == recurrence)]
    return own.groupby([*OF, "year"])["amount"].sum()


def nothing(residual):
    assert len(residual)
    wrong = residual[~(residual.abs() < HALF_PENNY)]
    assert wrong.empty, wrong.to_string()


def test_the_script_makes_the_same_bytes(tmp_path):
    """The script makes every table and the workbook as they are kept, byte for byte."""
    subprocess.run([sys.executable, str(INVENTED / "make"), str(tmp_path)], check=True)
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    kept = {file.name: file.read_bytes() for file in [*INVENTED.glob("*.csv"), WORKBOOK]}
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


def test_both_forms_are_the_same():
    """CSV files and workbook read without a problem, with the same warnings, and give the same frames.

    The warnings are of the stories: the councils' ledgers close some days before September does.
    """
    book = read(WORKBOOK)
    said = [[(one.row, one.column, one.found) for one in tables.warnings] for tables in (CSV, book)]
    assert said[0] == said[1]
    assert [found for _, _, found in said[0]] == [
        f"spending of {council} in 2026-09, where its ledger reaches 2026-09-{day}"
        for council, day in (("ardmoral-council", 27), ("hadderley-council", 27), ("strathorran-council", 25))
    ]
    assert sorted(CSV) == sorted(book)
    for name, frame in CSV.items():
        pd.testing.assert_frame_equal(frame, book[name])


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("published", "names", "categories")])
def test_every_table_has_rows(name):
    """Every declared table has rows, except what others publish about real bodies, and words of one's own."""
    assert len(CSV[name])


def test_nothing_is_published_about_invented_bodies():
    """All three are marked as invented, and the table `published` is not there."""
    assert CSV["partnerships"]["kind"].tolist() == ["invented"] * 3
    assert "published" not in CSV


def test_funding_is_budgets():
    """In each year agreed funding and planned reserves are the budgets: Σ funding = Σ recurring + Σ non-recurring."""
    funding, partners = CSV["funding"], CSV["partners"]
    government = partners.loc[partners["sector"] == "government", "partner"]
    agreed = funding[
        (funding["status"] == "agreed")
        & (funding["kind"] != "overspend_share")
        & ~funding["partner"].isin(government)
        & ~between_partners(funding)
    ]
    brought = agreed.groupby(["partnership", "year"])["amount"].sum()
    budgets = planned().sum(axis=1).groupby(["partnership", "year"]).sum()
    assert len(budgets) == 12  # three partnerships, 2023/24 to 2026/27
    nothing(brought.reindex(budgets.index).sub(budgets))


def between_partners(funding):
    """Money from partner to partner beside the one budget: outside a lead agency it is nobody's contribution."""
    model = funding["partnership"].map(CSV["partnerships"].set_index("partnership")["model"])
    to_another = (funding["to_partner"] != "") & (funding["to_partner"] != funding["partner"])
    return to_another & (model != "lead_agency")


def upto_now(series, first):
    """The part of a series by year from `first` to the current year."""
    years = series.index.get_level_values("year")
    return series[(years >= first) & (years <= "2026/27")]


def test_recurring_budgets_roll_forward():
    """Last year's recurring budget and the recurring changes are this year's, for every partner and service."""
    recurring = planned()["recurring"]
    opening = upto_now(recurring.rename(index=after, level="year"), "2024/25")
    closing = upto_now(recurring, "2024/25")
    nothing(opening.add(upto_now(at_setting("recurring"), "2024/25"), fill_value=0).sub(closing, fill_value=0))


def test_one_off_budgets_are_one_off_changes():
    """The one-off changes of a year are its one-off budget, for every partner and service."""
    one_off = upto_now(planned()["non_recurring"], "2024/25")
    nothing(one_off.sub(upto_now(at_setting("non_recurring"), "2024/25"), fill_value=0))


def test_savings_are_their_changes():
    """The targets of a year are the savings that its budget takes out, by partner, service and recurrence."""
    changes = CSV["changes"]
    taken = changes[(changes["step"] == "saving") & (changes["period"] == "")]
    keys = [*OF, "year", "recurrence"]
    out = taken.groupby(keys)["amount"].sum()
    nothing(CSV["savings"].groupby(keys)["target"].sum().add(out, fill_value=0))


def test_virements_make_no_money():
    """Within each quarter virements net to nothing."""
    changes = CSV["changes"]
    virements = changes[changes["step"] == "virement"]
    assert set(virements["period"]) >= {"2025/26 Q4", "2026/27 Q2"}
    nothing(virements.groupby(["partnership", "period"])["amount"].sum())


def by_year(column):
    spending = CSV["spending"]
    return spending.assign(year=spending["month"].map(year_of)).groupby([*OF, "locality", "year"])[column]


def of_budgets():
    """Budget and outturn of every partner and service that has months, by locality."""
    budgets = CSV["budgets"].groupby([*OF, "locality", "year"])[["recurring", "non_recurring", "outturn"]]
    sums = budgets.sum(min_count=1)
    return sums[sums.index.isin(by_year("budget").sum().index)]


def test_months_are_the_budget():
    """The twelve monthly budgets of a service are its budget."""
    months = by_year("budget")
    assert (months.count() == 12).all()
    nothing(months.sum() - of_budgets()[["recurring", "non_recurring"]].sum(axis=1))


def test_months_are_the_outturn():
    """In the years that are over the months' spending is the outturn; in the current year six months are known."""
    counted, spent = by_year("actual").count(), by_year("actual").sum()
    current = counted.index.get_level_values("year") == "2026/27"
    assert set(counted[current]) == {6}
    assert set(counted[~current]) == {12}
    nothing(spent[~current] - of_budgets()["outturn"][~current])


def test_every_decided_budget_has_months():
    """Every delegated or hosted budget has its months."""
    with_months = by_year("budget").sum().groupby([*OF, "year"]).sum()
    assert planned().index.difference(with_months.index).empty


def test_reserves_chain():
    """What a fund holds at a year's end it holds when the next begins."""
    reserves = CSV["reserves"].set_index(["partnership", "held_by", "fund", "year"])
    closing = (reserves["opening"] + reserves["movement"]).rename(index=after, level="year")
    later = closing[closing.index.get_level_values("year") <= "2026/27"]
    nothing(reserves["opening"].reindex(later.index) - later)
    assert (closing > -HALF_PENNY).all()
    assert (reserves[["ring_fenced", "committed"]].sum(axis=1) <= reserves["opening"] + HALF_PENNY).all()


def test_projections_meet_the_estimates():
    """At mid-2025 the projections have the people that the estimates have."""
    people = CSV["population"]
    at = people[people["year"] == 2025].groupby(["partnership", "age_group", "status"])["people"].sum().unstack()
    nothing(at["estimate"] - at["projection"])

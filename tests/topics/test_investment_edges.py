"""Schemes at their edges: only costs, early years, people who are not known, steps shared between lines."""

import pandas as pd
import pytest

from ijbtools.inputs import read
from ijbtools.topics import investment


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships."""
    return dict(read(root / "data" / "sample" / "invented"))


@pytest.fixture(scope="module")
def result(tables, assumptions):
    """All schemes of the three invented partnerships."""
    return investment.compute(tables, assumptions)


def one_scheme(tables, flows, started="2026/27"):
    """The tables of Strathorran with one scheme of these flows (partner, kind, first, last, amount, share)."""
    rows = [
        {
            "partnership": "strathorran", "scheme": "flats", "partner": partner, "service": "home-care", "kind": kind,
            "recurrence": "recurring", "funding": "revenue", "first_year": first, "last_year": last, "amount": amount,
            "low": float("nan"), "high": float("nan"), "ramp_years": 0.0, "cashable_share": share, "grade": "4",
            "price_base": "2026/27",
        }
        for partner, kind, first, last, amount, share in flows
    ]  # fmt: skip
    schemes = tables["schemes"].iloc[[0]].assign(scheme="flats", name="Flats", started=started)
    return {**tables, "schemes": schemes, "scheme_flows": pd.DataFrame(rows)}


def test_a_scheme_that_only_costs(tables, assumptions):
    """A scheme without a benefit is appraised: it does not pay back."""
    given = one_scheme(tables, [("nhs-norland", "investment", "2026/27", "2027/28", 1e5, float("nan"))])
    row = investment.compute(given, assumptions).tables["summary"].iloc[0]
    assert (row["label"], row["pv_gross"]) == ("does_not_pay_back", 0)


def test_a_year_before_the_start_is_not_lost(tables, assumptions):
    """A cost that begins before the scheme's own first year counts in its year: 100 and 100 of two years."""
    given = one_scheme(tables, [("nhs-norland", "investment", "2025/26", "2026/27", 100.0, float("nan"))])
    found = investment.compute(given, assumptions)
    assert found.tables["years"].set_index("year")["investment"].to_dict() == {"2025/26": 100.0, "2026/27": 100.0}


def test_growth_from_people_that_are_not_known_is_the_rate_assumed(tables, assumptions):
    """Without the table of people, growth from people falls back on the rate assumed, and no growth becomes cash."""
    given = {name: frame for name, frame in tables.items() if name != "population"}
    plain, people = (investment.compute(given, assumptions, growth_from=one) for one in ("assumed", "people"))
    pd.testing.assert_frame_equal(people.tables["summary"], plain.tables["summary"])


def test_steps_are_of_a_budget_and_not_of_its_lines(tables, assumptions):
    """Two lines of £200,000 on one budget give one step of £250,000: 400,000 / 250,000 is one and a part."""
    flows = [("strathorran-council", "benefit", "2026/27", "2026/27", 2e5, 1.0)] * 2
    given = one_scheme(tables, flows)
    [own] = investment.compute(given, assumptions).cases
    parts = own.parts(0.04, 0.04, 2.5e5)
    assert parts["cash"].sum() == pytest.approx(2.5e5)
    assert parts["cash"][:, 0].tolist() == pytest.approx([1.25e5, 1.25e5])


def test_a_build_up_has_the_years_of_its_own_scheme(result):
    """Prevention's lines begin in 2027/28, although the hub acts on the same budget from 2024/25."""
    rows = result.tables["build_up"]
    assert set(rows.loc[rows["scheme"] == "prevention", "first_year"]) == {"2027/28"}


def test_growth_and_uplift_change_only_the_years_ahead(result):
    """Until the latest year with a budget, nothing depends on growth or uplift; a scenario applies after it."""
    for one in result.cases:
        past = one.ahead == 0
        plain, other = one.parts(0.04, 0.02), one.parts(0.09, -0.01)
        for name in investment.PARTS:
            assert (plain[name][:, past] == other[name][:, past]).all()


def test_affordability_is_in_cash(result):
    """£0.6 million in prices of 2026/27 is £0.6 million · 113.479 / 111.505 in cash of 2027/28."""
    frame = result.only("strathorran", "2026/27 Q2").table("affordability").frame.set_index("year")
    assert frame.loc["Home First, 2027/28", "investment"] == pytest.approx(0.6 * 113.479 / 111.505, abs=5e-6)


def test_worth_by_hand(result):
    """Home First: NPV 5.774260 − 1.680982 on all benefits, BCR 5.774260 / 1.680982, at most 0.4 + 0.184 of cash out."""
    row = result.only("strathorran", "2026/27 Q2").table("worth").frame.iloc[0]
    assert (row["all"], row["ratio"]) == pytest.approx((4.093278, 5.774260 / 1.680982), abs=2e-6)
    assert row["peak"] == pytest.approx(0.4 + 0.184)


def test_every_rule_is_held_against_annual_budgets(result):
    """The trust that must break even is short in 2023/24 under every rule, as no cash comes in the first year."""
    frame = result.only("hadderley", "2026/27 Q2").table("settlement").frame
    hub = frame[frame["rule"].str.startswith("Community hub")]
    assert len(hub) == 3
    assert set(hub["held"]) == {"short in 2023/24"}

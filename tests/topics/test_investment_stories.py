"""The headlines of the three invented partnerships' schemes, worked out from the sample."""

import numpy as np
import pandas as pd
import pytest

from ijbtools.inputs import read
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.topics import investment
from ijbtools.topics._investment_view import View

MILLION = 5e-7  # printed to the pound in £ million
NOW = "2026/27"


@pytest.fixture(scope="module")
def tables(root):
    """The tables of the three invented partnerships."""
    return dict(read(root / "data" / "sample" / "invented"))


@pytest.fixture(scope="module")
def invented(tables, assumptions):
    """Investment of the three invented partnerships."""
    return investment.compute(tables, assumptions)


def with_values(assumptions, **values):
    """The assumptions with other values."""
    changed = {
        name: one.model_copy(update={"value": {"always": values[name]}}) if name in values else one
        for name, one in assumptions.items()
    }
    return Assumptions(changed, assumptions.sources)


def row_of(result, scheme):
    rows = result.tables["summary"]
    return rows[rows["scheme"] == scheme].iloc[0]


def years_of(result, scheme):
    rows = result.tables["years"]
    return rows[rows["scheme"] == scheme].set_index("year")


# Home First


@pytest.mark.parametrize(
    ("uplift", "cash", "said"),
    [
        (0.0, 0.0, "invest_to_manage"),
        (0.02, 1.166325, "invest_to_manage"),
        (0.04, 5.774260, "invest_to_save"),
    ],
)
def test_home_first(tables, assumptions, uplift, cash, said):
    """Home First costs 1.680982 and brings 5.774260; it manages at uplifts of 0 and 2% and saves at 4%."""
    # 40.0 at 4%: 41.6, 43.264, 44.99456 less 40.6, 41.2, 41.8: 1.0, 2.064, 3.19456;  0.6 a year in years 1 to 3
    result = investment.compute(tables, with_values(assumptions, budget_uplift=uplift, do_nothing_growth=0.04))
    row = row_of(result, "home-first")
    assert row["pv_investment"] / 1e6 == pytest.approx(1.680982, abs=MILLION)
    assert row["pv_gross"] / 1e6 == pytest.approx(5.774260, abs=MILLION)
    assert row["pv_cash"] / 1e6 == pytest.approx(cash, abs=MILLION)
    assert row["label"] == said
    assert row["turns_at"] == pytest.approx(0.02226, abs=5e-6)


def test_home_first_year_by_year(invented):
    """At an uplift of 2% Home First releases £200,000, £416,000 and £648,320 and absorbs the rest of what it brings."""
    # 40.8 − 40.6, 41.616 − 41.2, 42.44832 − 41.8
    years = years_of(invented, "home-first")
    assert years["cash"].tolist() == pytest.approx([0, 200_000, 416_000, 648_320], abs=0.005)
    assert years["absorbed"].tolist() == pytest.approx([0, 800_000, 1_648_000, 2_546_240], abs=0.005)
    assert years["freed"].abs().max() < 0.005
    assert years["do_nothing"].tolist() == pytest.approx([40e6, 41.6e6, 43.264e6, 44.99456e6], abs=0.005)
    assert years["budget"].tolist() == pytest.approx([40e6, 40.8e6, 41.616e6, 42.44832e6], abs=0.005)


def test_home_first_on_its_page(invented):
    """The page names the label at 0, 2 and 4%, and that it turns at 2.23%."""
    row = invented.only("strathorran", "2026/27 Q2").table("labels").frame.iloc[0].tolist()
    assert row == ["Home First", "invest to manage", "invest to manage", "invest to save", "2.23% a year"]


def test_home_first_cannot_be_paid_for_yet(invented):
    """NHS Norland pays for what the council gains: 1.680982 of 5.774260, more than the cash of 1.166325."""
    v = View(invented.only("strathorran", NOW))
    assert v.shared == ["home-first"]
    everything, cash = (v.settled("home-first", "equal_split", basis) for basis in ("all", "released"))
    assert everything.least / 1e6 == pytest.approx(1.680982, abs=MILLION)
    assert everything.most / 1e6 == pytest.approx(5.774260, abs=MILLION)
    assert cash.most_cash / 1e6 == pytest.approx(1.166325, abs=MILLION)
    assert (everything.feasible, cash.feasible) == (True, False)
    assert cash.transfers.empty


# The hub


def test_the_hub_in_cash(invented):
    """The hub costs the community trust 2.0 and brings the council 10.0, of which 4.0 is cash."""
    # 0.8 + 3·0.4 = 2.0;  4·2.5 = 10.0;  10.0·0.4 = 4.0
    nets = View(invented.only("hadderley", "2026/27 Q2")).nets("hub", discounted=False)
    assert nets["cost"].to_dict() == pytest.approx({"hadderley-community": 2e6, "hadderley-council": 0})
    assert nets["all"].to_dict() == pytest.approx({"hadderley-community": 0, "hadderley-council": 10e6})
    assert nets["cash"].to_dict() == pytest.approx({"hadderley-community": 0, "hadderley-council": 4e6})


@pytest.mark.parametrize(
    ("basis", "discounted", "least", "most", "equal"),
    [
        # (2 + 10)/2 = 6 and (2 + 4)/2 = 3
        ("all", False, 2.0, 10.0, 6.0),
        ("cash", False, 2.0, 4.0, 3.0),
        # 0.8 + 0.4·(1/1.035 + 1/1.035² + 1/1.035³) = 1.920655;  2.5·(1/1.035 + … + 1/1.035⁴)
        # = 9.182698;  ·0.4 = 3.673079
        # (1.920655 + 9.182698)/2 and (1.920655 + 3.673079)/2
        ("all", True, 1.920655, 9.182698, 5.551676),
        ("cash", True, 1.920655, 3.673079, 2.796867),
    ],
)
def test_what_a_transfer_for_the_hub_can_be(invented, basis, discounted, least, most, equal):
    """From 2 to 10 on all benefits and 2 to 4 on cash: 6.0 and 3.0 in equal parts, 5.551676 and 2.796867 today."""
    made = View(invented.only("hadderley", NOW)).settled("hub", "equal_split", basis, discounted)
    found = (made.least, made.most if basis == "all" else made.most_cash, made.transfers["amount"].sum())
    assert [one / 1e6 for one in found] == pytest.approx([least, most, equal], abs=MILLION)
    pair = made.transfers[["from_partner", "to_partner"]].iloc[0].tolist()
    assert (len(made.transfers), pair) == (1, ["hadderley-council", "hadderley-community"])


def test_the_hub_on_its_page(invented):
    """The page has the ranges 2 to 10 and 2 to 4 with 6.0 and 3.0, and says of the first that budgets cannot pay it."""
    frame = invented.only("hadderley", "2026/27 Q2").table("range").frame
    hub = frame[frame["what"].str.startswith("Community hub")].reset_index(drop=True)
    assert hub.loc[0, ["least", "most", "equal"]].tolist() == pytest.approx([2, 10, 6])
    assert hub.loc[1, ["least", "most", "equal"]].tolist() == pytest.approx([2, 4, 3])
    assert hub.loc[0, "verdict"].startswith("no")
    assert hub.loc[3, ["least", "most", "equal"]].tolist() == pytest.approx([1.920655, 9.182698, 5.551676], abs=MILLION)
    assert hub.loc[4, ["least", "most", "equal"]].tolist() == pytest.approx([1.920655, 3.673079, 2.796867], abs=MILLION)


def test_the_hub_binds_in_its_first_year(invented):
    """The trust must break even every year, and in 2023/24, before any cash comes, it is £0.8 million short."""
    short = View(invented.only("hadderley", NOW)).unpayable("hub")
    assert short[["partner", "year"]].to_numpy().tolist() == [["hadderley-community", "2023/24"]]
    assert short["left"].iloc[0] == pytest.approx(-0.8e6)


def test_the_hub_paid_year_by_year(invented):
    """Over all years the transfer of each partner is the one agreed, and every year's transfers sum to nothing."""
    v = View(invented.only("hadderley", NOW))
    rows = v.payable("hub")
    assert rows.groupby("year")["transfer"].sum().abs().max() < 0.005
    agreed = v.settled("hub", "equal_split", "released", discounted=False).transfers["amount"].sum()
    paid = rows.groupby("partner")["transfer"].sum()
    assert paid.to_dict() == pytest.approx({"hadderley-community": agreed, "hadderley-council": -agreed})


# The framework and prevention


def test_the_framework(tables, invented):
    """The framework saves 24.0 in four years, 1.5 a year of which recurs: 6.25%."""
    # 3.0 + 6.0 + 7.5 + 7.5 = 24.0;  1.5/24.0
    flows = tables["scheme_flows"].query("scheme == 'framework' and kind == 'benefit'")
    lasts = flows["last_year"].str[:4].astype(int) - flows["first_year"].str[:4].astype(int) + 1
    saved = (flows["amount"] * lasts).groupby(flows["recurrence"]).sum()
    assert saved.sum() == 24e6
    assert saved["recurring"] / saved.sum() == 0.0625
    years = years_of(invented, "framework")
    assert years["cash"].tolist() == pytest.approx([3e6, 6e6, 7.5e6, 7.5e6])
    assert years["gross"].sum() == pytest.approx(24e6)


def test_the_framework_in_a_steady_year(invented):
    """Of the 7.5 of the framework's last year only the 1.5 that recurs could meet a cost that recurs."""
    row = row_of(invented, "framework")
    assert (row["steady_cash"], row["steady_cost"]) == (pytest.approx(1.5e6), pytest.approx(150_000))
    assert row["recurs"] == pytest.approx(0.0625)


def test_prevention_releases_no_cash(tables, assumptions, invented):
    """Falls prevention absorbs growth and releases nothing in cash, at whatever uplift, so it never saves money."""
    years = years_of(invented, "prevention")
    assert (years["cash"] == 0).all()
    assert years["absorbed"].sum() > 0.9e6
    assert years["absorbed"].sum() + years["freed"].sum() == pytest.approx(years["gross"].sum())
    generous = investment.compute(tables, with_values(assumptions, budget_uplift=0.2))
    assert (years_of(generous, "prevention")["cash"] == 0).all()
    assert row_of(generous, "prevention")["label"] != "invest_to_save"
    assert np.isnan(row_of(invented, "prevention")["turns_at"])


def test_each_scheme_says_whom_it_follows(tables, invented):
    """Each scheme's note says which public account it follows, or that it follows none, and that it is invented."""
    notes = tables["schemes"].set_index("scheme")["note"]
    assert len(notes) == 5
    for scheme, note in notes.items():
        assert "invented" in note, scheme
        assert "account" in note, scheme
    for partnership, own in tables["schemes"].groupby("partnership"):
        said = invented.only(partnership, NOW).sentences()["schemes"]
        assert all(note in said for note in own["note"])


# Ardmoral's flats


def test_ardmorals_capital_limit(invented):
    """The flats' £300,000 breaks The Ardmoral Council's limit of £250,000, and borrowing it costs £21,286 a year."""
    # 300,000·0.05/(1 − 1.05^−25) = 21,285.74
    shown = invented.only("ardmoral", "2026/27 Q1").table("capital")
    rows = shown.frame
    assert len(rows) == 1
    row = rows.iloc[0]
    thousand = 1e3 if "£ thousand" in shown.subtitle else 1e6
    assert [row[name] * thousand for name in ("amount", "limit", "borrowed")] == pytest.approx(
        [300_000, 250_000, 21_285.74], abs=0.005
    )
    assert row["said"] == "broken"
    assert "1" in shown.title


@pytest.mark.parametrize(("limit", "said"), [(250_000, "broken"), (299_999.99, "broken"), (300_000, "kept")])
def test_a_limit_that_is_just_kept(tables, assumptions, limit, said):
    """A limit of what is spent is kept, and a penny less is broken."""
    partners = tables["partners"].copy()
    partners.loc[partners["partner"] == "ardmoral-council", "capital_limit"] = float(limit)
    result = investment.compute({**tables, "partners": partners}, assumptions)
    assert result.only("ardmoral", NOW).table("capital").frame["said"].tolist() == [said]


def test_a_limit_that_nobody_told(tables, assumptions):
    """Without a limit the page says that it is not known, and breaks none."""
    partners = tables["partners"].assign(capital_limit=float("nan"))
    shown = investment.compute({**tables, "partners": partners}, assumptions).only("ardmoral", NOW).table("capital")
    assert shown.frame["said"].tolist() == ["not known"]
    assert pd.notna(shown.frame["amount"]).all()

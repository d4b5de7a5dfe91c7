"""What is refused of schemes as they are sent: each mistake by file, row and column, in plain words, all at once."""

import re

import pytest

from ijbtools.errors import InputRefused
from ijbtools.inputs import read

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
    "schemes": """\
partnership,scheme,name,started,order
norland,rounds,Visits in rounds,2026/27,1
norland,flats,Step-down flats,2026/27,2
""",
}
FLOWS = (
    "partnership,scheme,partner,service,kind,recurrence,funding,first_year,last_year,amount,low,high,ramp_years,"
    "cashable_share,grade,price_base\n"
)
EFFECTS = (
    "partnership,scheme,partner,service,segment,population,reach,effect,effect_basis,deadweight,attribution,drop_off,"
    "unit_cost,basis,cashable_share,lag_months,ramp_years,grade\n"
)


def flow(**more):
    """A row of scheme_flows: a benefit of the rounds, right unless told."""
    usual = {
        "partnership": "norland", "scheme": "rounds", "partner": "norland-council", "service": "home-care",
        "kind": "benefit", "recurrence": "recurring", "funding": "revenue", "first_year": "2026/27",
        "last_year": "2029/30", "amount": "100000", "low": "80000", "high": "120000", "ramp_years": "1",
        "cashable_share": "0.4", "grade": "4", "price_base": "2026/27",
    }  # fmt: skip
    return ",".join({**usual, **more}.values()) + "\n"


def effect(**more):
    """A row of scheme_effects, right unless told."""
    usual = {
        "partnership": "norland", "scheme": "rounds", "partner": "norland-council", "service": "home-care",
        "segment": "", "population": "900", "reach": "0.2", "effect": "21", "effect_basis": "gross",
        "deadweight": "0.15", "attribution": "0.9", "drop_off": "0.1", "unit_cost": "25.40", "basis": "full_average",
        "cashable_share": "0", "lag_months": "6", "ramp_years": "2", "grade": "5",
    }  # fmt: skip
    return ",".join({**usual, **more}.values()) + "\n"


def folder(path, **tables):
    for name, text in {**BASE, **tables}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def problems(path):
    with pytest.raises(InputRefused) as refused:
        read(path)
    return sorted(refused.value.problems, key=lambda one: (one.file, one.row or 0, one.column))


GOOD = FLOWS + flow()

# What is sent after a good row: table, the row, its column, and what the message must hold (found, expected).
BAD = {
    "a benefit without a partner": ("flows", {"partner": ""}, "partner", "empty", "short name"),
    "a partner that is not there": ("flows", {"partner": "norland-counsil"}, "partner", "norland-counsil", "partner"),
    "a scheme that is not there": ("flows", {"scheme": "round"}, "scheme", "'round'", "scheme"),
    "a cashable share over 1": ("flows", {"cashable_share": "1.4"}, "cashable_share", r"1\.4", "0 (to|and) 1"),
    "a cashable share below 0": ("flows", {"cashable_share": "-0.4"}, "cashable_share", r"0\.4", "0 (to|and) 1"),
    "a range above its amount": ("flows", {"low": "110000"}, "amount", "£110,000.00", "range that holds the amount"),
    "a range below its amount": ("flows", {"high": "90000"}, "amount", "£90,000.00", "range that holds the amount"),
    "a last year before the first": (
        "flows", {"last_year": "2025/26"}, "last_year", "2026/27 to 2025/26", "no earlier than the first",
    ),
    "prices of another year": (
        "flows", {"price_base": "2023/24"}, "price_base", "2023/24 .*2026/27", "prices of one year",
    ),
    "prices of no year": ("flows", {"price_base": ""}, "price_base", "no year named", "prices of one year"),
    "an unknown grade of evidence": ("flows", {"grade": "7"}, "grade", "'7'", "1"),
    "a kind that is no kind": ("flows", {"kind": "benefits"}, "kind", "benefits", "benefit"),
    "deadweight on a net effect": (
        "effects", {"effect_basis": "net"}, "deadweight", r"0\.15 on a net effect", "0 for a net effect",
    ),
    "a deadweight over 1": ("effects", {"deadweight": "15"}, "deadweight", "15", "0 (to|and) 1"),
    "an effect for nobody": ("effects", {"partner": ""}, "partner", "empty", "short name"),
}  # fmt: skip
# What makes a second row another row.
KEYED = {"flows": {"recurrence": "non_recurring"}, "effects": {"segment": "aged 85 and over"}}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_in_a_scheme_is_told_by_its_place(tmp_path, case):
    """One mistake is one problem, with its file, row and column, what was found and what is expected."""
    table, wrong, column, found, expected = BAD[case]
    sent = {"scheme_flows": GOOD, "scheme_effects": EFFECTS + effect()}
    sent[f"scheme_{table}"] += {"flows": flow, "effects": effect}[table](**{**KEYED[table], **wrong})
    told = problems(folder(tmp_path, **sent))
    assert [(one.file, one.row, one.column) for one in told] == [(f"scheme_{table}.csv", 3, column)]
    assert re.search(found, told[0].found), told[0].found
    assert re.search(expected, told[0].expected), told[0].expected


def test_all_mistakes_at_once(tmp_path):
    """Mistakes of two tables come in one message, each with its row, and no word of a program's insides."""
    flows = (
        FLOWS
        + flow(partner="")
        + flow(scheme="flats", cashable_share="1.2")
        + flow(scheme="flats", kind="investment", cashable_share="", low="150000", price_base="2026/27")
        + flow(scheme="flats", kind="investment", first_year="2028/29", last_year="2027/28", cashable_share="")
        + flow(scheme="flats", kind="investment", first_year="2029/30", cashable_share="", price_base="2024/25")
    )
    effects = EFFECTS + effect(effect_basis="net")
    told = problems(folder(tmp_path, scheme_flows=flows, scheme_effects=effects))
    assert [(one.file, one.row, one.column) for one in told] == [
        ("scheme_effects.csv", 2, "deadweight"),
        ("scheme_flows.csv", 2, "partner"),
        ("scheme_flows.csv", 3, "cashable_share"),
        ("scheme_flows.csv", 4, "amount"),
        ("scheme_flows.csv", 5, "last_year"),
        ("scheme_flows.csv", 6, "price_base"),
    ]
    for one in told:
        said = str(one)
        assert one.file in said
        assert f"row {one.row}" in said
        assert not re.search(r"nan|None|Traceback|dtype|<NA>", said)


GOOD_ROWS = {
    "an amount at the end of its range": flow(low="100000", high="100000"),
    "no range": flow(low="", high=""),
    "one end of a range": flow(high=""),
    "one year": flow(last_year="2026/27"),
    "a cashable share of 1": flow(cashable_share="1"),
    "a cashable share of 40%": flow(cashable_share="40%"),
    "no cashable share": flow(cashable_share=""),
    "an investment by another partner": flow(kind="investment", partner="nhs-norland", service="prescribing"),
    "another scheme in other prices": flow(scheme="flats", price_base="2023/24"),
}


@pytest.mark.parametrize("case", GOOD_ROWS)
def test_what_only_looks_alike_is_taken(tmp_path, case):
    """What is at the edge of a rule, or a rule does not speak of, is read as it is."""
    rows = FLOWS + flow(recurrence="non_recurring") + GOOD_ROWS[case]
    assert len(read(folder(tmp_path, scheme_flows=rows))["scheme_flows"]) == 2


def test_a_net_effect_without_deadweight_is_taken(tmp_path):
    """A net effect with no deadweight and a gross one with it are read as they are."""
    effects = EFFECTS + effect() + effect(segment="aged 85 and over", effect_basis="net", deadweight="0")
    found = read(folder(tmp_path, scheme_flows=GOOD, scheme_effects=effects))["scheme_effects"]
    assert found["deadweight"].tolist() == [0.15, 0.0]

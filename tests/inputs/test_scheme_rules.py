"""What is refused or doubted of schemes: each mistake with its file, row, column and own words, all at once."""

import sys

import pytest

from ijbtools import cli
from ijbtools.errors import InputRefused
from ijbtools.inputs import read, read_assumptions

TABLES = {
    "partnerships": "partnership,name,nation,model,model_from,kind\n"
    "norland,Norland IJB,scotland,body_corporate,2016-04-01,invented\n",
    "partners": "partnership,partner,name,sector,regime\nnorland,nhs-norland,NHS Norland,health_board,break_even\n",
    "services": "service,name,category,care_group,setting\nhome-care,Care at home,e,older_people,community\n",
    "schemes": "partnership,scheme,name,started,order\nnorland,flats,Flats,2026/27,1\n",
}
FLOWS = (
    "partnership,scheme,partner,service,kind,recurrence,funding,first_year,last_year,amount,low,high,cashable_share,"
    "price_base\n"
)
GOOD = "norland,flats,nhs-norland,home-care,benefit,recurring,revenue,2026/27,2029/30,100,80,120,0.5,2026/27\n"
EFFECTS = (
    "partnership,scheme,partner,service,population,reach,effect,effect_basis,deadweight,attribution,drop_off,unit_cost,"
    "basis,cashable_share,lag_months,ramp_years,grade\n"
)
EFFECT = "norland,flats,nhs-norland,home-care,100,0.5,2,net,{},1,0,10,full_average,0.1,0,1,4\n"

BAD = {
    "a benefit without a partner": (
        "scheme_flows", FLOWS + GOOD.replace("nhs-norland", ""), (2, "partner", "an empty cell"),
    ),
    "a cashable share over 1": (
        "scheme_flows", FLOWS + GOOD.replace(",0.5,", ",1.4,"), (2, "cashable_share", "'1.4'"),
    ),
    "a range that excludes its central value": (
        "scheme_flows", FLOWS + GOOD.replace(",80,120,", ",110,120,"),
        (2, "amount", "£100.00 outside its range of £110.00 to £120.00"),
    ),
    "costs of two price bases": (
        "scheme_flows",
        FLOWS + GOOD + GOOD.replace("benefit", "investment").replace("120,0.5,2026/27", "120,0.5,2023/24"),
        (3, "price_base", "flats (norland) in prices of 2023/24 and 2026/27"),
    ),
    "a last year before the first": (
        "scheme_flows", FLOWS + GOOD.replace("2029/30", "2025/26"), (2, "last_year", "from 2026/27 to 2025/26"),
    ),
    "deadweight on a net effect": (
        "scheme_effects", EFFECTS + EFFECT.format("0.2"), (2, "deadweight", "a deadweight of 0.2 on a net effect"),
    ),
}  # fmt: skip


def folder(path, **more):
    for name, text in {**TABLES, **more}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_good_schemes_read(tmp_path):
    """Schemes that keep to the rules are read without a problem or a warning."""
    tables = read(folder(tmp_path, scheme_flows=FLOWS + GOOD, scheme_effects=EFFECTS + EFFECT.format("0")))
    assert tables.warnings == ()


@pytest.mark.parametrize("name", BAD)
def test_bad_schemes_are_told(tmp_path, name):
    """The mistake is told with its file, row, column and what was found, and nothing else is."""
    table, text, expected = BAD[name]
    with pytest.raises(InputRefused) as refused:
        read(folder(tmp_path, **{table: text}))
    [problem] = refused.value.problems
    assert (problem.file, (problem.row, problem.column, problem.found)) == (f"{table}.csv", expected)
    assert problem.expected


def test_all_mistakes_at_once(tmp_path, capsys, monkeypatch):
    """Mistakes of two tables come in one pass, by the command too: exit code 2 and no traceback."""
    flows = (
        FLOWS + GOOD.replace(",80,120,", ",110,120,") + GOOD.replace(",0.5,", ",1.4,").replace("benefit", "investment")
    )
    folder(tmp_path, scheme_flows=flows, scheme_effects=EFFECTS + EFFECT.format("0.2"))
    monkeypatch.setattr(sys, "argv", ["ijb", "check", str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert "3 problems to mend" in said
    assert "Traceback" not in said


@pytest.fixture
def slipped(root, tmp_path):
    """A scenario in which growth of 4% was typed as 4."""
    file = tmp_path / "slip.yaml"
    file.write_text("label: A slip\nassumptions:\n  do_nothing_growth: {value: 4, range: {low: 0.02, high: 6}}\n")
    return read_assumptions(root / "params", file)


def test_growth_typed_as_4_is_doubted(slipped, assumptions):
    """A share above 1 comes with a warning that says what was probably meant; the kept assumptions have none."""
    [warning] = slipped.warnings
    assert warning.warning
    assert "found 4 as a share, which is 400%; was 0.04 meant?" in str(warning)
    assert assumptions.warnings == ()

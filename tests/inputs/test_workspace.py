"""Where an analyst's files are."""

import pytest

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.workspace import VARIABLE, load, workspace


def test_the_nearest_folder_upward(tmp_path, monkeypatch):
    """The workspace is the nearest folder upward that has a folder params, from wherever inside it one starts."""
    inner = tmp_path / "outer" / "inner"
    deep = inner / "data" / "2025"
    deep.mkdir(parents=True)
    (tmp_path / "outer" / "params").mkdir()
    assert workspace(deep) == tmp_path / "outer"
    (inner / "params").mkdir()
    assert workspace(deep) == workspace(str(inner)) == inner
    monkeypatch.chdir(deep)
    assert workspace() == inner


def test_a_file_called_params_is_no_workspace(tmp_path):
    """A file called params does not make a workspace, and neither does one that lies deeper down."""
    (tmp_path / "params").mkdir()
    (tmp_path / "a" / "b" / "params").mkdir(parents=True)
    (tmp_path / "a" / "params").write_text("", encoding="utf-8")
    assert workspace(tmp_path / "a") == tmp_path


def test_refused_outside_a_workspace(tmp_path):
    """Outside a workspace the message names where it looked and what makes one."""
    with pytest.raises(InputRefused) as refused:
        workspace(tmp_path)
    expected = "a folder of a workspace, the one that holds params"
    assert refused.value.problems == (Problem(str(tmp_path), "no folder params here or above", expected),)
    assert refused.value.exit_code == 2


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A workspace with one table, one assumption with two options and one scenario, started from somewhere else."""
    files = {
        "data/ours/partners.csv": "partnership,partner,name,sector,regime\nnorland,nhs,NHS,health_board,break_even\n",
        "data/ours/population.csv": "not, the, headings\n",
        "params/sources.yaml": 'L01: {publisher: P, title: T, published: "2024", opened: "yes"}\n',
        "params/common.yaml": """\
share: {label: Share, unit: share, value: 0.1, source: L01, owner: CFO, quality: red, range: {low: 0, high: 1}}
cost:
  label: Cost
  unit: £
  owner: CFO
  choice: new
  options:
    new: {label: new, value: 2, price_base: 2024/25, source: L01, quality: red, range: {low: 1, high: 2}}
    old: {label: old, value: 1, price_base: 2020/21, source: L01, quality: red, range: {low: 1, high: 2}}
""",
        "params/scenarios/half.yaml": "label: Half\nassumptions:\n  share: 0.5\n",
    }
    for name, text in files.items():
        file = tmp_path / "home" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def test_load(home):
    """Tables and assumptions of the workspace load together, whatever folder one is in."""
    tables, assumptions = load("data/ours", only=("partners",))
    assert list(tables) == ["partners"]
    assert tables.source == home / "data" / "ours"
    assert (assumptions["share"].value, assumptions["cost"].value) == ({"always": 0.1}, {"always": 2.0})


def test_load_with_a_scenario_and_a_choice(home):
    """A scenario file is named as seen from the workspace, and a choice of option by its name."""
    _, assumptions = load("data/ours", ("partners",), "params/scenarios/half.yaml", {"cost": "old"})
    assert (assumptions["share"].value, assumptions["cost"].value) == ({"always": 0.5}, {"always": 1.0})
    assert assumptions.scenario == "Half"


def test_load_from_inside_the_workspace(home, monkeypatch):
    """Without the variable the workspace is the one that one is in."""
    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(home / "data")
    tables, _ = load("data/ours", only=("partners",))
    assert tables.source == home / "data" / "ours"

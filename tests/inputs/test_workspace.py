"""Where an analyst's files are."""

import pandas as pd
import pytest

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs import read
from ijbtools.inputs.workspace import SHARED, VARIABLE, load, workspace
from ijbtools.topics import baseline, investment, shunting


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


@pytest.mark.parametrize("source", ["scotland", "invented"])
@pytest.mark.parametrize("topic", [baseline, shunting, investment], ids=lambda one: one.__name__.rpartition(".")[2])
def test_a_shared_reading_is_the_topics_own(root, source, topic):
    """Tables picked from one reading of all are those of a reading of their own: frames, files and their order."""
    folder = root / "data" / "sample" / source
    own, picked = read(folder, topic.READS), read(folder).only(topic.READS)
    assert list(picked) == list(own)
    assert list(picked.digests.items()) == list(own.digests.items())
    for name in own:
        pd.testing.assert_frame_equal(picked[name], own[name])


@pytest.fixture
def sound(home):
    """The workspace without its table that is wrong: `ijb` reads and checks all of them before it shares any."""
    (home / "data" / "ours" / "population.csv").unlink()
    return home


def test_the_reading_is_shared(sound, tmp_path, monkeypatch):
    """What one job has read lies for the others: they do not look at the files again."""
    (tmp_path / "shared").mkdir()
    monkeypatch.setenv(SHARED, str(tmp_path / "shared"))
    first = load("data/ours", ("partners",))
    for file in [*(sound / "data" / "ours").iterdir(), sound / "params" / "common.yaml"]:
        file.unlink()
    again = load("data/ours", ("partners",))
    pd.testing.assert_frame_equal(again[0]["partners"], first[0]["partners"])
    assert (again[0].digests, again[1].digests) == (first[0].digests, first[1].digests)
    assert again[1]["share"] == first[1]["share"]


def test_a_choice_is_not_taken_for_another(sound, tmp_path, monkeypatch):
    """Assumptions under another choice or scenario are read for themselves."""
    (tmp_path / "shared").mkdir()
    monkeypatch.setenv(SHARED, str(tmp_path / "shared"))
    chosen = [load("data/ours", ("partners",), "", {"cost": one})[1]["cost"].value for one in ("new", "old", "")]
    assert chosen == [{"always": 2.0}, {"always": 1.0}, {"always": 2.0}]
    assert load("data/ours", ("partners",), "params/scenarios/half.yaml")[1]["share"].value == {"always": 0.5}


def test_where_nothing_can_be_shared_it_is_read(sound, tmp_path, monkeypatch):
    """A folder that cannot be written to, or is gone, costs only the time of another reading."""
    monkeypatch.setenv(SHARED, str(tmp_path / "gone"))
    assert list(load("data/ours", ("partners",))[0]) == ["partners"]

"""Scenarios: changed in memory, told apart from params, written and read again."""

import os
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ijbtools.errors import CannotWrite, InputRefused
from ijbtools.finance.years import Period
from ijbtools.inputs import scenarios
from ijbtools.inputs.assumptions import read_assumptions
from ijbtools.inputs.scenarios import AlreadyThere, central, changed, differences, opened, save_scenario

NOW = Period.parse("2026/27")


def written(path, lines):
    """A scenario file of those lines."""
    file = path / "a-scenario.yaml"
    file.write_text("label: A scenario\nassumptions:\n" + "".join(f"  {line}\n" for line in lines), encoding="utf-8")
    return file


def values(assumptions):
    """Every value, with what it rests on."""
    return {name: (one.value, one.choice, one.source, one.range) for name, one in assumptions.items_by_name.items()}


CHANGES = [
    ({"bed_day_cash_share": 0.3}, ["bed_day_cash_share: 0.3"]),
    ({"asset_life": 30}, ["asset_life: 30"]),
    ({"self_funder_day_payment": {"2024/25": 40.1}}, ["self_funder_day_payment: {2024/25: 40.1}"]),
    ({"care_day_cost": {"choice": "nursing_2024_25"}}, ["care_day_cost: {choice: nursing_2024_25}"]),
    (
        {"care_day_cost": {"choice": "nursing_2024_25", "value": {"2024/25": 130.5}}},
        ["care_day_cost: {choice: nursing_2024_25, value: {2024/25: 130.5}}"],
    ),
    ({"bed_day_cost": 500.0}, ["bed_day_cost: 500"]),
    (
        {"budget_uplift": {"value": 0.011, "source": "S11", "quality": "amber"}},
        ["budget_uplift: {value: 0.011, source: S11, quality: amber}"],
    ),
]


@pytest.mark.parametrize(("change", "lines"), CHANGES, ids=lambda one: str(one)[:40])
def test_a_change_in_memory_is_a_scenario_file(root, assumptions, tmp_path, change, lines):
    """Changed in memory, by a file read with params, or by a file opened on them: the assumptions are the same."""
    by_file = read_assumptions(root / "params", written(tmp_path, lines))
    in_memory = changed(assumptions, change, "A scenario")
    assert in_memory.items_by_name == by_file.items_by_name
    assert in_memory.scenario == by_file.scenario == "A scenario"
    assert opened(assumptions, written(tmp_path, lines)).items_by_name == by_file.items_by_name


def test_a_change_leaves_the_others_and_what_it_is_made_from(assumptions):
    """Only what is named changes, and the assumptions that it is made from stay as they were."""
    before = values(assumptions)
    after = values(changed(assumptions, {"budget_uplift": 0.03}))
    assert values(assumptions) == before
    assert [name for name in before if before[name] != after[name]] == ["budget_uplift"]


def test_changes_stand_on_one_another(root, assumptions, tmp_path):
    """A value is changed under the option and the source that it has, a choice as params have the option."""
    chosen = read_assumptions(root / "params", choices={"care_day_cost": "nursing_2024_25"})
    dearer = changed(chosen, {"care_day_cost": 140.0})["care_day_cost"]
    assert (dearer.choice, dearer.at(NOW)) == ("nursing_2024_25", 140.0)
    back = changed(changed(assumptions, {"care_day_cost": 140.0}), {"care_day_cost": {"choice": "nursing_2024_25"}})
    assert back["care_day_cost"].at(NOW) == 144.72


def test_an_unknown_name_is_refused(assumptions):
    """A change of something that is no assumption, or no number, is refused with the nearest match."""
    with pytest.raises(InputRefused, match="Nearest: budget_uplift"):
        changed(assumptions, {"budget_uplif": 0.03})
    with pytest.raises(InputRefused, match="the choice 'nursing'"):
        changed(assumptions, {"care_day_cost": {"choice": "nursing"}})
    with pytest.raises(InputRefused):
        changed(assumptions, {"budget_uplift": float("nan")})


def test_picked_assumptions_can_be_changed(assumptions):
    """A topic's own assumptions keep the options that they were chosen from."""
    few = assumptions.pick(["care_day_cost"])
    assert changed(few, {"care_day_cost": {"choice": "nursing_2024_25"}})["care_day_cost"].at(NOW) == 144.72


def test_central_is_params(root, assumptions, tmp_path):
    """Without scenario and choices the assumptions are as params have them, whatever they were read with."""
    file = written(tmp_path, ["budget_uplift: 0.01", "care_day_cost: {choice: nursing_2024_25}"])
    read = read_assumptions(root / "params", file, {"bed_day_cost": "delayed_day_2019_20"})
    assert central(read).items_by_name == assumptions.items_by_name
    assert central(read).scenario == ""
    assert differences(assumptions) == {}
    assert differences(read) == {
        "budget_uplift": {"value": {"always": 0.01}},
        "care_day_cost": {"choice": "nursing_2024_25"},
        "bed_day_cost": {"choice": "delayed_day_2019_20"},
    }


@pytest.mark.parametrize("change", [change for change, _ in CHANGES], ids=lambda one: str(one)[:40])
def test_differences_are_changes(assumptions, change):
    """What differs from params, applied to params, gives the same assumptions again."""
    now = changed(assumptions, change)
    assert changed(central(now), differences(now)).items_by_name == now.items_by_name
    assert set(differences(now)) == set(change)


@pytest.mark.parametrize("change", [change for change, _ in CHANGES], ids=lambda one: str(one)[:40])
def test_what_is_saved_reads_back_the_same(root, assumptions, tmp_path, change):
    """A saved scenario is a file that params take, with the same values to the last digit."""
    now = changed(assumptions, change)
    file = save_scenario(tmp_path, now, "a-test", "A Person", "Because", today=date(2026, 5, 4))
    assert file == tmp_path / "params" / "scenarios" / "a-test.yaml"
    again = read_assumptions(root / "params", file)
    assert values(again) == values(now)
    assert again.scenario == "A test"
    said = YAML(typ="safe").load(file)
    assert {one: said[one] for one in ("label", "author", "date", "note")} == {
        "label": "A test",
        "author": "A Person",
        "date": "2026-05-04",
        "note": "Because",
    }
    assert set(said["assumptions"]) == set(change)


@settings(deadline=None, max_examples=60)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_reads_back_bit_for_bit(root, assumptions, tmp_path_factory, value):
    """Whatever float is saved is the float that is read, its sign and its last bit included."""
    home = tmp_path_factory.mktemp("home")
    now = changed(assumptions, {"budget_uplift": value, "self_funder_day_payment": {"2024/25": value}})
    if not differences(now):
        return
    again = opened(assumptions, save_scenario(home, now, "bits"))
    for name in ("budget_uplift", "self_funder_day_payment"):
        assert again[name].at(NOW).hex() == now[name].at(NOW).hex()


@settings(deadline=None, max_examples=40)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=60))
def test_any_author_and_note_read_back(assumptions, tmp_path_factory, text):
    """An author called null, a note with colons and quotation marks: the words come back as they were typed."""
    home = tmp_path_factory.mktemp("home")
    file = save_scenario(home, changed(assumptions, {"budget_uplift": 0.03}), "words", text, text)
    said = YAML(typ="safe").load(file)
    assert (said["author"], said["note"]) == (text.strip(), text.strip())


def test_entries_are_as_one_writes_them(assumptions, tmp_path):
    """A number stands for itself, a value by year under its year, a choice as a choice; nothing else is written."""
    change = {
        "bed_day_cash_share": 0.3,
        "self_funder_day_payment": {"2024/25": 40.0},
        "care_day_cost": {"choice": "nursing_2024_25"},
    }
    file = save_scenario(tmp_path, changed(assumptions, change), "by-hand", today=date(2026, 5, 4))
    assert file.read_bytes().decode() == (
        "label: By hand\nauthor: ''\ndate: '2026-05-04'\nnote: ''\nassumptions:\n"
        "  bed_day_cash_share: 0.3\n  care_day_cost:\n    choice: nursing_2024_25\n"
        "  self_funder_day_payment:\n    2024/25: 40.0\n"
    )
    assert [one.name for one in file.parent.iterdir()] == ["by-hand.yaml"]


@pytest.mark.parametrize("name", ["", "a", "Low cash", "../up", "nul", "low_cash", "x" * 41])
def test_a_bad_name_is_refused_in_words(assumptions, tmp_path, name):
    """A name that is none for a file is refused, with what it takes; nothing is written."""
    with pytest.raises(InputRefused, match="small letters, digits and hyphens"):
        save_scenario(tmp_path, changed(assumptions, {"budget_uplift": 0.03}), name)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputRefused, match="Nearest: low-cash"):
        save_scenario(tmp_path, changed(assumptions, {"budget_uplift": 0.03}), "Low cash")


def test_nothing_changed_is_refused(assumptions, tmp_path):
    """Where nothing differs from params there is nothing to save."""
    with pytest.raises(InputRefused, match="nothing that differs from params"):
        save_scenario(tmp_path, assumptions, "nothing")


def test_a_file_is_not_overwritten_unasked(assumptions, tmp_path):
    """A scenario of that name stays as it is, until its writer says that it may be overwritten."""
    file = save_scenario(tmp_path, changed(assumptions, {"budget_uplift": 0.03}), "mine")
    before = file.read_bytes()
    other = changed(assumptions, {"budget_uplift": 0.01})
    with pytest.raises(AlreadyThere, match="a scenario of that name already"):
        save_scenario(tmp_path, other, "mine")
    assert file.read_bytes() == before
    save_scenario(tmp_path, other, "mine", overwrite=True)
    assert opened(assumptions, file)["budget_uplift"].at(NOW) == 0.01


def test_a_folder_that_takes_no_file_is_told(assumptions, tmp_path):
    """Where a file stands in the folder's place the message says so in words."""
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "scenarios").write_text("", encoding="utf-8")
    with pytest.raises(CannotWrite, match=r"Cannot write params/scenarios/mine\.yaml: .*Nothing was saved"):
        save_scenario(tmp_path, changed(assumptions, {"budget_uplift": 0.03}), "mine")


def test_a_full_disk_leaves_what_was_there(assumptions, tmp_path, monkeypatch):
    """Where the last step fails, the scenario before it is there byte for byte and nothing is left beside it."""
    file = save_scenario(tmp_path, changed(assumptions, {"budget_uplift": 0.03}), "mine")
    before = file.read_bytes()

    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(scenarios.os, "replace", full)
    with pytest.raises(CannotWrite, match="No space left on device"):
        save_scenario(tmp_path, changed(assumptions, {"budget_uplift": 0.01}), "mine", overwrite=True)
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == ["mine.yaml"]


def test_the_scenarios_of_a_workspace(assumptions, tmp_path):
    """Scenario files are listed by name; a workspace without any has none."""
    assert scenarios.scenarios_in(tmp_path) == {}
    file = save_scenario(tmp_path, changed(assumptions, {"budget_uplift": 0.03}), "mine")
    assert scenarios.scenarios_in(tmp_path) == {"mine": file}

"""Numbers that are not measured here: files, scenarios, choices, dates."""

import hashlib

import pytest

from ijbtools.errors import IjbError, InputRefused, Problem
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import THEN, read_assumptions

SOURCES = """\
S01: {publisher: A Council, title: Prices, published: "2024", opened: "yes"}
S02: {publisher: A Board, title: Costs, published: "2023", opened: in part}
"""
RATE = """\
give_up_share:
  label: Part that a budget can give up
  unit: share
  value: 0.15
  source: S01
  owner: Chief finance officer
  quality: red
  range: {low: 0.1, high: 0.4}
"""
DATED = """\
payment:
  label: Payment
  unit: £ a day
  value: {2024/25: 51.51, 2020/21: 40, 2022/23: 45.5}
  price_base: 2024/25
  source: S01
  owner: Chief finance officer
  quality: green
  range: {low: 40, high: 60, ends: one_in_ten}
"""
CHOICE = """\
day_cost:
  label: Cost of a day
  unit: £ a day
  basis: full_average
  owner: Chief finance officer
  choice: newer
  options:
    newer:
      label: newer
      value: {2024/25: 618.12}
      price_base: 2024/25
      source: S01
      quality: amber
      range: {low: 262, high: 700}
    older:
      label: older
      value: {2017/18: 248}
      price_base: 2017/18
      source: S02
      quality: green
      range: {low: 234, high: 262}
      note: the last published
"""


def params(path, **files):
    """A folder params of those files beside its register of sources."""
    for name, text in {"sources": SOURCES, **files}.items():
        (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return path


def scenario(path, changes):
    """A scenario file outside the folder, with those lines under its assumptions."""
    folder = path / "scenarios"
    folder.mkdir(exist_ok=True)
    file = folder / "cheaper.yaml"
    file.write_text("label: Cheaper\nassumptions:\n" + changes, encoding="utf-8")
    return file


def problems(*arguments, **options):
    """What reading the assumptions is refused for."""
    with pytest.raises(InputRefused) as refused:
        read_assumptions(*arguments, **options)
    assert str(refused.value).endswith(THEN)
    return list(refused.value.problems)


def test_read(tmp_path):
    """Assumptions of all files come by name, each with its standing, and the sources beside them."""
    found = read_assumptions(params(tmp_path, one=RATE, two=DATED + CHOICE))
    assert (sorted(found), len(found), found.scenario) == (["day_cost", "give_up_share", "payment"], 3, "")
    share = found["give_up_share"]
    assert (share.value, share.quality, share.source, share.name) == ({"always": 0.15}, "red", "S01", "give_up_share")
    assert (share.range.low, share.range.high, share.range.meaning) == (0.1, 0.4, "limits")
    assert found["payment"].range.meaning == "1 in 10 either side"
    assert found.sources[share.source].citation == "A Council, Prices, 2024"


@pytest.mark.parametrize(
    ("period", "value"),
    [
        ("2024/25", 51.51),
        ("2024/25 Q1", 51.51),
        ("2029/30", 51.51),
        ("2023/24", 45.5),
        ("2024-03", 45.5),  # March 2024 lies in 2023/24
        ("2020/21", 40),
        ("2015/16", 40),  # before all
    ],
)
def test_value_by_date(tmp_path, period, value):
    """The value at a period is the latest that begins no later, and the earliest before all of them."""
    assert read_assumptions(params(tmp_path, one=DATED))["payment"].at(Period.parse(period)) == value


def test_value_without_a_date(tmp_path):
    """A value without a date holds always."""
    share = read_assumptions(params(tmp_path, one=RATE))["give_up_share"]
    assert share.at(Period.parse("1999/00")) == share.at(Period.parse("2040/41 Q2")) == 0.15


def test_the_chosen_option_stands_for_the_assumption(tmp_path):
    """An assumption with options has the value and the standing of the one chosen, and keeps what that does not say."""
    cost = read_assumptions(params(tmp_path, one=CHOICE))["day_cost"]
    assert (cost.label, cost.unit, cost.basis) == ("Cost of a day: newer", "£ a day", "full_average")
    assert (cost.value, cost.source, cost.quality) == ({"2024/25": 618.12}, "S01", "amber")
    assert (cost.range.low, cost.range.high, cost.price_base) == (262, 700, "2024/25")


def test_a_choice_by_name(tmp_path):
    """Another option is taken by its name, from the caller and from a scenario file alike."""
    params(tmp_path, one=CHOICE)
    asked = read_assumptions(tmp_path, choices={"day_cost": "older"})["day_cost"]
    assert (asked.label, asked.value, asked.source) == ("Cost of a day: older", {"2017/18": 248}, "S02")
    assert (asked.quality, asked.price_base, asked.note) == ("green", "2017/18", "the last published")
    changed = read_assumptions(tmp_path, scenario(tmp_path, "  day_cost: {choice: older}\n"))["day_cost"]
    assert changed == asked.model_copy(update={"changed_by": "Cheaper"})


def test_an_unknown_choice_names_the_nearest(tmp_path):
    """An unknown choice is refused with those there are, and a choice where there is none to make is refused too."""
    params(tmp_path, one=CHOICE + RATE)
    assert problems(tmp_path, choices={"day_cost": "oldest", "give_up_share": "older", "dya_cost": "older"}) == [
        Problem("parameter day_cost", "the choice 'oldest'", "one of newer or older", nearest="older"),
        Problem("parameter give_up_share", "the choice 'older'", "no choice: it has one value"),
        Problem("parameter dya_cost", "the assumption dya_cost", "one of those in params", nearest="day_cost"),
    ]


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ("  give_up_share: 0.3\n", "give_up_share", {"value": {"always": 0.3}}),
        ("  payment: {2024/25: 60}\n", "payment", {"value": {"2024/25": 60.0}}),
        ("  give_up_share: {owner: Board, quality: amber}\n", "give_up_share", {"owner": "Board", "quality": "amber"}),
        ("  day_cost: 300\n", "day_cost", {"value": {"always": 300.0}}),
    ],
)
def test_a_scenario_changes_only_what_it_names(tmp_path, changes, name, expected):
    """A scenario changes the fields that it names and says that it did; all else is equal."""
    params(tmp_path, one=RATE + DATED + CHOICE)
    before = read_assumptions(tmp_path)
    after = read_assumptions(tmp_path, scenario(tmp_path, changes))
    assert after.scenario == "Cheaper"
    assert after[name] == before[name].model_copy(update={**expected, "changed_by": "Cheaper"})
    assert set(after) == set(before)
    assert [other for other in before if other != name and after[other] != before[other]] == []
    assert after.sources == before.sources


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            "  payment: 50\n  give_up_shaer: 0.3\n",
            "line 4: found the assumption give_up_shaer; expected one of those in params. Nearest: give_up_share.",
        ),
        (
            "  day_cost: {choice: olderr}\n",
            "line 3: found the choice 'olderr'; expected one of newer or older. Nearest: older.",
        ),
        (
            "  give_up_share: {quality: blue}\n",
            "line 3: found quality: 'blue'; expected 'green', 'amber' or 'red'.",
        ),
    ],
)
def test_a_scenario_is_refused_with_its_line(tmp_path, changes, message):
    """An unknown name, choice or word in a scenario is refused with its line and the nearest match."""
    params(tmp_path, one=RATE + DATED + CHOICE)
    (problem,) = problems(tmp_path, scenario(tmp_path, changes))
    assert str(problem) == f"cheaper.yaml, {message}"


def test_pick(tmp_path):
    """A topic gets the assumptions that it names and no others, and a name that is in no file is refused."""
    found = read_assumptions(params(tmp_path, one=RATE + DATED + CHOICE))
    picked = found.pick(("payment", "give_up_share"))
    assert list(picked) == ["payment", "give_up_share"]
    assert picked["payment"] == found["payment"]
    assert "day_cost" in found
    assert "day_cost" not in picked
    with pytest.raises(IjbError) as undeclared:
        picked["day_cost"]
    sentence = "The assumption 'day_cost' is not among those this topic declares in USES: payment or give_up_share."
    assert str(undeclared.value) == sentence
    with pytest.raises(InputRefused) as refused:
        found.pick(("payment", "paymet", "day_costs"))
    assert [(one.found, one.nearest) for one in refused.value.problems] == [
        ("no assumption paymet", "payment"),
        ("no assumption day_costs", "day_cost"),
    ]


def test_picked_assumptions_know_which_were_read(tmp_path):
    """The names that were looked up are kept, so that declared and read can be compared."""
    picked = read_assumptions(params(tmp_path, one=RATE + DATED)).pick(("payment", "give_up_share"))
    assert picked.read_names == set()
    assert picked["payment"].name == "payment"
    assert picked.read_names == {"payment"}


def test_all_problems_of_all_files_in_one_pass(tmp_path):
    """Mistakes in several files and in the sources are told at once, each with its file and line."""
    params(
        tmp_path,
        a=RATE.replace("quality: red", "qualty: red") + DATED.replace("value:", "vale:"),
        b=DATED.replace("S01", "S1").replace("51.51", "lots") + CHOICE.replace("S02", "S2"),
        c=RATE + RATE,
        d="other: [1\n",
        e=RATE.replace("  owner: Chief finance officer\n", ""),
        sources=SOURCES.replace("title: Costs, ", "").replace("in part", "partly"),
    )
    not_yaml = "text that is not YAML (expected ',' or ']', but got '<stream end>')"
    assert sorted((one.file, one.found.split(":")[0], one.nearest) for one in problems(tmp_path)) == [
        ("a.yaml, line 12", "the name payment.vale", "value"),
        ("a.yaml, line 7", "the name give_up_share.qualty", "quality"),
        ("b.yaml, day_cost", "the source S2", ""),
        ("b.yaml, line 4", "payment.value.2024/25", ""),
        ("c.yaml, line 9", "the name give_up_share a second time", ""),
        ("d.yaml, line 2", not_yaml, ""),
        ("e.yaml, line 1", "nothing for give_up_share.owner", ""),
        ("sources.yaml, line 2", "S02.opened", ""),
        ("sources.yaml, line 2", "nothing for S02.title", ""),
    ]


def test_a_missing_value_is_refused_with_its_line(tmp_path):
    """An assumption without a value, a source, a quality or a range is refused with its line and all that it needs."""
    needs = "a value, source, quality and range, or options that have them"
    for gone in ("  value: 0.15\n", "  source: S01\n", "  quality: red\n", "  range: {low: 0.1, high: 0.4}\n"):
        (problem,) = problems(params(tmp_path, one="\n" + RATE.replace(gone, "")))
        assert (problem.file, problem.expected) == ("one.yaml, line 2", needs)


def test_an_unknown_source_names_the_nearest(tmp_path):
    """A source that is not in the register is refused with the nearest id, in an option too."""
    text = RATE.replace("S01", "S001") + CHOICE.replace("S02", "s-02")
    expected = "an id of sources.yaml"
    assert problems(params(tmp_path, one=text)) == [
        Problem("one.yaml, give_up_share", "the source S001", expected, nearest="S01"),
        Problem("one.yaml, day_cost", "the source s-02", expected, nearest="S02"),
    ]


def test_a_name_in_two_files_is_refused(tmp_path):
    """A name that two files give is refused with its line in the second and the name of the first."""
    params(tmp_path, one=RATE, two=DATED + RATE)
    found = "the name give_up_share, also in one.yaml"
    assert problems(tmp_path) == [Problem("two.yaml, line 10", found, "each name once")]


def test_digests_of_the_files_that_were_read(tmp_path):
    """The assumptions keep the SHA-256 of each file of params and of the scenario, also for a topic that picks some."""
    params(tmp_path, one=RATE, two=DATED)
    file = scenario(tmp_path, "  payment: 50\n")
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml", tmp_path / "sources.yaml", file]
    picked = read_assumptions(tmp_path, file).pick(("payment",))
    assert sorted(picked.digests.values()) == sorted(hashlib.sha256(one.read_bytes()).hexdigest() for one in files)


def test_something_else_than_fields_is_refused(tmp_path):
    """A bare value or nothing where an assumption or a source should be is refused with its line."""
    params(tmp_path, one="rate: 5\nother:\n", sources="S01: a report\n")
    assert [(one.file, one.found) for one in problems(tmp_path)] == [
        ("one.yaml, line 1", "rate: 5"),
        ("one.yaml, line 2", "other: None"),
        ("sources.yaml, line 1", "S01: 'a report'"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 0.15", "value: true"),
        ("value: 0.15", "value: .nan"),
        ("value: 0.15", "value: .inf"),
        ("low: 0.1", "low: 0.5"),
        ("low: 0.1", "low: .nan"),
    ],
)
def test_what_is_no_number_and_no_range_is_refused(tmp_path, old, new):
    """A truth value, not-a-number, infinity and a range that ends below its beginning are refused with their line."""
    (problem,) = problems(params(tmp_path, one=RATE.replace(old, new)))
    assert problem.file == ("one.yaml, line 4" if "value" in new else "one.yaml, line 8")


def test_a_refusal_is_short(tmp_path):
    """What is missing is told without printing the whole assumption, and a wrong year with its own line."""
    (problem,) = problems(params(tmp_path, one=RATE.replace("  quality: red\n", "")))
    assert "label" not in problem.found
    (problem,) = problems(params(tmp_path, one=DATED.replace("2022/23", "2022")))
    assert problem.file == "one.yaml, line 4"
    assert "label" not in problem.found


def test_a_scenario_changes_one_field_of_the_chosen_option(tmp_path):
    """A scenario that changes the range of an assumption with options changes it for the chosen one."""
    params(tmp_path, one=CHOICE)
    cost = read_assumptions(tmp_path, scenario(tmp_path, "  day_cost: {range: {low: 300, high: 500}}\n"))["day_cost"]
    assert (cost.range.low, cost.range.high, cost.value) == (300, 500, {"2024/25": 618.12})


def test_a_scenario_chooses_and_changes_at_once(tmp_path):
    """A scenario that chooses an option and gives it another value keeps that option's label, source and price base."""
    params(tmp_path, one=CHOICE)
    cost = read_assumptions(tmp_path, scenario(tmp_path, "  day_cost: {choice: older, value: 250}\n"))["day_cost"]
    assert (cost.label, cost.value) == ("Cost of a day: older", {"always": 250.0})
    assert (cost.source, cost.price_base) == ("S02", "2017/18")


def test_a_scenario_names_a_registered_source(tmp_path):
    """A source that a scenario names must be in the register."""
    params(tmp_path, one=RATE)
    (problem,) = problems(tmp_path, scenario(tmp_path, "  give_up_share: {value: 0.2, source: S9}\n"))
    assert (problem.file, problem.found) == ("cheaper.yaml, line 3", "the source S9")


def test_a_scenario_called_like_a_file_of_params_has_its_own_digest(tmp_path):
    """A scenario file keeps its digest beside that of a file of params with the same name."""
    params(tmp_path, cheaper=RATE)
    found = read_assumptions(tmp_path, scenario(tmp_path, "  give_up_share: 0.2\n"))
    assert len(found.digests) == 3

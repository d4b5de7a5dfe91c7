"""The workbench without a browser: what the controls say, show, refuse and save."""

import html
import re
from dataclasses import dataclass
from typing import Any

import ipywidgets
import nbformat
import pytest

from ijbtools import _explore_shown as shown
from ijbtools import _explore_sums as sums
from ijbtools import explore, report
from ijbtools.finance.years import Period
from ijbtools.inputs import read, read_assumptions
from ijbtools.inputs.scenarios import changed
from ijbtools.inputs.workspace import VARIABLE
from ijbtools.report.figures import draw
from ijbtools.topics import baseline, investment, shunting
from ijbtools.topics.result import TOGETHER

TERMS = {"schedule": "green_book_2022", "growth_from": "assumed"}
CASES = [
    (shunting, "strathorran", "2026/27 Q2"),
    (baseline, "strathorran", "2026/27 Q2"),
    (investment, "strathorran", "2026/27 Q2"),
    (shunting, "highland", "2024/25"),
    (baseline, "highland", "2024/25"),
    (investment, "highland", "2024/25"),
]
NAMES = [f"{topic.__name__.rpartition('.')[2]}-{partnership}" for topic, partnership, _ in CASES]


@dataclass(frozen=True)
class Bench:
    """A workbench beside what it was made from."""

    topic: Any
    tables: Any
    controls: explore.Controls
    terms: dict

    def computed(self, assumptions=None, **terms):
        """What the topic computes from all tables for the state, not by the way of the workbench."""
        state = self.controls.state
        given = {**self.terms, **terms}
        result = self.topic.compute(self.tables, assumptions or self.controls.assumptions, **given)
        return result.only(state.partnership, state.period)

    @property
    def first(self):
        """The name of the foremost slider."""
        return next(iter(self.controls.sliders))


@pytest.fixture(scope="module")
def samples(root):
    """The tables of the Scottish sample and of the invented one."""
    return {name: read(root / "data" / "sample" / name) for name in ("scotland", "invented")}


@pytest.fixture
def bench(samples, assumptions, monkeypatch, tmp_path):
    """Makes a workbench: `bench(topic, partnership, period)`, in a workspace of its own."""
    monkeypatch.setattr(sums, "SECONDS", 0.0)  # the order of the sliders has its own test
    (tmp_path / "params").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path))

    def make(topic=shunting, partnership="highland", period="2024/25", given=assumptions, **terms):
        tables = samples["invented" if partnership == "strathorran" else "scotland"]
        told = {**TERMS, **terms} if topic is investment else {}
        result = topic.compute(tables, given, **told).only(partnership, period)
        return Bench(topic, tables, explore.controls(topic, tables, given, result, **told), told)

    return make


def all_widgets(widget):
    """A widget and all within it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from all_widgets(child)


def shows(controls, result):
    """Assert that sentence, key figures and picture are those of a result."""
    assert controls.headline.value == f'<div class="ijb">{report.headline(result).html}</div>'
    name = controls.figure.value
    if name is None:
        assert controls.picture.value == ""
        return
    figure = shown.amounts(result.bars()) if name == explore.BARS else result.figure(name)
    assert draw(figure, only="wide").wide.uri in controls.picture.value
    assert f'alt="{html.escape(figure.alt)}"' in controls.picture.value
    assert html.escape(figure.title) in controls.picture.value


@pytest.mark.parametrize(("topic", "partnership", "period"), CASES, ids=NAMES)
def test_a_moved_slider_shows_what_compute_gives(bench, topic, partnership, period):
    """After each move, sentence, key figures and picture are those of compute and report, to the letter."""
    made = bench(topic, partnership, period)
    controls = made.controls
    shows(controls, made.computed())
    for name in (made.first, list(controls.sliders)[-1]):
        slider = controls.sliders[name]
        for _, value in (slider.options[0], slider.options[-1], slider.options[len(slider.options) // 3]):
            slider.value = value
            now = controls.assumptions[name]
            assert now.at(Period.parse(period)) == value
            shows(controls, made.computed())
            assert controls.boxes[name].value == shown.in_box(value, now.unit)


@pytest.mark.parametrize(("topic", "partnership", "period"), CASES[:4], ids=NAMES[:4])
def test_every_picture_can_be_chosen(bench, topic, partnership, period):
    """Each picture that assumptions move is drawn when it is chosen, and stays chosen when a slider moves."""
    made = bench(topic, partnership, period)
    figure = made.controls.figure
    assert {value for _, value in figure.options} <= {*made.controls.result.EXPLORE, explore.BARS}
    for _, value in figure.options:
        figure.value = value
        shows(made.controls, made.computed())
        made.controls.sliders[made.first].value = made.controls.sliders[made.first].options[-1][1]
        assert figure.value == value
        shows(made.controls, made.computed())


@pytest.mark.parametrize(("topic", "partnership", "period"), CASES[:3], ids=NAMES[:3])
def test_every_control_has_a_label(bench, topic, partnership, period):
    """Every control says what it is: no slider, list, box or button is without its words."""
    controls = bench(topic, partnership, period).controls
    kinds = (ipywidgets.ValueWidget, ipywidgets.Button)
    found = [one for one in all_widgets(controls.widget) if isinstance(one, kinds)]
    asked = [one for one in found if not isinstance(one, ipywidgets.HTML)]
    assert len(asked) > 10
    assert [one for one in asked if not one.description] == []


def test_what_is_known_stands_under_each_slider(bench):
    """Under a slider stand its value in params, the range and its meaning, quality as word and shape, and source."""
    controls = bench().controls
    assert "Central 15%, range 10% to 40% (limits: supplies" in controls.said["bed_day_cash_share"].value
    assert "■\u00a0Red. Source S10, ijbtools." in controls.said["bed_day_cash_share"].value
    said = controls.said["bed_day_cost"].value
    assert "Central £618.12\u00a0a\u00a0day, range £262 to £618.12\u00a0a\u00a0day" in said
    assert "in 2024/25 prices. ▲\u00a0Amber. Source S05, Accounts Commission" in said
    for name, said in controls.said.items():
        if name in controls.sliders:
            assert re.search(
                r"Central .+, range .+ to .+ \(.+\).*\. \S\u00a0(Green|Amber|Red)\. Source \w+, .+\.", said.value
            )


def test_a_series_has_no_slider_but_a_line(bench):
    """A value for each year is named, with the way to change it."""
    controls = bench(baseline, "strathorran", "2026/27 Q2").controls
    assert "gdp_deflator" not in controls.sliders
    lines = [one.value for one in all_widgets(controls.rest) if isinstance(one, ipywidgets.HTML)]
    said = "GDP deflator: a value for each year from 2018/19 to 2028/29, so it has no slider."
    assert [line for line in lines if said in line]


@pytest.mark.parametrize(("topic", "partnership", "period"), CASES[:3], ids=NAMES[:3])
def test_a_slider_that_is_not_moved_rounds_nothing(bench, assumptions, topic, partnership, period):
    """Where one slider moves, every other assumption keeps its value, bit for bit; its end and centre are exact."""
    controls = bench(topic, partnership, period).controls
    name = next(iter(controls.sliders))
    controls.sliders[name].value = controls.sliders[name].options[-1][1]
    now = controls.assumptions
    assert [one for one in topic.USES if one != name and now[one].value != assumptions[one].value] == []
    for name, slider in controls.sliders.items():
        values = [value for _, value in slider.options]
        assert values == sorted(set(values))
        one = assumptions[name]
        assert {one.range.low, one.range.high, *one.value.values()} <= set(values)
        assert 12 <= len(values) <= 110


def test_positions_are_round_and_whole_where_things_are_counted(assumptions):
    """Between its ends a slider stands at round figures: whole beds and years, half percents, ten pounds."""
    assert sums.positions(assumptions["ward_beds"]) == [float(beds) for beds in range(16, 31)]
    assert 0.105 in sums.positions(assumptions["bed_day_cash_share"])
    assert sums.positions(assumptions["bed_day_cost"])[:3] == [262.0, 270.0, 280.0]
    assert sums.positions(assumptions["plan_uplift"], -0.0033)[:3] == [-0.01, -0.0095, -0.009]
    assert -0.0033 in sums.positions(assumptions["plan_uplift"], -0.0033)


@pytest.mark.parametrize("value", [0.15, 0.1, 0.07, 0.29, 0.57, 0.58, 1 / 3, 0.1 + 0.2, -0.01, 0.0001, 1.1])
def test_a_box_in_percent_gives_the_share_back(value):
    """A share that is shown in percent and typed again is the same share, bit for bit where percent has its digits."""
    assert shown.from_box(shown.in_box(value, "share"), "share") == pytest.approx(value, rel=1e-15)
    assert shown.from_box(float(f"{value * 100:.6g}"), "share") == float(f"{float(f'{value * 100:.6g}') / 100:.12g}")
    assert shown.from_box(value, "£ a day") == value


def test_an_exact_value_is_typed(bench):
    """A value typed in the box counts as typed, and the slider stands beside it without rounding it."""
    made = bench()
    made.controls.boxes["bed_day_cash_share"].value = 23.456
    assert made.controls.assumptions["bed_day_cash_share"].at(Period.parse("2024/25")) == 0.23456
    shows(made.controls, made.computed())
    assert made.controls.sliders["bed_day_cash_share"].value == 0.235
    made.controls.sliders["bed_day_cost"].value = 300.0
    assert made.controls.assumptions["bed_day_cash_share"].at(Period.parse("2024/25")) == 0.23456
    assert made.controls.boxes["bed_day_cash_share"].value == 23.456


def test_a_value_out_of_range_is_refused_beside_its_box(bench):
    """A value outside the range is refused in words beside its box; nothing moves; the next good one clears them."""
    made = bench()
    controls, before = made.controls, made.controls.state
    controls.boxes["bed_day_cash_share"].value = 50
    said = controls.said["bed_day_cash_share"].value
    assert "Found 50%; expected a value within its range, 10% to 40%." in said
    assert 'role="alert"' in said
    assert controls.state is before
    assert [key for key, one in controls.said.items() if "Not done" in one.value] == ["bed_day_cash_share"]
    controls.sliders["bed_day_cost"].value = 300.0
    assert [key for key, one in controls.said.items() if "Not done" in one.value] == []
    assert controls.boxes["bed_day_cash_share"].value == 15


def test_an_option_brings_its_own_range(bench):
    """Another option is another value with another range, and compute takes it as a scenario's choice."""
    made = bench()
    controls = made.controls
    assert [text for text, _ in controls.choices["care_day_cost"].options][1] == "place in a nursing home"
    controls.choices["care_day_cost"].value = "nursing_2024_25"
    slider = controls.sliders["care_day_cost"]
    assert (slider.value, slider.options[0][1], slider.options[-1][1]) == (144.72, 126.0, 144.72)
    assert slider.description.endswith("place in a nursing home")
    shows(controls, made.computed(changed(controls._sums.central, {"care_day_cost": {"choice": "nursing_2024_25"}})))
    slider.value = 130.0
    assert controls.state.changes["care_day_cost"] == {"choice": "nursing_2024_25", "value": {"2024/25": 130.0}}
    controls.choices["care_day_cost"].value = "residential_2024_25"
    assert controls.state.changes == {}


def test_what_a_topic_refuses_is_said_beside_the_control(bench):
    """Two price bases are refused beside the choice; the page stays, and is not saved; the other choice mends it."""
    made = bench()
    controls, before = made.controls, made.controls.headline.value
    controls.choices["bed_day_cost"].value = "implied_2022_23"
    said = controls.said["choice bed_day_cost"].value
    assert "expected one price base" in said
    assert "What is shown is the state before." in said
    assert controls.headline.value == before
    assert controls.sliders["bed_day_cost"].description.endswith("press release, 2022/23")
    controls.name.value = "refused"
    controls.save.click()
    assert "This state cannot be worked out." in controls.said["save"].value
    controls.choices["care_day_cost"].value = "residential_2022_23"
    assert [key for key, one in controls.said.items() if "Not done" in one.value] == []
    shows(controls, made.computed())
    assert controls.headline.value != before


def test_partnership_and_period(bench):
    """Another partnership has its own periods, gains and page; a period that it lacks gives way to its last."""
    made = bench()
    controls = made.controls
    controls.sliders["bed_day_cash_share"].value = 0.4
    controls.period.value = "2023/24"
    shows(controls, made.computed())
    controls.partnership.value = "fife"
    assert controls.state.partnership == controls.result.partnership == "fife"
    shows(controls, made.computed())
    assert [value for _, value in controls.period.options] == made.computed().periods("fife")[::-1]
    assert {value for _, value in controls.best_for.options} >= {"", "hospitals", "partnership"}
    assert controls.assumptions["bed_day_cash_share"].value == {"always": 0.4}


def test_discounting_and_growth_are_chosen(bench):
    """The topic's own choices are lists, worked out as its compute takes them; a rate of the notebook's own stays."""
    made = bench(investment, "strathorran", "2026/27 Q2")
    made.controls.terms["schedule"].value = "0.015"
    shows(made.controls, made.computed(schedule="0.015"))
    made.controls.terms["growth_from"].value = "people"
    shows(made.controls, made.computed(schedule="0.015", growth_from="people"))
    own = bench(investment, "strathorran", "2026/27 Q2", schedule="0.021")
    assert own.controls.terms["schedule"].value == "0.021"
    shows(own.controls, own.computed())


@pytest.mark.parametrize(("topic", "partnership", "period"), [CASES[0], CASES[1], CASES[3]])
def test_presets(bench, topic, partnership, period):
    """Optimistic is better for everyone than central, pessimistic worse, each at ends of ranges; reset is central."""
    made = bench(topic, partnership, period)
    controls = made.controls
    together = {}
    for key in ("optimistic", "pessimistic", "central"):
        controls.presets[key].click()
        together[key] = controls.result.gains()[TOGETHER]
        shows(controls, made.computed())
        for name in controls.state.changes:
            one = controls.assumptions[name]
            assert next(iter(one.value.values())) in (one.range.low, one.range.high)
        assert bool(controls.state.changes) == (key != "central")
    assert together["pessimistic"] < together["central"] < together["optimistic"]
    assert controls.state.changes == {}


def test_best_for_a_partner(bench):
    """Best for a partner leaves it better off than any one move of a slider's end does; then the list is free again."""
    controls = bench(shunting, "strathorran", "2026/27 Q2").controls
    whom = [value for _, value in controls.best_for.options if value]
    assert whom
    for one in whom:
        controls.presets["central"].click()
        before = controls.result.gains()[one]
        controls.best_for.value = one
        assert controls.result.gains()[one] >= before
        assert "set to an end of the range" in controls.said["presets"].value or not controls.state.changes
    controls.sliders["bed_day_cash_share"].value = 0.3
    assert controls.best_for.value == ""


def test_sliders_in_order_of_what_they_move(samples, assumptions):
    """The slider whose ends move everyone's gain most comes first; the first picture is one that it moves."""
    result = shunting.compute(samples["scotland"], assumptions).only("highland", "2024/25")
    controls = explore.controls(shunting, samples["scotland"], assumptions, result)
    ends = controls._sums.ends(controls.state)
    swings = [abs(high[TOGETHER] - low[TOGETHER]) for low, high in (ends[name] for name in controls.sliders)]
    assert swings == sorted(swings, reverse=True)
    assert swings[0] > 0
    before = controls.picture.value
    slider = next(iter(controls.sliders.values()))
    slider.value = slider.options[-1][1]
    assert controls.picture.value != before


def test_the_others_unfold(bench):
    """Sliders beyond the first few are folded away, under a button that says how many."""
    controls = bench(baseline, "strathorran", "2026/27 Q2").controls
    count = len(controls.rest.children)
    assert controls.rest.layout.display == "none"
    assert controls.more.description == f"Show {count} more assumptions"
    assert count == len(baseline.USES) - explore.FIRST
    controls.more.click()
    assert controls.rest.layout.display is None
    assert controls.more.description == f"Hide {count} more assumptions"


def test_pin_and_compare(bench):
    """What is pinned stays as it was while the rest moves, with a list of what differs; unpinned it is gone."""
    made = bench()
    controls = made.controls
    controls.pin.click()
    kept = controls.pinned.value
    assert report.headline(made.computed()).html in kept
    assert "Pinned: Highland, 2024/25" in kept
    assert "Nothing differs" in controls.differs.value
    controls.sliders["bed_day_cash_share"].value = 0.4
    controls.choices["care_day_cost"].value = "nursing_2024_25"
    controls.period.value = "2023/24"
    assert controls.pinned.value == kept
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', controls.differs.value)
    assert [(html.unescape(label), then, now) for label, then, now in rows] == [
        ("Period", "2024/25", "2023/24"),
        ("Price of the care that people wait for", "place in a residential care home", "place in a nursing home"),
        ("Part of a bed day’s cost that a budget can give up", "15%", "40%"),
    ]
    assert controls.kept.layout.display is None
    controls.pin.click()
    assert (controls.pinned.value, controls.kept.layout.display) == ("", "none")
    shows(controls, made.computed())


def test_what_differs_from_params_is_said(bench):
    """Under the sentence stands how far the state is from params."""
    controls = bench().controls
    assert "Every assumption is central, as in params." in controls.standing.value
    controls.sliders["bed_day_cash_share"].value = 0.4
    said = html.unescape(controls.standing.value)
    assert "1 assumption differs from params:" in said
    assert "Part of a bed day’s cost that a budget can give up, 40% instead of 15%." in said


@pytest.mark.parametrize(("topic", "partnership", "period"), CASES[:4], ids=NAMES[:4])
def test_a_saved_scenario_opens_with_the_same_figures(root, bench, tmp_path, topic, partnership, period):
    """A state that is saved, and read as a notebook reads a scenario, gives every figure again to the last digit."""
    made = bench(topic, partnership, period)
    controls = made.controls
    for at, (name, slider) in enumerate(controls.sliders.items()):
        slider.value = slider.options[(at * 7 + 3) % len(slider.options)][1]
        if at == 0:
            one = controls.assumptions[name]
            typed = shown.in_box(one.range.low + (one.range.high - one.range.low) / 3, one.unit)
            controls.boxes[name].value = typed
    controls.name.value, controls.author.value, controls.note.value = "my-own", "A Person", "A <b>note</b>"
    controls.save.click()
    said = controls.said["save"].value
    assert "Saved as <code>params/scenarios/my-own.yaml</code>" in said
    assert "  scenario: params/scenarios/my-own.yaml" in said
    assert [f"  {name}: {value}" in said for name, value in controls.state.terms.items()] == [True] * len(made.terms)

    again = read_assumptions(root / "params", tmp_path / "params" / "scenarios" / "my-own.yaml")
    result = made.computed(again)
    shows(controls, result)
    assert result.gains().to_dict() == controls.result.gains().to_dict()
    assert result.bars() == controls.result.bars()
    assert result.facts()["amount"].tolist() == pytest.approx(
        controls.result.facts()["amount"].tolist(), abs=0, nan_ok=True
    )

    reopened = bench(topic, partnership, period, given=again).controls
    assert reopened.state.changes == controls.state.changes
    assert reopened.headline.value == controls.headline.value
    reopened.presets["central"].click()
    assert reopened.state.changes == {}
    reopened.scenario.value = "my-own"
    assert reopened.state.changes == controls.state.changes
    assert reopened.headline.value == controls.headline.value


def test_a_choice_in_a_scenario_is_told_from_a_parameter(bench):
    """Where the scenario chooses an option, its writer is told that a parameter of that name would win over it."""
    controls = bench().controls
    controls.choices["care_day_cost"].value = "nursing_2024_25"
    controls.name.value = "nursing"
    controls.save.click()
    assert "Leave care_day_cost empty among the parameters" in controls.said["save"].value


def test_a_flat_rate_is_told_as_text(bench):
    """A flat rate stands in a plan as text, as the notebook's parameter wants it."""
    controls = bench(investment, "strathorran", "2026/27 Q2").controls
    controls.terms["schedule"].value = "0.015"
    controls.sliders["budget_uplift"].value = 0.03
    controls.name.value = "flat"
    controls.save.click()
    assert "  schedule: &quot;0.015&quot;\n  growth_from: assumed" in controls.said["save"].value


def test_saving_is_refused_in_words(bench, tmp_path, monkeypatch):
    """A bad name, nothing changed, a file that is there, a folder that takes none: each is said beside the button."""
    controls = bench().controls
    controls.name.value = "fine"
    controls.save.click()
    assert "Found nothing that differs from params; expected at least one change." in controls.said["save"].value
    controls.sliders["bed_day_cash_share"].value = 0.4
    controls.name.value = "Not <fine>"
    controls.save.click()
    assert "&lt;fine&gt;" in controls.said["save"].value
    assert "Nearest: not-fine." in controls.said["save"].value
    controls.name.value = "fine"
    controls.save.click()
    assert "Saved as" in controls.said["save"].value
    file = tmp_path / "params" / "scenarios" / "fine.yaml"
    before = file.read_bytes()
    controls.sliders["bed_day_cash_share"].value = 0.3
    controls.save.click()
    assert "Press Save as scenario once more to overwrite it." in controls.said["save"].value
    assert file.read_bytes() == before
    controls.save.click()
    assert "Saved as" in controls.said["save"].value
    assert file.read_bytes() != before
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("", encoding="utf-8")
    controls.name.value = "other"
    controls.save.click()
    assert "Cannot write params/scenarios/other.yaml" in controls.said["save"].value
    monkeypatch.setenv(VARIABLE, "/")
    controls.save.click()
    assert "no folder params here or above" in controls.said["save"].value


def test_text_from_data_is_escaped(bench, samples, assumptions):
    """A name or a note with signs of markup is shown as it is typed, not taken for markup."""
    evil = "<script>alert(1)</script>&"
    tables = dict(samples["scotland"])
    tables["partnerships"] = tables["partnerships"].assign(name=lambda f: f["name"].replace("Highland", evil))
    tables["partners"] = tables["partners"].assign(name=evil)
    range_ = {"low": 0.1, "high": 0.4, "note": evil}
    given = changed(assumptions, {"bed_day_cash_share": {"range": range_, "label": evil, "value": 0.2}})
    result = shunting.compute(tables, given).only("highland", "2024/25")
    controls = explore.controls(shunting, tables, given, result)
    controls.pin.click()
    controls.sliders["bed_day_cash_share"].value = 0.4
    text = "".join(one.value for one in all_widgets(controls.widget) if isinstance(one, ipywidgets.HTML))
    assert "&lt;script&gt;" in text
    assert "<script" not in text


def test_only_a_result_of_one_partnership(samples, assumptions):
    """A result of all partnerships is refused, with what to do."""
    result = shunting.compute(samples["scotland"], assumptions)
    with pytest.raises(ValueError, match=r"expected one: result\.only"):
        explore.controls(shunting, samples["scotland"], assumptions, result)


@pytest.mark.parametrize("name", ["shunting", "investment"])
def test_papermill_runs_the_cell_without_a_display(root, tmp_path, name, monkeypatch):
    """Under plain papermill, where nobody sees it, the cell runs and leaves its controls in the notebook."""
    import papermill

    source = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    kept = [one for one in source.cells if "parameters" in one.metadata.get("tags", []) or "compute(" in one.source]
    terms = ", schedule=schedule, growth_from=growth_from" if name == "investment" else ""
    line = f"from ijbtools import explore\nexplore.controls({name}, tables, assumptions, result{terms})"
    cell = nbformat.v4.new_code_cell(line, metadata={"tags": ["explore"]})
    source.cells = [*kept, cell]
    nbformat.write(source, tmp_path / "in.ipynb")
    monkeypatch.setenv(VARIABLE, str(root))
    papermill.execute_notebook(
        str(tmp_path / "in.ipynb"),
        str(tmp_path / "out.ipynb"),
        cwd=str(root),
        progress_bar=False,
        kernel_name="python3",
    )
    outputs = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs
    kinds = [kind for output in outputs for kind in output.data]
    assert "application/vnd.jupyter.widget-view+json" in kinds
    assert "application/javascript" in kinds

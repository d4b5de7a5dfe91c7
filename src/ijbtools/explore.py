"""The workbench in JupyterLab: controls over a topic, made from the assumptions that it declares.

`controls` is the last line of a notebook's cell tagged `explore`. A change of a control redraws the sentence, the key
figures and a picture; the state can be pinned and compared, and saved as a scenario that `ijb publish` takes. `ijb`
does not run such a cell.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import Javascript, display
from ipywidgets import (  # type: ignore[import-untyped]
    HTML,
    Button,
    Dropdown,
    FloatText,
    HBox,
    SelectionSlider,
    Text,
    VBox,
)

from ijbtools import _explore_shown as shown
from ijbtools import report
from ijbtools import vocabulary as words
from ijbtools._explore_sums import State, Sums, positions
from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.discounting import SCHEDULES, schedule_label
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumptions
from ijbtools.inputs.scenarios import AlreadyThere, differences, opened, save_scenario, scenarios_in
from ijbtools.inputs.workspace import VARIABLE, workspace
from ijbtools.topics.result import TOGETHER, Result


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


FIRST, LEAST = 5, 3  # sliders in sight at once, at most and at least; the others unfold
BARS = "bars"  # the picture of the amounts that a what-if is about
_SCHEDULES = {**SCHEDULES, **{str(rate): _capital(schedule_label(rate)) for rate in (0.015, 0.035)}}
_GROWTH = {"assumed": "One assumed rate", "people": "From people by age, and prices"}
# What a topic may be told beside assumptions: the label, and the choices there are.
_TERMS = {"schedule": ("Discounting", _SCHEDULES), "growth_from": ("Growth if nothing is done", _GROWTH)}


def controls(
    topic: Any, tables: Mapping[str, pd.DataFrame], assumptions: Assumptions, result: Result, **terms: Any
) -> "Controls":
    """Controls over a topic: `topic` is the module that made `result`, which is narrowed to a partnership and period.

    `tables` and `assumptions` are those it was made from, `terms` what else its `work_out` was told (investment:
    `schedule` and `growth_from`). The controls show themselves as the last line of a cell.
    """
    if result.period is None:
        raise ValueError("result: found all partnerships; expected one: result.only(partnership, period)")
    state = State(
        result.partnership,
        result.period.name,
        {name: str(value) for name, value in terms.items()},
        differences(assumptions),
    )
    return Controls(Sums(topic, tables, assumptions), state)


class Controls:
    """The workbench: its controls, the present state, and what is shown of it.

    `sliders`, `boxes` (the same values, to type) and `choices` are by assumption, `terms` by the topic's own choice,
    `presets` are the buttons optimistic, central and pessimistic. `said` holds by control what stands beside it.
    """

    def __init__(self, sums: Sums, state: State) -> None:
        self._sums, self._state = sums, state
        self._result = sums.result(state)
        self._quiet = False  # true while controls are set by us, not by a hand
        self._turn = threading.RLock()  # JupyterLab has a button and a slider answered in two threads
        self._pinned: State | None = None
        self._refused = ""  # why the state cannot be worked out, if it cannot
        self._overwrite = ""  # the name that a second press overwrites
        self._notes: dict[str, str] = {}  # what stands beside a control when nothing is wrong
        self.said: dict[str, HTML] = {}
        self.sliders: dict[str, SelectionSlider] = {}
        self.boxes: dict[str, FloatText] = {}
        self.choices: dict[str, Dropdown] = {}
        self.terms: dict[str, Dropdown] = {}
        self.presets: dict[str, Button] = {}
        self._rows: dict[str, HBox] = {}
        self.headline, self.standing, self.picture = HTML(), HTML(), HTML()
        self.now, self.pinned, self.differs = HTML(), HTML(), HTML()
        self.widget = self._built()
        self._draw()
        self._match()
        self._lay_out()

    def _ipython_display_(self) -> None:
        display(self.widget)
        display(Javascript(shown.NAMES))  # a slider has no name of its own that a screen reader could say

    @property
    def state(self) -> State:
        """What the controls say now."""
        return self._state

    @property
    def result(self) -> Result:
        """The result that is shown."""
        return self._result

    @property
    def assumptions(self) -> Assumptions:
        """The assumptions as the controls have them."""
        return self._sums.assumptions(self._state)

    def differences(self, then: State) -> list[tuple[str, str, str]]:
        """What the present state has otherwise than another: label, the other's, its own; in the words of controls."""
        now, rows = self._state, []
        before, after = self._sums.assumptions(then), self.assumptions
        for control, one, other in (
            (self.partnership, then.partnership, now.partnership),
            (self.period, then.period, now.period),
            *((self.terms[name], then.terms[name], now.terms[name]) for name in self.terms),
            *((self.choices[name], before[name].choice, after[name].choice) for name in self.choices),
        ):
            if one != other:
                labels = {value: text for text, value in control.options}
                rows.append((control.description, labels.get(one, one), labels.get(other, other)))
        for name in self.sliders:
            old, new = before[name], after[name]
            one, other = old.at(Period.parse(then.period)), new.at(Period.parse(now.period))
            if one != other and old.choice == new.choice:
                rows.append((new.label, shown.spoken(one, old.unit), shown.spoken(other, new.unit)))
        return rows

    # The parts of the workbench.

    def _built(self) -> VBox:
        order, moving = self._sums.by_swing(self._state)
        rows = {name: self._row(name) for name in order}
        first = order[: min(FIRST, max(moving, LEAST)) if moving else FIRST]
        rest = [rows[name] for name in order if name not in first]
        for name in self._sums.topic.USES:
            if name not in rows:
                rest.append(HTML(shown.block(shown.note(shown.series(self._sums.resting(self._state, name))))))
        self.rest, self.more = VBox(rest), Button()
        self._press(self.more, lambda: self._unfold(self.rest.layout.display == "none"))
        self._unfold(False)
        unfolding = [_classed(HBox([self.more]), "buttons"), self.rest] if rest else []
        by_name = [rows[name] for name in first]
        left = [*self._choosing(), HTML(shown.heading("Assumptions")), *self._setting(), *by_name, *unfolding]
        now = VBox([self.now, self.headline, self.standing, self.picture])
        self.kept = _classed(VBox([self.pinned]), "pinned")
        pair = _classed(HBox([now, self.kept]), "pair")
        right = [*self._pinning(), self.differs, pair]
        halves = HBox([_classed(VBox(left), "controls"), _classed(VBox(right), "answer")])
        self._choose_picture(order[:1])
        whole = VBox([HTML(shown.style()), _classed(halves, "halves"), *self._saving()])
        whole.add_class("ijb-explore")
        return whole

    def _choosing(self) -> list[Any]:
        """Partnership, period, options, the topic's own choices, and which picture."""
        table, made = self._sums.tables["partnerships"], dict[str, Dropdown]()
        people = list(zip(table["name"], table["partnership"], strict=True))
        made["partnership"] = self.partnership = _dropdown("Partnership", people, self._state.partnership)
        self._watch("partnership", self.partnership, self._to_partnership)
        periods = self._periods(self._state)
        made["period"] = self.period = _dropdown("Period", periods, self._state.period)
        self._watch("period", self.period, lambda value: replace(self._state, period=value))
        now = self.assumptions
        for name in self._sums.topic.USES:
            offered = self._sums.offered(name)
            if offered.options:
                options = [(one.label, key) for key, one in offered.options.items()]
                made[f"choice {name}"] = self.choices[name] = _dropdown(offered.label, options, now[name].choice)
                self._watch(f"choice {name}", self.choices[name], self._chooser(name))
        for name, (label, known) in _TERMS.items():
            if name in self._state.terms:
                value = self._state.terms[name]
                known = known if value in known else {**known, value: f"As in the notebook: {value}"}
                made[f"term {name}"] = self.terms[name] = _dropdown(label, [(t, v) for v, t in known.items()], value)
                self._watch(f"term {name}", self.terms[name], self._termer(name))
        self.figure = _dropdown("Picture", self._figures(), None)  # chosen once the order of the sliders is known
        made["picture"] = self.figure
        self._watch("picture", self.figure, lambda _: self._state)
        return [part for key, control in made.items() for part in (control, self._beside(key))]

    def _choose_picture(self, foremost: list[str]) -> None:
        """The first picture that moves with the foremost slider, so that its first move is seen."""
        names = [value for _, value in self.figure.options]
        moving = (one for one in names for name in foremost if one == BARS or self._sums.moves(self._state, name, one))
        with self._quietly():
            self.figure.value = next(moving, next(iter(names), None))

    def _setting(self) -> list[Any]:
        """Presets: all assumptions at once."""
        for key, text in (
            ("central", "Reset to central"), ("optimistic", "Optimistic"), ("pessimistic", "Pessimistic"),
        ):  # fmt: skip
            self.presets[key] = button = Button(description=text)
            self._press(button, partial(self._preset, key))
        self.best_for = _dropdown("Best for", self._whom(), "")
        self._watch(
            "presets", self.best_for, lambda whom: self._sums.preset(self._state, whom) if whom else self._state
        )
        note = (
            "Each assumption at the end of its range that leaves everyone together, or the one chosen, better or worse "
            "off; each judged alone, from the central state."
        )
        buttons = _classed(HBox(list(self.presets.values())), "buttons")
        self.scenario = _dropdown("Open a saved scenario", self._saved(), "")
        self._watch("scenario", self.scenario, self._open)
        return [buttons, self.best_for, self._beside("presets", note), self.scenario, self._beside("scenario")]

    def _row(self, name: str) -> VBox:
        """The slider of an assumption, a box for its exact value, and what is known of it."""
        self._rows[name] = _classed(HBox(), "row")
        self._fill(name)
        return VBox([self._rows[name], self._beside(name)])

    def _fill(self, name: str) -> None:
        """A slider and a box for the option that is chosen: another option has another range."""
        now, resting = self.assumptions[name], self._sums.resting(self._state, name)
        value = now.at(Period.parse(self._state.period))
        places = [(shown.spoken(one, now.unit), one) for one in positions(resting, value)]
        self.sliders[name] = SelectionSlider(options=places, value=value, description=now.label, readout=False)
        self.boxes[name] = FloatText(value=shown.in_box(value, now.unit), description=shown.box_label(now.unit))
        self._watch(name, self.sliders[name], lambda at: self._sums.set(self._state, name, at))
        self._watch(name, self.boxes[name], lambda typed: self._typed(name, typed))
        self._rows[name].children = (self.sliders[name], self.boxes[name])

    def _pinning(self) -> list[Any]:
        self.pin = Button(description="Pin this state, to compare")
        self._press(self.pin, self._pin)
        return [_classed(HBox([self.pin]), "buttons")]

    def _saving(self) -> list[Any]:
        self.name = Text(description="Name: small letters, digits and hyphens", placeholder="low-cash-share")
        self.author, self.note = Text(description="Author"), Text(description="Note: why")
        self.save = Button(description="Save as scenario")
        self._press(self.save, self._save)
        return [
            HTML(shown.heading("Save this state as a scenario")),
            _classed(HBox([self.name, self.author, self.note]), "fields"),
            _classed(HBox([self.save]), "buttons"),
            self._beside("save"),
        ]

    def _beside(self, key: str, note: str = "") -> HTML:
        """What stands beside a control: a note, and in words what is wrong with it."""
        self._notes[key] = note
        self.said[key] = HTML()
        self._say(key)
        return self.said[key]

    def _say(self, key: str, wrong: str = "", html: str = "") -> None:
        text = shown.note(self._notes[key]) + shown.wrong(wrong) + html
        self.said[key].value = shown.block(text) if text else ""
        self.said[key].layout.display = None if text else "none"

    # What a hand does.

    def _watch(self, key: str, control: Any, moved: Callable[[Any], State]) -> None:
        def on(change: Mapping[str, Any]) -> None:
            with self._turn:
                if not self._quiet:
                    overtaken = control.value != change["new"]  # set by a move that was still being drawn
                    self._move(key, lambda: moved(change["new"]))
                    if overtaken:
                        control.send_state()

        control.observe(on, names="value")

    def _press(self, button: Button, pressed: Callable[[], None]) -> None:
        def on(_: Button) -> None:
            with self._turn:
                pressed()

        button.on_click(on)

    def _move(self, key: str, moved: Callable[[], State]) -> None:
        """Take the state that a control asks for and draw it. Where that cannot be, its words say why, beside it."""
        for one in self.said:
            self._say(one)
        before = self._state
        try:
            self._state = moved()
            self._result = self._sums.result(self._state)
            self._draw()
            self._refused = ""
        except Exception as error:  # else it would end in a log that nobody reads, and the page would seem to hold
            said = shown.in_words(error)
            if self._state is not before:
                self._refused = said
                self._match(key)
            self._say(key, f"{said} What is shown is the state before.")
            return
        self._match(key)
        if key == "presets":
            moved_by = sum(name in self._sums.topic.USES for name in self._state.changes)
            self._say(key, html=shown.set_to_ends(moved_by))

    def _to_partnership(self, partnership: str) -> State:
        there = replace(self._state, partnership=partnership)
        periods = self._sums.whole(there).periods(partnership)
        known = not periods or there.period in periods
        return there if known else replace(there, period=periods[-1])

    def _chooser(self, name: str) -> Callable[[str], State]:
        return lambda choice: self._sums.choose(self._state, name, choice)

    def _termer(self, name: str) -> Callable[[str], State]:
        return lambda value: replace(self._state, terms={**self._state.terms, name: value})

    def _typed(self, name: str, typed: float) -> State:
        """The state with a value that was typed. InputRefused where it lies outside the range."""
        now, resting = self.assumptions[name], self._sums.resting(self._state, name)
        value, span = shown.from_box(typed, now.unit), resting.range
        if span and not span.low <= value <= span.high:
            expected = f"a value within its range, {shown.between(span, now.unit)}"
            raise InputRefused([Problem(name, shown.spoken(value, now.unit), expected)])
        return self._sums.set(self._state, name, value)

    def _preset(self, key: str) -> None:
        with self._quietly():
            self.best_for.value = ""

        def moved() -> State:
            if key == "central":
                return self._sums.reset(self._state)
            return self._sums.preset(self._state, TOGETHER, best=key == "optimistic")

        self._move("presets", moved)

    def _pin(self) -> None:
        """Keep what is shown beside what moves; a second press lets it go."""
        self._pinned = self._state if self._pinned is None else None
        self.pin.description = "Unpin" if self._pinned else "Pin this state, to compare"
        self._draw()
        people = {value: text for text, value in self.partnership.options}
        said = f"Pinned: {people.get(self._state.partnership, self._state.partnership)}, {self._state.period}"
        kept = self.headline.value + self.standing.value + self.picture.value
        self.pinned.value = shown.pinned(said, kept) if self._pinned else ""
        self._lay_out()

    def _lay_out(self) -> None:
        """Room for what is pinned only while it is."""
        self.now.value = shown.heading("Now") if self._pinned else ""
        for one in (self.now, self.kept, self.differs):
            one.layout.display = None if self._pinned else "none"

    def _open(self, name: str) -> State:
        """The state with what a saved scenario changes, and nothing else changed."""
        if not name:
            return self._state
        file = scenarios_in(self._home())[name]
        return replace(self._state, changes=differences(opened(self._sums.central, file)))

    def _saved(self) -> list[tuple[str, str]]:
        try:
            names = list(scenarios_in(self._home()))
        except InputRefused:
            names = []
        return [("Choose a file" if names else "None saved yet", ""), *((one, one) for one in names)]

    def _home(self) -> Path:
        return workspace(os.environ.get(VARIABLE, "."))

    def _save(self) -> None:
        name, again = self.name.value.strip(), self._overwrite
        self._overwrite = ""
        if self._refused:
            self._say("save", f"This state cannot be worked out. {self._refused}")
            return
        try:
            home = self._home()
            overwrite = bool(name) and name == again
            author, note = self.author.value, self.note.value
            file = save_scenario(home, self.assumptions, name, author, note, overwrite)
        except AlreadyThere as there:
            self._overwrite = name
            self._say("save", f"{shown.in_words(there)} Press Save as scenario once more to overwrite it.")
        except Exception as error:
            self._say("save", shown.in_words(error))
        else:
            path = file.relative_to(home).as_posix()
            with self._quietly():
                self._offer(self.scenario, self._saved(), name)
            changed = [one for one in self._state.changes if one in self.choices]
            self._say("save", html=shown.saved({"scenario": path, **self._state.terms}, changed))

    # What is shown.

    def _draw(self) -> None:
        """The sentence, the key figures and the picture of the result, all at once."""
        figures, drawn = self._figures(), ""
        with self._quietly():
            self._offer(self.figure, figures, self.figure.value)
        if figures:
            bars = self._result.bars() if self.figure.value == BARS else None
            figure = shown.amounts(bars) if bars else self._result.figure(self.figure.value)
            drawn = shown.picture(figure, narrow=self._pinned is not None)
        headline = report.headline(self._result).html
        self.headline.value, self.picture.value = shown.block(headline), shown.block(drawn) if drawn else ""
        central = self._sums.reset(self._state)
        self.standing.value = shown.block(shown.standing(self.differences(central)))
        rows = self.differences(self._pinned) if self._pinned else []
        self.differs.value = shown.block(shown.differs(rows)) if self._pinned else ""

    def _match(self, key: str = "") -> None:
        """Let every control say what the state says, without its being taken for a hand."""
        now, period = self.assumptions, Period.parse(self._state.period)
        with self._quietly():
            self._offer(self.period, self._periods(self._state), self._state.period)
            whom = list(self.best_for.options) if key in self.sliders else self._whom()
            self._offer(self.best_for, whom, self.best_for.value if key == "presets" else "")
            files = list(self.scenario.options) if key in self.sliders else self._saved()
            self._offer(self.scenario, files, self.scenario.value if key == "scenario" else "")
            for name, choice in self.choices.items():
                choice.value = now[name].choice
            for name, term in self.terms.items():
                term.value = self._state.terms[name]
            for name in self.sliders:
                if self.sliders[name].description != now[name].label:
                    self._fill(name)
                slider, value = self.sliders[name], now[name].at(period)
                nearest = min(slider.options, key=lambda place: abs(place[1] - value))[1]
                slider.value, self.boxes[name].value = nearest, shown.in_box(value, now[name].unit)
                self._notes[name] = shown.facts(now[name], self._sums.resting(self._state, name), now.sources)
                if name != key:
                    self._say(name)
            if key in self._notes:
                self._say(key)

    @contextlib.contextmanager
    def _quietly(self) -> Iterator[None]:
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _offer(self, control: Dropdown, options: list[tuple[str, Any]], value: Any) -> None:
        if list(control.options) != options:
            control.options = options
        known = [one for _, one in options]
        control.value = value if value in known else next(iter(known), None)

    def _periods(self, state: State) -> list[tuple[str, str]]:
        """The periods of the partnership, the latest first; a later one that the notebook asked for before them."""
        known = self._result.partnership == state.partnership
        periods = self._result.periods(state.partnership)[::-1] if known else []
        return [(one, one) for one in dict.fromkeys([*([] if state.period in periods else [state.period]), *periods])]

    def _figures(self) -> list[tuple[str, str]]:
        """The pictures that assumptions move, as far as they show something here; then the what-if's amounts."""
        names = [name for name in self._result.EXPLORE if self._result.shows(name)]
        bars = self._result.bars()
        found = [(_capital(self._result.would_show(name)), name) for name in names]
        return [*found, *([(bars.title, BARS)] if bars else [])]

    def _whom(self) -> list[tuple[str, str]]:
        """Those whose gain is known, after an empty choice."""
        table = self._result.tables["partners"]
        names = {**words.BEARERS, **dict(zip(table["partner"], table["name"], strict=True))}
        gains = [str(one) for one in self._result.gains().index]
        return [("Choose a partner", ""), *((names.get(one, one), one) for one in gains if one != TOGETHER)]

    def _unfold(self, open_: bool) -> None:
        self.rest.layout.display = None if open_ else "none"
        count = len(self.rest.children)
        self.more.description = f"{'Hide' if open_ else 'Show'} {count} more assumption{'' if count == 1 else 's'}"


def _dropdown(label: str, options: list[tuple[str, Any]], value: Any) -> Dropdown:
    return Dropdown(options=options, value=value, description=label)


def _classed(widget: Any, name: str) -> Any:
    widget.add_class(f"ijb-explore-{name}")
    return widget

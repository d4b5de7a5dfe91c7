"""What stands behind the controls: a state, its result, and what the ends of each range would bring."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from ijbtools.errors import InputRefused
from ijbtools.inputs.assumptions import Assumption, Assumptions
from ijbtools.inputs.scenarios import central, changed
from ijbtools.topics.result import TOGETHER, Result

STEPS = 60  # about as many positions has a slider
SECONDS = 3.0  # the most that putting the sliders in order may take at the start; the presets rest on the same sums


@dataclass(frozen=True)
class State:
    """All that the controls say: whose, when, the topic's own choices, and by name what differs from params."""

    partnership: str
    period: str
    terms: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Sums:
    """Results of one topic under any state, from tables that are prepared once for each partnership."""

    def __init__(self, topic: Any, tables: Mapping[str, pd.DataFrame], assumptions: Assumptions) -> None:
        self.topic, self.tables = topic, tables
        self.central = central(assumptions)
        self._prepared: dict[str, Any] = {}
        self._ends: dict[Any, dict[str, tuple[pd.Series, pd.Series]]] = {}
        self._last: tuple[State, Assumptions] | None = None

    def assumptions(self, state: State) -> Assumptions:
        """The assumptions of a state, worked out as a scenario file's are."""
        if self._last is None or self._last[0] is not state:
            self._last = state, changed(self.central, state.changes, "not saved" if state.changes else "")
        return self._last[1]

    def whole(self, state: State) -> Result:
        """The result before it is narrowed."""
        if state.partnership not in self._prepared:
            self._prepared[state.partnership] = self.topic.prepare(self.tables, state.partnership)
        prepared = self._prepared[state.partnership]
        result: Result = self.topic.work_out(prepared, self.assumptions(state), **state.terms)
        return result

    def result(self, state: State) -> Result:
        """The result for the state's partnership and period."""
        return self.whole(state).only(state.partnership, state.period)

    def offered(self, name: str) -> Assumption:
        """An assumption as params have it, with all its options."""
        return self.central.central.get(name, self.central.items_by_name[name])

    def resting(self, state: State, name: str) -> Assumption:
        """An assumption as params have it under the option that the state chooses."""
        offered = self.offered(name)
        choice = state.changes.get(name, {}).get("choice", offered.choice)
        return offered.model_copy(update={"choice": choice}).chosen

    def moved(self) -> list[str]:
        """The names of assumptions that a slider can move: one value, and a range with two ends."""
        return [name for name in self.topic.USES if slides(self.central.items_by_name[name])]

    def set(self, state: State, name: str, value: float) -> State:
        """The state with another value of one assumption, under the date that it has."""
        params = self.resting(state, name)
        change = {one: said for one, said in state.changes.get(name, {}).items() if one != "value"}
        if value != own_value(params):
            change["value"] = {next(iter(params.value)): value}
        return _with(state, name, change)

    def choose(self, state: State, name: str, choice: str) -> State:
        """The state with another option of one assumption, and that option's own value."""
        return _with(state, name, {"choice": choice} if choice != self.offered(name).choice else {})

    def reset(self, state: State, changes: Mapping[str, Mapping[str, Any]] | None = None) -> State:
        """The state with nothing changed of what the topic uses, but for these changes."""
        others = {name: said for name, said in state.changes.items() if name not in self.topic.USES}
        return replace(state, changes={**others, **(changes or {})})

    def ends(self, state: State, seconds: float = math.inf) -> dict[str, tuple[pd.Series, pd.Series]]:
        """By assumption, what each gains with it at the low and at the high end, all others central.

        Not all of them where that takes longer than `seconds`.
        """
        key = (state.partnership, state.period, *sorted(state.terms.items()))
        found, at_rest, begun = self._ends.setdefault(key, {}), self.reset(state), time.perf_counter()
        for name in self.moved():
            if name not in found and time.perf_counter() - begun > seconds:
                break
            if name not in found:
                low, high = (self.set(at_rest, name, end) for end in self._span(name))
                found[name] = self._gains(low), self._gains(high)
        return found

    def by_swing(self, state: State) -> tuple[list[str], int]:
        """Sliders in order, those first that move everyone's gain most, and how many move it at all.

        In the topic's own order where none does, or the sums would take too long.
        """
        names, ends = self.moved(), self.ends(state, SECONDS)
        swings = dict.fromkeys(names, 0.0)
        for name, both in ends.items():
            low, high = (end.get(TOGETHER, math.nan) for end in both)
            swings[name] = 0.0 if math.isnan(high - low) else abs(high - low)
        if len(ends) < len(names):
            return names, 0
        return sorted(names, key=lambda name: -swings[name]), sum(swing > 0 for swing in swings.values())

    def moves(self, state: State, name: str, figure: str) -> bool:
        """Whether a figure is another at the two ends of an assumption, all others central."""
        low, high = (self.result(self.set(self.reset(state), name, end)) for end in self._span(name))
        return not low.figure(figure).frame.equals(high.figure(figure).frame)

    def preset(self, state: State, whom: str = TOGETHER, best: bool = True) -> State:
        """The state with each assumption at the end of its range that is best, or worst, for everyone or for one.

        Each is judged alone, from the central state; one whose ends bring no more than its own value stays.
        """
        at_rest = self.reset(state)
        own, sign = self._gains(at_rest).get(whom, math.nan), 1 if best else -1
        chosen = at_rest
        for name, ends in self.ends(state).items():
            gained = [sign * (end.get(whom, math.nan) - own) for end in ends]
            if max(gained) > 0:
                chosen = self.set(chosen, name, self._span(name)[gained.index(max(gained))])
        return chosen

    def _span(self, name: str) -> tuple[float, float]:
        span = self.central.items_by_name[name].range
        assert span is not None
        return span.low, span.high

    def _gains(self, state: State) -> pd.Series:
        """What each gains; nothing where the topic refuses the state."""
        try:
            return self.result(state).gains()
        except (InputRefused, ValueError):
            return pd.Series(dtype=float)


def slides(assumption: Assumption) -> bool:
    """Whether a slider can move it; a value for each year is left to a scenario file."""
    span = assumption.range
    return len(assumption.value) == 1 and span is not None and span.low < span.high


def own_value(assumption: Assumption) -> float:
    """The one value of an assumption that slides."""
    return next(iter(assumption.value.values()))


def _with(state: State, name: str, change: Mapping[str, Any]) -> State:
    rest = {one: said for one, said in state.changes.items() if one != name}
    return replace(state, changes={**rest, name: change} if change else rest)


def positions(assumption: Assumption, *also: float) -> list[float]:
    """Where a slider can stand: round figures between the ends of the range, the ends, the value itself and more.

    Nothing is rounded: the value of a slider that is not moved is the assumption's own to the last digit.
    """
    assert assumption.range is not None
    low, high = assumption.range.low, assumption.range.high
    first, last = Decimal(repr(low)), Decimal(repr(high))
    step = _round_step((last - first) / STEPS)
    counted = assumption.unit != "share" and assumption.unit != "times" and not assumption.unit.startswith("£")
    if counted and all(value == int(value) for value in (low, high, own_value(assumption))):
        step = max(step, Decimal(1))  # beds, days and years are whole
    count = int((last - first) / step) + 2
    start = (first // step) * step
    grid = {float(start + step * i) for i in range(count + 1)}
    return sorted({one for one in grid if low < one < high} | {low, high, own_value(assumption), *also})


def _round_step(least: Decimal) -> Decimal:
    """The next of 1, 2, 5, 10 … at or above."""
    power = Decimal(10) ** least.adjusted()
    return next(one * power for one in (1, 2, 5, 10) if one * power >= least)

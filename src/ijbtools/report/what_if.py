"""What if the assumptions that matter most were others: a strip of choices that works without a script.

Every joint state of two or three assumptions is worked out beforehand, by the code that made the page. The page holds
a sentence and a few bars for each, and its style sheet shows the one that is chosen; the rest is `hidden`, so that a
browser that cannot choose, and paper, show the central state.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product, takewhile
from typing import Any

import pandas as pd

from ijbtools.errors import listed
from ijbtools.finance.money import round_half_up
from ijbtools.finance.words import NOT_KNOWN, with_unit
from ijbtools.finance.words import listed as in_words
from ijbtools.inputs.assumptions import Assumption, Assumptions
from ijbtools.inputs.scenarios import changed
from ijbtools.report.parts import _SHAPES, Part, _in_unit, environment
from ijbtools.topics.result import Bars, Result

LARGEST = 110 * 1024  # bytes that a strip may add to its page
MARK = '<div class="what-if"'  # how a page knows that it has a strip


@dataclass(frozen=True)
class Value:
    """A value to choose: its amount, as it is printed, and the words that place it in the range."""

    amount: float
    text: str
    place: str


@dataclass(frozen=True)
class Control:
    """An assumption whose values can be chosen, in order; `central` is where the page's own value stands."""

    assumption: Assumption
    values: tuple[Value, ...]
    central: int

    @property
    def outside(self) -> bool:
        """Whether the page's own value lies outside the range, as a scenario can have it."""
        own, span = self.values[self.central].amount, self.assumption.range
        return span is not None and not span.low <= own <= span.high

    @property
    def thinned(self) -> "Control":
        """The same with the ends and the central value alone."""
        kept = sorted({0, self.central, len(self.values) - 1})
        return replace(self, values=tuple(self.values[i] for i in kept), central=kept.index(self.central))


@dataclass(frozen=True)
class State:
    """What the page says under one joint choice."""

    sentence: str
    bars: Bars | None


def what_if(
    topic: Any,
    tables: Mapping[str, pd.DataFrame],
    assumptions: Assumptions,
    result: Result,
    *names: str,
    **choices: Any,
) -> Part:
    """The headline and its bars under other values of two or three assumptions, for a reader to choose.

    `topic` is the module that made `result`, which is narrowed to one partnership and period; `tables` and
    `assumptions` are those it was made from, `choices` what else its `work_out` was told. Each assumption has up to
    five values: the ends of its range, its own, and half-way between. One with a value for each year stays as it is.
    Where 110 KiB do not hold every joint state, half-way values are left out. Nothing where the result has no bars. In
    JupyterLab the central state is shown. Raises ValueError, naming those there are, for names that the result did not
    use.
    """
    if result.period is None:
        raise ValueError("result: found all partnerships; expected one: result.only(partnership, period)")
    if len(names) not in (2, 3) or len(set(names)) < len(names):
        raise ValueError(f"names: found {listed(list(names)) or 'none'}; expected two or three different assumptions")
    controls = [one for name in names if len((one := _control(result, name)).values) > 1]
    central = State(result.sentence("headline"), result.bars())
    if not controls or central.bars is None or all(math.isnan(value) for _, value in central.bars.rows):
        return Part("")
    prepared = topic.prepare(tables, result.partnership)
    states: dict[tuple[float, ...], State] = {}
    for joint in product(*(enumerate(one.values) for one in controls)):
        moved = {
            one.assumption.name: value.amount
            for one, (at, value) in zip(controls, joint, strict=True)
            if at != one.central
        }
        found = central
        if moved:
            worked_out = topic.work_out(prepared, changed(assumptions, moved), **choices)
            there = worked_out.only(result.partnership, result.period.name)
            found = State(there.sentence("headline"), there.bars())
        states[tuple(value.amount for _, value in joint)] = found
    html = _html("strip", result, controls, states)
    if len(html.encode()) > LARGEST:
        html = _html("strip", result, [one.thinned for one in controls], states)
    lab = _html("lab", result, controls, states)
    plain = Part(lab)._repr_mimebundle_()
    return Part(html, {kind: plain[kind] for kind in ("text/html", "text/plain")})


def _control(result: Result, name: str) -> Control:
    used = {assumption.name: assumption for assumption in result.used}
    if name not in used:
        raise ValueError(f"names: found {name!r}; expected assumptions that the result used: {listed(list(used))}")
    assumption = used[name]
    assert result.period is not None
    own = assumption.at(result.period)
    span = assumption.range if len(assumption.value) == 1 else None  # one value cannot stand for those of many years
    ends = (span.low, span.high) if span else ()
    halves = [_as_printed((own + end) / 2, assumption.unit) for end in ends]
    printed: dict[str, float] = {}
    for amount in (own, *ends, *halves):  # two values that would be printed alike are one
        printed.setdefault(_in_unit(amount, assumption.unit), amount)
    ordered = sorted(printed.items(), key=lambda item: item[1])
    places = {0: ["lowest"], len(ordered) - 1: ["highest"]}
    central = [amount for _, amount in ordered].index(own)
    places[central] = ["central", *(f"and {word}" for word in places.get(central, []))]
    values = [Value(amount, text, " ".join(places.get(i, []))) for i, (text, amount) in enumerate(ordered)]
    return Control(assumption, tuple(values), central)


def _as_printed(amount: float, unit: str) -> float:
    """A value of our own making is worked out as it is printed: £440.06 a day, 12.5%, four figures of anything else."""
    if unit.startswith("£"):
        return float(round_half_up(amount, 2))
    return float(round_half_up(amount, 3)) if unit == "share" else float(f"{amount:.4g}")


def _html(macro: str, result: Result, controls: Sequence[Control], states: Mapping[tuple[float, ...], State]) -> str:
    shown = []
    joints = list(product(*(range(len(one.values)) for one in controls)))
    chosen = [states[tuple(one.values[i].amount for one, i in zip(controls, at, strict=True))] for at in joints]
    low, high = _scale(chosen)
    shared = _beginning([one.sentence for one in chosen])
    for at, state in zip(joints, chosen, strict=True):
        shown.append(
            {
                "classes": " ".join(f"{letter}{i + 1}" for letter, i in zip("abc", at, strict=False)),
                "central": all(i == one.central for one, i in zip(controls, at, strict=True)),
                "rest": state.sentence[len(shared) :],
                "title": state.bars.title if state.bars else "",
                "bars": _drawn(state.bars, low, high) if state.bars else [],
            }
        )
    context = {
        "id": _id(result, controls),
        "controls": [
            {
                "label": one.assumption.label,
                "quality": one.assumption.quality or "red",
                "shape": _SHAPES[one.assumption.quality or "red"],
                "name": one.assumption.name,
                "letter": letter,
                "values": one.values,
                "central": one.central,
            }
            for letter, one in zip("abc", controls, strict=False)
        ],
        "at_rest": in_words([f"{one.values[one.central].text} ({one.assumption.label})" for one in controls]),
        "owners": in_words(list(dict.fromkeys(one.assumption.owner for one in controls))),
        "outside": any(one.outside for one in controls),
        "shared": shared,
        "zero": _share(0, low, high) if low < 0 < high else "",
        "states": shown,
    }
    return str(getattr(_macros(), macro)(**context)).strip()


def _beginning(sentences: Sequence[str]) -> str:
    """The words with which all sentences begin: they need to be on the page only once."""
    first, last = min(sentences), max(sentences)
    same = "".join(letter for letter, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    return first if first == last else same[: same.rfind(" ") + 1]


def _scale(states: Sequence[State]) -> tuple[float, float]:
    """From where to where in £ every bar of every state is drawn, so that bars can be compared; 0 is among them."""
    values = [value for one in states if one.bars for value in one.bars.pounds.values() if not math.isnan(value)]
    low, high = min(0.0, *values), max(0.0, *values)
    return (low, high) if low < high else (0.0, 1.0)


def _drawn(bars: Bars, low: float, high: float) -> list[dict[str, str]]:
    """Each bar: its label, its value in words, where it begins and how long it is in per cent of the width."""
    drawn = []
    for label, value in bars.rows:
        known, amount = not math.isnan(value), bars.pounds[label]
        size = abs(amount) / (high - low) * 100 if known else 0.0
        drawn.append(
            {
                "label": label,
                "value": with_unit(value, bars.unit, bars.places) if known else NOT_KNOWN,
                "from": _share(min(amount, 0.0), low, high) if known else "",
                "size": f"{size:.1f}%" if size >= 0.05 else "",
            }
        )
    return drawn


def _share(value: float, low: float, high: float) -> str:
    return f"{(value - low) / (high - low) * 100:.1f}%"


def _id(result: Result, controls: Sequence[Control]) -> str:
    """An id that no other strip of a page has."""
    said = "|".join([result.topic, result.partnership, *(one.assumption.name for one in controls)])
    return f"what-if-{hashlib.sha256(said.encode()).hexdigest()[:6]}"


@cache
def _macros() -> Any:
    return environment().get_template("what_if.html.j2").module

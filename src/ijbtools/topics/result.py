"""What every topic answers: tables, checks, sentences, facts, and the assumptions used.

A result holds tidy frames for all partnerships and periods. `only` narrows it to one of each; tables and figures for
people are described there as data, and drawn by `report`.

A topic's sums come in two steps, so that a change of one assumption is answered at once: `prepare(tables)` does all
that no assumption moves, `work_out(prepared, assumptions)` the rest; `compute` is the one after the other.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, TypeVar

import pandas as pd

from ijbtools.errors import InputRefused, Problem, listed, nearest
from ijbtools.finance.words import money_unit
from ijbtools.finance.years import Period, briefing_period
from ijbtools.inputs.assumptions import Assumption, Source

Made = TypeVar("Made")

FACT_COLUMNS = (
    "partnership",
    "period",
    "topic",
    "measure",
    "from_partner",
    "to_partner",
    "amount",
    "unit",
    "price_base",
    "status",
)


@dataclass(frozen=True)
class Check:
    """One identity that must hold: the residual is signed and always shown."""

    name: str
    residual: float
    tolerance: float
    unit: str

    @property
    def holds(self) -> bool:
        """Whether the residual lies within the tolerance."""
        return abs(self.residual) <= self.tolerance


@dataclass(frozen=True)
class ShownColumn:
    """A column as a reader sees it: its heading, and with how many decimals it is printed (None for text)."""

    name: str
    heading: str
    places: int | None = None


@dataclass(frozen=True)
class ShownTable:
    """A table for people: what it says, what it measures in which one unit, and its rows.

    The first column names the rows. Values are in the unit of the subtitle, not rounded; nan is printed as a word.
    `total` marks the last row as the sum of the others.
    """

    title: str
    subtitle: str
    columns: tuple[ShownColumn, ...]
    frame: pd.DataFrame
    sources: tuple[str, ...]
    total: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownFigure:
    """A figure as data: its kind, which columns of its frame it draws, and its words.

    | kind | one row of `frame` | `category` | `series` |
    |---|---|---|---|
    | line | one point | along the axis, in order | one line each, at most four |
    | bars | one bar | names the bar, in order from the top | |
    | stacked_bars | one part of a bar | along the axis, in order | the parts, at most four |
    | bridge | one step, in order | names the step | a column that is true for the bars that stand on the ground |
    | dot_plot | one dot | names the line, in order from the top | the kinds of dots, at most four |
    | heat_map | one cell | the columns, in order | the lines, in order from the top |
    | alluvial | one flow | from whom | to whom |

    `value` is the size, in the unit that the subtitle names and `unit` repeats for labels ("£ million", "%", "days" or
    nothing), with `places` decimals: one row for each category and series, 0 or more in parts of a stacked bar, nan
    only in a heat map. `highlight` is the category or series that the finding is about, if any; it must be there.
    `table` holds the same figures for reading.
    """

    kind: Literal["line", "bars", "stacked_bars", "bridge", "dot_plot", "heat_map", "alluvial"]
    title: str
    subtitle: str
    alt: str
    frame: pd.DataFrame
    category: str
    value: str
    series: str
    places: int
    table: ShownTable
    unit: str = ""
    highlight: str = ""


@dataclass(frozen=True)
class KeyFigure:
    """One of the few figures at the top: what it is, how much, and one line beneath."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Bars:
    """The few amounts that a what-if is about: two to five, in the order in which they are read.

    A row is a label and its value in `unit` ("£ million", "£ thousand" or "£"), not rounded, to be printed with
    `places` decimals. The unit follows the largest amount, so two of them are compared in `pounds`.
    """

    title: str
    unit: str
    places: int
    rows: tuple[tuple[str, float], ...]

    @property
    def pounds(self) -> dict[str, float]:
        """By label, the amount in £."""
        return {label: value * _DIVISORS[self.unit] for label, value in self.rows}


_DIVISORS = {"£ million": 1e6, "£ thousand": 1e3, "£": 1.0}


def bars_of(title: str, amounts: Mapping[str, float]) -> Bars:
    """Bars of amounts in £ by label, in the one unit that fits the largest: value = amount / divisor of the unit."""
    unit, divisor, places = money_unit(amounts.values())
    return Bars(title, unit, places, tuple((label, float(amount) / divisor) for label, amount in amounts.items()))


TOGETHER = "together"  # what `Result.gains` calls everyone, beside the partners


def gains_of(together: float, by_partner: Mapping[str, float] | pd.Series) -> pd.Series:
    """What `Result.gains` returns: £, index `together`, then the partners in their order."""
    return pd.Series({TOGETHER: float(together), **{str(k): float(v) for k, v in by_partner.items()}}, dtype=float)


@dataclass(frozen=True)
class Prepared:
    """What a topic's sums rest on and no assumption moves; made by `prepare`, read by `work_out` as often as one likes.

    `tables` are the frames that go into the result as they are: of all partnerships, or, where `partnership` names one,
    its own rows and the tables that several share.
    """

    tables: Mapping[str, pd.DataFrame]
    data_sources: tuple[str, ...]
    partnership: str


def need_partnership(partnerships: pd.DataFrame, partnership: str) -> None:
    """Raise InputRefused where a partnership is named that is none of the table."""
    if partnership and (problems := unknown_partnership(partnerships, partnership)):
        raise InputRefused(problems)


def of_one(tables: Mapping[str, pd.DataFrame], partnership: str) -> dict[str, pd.DataFrame]:
    """The rows of one partnership in every frame that has the column `partnership`; all rows where none is named."""
    return {
        name: frame[frame["partnership"] == partnership] if partnership and "partnership" in frame else frame
        for name, frame in tables.items()
    }


def unknown_partnership(partnerships: pd.DataFrame, partnership: str) -> list[Problem]:
    """The problem that a partnership is none of the table, with its nearest match; no problem where it is."""
    people = partnerships["partnership"].tolist()
    if partnership in people:
        return []
    expected = f"a partnership of the table: {listed(people)}"
    return [Problem("parameter partnership", repr(partnership), expected, nearest=nearest(partnership, people))]


@dataclass(frozen=True)
class Result(ABC):
    """The base of every topic's result. Frames are tidy and hold all partnerships and periods until `only`."""

    topic: str
    tables: Mapping[str, pd.DataFrame]
    used: tuple[Assumption, ...]
    sources: Mapping[str, Source]
    data_sources: tuple[str, ...] = ()
    scenario: str = ""
    partnership: str = ""
    period: Period | None = None
    method: str = field(default="", repr=False)

    TABLES: ClassVar[tuple[str, ...]] = ()  # names that `table` knows
    FIGURES: ClassVar[tuple[str, ...]] = ()  # names that `figure` knows
    EXPLORE: ClassVar[tuple[str, ...]] = ()  # of the figures, those that assumptions move; the best for exploring first

    def only(self, partnership: str, period: str) -> "Result":
        """The same result for one partnership and one briefing period.

        `2024/25 Q4` is `2024/25`; other quarters mean the year to their end. Raises InputRefused, naming the nearest
        match, where the result does not reach that far.
        """
        problems = unknown_partnership(self.tables["partnerships"], partnership)
        try:
            chosen = briefing_period(period)
        except ValueError as error:
            raise InputRefused([*problems, Problem("parameter period", repr(period), _after(error))]) from None
        periods = self.periods(partnership)
        if not problems and periods and chosen.name not in periods and not self.beyond(partnership, chosen):
            expected = f"a period with complete figures: {listed(periods[::-1])}"
            problems.append(Problem("parameter period", repr(period), expected, nearest=nearest(chosen.name, periods)))
        if problems:
            raise InputRefused(problems)
        return replace(self, tables=of_one(self.tables, partnership), partnership=partnership, period=chosen)

    @abstractmethod
    def periods(self, partnership: str) -> list[str]:
        """Periods for which the partnership's figures are complete, oldest first; none where nothing bounds them."""

    def beyond(self, partnership: str, period: Period) -> bool:
        """Whether a page is made for a period that the figures do not reach yet: it then says what is not there."""
        return False

    def lacks(self, name: str) -> tuple[str, ...]:
        """The tables that would have to be sent for the sentence, table or figure of that name; none where it shows."""
        return ()

    def shows(self, name: str) -> bool:
        """Whether a table or figure says something here: a lead agency's quantum, say, only under a lead agency."""
        return not self.lacks(name)

    def withheld(self, name: str) -> str:
        """Why it is not shown though its tables were sent, in a sentence; nothing where it is shown or was not sent."""
        return ""

    def secondary(self, name: str) -> bool:
        """Whether a table is evidence for a second reading: on a page it is folded away, and on paper left out."""
        return False

    def would_show(self, name: str) -> str:
        """What a sentence, table or figure shows, in a few words, for where it cannot."""
        return name.replace("_", " ")

    @abstractmethod
    def checks(self) -> list[Check]:
        """The identities that must hold, with residuals."""

    @abstractmethod
    def sentences(self) -> dict[str, str]:
        """The finding in words; headline, captions and alt text are these."""

    def sentence(self, name: str) -> str:
        """The sentence of that name alone; ValueError names those there are. Topics do it without the others."""
        sentences = self.sentences()
        if name not in sentences:
            raise ValueError(f"sentence: found {name!r}; expected one of {list(sentences)}")
        return sentences[name]

    def gains(self) -> pd.Series:
        """What each partner gains under the assumptions, of a narrowed result: £, above 0 is better.

        Index `together`, then each partner's id, or the word of the topic for it (hospitals, partnership, people).
        Empty where nothing is known.
        """
        return pd.Series(dtype=float)

    def bars(self) -> Bars | None:
        """The few amounts that a what-if is about, of a narrowed result; None where nothing is known."""
        return None

    @abstractmethod
    def key_figures(self) -> list[KeyFigure]:
        """The four to eight figures at the top of a page."""

    @abstractmethod
    def table(self, name: str) -> ShownTable:
        """The table for people of that name; ValueError names those there are."""

    @abstractmethod
    def figure(self, name: str) -> ShownFigure:
        """The figure of that name, as data; ValueError names those there are."""

    @abstractmethod
    def facts(self) -> pd.DataFrame:
        """Every figure as a row: the columns of FACT_COLUMNS."""


def named(what: str, made: Mapping[str, Made], name: str) -> Made:
    """What goes by that name; ValueError says what it is about and names those there are."""
    if name not in made:
        raise ValueError(f"{what}: found {name!r}; expected one of {list(made)}")
    return made[name]


def _after(error: ValueError) -> str:
    return str(error).partition("expected ")[2]

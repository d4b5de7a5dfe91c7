"""The tables that a partner sends, each declared once.

Reader, checks, blank template and data dictionary all come from these declarations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from ijbtools import vocabulary as words

Kind = Literal["id", "text", "word", "year", "period", "date", "number", "amount", "count", "share"]

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "a short name in small letters, digits and hyphens, such as aberdeen-city",
        "text": "text",
        "word": "one of the permitted words",
        "year": "a financial year such as 2024/25",
        "period": "a month such as 2025-04 or a quarter such as 2025/26 Q1",
        "date": "a date such as 2025-03-31 or 31/03/2025",
        "number": "a number",
        "amount": "an amount in pounds, such as 1250 or (1,250.00) for a negative",
        "count": "a whole number, 0 or more",
        "share": "a share from 0 to 1, or a percentage such as 15%",
    }
)


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in which unit, and what it refers to.

    `refers_to` names the `table.column` whose values are permitted; `also` adds words that are permitted besides.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    required: bool = True
    refers_to: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its columns, and the columns that together name a row."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    optional: bool = False

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


def _of_partnership(also: tuple[str, ...] = ()) -> Column:
    return Column("partnership", "id", "whose row it is", refers_to="partnerships.partnership", also=also)


_LOCALITY = Column("locality", "text", "part of the partnership; blank where the row is for all of it", required=False)

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            Table(
                "partnerships",
                "Integration authorities and places: who they are and how they are built.",
                (
                    Column("partnership", "id", "the id that every other table uses"),
                    Column("name", "text", "the name that pages print"),
                    Column("nation", "word", "country of the UK", words=words.NATIONS),
                    Column("model", "word", "model of integration", words=words.MODELS),
                    Column("model_from", "date", "since when, or as at when, that is its model"),
                    Column("code", "text", "official code, such as S37000001", required=False),
                    Column("started_on", "date", "first day of the partnership", required=False),
                    Column("kind", "word", "real body or invented example", words=words.PARTNERSHIP_KINDS),
                    Column(
                        "host",
                        "id",
                        "lead agency only: the partner that hosts adult care; blank where it is the one health board",
                        required=False,
                        refers_to="partners.partner",
                    ),
                ),
                key=("partnership",),
            ),
            Table(
                "partners",
                "Who pays, bears or benefits in a partnership.",
                (
                    _of_partnership(),
                    Column("partner", "id", "the partner's id"),
                    Column("name", "text", "the name that pages print"),
                    Column("sector", "word", "kind of body", words=words.SECTORS),
                    Column("regime", "word", "financial rule it works under", words=words.REGIMES),
                    Column("code", "text", "official code, such as S12000033", required=False),
                ),
                key=("partnership", "partner"),
            ),
            Table(
                "delays",
                "Days that people spent in hospital after they were ready to leave. Parts only, no totals.",
                (
                    _of_partnership(also=(words.NOT_RESIDENT,)),
                    Column("period", "period", "the month or quarter in which the days fell"),
                    Column("age_group", "word", "age of the people", words=words.DELAY_AGE_GROUPS),
                    Column("reason", "word", "published group of reasons", words=words.REASONS),
                    Column("bed_days", "count", "delayed days in the period", unit="days"),
                    Column("people", "count", "people delayed", unit="people", required=False),
                    _LOCALITY,
                ),
                key=("partnership", "period", "age_group", "reason", "locality"),
            ),
            Table(
                "population",
                "People by age group, at the middle of a calendar year.",
                (
                    _of_partnership(),
                    Column("year", "count", "calendar year of the count at 30 June", unit="year"),
                    Column("age_group", "word", "age", words=words.POPULATION_AGE_GROUPS),
                    Column("people", "count", "number of people", unit="people"),
                    Column("status", "word", "how it is known", words=words.POPULATION_STATUS),
                    _LOCALITY,
                ),
                key=("partnership", "year", "age_group", "status", "locality"),
            ),
            Table(
                "attribution",
                "Who decides on a reason for delay, where the partners have agreed detailed reasons.",
                (
                    _of_partnership(),
                    Column("reason", "word", "published group of reasons", words=words.REASONS),
                    Column(
                        "decides",
                        "id",
                        "a partner, or one of the words",
                        refers_to="partners.partner",
                        also=tuple(words.DECIDERS),
                    ),
                    Column("share", "share", "share of the reason's days; the shares of a reason sum to 1"),
                ),
                key=("partnership", "reason", "decides"),
                optional=True,
            ),
            Table(
                "mechanisms",
                "Other ways in which one partner's decision moves cost to another, priced against an alternative.",
                (
                    _of_partnership(),
                    Column("mechanism", "text", "what happens, in a few words"),
                    Column("instead_of", "text", "the alternative that it is priced against"),
                    Column(
                        "decides",
                        "id",
                        "whose decision: a partner, or one of the words",
                        refers_to="partners.partner",
                        also=tuple(words.DECIDERS),
                    ),
                    Column(
                        "bears",
                        "id",
                        "whose cost changes: a partner, or one of the words",
                        refers_to="partners.partner",
                        also=tuple(words.BEARERS),
                    ),
                    Column("period", "period", "the quarter it is for"),
                    Column("quantity", "number", "how many units"),
                    Column("unit", "text", "what is counted"),
                    Column("unit_amount", "amount", "change in cost a unit; positive is borne", unit="£ a unit"),
                    Column("basis", "word", "costing basis", words=words.BASES),
                    Column("price_base", "year", "prices of which year", required=False),
                    Column("source", "text", "where it comes from"),
                ),
                key=("partnership", "mechanism", "decides", "bears", "period", "basis"),
                optional=True,
            ),
        )
    }
)


def template(table: Table) -> str:
    """A blank CSV file of the table: the headings and nothing else."""
    return ",".join(table.names) + "\n"


def dictionary() -> str:
    """The data dictionary: every table and column, in Markdown."""
    lines = ["# The tables\n"]
    for table in TABLES.values():
        lines += [f"## {table.name}{' (optional)' if table.optional else ''}\n", f"{table.meaning}\n"]
        lines += [f"One row for each {', '.join(table.key)}.\n"]
        lines += ["| column | holds | meaning |", "|---|---|---|"]
        for column in table.columns:
            lines.append(
                f"| {column.name}{'' if column.required else ' (optional)'} | {holds(column)} | {column.meaning} |"
            )
        lines.append("")
    return "\n".join(lines)


def holds(column: Column) -> str:
    """What a cell of the column may hold, in words."""
    if column.words:
        return ", ".join(column.words)
    unit = f", in {column.unit}" if column.unit and column.kind != "amount" else ""
    refers = f"; one of {column.refers_to}" if column.refers_to else ""
    also = f" or {', '.join(column.also)}" if column.also else ""
    return f"{KINDS[column.kind]}{unit}{refers}{also}"

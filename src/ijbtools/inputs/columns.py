"""What a column and a table are, and how each says in words what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal["id", "text", "word", "year", "month", "period", "span", "date", "number", "amount", "count", "share"]

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "a short name in small letters, digits and hyphens, such as aberdeen-city",
        "text": "text",
        "word": "one of the permitted words",
        "year": "a financial year such as 2024/25",
        "month": "a month such as 2025-04",
        "period": "a month such as 2025-04 or a quarter such as 2025/26 Q1",
        "span": "a year such as 2025/26, a quarter such as 2025/26 Q1 or a month such as 2025-04",
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
    `opened_by` is the kind of the table `categories` that adds words of one's own.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    required: bool = True
    refers_to: str = ""
    also: tuple[str, ...] = ()
    opened_by: str = ""

    @property
    def in_pounds(self) -> bool:
        """Whether it holds sums of money, which a return may give in thousands; prices of a unit are none."""
        return self.kind == "amount" and self.unit == "£"


@dataclass(frozen=True)
class Table:
    """One table: its columns, and the columns that together name a row.

    Rows of a table without a key may be alike. `adds_up_to` names the table that the rows of a person-level table make.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    optional: bool = False
    adds_up_to: str = ""

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


def of_partnership(also: tuple[str, ...] = ()) -> Column:
    """The column that says whose row it is."""
    return Column("partnership", "id", "whose row it is", refers_to="partnerships.partnership", also=also)


def of_partner(meaning: str) -> Column:
    """The column that names a partner of the row's partnership."""
    return Column("partner", "id", meaning, refers_to="partners.partner")


def template(table: Table) -> str:
    """A blank CSV file of the table: the headings and nothing else."""
    return ",".join(table.names) + "\n"


def holds(column: Column) -> str:
    """What a cell of the column may hold, in words."""
    if column.words:
        return ", ".join(column.words) + _further(column)
    unit = f", in {column.unit}" if column.unit not in ("", "year", "place") and column.kind != "amount" else ""
    refers = f"; one of {column.refers_to}" if column.refers_to else ""
    also = f" or {', '.join(column.also)}" if column.also else ""
    return f"{KINDS[column.kind]}{unit}{refers}{also}"


def _further(column: Column) -> str:
    return f", or one of categories.category of the kind {column.opened_by}" if column.opened_by else ""

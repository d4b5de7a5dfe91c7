"""The declared tables: their house style, their blank template and their dictionary."""

import re

import pytest

from ijbtools.inputs.columns import KINDS, Column, Table, holds, template
from ijbtools.inputs.reader import read
from ijbtools.inputs.tables import TABLES, dictionary

COLUMNS = [(table, column) for table in TABLES.values() for column in table.columns]
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


def offenders(wrong):
    """The columns, as table.column, of which `wrong` is true."""
    return [f"{table.name}.{column.name}" for table, column in COLUMNS if wrong(table, column)]


def test_names_are_identifiers():
    """Tables and columns have names in small letters, digits and underscores, and a table is listed by its name."""
    assert [name for name, table in TABLES.items() if name != table.name or not IDENTIFIER.fullmatch(name)] == []
    assert offenders(lambda table, column: not IDENTIFIER.fullmatch(column.name)) == []


def test_column_names_are_unique():
    """No table has two columns of one name."""
    assert offenders(lambda table, column: table.names.count(column.name) != 1) == []


def test_every_table_and_column_has_a_meaning():
    """Every table and every column says in words what it holds."""
    assert [name for name, table in TABLES.items() if not table.meaning.endswith(".")] == []
    assert offenders(lambda table, column: not column.meaning.strip()) == []


def test_every_kind_is_known():
    """Every column is of a kind that has a description for messages."""
    assert offenders(lambda table, column: column.kind not in KINDS) == []


def test_words_belong_to_word_columns():
    """A column of permitted words has some, each with a label, and no other column has any."""
    assert offenders(lambda table, column: bool(column.words) != (column.kind == "word")) == []
    assert offenders(lambda table, column: not all(column.words.values())) == []


def test_keys_are_columns():
    """The key of every table is made of its own columns, and only columns that narrow a row may be blank in one."""
    unknown = [f"{table.name}.{key}" for table in TABLES.values() for key in table.key if key not in table.names]
    assert unknown == []
    assert [name for name, table in TABLES.items() if not table.key] == []
    optional = offenders(lambda table, column: column.name in table.key and not column.required)
    narrowing = {"locality", "to_partner", "condition", "period", "note", "segment", "table", "partner"}
    assert [name for name in optional if name.partition(".")[2] not in narrowing] == []


def test_references_are_declared():
    """What a column refers to is an id column of a declared table, and extra words stand only beside a reference."""
    targets = {f"{table.name}.{column.name}" for table, column in COLUMNS if column.kind == "id"}
    assert offenders(lambda table, column: column.refers_to and column.refers_to not in targets) == []
    assert offenders(lambda table, column: column.also and not column.refers_to) == []


def test_tables_name_their_partnership():
    """Every other table begins with the partnership it is of, but those that several partnerships share."""
    shared = {"partnerships", "services", "shares", "specialty_costs", "categories", "names"}
    first = {name: table.columns[0] for name, table in TABLES.items()}
    referring = {name for name, column in first.items() if column.refers_to == "partnerships.partnership"}
    assert referring == set(TABLES) - shared
    assert {first[name].name for name in referring} == {"partnership"}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_template_has_every_column(table):
    """The blank template is one line of the declared headings in their order."""
    assert template(table) == ",".join(column.name for column in table.columns) + "\n"


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_dictionary_has_every_column(table):
    """The dictionary has a section for the table, and in it a row for each column with what it may hold."""
    sections = {text.splitlines()[0]: text for text in dictionary().split("## ")[1:]}
    section = sections[f"{table.name} (optional)" if table.optional else table.name]
    assert table.meaning in section
    assert f"One row for each {', '.join(table.key)}." in section
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    names = [row[0].removeprefix("| ") for row in rows]
    assert names == [column.name + ("" if column.required else " (optional)") for column in table.columns]
    assert [row[1] for row in rows] == [holds(column) for column in table.columns]
    assert [row[2].removesuffix(" |") for row in rows] == [column.meaning for column in table.columns]


def test_holds_says_what_a_cell_may_hold():
    """What a cell may hold is said in words: the permitted words, or the kind with unit, reference and extra words."""
    assert holds(TABLES["delays"].column("age_group")) == "18-74, 75+"
    assert holds(TABLES["delays"].column("bed_days")) == "a whole number, 0 or more, in days"
    whose = holds(TABLES["delays"].column("partnership"))
    assert whose == f"{KINDS['id']}; one of partnerships.partnership or not-resident"


def test_a_table_finds_its_columns_by_name():
    """A table gives a column by its name, and its names in order."""
    one, two = Column("one", "text", "first"), Column("two", "count", "second")
    table = Table("pair", "A pair.", (one, two), key=("one",))
    assert (table.names, table.column("two")) == (["one", "two"], two)


@pytest.mark.parametrize("name", [name for name in TABLES if name != "delays"])
def test_the_blank_template_reads(tmp_path, name):
    """The blank template reads without a problem or a warning, and has the declared columns and no rows."""
    (tmp_path / f"{name}.csv").write_text(template(TABLES[name]), encoding="utf-8")
    tables = read(tmp_path)
    assert tables.warnings == ()
    assert list(tables[name].columns) == TABLES[name].names
    assert len(tables[name]) == 0


def test_a_column_that_is_not_there():
    """Asking a table for a column that it does not have raises KeyError."""
    with pytest.raises(KeyError, match="nothing"):
        TABLES["delays"].column("nothing")


def test_the_blank_template_of_delays_reads(tmp_path):
    """The blank template of delays reads without a problem, too."""
    (tmp_path / "delays.csv").write_text(template(TABLES["delays"]), encoding="utf-8")
    assert len(read(tmp_path)["delays"]) == 0

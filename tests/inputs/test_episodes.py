"""The table with a row a person: what it makes, beside what it may stand, and what says that it was read."""

import hashlib
import pickle

import pytest

from ijbtools.errors import InputRefused
from ijbtools.inputs.columns import template
from ijbtools.inputs.completeness import completeness
from ijbtools.inputs.reader import examine, read
from ijbtools.inputs.tables import DECLARED, PERSON_LEVEL, TABLES, dictionary

PARTNERSHIPS = (
    "partnership,name,nation,model,model_from,kind\n"
    "norland,Norland,scotland,body_corporate,2016-04-01,invented\n"
    "sudland,Sudland,scotland,body_corporate,2016-04-01,invented\n"
)
EPISODES = (
    "partnership,period,age_group,reason,bed_days\n"
    "norland,2025-04,75+,code_9_awi,30\n"
    "norland,2025-04,75+,code_9_awi,4\n"
    "norland,2025-05,75+,code_9_awi,1\n"
)
DELAYS = "partnership,period,age_group,reason,bed_days,people\nsudland,2025/26 Q1,75+,code_9_awi,50,7\n"


def folder(path, **tables):
    """A folder with those tables beside two partnerships."""
    for name, text in {"partnerships": PARTNERSHIPS, **tables}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_beside_delays_of_other_partnerships(tmp_path):
    """One partnership may send a row a person and another its counts: delays has both, each row with its own number."""
    tables = read(folder(tmp_path, episodes=EPISODES, delays=DELAYS))
    delays = tables["delays"]
    assert delays[["partnership", "bed_days", "people"]].values.tolist() == [
        ["sudland", 50, 7],
        ["norland", 34, 2],
        ["norland", 1, 1],
    ]
    assert delays.index.tolist() == [2, 3, 4]
    assert tables.person_level == {"delays"}


def test_both_of_one_partnership_are_refused(tmp_path):
    """Days of one partnership in both tables would count twice: they are refused, with where both are."""
    folder(tmp_path, episodes=EPISODES, delays=DELAYS + "norland,2025-05,75+,code_9_awi,1,1\n")
    with pytest.raises(InputRefused) as refused:
        read(tmp_path)
    (problem,) = refused.value.problems
    assert (problem.file, problem.row) == ("episodes.csv", 2)
    assert problem.found == "rows of norland, which delays.csv has too, from row 3"
    assert problem.expected == "its days in one of the tables episodes and delays"


def test_asking_for_delays_reads_episodes(tmp_path):
    """Whoever asks for delays has what episodes make, and the digests name the file; who does not has neither."""
    file = folder(tmp_path, episodes=EPISODES) / "episodes.csv"
    whole, asked = read(tmp_path), read(tmp_path, ("delays", "partnerships"))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    for tables in (asked, whole.only(("delays", "partnerships"))):
        assert list(tables) == ["delays", "partnerships"]
        assert tables.digests[str(file)] == digest
        assert tables.paths["episodes"] == file
        assert tables.person_level == {"delays"}
    for tables in (read(tmp_path, ("partnerships",)), whole.only(("partnerships",))):
        assert list(tables) == ["partnerships"]
        assert str(file) not in tables.digests
        assert tables.person_level == frozenset()


def test_what_is_person_level_is_kept(tmp_path):
    """Another process that unpickles the tables still knows which were added up from a row a person."""
    tables = read(folder(tmp_path, episodes=EPISODES))
    assert pickle.loads(pickle.dumps(tables)).person_level == {"delays"}
    assert read(folder(tmp_path, episodes=EPISODES.splitlines()[0], delays=DELAYS)).person_level == frozenset()


def test_the_dictionary_says_what_they_make():
    """The dictionary has the table, and says that its rows may be alike and what they are added up to."""
    section = dictionary().partition("## episodes (optional)\n")[2].partition("\n## ")[0]
    assert "One row for each person; rows may be alike. They are added up to the table delays." in section
    assert [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| ")][1:] == [
        "| partnership", "| period", "| age_group", "| reason", "| bed_days", "| locality (optional)",
    ]  # fmt: skip


def test_person_level_tables_make_tables_of_the_dictionary():
    """Each makes a table that pages are made of, has the columns of its key, and no key of its own."""
    assert {*TABLES}.isdisjoint(PERSON_LEVEL)
    assert {*DECLARED} == {*TABLES, *PERSON_LEVEL}
    for table in PERSON_LEVEL.values():
        assert not table.key
        assert {*TABLES[table.adds_up_to].key} <= {*table.names}


def test_the_blank_template_reads(tmp_path):
    """A file of headings alone is no problem and makes no rows."""
    tables = read(folder(tmp_path, episodes=template(PERSON_LEVEL["episodes"])))
    assert (len(tables["delays"]), tables.warnings, tables.person_level) == (0, (), frozenset())


def test_more_days_than_the_period_has(tmp_path):
    """Nobody waits 31 days in April: told once, with how many rows, the first of them and the most days."""
    folder(tmp_path, episodes=EPISODES + "norland,2025-04,75+,code_9_awi,31\nnorland,2025-04,18-74,code_9_awi,45\n")
    (problem,) = examine(tmp_path).problems
    assert (problem.row, problem.column) == (5, "bed_days")
    assert problem.found == "45 days of one person in 2025-04 in 2 rows, first here"
    assert problem.expected == "at most 30, the days of 2025-04"


def test_the_list_counts_persons_and_delays(tmp_path):
    """The list of tables counts the rows of episodes, and delays as there, made of them; with a mistake, as to mend."""
    folder(tmp_path, episodes=EPISODES)
    wanted = {"shunting": ("partnerships", "delays")}
    lines = {one.table.name: one for one in completeness(tmp_path, wanted, ("norland",)).lines}
    assert (lines["episodes"].state, lines["episodes"].holds) == ("there", "3 rows, 2025-04 to 2025-05")
    assert (lines["delays"].state, lines["delays"].rows) == ("there", 2)
    folder(tmp_path, episodes=EPISODES.replace("75+", "75 and over"))
    found = completeness(tmp_path, wanted, ("norland",))
    lines = {one.table.name: one for one in found.lines}
    assert (lines["episodes"].state, lines["delays"].state) == ("to mend", "not sent")
    assert [str(one) for one in found.problems] == [
        "episodes.csv, row 2, column age_group: found '75 and over' in 3 rows, first here; expected 18-74 or 75+."
    ]


def test_what_is_wrong_in_delays_is_told_there(tmp_path):
    """A mistake in the counts of one partnership is told with their file, though episodes make delays of another."""
    folder(tmp_path, episodes=EPISODES, delays=DELAYS.replace("sudland", "nobody"))
    assert [(one.file, one.row) for one in examine(tmp_path).problems] == [("delays.csv", 2)]


def test_a_return_of_them_is_known(tmp_path):
    """A line of returns may be of episodes, and a line of names too."""
    partners = "partnership,partner,name,sector,regime\nnorland,nhs,NHS,health_board,break_even\n"
    heads = "partnership,partner,table,period,ledger_to,precision,status\n"
    returns = f"{heads}norland,nhs,episodes,2025-05,2025-05-31,1,final\n"
    names = "table,partner,column,ledger,name\nepisodes,,reason,awi,code_9_awi\n"
    folder(tmp_path, partners=partners, returns=returns, names=names, episodes=EPISODES.replace("code_9_awi", "awi"))
    assert set(read(tmp_path)["delays"]["reason"]) == {"code_9_awi"}

"""YAML files checked against a model."""

from typing import Literal

import pytest
from pydantic import Field

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.yaml_files import Checked, check, line_of, load


class Inner(Checked):
    """A part of the model of these tests."""

    low: float
    high: float


class Outer(Checked):
    """The model of these tests."""

    label: str
    colour: Literal["red", "green"]
    ends: Inner | None = None
    parts: dict[str, Inner] = Field(default_factory=dict)


TEXT = """\
# a comment
first:
  label: First
  colour: red

second:
  label: Second
  colour: green
  ends:
    low: 1
    high: 2
  parts:
    one: {low: 0, high: 1}
    two:
      low: 0
      high: 9
"""


def written(folder, text):
    """A YAML file of that text."""
    file = folder / "some.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return file


def refused(file):
    """The problem for which the file is refused."""
    with pytest.raises(InputRefused) as error:
        load(file)
    (problem,) = error.value.problems
    return problem


def checked(folder, text):
    """What checking the second name of the text gives: the model or its problems."""
    data = load(written(folder, text))
    return check(Outer, data["second"], "some.yaml", data, ("second",))


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_load(tmp_path, mark):
    """A file loads as a mapping in its own order, with or without a byte-order mark."""
    data = load(written(tmp_path, mark + TEXT))
    assert list(data) == ["first", "second"]
    assert data["second"]["ends"] == {"low": 1, "high": 2}


def test_no_stays_a_word(tmp_path):
    """`no`, `yes`, `on` and `off` are words, and only `true` and `false` are truth values."""
    data = load(written(tmp_path, "a: no\nb: yes\nc: on\nd: off\ne: true\nf: false\n"))
    assert list(data.values()) == ["no", "yes", "on", "off", True, False]


def test_an_empty_file_has_no_names(tmp_path):
    """A file with nothing but comments has no names."""
    assert dict(load(written(tmp_path, "# nothing yet\n"))) == {}


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a"),
        ("a:\n  low: 1\n\n  # again\n  low: 2\n", 5, "low"),
        ("a: {low: 1, low: 2}\n", 1, "low"),
    ],
)
def test_a_name_given_twice_is_refused_with_its_line(tmp_path, text, line, name):
    """A name that is given twice, at any depth, is refused with the line of the second."""
    expected = Problem(f"some.yaml, line {line}", f"the name {name} a second time", "each name once")
    assert refused(written(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: [1, 2\n", 3), ("a:\n\tb: 1\n", 2), ("a: 1\nb: c: d\n", 2), ("a: 1\n---\nb: 2\n", 2), ("a: *b\n", 1)],
)
def test_text_that_is_not_yaml_is_refused_with_its_line(tmp_path, text, line):
    """An open bracket, a tab, two colons, a second document or an unknown alias is refused with its line."""
    problem = refused(written(tmp_path, text))
    assert problem.file == f"some.yaml, line {line}"
    assert problem.found.startswith("text that is not YAML (")
    assert problem.expected == "name: value, indented by spaces"


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "5\n"])
def test_a_file_without_names_is_refused(tmp_path, text):
    """A list, a sentence or a number is no file of names with values."""
    problem = refused(written(tmp_path, text))
    assert (problem.file, problem.expected) == ("some.yaml, line 1", "names with values")


def test_unreadable_files_are_refused(tmp_path):
    """A missing file is refused with its whole path, and text in another encoding with the one expected."""
    missing = tmp_path / "nowhere.yaml"
    assert refused(missing) == Problem("nowhere.yaml", "no such file", f"a YAML file {missing}")
    for encoding in ("cp1252", "utf-16"):
        other = written(tmp_path, "unit: £ a day\n".encode(encoding))
        assert refused(other) == Problem("some.yaml", "text in another encoding", "UTF-8")


def test_check_gives_the_model(tmp_path):
    """Data that fit the model come back as the model, in plain Python values, spaces trimmed, not to be changed."""
    model = checked(tmp_path, TEXT.replace("label: Second", "label: ' Second '"))
    two = Inner(low=0, high=9)
    assert model == Outer(
        label="Second", colour="green", ends=Inner(low=1, high=2), parts={"one": Inner(low=0, high=1), "two": two}
    )
    assert type(model.label) is str
    with pytest.raises(ValueError, match="frozen"):
        model.label = "Third"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "colour: green",
            "color: x\n  colour: green",
            "line 8: found the name second.color; expected one of label, colour, ends or parts. Nearest: colour.",
        ),
        ("  label: Second\n", "", "line 6: found nothing for second.label; expected a value."),
        ("colour: green", "colour: blue", "line 8: found second.colour: 'blue'; expected 'red' or 'green'."),
        ("    high: 2\n", "", "line 9: found nothing for second.ends.high; expected a value."),
        (
            "high: 1}",
            "high: 1, x: 2}",
            "line 13: found the name second.parts.one.x; expected a name that is known here.",
        ),
        (
            "high: 9",
            "high: nine",
            "line 16: found second.parts.two.high: 'nine'; "
            "expected a valid number, unable to parse string as a number.",
        ),
    ],
)
def test_check_names_line_and_place(tmp_path, old, new, message):
    """An unknown name, a missing value and a wrong one are told with their line, their place and what is expected."""
    (problem,) = checked(tmp_path, TEXT.replace(old, new))
    assert str(problem) == f"some.yaml, {message}"


def test_check_tells_all_problems(tmp_path):
    """Every problem of the data is told in one pass."""
    text = TEXT.replace("colour: green", "colour: blue").replace("low: 1", "low: one").replace("high: 9", "hihg: 9")
    found = [problem.found for problem in checked(tmp_path, text)]
    assert sorted(found) == [
        "nothing for second.parts.two.high",
        "second.colour: 'blue'",
        "second.ends.low: 'one'",
        "the name second.parts.two.hihg",
    ]


@pytest.mark.parametrize(
    ("path", "line"),
    [((), 1), (("first",), 2), (("second", "ends", "high"), 11), (("second", "nothing"), 6), (("nothing",), 1)],
)
def test_line_of(tmp_path, path, line):
    """The line of a place is that of its deepest part which the file has."""
    assert line_of(load(written(tmp_path, TEXT)), path) == line


def test_line_of_an_item(tmp_path):
    """The line of an item of a list is its own."""
    assert line_of(load(written(tmp_path, "a:\n  - one\n  - two\n")), ("a", 1)) == 3


@pytest.mark.parametrize("character", ["\x07", "\x00"])
def test_control_characters_are_refused(tmp_path, character):
    """A character that no text has is refused in a sentence."""
    problem = refused(written(tmp_path, f"a: b{character}\n"))
    assert problem.file.startswith("some.yaml")
    assert "character" in problem.found


def test_names_of_parts_are_told_whole(tmp_path):
    """A problem of a part whose name begins like that of a type is told with its whole place and its own line."""
    text = TEXT.replace("two:", "strathclyde:").replace("high: 9", "high: nine")
    (problem,) = checked(tmp_path, text)
    assert (problem.file, problem.found) == ("some.yaml, line 16", "second.parts.strathclyde.high: 'nine'")

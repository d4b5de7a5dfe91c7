"""YAML files checked against a model: duplicate keys refused, the line of every problem named.

YAML 1.2, so that `no` is a word and not a false.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from ijbtools.errors import InputRefused, Problem, listed, nearest

Model = TypeVar("Model", bound="Checked")


class Checked(BaseModel):
    """A model that refuses unknown keys and does not change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def load(file: Path) -> CommentedMap:
    """The file as a mapping that knows its lines. InputRefused where it is not readable as one."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        data = YAML(typ="rt").load(text)
    except FileNotFoundError:
        raise InputRefused([Problem(file.name, "no such file", f"a YAML file {file}")]) from None
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror or type(error).__name__})"
        raise InputRefused([Problem(file.name, found, "one that may be opened")]) from None
    except UnicodeDecodeError:
        raise InputRefused([Problem(file.name, "text in another encoding", "UTF-8")]) from None
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        key = str(error.problem or "").split('"')[1:2]
        found = f"the name {key[0]} a second time" if key else "a name a second time"
        raise InputRefused([Problem(f"{file.name}, line {line}", found, "each name once")]) from None
    except ReaderError as error:
        found = f"a character that text does not have ({error.character!r})"
        raise InputRefused([Problem(file.name, found, "plain text")]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        found = f"text that is not YAML ({error.problem})"
        raise InputRefused([Problem(f"{file.name}, line {line}", found, "name: value, indented by spaces")]) from None
    if data is None:
        return CommentedMap()
    if not isinstance(data, CommentedMap):
        raise InputRefused([Problem(f"{file.name}, line 1", "a list or a single value", "names with values")])
    return data


def check(model: type[Model], data: Any, file: str, lines: Any, path: tuple[str, ...] = ()) -> Model | list[Problem]:
    """`data` as the model, or every problem with its line. `lines` is the whole mapping that knows the lines."""
    try:
        return model.model_validate(_plain(data))
    except ValidationError as error:
        return [_problem(model, one, file, lines, path) for one in error.errors(include_url=False)]


def line_of(data: Any, path: tuple[Any, ...]) -> int:
    """The line of the deepest part of `path` that the file has, counted from 1."""
    line = 1
    for step in path:
        if not isinstance(data, CommentedMap | list):
            break
        try:
            line = data.lc.key(step)[0] + 1 if isinstance(data, CommentedMap) else data.lc.item(step)[0] + 1  # type: ignore[attr-defined]
            data = data[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line


def _problem(model: type[BaseModel], error: Any, file: str, lines: Any, path: tuple[str, ...]) -> Problem:
    steps = (*path, *error["loc"])
    where = f"{file}, line {line_of(lines, steps)}"
    name = ".".join(str(step) for step in steps)
    fields = list(model.model_fields)
    if error["type"] == "extra_forbidden":
        wanted = fields if len(error["loc"]) == 1 else []
        expected = f"one of {listed(wanted)}" if wanted else "a name that is known here"
        return Problem(where, f"the name {name}", expected, nearest=nearest(str(error["loc"][-1]), wanted))
    if error["type"] == "missing":
        return Problem(where, f"nothing for {name}", "a value")
    found = error.get("input")
    if not error["loc"]:
        return Problem(where, f"{name or 'the changes'} without them", error["msg"].removeprefix("Value error, "))
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return Problem(where, f"{name}: {found!r}", message)


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, bool) or data is None:
        return data
    for kind in (int, float, str):  # ruamel's own number and text types carry their layout along
        if isinstance(data, kind):
            return kind(data)
    return data

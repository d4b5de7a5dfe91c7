"""Scenarios: assumptions changed in memory, what differs from params, and the file that says so.

A change in memory goes the way of an entry in a scenario file, so that the file read back gives the same figures to the
last digit.
"""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ijbtools.errors import CannotWrite, IjbError, InputRefused, Problem
from ijbtools.inputs.assumptions import ALWAYS, Assumption, Assumptions, apply_change, apply_scenario
from ijbtools.inputs.cells import read_id, suggestion

FOLDER = Path("params") / "scenarios"  # as seen from the workspace
_FIELDS = ("label", "unit", "value", "price_base", "basis", "source", "owner", "quality", "range", "note")


class AlreadyThere(InputRefused):
    """A scenario of that name is there, and was not to be overwritten."""


def central(assumptions: Assumptions) -> Assumptions:
    """The same assumptions as params have them: without a scenario, each with the option that params choose."""
    items = {name: assumptions.central.get(name, one).chosen for name, one in assumptions.items_by_name.items()}
    return replace(assumptions, items_by_name=items, scenario="", read_names=set())


def changed(assumptions: Assumptions, changes: Mapping[str, Any], label: str = "") -> Assumptions:
    """The assumptions with some changed, each by what an entry of a scenario file may say; the others as they are.

    A change is a number, numbers by year, or the fields that it changes such as `{"choice": "nursing_2024_25"}`. A
    choice begins from the option as params have it. Raises InputRefused with every problem.
    """
    found: dict[str, Assumption] = dict(assumptions.items_by_name)
    problems: list[Problem] = []
    for name, change in changes.items():
        if isinstance(change, Mapping) and "choice" in change and name in assumptions.central:
            found[name] = assumptions.central[name]
        problems += apply_change(found, name, _plain(change), f"the change of {name}", label)
    if problems:
        raise InputRefused(problems)
    items = {name: one.chosen for name, one in found.items()}
    return replace(assumptions, items_by_name=items, scenario=label or assumptions.scenario, read_names=set())


def differences(assumptions: Assumptions) -> dict[str, dict[str, Any]]:
    """What differs from params, by name and field: applied to `central`, it gives these assumptions."""
    found = {}
    for name, now in assumptions.items_by_name.items():
        params = assumptions.central.get(name, now)
        change: dict[str, Any] = {}
        if params.options and now.choice != params.choice:
            change["choice"] = now.choice
        base = params.model_copy(update={"choice": now.choice}).chosen if params.options else params
        if now != base:  # most are as they were
            then, as_it_is = base.model_dump(mode="json"), now.model_dump(mode="json")
            change |= {one: as_it_is[one] for one in _FIELDS if as_it_is[one] != then[one]}
        if change:
            found[name] = change
    return found


def scenarios_in(home: Path) -> dict[str, Path]:
    """The scenario files of a workspace by name."""
    return {file.stem: file for file in sorted((home / FOLDER).glob("*.yaml"))}


def opened(assumptions: Assumptions, file: Path) -> Assumptions:
    """The assumptions as params have them, changed by a scenario file. Raises InputRefused with every problem."""
    found, problems = {**assumptions.items_by_name, **assumptions.central}, list[Problem]()
    label = apply_scenario(file, found, assumptions.sources, problems)
    if problems:
        raise InputRefused(problems)
    items = {name: found[name].chosen for name in assumptions.items_by_name}
    return replace(assumptions, items_by_name=items, scenario=label, read_names=set())


def save_scenario(
    home: Path,
    assumptions: Assumptions,
    name: str,
    author: str = "",
    note: str = "",
    overwrite: bool = False,
    today: date | None = None,
) -> Path:
    """Write what differs from params as the scenario of that name in the workspace; the file.

    Raises InputRefused where the name is none for a file, or nothing differs; AlreadyThere where a file of that name is
    there and may not be overwritten; CannotWrite where the folder takes no file. What was there then stays as it was.
    """
    file = home / FOLDER / f"{_named(name)}.yaml"
    changes = differences(assumptions)
    if not changes:
        raise InputRefused([Problem(file.name, "nothing that differs from params", "at least one change")])
    if file.exists() and not overwrite:
        expected = "another name, or leave to overwrite"
        raise AlreadyThere([Problem(file.name, "a scenario of that name already", expected)])
    data = {
        "label": name.replace("-", " ").capitalize(),
        "author": author.strip(),
        "date": (today or date.today()).isoformat(),
        "note": note.strip(),
        "assumptions": {one: _short(change) for one, change in changes.items()},
    }
    out = StringIO()
    yaml = YAML(typ="rt")
    yaml.allow_unicode, yaml.width = True, 110
    yaml.dump(data, out)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _put(file, out.getvalue(), assumptions)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise CannotWrite(
            f"Cannot write {FOLDER.as_posix()}/{file.name}: {said}. Nothing was saved. Make room, or ask for the right "
            "to write there."
        ) from None
    return file


def _put(file: Path, text: str, assumptions: Assumptions) -> None:
    """Write beside the file, read that back, and only then put it in place."""
    handle, beside = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as writing:
            writing.write(text)
        again = opened(assumptions, Path(beside))
        wrong = [
            name for name, one in assumptions.items_by_name.items() if again.items_by_name[name].value != one.value
        ]
        if wrong:
            raise IjbError(f"{file.name} would not give the same figures again: {', '.join(wrong)}. Nothing was saved.")
        Path(beside).chmod(0o644)
        os.replace(beside, file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise


def _named(name: str) -> str:
    try:
        return read_id(name)
    except ValueError:
        expected = "2 to 40 small letters, digits and hyphens, such as low-cash-share"
        found = f"{name!r} as a name" if name else "no name"
        raise InputRefused([Problem("the scenario", found, expected, nearest=suggestion("id", name))]) from None


def _short(change: Mapping[str, Any]) -> Any:
    """The entry as one writes it by hand: a lone value stands for itself, values by year stay by year."""
    fields = dict(change)
    if set(fields.get("value", {})) == {ALWAYS}:
        fields["value"] = fields["value"][ALWAYS]
    return fields["value"] if set(fields) == {"value"} else fields


def _plain(change: Any) -> Any:
    return dict(change) if isinstance(change, Mapping) else change

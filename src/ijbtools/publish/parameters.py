"""A notebook's parameters, and whether what was asked for fits them. Nothing is run."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ijbtools.errors import Problem, listed, nearest

_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (float, int), "bool": (bool,)}


@dataclass(frozen=True)
class Parameter:
    """One annotated line of a notebook's parameters cell."""

    name: str
    kind: str
    default: str
    meaning: str


def parameters_of(notebook: Path) -> dict[str, Parameter]:
    """The parameters that a notebook declares in its parameters cell."""
    return dict(_declared(notebook, notebook.stat().st_mtime_ns))


@lru_cache
def _declared(notebook: Path, changed: int) -> dict[str, Parameter]:
    """Looked up once for each notebook of a plan, and again when it has changed."""
    from papermill import inspect_notebook

    found = inspect_notebook(str(notebook))
    return {
        name: Parameter(name, one["inferred_type_name"], one["default"], one["help"]) for name, one in found.items()
    }


def wrong_parameters(notebook: Path, given: dict[str, Any]) -> list[Problem]:
    """Names that the notebook does not declare, and values of another type than declared."""
    declared = parameters_of(notebook)
    problems = []
    for name, value in given.items():
        if name not in declared:
            expected = f"a parameter of {notebook.name}: {listed(list(declared))}"
            problems.append(
                Problem(notebook.name, f"the parameter {name!r}", expected, nearest=nearest(name, declared))
            )
            continue
        kinds = _TYPES.get(declared[name].kind)
        fits = kinds is None or (isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)))
        if not fits:
            problems.append(Problem(notebook.name, f"{name} = {value!r}", f"a value of type {declared[name].kind}"))
    return problems

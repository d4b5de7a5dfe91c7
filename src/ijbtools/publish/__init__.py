"""From a plan to published pages: the only room that knows papermill."""

import sys
from importlib.util import find_spec


def _without_grammars() -> None:
    """Import jsonschema without the grammars of a package that JupyterLab brings: to compile them takes a second.

    They are for the format "iri", which no notebook has; jsonschema does without where the package is not there.
    """
    if find_spec("rfc3987_syntax") and not {"jsonschema", "rfc3987_syntax"} & sys.modules.keys():
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
        try:
            import jsonschema  # noqa: F401
        finally:
            del sys.modules["rfc3987_syntax"]


_without_grammars()

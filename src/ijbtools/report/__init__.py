"""What a reader sees: the parts of a page, its figures and the page itself.

Each function gives one part; in JupyterLab it shows itself, and `ijb publish` puts the same part on the page.
"""

from ijbtools.report.parts import (
    Part,
    assumptions,
    caution,
    checks,
    figure,
    headline,
    method,
    sentence,
    show,
    sources,
    table,
)
from ijbtools.report.recording import record
from ijbtools.report.what_if import what_if

__all__ = [
    "Part",
    "assumptions",
    "caution",
    "checks",
    "figure",
    "headline",
    "method",
    "record",
    "sentence",
    "show",
    "sources",
    "table",
    "what_if",
]

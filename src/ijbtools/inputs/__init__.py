"""What a partner sends: declared tables, their reader, publishers' own layouts, assumptions and sources."""

from ijbtools.inputs.assumptions import Assumption, Assumptions, Source, read_assumptions
from ijbtools.inputs.reader import Tables, read
from ijbtools.inputs.workspace import load, workspace

__all__ = ["Assumption", "Assumptions", "Source", "Tables", "load", "read", "read_assumptions", "workspace"]

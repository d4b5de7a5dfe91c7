"""One topic a module: checked tables and declared assumptions in, a result out.

Each topic module has `USES` (the assumptions it reads), `compute(tables, assumptions, facts=None) -> Result` and a
docstring that is the method section of its briefing.
"""

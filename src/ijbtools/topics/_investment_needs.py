"""What each sentence, table and figure of an investment shows, and the tables that a partnership sends for it."""

from types import MappingProxyType
from typing import Any, cast

import numpy as np

from ijbtools.topics.result import Result

_CASES = ("schemes", "scheme_flows")
_BUILT = (*_CASES, "scheme_effects")
_BUDGETED = (*_CASES, "budgets")

# name: what it shows, and the tables it rests on
SHOWS = MappingProxyType(
    {
        "schemes": ("what each scheme costs and brings, and what it is", _CASES),
        "worth": ("net present value, benefit-cost ratio, payback and peak funding", _CASES),
        "outcome": ("what becomes of the benefits: cash, capacity, growth absorbed", _CASES),
        "labels": ("at which uplift a scheme turns from managing demand to saving money", _BUDGETED),
        "fundable": ("whether a scheme pays for itself every year", _CASES),
        "curve": ("cash less cost, year after year", _CASES),
        "horizons": ("the same decision through one, three and four years", _CASES),
        "affordability": ("cost, budget and release year by year", _BUDGETED),
        "build_up": ("how benefits are built up, line by line", _BUILT),
        "factors": ("what each factor takes off the benefits", _BUILT),
        "segments": ("whom the benefits concern", _BUILT),
        "break_even": ("what must be true for each scheme to break even", _CASES),
        "together": ("schemes that act on the same budget", _BUDGETED),
        "capital": ("whether capital limits are kept", _CASES),
        "growth": ("growth from people and prices", (*_CASES, "services", "population")),
        "partners": ("who pays and who gains", _CASES),
        "range": ("the least and the most that who invests can receive", _CASES),
        "settlement": ("the transfer agreement under each rule", _CASES),
        "payable": ("whether transfers can be paid year by year", _CASES),
    }
)

# What a partnership may do without: asked for together with what it cannot do without, and never alone.
OPTIONAL = frozenset({"scheme_effects"})


def lacks(result: Result, name: str) -> tuple[str, ...]:
    """The tables that the partnership would have to send for a sentence, table or figure of that name."""
    missing = [table for table in SHOWS.get(name, ("", ()))[1] if not _sent(result, table)]
    return tuple(missing) if set(missing) - OPTIONAL else ()


def _sent(result: Result, table: str) -> bool:
    """Whether the partnership has sent rows that its schemes can rest on."""
    own = {
        name: frame[frame["partnership"] == result.partnership]
        if result.partnership and "partnership" in frame
        else frame
        for name, frame in result.tables.items()
        if name in (table, "schemes", "summary")
    }
    if own[table].empty:
        return False
    if table == "scheme_flows":  # flows of schemes that are not named are said to lack the schemes
        return own["schemes"].empty or not own["summary"].empty
    return table != "budgets" or own["summary"].empty or budgets_known(result)


def data_sources(result: Result, used: tuple[str, ...]) -> tuple[str, ...]:
    """Of the sources of the data, those whose figures the page has: published ones of people, the rest returned."""
    people = not result.tables["population"].empty
    published = "S02" in used
    returned = any(not result.tables[table].empty for table in _CASES) or (people and not published)
    unread = {*(() if returned else ("S18",)), *(() if people else ("S02", "S03"))}
    return tuple(one for one in used if one not in unread)


def budgets_known(result: Result) -> bool:
    """Whether the budget of any service that a scheme relieves is known."""
    made = cast(Any, result).cases  # an InvestmentResult, which this module cannot import
    return any(
        not np.isnan(one.budget).all()
        for one in made
        if len(one.budget) and result.partnership in ("", one.partnership)
    )

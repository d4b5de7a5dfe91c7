"""What a figure of an investment rests on, for the note under it."""

from ijbtools.finance.words import percent
from ijbtools.topics._investment_view import View


def terms_note(v: View) -> str:
    """What growth, uplift and schedule a figure rests on."""
    return (
        f"Growth {percent(v.value('do_nothing_growth'), 1)} a year (quality {v.quality('do_nothing_growth')}), uplift "
        f"of the budgets {percent(v.value('budget_uplift'), 1)} (quality {v.quality('budget_uplift')})."
    )


def pv_note(v: View) -> str:
    """What present values are."""
    return f"Present values, each scheme in the prices of its first year; {v.result.schedule}."

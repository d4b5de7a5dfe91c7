"""Every permitted word, with the label that a reader sees.

Identifiers, file contents and column names are these words; pages print the labels.
"""

from types import MappingProxyType

_fixed = MappingProxyType

NATIONS = _fixed(
    {"scotland": "Scotland", "england": "England", "wales": "Wales", "northern_ireland": "Northern Ireland"}
)

MODELS = _fixed(
    {
        "body_corporate": "integration joint board",
        "lead_agency": "lead agency",
        "pooled_fund": "pooled fund",
        "aligned": "aligned budgets",
    }
)

PARTNERSHIP_KINDS = _fixed({"real": "real", "invented": "invented"})

SECTORS = _fixed(
    {
        "health_board": "health board",
        "council": "council",
        "ijb": "integration joint board",
        "icb": "integrated care board",
        "trust": "NHS trust",
        "provider": "provider",
        "third_sector": "third sector",
        "people": "people who use services",
        "government": "government",
    }
)

REGIMES = _fixed(
    {
        "break_even": "must break even each year",
        "reserves": "may hold reserves",
        "none": "neither rule applies",
    }
)

DELAY_AGE_GROUPS = _fixed({"18-74": "aged 18 to 74", "75+": "aged 75 and over"})

POPULATION_AGE_GROUPS = _fixed(
    {
        "0-17": "aged under 18",
        "18-64": "aged 18 to 64",
        "65-74": "aged 65 to 74",
        "75-84": "aged 75 to 84",
        "85+": "aged 85 and over",
    }
)

AGED_75_AND_OVER = ("75+", "75-84", "85+")

POPULATION_STATUS = _fixed({"estimate": "estimate", "projection": "projection"})

# The four published groups. They do not say whether health or social care is waited for.
REASONS = _fixed(
    {
        "health_and_social_care": "Waiting for care, an assessment or a place",
        "code_9_awi": "Adults with incapacity",
        "code_9_other": "Other complex needs",
        "patient_and_family": "Patient and family",
    }
)

# What is put together because few people are in its parts: a reason or an age group of what is shown, never of a table.
NOT_SHOWN = "not_shown"
SHOWN_REASONS = _fixed({**REASONS, NOT_SHOWN: "Reasons of few people, together"})
HIDDEN = "[c]"  # stands where a figure would be; a note under each table says what it means

# Who decides, where it is not one named partner.
DECIDERS = _fixed(
    {
        "partnership": "The partnership",
        "law": "The law",
        "people": "People and families",
        "unassigned": "Not assigned",
    }
)

# Who bears or gains, where the published figures name no single partner.
BEARERS = _fixed({"hospitals": "Hospitals", "partnership": "Care budgets of the partnership", "people": "People"})

# Days of people who live outside every partnership of the table.
NOT_RESIDENT = "not-resident"

YES_NO = _fixed({"yes": "yes", "no": "no"})

SCOPES = _fixed(
    {
        "delegated": "delegated",
        "set_aside": "set aside for hospital care",
        "hosted": "hosted for several partnerships",
        "retained": "retained by the partner",
    }
)

RECURRENCES = _fixed({"recurring": "recurring", "non_recurring": "one-off"})

# Reporting categories of SSI 2014/326, regulation 4(2)(a) to (e); (f), each care group, overlaps them.
CATEGORIES = _fixed(
    {
        "a": "hospital inpatient services",
        "b": "other health care",
        "c": "care homes and adult placement",
        "d": "support to unpaid carers",
        "e": "other social care",
    }
)

CARE_GROUPS = _fixed(
    {
        "all": "everyone",
        "older_people": "older people",
        "adults": "adults aged under 65",
        "learning_disability": "people with a learning disability",
        "mental_health": "people with mental illness",
        "addictions": "people with addictions",
        "carers": "unpaid carers",
        "children": "children and families",
    }
)

CATEGORY_KINDS = _fixed({"category": "reporting category", "care_group": "care group"})

SETTINGS = _fixed(
    {
        "institutional": "hospital or care home",
        "community": "at home or in the community",
        "running_cost": "running the partnership",
    }
)

RETURN_STATUS = _fixed({"provisional": "provisional", "final": "final", "audited": "audited"})

PRECISIONS = _fixed({"1": "pounds", "1000": "thousands of pounds"})

FUNDING_KINDS = _fixed(
    {
        "base": "base, as in the year before",
        "uplift": "uplift",
        "ring_fenced": "ring-fenced",
        "one_off": "one-off",
        "allocation": "allocation in the year",
        "reserves": "planned use of reserves, agreed by who holds them",
        "overspend_share": "share of an overspend, agreed after the event; never part of a budget",
    }
)

FUNDING_STATUS = _fixed({"asked": "asked for", "offered": "offered", "agreed": "agreed"})

# How a budget moves from one year to the next, in the order in which a bridge shows it.
STEPS = _fixed(
    {
        "full_year_effect": "Full-year effect",
        "pay": "Pay",
        "price": "Prices",
        "demand": "Demand",
        "new_commitment": "New commitments",
        "saving": "Savings",
        "virement": "Virement",
        "allocation": "Allocations",
        "transfer_in": "Transferred in",
        "transfer_out": "Transferred out",
    }
)

SHARE_KINDS = _fixed({"area": "part of an area", "hosted_service": "use of a hosted service"})

RESERVE_KINDS = _fixed({"general": "general reserve", "earmarked": "earmarked reserve"})

FLOW_KINDS = _fixed({"investment": "investment", "benefit": "benefit"})

CAPITAL_COUNTS = _fixed({"limit": "its capital limit", "borrowing": "its own borrowing, which revenue repays"})

FUNDING_TYPES = _fixed({"revenue": "revenue", "capital": "capital"})

# How good the evidence of an effect is, best first.
GRADES = _fixed(
    {
        "1": "randomised trial, or the scheme's own audited records",
        "2": "comparison with similar places or people",
        "3": "before and after, with a trend",
        "4": "before and after, or evaluations elsewhere",
        "5": "practitioners' judgement",
        "6": "no evidence yet",
    }
)

EFFECT_BASES = _fixed({"gross": "gross", "net": "net of what would have happened anyway"})

BETTER = _fixed({"higher": "higher is better", "lower": "lower is better"})

ACTION_KINDS = _fixed({"recovery": "recovery", "decision": "decision", "direction": "direction", "risk": "risk"})

ACTION_STATUS = _fixed({"planned": "planned", "under_way": "under way", "done": "done", "stopped": "stopped"})

# What others have published about a partner.
PUBLISHED_MEASURES = _fixed(
    {"social_work_net_expenditure": "net expenditure on social work, children's services included"}
)

BASES = _fixed({"full_average": "Full average cost", "cash_releasing": "Cash that a budget could give up"})

QUALITIES = _fixed(
    {
        "green": "published by the body that measured it, and checked",
        "amber": "reported by others, or for another place or year",
        "red": "a working assumption that nobody has measured",
    }
)

FLAGS = _fixed(
    {
        "perverse": "those who decide pay less while everyone together bears more",
        "indifferent": "those who decide neither gain nor lose while others bear the cost",
        "blocked": "everyone together would gain, but those who decide would lose",
        "unsettled_gain": "everyone together gains, but others lose unless a transfer is agreed",
        "none": "no conflict of interest in these sums",
    }
)

FACT_STATUS = _fixed(
    {
        "budget": "budget",
        "outturn": "outturn",
        "forecast": "forecast",
        "published": "published",
        "assumed": "rests on assumptions",
    }
)

PAGE_STATUS = _fixed({"draft": "Draft", "final": "Final"})

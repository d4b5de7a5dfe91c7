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

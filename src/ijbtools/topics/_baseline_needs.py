"""What each sentence, table and figure of the baseline shows, and the tables that a partnership sends for it."""

from types import MappingProxyType

_MONEY = ("budgets", "funding")

# name: what it shows, and the tables it rests on
SHOWS = MappingProxyType(
    {
        "enough": ("whether the budget is enough, in the year and beyond it", _MONEY),
        "gap": ("whether the budget is enough, in the year and beyond it", _MONEY),
        "balance": ("balance as a council and as a health board define it", _MONEY),
        "three_years": ("the health board’s three years", _MONEY),
        "tests": ("whether the budget stands up to the tests of the guidance", ("budgets", "funding", "services")),
        "services": ("budgets beside what services cost in three years", ("budgets", "services")),
        "savings": ("what is to be saved, what is delivered and who answers for it", ("savings",)),
        "offers": ("what was asked for, offered and agreed", ("funding",)),
        "agreed": ("when each partner agreed", ("funding",)),
        "bridge": ("how the budget moved from one year to the next", ("budgets", "changes")),
        "by_service": ("the same by partner and service", ("budgets", "changes", "services")),
        "revised": ("how the approved budget became the revised one", ("budgets", "changes")),
        "setting": ("the budget set item by item, and as one quantum", ("budgets", "funding", "changes")),
        "contributions": ("what each partner brings and what it becomes in one budget", (*_MONEY, "services")),
        "resources": ("who would hold the money under each model of integration", _MONEY),
        "hosts": ("what each host of a lead agency has, receives and passes on", _MONEY),
        "quantum": ("what partners pass to each other, one-offs apart", ("funding",)),
        "set_aside": ("hospital care set aside beside its use", ("budgets", "bed_days", "specialty_costs")),
        "release": ("what a fall in bed days releases", ("bed_days", "specialty_costs")),
        "hosted": ("hosted services, borne by the host and by use", ("budgets",)),
        "categories": ("the categories that must be reported", ("budgets", "services")),
        "care_groups": ("the same by care group", ("budgets", "services")),
        "running_cost": ("what it costs to run the partnership", ("budgets", "services")),
        "plan": ("the gap of the years ahead in three scenarios", ("budgets", "funding", "changes")),
        "ahead": ("the gap of the years ahead in three scenarios", ("budgets", "funding", "changes")),
        "next_year": ("how next year’s gap comes about, by partner", ("budgets", "funding", "changes")),
        "statement": ("the annual financial statement", ("budgets", "funding")),
        "outlook": ("what doing nothing would cost", ("budgets", "services", "population")),
        "localities": ("the budget by locality", ("budgets",)),
        "real_terms": ("budget and spending in the prices of one year", ("budgets",)),
        "returned": ("who returned which table, and how far its ledger reaches", ("returns",)),
        "published": ("what the council spent on social work", ()),
        "demography": ("what the growth of people alone would add", ("population",)),
        "people": ("how many people of each age there will be", ("population",)),
    }
)

# Lists and breakdowns that a page folds away.
SECONDARY = (
    "savings",
    "release",
    "offers",
    "agreed",
    "by_service",
    "revised",
    "resources",
    "care_groups",
    "localities",
    "real_terms",
    "returned",
)

# What only a lead agency has.
LEAD_AGENCY = ("hosts", "quantum", "three_years")

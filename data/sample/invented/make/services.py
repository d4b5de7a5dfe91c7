"""Services that the three invented partnerships share."""

from rows import Row

_NAMES = ("service", "name", "category", "care_group", "setting", "prescribed")

SERVICES: list[Row] = [
    dict(zip(_NAMES, values, strict=True))
    for values in (
        ("geriatric-medicine", "Geriatric medicine", "a", "older_people", "institutional", "yes"),
        ("general-medicine", "General medicine", "a", "all", "institutional", "yes"),
        ("community-hospitals", "Community hospitals", "a", "older_people", "institutional", "yes"),
        ("acute-other", "Other hospital care", "a", "all", "institutional", "no"),
        ("district-nursing", "District nursing", "b", "all", "community", "yes"),
        ("mental-health", "Community mental health", "b", "mental_health", "community", "yes"),
        ("addictions", "Alcohol and drug services", "b", "addictions", "community", "yes"),
        ("prescribing", "Prescribing", "b", "all", "community", "yes"),
        ("primary-care", "General practice", "b", "all", "community", "yes"),
        ("out-of-hours", "Out-of-hours care", "b", "all", "community", "yes"),
        ("children-health", "Children's community health", "b", "children", "community", "no"),
        ("care-homes", "Care homes", "c", "older_people", "institutional", "yes"),
        ("adult-placement", "Adult placement", "c", "learning_disability", "community", "yes"),
        ("unpaid-carers", "Support to unpaid carers", "d", "carers", "community", "yes"),
        ("home-care", "Care at home", "e", "older_people", "community", "yes"),
        ("reablement", "Reablement", "e", "older_people", "community", "yes"),
        ("learning-disability", "Learning disability support", "e", "learning_disability", "community", "yes"),
        ("social-work", "Adult social work", "e", "adults", "community", "yes"),
        ("other-council", "Other council services", "e", "all", "community", "no"),
        ("management", "Running the partnership", "", "all", "running_cost", "no"),
    )
]

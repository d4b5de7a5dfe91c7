"""Strathorran's budgets: how each moves from year to year, what is to be saved, and what it cost in the end.

The budget of 2026/27 is fixed by service and the earlier years follow backwards: last year's recurring budget is this
year's less its recurring changes. So every bridge closes to the pound.
"""

from collections import defaultdict

import numpy as np
from rows import Row, parts, pounds, wobbled

PARTNERSHIP = "strathorran"
NHS, COUNCIL, IJB = "nhs-norland", "strathorran-council", "strathorran-ijb"
NOW = 2026
HISTORY = (2023, 2024, 2025)
YEARS = (*HISTORY, NOW)
AHEAD = (2027, 2028, 2029)
HOSTED = "out-of-hours"

# who spends it, £ million recurring in 2026/27; parts moved by pay, by prices and by demand
SERVICES: dict[str, tuple[str, float, float, float, float]] = {
    "community-hospitals": (NHS, 25.0, 0.8, 0.15, 0.0),
    "district-nursing": (NHS, 17.0, 0.9, 0.0, 0.4),
    "mental-health": (NHS, 25.0, 0.8, 0.0, 0.4),
    "addictions": (NHS, 6.0, 0.5, 0.3, 0.0),
    "prescribing": (NHS, 34.0, 0.0, 0.9, 1.0),
    "primary-care": (NHS, 32.0, 0.3, 0.5, 0.0),
    "out-of-hours": (NHS, 11.0, 0.7, 0.2, 0.0),
    "children-health": (NHS, 4.0, 0.9, 0.0, 0.0),
    "care-homes": (COUNCIL, 28.5, 0.2, 0.8, 0.6),
    "adult-placement": (COUNCIL, 1.4, 0.2, 0.7, 0.0),
    "unpaid-carers": (COUNCIL, 1.3, 0.2, 0.3, 0.0),
    "home-care": (COUNCIL, 40.0, 0.6, 0.3, 1.5),
    "reablement": (COUNCIL, 3.4, 0.9, 0.0, 0.0),
    "learning-disability": (COUNCIL, 15.1, 0.4, 0.5, 0.8),
    "social-work": (COUNCIL, 6.2, 0.9, 0.0, 0.0),
    "management": (COUNCIL, 2.1, 0.9, 0.0, 0.0),
}
SPENDS = {service: row[0] for service, row in SERVICES.items()}

LOCALITIES = {
    "home-care": {"North Strath": 0.42, "Orran Valley": 0.33, "South Shore": 0.25},
    "district-nursing": {"North Strath": 0.40, "Orran Valley": 0.34, "South Shore": 0.26},
}

# £ million: pay, prices, demand
_PRESSURES = {
    2023: (5.4, 3.6, 2.1),
    2024: (4.9, 3.0, 2.3),
    2025: (5.1, 2.9, 2.5),
    2026: (5.0, 3.0, 2.6),
    2027: (4.2, 2.6, 2.0),
    2028: (4.3, 2.6, 2.1),
    2029: (4.4, 2.7, 2.2),
}
_PRESSURE_NOTES = {
    "pay": "Pay awards and increments",
    "price": "Contracts, drugs and national care rates",
    "demand": "More people, and older",
}

# year: (service, £ million, what it is)
_NEW: dict[int, list[tuple[str, float, str]]] = {
    2023: [("mental-health", 0.3, "Crisis support outside office hours")],
    2024: [("primary-care", 0.4, "Pharmacists in practices")],
    2025: [
        ("learning-disability", 0.3, "Two new tenancies with support"),
        ("addictions", 0.2, "Same-day prescribing"),
    ],
    2026: [
        ("care-homes", 0.24, "Step-down places, £40,000 a month from 1 October 2026"),
        ("unpaid-carers", 0.26, "Short breaks that the law now promises"),
    ],
    2027: [("unpaid-carers", 0.3, "Short breaks, second year of the promise")],
}
_FULL_YEAR = {2027: [("care-homes", 0.24, "Step-down places, the other six months of the contract")]}
ONE_OFF_COSTS: dict[int, list[tuple[str, float, str]]] = {
    2023: [
        ("social-work", 0.6, "New case record system"),
        ("home-care", 0.5, "Double running while contracts change"),
        ("management", 0.3, "Programme office"),
    ],
    2024: [
        ("social-work", 0.7, "New case record system"),
        ("home-care", 0.5, "Double running while contracts change"),
        ("community-hospitals", 0.4, "Ward refurbishment"),
    ],
    2025: [
        ("social-work", 0.8, "New case record system"),
        ("home-care", 0.5, "Double running while contracts change"),
        ("mental-health", 0.5, "Clinics to shorten the waiting list"),
    ],
    2026: [
        ("social-work", 0.8, "New case record system, last year"),
        ("home-care", 0.4, "Double running while contracts change"),
        ("community-hospitals", 0.35, "Ward refurbishment"),
        ("mental-health", 0.25, "Clinics to shorten the waiting list"),
        ("reablement", 0.2, "New store for equipment"),
    ],
}

_NURSING = "Head of nursing and community hospitals"
_PHARMACY = "Lead pharmacist"
_OLDER = "Head of older people's services"
_MENTAL = "Head of mental health and addictions"
_DISABILITY = "Head of disability services"
_SOCIAL = "Chief social work officer"
_PRIMARY = "Head of primary care"

# re-tabled every year, never delivered: service, £ million, what is to be done, owner
_INHERITED = (
    ("community-hospitals", 0.9, "Fewer community hospital beds", _NURSING),
    ("district-nursing", 0.5, "One rota for all nursing teams", _NURSING),
    ("mental-health", 0.6, "Community teams merged", _MENTAL),
    ("primary-care", 0.5, "Enhanced services reviewed", _PRIMARY),
    ("care-homes", 0.9, "Review of care home placements", _OLDER),
    ("learning-disability", 0.6, "Shared tenancies instead of single ones", _DISABILITY),
)
# year: (service, what, recurrence, £ million target, delivered so far, expected, owner, quality); history is final
_SAVINGS: dict[int, list[tuple[str, str, str, float, float, float | None, str, str]]] = {
    2023: [
        ("prescribing", "Generic switches", "recurring", 0.6, 0.6, None, _PHARMACY, "green"),
        ("prescribing", "Rebates of earlier years", "non_recurring", 1.4, 1.4, None, _PHARMACY, "green"),
        ("district-nursing", "Slippage on new posts", "non_recurring", 1.3, 1.3, None, _NURSING, "green"),
        ("mental-health", "Slippage on new posts", "non_recurring", 1.0, 1.0, None, _MENTAL, "green"),
        ("care-homes", "Back-dated contributions", "non_recurring", 1.1, 0.8, None, _OLDER, "amber"),
        ("learning-disability", "Slippage on tenancies", "non_recurring", 0.9, 0.9, None, _DISABILITY, "amber"),
        ("community-hospitals", "Maintenance held back", "non_recurring", 0.7, 0.7, None, _NURSING, "amber"),
    ],
    2024: [
        ("district-nursing", "Wound care formulary", "recurring", 0.4, 0.4, None, _NURSING, "green"),
        ("prescribing", "Rebates of earlier years", "non_recurring", 1.6, 1.6, None, _PHARMACY, "green"),
        ("district-nursing", "Slippage on new posts", "non_recurring", 1.4, 1.4, None, _NURSING, "green"),
        ("mental-health", "Slippage on new posts", "non_recurring", 1.2, 1.2, None, _MENTAL, "green"),
        ("care-homes", "Back-dated contributions", "non_recurring", 1.2, 0.9, None, _OLDER, "amber"),
        ("learning-disability", "Slippage on tenancies", "non_recurring", 1.0, 0.8, None, _DISABILITY, "amber"),
        ("community-hospitals", "Maintenance held back", "non_recurring", 0.8, 0.8, None, _NURSING, "amber"),
    ],
    2025: [
        ("home-care", "Runs planned by computer", "recurring", 0.3, 0.3, None, _OLDER, "amber"),
        ("primary-care", "Leases of premises", "recurring", 0.2, 0.2, None, _PRIMARY, "green"),
        ("prescribing", "Rebates of earlier years", "non_recurring", 1.7, 1.7, None, _PHARMACY, "green"),
        ("district-nursing", "Slippage on new posts", "non_recurring", 1.5, 1.5, None, _NURSING, "green"),
        ("mental-health", "Slippage on new posts", "non_recurring", 1.3, 1.3, None, _MENTAL, "green"),
        ("care-homes", "Back-dated contributions", "non_recurring", 1.3, 0.9, None, _OLDER, "amber"),
        ("learning-disability", "Slippage on tenancies", "non_recurring", 1.1, 0.9, None, _DISABILITY, "amber"),
        ("community-hospitals", "Maintenance held back", "non_recurring", 0.9, 0.9, None, _NURSING, "amber"),
    ],
    2026: [
        ("prescribing", "Switches within the formulary", "recurring", 1.5, 0.6, 1.5, _PHARMACY, "green"),
        ("mental-health", "Placements brought home", "recurring", 0.9, 0.2, 0.6, _MENTAL, "amber"),
        ("home-care", "Visits by two carers reviewed", "recurring", 0.8, 0.35, 0.8, _OLDER, "amber"),
        ("social-work", "One team for assessments", "recurring", 0.5, 0.1, 0.3, _SOCIAL, "amber"),
        ("primary-care", "Leases of premises", "recurring", 0.3, 0.15, 0.3, _PRIMARY, "green"),
        ("prescribing", "Rebates of earlier years", "non_recurring", 1.1, 0.7, 1.1, _PHARMACY, "green"),
        ("district-nursing", "Slippage on new posts", "non_recurring", 1.0, 0.5, 1.0, _NURSING, "green"),
        ("community-hospitals", "Maintenance held back", "non_recurring", 0.9, 0.4, 0.9, _NURSING, "amber"),
        ("care-homes", "Back-dated contributions", "non_recurring", 0.6, 0.1, 0.3, _OLDER, "red"),
        ("learning-disability", "Slippage on tenancies", "non_recurring", 0.4, 0.1, 0.2, _DISABILITY, "red"),
    ],
    2028: [
        ("prescribing", "Switches within the formulary", "recurring", 0.6, 0.0, 0.6, _PHARMACY, "amber"),
        ("social-work", "One front door", "recurring", 0.4, 0.0, 0.4, _SOCIAL, "red"),
    ],
    2029: [
        ("mental-health", "Placements brought home", "recurring", 0.5, 0.0, 0.5, _MENTAL, "red"),
        ("home-care", "Technology that replaces checks", "recurring", 0.5, 0.0, 0.5, _OLDER, "red"),
    ],
}

# £ million over budget for other reasons than savings: service, part that comes again, part that does not
_OVER: dict[int, list[tuple[str, float, float]]] = {
    2023: [("home-care", 0.1, 0.4), ("prescribing", 0.0, 0.6), ("out-of-hours", 0.0, 0.2)],
    2024: [
        ("home-care", 0.3, 0.9),
        ("prescribing", 0.1, 0.9),
        ("out-of-hours", 0.0, 0.6),
        ("mental-health", 0.0, 0.5),
    ],
    2025: [
        ("home-care", 0.4, 1.2),
        ("prescribing", 0.2, 0.9),
        ("out-of-hours", 0.0, 0.7),
        ("mental-health", 0.0, 0.8),
    ],
    2026: [("home-care", 2.0, 0.0), ("prescribing", 1.0, 0.0), ("out-of-hours", 0.9, 0.0)],
}
# £ million of posts left empty beyond plan: an underspend that does not come again
_VACANCIES: dict[int, dict[str, float]] = {
    2023: {"district-nursing": 0.8, "mental-health": 0.9, "social-work": 0.5, "children-health": 0.3},
    2024: {"district-nursing": 0.8, "mental-health": 0.8, "social-work": 0.5, "children-health": 0.3},
    2025: {"district-nursing": 0.7, "mental-health": 0.8, "social-work": 0.4, "children-health": 0.3},
    2026: {"district-nursing": 0.6, "mental-health": 0.7, "social-work": 0.4, "children-health": 0.2},
}

# within the year: (quarter, step, service, £, who pays, note); virements net to nothing in each quarter
_IN_YEAR = {
    2025: [
        ("Q1", "virement", "care-homes", -180_000, "", "Places not taken up"),
        ("Q1", "virement", "home-care", 180_000, "", "Care at home instead of places"),
        ("Q2", "allocation", "primary-care", 240_000, NHS, "Winter vaccination"),
        ("Q3", "virement", "children-health", -95_000, "", "Empty posts"),
        ("Q3", "virement", "mental-health", 95_000, "", "Agency doctors"),
        ("Q4", "allocation", "addictions", 110_000, NHS, "National mission, part paid late"),
        ("Q4", "virement", "social-work", -140_000, "", "Empty posts"),
        ("Q4", "virement", "care-homes", 140_000, "", "Winter places"),
    ],
    2026: [
        ("Q1", "virement", "district-nursing", -160_000, "", "Empty posts"),
        ("Q1", "virement", "home-care", 160_000, "", "Evening rounds"),
        ("Q1", "allocation", "primary-care", 250_000, NHS, "Spring vaccination"),
        ("Q2", "virement", "social-work", -120_000, "", "Empty posts"),
        ("Q2", "virement", "reablement", 120_000, "", "Therapists for the autumn"),
        ("Q2", "allocation", "addictions", 130_000, NHS, "National mission, first half"),
        ("Q2", "allocation", "unpaid-carers", 90_000, COUNCIL, "Carers' week and advice"),
    ],
}


def year_name(year: int) -> str:
    """The financial year that begins in `year`: 2026 is `2026/27`."""
    return f"{year}/{(year + 1) % 100:02d}"


def savings() -> list[Row]:
    """Every saving that a budget counts on."""
    rows: list[Row] = []
    for year in (*YEARS, *AHEAD):
        lines = list(_SAVINGS.get(year, []))
        inherited = _INHERITED if year in YEARS else ()
        for service, target, what, owner in inherited:
            lines.append((service, what, "recurring", target, 0.0, 0.0 if year == NOW else None, owner, "red"))
        for service, what, recurrence, target, delivered, expected, owner, quality in lines:
            again = year > HISTORY[0] and what in {line[2] for line in _INHERITED}
            rows.append(
                {
                    "partnership": PARTNERSHIP,
                    "partner": SPENDS[service],
                    "service": service,
                    "year": year_name(year),
                    "saving": what,
                    "inherited": "yes" if again else "no",
                    "recurrence": recurrence,
                    "target": pounds(target),
                    "delivered": pounds(delivered),
                    "forecast": None if expected is None else pounds(expected),
                    "owner": owner,
                    "quality": quality,
                }
            )
    return rows


def changes(rng: np.random.Generator, saved: list[Row]) -> list[Row]:
    """How each budget moves: from the year before, and within the last and the current year."""
    rows: list[Row] = []
    for year in (*YEARS, *AHEAD):
        for place, (step, total) in enumerate(zip(_PRESSURE_NOTES, _PRESSURES[year], strict=True), start=2):
            weights = {service: row[1] * row[place] for service, row in SERVICES.items() if row[place]}
            for service, amount in parts(pounds(total), wobbled(weights, rng, 0.1)).items():
                rows.append(_change(year, service, step, amount, "recurring", _PRESSURE_NOTES[step]))
        for service, amount, note in _NEW.get(year, []):
            rows.append(_change(year, service, "new_commitment", pounds(amount), "recurring", note))
        for service, amount, note in _FULL_YEAR.get(year, []):
            rows.append(_change(year, service, "full_year_effect", pounds(amount), "recurring", note))
        for service, amount, note in ONE_OFF_COSTS.get(year, []):
            payer = "reserves" if year == NOW else ""
            rows.append(_change(year, service, "new_commitment", pounds(amount), "non_recurring", note, payer))
        for row in (row for row in saved if row["year"] == year_name(year)):
            service, recurrence, note = str(row["service"]), str(row["recurrence"]), str(row["saving"])
            rows.append(_change(year, service, "saving", -float(row["target"]), recurrence, note))
        for quarter, step, service, amount, payer, note in _IN_YEAR.get(year, []):
            row = _change(year, service, step, amount, "non_recurring", note, payer)
            rows.append(row | {"period": f"{year_name(year)} {quarter}"})
    return rows


def _change(year: int, service: str, step: str, amount: float, recurrence: str, note: str, funded_by: str = "") -> Row:
    return {
        "partnership": PARTNERSHIP,
        "partner": SPENDS[service],
        "service": service,
        "year": year_name(year),
        "step": step,
        "amount": amount,
        "recurrence": recurrence,
        "funded_by": funded_by,
        "note": note,
    }


def plan(moved: list[Row], saved: list[Row]) -> dict[int, dict[str, dict[str, float]]]:
    """Recurring and one-off budget and outturn (in the current year the forecast) by year and service, in £."""
    at_setting = [row for row in moved if "period" not in row]
    recurring = {NOW: {service: float(pounds(row[1])) for service, row in SERVICES.items()}}
    for year in reversed(HISTORY):
        later = _summed(at_setting, year + 1, "recurring")
        recurring[year] = {service: amount - later[service] for service, amount in recurring[year + 1].items()}
    planned: dict[int, dict[str, dict[str, float]]] = {}
    for year in YEARS:
        one_off = _summed(at_setting, year, "non_recurring")
        short = _short(saved, year)
        over = {service: (pounds(again), pounds(once)) for service, again, once in _OVER[year]}
        planned[year] = {}
        for service in SERVICES:
            again, once = over.get(service, (0, 0))
            lasting = recurring[year][service] + short["recurring", service] + again
            passing = one_off[service] + short["non_recurring", service] + once
            passing -= pounds(_VACANCIES[year].get(service, 0.0))
            planned[year][service] = {
                "recurring": recurring[year][service],
                "non_recurring": one_off[service],
                "outturn": lasting + passing,
                "outturn_one_off": passing,
            }
    return planned


def _summed(moved: list[Row], year: int, recurrence: str) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for row in moved:
        if row["year"] == year_name(year) and row["recurrence"] == recurrence:
            sums[str(row["service"])] += float(row["amount"])
    return sums


def _short(saved: list[Row], year: int) -> dict[tuple[str, str], float]:
    """Savings that are not delivered, or not expected to be, by recurrence and service."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for row in saved:
        if row["year"] == year_name(year):
            brings = row["delivered"] if row["forecast"] is None else row["forecast"]
            sums[str(row["recurrence"]), str(row["service"])] += float(row["target"]) - float(brings)
    return sums


def by_place(planned: dict[str, dict[str, float]]) -> dict[tuple[str, str], dict[str, float]]:
    """A year's amounts by service and locality; the locality is empty where the service is not kept by locality."""
    split: dict[tuple[str, str], dict[str, float]] = {}
    for service, amounts in planned.items():
        places = LOCALITIES.get(service, {"": 1.0})
        shared = {what: parts(amount, places) for what, amount in amounts.items()}
        for place in places:
            split[service, place] = {what: shared[what][place] for what in amounts}
    return split


def budgets(planned: dict[int, dict[str, dict[str, float]]]) -> list[Row]:
    """What each service is to cost, and what it did cost once the year is over."""
    rows: list[Row] = []
    for year, of_year in planned.items():
        for (service, place), amounts in by_place(of_year).items():
            over = year in HISTORY
            rows.append(
                {
                    "partnership": PARTNERSHIP,
                    "partner": SPENDS[service],
                    "service": service,
                    "scope": "hosted" if service == HOSTED else "delegated",
                    "host": PARTNERSHIP if service == HOSTED else "",
                    "year": year_name(year),
                    "recurring": amounts["recurring"],
                    "non_recurring": amounts["non_recurring"],
                    "outturn": amounts["outturn"] if over else None,
                    "outturn_one_off": amounts["outturn_one_off"] if over else None,
                    "locality": place,
                }
            )
    return rows

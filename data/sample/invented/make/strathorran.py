"""Strathorran IJB, invented: a body corporate, balanced every March and hollow every April."""

import numpy as np
from rows import Made, Row, parts, pounds, wobbled
from strathorran_months import activity, spending
from strathorran_people import attribution, bed_days, delays, outcomes, population, shares, specialty_costs
from strathorran_year import (
    AHEAD,
    COUNCIL,
    HISTORY,
    IJB,
    NHS,
    NOW,
    PARTNERSHIP,
    YEARS,
    budgets,
    changes,
    plan,
    savings,
    year_name,
)

# £ million of agreed money by partner: recurring, one-off, of the one-off ring-fenced; the day it was agreed
_BROUGHT = {
    2022: {NHS: (133.2, 0.0, 0.0, ""), COUNCIL: (84.4, 0.0, 0.0, "")},
    2023: {NHS: (137.4, 4.2, 0.9, "2023-04-06"), COUNCIL: (86.8, 2.8, 0.8, "2023-03-01")},
    2024: {NHS: (141.0, 4.1, 0.9, "2024-04-18"), COUNCIL: (89.0, 2.7, 0.8, "2024-02-28")},
    2025: {NHS: (144.6, 4.2, 0.9, "2025-05-08"), COUNCIL: (91.4, 2.7, 0.8, "2025-02-27")},
    2026: {NHS: (149.0, 3.0, 0.8, "2026-05-14"), COUNCIL: (94.0, 2.0, 0.8, "2026-02-27")},
}
_UPLIFT_AHEAD = {2027: {NHS: 4.6, COUNCIL: 2.9}, 2028: {NHS: 4.7, COUNCIL: 2.9}, 2029: {NHS: 4.8, COUNCIL: 3.0}}
# rounds before agreement in the current year: status, partner, day, £ million of uplift, condition
_ROUNDS = (
    ("asked", NHS, "2025-12-11", 6.9, "Pay, prices and demand met in full"),
    ("asked", COUNCIL, "2025-12-11", 4.2, "Pay, prices and demand met in full"),
    ("offered", COUNCIL, "2026-01-22", 2.2, "Same share of the grant as last year"),
    ("offered", NHS, "2026-02-05", 3.4, "Inherited savings to be delivered in 2026/27"),
    ("offered", NHS, "2026-03-26", 3.7, "Inherited savings to be delivered in 2026/27; no draw on the board"),
)
_AGREED_UPLIFT = {
    NHS: "Inherited savings of £4.0 million to be delivered in 2026/27",
    COUNCIL: "Any overspend is for the partnership to recover first",
}
_BUDGET_SET = "2026-06-24"
# £ million that partners paid towards an overspend once the year was over, and the day it was agreed
_SHARED_OVERSPEND = {2024: (2.0, "2025-06-26"), 2025: (3.6, _BUDGET_SET)}

_GENERAL = {2023: (14.0, -2.5), 2024: (11.5, -2.4), 2025: (9.1, -2.6), NOW: (6.5, -2.0)}
_TRANSFORMATION = {2023: (2.5, -0.6), 2024: (1.9, -1.0), 2025: (0.9, -0.4), NOW: (0.5, 0.0)}
_RING_FENCED = {"Primary care grant": 3.2, "Mental health grant": 2.6, "Alcohol and drugs grant": 1.7}

_SET_ASIDE = {2023: (10.2, 17.6), 2024: (10.5, 18.1), 2025: (10.8, 18.6), NOW: (11.0, 19.0)}


def made(rng: np.random.Generator) -> Made:
    """Every row of Strathorran, by table."""
    saved = savings()
    moved = changes(rng, saved)
    planned = plan(moved, saved)
    spent = spending(rng, planned)
    days, costs = bed_days(), specialty_costs()
    return {
        "partnerships": [
            {
                "partnership": PARTNERSHIP,
                "name": "Strathorran IJB",
                "nation": "scotland",
                "model": "body_corporate",
                "model_from": "2016-04-01",
                "started_on": "2016-04-01",
                "kind": "invented",
            }
        ],
        "partners": [
            _own(
                partner=NHS,
                name="NHS Norland",
                sector="health_board",
                regime="break_even",
                capital_counts="limit",
                capital_limit=pounds(6.0),
            ),
            _own(
                partner=COUNCIL,
                name="Strathorran Council",
                sector="council",
                regime="reserves",
                capital_counts="borrowing",
                capital_limit=pounds(9.0),
            ),
            _own(partner=IJB, name="Strathorran IJB", sector="ijb", regime="reserves"),
        ],
        "returns": _returns(),
        "population": population(rng),
        "shares": shares(),
        "delays": delays(rng),
        "attribution": attribution(),
        "mechanisms": _mechanisms(),
        "bed_days": days,
        "outcomes": outcomes(rng),
        "actions": _actions(),
        "funding": _funding(),
        "budgets": budgets(planned) + _set_aside(days, costs),
        "changes": moved,
        "savings": saved,
        "spending": spent,
        "activity": activity(rng, spent),
        "reserves": _reserves(),
        "specialty_costs": costs,
        "schemes": _schemes(),
        "scheme_flows": _scheme_flows(),
        "pilots": _pilots(rng),
    }


def _own(**cells: object) -> Row:
    return {"partnership": PARTNERSHIP, **cells}


def _brought(
    partner: str, year: int, amount: float, kind: str, status: str, dated: str, condition: str = "", once: bool = False
) -> Row:
    return _own(
        partner=partner,
        year=year_name(year),
        amount=pounds(amount),
        recurrence="non_recurring" if once else "recurring",
        kind=kind,
        condition=condition,
        status=status,
        dated=dated,
    )


def _funding() -> list[Row]:
    rows = []
    for year in YEARS:
        for partner, (recurring, once, fenced, dated) in _BROUGHT[year].items():
            before = _BROUGHT[year - 1][partner][0]
            condition = _AGREED_UPLIFT[partner] if year == NOW else ""
            purpose = "Primary care and alcohol and drugs" if partner == NHS else "Unpaid carers' short breaks"
            rows += [
                _brought(partner, year, before, "base", "agreed", dated),
                _brought(partner, year, recurring - before, "uplift", "agreed", dated, condition),
                _brought(partner, year, once - fenced, "one_off", "agreed", dated, "This year only", once=True),
                _brought(partner, year, fenced, "ring_fenced", "agreed", dated, purpose, once=True),
            ]
    for status, partner, dated, uplift, condition in _ROUNDS:
        before = _BROUGHT[NOW - 1][partner][0]
        rows.append(_brought(partner, NOW, before, "base", status, dated))
        rows.append(_brought(partner, NOW, uplift, "uplift", status, dated, condition))
    planned = "From the general reserve, for costs of one year; to be restored from 2028/29"
    rows.append(_brought(IJB, NOW, 2.0, "reserves", "agreed", _BUDGET_SET, planned, once=True))
    for year, (total, dated) in _SHARED_OVERSPEND.items():
        weights = {partner: row[0] + row[1] for partner, row in _BROUGHT[year].items()}
        for partner, amount in parts(pounds(total), weights).items():
            note = "In the shares in which partners fund the budget; not a promise for later years"
            row = _brought(partner, year, 0, "overspend_share", "agreed", dated, note, once=True)
            rows.append(row | {"amount": amount})
    base = {partner: row[0] for partner, row in _BROUGHT[NOW].items()}
    for year in AHEAD:
        for partner, uplift in _UPLIFT_AHEAD[year].items():
            dated = "2026-06-18" if partner == NHS else "2026-02-27"
            rows.append(_brought(partner, year, base[partner], "base", "offered", dated))
            rows.append(_brought(partner, year, uplift, "uplift", "offered", dated, "For planning; no promise"))
            base[partner] += uplift
    return rows


def _reserves() -> list[Row]:
    rows = []
    for year in YEARS:
        for fund, kind, (opening, movement) in (
            ("General reserve", "general", _GENERAL[year]),
            ("Transformation fund", "earmarked", _TRANSFORMATION[year]),
            *((fund, "earmarked", (amount, 0.0)) for fund, amount in _RING_FENCED.items()),
        ):
            rows.append(
                _own(
                    held_by=IJB,
                    year=year_name(year),
                    fund=fund,
                    kind=kind,
                    opening=pounds(opening),
                    movement=pounds(movement),
                    ring_fenced=pounds(opening) if fund in _RING_FENCED else 0,
                    committed=0,
                )
            )
    return rows


def _set_aside(days: list[Row], costs: list[Row]) -> list[Row]:
    """The sum set aside for hospitals: the budget as handed down, and in history what was used at average cost."""
    rows = []
    for year, amounts in _SET_ASIDE.items():
        for specialty, amount in zip(("geriatric-medicine", "general-medicine"), amounts, strict=True):
            same = {"year": year_name(year), "specialty": specialty.replace("-", " ").capitalize()}
            own = [row for row in days if same.items() <= row.items()]
            used = sum(float(row["bed_days"]) for row in own if row["partnership"] == PARTNERSHIP)
            every = sum(float(row["bed_days"]) for row in own)
            cost = sum(float(row["direct_cost"]) for row in costs if same.items() <= row.items())
            rows.append(
                _own(
                    partner=NHS,
                    service=specialty,
                    scope="set_aside",
                    year=year_name(year),
                    recurring=pounds(amount),
                    non_recurring=0,
                    outturn=round(used * cost / every) if year in HISTORY else None,
                    outturn_one_off=0 if year in HISTORY else None,
                )
            )
    return rows


def _mechanisms() -> list[Row]:
    what = "Care at home only for people in critical need"
    instead = "care at home for people in substantial need as well, as until June 2026"
    rows = []
    for bears, full, cash in ((COUNCIL, -2_900, -2_900), (NHS, 650, 240), ("hospitals", 2_750, 410)):
        for basis, amount in (("full_average", full), ("cash_releasing", cash)):
            rows.append(
                _own(
                    mechanism=what,
                    instead_of=instead,
                    decides=COUNCIL,
                    bears=bears,
                    period=f"{year_name(NOW)} Q2",
                    quantity=45,
                    unit="people refused in the quarter",
                    unit_amount=amount,
                    basis=basis,
                    source="invented",
                )
            )
    return rows


def _returns() -> list[Row]:
    tables = {
        NHS: ("funding", "budgets", "changes", "savings", "spending", "bed_days", "specialty_costs", "delays"),
        COUNCIL: ("funding", "budgets", "changes", "savings", "spending", "activity"),
        IJB: ("funding", "reserves", "actions", "outcomes"),
    }
    who = {
        NHS: ("Senior finance manager, NHS Norland", "Director of finance, NHS Norland"),
        COUNCIL: ("Principal accountant, Strathorran Council", "Head of finance, Strathorran Council"),
        IJB: ("Finance business partner", "Chief finance officer"),
    }
    last, now = year_name(NOW - 1), f"{year_name(NOW)} Q2"
    # the council closes its ledger every four weeks, the board at the end of the month
    closed = {(NHS, now): "2026-09-30", (COUNCIL, now): "2026-09-25", (IJB, now): "2026-09-30"}
    rows = []
    for partner, names in tables.items():
        for name in names:
            for period in (last, now):
                if period == now and name in ("bed_days", "specialty_costs"):
                    continue
                final = "final" if name in ("delays", "activity", "actions", "outcomes") else "audited"
                rows.append(
                    _own(
                        partner=partner,
                        table=name,
                        period=period,
                        ledger_to=closed.get((partner, period), "2026-03-31"),
                        precision="1",
                        status=final if period == last else "provisional",
                        prepared_by=who[partner][0],
                        signed_by=who[partner][1],
                    )
                )
    return rows


_CHIEF, _FINANCE = "Chief officer", "Chief finance officer"

# period, kind, action, cause, owner, decides, due on, £ million value, low, high, status
_ACTIONS = (
    (
        ("2026/27 Q2", "recovery", "Care at home visits planned in rounds again", "Overspend on care at home"),
        ("Head of older people's services", COUNCIL, "2026-12-01", (0.8, 0.5, 1.1), "under_way"),
    ),
    (
        ("2026/27 Q2", "recovery", "Switch the twenty costliest medicines", "Overspend on prescribing"),
        ("Lead pharmacist", NHS, "2026-11-15", (0.7, 0.4, 0.9), "under_way"),
    ),
    (
        ("2026/27 Q2", "recovery", "No agency shifts out of hours without approval", "Overspend on the hosted service"),
        ("Head of primary care", NHS, "2026-11-01", (0.6, 0.3, 0.8), "planned"),
    ),
    (
        ("2026/27 Q2", "recovery", "Hold back spending that can wait", "Forecast overspend"),
        (_FINANCE, "partnership", "2026-10-15", (0.4, 0.3, 0.5), "under_way"),
    ),
    (
        ("2026/27 Q2", "decision", "Keep the inherited savings of £4.0 million or write them out", "Never delivered"),
        (_CHIEF, "partnership", "2026-12-10", None, "planned"),
    ),
    (
        ("2026/27 Q2", "decision", "How neighbours share the cost of the hosted service", "Borne by the lead alone"),
        (_CHIEF, "partnership", "2027-01-28", None, "planned"),
    ),
    (
        ("2026/27 Q2", "decision", "Draw the general reserve down to its floor", "Forecast overspend"),
        (_FINANCE, "partnership", "2026-12-10", None, "planned"),
    ),
    (
        ("2026/27 Q2", "direction", "NHS Norland to plan 6,000 fewer days in geriatric medicine", "Set-aside overused"),
        (_CHIEF, "partnership", "2027-03-31", None, "planned"),
    ),
    (
        ("2026/27 Q1", "direction", "Strathorran Council to contract step-down places", "People wait in hospital"),
        (_CHIEF, "partnership", "2026-10-01", None, "done"),
    ),
    (
        ("2026/27 Q2", "risk", "Neighbours give notice on the out-of-hours service", "No agreement on its cost"),
        (_CHIEF, "unassigned", None, None, "under_way"),
    ),
    (
        ("2026/27 Q2", "risk", "Partners refuse a third share of an overspend", "No rule agreed beyond the reserve"),
        (_FINANCE, "unassigned", None, None, "under_way"),
    ),
    (
        ("2025/26", "decision", "Set the budget of 2026/27 by 31 March 2026", "NHS Norland's offer came in May"),
        (_CHIEF, "partnership", "2026-03-31", None, "stopped"),
    ),
    (
        ("2025/26", "direction", "Both partners to bring savings with owners by the autumn", "Inherited savings"),
        (_CHIEF, "partnership", "2025-10-31", None, "stopped"),
    ),
)


def _actions() -> list[Row]:
    rows = []
    for (period, kind, action, cause), (owner, decides, due_on, worth, status) in _ACTIONS:
        value, low, high = (None, None, None) if worth is None else (pounds(amount) for amount in worth)
        row = _own(period=period, kind=kind, action=action, cause=cause, owner=owner, decides=decides, due_on=due_on)
        rows.append(row | {"value": value, "low": low, "high": high, "status": status})
    return rows


def _schemes() -> list[Row]:
    note = (
        "Reablement at home straight after hospital, before care is arranged. Follows no public account: the amounts "
        "are the constructed case of the method, in prices of 2026/27. Tried in four practices from April 2025; the "
        "measure was hospital days a quarter per 1,000 people aged 75 and over. All of it is invented."
    )
    return [_own(scheme="home-first", name="Home First", started=year_name(2027), order=1, note=note)]


def _scheme_flows() -> list[Row]:
    common = {
        "scheme": "home-first",
        "recurrence": "recurring",
        "funding": "revenue",
        "ramp_years": 0,
        "grade": "4",
        "price_base": year_name(2026),  # growth, uplift and amounts are all taken in these prices
    }
    rows = [
        _own(
            **common,
            partner=NHS,
            service="district-nursing",
            kind="investment",
            first_year=year_name(2027),
            last_year=year_name(2029),
            amount=pounds(0.6),
            low=pounds(0.55),
            high=pounds(0.75),
        )
    ]
    # without the scheme 40.0 grows by 4% a year; with it care at home costs 40.6, 41.2 and 41.8
    for year, benefit in zip(AHEAD, (1_000_000, 2_064_000, 3_194_560), strict=True):
        rows.append(
            _own(
                **common,
                partner=COUNCIL,
                service="home-care",
                kind="benefit",
                first_year=year_name(year),
                last_year=year_name(year),
                amount=benefit,
                low=round(benefit * 0.5),
                high=round(benefit * 1.2),
                cashable_share=1,
            )
        )
    return rows


def _pilots(rng: np.random.Generator) -> list[Row]:
    """Four practices that tried Home First fell from 520 to 470, four that did not from 500 to 490, on average."""
    rows = []
    units = {"yes": ("Ardlea", "Birkhill", "Corran", "Dunmhor"), "no": ("Eilrig", "Fernbrae", "Glenaber", "Heathmuir")}
    means = {"yes": (520, 470), "no": (500, 490)}
    for treated, names in units.items():
        level = _levelled(rng, len(names), 25.0)
        for after, (year, mean) in enumerate(zip((2024, 2025), means[treated], strict=True)):
            noise = _levelled(rng, len(names) * 4, 14.0)
            uptake = wobbled(dict.fromkeys(names, 0.62), rng, 0.12)
            for n, name in enumerate(names):
                for quarter in range(4):
                    rows.append(
                        _own(
                            scheme="home-first",
                            unit=f"{name} practice",
                            treated=treated,
                            period=f"{year_name(year)} Q{quarter + 1}",
                            after="yes" if after else "no",
                            outcome=mean + level[n] + noise[4 * n + quarter],
                            uptake=round(uptake[name], 2) if after and treated == "yes" else None,
                        )
                    )
    return rows


def _levelled(rng: np.random.Generator, count: int, spread: float) -> list[int]:
    """Whole numbers around 0 that add up to exactly 0."""
    drawn = [round(float(value)) for value in rng.normal(0, spread, count)]
    over = sum(drawn)
    return [value - over // count - (n < over % count) for n, value in enumerate(drawn)]

"""Hadderley place, invented: a pooled fund in England; everybody saved, little lasted."""

import numpy as np
from lines import (
    AHEAD,
    CURRENT,
    HISTORY,
    Line,
    activity_rows,
    budget_rows,
    change_rows,
    delay_rows,
    drift,
    grown,
    pilot_rows,
    population_rows,
    return_rows,
    spending_rows,
    table,
)
from rows import Made, Row, parts, pounds

_P = "hadderley"
_ICB, _COUNCIL, _FERROW = "hadderley-icb", "hadderley-council", "ferrow-council"
_ACUTE, _COMMUNITY = "hadderley-acute", "hadderley-community"
_Y1, _Y2, _Y3 = HISTORY

# £ million, recurring: 103.0, 108.5, 113.1 and 116.0, of which one-off savings take 3.0, 6.0, 7.5 and 6.0 each year.
_POOL = {
    "home-care": (_COUNCIL, 18.0),
    "care-homes": (_COUNCIL, 21.0),
    "learning-disability": (_COUNCIL, 12.0),
    "social-work": (_COUNCIL, 9.3),
    "reablement": (_COUNCIL, 4.2),
    "unpaid-carers": (_COUNCIL, 1.6),
    "district-nursing": (_COMMUNITY, 15.4),
    "community-hospitals": (_COMMUNITY, 9.5),
    "mental-health": (_ICB, 10.8),
    "management": (_ICB, 1.2),
}
_POOL_TOTALS = {_Y2: 108.5, _Y3: 113.1, CURRENT: 116.0}
_RETAINED = {_Y1: 8.4, _Y2: 8.6, _Y3: 8.8, CURRENT: 9.0}  # the council's own services, outside the pool

# What the two put into the pool: 100.0, 102.5, 105.6 and 110.0; then 113.3 and on.
_BROUGHT = {
    _Y1: {_ICB: (54.5, 1.5), _COUNCIL: (43.0, 1.0)},
    _Y2: {_ICB: (56.0, 1.6), _COUNCIL: (44.0, 0.9)},
    _Y3: {_ICB: (57.6, 1.8), _COUNCIL: (44.9, 1.3)},
    CURRENT: {_ICB: (59.4, 2.6), _COUNCIL: (46.2, 1.8)},
}
_AGREED = {
    _Y1: {_ICB: "2023-03-30", _COUNCIL: "2023-02-23"},
    _Y2: {_ICB: "2024-04-25", _COUNCIL: "2024-02-22"},
    _Y3: {_ICB: "2025-04-24", _COUNCIL: "2025-02-20"},
    CURRENT: {_ICB: "2026-04-30", _COUNCIL: "2026-02-26"},
}
_AHEAD = (5.7, 5.6, 5.5)  # pressures: 2.4 more than the uplift of 3.3 in the first year

# Above the budget, and all of it once. No pooled line is under it in the current year: the pool is 1.5 over as it
# stands. What is under, 0.4, is on a line of the council's own, so that a virement into the pool is a decision.
_OVER = {
    "social-work": {_Y1: -0.3},
    "home-care": {_Y2: 0.2, CURRENT: 0.9},
    "care-homes": {_Y3: 0.2, CURRENT: 0.4},
    "district-nursing": {CURRENT: 0.2},
    "other-council": {CURRENT: -0.4},
}

_OLDER, _NURSING, _ADULTS = "Head of older people's services", "Chief nurse, community trust", "Head of adult services"
_MENTAL = "Head of mental health commissioning"
# £ million by year: 3.0, 6.0, 7.5 and 7.5, all delivered; only 1.5 of the last comes again.
_SAVINGS = {
    ("home-care", "Posts held empty", _OLDER): (0.8, 1.5, 1.9, 1.5),
    ("care-homes", "Places filled late", _OLDER): (0.9, 1.6, 2.0, 1.6),
    ("district-nursing", "Posts held empty", _NURSING): (0.7, 1.1, 1.3, 1.1),
    ("community-hospitals", "Repairs put off", _NURSING): (0, 0.8, 1.0, 0.8),
    ("mental-health", "Grants carried over", _MENTAL): (0, 0.5, 0.7, 0.5),
    ("social-work", "Training put off", _ADULTS): (0.6, 0.5, 0.6, 0.5),
}
_LASTING = (
    ("home-care", "Visits by two carers reviewed", 0.6, _OLDER),
    ("care-homes", "Prices agreed for blocks of places", 0.5, _OLDER),
    ("learning-disability", "Supported living instead of residential places", 0.4, _ADULTS),
)
_LATER = (("home-care", "Technology beside visits", 0.4, _OLDER), ("mental-health", "Places near home", 0.3, _MENTAL))

# Discharge to assess, £ a case: 8 days at £420 (cash £105), short-term care, and long-term care that the change in the
# share of people who stay in it costs or spares.
_DAYS, _FULL, _CASH, _SHORT, _LONG = 8, 420, 105, 2_400, 48_000


def made(rng: np.random.Generator) -> Made:
    """Every table's rows of Hadderley."""
    savings = _savings()
    lines = _lines(savings, rng)
    spending = spending_rows(_P, lines, rng)
    prices = {"home-care": (21.9, 0.05, 44.0), "care-homes": (861.0, 0.05, 4.3), "reablement": (33.5, 0.045, 20.0)}
    people = {"0-17": 47_300, "18-64": 139_600, "65-74": 27_800, "75-84": 18_600, "85+": 6_700}
    growth = {"0-17": -0.004, "18-64": 0.002, "65-74": 0.010, "75-84": 0.027, "85+": 0.022}
    reasons = {"health_and_social_care": 0.71, "code_9_awi": 0.12, "code_9_other": 0.07, "patient_and_family": 0.10}
    days = {_Y1: 25_620, _Y2: 27_740, _Y3: 29_200, CURRENT: 14_823}
    theirs = ("budgets", "changes", "savings", "spending")
    returned = {
        _ICB: ("funding", *theirs),
        _COUNCIL: ("funding", *theirs, "reserves", "activity"),
        _COMMUNITY: theirs,
        _ACUTE: ("delays",),
    }
    closes = {_ICB: "2026-09-30", _COUNCIL: "2026-09-27", _COMMUNITY: "2026-09-30", _ACUTE: "2026-09-30"}
    units = {f"Practice {n}": n < 6 for n in range(1, 11)}
    years = (*HISTORY, CURRENT, *AHEAD)
    return {
        "partnerships": table(
            _P,
            "name nation model model_from started_on kind",
            [("Hadderley place", "england", "pooled_fund", "2023-04-01", "2023-04-01", "invented")],
        ),
        "partners": table(
            _P,
            "partner name sector regime",
            [
                (_ICB, "Hadderley and Wold Integrated Care Board", "icb", "break_even"),
                (_COUNCIL, "Hadderley Council", "council", "reserves"),
                (_ACUTE, "Hadderley Hospitals NHS Trust", "trust", "break_even"),
                (_COMMUNITY, "Hadderley Community NHS Trust", "trust", "break_even"),
                (_FERROW, "Ferrow Council", "council", "reserves"),
            ],
        ),
        "funding": _funding(),
        "budgets": budget_rows(_P, lines),
        "changes": change_rows(_P, lines, savings, rng) + _in_year(),
        "savings": savings,
        "spending": spending,
        "activity": activity_rows(spending, prices, rng),
        "reserves": _reserves(),
        "shares": [
            {"kind": "area", "name": _FERROW, "partnership": partnership, "year": year, "share": share}
            for year in years
            for partnership, share in ((_P, 0.3), ("wolds", 0.7))
        ],
        "delays": delay_rows(_P, days, reasons, 0.69, rng),
        "attribution": _attribution(),
        "population": population_rows(_P, people, growth),
        "mechanisms": _mechanisms(),
        "pilots": pilot_rows(_P, "prevention", units, 62.0, -2.0, rng),
        "outcomes": _outcomes(),
        "actions": _actions(),
        "returns": return_rows(_P, returned, closes, audited=(_ICB,)),
        **_schemes(),
    }


def _lines(savings: list[Row], rng: np.random.Generator) -> list[Line]:
    recurring = grown({service: amount for service, (_, amount) in _POOL.items()}, _POOL_TOTALS, rng)
    weights = {service: amount for service, (_, amount) in _POOL.items()}
    pressures = {year: parts(pounds(total), weights) for year, total in zip(AHEAD, _AHEAD, strict=True)}
    once: dict[str, dict[str, float]] = {}
    for row in savings:
        if row["recurrence"] == "non_recurring":
            of_service = once.setdefault(str(row["service"]), {})
            of_service[str(row["year"])] = -float(row["target"])  # type: ignore[arg-type]
    small = drift(list(_POOL), 0.09, rng)
    lines = []
    for service, (partner, _) in _POOL.items():
        told, saved = _over(service), once.get(service, {})
        one_off = {year: saved.get(year, 0) + told.get(year, 0) for year in recurring[service]}
        over = {year: told.get(year, 0) + small[service].get(year, 0) for year in recurring[service]}
        ahead = {year: of_year[service] for year, of_year in pressures.items()}
        lines.append(
            Line(partner, service, recurring[service], non_recurring=saved, over=over, one_off=one_off, ahead=ahead)
        )
    retained = {year: float(pounds(amount)) for year, amount in _RETAINED.items()}
    under = _over("other-council")
    lines.append(Line(_COUNCIL, "other-council", retained, over=under, one_off=under, scope="retained"))
    return lines


def _over(service: str) -> dict[str, float]:
    return {year: float(pounds(amount)) for year, amount in _OVER.get(service, {}).items()}


def _savings() -> list[Row]:
    """24.0 in four years; the current year's are partly in, and expected in full."""
    rows = []
    for (service, saving, owner), targets in _SAVINGS.items():
        for year, target in zip((*HISTORY, CURRENT), targets, strict=True):
            if target:
                rows.append((service, saving, owner, year, "non_recurring", target, 0.5 if year == CURRENT else 1.0))
    rows += [(service, saving, owner, CURRENT, "recurring", amount, 0.4) for service, saving, amount, owner in _LASTING]
    for year in AHEAD[1:]:
        rows += [(service, saving, owner, year, "recurring", amount, 0.0) for service, saving, amount, owner in _LATER]
    return table(
        _P,
        "partner service saving owner year recurrence target delivered forecast inherited quality",
        [
            (
                _POOL[service][0],
                service,
                saving,
                owner,
                year,
                recurrence,
                pounds(target),
                round(pounds(target) * part),
                None if year in HISTORY else pounds(target),
                "no",
                "red" if year in AHEAD else "amber" if recurrence == "recurring" else "green",
            )
            for service, saving, owner, year, recurrence, target, part in rows
        ],
    )


def _funding() -> list[Row]:
    """Two put money into the pool, and twice one of them helps the other outside it."""
    columns = "partner to_partner year recurrence kind amount status dated condition"
    rows = []
    for year, flows in _BROUGHT.items():
        for partner, (base, uplift) in flows.items():
            dated = _AGREED[year][partner]
            rows += _both(partner, year, base, uplift, "agreed", dated, "As the section 75 agreement says")
    asked, offered = "To what the pool costs without one-off savings", "As for the partner's other services"
    rows += _both(_ICB, CURRENT, 59.4, 5.2, "asked", "2025-11-20", asked)
    rows += _both(_COUNCIL, CURRENT, 46.2, 3.6, "asked", "2025-11-20", asked)
    rows += _both(_ICB, CURRENT, 59.4, 1.9, "offered", "2026-01-29", offered)
    rows += _both(_COUNCIL, CURRENT, 46.2, 1.2, "offered", "2026-01-15", offered)
    brought = {partner: sum(amounts) for partner, amounts in _BROUGHT[CURRENT].items()}
    for year in AHEAD:
        for partner, base in brought.items():
            uplift = pounds(base * 0.03) / 1_000_000
            rows += _both(partner, year, base, uplift, "offered", "2026-09-17", "For planning only")
            brought[partner] = base + uplift
    # Between the partners' own books: no part of the pool.
    for year, partner, to, dated, condition in (
        (_Y1, _COUNCIL, _ICB, "2024-03-20", "To be returned by March 2026"),
        (_Y3, _ICB, _COUNCIL, "2026-03-18", "Return of the support of 2023/24"),
    ):
        rows.append((partner, to, year, "non_recurring", "one_off", pounds(4.0), "agreed", dated, condition))
    return table(_P, columns, rows)


def _both(
    partner: str, year: str, base: float, uplift: float, status: str, dated: str, condition: str
) -> list[tuple[object, ...]]:
    return [
        (partner, "", year, "recurring", kind, pounds(amount), status, dated, condition)
        for kind, amount in (("base", base), ("uplift", uplift))
    ]


def _in_year() -> list[Row]:
    """Virements, and one allocation a winter."""
    moves = (
        (_Y3, "Q2", "social-work", "home-care", 0.2, "Posts left empty, hours bought"),
        (_Y3, "Q3", "learning-disability", "care-homes", 0.25, "A scheme opened late"),
        (CURRENT, "Q1", "reablement", "home-care", 0.3, "People who could not wait"),
        (CURRENT, "Q2", "learning-disability", "care-homes", 0.15, "A scheme opened late"),
    )
    rows = [
        (_COUNCIL, service, year, f"{year} {quarter}", "virement", pounds(amount), "", note)
        for year, quarter, out, into, size, note in moves
        for service, amount in ((out, -size), (into, size))
    ]
    rows.append((_COMMUNITY, "district-nursing", _Y3, f"{_Y3} Q3", "allocation", pounds(0.3), _ICB, "Winter nights"))
    rows.append((_ICB, "mental-health", CURRENT, f"{CURRENT} Q2", "allocation", pounds(0.2), _ICB, "Crisis line"))
    columns = "partner service year period step amount funded_by note"
    return [{**row, "recurrence": "non_recurring"} for row in table(_P, columns, rows)]


def _reserves() -> list[Row]:
    """Held by the council as host of the pool: a risk pool of 0.5 now, and balances of which 0.2 is not promised."""
    risk = {_Y1: (0.6, 0.3), _Y2: (0.9, -0.2), _Y3: (0.7, -0.2), CURRENT: (0.5, 0)}
    balances = {_Y1: (1.4, -0.1, 1.2), _Y2: (1.3, -0.1, 1.1), _Y3: (1.2, -0.1, 1.0), CURRENT: (1.1, 0, 0.9)}
    rows = [("Risk pool", year, *(pounds(amount) for amount in amounts), 0) for year, amounts in risk.items()]
    rows += [("Balances of the pool", year, *(pounds(amount) for amount in row)) for year, row in balances.items()]
    held = {"held_by": _COUNCIL, "kind": "earmarked", "ring_fenced": 0}
    return [{**row, **held} for row in table(_P, "fund year opening movement committed", rows)]


def _attribution() -> list[Row]:
    """The place has agreed detailed reasons, one group with three deciders."""
    return table(
        _P,
        "reason decides share",
        [
            ("health_and_social_care", _COUNCIL, 0.45),
            ("health_and_social_care", _FERROW, 0.2),
            ("health_and_social_care", _COMMUNITY, 0.35),
            ("code_9_awi", "law", 1.0),
            ("code_9_other", "unassigned", 1.0),
            ("patient_and_family", "people", 1.0),
        ],
    )


def _mechanisms() -> list[Row]:
    """Discharge to assess: 1,200 cases done well in the first half of 2025/26, 1,200 done badly in the second.

    One mechanism each, short and long-term care together, so that who gains and who bears meet in one matrix. The two
    lie on one line: a point of long-term care is £480 a case.
    """
    instead, source = "assessment in hospital before discharge", "invented: 8 days, £2,400, and {:+} points of £48,000"
    rows = []
    for manner, points, quarters in (("well", -4, ("Q1", "Q2")), ("badly", 5, ("Q3", "Q4"))):
        care = _SHORT + _LONG * points // 100
        for basis, day in (("full_average", _FULL), ("cash_releasing", _CASH)):
            for bears, cases, unit_amount in (
                (_ACUTE, 1_200, -_DAYS * day),
                (_COUNCIL, 900, care),
                (_FERROW, 300, care),
            ):
                for quarter in quarters:
                    rows.append(
                        (
                            f"Discharge to assess, done {manner}",
                            instead,
                            _ACUTE,
                            bears,
                            f"{_Y3} {quarter}",
                            cases // len(quarters),
                            "cases",
                            unit_amount,
                            basis,
                            source.format(points).replace("-", "−"),
                        )
                    )
    return table(_P, "mechanism instead_of decides bears period quantity unit unit_amount basis source", rows)


def _schemes() -> Made:
    """The hub, after a public account, and prevention, which keeps growth away and gives nothing back."""
    hub = (
        "After an account from Birmingham at a round table of the Healthcare Financial Management Association: £2 "
        "million saved the council £10 million. Years, services and the cash share of 0.4 are invented."
    )
    prevention = "Follows no public account; every figure is invented. It slows growth and lowers no budget."
    schemes = (("hub", "Community hub", _Y1, 1, hub), ("prevention", "Falls prevention", CURRENT, 2, prevention))
    none, once, again, last = None, "non_recurring", "recurring", AHEAD[-1]
    framework = (
        "Follows no public account: the savings of the four-year framework, of which a sixteenth recurs, as the list "
        "of savings has them, and the team that ran it. All invented."
    )
    schemes += (("framework", "Savings framework", _Y1, 3, framework),)
    flows = (
        ("hub", _COMMUNITY, "district-nursing", "investment", once, _Y1, _Y1, 0.8, none, none, none, none),
        ("hub", _COMMUNITY, "district-nursing", "investment", again, _Y2, CURRENT, 0.4, none, none, none, none),
        ("hub", _COUNCIL, "home-care", "benefit", again, _Y2, AHEAD[0], 2.5, none, none, 0.4, "4"),
        ("prevention", _ICB, "district-nursing", "investment", again, CURRENT, last, 0.35, none, none, none, none),
        ("prevention", _COUNCIL, "home-care", "benefit", again, AHEAD[0], last, 0.5, 0.2, 0.8, 0.0, "5"),
        ("prevention", _COMMUNITY, "community-hospitals", "benefit", again, AHEAD[0], last, 0.3, 0.1, 0.5, 0.0, "5"),
        ("framework", _ICB, "district-nursing", "investment", again, _Y1, CURRENT, 0.15, none, none, none, none),
        *(
            ("framework", _COUNCIL, "learning-disability", "benefit", once, year, year, saved, none, none, 1.0, "1")
            for year, saved in ((_Y1, 3.0), (_Y2, 6.0), (_Y3, 7.5), (CURRENT, 6.0))
        ),
        ("framework", _COUNCIL, "learning-disability", "benefit", again, CURRENT, CURRENT, 1.5, none, none, 1.0, "1"),
    )
    base = {"hub": _Y1, "prevention": CURRENT, "framework": _Y1}
    return {
        "schemes": table(_P, "scheme name started order note", schemes),
        "scheme_flows": [
            {
                **row,
                "funding": "revenue",
                "price_base": base[str(row["scheme"])],
                **{end: None if row[end] is None else pounds(row[end]) for end in ("amount", "low", "high")},  # type: ignore[arg-type]
            }
            for row in table(
                _P,
                "scheme partner service kind recurrence first_year last_year amount low high cashable_share grade",
                flows,
            )
        ],
        "scheme_effects": table(
            _P,
            "scheme partner service segment population reach effect effect_basis deadweight attribution drop_off "
            "unit_cost basis cashable_share lag_months ramp_years grade",
            [
                ("prevention", _COUNCIL, "home-care", "aged 75 to 84", 2_900, 0.2, 21.0, "gross", 0.15, 0.9, 0.1, 25.4,
                 "full_average", 0.0, 6, 2, "5"),
                ("prevention", _COUNCIL, "home-care", "aged 85 and over", 1_300, 0.25, 37.0, "gross", 0.15, 0.9, 0.1,
                 25.4, "full_average", 0.0, 6, 2, "5"),
                ("prevention", _COMMUNITY, "community-hospitals", "aged 75 to 84", 2_900, 0.2, 0.9, "net", 0.0, 0.9,
                 0.1, 360, "full_average", 0.0, 6, 2, "5"),
                ("prevention", _COMMUNITY, "community-hospitals", "aged 85 and over", 1_300, 0.25, 1.6, "net", 0.0,
                 0.9, 0.1, 360, "full_average", 0.0, 6, 2, "5"),
            ],
        ),
    }  # fmt: skip


def _outcomes() -> list[Row]:
    measures = (
        ("People at home 91 days after reablement, %", (79.0, 81.0, 80.5), 84, "higher"),
        ("Falls that end in hospital, per 1,000 people aged 65 and over", (21.4, 21.1, 20.9), 20, "lower"),
        ("Carers who say that they have enough support, %", (41.0, 39.5, 38.0), 45, "higher"),
    )
    return table(
        _P,
        "period measure value target better source",
        [
            (year, measure, value, target, better, "invented")
            for measure, values, target, better in measures
            for year, value in zip(HISTORY, values, strict=True)
        ],
    )


def _actions() -> list[Row]:
    """Capital given up so that one partner's year looks right, and what is still to be decided."""
    now, icb, council = f"{CURRENT} Q2", "Chief finance officer of the board", "Director of adult social care"
    rows = [
        (_Y1, "decision", "Support the board with £4.0 million, to be returned in two years",
         "the board is short of balance, the council is not", council, _COUNCIL, "2024-03-20", 4.0, "done"),
        (_Y3, "risk", "The board is £3.0 million short of balance at month 9", "it must break even each year",
         icb, _ICB, "2026-03-31", 3.0, "done"),
        (_Y3, "decision", "Give up £5.0 million of capital to keep the board in balance",
         "an overspend of £3.0 million would cost it more capital still", icb, _ICB, "2026-02-26", 5.0, "done"),
        (_Y3, "decision", "Return the support of 2023/24", "agreed in March 2024", icb, _ICB, "2026-03-18", 4.0,
         "done"),
        (now, "recovery", "Find savings that come again", "6.0 of 7.5 is one-off once more",
         "Delivery board of the place", "partnership", "2026-12-15", None, "planned"),
        (now, "decision", "Review every discharge to assess after six weeks",
         "people stay in places that were meant for a few weeks", "Chief nurse, hospitals", _ACUTE, "2026-11-30", None,
         "planned"),
        (now, "decision", "Move the council's underspend of £0.4 million into the pool", "the pool is 1.5 over",
         council, _COUNCIL, "2026-12-15", 0.4, "planned"),
        (now, "decision", "Agree how the hub's cash is shared with the trust that pays for it",
         "2.0 spent by the trust, 4.0 in cash to the council", "Delivery board of the place", "partnership",
         "2026-12-15", None, "planned"),
        (now, "risk", "The framework ends with 6.0 of one-off savings to find again", "nothing follows it yet",
         "Delivery board of the place", "partnership", "2027-03-31", 6.0, "under_way"),
    ]  # fmt: skip
    columns = "period kind action cause owner decides due_on value status"
    return [
        {**row, "value": None if row["value"] is None else pounds(row["value"])}  # type: ignore[arg-type]
        for row in table(_P, columns, rows)
    ]

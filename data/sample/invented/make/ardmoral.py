"""Ardmoral, invented: a lead agency, both ways; friends, and no terms."""

import numpy as np
from lines import (
    CURRENT,
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
from rows import Made, Row, pounds

_P = "ardmoral"
_BOARD, _COUNCIL, _GOVERNMENT = "nhs-ardmoral", "ardmoral-council", "scottish-government"
_Y1, _Y2, _Y3, _Y4 = "2023/24", "2024/25", "2025/26", "2026/27"  # the lead agency begins with the second

# £ million. The first year is the council's, then the board hosts: 72.0, 74.16 and 76.014 recurring.
_ADULT = {
    "care-homes": 24.0,
    "home-care": 18.5,
    "learning-disability": 15.2,
    "social-work": 7.4,
    "reablement": 2.6,
    "adult-placement": 2.2,
}
_ADULT_TOTALS = {_Y2: 72.0, _Y3: 74.16, _Y4: 76.014}
_OWN = {
    "prescribing": 31.0,
    "primary-care": 24.0,
    "mental-health": 21.0,
    "district-nursing": 15.0,
    "community-hospitals": 14.0,
    "addictions": 4.2,
    "out-of-hours": 3.6,
    "management": 1.4,
}
_OWN_TOTALS = {_Y2: 118.0, _Y3: 121.54, _Y4: 124.58}
_CHILDREN = {_Y1: 6.4, _Y2: 6.5, _Y3: 6.5, _Y4: 6.6625}
_OTHER = {_Y1: 23.5, _Y2: 24.0, _Y3: 24.48, _Y4: 25.0}
_HOSPITALS = {_Y1: 190.2, _Y2: 195.6, _Y3: 201.8, _Y4: 207.1575}
# Limit − net expenditure is +0.2, then +0.3, −1.9 and, as planned, +1.6.
_LIMITS = {_Y1: 311.0, _Y2: 320.3, _Y3: 330.1, _Y4: 340.0}

# Above the budget. Adult care: +1.2 as the council's, then +3.4, +3.76 and a forecast of +4.6; in each of them 1.9 is
# the inherited savings (0.7 home care, 0.6 care homes, 0.6 learning disability).
_OVER: dict[str, dict[str, float]] = {
    "home-care": {_Y1: 0.7, _Y2: 0.7 + 0.8, _Y3: 0.7 + 1.0, _Y4: 0.7 + 2.0},
    "care-homes": {_Y1: 0.6, _Y2: 0.6 + 0.3, _Y3: 0.6 + 0.36, _Y4: 0.6 + 1.1},
    "learning-disability": {_Y1: 0.6, _Y2: 0.6, _Y3: 0.6 + 0.2, _Y4: 0.6 + 0.36},
    "social-work": {_Y1: -0.7, _Y2: 0.4, _Y3: 0.3, _Y4: -0.76},  # vacancies, agency staff, agency staff, vacancies
    "prescribing": {_Y1: 0.6, _Y2: 0.8, _Y3: 0.7, _Y4: 0.5},
    "mental-health": {_Y1: -0.3, _Y3: -0.3, _Y4: -0.3},
    "district-nursing": {_Y2: -0.4, _Y3: -0.2, _Y4: -0.2},
    "children-health": {_Y1: 0.1, _Y2: 0.1, _Y3: 0.4},
    "acute-other": {_Y1: -0.4, _Y2: -2.5, _Y3: -1.8},
}
_ONE_OFF: dict[str, dict[str, float]] = {
    "care-homes": {_Y3: 0.6},
    "social-work": {_Y1: -0.7, _Y2: 0.4, _Y3: 0.48 + 0.3, _Y4: -0.76},
    "mental-health": {_Y1: -0.3, _Y3: -0.3, _Y4: -0.3},
    "district-nursing": {_Y2: -0.4, _Y3: -0.2, _Y4: -0.2},
    "acute-other": {_Y1: -0.4, _Y2: -2.5, _Y3: -1.8},
}
_ONCE = {"care-homes": 0.6, "social-work": 0.48}  # the one-off addition of 2025/26: temporary places, double running

# Pressures of the years ahead.
_AHEAD_ADULT, _AHEAD_OWN = (3.4, 3.6, 3.7), (4.6, 4.7, 4.8)
_AHEAD_CHILDREN, _AHEAD_OTHER = (0.24, 0.25, 0.25), (0.7, 0.7, 0.72)


def made(rng: np.random.Generator) -> Made:
    """Every table's rows of Ardmoral."""
    lines, savings = _lines(rng), _savings()
    spending = spending_rows(_P, lines, rng)
    prices = {"home-care": (27.4, 0.05, 46.0), "care-homes": (742.0, 0.055, 4.3), "reablement": (34.8, 0.05, 22.0)}
    people = {"0-17": 17_200, "18-64": 54_300, "65-74": 12_400, "75-84": 8_200, "85+": 2_900}
    growth = {"0-17": -0.009, "18-64": -0.004, "65-74": 0.011, "75-84": 0.026, "85+": 0.024}
    reasons = {"health_and_social_care": 0.68, "code_9_awi": 0.19, "code_9_other": 0.08, "patient_and_family": 0.05}
    days = {_Y1: 19_710, _Y2: 20_930, _Y3: 21_900, CURRENT: 11_163}
    units = {f"Team {name}": n < 4 for n, name in enumerate("ABCDEFGHI")}
    theirs = ("funding", "budgets", "changes", "savings", "spending")
    return {
        "partnerships": table(
            _P,
            "name nation model model_from started_on kind host",
            [("Ardmoral", "scotland", "lead_agency", "2024-04-01", "2024-04-01", "invented", _BOARD)],
        ),
        "partners": table(
            _P,
            "partner name sector regime capital_counts capital_limit",
            [
                (_BOARD, "NHS Ardmoral", "health_board", "break_even", "limit", pounds(4.0)),
                (_COUNCIL, "The Ardmoral Council", "council", "reserves", "borrowing", pounds(0.25)),
                (_GOVERNMENT, "Scottish Government", "government", "none", None, None),
            ],
        ),
        "funding": _funding(),
        "budgets": budget_rows(_P, lines),
        "changes": change_rows(_P, lines, savings, rng) + _in_year(),
        "savings": savings,
        "spending": spending,
        "activity": activity_rows(spending, prices, rng),
        "reserves": _reserves(),
        "delays": delay_rows(_P, days, reasons, 0.73, rng),
        "population": population_rows(_P, people, growth),
        "mechanisms": _mechanisms(),
        "pilots": pilot_rows(_P, "step-down", units, 41.0, -4.5, rng),
        "outcomes": _outcomes(),
        "actions": _actions(),
        "returns": return_rows(
            _P,
            {_BOARD: (*theirs, "delays", "activity"), _COUNCIL: (*theirs, "reserves")},
            {_BOARD: "2026-09-30", _COUNCIL: "2026-09-27"},
            audited=(_BOARD,),
        ),
        **_scheme(),
    }


def _lines(rng: np.random.Generator) -> list[Line]:
    """Adult care moves from the council to the board, children's health the other way, both on 1 April 2024."""
    adult, own = grown(_ADULT, _ADULT_TOTALS, rng), grown(_OWN, _OWN_TOTALS, rng)
    small = drift(["reablement", "adult-placement"], 0.08, rng)
    small |= drift(["primary-care", "community-hospitals", "addictions", "out-of-hours", "management"], 0.12, rng)
    lines = []
    for service, amounts in adult.items():
        first = {_Y1: amounts.pop(_Y1)}
        lines.append(_line(_COUNCIL, service, first, small, transfers={_Y2: -first[_Y1]}))
        lines.append(
            _line(
                _BOARD,
                service,
                amounts,
                small,
                non_recurring={_Y3: pounds(_ONCE[service])} if service in _ONCE else {},
                transfers={_Y2: first[_Y1]},
                ahead=_ahead(_AHEAD_ADULT, _ADULT[service] / sum(_ADULT.values())),
                host=_BOARD,
                funded_by=_COUNCIL,
            )
        )
    for service, amounts in own.items():
        part = _OWN[service] / sum(_OWN.values())
        lines.append(_line(_BOARD, service, amounts, small, ahead=_ahead(_AHEAD_OWN, part), funded_by=_BOARD))
    children = {year: float(pounds(amount)) for year, amount in _CHILDREN.items()}
    first = {_Y1: children.pop(_Y1)}
    lines.append(_line(_BOARD, "children-health", first, small, transfers={_Y2: -first[_Y1]}))
    lines.append(
        _line(
            _COUNCIL,
            "children-health",
            children,
            small,
            transfers={_Y2: first[_Y1]},
            ahead=_ahead(_AHEAD_CHILDREN),
            host=_COUNCIL,
            funded_by=_BOARD,
        )
    )
    other = {year: float(pounds(amount)) for year, amount in _OTHER.items()}
    lines.append(_line(_COUNCIL, "other-council", other, small, ahead=_ahead(_AHEAD_OTHER), funded_by=_COUNCIL))
    hospitals = {year: float(pounds(amount)) for year, amount in _HOSPITALS.items()}
    lines.append(_line(_BOARD, "acute-other", hospitals, small, scope="retained"))
    return lines


def _line(
    partner: str, service: str, recurring: dict[str, float], small: dict[str, dict[str, float]], **rest: object
) -> Line:
    above, once = (
        {year: pounds(amount) for year, amount in known.get(service, {}).items()} for known in (_OVER, _ONE_OFF)
    )
    return Line(partner, service, recurring, over=small.get(service, above), one_off=once, **rest)  # type: ignore[arg-type]


def _ahead(pressures: tuple[float, ...], part: float = 1.0) -> dict[str, float]:
    return dict(zip(("2027/28", "2028/29", "2029/30"), (round(pounds(p) * part) for p in pressures), strict=True))


def _savings() -> list[Row]:
    """What was inherited is on the list every year and brings nothing; the board's own savings nearly all arrive."""
    inherited = (
        ("home-care", "Fewer small packages of care at home", 0.7),
        ("care-homes", "Care home places at the national rate", 0.6),
        ("learning-disability", "Day services redesigned", 0.6),
    )
    own = (
        (_BOARD, "prescribing", "Medicines switched to cheaper equals", (0.8, 0.9, 0.9, 0.9), "Director of pharmacy"),
        (_BOARD, "mental-health", "Placements out of the area brought home", (0.4, 0.4, 0.5, 0.4), "General manager"),
        (_BOARD, "community-hospitals", "Rosters by need", (0.3, 0.3, 0.3, 0.3), "Director of nursing"),
        (_COUNCIL, "other-council", "Fewer buildings", (0.2, 0.2, 0.2, 0.2), "Head of property"),
    )
    rows: list[Row] = []
    for n, year in enumerate((_Y1, _Y2, _Y3, _Y4)):
        now, who, again = year == CURRENT, _BOARD if n else _COUNCIL, "yes" if n else "no"
        rows += [
            _saving(who, service, year, saving, target, 0, 0 if now else None, again)
            for service, saving, target in inherited
        ]
        for partner, service, saving, targets, owner in own:
            target, part = targets[n], 0.45 if now else 0.9
            row = _saving(partner, service, year, saving, target, target * part, target if now else None, "no", owner)
            rows.append({**row, "quality": "green"})
    for year in ("2028/29", "2029/30"):
        rows.append(_saving(_BOARD, "home-care", year, "Reviews after reablement", 0.3, 0, 0.3, "no"))
        rows.append(_saving(_BOARD, "prescribing", year, "Repeat prescriptions reviewed", 0.5, 0, 0.5, "no"))
    return rows


def _saving(
    partner: str, service: str, year: str, saving: str, target: float, delivered: float, forecast: float | None,
    inherited: str, owner: str = "Director of adult care",
) -> Row:  # fmt: skip
    return {
        "partnership": _P,
        "partner": partner,
        "service": service,
        "year": year,
        "saving": saving,
        "inherited": inherited,
        "recurrence": "recurring",
        "target": pounds(target),
        "delivered": pounds(delivered),
        "forecast": None if forecast is None else pounds(forecast),
        "owner": owner,
        "quality": "red",
    }


def _funding() -> list[Row]:
    """Flows in £ million: base, then uplift; agreed late wherever the money crosses between the two."""
    bb, bc, cb, cc = (_BOARD, _BOARD), (_BOARD, _COUNCIL), (_COUNCIL, _BOARD), (_COUNCIL, _COUNCIL)
    ring = 1.2  # of the board's own: alcohol and drugs money
    agreed = {
        _Y1: {bb: (117.1, 3.5, "2023-03-30"), cc: (91.0, 2.4, "2023-02-23")},
        _Y2: {
            bb: (114.2, 3.8, "2024-03-28"),
            bc: (6.4, 0.1, "2024-06-14"),
            cb: (69.9, 2.1, "2024-06-14"),
            cc: (23.5, 0.5, "2024-02-22"),
        },
        _Y3: {
            bb: (118.0, 3.54, "2025-03-27"),
            bc: (6.5, 0, "2025-05-30"),
            cb: (72.0, 2.16, "2025-05-30"),
            cc: (24.0, 0.48, "2025-02-20"),
        },
        _Y4: {
            bb: (121.54, 3.04, "2026-03-26"),
            bc: (6.5, 0.1625, "2026-05-28"),
            cb: (74.16, 1.854, "2026-05-28"),
            cc: (24.48, 0.52, "2026-02-26"),
        },
    }
    conditions = {
        (_Y2, cb): "A first-year correction will be looked at",
        (_Y3, cb): "Finance directors to agree what happens to an overspend",
        (_Y4, cb): "Finance directors, then chief executives, shall agree",
    }
    rows: list[Row] = []
    for year, flows in agreed.items():
        for flow, (base, uplift, dated) in flows.items():
            kept = ring if flow == bb else 0
            kinds = {"base": base - kept, "ring_fenced": kept, "uplift": uplift}
            rows += _round(flow, year, kinds, "agreed", dated, conditions.get((year, flow), ""))
        rows += _round((_GOVERNMENT, _BOARD), year, {"base": _LIMITS[year]}, "agreed", f"{year[:4]}-03-14", "")
    one_off = "For 2025/26 only: temporary places and double running"
    rows += _round(cb, _Y3, {"one_off": 1.08}, "agreed", "2025-05-30", one_off)
    share = "Once, from the council's reserve, and without precedent"
    rows += _round(cb, _Y2, {"overspend_share": 1.4}, "agreed", "2025-06-19", share)

    rolled, before = "The one-off addition of 2025/26 rolled into the base", "As for the council's own services"
    rows += _round(cb, _Y4, {"base": 75.24, "uplift": 1.881}, "asked", "2025-12-05", rolled)
    rows += _round(cb, _Y4, {"base": 74.16, "uplift": 1.4832}, "offered", "2026-02-20", before)
    rows += _round(cb, _Y4, {"base": 74.16, "uplift": 2.2248}, "asked", "2026-03-13", "")
    rows += _round(bc, _Y4, {"base": 6.5, "uplift": 0.4}, "asked", "2026-01-16", "To what the service costs")
    rows += _round(bc, _Y4, {"base": 6.5}, "offered", "2026-03-13", "No uplift while adult care is overspent")
    rows += _round(bb, _Y4, {"base": 121.54, "uplift": 4.6}, "asked", "2026-01-16", "")
    rows += _round(bb, _Y4, {"base": 121.54, "uplift": 2.43}, "offered", "2026-02-27", "")
    rows += _round(cc, _Y4, {"base": 24.48, "uplift": 0.8}, "asked", "2025-12-05", "")
    rows += _round(cc, _Y4, {"base": 24.48, "uplift": 0.52}, "offered", "2026-01-29", "")

    for flow, rate in ((bb, 0.025), (bc, 0.02), (cb, 0.02), (cc, 0.02)):
        base, uplift = agreed[_Y4][flow][:2]
        base += uplift
        for year in ("2027/28", "2028/29", "2029/30"):
            uplift = pounds(base * rate) / 1_000_000
            rows += _round(flow, year, {"base": base, "uplift": uplift}, "offered", "2026-09-10", "For planning only")
            base += uplift
    return rows


def _round(
    flow: tuple[str, str], year: str, kinds: dict[str, float], status: str, dated: str, condition: str
) -> list[Row]:  # fmt: skip
    return [
        {
            "partnership": _P,
            "partner": flow[0],
            "to_partner": flow[1],
            "year": year,
            "amount": pounds(amount),
            "recurrence": "non_recurring" if kind in ("one_off", "overspend_share") else "recurring",
            "kind": kind,
            "condition": condition,
            "status": status,
            "dated": dated,
        }
        for kind, amount in kinds.items()
        if amount
    ]


def _in_year() -> list[Row]:
    """Virements, and money of the year that the government allocates."""
    moves = (
        (_Y3, "Q2", "social-work", "home-care", 0.25, "Posts left empty, hours bought"),
        (_Y3, "Q3", "adult-placement", "care-homes", 0.15, "Places not filled"),
        (_Y4, "Q1", "mental-health", "prescribing", 0.3, "Placements brought home"),
        (_Y4, "Q2", "social-work", "home-care", 0.4, "Posts left empty, hours bought"),
    )
    rows = [
        _change(year, quarter, service, "virement", amount, "non_recurring", "", note)
        for year, quarter, out, into, size, note in moves
        for service, amount in ((out, -size), (into, size))
    ]
    for year, quarter, service, amount, note in (
        (_Y3, "Q3", "primary-care", 0.35, "Vaccination in winter"),
        (_Y3, "Q4", "home-care", 0.2, "Extra hours in winter"),
        (_Y4, "Q2", "addictions", 0.18, "Alcohol and drug teams"),
    ):
        rows.append(_change(year, quarter, service, "allocation", amount, "non_recurring", _GOVERNMENT, note))
    return rows


def _change(
    year: str, quarter: str, service: str, step: str, amount: float, recurrence: str, by: str, note: str
) -> Row:  # fmt: skip
    return {
        "partnership": _P,
        "partner": _BOARD,
        "service": service,
        "year": year,
        "period": f"{year} {quarter}",
        "step": step,
        "amount": pounds(amount),
        "recurrence": recurrence,
        "funded_by": by,
        "note": note,
    }


def _reserves() -> list[Row]:
    """The council's earmarked reserve: 3.2 when the lead agency began, 0.72 now. The board holds none."""
    years = {_Y1: (2.6, 0.6, 0), _Y2: (3.2, -1.4, 0), _Y3: (1.8, -1.08, 1.08), _Y4: (0.72, 0, 0)}
    fund = (_COUNCIL, "Adult care transition", "earmarked", 0)
    return table(
        _P,
        "held_by fund kind ring_fenced year opening movement committed",
        [(*fund, year, *(pounds(amount) for amount in amounts)) for year, amounts in years.items()],
    )


def _mechanisms() -> list[Row]:
    """The mirror: the council hosts children's health, 6.9 on 6.5, and bears its overspend itself."""
    what = "Children's community health costs more than was handed over for it"
    instead, source = "the service held at its budget of £6.5 million", "invented: 6.9 spent on 6.5, on both bases"
    return table(
        _P,
        "mechanism instead_of decides bears period quantity unit unit_amount basis source",
        [
            (what, instead, _COUNCIL, _COUNCIL, f"{_Y3} Q4", 1, "year", pounds(0.4), basis, source)
            for basis in ("full_average", "cash_releasing")
        ],
    )


def _scheme() -> Made:
    """One scheme, where the host both pays and gains."""
    scheme = {"partnership": _P, "scheme": "step-down"}
    flows = (
        (_BOARD, "reablement", "investment", "recurring", "revenue", "2029/30", 0.46, None, None, None),
        (_COUNCIL, "other-council", "investment", "non_recurring", "capital", _Y4, 0.3, None, None, None),
        (_BOARD, "care-homes", "benefit", "recurring", "revenue", "2029/30", 0.7, 2, 0.6, "4"),
        (_BOARD, "acute-other", "benefit", "recurring", "revenue", "2029/30", 0.5, 2, 0.15, "4"),
    )
    keys = ("partner", "service", "kind", "recurrence", "funding", "last_year")
    effect = {
        "population": 560, "reach": 0.35, "effect": 7.5, "effect_basis": "gross", "deadweight": 0.2, "attribution": 0.9,
        "drop_off": 0.05, "basis": "full_average", "lag_months": 3, "ramp_years": 2, "grade": "4",
    }  # fmt: skip
    return {
        "schemes": [
            {
                **scheme,
                "name": "Step-down flats",
                "started": _Y4,
                "order": 1,
                "note": "Follows no public account: the flats, what they cost and what they bring are invented.",
            }
        ],
        "scheme_flows": [
            {
                **scheme,
                **dict(zip(keys, flow[:6], strict=True)),
                "first_year": _Y4,
                "amount": pounds(flow[6]),
                "low": pounds(flow[6] * 0.8),
                "high": pounds(flow[6] * 1.2),
                "ramp_years": flow[7],
                "cashable_share": flow[8],
                "grade": flow[9],
                "price_base": _Y4,
            }
            for flow in flows
        ],
        "scheme_effects": [
            {**scheme, "partner": _BOARD, "service": "acute-other", **effect, "unit_cost": 320, "cashable_share": 0.15},
            {**scheme, "partner": _BOARD, "service": "care-homes", **effect, "unit_cost": 780, "cashable_share": 0.6},
        ],
    }


def _outcomes() -> list[Row]:
    measures = (
        ("Adults who say that they can live as independently as possible, %", (71.0, 70.2, 69.5), 75, "higher"),
        ("People readmitted within 28 days, per 1,000 discharged", (104.0, 107.0, 111.0), 100, "lower"),
        ("Children seen within 18 weeks, %", (88.0, 84.0, 79.0), 90, "higher"),
    )
    return table(
        _P,
        "period measure value target better source",
        [
            (year, measure, value, target, better, "invented")
            for measure, values, target, better in measures
            for year, value in zip((_Y1, _Y2, _Y3), values, strict=True)
        ],
    )


def _actions() -> list[Row]:
    """Every term that the agreement lacks is a decision whose day has passed."""
    agree = "the agreement says that finance directors, then chief executives, shall agree"
    both = "Finance directors of the board and the council"
    due = "2024-09-30"
    terms = (
        ("Agree who meets an overspend of adult care", agree, due),
        ("Agree who keeps an underspend", agree, due),
        ("Say how the first year's quantum is corrected", "72.0 was handed over, 75.4 was found", due),
        ("Say who answers for savings handed over undelivered", "£1.9 million inherited, nothing delivered", due),
        ("Say whether a one-off addition enters the next quantum", "£1.08 million of 2025/26", "2025-12-31"),
        ("Name who settles a dispute, and by when", agree, "2024-12-31"),
        ("Say who decides a cut in a service: the host, or who pays", "neither has had to yet", "2025-03-31"),
    )
    rows = [
        *((_Y4, "decision", name, why, both, "unassigned", day, None, "planned") for name, why, day in terms),
        (_Y2, "decision", "Share the overspend of 2024/25", "75.4 spent on 72.0: council 1.4, board 2.0", both,
         "unassigned", "2025-06-30", pounds(3.4), "done"),
        (_Y3, "decision", "Share the disputed part of the overspend of 2025/26",
         "3.76 less the inherited savings of 1.9, which the board bears", both, "unassigned", "2026-06-30",
         pounds(1.86), "planned"),
        (f"{_Y4} Q2", "recovery", "Write a recovery plan for adult care", "forecast 4.6 over the quantum",
         "Director of adult care", _BOARD, "2026-10-31", None, "planned"),
        (f"{_Y4} Q2", "risk", "The board misses its limit by more than it may over three years",
         "it hosts adult care, and no term says that the council pays", "Director of finance", _BOARD, "2027-03-31",
         pounds(3.0), "under_way"),
        (f"{_Y4} Q2", "risk", "The council's reserve for adult care runs out", "0.72 is left of 3.2",
         "Chief finance officer of the council", _COUNCIL, "2027-03-31", pounds(0.72), "under_way"),
    ]  # fmt: skip
    return table(_P, "period kind action cause owner decides due_on value status", rows)

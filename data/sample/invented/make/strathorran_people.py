"""Strathorran's people: who lives there, who waits in hospital, whose beds they use, how they fare."""

import numpy as np
from rows import Row, parts, wobbled
from strathorran_year import AHEAD, COUNCIL, HISTORY, HOSTED, NHS, NOW, PARTNERSHIP, YEARS, year_name

# people at mid-2025, and growth a year
_PEOPLE = {
    "0-17": (20_400, -0.008),
    "18-64": (70_600, -0.003),
    "65-74": (16_500, 0.012),
    "75-84": (8_900, 0.024),
    "85+": (3_600, 0.031),
}
_COUNTED = 2025

# days of 2025/26 by reason: of people aged 75 and over, of younger people
_DAYS = {
    "health_and_social_care": (7_884, 1_971),
    "code_9_awi": (1_898, 1_022),
    "code_9_other": (620, 475),
    "patient_and_family": (548, 182),
}
_LEVELS = {2023: 0.82, 2024: 0.91, 2025: 1.0, NOW: 1.06}

# £ and days of the whole board by year, and Strathorran's own days; the rest are people of other areas
_WARDS = {
    "Geriatric medicine": {
        2023: (28_700, 73_600, 25_900_000),
        2024: (29_300, 74_400, 27_200_000),
        2025: (30_000, 75_000, 28_500_000),
    },
    "General medicine": {
        2023: (39_500, 117_800, 54_400_000),
        2024: (40_300, 118_900, 57_100_000),
        2025: (41_200, 120_000, 60_000_000),
    },
}

# measure: first value in 2023/24, change a year, target, better, decimals
_MEASURES = {
    "People at home 90 days after reablement, %": (74.5, -0.9, 80.0, "higher", 1),
    "People waiting for care at home": (212, 31, 120, "lower", 0),
    "Care homes graded good or better, %": (81.0, -0.6, 85.0, "higher", 1),
    "Emergency admissions per 1,000 people aged 75 and over": (352, 4, 340, "lower", 0),
    "Carers who feel supported, %": (31.0, -0.7, 40.0, "higher", 1),
}


def population(rng: np.random.Generator) -> list[Row]:
    """People by age: estimates to mid-2025, projections that agree with them there."""
    rows: list[Row] = []
    for status, years in (("estimate", range(2021, _COUNTED + 1)), ("projection", range(2023, 2032))):
        for year in years:
            for age_group, (people, growth) in _PEOPLE.items():
                moved = people * (1 + growth) ** (year - _COUNTED)
                if status == "estimate" and year < _COUNTED:
                    moved *= float(1 + 0.004 * rng.uniform(-1, 1))
                rows.append(
                    {
                        "partnership": PARTNERSHIP,
                        "year": year,
                        "age_group": age_group,
                        "people": round(moved),
                        "status": status,
                    }
                )
    return rows


def shares() -> list[Row]:
    """How the use of the hosted service divides between Strathorran and two neighbours that send no tables."""
    return [
        {"kind": "hosted_service", "name": HOSTED, "partnership": who, "year": year_name(year), "share": share}
        for year in (*YEARS, *AHEAD)
        for who, share in ((PARTNERSHIP, 0.40), ("eastmuir", 0.35), ("glenfirth", 0.25))
    ]


def delays(rng: np.random.Generator) -> list[Row]:
    """Delayed days by quarter, reason and age; 14,600 in 2025/26."""
    rows: list[Row] = []
    for year, level in _LEVELS.items():
        quarters = ("Q1", "Q2", "Q3", "Q4")
        closed = quarters if year < NOW else quarters[:2]
        for reason, by_age in _DAYS.items():
            for age_group, days in zip(("75+", "18-74"), by_age, strict=True):
                moved = days if level == 1 else round(days * level * float(1 + 0.05 * rng.uniform(-1, 1)))
                weights = dict(zip(quarters, (0.245, 0.24, 0.255, 0.26), strict=True))
                for quarter, count in parts(moved, wobbled(weights, rng, 0.06)).items():
                    if quarter in closed:
                        rows.append(
                            {
                                "partnership": PARTNERSHIP,
                                "period": f"{year_name(year)} {quarter}",
                                "age_group": age_group,
                                "reason": reason,
                                "bed_days": count,
                            }
                        )
    return rows


def attribution() -> list[Row]:
    """Both partners looked at every case of other complex needs of a year and agreed who had to act."""
    return [
        {"partnership": PARTNERSHIP, "reason": "code_9_other", "decides": decides, "share": share}
        for decides, share in ((COUNCIL, 0.55), (NHS, 0.45))
    ]


def bed_days() -> list[Row]:
    """Days in NHS Norland's wards: of Strathorran's people, and of people from elsewhere."""
    return [
        {"partnership": who, "partner": NHS, "year": year_name(year), "specialty": specialty, "bed_days": days}
        for specialty, years in _WARDS.items()
        for year, (own, every, _) in years.items()
        for who, days in ((PARTNERSHIP, own), ("not-resident", every - own))
    ]


def specialty_costs() -> list[Row]:
    """What NHS Norland's wards cost."""
    return [
        {"partner": NHS, "year": year_name(year), "specialty": specialty, "direct_cost": cost}
        for specialty, years in _WARDS.items()
        for year, (_, _, cost) in years.items()
    ]


def outcomes(rng: np.random.Generator) -> list[Row]:
    """How people fare, by year and to the middle of the current one."""
    rows: list[Row] = []
    for measure, (first, step, target, better, decimals) in _MEASURES.items():
        for n, period in enumerate([*map(year_name, HISTORY), f"{year_name(NOW)} Q2"]):
            value = first + step * n + 0.4 * abs(step) * float(rng.uniform(-1, 1))
            rows.append(
                {
                    "partnership": PARTNERSHIP,
                    "period": period,
                    "measure": measure,
                    "value": round(value, decimals),
                    "target": target,
                    "better": better,
                    "source": "invented",
                }
            )
    return rows

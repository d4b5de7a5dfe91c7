"""What a budget line brings with it: its rows of budgets, changes, spending and activity, and people and delays.

Shared by the makers of Ardmoral and Hadderley. A line is one service of one partner through the years; every row that
follows from it adds up to it in whole pounds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from rows import Row, months, parts, pounds, wobbled

from ijbtools.finance.years import year_name

HISTORY = ("2023/24", "2024/25", "2025/26")
CURRENT = "2026/27"
AHEAD = ("2027/28", "2028/29", "2029/30")
LATEST = "2026-09"

# What moves a service's cost: parts of a year's pressure.
_USUAL = {"pay": 0.46, "price": 0.28, "demand": 0.22, "new_commitment": 0.04}
_PRESSURES = {
    "prescribing": {"price": 0.55, "demand": 0.45},
    "care-homes": {"price": 0.72, "demand": 0.28},
    "home-care": {"pay": 0.52, "price": 0.14, "demand": 0.34},
    "learning-disability": {"pay": 0.30, "price": 0.32, "demand": 0.32, "new_commitment": 0.06},
    "management": {"pay": 0.9, "price": 0.1},
}
_NOTES = {
    "pay": "Pay award and employers' costs",
    "price": "Prices that providers and suppliers charge",
    "demand": "More people, and older",
    "new_commitment": "Agreed in the year before",
}
_QUARTER_ENDS = {2: 0.4, 5: 0.7, 8: 0.9}  # how much of the year's over- or underspend managers see by then


@dataclass
class Line:
    """One service of one partner; amounts in £ by financial year."""

    partner: str
    service: str
    recurring: Mapping[str, float]
    non_recurring: Mapping[str, float] = field(default_factory=dict)
    over: Mapping[str, float] = field(default_factory=dict)  # outturn, or forecast, above the budget
    one_off: Mapping[str, float] = field(default_factory=dict)  # part of outturn, or forecast, that does not come again
    transfers: Mapping[str, float] = field(default_factory=dict)  # from (+) or to (−) another partner
    ahead: Mapping[str, float] = field(default_factory=dict)  # pressures of the years ahead
    scope: str = "delegated"
    host: str = ""
    funded_by: str = ""

    def budget(self, year: str) -> float:
        """All of the year's budget."""
        return self.recurring[year] + self.non_recurring.get(year, 0)

    def result(self, year: str) -> float:
        """What the year cost, or is forecast to cost."""
        return self.budget(year) + self.over.get(year, 0)


def table(partnership: str, columns: str, values: Iterable[Sequence[object]]) -> list[Row]:
    """Rows of a partnership from their columns, named once, and their values."""
    names = columns.split()
    return [{"partnership": partnership, **dict(zip(names, row, strict=True))} for row in values]


def grown(first: Mapping[str, float], totals: Mapping[str, float], rng: np.random.Generator) -> dict[str, dict]:
    """Amounts in £ million by service in the first year, and in later years as parts of those years' totals."""
    before = {service: float(pounds(amount)) for service, amount in first.items()}
    found = {service: {HISTORY[0]: amount} for service, amount in before.items()}
    for year, total in totals.items():
        before = parts(pounds(total), wobbled(before, rng, 0.004))
        for service, amount in before.items():
            found[service][year] = amount
    return found


def drift(services: Sequence[str], size: float, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Small over- and underspends of past years, up to `size` £ million each, that net to nothing in every year."""
    found: dict[str, dict[str, float]] = {service: {} for service in services}
    for year in HISTORY:
        drawn = [round(pounds(size) * rng.uniform(-1, 1), -2) for _ in services]
        centre = round(sum(drawn) / len(drawn), -2)
        amounts = [amount - centre for amount in drawn]
        amounts[0] -= sum(amounts)
        for service, amount in zip(services, amounts, strict=True):
            found[service][year] = amount
    return found


def budget_rows(partnership: str, lines: Iterable[Line]) -> list[Row]:
    """The budgets, with the outturn of years that are over."""
    rows = []
    for line in lines:
        for year, recurring in line.recurring.items():
            over = year != CURRENT
            rows.append(
                {
                    "partnership": partnership,
                    "partner": line.partner,
                    "service": line.service,
                    "scope": line.scope,
                    "host": line.host,
                    "year": year,
                    "recurring": recurring,
                    "non_recurring": line.non_recurring.get(year, 0),
                    "outturn": line.result(year) if over else None,
                    "outturn_one_off": line.one_off.get(year, 0) if over else None,
                }
            )
    return rows


def change_rows(partnership: str, lines: Iterable[Line], savings: Sequence[Row], rng: np.random.Generator) -> list[Row]:
    """How each delegated line moves from year to year: transfers, pressures, one-off costs and savings."""
    rows = []
    for line in lines:
        if line.scope == "retained":  # the partner's own affair: its changes are no part of the bridge
            continue
        for year in (*HISTORY, CURRENT, *AHEAD):
            own = [s for s in savings if (s["partner"], s["service"], s["year"]) == (line.partner, line.service, year)]
            rows += [
                {"partnership": partnership, "partner": line.partner, "service": line.service, "year": year, **moved}
                for moved in _moves(line, year, own, rng)
            ]
    return rows


def _moves(line: Line, year: str, savings: Sequence[Row], rng: np.random.Generator) -> Iterable[Row]:
    saved = {"recurring": 0.0, "non_recurring": 0.0}
    for saving in savings:
        saved[str(saving["recurrence"])] += float(saving["target"])  # type: ignore[arg-type]
    transfer = line.transfers.get(year, 0)
    if transfer:
        step = "transfer_in" if transfer > 0 else "transfer_out"
        note = "The service changes hands with the lead agency"
        yield {"step": step, "amount": transfer, "recurrence": "recurring", "note": note}
    pressure = _pressure(line, year, transfer, saved["recurring"])
    if pressure < 0:
        raise ValueError(f"{line.partner} {line.service} {year}: pressures of {pressure}; expected 0 or more")
    if pressure:
        weights = wobbled(_PRESSURES.get(line.service, _USUAL), rng)
        for step, amount in parts(pressure, weights).items():
            note, by = _NOTES[step], line.funded_by
            yield {"step": step, "amount": amount, "recurrence": "recurring", "funded_by": by, "note": note}
    once = line.non_recurring.get(year, 0) + saved["non_recurring"]
    if once:
        note, by = "For this year only", line.funded_by
        yield {
            "step": "new_commitment", "amount": once, "recurrence": "non_recurring", "funded_by": by, "note": note
        }  # fmt: skip
    for saving in savings:
        note = f"{saving['saving']}{', inherited' if saving['inherited'] == 'yes' else ''}"
        yield {
            "step": "saving", "amount": -float(saving["target"]), "recurrence": saving["recurrence"], "note": note
        }  # type: ignore[arg-type]  # fmt: skip


def _pressure(line: Line, year: str, transfer: float, saved: float) -> float:
    if year in AHEAD:
        return line.ahead.get(year, 0)
    if year == HISTORY[0]:  # the year before is not known: pressures of about 4%
        return round(line.recurring.get(year, 0) * 0.04) + saved
    before = line.recurring.get(year_name(int(year[:4]) - 1), 0)
    return line.recurring.get(year, 0) - before - transfer + saved


def spending_rows(partnership: str, lines: Iterable[Line], rng: np.random.Generator) -> list[Row]:
    """Budget and spending by month, with managers' forecasts."""
    rows = []
    for line in lines:
        for year in line.recurring:
            names = list(months(int(year[:4])))
            profile = {name: 0.98 if n < 6 else 1.02 for n, name in enumerate(names)}
            budget = parts(line.budget(year), wobbled(profile, rng, 0.005))
            known = names[:6] if year == CURRENT else names
            part = 1.0 if year != CURRENT else 0.49
            actual = parts(
                round(line.result(year) * part), wobbled({name: profile[name] for name in known}, rng, 0.015)
            )
            once = line.one_off.get(year, 0)
            one_off = parts(round(once * part), dict.fromkeys(known, 1.0)) if once else {}
            for n, name in enumerate(names):
                rows.append(
                    {
                        "partnership": partnership,
                        "partner": line.partner,
                        "service": line.service,
                        "month": name,
                        "budget": budget[name],
                        "actual": actual.get(name),
                        "one_off": one_off.get(name),
                        **_forecast(line, year, n, name),
                    }
                )
    return rows


def _forecast(line: Line, year: str, n: int, month: str) -> Row:
    once = line.one_off.get(year, 0)
    if month == LATEST:
        return {"forecast": line.result(year), "forecast_one_off": once}
    if year == CURRENT or n not in _QUARTER_ENDS:
        return {}
    seen = round(line.over.get(year, 0) * _QUARTER_ENDS[n])
    return {"forecast": line.budget(year) + seen, "forecast_one_off": once}


def activity_rows(
    spending: Sequence[Row], prices: Mapping[str, tuple[float, float, float]], rng: np.random.Generator
) -> list[Row]:
    """What was bought for the spending, at a unit cost in the first year, its growth, and units a person a month."""
    rows: list[Row] = []
    for service, (price, growth, each) in prices.items():
        before = 0
        spent = [row for row in spending if row["service"] == service and row["actual"] is not None]
        for row in sorted(spent, key=lambda row: str(row["month"])):
            month = str(row["month"])
            years = int(month[:4]) - 2023 - (int(month[5:]) < 4)
            cost = round(price * (1 + growth) ** years, 2)
            units = round(float(row["actual"]) / cost)  # type: ignore[arg-type]
            people = round(units / each)
            change = people - before if before else 0
            starts = max(round(people * 0.05 * float(1 + 0.1 * rng.uniform(-1, 1))) + change // 2, change, 0)
            ends = starts - change
            rows.append(
                {
                    **{column: row[column] for column in ("partnership", "partner", "service", "month")},
                    "people": people,
                    "units": units,
                    "unit_cost": cost,
                    "starts": starts,
                    "ends": ends,
                }
            )
            before = people
    return rows


def population_rows(partnership: str, people: Mapping[str, int], growth: Mapping[str, float]) -> list[Row]:
    """People by age group: estimates to mid-2025 and projections to mid-2031, equal at mid-2025."""
    rows: list[Row] = []
    for status, years in (("estimate", range(2021, 2026)), ("projection", range(2023, 2032))):
        for year in years:
            # an earlier projection missed the people who moved in since
            seen = 0.998 if status == "projection" and year < 2025 else 1.0
            for age_group, count in people.items():
                found = round(count * (1 + growth[age_group]) ** (year - 2025) * seen)
                rows.append(
                    {
                        "partnership": partnership,
                        "year": year,
                        "age_group": age_group,
                        "people": found,
                        "status": status,
                    }
                )
    return rows


def delay_rows(
    partnership: str, days: Mapping[str, int], reasons: Mapping[str, float], aged: float, rng: np.random.Generator
) -> list[Row]:
    """Delayed days by quarter, reason and age: `days` of each year (of the current one its first half), `aged` 75+."""
    rows: list[Row] = []
    for year, total in days.items():
        weights = {
            f"{year} Q{quarter}|{age}|{reason}": share * of_age * season
            for quarter, season in ((1, 0.99), (2, 0.96), (3, 1.01), (4, 1.04))[: 2 if year == CURRENT else 4]
            for age, of_age in (("18-74", 1 - aged), ("75+", aged))
            for reason, share in reasons.items()
        }
        for key, found in parts(total, wobbled(weights, rng)).items():
            period, age, reason = key.split("|")
            rows.append(
                {
                    "partnership": partnership,
                    "period": period,
                    "age_group": age,
                    "reason": reason,
                    "bed_days": int(found),
                    "people": max(1, round(found / 34)),
                }
            )
    return rows


def pilot_rows(
    partnership: str, scheme: str, units: Mapping[str, bool], before: float, effect: float, rng: np.random.Generator
) -> list[Row]:
    """A pilot that began on 1 April 2026: six quarters of an outcome in units with the scheme and without."""
    rows: list[Row] = []
    for unit, treated in units.items():
        level = before * float(1 + 0.06 * rng.uniform(-1, 1))
        for n, period in enumerate([*(f"2025/26 Q{q}" for q in range(1, 5)), "2026/27 Q1", "2026/27 Q2"]):
            after = n > 3
            found = level * (1 - 0.004 * n) + (effect if treated and after else 0) + before * 0.01 * rng.uniform(-1, 1)
            rows.append(
                {
                    "partnership": partnership,
                    "scheme": scheme,
                    "unit": unit,
                    "treated": "yes" if treated else "no",
                    "period": period,
                    "after": "yes" if after else "no",
                    "outcome": round(float(found), 1),
                    "uptake": round(float(rng.uniform(0.55, 0.8)), 2) if treated and after else None,
                }
            )
    return rows


def return_rows(
    partnership: str, tables: Mapping[str, Sequence[str]], closes: Mapping[str, str], audited: Sequence[str]
) -> list[Row]:
    """Who returned which tables: the year 2025/26 and the second quarter of 2026/27, ledgers closing on `closes`."""
    return [
        {
            "partnership": partnership,
            "partner": partner,
            "table": table,
            "period": period,
            "ledger_to": ledger_to,
            "precision": "1",
            "status": status,
            "prepared_by": "Finance business partner",
            "signed_by": "Director of finance",
        }
        for partner, returned in tables.items()
        for table in returned
        for period, ledger_to, status in (
            (HISTORY[-1], "2026-03-31", "audited" if partner in audited else "final"),
            (f"{CURRENT} Q2", closes[partner], "provisional"),
        )
    ]

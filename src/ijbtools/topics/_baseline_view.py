"""The numbers of one partnership and year that several sentences, tables and figures of the baseline share."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.finance.prices import in_prices_of
from ijbtools.finance.years import Period, year_name
from ijbtools.topics._baseline_frames import HALF_PENNY, agreed_on, expected_savings
from ijbtools.topics._baseline_sums import released
from ijbtools.topics.result import Result

GREEN, AMBER, RED = "green", "amber", "red"


class View:
    """One partnership's year. Amounts in £; attributes that need a table that was not sent are empty or 0."""

    def __init__(self, result: Result) -> None:
        if result.period is None:
            raise ValueError("result: found all partnerships; expected one: result.only(partnership, period)")
        self.result = result
        self.period = result.period
        self.year = result.period.financial_year
        self.start = result.period.year
        own = result.tables["partnerships"].iloc[0]
        self.own, self.name, self.model, self.nation = own, own["name"], own["model"], own["nation"]
        self.partners = result.tables["partners"].set_index("partner")
        self.services = result.tables["services"].set_index("service")
        own_words = result.tables["categories"].groupby("kind")[["category", "name"]]
        further = {str(kind): dict(rows.itertuples(index=False, name=None)) for kind, rows in own_words}
        self.categories = {**words.CATEGORIES, **further.get("category", {})}
        self.care_groups = {**words.CARE_GROUPS, **further.get("care_group", {})}
        self.assumed = {assumption.name: assumption for assumption in result.used}
        self.deflator = self.assumed["gdp_deflator"].value

    def category(self, category: str) -> str:
        """The label of a reporting category: `Care homes and adult placement`."""
        label = self.categories.get(category, "running the partnership")
        return label[0].upper() + label[1:]

    @property
    def of_people(self) -> tuple[str, ...]:
        """The sources of a real partnership's people."""
        return ("S02", "S03") if self.own["kind"] == "real" else ()

    @property
    def runs(self) -> str:
        """Who runs the services, and would have to live within one quantum."""
        if self.model == "lead_agency":
            boards = self.partners.index[self.partners["sector"] == "health_board"]
            host = self.own["host"] or (boards[0] if len(boards) == 1 else "")
            return self.partner(host) if host else "the host"
        return self.name if self.model == "body_corporate" else "the host of the pool"

    def of(self, table: str, year: str = "") -> pd.DataFrame:
        """The rows of a table that belong to the year, or to another one."""
        frame = self.result.tables[table]
        return frame[frame["year"] == (year or self.year)]

    def back(self, years: int) -> str:
        """The name of an earlier year, or of a later one where `years` is negative."""
        return year_name(self.start - years)

    def value(self, assumption: str) -> float:
        """An assumption on the page's day."""
        return self.assumed[assumption].at(self.period)

    def quality(self, assumption: str) -> str:
        """How good an assumption is, in its word."""
        return self.assumed[assumption].quality or RED

    def partner(self, partner: str) -> str:
        """A partner's name."""
        return str(self.partners["name"].get(partner, partner))

    def service(self, service: str) -> str:
        """A service's name."""
        return str(self.services["name"].get(service, service)) if len(self.services) else service

    def real(self, amount: float, year: str, base: str = "") -> float:
        """An amount in the page's year's prices."""
        return in_prices_of(base or self.year, amount, year, self.deflator)

    @cached_property
    def row(self) -> Mapping[str, Any]:
        """The year's line of the summary; empty where no budget was sent."""
        rows = self.of("summary")
        return dict(rows.iloc[0]) if len(rows) else {}

    @property
    def budget(self) -> float:
        """E of the year."""
        return float(self.row["e_r"] + self.row["e_n"])

    @property
    def funding(self) -> float:
        """F of the year, reserves left out."""
        return float(self.row["f_r"] + self.row["f_n"])

    @property
    def expected(self) -> float:
        """What the year came to, or is expected to come to; nan where nobody said."""
        outturn = self.row.get("outturn", float("nan"))
        return float(outturn if not pd.isna(outturn) else self.row.get("forecast", float("nan")))

    @property
    def expected_word(self) -> str:
        """`outturn` or `forecast`."""
        return "outturn" if not pd.isna(self.row.get("outturn", float("nan"))) else "forecast"

    @property
    def set_aside_budget(self) -> float:
        """The budget set aside for hospital care."""
        rows = self.of("budgets")
        return float(rows.loc[rows["scope"] == "set_aside", ["recurring", "non_recurring"]].sum().sum())

    @property
    def gap_by_partner(self) -> pd.Series:
        """The recurring gap by partner: where the services are, or for a pool in proportion to contributions."""
        if self.model == "pooled_fund":
            return self.row["gap_r"] * self.brought / self.brought.sum()
        rows = self.of("by_partner").set_index("partner")
        return rows["e_r"] - rows["f_r"]

    @property
    def offered(self) -> list[str]:
        """Partners whose funding of the year is only offered."""
        rows = self.of("brought")
        return sorted(rows.loc[rows["standing"] == "offered", "partner"].unique())

    @cached_property
    def brought(self) -> pd.Series:
        """What each partner brings in the year, recurring and one-off, largest first."""
        return self.of("brought").groupby("partner")["amount"].sum().sort_values(ascending=False, kind="stable")

    @cached_property
    def savings(self) -> pd.DataFrame:
        """The year's savings with what each is expected to bring."""
        rows = self.of("savings")
        return rows.assign(expected=expected_savings(rows))

    @cached_property
    def agreed(self) -> pd.DataFrame:
        """By partner, when it agreed and how many days after 31 March, latest last."""
        rows = agreed_on(self.result.tables["funding"])
        rows = rows[(rows["year"] == self.year) & (rows["partner"].isin(self.partners.index))]
        rows = rows[~rows["partner"].map(self.partners["sector"]).eq("government")]
        due = date(self.start, 3, 31)
        rows = rows.assign(late=[(date.fromisoformat(day) - due).days for day in rows["dated"]])
        return rows.sort_values(["dated", "partner"])

    @cached_property
    def bridge(self) -> pd.DataFrame:
        """The year's roll-forward: partner, service, step, amount; empty for the first year."""
        return self.of("bridge")

    @cached_property
    def central(self) -> pd.DataFrame:
        """The plan from this year, all scenarios."""
        rows = self.result.tables["plan"]
        return rows[rows["from_year"] == self.year]

    @cached_property
    def next_year(self) -> Mapping[str, Any]:
        """The central plan's first year; empty where nothing is known of it."""
        rows = self.central
        rows = rows[(rows["scenario"] == "central") & (rows["year"] == self.back(-1))]
        return dict(rows.iloc[0]) if len(rows) else {}

    @cached_property
    def tested(self) -> pd.DataFrame:
        """Each service's budget beside three years of outturn in the budget's prices, and its rating.

        Columns service, budget, mean, latest (in the budget's prices), mean_cash, short (mean − budget), rating;
        services without three years are left out.
        """
        rows = self.result.tables["in_budget"]
        now = self.of("in_budget").groupby("service")[["recurring", "non_recurring"]].sum().sum(axis=1)
        past = [self.back(n) for n in (3, 2, 1)]
        wide = rows[rows["year"].isin(past)].pivot_table(
            index="service", columns="year", values="outturn", aggfunc=lambda s: s.sum(min_count=1)
        )
        wide = wide.reindex(columns=past).dropna()
        known = wide.index.intersection(now.index)
        real = pd.DataFrame({y: [self.real(a, y) for a in wide.loc[known, y]] for y in past}, index=known)
        found = pd.DataFrame(
            {
                "budget": now[known],
                "mean": real.mean(axis=1),
                "mean_cash": wide.loc[known].mean(axis=1),
                "latest": real[past[-1]],
            }
        )
        found["short"] = found["mean"] - found["budget"]
        found["rating"] = [self.rated(s, b) for s, b in zip(found["short"], found["budget"], strict=True)]
        return found.rename_axis("service").reset_index()

    def rated(self, short: float, of: float) -> str:
        """Green where nothing is short, amber within the margin, else red."""
        if short <= HALF_PENNY:
            return GREEN
        return AMBER if short <= self.value("budget_test_margin") * abs(of) else RED

    @cached_property
    def three_years(self) -> pd.DataFrame:
        """A break-even body's own limit less its net spending, by year: plan and forecast of the year, outturn before.

        Only where a government's funding says what the limit is. Net spending is all it spends, less what it received
        from the other partners, plus what it passed to them. Columns partner, year, limit, plan (outturn of years that
        are over), result (the forecast instead of the plan) and kind.
        """
        funding = self.result.tables["funding"]
        sector = funding["partner"].map(self.partners["sector"])
        limits = funding[(sector == "government") & (funding["status"] == "agreed")]
        found = []
        for partner, rows in limits.groupby("to_partner"):
            if self.partners["regime"].get(partner) != "break_even":
                continue
            limit = rows.groupby("year")["amount"].sum()
            for year in [self.back(n) for n in (2, 1, 0)]:
                if year not in limit:
                    break
                passed = self._passed(str(partner), year)
                spent = self.result.tables["budgets"]
                spent = spent[(spent["partner"] == partner) & (spent["year"] == year)]
                kind, spending = self._spending(str(partner), year, spent)
                result = limit[year] - spending - passed
                budget = float(spent[["recurring", "non_recurring"]].sum().sum())
                plan = result if kind == "outturn" else limit[year] - budget - passed
                found.append((partner, year, limit[year], plan, result, kind))
        columns = ["partner", "year", "limit", "plan", "result", "kind"]
        return pd.DataFrame(found, columns=columns)

    def _passed(self, partner: str, year: str) -> float:
        """What a partner passed to others less what it received from them."""
        rows = self.of("funding", year)
        rows = rows[(rows["status"] == "agreed") & (rows["kind"] != "reserves")]
        rows = rows[rows["partner"].map(self.partners["sector"]) != "government"]
        out = rows[(rows["partner"] == partner) & ~rows["to_partner"].isin(["", partner])]["amount"].sum()
        into = rows[(rows["to_partner"] == partner) & (rows["partner"] != partner)]["amount"].sum()
        return float(out - into)

    def _spending(self, partner: str, year: str, spent: pd.DataFrame) -> tuple[str, float]:
        """What it spent: outturn, else the forecast, with budgets where nothing is forecast."""
        if spent["outturn"].notna().any():
            return "outturn", float(spent["outturn"].sum())
        rows = self.of("forecasts", year)
        rows = rows[rows["partner"] == partner]
        if rows.empty:
            return "plan", float(spent[["recurring", "non_recurring"]].sum().sum())
        rest = spent[~spent["service"].isin(rows["service"]) | ~spent["scope"].isin(["delegated", "hosted"])]
        return "forecast", float(rows["forecast"].sum() + rest[["recurring", "non_recurring"]].sum().sum())

    @cached_property
    def as_break_even(self) -> pd.DataFrame:
        """Three years of the integrated budget as if it had to break even: year, limit (F) and limit less spending."""
        rows = self.result.tables["summary"]
        rows = rows[rows["year"].isin([self.back(n) for n in (2, 1, 0)])].sort_values("year")
        spent = rows["outturn"].fillna(rows["forecast"]).fillna(rows["e_r"] + rows["e_n"])
        limit = rows["f_r"] + rows["f_n"]
        return pd.DataFrame({"year": rows["year"], "limit": limit, "left": limit - spent})

    @cached_property
    def used(self) -> pd.DataFrame:
        """Set-aside of the latest year with bed days, up to the page's."""
        rows = self.result.tables["use"]
        rows = rows[rows["year"] <= self.year] if len(rows) else rows
        return rows[rows["year"] == rows["year"].max()] if len(rows) else rows

    @cached_property
    def release(self) -> dict[str, Any]:
        """What the fall tried out among the assumptions releases, at the unit cost of the specialty most used."""
        most = self.used.sort_values("bed_days", ascending=False).iloc[0] if len(self.used) else None
        older = self.used[self.used["specialty"].str.contains("eriatric")] if len(self.used) else self.used
        if most is None:
            return {}
        chosen = older.iloc[0] if len(older) else most
        unit, fall = float(chosen["unit_cost"]), self.value("set_aside_fall")
        ward = self.value("ward_beds") * 365 * self.value("ward_occupancy")
        share = self.value("set_aside_variable_share")
        step = min(self.value("ward_step_share"), 1 - share) * ward * unit  # no day releases more than it costs
        falls = sorted({fall, ward, 2 * ward})
        return {
            "specialty": chosen["specialty"],
            "fall": fall,
            "unit": unit,
            "claim": fall * unit,
            "cash": released(fall, unit, share, ward, step),
            "ward": ward,
            "steps": [(days, int(days // ward), released(days, unit, share, ward, step)) for days in falls],
        }

    @cached_property
    def hosted(self) -> pd.DataFrame:
        """Services hosted for several: service, host, budget, what is expected, and how far over."""
        rows = self.of("in_budget")
        rows = rows[(rows["scope"] == "hosted")]
        found = []
        for service, lines in rows.groupby("service", sort=False):
            budget = float(lines[["recurring", "non_recurring"]].sum().sum())
            spent = self.spent_on(lines)
            found.append((service, str(lines["host"].iloc[0]), budget, spent, spent - budget))
        return pd.DataFrame(found, columns=["service", "host", "budget", "expected", "over"])

    def spent_on(self, lines: pd.DataFrame) -> float:
        """Outturn of budget lines, else managers' forecast of their services, else nan."""
        if lines["outturn"].notna().any():
            return float(lines["outturn"].sum())
        rows = self.of("forecasts", str(lines["year"].iloc[0])).merge(
            lines[["partner", "service"]].drop_duplicates(), on=["partner", "service"]
        )
        return float(rows["forecast"].sum()) if len(rows) else float("nan")

    def shares(self, service: str) -> pd.Series:
        """Each area's share of the use of a hosted service in the year."""
        rows = self.of("shares")
        rows = rows[(rows["kind"] == "hosted_service") & (rows["name"] == service)]
        return rows.set_index("area")["share"].sort_values(ascending=False)

    @cached_property
    def quanta(self) -> pd.DataFrame:
        """What partners of a lead agency pass to each other: from, to, year, recurring, one_off, and spending on it."""
        rows = self.result.tables["brought"]
        rows = rows[(rows["to_partner"] != "") & (rows["to_partner"] != rows["partner"]) & (rows["year"] <= self.year)]
        if rows.empty:
            return pd.DataFrame(columns=["from", "to", "year", "recurring", "one_off", "total", "spent", "kind"])
        wide = rows.pivot_table(
            index=["partner", "to_partner", "year"], columns="recurrence", values="amount", aggfunc="sum"
        )
        wide = wide.reindex(columns=["recurring", "non_recurring"]).fillna(0.0).reset_index()
        wide.columns = pd.Index(["from", "to", "year", "recurring", "one_off"])
        wide["total"] = wide["recurring"] + wide["one_off"]
        hosted = self.result.tables["in_budget"]
        spent, kind = [], []
        for to, year in zip(wide["to"], wide["year"], strict=True):
            lines = hosted[(hosted["host"] == to) & (hosted["partner"] == to) & (hosted["year"] == year)]
            spent.append(self.spent_on(lines) if len(lines) else float("nan"))
            kind.append("outturn" if lines["outturn"].notna().any() else "forecast")
        return wide.assign(spent=spent, kind=kind)

    @cached_property
    def returned(self) -> pd.DataFrame:
        """Returns of the page's year up to its day, and of the year before."""
        rows = self.result.tables["returns"]
        kept = [
            name == self.year or one.year == self.start - 1 or (one.year == self.start and one.last <= self.period.last)
            for name, one in ((name, Period.parse(name)) for name in rows["period"])
        ]
        return rows[kept].sort_values(["period", "table", "partner"]).reset_index(drop=True)

    def says(self, name: str) -> bool:
        """Whether the sentence, table or figure of that name has something to say here."""
        there = {
            "balance": lambda: self.row and self.row["funded"],
            "enough": lambda: self.row and self.row["funded"],
            "gap": lambda: (
                self.row and self.row["funded"] and max(abs(self.row["gap_r"]), abs(self.row["gap"])) > HALF_PENNY
            ),
            "tests": lambda: self.row,
            "setting": lambda: self.row and self.row["funded"],
            "real_terms": lambda: self.row,
            "categories": lambda: self.row,
            "care_groups": lambda: self.row,
            "running_cost": lambda: self.row,
            "returned": lambda: len(self.returned),
            "offers": lambda: len(self.of("funding")),
            "agreed": lambda: len(self.agreed),
            "savings": lambda: len(self.savings),
            "services": lambda: len(self.tested),
            "three_years": lambda: len(self.three_years) == 3,
            "bridge": lambda: (self.bridge["step"].eq("opening") & self.bridge["amount"].ne(0)).any(),
            "by_service": lambda: (self.bridge["step"].eq("opening") & self.bridge["amount"].ne(0)).any(),
            "revised": lambda: self.of("changes")["period"].ne("").any(),
            "contributions": lambda: self.row and self.brought.sum() > 0,
            "resources": lambda: self.row and self.brought.sum() > 0,
            "quantum": lambda: len(self.quanta),
            "hosts": lambda: (self.quanta["year"] == self.year).any(),
            "set_aside": lambda: self.set_aside_budget and len(self.used),
            "release": lambda: len(self.used),
            "hosted": lambda: len(self.hosted),
            "localities": lambda: self.of("in_budget")["locality"].ne("").any(),
            "plan": lambda: self.row,
            "ahead": lambda: len(self.central),
            "next_year": lambda: self.next_year,
            "statement": lambda: self.next_year,
            "outlook": lambda: self.result.tables["outlook"]["from_year"].eq(self.year).any(),
            "published": lambda: len(self.result.tables["published"]),
            "demography": lambda: not self.row and len(self.result.tables["published"]),
            "people": lambda: len(self.result.tables["people"]),
        }
        return name not in there or bool(there[name]())

    @property
    def main_quantum(self) -> pd.DataFrame:
        """The larger of the sums that are passed, by year."""
        rows = self.quanta
        if rows.empty:
            return rows
        sizes = rows.groupby(["from", "to"])["total"].sum()
        first, second = sizes.idxmax()
        return rows[(rows["from"] == first) & (rows["to"] == second)].sort_values("year")

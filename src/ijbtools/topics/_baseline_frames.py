"""The baseline for all partnerships at once: what is budgeted, brought, forecast and left, by year and partner."""

from collections.abc import Mapping

import pandas as pd

from ijbtools.finance.years import Period, year_name
from ijbtools.topics.result import Result

HALF_PENNY = 0.005
BRIDGE = ["partnership", "partner", "service", "step", "amount", "year"]
_WHERE = ["partnership", "year"]
_WHO = ["partnership", "year", "partner"]
_LINE = ["partnership", "year", "partner", "service"]


def sent(result: Result, table: str) -> bool:
    """Whether the partnership has sent rows of the table, up to the year of the page."""
    frame = result.tables[table]
    if "partnership" in frame and result.partnership:
        frame = frame[frame["partnership"] == result.partnership]
    if "year" in frame and result.period and table != "population":
        frame = frame[frame["year"] <= result.period.financial_year]
    return not frame.empty


def in_budget(budgets: pd.DataFrame) -> pd.DataFrame:
    """Rows of the integrated budget: delegated and hosted services."""
    return budgets[budgets["scope"].isin(["delegated", "hosted"])]


def of_services_in_budget(changes: pd.DataFrame, budgets: pd.DataFrame) -> pd.DataFrame:
    """Changes, without those of services that a partner only ever has set aside or retained."""
    keys = ["partnership", "partner", "service"]
    outside = budgets[["scope", *keys]].drop_duplicates()
    inside = in_budget(outside)[keys].drop_duplicates()
    only_outside = outside[keys].drop_duplicates().merge(inside, on=keys, how="left", indicator=True)
    only_outside = only_outside[only_outside["_merge"] == "left_only"][keys]
    kept = changes.merge(only_outside, on=keys, how="left", indicator=True)
    return kept[kept["_merge"] == "left_only"].drop(columns="_merge").reset_index(drop=True)


def forecasts(spending: pd.DataFrame, budgets: pd.DataFrame) -> pd.DataFrame:
    """Managers' latest forecast of each line of the budget: forecast, its one-off part, and the month it was made.

    A line that its partner has not forecast with the others is taken at its budget.
    """
    rows = spending[spending["forecast"].notna()]
    periods = {month: Period.parse(month) for month in rows["month"].unique()}
    rows = rows.assign(year=rows["month"].map({month: one.financial_year for month, one in periods.items()}))
    rows = rows.merge(budgets[_LINE].drop_duplicates(), on=_LINE)
    rows = rows[rows["month"] == rows.groupby(_WHO)["month"].transform("max")]
    made = rows.assign(forecast_one_off=rows["forecast_one_off"].fillna(0.0))
    made = made.groupby([*_LINE, "month"], as_index=False)[["forecast", "forecast_one_off"]].sum()
    lines = budgets.groupby(_LINE, as_index=False)[["recurring", "non_recurring"]].sum()
    lines = lines.merge(made[[*_WHO, "month"]].drop_duplicates(), on=_WHO)
    lines = lines.merge(made.drop(columns="month"), on=_LINE, how="left")
    lines["forecast_one_off"] = lines["forecast_one_off"].where(lines["forecast"].notna(), lines["non_recurring"])
    lines["forecast"] = lines["forecast"].fillna(lines["recurring"] + lines["non_recurring"])
    return lines[[*_LINE, "month", "forecast", "forecast_one_off"]]


def by_partner(
    budgets: pd.DataFrame, funded: pd.DataFrame, forecast: pd.DataFrame, savings: pd.DataFrame
) -> pd.DataFrame:
    """One row a partnership, year and partner: what it spends (E), the money for it (F), and how its year turned out.

    Money is with the partner that brings it; in a lead agency with the host that holds it.
    """
    spent = budgets.groupby(_WHO)[["recurring", "non_recurring"]].sum()
    spent.columns = pd.Index(["e_r", "e_n"])
    turned_out = budgets.groupby(_WHO)[["outturn", "outturn_one_off"]].sum(min_count=1)
    expected = forecast.groupby(_WHO)[["forecast", "forecast_one_off"]].sum()
    held = funded.assign(partner=funded["to_partner"].mask(funded["to_partner"] == "", funded["partner"]))
    money = held.pivot_table(index=_WHO, columns="recurrence", values="amount", aggfunc="sum", observed=False)
    money = money.reindex(columns=["recurring", "non_recurring"]).fillna(0.0)
    money.columns = pd.Index(["f_r", "f_n"])
    rows = spent.join([money, turned_out, expected, _savings(savings)], how="outer")
    amounts = ["e_r", "e_n", "f_r", "f_n", "undelivered", "target", "expected", "inherited", "inherited_expected"]
    rows[amounts] = rows[amounts].fillna(0.0)
    # The underlying cost of the year: what it came to, or is expected to come to, without its one-off part.
    actual = rows["outturn"] - rows["outturn_one_off"].fillna(0.0)
    rows["underlying"] = actual.fillna(rows["forecast"] - rows["forecast_one_off"])
    return rows.reset_index()


def expected_savings(savings: pd.DataFrame) -> pd.Series:
    """What each saving brings in its year: the forecast, else what was delivered."""
    return savings["forecast"].fillna(savings["delivered"])


def _savings(savings: pd.DataFrame) -> pd.DataFrame:
    work = savings.assign(expected=expected_savings(savings))
    recurring, inherited = work["recurrence"] == "recurring", work["inherited"] == "yes"
    work["undelivered"] = (work["target"] - work["expected"]).where(recurring, 0.0).clip(lower=0.0)
    work["inherited_expected"] = work["expected"].where(inherited, 0.0)
    work["inherited"] = work["target"].where(inherited, 0.0)
    columns = ["undelivered", "target", "expected", "inherited", "inherited_expected"]
    return work.groupby(_WHO)[columns].sum()


def summary(partners: pd.DataFrame, funded: pd.DataFrame, funding: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """One row a partnership and year with a budget: E, F, the gap and what hides it.

    gap = (e_r + e_n) − (f_r + f_n);   left = gap − reserves;   hidden = e_r − f_r where left ≤ 0
    next_base = underlying cost of the year, or E_r + savings not delivered where nothing is forecast
    overspend_recurring = next_base − e_r − undelivered
    """
    amounts = [c for c in partners if c not in (*_WHO, "outturn", "outturn_one_off", "forecast", "forecast_one_off")]
    rows = partners.groupby(_WHERE)[[c for c in amounts if c != "underlying"]].sum()
    spends = partners[(partners["e_r"] != 0) | (partners["e_n"] != 0)]
    for name in ("outturn", "forecast"):  # known of the whole only where every partner that spends has said it
        every = spends[name].notna().groupby([spends["partnership"], spends["year"]]).all()
        sums = partners.groupby(_WHERE)[[name, f"{name}_one_off"]].sum(min_count=1)
        rows = rows.join(sums[every.reindex(sums.index, fill_value=False)])
    rows = rows[(rows["e_r"] != 0) | (rows["e_n"] != 0)]
    reserves = funding[(funding["kind"] == "reserves") & (funding["status"] == "agreed")]
    rows["reserves"] = reserves.groupby(_WHERE)["amount"].sum().reindex(rows.index).fillna(0.0)
    rows["funded"] = funded.groupby(_WHERE)["amount"].count().reindex(rows.index).fillna(0) > 0
    rows["gap_r"], rows["gap_n"] = rows["e_r"] - rows["f_r"], rows["e_n"] - rows["f_n"]
    rows["gap"] = rows["gap_r"] + rows["gap_n"]
    rows["left"] = rows["gap"] - rows["reserves"]
    rows["hidden"] = rows["gap_r"].where((rows["left"] <= HALF_PENNY) & (rows["gap_r"] > HALF_PENNY), 0.0)
    underlying = rows["outturn"] - rows["outturn_one_off"].fillna(0.0)
    underlying = underlying.fillna(rows["forecast"] - rows["forecast_one_off"])
    rows["next_base"] = underlying.fillna(rows["e_r"] + rows["undelivered"])
    rows["from_underlying"] = underlying.notna()
    rows["overspend_recurring"] = rows["next_base"] - rows["e_r"] - rows["undelivered"]
    steps = changes[(changes["period"] == "") & (changes["recurrence"] == "recurring") & (changes["amount"] > 0)]
    pressures = steps[steps["step"].isin(["full_year_effect", "pay", "price", "demand", "new_commitment"])]
    rows["evidence"] = pressures.groupby(_WHERE)["amount"].sum().reindex(rows.index).fillna(0.0)
    rows = rows.reset_index().astype({"partnership": "str", "year": "str"})
    following = pd.Series([year_name(int(y[:4]) + 1) for y in rows["year"]], index=rows.index, dtype="str")
    before = rows[["partnership", "year", "f_r"]].assign(year=following)
    rows = rows.merge(before, on=_WHERE, how="left", suffixes=("", "_before"))
    rows["uplift_rate"] = rows["f_r"] / rows["f_r_before"] - 1
    rows["evidence_rate"] = rows["evidence"] / rows["f_r_before"]
    return rows


def periods(tables: Mapping[str, pd.DataFrame], partnership: str) -> list[str]:
    """Years and quarters for which a page can be made, oldest first; of the year that still runs only its quarters.

    Where no budget was sent, those from the first published year's end to a year after the last one.
    """
    own = tables["summary"]
    years = set(own.loc[own["partnership"] == partnership, "year"])
    published = tables["published"]
    if not years:
        known = sorted({int(year[:4]) for year in published.loc[published["partnership"] == partnership, "year"]})
        ends = (
            [Period(year, 1, 3 * q) for year in range(known[0], known[-1] + 2) for q in (1, 2, 3, 4)] if known else []
        )
        return [one.name for one in ends if one.year > known[0] or one.months == 12]
    spending = tables["spending"]
    reached = spending[(spending["partnership"] == partnership)]
    reached = reached[reached["actual"].notna() | reached["actual_to_date"].notna()]["month"].max()
    last = Period.parse(reached) if isinstance(reached, str) else None
    found = []
    for year in sorted(years):
        start = int(year[:4])
        quarters = [Period(start, 1, 3 * quarter) for quarter in (1, 2, 3, 4)]
        if last and last.year <= start:
            quarters = [one for one in quarters if last.year == start and one.last <= last.last]
        found += [one.name for one in quarters]
    return found


def agreed_on(funding: pd.DataFrame) -> pd.DataFrame:
    """When each partner agreed its part of the budget: the last day of what it agreed at budget setting."""
    setting = funding[(funding["status"] == "agreed") & ~funding["kind"].isin(["allocation", "overspend_share"])]
    return setting.groupby(_WHO, as_index=False)["dated"].max()

"""What must hold within a table and between tables, beyond what a single cell can say."""

from collections.abc import Callable, Mapping

import pandas as pd

from ijbtools.errors import Problem, nearest
from ijbtools.finance.contributions import brought
from ijbtools.finance.words import exact_pounds
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.tables import DECLARED

_HALF_PENNY = 0.005


def table_rules(name: str, frame: pd.DataFrame, file: str, unread: set[int]) -> list[Problem]:
    """Every problem and warning of one table. `unread` are the rows with a cell that could not be read."""
    whole, frame = frame, frame.drop(index=list(unread))
    problems: list[Problem] = []
    if name in _SHARES:
        shares = whole.assign(share=whole["share"].where(~whole.index.isin(unread)))
        problems += _sum_to_one(shares, frame, _SHARES[name], file)
    if name in _RULES:
        problems += _RULES[name](frame, file)
    if name == "budgets":
        problems += _no_year_missing(whole, file)
    if "price_base" in frame and "year" in frame:
        problems += _one_price_base(frame, file)
    if "locality" in frame:
        key = DECLARED[DECLARED[name].adds_up_to or name].key
        problems += _whole_and_parts(frame, [one for one in key if one != "locality"], file)
    return problems


def across(frames: Mapping[str, pd.DataFrame], files: Mapping[str, str]) -> list[Problem]:
    """What must hold between tables: money that passes through two ledgers is counted once."""
    if not {"budgets", "funding", "partners", "partnerships"} <= set(frames):
        return []
    return _in_both_ledgers(frames, files["budgets"])


_SHARES = {"attribution": ["partnership", "reason"], "shares": ["kind", "name", "year"]}


def _sum_to_one(shares: pd.DataFrame, frame: pd.DataFrame, keys: list[str], file: str) -> list[Problem]:
    problems = []
    sums = shares.groupby(keys)["share"].agg(lambda share: share.sum(skipna=False))
    for values, total in sums[(sums - 1).abs() > 1e-9].items():
        rows = frame[(frame[keys] == pd.Series(list(values), index=keys)).all(axis=1)].index
        of, within = (values[1], values[0]) if len(keys) == 2 else values[1:]
        found = f"shares of {of} in {within} that sum to {total:.10g}"
        if len(rows):
            problems.append(Problem(file, found, "shares that sum to 1", row=int(rows[-1]), column="share"))
    return problems


def _savings(frame: pd.DataFrame, file: str) -> list[Problem]:
    """A target is above 0; more delivered than the target is flagged."""
    expected = "an amount above 0: what the saving is to bring in"
    problems = [
        Problem(file, exact_pounds(amount), expected, row=int(row), column="target")
        for row, amount in _amounts(frame, "target")
        if amount <= 0
    ]
    for column in ("delivered", "forecast"):
        over = frame[frame[column] > frame["target"] + _HALF_PENNY]
        for row, amount, target in zip(over.index, over[column], over["target"], strict=True):
            found = f"{exact_pounds(amount)}, more than the target of {exact_pounds(target)}"
            expected = "at most the target; if it is right, the target is out of date"
            problems.append(Problem(file, found, expected, row=int(row), column=column, warning=True))
    return problems


_SIGNS = {
    "saving": (-1, "0 or less: a saving lowers the budget"),
    "transfer_out": (-1, "0 or less: a transfer out lowers the budget"),
    "transfer_in": (1, "0 or more: a transfer in raises the budget"),
}


def _changes(frame: pd.DataFrame, file: str) -> list[Problem]:
    """Savings and transfers have the sign in which they move the budget; virements move money and make none."""
    problems = []
    for step, (sign, expected) in _SIGNS.items():
        for row, amount in _amounts(frame[frame["step"] == step], "amount"):
            if amount * sign < 0:
                found = f"a {step.replace('_', ' ')} of {exact_pounds(amount)}"
                problems.append(Problem(file, found, expected, row=int(row), column="amount"))
    keys = ["partnership", "year", "period"]
    virements = frame[frame["step"] == "virement"]
    for (partnership, year, period), moved in virements.groupby(keys)["amount"]:
        if abs(moved.sum()) > _HALF_PENNY:
            found = f"virements of {partnership} in {period or year} that sum to {exact_pounds(moved.sum())}"
            expected, last = "virements that sum to nothing", int(str(moved.index[-1]))
            problems.append(Problem(file, found, expected, row=last, column="amount", warning=True))
    return problems


def _no_year_missing(frame: pd.DataFrame, file: str) -> list[Problem]:
    """A partner's years follow each other without a gap."""
    problems = []
    for (partnership, partner), rows in frame[frame["year"] != ""].groupby(["partnership", "partner"]):
        known = sorted({int(year[:4]) for year in rows["year"]})
        for year in sorted(set(range(known[0], known[-1])) - set(known)):
            before = max(one for one in known if one < year)
            last = int(str(rows.index[rows["year"] == year_name(before)][-1]))
            found = f"no rows of {partner} ({partnership}) in {year_name(year)}"
            expected = f"every year from {year_name(known[0])} to {year_name(known[-1])}"
            problems.append(Problem(file, found, expected, row=last, column="year"))
    return problems


def _scheme_flows(frame: pd.DataFrame, file: str) -> list[Problem]:
    """A range holds its central value, years run forward, and a scheme's money is in the prices of one year."""
    problems = []
    for row, amount, low, high in zip(frame.index, frame["amount"], frame["low"], frame["high"], strict=True):
        if low > amount + _HALF_PENNY or high < amount - _HALF_PENNY:
            found = f"{exact_pounds(amount)} outside its range of {exact_pounds(low)} to {exact_pounds(high)}"
            expected = "a range that holds the amount itself"
            problems.append(Problem(file, found, expected, row=int(row), column="amount"))
    problems += _not_negative(frame, ("amount",), file)
    backwards = frame[(frame["last_year"] < frame["first_year"]) & (frame["last_year"] != "")]
    for row, first, last in zip(backwards.index, backwards["first_year"], backwards["last_year"], strict=True):
        expected = "a last year no earlier than the first"
        problems.append(Problem(file, f"from {first} to {last}", expected, row=int(row), column="last_year"))
    for (partnership, scheme), bases in frame.groupby(["partnership", "scheme"])["price_base"]:
        if bases.nunique() > 1:
            named = " and ".join(sorted(base or "no year named" for base in bases.unique()))
            other = bases[bases != bases.iloc[0]]
            found = f"{scheme} ({partnership}) in prices of {named}"
            expected = "prices of one year for the whole scheme"
            problems.append(Problem(file, found, expected, row=int(str(other.index[0])), column="price_base"))
    return problems


def _not_negative(frame: pd.DataFrame, columns: tuple[str, ...], file: str) -> list[Problem]:
    return [
        Problem(file, f"{value:g}", "0 or more", row=row, column=column)
        for column in columns
        for row, value in _amounts(frame, column)
        if value < 0
    ]


def _scheme_effects(frame: pd.DataFrame, file: str) -> list[Problem]:
    """An effect from a comparison is already net of what would have happened anyway."""
    twice = frame[(frame["effect_basis"] == "net") & (frame["deadweight"] > 0)]
    expected = "0 for a net effect, which already leaves out what would have happened anyway"
    return _not_negative(frame, ("population", "unit_cost", "lag_months", "ramp_years"), file) + [
        Problem(file, f"a deadweight of {share:g} on a net effect", expected, row=int(row), column="deadweight")
        for row, share in zip(twice.index, twice["deadweight"], strict=True)
    ]


def _returns(frame: pd.DataFrame, file: str) -> list[Problem]:
    """A return is of a table that there is."""
    unknown = frame[~frame["table"].isin(list(DECLARED))]
    return [
        Problem(
            file, repr(name), "a table of the dictionary", row=int(row), column="table", nearest=nearest(name, DECLARED)
        )
        for row, name in zip(unknown.index, unknown["table"], strict=True)
    ]


def _one_price_base(frame: pd.DataFrame, file: str) -> list[Problem]:
    """Amounts of one partnership and year are in the prices of one year."""
    if (frame["price_base"] == "").all():
        return []
    base = frame["price_base"].mask(frame["price_base"] == "", frame["year"])
    problems = []
    for (partnership, year), bases in base.groupby([frame["partnership"], frame["year"]]):
        if bases.nunique() > 1:
            other = bases[bases != bases.iloc[0]]
            found = f"{partnership} {year} in prices of {' and '.join(sorted(bases.unique()))}"
            expected = "prices of one year, best the cash of the year itself"
            problems.append(Problem(file, found, expected, row=int(str(other.index[0])), column="price_base"))
    return problems


def _in_both_ledgers(frames: Mapping[str, pd.DataFrame], file: str) -> list[Problem]:
    """The same amount for the same service in two ledgers, where the budgets exceed the money by just that."""
    budgets = frames["budgets"]
    inside = budgets[budgets["scope"].isin(["delegated", "hosted"])].reset_index(names="row")
    inside = inside.assign(amount=inside["recurring"] + inside["non_recurring"])
    line = ["partnership", "year", "service", "partner"]
    sums = inside.groupby(line, as_index=False).agg(amount=("amount", "sum"), row=("row", "min")).sort_values("row")
    keys = ["partnership", "year"]
    money = brought(frames["funding"], frames["partners"], frames["partnerships"]).groupby(keys)["amount"].sum()
    kept = frames["funding"]
    kept = kept[(kept["kind"] == "reserves") & (kept["status"] == "agreed")].groupby(keys)["amount"].sum()
    excess = (sums.groupby(keys)["amount"].sum() - money.add(kept, fill_value=0.0)).dropna()
    same = ["partnership", "year", "service", "amount"]
    twice = sums[(sums["amount"] > 0) & sums.duplicated(same, keep="first")]
    first = sums.drop_duplicates(same).set_index(same)["row"]
    problems = []
    for one in twice.itertuples(index=False):
        if abs(excess.get((one.partnership, one.year), 0.0) - one.amount) <= _HALF_PENNY:
            earlier = first.loc[(one.partnership, one.year, one.service, one.amount)]
            found = (
                f"{exact_pounds(one.amount)} for {one.service} in {one.year}, as in row {earlier}; the budgets exceed "
                "the funding by just that"
            )
            expected = "money that passes through two ledgers counted once, where it is spent"
            problems.append(Problem(file, found, expected, row=int(one.row), column="recurring"))
    return problems


def _amounts(frame: pd.DataFrame, column: str) -> list[tuple[int, float]]:
    return [(int(str(row)), float(amount)) for row, amount in frame[column].items()]


def _counted_twice(frame: pd.DataFrame, file: str) -> list[Problem]:
    """A quarter and one of its own months must not both be there: the days would count twice."""
    keys = ["partnership", "age_group", "reason"]
    periods = frame["period"].drop_duplicates()
    parsed = {name: Period.parse(name) for name in periods if name}
    quarter_of = {name: f"{period.financial_year} Q{period.quarter}" for name, period in parsed.items()}
    months = [name for name, period in parsed.items() if period.months == 1]
    if len(months) in (0, len(parsed)):
        return []
    monthly = frame["period"].isin(months)
    work = frame.assign(_quarter=frame["period"].map(quarter_of), _row=frame.index)
    both = work[monthly].merge(work[~monthly], on=[*keys, "_quarter"], suffixes=("", "_whole"))
    same = (both["locality"] == both["locality_whole"]) | (both["locality"] == "") | (both["locality_whole"] == "")
    both = both[same].drop_duplicates("_row")
    return [
        Problem(
            file,
            f"the month {month} and its quarter {quarter} (row {whole})",
            "months or the quarter, not both",
            row=int(row),
            column="period",
        )
        for row, month, quarter, whole in zip(
            both["_row"], both["period"], both["_quarter"], both["_row_whole"], strict=True
        )
    ]


def _whole_and_parts(frame: pd.DataFrame, keys: list[str], file: str) -> list[Problem]:
    """A row for all of the partnership and rows for its localities must not both be there."""
    if (frame["locality"] == "").all():
        return []
    whole = frame[frame["locality"] == ""].reset_index()
    parts = frame[frame["locality"] != ""].drop_duplicates(keys)
    both = whole.merge(parts[keys], on=keys)
    expected = "a row for the whole or rows for its localities, not both"
    return [Problem(file, "an empty cell", expected, row=int(row), column="locality") for row in both["row"]]


_RULES: dict[str, Callable[[pd.DataFrame, str], list[Problem]]] = {
    "savings": _savings,
    "changes": _changes,
    "returns": _returns,
    "scheme_flows": _scheme_flows,
    "scheme_effects": _scheme_effects,
    "delays": _counted_twice,
    "episodes": _counted_twice,
}

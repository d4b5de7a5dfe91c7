"""The latest complete quarter: what counts as complete, and what a run with the period auto makes of it."""

import sys
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools import cli
from ijbtools import vocabulary as words
from ijbtools.errors import NothingDue
from ijbtools.finance.years import Period
from ijbtools.inputs import read
from ijbtools.publish.many import publish_all
from ijbtools.publish.periods import Waiting, delays_to, last_over, latest, spending_to
from ijbtools.publish.plans import read_plan, read_plans
from ijbtools.topics._shunting_days import days_to_date

TODAY = date(2026, 11, 22)
NO_RETURNS = pd.DataFrame(columns=["partnership", "partner", "table", "ledger_to"])


@pytest.mark.parametrize(
    ("today", "name"),
    [
        (date(2026, 6, 30), "2025/26"),  # the quarter's last day is not over on that day
        (date(2026, 7, 1), "2026/27 Q1"),
        (date(2026, 9, 30), "2026/27 Q1"),
        (date(2026, 10, 1), "2026/27 Q2"),
        (date(2027, 1, 1), "2026/27 Q3"),
        (date(2027, 3, 31), "2026/27 Q3"),
        (date(2027, 4, 1), "2026/27"),  # the fourth quarter is the year
        (date(2028, 2, 29), "2027/28 Q3"),
    ],
)
def test_the_last_quarter_that_is_over(today, name):
    """A quarter is over on the day after its last one; it is the year to its end, and the fourth is the year."""
    period = last_over(today)
    assert (period.name, period.first) == (name, 1)


def delays(*names, partnership="fife"):
    """Delays with a row in each of these months or quarters."""
    return pd.DataFrame({"partnership": partnership, "period": list(names)})


def names(ends):
    """The names of the quarters of each partnership, in order."""
    return {partnership: [one.name for one in sorted(found)] for partnership, found in ends.items()}


def test_delays_are_complete_where_every_month_of_the_year_was_counted():
    """A quarter counts as its three months do; after a gap nothing more of that year is complete."""
    assert names(delays_to(delays("2024/25 Q1", "2024-07", "2024-08", "2024-09"))) == {
        "fife": ["2024/25 Q1", "2024/25 Q2"]
    }
    assert names(delays_to(delays("2024/25 Q1", "2024-07", "2024-09", "2024/25 Q3"))) == {"fife": ["2024/25 Q1"]}
    assert names(delays_to(delays("2016/17 Q2", "2016/17 Q3"))) == {"fife": []}  # it begins within a year
    assert names(delays_to(delays())) == {}


_MONTHS = st.sampled_from([f"2024-{month:02d}" for month in range(4, 13)] + ["2025-01", "2025-02", "2025-03"])
_QUARTERS = st.sampled_from(["2023/24 Q4", "2024/25 Q1", "2024/25 Q2", "2024/25 Q3", "2024/25 Q4", "2025/26 Q1"])


@settings(deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(["fife", "angus"]), _MONTHS | _QUARTERS), min_size=1))
def test_complete_is_what_the_page_means_by_it(rows):
    """The quarters that are complete are those for which the topic has days to date."""
    frame = pd.DataFrame(rows, columns=["partnership", "period"])
    frame = frame.assign(reason=next(iter(words.REASONS)), age_group=next(iter(words.DELAY_AGE_GROUPS)), bed_days=1)
    shown = days_to_date(frame, pd.DataFrame())[["partnership", "period"]].drop_duplicates()
    expected = {(whose, name) for whose, name in shown.itertuples(index=False, name=None)}
    # The fourth quarter is the year, in both.
    assert {(whose, one) for whose, found in names(delays_to(frame)).items() for one in found} == expected


def spending(partner, first, last, **columns):
    """A partner's rows of spending from one month to another of 2026, each month alone."""
    months = [f"2026-{month:02d}" for month in range(first, last + 1)]
    row = {"partnership": "strathorran", "partner": partner, "actual": 1.0, "actual_to_date": float("nan")} | columns
    return pd.DataFrame([row | {"month": month} for month in months])


def test_spending_is_complete_where_every_partner_sent_every_month():
    """The slowest partner says how far; a month that is missing ends the year; a row without an amount is no month."""
    board, council = spending("nhs", 4, 9), spending("council", 4, 8)
    assert names(spending_to(board, NO_RETURNS)) == {"strathorran": ["2026/27 Q1", "2026/27 Q2"]}
    assert names(spending_to(pd.concat([board, council]), NO_RETURNS)) == {"strathorran": ["2026/27 Q1"]}
    gap = board[board["month"] != "2026-05"]
    assert names(spending_to(gap, NO_RETURNS)) == {"strathorran": []}
    budgeted = pd.concat([board, spending("council", 4, 9, actual=float("nan"))])
    assert names(spending_to(budgeted, NO_RETURNS)) == {"strathorran": []}


def test_the_year_to_date_covers_the_months_before():
    """A ledger that sends the year to September alone is complete to September."""
    to_date = spending("council", 9, 9, actual=float("nan"), actual_to_date=6.0)
    assert names(spending_to(to_date, NO_RETURNS)) == {"strathorran": ["2026/27 Q1", "2026/27 Q2"]}


def test_a_partner_who_left_holds_up_nobody_and_one_who_is_late_does():
    """A partner last seen two years ago does not count; one of the year before does, who has sent nothing yet."""
    board = spending("nhs", 4, 6)
    for month, complete in (("2024-06", ["2026/27 Q1"]), ("2025-06", [])):
        other = spending("council", 4, 4).assign(month=month)
        assert names(spending_to(pd.concat([board, other]), NO_RETURNS))["strathorran"] == complete


@pytest.mark.parametrize(
    ("ledger_to", "complete"), [("2026-06-30", True), ("2026-06-25", True), ("2026-06-01", True), ("2026-05-31", False)]
)
def test_a_ledger_reaches_into_the_last_month(ledger_to, complete):
    """Ledgers close on different days: a day of the quarter's last month in it, or a later one, is enough."""
    line = {"partnership": "strathorran", "partner": "nhs", "table": "spending", "ledger_to": ledger_to}
    returns = pd.DataFrame([line | {"ledger_to": "2026-04-30"}, line, line | {"table": "delays", "ledger_to": ""}])
    found = names(spending_to(spending("nhs", 4, 6), returns))
    assert found == {"strathorran": ["2026/27 Q1"] if complete else []}


def test_every_dated_table_counts():
    """With delays to September and spending to June it is June; where they have no quarter in common it waits."""
    both = {"delays": delays("2026/27 Q1", "2026/27 Q2", partnership="strathorran"), "spending": spending("nhs", 4, 6)}
    assert latest(both, ["strathorran"], TODAY)["strathorran"] == Period(2026, 1, 3)
    both["delays"] = delays("2025/26 Q1", partnership="strathorran")
    waiting = latest(both, ["strathorran"], TODAY)["strathorran"]
    assert waiting == Waiting("strathorran", "no quarter that is over is complete in delays and spending")


@pytest.mark.parametrize(
    ("years", "name"),
    [
        ([], "2026/27 Q2"),
        (["2025/26", "2026/27"], "2026/27 Q2"),
        (["2023/24", "2024/25"], "2024/25"),
        (["2025/26", "2027/28"], "2025/26"),  # next year's has not begun
        (["2027/28"], "2026/27 Q2"),
    ],
)
def test_without_dated_tables_the_budgets_count(years, name):
    """The last year of the budgets that is over, or the last quarter of the one that runs; else of all."""
    budgets = pd.DataFrame({"partnership": "fife", "year": years})
    assert latest({"budgets": budgets}, ["fife"], TODAY)["fife"].name == name


def test_the_samples(root):
    """Real partnerships have delays to 2025/26 Q1; the invented ones everything to 2026/27 Q2, once that is over."""
    scotland = read(root / "data" / "sample" / "scotland", ("partnerships", "delays"))
    whose = list(scotland["partnerships"]["partnership"])
    assert set(latest(scotland, whose, TODAY).values()) == {Period(2025, 1, 3)}
    plan = root / "params" / "plans" / "invented.yaml"
    for today, name in ((TODAY, "2026/27 Q2"), (date(2026, 9, 30), "2026/27 Q1"), (date(2026, 4, 1), "2025/26")):
        planned = read_plan(plan, periods=("auto",), today=today)
        assert [job.parameters["period"] for job in planned.jobs] == [name] * 9  # three notebooks, one period
        assert (planned.auto, planned.waiting) == (True, ())


def test_a_plan_may_say_auto(space):
    """The word auto in a plan is the period of each partnership; beside a period that is named it adds one."""
    text = space.plan.read_text("utf-8")
    space.plan.write_text(text.replace("2024/25", "auto"), "utf-8")
    assert [job.parameters["period"] for job in read_plan(space.plan).jobs] == ["2025/26 Q1"]
    space.plan.write_text(text.replace("2024/25", "[2024/25, auto, 2025/26 Q1]"), "utf-8")
    assert [job.parameters["period"] for job in read_plan(space.plan).jobs] == ["2024/25", "2025/26 Q1"]
    assert not read_plan(space.plan, periods=("2024/25",)).auto


def test_tables_that_cannot_be_read_are_for_the_check(space, monkeypatch, capsys):
    """With a table that is wrong the whole list of problems comes, as for any other period."""
    with (space.home / "data" / "delays.csv").open("a", encoding="utf-8") as more:
        more.write("orkney-islands,2025/26 Q9,75+,awi,many\n")
    monkeypatch.setattr(sys, "argv", ["ijb", "publish", str(space.plan), "--period", "auto"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert "delays.csv, row 9218, column bed_days: found 'many'" in capsys.readouterr().err
    assert space.pages_are_good()


def quarter(space, name):
    """Delays of a further quarter come in: as many as in the same quarter a year before, for everybody."""
    file = space.home / "data" / "delays.csv"
    lines = file.read_text("utf-8").splitlines()
    before = Period.parse(name).earlier().name
    more = [line.replace(before, name) for line in lines if f",{before}," in line]
    assert more
    file.write_text("\n".join([*lines, *more]) + "\n", "utf-8", newline="\n")


def publish(space, today):
    """A run with the period auto on that day: each page with how it ended, or what is said where nothing is due."""
    try:
        run = publish_all(read_plans([space.plan], periods=("auto",), today=today))
    except NothingDue as nothing:
        return str(nothing)
    return {one.job.parameters["period"]: one.how for one in run.outcomes}


def test_a_missed_quarter_is_caught_up(space):
    """A quarter that came in while nothing ran is made at the next start, with its page; then nothing is due."""
    assert publish(space, date(2025, 7, 30)) == {"2025/26 Q1": "published"}
    assert publish(space, date(2025, 10, 30)).startswith("Nothing is due: the page of 2025/26 Q1 for 1 partnership is")
    quarter(space, "2025/26 Q2")
    assert publish(space, date(2025, 9, 30)) == {"2025/26 Q1": "published"}  # not over yet; the table has changed
    assert publish(space, date(2026, 1, 15)) == {"2025/26 Q2": "published"}
    assert (space.out / "orkney-islands" / "2025-26-q2" / "shunting.html").exists()
    assert "to 30 September 2025" in (space.out / "index.html").read_text("utf-8").replace("\u00a0", " ")
    said = publish(space, date(2026, 1, 16))
    assert said == "Nothing is due: the page of 2025/26 Q2 for 1 partnership is as published."
    assert (space.out / "orkney-islands" / "2025-26-q1" / "shunting.html").exists()  # the quarter before stays


def test_nothing_due_is_one_line_and_5(space, monkeypatch, capsys):
    """With the period auto and nothing due the command prints one line and leaves with 5; else with 0."""
    call = ["ijb", "publish", str(space.plan), "--period"]
    codes, said = [], []
    for period in ("2024/25", "auto", "auto", "2024/25"):
        monkeypatch.setattr(sys, "argv", [*call, period])
        before = (space.out / "run.html").read_bytes()
        with pytest.raises(SystemExit) as left:
            cli.main()
        codes.append(left.value.code)
        said.append(capsys.readouterr())
        # A start that had nothing to do leaves the summary of the last run as it is.
        assert ((space.out / "run.html").read_bytes() == before) is (left.value.code == 5)
    assert codes == [0, 0, 5, 0]
    assert said[2].out == "Nothing is due: the page of 2025/26 Q1 for 1 partnership is as published.\n"
    assert said[2].err == ""
    assert "1 page unchanged." in said[3].out


def test_a_partnership_that_waits_stops_nobody(space):
    """Where one partnership has no complete quarter the others are published, and it is said who waits."""
    text = space.plan.read_text("utf-8")
    space.plan.write_text(text.replace("[orkney-islands]", "[orkney-islands, fife]"), "utf-8")
    file = space.home / "data" / "delays.csv"
    lines = [one for one in file.read_text("utf-8").splitlines() if not one.startswith("fife,") or ",2016/17 " in one]
    file.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    assert publish(space, TODAY) == {"2025/26 Q1": "published"}
    said = publish(space, TODAY)
    assert said.startswith("Nothing is due: the page of 2025/26 Q1 for 1 partnership is as published")
    assert said.endswith("; 1 partnership has no complete quarter.")

"""Suppression: hand-worked cases, and that nothing of few people can be worked out of all that is shown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.errors import InputRefused
from ijbtools.inputs import load, read
from ijbtools.inputs.disclosure import DISCLOSURE, USUAL, Disclosure, person_level, suppressed
from ijbtools.vocabulary import DELAY_AGE_GROUPS, NOT_SHOWN, REASONS

steady = settings(deadline=None, derandomize=True, max_examples=30)

WAITS, LAW, OTHER, FAMILY = REASONS
AGES = tuple(DELAY_AGE_GROUPS)
QUARTERS = tuple(f"2025/26 Q{q}" for q in (1, 2, 3, 4))


def of(people, periods=QUARTERS, days=7, age=None, place="norland", locality=""):
    """A row for each period and reason: as many people as `people` has, each with so many days."""
    rows = [
        (place, period, age or one, reason, count * days, count, locality)
        for period, counts in zip(periods, people, strict=False)
        for reason, each in zip(REASONS, counts, strict=True)
        for one, count in zip(AGES, each if isinstance(each, tuple) else (each, each), strict=True)
        if not age or one == age
    ]
    columns = ["partnership", "period", "age_group", "reason", "bed_days", "people", "locality"]
    return pd.DataFrame(rows, columns=columns).astype({"people": float})


def kinds(log):
    """Each hidden reason with its kind."""
    return dict(log.loc[log["what"] == "reason", ["word", "kind"]].itertuples(index=False, name=None))


def days(frame):
    """Days by period and reason."""
    return frame.groupby(["period", "reason"])["bed_days"].sum().to_dict()


# Worked by hand


def test_one_small_reason_takes_the_next_smallest_along():
    """Four people in one quarter hide their reason all year, and with it the reason of next fewest people then."""
    people = [(30, 9, 6, 5), (30, 9, 2, 5), (30, 3, 6, 5), (30, 9, 6, 5)]  # of each age: 4 in all in Q2
    safe, log = suppressed(of(people))
    # Q2: other 4 < 5; waits 60, law 18, family 10: family goes along. Q3: law is 6 people, no fewer than 5.
    assert kinds(log) == {OTHER: "primary", FAMILY: "secondary"}
    assert set(safe["reason"]) == {WAITS, LAW, NOT_SHOWN}
    assert days(safe)["2025/26 Q2", NOT_SHOWN] == (4 + 10) * 7
    assert days(safe)["2025/26 Q1", NOT_SHOWN] == (12 + 10) * 7
    assert days(safe)["2025/26 Q3", LAW] == 6 * 7
    assert safe["people"].isna().all()


def test_two_small_reasons_that_are_enough_together_take_no_other():
    """Two reasons of 3 people each are 6 together, so that none need go along; 2 and 2 are too few and take one."""
    three, two = (1, 2), (1, 1)  # people by age
    assert kinds(suppressed(of([(9, 9, three, three)]))[1]) == {OTHER: "primary", FAMILY: "primary"}
    log = suppressed(of([((9, 9), (8, 8), two, two)]))[1]
    assert kinds(log) == {OTHER: "primary", FAMILY: "primary", LAW: "secondary"}


def test_one_more_is_looked_for_in_every_quarter():
    """Two hidden reasons that have too few people in a later quarter take one more along; nobody in one is nothing."""
    people = [(30, 9, 2, 5), (30, 9, 2, 0), (30, 9, 0, 0), (30, 9, 6, 5)]
    log = suppressed(of(people))[1]
    assert kinds(log) == {OTHER: "primary", FAMILY: "secondary", LAW: "secondary"}


def test_what_an_earlier_page_hid_stays_hidden():
    """What goes along is chosen quarter by quarter, so a later quarter never gives away what an earlier page hid."""
    people = [(30, 9, 2, 5), (30, 4, 6, 50)]  # by the year's people, law (26) would go along and not family (110)
    assert kinds(suppressed(of(people[:1]))[1]) == {OTHER: "primary", FAMILY: "secondary"}
    assert kinds(suppressed(of(people))[1]) == {OTHER: "primary", FAMILY: "secondary"}


def test_nothing_small_hides_nothing():
    """Reasons of the threshold and of nobody are shown; people and localities are taken out all the same."""
    frame = of([(5, 3, 0, 6)] * 4)
    mixed = pd.concat([frame.assign(locality="north"), frame.assign(locality="south")], ignore_index=True)
    safe, log = suppressed(mixed)
    assert log.empty
    assert days(safe) == {key: 2 * value for key, value in days(frame).items()}
    assert set(safe["locality"]) == {""}
    assert safe["people"].isna().all()
    assert not safe.duplicated(["period", "age_group", "reason"]).any()


def test_localities_are_counted_together():
    """Three people in each of two localities are six: no page shows them apart."""
    frame = of([(9, 9, (1, 2), 9)])
    both = pd.concat([frame.assign(locality="north"), frame.assign(locality="south")], ignore_index=True)
    assert suppressed(both)[1].empty
    assert kinds(suppressed(frame)[1]) == {OTHER: "primary", WAITS: "secondary"}


def test_months_are_not_added_up():
    """Three people in each month of a quarter may be three, and five in one month are five."""
    months = ("2025-04", "2025-05", "2025-06")
    three = [((9, 9), (9, 9), (1, 2), (8, 8))] * 3
    assert kinds(suppressed(of(three, months))[1]) == {OTHER: "primary", FAMILY: "secondary"}
    five = [*three[:2], ((9, 9), (9, 9), (2, 3), (8, 8))]
    assert suppressed(of(five, months))[1].empty


def test_a_quarter_that_is_not_whole_decides_nothing():
    """Of two months no page is made: they hide nothing, nor does a quarter before which one is missing."""
    small = [(9, 9, 1, 9)] * 2
    assert suppressed(of(small, ("2025-04", "2025-05")))[1].empty
    assert suppressed(of(small, QUARTERS[2:]))[1].empty
    assert len(suppressed(of(small))[1]) == 2


def test_an_age_group_of_few_people_leaves_the_split_out():
    """Four people aged 18 to 74 in a quarter leave no split by age in that year; the year before keeps its own."""
    year = of([((1, 9), (1, 9), (1, 9), (1, 9))] * 4)
    before = of([(9, 9, 9, 9)] * 4, [name.replace("2025/26", "2024/25") for name in QUARTERS])
    safe, log = suppressed(pd.concat([before, year], ignore_index=True))
    assert log[["what", "year", "kind"]].to_numpy().tolist() == [["age_group", "2025/26", "primary"]]
    assert set(safe.loc[safe["period"].isin(QUARTERS), "age_group"]) == {NOT_SHOWN}
    assert set(safe.loc[~safe["period"].isin(QUARTERS), "age_group"]) == {*AGES}
    assert days(safe) == days(pd.concat([before, year]))


def test_a_year_of_few_people_is_left_out():
    """Four people in all in a quarter leave the year out, and no other partnership's."""
    mine = of([(1, 1, 0, 0), (9, 9, 9, 9)])
    theirs = of([(9, 9, 9, 9)], place="ardmoral")
    safe, log = suppressed(pd.concat([mine, theirs], ignore_index=True))
    assert log.drop(columns="fewer_than").to_numpy().tolist() == [["norland", "2025/26", "all", "", "primary"]]
    assert set(safe["partnership"]) == {"ardmoral"}
    assert suppressed(mine)[0].empty


def test_published_figures_beside_ones_own_stay():
    """Rows without people, as published, stay as they are beside a year with people; declared, all are of persons."""
    public = of([(1, 1, 1, 1)] * 4, place="ardmoral").assign(people=float("nan"))
    frame = pd.concat([public, of([(9, 9, 2, 9)] * 4)], ignore_index=True)
    assert person_level(frame).tolist() == [False] * len(public) + [True] * (len(frame) - len(public))
    safe, log = suppressed(frame)
    assert set(log["partnership"]) == {"norland"}
    pd.testing.assert_frame_equal(safe.iloc[: len(public)], public)
    assert suppressed(public)[0] is public
    assert "ardmoral" in set(suppressed(public, declared=True)[1]["partnership"])


def test_people_that_are_not_given_are_as_few_as_the_days_allow():
    """Without a count, 450 days of a quarter of 91 days are of five people at least, and 360 may be of four."""
    frame = of([(90, 90, 90, 90)], days=7, age="75+")
    assert suppressed(frame.assign(people=float("nan")), declared=True)[1].empty
    for total, few in ((360, True), (450, False)):
        own = frame["bed_days"].where(frame["reason"] != OTHER, total)
        log = suppressed(frame.assign(bed_days=own, people=float("nan")), declared=True)[1]
        assert (OTHER in set(log["word"])) == few
    nobody = frame.assign(people=frame["people"].where(frame["reason"] != OTHER, 0))  # days of nobody are somebody's
    assert kinds(suppressed(nobody)[1])[OTHER] == "primary"


@pytest.mark.parametrize("threshold", [0, 1])
def test_the_threshold_can_be_turned_off(threshold):
    """At 0 and 1 nothing is hidden, and the table is the same."""
    frame = of([(9, 9, 1, 9)])
    safe, log = suppressed(frame, threshold)
    assert safe is frame
    assert log.empty


def test_a_higher_threshold_hides_more():
    """Below ten, nine people are few."""
    frame = of([(30, 30, (4, 5), 30)])
    assert suppressed(frame, 5)[1].empty
    assert kinds(suppressed(frame, 10)[1]) == {OTHER: "primary", WAITS: "secondary"}


# All that is shown


counts = st.one_of(st.integers(0, 6), st.integers(0, 40))
tables = st.lists(st.lists(st.tuples(counts, counts), min_size=4, max_size=4), min_size=1, max_size=4)


def shown_of(frame, threshold):
    """What the pages of a frame show: for each quarter to date rows over the cells (quarter, reason, age), and sums.

    The total, each reason of the safe frame, and each age group where there are any.
    """
    safe, log = suppressed(frame, threshold)
    if (log["what"] == "all").any():
        assert safe.empty
        return []
    hidden = set(log.loc[log["what"] == "reason", "word"])
    last = frame["period"].nunique()
    found = []
    for to in range(1, last + 1):
        until = safe[safe["period"].isin(QUARTERS[:to])]
        inside = np.zeros((4, len(REASONS), len(AGES)))
        inside[:to] = 1
        found.append((inside, until["bed_days"].sum()))
        for label, rows in until.groupby("reason"):
            own = inside.copy()
            for at, reason in enumerate(REASONS):
                own[:, at] *= (NOT_SHOWN if reason in hidden else reason) == label
            found.append((own, rows["bed_days"].sum()))
        for age, rows in until[until["age_group"] != NOT_SHOWN].groupby("age_group"):
            own = inside.copy()
            own[:, :, [at for at, one in enumerate(AGES) if one != age]] = 0
            found.append((own, rows["bed_days"].sum()))
    return found


def few_of(people, threshold):
    """The cells of few people that a page could show: by quarter, in all, by reason and by age group."""
    for quarter in range(len(people)):
        for at in [
            (slice(None), slice(None)),
            *((r, slice(None)) for r in range(4)),
            *((slice(None), a) for a in (0, 1)),
        ]:
            cell = np.zeros(people.shape)
            cell[(quarter, *at)] = 1
            if 0 < (people * cell).sum() < threshold:
                yield cell


@steady
@given(people=tables, threshold=st.integers(2, 7))
def test_no_cell_of_few_people_can_be_worked_out(people, threshold):
    """No sum of anything on the pages of every quarter, each made when its quarter was the last, is such a cell."""
    true_days = np.zeros((4, len(REASONS), len(AGES)))
    whole = np.zeros_like(true_days)
    for quarter, by_reason in enumerate(people):
        whole[quarter] = by_reason
        true_days[quarter] = whole[quarter] * 7
    shown = [one for last in range(1, len(people) + 1) for one in shown_of(of(people[:last]), threshold)]
    for row, total in shown:
        assert (row * true_days).sum() == total
    if not shown:
        return
    matrix = np.array([row.ravel() for row, _ in shown])
    rank = np.linalg.matrix_rank(matrix)
    for cell in few_of(whole, threshold):
        assert np.linalg.matrix_rank(np.vstack([matrix, cell.ravel()])) > rank


@steady
@given(people=tables, threshold=st.integers(2, 7))
def test_what_is_hidden_together_is_enough(people, threshold):
    """Two reasons at least are hidden, with nobody or enough people in each quarter; totals and the rest are as given.

    Nothing is hidden without need: some reason hidden is of few people.
    """
    frame = of(people)
    safe, log = suppressed(frame, threshold)
    if (log["what"] == "all").any():
        assert safe.empty
        return
    hidden = set(log.loc[log["what"] == "reason", "word"])
    assert len(hidden) != 1
    by_reason = frame.pivot_table(index="period", columns="reason", values="people", aggfunc="sum")
    together = by_reason[list(hidden)].sum(axis=1)
    assert ((together == 0) | (together >= threshold)).all()
    if hidden:
        few = (by_reason[list(hidden)] > 0) & (by_reason[list(hidden)] < threshold)
        assert few.any().any()
        assert set(few.columns[few.any()]) == {word for word, kind in kinds(log).items() if kind == "primary"}
    assert safe.groupby("period")["bed_days"].sum().to_dict() == frame.groupby("period")["bed_days"].sum().to_dict()
    given_days, left = days(frame), days(safe)
    assert {key: value for key, value in left.items() if key[1] != NOT_SHOWN} == {
        key: value for key, value in given_days.items() if key[1] not in hidden
    }
    if not (log["what"] == "age_group").any():
        by_age = [one.groupby(["period", "age_group"])["bed_days"].sum().to_dict() for one in (frame, safe)]
        assert by_age[0] == by_age[1]


@steady
@given(people=tables, seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(people, seed):
    """The same is hidden, whatever the order of the rows."""
    frame = of(people)
    order = list(frame.index)
    seed.shuffle(order)
    (one, log), (two, log_too) = suppressed(frame), suppressed(frame.loc[order])
    pd.testing.assert_frame_equal(log, log_too)
    assert days(one) == days(two)


# What a plan says


def test_what_a_plan_says_survives_an_environment():
    """Threshold and exemptions come back as they were; nothing said is five people and no exemption."""
    said = Disclosure(10, {"delays": "published by Public Health Scotland, “suppressed”"})
    assert Disclosure.of(said.text) == said
    assert Disclosure.of("") == USUAL == Disclosure(5, {})


@pytest.mark.parametrize("text", ["5", "[]", "{}", '{"suppress_below": "many", "exempt": {}}', "x"])
def test_another_environment_is_refused(text):
    """An environment that we did not write is refused by the variable's name."""
    with pytest.raises(InputRefused, match=DISCLOSURE):
        Disclosure.of(text)


def test_load_hides_by_itself(root, tmp_path, monkeypatch):
    """A notebook on its own hides below five; what `ijb` sets says otherwise, and the reading is left as it was."""
    (tmp_path / "params").mkdir()
    (tmp_path / "data").mkdir()
    for name in ("partnerships", "partners"):
        text = (root / "data" / "sample" / "scotland" / f"{name}.csv").read_text("utf-8").splitlines()
        kept = [line for line in text if line.startswith(("partnership", "orkney-islands"))]
        (tmp_path / "data" / f"{name}.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    frame = of([(9, 9, 2, 9)] * 4, place="orkney-islands")
    frame.astype({"people": int}).to_csv(tmp_path / "data" / "delays.csv", index=False)
    monkeypatch.setenv("IJB_WORKSPACE", str(tmp_path))
    monkeypatch.delenv(DISCLOSURE, raising=False)
    tables, _ = load("data", ("partnerships", "partners", "delays"))
    assert NOT_SHOWN in set(tables["delays"]["reason"])
    assert set(tables["suppressed"]["word"]) == {WAITS, OTHER}
    assert tables.digests.keys() == {"data/delays.csv", "data/partners.csv", "data/partnerships.csv"}
    monkeypatch.setenv(DISCLOSURE, Disclosure(0).text)
    assert "suppressed" in load("data", ("delays",))[0] and load("data", ("delays",))[0]["suppressed"].empty
    monkeypatch.setenv(DISCLOSURE, Disclosure(5, {"delays": "mine"}).text)
    exempted = load("data", ("delays",))[0]
    assert exempted["exempted"].to_numpy().tolist() == [["delays", "mine"]]
    pd.testing.assert_frame_equal(exempted["delays"], read(tmp_path / "data")["delays"])

"""Who decides, who bears: a change in cost taken apart, and what moves between partners."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.finance.flows import moves, split, taken_apart

steady = settings(deadline=None, derandomize=True)

PARTNERS = ["NHS", "council", "provider", "people", "trust"]
SUMS = ["system", "gross", "shunted", "waste", "gain", "imposed"]
# Amounts in pennies up to £10 million, so that sums of doubles are right to far less than a penny.
AMOUNTS = st.lists(st.integers(-(10**9), 10**9).map(lambda pennies: pennies / 100), min_size=1, max_size=5)
CHANGES = AMOUNTS.map(lambda amounts: pd.Series(amounts, index=PARTNERS[: len(amounts)]))
CLOSE = 1e-4  # pounds


def rows(mechanism: str, decides: str, amounts: dict[str, float]) -> pd.DataFrame:
    """One mechanism as rows."""
    return pd.DataFrame(
        {"mechanism": mechanism, "decides": decides, "partner": list(amounts), "amount": list(amounts.values())}
    )


def added(moved: pd.DataFrame) -> dict[tuple[str, str], float]:
    """The matrices of several mechanisms added up."""
    return moved.groupby(["from_partner", "to_partner"])["amount"].sum().to_dict()


def test_discharge_done_badly():
    """Early discharge that ends in long-term care saves a trust £4.032m, costs a council £5.760m: £1.728m lost."""
    # 1,200 people: 8 days × £420 = 3,360 saved in hospital; 2,400 short-term + 5% × 48,000 = 4,800 of care
    found = split(pd.Series({"trust": -1_200 * 3_360, "council": 1_200 * 4_800}), decider="trust")
    assert (found.system, found.waste, found.gain) == (1_728_000, 1_728_000, 0)
    assert found.gross == 4_032_000 + 5_760_000
    assert found.shunted == 4_032_000  # (9,792,000 − 1,728,000) / 2, all that was gained
    assert found.imposed == 5_760_000
    assert found.flag == "perverse"
    assert found.matrix.loc["trust", "council"] == 4_032_000


def test_discharge_done_well():
    """Early discharge that keeps people at home gains a trust £4.032m, costs a council £0.576m: £3.456m saved."""
    # 2,400 short-term − 4% × 48,000 = 480 of care for each of 1,200 people
    found = split(pd.Series({"trust": -1_200 * 3_360, "council": 1_200 * 480}), decider="trust")
    assert (found.system, found.waste, found.gain) == (-3_456_000, 0, 3_456_000)
    assert (found.shunted, found.imposed, found.flag) == (576_000, 576_000, "unsettled_gain")


def test_host_that_decides_and_bears_shunts_nothing():
    """A lead agency that decides on 21,900 delayed days bears their £13,536,828 itself, and nothing is shunted."""
    # 21,900 × £618.12
    found = split(pd.Series({"host": 21_900 * 618.12, "council": 0.0}), decider="host")
    assert found.waste == pytest.approx(13_536_828, abs=0.005)
    assert (found.shunted, found.imposed, found.flag) == (0, 0, "none")
    assert (found.matrix == 0).all(axis=None)


def test_delay_in_hospital_across_scotland():
    """Delay in 2024/25 cost hospitals £340,904,334.60 more than places in nursing homes would have cost."""
    # 720,119 days (Public Health Scotland) × £618.12 and £144.72 a day (Accounts Commission, January 2026)
    found = split(pd.Series({"hospitals": 720_119 * 618.12, "care": -720_119 * 144.72}))
    assert found.waste == pytest.approx(445_119_956.28 - 104_215_621.68, abs=0.005)
    assert found.waste == pytest.approx(340_904_334.60, abs=0.005)
    assert found.shunted == pytest.approx(104_215_621.68, abs=0.005)


def test_matrix_shares_by_gain_and_by_loss():
    """Each gainer's gain moves to the losers in proportion to their losses, and no further than the smaller side."""
    found = split(pd.Series({"a": -60.0, "b": -20.0, "c": 30.0, "d": 10.0, "e": 0.0}), decider="e")
    # gains 80, losses 40: 40 moves, 3/4 of it from a and 3/4 of it to c
    expected = pd.DataFrame(0.0, index=list("abcde"), columns=list("abcde"))
    expected.loc["a", ["c", "d"]] = [40 * 3 / 4 * 3 / 4, 40 * 3 / 4 * 1 / 4]
    expected.loc["b", ["c", "d"]] = [40 * 1 / 4 * 3 / 4, 40 * 1 / 4 * 1 / 4]
    pd.testing.assert_frame_equal(found.matrix, expected, check_names=False, rtol=1e-12)
    assert (found.matrix.index.name, found.matrix.columns.name) == ("gained", "lost")


@steady
@given(CHANGES)
def test_identities(change):
    """Gross is at least the system's change, waste less gain is the system's change, and twice shunted is the rest."""
    found = split(change, decider=change.index[0])
    assert found.system == pytest.approx(change.sum(), abs=CLOSE)
    assert found.gross >= abs(found.system)
    assert found.waste - found.gain == found.system
    assert min(found.waste, found.gain) == 0
    gains, losses = -change[change < 0].sum(), change[change > 0].sum()
    assert found.shunted == pytest.approx(min(gains, losses), abs=CLOSE)
    assert found.imposed == pytest.approx(change.iloc[1:].clip(lower=0).sum(), abs=CLOSE)


@steady
@given(CHANGES)
def test_matrix_margins(change):
    """The matrix sums to what was shunted, its rows by share of the gain and its columns by share of the loss."""
    found = split(change)
    gained, lost = (-change).clip(lower=0), change.clip(lower=0)
    shares_of_gain = gained / max(gained.sum(), 0.01)  # an amount is a penny at least, or nothing
    shares_of_loss = lost / max(lost.sum(), 0.01)
    assert found.matrix.to_numpy().sum() == pytest.approx(found.shunted, abs=CLOSE)
    np.testing.assert_allclose(found.matrix.sum(axis=1), found.shunted * shares_of_gain, rtol=0, atol=CLOSE)
    np.testing.assert_allclose(found.matrix.sum(axis=0), found.shunted * shares_of_loss, rtol=0, atol=CLOSE)
    assert (found.matrix >= 0).all(axis=None)


@steady
@given(CHANGES, st.sampled_from([0.01, 2.0, 1000.0]))
def test_scale(change, factor):
    """Counting in another unit multiplies every amount by it and leaves the flag."""
    found, scaled = split(change, change.index[0]), split(change * factor, change.index[0])
    assert scaled.flag == found.flag
    for name in SUMS:
        assert getattr(scaled, name) == pytest.approx(factor * getattr(found, name), abs=CLOSE * factor)
    np.testing.assert_allclose(scaled.matrix, factor * found.matrix, rtol=0, atol=CLOSE * factor)


@steady
@given(CHANGES)
def test_turning_a_change_round(change):
    """The change undone moves the same amounts the other way: the matrix is transposed, waste and gain swap."""
    found, undone = split(change), split(-change)
    np.testing.assert_allclose(undone.matrix, found.matrix.T, rtol=0, atol=CLOSE)
    assert (undone.system, undone.waste, undone.gain) == (-found.system, found.gain, found.waste)
    assert (undone.gross, undone.shunted) == (found.gross, found.shunted)


@pytest.mark.parametrize(
    ("own", "other", "third", "flag"),
    [
        (-100, 150, 0, "perverse"),  # gains 100 while all together lose 50
        (0, 100, 0, "indifferent"),  # costs another 100 and feels nothing
        (50, -100, 0, "blocked"),  # loses 50 where all together would gain 50
        (-100, 40, 0, "unsettled_gain"),  # all together gain 60 but somebody bears 40
        (0, 40, -100, "indifferent"),  # before unsettled_gain, which holds too
        (10, 40, -100, "blocked"),  # before unsettled_gain, which holds too
        (-100, 100, 0, "none"),  # moves all and wastes nothing
        (100, 50, 0, "none"),  # bears most of its own decision
        (-100, -50, 0, "none"),  # everybody gains
        (0, -100, 0, "none"),
        (0, 0, 0, "none"),
        (100, -100, 0, "none"),
    ],
)
def test_flags(own, other, third, flag):
    """The flag follows from who decides and who bears, and the first that holds is the one shown."""
    change = pd.Series({"decider": own, "other": other, "third": third}, dtype=float)
    assert split(change, decider="decider").flag == flag


def test_dust_of_doubles_raises_no_flag():
    """A sum that is nothing but binary dust counts as 0."""
    found = split(pd.Series({"a": -0.3, "b": 0.1, "c": 0.2}), decider="a")  # 0.1 + 0.2 − 0.3 = 5.6e-17 in doubles
    assert (found.system, found.flag) == (0, "none")


def test_no_decider():
    """Without a decider nothing is called imposed and no flag is raised."""
    found = split(pd.Series({"a": -100.0, "b": 150.0}))
    assert math.isnan(found.imposed)
    assert (found.flag, found.shunted) == ("none", 100)


def test_decider_that_is_no_partner():
    """A decider outside the partners, such as the law, bears nothing of its own and imposes all that is borne."""
    sums = taken_apart(rows("incapacity", "law", {"NHS": 100.0, "council": -20.0}), ["mechanism"]).iloc[0]
    assert (sums["own"], sums["imposed"], sums["flag"]) == (0, 100, "indifferent")


@steady
@given(st.lists(CHANGES, min_size=1, max_size=5))
def test_many_mechanisms_equal_each(changes):
    """Mechanisms taken apart together give what each gives alone."""
    table = pd.concat([rows(f"m{i}", change.index[-1], change.to_dict()) for i, change in enumerate(changes)])
    sums = taken_apart(table, ["mechanism", "decides"]).set_index("mechanism")
    moved = moves(table, ["mechanism"])
    assert list(sums.index) == [f"m{i}" for i in range(len(changes))]
    for mechanism, change in zip(sums.index, changes, strict=True):
        alone = split(change, decider=change.index[-1])
        np.testing.assert_allclose(sums.loc[mechanism, SUMS].astype(float), [getattr(alone, name) for name in SUMS])
        assert sums.loc[mechanism, "flag"] == alone.flag
        pairs = moved[moved["mechanism"] == mechanism].set_index(["from_partner", "to_partner"])["amount"]
        stacked = alone.matrix.stack()
        assert pairs.to_dict() == pytest.approx(stacked[stacked > 0].to_dict())


def test_matrices_are_added_and_never_rebuilt():
    """Cost that moves from council to NHS and from NHS to provider never moves from council to provider."""
    table = pd.concat(
        [
            rows("eligibility", "council", {"council": -100.0, "NHS": 100.0}),
            rows("fees", "NHS", {"NHS": -100.0, "provider": 100.0}),
        ]
    )
    assert added(moves(table, ["mechanism"])) == {("council", "NHS"): 100, ("NHS", "provider"): 100}
    # The way that looks right: netted first, NHS drops out and the council seems to have charged the provider.
    netted = split(table.groupby("partner")["amount"].sum())
    assert netted.matrix.loc["council", "provider"] == 100


def test_gross_and_net_over_mechanisms():
    """Mechanisms that shunt 100 and 150 shunt 250 gross and can shunt 0 net."""
    # the first: NHS −100, council +200; the second: NHS +200, council −150; together: +100 and +50, both lose
    table = pd.concat(
        [
            rows("eligibility", "NHS", {"NHS": -100.0, "council": 200.0}),
            rows("discharge", "council", {"NHS": 200.0, "council": -150.0}),
        ]
    )
    assert taken_apart(table, ["mechanism"])["shunted"].tolist() == [100, 150]
    assert split(table.groupby("partner")["amount"].sum()).shunted == 0


def test_by_nothing_is_one_mechanism():
    """Without columns to tell mechanisms apart, all rows are one."""
    table = rows("fees", "NHS", {"NHS": -100.0, "provider": 120.0})
    assert taken_apart(table, [])[["system", "shunted", "flag"]].iloc[0].tolist() == [20, 100, "perverse"]
    assert moves(table, []).iloc[0].to_dict() == {"from_partner": "NHS", "to_partner": "provider", "amount": 100}


@pytest.mark.parametrize(
    ("change", "decider", "message"),
    [
        (pd.Series({"NHS": 1.0, "council": math.nan}), None, r"change: found \[1.0, nan\]; expected a finite amount"),
        (pd.Series({"NHS": 1.0, "council": math.inf}), None, r"change: found \[1.0, inf\]; expected a finite amount"),
        (pd.Series({"NHS": "much"}), None, r"change: found \['much'\]; expected a finite amount"),
        (pd.Series([1.0, 2.0], index=["NHS", "NHS"]), None, r"change: found \['NHS'\] more than once; expected one"),
        (pd.Series(dtype=float), None, "change: found .*; expected a Series with one amount a partner"),
        ([1.0, -1.0], None, r"change: found \[1.0, -1.0\]; expected a Series"),
        (pd.Series({"NHS": 1.0}), "trust", r"decider: found 'trust'; expected one of \['NHS'\]"),
    ],
)
def test_split_refuses(change, decider, message):
    """A missing amount, a partner named twice, no amounts at all and an unknown decider are refused by name."""
    with pytest.raises(ValueError, match=message):
        split(change, decider)

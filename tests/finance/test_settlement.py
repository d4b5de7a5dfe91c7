"""The transfer agreement that leaves nobody worse off: what can be paid, by whom, under which rule."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ijbtools.finance.settlement import RULES, Settlement, settle

steady = settings(deadline=None, derandomize=True)

PARTNERS = ["NHS", "council", "provider", "people", "trust", "hospice", "county", "fund"]
CLOSE = 0.005  # half a penny
PENNIES = st.integers(-5_000_000, 5_000_000).map(lambda pennies: pennies / 100)


@st.composite
def cases(draw, with_cash=None):
    """Nets, the cash in them (no more than each net), weights and a rule, for one to eight partners."""
    count = draw(st.integers(1, len(PARTNERS)))
    index = PARTNERS[:count]
    net = pd.Series(draw(st.lists(PENNIES, min_size=count, max_size=count)), index=index)
    if draw(st.booleans()):  # half of the cases have a gain to share
        net.iloc[-1] = round(net.iloc[-1] + net.abs().sum(), 2)
    weights = pd.Series(draw(st.lists(st.integers(0, 1000), min_size=count, max_size=count)), index=index)
    weights.iloc[0] += 1  # not all of them 0
    cash = None
    if draw(st.booleans()) if with_cash is None else with_cash:
        other = draw(st.lists(st.integers(0, 2_000_000), min_size=count, max_size=count))
        cash = net - pd.Series(other, index=index) / 100
    return {"net": net, "cash": cash, "weights": weights, "rule": draw(st.sampled_from(RULES))}


def shared(case: dict) -> pd.Series:
    """The amounts that are shared: the cash where it is given, otherwise the nets."""
    return case["net"] if case["cash"] is None else case["cash"]


def received(found: Settlement, partners: pd.Index) -> pd.Series:
    """What each partner receives less what it pays."""
    amounts = found.transfers.astype({"amount": float})
    gets = amounts.groupby("to_partner")["amount"].sum().reindex(partners, fill_value=0.0)
    pays = amounts.groupby("from_partner")["amount"].sum().reindex(partners, fill_value=0.0)
    return gets - pays


def pairs(found: Settlement) -> dict[tuple[str, str], float]:
    """The amount of each transfer by who pays and who receives."""
    return found.transfers.set_index(["from_partner", "to_partner"])["amount"].to_dict()


def test_two_in_ten_out():
    """£2m that saves the council £10m: from 2 to 10 can be paid, an equal split is 6 and leaves each 4 better off."""
    # Healthcare Financial Management Association, round table, Birmingham; (10 − 2)/2 = 4 each, 4 + 2 = 6
    found = settle(pd.Series({"hub": -2.0, "council": 10.0}), investor="hub")
    assert (found.feasible, found.least, found.most, found.most_cash) == (True, 2, 10, 10)
    assert pairs(found) == {("council", "hub"): 6}
    assert found.after.to_dict() == {"hub": 4, "council": 4}


def test_only_part_of_the_gain_is_cash():
    """Of the £10m 4 are cash: from 2 to 4 can be paid, and an equal split is 3, not the 6 of all benefits."""
    # (4 − 2)/2 = 1 each in cash, 1 + 2 = 3; on all benefits −2 + 3 = 1 and 10 − 3 = 7
    net, cash = pd.Series({"hub": -2.0, "council": 10.0}), pd.Series({"hub": -2.0, "council": 4.0})
    found = settle(net, investor="hub", cash=cash)
    assert (found.feasible, found.least, found.most, found.most_cash) == (True, 2, 10, 4)
    assert pairs(found) == {("council", "hub"): 3}
    assert found.after.to_dict() == {"hub": 1, "council": 7}
    assert pairs(settle(net, investor="hub"))["council", "hub"] == 6 > found.most_cash


def test_equal_splits_of_present_values():
    """With present values 1.920655, 9.182698 and 3.673079 the equal splits are 5.551676 and 2.796867."""
    # (1.920655 + 9.182698)/2 = 5.5516765; (1.920655 + 3.673079)/2 = 2.796867
    net = pd.Series({"hub": -1.920655, "council": 9.182698})
    cash = pd.Series({"hub": -1.920655, "council": 3.673079})
    everything, payable = settle(net, investor="hub"), settle(net, investor="hub", cash=cash)
    assert pairs(everything)["council", "hub"] == pytest.approx(5.551676, abs=1e-6)
    assert pairs(payable)["council", "hub"] == pytest.approx(2.796867, abs=1e-6)
    assert (payable.least, payable.most, payable.most_cash) == pytest.approx((1.920655, 9.182698, 3.673079))


@pytest.mark.parametrize(
    ("rule", "after", "paid"),
    [
        # the gain of all is 9 + 3 − 6 = 6
        ("equal_split", [2, 2, 2], {("b", "a"): 7, ("c", "a"): 1}),
        ("cost_cover_only", [0, 4.5, 1.5], {("b", "a"): 4.5, ("c", "a"): 1.5}),  # 6 shared 9 to 3
        ("pro_rata", [3, 2, 1], {("b", "a"): 7, ("c", "a"): 2}),  # 6 shared 3, 2, 1
    ],
)
def test_rules_by_hand(rule, after, paid):
    """Each rule shares the same gain in its own way, and weights count under pro_rata alone."""
    weights = pd.Series({"c": 1, "a": 3, "b": 2})  # by name, not by place
    found = settle(pd.Series({"a": -6.0, "b": 9.0, "c": 3.0}), "a", rule, weights)
    assert found.after.to_dict() == pytest.approx(dict(zip("abc", after, strict=True)))
    assert pairs(found) == pytest.approx(paid)
    assert (found.least, found.most) == (6, 12)


def test_two_who_lost_are_made_whole():
    """Without an investor everybody who lost is brought to 0, each payer paying each in proportion to the losses."""
    # losses 4 and 2; gains 9 and 3 pay 6 × 9/12 = 4.5 and 6 × 3/12 = 1.5
    found = settle(pd.Series({"a": -4.0, "b": -2.0, "c": 9.0, "d": 3.0}), rule="cost_cover_only")
    assert (found.least, found.most) == (6, 12)
    assert pairs(found) == pytest.approx({("c", "a"): 3, ("c", "b"): 1.5, ("d", "a"): 1, ("d", "b"): 0.5})
    assert found.after.to_dict() == pytest.approx({"a": 0, "b": 0, "c": 4.5, "d": 1.5})


def test_another_loser_lowers_the_most():
    """What the others can pay an investor is what they have together, after the loss of one of them."""
    found = settle(pd.Series({"a": -2.0, "b": 10.0, "c": -3.0}), investor="a", rule="cost_cover_only")
    assert (found.least, found.most) == (2, 7)
    assert pairs(found) == pytest.approx({("b", "a"): 2, ("b", "c"): 3})


def test_investor_that_gains_has_nothing_to_ask_for():
    """An investor that gains has a least below 0, which it could pay, and covering cost moves nothing."""
    found = settle(pd.Series({"a": 1.0, "b": 3.0}), investor="a", rule="cost_cover_only")
    assert (found.feasible, found.least, found.most, pairs(found)) == (True, -1, 3, {})
    assert pairs(settle(pd.Series({"a": 3.0, "b": 1.0}), investor="a")) == {("a", "b"): 1}


@pytest.mark.parametrize("rule", RULES)
def test_what_is_lost_by_all_is_not_feasible(rule):
    """Where all together lose nothing is moved, under any rule."""
    net = pd.Series({"hub": -10.0, "council": 9.99})
    found = settle(net, "hub", rule, weights=pd.Series({"hub": 1, "council": 1}))
    assert (found.feasible, found.least, found.most) == (False, 10, 9.99)
    assert found.transfers.empty
    assert list(found.transfers.columns) == ["from_partner", "to_partner", "amount"]
    assert found.after.to_dict() == net.to_dict()


@pytest.mark.parametrize("rule", RULES)
def test_cash_smaller_than_the_loss_is_not_feasible(rule):
    """A gain of 10 of which 1 is cash cannot pay for a cost of 2, though all benefits would."""
    net, cash = pd.Series({"hub": -2.0, "council": 10.0}), pd.Series({"hub": -2.0, "council": 1.0})
    weights = pd.Series({"hub": 1, "council": 1})
    found = settle(net, "hub", rule, weights, cash)
    assert (found.feasible, found.least, found.most, found.most_cash) == (False, 2, 10, 1)
    assert found.transfers.empty
    assert found.after.to_dict() == net.to_dict()
    assert settle(net, "hub", rule, weights).feasible


def test_exactly_enough_is_feasible():
    """Where gains just cover the losses all end at 0, also where doubles fall short by dust."""
    for rule in ["cost_cover_only", "equal_split"]:
        found = settle(pd.Series({"a": -14.8, "b": 9.0, "c": 5.8}), rule=rule)  # comes to −8.9e-16 in doubles
        assert found.feasible
        assert pairs(found) == pytest.approx({("b", "a"): 9.0, ("c", "a"): 5.8})
        assert found.after.to_dict() == pytest.approx({"a": 0, "b": 0, "c": 0}, abs=1e-12)


def test_dust_is_not_paid():
    """A partner that stands where the rule puts it, but for dust of doubles, pays nothing."""
    found = settle(pd.Series({"a": -2.0, "b": 10.0, "c": 4.000000000000002}))
    assert pairs(found) == pytest.approx({("b", "a"): 6})


def test_one_partner_pays_nobody():
    """A partner alone has nobody to pay and keeps what it has."""
    for amount in [5.0, 0.0, -5.0]:
        found = settle(pd.Series({"NHS": amount}))
        assert (found.feasible, pairs(found), found.after["NHS"]) == (amount >= 0, {}, amount)


def test_weight_0_leaves_nothing():
    """A partner of weight 0 ends at 0 on what is shared: it pays all of its gain, or is only made whole."""
    net = pd.Series({"a": -6.0, "b": 9.0, "c": 3.0})
    found = settle(net, rule="pro_rata", weights=pd.Series({"a": 0, "b": 1, "c": 0}))
    assert found.after.to_dict() == pytest.approx({"a": 0, "b": 6, "c": 0})
    assert pairs(found) == pytest.approx({("b", "a"): 3, ("c", "a"): 3})


@steady
@given(cases())
def test_transfers_tie_to_the_change_of_each_net(case):
    """What a partner receives less what it pays is the change of its net; all paid is all received."""
    found = settle(**case)
    moved = received(found, case["net"].index)
    np.testing.assert_allclose(moved, found.after - case["net"], rtol=0, atol=CLOSE)
    assert moved.sum() == pytest.approx(0, abs=CLOSE)


@steady
@given(cases())
def test_transfers_make_no_money(case):
    """The nets after the transfers sum to the nets before."""
    assert settle(**case).after.sum() == pytest.approx(case["net"].sum(), abs=CLOSE)


@steady
@given(cases())
def test_nobody_is_worse_off(case):
    """Where it is feasible nobody ends below 0, neither on what is shared nor on all benefits; else nothing moves."""
    found = settle(**case)
    assert found.feasible == (round(shared(case).sum(), 2) >= 0)
    if found.feasible:
        on_shared = shared(case) + (found.after - case["net"])
        assert (on_shared >= -CLOSE).all()
        assert (found.after >= -CLOSE).all()
    else:
        assert found.transfers.empty
        assert found.after.tolist() == case["net"].tolist()


@steady
@given(cases())
def test_transfers_are_real_payments(case):
    """Every transfer is above 0, each pair is there once, and nobody both pays and receives."""
    transfers = settle(**case).transfers
    assert (transfers["amount"] > 0).all()
    assert not transfers.duplicated(["from_partner", "to_partner"]).any()
    assert not set(transfers["from_partner"]) & set(transfers["to_partner"])


@steady
@given(cases())
def test_each_rule_does_what_it_says(case):
    """After the transfers what is shared stands in equal parts, in parts by weight, or with the losers just at 0."""
    found, basis = settle(**case), shared(case)
    assume(found.feasible)
    stands, gain = basis + (found.after - case["net"]), basis.sum()
    if case["rule"] == "equal_split":
        expected = pd.Series(gain / len(basis), index=basis.index)
    elif case["rule"] == "pro_rata":
        expected = gain * case["weights"] / case["weights"].sum()
    else:
        gains, losses = basis.clip(lower=0), -basis.clip(upper=0)
        expected = gains * (1 - losses.sum() / max(gains.sum(), 0.01))  # an amount is a penny at least, or nothing
    np.testing.assert_allclose(stands, expected, rtol=0, atol=CLOSE)


@steady
@given(cases(with_cash=False), st.data())
def test_investor_receives_between_least_and_most(case, data):
    """An investor receives at least the least and at most the most, and it is feasible when least is within most."""
    investor = data.draw(st.sampled_from(case["net"].index.tolist()))
    found = settle(**case, investor=investor)
    assert found.least == -case["net"][investor]
    assert found.most == found.most_cash == pytest.approx(case["net"].drop(investor).sum(), abs=CLOSE)
    assert found.feasible == (round(found.most - found.least, 2) >= 0)
    if found.feasible:
        assert found.least - CLOSE <= received(found, case["net"].index)[investor] <= found.most + CLOSE


@steady
@given(cases(with_cash=True), st.data())
def test_no_more_than_the_cash_is_paid(case, data):
    """An investor never receives more than the others' cash, which is never more than the others' gain."""
    investor = data.draw(st.sampled_from(case["net"].index.tolist()))
    found = settle(**case, investor=investor)
    assert received(found, case["net"].index)[investor] <= found.most_cash + CLOSE or not found.feasible
    assert found.most_cash <= found.most + CLOSE
    assert found.most == pytest.approx(settle(case["net"], investor).most)
    pays = -received(found, case["net"].index).clip(upper=0)
    assert (pays <= case["cash"].clip(lower=0) + CLOSE).all()


@steady
@given(cases())
def test_naming_an_investor_moves_nothing(case):
    """Who is called the investor changes what is least and most, not what is paid."""
    plain = settle(**case)
    for investor in case["net"].index:
        assert pairs(settle(**case, investor=investor)) == pairs(plain)


@steady
@given(cases())
def test_without_an_investor_all_losers_together(case):
    """Without an investor the least is the sum of all losses and the most the sum of all gains."""
    found, net = settle(**case), case["net"]
    assert found.least == pytest.approx(-net.clip(upper=0).sum(), abs=CLOSE)
    assert found.most == pytest.approx(net.clip(lower=0).sum(), abs=CLOSE)


@steady
@given(cases(with_cash=False))
def test_all_in_cash_is_as_without_cash(case):
    """Where all of each net is cash the result is that of all benefits."""
    plain, cash = settle(**case), settle(**{**case, "cash": case["net"]})
    assert (plain.feasible, plain.least, plain.most, plain.most_cash) == (
        cash.feasible,
        cash.least,
        cash.most,
        cash.most_cash,
    )
    assert pairs(plain) == pairs(cash)
    assert plain.after.tolist() == cash.after.tolist()


@steady
@given(cases(), st.sampled_from([2.0, 1000.0]), st.sampled_from([1, 7]))
def test_scale(case, factor, unit):
    """Counting in another unit multiplies every amount by it, and weights count only against each other."""
    cash = None if case["cash"] is None else case["cash"] * factor
    found = settle(**case)
    scaled = settle(case["net"] * factor, None, case["rule"], case["weights"] * unit, cash)
    assert scaled.feasible == found.feasible
    for name in ["least", "most", "most_cash"]:
        assert getattr(scaled, name) == pytest.approx(factor * getattr(found, name), abs=CLOSE * factor)
    np.testing.assert_allclose(scaled.after, factor * found.after, rtol=0, atol=CLOSE * factor)
    np.testing.assert_allclose(
        received(scaled, case["net"].index), factor * received(found, case["net"].index), rtol=0, atol=CLOSE * factor
    )


@steady
@given(cases(), st.randoms(use_true_random=False))
def test_order_of_partners_is_irrelevant(case, random):
    """Partners in any order, in each of the series, get the same transfers by name."""

    def mixed(values):
        return None if values is None else values.sample(frac=1, random_state=random.randrange(2**32))

    found = settle(**case)
    again = settle(mixed(case["net"]), None, case["rule"], mixed(case["weights"]), mixed(case["cash"]))
    assert again.feasible == found.feasible
    assert (again.least, again.most, again.most_cash) == pytest.approx(
        (found.least, found.most, found.most_cash), abs=CLOSE
    )
    after, before = again.after.reindex(case["net"].index), found.after
    np.testing.assert_allclose(after, before, rtol=0, atol=CLOSE)
    one, other = pairs(found), pairs(again)
    for pair in one.keys() | other.keys():
        assert other.get(pair, 0) == pytest.approx(one.get(pair, 0), abs=CLOSE)


def test_series_are_left_alone():
    """No series that is given is changed, and `after` keeps the order of the nets."""
    net, cash = pd.Series({"b": 10.0, "a": -2.0}), pd.Series({"a": -2.0, "b": 4.0})
    weights = pd.Series({"a": 1, "b": 3})
    copies = [one.copy() for one in (net, cash, weights)]
    found = settle(net, "a", "pro_rata", weights, cash)
    for one, copy in zip((net, cash, weights), copies, strict=True):
        pd.testing.assert_series_equal(one, copy)
    assert found.after.index.tolist() == ["b", "a"]


NET = pd.Series({"NHS": -2.0, "council": 10.0})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"net": [-2.0, 10.0]}, r"net: found \[-2.0, 10.0\]; expected a Series with one amount a partner"),
        ({"net": pd.Series(dtype=float)}, "net: found .*; expected a Series with one amount a partner"),
        ({"net": pd.Series({"NHS": math.nan})}, r"net: found \[nan\]; expected a finite amount for every partner"),
        ({"net": pd.Series({"NHS": 1.0, "council": -math.inf})}, r"net: found \[1.0, -inf\]; expected a finite amount"),
        ({"net": pd.Series({"NHS": "much"})}, r"net: found \['much'\]; expected a finite amount"),
        ({"net": pd.Series([1.0, 2.0], index=["NHS", "NHS"])}, r"net: found \['NHS'\] more than once; expected one"),
        ({"investor": "trust"}, r"investor: found 'trust'; expected one of \['NHS', 'council'\]"),
        ({"rule": "fair"}, r"rule: found 'fair'; expected one of \['cost_cover_only', 'equal_split', 'pro_rata'\]"),
        ({"rule": None}, r"rule: found None; expected one of \['cost_cover_only'"),
        ({"cash": [-2.0, 4.0]}, r"cash: found \[-2.0, 4.0\]; expected a Series with one amount a partner"),
        ({"cash": pd.Series({"NHS": -2.0})}, r"cash: found \['NHS'\]; expected the partners \['NHS', 'council'\]"),
        (
            {"cash": pd.Series({"NHS": -2.0, "council": 4.0, "trust": 1.0})},
            r"cash: found \['NHS', 'council', 'trust'\]; expected the partners \['NHS', 'council'\]",
        ),
        (
            {"cash": pd.Series({"NHS": -2.0, "council": math.nan})},
            r"cash: found \[-2.0, nan\]; expected a finite amount",
        ),
        ({"cash": pd.Series([1.0, 2.0], index=["NHS", "NHS"])}, r"cash: found \['NHS'\] more than once; expected one"),
        ({"rule": "pro_rata"}, "weights: found None; expected one weight a partner for the rule pro_rata"),
        (
            {"rule": "pro_rata", "weights": pd.Series({"NHS": 1.0})},
            r"weights: found \['NHS'\]; expected the partners \['NHS', 'council'\]",
        ),
        (
            {"rule": "pro_rata", "weights": pd.Series({"NHS": -1.0, "council": 2.0})},
            r"weights: found \[-1.0, 2.0\]; expected weights of 0 or more, not all of them 0",
        ),
        (
            {"rule": "pro_rata", "weights": pd.Series({"NHS": 0, "council": 0})},
            r"weights: found \[0.0, 0.0\]; expected weights of 0 or more, not all of them 0",
        ),
        (
            {"rule": "pro_rata", "weights": pd.Series({"NHS": 1.0, "council": math.nan})},
            r"weights: found \[1.0, nan\]; expected a finite amount",
        ),
        ({"rule": "pro_rata", "weights": [1, 1]}, r"weights: found \[1, 1\]; expected a Series"),
    ],
)
def test_settle_refuses(changed, message):
    """What is missing, there twice or unknown is refused by the argument's name, its value and what is expected."""
    with pytest.raises(ValueError, match=f"(?s)^{message}"):
        settle(**{"net": NET, **changed})

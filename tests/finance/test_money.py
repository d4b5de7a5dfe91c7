"""Rounding and sharing money: halves go up, and parts add up to the whole."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ijbtools.finance.money import allocate, round_half_up

steady = settings(deadline=None, derandomize=True)

PLACES = st.integers(-3, 4)
AMOUNTS = st.one_of(
    st.floats(-1e12, 1e12),
    st.integers(-(10**9), 10**9).map(lambda thousandths: thousandths / 1000),  # many end in a 5 and are ties
)
TOTALS = st.integers(-(10**11), 10**11).map(lambda pennies: pennies / 100)
WEIGHTS = st.lists(st.one_of(st.integers(0, 1000), st.floats(0, 1e6)), min_size=1, max_size=8)


def exact(amount: float) -> Fraction:
    """The amount as it prints, without binary error."""
    return Fraction(repr(float(amount)))


@pytest.mark.parametrize(
    ("amount", "places", "expected"),
    [
        (0.5, 0, 1.0),
        (1.5, 0, 2.0),
        (2.5, 0, 3.0),  # to the even neighbour it would be 2
        (-0.5, 0, -1.0),
        (-2.5, 0, -3.0),
        (2.675, 2, 2.68),  # the double lies at 2.67499…
        (1.005, 2, 1.01),
        (-1.005, 2, -1.01),
        (0.285, 2, 0.29),
        (2.674999, 2, 2.67),
        (1250.0, -2, 1300.0),
        (1249.99, -2, 1200.0),
        (-45.0, -1, -50.0),
        (499.0, -3, 0.0),
        (5e-324, 2, 0.0),
        (1e300, 2, 1e300),
    ],
)
def test_round_half_up_cases(amount, places, expected):
    """A half goes away from zero at any number of places, judged on the figure that is printed."""
    assert round_half_up(amount, places) == expected


@steady
@given(AMOUNTS, PLACES)
def test_round_half_up_agrees_with_exact_fractions(amount, places):
    """Rounding equals the whole part of the printed figure's size plus a half, with its sign put back."""
    units = math.floor(abs(exact(amount)) * Fraction(10) ** places + Fraction(1, 2))
    expected = math.copysign(1, amount) * float(units / Fraction(10) ** places)
    assert round_half_up(amount, places) == expected


@steady
@given(AMOUNTS, PLACES)
def test_round_half_up_is_symmetric(amount, places):
    """An amount and its negative round to the same size."""
    assert round_half_up(-amount, places) == -round_half_up(amount, places)


@steady
@given(AMOUNTS, PLACES)
def test_round_half_up_twice_is_once(amount, places):
    """A rounded amount stays as it is when it is rounded again."""
    once = round_half_up(amount, places)
    assert round_half_up(once, places) == once


@steady
@given(st.lists(AMOUNTS, max_size=6), PLACES)
def test_round_half_up_same_for_numbers_arrays_and_series(amounts, places):
    """A number, a list, an array and a Series of the same amounts round alike."""
    expected = [round_half_up(amount, places) for amount in amounts]
    index = [f"row {i}" for i in range(len(amounts))]
    series = round_half_up(pd.Series(amounts, index=index, name="amount", dtype=float), places)
    assert round_half_up(amounts, places).tolist() == expected
    assert round_half_up(np.array(amounts), places).tolist() == expected
    pd.testing.assert_series_equal(series, pd.Series(expected, index=index, name="amount", dtype=float))


def test_round_half_up_kinds():
    """A number gives a float, a table of numbers keeps its shape, and whole numbers and decimals are taken too."""
    assert isinstance(round_half_up(3), float)
    assert isinstance(round_half_up(np.float64(2.5)), float)
    assert round_half_up([[0.5, 1.4], [-0.5, 2.5]]).tolist() == [[1, 1], [-1, 3]]
    assert round_half_up(Decimal("2.675"), 2) == 2.68
    assert round_half_up(1250, -2) == 1300


def test_round_half_up_passes_nan_and_infinity():
    """What is not a finite number comes back as it went in."""
    assert math.isnan(round_half_up(math.nan, 2))
    assert round_half_up(math.inf) == math.inf
    assert round_half_up(-math.inf, -3) == -math.inf
    np.testing.assert_array_equal(round_half_up([0.5, math.nan, -math.inf]), [1, math.nan, -math.inf])


def test_round_half_up_never_gives_minus_zero():
    """A small negative amount rounds to plain zero."""
    assert str(round_half_up(-0.004, 2)) == "0.0"
    assert str(round_half_up(pd.Series([-0.4]))[0]) == "0.0"


@pytest.mark.parametrize("amount", ["12", True, ["1", "2"], [1.0, "two"], pd.Series(["1"]), pd.Timestamp("2025-03-31")])
def test_round_half_up_refuses_what_is_not_a_number(amount):
    """Text, truth values and dates are refused by name."""
    with pytest.raises(ValueError, match=r"(?s)^amount: found .*; expected a number or numbers"):
        round_half_up(amount)


@pytest.mark.parametrize("places", [1.5, "2", None, True])
def test_places_must_be_a_whole_number(places):
    """Places other than a whole number are refused by name, with their value."""
    with pytest.raises(ValueError, match=rf"^places: found {places!r}; expected a whole number"):
        round_half_up(1.0, places)
    with pytest.raises(ValueError, match=rf"^places: found {places!r}; expected a whole number"):
        allocate(1.0, pd.Series([1]), places)


def test_published_cost_of_delayed_days():
    """Days times the cost of a day comes to the published and the derived totals to the penny."""
    # ISD Scotland by way of the Press Association, 5 February 2019: 514,851 days in 2018 at £234 = £120,475,134
    assert round_half_up(514_851 * 234.0, 2) == 120_475_134
    # Public Health Scotland, days in 2024/25; Accounts Commission, January 2026, average cost of a hospital bed
    assert round_half_up(720_119 * 618.12, 2) == 445_119_956.28
    # the same days at £618.12 − £144.72 for a nursing home = £473.40
    assert round_half_up(720_119 * 618.12 - 720_119 * 144.72, 2) == 340_904_334.60


def test_allocate_residual_overspend():
    """£1.5 million shared as 152 to 96 is £919,354.84 and £580,645.16."""
    # 1,500,000 × 152/248 = 919,354.8387…; × 96/248 = 580,645.1612…
    parts = allocate(1_500_000, pd.Series({"NHS Norland": 152.0, "Strathorran Council": 96.0}, name="share"))
    expected = pd.Series({"NHS Norland": 919_354.84, "Strathorran Council": 580_645.16}, name="share")
    pd.testing.assert_series_equal(parts, expected, check_exact=True)


@pytest.mark.parametrize(
    ("total", "weights", "places", "expected"),
    [
        (100, [1, 1, 1], 2, [33.34, 33.33, 33.33]),  # rounded one by one they would come to 99.99
        (200, [1, 1, 1], 2, [66.67, 66.67, 66.66]),  # rounded one by one they would come to 200.01
        (-100, [1, 1, 1], 2, [-33.34, -33.33, -33.33]),
        (0.05, [1, 1], 2, [0.03, 0.02]),
        (0.01, [0, 2, 1], 2, [0, 0.01, 0]),
        (0, [1, 2], 2, [0, 0]),
        (7.5, [3], 0, [8]),  # the total is rounded half-up before it is shared
        (1000, [1, 2], -2, [300, 700]),  # 333.33 and 666.67: the larger remainder is the second
        # 4.70, 1.60, 1.58, 1.20, 0.61, 0.31: seven whole ones; the other three go to .70, .61 and .60
        (10, [47_000, 16_000, 15_800, 12_000, 6_100, 3_100], 0, [5, 2, 1, 1, 1, 0]),
    ],
)
def test_allocate_cases(total, weights, places, expected):
    """What is left after cutting down goes to the largest remainders, ties to the earlier row."""
    assert allocate(total, pd.Series(weights), places).tolist() == expected


@steady
@given(TOTALS, WEIGHTS, st.integers(-2, 3))
def test_allocate_properties(total, weights, places):
    """Parts add up to the rounded total, lie within a unit of the exact share, and mirror a negative total."""
    assume(any(weights))
    parts = allocate(total, pd.Series(weights), places)
    whole = exact(round_half_up(total, places))
    shares = [whole * exact(weight) / sum(map(exact, weights)) for weight in weights]
    assert sum(map(exact, parts)) == whole
    assert all(abs(exact(part) - share) < Fraction(10) ** -places for part, share in zip(parts, shares, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    assert allocate(-total, pd.Series(weights), places).tolist() == (-parts).tolist()


@steady
@given(TOTALS.map(abs), WEIGHTS)
def test_allocate_order(total, weights):
    """Whoever weighs more, or the same and comes earlier, never receives less."""
    assume(any(weights))
    parts = allocate(total, pd.Series(weights)).tolist()
    by_weight = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    ordered = [parts[i] for i in by_weight]
    assert ordered == sorted(ordered, reverse=True)


@pytest.mark.parametrize("total", [math.nan, math.inf, None, "100", True])
def test_allocate_refuses_a_total(total):
    """A total that is no finite number is refused by name, with its value."""
    with pytest.raises(ValueError, match=rf"^total: found {total!r}; expected a"):
        allocate(total, pd.Series([1, 2]))


@pytest.mark.parametrize("weights", [[1, -1], [0, 0], [], [1, math.nan], [1, math.inf], ["1", "2"], [True, False]])
def test_allocate_refuses_weights(weights):
    """Weights that are negative, missing, not numbers or all 0 are refused by name."""
    with pytest.raises(ValueError, match=r"(?s)^weights: found .*; expected (a number|numbers of 0 or more)"):
        allocate(100, pd.Series(weights))


def test_allocate_needs_a_series():
    """A plain list of weights is refused, for it does not say whose they are."""
    with pytest.raises(ValueError, match="weights: found list; expected a Series with one weight a partner"):
        allocate(100, [1, 2])

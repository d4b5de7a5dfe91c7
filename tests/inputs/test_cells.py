"""What people type into cells, read as what they mean or refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools.inputs.cells import READ, suggestion
from ijbtools.inputs.columns import KINDS

steady = settings(deadline=None, derandomize=True)

PENCE = st.integers(0, 10**12)
ANY_TEXT = st.one_of(st.text(max_size=12), st.text("0123456789-/.,£()%\u2212\u00a0 eQAprMay", max_size=12))

NUMBERS = {
    "0": 0.0,
    "1250": 1250.0,
    "1250.75": 1250.75,
    ".5": 0.5,
    "7.": 7.0,
    "1,250": 1250.0,
    "1,234,567.89": 1234567.89,
    "£1,250.50": 1250.5,
    "£ 1,250": 1250.0,
    "(1,250.00)": -1250.0,
    "(£1,250)": -1250.0,
    "( 1,250 )": -1250.0,
    "-1,250": -1250.0,
    "- 1,250": -1250.0,
    "-£1,250": -1250.0,
    "£-1,250": -1250.0,
    "1,250-": -1250.0,
    "£1,250-": -1250.0,
    "\u22121,250": -1250.0,  # the true minus that pages print
    "\u2212£5": -5.0,
    "1\u00a0250": 1250.0,  # a no-break space between thousands
    "£\u00a01,250\u00a0": 1250.0,
    "1e6": 1_000_000.0,
    "1E6": 1_000_000.0,
    "2.5e-3": 0.0025,
    "-2.5e-3": -0.0025,
    "1e+6": 1_000_000.0,
}
NO_NUMBERS = [
    *("", " ", "-", "£", "()", "(£)", "."),
    *("nan", "NaN", "inf", "-inf", "infinity", "1e999", "None", "n/a", "#N/A", "ten"),
    *("1,23", "12,34", "1,2345", "1,234,56", ",250", "1,,250", "1.234,56", "1.2.3", "1,250e3"),
    *("--5", "-5-", "-(5)", "(-5)", "(5-)", "-£-5", "(5", "5)", "((5))", "+5"),
    *("£5£", "££5", "5£", "€5", "$5", "5%", "1/2", "0x1F", "1_000", "5 days"),
]
COUNTS = {"0": 0, "12": 12, "1,250": 1250, "12.0": 12, "1e3": 1000}
NO_COUNTS = ["", "-1", "(3)", "1.5", "0.999", "1,23", "many", "nan", "inf"]
SHARES = {"0": 0.0, "1": 1.0, "0.15": 0.15, "15%": 0.15, "15 %": 0.15, "12.5%": 0.125, "0%": 0.0, "100%": 1.0}
NO_SHARES = ["", "%", "15", "1.0001", "-0.1", "(0.1)", "-5%", "(15%)", "101%", "15%%", "%15", "half"]
YEARS = {"2024/25": "2024/25", "1999/00": "1999/00", "2099/00": "2099/00"}
NO_YEARS = ["", "2024", "2024-25", "2011-12", "2024/26", "2024/2025", "24/25", "2024/25 Q1", "2025-04", "FY25"]
PERIODS = {
    "2025-04": "2025-04",
    "2024-12": "2024-12",
    "2025/26 Q1": "2025/26 Q1",
    "1999/00 Q4": "1999/00 Q4",
    "Apr-25": "2025-04",  # what Excel makes of a typed 2025-04
    "Sep-25": "2025-09",
    "apr-25": "2025-04",
    "Apr-2025": "2025-04",
    "Apr 2025": "2025-04",
    "April 2025": "2025-04",
    "2025-04-01": "2025-04",  # how a workbook holds Apr-25
    "01/04/2025": "2025-04",
}
NO_PERIODS = [
    "",
    "2025/26",
    "2025",
    "2025-13",
    "2025-00",
    "2025/26 Q5",
    "2025/27 Q1",
    "Q1",
    "Apr",
    "2025/26Q1",
    "45748",
]
DATES = {
    "2025-03-31": "2025-03-31",
    "31/03/2025": "2025-03-31",
    "03/04/2025": "2025-04-03",  # the day comes before the month
    "3/4/2025": "2025-04-03",
    "31 March 2025": "2025-03-31",
    "31-Mar-2025": "2025-03-31",
    "31-Mar-25": "2025-03-31",
    "29/02/2024": "2024-02-29",
}
NO_DATES = [
    "",
    "03/31/2025",
    "2025/03/31",
    "31.03.2025",
    "31/03/25",
    "29/02/2025",
    "30 February 2025",
    "45747",
    "2025-03",
]
IDS = {text: text for text in ("aberdeen-city", "s2", "1a", "console", "com10", "con-1", "x" * 40)}
NO_IDS = [
    *("", "a", "x" * 41, "Aberdeen", "aberdeen city", "aberdeen_city", "-aberdeen", "élan", "../up", "a.b", "ab\n"),
    *("con", "prn", "aux", "nul", "com0", "com1", "com9", "lpt1", "lpt9"),  # devices, which Windows takes for no folder
]
TEXTS = {text: text for text in ("NA", "None", "null", "nan", "=1+1", "Comhairle nan Eilean Siar", "1,250")}

ACCEPTED = {
    "number": NUMBERS,
    "amount": NUMBERS,
    "count": COUNTS,
    "share": SHARES,
    "year": YEARS,
    "period": PERIODS,
    "month": {text: name for text, name in PERIODS.items() if " Q" not in name},
    "span": {**YEARS, **PERIODS},
    "date": DATES,
    "id": IDS,
    "text": TEXTS,
    "word": TEXTS,
}
REFUSED = {
    "number": NO_NUMBERS,
    "amount": NO_NUMBERS,
    "count": NO_COUNTS,
    "share": NO_SHARES,
    "year": NO_YEARS,
    "period": NO_PERIODS,
    "month": ["2025/26 Q1", "2025/26", "2025-13", ""],
    "span": ["2024-25", "2025/26 q3", "year 1", ""],
    "date": NO_DATES,
    "id": NO_IDS,
}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [(kind, text, expected) for kind, texts in ACCEPTED.items() for text, expected in texts.items()],
)
def test_accepted(kind, text, expected):
    """The text reads as what people mean by it, in a value of the column's own type."""
    value = READ[kind](text)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in REFUSED.items() for text in texts])
def test_refused(kind, text):
    """A text that could be read in two ways, or in none, is refused."""
    with pytest.raises(ValueError):
        READ[kind](text)


def test_every_kind_has_a_reader():
    """Each kind of column has one function that reads it, and there is no function for any other kind."""
    assert set(READ) == set(KINDS) == set(ACCEPTED)


@pytest.mark.parametrize("text", ["-0", "(0)", "0-", "-£0.00", "\u22120"])
def test_no_minus_zero(text):
    """Nothing, however its sign is printed, reads as plain zero."""
    assert str(READ["amount"](text)) == "0.0"


@steady
@given(PENCE)
def test_printed_amounts_read_back(pence):
    """An amount printed with £ and separators, in brackets or with a minus at either end reads back to the penny."""
    amount = pence / 100
    printed = f"{amount:,.2f}"
    read = READ["amount"]
    assert read(printed) == read(f"£{printed}") == read(f"{amount:.2f}") == amount
    negatives = [f"({printed})", f"(£{printed})", f"{printed}-", f"£{printed}-", f"-£{printed}", f"\u2212{printed}"]
    assert [read(text) for text in negatives] == [-amount] * 6


@steady
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_exact_numbers_read_back(value):
    """A number in the way that a workbook's cell comes out as text reads back exactly, 1e-05 and 1e+22 too."""
    assert READ["number"](repr(value)) == value


@steady
@given(st.integers(0, 10_000))
def test_percentages_read_as_shares(hundredths):
    """A percentage from 0% to 100% is a hundredth of its number."""
    assert READ["share"](f"{hundredths / 100}%") == hundredths / 100 / 100


@steady
@given(st.dates())
def test_days_read_back_from_every_layout(day):
    """A day reads back from the ISO layout and from the day-first one, and stands for its month in a period."""
    iso = day.isoformat()
    assert READ["date"](iso) == READ["date"](f"{day.day:02d}/{day.month:02d}/{day.year:04d}") == iso
    assert READ["period"](iso) == iso[:7]


@steady
@given(st.sampled_from(sorted(KINDS)), ANY_TEXT)
def test_any_text_is_read_or_refused(kind, text):
    """No text makes a reader fail in another way than by refusing it, and what reads has the kind's own type."""
    types = {"number": float, "amount": float, "share": float, "count": int}
    try:
        value = READ[kind](text)
    except ValueError:
        assert kind not in ("text", "word")
    else:
        assert type(value) is types.get(kind, str)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("year", "2024", "2024/25"),
        ("year", "2024-25", "2024/25"),
        ("year", "2024/2025", "2024/25"),
        ("year", "1999-2000", "1999/00"),
        ("year", "24/25", ""),
        ("span", "2024-25", "2024/25"),
        ("span", "2025/26 q3", "2025/26 Q3"),
        ("period", "2025-26 Q1", "2025/26 Q1"),
        ("period", "2025/26 q3", "2025/26 Q3"),
        ("period", "2025/26", ""),
        ("id", "Aberdeen City", "aberdeen-city"),
        ("id", "aberdeen_city", "aberdeen-city"),
        ("id", "con", ""),
        ("id", "!", ""),
        ("amount", "ten", ""),
    ],
)
def test_suggestion(kind, text, expected):
    """What was probably meant is offered where it is plain, and nothing where it is not."""
    assert suggestion(kind, text) == expected


@pytest.mark.parametrize("text", ["1 2", "12 5", "1 2345", "12 34,567", "1\u00a02"])
def test_spaces_only_between_thousands(text):
    """A space inside a number stands only between thousands; two numbers in one cell are refused."""
    with pytest.raises(ValueError):
        READ["amount"](text)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f"])
def test_every_space_between_thousands(space):
    """A space, a no-break space, a thin one and a narrow no-break one are read between thousands."""
    assert READ["amount"](f"1{space}234{space}567.5") == 1234567.5


def test_counts_beyond_whole_numbers_are_refused():
    """A count too large to be kept to the unit is refused."""
    with pytest.raises(ValueError):
        READ["count"]("1e20")


@pytest.mark.parametrize("text", ["£(1,234.50)", "(£1,234.50)", "-£1,234.50", "£-1,234.50", "1,234.50-"])
def test_negatives_as_ledgers_show_them(text):
    """A negative is read however a ledger or a spreadsheet shows it."""
    assert READ["amount"](text) == -1234.5

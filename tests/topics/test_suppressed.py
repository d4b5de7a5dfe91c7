"""Delayed discharge where few people are behind some figures: what is hidden is on no page, and the rest still ties."""

import csv
import re

import pandas as pd
import pytest

from ijbtools import report
from ijbtools.inputs.disclosure import Disclosure, suppressed
from ijbtools.inputs.reader import Tables
from ijbtools.inputs.workspace import guarded
from ijbtools.report.examine import _SYMBOL
from ijbtools.report.files import write_files
from ijbtools.report.withheld import exempted_of, log_of, write_log
from ijbtools.topics import shunting
from ijbtools.vocabulary import NOT_SHOWN, REASONS, SHOWN_REASONS

WAITS, LAW, OTHER, FAMILY = REASONS
SHOWN = ("delay", "trend", "days", "rate", "nation", "flows", "flags", "one_budget", "ending")  # by the notebook
TOGETHER = SHOWN_REASONS[NOT_SHOWN]
BROKEN = re.compile(r"\b(nan|NaN|None|NaT|<NA>|inf)\b")

# Days and people of a quarter by reason. Days are primes, so that no sum of others is one by chance.
LARGE = {WAITS: (1009, 30), LAW: (307, 12), OTHER: (211, 8), FAMILY: (103, 7)}
SMALL = {WAITS: (1013, 30), LAW: (311, 12), OTHER: (83, 2), FAMILY: (107, 7)}  # two people of other complex needs


def delays(quarters, older=0.8):
    """Days of one partnership: of each quarter what `quarters` has, most of it of people aged 75 and over."""
    rows = []
    for period, by_reason in quarters.items():
        for reason, (days, people) in by_reason.items():
            old, of_them = int(days * older), round(people * older)
            rows.append(("strathorran", period, "75+", reason, old, of_them, ""))
            rows.append(("strathorran", period, "18-74", reason, days - old, people - of_them, ""))
    columns = ["partnership", "period", "age_group", "reason", "bed_days", "people", "locality"]
    return pd.DataFrame(rows, columns=columns)


def year(start, *quarters):
    return {f"{start}/{(start + 1) % 100:02d} Q{q}": one for q, one in enumerate(quarters, 1)}


@pytest.fixture
def page(assumptions, root):
    """A page of one partnership made from its days as `load` hands them on."""

    def make(frame, period="2025/26", rules=None, **more):
        frames = {
            "partnerships": pd.DataFrame(
                {
                    "partnership": ["strathorran"],
                    "name": ["Strathorran"],
                    "nation": ["scotland"],
                    "model": ["body_corporate"],
                    "model_from": ["2024-04-01"],
                    "kind": ["invented"],
                    "host": [""],
                }
            ),
            "partners": pd.DataFrame(
                {
                    "partnership": ["strathorran"] * 2,
                    "partner": ["nhs-norland", "strathorran-council"],
                    "name": ["NHS Norland", "Strathorran Council"],
                    "sector": ["health_board", "council"],
                    "regime": ["break_even", "reserves"],
                }
            ),
            "population": pd.DataFrame(
                {
                    "partnership": ["strathorran"] * 4,
                    "year": [2024, 2024, 2025, 2025],
                    "age_group": ["75-84", "85+"] * 2,
                    "people": [8_000, 4_000, 8_500, 4_000],
                    "status": ["estimate"] * 4,
                }
            ),
            "delays": frame,
            **more,
        }
        tables = guarded(Tables(frames, (), root, {}), rules or Disclosure())
        make.tables = tables
        return shunting.compute(tables, assumptions).only("strathorran", period)

    return make


def drawn(result):
    """The parts of the page as the notebook shows them."""
    parts = (report.headline(result), report.caution(result), report.sentence(result, "decides"))
    shown = (report.show(result, *SHOWN), report.method(result), report.checks(result), report.sources(result))
    return "\n".join(one.html for one in (*parts, *shown))


def plain(html):
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r'(?:src|srcset)="[^"]*"', "", html)).split())


def everything(result, folder, tables, assumptions):
    """All that leaves: page, what-if, facts, tables, workbook and log, as one text."""
    import openpyxl

    what_if = report.what_if(shunting, tables, assumptions, result, "bed_day_cost", "bed_day_cash_share")
    files = write_files(result, folder, {"Period": result.period.name})
    files += write_log(log_of(result), folder)
    texts = [drawn(result), what_if.html]
    for file in files:
        if file.suffix == ".csv":
            with file.open(encoding="utf-8-sig", newline="") as cells:  # no comma beside a number
                texts.append("\n".join(cell for row in csv.reader(cells) for cell in row))
        else:
            book = openpyxl.load_workbook(file)
            texts += [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    return "\n".join(re.sub(r'(?:src|srcset)="[^"]*"', "", text) for text in texts)


def has(text, number):
    """Whether a number stands in the text, as itself or with a comma at the thousands."""
    return bool(re.search(rf"(?<![\d.,]){number}(?![\d,]|\.[1-9])|(?<![\d.,]){number:,}(?![\d,]|\.[1-9])", text))


def test_hidden_reasons_are_c_in_the_table(page):
    """Two people's reason and the next smallest are [c]; their days are together, and the rows add up to the total."""
    result = page(delays({**year(2024, *[LARGE] * 4), **year(2025, LARGE, SMALL, LARGE, LARGE)}))
    table = result.table("days")
    rows = table.frame.set_index("reason")
    # 2025/26: waits 3 · 1,009 + 1,013 = 4,040; law 3 · 307 + 311 = 1,232; other 3 · 211 + 83; family 3 · 103 + 107
    assert rows.loc[REASONS[WAITS]].tolist() == [4_036, 4_040, 4]
    assert rows.loc[REASONS[LAW]].tolist() == [1_228, 1_232, 4]
    assert rows.loc[REASONS[OTHER]].tolist() == [844, "[c]", "[c]"]
    assert rows.loc[REASONS[FAMILY]].tolist() == [412, "[c]", "[c]"]
    assert rows.loc[TOGETHER].tolist() == ["none", 716 + 416, "no comparison"]
    assert rows.loc["All reasons"].tolist() == [6_520, 6_404, -116]
    assert sum(one for one in rows["now"].iloc[:-1] if one != "[c]") == rows.loc["All reasons", "now"]
    [note] = table.notes
    assert note.startswith("[c]: fewer than 5 people in a quarter of the year, or hidden so that such a number cannot")
    assert f"counted in the row “{TOGETHER}”" in note
    assert set(_SYMBOL.findall(drawn(result))) == {"[c]"}


def test_nothing_that_leaves_has_the_hidden_days(page, assumptions, tmp_path):
    """No text of page, strip, CSV, workbook or log has the days of a hidden reason, of the year or of any quarter."""
    frame = delays({**year(2024, *[LARGE] * 4), **year(2025, LARGE, SMALL, LARGE, LARGE)})
    result = page(frame)
    text = everything(result, tmp_path / "safe", page.tables, assumptions)
    secret = [716, 416, 294, 210]  # the year's and the half-year's days of the two hidden reasons
    assert [number for number in secret if has(text, number)] == []
    assert has(text, 1_132)  # the two together
    assert not BROKEN.search(plain(drawn(result)))
    open_text = everything(page(frame, rules=Disclosure(0)), tmp_path / "open", page.tables, assumptions)
    assert [number for number in secret[:2] if not has(open_text, number)] == []


def test_the_rest_still_ties(page):
    """With hidden reasons every check holds, flows sum to the cost of all days, and no fact names a hidden reason."""
    frame = delays(year(2025, LARGE, SMALL, LARGE, LARGE))
    result, whole = page(frame), page(frame, rules=Disclosure(0))
    assert [check.name for check in result.checks() if not check.holds] == []
    assert len(result.checks()) == 5
    flows = result.table("decides").frame
    assert flows["full"].iloc[:-1].sum() == pytest.approx(flows["full"].iloc[-1])
    assert flows["full"].iloc[-1] == pytest.approx(whole.table("decides").frame["full"].iloc[-1])
    assert dict(zip(flows["who"], flows["full"], strict=True))["Not assigned"] == pytest.approx(1_132 * 618.12 / 1e6)
    facts = result.facts().set_index("measure")["amount"]
    assert facts["bed_days_not_shown"] == 1_132
    assert f"bed_days_{OTHER}" not in facts
    assert f"bed_days_{FAMILY}" not in facts
    assert facts["bed_days"] == facts.filter(like="bed_days_").sum()
    assert result.gains()["together"] == pytest.approx(whole.gains()["together"])
    assert result.figure("flows").frame["amount"].sum() == pytest.approx(flows["full"].iloc[-1])


def test_all_quarters_of_the_year_hide_the_same(page):
    """The quarter in which nobody is few hides what a later one hides, so that pages cannot be subtracted."""
    frame = delays(year(2025, LARGE, SMALL, LARGE, LARGE))
    assert page(frame, "2025/26 Q1").table("days").frame.set_index("reason").loc[REASONS[OTHER], "now"] == "[c]"
    assert page(delays(year(2025, LARGE)), "2025/26 Q1").table("days").notes == ()


def test_the_trend_counts_together_what_any_year_hides(page):
    """A reason that one year hides is counted together in every bar, so that the parts are the same things."""
    lawless = {**LARGE, LAW: (53, 3), OTHER: (59, 4)}
    result = page(delays({**year(2024, *[lawless] * 4), **year(2025, LARGE, SMALL, LARGE, LARGE)}))
    figure = result.figure("trend")
    assert figure.frame["reason"].unique().tolist() == [REASONS[WAITS], TOGETHER]
    by_year = figure.frame.groupby("period")["bed_days"].sum()
    assert by_year.to_dict() == {"2024/25": 4 * (1009 + 53 + 59 + 103), "2025/26": 6_404}
    assert "Reasons of few people are put together" in figure.table.notes[0]
    report.figure(result, "trend")


def test_without_the_split_by_age_there_is_no_rate(page, assumptions, tmp_path):
    """Where one age group is of few people the rate of that year is not shown, days are, and the page says why."""
    young = delays(year(2025, *[LARGE] * 4))
    old = delays(year(2024, *[LARGE] * 4), older=0.99)
    result = page(pd.concat([old, young], ignore_index=True), "2024/25")
    assert result.tables["suppressed"]["what"].tolist() == ["age_group"]
    assert not result.shows("rate")
    assert "Days per 1,000 aged 75+" not in [one.label for one in result.key_figures()]
    said = plain(drawn(result))
    assert "Not shown. This section would show: delayed days per 1,000 people aged 75 and over." in said
    assert "one of the two age groups is of fewer than 5 people" in said
    assert result.sentences()["headline"].startswith("In 2024/25 people from Strathorran")
    assert result.table("days").notes == ()
    assert not has(everything(result, tmp_path, page.tables, assumptions), 4 * int(1009 * 0.99))
    later = page(pd.concat([old, young], ignore_index=True), "2025/26")
    rates = later.table("rate")
    assert rates.frame["here"].tolist()[0] == "[c]"
    assert rates.frame["here"].tolist()[1] == pytest.approx(4 * (807 + 245 + 168 + 82) / 12_500 * 1000)
    assert rates.notes[-1].startswith("[c]: one of the two age groups")
    assert later.figure("rate").frame["period"].tolist() == ["2025/26"]
    report.figure(later, "rate")


def test_where_waiting_for_care_is_hidden_the_page_says_what_it_can(page, assumptions, tmp_path):
    """Days and their cost are shown, what rests on days of waiting for care is not, and no fact has its sums."""
    island = {WAITS: (1009, 9), LAW: (83, 2), OTHER: (0, 0), FAMILY: (0, 0)}
    result = page(delays(year(2025, *[island] * 4), older=0.5))
    assert set(result.tables["suppressed"]["word"]) == {WAITS, LAW}
    headline = result.sentences()["headline"]
    assert "waited 4,368 days for the next step in their care. Hospitals bore" in headline
    assert [one.label for one in result.key_figures()] == [
        "Days delayed", "Beds occupied", "Days per 1,000 aged 75+", "Borne by hospitals",
    ]  # fmt: skip
    for name in ("flows", "decides", "one_budget", "ending"):
        assert not result.shows(name)
    said = plain(drawn(result))
    assert "could not be shown without giving that away" in said
    assert "No days were spent waiting" not in said
    assert not BROKEN.search(said)
    assert result.gains().empty
    assert [label for label, _ in result.bars().rows] == [
        "Borne by hospitals, full average", "Borne by hospitals, in cash",
    ]  # fmt: skip
    measures = set(result.facts()["measure"])
    assert not [one for one in measures if one.startswith(("total_", "shunted_", "care_not_paid_for"))]
    text = everything(result, tmp_path, page.tables, assumptions)
    assert [number for number in (4_036, 332) if has(text, number)] == []


def test_a_year_of_too_few_people_is_left_out(page):
    """Where all people of a quarter are few the page comes, says so, and has nothing of the year; others stay."""
    few = {WAITS: (97, 3), LAW: (0, 0), OTHER: (0, 0), FAMILY: (0, 0)}
    frame = delays({**year(2024, *[LARGE] * 4), **year(2025, LARGE, few, LARGE, LARGE)}, older=0.5)
    result = page(frame)
    assert result.sentences()["headline"] == (
        "How long people from Strathorran waited in hospital is not shown. In a quarter of 2025/26 fewer than 5 people "
        "from here were delayed, and their days would tell of them."
    )
    assert result.key_figures()[0].value == "not shown"
    assert result.facts().empty
    assert result.checks() == []
    said = plain(drawn(result))
    assert "Not shown. This section would show: how many days people waited" in said
    assert "Not supplied" not in said
    assert not BROKEN.search(said)
    assert page(frame, "2024/25").table("days").frame["now"].iloc[-1] == 6_520
    after = {**year(2025, LARGE, few, LARGE, LARGE), **year(2026, *[LARGE] * 4)}
    table = page(delays(after, older=0.5), "2026/27").table("days").frame
    assert table["before"].tolist() == ["[c]"] * len(table)


def test_a_year_hidden_only_in_part_before(page):
    """Where only the year before hides reasons its column has [c], and this year's own rows are as they are."""
    result = page(delays({**year(2024, *[SMALL] * 4), **year(2025, *[LARGE] * 4)}))
    rows = result.table("days").frame.set_index("reason")
    assert rows.loc[REASONS[OTHER]].tolist() == ["[c]", 844, "[c]"]
    assert rows.loc[TOGETHER].tolist() == [4 * (83 + 107), "none", "no comparison"]
    assert drawn(result)


def test_an_exemption_is_printed_with_its_reason(page):
    """A table exempted by name is shown whole, and the method section prints the reason, word for word."""
    why = "published by *Public Health Scotland* (PHS), which has suppressed it"
    result = page(delays(year(2025, *[SMALL] * 4)), rules=Disclosure(5, {"delays": why}))
    assert result.table("days").frame["now"].tolist()[2] == 4 * 83
    said = plain(drawn(result))
    assert f"Exempt. Of the table delays nothing is hidden for being of few people: {why}." in said
    assert "<em>" not in report.method(result).html
    assert exempted_of(result) == {"delays": why}
    assert log_of(result) == []


def test_the_log_says_what_and_why_and_no_number(page):
    """The list that is published has no count, and not which of two is hidden for the other's sake."""
    result = page(delays({**year(2025, LARGE, SMALL, LARGE, LARGE), **year(2026, SMALL)}))
    lines = log_of(result)
    assert [(one["year"], one["hidden"], one["word"]) for one in lines] == [
        ("2025/26", "days of the reason", REASONS[OTHER]),
        ("2025/26", "days of the reason", REASONS[FAMILY]),
    ]
    assert len({one["why"] for one in lines}) == 1
    assert "primary" not in str(lines)


def test_published_figures_stay_as_they_are(scotland, shunted, assumptions):
    """The Scottish sample has no counts of people: its tables are the same object, its result and method the same."""
    assert guarded(scotland, Disclosure()) is scotland
    assert suppressed(scotland["delays"])[0] is scotland["delays"]
    one = shunted.only("orkney-islands", "2024/25")
    assert one.method == shunting.__doc__
    assert one.table("days").frame["now"].dtype == "int64"


@pytest.mark.parametrize("hidden", ["age_group", "all"])
def test_a_nation_does_not_give_away_one_of_its_partnerships(scotland, assumptions, hidden):
    """Scotland has no rate where one authority's split by age is hidden, and no days where those of elsewhere are."""
    whose = "fife" if hidden == "age_group" else "not-resident"
    log = pd.DataFrame([(whose, "2024/25", hidden, "", "primary", 5)], columns=["partnership", "year", "what", "word",
                                                                              "kind", "fewer_than"])  # fmt: skip
    days = scotland["delays"]
    own = (days["partnership"] == whose) & days["period"].str.startswith("2024/25")
    few = days.assign(age_group=days["age_group"].mask(own, NOT_SHOWN)) if hidden == "age_group" else days[~own]
    tables = {**{name: scotland[name] for name in shunting.READS if name in scotland}, "delays": few, "suppressed": log}
    nations = shunting.compute(tables, assumptions).tables["nations"].set_index("period")
    if hidden == "age_group":
        assert nations.loc["2024/25", "bed_days"] == 720_119
        assert pd.isna(nations.loc["2024/25", "rate_75"])
        assert nations.loc["2023/24", "rate_75"] > 0
    else:
        assert "2024/25" not in nations.index
        assert "2023/24" in nations.index

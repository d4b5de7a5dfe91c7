"""Publishers' own layouts, turned into our tables: codes joined, totals taken out and checked.

| kind | file | into |
|---|---|---|
| `areas` | Public Health Scotland, council areas with their partnership and health board | partnerships, partners |
| `delays` | Public Health Scotland, Delayed Discharges: bed days by council area | delays |
| `population-estimates` | National Records of Scotland, estimates by partnership, years or bands of age | population |
| `population-projections` | the projections in the same layouts | population |
| `social-work-spending` | Scottish Government, net revenue expenditure on social work by council, £000 | published |

Each takes the file, the tables that are there already and the first year to keep, and gives the tables to write: the
file's rows, and the earlier rows that they do not replace. Totals stand among their parts in most of these files. The
parts are kept and checked against the totals; the totals never reach a table, so nothing can be counted twice.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem, listed, nearest
from ijbtools.finance.years import Period, year_name
from ijbtools.inputs.sheets import Sheet, read_csv
from ijbtools.inputs.tables import TABLES

SCOTLAND = "S92000003"

# Partnerships whose model is not a body corporate. Highland is a lead agency, as at the date given; the partner that
# hosts adult care is its health board.
LEAD_AGENCIES: Mapping[str, str] = MappingProxyType({"S37000016": "2026-11-01"})
BODIES_CORPORATE_FROM = "2016-04-01"  # by this day all functions had to be delegated (2014 Act)
LEAD_AGENCY_FROM = "2012-04-01"

_REASONS = {
    "Health and Social Care Reasons": "health_and_social_care",
    "Code 9 AWI": "code_9_awi",
    "Code 9 Non-AWI": "code_9_other",
    "Patient and Family Related Reasons": "patient_and_family",
}
_ALL_REASONS = "All Delay Reasons"
_AGES = {"18-74": "18-74", "75plus": "75+"}
_ALL_AGES = "18plus"
_COUNCIL_CODE = "a council's code in the table partners"
_ELSEWHERE = ("OTHER", "")  # the publisher's code for people who live in no Scottish council area

_BANDS = {"0-17": (0, 17), "18-64": (18, 64), "65-74": (65, 74), "75-84": (75, 84), "85+": (85, 90)}
_BAND_COLUMNS = {
    "0-17": "pop_0_17",
    "18-64": "pop_18_64",
    "65-74": "pop_65_74",
    "75-84": "pop_75_84",
    "85+": "pop_85plus",
}

_SOCIAL_WORK = "social_work_net_rev_exp_k"
_SOCIAL_WORK_SOURCE = "S14"  # in params/sources.yaml


def areas(file: Path, into: Mapping[str, pd.DataFrame], since: int = 0) -> dict[str, pd.DataFrame]:
    """Partnerships and partners from the lookup of council areas.

    A partnership's partners are its health board and its councils, each with its official code.
    """
    sheet = read_csv(file)
    frame = _columns(sheet, "CA", "CAName", "HSCP", "HSCPName", "HB", "HBName", row_numbers=True)
    _no_repeats(frame, ["CA"], sheet.file, "the same council area")
    frame = frame.sort_values(["HSCPName", "CAName"])
    board_ids = {code: slug(name) for code, name in zip(frame["HB"], frame["HBName"], strict=True)}
    partnerships, partners = [], []
    for (code, name), rows in frame.groupby(["HSCP", "HSCPName"], sort=False):
        partnership = slug(name)
        boards = rows[["HB", "HBName"]].drop_duplicates()
        lead = code in LEAD_AGENCIES
        partnerships.append(
            {
                "partnership": partnership,
                "name": name,
                "nation": "scotland",
                "model": "lead_agency" if lead else "body_corporate",
                "model_from": LEAD_AGENCIES[code] if lead else BODIES_CORPORATE_FROM,
                "code": code,
                "started_on": LEAD_AGENCY_FROM if lead else "",
                "kind": "real",
                "host": board_ids[boards["HB"].iloc[0]] if lead else "",
            }
        )
        for board in boards.itertuples():
            partners.append(_partner(partnership, board_ids[board.HB], board.HBName, "health_board", board.HB))
        for council in rows.itertuples():
            council_name = _council(council.CAName)
            partners.append(_partner(partnership, slug(council_name), council_name, "council", council.CA))
    tables = {"partnerships": pd.DataFrame(partnerships), "partners": pd.DataFrame(partners)}
    order = ["partnership", "sector", "partner"]
    return {
        name: _kept(into, name, new, ["partnership"]).sort_values([key for key in order if key in new])
        for name, new in tables.items()
    }


def delays(file: Path, into: Mapping[str, pd.DataFrame], since: int = 0) -> dict[str, pd.DataFrame]:
    """Delayed days by partnership and quarter from the monthly file by council area.

    Councils are added to partnerships, months to quarters; a quarter with a month missing is left out. People who
    live elsewhere stay as `not-resident`. In every month the reasons must add up to the file's own total of all
    reasons, the age groups to its total of all ages, and the areas to its total for Scotland.
    """
    sheet = read_csv(file)
    frame = _columns(
        sheet, "MonthOfDelay", "CA", "AgeGroup", "ReasonForDelay", "NumberOfDelayedBedDays", row_numbers=True
    )
    frame["days"] = _counts(frame, "NumberOfDelayedBedDays", sheet.file)
    frame["month"] = _months(frame["MonthOfDelay"], sheet.file)
    area = _area_of_council(into, frame["CA"], sheet.file)
    _permitted(frame, "AgeGroup", [*_AGES, _ALL_AGES], sheet.file)
    _permitted(frame, "ReasonForDelay", [*_REASONS, _ALL_REASONS], sheet.file)
    _no_repeats(
        frame, ["month", "CA", "AgeGroup", "ReasonForDelay"], sheet.file, "the same month, area, age and reason"
    )
    _adds_up(frame, "ReasonForDelay", _ALL_REASONS, ["month", "CA", "AgeGroup"], sheet.file)
    _adds_up(frame, "AgeGroup", _ALL_AGES, ["month", "CA", "ReasonForDelay"], sheet.file)
    _adds_up(frame, "CA", SCOTLAND, ["month", "AgeGroup", "ReasonForDelay"], sheet.file)
    parts = frame[frame["AgeGroup"].isin(_AGES) & frame["ReasonForDelay"].isin(_REASONS) & (frame["CA"] != SCOTLAND)]
    quarter = {month: _quarter(month) for month in parts["month"].unique()}
    months = pd.Series(quarter).value_counts()
    parts = parts.assign(
        partnership=parts["CA"].map(area),
        period=parts["month"].map(quarter),
        age_group=parts["AgeGroup"].map(_AGES),
        reason=parts["ReasonForDelay"].map(_REASONS),
    )
    parts = parts[parts["period"].map(months) == 3]
    keys = ["partnership", "period", "age_group", "reason"]
    table = parts.groupby(keys, as_index=False)["days"].sum().rename(columns={"days": "bed_days"})
    if "delays" in into:  # earlier months of a quarter go with it
        periods = into["delays"]["period"]
        earlier = into["delays"].assign(_period=periods, period=periods.map(_quarter))
        stay = _staying(earlier, table, ["partnership", "period"])
        into = {**into, "delays": stay.assign(period=stay["_period"]).drop(columns="_period")}
    table = _kept(into, "delays", table, ["partnership", "period"]).astype({"bed_days": int})
    order = {reason: i for i, reason in enumerate(words.REASONS)}
    table = table.sort_values(keys, key=lambda c: c.map(order) if c.name == "reason" else c)
    return {"delays": table}


def population_estimates(file: Path, into: Mapping[str, pd.DataFrame], since: int = 0) -> dict[str, pd.DataFrame]:
    """People by partnership, year and age band from the published estimates, from the year `since` on."""
    return _population(file, into, "estimate", since)


def population_projections(file: Path, into: Mapping[str, pd.DataFrame], since: int = 0) -> dict[str, pd.DataFrame]:
    """People by partnership, year and age band from the published projections, from the year `since` on."""
    return _population(file, into, "projection", since)


def social_work_spending(file: Path, into: Mapping[str, pd.DataFrame], since: int = 0) -> dict[str, pd.DataFrame]:
    """Councils' net expenditure on social work, in pounds, from the financial year that begins in `since` on.

    The file has thousands of pounds, a row for each council and year, and no total for Scotland.
    """
    sheet = read_csv(file)
    frame = _columns(sheet, "code", "year", _SOCIAL_WORK, row_numbers=True)
    councils = _councils(into).set_index("code")
    no_year = pd.Series([not _is_year(year) for year in frame["year"]], dtype=bool)
    thousands = frame[_SOCIAL_WORK].str.fullmatch(r"[1-9][0-9]{0,8}")
    problems = [
        *_where(~frame["code"].isin(councils.index), frame, sheet.file, None, _COUNCIL_CODE, "code"),
        *_where(no_year, frame, sheet.file, None, "a year such as 2018-19", "year"),
        *_where(~thousands, frame, sheet.file, None, "thousands of pounds, a whole number above 0", _SOCIAL_WORK),
        *_where(frame.duplicated(["code", "year"]), frame, sheet.file, "the same council and year again", "each once"),
    ]
    if problems:
        raise InputRefused(problems)
    frame = frame[frame["year"].str[:4].astype(int) >= since]
    table = pd.DataFrame(
        {
            "partnership": frame["code"].map(councils["partnership"]),
            "partner": frame["code"].map(councils["partner"]),
            "year": frame["year"].str.replace("-", "/"),
            "measure": "social_work_net_expenditure",
            "amount": frame[_SOCIAL_WORK].astype("int64") * 1000,
            "source": _SOCIAL_WORK_SOURCE,
        }
    )
    keys = ["partnership", "partner", "year", "measure"]
    return {"published": _kept(into, "published", table, keys).sort_values(keys)}


Importer = Callable[[Path, Mapping[str, pd.DataFrame], int], dict[str, pd.DataFrame]]

IMPORTERS: Mapping[str, Importer] = MappingProxyType(
    {
        "areas": areas,
        "delays": delays,
        "population-estimates": population_estimates,
        "population-projections": population_projections,
        "social-work-spending": social_work_spending,
    }
)


def write_table(name: str, frame: pd.DataFrame, folder: Path) -> Path:
    """Write a table as its CSV file: columns in the declared order, optional empty ones left out, newlines `\\n`."""
    file = folder / f"{name}.csv"
    columns = [
        c
        for c in TABLES[name].columns
        if c.name in frame and (c.required or (frame[c.name].notna() & (frame[c.name] != "")).any())
    ]
    temporary = file.with_suffix(".csv.part")
    counts = {c.name: "Int64" for c in columns if c.kind == "count"}
    frame[[column.name for column in columns]].astype(counts).to_csv(
        temporary, index=False, encoding="utf-8", lineterminator="\n", float_format="%.15g"
    )
    temporary.replace(file)
    return file


def slug(name: str) -> str:
    """A name as an id: `Argyll and Bute` is `argyll-and-bute`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")


def _council(name: str) -> str:
    return "Comhairle nan Eilean Siar" if name == "Na h-Eileanan Siar" else f"{name} Council"


def _partner(partnership: str, partner: str, name: str, sector: str, code: str) -> dict[str, str]:
    regime = "break_even" if sector == "health_board" else "reserves"
    return {
        "partnership": partnership,
        "partner": partner,
        "name": name,
        "sector": sector,
        "regime": regime,
        "code": code,
    }


def _population(file: Path, into: Mapping[str, pd.DataFrame], status: str, since: int) -> dict[str, pd.DataFrame]:
    sheet = read_csv(file)
    single = "Age0" in sheet.headings
    wanted = ["Sex", "AllAges", *(f"Age{age}" for age in range(90)), "Age90plus"] if single else []
    wanted = wanted or [*_BAND_COLUMNS.values(), "pop_all"]
    frame = _columns(sheet, "Year", "HSCP", *wanted, row_numbers=True)
    if single:
        frame = frame[frame["Sex"] == "All"]
    _no_repeats(frame, ["Year", "HSCP"], sheet.file, "the same year and area")
    bands = {}
    for band, (youngest, oldest) in _BANDS.items():
        ages = [f"Age{age}" if age < 90 else "Age90plus" for age in range(youngest, oldest + 1)]
        bands[band] = sum(_counts(frame, name, sheet.file) for name in (ages if single else [_BAND_COLUMNS[band]]))
    everyone = _counts(frame, "AllAges" if single else "pop_all", sheet.file)
    counted = pd.DataFrame(bands).assign(year=_counts(frame, "Year", sheet.file), code=frame["HSCP"])
    wrong = counted[list(_BANDS)].sum(axis=1) != everyone
    _refuse_where(wrong, frame, sheet.file, "ages that do not add up to all ages", "bands that add up to the total")
    scotland = counted[counted["code"] == SCOTLAND].set_index("year")[list(_BANDS)]
    areas_only = counted[counted["code"] != SCOTLAND]
    if not scotland.empty:
        sums = areas_only.groupby("year")[list(_BANDS)].sum()
        for year in sums.index[(sums != scotland.reindex(sums.index)).any(axis=1)]:
            found = f"areas of {year} that do not add up to {SCOTLAND}"
            raise InputRefused([Problem(sheet.file, found, "every area of Scotland once")])
    ids = _partnership_of_code(into, areas_only["code"], sheet.file)
    long = areas_only.assign(partnership=areas_only["code"].map(ids)).melt(
        id_vars=["partnership", "year"], value_vars=list(_BANDS), var_name="age_group", value_name="people"
    )
    table = _kept(
        into, "population", long[long["year"] >= since].assign(status=status), ["partnership", "status", "year"]
    )
    table = table.astype({"year": int, "people": int})
    return {"population": table.sort_values(["partnership", "status", "year", "age_group"])}


def _kept(into: Mapping[str, pd.DataFrame], name: str, new: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The new rows, and those earlier rows of the table that they do not replace."""
    if name not in into:
        return new
    stay = _staying(into[name], new, keys)
    return pd.concat([stay, new]) if len(stay) else new


def _staying(earlier: pd.DataFrame, new: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The earlier rows that no new row replaces."""
    marked = earlier.merge(new[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    return marked[marked["_merge"] == "left_only"].drop(columns="_merge")


def _columns(sheet: Sheet, *names: str, row_numbers: bool = False) -> pd.DataFrame:
    missing = [name for name in names if name not in sheet.headings]
    if missing:
        raise InputRefused(
            Problem(
                sheet.file,
                f"the headings {listed(sheet.headings)}",
                f"a column {name}, as the publisher's file has",
                row=sheet.top,
                nearest=nearest(name, sheet.headings),
            )
            for name in missing[:12]
        )
    places = [sheet.headings.index(name) for name in names]
    if not sheet.rows:
        raise InputRefused([Problem(sheet.file, "headings and no rows", "the publisher's figures")])
    records = [[row[place] if place < len(row) else "" for place in places] for _, row in sheet.rows]
    index = pd.Index([number for number, _ in sheet.rows], name="row") if row_numbers else None
    return pd.DataFrame(records, columns=list(names), index=index, dtype="str")


def _counts(frame: pd.DataFrame, column: str, file: str) -> pd.Series:
    numbers = pd.to_numeric(frame[column], errors="coerce")
    wrong = numbers.isna() | (numbers < 0) | (numbers % 1 != 0)
    _refuse_where(wrong, frame, file, None, "a whole number, 0 or more", column)
    return numbers.astype("int64")


def _months(texts: pd.Series, file: str) -> pd.Series:
    shaped = texts.str.fullmatch(r"\d{4}(0[1-9]|1[0-2])")
    _refuse_where(~shaped, texts.to_frame(), file, None, "a month such as 202504", "MonthOfDelay")
    return texts.str[:4] + "-" + texts.str[4:]


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{2}", text)) and year_name(int(text[:4])) == text.replace("-", "/")


def _quarter(month: str) -> str:
    period = Period.parse(month)
    return f"{period.financial_year} Q{period.quarter}"


def _permitted(frame: pd.DataFrame, column: str, permitted: list[str], file: str) -> None:
    wrong = ~frame[column].isin(permitted)
    _refuse_where(wrong, frame, file, None, f"{listed(permitted)}", column)


def _no_repeats(frame: pd.DataFrame, keys: list[str], file: str, same: str) -> None:
    _refuse_where(frame.duplicated(keys), frame, file, f"{same} again", "each once")


def _adds_up(frame: pd.DataFrame, column: str, total: str, keys: list[str], file: str) -> None:
    """The parts of `column` add up to its row `total` within every group of `keys`."""
    whole = frame[frame[column] == total].set_index(keys)["days"]
    parts = frame[frame[column] != total].groupby(keys)["days"].sum()
    differs = parts.sub(whole, fill_value=0)
    wrong = differs[differs != 0]
    if len(wrong):
        raise InputRefused(
            Problem(
                file,
                f"{', '.join(map(str, group))}: parts that add up to {residual:+g} beside the total {total!r}",
                "parts that add up to the total",
            )
            for group, residual in list(wrong.items())[:12]
        )


def _refuse_where(
    wrong: pd.Series, frame: pd.DataFrame, file: str, found: str | None, expected: str, column: str = ""
) -> None:
    problems = _where(wrong, frame, file, found, expected, column)
    if problems:
        raise InputRefused(problems)


def _where(
    wrong: pd.Series, frame: pd.DataFrame, file: str, found: str | None, expected: str, column: str = ""
) -> list[Problem]:
    rows = frame.index[wrong.to_numpy()]
    return [
        Problem(file, found or repr(frame.loc[row, column]), expected, row=int(row), column=column) for row in rows[:50]
    ]


def _councils(into: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The councils of the table partners that have a code, each code once."""
    if "partners" not in into:
        raise InputRefused([Problem("partners.csv", "no such table", "the partnerships first: ijb import areas FILE")])
    partners = into["partners"]
    councils = partners[(partners["sector"] == "council") & (partners["code"] != "")]
    _refuse_where(councils.duplicated("code"), councils, "partners.csv", None, "each council's code once", "code")
    return councils


def _area_of_council(into: Mapping[str, pd.DataFrame], codes: pd.Series, file: str) -> dict[str, str]:
    councils = _councils(into)
    area = dict(zip(councils["code"], councils["partnership"], strict=True))
    area |= dict.fromkeys(_ELSEWHERE, words.NOT_RESIDENT)
    _refuse_where(~codes.isin([*area, SCOTLAND]), codes.to_frame("CA"), file, None, _COUNCIL_CODE, "CA")
    return area


def _partnership_of_code(into: Mapping[str, pd.DataFrame], codes: pd.Series, file: str) -> dict[str, str]:
    if "partnerships" not in into:
        raise InputRefused([Problem("partnerships.csv", "no such table", "partnerships first: ijb import areas FILE")])
    known = into["partnerships"][into["partnerships"]["code"] != ""]
    ids = dict(zip(known["code"], known["partnership"], strict=True))
    _refuse_where(~codes.isin(ids), codes.to_frame("HSCP"), file, None, "a code of the table partnerships", "HSCP")
    return ids

"""The parts of a page. Everything from data is escaped; every part is plain HTML without style or script."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from ijbtools import vocabulary as words
from ijbtools.finance.money import round_half_up
from ijbtools.finance.words import exact_pounds, number, percent
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import ALWAYS, Assumption, Source
from ijbtools.inputs.tables import TABLES
from ijbtools.topics.result import Check, Result, ShownTable

_SHAPES = {"green": "●", "amber": "▲", "red": "■"}  # a shape for each word, so that colour is never alone
PART = "application/vnd.ijbtools.part+html"  # a part as the page takes it

LICENCE = "Open Government Licence v3.0"
OPENED = {"yes": "", "in part": "read in part", "no": "not read"}


@dataclass(frozen=True)
class Part:
    """A part of a page: HTML that the page takes over as it stands, and that JupyterLab shows in a like style."""

    html: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        shown = f'<style>{_lab_style()}</style><div class="ijb">{self.html}</div>'
        return {
            PART: self.html,
            "text/html": shown,
            "text/plain": re.sub(r"\s*<[^>]+>\s*", " ", self.html).strip(),
            **self.data,
        }


def headline(result: Result) -> Part:
    """The answer in its sentences, then the key figures. Invented partnerships are said to be so first."""
    return part(
        "headline", text=result.sentence("headline"), figures=result.key_figures(), is_invented=invented(result)
    )


def sentence(result: Result, name: str) -> Part:
    """One of the result's sentences as a paragraph."""
    return part("paragraph", text=result.sentence(name))


def caution(result: Result, name: str = "caution") -> Part:
    """One of the result's sentences as a caution; once, where it is needed."""
    return part("caution", text=result.sentence(name))


def table(result: Result, name: str) -> Part:
    """One of the result's tables."""
    return _table(result, result.table(name))


def figure(result: Result, name: str) -> Part:
    """One of the result's figures, with its source and the figures behind it."""
    from ijbtools.report.figures import draw

    shown = result.figure(name)
    behind = _table_context(result, shown.table)
    return part("figure", shown=shown, drawings=draw(shown), source=citations(result, shown.table.sources), **behind)


def show(result: Result, *names: str) -> Part:
    """For each name its sentence, then its figure or its table.

    What is for a second reading is folded away at the end; what cannot be shown for want of data is said last. Names
    that say nothing for this partnership are passed over. ValueError names those there are.
    """
    sentences, parts, lacking = result.sentences(), [], []
    withheld: dict[str, list[str]] = {}  # what, by why
    folded: dict[str, str] = {}
    known = {*sentences, *result.FIGURES, *result.TABLES}
    for name in names:
        if name not in known:
            raise ValueError(f"show: found {name!r}; expected one of {sorted(known)}")
        if result.lacks(name):
            lacking.append(name)
        elif why := result.withheld(name):
            withheld.setdefault(why, []).append(result.would_show(name))
        elif result.shows(name):
            parts += [sentence(result, name)] if sentences.get(name) else []
            if result.secondary(name):
                folded[name] = table(result, name).html
            elif name in result.FIGURES:
                parts.append(figure(result, name))
            elif name in result.TABLES:
                parts.append(table(result, name))
    if folded:
        would = "; ".join(map(result.would_show, folded))
        parts.append(part("more", would=would, tables=[Markup(html) for html in folded.values()]))
    for why, names_of in withheld.items():
        parts.append(part("withheld", would="; ".join(dict.fromkeys(names_of)), why=why))
    if lacking:
        tables = list(dict.fromkeys(one for name in lacking for one in result.lacks(name)))
        columns = [(one, ", ".join(c.name for c in TABLES[one].columns if c.required)) for one in tables]
        parts.append(part("needs", would="; ".join(dict.fromkeys(map(result.would_show, lacking))), tables=columns))
    return Part("\n".join(one.html for one in parts))


def method(result: Result) -> Part:
    """How it is worked out: the docstring of the topic."""
    import mistune
    import nh3

    html = str(mistune.create_markdown(escape=True, plugins=["table"])(result.method))
    html = re.sub(r"<tr>\s*<td>(.*?)</td>", r'<tr><th scope="row">\1</th>', html)
    html = html.replace("<th>", '<th scope="col">').replace("<table>", "<table><caption>Symbols</caption>")
    html = nh3.clean(html, tags=_METHOD_TAGS, attributes={"th": {"scope"}, "a": {"href"}}, link_rel=None)
    return part("method", html=Markup(html))


_METHOD_TAGS = {"p", "h3", "h4", "ul", "ol", "li", "em", "strong", "code", "pre", "a", "br"}
_METHOD_TAGS |= {"table", "caption", "thead", "tbody", "tr", "th", "td"}


def assumptions(result: Result) -> Part:
    """What is assumed: value, range and what its ends mean, quality as word and shape, source, owner."""
    rows = [_assumption(result, assumption) for assumption in result.used]
    doubts = [one.doubt for one in result.used if one.doubt]
    qualities = _qualities(result.used)
    return part("assumptions", rows=rows, scenario=result.scenario, qualities=qualities, doubts=doubts)


def checks(result: Result) -> Part:
    """The identities that must hold, each with its residual."""
    rows = [_check(check) for check in result.checks()]
    return part("checks", rows=rows, all_hold=all(check.holds for check in result.checks()))


def sources(result: Result) -> Part:
    """Where the figures come from: data first, then assumptions, each with its licence and how far it was read."""
    rows = [(source, OPENED[source.opened]) for source in sources_of(result)]
    return part("sources", rows=rows, licence=licence_of(result))


def sources_of(result: Result) -> list[Source]:
    """The sources of the data, then those of the assumptions, each once."""
    ids = dict.fromkeys([*result.data_sources, *(assumption.source for assumption in result.used)])
    return [result.sources[one] for one in ids if one in result.sources]


def licence_of(result: Result) -> str:
    """The acknowledgement that the licence of the sources asks for, or nothing."""
    licensed = sorted({source.publisher for source in sources_of(result) if LICENCE in source.licence})
    return (
        f"Contains public sector information licensed under the {LICENCE}: {'; '.join(licensed)}." if licensed else ""
    )


def part(name: str, **context: Any) -> Part:
    """The part that the template of that name makes of the context."""
    return Part(str(getattr(_macros(), name)(**context)).strip())


@cache
def _lab_style() -> str:
    return (files("ijbtools.report") / "templates" / "lab.css").read_text(encoding="utf-8")


@cache
def environment() -> jinja2.Environment:
    """Templates of the package, escaping everything that is not marked as HTML."""
    folder = str(files("ijbtools.report") / "templates")
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )


@cache
def _macros() -> Any:
    return environment().get_template("parts.html.j2").module


def _table(result: Result, shown: ShownTable) -> Part:
    return part("table", **_table_context(result, shown))


def _table_context(result: Result, shown: ShownTable) -> dict[str, Any]:
    rows = [
        [
            (_printed(value, column.places), column.places is not None)
            for value, column in zip(row, shown.columns, strict=True)
        ]
        for row in shown.frame[[column.name for column in shown.columns]].itertuples(index=False, name=None)
    ]
    return {
        "id": _id(shown.title, shown.subtitle),
        "title": shown.title,
        "subtitle": shown.subtitle,
        "columns": [(column.heading, column.places is not None) for column in shown.columns],
        "rows": rows,
        "total": shown.total,
        "notes": notes_of(shown),
        "table_source": citations(result, shown.sources),
    }


def _printed(value: Any, places: int | None) -> str:
    """A cell in words; one that stands for a figure among figures, such as [c], is there as it is."""
    return str(value) if places is None or isinstance(value, str) else number(value, places)


def notes_of(shown: ShownTable) -> list[str]:
    """The table's notes, and one more where rounded figures do not add up to their rounded total."""
    return [*shown.notes, *(["Figures may not add up because each is rounded."] if _rounding_shows(shown) else [])]


def _rounding_shows(shown: ShownTable) -> bool:
    if not shown.total:
        return False
    for column in shown.columns:
        values = shown.frame[column.name]
        if column.places is not None and not values.isna().any() and not values.map(type).eq(str).any():
            rounded = round_half_up(pd.to_numeric(values), column.places)
            if round_half_up(float(rounded.iloc[:-1].sum()), column.places) != rounded.iloc[-1]:
                return True
    return False


def citations(result: Result, ids: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Each publisher once, with the ids under which its documents stand in the list of sources."""
    cited: dict[str, list[str]] = {}
    for one in dict.fromkeys(ids):
        if one in result.sources:
            cited.setdefault(result.sources[one].publisher, []).append(one)
    return list(cited.items())


def _assumption(result: Result, assumption: Assumption) -> dict[str, Any]:
    when = result.period or Period.parse("2024/25")
    span = assumption.range
    value = _in_unit(assumption.at(when), assumption.unit)
    dated = [year for year in assumption.value if year != ALWAYS]
    prices = f"{assumption.price_base} prices" if assumption.price_base and "£" in assumption.unit else ""
    return {
        "label": assumption.label,
        "value": value,
        "prices": prices,
        "dated": dated,
        "range": f"{_in_unit(span.low, assumption.unit)} to {_in_unit(span.high, assumption.unit)}" if span else "",
        "meaning": f"{span.meaning}{': ' + span.note if span.note else ''}" if span else "",
        "quality": assumption.quality,
        "shape": _SHAPES[assumption.quality or "red"],
        "source": assumption.source if assumption.source in result.sources else "",
        "publisher": result.sources[assumption.source].publisher if assumption.source in result.sources else "",
        "owner": assumption.owner,
        "note": assumption.note,
        "changed_by": assumption.changed_by,
    }


def _in_unit(value: float, unit: str) -> str:
    if unit == "share":
        return percent(value, 0 if round_half_up(value * 100, 6) == round_half_up(value * 100) else 1)
    if unit == "times" and value == 1:
        return "the same"
    return (
        f"{exact_pounds(value)} {unit.removeprefix('£').strip()}".strip()
        if unit.startswith("£")
        else f"{value:g} {unit}"
    )


def _qualities(used: tuple[Assumption, ...]) -> list[tuple[str, str, str]]:
    there = {assumption.quality for assumption in used}
    return [(_SHAPES[word], word, meaning) for word, meaning in words.QUALITIES.items() if word in there]


def _check(check: Check) -> dict[str, str]:
    places = 2 if check.unit == "£" else 0
    return {
        "name": check.name,
        "residual": f"{number(check.residual, places)} {check.unit}"
        if check.unit != "£"
        else exact_pounds(check.residual),
        "tolerance": "half a penny" if check.unit == "£" else "none",
        "holds": "holds" if check.holds else "does not hold",
    }


def invented(result: Result) -> bool:
    """Whether the partnership is an invented one."""
    return bool((result.tables["partnerships"]["kind"] == "invented").any())


def _id(*texts: str) -> str:
    words_of = re.sub(r"[^a-z0-9]+", "-", texts[0].casefold()).strip("-")[:40]
    return f"{words_of}-{hashlib.sha256('|'.join(texts).encode()).hexdigest()[:6]}"

"""The page: an executed notebook as one HTML file that fetches nothing and runs nothing."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from importlib import resources as packaged
from pathlib import Path
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

import ijbtools
from ijbtools import vocabulary as words
from ijbtools.errors import NotebookFailed, Problem
from ijbtools.inputs.completeness import STATES, Completeness
from ijbtools.inputs.style import Style
from ijbtools.report.parts import PART, environment
from ijbtools.report.recording import RECORD
from ijbtools.report.what_if import MARK

PLAIN = Style()
_MAIL = re.compile(r"[A-Za-z0-9._+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_WEB = re.compile(r"https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?(?:[/?#][^\s\"'<>\\]*)?")


def run_record(notebook: Any) -> dict[str, Any] | None:
    """The record in the notebook's last code cell with outputs, or None: then the run is not complete."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for output in cells[-1].outputs if cells else ():
        if RECORD in output.get("data", {}):
            return {**output["data"][RECORD], "title": _title(notebook)}
    return None


def page(notebook: Any, beside: str = "", files: Sequence[str] = (), style: Style = PLAIN) -> str:
    """The page of an executed notebook, with links to the files that lie beside it in the folder `beside`.

    `style` is the workspace's own: header, accent and footer. NotebookFailed where the run record is not there.
    """
    record = run_record(notebook)
    if record is None:
        raise NotebookFailed("The notebook did not reach its run record: its last cell must be report.record(…).")
    css = _text("page.css") + _strip_css(notebook) + _own_css(style) + _running_foot(record)
    context = {
        **record,
        "status_word": words.PAGE_STATUS[record["status"]],
        "contents": _contents(notebook),
        "files": [(f"{beside}/{name}", name) for name in files],
        "house": _house(style),
        "css": css,
        "part": PART,
        "policy": _policy(css),
    }
    body, _ = _exporter().from_notebook_node(notebook, resources={"ijb": context})
    body = _with_ids(body, context["contents"])
    return re.sub(r"\n\s*\n+", "\n", body).strip() + "\n"


def prepare() -> None:
    """Do now what the first page would wait for: nbconvert takes a second to import and to read its template."""
    _exporter().template  # noqa: B018


def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="briefing",
        extra_template_basedirs=[str(packaged.files("ijbtools.report") / "templates")],
        exclude_anchor_links=True,
        sanitize_html=False,
    )


def index_page(
    entries: list[dict[str, Any]],
    style: Style = PLAIN,
    run: bool = False,
    said: str = "",
    meanings: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The index of a site. Each entry is a run record with its page's address, status and state in words.

    With `run` it leads to the summary of the last run. `said` is how they stand in one line, and `meanings` what the
    states mean.
    """
    css = _text("page.css") + _own_css(style)
    template = environment().get_template("index.html.j2")
    return template.render(
        entries=[{"state": "published", "said": ""} | one for one in entries],
        run=run,
        said=said,
        meanings=meanings,
        house=_house(style),
        css=Markup(css),
        policy=_policy(css),
        version=ijbtools.__version__,
    )


def checklist_page(
    label: str, lists: Sequence[Completeness], others: Sequence[Problem] = (), style: Style = PLAIN
) -> str:
    """The completeness list of a plan: per table what is there, missing or doubtful, and where to go.

    `others` are problems of the plan that concern no table.
    """
    css = _text("page.css") + _own_css(style)
    template = environment().get_template("check.html.j2")
    return template.render(
        label=label,
        lists=lists,
        others=others,
        states=STATES,
        house=_house(style),
        css=Markup(css),
        policy=_policy(css),
        version=ijbtools.__version__,
    )


def run_page(label: str, rows: Sequence[dict[str, Any]], style: Style = PLAIN, **said: Any) -> str:
    """The summary of a run: a row for each page, and for those that failed the reasons. All of it is escaped."""
    css = _text("page.css") + _own_css(style)
    template = environment().get_template("run.html.j2")
    return template.render(
        label=label,
        rows=rows,
        failed=[one for one in rows if one["how"] == "failed"],
        house=_house(style),
        css=Markup(css),
        policy=_policy(css),
        version=ijbtools.__version__,
        **said,
    )


def compare_page(style: Style = PLAIN, **said: Any) -> str:
    """The comparison of two pages: the finding, what moved each figure, and what differs. All of it is escaped."""
    css = _text("page.css") + _own_css(style)
    template = environment().get_template("compare.html.j2")
    html = template.render(
        house=_house(style), css=Markup(css), policy=_policy(css), version=ijbtools.__version__, **said
    )
    return re.sub(r"\n\s*\n+", "\n", html).strip() + "\n"


def _house(style: Style) -> dict[str, Any]:
    """What a template takes from a house style; nothing of it is HTML."""
    return {
        "organisation": style.organisation,
        "contact": style.contact,
        "address": _address(style.contact),
        "statement": style.paragraphs,
    }


def _address(contact: str) -> str:
    """Where the contact leads: written to where it is an e-mail address, opened where it is an https address."""
    if _MAIL.fullmatch(contact):
        return f"mailto:{contact}"
    return contact if _WEB.fullmatch(contact) else ""


def _own_css(style: Style) -> str:
    """What a house style adds to the style sheet, after it so that it wins, on paper too. Nothing for the plain one.

    Only the accents come from the style, and they are checked colours.
    """
    css = ""
    if style.light != PLAIN.light:
        css += f":root{{--accent:{style.light}}}\n"
        css += f"@media screen and (prefers-color-scheme:dark){{:root{{--accent:{style.dark}}}}}\n"
    if style.paragraphs:
        css += ".statement p{max-width:66ch}\n.statement h2{font-size:1.125rem;margin:1.5rem 0 .5rem}\n"
    return css


def _strip_css(notebook: Any) -> str:
    """What a what-if strip adds to the style sheet, on the pages that have one."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return _text("what_if.css") if any(MARK in output.get("data", {}).get(PART, "") for output in outputs) else ""


def _running_foot(record: dict[str, Any]) -> str:
    """What stands at the foot of every printed page: whose, for when, and its standing."""
    standing = f"{words.PAGE_STATUS[record['status']]}{', invented' if record['invented'] else ''}"
    said = f"{record['name']} · {record['period_in_full']} · {standing}"
    quoted = re.sub(r'["\\<>\n\r]', " ", said)
    return f'@media print{{@page{{@bottom-left{{content:"{quoted}"}}}}}}\n'


def _policy(css: str) -> str:
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _headings(notebook: Any, level: int) -> list[str]:
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found += re.findall(rf"(?m)^#{{{level}}} (.+?)\s*$", cell.source)
    return found


def title_of(file: Path) -> str:
    """The question that a notebook asks: its first heading."""
    import nbformat

    return _title(nbformat.read(file, as_version=4))


def _title(notebook: Any) -> str:
    return next(iter(_headings(notebook, 1)), "Briefing")


def _contents(notebook: Any) -> list[tuple[str, str]]:
    """An id and the words of every section, in order."""
    headings = _headings(notebook, 2)
    return [(f"section-{number}", html.escape(heading)) for number, heading in enumerate(headings, start=1)]


def _with_ids(body: str, contents: list[tuple[str, str]]) -> str:
    """The sections' headings with the ids that the contents lead to."""
    ids = iter(one for one, _ in contents)
    return re.sub(r"<h2>", lambda found: f'<h2 id="{one}">' if (one := next(ids, "")) else found[0], body)


def _text(name: str) -> str:
    return (packaged.files("ijbtools.report") / "templates" / name).read_text(encoding="utf-8")

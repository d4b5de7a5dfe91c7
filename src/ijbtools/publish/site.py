"""A site: its index, and whether it is still what was published, from the inputs of today."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.words import day, period_in_full
from ijbtools.inputs.style import UNFINISHED, read_style
from ijbtools.inputs.workspace import file_of
from ijbtools.publish.place import failure, replace_file, sha256, written

if TYPE_CHECKING:
    from ijbtools.publish.status import PageState


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the run record says; `stale` where only an input has changed since."""

    file: str
    said: str
    stale: bool = False

    def __str__(self) -> str:
        return f"{self.file}: {self.said}"


RUN = "run.html"  # the summary of the last run
_NEEDED = {"name", "slug", "status", "inputs", "outputs", "published_at"}


def write_index(out: Path, home: Path, states: Sequence["PageState"] = ()) -> Path:
    """Write `index.html` from the run records that lie beside the pages; replaced at once.

    `states` tell how the pages of plans stand, also of those that are not there.
    """
    from ijbtools.publish.status import STATES, counted
    from ijbtools.report.examine import require
    from ijbtools.report.page import index_page

    found = entries(out, home, states)
    meanings = {word: meaning for word, meaning in STATES.items() if any(one["state"] == word for one in found)}
    meanings.pop("published", None)
    said = counted((one["state"], one["stale"]) for one in found)
    html = index_page(found, read_style(home), run=(out / RUN).exists(), said=said, meanings=meanings)
    require(html, "index.html")
    with written(out):
        replace_file(out / "index.html", html)
    return out / "index.html"


def entries(out: Path, home: Path, states: Sequence["PageState"] = ()) -> list[dict[str, Any]]:
    """One entry for each page that has its run record, or is not there; by partnership, latest period first."""
    known = {one.address: one for one in states if one.address}
    digests: dict[Path, str] = {}
    found, names = [], {}
    for page, record in published_pages(out):
        made = day(datetime.fromisoformat(record["published_at"]).date())
        entry: dict[str, Any] = {
            "address": page.relative_to(out).as_posix(),
            "status_word": words.PAGE_STATUS[record["status"]],
            "made": made,
            "said": "",
        }
        state = known.pop(entry["address"], None)
        entry["stale"] = state.stale if state else bool(changed_inputs(record, home, digests))
        entry["state"] = state.state if state else "published"
        kept = "-".join([*page.parent.relative_to(out).parts, page.stem])
        failed = failure(out, kept, record["published_at"]) if not state or state.state == "failed" else None
        if failed:
            entry |= {"state": "failed", "said": f"on {day(failed[0])}; the page of {made} stays"}
        elif entry["state"] == "due" and not entry["stale"]:
            entry["said"] = "something that it comes from has changed"
        names[page.parent.parent.name] = record["name"]
        found.append(record | entry)
    known |= {f"waiting {one.partnership}": one for one in states if one.state == "waiting"}
    found += [_not_there(one, names.get(one.partnership, "")) for one in known.values()]
    found.sort(key=lambda one: one["slug"], reverse=True)
    found.sort(key=lambda one: one["name"])
    return found


def _not_there(one: "PageState", name: str) -> dict[str, Any]:
    """The entry of a page that a plan wants and that is not there; what cannot stand on a page is left out."""
    from ijbtools.report.page import title_of

    title = title_of(one.job.notebook) if one.job else "Every page"
    name = name or one.name
    return {
        "address": "",
        "name": one.partnership if UNFINISHED.search(name) else name,
        "title": one.job.name if one.job and UNFINISHED.search(title) else title,
        "slug": one.period.slug if one.period else "",
        "period_in_full": period_in_full(one.period) if one.period else "–",
        "status_word": "–",
        "invented": False,
        "made": "–",
        "stale": False,
        "state": one.state,
        "said": one.said.removeprefix("failed "),
    }


def published_pages(out: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every page of a site that is there with its run record."""
    for file, record in records(out):
        page = _page_of(file)
        if page.exists():
            yield page, record


def records(out: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Every readable run record of a site, with its file."""
    found = []
    for file in sorted(out.glob("*/*/*-????????/run.json")):
        if (record := readable(file)) is not None:
            found.append((file, record))
    return found


def readable(file: Path) -> dict[str, Any] | None:
    """The run record of that file, or None where it is not whole."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and record.keys() >= _NEEDED else None


def differences(out: Path, home: Path) -> list[Difference]:
    """What differs from the run records of a site: pages and files first, then inputs that have changed since.

    InputRefused where there is no run record at all.
    """
    found = sorted(out.glob("*/*/*-????????/run.json"))
    if not found:
        raise InputRefused([Problem(str(out), "no run record", "a folder that `ijb publish` published into")])
    found_whole = dict(records(out))
    differs: list[Difference] = []
    for file in found:
        if file not in found_whole:
            differs.append(Difference(file.relative_to(out).as_posix(), "the run record cannot be read"))
            continue
        record, folder = found_whole[file], file.parent.parent
        differs += differing_outputs(file, record, out)
        listed = {folder / name for name in record["outputs"]} | {file}
        extra = sorted(path for path in file.parent.rglob("*") if path.is_file() and path not in listed)
        differs += [Difference(path.relative_to(out).as_posix(), "not in the run record") for path in extra]
        shown = _page_of(file).relative_to(out).as_posix()
        differs += [
            Difference(shown, f"made from another {name} than today's", stale=True)
            for name in changed_inputs(record, home)
        ]
    return differs


def differing_outputs(run: Path, record: dict[str, Any], out: Path) -> list[Difference]:
    """The page and files of a run record that are missing or changed."""
    folder = run.parent.parent
    return [one for name, digest in record["outputs"].items() for one in _compared(folder / name, digest, out)]


def _compared(file: Path, digest: str, out: Path) -> list[Difference]:
    name = file.relative_to(out).as_posix()
    if not file.exists():
        return [Difference(name, "missing")]
    return [] if sha256(file) == digest else [Difference(name, "changed since it was published")]


def changed_inputs(record: dict[str, Any], home: Path, digests: dict[Path, str] | None = None) -> list[str]:
    """The files that a page was made from that are not what they were.

    `digests` are what the files are now, filled on the way: for many pages that were made from the same.
    """
    digests = {} if digests is None else digests
    changed = []
    for name, digest in (record["inputs"] | record.get("house", {})).items():
        file = file_of(home, name)
        if file not in digests:
            digests[file] = sha256(file) if file.exists() else ""
        if digests[file] != digest:
            changed.append(name)
    return changed


def _page_of(run: Path) -> Path:
    """The page that a run record lies beside."""
    return run.parent.parent / f"{run.parent.name[:-9]}.html"

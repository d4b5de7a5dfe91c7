"""A site: its index, and whether it is still what was published, from the inputs of today."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem
from ijbtools.finance.words import day
from ijbtools.inputs.style import read_style
from ijbtools.inputs.workspace import file_of
from ijbtools.publish.place import replace_file, sha256, written


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


def write_index(out: Path, home: Path) -> Path:
    """Write `index.html` from the run records that lie beside the pages; replaced at once."""
    from ijbtools.report.examine import require
    from ijbtools.report.page import index_page

    html = index_page(entries(out, home), read_style(home), run=(out / RUN).exists())
    require(html, "index.html")
    with written(out):
        replace_file(out / "index.html", html)
    return out / "index.html"


def entries(out: Path, home: Path) -> list[dict[str, Any]]:
    """One entry for each page that has its run record, by partnership, latest period first."""
    found = []
    for file, record in records(out):
        page = _page_of(file)
        if page.exists():
            entry = {
                "address": page.relative_to(out).as_posix(),
                "status_word": words.PAGE_STATUS[record["status"]],
                "made": day(datetime.fromisoformat(record["published_at"]).date()),
                "stale": bool(changed_inputs(record, home)),
            }
            found.append(record | entry)
    found.sort(key=lambda one: one["slug"], reverse=True)
    found.sort(key=lambda one: one["name"])
    return found


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


def changed_inputs(record: dict[str, Any], home: Path) -> list[str]:
    """The files that a page was made from that are not what they were."""
    changed = []
    for name, digest in (record["inputs"] | record.get("house", {})).items():
        file = file_of(home, name)
        if not file.exists() or sha256(file) != digest:
            changed.append(name)
    return changed


def _page_of(run: Path) -> Path:
    """The page that a run record lies beside."""
    return run.parent.parent / f"{run.parent.name[:-9]}.html"

"""The index of a site: which pages are there, for which period, with which status."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from ijbtools import vocabulary as words


def write_index(out: Path) -> Path:
    """Write `index.html` from the run records that lie beside the pages; replaced at once."""
    from ijbtools.report.page import index_page

    file = out / "index.html"
    handle, temporary = tempfile.mkstemp(prefix=".index-", dir=out)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as text:
        text.write(index_page(entries(out)))
    Path(temporary).chmod(0o644)
    os.replace(temporary, file)
    return file


def entries(out: Path) -> list[dict[str, Any]]:
    """One entry for each page that has its run record, by partnership, latest period first."""
    found = []
    for file in sorted(out.glob("*/*/*-????????/run.json")):
        record = json.loads(file.read_text(encoding="utf-8"))
        page = file.parent.parent / f"{file.parent.name[:-9]}.html"
        if page.exists():
            address = page.relative_to(out).as_posix()
            found.append(record | {"address": address, "status_word": words.PAGE_STATUS[record["status"]]})
    found.sort(key=lambda one: one["slug"], reverse=True)
    found.sort(key=lambda one: one["name"])
    return found

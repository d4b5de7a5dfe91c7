"""The run record: what a page was made from. A run is complete only when it has come to this."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import ijbtools
from ijbtools import vocabulary as words
from ijbtools.errors import InputRefused, Problem, listed, nearest
from ijbtools.finance.words import day, month, period_in_full
from ijbtools.finance.years import Period
from ijbtools.inputs.assumptions import Assumption
from ijbtools.report.parts import Part, invented, part
from ijbtools.report.withheld import exempted_of, log_of, write_log
from ijbtools.topics.result import Result

RECORD = "application/vnd.ijbtools.record+json"
FILES = "IJB_FILES"  # set by `ijb`: the folder for the files that lie beside a page


def record(result: Result, *inputs: Any, **parameters: str) -> Part:
    """What this page was made from: parameters, and a fingerprint of every file read.

    `inputs` are the tables and assumptions that were read. The page builder takes its header from this part. Under
    `ijb` the facts, tables and workbook are written here too; in JupyterLab nothing is.
    """
    if result.period is None:
        raise ValueError("result: found all partnerships; expected one: result.only(partnership, period)")
    status = _status(parameters)
    own = result.tables["partnerships"].iloc[0]
    digests = {name: digest for one in inputs for name, digest in one.digests.items()}
    as_at = f" (as at {month(Period.parse(own['model_from'][:7]).start)})" if own["model"] == "lead_agency" else ""
    header = {
        "topic": result.topic,
        "partnership": result.partnership,
        "name": own["name"],
        "model": words.MODELS[own["model"]] + as_at,
        "partners": result.tables["partners"].sort_values("sector", ascending=False)["name"].tolist(),
        "period": result.period.name,
        "period_in_full": period_in_full(result.period),
        "figures_to": day(result.period.end),
        "slug": result.period.slug,
        "status": status,
        "prepared_by": parameters.get("prepared_by", ""),
        "signed_by": parameters.get("signed_by", ""),
        "invented": invented(result),
        "parameters": dict(parameters),
        "inputs": digests,
        "assumptions": values_of(result.used),
        "version": ijbtools.__version__,
        "suppressed": log_of(result),
        "exempted": exempted_of(result),
    }
    if folder := os.environ.get(FILES):
        from ijbtools.report.files import write_files

        about = {
            "Partnership": header["name"],
            "Model": header["model"],
            "Period": header["period_in_full"],
            "Status": words.PAGE_STATUS[status],
            "Prepared by": header["prepared_by"] or "not said",
            "Signed off by": header["signed_by"] or "not signed off",
            "Made with": f"ijbtools {ijbtools.__version__}",
        }
        write_files(result, Path(folder), about)
        write_log(log_of(result), Path(folder))
    shown = {"partnership": result.partnership, "period": result.period.name, **parameters}
    made = part(
        "record",
        parameters={name: value or "not set" for name, value in shown.items()},
        inputs={PurePosixPath(name).name: digest for name, digest in digests.items()},
        version=ijbtools.__version__,
    )
    return Part(made.html, {RECORD: header})


def values_of(used: Iterable[Assumption]) -> dict[str, dict[str, Any]]:
    """What sums take from each assumption: values by date, the ends of its range, the year of its prices.

    With these a later comparison works the page out again as it was, whatever params say by then.
    """
    return {
        one.name: {
            "value": dict(one.value),
            "range": [one.range.low, one.range.high] if one.range else [],
            "price_base": one.price_base or "",
        }
        for one in used
    }


def _status(parameters: dict[str, str]) -> str:
    status = parameters.get("status", "draft")
    if status not in words.PAGE_STATUS:
        expected = listed(list(words.PAGE_STATUS))
        close = nearest(status, words.PAGE_STATUS)
        raise InputRefused([Problem("parameter status", repr(status), expected, nearest=close)])
    if status == "final" and not parameters.get("signed_by"):
        expected = "for a final page, who signed it off"
        raise InputRefused([Problem("parameter signed_by", "nothing", expected)])
    return status

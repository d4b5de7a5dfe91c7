"""How reading and pricing grow: with a row a person, and with the number of partnerships.

    python benchmarks/scale.py [--rows 20000000] [--rounds 5]
    python benchmarks/scale.py --partnerships [--rounds 5]

The first makes delayed-discharge episodes for the 31 partnerships of the Scottish sample (invented, from a seed) in one
Parquet file, and goes from there to the flow matrix by partnership, month, reason, who decides and who bears, in whole
days and pence: once by a bare DuckDB query, once by `ijbtools` with every check. The two must be equal to the penny.
Seconds are those of the work after the imports, with the unit prices in hand: two numbers for the bare query, the
assumptions as read and checked for `ijbtools`. Beside them are those of the whole process, reading of the assumptions
among them. Both read the same file, which the system still has in memory.

The second reads, checks and works out all three topics for 31, 310 and 3,100 partnerships: the real sample, and the
invented one with all tables of money, replicated under new ids.

Everything is measured in fresh processes, one after another; memory is the most that a process held. Needs the extra
`scale`. What is made lies in a temporary folder, which is removed.
"""

import argparse
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCOTLAND, INVENTED = ROOT / "data" / "sample" / "scotland", ROOT / "data" / "sample" / "invented"
SEED = 20240401
AIM = 1.5
STEPS = (1_000_000, 5_000_000)  # smaller files, which show whether memory grows with the rows
COUNTS = (31, 310, 3100)
BED, CARE = 61812, 12600  # pence a day: full average cost of a bed, and care, as params have them
NEEDED = ("partnerships", "partners", "delays", "attribution")  # what days are priced by
WAITS = "health_and_social_care"
COMMON = ("services", "names", "categories")  # tables that copies have in common

EPISODES = """
COPY (
    SELECT
        places.partnership,
        printf('%04d-%02d', 2016 + (month + 3) // 12, (month + 3) % 12 + 1) AS period,
        CASE WHEN older < 550 THEN '75+' ELSE '18-74' END AS age_group,
        CASE WHEN why < 700 THEN 'health_and_social_care' WHEN why < 850 THEN 'code_9_awi'
             WHEN why < 930 THEN 'code_9_other' ELSE 'patient_and_family' END AS reason,
        CAST(if(month % 12 = 10, least(days, 28), days) AS SMALLINT) AS bed_days
    FROM (
        SELECT
            CAST(hash(i, $seed) % 31 AS INTEGER) AS place,
            CAST(hash(i, $seed + 1) % 108 AS INTEGER) AS month,
            hash(i, $seed + 2) % 1000 AS older,
            hash(i, $seed + 3) % 1000 AS why,
            1 + hash(i, $seed + 4) % 30 AS days
        FROM range($rows) AS numbers(i)
    ) JOIN (SELECT partnership, row_number() OVER (ORDER BY partnership) - 1 AS place FROM read_csv($places)) AS places
    USING (place)
) TO '{file}' (FORMAT parquet)
"""

# Grouped before anything is joined: the quickest that was found.
BARE = """
WITH days AS (
    SELECT partnership, period, reason, CAST(sum(bed_days) AS BIGINT) AS days
    FROM read_parquet($episodes) GROUP BY ALL
), led AS (
    SELECT p.partnership, coalesce(p.host, b.partner) AS host
    FROM read_csv($partnerships, all_varchar => true) AS p
    LEFT JOIN read_csv($partners, all_varchar => true) AS b
    ON b.partnership = p.partnership AND b.sector = 'health_board'
    WHERE p.model = 'lead_agency'
), decided AS (
    SELECT days.*, host, CASE reason WHEN 'code_9_awi' THEN 'law' WHEN 'code_9_other' THEN 'unassigned'
        WHEN 'patient_and_family' THEN 'people' ELSE coalesce(host, 'partnership') END AS decides
    FROM days LEFT JOIN led USING (partnership)
)
SELECT partnership, period, reason, 'bed', decides, coalesce(host, 'hospitals'), days, days * $bed FROM decided
UNION ALL
SELECT partnership, period, reason, 'care', decides, decides, days, -days * $care FROM decided WHERE reason = $waits
"""


def bare(folder: Path, _: Any) -> list[tuple[Any, ...]]:
    """The flow matrix by DuckDB alone, which checks nothing."""
    import duckdb

    files = {name: str(folder / f"{name}.csv") for name in ("partnerships", "partners")}
    given = files | {"episodes": str(folder / "episodes.parquet"), "bed": BED, "care": CARE, "waits": WAITS}
    with duckdb.connect() as base:
        return base.execute(BARE, given).fetchall()


def checked(folder: Path, assumptions: Any) -> list[tuple[Any, ...]]:
    """The flow matrix by ijbtools: every row of every table read and checked, and priced by the assumptions."""
    from ijbtools.inputs import read
    from ijbtools.topics import shunting

    found = shunting.by_period(read(folder, NEEDED), assumptions, ["full_average"])
    days, pence = found["days"].round().astype("int64"), (found["amount"] * 100).round().astype("int64")
    names = ["partnership", "period", "reason", "item", "decides", "bears"]
    return list(zip(*(found[name].tolist() for name in names), days.tolist(), pence.tolist(), strict=True))


def topics(folder: Path, assumptions: Any) -> list[tuple[Any, ...]]:
    """All three topics of every partnership: seconds of reading and checking, and of each topic."""
    from ijbtools.inputs import read
    from ijbtools.topics import baseline, investment, shunting

    began = time.perf_counter()
    tables, seconds = read(folder), {}
    seconds["read"] = time.perf_counter() - began
    for topic in (shunting, baseline, investment):
        began = time.perf_counter()
        topic.compute(tables, assumptions)
        seconds[topic.__name__.rpartition(".")[2]] = time.perf_counter() - began
    rows = sum(len(frame) for frame in tables.values())
    return [(rows, *(seconds[name] for name in ("read", "shunting", "baseline", "investment")))]


WORK: Mapping[str, Callable[[Path, Any], list[tuple[Any, ...]]]] = {"bare": bare, "checked": checked, "topics": topics}


def work(name: str, folder: Path) -> None:
    """Do one of them in this process, and print its seconds, memory and what came out."""
    import duckdb  # noqa: F401  # imports and unit prices of both sides are not part of the work

    assumptions = None
    if name != "bare":
        from ijbtools.inputs import parquet, read_assumptions, reader  # noqa: F401
        from ijbtools.topics import baseline, investment, shunting  # noqa: F401

        assumptions = read_assumptions(ROOT / "params")
    began = time.perf_counter()
    found = WORK[name](folder, assumptions)
    seconds = time.perf_counter() - began
    digest = hashlib.sha256(json.dumps(sorted(found)).encode()).hexdigest()
    said = {"seconds": seconds, "memory": _peak(), "digest": digest, "rows": len(found)}
    print(json.dumps(said | ({"parts": found[0]} if name == "topics" else {})))


def _peak() -> float:
    """The most memory that this process has held, in MiB."""
    if os.name == "nt":
        import psutil

        return psutil.Process().memory_info().peak_wset / 2**20
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def measured(name: str, folder: Path) -> dict[str, Any]:
    """What one of them took in a fresh process; `whole` are the seconds with its start and end."""
    began = time.perf_counter()
    command = [sys.executable, str(Path(__file__).resolve()), "--work", name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    whole = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{done.stderr}\n{name} ended with {done.returncode}.")
    return json.loads(done.stdout.splitlines()[-1]) | {"whole": whole}


def episodes(folder: Path, rows: int) -> None:
    """Episodes of that many rows beside the sample's partnerships and partners."""
    import duckdb

    folder.mkdir()
    for name in ("partnerships", "partners"):
        (folder / f"{name}.csv").write_bytes((SCOTLAND / f"{name}.csv").read_bytes())
    with duckdb.connect() as base:
        file = (folder / "episodes.parquet").as_posix().replace("'", "''")
        given = {"seed": SEED, "rows": rows, "places": str(folder / "partnerships.csv")}
        base.execute(EPISODES.format(file=file), given)


def compare(scratch: Path, rows: int, rounds: int) -> bool:
    """Measure the bare query and ijbtools at several sizes; whether the aim is held at the largest."""
    held = True
    print(
        "| rows | file, MB | bare, s | ijbtools, s | ratio | whole process, s | ratio | memory, MiB: bare, ijbtools |"
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for count in sorted({*(step for step in STEPS if step < rows), rows}):
        folder = scratch / f"rows-{count}"
        episodes(folder, count)
        both: dict[str, list[dict[str, Any]]] = {"bare": [], "checked": []}
        for number in range(rounds + 1):
            for name in both if number % 2 else reversed(both):
                found = measured(name, folder)
                both[name] += [found] if number else []  # a first round, which is not timed, fills the caches
            digests = {one["digest"] for found in both.values() for one in found}
            if len(digests) > 1:
                sys.exit("The two flow matrices are not equal to the penny.")
        size = (folder / "episodes.parquet").stat().st_size / 1e6
        (old, new), (old_whole, new_whole), (_, _), memory = (
            [statistics.median(one[what] for one in both[name]) for name in both]
            for what in ("seconds", "whole", "rows", "memory")
        )
        said = [f"{min(one['seconds'] for one in found):.2f} to {max(one['seconds'] for one in found):.2f}"
                for found in both.values()]  # fmt: skip
        print(
            f"| {count:,} | {size:.0f} | {old:.2f} ({said[0]}) | {new:.2f} ({said[1]}) | {new / old:.2f} "
            f"| {old_whole:.2f}, {new_whole:.2f} | {new_whole / old_whole:.2f} | {memory[0]:.0f}, {memory[1]:.0f} |",
            flush=True,
        )
        held = new / old <= AIM
        (folder / "episodes.parquet").unlink()
    print(f"\nMedians of {rounds}, with the lowest and the highest. Aim at {rows:,} rows: at most {AIM} times.")
    print(f"The aim is {'held' if held else 'missed'}; the matrices are equal to the penny at every size.")
    return held


def replicate(source: Path, folder: Path, count: int) -> None:
    """The tables of a sample for that many partnerships: its own over and over, each time under new ids.

    Lists of services are common to all. Of what is divided between partnerships, copies have the areas only.
    """
    import pandas as pd

    from ijbtools.inputs.tables import TABLES
    from ijbtools.vocabulary import NOT_RESIDENT

    folder.mkdir()
    frames = {file.stem: pd.read_csv(file, dtype=str, keep_default_na=False) for file in sorted(source.glob("*.csv"))}
    frames = {name: frame for name, frame in frames.items() if name in TABLES}
    own = frames["partnerships"]["partnership"].tolist()
    whose = dict(zip(frames["partners"]["partner"], frames["partners"]["partnership"], strict=True))
    others = {*frames["shares"]["partnership"]} if "shares" in frames else set()
    for name, frame in frames.items():
        parts = [frame]
        ids = _ids(TABLES[name])
        for copy in range(-(-count // len(own)) if name not in COMMON else 0):
            kept = own[: count - copy * len(own)]
            rows = frame[~frame["partnership"].isin(set(own) - set(kept))] if "partnership" in frame else frame
            if name == "shares":
                rows = frame[frame["name"].map(whose).isin(kept) | ((frame["kind"] != "area") & (copy == 0))]
            if copy and name == "delays":
                rows = rows[rows["partnership"] != NOT_RESIDENT]
            renamed = {one: f"{one}-{copy}" if copy else one for one in (*own, *whose, *others)}
            rows = rows.assign(**{one: [renamed.get(text, text) for text in rows[one]] for one in ids})
            parts = [*parts, rows] if copy else [rows]
        pd.concat(parts).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def _ids(table: Any) -> list[str]:
    """Its columns of partnerships and partners."""
    refer = [c.name for c in table.columns if c.refers_to.partition(".")[0] in ("partnerships", "partners")]
    further = {"partnerships": ["partnership"], "partners": ["partner"], "shares": ["name", "partnership"]}
    return [*refer, *further.get(table.name, [])]


def grow(scratch: Path, rounds: int) -> None:
    """Measure reading and working out for ever more partnerships."""
    print("| sample | partnerships | rows | read and check, s | shunting, s | baseline, s | investment, s | all, s "
          "| memory, MiB |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for source in (SCOTLAND, INVENTED):
        for count in COUNTS:
            folder = scratch / f"{source.name}-{count}"
            replicate(source, folder, count)
            found = [measured("topics", folder) for _ in range(rounds)]
            parts = [statistics.median(one["parts"][place] for one in found) for place in range(5)]
            whole, memory = (statistics.median(one[what] for one in found) for what in ("seconds", "memory"))
            seconds = " | ".join(f"{part:.2f}" for part in parts[1:])
            print(
                f"| {source.name} | {count:,} | {parts[0]:,.0f} | {seconds} | {whole:.2f} | {memory:.0f} |", flush=True
            )
    print(f"\nMedians of {rounds}.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; 1 where the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000_000, help="How many episodes; 20 million unless said.")
    parser.add_argument("--rounds", type=int, default=5, help="How often to measure; 5 unless said.")
    parser.add_argument("--partnerships", action="store_true", help="Measure how cost grows with partnerships instead.")
    parser.add_argument("--work", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.work:
        work(asked.work[0], Path(asked.work[1]))
        return 0
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="ijb-scale-", ignore_cleanup_errors=True) as scratch:
        if asked.partnerships:
            grow(Path(scratch), asked.rounds)
            return 0
        return 0 if compare(Path(scratch), asked.rows, asked.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())

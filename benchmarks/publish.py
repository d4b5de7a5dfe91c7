"""How fast `ijb publish` makes pages, beside the loop that a user would otherwise run.

    python benchmarks/publish.py [--rounds 5] [--partnerships all|N] [--python PATH ...]

The loop is, for one page after another, `papermill NOTEBOOK OUT -p …` and then `jupyter nbconvert --to html OUT` with
the stock template. It is timed for one page of each notebook and kind of partnership, real and invented, and their
medians are added up for all pages. It also runs the cell that is only for people in JupyterLab, which `ijb` leaves out;
`ijb` also writes tables, workbooks and records, and examines each page. Measured beside it, in the same rounds:
`ijb publish` of all pages in one command, the same without fork (as on Windows), and one notebook alone.

`--python` names the Pythons of the environments to measure, each with the package installed; unless said, those of
`.venv` and `.venv-lab` in the checkout. A first round, which is not timed, fills caches and measures memory. Compiled
files are there for both sides, and both work in a workspace with copies of the same notebooks and tables, which is
removed at the end; nothing but compiled files is written into the checkout. On two cores five rounds take about half an
hour for each environment. Needs psutil, which ipykernel brings.
"""

import argparse
import contextlib
import csv
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psutil

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
FORK = "IJB_FORK"  # set to "no", kernels are not forked
WORKER = "spawn_main"  # in the command line of each process of the pool
TURN, GRACE = 0.5, 10  # seconds between two looks at the memory, and for a command that is told to end
PACKAGES = ("ijbtools", "papermill", "nbconvert", "ipykernel", "jupyterlab")
COLUMNS = ("what", "loop, s", "ijb, s", "ratio", "aim", "holds")
MEMORY = ("memory, MiB", "main process", "worker, median", "workers")


class Kind(NamedTuple):
    """Real or invented: where its tables are, and the partnership and period of the page that stands for its pages."""

    name: str
    data: str
    partnership: str
    period: str


KINDS = (
    Kind("real", "data/sample/scotland", "fife", "2024/25"),
    Kind("invented", "data/sample/invented", "strathorran", "2026/27 Q2"),
)


class Page(NamedTuple):
    """One page, which stands for as many as there are partnerships of its kind."""

    notebook: str
    kind: Kind
    stands_for: int

    def __str__(self) -> str:
        return f"{self.notebook}, {self.kind.partnership}"


class Aims(NamedTuple):
    """All pages, with fork and without, at least so many times as fast; one alone at most this share of the loop."""

    forked: float
    unforked: float
    alone: float


AIMS = {True: Aims(6, 3.5, 0.6), False: Aims(4, 2.5, 0.9)}  # with JupyterLab, and in the core
MODES = ("forked", "unforked") if sys.platform == "linux" else ("unforked",)  # elsewhere kernels are never forked


@dataclass
class Environment:
    """One environment to measure, and what was measured: seconds of each round by name, and memory."""

    python: Path
    name: str
    lab: bool
    described: str
    seconds: dict[Any, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: list[tuple[str, ...]] = field(default_factory=list)

    def command(self, name: str) -> str:
        """A command of this environment."""
        found = shutil.which(name, path=str(self.python.parent))
        return found or sys.exit(f"The environment {self.name} has no command {name}: install the package there.")


class Memory:
    """The peak of each worker with all that it started, and of the main process with the rest, in MiB."""

    def __init__(self) -> None:
        self.main = 0.0
        self.workers: dict[int, float] = {}

    def look(self, pid: int) -> None:
        """Look at every process of a command once."""
        now: dict[int, float] = defaultdict(float)
        with contextlib.suppress(psutil.Error):
            found = [(psutil.Process(pid), 0)]
            while found:
                process, worker = found.pop()
                with contextlib.suppress(psutil.Error):  # it has just ended
                    if not worker and any(WORKER in word for word in process.cmdline()):
                        worker = process.pid
                    used = process.memory_full_info()
                    # What a fork shares with what it was copied from is divided among them; else what is its own.
                    now[worker] += getattr(used, "pss", used.uss) / 2**20
                    found += [(child, worker) for child in process.children()]
        self.main = max(self.main, now.pop(0, 0.0))
        self.workers |= {worker: max(one, self.workers.get(worker, 0.0)) for worker, one in now.items()}


class Bench:
    """The workspace that both sides work in, and how their commands are run."""

    def __init__(self, scratch: Path, partnerships: Mapping[Kind, Sequence[str]]) -> None:
        self.scratch, self.home = scratch, scratch / "workspace"
        for folder in ("notebooks", "data/sample"):
            shutil.copytree(ROOT / folder, self.home / folder)
        notebooks = sorted(file.stem for file in (self.home / "notebooks").glob("*.ipynb"))
        (self.home / "params" / "plans").mkdir(parents=True)
        for kind, ids in partnerships.items():
            plan = {"label": kind.name, "notebooks": notebooks, "partnerships": ids, "period": kind.period}
            text = json.dumps(plan | {"parameters": {"data": kind.data}})  # which is YAML, too
            self._plan(kind).write_text(text, "utf-8")
        self.pages = [Page(notebook, kind, len(ids)) for kind, ids in partnerships.items() for notebook in notebooks]
        self.total = sum(page.stands_for for page in self.pages)

    def pair(self, of: Environment, page: Page, watched: Sequence[Memory] = ()) -> float:
        """Seconds of the loop for one page; `watched` is the memory of papermill and of nbconvert."""
        with self._new() as folder:
            executed = folder / f"{page.notebook}.ipynb"
            given = {"partnership": page.kind.partnership, "period": page.kind.period, "data": page.kind.data}
            options = [word for name, value in given.items() for word in ("-p", name, value)]
            notebook = self.home / "notebooks" / executed.name
            first = [of.command("papermill"), notebook, executed, *options, "--no-progress-bar"]
            second = [of.command("jupyter"), "nbconvert", "--to", "html", executed]
            papermill, nbconvert = watched or (None, None)
            seconds = self._run(of, first, {"IJB_WORKSPACE": str(self.home)}, papermill)
            return seconds + self._run(of, second, {}, nbconvert)

    def all(self, of: Environment, mode: str, watched: Memory | None = None) -> float:
        """Seconds of `ijb publish` for all pages."""
        return self._publish(of, [self.home], {FORK: "no"} if mode == "unforked" else {}, self.total, watched)

    def alone(self, of: Environment, page: Page) -> float:
        """Seconds of `ijb publish` for one page."""
        options = ["--notebook", page.notebook, "--partnership", page.kind.partnership]
        return self._publish(of, [self._plan(page.kind), *options], {}, 1)

    def _plan(self, kind: Kind) -> Path:
        return self.home / "params" / "plans" / f"{kind.name}.yaml"

    def _publish(
        self,
        of: Environment,
        what: Sequence[str | Path],
        variables: Mapping[str, str],
        pages: int,
        watched: Memory | None = None,
    ) -> float:
        with self._new() as folder:
            seconds = self._run(of, [of.command("ijb"), "publish", *what, "--out", folder], variables, watched)
            made = len(list(folder.glob("*/*/*.html")))
            if made != pages:
                sys.exit(f"ijb publish made {made} pages and not {pages}, in the environment {of.name}.")
        return seconds

    @contextlib.contextmanager
    def _new(self) -> Iterator[Path]:
        """A new folder for what one command makes: nothing is there yet, and it does not fill the disk."""
        with tempfile.TemporaryDirectory(dir=self.scratch, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def _run(
        self, of: Environment, words: Sequence[str | Path], variables: Mapping[str, str], watched: Memory | None = None
    ) -> float:
        """Seconds of a command that has to succeed."""
        said = self.scratch / "said.txt"
        with said.open("wb") as log:
            began = time.perf_counter()
            process = subprocess.Popen(
                words,
                env=_environment(of.python) | variables,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C reaches only us, and we end it with all that it started
            )
            try:
                while process.poll() is None:
                    if watched is None:
                        process.wait()
                    else:
                        watched.look(process.pid)
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            process.wait(TURN)
                seconds = time.perf_counter() - began
            except BaseException:
                _end(process)
                raise
        if process.returncode:
            shown = said.read_text("utf-8", errors="replace")[-4000:]
            for place, name in ((self.home, "WORKSPACE"), (self.scratch, "SCRATCH"), (ROOT, "CHECKOUT")):
                shown = shown.replace(str(place), name)
            sys.exit(f"{shown}\n{Path(words[0]).name} ended with {process.returncode}, in the environment {of.name}.")
        return seconds


def main() -> None:
    """Measure, and print tables and what they were measured on."""
    asked = _asked()
    environments = _environments(asked.python)
    partnerships = {kind: _partnerships(kind) for kind in KINDS}
    partnerships[KINDS[0]] = partnerships[KINDS[0]][: asked.partnerships]
    with tempfile.TemporaryDirectory(prefix="ijb-benchmark-", ignore_cleanup_errors=True) as scratch:
        bench = Bench(Path(scratch).resolve(), partnerships)
        print(_conditions(environments, asked.rounds, bench.total), flush=True)
        for of in environments:
            _compile(of)
            _first_round(bench, of)
        for number in range(asked.rounds):
            for of in environments:
                _round(bench, of)
                print(f"round {number + 1} of {asked.rounds}, {of.name}: {_round_said(bench, of)}", flush=True)
        print(f"Load at the end {_load()}.")
    tables = [(of.name, [COLUMNS, *_rows(bench, of)], [MEMORY, *of.memory]) for of in environments]
    for name, *parts in tables:
        print(f"\n{name}\n\n" + "\n\n".join(_plain(one) for one in parts))
    print("\nMedians, with the lowest and the highest round. The ratio of all pages is the loop's time by that of ijb,")
    print("that of one notebook alone is the time of ijb by the loop's.")
    for name, *parts in tables:
        print(f"\n{name}\n\n" + "\n\n".join(_markdown(one) for one in parts))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="How often to measure everything; 5 unless said.")
    parser.add_argument(
        "--partnerships",
        type=lambda word: None if word == "all" else int(word),
        metavar="all|N",
        help="Only the first N real partnerships, for a quick look.",
    )
    parser.add_argument("--python", type=Path, nargs="+", action="extend", metavar="PATH", help="Pythons to measure.")
    asked = parser.parse_args()
    if asked.rounds < 1 or (asked.partnerships is not None and asked.partnerships < 1):
        parser.error("--rounds and --partnerships are 1 or more.")
    return asked


def _environments(pythons: Sequence[Path] | None) -> list[Environment]:
    """The environments to measure, each with what it is made of. Two of a kind are told apart by number."""
    ours = [ROOT / name / Path(*SCRIPTS) for name in (".venv", ".venv-lab")]
    # Not resolved: the Python of an environment is a link to one that knows nothing of it.
    found = [one.absolute() for one in pythons or []] or [one for one in ours if one.exists()]
    made = []
    for python in found or [Path(sys.executable)]:
        versions = _ask(
            python,
            "import importlib.metadata as m, importlib.util, json, platform\n"
            "there = [one for one in NAMES if importlib.util.find_spec(one)]\n"
            "versions = {one: m.version(one) for one in there}\n"
            "print(json.dumps({'Python': platform.python_version()} | versions))".replace("NAMES", repr(PACKAGES)),
        )
        if not versions.keys() >= set(PACKAGES) - {"jupyterlab"}:
            sys.exit("The package is not installed in one of the environments: pip install -e . there.")
        lab = "jupyterlab" in versions
        kind = "with JupyterLab" if lab else "core"
        alike = sum(one.lab == lab for one in made)
        said = ", ".join(f"{name} {versions.get(name, 'none')}" for name in ("Python", *PACKAGES))
        made.append(Environment(python, f"{kind} {alike + 1}" if alike else kind, lab, said))
    return made


def _ask(python: Path, source: str) -> Any:
    """What a few lines print in an environment, from JSON."""
    done = subprocess.run([python, "-c", source], env=_environment(python), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _environment(python: Path) -> dict[str, str]:
    """The variables of an environment that was activated, without what would change how either side works."""
    ours = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV"}
    kept = {name: one for name, one in os.environ.items() if name not in ours and not name.startswith("IJB_")}
    return kept | {"PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])}


def _partnerships(kind: Kind) -> list[str]:
    with (ROOT / kind.data / "partnerships.csv").open(encoding="utf-8", newline="") as file:
        return [row["partnership"] for row in csv.DictReader(file)]


def _compile(of: Environment) -> None:
    """Compile what is imported, of the environment and of the checkout, so that no side has to."""
    print(f"{of.name}: compiling", flush=True)
    packages = _ask(of.python, "import json, sysconfig; print(json.dumps(sysconfig.get_path('purelib')))")
    # Its exit code is not asked: some packages bring files of another Python, which do not compile.
    words = [of.python, "-m", "compileall", "-q", packages, ROOT / "src"]
    subprocess.run(words, env=_environment(of.python), capture_output=True, check=False)


def _first_round(bench: Bench, of: Environment) -> None:
    """Everything once without timing it: caches are filled, and the memory is looked at, which takes time itself."""
    print(f"{of.name}: memory", flush=True)
    loop = Memory(), Memory()
    for page in bench.pages:
        bench.pair(of, page, loop)
        bench.alone(of, page)
    of.memory += [(name, f"{one.main:.0f}", "", "") for name, one in zip(("papermill", "nbconvert"), loop, strict=True)]
    for mode in MODES:
        memory = Memory()
        bench.all(of, mode, memory)
        median = f"{statistics.median(memory.workers.values()):.0f}" if memory.workers else ""
        of.memory.append((_all_said(bench, mode), f"{memory.main:.0f}", median, str(len(memory.workers))))


def _round(bench: Bench, of: Environment) -> None:
    for page in bench.pages:
        of.seconds["pair", page].append(bench.pair(of, page))
    for mode in MODES:
        of.seconds[mode].append(bench.all(of, mode))
    for page in bench.pages:
        of.seconds["alone", page].append(bench.alone(of, page))


def _round_said(bench: Bench, of: Environment) -> str:
    """The last round in one line."""
    loop = sum(page.stands_for * of.seconds["pair", page][-1] for page in bench.pages)
    pair, alone = (sum(of.seconds[side, page][-1] for page in bench.pages) for side in ("pair", "alone"))
    ours = [f"{_all_said(bench, mode)} {of.seconds[mode][-1]:.1f} s" for mode in MODES]
    alone_said = f"{len(bench.pages)} pages alone {alone:.1f} s, pairs {pair:.1f} s"
    return f"loop {loop:.1f} s; {'; '.join(ours)}; {alone_said}; load {_load()}"


def _rows(bench: Bench, of: Environment) -> list[tuple[str, ...]]:
    """What was measured, beside what it is to be."""
    aims = AIMS[of.lab]
    weights = [page.stands_for for page in bench.pages]
    rows = []
    for mode in MODES:
        # The loop of all pages is the sum of medians; its lowest and highest are those of whole rounds.
        loop = _sums(of, "pair", bench.pages, weights)
        medians = [statistics.median(of.seconds["pair", page]) for page in bench.pages]
        median = sum(weight * one for weight, one in zip(weights, medians, strict=True))
        ratio, aim = median / statistics.median(of.seconds[mode]), getattr(aims, mode)
        ratios = [theirs / ours for theirs, ours in zip(loop, of.seconds[mode], strict=True)]
        said = (_seconds(loop, median), _seconds(of.seconds[mode]), f"{ratio:.2f} ({_range(ratios, 2)})")
        rows.append((_all_said(bench, mode), *said, f"at least {aim:g}", "yes" if ratio >= aim else "no"))
    sides = [[of.seconds[side, page] for page in bench.pages] for side in ("pair", "alone")]
    singles = [(str(page), theirs, ours) for page, theirs, ours in zip(bench.pages, *sides, strict=True)]
    ones = [1] * len(bench.pages)
    singles.append(("all of these", *(_sums(of, side, bench.pages, ones) for side in ("pair", "alone"))))
    for name, theirs, ours in singles:
        ratio = statistics.median(ours) / statistics.median(theirs)
        ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
        said = (_seconds(theirs), _seconds(ours), f"{ratio:.3f} ({_range(ratios, 3)})")
        rows.append((f"alone: {name}", *said, f"at most {aims.alone:g}", "yes" if ratio <= aims.alone else "no"))
    return rows


def _sums(of: Environment, side: str, pages: Sequence[Page], weights: Sequence[int]) -> list[float]:
    """The seconds of all pages together, of each round."""
    rounds = zip(*(of.seconds[side, page] for page in pages), strict=True)
    return [sum(weight * one for weight, one in zip(weights, seconds, strict=True)) for seconds in rounds]


def _all_said(bench: Bench, mode: str) -> str:
    return f"all {bench.total} pages{', without fork' if mode == 'unforked' else ''}"


def _seconds(times: Sequence[float], median: float | None = None) -> str:
    return f"{statistics.median(times) if median is None else median:.1f} ({_range(times, 1)})"


def _range(values: Sequence[float], places: int) -> str:
    return f"{min(values):.{places}f} to {max(values):.{places}f}"


def _plain(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" + "|---:" * (len(rows[0]) - 1) + "|", *lines[1:]])


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "not known"


def _conditions(environments: Sequence[Environment], rounds: int, pages: int) -> str:
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine = f"{platform.platform()}, {own} of {os.cpu_count()} cores, load at the start {_load()}"
    return "\n".join(
        [f"{machine}; rounds: {rounds}, pages: {pages}.", *(f"{of.name}: {of.described}" for of in environments)]
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a command with all that it started: asked first, so that it removes its own folders."""
    started: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        started = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    try:
        for number in (signal.SIGINT, signal.SIGTERM) if os.name == "posix" else (signal.SIGTERM,):
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
                break
    finally:
        for one in started:
            with contextlib.suppress(psutil.Error):
                one.kill()
        process.wait()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)

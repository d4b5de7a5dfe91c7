"""How soon a moved slider is drawn, in a real JupyterLab in a real browser, beside plain `ipywidgets.interact`.

    python benchmarks/explore.py [MOVES]

For each topic the workbench's foremost slider is moved by arrow keys. A move's time runs, on the browser's clock, from
the key to the end of the last frame in which sentence, key figures or picture changed. Then the same slider and picture
with `interact` over one function that does what the notebook's cells do: compute for all partnerships, narrow, show.
Same notebook, same kernel, same run. Needs the packages of the tests (`make test`) and Chromium, Chrome or Edge.
"""

import os
import platform
import shutil
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "browser"))
from lab import AS_ROOT, Lab, running

from conftest import OPTIONS, installed

ROOT = Path(__file__).resolve().parents[1]
TOPICS = {"shunting": 200, "baseline": 200, "investment": 300}  # the median that each is to keep, in milliseconds
TURN = 8  # moves to one side, then as many back
WAIT, REST = 5_000, 300  # milliseconds: until a move counts as one that changes nothing, and after its last change

# In the notebook's kernel, after its last cell.
PLAIN = """
from ipywidgets import FloatSlider, interact
from ijbtools.inputs.scenarios import changed

bench = next(one for one in Out.values() if isinstance(one, explore.Controls))
name, slider = next(iter(bench.sliders.items()))
(_, low), (_, second), *_, (_, high) = slider.options
picture = bench.figure.value if bench.figure.value in result.EXPLORE else result.EXPLORE[0]

def plain(value):
    whole = {topic}.compute(tables, changed(assumptions, {{name: value}}), **bench.state.terms)
    moved = whole.only(partnership, period)
    display(report.headline(moved), report.figure(moved, picture))

interact(plain, value=FloatSlider(slider.value, min=low, max=high, step=(high - low) / (len(slider.options) - 1)))
print(name, picture)
"""
INSERT = """async (source) => {
  const notebook = window.ijbPanel.content, commands = window.jupyterapp.commands;
  notebook.activeCellIndex = notebook.model.cells.length - 1;
  await commands.execute('notebook:insert-cell-below');
  notebook.activeCell.model.sharedModel.setSource(source);
  await commands.execute('notebook:run-cell');
  await notebook.scrollToItem(notebook.activeCellIndex, 'start');
}"""

# Made before the key is pressed: `window.ijbMoved` becomes the time that the move took, or null where nothing changed.
WATCH = """([where, wait, rest]) => {
  const watched = document.querySelector(where);
  const seen = () => [...watched.querySelectorAll('.headline, .key, figure img')]
    .map((one) => one.src ?? one.textContent).join();
  let pressed = 0, drawn = 0, now = seen(), limit;
  document.addEventListener('keydown', (key) => { pressed = key.timeStamp; }, {capture: true, once: true});
  const observer = new MutationObserver(() => {
    const then = now;
    now = seen();
    if (pressed && now !== then) {
      requestAnimationFrame(() => setTimeout(() => { drawn = performance.now(); }));  // once it is painted
      clearTimeout(limit);
      limit = setTimeout(end, rest);
    }
  });
  window.ijbMoved = new Promise((done) => { window.ijbDone = done; });
  function end() {
    observer.disconnect();
    window.ijbDone(drawn ? drawn - pressed : null);
  }
  observer.observe(watched, {subtree: true, childList: true, characterData: true, attributes: true});
  limit = setTimeout(end, wait);
}"""


def main(moves: int = 30) -> None:
    """Measure, and print a table and what it was measured on."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, sync_playwright() as playwright:
        home = Path(scratch) / "workspace"
        for folder in ("params", "notebooks", "data/sample"):
            shutil.copytree(ROOT / folder, home / folder)
        options = [*OPTIONS, *(["--no-sandbox"] if AS_ROOT else [])]
        with running(home, Path(scratch) / "lab") as address:
            browser = playwright.chromium.launch(executable_path=installed(), args=options)
            print(_conditions(browser.version, moves))
            print("| topic | slider, picture | workbench: median (90%) | aim | interact: median (90%) | ratio |")
            print("|---|---|---:|---:|---:|---:|")
            lab = Lab(browser.new_page(viewport={"width": 1280, "height": 900}), address)
            for topic, aim in TOPICS.items():
                lab.open(f"notebooks/{topic}.ipynb")
                lab.run_all()
                lab.workbench()
                ours = _times(lab, ".ijb-explore", moves)
                lab.tab.evaluate(INSERT, PLAIN.format(topic=topic))
                lab.tab.locator(".widget-interact .headline").first.wait_for()
                theirs = _times(lab, ".widget-interact", moves)
                what = lab.cells()[-1]["outputs"][-1]["text"].strip().replace(" ", ", ")
                ratio = statistics.median(theirs) / statistics.median(ours)
                print(f"| {topic} | {what} | {_said(ours)} | {aim} ms | {_said(theirs)} | {ratio:.1f} |", flush=True)
                lab.close()
            browser.close()
    print(f"\nLoad at the end {_load()}.")


def _times(lab: Lab, where: str, moves: int) -> list[float]:
    """Milliseconds of each move that changed something, without the first, which also loads what a drawing needs."""
    handle = lab.tab.locator(f"{where} .noUi-handle").first
    handle.scroll_into_view_if_needed()
    took: list[float] = []
    for turn in range(4 * moves):
        handle.focus()
        lab.tab.evaluate(WATCH, [where, WAIT, REST])
        lab.tab.keyboard.press("ArrowLeft" if turn // TURN % 2 else "ArrowRight")
        moved = lab.tab.evaluate("() => window.ijbMoved")
        took += [] if moved is None else [moved]
        if len(took) > moves:
            return took[1:]
    raise RuntimeError(f"{where}: only {len(took)} of {4 * moves} moves changed what is shown")


def _said(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} ms ({statistics.quantiles(times, n=10)[-1]:.0f})"


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "not known"


def _conditions(chromium: str, moves: int) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("jupyterlab", "ipywidgets", "pandas", "matplotlib"))
    machine = f"{platform.platform()}, {os.cpu_count()} cores, load at the start {_load()}"
    return f"{machine}; Python {platform.python_version()}, {packages}, browser {chromium}; {moves} moves each.\n"


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:2]))

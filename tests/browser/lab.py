"""A real JupyterLab for tests and measurements: `ijb lab` on a workspace, its notebooks driven in a browser's tab.

Notebooks are opened and run by Lab's own commands, because a menu that is pressed too early does nothing.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil

RUN, STEP = 120, 30  # seconds that a slow machine may take for a notebook, and for a step; no speed is judged by it
AS_ROOT = getattr(os, "geteuid", lambda: 1)() == 0  # Windows has no such function
_IJB = (sys.executable, "-c", "from ijbtools.cli import main; main()")
_NO_NEWS = '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}'

_OPEN = """async (path) => {
  const panel = await window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'});
  await panel.context.ready;
  window.ijbPanel = panel;
}"""
_CONNECTED = """() => {
  const kernel = window.ijbPanel.sessionContext.session?.kernel;
  return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
_RUN = """() => {
  window.ijbRan = false;
  const run = window.jupyterapp.commands.execute('notebook:run-all-cells');
  run.finally(() => { window.ijbRan = true; });
}"""
_CELLS = """() => Array.from(window.ijbPanel.content.model.cells, (cell) => ({
  source: cell.sharedModel.getSource(),
  ran: cell.type !== 'code' || cell.executionCount !== null,
  outputs: cell.outputs?.toJSON() ?? [],
}))"""
_SHOW = """async (at) => {
  const notebook = window.ijbPanel.content;
  await notebook.scrollToItem(at, 'start');
}"""
_CLOSE = """async () => {
  await window.ijbPanel.sessionContext.shutdown();
  window.ijbPanel.dispose();
}"""


def ijb(*arguments: Any) -> str:
    """What the command says. Another process, because a driven browser leaves no room for papermill's event loop."""
    command = [*_IJB, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def running(home: Path, beside: Path) -> Iterator[str]:
    """`ijb lab` on a workspace: the address to open. It ends with its kernels; what it keeps lies in `beside`."""
    places = {name: beside / name.lower() for name in ("CONFIG", "DATA", "RUNTIME")}
    settings = places["CONFIG"] / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(_NO_NEWS, "utf-8")
    options = ["--no-browser", "--ServerApp.port=0", "--LabApp.expose_app_in_browser=True"]
    options += ["--LabApp.extension_manager=readonly", *(["--allow-root"] if AS_ROOT else [])]
    own = {f"JUPYTER_{name}_DIR": str(place) for name, place in places.items()}
    environment = {**os.environ, **own, "IPYTHONDIR": str(beside / "ipython")}
    with (beside / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            [*_IJB, "lab", str(home), "--", *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        server: dict[str, Any] = {}
        try:
            server = _started(process, places["RUNTIME"], beside / "lab.log")
            yield f"{server['url']}lab?token={server['token']}"
        finally:
            _end(process, server)


def _started(process: "subprocess.Popen[bytes]", runtime: Path, log: Path) -> dict[str, Any]:
    """What the server says of itself once it answers."""
    for _ in range(RUN * 5):
        for file in runtime.glob("jpserver-*.json"):
            try:
                server: dict[str, Any] = json.loads(file.read_text("utf-8"))
                _asked(server, "api/status")
            except (ValueError, OSError):  # half written, or not yet listening
                continue
            return server
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")


def _asked(server: dict[str, Any], what: str, method: str = "GET") -> None:
    request = Request(server["url"] + what, method=method, headers={"Authorization": f"token {server['token']}"})
    with urlopen(request, timeout=10) as answer:
        answer.read()


def _end(process: "subprocess.Popen[bytes]", server: dict[str, Any]) -> None:
    """Ask the server to end itself and its kernels, and end what is left."""
    family = [psutil.Process(process.pid)] if process.poll() is None else []
    family += [child for one in family for child in one.children(recursive=True)]
    try:
        if server:
            _asked(server, "api/shutdown", "POST")
            psutil.wait_procs(family, timeout=15)
    except OSError:
        pass  # it is gone, or does not answer
    finally:
        for one in family:
            if one.is_running():
                one.kill()
        process.wait(timeout=30)
        psutil.wait_procs(family, timeout=15)


class Lab:
    """A tab with JupyterLab in it, one notebook open at a time."""

    def __init__(self, tab: Any, address: str) -> None:
        self.tab = tab
        self.abroad: list[str] = []  # what the tab asked of other machines: nothing, one hopes
        tab.set_default_timeout(STEP * 1000)
        near = (address.partition("/lab")[0], "data:", "blob:")
        tab.on("request", lambda asked: None if asked.url.startswith(near) else self.abroad.append(asked.url))
        tab.goto(address)
        self._wait("() => window.jupyterapp?.restored")
        tab.evaluate("() => window.jupyterapp.restored.then(() => null)")

    def open(self, path: str) -> None:
        """Open a notebook, and wait for its kernel to be connected."""
        self.tab.evaluate(_OPEN, path)
        self._wait(_CONNECTED)

    def run_all(self) -> None:
        """Run all cells of the notebook to their end."""
        self.tab.evaluate(_RUN)
        self._wait("() => window.ijbRan")

    def cells(self) -> list[dict[str, Any]]:
        """Every cell's source and outputs, and whether it ran."""
        found: list[dict[str, Any]] = self.tab.evaluate(_CELLS)
        return found

    def errors(self) -> list[str]:
        """What went wrong in the notebook: cells with an error, with words on stderr, or that did not run."""
        said = []
        for cell in self.cells():
            named = cell["source"].strip().splitlines()[-1]
            said += [f"{named}: did not run"] if not cell["ran"] else []
            for one in cell["outputs"]:
                if one["output_type"] == "error" or one.get("name") == "stderr":
                    said.append(f"{named}: {one.get('evalue') or one.get('text')}")
        return said

    def workbench(self) -> Any:
        """The workbench, scrolled into sight."""
        at = next(i for i, cell in enumerate(self.cells()) if "explore.controls(" in cell["source"])
        self.tab.evaluate(_SHOW, at)
        whole = self.tab.locator(".ijb-explore")
        whole.locator(".headline").first.wait_for()
        whole.scroll_into_view_if_needed()
        return whole

    def close(self) -> None:
        """Close the notebook and end its kernel."""
        self.tab.evaluate(_CLOSE)

    def _wait(self, for_: str) -> None:
        self.tab.wait_for_function(for_, timeout=RUN * 1000)

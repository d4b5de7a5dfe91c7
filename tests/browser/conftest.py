"""A browser for the published pages: Chromium, Chrome or Edge as it is installed, started once a module."""

import os
import shutil
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "chrome")
WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
MACOS = tuple(
    Path("/Applications") / f"{name}.app" / "Contents" / "MacOS" / name
    for name in ("Google Chrome", "Microsoft Edge", "Chromium")
)
OPTIONS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@cache
def installed():
    """The browser to use, or None: on the path, or where Windows and macOS keep Chrome and Edge."""
    on_path = [Path(found) for name in NAMES if (found := shutil.which(name))]
    kept = [Path(os.environ[folder]) / file for folder in FOLDERS if folder in os.environ for file in WINDOWS]
    return next((path for path in (*on_path, *kept, *MACOS) if path.is_file()), None)


def pytest_runtest_setup():
    """Without a browser these tests are skipped, told in one line, or fail where IJB_BROWSER is `required`."""
    if installed() is None:
        missing = "found no Chromium, Chrome or Edge; expected one on the path or in its usual place"
        if os.environ.get("IJB_BROWSER") == "required":
            pytest.fail(f"IJB_BROWSER is required, and the browser tests {missing}", pytrace=False)
        pytest.skip(f"browser tests {missing}")


@pytest.fixture(scope="module")
def browser(site):
    """A running browser. It ends with the module, because its event loop would meet those of other tests."""
    as_root = getattr(os, "geteuid", lambda: 1)() == 0  # Windows has no such function
    options = [*OPTIONS, *(["--no-sandbox"] if as_root else [])]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=installed(), args=options)
        yield running
        running.close()


@pytest.fixture(scope="module")
def visit(browser, site):
    """Opens a page of the site afresh: `visit(path, width, dark=…, opened=…)`, tabs being kept between visits."""
    tabs = {}

    def visit(path, width=1280, *, dark=False, opened=False, unguarded=False):
        if (dark, unguarded) not in tabs:
            scheme = "dark" if dark else "light"
            tabs[dark, unguarded] = browser.new_context(color_scheme=scheme, bypass_csp=unguarded).new_page()
        tab = tabs[dark, unguarded]
        tab.emulate_media(media="null")  # a test may have left it at print
        tab.set_viewport_size({"width": width, "height": 900})
        tab.goto((site / path).as_uri())
        if opened:
            tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        return tab

    return visit

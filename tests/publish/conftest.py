"""A workspace with a published page that faults must leave as it is, byte for byte."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from ijbtools.publish.place import checksums
from ijbtools.publish.plans import read_plan
from ijbtools.report.examine import examine

PLAN = """label: A plan
notebooks: [shunting]
partnerships: [orkney-islands]
period: 2024/25
parameters: {data: data}
"""


def kept(site):
    """The checksums of what a run that fails leaves as it was: not the lock, nor what tells of the last run."""
    told = (".lock", "run.html", "failed/")
    return {name: one for name, one in checksums(site).items() if not name.startswith(told)}


@dataclass
class Workspace:
    """A workspace of one's own: notebooks, params and data that a test may spoil, and a site with a good page."""

    home: Path
    good: dict

    @property
    def plan(self):
        return self.home / "params" / "plans" / "mine.yaml"

    @property
    def out(self):
        return self.home / "site"

    @property
    def page(self):
        return self.out / "orkney-islands" / "2024-25" / "shunting.html"

    @property
    def job(self):
        return read_plan(self.plan).jobs[0]

    def spoil(self, cell, source):
        """Put another source into a cell of the notebook."""
        file = self.home / "notebooks" / "shunting.ipynb"
        book = nbformat.read(file, as_version=4)
        next(one for one in book.cells if one.id == cell).source = source
        nbformat.write(book, file)

    def pages_are_good(self):
        """The site holds what it held, byte for byte; what a failure adds is set apart, and nothing is left over.

        The index, which says how pages stand, is whole.
        """
        now, before = kept(self.out), dict(self.good)
        assert now.pop("index.html") and before.pop("index.html")
        assert now == before
        html = (self.out / "index.html").read_text("utf-8")
        assert 'href="orkney-islands/2024-25/shunting.html"' in html
        assert examine(html) == []
        return True


@pytest.fixture(scope="session")
def published(root, tmp_path_factory):
    """A workspace with a published page, made once."""
    from click.testing import CliRunner

    from ijbtools.cli import ijb

    home = tmp_path_factory.mktemp("workspaces") / "Finance team"
    for name in ("notebooks", "params"):
        shutil.copytree(root / name, home / name, ignore=shutil.ignore_patterns("plans", ".ipynb_checkpoints"))
    shutil.copytree(root / "data" / "sample" / "scotland", home / "data")
    (home / "params" / "plans").mkdir()
    (home / "params" / "plans" / "mine.yaml").write_text(PLAN, encoding="utf-8")
    done = CliRunner().invoke(ijb, ["publish", str(home / "params" / "plans" / "mine.yaml")], standalone_mode=False)
    assert done.exit_code == 0, done.output
    return home


@pytest.fixture
def space(published, tmp_path):
    """A copy of that workspace that the test may spoil."""
    home = tmp_path / "Finance team"
    shutil.copytree(published, home)
    good = kept(home / "site")
    assert "orkney-islands/2024-25/shunting.html" in good
    return Workspace(home, good)


@pytest.fixture
def read_only():
    """Makes a folder read-only: by a mount where we are allowed everything, else by its permissions."""
    undo = []

    def make(folder):
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            for options in ("bind", "remount,ro,bind"):
                done = subprocess.run(
                    ["mount", "-o", options, str(folder), str(folder)], capture_output=True, check=False
                )
                if done.returncode:
                    pytest.skip("as root, without the right to mount, no folder can be made read-only")
            undo.append(lambda: subprocess.run(["umount", str(folder)], check=True))
        else:
            folder.chmod(0o555)
            undo.append(lambda: folder.chmod(0o755))

    yield make
    for one in undo:
        one()

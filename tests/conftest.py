"""What many tests share: the sample, its assumptions and the result of every topic, worked out once."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ijbtools.cli import ijb
from ijbtools.inputs import read, read_assumptions
from ijbtools.topics import shunting

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample" / "scotland"
ORIGINALS = ROOT.parent / "shared" / "open-data"


@pytest.fixture(scope="session")
def root():
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def scotland():
    """The tables of the Scottish sample."""
    return read(SAMPLE)


@pytest.fixture(scope="session")
def assumptions():
    """The assumptions as they are in params."""
    return read_assumptions(ROOT / "params")


@pytest.fixture(scope="session")
def shunted(scotland, assumptions):
    """Shunting for all of the Scottish sample."""
    return shunting.compute(scotland, assumptions)


@pytest.fixture(scope="session")
def originals():
    """The publishers' whole files, where they are."""
    if not ORIGINALS.is_dir():
        pytest.skip("the publishers' whole files are not beside this checkout")
    return ORIGINALS


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A site with the pages of a lead agency and of a small partnership, published once by the command."""
    out = tmp_path_factory.mktemp("site with spaces")
    plan = str(ROOT / "params" / "plans" / "scotland.yaml")
    chosen = ["--partnership", "highland", "--partnership", "orkney-islands"]
    done = CliRunner().invoke(ijb, ["publish", plan, *chosen, "--out", str(out)], standalone_mode=False)
    assert done.exit_code == 0, done.output
    return out

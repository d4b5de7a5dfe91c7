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
    """A site with pages of a lead agency, a small partnership and an invented one, published once by the command."""
    out = tmp_path_factory.mktemp("site with spaces")
    plans = ROOT / "params" / "plans"
    real = ["--partnership", "highland", "--partnership", "orkney-islands"]
    invented = ["--partnership", "strathorran", "--notebook", "baseline", "--notebook", "investment"]
    for plan, chosen in (("scotland", real), ("invented", invented)):
        file = str(plans / f"{plan}.yaml")
        done = CliRunner().invoke(ijb, ["publish", file, *chosen, "--out", str(out)], standalone_mode=False)
        assert done.exit_code == 0, done.output
    return out

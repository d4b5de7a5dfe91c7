"""Slow cases, left to `make test-long`: runs killed at any moment, a disk that is really full, every partnership."""

import subprocess
import sys
import time

import psutil
import pytest
from click.testing import CliRunner

from ijbtools.cli import ijb
from ijbtools.publish.place import checksums
from ijbtools.report.examine import examine

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("after", [0.3, 0.8, 1.3, 1.8, 2.3, 2.8, 3.3])
def test_killed_at_any_moment(space, after):
    """A run that is killed at any moment leaves a whole page: the last good one, or the same again."""
    script = "from ijbtools.cli import main; main()"
    process = subprocess.Popen([sys.executable, "-c", script, "publish", str(space.plan)], stderr=subprocess.DEVNULL)
    time.sleep(after)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait(timeout=30)
    for child in children:
        child.kill()
    now = checksums(space.out)
    pages = {name: one for name, one in space.good.items() if name.endswith(".html") and name != "index.html"}
    assert {name: now.get(name) for name in pages} == pages


@pytest.mark.parametrize("size", ["1100k", "1200k", "1300k", "1400k", "1500k", "1600k"])
def test_a_disk_that_is_really_full(space, tmp_path, size):
    """On a disk with hardly any room left the page stays as it was, or a whole one takes its place."""
    place = tmp_path / "small disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=False).returncode:
        pytest.skip("no right to mount a small disk")
    try:
        first = CliRunner().invoke(ijb, ["publish", str(space.plan), "--out", str(place)], standalone_mode=False)
        (place / "filler").write_bytes(b"x" * max(psutil.disk_usage(str(place)).free - 20_000, 0))
        before = checksums(place)
        page = "orkney-islands/2024-25/shunting.html"
        space.spoil("answer", "display(report.headline(result))")
        command = [
            sys.executable,
            "-c",
            "from ijbtools.cli import main; main()",
            "publish",
            str(space.plan),
            "--out",
            str(place),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert first.exit_code in (0, 1)
        assert done.returncode in (1, 3), done.stdout
        assert checksums(place).get(page) == before.get(page)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_every_partnership_is_published(root, tmp_path, scotland):
    """The pages of all 31 partnerships come, pass the examiner, and stay below 300 KiB."""
    chosen = [part for one in scotland["partnerships"]["partnership"] for part in ("--partnership", one)]
    plan = str(root / "params" / "plans" / "scotland.yaml")
    done = CliRunner().invoke(ijb, ["publish", plan, *chosen, "--out", str(tmp_path)], standalone_mode=False)
    assert done.exit_code == 0, done.output
    pages = list(tmp_path.glob("*/2024-25/shunting.html"))
    assert len(pages) == 31
    assert not [page for page in pages if examine(page.read_text("utf-8")) or page.stat().st_size > 300 * 1024]


@pytest.mark.parametrize("period", ["2017/18 Q1", "2020/21 Q2", "2025/26 Q1"])
def test_other_periods_are_published(root, tmp_path, period):
    """The first and the last period of the sample, and one of the pandemic, come as pages too."""
    plan = str(root / "params" / "plans" / "scotland.yaml")
    chosen = ["--partnership", "orkney-islands", "--period", period, "--out", str(tmp_path)]
    done = CliRunner().invoke(ijb, ["publish", plan, *chosen], standalone_mode=False)
    assert done.exit_code == 0, done.output

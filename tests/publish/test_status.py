"""The status of pages, as text and on the index; and who holds a folder."""

import json
import re
import subprocess
import sys
import time
from datetime import date

import psutil
import pytest

from ijbtools import cli
from ijbtools.errors import Locked
from ijbtools.publish.many import publish_all
from ijbtools.publish.place import HOLDER, failure, reserved
from ijbtools.publish.plans import read_plans
from ijbtools.publish.site import write_index
from ijbtools.publish.status import STATES, counted, lines, newer, states
from ijbtools.report.examine import examine

TODAY = date(2025, 8, 1)


@pytest.fixture
def status(space, monkeypatch, capsys):
    """Run `ijb status` of the plan; exit code and lines."""

    def call(*more):
        monkeypatch.setattr(sys, "argv", ["ijb", "status", str(space.plan), *more])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        return code, capsys.readouterr().out.replace("\u00a0", " ").splitlines()

    return call


def plans(space, **more):
    return read_plans([space.plan], **more)


def later(file, text="# another thought\n"):
    with file.open("a", encoding="utf-8") as more:
        more.write(text)


def index(space):
    return (space.out / "index.html").read_text("utf-8").replace("\u00a0", " ")


def test_a_page_that_is_as_published(space, status):
    """What is published says when, counts come first, and the exit code is 0; a newer quarter is pointed out."""
    code, said = status()
    made = re.fullmatch(r"  published  orkney-islands  shunting  2024/25  published on (\d+ \w+ \d{4})", said[3])
    assert code == 0
    assert made
    assert said[0] == "1 page published."
    assert said[2] == f"A plan ({space.out})"
    assert said[4] == "A plan: 2025/26 Q1 is complete for 1 partnership. To publish it: --period auto"
    assert said[5] == f"Index: {space.out / 'index.html'}"
    assert "<td>Published</td>" in index(space)
    assert space.pages_are_good()


@pytest.mark.parametrize(
    ("change", "more", "stale"),
    [
        (lambda s: later(s.home / "params" / "shunting.yaml"), "stale: params/shunting.yaml has changed since", True),
        (lambda s: (s.home / "data" / "delays.csv").unlink(), "stale: data/delays.csv has changed since", True),
        (lambda s: later(s.plan, "prepared_by: A. Analyst\n"), "the plan, its notebook, the house style", False),
        (lambda s: later(s.page, " "), "the page, or a file beside it, is not what was published", False),
    ],
    ids=["assumption", "table", "plan", "page"],
)
def test_what_has_changed_makes_a_page_due(space, change, more, stale):
    """A page is due for what makes a run make it again; with another input it is stale too, and says which."""
    change(space)
    (found,) = states(plans(space))
    assert (found.state, found.stale) == ("due", stale)
    assert found.more.startswith(more)
    assert counted([(found.state, found.stale)]) == f"1 page: 1 due{' (stale)' if stale else ''}."
    html = write_index(space.out, space.home, [found]).read_text("utf-8")
    assert "<strong>Due</strong>" in html
    assert ("<strong>stale:</strong>" in html) is stale
    assert examine(html) == []


def test_a_quarter_that_is_not_there_is_due_and_then_late(space):
    """Up to 45 days after the quarter's end a page that is not there is due, then late; the plan may say other days."""
    for today, state in ((date(2025, 7, 1), "due"), (date(2025, 8, 14), "due"), (date(2025, 8, 15), "late")):
        (found,) = states(plans(space, periods=("auto",), today=today), today=today)
        assert (found.state, found.period.name) == (state, "2025/26 Q1")
        assert "14\u00a0August 2025; the last is 2024/25, published on" in found.said
    later(space.plan, "due_days: 60\n")
    (found,) = states(plans(space, periods=("auto",)), today=date(2025, 8, 15))
    assert found.state == "due"
    assert "29\u00a0August 2025" in found.said  # 30 June and 60 days


def test_the_index_shows_what_is_not_there(space, status):
    """The index lists pages that are not there, marks them, says what the word means, and passes the examiner."""
    code, said = status("--period", "auto", "--period", "2024/25")
    assert code == 4  # late: the quarter ended in June 2025
    assert said[0] == "2 pages: 1 late, 1 published."
    html = index(space)
    assert "<p>2 pages: 1 late, 1 published.</p>" in html
    assert '<th scope="row">Orkney Islands</th>' in html
    assert "<td><strong>Late</strong>: not there; it was to be by 14 August 2025; the last is 2024/25" in html
    assert f"<strong>Late</strong>: {STATES['late']}." in html
    assert html.index("2025/26 to 30 June 2025") < html.index("Financial year 2024/25")
    assert re.findall(r'<a href="([^"]+)"', html) == ["run.html", "orkney-islands/2024-25/shunting.html"]
    assert examine(html) == []


def test_the_index_has_the_same_bytes_for_the_same_state(space):
    """On two days on which everything stands alike the index is the same, byte for byte."""
    first = write_index(space.out, space.home, states(plans(space, periods=("auto",)), today=TODAY)).read_bytes()
    again = states(plans(space, periods=("auto",)), today=date(2025, 8, 2))
    assert write_index(space.out, space.home, again).read_bytes() == first


def test_a_failed_page_says_why_until_it_is_published(space, status):
    """A failed run is told with its day and reason, the page before stays; after a good run nothing is left of it."""
    good = space.plan.with_name("notebook")
    good.write_bytes((space.home / "notebooks" / "shunting.ipynb").read_bytes())
    space.spoil("compute", "raise RuntimeError('no figures <b>today</b>')")
    assert publish_all(plans(space)).exit_code == 3
    code, said = status()
    assert (code, said[0]) == (4, "1 page: 1 failed.")
    assert re.fullmatch(
        r"  failed  orkney-islands  shunting  2024/25  failed on .* 20\d\d; the page of .* stays", said[3]
    )
    assert "cell 4 of the run: RuntimeError: no figures <b>today</b>" in said[4]
    assert re.search(r"<td><strong>Failed</strong> on \d+ \w+ \d{4}; the page of .*? stays</td>", index(space))
    assert "no figures" not in index(space)
    write_index(space.out, space.home)  # also where nobody says which plans there are
    assert "<strong>Failed</strong> on" in index(space)
    (space.home / "notebooks" / "shunting.ipynb").write_bytes(good.read_bytes())
    publish_all(plans(space), force=True)
    assert status()[1][0] == "1 page published."
    assert not list((space.out / "failed").iterdir())
    assert "Failed" not in index(space)


def test_a_change_that_is_taken_back(space):
    """Where the fault was a change of a table that is taken back, a run that finds the page as it was clears it."""
    file = space.home / "data" / "delays.csv"
    before = file.read_bytes()
    good = (space.home / "notebooks" / "shunting.ipynb").read_bytes()
    space.spoil("compute", "raise RuntimeError('no')")
    publish_all(plans(space))
    (space.home / "notebooks" / "shunting.ipynb").write_bytes(good)
    file.write_bytes(before)
    assert states(plans(space))[0].state == "failed"
    assert [one.how for one in publish_all(plans(space)).outcomes] == ["unchanged"]
    assert states(plans(space))[0].state == "published"
    assert not list((space.out / "failed").iterdir())


def test_a_page_that_failed_before_there_was_one(space):
    """A page that failed and never was there is failed, not late, and the index says that there is none."""
    space.spoil("compute", "raise RuntimeError('no')")
    today = date(2025, 12, 1)
    publish_all(plans(space, periods=("auto",), today=today))
    (found,) = states(plans(space, periods=("auto",), today=today), today=today)
    assert found.state == "failed"
    assert found.said.endswith("; there is no page")
    assert "; there is no page</td>" in index(space)


def test_an_earlier_failure_is_over_once_published(space):
    """A failure counts only where it is later than the page; without its note the kept notebook tells of it."""
    folder = space.out / "failed"
    folder.mkdir()
    note = folder / "orkney-islands-2024-25-shunting.json"
    note.write_text(json.dumps({"reason": "x", "at": "2020-01-01T00:00:00+00:00"}), "utf-8")
    assert states(plans(space))[0].state == "published"
    for broken in ("{", "[]", '{"reason": "x", "at": "soon"}'):
        note.write_text(broken, "utf-8")
        assert states(plans(space))[0].state == "published"
    note.with_suffix(".ipynb").write_text("{}", "utf-8")
    assert failure(space.out, note.stem)[1] == "see failed/orkney-islands-2024-25-shunting.ipynb"
    assert states(plans(space))[0].state == "failed"


def test_a_partnership_that_waits(space):
    """A partnership without a complete quarter is a line of its own, is counted apart, and stands on the index."""
    (space.home / "data" / "delays.csv").write_text(
        "partnership,period,age_group,reason,bed_days\norkney-islands,2025-05,75+,code_9_awi,1\n", "utf-8"
    )
    found = states(plans(space, periods=("auto",)))
    assert [one.state for one in found] == ["waiting"]
    assert next(lines(found)) == "0 pages: no page is wanted. 1 partnership has no complete quarter."
    assert "no quarter that is over is complete in delays" in "".join(lines(found))
    html = write_index(space.out, space.home, found).read_text("utf-8")
    assert "<strong>Waiting</strong>: no quarter that is over is complete in delays" in html
    assert examine(html) == []


def test_names_that_no_page_may_hold(space):
    """A name from the tables that the examiner would refuse, of a page that is not there, does not stop the index."""
    (found,) = states(plans(space, periods=("auto",)), {"orkney-islands": "TODO {{x}}"}, TODAY)
    for file in space.page.parent.glob("*/run.json"):
        file.unlink()
    html = write_index(space.out, space.home, [found]).read_text("utf-8")
    assert "TODO" not in html
    assert '<th scope="row">orkney-islands</th>' in html


def test_a_plan_with_a_period_that_is_complete_already(space):
    """A newer quarter is pointed out only while it is not published."""
    assert list(newer(plans(space), date(2025, 8, 1))) != []
    assert list(newer(plans(space), date(2025, 6, 30))) == []  # not over yet
    publish_all(plans(space, periods=("auto",), today=TODAY))
    assert list(newer(plans(space), date(2025, 8, 1))) == []


def test_who_holds_the_folder_and_a_dead_process_does_not(space, tmp_path):
    """A second run says who holds the folder and since when, with exit code 6; a killed one holds it no more."""
    flag = tmp_path / "begun"
    space.spoil("compute", f"import pathlib, time\npathlib.Path({str(flag)!r}).touch()\ntime.sleep(120)")
    command = [sys.executable, "-c", "from ijbtools.cli import main; main()", "publish", str(space.plan)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while not flag.exists() and first.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    assert flag.exists()
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (second.returncode, second.stdout) == (6, "")
    who = rf"\(process {first.pid}( on \S+)?, since \d\d:\d\d on \d+ \w+ \d{{4}}\)"
    assert re.match(rf"Another run is publishing into .*site {who}\. Wait until it is done", second.stderr)
    assert len(second.stderr.splitlines()) == 1
    children = psutil.Process(first.pid).children(recursive=True)
    first.kill()
    first.communicate(timeout=30)
    psutil.wait_procs(children, timeout=15)
    assert (space.out / HOLDER).exists()  # it said who it was, and cannot take that back
    with reserved(space.out):
        assert json.loads((space.out / HOLDER).read_text("utf-8"))["process"] != first.pid
    assert not (space.out / HOLDER).exists()
    assert space.pages_are_good()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": "x"}', '{"process": 1, "host": "a", "since": "b"}'])
def test_what_cannot_be_told_of_the_holder_is_left_out(tmp_path, text):
    """A note about the holder that is not whole is not read out, and never decides who holds the folder."""
    with reserved(tmp_path):
        (tmp_path / HOLDER).write_text(text, "utf-8")
        with pytest.raises(Locked) as locked, reserved(tmp_path):
            pass
    assert str(locked.value).startswith(f"Another run is publishing into {tmp_path}. Wait")
    (tmp_path / HOLDER).write_text('{"process": 1, "host": "a", "since": "2026-01-01T06:30:00+00:00"}', "utf-8")
    with reserved(tmp_path):
        assert json.loads((tmp_path / HOLDER).read_text("utf-8"))["process"] != 1

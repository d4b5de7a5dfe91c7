"""Schedules: each file as its own system reads it, the days on which it starts, and a start for real."""

import re
import shutil
import subprocess
import sys
from calendar import isleap
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from ijbtools import cli
from ijbtools.errors import InputRefused
from ijbtools.publish.schedule import MOST_DAYS, due_days, schedule, starts

PLAN = """label: Our & <their> "100%" briefings
notebooks: [shunting]
partnerships: [orkney-islands]
period: 2024/25
parameters: {data: data}
"""
SPACE = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
MONTHS = [date(2025, month, 1).strftime("%B") for month in range(1, 13)]
ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture
def plan(root, tmp_path):
    """A plan in a workspace whose path has what shells and XML take for their own."""
    home = tmp_path / "Jo's team & 100% £"
    (home / "params" / "plans").mkdir(parents=True)
    shutil.copytree(root / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    file = home / "params" / "plans" / "Our briefing.yaml"
    file.write_text(PLAN, encoding="utf-8")
    return file


def of_kind(made, kind):
    return next(one for one in made.files if one.suffix == f".{kind}")


def days_of_year(days, year):
    """The days of that year on which there is a start."""
    found = set()
    for (first, last), months in starts(days).items():
        for month in months:
            one = date(year, month, first)
            while one.month == month and one.day <= last:
                found.add(one)
                one += timedelta(days=1)
    return found


@settings(deadline=None)
@given(days=st.integers(0, MOST_DAYS), year=st.integers(2024, 2100))
def test_starts_are_from_the_due_day_to_the_next_quarters_end(days, year):
    """In every year a day has a start exactly when it is so many days after the last quarter's end, or more.

    A day later after 31 December, where a 29 February lies between and the due day comes after it.
    """
    ends = [date(year - 1, 12, 31), date(year, 3, 31), date(year, 6, 30), date(year, 9, 30), date(year, 12, 31)]
    found = days_of_year(days, year)
    one = date(year, 1, 1)
    while one.year == year:
        # On the very last day of a quarter the start of the quarter before still comes.
        last = max(end for end in ends if end < one or (days == 0 and end == one))
        late = days + (1 if last.month == 12 and isleap(year) and days >= 60 else 0)
        assert (one in found) == (one >= last + timedelta(days=late)), one
        one += timedelta(days=1)
    assert all(date(year, month, day) for month, day in due_days(days))


@pytest.mark.parametrize(
    ("days", "due"),
    [
        (0, [(3, 31), (6, 30), (9, 30), (12, 31)]),
        (30, [(1, 30), (4, 30), (7, 30), (10, 30)]),
        (45, [(2, 14), (5, 15), (8, 14), (11, 14)]),
        (59, [(2, 28), (5, 29), (8, 28), (11, 28)]),
        (60, [(3, 1), (5, 30), (8, 29), (11, 29)]),
        (80, [(3, 21), (6, 19), (9, 18), (12, 19)]),
    ],
)
def test_due_days(days, due):
    """The four days, counted by hand from 31 December, 31 March, 30 June and 30 September."""
    assert due_days(days) == due


def test_the_task_keeps_to_its_schema(plan, tmp_path):
    """The task is UTF-16 with its mark, keeps to the schema, and says what it runs, when, as whom, and catches up."""
    made = schedule(plan, tmp_path / "a & b", days=45, today=date(2026, 11, 22))
    content = of_kind(made, "xml").read_bytes()
    assert content.startswith(b"\xff\xfe<\x00?\x00")
    text = content.decode("utf-16")
    assert text.startswith('<?xml version="1.0" encoding="UTF-16"?>\r\n')
    task = ElementTree.fromstring(content)
    xmlschema.XMLSchema(Path(__file__).with_name("task.xsd")).validate(task)
    assert task.get("version") == "1.2"
    said = {one.tag.partition("}")[2]: one.text for one in task.iter()}
    assert said["Description"].startswith(
        'Our & <their> "100%" briefings. Due on 14 February, 15 May, 14 August and 14'
    )
    assert said["StartWhenAvailable"] == "true"
    assert (said["LogonType"], said["RunLevel"]) == ("InteractiveToken", "LeastPrivilege")
    assert "UserId" not in said
    assert said["WorkingDirectory"] == str(plan.parents[2].resolve())
    assert said["Arguments"] == f'/d /s /c ""{of_kind(made, "cmd")}""'
    triggers = {}
    for trigger in task.findall(".//t:CalendarTrigger", SPACE):
        assert trigger.find("t:StartBoundary", SPACE).text == "2026-11-22T06:30:00"
        for month in trigger.find(".//t:Months", SPACE):
            days = [int(one.text) for one in trigger.findall(".//t:Day", SPACE)]
            triggers[MONTHS.index(month.tag.partition("}")[2]) + 1] = (days[0], days[-1], len(days))
    whole = (1, 31, 31)
    assert triggers == {
        2: (14, 29, 16), 3: whole, 5: (15, 31, 17), 6: whole, 8: (14, 31, 18), 9: whole, 11: (14, 30, 17), 12: whole,
    }  # fmt: skip


def test_the_schema_is_not_met_by_anything(plan, tmp_path):
    """The schema refuses a task that Windows would: a wrong word, a day that no month has, actions of nobody."""
    schema = xmlschema.XMLSchema(Path(__file__).with_name("task.xsd"))
    text = of_kind(schedule(plan, tmp_path / "into"), "xml").read_text("utf-16")
    body = text.partition("?>")[2]
    for right, wrong in (
        ("<Day>30</Day>", "<Day>32</Day>"),
        ("InteractiveToken", "Interactive"),
        ('Context="Author"', 'Context="Other"'),
        ("<January />", "<Januar />"),
        ("StartWhenAvailable", "StartWhenPossible"),
    ):
        assert schema.is_valid(body)
        assert not schema.is_valid(body.replace(right, wrong)), wrong


@pytest.mark.parametrize("days", [0, 1, 30, 45, 59, 60, 80])
def test_cron_reads_its_lines(plan, tmp_path, days):
    """Over two years, one of them a leap year, cron's lines start on the days they should, once a day, at the time."""
    made = schedule(plan, tmp_path / "into", days=days, at="6:05")
    lines = [one for one in of_kind(made, "cron").read_text("utf-8").splitlines() if not one.startswith("#")]
    begin, found = datetime(2027, 1, 1), []
    for line in lines:
        fields = " ".join(line.split()[:5])
        assert croniter.is_valid(fields)
        every = croniter(fields, begin - timedelta(seconds=1))
        while (one := every.get_next(datetime)).year < 2029:
            found.append(one)
    assert {(one.hour, one.minute) for one in found} == {(6, 5)}
    assert len(found) == len(set(found))
    assert {one.date() for one in found} == days_of_year(days, 2027) | days_of_year(days, 2028)
    command = lines[0].split(maxsplit=5)[5]
    assert command.endswith(r"""team & 100\% £/into/ijb-our-briefing.sh'""") or "%" not in re.sub(r"\\%", "", command)


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not here")
@pytest.mark.parametrize("days", [0, 30, 45, 80])
def test_systemd_reads_its_units(plan, days):
    """systemd finds nothing wrong with the units, and the next start after a quarter's end is the due day's."""
    made = schedule(plan, days=days)
    units = [str(of_kind(made, "service")), str(of_kind(made, "timer"))]
    done = subprocess.run([ANALYZE, "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "ijb-our-briefing" in line]
    assert (ours, done.returncode) == ([], 0), done.stderr
    service, timer = (Path(one).read_text("utf-8") for one in units)
    assert "SuccessExitStatus=5\n" in service
    assert "Persistent=true\n" in timer
    when = re.findall(r"(?m)^OnCalendar=(.*)$", timer)
    for end in (date(2027, 12, 31), date(2028, 3, 31), date(2028, 6, 30), date(2028, 9, 30)):
        command = [ANALYZE, "calendar", f"--base-time={end - timedelta(days=days == 0)} 07:00:00 UTC", *when]
        said = subprocess.run(command, capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C"})
        nexts = {date.fromisoformat(one) for one in re.findall(r"Next elapse: \w{3} (\S+) 06:30:00", said.stdout)}
        late = 1 if end.month == 12 and days >= 60 else 0  # 2028 has a 29 February
        assert min(nexts) == (end if days == 0 else end + timedelta(days=days + late))


def test_the_script_for_windows(plan, tmp_path):
    """Lines end as on Windows; what a shell would read in a path is kept from it; 5 becomes 0; the copy comes last."""
    made = schedule(plan, tmp_path / "into", copy_to=r"\\server\board papers\100%")
    content = of_kind(made, "cmd").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") > 10
    assert not content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8")
    lines = text.split("\r\n")
    assert lines[0] == "@echo off"
    assert lines.index("chcp 65001 >nul") < min(number for number, one in enumerate(lines) if "£" in one)
    doubled = str(plan.resolve()).replace("%", "%%")
    run = next(
        number for number, one in enumerate(lines) if f' publish "{doubled}" --period auto >>"%LOG%" 2>&1' in one
    )
    assert lines[run + 1] == 'set "CODE=%ERRORLEVEL%"'
    assert 'if "%CODE%"=="5" set "CODE=0"' in lines
    copy = next(number for number, one in enumerate(lines) if one.startswith("robocopy "))
    assert copy > run
    assert r'"\\server\board papers\100%%" /E ' in lines[copy]
    assert "if %COPIED% LSS 8 exit /b %CODE%" in lines
    assert lines[-2:] == ["exit /b %CODE%", ""]
    assert "robocopy" not in of_kind(schedule(plan, tmp_path / "other"), "cmd").read_text("utf-8")
    assert r'"X:\." /E' in of_kind(schedule(plan, tmp_path / "drive", copy_to="X:\\"), "cmd").read_text("utf-8")


def test_the_readme_says_how(plan):
    """The README names the command of this environment by its whole path, each way to import, and the log."""
    made = schedule(plan, at="22:00", copy_to="papers")
    text = made.readme.read_text("utf-8")
    folder = plan.parents[2].resolve() / "schedule"
    assert made.readme.parent == folder
    assert f'schtasks /create /tn "ijb our-briefing" /xml "{folder / "ijb-our-briefing.xml"}"' in text
    assert "systemctl --user enable --now ijb-our-briefing.timer" in text
    assert "crontab -e" in text
    assert str(folder / "ijb-our-briefing.log") in text
    assert "at 22:00 on that day" in text
    assert str(Path("papers").absolute()) in text
    command = re.search(r"(?m)^    (.+?) publish ", text)[1]
    assert Path(command.partition(" -c ")[0]).is_absolute()
    assert not re.search(r"@[A-Z]+@", "".join(one.read_bytes().decode("latin-1") for one in made.files))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": 81}, "--days: found 81; expected days after a quarter's end, 0 to 80"),
        ({"days": -1}, "--days: found -1"),
        ({"at": "25:00"}, "--at: found '25:00'; expected a time of day such as 06:30"),
        ({"copy_to": 'a"b'}, "expected one without quotation marks and line breaks"),
        ({"copy_to": "a\nb"}, "expected one without quotation marks and line breaks"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(plan, given, said):
    """Days beyond the next quarter, a time that there is not, and paths that a script cannot hold write nothing."""
    with pytest.raises(InputRefused) as refused:
        schedule(plan, **given)
    assert said in str(refused.value)
    assert not (plan.parents[2] / "schedule").exists()


def test_one_plan_at_a_time(plan):
    """Of a workspace with several plans one must be named; with one plan the folder is enough."""
    home = plan.parents[2]
    assert of_kind(schedule(home), "xml").name == "ijb-our-briefing.xml"
    plan.with_name("other.yaml").write_text(PLAN, "utf-8")
    with pytest.raises(InputRefused, match=r"2 plans; expected one of them: Our briefing\.yaml, other\.yaml"):
        schedule(home)


@pytest.mark.parametrize(("due", "when"), [(45, "30 days after"), (20, "20 days after"), (1, "1 day after")])
def test_the_usual_day(plan, due, when):
    """Without --days it is 30 days after the quarter's end, or the plan's due_days where that is sooner."""
    plan.write_text(f"{PLAN}due_days: {due}\n", "utf-8")
    assert when in schedule(plan).when


@pytest.mark.skipif(sys.platform == "win32", reason="the script is for Linux and macOS")
def test_a_start_for_real(space, tmp_path, monkeypatch, capsys):
    """The script publishes, logs and copies; with nothing due it ends with 0, or 5 for systemd; a failure passes."""
    copied = tmp_path / "the board's papers"
    call = ["ijb", "schedule", str(space.plan), "--copy-to", str(copied), "--days", "10"]
    monkeypatch.setattr(sys, "argv", call)
    cli.main()
    said = capsys.readouterr().out
    script = Path(re.search(r"Written: (.*\.sh)", said)[1])
    assert "Nothing is installed." in said

    def start(*more):
        return subprocess.run([str(script), *more], capture_output=True, text=True, check=False, timeout=120)

    first = start()
    log = script.with_suffix(".log").read_text("utf-8")
    assert (first.returncode, first.stdout, first.stderr) == (0, "", ""), log
    assert re.search(r"(?m)^==== \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ijb publish$", log)
    assert "1 of 1  published  shunting, orkney-islands, 2025/26 Q1" in log
    assert (copied / "orkney-islands" / "2025-26-q1" / "shunting.html").exists()
    assert (copied / "index.html").read_bytes() == (space.out / "index.html").read_bytes()
    assert not (copied / ".lock").exists()
    assert start().returncode == 0
    assert start("systemd").returncode == 5
    log = script.with_suffix(".log").read_text("utf-8")
    assert log.count("Nothing is due: the page of 2025/26 Q1 for 1 partnership is as published.") == 2
    (space.home / "params" / "shunting.yaml").write_text("- no\n", "utf-8")
    assert start().returncode == 2
    assert start("systemd").returncode == 2

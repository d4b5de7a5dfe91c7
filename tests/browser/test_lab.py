"""The notebooks and their workbench in a real JupyterLab: from a notebook opened fresh to the number on a board's page.

The workspaces are copies, so that what is run, saved and published here leaves the project as it is.
"""

import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import expect
from ruamel.yaml import YAML

sys.path.append(str(Path(__file__).parent))
import lab as driver

pytestmark = pytest.mark.browser

TOPICS = ("baseline", "investment", "shunting")
SCREEN = {"width": 1280, "height": 900}
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SHARE = "Part of a bed day’s cost that a budget can give up"  # 10% to 40%, 15% unless moved; a step is 0.5%
CENTRAL, MOVED = "£7.0 million in cash", "£9.3 million in cash"  # 75,093 days at £618.12, of which 15%, and 20%
TEXT = """line => {
  const text = document.createRange();
  text.selectNodeContents(line);
  return [text, line.closest('.cm-scroller')].map((one) => one.getBoundingClientRect().toJSON());
}"""
MEANWHILE = """(button, box) => {
  button.click();
  setTimeout(() => {  // no hand is quicker, and of two messages at once either may be answered first
    box.value = '20';
    box.dispatchEvent(new Event('change', {bubbles: true}));
  }, 60);
}"""
PLAN = """label: What the workbench saved
notebooks: [shunting]
partnerships: [highland]
period: 2024/25
"""

expect.set_options(timeout=driver.STEP * 1000)


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    """A copy of the project's workspace; named as the shared browser knows what it opens."""
    home = tmp_path_factory.mktemp("project") / "a workspace"
    for name in ("params", "notebooks", "data/sample"):
        shutil.copytree(root / name, home / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return home


@pytest.fixture(scope="module")
def address(browser, site, tmp_path_factory):
    """A JupyterLab on the project's workspace, ended with its kernels."""
    with driver.running(site, tmp_path_factory.mktemp("beside")) as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser):
    """Opens a tab with JupyterLab in it. Neither the tab nor Lab itself may ask anything of another machine."""
    tabs = []

    def open_(address):
        tabs.append(driver.Lab(browser.new_context(viewport=SCREEN).new_page(), address))
        return tabs[-1]

    yield open_
    assert [asked for one in tabs for asked in one.abroad] == []


@pytest.fixture(scope="module")
def lab(opened, address):
    """A tab for notebooks, one after another."""
    return opened(address)


@pytest.fixture(scope="module")
def kept(opened, address):
    """A tab in which the shunting notebook stays open, run to its end."""
    lab = opened(address)
    lab.open("notebooks/shunting.ipynb")
    lab.run_all()
    assert lab.errors() == []
    lab.workbench()
    return lab


@pytest.fixture
def bench(kept):
    """The workbench of shunting in Highland as it is when it is opened: everything central, nothing pinned."""
    whole = kept.tab.locator(".ijb-explore")
    yield whole
    if whole.get_by_role("button", name="Unpin").is_visible():
        whole.get_by_role("button", name="Unpin").click()
    expect(whole.locator(".ijb-pinned")).to_have_count(0)
    whole.get_by_role("button", name="Reset to central").click()
    expect(whole.locator(".headline")).to_contain_text(CENTRAL)
    expect(box(whole)).to_have_value("15")  # it is drawn last, and would take the place of what is typed meanwhile


def slider(within):
    """The handle of the foremost slider, in the workbench or on the page."""
    return within.get_by_role("slider", name=SHARE)


def box(bench):
    """The box of the same assumption."""
    return bench.get_by_role("spinbutton", name=SHARE)


def press(bench, key, times=1):
    """Keys at the foremost slider."""
    slider(bench).focus()
    for _ in range(times):
        slider(bench).press(key)


def type_in(bench, text):
    """Type into the box."""
    box(bench).fill(text)
    box(bench).press("Enter")


def refused(bench):
    """What is said to be wrong below the foremost slider."""
    return bench.locator(".widget-vbox", has=slider(bench.page)).last.get_by_role("alert")


def beside_save(bench):
    """What is said at the button that saves."""
    return bench.locator(":scope > .widget-html").last


def in_first_screen(lab):
    """Assert that the notebook says what to change where nobody has scrolled yet, the line from end to end."""
    said = lab.tab.locator(".cm-line", has_text="# What to change: these lines.")
    first = lab.tab.locator(".cm-line", has_text="partnership: str =").bounding_box()
    text, cell = said.evaluate(TEXT)
    assert 0 <= text["top"] < first["y"] + first["height"] <= SCREEN["height"]
    assert text["right"] <= cell["right"] <= SCREEN["width"]


def runs_to_its_record(lab):
    """Assert that all cells ran without an error, to the run record in the last."""
    lab.run_all()
    assert lab.errors() == []
    last = lab.cells()[-1]
    assert "report.record(" in last["source"]
    assert "Run record" in str(last["outputs"][-1])


@pytest.mark.parametrize("topic", TOPICS)
def test_a_notebook_opened_fresh_runs_on_the_sample(lab, topic):
    """A notebook says in its first screen what to change, and runs with no edit to its run record, workbench too."""
    lab.open(f"notebooks/{topic}.ipynb")
    in_first_screen(lab)
    runs_to_its_record(lab)
    expect(lab.workbench().locator(".headline")).not_to_be_empty()
    lab.close()


def test_the_notebooks_run_on_a_workspace_of_ones_own(opened, tmp_path):
    """In a workspace that `ijb new` made, every notebook runs with no edit, set to its partnership."""
    home = tmp_path / "our partnership"
    driver.ijb("new", home, "--partnership", "orkney-islands")
    with driver.running(home, tmp_path / "beside") as address:
        lab = opened(address)
        for topic in TOPICS:
            lab.open(f"explore/{topic}.ipynb")
            in_first_screen(lab)
            runs_to_its_record(lab)
            expect(lab.workbench().get_by_label("Partnership")).to_have_value(re.compile("Orkney"))
            lab.close()
        lab.tab.context.close()


def test_a_slider_moved_by_keys_moves_sentence_and_picture(bench):
    """Keys at a slider change its box, the sentence and the picture; Reset to central brings them back."""
    picture = bench.locator("figure img")
    before = picture.get_attribute("src")
    expect(bench.locator(".headline")).to_contain_text(CENTRAL)
    press(bench, "ArrowRight", 10)
    expect(bench.locator(".headline")).to_contain_text(MOVED)
    expect(box(bench)).to_have_value("20")
    expect(picture).not_to_have_attribute("src", before)
    expect(picture).to_have_attribute("alt", re.compile("The host of adult care 6.3; The law 1.9"))
    expect(slider(bench)).to_have_attribute("aria-valuetext", "20%")
    bench.get_by_role("button", name="Reset to central").click()
    expect(picture).to_have_attribute("src", before)


def test_a_value_out_of_range_is_told_beside_its_box(bench):
    """A value that cannot be is refused in words at its own control; what is shown stays, and a right one follows."""
    type_in(bench, "55")
    expect(refused(bench)).to_contain_text("Found 55%; expected a value within its range, 10% to 40%.")
    expect(bench.get_by_role("alert")).to_have_count(1)
    expect(bench.locator(".headline")).to_contain_text(CENTRAL)
    type_in(bench, "20")
    expect(bench.locator(".headline")).to_contain_text(MOVED)
    expect(bench.get_by_role("alert")).to_have_count(0)


def test_what_is_done_meanwhile_waits_its_turn(bench):
    """A value typed before a button's answer is drawn is taken after it, although Lab has two threads answer them."""
    bench.get_by_role("button", name="Pessimistic").evaluate(MEANWHILE, box(bench).element_handle())
    expect(bench.get_by_text(f"{SHARE}, 20% instead of 15%")).to_be_visible()
    expect(box(bench)).to_have_value("20")


def test_a_pinned_state_stays_beside_the_moving_one(bench):
    """Both states are seen at once, and a table says what they differ in."""
    bench.get_by_role("button", name="Pin this state").click()
    pinned = bench.locator(".ijb-pinned .headline")
    expect(pinned).to_contain_text(CENTRAL)
    press(bench, "ArrowRight", 10)
    expect(bench.locator(".headline").filter(has_text=MOVED)).to_be_visible()
    expect(pinned).to_contain_text(CENTRAL)
    expect(pinned).to_be_visible()
    differs = bench.get_by_role("table", name="What differs")
    expect(differs.get_by_role("row").filter(has_text=SHARE)).to_contain_text(re.compile("15%.*20%"))
    bench.get_by_role("button", name="Unpin").click()
    expect(pinned).to_have_count(0)


def test_what_is_saved_is_published_with_the_same_sentence(bench, site):
    """A state is saved under a name with author and note, and a plan with the lines told publishes its sentence."""
    press(bench, "ArrowRight", 10)
    expect(bench.locator(".headline")).to_contain_text(MOVED)
    for label, text in (("Name", "a-fifth"), ("Author", "A. Analyst"), ("Note", "A ward closes.")):
        bench.get_by_label(label).fill(text)
    save, folder = bench.get_by_role("button", name="Save as scenario"), site / "params" / "scenarios"

    folder.write_text("", "utf-8")  # a folder that takes no file, for root and on Windows too
    save.click()
    expect(beside_save(bench)).to_contain_text(re.compile(r"Cannot write params/scenarios/a-fifth\.yaml.*right to"))
    folder.unlink()

    save.click()
    expect(beside_save(bench)).to_contain_text("Saved as params/scenarios/a-fifth.yaml")
    lines = beside_save(bench).locator("pre").inner_text()
    saved = YAML(typ="safe").load((folder / "a-fifth.yaml").read_text("utf-8"))
    assert (saved["author"], saved["note"]) == ("A. Analyst", "A ward closes.")
    assert saved["assumptions"] == {"bed_day_cash_share": 0.2}

    save.click()
    expect(beside_save(bench)).to_contain_text("a scenario of that name already")
    assert len(list(folder.iterdir())) == 1

    plan = site / "params" / "plans" / "mine.yaml"
    plan.write_text(f"{PLAN}{lines}\n  data: data/sample/scotland\n", "utf-8")
    driver.ijb("publish", plan)
    tab = bench.page.context.new_page()
    tab.goto((site / "site" / "highland" / "2024-25" / "shunting.html").as_uri())
    expect(tab.locator(".headline")).to_have_text(bench.locator(".headline").inner_text())
    expect(tab.get_by_text("A fifth").first).to_be_attached()
    tab.close()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_axe_finds_nothing_in_the_workbench(kept, bench, theme):
    """axe-core finds no violation in the workbench, with a state pinned, everything unfolded and a value refused."""
    kept.tab.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    light = str(theme.endswith("Light")).lower()
    expect(kept.tab.locator(f"body[data-jp-theme-light={light}]")).to_be_attached()
    bench.get_by_role("button", name="Pin this state").click()
    press(bench, "ArrowRight", 10)
    expect(bench.locator(".headline").filter(has_text=MOVED)).to_be_visible()
    type_in(bench, "55")
    expect(refused(bench)).to_be_visible()
    more = bench.get_by_role("button", name=re.compile("^Show .* more"))
    if more.is_visible():
        more.click()
    kept.tab.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": list(TAGS)}}
    run = "options => axe.run({include: [['.ijb-explore']]}, options)"
    found = kept.tab.evaluate(run, options)["violations"]
    assert [(one["id"], node["target"], node["failureSummary"]) for one in found for node in one["nodes"]] == []

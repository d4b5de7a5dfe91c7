"""House style: over every notebook, module and document of the project. Failures list the offenders."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from ruamel.yaml import YAML

from ijbtools.cli import ijb
from ijbtools.errors import IjbError

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "ijbtools"
MODULES = sorted(SRC.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

ROOMS = ("vocabulary", "errors", "finance", "inputs", "topics", "report", "publish", "cli", "explore")
# Who may import what from outside, beyond the standard library, numpy and pandas.
ONLY_IN = {
    "matplotlib": {"report"},
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "mistune": {"report"},
    "nh3": {"report"},
    "pydantic": {"inputs", "publish"},
    "ruamel": {"inputs"},
    "openpyxl": {"inputs"},
    "duckdb": {"inputs"},
    "xlsxwriter": {"report"},
    "filelock": {"publish"},
    "papermill": {"publish"},
    "ipykernel": {"publish"},
    "distributed": {"publish"},
    "jsonschema": {"publish"},
    "jupyter_client": {"publish"},
    "jupyter_core": {"publish"},
    "nbformat": {"publish", "report"},
    "nbconvert": {"publish", "report"},
    "click": {"cli"},
    "ipywidgets": {"explore"},
    "IPython": {"explore"},
}


def room_of(file):
    name = file.relative_to(SRC).parts[0].removesuffix(".py")
    return "explore" if name.startswith("_explore") else name


def imported(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_point_one_way():
    """Each room imports only rooms before it, and topics never import each other."""
    wrong = []
    for file in MODULES:
        room = room_of(file)
        if room == "__init__":
            continue
        for name in imported(file):
            parts = name.split(".")
            if parts[0] != "ijbtools" or len(parts) < 2 or parts[1] not in ROOMS:
                continue
            if ROOMS.index(parts[1]) > ROOMS.index(room):
                wrong.append(f"{file.name} imports {name}")
            other_topic = parts[1] == "topics" and len(parts) > 2 and not parts[2].startswith("_")
            if room == "topics" and other_topic and parts[2] not in ("result", file.stem):
                wrong.append(f"{file.name} imports the topic {name}")
    assert not wrong


def test_outside_packages_stay_in_their_rooms():
    """matplotlib and Jinja stay in report, papermill in publish, pydantic and YAML in inputs."""
    known = {"numpy", "pandas", "ijbtools", *ONLY_IN} | set(sys.stdlib_module_names)
    wrong = []
    for file in MODULES:
        for top in {name.split(".")[0] for name in imported(file)}:
            if top not in known:
                wrong.append(f"{file.name} imports {top}, which no room is named for")
            elif top in ONLY_IN and room_of(file) not in ONLY_IN[top]:
                wrong.append(f"{file.name} imports {top}")
    assert not wrong


def test_modules_are_one_sitting_long():
    """No module is longer than 500 lines."""
    assert not [f"{file.name}: {n}" for file in MODULES if (n := len(file.read_text("utf-8").splitlines())) > 500]


def test_everything_public_is_described():
    """Every module, and every public class and function, has a docstring."""
    wrong = []
    for file in MODULES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            wrong.append(file.name)
        kinds = ast.FunctionDef | ast.ClassDef
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
        for node in [*tree.body, *(part for one in classes for part in one.body)]:
            public = isinstance(node, kinds) and not node.name.startswith("_")
            overload = public and any(getattr(d, "id", "") == "overload" for d in node.decorator_list)
            if public and not overload and not ast.get_docstring(node):
                wrong.append(f"{file.name}: {node.name}")
    assert not wrong


def test_errors_have_their_exit_codes():
    """Every kind of error has one of the documented exit codes, and the README names each code."""
    documented = re.search(r"Exit codes: (.*?)\.\n", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    codes = {int(code) for code in re.findall(r"\b(\d+) ", documented[1])}
    kinds = [IjbError, *IjbError.__subclasses__()]
    assert {kind.exit_code for kind in kinds} <= codes
    assert " ".join(ijb.epilog.split()) == " ".join(documented[0].split())


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_notebooks_are_thin(notebook):
    """A notebook has 8 to 14 cells, at most 40 lines of code, no arithmetic, no outputs; its title is a question."""
    book = nbformat.read(notebook, as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    lines = [line for cell in code for line in cell.source.splitlines() if line.strip()]
    assert 8 <= len(book.cells) <= 14
    assert len(lines) <= 40
    assert not [cell.id for cell in code if cell.outputs or cell.execution_count]
    assert re.fullmatch(r"# .+\?", book.cells[0].source)
    sums = [
        ast.unparse(node)
        for cell in code
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.BitOr)
    ]
    assert not sums
    assert "report.record(" in code[-1].source.splitlines()[-1]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_notebooks_describe_their_parameters(notebook):
    """The parameters cell says what to change; every line after that has a type, a default and a comment."""
    book = nbformat.read(notebook, as_version=4)
    cell = next(cell for cell in book.cells if "parameters" in cell.metadata.get("tags", []))
    first, *lines = cell.source.splitlines()
    assert first.startswith("# What to change:")
    assert [line for line in lines if not re.fullmatch(r"\w+: \w+ = .+  # .+", line)] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_topic_is_one_word_used_five_times(notebook):
    """A notebook's topic has its module, its assumptions file and its test of the same name."""
    topic = notebook.stem
    places = [
        SRC / "topics" / f"{topic}.py",
        ROOT / "params" / f"{topic}.yaml",
        ROOT / "tests" / "topics" / f"test_{topic}.py",
    ]
    assert not [str(place.relative_to(ROOT)) for place in places if not place.exists()]


def test_environment_yml_is_pyproject():
    """environment.yml names the packages of pyproject.toml, with the same bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    environment = YAML(typ="safe").load((ROOT / "environment.yml").read_text("utf-8"))
    plain = [entry for entry in environment["dependencies"] if isinstance(entry, str) and entry != "pip"]
    assert plain == [f"python{project['requires-python']}", *project["dependencies"]]


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda file: file.stem)
def test_locks_are_pinned_and_name_no_address(lock):
    """Every package of a lock is pinned with hashes, and no address of a registry is in it."""
    text = lock.read_text("utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry.strip()]
    assert entries
    assert not [entry.split()[0] for entry in entries if "==" not in entry.split()[0] or "--hash=sha256:" not in entry]
    assert not re.search(r"https?://|--(?:extra-)?index|--find", text)


def test_core_lock_has_no_jupyterlab():
    """The core runs without JupyterLab, whose dependencies make papermill's import several times slower."""
    names = re.findall(r"(?m)^([\w-]+)==", (ROOT / "requirements" / "core.lock").read_text("utf-8"))
    assert "papermill" in names
    assert not {"jupyterlab", "jupyter-server", "rfc3986-validator"} & set(names)


def test_readme_tree_is_the_disk():
    """Every file and folder in the README's tree is there."""
    tree = re.search(r"```\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[1]
    missing, base = [], ROOT
    for line in tree.splitlines():
        name = line.split()[0]
        place = (SRC if line.startswith("  ") else base) / name
        if not place.exists():
            missing.append(name)
    assert not missing


def test_readme_names_every_command():
    """The README's table has every command of `ijb`, and no other."""
    named = re.findall(r"(?m)^\| `ijb (\w+)", (ROOT / "README.md").read_text("utf-8"))
    assert sorted(named) == sorted(ijb.commands)


def test_readme_and_makefile_say_the_same():
    """The plain lines of the README are those of the Makefile."""
    make = (ROOT / "Makefile").read_text("utf-8").replace("--quiet ", "")
    readme = (ROOT / "README.md").read_text("utf-8")
    for part in (
        "-m pip install --require-hashes -r requirements/core.lock",
        "-m pip install --require-hashes -r requirements/test.lock",
        "-m pip install --no-deps --no-build-isolation --editable .",
        "ijb publish params/plans/scotland.yaml params/plans/invented.yaml",
        'pytest -m "not slow"',
    ):
        assert part in make, part
        assert part in readme, part
        assert part.replace("/", "\\") in readme, part


def test_text_files_have_plain_newlines():
    """Files of the project end their lines with a line feed."""
    kinds = (".py", ".md", ".yaml", ".csv", ".ipynb", ".toml", ".j2", ".css", ".lock")
    folders = [ROOT / name for name in ("src", "tests", "params", "data", "notebooks", "requirements")]
    files = [file for folder in folders for file in folder.rglob("*") if file.suffix in kinds]
    assert len(files) > 40
    assert not [file.name for file in files if b"\r\n" in file.read_bytes()]

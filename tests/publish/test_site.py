"""The index of a site, and whether a site is still what was published."""

import re
import sys

import pytest

from ijbtools import cli
from ijbtools.errors import InputRefused
from ijbtools.publish.site import differences, entries, write_index


def test_the_index_lists_every_page(site):
    """The index names each page's partnership, question, period and status, and leads to it."""
    html = (site / "index.html").read_text("utf-8")
    addresses = re.findall(r'<th scope="row"><a href="([^"]+)">([^<]+)</a>', html)
    assert addresses == [
        ("highland/2024-25/baseline.html", "Highland"),
        ("highland/2024-25/shunting.html", "Highland"),
        ("orkney-islands/2024-25/baseline.html", "Orkney Islands"),
        ("orkney-islands/2024-25/shunting.html", "Orkney Islands"),
        ("strathorran/2026-27-q2/baseline.html", "Strathorran IJB"),
        ("strathorran/2026-27-q2/investment.html", "Strathorran IJB"),
    ]
    assert all((site / address).exists() for address, _ in addresses)
    assert html.count("Who decides, and who bears the cost of delayed discharge?") == 2
    assert html.count("What does each partner bring, and is it enough?") == 3
    assert html.count("<td>Draft") == 6
    assert html.count("<td>Published</td>") == 6
    assert not re.search("stale|<strong>(Due|Late|Failed)", html)


def test_an_empty_site_says_so(tmp_path):
    """An index of nothing says that nothing is published."""
    assert entries(tmp_path, tmp_path) == []
    assert "Nothing is published yet." in write_index(tmp_path, tmp_path).read_text("utf-8")


def test_stale_pages_are_marked(space):
    """A page whose inputs have changed since is marked in the index and named by verify, and is not a changed page."""
    with (space.home / "params" / "shunting.yaml").open("a", encoding="utf-8") as more:
        more.write("# another thought\n")
    assert "stale:" in write_index(space.out, space.home).read_text("utf-8")
    differs = differences(space.out, space.home)
    assert [(one.stale, str(one)) for one in differs] == [
        (True, "orkney-islands/2024-25/shunting.html: made from another params/shunting.yaml than today's")
    ]


def test_a_site_that_is_as_it_was(space, monkeypatch, capsys):
    """verify says that the pages are what their run records say, with exit code 0."""
    monkeypatch.setattr(sys, "argv", ["ijb", "verify", str(space.out)])
    cli.main()
    assert "1 pages are what their run records say" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda page, beside: page.write_text(page.read_text("utf-8") + " ", "utf-8"), "shunting.html: changed since"),
        (lambda page, beside: page.unlink(), "shunting.html: missing"),
        (lambda page, beside: (beside / "facts.csv").write_text("x", "utf-8"), "facts.csv: changed since"),
        (lambda page, beside: (beside / "facts.csv").unlink(), "facts.csv: missing"),
        (lambda page, beside: (beside / "more.csv").write_text("x", "utf-8"), "more.csv: not in the run record"),
        (
            lambda page, beside: (beside / "run.json").write_text("{", "utf-8"),
            "run.json: the run record cannot be read",
        ),
    ],
)
def test_what_differs_is_named(space, monkeypatch, capsys, spoil, said):
    """verify names each page and file that is not what was published, with exit code 4."""
    spoil(space.page, next(space.page.parent.glob("shunting-*")))
    monkeypatch.setattr(sys, "argv", ["ijb", "verify", str(space.out)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 4
    assert said in capsys.readouterr().out


def test_a_folder_without_pages_is_refused(tmp_path):
    """verify of a folder that nothing was published into is refused."""
    with pytest.raises(InputRefused, match="no run record"):
        differences(tmp_path, tmp_path)

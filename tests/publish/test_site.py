"""The index of a site."""

import re

from ijbtools.publish.site import entries, write_index


def test_the_index_lists_every_page(site):
    """The index names each page's partnership, question, period and status, and leads to it."""
    html = (site / "index.html").read_text("utf-8")
    addresses = re.findall(r'<th scope="row"><a href="([^"]+)">([^<]+)</a>', html)
    assert addresses == [
        ("highland/2024-25/shunting.html", "Highland"),
        ("orkney-islands/2024-25/shunting.html", "Orkney Islands"),
    ]
    assert all((site / address).exists() for address, _ in addresses)
    assert html.count("Who decides, and who bears the cost of delayed discharge?") == 2
    assert html.count("<td>Draft</td>") == 2


def test_an_empty_site_says_so(tmp_path):
    """An index of nothing says that nothing is published."""
    assert entries(tmp_path) == []
    assert "Nothing is published yet." in write_index(tmp_path).read_text("utf-8")


def test_a_record_without_its_page_is_not_listed(site, tmp_path):
    """A page that was taken away is not listed."""
    folder = tmp_path / "highland" / "2024-25" / "shunting-00000000"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}", encoding="utf-8")
    assert entries(tmp_path) == []

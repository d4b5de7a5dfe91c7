"""The examiner: what a page must be before it may be published. Part of publishing, not only of testing."""

import re
from html.parser import HTMLParser

from ijbtools.errors import PageRefused, Problem
from ijbtools.inputs.style import UNFINISHED

_VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_FETCHED = {
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "link": ("href",),
    "object": ("data",),
    "use": ("href",),
}
_FORBIDDEN = {"script", "iframe", "object", "embed", "form", "base", "link"}
_NO_FIGURE = re.compile(r"^(nan|NaN|None|NaT|NA|<NA>|[-+]?inf)$")
_SYMBOL = re.compile(r"(?<![A-Za-z])\[[a-z]{1,4}\]|[†‡*]")


def examine(html: str) -> list[Problem]:
    """Everything that keeps the page from being published: what was found, where, and what is expected."""
    page = _Page()
    page.feed(html)
    page.close()
    return page.verdict()


def require(html: str, name: str) -> None:
    """Let a page pass, or raise PageRefused with every reason."""
    problems = examine(html)
    if problems:
        count = len(problems)
        lines = [f"The page {name} is not published: {count} {'problem' if count == 1 else 'problems'}."]
        lines += [f"  {problem}" for problem in problems]
        lines.append("Mend the notebook, the topic or the data that it comes from.")
        raise PageRefused("\n".join(lines))


class _Page(HTMLParser):
    """One walk over the page, keeping what must be judged at its end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[Problem] = []
        self.open: list[str] = []
        self.heading = "the top of the page"
        self.levels: list[int] = []
        self.counts: dict[str, int] = {}
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.text: dict[str, str] = {}
        self.tables: list[dict[str, bool]] = []
        self.symbols: dict[str, str] = {}
        self.explained: set[str] = set()
        self.cell = ""
        self.cell_class = ""
        self.policy = ""
        self.lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self._judge(tag, given)
        if "id" in given:
            self.ids.append(given["id"])
        if given.get("href", "").startswith("#"):
            self.targets.append(given["href"][1:])
        if tag == "html":
            self.lang = given.get("lang", "")
        elif tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = given.get("content", "")
        elif tag == "table":
            self.tables.append({"caption": False})
        elif re.fullmatch(r"h[1-6]", tag):
            level = int(tag[1])
            if self.levels and level > self.levels[-1] + 1:
                self._add(f"a heading {tag} after h{self.levels[-1]}", "headings that go down one level at a time")
            self.levels.append(level)
        if tag in ("th", "td", "dd", "p", "caption", "title", "figcaption"):
            self.cell, self.cell_class = "", given.get("class", "")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self.open or self.open[-1] != tag:
            self._add(
                f"the end of {tag} inside {self.open[-1] if self.open else 'nothing'}", "tags that close in order"
            )
        while self.open and self.open.pop() != tag:
            pass
        if tag == "th" and not self.cell.strip():
            self._add("a heading of a table that is blank", "words in every heading")
        if tag == "caption" and self.tables:
            self.tables[-1]["caption"] = bool(self.cell.strip())
        if tag == "table" and self.tables and not self.tables.pop()["caption"]:
            self._add("a table without a caption", "a caption that says what the table shows")
        if tag == "title":
            self.text["title"] = self.cell.strip()
        if tag in ("td", "dd") and _NO_FIGURE.match(self.cell.strip()):
            self._add(f"the figure {self.cell.strip()!r}", "a figure, or words that say why there is none")
        if tag in ("td", "th", "dd"):
            for symbol in _SYMBOL.findall(self.cell):
                self.symbols.setdefault(symbol, self._where())
        if tag == "p" and "note" in self.cell_class.split():
            self.explained |= set(_SYMBOL.findall(self.cell))
        if re.fullmatch(r"h[1-6]", tag):
            self.heading = f"under the heading {self.text.pop('heading', '').strip()!r}"

    def handle_data(self, data: str) -> None:
        self.cell += data
        if self.open and re.fullmatch(r"h[1-6]", self.open[-1]):
            self.text["heading"] = self.text.get("heading", "") + data
        if "style" in self.open:
            if re.search(r"@import|url\(", data):
                self._add("a style that fetches something", "styles that are complete in themselves")
        elif found := UNFINISHED.search(data):
            self._add(f"the placeholder {found[0]!r}", "text that is finished")

    def _judge(self, tag: str, given: dict[str, str]) -> None:
        if tag in _FORBIDDEN:
            self._add(f"the element {tag}", "a page that runs, sends and fetches nothing")
        if "style" in given:
            self._add(f"style={given['style']!r} on {tag}", "no style attribute: the page's own style sheet")
        for name in given:
            if name.startswith("on"):
                self._add(f"{name} on {tag}", "a page that runs nothing")
        for name in _FETCHED.get(tag, ()):
            for address in re.split(r",\s+", given.get(name, "")):
                if address and not address.startswith("data:"):
                    self._add(f"the address {address[:80]!r} in {tag}", "nothing that is fetched")
        if given.get("href", "").strip().lower().startswith(("javascript:", "data:")):
            self._add(f"the address {given['href'][:40]!r}", "a link to a page")
        if tag == "img" and not given.get("alt", "").strip():
            self._add("a picture without a description", "an alt text that says what the picture shows")
        if tag == "th" and given.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
            self._add("a heading of a table without a scope", "scope col or row")

    def _where(self) -> str:
        return f"line {self.getpos()[0]}, {self.heading}"

    def _add(self, found: str, expected: str) -> None:
        self.problems.append(Problem(self._where(), found, expected))

    def verdict(self) -> list[Problem]:
        """The problems met on the way, and those that show only at the end."""
        whole = "the whole page"
        problems = list(self.problems)
        if self.lang != "en-GB":
            problems.append(Problem(whole, f"the language {self.lang!r}", "lang='en-GB'"))
        if not self.text.get("title"):
            problems.append(Problem(whole, "no title", "a title that names question, partnership and period"))
        if "default-src 'none'" not in self.policy:
            problems.append(Problem(whole, "no closed content policy", "default-src 'none' and the style sheet's hash"))
        for tag in ("h1", "main"):
            if self.counts.get(tag, 0) != 1:
                problems.append(Problem(whole, f"{self.counts.get(tag, 0)} of {tag}", "exactly one"))
        for twice in sorted({one for one in self.ids if self.ids.count(one) > 1}):
            problems.append(Problem(whole, f"the id {twice!r} more than once", "each id once"))
        for target in sorted(set(self.targets) - set(self.ids)):
            problems.append(Problem(whole, f"a link to #{target}", "a place on the page"))
        for symbol, where in self.symbols.items():
            if symbol not in self.explained:
                problems.append(Problem(where, f"the symbol {symbol}", "a note that explains it"))
        if self.open:
            problems.append(Problem(whole, f"{self.open[-1]} that never ends", "tags that close"))
        return problems

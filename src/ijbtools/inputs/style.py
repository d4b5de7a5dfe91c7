"""A workspace's own house style: whose pages they are, their accent colour, a contact and an accessibility statement.

It lies in `house.yaml` beside `params`; the file and each of its names may be left out.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationInfo, field_validator

from ijbtools.errors import InputRefused, Problem
from ijbtools.inputs.yaml_files import Checked, check, line_of, load

HOUSE = "house.yaml"
THEN = f"Mend {HOUSE}; then try again. Nothing that is published has changed."
# The sheet's own colours (report/templates/page.css): the paper and the accent of light and of dark pages.
PAPER, DARK_PAPER = "#ffffff", "#15191c"
ACCENT, DARK_ACCENT = "#12436d", "#8fbfe8"
ENOUGH = 4.5  # WCAG 2.2, success criterion 1.4.3, for text of ordinary size
DARK_WANTED = 7.0  # success criterion 1.4.6: white on dark tires sooner, and every colour has a tint that reaches it

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
# Controls, halves of characters, and marks that turn the direction of the text that follows them.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What no page may hold: here it is said before a whole plan has run, and the examiner looks for it on the page.
UNFINISHED = re.compile(r"\b(?:lorem ipsum|TODO|TBC|FIXME|XXX|placeholder)\b|\{\{|\{%", re.IGNORECASE)


class Style(Checked):
    """A house style. What it does not say is as on every page."""

    organisation: str = ""
    accent: str = ""
    contact: str = ""
    accessibility: str = ""

    @field_validator("organisation", "accent", "contact", "accessibility", mode="after")
    @classmethod
    def _sound(cls, value: str, info: ValidationInfo) -> str:
        name = info.field_name or ""
        if problem := _problem("", name, value):
            raise ValueError(problem.expected)
        if name == "accent":
            return _in_full(value)
        return value if name == "accessibility" else " ".join(value.split())

    @property
    def light(self) -> str:
        """The accent on light pages and on paper."""
        return self.accent or ACCENT

    @property
    def dark(self) -> str:
        """The accent on dark pages: the first of its tints that stands out from the dark paper."""
        return DARK_ACCENT if self.light == ACCENT else tint(self.light)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The accessibility statement's paragraphs: what blank lines part."""
        parts = re.split(r"\n\s*\n", self.accessibility)
        return tuple(" ".join(part.split()) for part in parts if part.strip())


def read_style(home: Path) -> Style:
    """The house style of a workspace; as on every page where it has no `house.yaml`.

    Raises InputRefused with every problem, each with its line.
    """
    file = home / HOUSE
    if not file.exists():
        _misnamed(home)
        return Style()
    if not file.is_file():
        raise InputRefused([Problem(HOUSE, "a folder", "a file")], THEN)
    try:
        data = load(file)
    except InputRefused as refused:
        raise InputRefused(refused.problems, THEN) from None
    lines = {name: line_of(data, (name,)) for name in data}
    faults = {
        name: problem
        for name in Style.model_fields
        if name in data and (problem := _problem(f"{HOUSE}, line {lines[name]}", name, data[name]))
    }
    # A name without a value says nothing; an accent without one is at fault, being most likely a comment.
    silent = {name for name in Style.model_fields if data.get(name) is None}
    given = {name: value for name, value in data.items() if name not in {*faults, *silent}}
    style = check(Style, given, HOUSE, data)
    if isinstance(style, list) or faults:
        others = style if isinstance(style, list) else []
        in_order = sorted([*faults.values(), *others], key=lambda one: int(one.file.rpartition(" ")[2]))
        raise InputRefused(in_order, THEN)
    return style


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21: (L₁ + 0.05) / (L₂ + 0.05), L₁ being the lighter's luminance.

    Source: Web Content Accessibility Guidelines (WCAG) 2.2, definition of contrast ratio.
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb`, from 0 (black) to 1 (white): L = 0.2126 R + 0.7152 G + 0.0722 B.

    R, G and B are each channel c, from 0 to 1, made linear: c / 12.92 up to 0.04045, else ((c + 0.055) / 1.055)^2.4.
    Source: WCAG 2.2, definition of relative luminance.
    """
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def shade(colour: str) -> str:
    """The colour mixed with just enough black to reach 4.5 to 1 on the light page: its hue, darker."""
    return _mixed(colour, 0.0, lambda one: contrast(one, PAPER) >= ENOUGH)


def tint(colour: str) -> str:
    """The colour mixed with just enough white to reach 7 to 1 on the dark page: its hue, lighter.

    White on the dark paper has 17.7 to 1, so that every colour has such a tint.
    """
    return _mixed(colour, 1.0, lambda one: contrast(one, DARK_PAPER) >= DARK_WANTED)


def _mixed(colour: str, end: float, passes: Callable[[str], bool]) -> str:
    """The first that passes on the way from the colour to black (0) or white (1), which moves no channel past another.

    Judged as it is printed, rounded to whole channels.
    """
    steps = 1024
    mixes = (_printed([c + (end - c) * step / steps for c in _channels(colour)]) for step in range(steps + 1))
    return next(one for one in mixes if passes(one))


def _problem(where: str, name: str, value: Any) -> Problem | None:
    """What is wrong with a value beyond its type, or None."""
    if name == "accent":
        return _accent_problem(where, value)
    if not isinstance(value, str):
        return None
    if found := _CONTROL.search(value):
        return Problem(where, f"a character in {name} that text does not have ({found[0]!a})", "plain text")
    if found := UNFINISHED.search(value):
        return Problem(where, f"the placeholder {found[0]!r} in {name}", "text that is finished")
    return None


def _accent_problem(where: str, value: Any) -> Problem | None:
    if value is None:
        expected = f'a colour in quotation marks, such as "{ACCENT}": without them # begins a comment'
        return Problem(where, "nothing for accent", expected)
    word = str(value).strip()
    if isinstance(value, str) and not word:
        return None
    if not _HEX.fullmatch(word):
        close = shade(_in_full(f"#{word}")) if _HEX.fullmatch(f"#{word}") else ""
        return Problem(where, f"accent: {word!r}", f'a colour such as "{ACCENT}"', nearest=close)
    ratio = contrast(_in_full(word), PAPER)
    if ratio >= ENOUGH:
        return None
    # Rounded down, so that 4.49 is not said to be what is expected.
    found = f"{word}, whose contrast with the page is {math.floor(ratio * 10) / 10:.1f} to 1"
    return Problem(where, found, f"at least {ENOUGH} to 1", nearest=shade(_in_full(word)))


def _misnamed(home: Path) -> None:
    """A file that was meant to be the house style is not passed over in silence."""
    for file in sorted(home.glob("*.y*ml")):
        if file.name.casefold() in ("house.yaml", "house.yml"):
            raise InputRefused([Problem(file.name, "a house style of another name", HOUSE)], f"Name it {HOUSE}.")


def _in_full(colour: str) -> str:
    """`#rgb` as `#rrggbb`, in small letters."""
    digits = colour.lstrip("#").lower()
    return "#" + "".join(one * 2 for one in digits) if len(digits) == 3 else colour.lower()


def _channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _printed(channels: list[float]) -> str:
    return "#" + "".join(f"{round(c * 255):02x}" for c in channels)

"""What can go wrong, said so that the reader can mend it.

A `Problem` is one thing to mend: where it is, what was found, what is expected and the nearest match. Readers
collect all problems before they stop. Each kind of error has one exit code, and none is shown with a traceback.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing to mend, or (`warning`) one thing to know.

    `row` is the number that a spreadsheet program shows beside the row, so the headings are row 1.
    """

    file: str
    found: str
    expected: str
    row: int | None = None
    column: str = ""
    nearest: str = ""
    warning: bool = False

    @property
    def where(self) -> str:
        """File, row and column, as far as they are known."""
        row = f", row {self.row}" if self.row is not None else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}"

    def __str__(self) -> str:
        nearest = f" Nearest: {self.nearest}." if self.nearest else ""
        return f"{self.where}: found {self.found}; expected {self.expected}.{nearest}"


class IjbError(Exception):
    """Base of every error that is shown as a sentence, without a traceback."""

    exit_code = 1


class InputRefused(IjbError, ValueError):
    """Data, assumptions or parameters that cannot be used: every problem found, in one message."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem], then: str = "") -> None:
        self.problems = tuple(problems)
        self.then = then
        count = len(self.problems)
        lines = [f"{count} {'problem' if count == 1 else 'problems'} to mend:", *(f"  {one}" for one in self.problems)]
        super().__init__("\n".join([*lines, then] if then else lines))

    def __reduce__(self) -> tuple[type["InputRefused"], tuple[tuple[Problem, ...], str]]:
        """What another process makes it from."""
        return type(self), (self.problems, self.then)


class Refused(IjbError):
    """A notebook refused its input: the message is the notebook's own."""

    exit_code = 2


class NotebookFailed(IjbError):
    """A notebook that did not run to its end."""

    exit_code = 3


class PageRefused(IjbError):
    """A page that may not be published, or that is no longer what was published."""

    exit_code = 4


class NothingDue(IjbError):
    """Nothing was to be made: every page is as published. No fault; said on standard output."""

    exit_code = 5


class Locked(IjbError):
    """Another run holds the folder."""

    exit_code = 6


class CannotWrite(IjbError):
    """The disk is full, or the folder may not be written to."""

    exit_code = 1


class CannotReach(IjbError):
    """A scheduler that does not answer, or a worker that cannot be used."""

    exit_code = 1


class Interrupted(IjbError):
    """We were told to stop."""

    exit_code = 130


def nearest(found: str, permitted: Iterable[str]) -> str:
    """The permitted word most like the one found, or an empty string.

    Case, spaces, hyphens and underscores do not count as differences.
    """
    plain = {_plain(word): word for word in permitted}
    close = get_close_matches(_plain(found), plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else ""


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence, long lists cut: `a, b or c`; `a, b, c … (31 in all)`."""
    if len(words) > 12:
        return f"{', '.join(words[:6])} … ({len(words)} in all)"
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _plain(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter not in " -_")

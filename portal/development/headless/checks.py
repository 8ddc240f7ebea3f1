"""What a play is told by: checks that end it, and the lines that say what was checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field


class Failed(Exception):
    """A check did not hold: what was expected, and what was seen instead."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; saw {seen}")
        self.expected, self.seen = expected, seen


def check(holds: bool, expected: str, seen: object) -> None:
    """Raise `Failed` unless it holds."""
    if not holds:
        raise Failed(expected, str(seen))


def check_equal(what: str, seen: object, expected: object) -> None:
    """Raise `Failed` unless what was seen is what was expected."""
    check(seen == expected, f"{what} to be {expected}", seen)


@dataclass
class Story:
    """The lines of a play, numbered by step; `report` is told each of them."""

    report: Callable[[str], object]
    step: int = 0
    line: int = 0
    told: list[str] = field(default_factory=list)

    def begin(self, step: int, title: str) -> None:
        """Begin a step."""
        self.step, self.line = step, 0
        self._say(f"\n{step}  {title}")

    def checked(self, sentence: str) -> None:
        """Say what was just checked."""
        self.line += 1
        self._say(f"✓ {self.number}  {sentence}")

    def aside(self, sentence: str) -> None:
        """Say something that is no check."""
        self._say(f"  {sentence}")

    def failed(self, failure: Failed) -> None:
        """Say which check did not hold."""
        self.line += 1
        self._say(f"✗ {self.number}  expected {failure.expected}")
        self._say(f"       saw {failure.seen}")

    @property
    def number(self) -> str:
        """The number of the line, such as 3.4."""
        return f"{self.step}.{self.line}"

    def _say(self, line: str) -> None:
        self.told.append(line)
        self.report(line)


def listed(things: Iterable[object]) -> str:
    """'a, b and c'."""
    words: Sequence[str] = [str(thing) for thing in things]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "nothing"

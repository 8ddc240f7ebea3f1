"""What one version changes of another, by field, in the words of the page. No database here."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.agreements.terms import Content
from portal.web.differences import Piece, differences

_NOT_COMPARED = {"reference", "reason"}


@dataclass(frozen=True, slots=True)
class Change:
    """A row that differs: its title, what it said, and what it says now, in pieces."""

    title: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def changes_between(before: Content, after: Content) -> Sequence[Change]:
    """Every row that the second content says differently, in its order; then rows that it leaves out."""
    said = {code: (title, words) for section in before for code, title, words in section["rows"]}
    says = {code: (title, words) for section in after for code, title, words in section["rows"]}
    found = []
    for code in [*says, *(code for code in said if code not in says)]:
        title = (says.get(code) or said[code])[0]
        old, new = said.get(code, ("", ""))[1], says.get(code, ("", ""))[1]
        if code not in _NOT_COMPARED and old != new:
            found.append(Change(title, *differences(old, new)))
    return found

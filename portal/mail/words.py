"""What a letter says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's title and body, without the line that greets its reader."""

    title: str
    body: str


def letter(title: str, *paragraphs: str) -> Words:
    """The words of these paragraphs; an empty one is left out."""
    return Words(title, "\n\n".join(filter(None, paragraphs)) + "\n")

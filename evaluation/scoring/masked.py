"""What an evaluator is shown of a tender: its own words, or where names are hidden these words masked.

The files of an answer then have names of ours, by the tender's code, and facts about them are left out; what
is in a file, its properties included, cannot be masked. The file that is given is the very file that was
sent: a copy without its properties would have another SHA-256 than the one that the receipt promises.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from evaluation.inquiries.queries import Asked
from evaluation.masking.queries import mask_of
from evaluation.masking.words import NO_MASK, Mask
from tender.applications.grids import Grid


@dataclass(frozen=True, slots=True)
class Shown:
    """How one tender is shown to its evaluator. `code` is empty where its provider's name is read; where not,
    `tenderers` are the names of everybody who applied."""

    code: str
    mask: Mask
    tenderers: Sequence[str] = ()

    def words(self, text: str) -> str:
        """Text of the tender, of a question about it or of a colleague's reason."""
        return self.mask.hide(text) if self.code else text

    def lines(self, lines: Sequence[str]) -> Sequence[str]:
        """An answer in lines."""
        return [self.words(line) for line in lines]

    def grid(self, grid: Grid | None) -> Grid | None:
        """An answer as a table."""
        if grid is None or not self.code:
            return grid
        return replace(grid, rows=tuple(tuple(self.words(cell) for cell in row) for row in grid.rows))

    def files(self, files: Sequence[Mapping[str, Any]], question: str) -> Sequence[Mapping[str, Any]]:
        """Files (id, filename and more) of an answer to the question with this code."""
        if not self.code:
            return files
        in_order = sorted(files, key=lambda file: str(file["id"]))
        return [
            {**file, "filename": self._name(file["filename"], question, place), "facts": None}
            for place, file in enumerate(in_order, start=1)
        ]

    def inquiries(self, inquiries: Sequence[Asked], question: str) -> Sequence[Asked]:
        """What the council asked about an answer."""
        if not self.code:
            return inquiries
        return [
            replace(
                each,
                text=self.words(each.text),
                answer=self.words(each.answer or ""),
                files=self.files(each.files, f"{question}-asked-{place}"),
            )
            for place, each in enumerate(inquiries, start=1)
        ]

    def marks(self, marks: Sequence[RowMapping]) -> Sequence[Mapping[str, Any]]:
        """Colleagues' marks with their reasons."""
        return [{**mark, "reason": self.words(mark["reason"])} for mark in marks]

    def name_of(
        self,
        document_id: UUID,
        files: Sequence[Mapping[str, Any]],
        question: str,
        inquiries: Sequence[Asked] = (),
    ) -> str | None:
        """The name under which one of these files is given; None for its own."""
        if not self.code:
            return None
        asked = [file for each in self.inquiries(inquiries, question) for file in each.files]
        named = [*self.files(files, question), *asked]
        return next((file["filename"] for file in named if str(file["id"]) == str(document_id)), self.code)

    def _name(self, filename: str, question: str, place: int) -> str:
        return f"{self.code}-{question}-{place}{PurePath(filename).suffix.lower()}"


def shown_to_evaluator(assignment: RowMapping) -> Shown:
    """How the assignment's tender is shown: one statement where names are hidden, none elsewhere."""
    if not assignment["names_hidden"]:
        return Shown("", NO_MASK)
    mask, tenderers = mask_of(assignment["provider_id"], assignment["round_id"])
    return Shown(assignment["provider_name"].replace(" ", "-"), mask, tenderers)

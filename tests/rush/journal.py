"""What the clients were told, by the clients: nothing of it comes from the portal's own records."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.rush.client import Answer

Kind = Literal["save", "attach", "submit"]
SUBMITTED = "submitted"
"""What somebody was told whose submission was taken, and who gave up before the receipt's page came."""


@dataclass
class Operation:
    """One thing that somebody wanted done, however often it was sent.

    `said` is what it can be found by: the text of an answer, the SHA-256 of a file, the key of a submission.
    `told` is what came with the acknowledgement: the answer's version, the receipt's number; None without.
    """

    kind: Kind
    application_id: int
    code: str
    said: str
    lot_id: int | None = None
    answers: list[Answer] = field(default_factory=list)
    told: str | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether somebody was told that it is done."""
        return self.told is not None

    @property
    def refused(self) -> bool:
        """Whether somebody was told that it is not done, and was never left without an answer before."""
        return not self.acknowledged and not any(answer.lost for answer in self.answers)


@dataclass
class Journal:
    """Operations in the order in which they were begun. Threads only ever append."""

    operations: list[Operation] = field(default_factory=list)

    def begin(
        self, kind: Kind, application_id: int, code: str, said: str, lot_id: int | None = None
    ) -> Operation:
        """Note an operation before it is sent."""
        operation = Operation(kind, application_id, code, said, lot_id)
        self.operations.append(operation)
        return operation

    def of(self, kind: Kind) -> Iterator[Operation]:
        """The operations of a kind."""
        return (operation for operation in self.operations if operation.kind == kind)

    def acknowledged(self, kind: Kind) -> list[Operation]:
        """Those of a kind of which somebody was told that they are done."""
        return [operation for operation in self.of(kind) if operation.acknowledged]

"""A round's papers that come in parts: begun, looked into and held for their form, or given up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from portal.accounts.access import Actor
from portal.storage import uploads
from portal.storage.uploads import Sending
from tender.documents.services import ACCEPTED, LARGEST, at_round, takes_papers
from tender.frameworks.facts import RoundFacts


def begin(*, round_id: int, filename: str, size: int, sha256: str, by: Actor) -> Sending:
    """Say where the browser sends the parts of a file, or what is missing of one that was begun before.

    Raises `NotFound`, `Conflict` once the round has closed, a subclass of `FileRefused`, and `NotUploaded`
    when the store fails.
    """
    takes_papers(by, round_id)
    return uploads.begin_upload(
        filename=filename,
        size=size,
        sha256=sha256,
        **at_round(by, round_id),
        accepted=ACCEPTED,
        limit=LARGEST,
        by=by,
    )


def hold(*, round_id: int, upload_id: UUID, by: Actor) -> None:
    """Look into a file whose parts have arrived; it waits for the form that says what it is.

    Raises as `begin` does, and `PartsMissing`.
    """
    takes_papers(by, round_id)
    uploads.hold_upload(upload_id=upload_id, **at_round(by, round_id), accepted=ACCEPTED, limit=LARGEST)


def cancel(*, round_id: int, upload_id: UUID, by: Actor) -> None:
    """Forget what arrived of a file. Raises `NotFound`."""
    uploads.cancel_upload(upload_id=upload_id, **at_round(by, round_id))


def held_of(facts: RoundFacts, by: Actor) -> Sequence[RowMapping]:
    """The files that wait for their form: see `uploads.held`."""
    return uploads.held(**at_round(by, facts.id))


def unfinished_of(facts: RoundFacts, by: Actor) -> Sequence[RowMapping]:
    """The uploads that can be gone on with: see `uploads.unfinished`."""
    return uploads.unfinished(**at_round(by, facts.id))

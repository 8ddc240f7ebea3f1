"""Documents of the vault that come in parts: begun, looked into and held for their form, or given up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from portal.accounts.access import Actor
from portal.evidence.services import ACCEPTED, LARGEST, at_vault
from portal.storage import uploads
from portal.storage.uploads import Sending


def begin(*, filename: str, size: int, sha256: str, by: Actor) -> Sending:
    """Say where the browser sends the parts of a file, or what is missing of one that was begun before.

    Raises `NotFound`, a subclass of `FileRefused`, and `NotUploaded` when the store fails.
    """
    return uploads.begin_upload(
        filename=filename,
        size=size,
        sha256=sha256,
        **at_vault(by),
        accepted=ACCEPTED,
        limit=LARGEST,
        by=by,
    )


def hold(*, upload_id: UUID, by: Actor) -> None:
    """Look into a file whose parts have arrived; it waits for the form that says what it is.

    Raises as `begin` does, and `PartsMissing`.
    """
    uploads.hold_upload(upload_id=upload_id, **at_vault(by), accepted=ACCEPTED, limit=LARGEST)


def cancel(*, upload_id: UUID, by: Actor) -> None:
    """Forget what arrived of a file. Raises `NotFound`, also for another provider's, or one that is gone."""
    uploads.announced_sha256(upload_id=upload_id, **at_vault(by))
    uploads.cancel_upload(upload_id=upload_id, **at_vault(by))


def held_by(by: Actor) -> Sequence[RowMapping]:
    """The files that wait for their form: see `uploads.held`."""
    return uploads.held(**at_vault(by))


def unfinished_of(by: Actor) -> Sequence[RowMapping]:
    """The uploads that can be gone on with: see `uploads.unfinished`."""
    return uploads.unfinished(**at_vault(by))

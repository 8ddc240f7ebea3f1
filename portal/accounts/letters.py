"""Letters to the members of an organisation."""

from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer
from portal.mail.services import write_to_each
from portal.mail.words import Words


def write_to_members(
    organisation_id: int,
    permission: str,
    words: Words,
    *,
    key: str,
    subject_type: str,
    subject_id: object,
    by: Doer,
) -> None:
    """Put a letter to every member of an organisation who holds the permission in the outbox, as
    `portal.mail.services.write_to_each` does."""
    write_to_each(
        members_with_permission(organisation_id, permission),
        words,
        key=key,
        subject_type=subject_type,
        subject_id=subject_id,
        organisation_id=organisation_id,
        by=by,
    )

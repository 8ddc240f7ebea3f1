"""The letters about who a child is. They go by e-mail: the reference is all that they say of the child."""

from collections.abc import Mapping

from portal.accounts.letters import write_to_members
from portal.audit.services import Doer
from portal.mail.words import letter

_WORDS: Mapping[str, tuple[str, str]] = {
    "named": (
        "You can read who the child of referral {reference} is",
        "{school} has said who the child is that you take by referral {reference}.",
    ),
    "changed": (
        "Something about the child of referral {reference} has changed",
        "{school} has changed what it says of the child that you take by referral {reference}. Whoever works "
        "with the child should read it again.",
    ),
    "file_added": (
        "There is a new file about the child of referral {reference}",
        "{school} has given you a file about the child that you take by referral {reference}.",
    ),
    "file_removed": (
        "A file about the child of referral {reference} was removed",
        "{school} has removed a file about the child that you take by referral {reference}. If you saved a "
        "copy, delete it, and do not work by it any more.",
    ),
}
_READ = (
    "Read it here:\n{address}",
    "You need to sign in. That you read it is written down, and the designated safeguarding lead of "
    "{school} sees it. Do not copy it into letters or messages.",
)


def tell_provider(
    event: str,
    *,
    call_off_id: int,
    provider_id: int,
    reference: str,
    school: str,
    once: object,
    portal_url: str,
    by: Doer,
) -> None:
    """Write to everybody at the provider who reads of the child. `once` tells one event from others."""
    title, sentence = _WORDS[event]
    said = {"reference": reference, "school": school, "address": address(portal_url, call_off_id)}
    body = "\n\n".join(paragraph.format(**said) for paragraph in (sentence, *_READ))
    _write(f"{event}:{once}", call_off_id, provider_id, "child:read", title.format(**said), body, by)


def tell_school_of_virus(
    *, call_off_id: int, school_id: int, reference: str, document: object, by: Doer
) -> None:
    """Write to those at the school who give files: one of theirs is withheld."""
    title = f"We found a virus in a file about the child of referral {reference}"
    body = (
        f"A file that your school gave with referral {reference} has a virus. Nobody can open it here.\n\n"
        "Remove it, clean the computer that it came from, and upload a clean copy."
    )
    _write(f"virus:{document}", call_off_id, school_id, "referral:send", title, body, by)


def address(portal_url: str, call_off_id: int) -> str:
    """Where the child of a choice is read of."""
    return f"{portal_url}/choices/{call_off_id}/child"


def _write(
    event: str, call_off_id: int, organisation_id: int, permission: str, title: str, body: str, by: Doer
) -> None:
    write_to_members(
        organisation_id,
        permission,
        letter(title, body),
        key=f"child:{call_off_id}:{event}",
        subject_type="call_off",
        subject_id=call_off_id,
        by=by,
    )

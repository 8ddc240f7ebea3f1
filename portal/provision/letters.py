"""Letters about service pages: one waits for a check, what came of it, places want confirming."""

from sqlalchemy import RowMapping

from portal.accounts.letters import write_to_members
from portal.audit.services import Doer
from portal.mail.services import write_letter
from portal.mail.words import letter


def tell_checkers(
    *,
    proposal_id: int,
    version: int,
    provider: str,
    title: str,
    council_id: int,
    portal_url: str,
    by: Doer,
) -> None:
    """A provider's page waits for the council's check."""
    words = letter(
        f"{provider} asks you to check its page",
        f"{provider} has sent what it wants schools to read of “{title}”. Schools see what stood "
        "before until you have checked it:\n"
        f"{portal_url}/service-checks/{proposal_id}",
    )
    write_to_members(
        council_id,
        "service:check",
        words,
        key=f"service_page:{proposal_id}:{version}:sent",
        subject_type="service_page",
        subject_id=proposal_id,
        by=by,
    )


def tell_provider(
    *,
    proposal_id: int,
    version: int,
    service_id: int,
    title: str,
    provider_id: int,
    reason: str,
    portal_url: str,
    by: Doer,
) -> None:
    """What the council found: published, or sent back for a reason."""
    if reason:
        words = letter(
            f"Your page “{title}” needs a change",
            f"The council has looked at your page “{title}” and sends it back. It says:",
            reason,
            "Schools still see what stood before. Change what is asked for, then send it again:\n"
            f"{portal_url}/services/{service_id}/page",
        )
    else:
        words = letter(
            f"Your page “{title}” is published",
            f"The council has checked your page “{title}”. Schools read it from now on:\n"
            f"{portal_url}/services/{service_id}",
        )
    write_to_members(
        provider_id,
        "service:edit",
        words,
        key=f"service_page:{proposal_id}:{version}:decided",
        subject_type="service_page",
        subject_id=proposal_id,
        by=by,
    )


def ask_for_places(
    person: RowMapping, *, service_id: int, title: str, week: str, provider_id: int, portal_url: str, by: Doer
) -> bool:
    """Ask one person of a provider which places are free, once a week; whether the letter was written.

    The link leads to a page behind the sign-in: one that acted by itself would lie in mailboxes, be sent on
    and be followed by scanners of mail, and free places decide where a child is sent.
    """
    written = write_letter(
        key=f"places:{service_id}:{week}:{person['person_id']}",
        to_name=person["name"],
        to_address=person["email"],
        title=f"Which places are free in “{title}” this week?",
        body=(
            f"Dear {person['name']}\n\n"
            f"Schools choose by the places that are free. Please confirm those of “{title}”: ten numbers and "
            "one button, after you have signed in:\n"
            f"{portal_url}/services/{service_id}/places\n\n"
            "Schools see the numbers with today’s date. After 30 days they are told that they cannot rely on "
            "them.\n"
        ),
        subject_type="service",
        subject_id=service_id,
        organisation_id=provider_id,
        by=by,
    )
    return written is not None

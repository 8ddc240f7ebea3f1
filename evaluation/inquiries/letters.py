"""The words of the letters that go with an inquiry: to the tenderer alone, and to whoever asked."""

from collections.abc import Iterable
from typing import Any

from evaluation.inquiries.queries import Asked
from portal.accounts.access import Actor
from portal.mail.services import write_to_each
from portal.mail.words import letter
from portal.web.filters import uk_datetime

SUBJECT = "inquiry"


def asked_words(inquiry: Asked, address: str) -> tuple[str, list[str]]:
    """To the tenderer's people: what to make clear, by when, and that a tender cannot be improved."""
    return (
        f"A question about your tender: {inquiry.framework_title}, round {inquiry.round_number}",
        [
            f"The council asks {inquiry.provider_name} to make clear a point in its tender for "
            f"{inquiry.framework_title}, round {inquiry.round_number}. Only your organisation is asked this.",
            f"The point: {inquiry.point.words}",
            f"The question:\n{inquiry.text}",
            f"Answer by {uk_datetime(inquiry.due_at)}. After that no answer can be taken.",
            "Say what your tender means. An answer cannot change or improve it: what is new in it does not "
            "count.",
            f"Sign in to answer: {address}",
        ],
    )


def withdrawn_words(inquiry: Asked, because: str) -> tuple[str, list[str]]:
    """To the tenderer's people: that no answer is needed any more."""
    return (
        f"No answer needed: {inquiry.framework_title}, round {inquiry.round_number}",
        [
            f"The council has withdrawn its question to {inquiry.provider_name} about "
            f"“{inquiry.point.words}”. You need not answer it.",
            f"The reason: {because}",
        ],
    )


def answered_words(inquiry: Asked, address: str) -> tuple[str, list[str]]:
    """To whoever asked. The answer itself stays in the portal."""
    return (
        f"{inquiry.provider_name} has answered your question",
        [
            f"{inquiry.provider_name} has answered what you asked about “{inquiry.point.words}” in round "
            f"{inquiry.round_number} of {inquiry.framework_title}.",
            f"Sign in to read the answer: {address}",
        ],
    )


def send(
    event: str,
    inquiry: Asked,
    words: tuple[str, list[str]],
    to: Iterable[Any],
    *,
    organisation_id: int,
    by: Actor,
) -> None:
    """Put a letter to each of these people (`person_id`, `name`, `email`) in the outbox, once an event."""
    title, lines = words
    write_to_each(
        to,
        letter(title, *lines, inquiry.buyer_name),
        key=f"inquiry:{event}:{inquiry.id}",
        subject_type=SUBJECT,
        subject_id=inquiry.id,
        organisation_id=organisation_id,
        by=by,
    )

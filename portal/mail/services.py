"""Writing letters, releasing held ones, and delivering those that wait."""

import logging
import smtplib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from config import Settings
from portal import clock
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.lifecycle import move
from portal.mail.lifecycle import LETTER
from portal.mail.models import Letter
from portal.mail.words import Words
from portal.settings.queries import settings_in_force

log = logging.getLogger("portal.mail")
MOST_ATTEMPTS = 8
SMTP_TIMEOUT_SECONDS = 10


def write_letter(
    *,
    key: str,
    to_name: str,
    to_address: str,
    title: str,
    body: str,
    subject_type: str,
    subject_id: object,
    by: Doer,
    organisation_id: int | None = None,
    held: bool = False,
) -> int | None:
    """Put a letter in the outbox, inside the caller's transaction, and return its id.

    `key` names the event and the recipient: a second letter under the same key is not written, and the answer
    is None. A `held` letter waits for `release_letter`.
    """
    with transaction() as session:
        written = session.execute(
            insert(Letter)
            .values(
                key=key,
                to_name=one_line(to_name),
                to_address=one_line(to_address),
                title=one_line(title),
                body=body,
                subject_type=subject_type,
                subject_id=str(subject_id),
                organisation_id=organisation_id,
                state="held" if held else "queued",
                written_at=clock.now(),
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(Letter.id)
        ).scalar_one_or_none()
    return written


def write_to_each(
    people: Iterable[Mapping[Any, Any]],
    words: Words,
    *,
    key: str,
    subject_type: str,
    subject_id: object,
    organisation_id: int,
    by: Doer,
) -> None:
    """Put a letter to each of these people (`person_id`, `name`, `email`) in the outbox.

    It happens inside the caller's transaction. `key` names the event: nobody is written to of it twice.
    """
    for person in people:
        write_letter(
            key=f"{key}:{person['person_id']}",
            to_name=person["name"],
            to_address=person["email"],
            title=words.title,
            body=f"Dear {person['name']}\n\n{words.body}",
            subject_type=subject_type,
            subject_id=subject_id,
            organisation_id=organisation_id,
            by=by,
        )


def one_line(text: str) -> str:
    """`text` without line breaks: a header of a letter can not be made into two."""
    return " ".join(text.split())


def release_letter(letter: Letter, *, by: Doer, filling: Mapping[str, str] | None = None) -> None:
    """Let a held letter go out with the next delivery. Raises `MoveRefused` when it is not held.

    `filling` replaces marks in its text by what only the day of release can tell.
    """
    with transaction():
        for mark, words in (filling or {}).items():
            letter.body = letter.body.replace(mark, words)
        move(LETTER, letter, "release", by=by)


def deliver_waiting(settings: Settings, *, by: Doer, most: int = 50) -> int:
    """Deliver up to `most` queued letters by SMTP and return how many went.

    Each letter is locked, sent and marked in a transaction of its own; a letter that the mail server does not
    take stays queued and is tried again later, doubling the wait, and is given up after MOST_ATTEMPTS.
    """
    delivered = 0
    settings = settings_in_force(settings)
    for _ in range(most):
        with transaction() as session:
            letter = session.execute(
                select(Letter)
                .where(Letter.state == "queued", Letter.next_attempt_at <= clock.now())
                .order_by(Letter.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).scalar_one_or_none()
            if letter is None:
                return delivered
            try:
                _send(letter, settings)
            except (OSError, smtplib.SMTPException) as error:
                _postpone(letter, error, by=by)
            else:
                letter.delivered_at = clock.now()
                letter.last_error = None
                move(LETTER, letter, "deliver", by=by)
                delivered += 1
    return delivered


def _postpone(letter: Letter, error: Exception, *, by: Doer) -> None:
    letter.attempts += 1
    letter.last_error = f"{type(error).__name__}: {error}"[:500]
    letter.next_attempt_at = clock.now() + timedelta(seconds=15 * 2**letter.attempts)
    log.warning("letter %s not delivered, attempt %s: %s", letter.id, letter.attempts, letter.last_error)
    if letter.attempts >= MOST_ATTEMPTS:
        move(LETTER, letter, "give_up", by=by)


def _send(letter: Letter, settings: Settings) -> None:
    message = EmailMessage()
    message["From"] = formataddr((settings.mail_sender_name or settings.council_name, settings.mail_sender))
    message["To"] = formataddr((letter.to_name, letter.to_address))
    message["Subject"] = letter.title
    message["Date"] = format_datetime(clock.london(clock.now()))
    # The same id at every attempt, so that a letter taken twice is recognised as one.
    message["Message-ID"] = f"<letter-{letter.id}-{letter.written_at:%Y%m%d%H%M%S}@{_domain(settings)}>"
    message.set_content(letter.body)
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SMTP_TIMEOUT_SECONDS) as server:
        if settings.smtp_username:
            server.starttls()
            server.login(settings.smtp_username, settings.smtp_password)
        server.send_message(message)


def _domain(settings: Settings) -> str:
    return settings.mail_sender.rpartition("@")[2]


def erase_letter(letter_id: int, *, by: Doer) -> None:
    """Take the words out of a delivered letter; to whom it went, about what and when stays."""
    with transaction() as session:
        session.execute(update(Letter).where(Letter.id == letter_id).values(body=""))
        record("letter.erase", "letter", letter_id, by=by)


def withdraw_held(subject_type: str, subject_id: int, *, by: Doer) -> int:
    """Take back the letters about a subject that are still held, so that they can be written anew; return how
    many. They are kept as they were."""
    with transaction() as session:
        held = session.scalars(
            select(Letter)
            .where(
                Letter.subject_type == subject_type,
                Letter.subject_id == str(subject_id),
                Letter.state == "held",
            )
            .order_by(Letter.id)
            .with_for_update()
        ).all()
        for letter in held:
            withdraw_letter(letter, by=by)
    return len(held)


def withdraw_letter(letter: Letter, *, by: Doer) -> None:
    """Take a held letter back; another can be written under its key. Raises `MoveRefused`."""
    with transaction() as session:
        letter.key = f"{letter.key}:withdrawn:{letter.id}"
        move(LETTER, letter, "withdraw", by=by)
        session.flush()


def remove_letters_about(subject_type: str, subject_id: int) -> None:
    """Remove every letter about a subject that is itself erased."""
    with transaction() as session:
        session.execute(
            delete(Letter).where(Letter.subject_type == subject_type, Letter.subject_id == str(subject_id))
        )

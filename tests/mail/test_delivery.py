"""Letters: written once, delivered by SMTP, tried again when the server is away."""

import mailbox
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.development.processes import free_port
from portal.mail.models import Letter
from portal.mail.services import MOST_ATTEMPTS, deliver_waiting, release_letter, write_letter


def a_letter(key: str, **changes) -> int | None:
    facts = {
        "key": key,
        "to_name": "Robin Éxample",
        "to_address": "robin@example.org",
        "title": f"About {key}",
        "body": "Dyddiad: 6 Mawrth. Ŵ",
        "subject_type": "thing",
        "subject_id": 1,
    }
    return write_letter(**{**facts, **changes}, by=THE_PORTAL)


def titles_in(folder) -> list[str]:
    return [message["Subject"] for message in mailbox.Maildir(folder)]


def test_a_queued_letter_arrives_with_its_words_intact(session, settings):
    a_letter("arrives")
    assert deliver_waiting(settings, by=THE_PORTAL) == 1
    message = next(m for m in mailbox.Maildir(settings.mailbox_folder) if m["Subject"] == "About arrives")
    assert "Ŵ" in message.get_payload(decode=True).decode()


def test_a_letter_is_written_once_for_one_event(session):
    assert a_letter("same event")
    assert a_letter("same event") is None


def test_a_held_letter_waits_for_its_release(session, settings):
    number = a_letter("held back", held=True)
    deliver_waiting(settings, by=THE_PORTAL)
    assert "About held back" not in titles_in(settings.mailbox_folder)
    release_letter(session.get(Letter, number), by=THE_PORTAL)
    deliver_waiting(settings, by=THE_PORTAL)
    assert "About held back" in titles_in(settings.mailbox_folder)


def test_a_letter_survives_a_mail_server_that_is_away(session, settings):
    number = a_letter("patient")
    deliver_waiting(replace(settings, smtp_port=free_port()), by=THE_PORTAL)
    letter = session.get(Letter, number)
    assert (letter.state, letter.attempts) == ("queued", 1)
    with clock.staged_at(letter.next_attempt_at + timedelta(seconds=1)):
        assert deliver_waiting(settings, by=THE_PORTAL) == 1


def test_a_letter_is_given_up_after_many_attempts(session, settings):
    number = a_letter("hopeless")
    nowhere = replace(settings, smtp_port=free_port())
    for _ in range(MOST_ATTEMPTS):
        with clock.staged_at(session.get(Letter, number).next_attempt_at + timedelta(seconds=1)):
            deliver_waiting(nowhere, by=THE_PORTAL)
    assert session.scalar(select(Letter.state).where(Letter.id == number)) == "failed"


def test_a_line_break_cannot_add_a_header(session, settings):
    a_letter("header", title="Hello\r\nBcc: everyone@example.org")
    deliver_waiting(settings, by=THE_PORTAL)
    message = next(
        m for m in mailbox.Maildir(settings.mailbox_folder) if (m["Subject"] or "").startswith("Hello")
    )
    assert message["Bcc"] is None

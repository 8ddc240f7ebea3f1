"""An embedded mail server that keeps every letter in a Maildir instead of sending it on."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from threading import Lock

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.development.processes import ServiceDidNotStart, free_port, port_is_taken


class _KeepInMaildir:
    """What aiosmtpd does with a letter: file it, with the envelope's addresses in the header."""

    def __init__(self, folder: Path) -> None:
        self._maildir = mailbox.Maildir(folder, create=True)
        self._lock = Lock()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        letter = message_from_bytes(content if isinstance(content, bytes) else content.encode())
        del letter["Delivered-To"]
        for recipient in envelope.rcpt_tos:
            letter["Delivered-To"] = recipient
        with self._lock:
            self._maildir.add(letter)
        return "250 Kept"


@contextmanager
def embedded_mail_server(folder: Path, *, port: int = 0) -> Iterator[dict[str, str]]:
    """Accept mail on 127.0.0.1 into the Maildir *folder*; yield SMTP_HOST, SMTP_PORT and MAILBOX_FOLDER.

    Runs in a thread of this process. ``port=0`` chooses a free one. Raises ``ServiceDidNotStart``.
    """
    if port and port_is_taken("127.0.0.1", port):
        raise ServiceDidNotStart(f"Port {port}, wanted for the mail server, is in use already.")
    chosen = port or free_port()
    controller = Controller(_KeepInMaildir(folder), hostname="127.0.0.1", port=chosen, ready_timeout=20)
    try:
        controller.start()
    except (OSError, RuntimeError, TimeoutError) as error:
        raise ServiceDidNotStart(f"The mail server could not start on port {chosen}: {error}.") from error
    try:
        yield {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(chosen), "MAILBOX_FOLDER": str(folder)}
    finally:
        controller.stop()

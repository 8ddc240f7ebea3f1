"""The demonstration's mailbox: every letter that the mail server took, for anyone to read."""

import mailbox
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.gate import public
from portal.development.second_steps import present_codes
from portal.errors import NotFound

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")
MOST = 100


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """The newest letters, of everyone or of one address."""
    address = request.args.get("to", "")
    letters = [(key, _read(path)) for key, path in _newest()]
    shown = [(key, letter) for key, letter in letters if not address or letter["Delivered-To"] == address]
    return render_template(
        "development/mailbox.html",
        letters=[{"key": key, **_facts(letter)} for key, letter in shown],
        address=address,
        codes=present_codes(),
        most=MOST,
    )


@bp.get("/<key>")
@public
def show(key: str) -> ResponseReturnValue:
    """One letter."""
    for name, path in _newest():
        if name == key:
            letter = _read(path)
            body = letter.get_body(("plain",))
            return render_template(
                "development/letter.html", **_facts(letter), body=body.get_content() if body else ""
            )
    raise NotFound()


def _newest() -> list[tuple[str, bytes]]:
    folder = current_app.config["PORTAL"].mailbox_folder
    box = mailbox.Maildir(folder, create=True)
    # A Maildir key begins with the second of its arrival.
    keys = sorted(
        box.keys(), key=lambda key: [int(part) if part.isdigit() else 0 for part in key.split(".")[:1]]
    )
    return [(key, box.get_bytes(key)) for key in reversed(keys[-MOST:])]


def _read(content: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(content)


def _facts(letter: EmailMessage) -> dict[str, object]:
    return {
        "to": letter["Delivered-To"],
        "title": letter["Subject"],
        "sender": letter["From"],
        "arrived": parsedate_to_datetime(letter["Date"]),
    }

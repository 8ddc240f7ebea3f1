"""Codes from an authenticator app (RFC 6238): 6 digits that change every 30 seconds, each good once."""

import json
from base64 import b64encode
from io import BytesIO

import qrcode
import qrcode.image.svg
from cryptography.fernet import Fernet, InvalidToken
from passlib.exc import TokenError
from passlib.totp import TOTP
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Refusal
from portal.sign_in.models import Authenticator

_SECONDS_TO_ENROL = 3600
# One step before and after the present one: a phone's clock is seldom more than half a minute off.
_WINDOW_SECONDS = 30
_fernet = Fernet(Fernet.generate_key())


def configure_second_factors(key: str) -> None:
    """Set the key that encrypts secrets at rest (URL-safe base64 of 32 bytes)."""
    global _fernet
    _fernet = Fernet(key)


class WrongCode(Refusal):
    """Not the code of this half minute, or one that was used already."""

    sentence = "That code is not right, or was used already. Wait for the next one in your app and enter it."


def new_secret() -> str:
    """A fresh secret in base32, as apps take it."""
    return TOTP.new().base32_key


def seal(person_id: int, secret: str) -> str:
    """A secret on its way through a form: nobody can read, change or give it to somebody else."""
    return _fernet.encrypt(json.dumps([person_id, secret]).encode()).decode()


def unseal(person_id: int, sealed: str) -> str | None:
    """The secret that was sealed for this person within the hour; None otherwise."""
    try:
        owner, secret = json.loads(_fernet.decrypt(sealed.encode(), ttl=_SECONDS_TO_ENROL))
    except (InvalidToken, ValueError):
        return None
    return secret if owner == person_id else None


def qr_code(secret: str, email: str, service: str) -> str:
    """The secret as a picture that an app reads, as a data: address (SVG)."""
    address = TOTP(key=secret).to_uri(label=email.replace(":", " "), issuer=service.replace(":", " "))
    drawn = BytesIO()
    qrcode.make(address, image_factory=qrcode.image.svg.SvgPathImage, border=2).save(drawn)
    return f"data:image/svg+xml;base64,{b64encode(drawn.getvalue()).decode()}"


def code_at(secret: str, counter: int) -> str:
    """The code of a secret for a counter of half minutes."""
    return TOTP(key=secret).generate(time=counter * 30).token


def enrol_authenticator(*, person_id: int, secret: str, code: str, by: Actor) -> None:
    """Make this app the person's second factor, in the place of an earlier one. Raises `WrongCode`."""
    counter = _match(secret, code, 0)
    if counter is None:
        raise WrongCode(field="code")
    add_authenticator(person_id=person_id, secret=secret, counter=counter, by=by)


def add_authenticator(*, person_id: int, secret: str, counter: int = 0, by: Actor) -> None:
    """Keep an app's secret; codes up to `counter` are used up."""
    kept = {
        "secret": _fernet.encrypt(secret.encode()).decode(),
        "last_counter": counter,
        "added_at": clock.now(),
    }
    with transaction() as session:
        session.execute(
            insert(Authenticator)
            .values(person_id=person_id, **kept)
            .on_conflict_do_update(index_elements=["person_id"], set_=kept)
        )
        record("second_factor.add", "person", person_id, by=by, kind="app")


def remove_authenticator(*, person_id: int, by: Actor) -> None:
    """Forget the app."""
    with transaction() as session:
        removed = session.execute(delete(Authenticator).where(Authenticator.person_id == person_id))
        if removed.rowcount:  # type: ignore[attr-defined]
            record("second_factor.remove", "person", person_id, by=by, kind="app")


def use_code(*, person_id: int, code: str) -> bool:
    """Whether this is a code of the person's app that was not used before; it is used up by that."""
    with transaction() as session:
        kept = session.execute(
            select(Authenticator).where(Authenticator.person_id == person_id).with_for_update()
        ).scalar_one_or_none()
        if kept is None:
            return False
        secret = _fernet.decrypt(kept.secret.encode()).decode()
        counter = _match(secret, code, kept.last_counter)
        if counter is None:
            return False
        kept.last_counter = counter
    return True


def _match(secret: str, code: str, last_counter: int) -> int | None:
    """The counter of a right code that is later than the last one used; None otherwise."""
    try:
        found = TOTP(key=secret).match(
            code.replace(" ", ""), time=clock.now(), window=_WINDOW_SECONDS, last_counter=last_counter or None
        )
    except TokenError:
        return None
    return found.counter if found.counter > last_counter else None

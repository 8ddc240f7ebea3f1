"""The authenticator apps of invented people: secrets that follow from their addresses, and the codes of now.

Only for people who are invented: whoever knows the address knows the secret.
"""

import time
from base64 import b32encode
from hashlib import sha256

from sqlalchemy import RowMapping, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.sign_in.authenticator import add_authenticator, code_at
from portal.sign_in.models import Authenticator

_HALF_MINUTE = 30
_used: dict[str, int] = {}


def secret_of(email: str) -> str:
    """The secret of an invented person's app."""
    return b32encode(sha256(f"invented person {email.lower()}".encode()).digest()[:20]).decode()


def enrol_invented(person: Actor) -> None:
    """Give an invented person an authenticator app whose codes anyone can compute."""
    assert person.person_id is not None
    add_authenticator(person_id=person.person_id, secret=secret_of(person.email), by=person)


def code_of_now(email: str) -> str:
    """A code that works now, whatever was used before in this process: waits where all were used."""
    counter = max(int(time.time()) // _HALF_MINUTE - 1, _used.get(email, 0) + 1)
    while counter > int(time.time()) // _HALF_MINUTE + 1:
        time.sleep(0.5)
    _used[email] = counter
    return code_at(secret_of(email), counter)


def present_codes() -> list[dict[str, str]]:
    """Each invented person who has such an app, with the code to enter next: name, email, code."""
    present = int(clock.now().timestamp()) // _HALF_MINUTE
    rows: list[RowMapping] = list(
        db.session.execute(
            select(Person.name, Person.email, Authenticator.last_counter)
            .join(Authenticator, Authenticator.person_id == Person.id)
            .where(Person.email.like("%example.org"))
            .order_by(Person.id)
            .limit(50)
        ).mappings()
    )
    return [
        {
            "name": row["name"],
            "email": row["email"],
            "code": _next_code(row["email"], row["last_counter"], present),
        }
        for row in rows
    ]


def _next_code(email: str, last_counter: int, present: int) -> str:
    counter = max(present, last_counter + 1)
    return code_at(secret_of(email), counter) if counter <= present + 1 else "in half a minute"

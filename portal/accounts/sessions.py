"""The session of a person in their browser: begun, kept alive, ended; and half of one before the second step.

A session is a signed cookie, kept by Flask-Login. It names the person by `fs_uniquifier`, so that changing
that ends all of theirs, and has an id of its own, so that signing out ends this one (`credentials.spend`)
even where somebody kept a copy of the cookie. Two limits end it: so long without a request (idle), and so
long in all.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from flask import Flask, current_app, session
from flask_login import LoginManager, UserMixin, login_user, logout_user

from config import Settings
from portal import clock
from portal.accounts.credentials import spend
from portal.accounts.models import Person
from portal.accounts.queries import InSession, in_session

ACTING_FOR = "acting_for"
"""Where the session keeps the id of the organisation for which a person chose to act."""
# The first is Flask-Login's own.
PERSON, SESSION, SINCE, SEEN, PROVED, FACTOR = "_user_id", "session", "since", "seen", "proved", "factor"
PENDING = "pending"
# How long a right password waits for its second step, and how long a proof opens the pages of sign-in itself.
PENDING_FOR = timedelta(minutes=20)
PROVED_FOR = timedelta(minutes=15)
# A cookie outlives the session in it, so that a form sent too late is known to be from this browser.
COOKIE_FOR = timedelta(days=7)
# The moment of the last request is written down this often.
_GRAIN = timedelta(seconds=30)


class SignedIn(UserMixin):
    """The person of a session, as Flask-Login asks for them."""

    def __init__(self, uniquifier: str) -> None:
        self.uniquifier = uniquifier

    def get_id(self) -> str:
        """What the session holds of them."""
        return self.uniquifier

    @cached_property
    def found(self) -> InSession | None:
        """Who they are and as whom they act, while their session lasts."""
        lasting = standing()
        return in_session(*lasting, session.get(ACTING_FOR)) if lasting else None


def init_sessions(app: Flask) -> None:
    """Let Flask-Login ask for the person of a session."""
    login = LoginManager(app, add_context_processor=False)  # pages ask the gate, which can do without
    login.session_protection = None  # sessions end by our own limits, and move between networks with a phone
    login.user_loader(_person_of)


def _person_of(uniquifier: str) -> SignedIn | None:
    person = SignedIn(uniquifier)
    return person if person.found else None


@dataclass(frozen=True)
class Pending:
    """Somebody who took the first step (its name is `first`) and owes the second."""

    uniquifier: str
    first: str
    onward: str


def begin(person: Person, *, factor: str) -> None:
    """A fresh session for this person: nothing that was planted in the old one stays.

    `factor` names the second step that was taken, empty when there was none.
    """
    kept = session.get("kept")
    session.clear()
    session.permanent = True
    now = clock.now().timestamp()
    session.update({SESSION: secrets.token_urlsafe(16), FACTOR: factor, SINCE: now, SEEN: now, PROVED: now})
    login_user(SignedIn(person.fs_uniquifier))
    if kept:
        session["kept"] = kept


def wait_for_second_step(uniquifier: str, *, first: str, onward: str) -> None:
    """The first step (its name is `first`) was right; nothing opens yet but the pages of the second."""
    kept = session.get("kept")
    session.clear()
    session.permanent = True
    session[PENDING] = {
        "person": uniquifier, "at": clock.now().timestamp(), "first": first, "onward": onward
    }  # fmt: skip
    if kept:
        session["kept"] = kept


def pending() -> Pending | None:
    """Who owes the second step in this browser; None when nobody does, or waited too long."""
    held = session.get(PENDING)
    if not held or clock.now() > _moment(held["at"]) + PENDING_FOR:
        return None
    return Pending(held["person"], held["first"], held["onward"])


def end() -> None:
    """End this session, for copies of its cookie too."""
    if identifier := session.get(SESSION):
        spend(identifier, clock.now() + _settings().session_lifetime)
    logout_user()
    session.clear()


def standing() -> tuple[str, str] | None:
    """Whose session this is (`fs_uniquifier`) and its id, while it lasts."""
    return (session[PERSON], session[SESSION]) if ends_at() else None


def ends_at() -> datetime | None:
    """When this session ends unless something is done; None when there is none, or it is over."""
    if PERSON not in session or SINCE not in session:
        return None
    settings = _settings()
    end = min(
        _moment(session[SEEN]) + settings.session_idle, _moment(session[SINCE]) + settings.session_lifetime
    )
    return end if clock.now() < end else None


def expired() -> str | None:
    """Whose session it was (`fs_uniquifier`) that is over by now."""
    return session.get(PERSON) if ends_at() is None else None


def touch() -> None:
    """Something was done: the idle time begins anew."""
    now = clock.now()
    if ends_at() and now - _moment(session[SEEN]) > _GRAIN:
        session[SEEN] = now.timestamp()


def name_on_device(person_id: int) -> str:
    """The name under which a browser keeps a person's unsaved words: always the same, and it says nothing."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"unsaved words of person {person_id}".encode(), "sha256").hexdigest()[:32]


def prove() -> None:
    """They have just shown again who they are."""
    session[PROVED] = clock.now().timestamp()


def proved_lately() -> bool:
    """Whether they showed who they are shortly before."""
    return clock.now() < _moment(session.get(PROVED, 0)) + PROVED_FOR


def change_person(uniquifier: str) -> None:
    """This session stays theirs after `fs_uniquifier` has changed; their others are over."""
    login_user(SignedIn(uniquifier))


def took_second_step() -> bool:
    """Whether a second step was taken on the way into this session."""
    return bool(session.get(FACTOR))


def add_second_step(factor: str) -> None:
    """A second step was taken since."""
    session[FACTOR] = factor


def _settings() -> Settings:
    return current_app.config["PORTAL"]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, clock.LONDON)

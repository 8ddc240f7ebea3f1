"""Who plays, and what they come to know on the way: the first people, the facts that later steps check."""

from __future__ import annotations

import email
import email.policy
import mailbox
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

from flask import Flask

from portal.accounts.access import THE_PORTAL
from portal.accounts.queries import actor_by_email
from portal.accounts.services import register_organisation, register_person
from portal.development.headless.checks import Failed, Story
from portal.development.headless.client import Pace, Upload, Visitor
from portal.development.second_steps import enrol_invented

COUNCIL = "Manchester City Council"
SCHOOL = "Tib Street Academy"
# The key of each person, the name and the council role.
COUNCIL_PEOPLE = (
    ("officer", "Priya Lindqvist", "procurement_lead"),
    ("first", "Alma Fairweather", "evaluator"),
    ("second", "Joseph Adeyemi-Holt", "evaluator"),
    ("moderator", "Martin Quillfeather", "moderator"),
    ("approver", "Sadia Thornbury", "approver"),
    ("administrator", "Ruth Ellerslie", "administrator"),
)
_LETTER_SECONDS = 60


@dataclass
class Tenderer:
    """A provider in the play: what it will answer, and what it then holds."""

    name: str
    person: str
    email: str
    number: str
    postcode: str
    trade: str
    lots: tuple[str, ...]
    visitor: Visitor
    application: str = ""
    answered: dict[tuple[str, str], object] = field(default_factory=dict)
    """What was answered, as it is kept: by the question's code and the lot's number ("" for every lot)."""
    uploads: list[Upload] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    receipt: str = ""
    documents: list[str] = field(default_factory=list)
    """The paths of its documents, in the order of `uploads`."""


@dataclass
class Stage:
    """One play: its portal, people and story. Steps leave here what later ones need."""

    portal: str
    data: Path
    app: Flask
    story: Story
    password: str
    pace: Pace = field(default_factory=Pace)
    council: dict[str, Visitor] = field(default_factory=dict)
    tenderers: list[Tenderer] = field(default_factory=list)
    round: str = ""
    opportunity: str = ""
    closes_at: datetime | None = None
    lots: dict[str, str] = field(default_factory=dict)
    """The titles of the lots that the round offers, by number."""
    weights: dict[str, Decimal] = field(default_factory=dict)
    agreed: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """The agreed points by provider's name, question's title and lot's number ("" for every lot)."""

    def visitor(self, name: str) -> Visitor:
        """A new browser."""
        return Visitor(name, self.portal, self.pace)

    def letters(self, to: str, title: str = "") -> list[EmailMessage]:
        """The letters in the mailbox to this address whose title holds these words."""
        found = []
        for kept in mailbox.Maildir(self.data / "mailbox", create=False):
            letter = email.message_from_bytes(kept.as_bytes(), policy=email.policy.default)
            if to in str(letter["Delivered-To"]) and title in str(letter["Subject"]):
                found.append(letter)
        return found

    def delivered(self, to: str, title: str) -> str:
        """The text of the letter to this address with these words in its title, once it is delivered."""
        letters: Sequence[EmailMessage] = ()
        deadline = time.monotonic() + _LETTER_SECONDS
        while not letters and time.monotonic() < deadline:
            time.sleep(0.2)
            letters = self.letters(to, title)
        if not letters:
            subjects = [str(letter["Subject"]) for letter in self.letters(to)]
            raise Failed(f"a letter to {to} about “{title}” within {_LETTER_SECONDS} seconds", str(subjects))
        return str(letters[0].get_content())


def address_of(key: str) -> str:
    """The e-mail address of one of the first people."""
    return f"{key}@{'school' if key == 'school' else 'council'}.example.org"


def register_first_people(app: Flask, password: str) -> None:
    """Add those whom no page can add yet: the council's people and a school's."""
    with app.app_context():
        council = register_organisation(kind="council", name=COUNCIL, by=THE_PORTAL)
        for key, name, role in COUNCIL_PEOPLE:
            register_person(
                name=name,
                email=address_of(key),
                password=password,
                organisation=council,
                roles=[role],
                by=THE_PORTAL,
            )
            enrol_invented(actor_by_email(address_of(key)))
        school = register_organisation(kind="school", name=SCHOOL, postcode="M4 1EZ", by=THE_PORTAL)
        register_person(
            name="Orla Prendergast",
            email=address_of("school"),
            password=password,
            organisation=school,
            roles=["commissioner"],
            by=THE_PORTAL,
        )


Act = Callable[[Stage], None]

"""Whether somebody applies changes nothing that the council can get, by whatever road, but plain numbers; and
those for nobody but who runs the round and who audits.

Every page and file that a role of the council can get is got twice: before a provider applies, and after it
has written, uploaded and submitted. Search, sorting, filters, exports and the trail are pages like any other,
and so are those of the provider and its people. Compared are the words, the headers (length, name of a file,
where it leads) and, for how long it takes, the statements and how many rows each of them found or changed.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.accounts.permissions import ROLES
from portal.audit.models import AuditLine
from portal.database import db
from portal.directory.search import SORTS
from portal.mail.models import Letter
from portal.storage.models import Document
from tender.applications.certifying import ask_to_certify
from tender.applications.services import submit_application, withdraw_application
from tender.frameworks.models import Framework, Round
from tests.factories.accounts import a_person, a_provider_person, a_school_person, an_organisation
from tests.factories.applications import a_complete_draft, a_draft, a_submitted_application
from tests.factories.frameworks import a_framework, a_procurement_lead, a_published_round, lot_ids
from tests.web_client import sign_in

NAME = "Brookside Youth Trust"
COUNCIL = sorted(ROLES["council"])
ASKED = {
    "directory.search": (
        "words=Brookside",
        *(f"words=Brookside&postcode=M1&sort={sort}" for sort in SORTS),
        *(f"sort={sort}" for sort in SORTS),
    ),
    "administration.organisations": ("q=Brookside", "kind=provider", "page=2"),
    "administration.people": ("q=Brookside", "q=person"),
    "auditing.index": ("subject=application", "action=application.submit", "person=Brookside"),
    "auditing.export": ("subject=application", "action=application.submit"),
}
# What differs between two drawings of one page whoever applies: tokens, references of refusals, numbers and
# times, and the lines that reading the trail leaves in it.
CHANGING = re.compile(
    r'(?:name="\w+"[^>]*value|data-token|nonce)="[^"]*"|the reference <strong>\w+'
    r"|^[^\n]*,audit\.read,[^\n]*\n|\d+|\b(?:second|minute)s?\b",
    re.MULTILINE,
)
# What is new in every answer, however much the rest stays the same.
FRESH = re.compile(r'(?:name="\w+"[^>]*value|data-token|nonce)="[^"]*"|the reference <strong>\w+')
# The board's lines stand for applications by letters; the trail's first page moves on as it is read. Neither
# tells a name, a word or an application: that is asked of them apart.
MOVES_ON = re.compile(r"/rounds/\d+/board|/audit")
TELLS = re.compile(r"half past nine|subject=application\+|,application\.")
# Headers that are new for every session or request.
OF_SESSIONS = {"Set-Cookie", "Content-Security-Policy"}
# Counts searches that found nothing, those of this walk too; it holds choices of filters and nothing else.
COUNTS_THE_WALK = "/unmet-need"
# Says how far the staged clock has fallen behind; all that it ever says is in tests/home/test_pages.py.
TELLS_THE_TIME = "/readyz"
OWN_SIGN_IN = ("/sign-in", "/your-sign-in", "/mailbox", "/confirm-email", "/reset-password")


def somebody(subject: Round, role: str) -> Actor:
    """A person of the council whose round it is."""
    council = db.session.get_one(Framework, subject.framework_id).council_id
    return a_person(db.session.get_one(Organisation, council), role)


def addresses(app, subject: Round, about: Actor) -> list[str]:
    """Every page and file that is there for a round, its lots and questions, a framework, the provider and
    its person, or for the council as a whole."""
    given = {
        "round_id": subject.id,
        "framework_id": subject.framework_id,
        "lot_id": lot_ids(subject)[0],
        "code": "safeguarding_policy",
        "organisation_id": about.organisation_id,
        "person_id": about.person_id,
    }
    routes = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and set(rule.arguments) <= set(given) and rule.endpoint != "static":
            address = routes.build(rule.endpoint, {name: given[name] for name in rule.arguments})
            found += [address, *(f"{address}?{more}" for more in ASKED.get(rule.endpoint, ()))]
    return [
        address
        for address in found
        if not address.startswith((*OWN_SIGN_IN, COUNTS_THE_WALK, TELLS_THE_TIME))
    ]


@dataclass(frozen=True)
class Walk:
    """What each address gives, but for what is new in every answer, and what the database does for it."""

    words: dict[str, str]
    work: dict[str, list[str]]

    def without_numbers(self) -> dict[str, str]:
        """The words without numbers and times."""
        return {address: CHANGING.sub("", words) for address, words in self.words.items()}


@contextmanager
def worked() -> Iterator[list[str]]:
    """Each statement that the block sends, with how many rows it found or changed."""
    made: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            made.append(f"{cursor.rowcount} rows: {statement}")

    connection = db.session.connection()
    event.listen(connection, "after_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(connection, "after_cursor_execute", note)


def walk(client: FlaskClient, app, subject: Round, about: Actor) -> Walk:
    """Get each address once."""
    words, work = {}, {}
    for address in addresses(app, subject, about):
        with worked() as work[address]:
            answer = client.get(address)
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers if name not in OF_SESSIONS)
        words[address] = FRESH.sub("", f"{answer.status_code}\n{headers}\n\n{answer.get_data(as_text=True)}")
        answer.close()
    return Walk(words, work)


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The addresses of which the two say different things."""
    return [address for address in before if before[address] != after[address]]


WITHOUT_NUMBERS = [
    role for role in COUNCIL if not {"framework:manage", "audit:read"} & ROLES["council"][role]
]
WITH_NUMBERS = sorted(set(COUNCIL) - set(WITHOUT_NUMBERS))


@pytest.fixture(scope="module")
def kept() -> dict[str, tuple[Walk, Walk, Walk]]:
    """The walks of each role, which more than one test looks at: a walk takes seconds."""
    return {}


@pytest.fixture
def walks(kept, role, app, client, session) -> tuple[Walk, Walk, Walk]:
    """What the role gets while nobody applies, once one provider has submitted, and once two have and a third
    writes. The pages of the one with a name are among them; it is the first of the two where a role may not
    even know the number, and the second where it may: then only the first one changes words into others.
    """
    if role not in kept:
        subject, named, drafting = a_published_round(2), a_provider_person(NAME), a_provider_person()
        submitting = [named, a_provider_person("Another Provider")]
        first, second = submitting if role in WITHOUT_NUMBERS else reversed(submitting)
        sign_in(client, somebody(subject, role).email)
        with clock.staged_at(clock.now()):
            walk(client, app, subject, named)  # whatever a first reading leaves behind is there for all
            nobody = walk(client, app, subject, named)
            a_submitted_application(subject, lot_ids(subject), first)
            one = walk(client, app, subject, named)
            a_submitted_application(subject, lot_ids(subject)[:1], second)
            a_draft(subject, drafting, lot_ids(subject)[:1])
            kept[role] = nobody, one, walk(client, app, subject, named)
    return kept[role]


@pytest.mark.parametrize("role", WITH_NUMBERS)
def test_nothing_but_numbers_tells_the_council_that_somebody_applied(walks) -> None:
    before, after = (each.without_numbers() for each in walks[1:])
    changed = differing(before, after)
    assert [address for address in changed if not MOVES_ON.fullmatch(address)] == []
    assert [address for address, page in after.items() if TELLS.search(page)] == []
    named = [address for address, page in before.items() if NAME in page]
    assert [address for address, page in after.items() if NAME in page] == named


@pytest.mark.parametrize("role", WITHOUT_NUMBERS)
def test_not_even_a_number_tells_anybody_of_the_council_who_does_not_run_the_round(walks) -> None:
    nobody, one, several = walks
    assert differing(nobody.words, one.words) == [] and differing(one.words, several.words) == []
    assert [address for address, page in several.words.items() if TELLS.search(page)] == []


@pytest.mark.parametrize("who", ["competitor", "school", "anybody"])
def test_not_even_a_number_tells_anybody_else(app, client, session, who) -> None:
    subject, provider = a_published_round(2), a_provider_person(NAME)
    if who != "anybody":
        viewer = a_provider_person() if who == "competitor" else a_school_person()
        sign_in(client, viewer.email)
    with clock.staged_at(clock.now()):
        before = walk(client, app, subject, provider)
        a_submitted_application(subject, lot_ids(subject), provider)
        after = walk(client, app, subject, provider)
    assert differing(before.words, after.words) == []


@pytest.mark.parametrize("role", WITHOUT_NUMBERS)
def test_no_page_takes_another_time_to_make_because_somebody_applied(walks) -> None:
    nobody, one, several = walks
    assert differing(nobody.work, one.work) == [] and differing(one.work, several.work) == []


@pytest.mark.parametrize("role", WITH_NUMBERS)
def test_no_page_asks_the_database_more_often_because_somebody_applied(walks) -> None:
    counts = [{address: len(made) for address, made in each.work.items()} for each in walks]
    assert differing(counts[0], counts[1]) == []
    # The board of the last day counts what a draft lacks: that one was started is no secret there.
    more = differing(counts[1], counts[2])
    assert [address for address in more if not MOVES_ON.fullmatch(address)] == []


def test_the_trail_names_nobody_who_works_on_a_sealed_application(client, session) -> None:
    framework = a_framework(2, needs_certificate=True)
    subject = a_published_round(2, framework=framework)
    provider = a_person(an_organisation("provider", NAME), "administrator", name="Morgan Brookside")
    application_id = a_complete_draft(subject, provider, lot_ids(subject)[:1])
    ask_to_certify(application_id=application_id, by=provider)
    submit_application(application_id=application_id, declared=True, certified=True, by=provider)
    sign_in(client, somebody(subject, "procurement_lead").email)
    roads = ("/audit.csv", "/audit", "/audit?subject=certificate", "/audit?person=Morgan")
    assert [road for road in roads if "Morgan Brookside" in client.get(road).get_data(as_text=True)] == []


def test_a_page_that_tells_would_be_noticed(app, client, session) -> None:
    subject, provider = a_published_round(2), a_provider_person(NAME)
    sign_in(client, provider.email)
    before = walk(client, app, subject, provider).without_numbers()
    a_submitted_application(subject, lot_ids(subject), provider)
    after = walk(client, app, subject, provider).without_numbers()
    assert set(differing(before, after)) >= {"/"}


def test_no_letter_to_the_council_tells_of_an_application(session) -> None:
    subject, provider = a_published_round(2), a_provider_person(NAME)
    lead = somebody(subject, "procurement_lead")
    session.flush()
    a_submitted_application(subject, lot_ids(subject), provider)
    told = session.scalars(select(Letter.to_address)).all()
    assert provider.email in told and lead.email not in told


def test_no_letter_but_to_its_own_people_tells_of_an_application(session) -> None:
    subject, provider, other = a_published_round(2), a_provider_person(NAME), a_provider_person()
    a_submitted_application(subject, lot_ids(subject), other)
    before = set(session.scalars(select(Letter.id)))
    a_submitted_application(subject, lot_ids(subject), provider)
    told = session.scalars(select(Letter.to_address).where(Letter.id.not_in(before))).all()
    assert set(told) == {provider.email}


def test_of_nothing_that_is_done_to_an_application_a_letter_goes_elsewhere(session) -> None:
    lead = a_procurement_lead()
    subject = a_published_round(2, lead, a_framework(2, lead, needs_certificate=True))
    provider, other = a_provider_person(NAME), a_provider_person()
    a_submitted_application(subject, lot_ids(subject), other, certified=True)
    before = set(session.scalars(select(Letter.id)))
    application_id = a_complete_draft(subject, provider, lot_ids(subject)[:1])
    ask_to_certify(application_id=application_id, by=provider)
    submit_application(application_id=application_id, declared=True, certified=True, by=provider)
    withdraw_application(application_id=application_id, by=provider)
    told = session.scalars(select(Letter.to_address).where(Letter.id.not_in(before))).all()
    assert set(told) == {provider.email}


def test_no_key_in_the_store_tells_whose_a_document_is_or_what_it_is_called(session) -> None:
    subject, provider = a_published_round(2), a_provider_person(NAME)
    a_submitted_application(subject, lot_ids(subject), provider)
    documents = session.scalars(select(Document)).all()
    assert documents
    for document in documents:
        assert not re.search("brookside", document.key, re.IGNORECASE)
        assert document.filename.rpartition(".")[0] not in document.key


def test_a_line_of_the_trail_names_neither_lots_nor_words_of_an_application(session) -> None:
    subject, provider = a_published_round(2), a_provider_person(NAME)
    a_submitted_application(subject, lot_ids(subject), provider)
    lines = session.execute(select(AuditLine.details).where(AuditLine.subject_type == "application")).all()
    assert lines and "half past nine" not in str(lines)

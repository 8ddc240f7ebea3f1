"""A lot of a published round changes with a reason, and everyone concerned is told what it means for them."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.errors import Refusal
from portal.mail.models import Letter
from tender.followers.services import follow
from tender.frameworks.framework_services import edit_lot
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import lots_of_framework
from tender.frameworks.services import LotDetails
from tender.lot_changes.models import LotChange
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft, a_submitted_application
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import (
    a_closed_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)
from tests.tender.frameworks.test_pages import typed_in
from tests.web_client import sign_in

REASON = "The insurer no longer covers larger groups."
GROUP = LotDetails("2", "Construction", largest_group=6)


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def published(lead: Actor) -> Round:
    return a_published_round(lead=lead)


def change(subject: Round, by: Actor, details: LotDetails = GROUP, reason: str = REASON) -> None:
    second = lots_of_framework(subject.framework_id)[1]
    edit_lot(
        by=by,
        framework_id=subject.framework_id,
        lot_id=second.id,
        details=details,
        portal_url=PORTAL_URL,
        reason=reason,
    )


def told(session: Session, *people: Actor) -> list[str]:
    """What each person's one letter about the lot says; empty for whoever has none."""
    written = select(Letter.to_address, Letter.body).where(Letter.title.contains("Lot 2"))
    bodies = {address: body for address, body in session.execute(written)}
    assert len(bodies) == session.scalar(select(func.count()).select_from(written.subquery()))
    return [bodies.get(person.email, "") for person in people]


def test_everyone_is_told_once_and_whoever_has_the_lot_what_it_means(
    session: Session, lead: Actor, published: Round
) -> None:
    drafting, submitted, elsewhere, follower = (a_provider_person() for _ in range(4))
    first, second = lot_ids(published)
    a_draft(published, drafting, [second])
    a_submitted_application(published, [second], submitted)
    a_draft(published, elsewhere, [first])
    follow(round_id=published.id, by=follower)
    follow(round_id=published.id, by=drafting)
    change(published, lead)
    bodies = told(session, drafting, submitted, elsewhere, follower)
    assert all(REASON in body and "Groups of at most 6 children" in body for body in bodies)
    assert ["Your application is for this lot" in body for body in bodies] == [True, False, False, False]
    assert ["and it stands" in body for body in bodies] == [False, True, False, False]


def test_the_same_change_sent_twice_is_told_once(session: Session, lead: Actor, published: Round) -> None:
    follower = a_provider_person()
    follow(round_id=published.id, by=follower)
    change(published, lead)
    change(published, lead)
    assert told(session, follower) != [""]


def test_another_price_to_start_from_concerns_nobody_yet(
    session: Session, lead: Actor, published: Round
) -> None:
    follower = a_provider_person()
    follow(round_id=published.id, by=follower)
    change(published, lead, replace(GROUP, largest_group=None, price_ceiling=90))
    assert told(session, follower) == [""]


def test_a_closed_round_is_judged_by_the_conditions_that_it_closed_with(lead: Actor) -> None:
    closed = a_closed_round(lead=lead)
    with pytest.raises(Refusal, match=f"Round {closed.number} has closed and is judged by these conditions"):
        change(closed, lead)
    change(closed, lead, replace(GROUP, title="Construction and joinery", largest_group=None))
    assert lots_of_framework(closed.framework_id)[1].title == "Construction and joinery"


def test_the_public_page_of_a_running_round_says_what_changed(client: FlaskClient, lead: Actor) -> None:
    framework: Framework = a_framework(lead=lead)
    published = a_published_round(lead=lead, framework=framework)
    sign_in(client, lead.email)
    page = client.get(f"/frameworks/{framework.id}/lots/{lot_ids(published)[1]}").text
    assert "Everyone who follows it or has started an application is told" in page
    change(published, lead)
    page = client.get(f"/opportunities/{published.id}").text
    assert REASON in page and "Now: Lot 2: Construction; Any provider; Groups of at most 6 children." in page


def test_the_page_of_a_lot_keeps_what_was_typed_when_it_cannot_change(
    client: FlaskClient, lead: Actor
) -> None:
    closed = a_closed_round(lead=lead)
    sign_in(client, lead.email)
    address = f"/frameworks/{closed.framework_id}/lots/{lot_ids(closed)[1]}"
    sent = {"number": "2", "title": "Construction", "largest_group": "6", "reason": REASON}
    answer = client.post(address, data=sent)
    assert answer.status_code == 422
    assert "is judged by these conditions" in answer.text and REASON in answer.text


def test_the_database_keeps_what_was_told(session: Session, lead: Actor, published: Round) -> None:
    change(published, lead)
    assert session.scalars(select(LotChange.reason)).all() == [REASON]
    for statement in ("UPDATE lot_change SET reason = 'Another'", "DELETE FROM lot_change"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


def test_of_another_term_whoever_applies_or_follows_is_told_once(
    session: Session, client: FlaskClient, lead: Actor, published: Round
) -> None:
    drafting, follower = a_provider_person(), a_provider_person()
    a_draft(published, drafting, lot_ids(published))
    follow(round_id=published.id, by=follower)
    sign_in(client, lead.email)
    address = f"/frameworks/{published.framework_id}/edit"
    sent = typed_in(client.get(address).text) | {
        "ends_on-year": "2034",
        "reason": "Two more years were agreed.",
    }
    assert [client.post(address, data=sent).status_code for _ in range(2)] == [303, 303]
    letters = session.execute(
        select(Letter.to_address, Letter.body).where(Letter.title.startswith("The term of"))
    ).all()
    assert sorted(letter.to_address for letter in letters) == sorted([drafting.email, follower.email])
    assert all("is now 1 June 2026 to 31 May 2034" in letter.body for letter in letters)


def test_a_page_drawn_before_the_publication_changes_no_rule(client: FlaskClient, lead: Actor) -> None:
    framework = a_framework(lead=lead)
    sign_in(client, lead.email)
    address = f"/frameworks/{framework.id}/edit"
    drawn = typed_in(client.get(address).text)
    published = a_published_round(lead=lead, framework=framework)
    told = client.get(address).text
    assert "What stands for now" in told and 'name="needs_certificate"' not in told
    answer = client.post(address, data=drawn | {"needs_certificate": "y", "reason": "Safer."})
    assert answer.status_code == 422
    assert f"Round {published.number} is published under this" in answer.text

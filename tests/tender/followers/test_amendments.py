"""Who is told of a new version of the questions, what they are told, and that nobody is told twice."""

from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.mail.models import Letter
from portal.web.filters import uk_datetime
from tender.followers.models import RoundFollower
from tender.followers.services import follow, unfollow
from tender.frameworks.models import Round
from tender.packs.amendment_services import add_question, withdraw_question
from tests.factories.accounts import a_person, a_provider_person
from tests.factories.applications import a_complete_draft, a_draft, a_submitted_application
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_framework, a_procurement_lead, a_published_round, lot_ids
from tests.factories.packs import REASON, a_new_question, publish, reword


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def published(lead: Actor) -> Round:
    return a_published_round(lead=lead)


def told(session: Session, *people: Actor) -> dict[str, str]:
    """The body of each person's letter about changed questions."""
    letters = session.execute(
        select(Letter.to_address, Letter.body).where(Letter.title.contains("has changed"))
    ).all()
    assert set(Counter(address for address, _ in letters).values()) <= {1}
    bodies = {address: body for address, body in letters}
    return {person.email: bodies.get(person.email, "") for person in people}


def test_everyone_is_told_once_and_those_who_answered_what_it_means(
    session: Session, lead: Actor, published: Round
) -> None:
    answered, empty, follower = a_provider_person(), a_provider_person(), a_provider_person()
    application_id = a_complete_draft(published, answered, lot_ids(published)[:1])
    a_draft(published, empty, lot_ids(published)[:1])
    follow(round_id=published.id, by=answered)
    follow(round_id=published.id, by=follower)
    reword(published, "ico_number", by=lead)
    bodies = told(session, answered, empty, follower)
    assert all(REASON in body for body in bodies.values())
    place = f"{PORTAL_URL}/applications/{application_id}/questions/ico_number"
    assert [place in body for body in bodies.values()] == [True, False, False]
    assert all(f"{PORTAL_URL}/opportunities/{published.id}/versions/2" in body for body in bodies.values())
    assert all(uk_datetime(published.closes_at) in body for body in bodies.values())


def test_everybody_who_works_on_the_application_is_told(
    session: Session, lead: Actor, published: Round
) -> None:
    first = a_provider_person()
    a_complete_draft(published, first, lot_ids(published)[:1])
    editor = a_person(session.get_one(Organisation, first.organisation_id), "editor")
    reword(published, "ico_number", by=lead)
    assert all("/questions/ico_number" in body for body in told(session, first, editor).values())


def test_a_submitted_application_stays_and_may_be_withdrawn_and_answered_anew(
    session: Session, lead: Actor, published: Round
) -> None:
    provider = a_provider_person()
    a_submitted_application(published, lot_ids(published)[:1], provider)
    reword(published, "ico_number", by=lead)
    body = told(session, provider)[provider.email]
    assert "Your application is submitted, and stays so as it is." in body


def test_an_answer_for_a_lot_is_named_with_the_lot(session: Session, lead: Actor, published: Round) -> None:
    provider, (lot, _) = a_provider_person(), lot_ids(published)
    application_id = a_complete_draft(published, provider, [lot])
    reword(published, "curriculum", by=lead)
    assert (
        f"/applications/{application_id}/lots/{lot}/questions/curriculum"
        in told(session, provider)[provider.email]
    )


@pytest.mark.parametrize(
    ("required", "applied", "concerned"), [(True, 1, True), (True, 0, False), (False, 1, False)]
)
def test_a_new_question_concerns_those_who_must_answer_it_for_their_lots(
    session: Session, lead: Actor, published: Round, required: bool, applied: int, concerned: bool
) -> None:
    provider, lots = a_provider_person(), lot_ids(published)
    a_draft(published, provider, [lots[applied]])
    asked = a_new_question(published, lead, required=required, per_lot=True, lots=(lots[1],))
    add_question(by=lead, round_id=published.id, asked=asked)
    publish(published, lead)
    body = told(session, provider)[provider.email]
    assert ("This concerns your application" in body) is concerned
    assert (f"/lots/{lots[1]}/questions/first_aid" in body) is concerned


def test_a_withdrawn_question_is_named_to_those_who_answered_it(
    session: Session, lead: Actor, published: Round
) -> None:
    provider = a_provider_person()
    a_complete_draft(published, provider, lot_ids(published)[:1])
    withdraw_question(by=lead, round_id=published.id, code="ico_number")
    publish(published, lead)
    body = told(session, provider)[provider.email]
    assert "it is no longer asked" in body and "/questions/ico_number" not in body


def test_each_version_is_an_event_of_its_own(session: Session, lead: Actor, published: Round) -> None:
    follower = a_provider_person()
    follow(round_id=published.id, by=follower)
    reword(published, "urn", by=lead)
    reword(published, "places", "How many?", by=lead)
    written = select(Letter.body).where(
        Letter.to_address == follower.email, Letter.title.contains("has changed")
    )
    assert len(session.scalars(written).all()) == 2


def test_whoever_stops_following_stops_for_themselves_alone(session: Session, published: Round) -> None:
    one, other = a_provider_person(), a_provider_person()
    follow(round_id=published.id, by=one)
    unfollow(round_id=published.id, by=other)
    assert session.scalars(select(RoundFollower.person_id)).all() == [one.person_id]


@pytest.mark.parametrize("asks", [True, False])
def test_a_letter_speaks_of_certificates_only_in_a_round_that_asks_for_them(
    session: Session, lead: Actor, asks: bool
) -> None:
    framework = a_framework(1, lead, needs_certificate=asks)
    published = a_published_round(lead=lead, framework=framework)
    drafting, follower = a_provider_person(), a_provider_person()
    a_complete_draft(published, drafting, lot_ids(published)[:1])
    follow(round_id=published.id, by=follower)
    reword(published, "ico_number", by=lead)
    bodies = told(session, drafting, follower).values()
    assert ["certified again" in body for body in bodies] == [asks, asks]

"""The tender box is opened by two people, and a round that is given more time closes later."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal import clock
from portal.accounts.models import Organisation
from portal.database import db
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused
from tender.frameworks import queries
from tender.frameworks.opening_services import confirm_opening, extend_round, open_box
from tender.frameworks.refusals import StillShut
from tests.factories.accounts import a_person, a_provider_person
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    an_opened_round,
)
from tests.web_client import sign_in

LATER = "The portal did not answer between 10am and noon."


def words_of(answer):  # type: ignore[no-untyped-def]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def colleague(lead, *roles):  # type: ignore[no-untyped-def]
    return a_person(db.session.get_one(Organisation, lead.organisation_id), *roles)


@pytest.fixture
def lead(session):
    return a_procurement_lead()


@pytest.fixture
def approver(lead):
    return colleague(lead, "approver")


@pytest.fixture
def closed(lead):
    """A closed round of a framework whose boxes two people open."""
    return a_closed_round(1, lead, a_framework(1, lead, opened_by_two=True))


@pytest.fixture
def begun(closed, lead):
    """The opening that the lead has begun; its id."""
    open_box(by=lead, round_id=closed.id)
    return queries.openings_of(closed.id)[0]["id"]


def state_of(round):  # type: ignore[no-untyped-def]
    return queries.published_round(round.id).state


def test_two_people_open_a_box_and_the_log_names_both(closed, lead, approver, begun):
    open_box(by=lead, round_id=closed.id)
    assert state_of(closed) == "published"
    confirm_opening(by=approver, round_id=closed.id, opening_id=begun)
    assert state_of(closed) == "opened"
    (line,) = queries.openings_of(closed.id)
    assert (line["begun_by"], line["confirmed_by"]) == (lead.name, approver.name)
    with pytest.raises(MoveRefused):
        confirm_opening(by=approver, round_id=closed.id, opening_id=begun)


def test_nobody_confirms_their_own_opening(closed, lead, begun):
    with pytest.raises(Refusal, match="somebody else"):
        confirm_opening(by=lead, round_id=closed.id, opening_id=begun)
    assert state_of(closed) == "published"


def test_another_lead_who_begins_too_does_not_open(closed, lead, begun):
    open_box(by=colleague(lead, "procurement_lead"), round_id=closed.id)
    assert state_of(closed) == "published" and len(queries.openings_of(closed.id)) == 1


def test_half_an_hour_later_it_has_to_be_begun_again(closed, lead, approver, begun):
    with clock.staged_at(clock.now() + timedelta(minutes=31)):
        with pytest.raises(Refusal, match="half an hour"):
            confirm_opening(by=approver, round_id=closed.id, opening_id=begun)
        open_box(by=lead, round_id=closed.id)
        newest = queries.openings_of(closed.id)[0]["id"]
        confirm_opening(by=approver, round_id=closed.id, opening_id=newest)
    assert newest != begun and state_of(closed) == "opened"


@pytest.mark.parametrize("role", ["auditor", "evaluator", "moderator", "administrator"])
def test_other_roles_do_not_confirm(closed, lead, begun, role):
    with pytest.raises(NotFound):
        confirm_opening(by=colleague(lead, role), round_id=closed.id, opening_id=begun)


def test_another_councils_approver_does_not_confirm(closed, begun):
    with pytest.raises(NotFound):
        confirm_opening(by=colleague(a_procurement_lead(), "approver"), round_id=closed.id, opening_id=begun)


def test_the_approver_finds_it_at_home_and_confirms_by_the_page(client, app, closed, lead, approver, begun):
    own = words_of(sign_in(app.test_client(), lead.email).get(f"/rounds/{closed.id}"))
    assert "A second person has to confirm" in own and "Confirm the opening" not in own
    sign_in(client, approver.email)
    assert f"{lead.name} has begun to open the tender box" in words_of(client.get("/"))
    page = client.get(f"/rounds/{closed.id}")
    assert lead.name in words_of(page)
    action = re.search(r'action="([^"]+/confirm)"', page.get_data(as_text=True))[1]
    assert client.post(action).status_code == 303 and client.post(action).status_code == 303
    assert state_of(closed) == "opened" and approver.name in words_of(client.get(f"/rounds/{closed.id}"))


@pytest.mark.parametrize(
    "change",
    [
        "confirmed_by_id = begun_by_id, confirmed_at = begun_at",
        "confirmed_by_id = {other}, confirmed_at = begun_at + interval '30 minutes'",
        "begun_by_id = {other}",
    ],
)
def test_the_database_wants_two_people_within_half_an_hour(session, closed, approver, begun, change):
    statement = f"UPDATE box_opening SET {change.format(other=approver.person_id)} WHERE id = {begun}"
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(statement))


def test_a_round_closes_later_for_everyone_and_says_so(client, lead):
    published = a_published_round(1, lead)
    until = published.closes_at + timedelta(hours=5)
    extend_round(by=lead, round_id=published.id, closes_at=until, reason=LATER)
    facts = queries.published_round(published.id)
    assert (facts.closes_at, facts.published_closes_at) == (until, published.closes_at)
    page = words_of(client.get(f"/opportunities/{published.id}"))
    assert LATER in page and "First published closing time" in page
    with clock.staged_at(published.closes_at + timedelta(hours=1)):
        assert queries.published_round(published.id).phase == "open"
        assert [each.id for each in queries.open_rounds()] == [published.id]
        with pytest.raises(StillShut):
            open_box(by=lead, round_id=published.id)
    with clock.staged_at(until):
        assert open_box(by=lead, round_id=published.id).state == "opened"


def test_a_closed_round_opens_again_until_its_box_is_opened(lead):
    closed = a_closed_round(1, lead)
    until = clock.now() + timedelta(hours=2)
    first = extend_round(by=lead, round_id=closed.id, closes_at=until, reason=LATER)
    assert queries.published_round(closed.id).phase == "open"
    assert extend_round(by=lead, round_id=closed.id, closes_at=until, reason=LATER).id == first.id
    assert len(queries.extensions_of(closed.id)) == 1


def test_a_draft_and_an_opened_round_are_given_no_more_time(lead):
    for round in (a_draft_round(1, lead), an_opened_round(1, lead)):
        with pytest.raises(Conflict, match="tender box is shut"):
            extend_round(by=lead, round_id=round.id, closes_at=clock.now() + timedelta(days=90), reason=LATER)


@pytest.mark.parametrize(
    ("hours", "reason", "field"), [(-1, LATER, "closes_at"), (1, LATER, "closes_at"), (900, " ", "reason")]
)
def test_more_time_without_sense_is_refused(lead, hours, reason, field):
    published = a_published_round(1, lead)
    until = clock.now() + timedelta(hours=hours)
    with pytest.raises(Refusal) as refused:
        extend_round(by=lead, round_id=published.id, closes_at=until, reason=reason)
    assert refused.value.field == field


def test_another_councils_lead_gives_no_time(session):
    with pytest.raises(NotFound):
        extend_round(
            by=a_procurement_lead(),
            round_id=a_published_round(1).id,
            closes_at=clock.now() + timedelta(days=90),
            reason=LATER,
        )


@pytest.mark.parametrize("change", ["UPDATE extension SET reason = 'x'", "DELETE FROM extension"])
def test_the_database_keeps_extensions(session, lead, change):
    published = a_published_round(1, lead)
    extend_round(
        by=lead, round_id=published.id, closes_at=published.closes_at + timedelta(hours=1), reason=LATER
    )
    with pytest.raises(DBAPIError, match="its rows are a record"), session.begin_nested():
        session.execute(text(change))


def test_the_database_keeps_an_extended_box_shut_and_an_open_box_from_extensions(session, lead):
    closed, opened = a_closed_round(1, lead), an_opened_round(1, lead)
    extend_round(by=lead, round_id=closed.id, closes_at=clock.now() + timedelta(hours=2), reason=LATER)
    with pytest.raises(IntegrityError, match="given more time"), session.begin_nested():
        session.execute(text(f"UPDATE round SET state = 'opened', opened_at = now() WHERE id = {closed.id}"))
    late = (
        "INSERT INTO extension (round_id, closes_at, for_everyone, reason, extended_at, extended_by_id) "
        f"VALUES ({opened.id}, now() + interval '9 days', true, 'x', now(), {lead.person_id})"
    )
    with pytest.raises(IntegrityError, match="cannot close at"), session.begin_nested():
        session.execute(text(late))


def test_providers_never_reach_the_opening(client, closed, begun):
    sign_in(client, a_provider_person().email)
    assert client.post(f"/rounds/{closed.id}/openings/{begun}/confirm").status_code == 403

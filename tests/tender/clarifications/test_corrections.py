"""What is published is corrected beside itself, the council speaks unasked, no question vanishes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.models import AuditLine
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tender.clarifications import corrections, queries, services
from tender.clarifications.models import Clarification
from tender.clarifications.services import NamesSomebody
from tender.followers.services import follow
from tender.frameworks.models import Round
from tender.frameworks.opening_services import open_box
from tender.packs.refusals import ChangedMeanwhile
from tests.factories.accounts import a_council, a_provider_person
from tests.factories.applications import a_draft
from tests.factories.clarifications import PORTAL_URL, a_private_question, a_published_question, a_question
from tests.factories.frameworks import a_procurement_lead
from tests.tender.frameworks.test_pages import text_of, typed_in
from tests.web_client import sign_in

OTHER = {
    "text": "Is lunch part of the price?",
    "answer": "Yes, after all.",
    "reason": "We misread the contract.",
}


def corrected(clarification_id: int, lead: Actor, seen: int = 1, **words: Any) -> int:
    return corrections.correct(
        clarification_id=clarification_id, seen=seen, portal_url=PORTAL_URL, by=lead, **{**OTHER, **words}
    )


def said_unasked(of: Round, lead: Actor, **words: Any) -> int:
    told = {"text": "Parking at the sites", "answer": "There is none.", **words}
    return corrections.publish_own(round_id=of.id, portal_url=PORTAL_URL, by=lead, **told)


def titles(session: Session, person: Actor) -> list[str]:
    return list(session.scalars(select(Letter.title).where(Letter.to_address == person.email)))


def trail(session: Session, action: str) -> dict[str, Any]:
    return session.scalars(select(AuditLine).where(AuditLine.action == action)).one().details


# ------------------------------------------------------------------ corrections


def test_a_correction_counts_and_what_was_said_before_stays_beside_it(taking: Round, lead: Actor) -> None:
    asked = a_published_question(taking, lead)
    assert corrected(asked, lead) == 1
    corrected(asked, lead, seen=2, answer="Yes, with a drink.")
    (answer,) = queries.published_answers(taking.id)
    assert [(each.version, each.answer) for each in answer.versions] == [
        (3, "Yes, with a drink."),
        (2, "Yes, after all."),
        (1, "No. Give the price without it."),
    ]


def test_everyone_is_told_of_a_correction_once(
    session: Session, taking: Round, lead: Actor, asker: Actor
) -> None:
    drafting, following = a_provider_person(), a_provider_person()
    a_draft(taking, drafting)
    follow(round_id=taking.id, by=following)
    asked = a_published_question(taking, lead, asker)
    for _ in range(2):
        corrected(asked, lead)
    for person in (drafting, following, asker):
        assert sum("is corrected" in title for title in titles(session, person)) == 1
    assert trail(session, "clarification.correct")["reason"] == OTHER["reason"]


def test_two_leads_do_not_correct_over_each_other(taking: Round, lead: Actor) -> None:
    asked = a_published_question(taking, lead)
    corrected(asked, lead)
    with pytest.raises(ChangedMeanwhile):
        corrected(asked, a_procurement_lead(taking), answer="Perhaps.")


def test_a_correction_needs_its_reason_and_something_that_is_published(
    taking: Round, lead: Actor, asker: Actor
) -> None:
    with pytest.raises(Refusal) as refusal:
        corrected(a_published_question(taking, lead), lead, reason=" ")
    assert refusal.value.field == "reason"
    for asked in (a_question(taking, asker), a_private_question(taking, lead, asker)):
        with pytest.raises(Refusal, match="not published"):
            corrected(asked, lead)


def test_nothing_is_corrected_or_said_after_the_close(taking: Round, lead: Actor) -> None:
    asked = a_published_question(taking, lead)
    with clock.staged_at(taking.closes_at):
        for speak in (lambda: corrected(asked, lead), lambda: said_unasked(taking, lead)):
            with pytest.raises(Refusal, match="give more time first"):
                speak()


def test_only_the_councils_own_lead_corrects_or_speaks(taking: Round, lead: Actor, asker: Actor) -> None:
    asked = a_published_question(taking, lead)
    for somebody in (a_procurement_lead(a_council("Elsewhere Council")), asker):
        with pytest.raises(NotFound):
            corrected(asked, somebody)
        with pytest.raises(NotFound):
            said_unasked(taking, somebody)


@pytest.mark.parametrize("change", ["UPDATE clarification_correction SET answer = ''",
                                    "DELETE FROM clarification_correction"])  # fmt: skip
def test_the_database_keeps_every_version(session: Session, taking: Round, lead: Actor, change: str) -> None:
    corrected(a_published_question(taking, lead), lead)
    with pytest.raises(ProgrammingError, match="its rows are a record"), session.begin_nested():
        session.execute(text(change))


def test_the_database_takes_corrections_of_what_is_published_only(
    session: Session, taking: Round, lead: Actor
) -> None:
    asked = a_question(taking)
    with pytest.raises(IntegrityError, match="is waiting"), session.begin_nested():
        session.execute(
            text("INSERT INTO clarification_correction VALUES (:asked, 2, 'T', 'A', 'R', now(), :lead)"),
            {"asked": asked, "lead": lead.person_id},
        )


# ------------------------------------------------------------------ the council's own


def test_the_council_says_something_unasked_once_and_everyone_is_told(
    session: Session, taking: Round, lead: Actor
) -> None:
    following = a_provider_person()
    follow(round_id=taking.id, by=following)
    a_published_question(taking, lead)
    assert [said_unasked(taking, lead) for _ in range(2)] == [2, 2]
    assert sum("clarifies something" in title for title in titles(session, following)) == 1
    newest = queries.published_answers(taking.id)[0]
    assert (newest.own, newest.number, newest.versions[0].answer) == (True, 2, "There is none.")


def test_what_the_council_said_unasked_is_corrected_like_the_rest(
    session: Session, taking: Round, lead: Actor
) -> None:
    said_unasked(taking, lead)
    own = session.scalars(select(Clarification.id)).one()
    assert corrected(own, lead) == 1


# ------------------------------------------------------------------ names


@pytest.fixture
def bridge(session: Session) -> Actor:
    return a_provider_person("Bridge")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Is the bridge open?", True),
        ("May Bridge apply?", True),
        ("Is it near Cambridge?", False),
        ("Are bridges crossed?", False),
        ("What is Bridgewater?", False),
    ],
)
@pytest.mark.usefixtures("bridge")
def test_a_name_counts_where_it_stands_as_whole_words(
    taking: Round, lead: Actor, words: str, names: bool
) -> None:
    if names:
        with pytest.raises(NamesSomebody, match="“Bridge”"):
            said_unasked(taking, lead, text=words)
    else:
        assert said_unasked(taking, lead, text=words) == 1


@pytest.mark.usefixtures("bridge")
def test_that_a_name_is_an_ordinary_word_is_said_and_kept_in_the_trail(
    session: Session, taking: Round, lead: Actor, client: FlaskClient
) -> None:
    asked = a_question(taking)
    sign_in(client, lead.email)
    address = f"/clarifications/{asked}"
    page = client.get(address).get_data(as_text=True)
    assert 'name="names_nobody"' not in page
    fields = {"text": "Is the bridge open?", "answer": "It is.", "how": "publish", "reason": ""}
    refused = client.post(address, data=fields)
    assert refused.status_code == 422 and 'name="names_nobody"' in refused.get_data(as_text=True)
    assert client.post(address, data=fields | {"names_nobody": "y"}).status_code == 303
    assert trail(session, "clarification.publish")["read_like_names"] == ["Bridge"]


def test_a_tick_that_was_not_needed_leaves_no_line(session: Session, taking: Round, lead: Actor) -> None:
    said_unasked(taking, lead, names_nobody=True)
    assert "read_like_names" not in trail(session, "clarification.publish")


# ------------------------------------------------------------------ unanswered at the close


@pytest.fixture
def late(taking: Round, asker: Actor) -> Iterator[int]:
    """A question that nobody answered before the close, which has passed."""
    asked = a_question(taking, asker)
    with clock.staged_at(taking.closes_at + timedelta(hours=1)):
        yield asked


def leave(asked: int, lead: Actor, reason: str = "It came when the office was flooded.") -> None:
    services.leave(clarification_id=asked, reason=reason, portal_url=PORTAL_URL, by=lead)


def test_what_was_not_answered_waits_for_the_lead_on_both_sides_of_the_opening(
    taking: Round, lead: Actor, late: int
) -> None:
    sentence = "1 question was not answered before the close"
    assert queries.waiting_for(lead).now[0].sentence.startswith(sentence)
    open_box(by=lead, round_id=taking.id)
    assert queries.waiting_for(lead).now[0].sentence.startswith(sentence)
    leave(late, lead)
    assert queries.waiting_for(lead).now == ()


def test_the_asker_alone_is_told_why_nobody_answered(
    session: Session, taking: Round, lead: Actor, asker: Actor, late: int
) -> None:
    other = a_provider_person()
    a_draft(taking, other)
    leave(late, lead)
    assert any("was not answered" in title for title in titles(session, asker))
    assert not any("was not answered" in title for title in titles(session, other))
    assert queries.own_questions(asker, taking.id)[0]["left_reason"].endswith("flooded.")
    assert [line.state for line in queries.waiting_for(asker).going_on] == ["not answered"]


def test_a_question_is_left_once_with_a_reason_and_only_after_the_close(
    taking: Round, lead: Actor, asker: Actor, late: int
) -> None:
    with pytest.raises(Refusal) as refusal:
        leave(late, lead, " ")
    assert refusal.value.field == "reason"
    with (
        clock.staged_at(taking.closes_at - timedelta(hours=1)),
        pytest.raises(Refusal, match="has not closed"),
    ):
        leave(late, lead)
    leave(late, lead)
    with pytest.raises(MoveRefused):
        leave(late, lead)


def test_nobody_is_answered_in_public_once_the_box_is_open(taking: Round, lead: Actor, late: int) -> None:
    open_box(by=lead, round_id=taking.id)
    with pytest.raises(Refusal, match="tender box is open"):
        services.publish(clarification_id=late, text="T?", answer="A.", portal_url=PORTAL_URL, by=lead)


# ------------------------------------------------------------------ pages


def test_the_lead_corrects_on_the_page_and_everyone_reads_both(
    client: FlaskClient, taking: Round, lead: Actor
) -> None:
    asked = a_published_question(taking, lead)
    sign_in(client, lead.email)
    address = f"/clarifications/{asked}/correct"
    fields = typed_in(client.get(address).get_data(as_text=True))
    assert fields["answer"] == "No. Give the price without it."
    assert client.post(address, data=fields | {"answer": "Yes, after all."}).status_code == 422
    sent = client.post(address, data=fields | OTHER)
    assert sent.location == f"/rounds/{taking.id}/questions"
    page = text_of(client.get(f"/opportunities/{taking.id}"))
    assert "Question 1, corrected" in page and "We misread the contract." in page
    assert page.index("Yes, after all.") < page.index("No. Give the price without it.")


def test_the_lead_speaks_unasked_on_the_page(client: FlaskClient, taking: Round, lead: Actor) -> None:
    sign_in(client, lead.email)
    assert f"/rounds/{taking.id}/questions/own" in client.get(f"/rounds/{taking.id}/questions").text
    words = {"text": "Parking", "answer": "There is none."}
    assert client.post(f"/rounds/{taking.id}/questions/own", data=words).status_code == 303
    assert "Clarification 1" in text_of(client.get(f"/opportunities/{taking.id}"))
    assert "the council’s own" in text_of(client.get(f"/rounds/{taking.id}/questions"))


def test_both_sides_read_what_became_of_a_question_that_nobody_answered(
    app: Flask, client: FlaskClient, taking: Round, lead: Actor, asker: Actor, late: int
) -> None:
    theirs = sign_in(app.test_client(), asker.email)
    own = f"/opportunities/{taking.id}/questions"
    assert "tells you here and by letter what becomes of it" in text_of(theirs.get(own))
    sign_in(client, lead.email)
    assert "Unanswered at the close" in text_of(client.get(f"/rounds/{taking.id}/questions"))
    assert "give everybody more time" in text_of(client.get(f"/clarifications/{late}"))
    assert client.post(f"/clarifications/{late}/leave", data={"reason": ""}).status_code == 422
    assert client.post(f"/clarifications/{late}/leave", data={"reason": "Flooded."}).status_code == 303
    assert "it said why: Flooded." in text_of(theirs.get(own))

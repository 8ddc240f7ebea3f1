"""Asking, withdrawing and answering: what is refused, who is told, and what nobody is told."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.audit.models import AuditLine
from portal.database import db
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tender.clarifications import queries, services
from tender.clarifications.models import Clarification
from tender.clarifications.queries import MOST_OPEN
from tender.clarifications.services import NotNow, TooManyOpen
from tender.followers.services import follow, unfollow
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.applications import a_draft, a_submitted_application
from tests.factories.clarifications import (
    PORTAL_URL,
    a_private_question,
    a_published_question,
    a_question,
)
from tests.factories.frameworks import (
    a_draft_round,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)


def letters_to(address: str) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.to_address == address).order_by(Letter.id)))


def row(clarification_id: int) -> Clarification:
    return db.session.get_one(Clarification, clarification_id, populate_existing=True)


def answered(clarification_id, lead, **said):  # type: ignore[no-untyped-def]
    words = {"text": "May one?", "answer": "Yes.", "portal_url": PORTAL_URL, **said}
    return services.publish(clarification_id=clarification_id, by=lead, **words)


def test_the_same_question_twice_is_asked_once(taking, asker):
    first = a_question(taking, asker)
    assert a_question(taking, asker, "  Does the price include lunch?\n") == first
    assert a_question(taking, asker, "And the bus?") != first


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=1)])
def test_a_question_at_or_after_the_last_moment_is_refused(taking, asker, late):
    with clock.staged_at(taking.questions_until - timedelta(microseconds=1)):
        a_question(taking, asker)
    with clock.staged_at(taking.questions_until + late), pytest.raises(NotNow, match="could be asked until"):
        a_question(taking, asker, "Another?")


def test_a_round_without_dates_for_questions_takes_none(session, asker):
    with pytest.raises(NotNow, match="takes no questions"):
        a_question(a_published_round(1), asker)


def test_a_draft_round_is_not_found_by_whoever_asks(session, asker):
    with pytest.raises(NotFound):
        a_question(a_draft_round(1, questions_until=clock.now() + timedelta(days=3)), asker)


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 3_001])
def test_an_empty_or_endless_question_is_refused(taking, asker, words):
    with pytest.raises(Refusal) as refused:
        a_question(taking, asker, words)
    assert refused.value.field == "text"


def test_only_people_of_providers_ask(taking, lead):
    for somebody in (lead, a_school_person()):
        with pytest.raises(Refusal, match="Only providers"):
            a_question(taking, somebody)


def test_an_organisation_has_so_many_open_questions_and_no_more(taking, asker):
    colleague = a_person(_organisation(asker), "editor")
    asked = [a_question(taking, asker, f"Question {n}?") for n in range(MOST_OPEN)]
    with pytest.raises(TooManyOpen):
        a_question(taking, colleague, "One more?")
    a_question(taking, a_provider_person(), "Somebody else's?")
    services.withdraw(clarification_id=asked[0], by=colleague)
    a_question(taking, colleague, "One more?")


def test_only_its_own_organisation_withdraws_a_question_and_once(taking, asker, lead):
    asked = a_question(taking, asker)
    for other in (a_provider_person(), lead):
        with pytest.raises(NotFound):
            services.withdraw(clarification_id=asked, by=other)
    for _ in range(2):
        services.withdraw(clarification_id=asked, by=asker)
    assert row(asked).state == "withdrawn"


def test_a_question_that_is_answered_is_not_withdrawn(taking, asker, lead):
    asked = a_published_question(taking, lead, asker)
    with pytest.raises(MoveRefused):
        services.withdraw(clarification_id=asked, by=asker)


def test_a_published_answer_is_numbered_and_told_to_everyone_once(taking, asker, lead):
    drafting, sent, following, stranger = (a_provider_person() for _ in range(4))
    a_draft(taking, drafting)
    a_submitted_application(taking, lot_ids(taking), sent)
    follow(round_id=taking.id, by=following)
    asked = a_question(taking, asker)
    assert answered(asked, lead) == 1
    for person in (asker, drafting, sent, following):
        told = [letter for letter in letters_to(person.email) if "is answered" in letter.title]
        assert len(told) == 1 and "Yes." in told[0].body, person.name
    assert letters_to(stranger.email) == []
    assert answered(a_question(taking, drafting, "And?"), lead) == 2


def test_whoever_stops_following_is_not_told(taking, lead):
    gone = a_provider_person()
    follow(round_id=taking.id, by=gone)
    unfollow(round_id=taking.id, by=gone)
    a_published_question(taking, lead)
    assert letters_to(gone.email) == []


def test_a_second_answer_is_refused_and_nobody_is_told_again(taking, asker, lead):
    asked = a_published_question(taking, lead, asker)
    before = db.session.scalar(select(func.count()).select_from(Letter))
    with pytest.raises(MoveRefused):
        answered(asked, lead)
    with pytest.raises(MoveRefused):
        services.answer_privately(
            clarification_id=asked, answer="No.", reason="Secret.", portal_url=PORTAL_URL, by=lead
        )
    assert db.session.scalar(select(func.count()).select_from(Letter)) == before
    assert row(asked).answer == "No. Give the price without it."


def test_a_private_answer_is_told_to_its_asker_alone_and_not_in_the_letter(taking, asker, lead):
    other = a_provider_person()
    a_draft(taking, other)
    asked = a_private_question(taking, lead, asker)
    (letter,) = letters_to(asker.email)
    assert "Sign in to read" in letter.body and row(asked).answer not in letter.body
    assert letters_to(other.email) == [] and queries.published_answers(taking.id) == []
    assert [each["answer"] for each in queries.own_questions(asker, taking.id)] == [row(asked).answer]
    assert queries.own_questions(other, taking.id) == []


def test_a_private_answer_needs_a_reason(taking, asker, lead):
    with pytest.raises(Refusal) as refused:
        services.answer_privately(
            clarification_id=a_question(taking, asker), answer="No.", reason=" ", portal_url="", by=lead
        )
    assert refused.value.field == "reason"


@pytest.mark.parametrize("field", ["text", "answer"])
def test_what_names_a_provider_whichever_is_not_published(taking, asker, lead, field):
    another = a_provider_person("Copperbeech Studio")
    asked = a_question(taking, asker)
    for name in (asker.organisation_name, another.organisation_name.upper()):
        with pytest.raises(Refusal, match="the name of a provider") as refused:
            answered(asked, lead, **{field: f"As {name} asks."})
        assert refused.value.field == field


def test_another_councils_lead_and_other_roles_cannot_answer(taking, asker, lead):
    asked = a_question(taking, asker)
    colleague = a_person(_organisation(lead), "evaluator")
    for somebody in (a_procurement_lead(a_council("Elsewhere Council")), colleague, asker):
        with pytest.raises(NotFound):
            answered(asked, somebody)
        with pytest.raises(NotFound):
            queries.question_for(somebody, asked)


def test_no_trail_and_no_letter_says_who_asked(taking, asker, lead):
    a_draft(taking, a_provider_person())
    withdrawn = a_question(taking, asker, "Never mind?")
    services.withdraw(clarification_id=withdrawn, by=asker)
    a_published_question(taking, lead, asker)
    a_private_question(taking, lead, asker)
    db.session.flush()
    lines = db.session.scalars(select(AuditLine).where(AuditLine.subject_type == "clarification")).all()
    assert {line.action for line in lines} >= {"clarification.ask", "clarification.withdraw"}
    for line in lines:
        assert line.actor_id != asker.person_id and asker.name not in (line.actor_name, str(line.details))
    others = db.session.scalars(select(Letter).where(Letter.to_address != asker.email)).all()
    assert others
    for letter in others:
        assert asker.name not in letter.body and asker.organisation_name not in letter.body


def test_the_lead_is_told_who_asked_only_once_the_box_is_opened(taking, asker, lead):
    from tender.frameworks.opening_services import open_box

    asked = a_question(taking, asker)
    assert queries.question_for(lead, asked).asker == ""
    with clock.staged_at(taking.closes_at):
        open_box(by=lead, round_id=taking.id)
        assert asker.organisation_name in queries.question_for(lead, asked).asker


@pytest.mark.parametrize(
    "change", ["text = 'Other?'", "answer = 'Other.'", "organisation_id = organisation_id + 1", None]
)
def test_the_database_keeps_a_question_as_asked_and_answered(session, taking, lead, change):
    asked = a_published_question(taking, lead)
    statement = f"UPDATE clarification SET {change}" if change else "DELETE FROM clarification"
    with pytest.raises(IntegrityError, match="kept as it was"), session.begin_nested():
        session.execute(text(f"{statement} WHERE id = {asked}"))


def test_the_database_freezes_the_dates_for_questions_at_publication(session, taking):
    with pytest.raises(IntegrityError, match="published"), session.begin_nested():
        session.execute(text("UPDATE round SET questions_until = opens_at WHERE id = :id"), {"id": taking.id})


@pytest.mark.parametrize(
    ("until", "by", "field"),
    [(3, None, "answers_by"), (None, 4, "questions_until"), (5, 4, "answers_by"), (5, 99, "answers_by")],
)
def test_dates_for_questions_without_sense_are_refused(session, until, by, field):
    from tender.frameworks.services import edit_round

    lead = a_procurement_lead()
    draft = a_draft_round(1, lead)
    days = {None: None, **{n: clock.now() + timedelta(days=n) for n in (3, 4, 5, 99)}}
    with pytest.raises(Refusal) as refused:
        edit_round(
            by=lead,
            round_id=draft.id,
            lots={lot_ids(draft)[0]: 100},
            opens_at=draft.opens_at,
            closes_at=draft.closes_at,
            questions_until=days[until],
            answers_by=days[by],
        )
    assert refused.value.field == field


def test_home_says_what_waits_and_what_is_new(taking, asker, lead):
    a_question(taking, asker)
    a_question(taking, a_provider_person(), "And the bus?")
    (task,) = queries.waiting_for(lead).now
    assert task.sentence.startswith("2 questions wait") and task.due_at == taking.answers_by
    a_published_question(taking, lead)
    a_private_question(taking, lead, asker)
    states = [line.state for line in queries.waiting_for(asker).going_on]
    assert states == ["1 new answer", "answered privately"]
    assert queries.waiting_for(a_provider_person()).going_on == ()
    assert queries.waiting_for(a_school_person()) == queries.Waiting()


def _organisation(of):  # type: ignore[no-untyped-def]
    from portal.accounts.models import Organisation

    return db.session.get_one(Organisation, of.organisation_id)

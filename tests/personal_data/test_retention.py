"""Periods, holds, what is due, and the erasure of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evaluation.inquiries.models import Inquiry
from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation, Person
from portal.audit.models import AuditLine
from portal.commissioning.answer_services import decline_referral
from portal.commissioning.models import Referral
from portal.commissioning.services import withdraw_referral
from portal.errors import Refusal
from portal.finding.models import DeclinedNeed
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from portal.personal_data import queries, services
from portal.personal_data.kinds import KINDS
from portal.personal_data.models import RetentionPolicy
from portal.profiles.queries import connected_persons_of
from portal.profiles.services import Connection, add_connected_person
from portal.storage.bucket import bucket
from portal.storage.models import Document
from tender.applications.models import Answer, AnswerFile, Application, Receipt
from tender.frameworks.models import Framework, Question
from tender.frameworks.opening_services import open_box
from tender.frameworks.withdrawal_services import decide_withdrawal, propose_withdrawal
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.applications import a_complete_draft, a_submitted_application
from tests.factories.commissioning import PORTAL_URL, a_referral
from tests.factories.directory import a_service_and_its_person
from tests.factories.evaluation import an_opened_evaluation
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids
from tests.factories.inquiries import an_answered_inquiry
from tests.factories.outcomes import a_released_evaluation

LONG = timedelta(days=366 * 12)


def an_administrator() -> Actor:
    return a_person(a_council(), "administrator")


def later(by: timedelta = LONG):  # type: ignore[no-untyped-def]
    return clock.staged_at(clock.now() + by)


def kinds_due() -> set[str]:
    return {record.kind for record in queries.due(most=10_000)[0]}


def a_withdrawn_referral() -> Referral:
    school = a_school_person()
    referral = a_referral(a_service_and_its_person()[0], school)
    withdraw_referral(referral_id=referral.id, portal_url=PORTAL_URL, by=school)
    return referral


def due_of(referral: Referral) -> list[queries.Due]:
    return [each for each in queries.due(most=10_000)[0] if each.title == f"Referral {referral.reference}"]


def test_every_kind_has_a_period_from_the_first_day(session: Session) -> None:
    in_force = {kind: rows[0]["in_force"] for kind, rows in queries.policies().items()}
    assert in_force == dict.fromkeys(KINDS, True)


def test_a_referral_is_due_on_the_very_day_its_period_ends(session: Session) -> None:
    referral = a_withdrawn_referral()
    with later(timedelta(days=360)):
        assert due_of(referral) == []
    with later(timedelta(days=367)):
        (due,) = due_of(referral)
    assert (due.kind, due.months, due.since) == ("referral_not_placed", 12, clock.today())


def test_the_run_removes_a_referral_and_its_letters_and_keeps_that_it_did(session: Session) -> None:
    referral_id = a_withdrawn_referral().id
    about = (Letter.subject_type == "referral", Letter.subject_id == str(referral_id))
    assert session.scalar(select(func.count()).where(*about)) == 2
    with later():
        gone, failed = services.run(by=THE_PORTAL)
    assert gone >= 1 and failed == 0
    session.expire_all()
    assert session.get(Referral, referral_id) is None
    assert session.scalar(select(func.count()).where(*about)) == 0
    actions = session.scalars(select(AuditLine.action).where(AuditLine.subject_id == str(referral_id)))
    assert {"referral.send", "referral.erase", "retention.erase"} <= set(actions)


def test_a_need_that_nobody_met_goes_after_its_period_whether_or_not_its_referral_has_gone(
    session: Session,
) -> None:
    service, provider = a_service_and_its_person()
    asked = a_referral(service, a_school_person())
    decline_referral(referral_id=asked.id, reason="Full.", portal_url=PORTAL_URL, by=provider)
    assert session.get(DeclinedNeed, asked.request_id) is not None
    with later(timedelta(days=30 * 59)):
        services.run(by=THE_PORTAL)
        assert session.get(DeclinedNeed, asked.request_id) is not None
    with later(timedelta(days=31 * 61)):
        services.run(by=THE_PORTAL)
    session.expire_all()
    assert session.get(DeclinedNeed, asked.request_id) is None


@pytest.mark.parametrize("held", ["organisation", "referral"])
def test_a_hold_keeps_what_is_due_until_it_is_lifted(session: Session, held: str) -> None:
    referral, officer = a_withdrawn_referral(), an_administrator()
    named = {"organisation": str(referral.school_id), "referral": referral.reference.lower()}[held]
    hold_id = services.place_hold(subject_type=held, named=named, reason="A claim.", by=officer)
    with later():
        assert due_of(referral) == []
        services.lift_hold(hold_id=hold_id, reason="Settled.", by=officer)
        assert len(due_of(referral)) == 1
        with pytest.raises(MoveRefused):
            services.lift_hold(hold_id=hold_id, reason="Settled.", by=officer)


def test_a_hold_placed_while_the_run_goes_on_is_honoured(session: Session) -> None:
    referral, officer = a_withdrawn_referral(), an_administrator()
    with later():
        (due,) = due_of(referral)
        services.place_hold(subject_type="referral", named=referral.reference, reason="A claim.", by=officer)
        assert services._erase(due, THE_PORTAL) is False
    assert session.get(Referral, referral.id) is not None


def test_a_released_tender_loses_answers_and_documents_and_keeps_receipt_and_marks(session: Session) -> None:
    evaluation = a_released_evaluation()
    application_id = evaluation.applications[0]
    keys = session.scalars(
        select(Document.key)
        .join(AnswerFile, AnswerFile.document_id == Document.id)
        .join(Answer, Answer.id == AnswerFile.answer_id)
        .where(Answer.application_id == application_id)
    ).all()
    receipt = session.scalar(select(Receipt.sha256).where(Receipt.application_id == application_id))
    assert keys and receipt
    with later():
        assert services.run(by=THE_PORTAL) == (1, 0)
    session.expire_all()
    values = select(Answer.value, Question.kind).join(Question, Question.id == Answer.question_id)
    for value, kind in session.execute(values.where(Answer.application_id == application_id)):
        assert (value or "").startswith("Removed on " if kind in ("long_text", "short_text") else ""), kind
        assert kind in ("long_text", "short_text") or value is None
    assert all(bucket().size(key) is None for key in keys)
    assert session.scalar(select(Receipt.sha256).where(Receipt.application_id == application_id)) == receipt
    assert session.get_one(Application, application_id).erased_at is not None
    with later():
        assert kinds_due() & {"tender_admitted", "tender_not_admitted"} == set()


def test_what_a_tenderer_was_asked_goes_with_its_tender(session: Session) -> None:
    evaluation = an_opened_evaluation()
    inquiry = session.get_one(Inquiry, an_answered_inquiry(evaluation))
    services._ERASERS["application"](evaluation.applications[0], by=THE_PORTAL)
    session.expire_all()
    assert inquiry.text.startswith("Removed on ")
    assert (inquiry.answer or "").startswith("Removed on ")


def test_a_sealed_answer_cannot_be_blanked_without_the_word_for_that_very_application(
    session: Session,
) -> None:
    application_id = a_released_evaluation().applications[0]
    blank = text("UPDATE answer SET value = NULL WHERE application_id = :id")
    for word in ("", str(application_id + 1)):
        with pytest.raises(DBAPIError, match="is submitted"), session.begin_nested():
            session.execute(text("SELECT set_config('portal.erasing', :word, true)"), {"word": word})
            session.execute(blank, {"id": application_id})


def test_the_seal_is_shut_again_after_an_erasure(session: Session) -> None:
    a_released_evaluation()
    with later():
        services.run(by=THE_PORTAL)
    assert session.scalar(text("SELECT current_setting('portal.erasing', true)")) == ""


def test_a_draft_goes_as_a_whole(session: Session) -> None:
    closed = a_closed_round()
    application_id = a_complete_draft(closed, a_provider_person(), lot_ids(closed))
    with later():
        services.run(by=THE_PORTAL)
    session.expire_all()
    assert session.get(Application, application_id) is None
    assert session.scalar(select(func.count()).where(Answer.application_id == application_id)) == 0


def test_an_account_in_use_is_never_due_and_a_closed_one_loses_its_name(session: Session) -> None:
    person = a_school_person()
    with later():
        assert all(each.subject_id != person.person_id for each in queries.due(most=10_000)[0])
    session.get_one(Person, person.person_id).active = False
    session.flush()
    with later():
        services.run(by=THE_PORTAL)
    session.expire_all()
    left = session.get_one(Person, person.person_id)
    assert (left.name, left.password, left.active) == ("A former user", "", False)
    assert person.email not in left.email and left.erased_at is not None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "tender_not_admitted", "months": 35}, "from 36 to"),
        ({"months": 0}, "from 1 to"),
        ({"applies_from": date(2020, 1, 1)}, "today or later"),
        ({"source": " "}, "where the period comes from"),
    ],
)
def test_a_period_that_cannot_be_is_refused(session: Session, change: dict, sentence: str) -> None:
    wanted = {"kind": "letter", "months": 24, "applies_from": clock.today(), "source": "Our schedule"}
    with pytest.raises(Refusal, match=sentence):
        services.set_period(**wanted | change, by=an_administrator())


def test_a_new_period_counts_from_its_day_and_the_old_one_stays_on_record(session: Session) -> None:
    officer, begins = an_administrator(), clock.today() + timedelta(days=30)
    period = {"kind": "letter", "months": 12, "applies_from": begins, "source": "Our schedule", "by": officer}
    services.set_period(**period)
    assert [row["in_force"] for row in queries.policies()["letter"]] == [False, True]
    with later(timedelta(days=31)):
        assert [row["in_force"] for row in queries.policies()["letter"]] == [True, False]
        with pytest.raises(Refusal, match="begins on that day|today or later"):
            services.set_period(**period)
    with pytest.raises(Refusal, match="begins on that day"):
        services.set_period(**period)


def test_the_database_keeps_tenders_three_years_whatever_a_page_lets_through(session: Session) -> None:
    with pytest.raises(DBAPIError, match="tender_three_years"), session.begin_nested():
        session.add(
            RetentionPolicy(
                kind="tender_admitted",
                months=35,
                applies_from=date(2030, 1, 1),
                source="",
                set_at=clock.now(),
            )
        )
        session.flush()


@pytest.mark.parametrize("named", ["Nobody Known", "999999999", "٣", "' OR 1=1"])
def test_a_hold_on_what_does_not_exist_is_refused(session: Session, named: str) -> None:
    for subject_type in ("organisation", "round", "referral", "person"):
        with pytest.raises(Refusal, match="Nothing here"):
            services.place_hold(subject_type=subject_type, named=named, reason="Why", by=an_administrator())


def test_a_round_is_held_by_the_name_that_its_page_has(session: Session) -> None:
    closed = a_closed_round()
    title = session.get_one(Framework, closed.framework_id).title
    named = f"round {closed.number} of {title.upper()}"
    hold = services.place_hold(subject_type="round", named=named, reason="A claim.", by=an_administrator())
    kept = session.execute(text("SELECT subject_id FROM legal_hold WHERE id = :id"), {"id": hold})
    assert kept.scalar_one() == closed.id


def test_a_name_that_two_organisations_share_is_not_guessed(session: Session) -> None:
    officer = an_administrator()
    for _ in range(2):
        session.add(Organisation(kind="school", name="Twin School", state="checked"))
    session.flush()
    with pytest.raises(Refusal, match="Nothing here"):
        services.place_hold(subject_type="organisation", named="Twin School", reason="Why", by=officer)


def test_a_connected_person_goes_when_the_connection_is_long_over(session: Session) -> None:
    provider = a_provider_person()
    lasting = Connection("director", "Ada Invented")
    for said in (lasting, replace(lasting, name="Bea Invented", until=clock.today())):
        add_connected_person(said=said, by=provider)
    with later():
        services.run(by=THE_PORTAL)
    assert [each["name"] for each in connected_persons_of(provider.organisation_id or 0)] == ["Ada Invented"]


@pytest.mark.parametrize("opened", [False, True], ids=["withdrawn", "ended after its opening"])
def test_a_tender_of_a_round_without_an_outcome_goes_too_and_what_was_never_opened_names_nobody(
    session: Session, opened: bool
) -> None:
    lead, provider = a_procurement_lead(), a_provider_person("Lantern Yard Workshop")
    subject = a_closed_round(1, lead)
    application_id = a_submitted_application(subject, lot_ids(subject), provider)
    if opened:
        open_box(by=lead, round_id=subject.id)
    approver = a_person(session.get_one(Organisation, lead.organisation_id), "approver")
    proposal = propose_withdrawal(by=lead, round_id=subject.id, reason="No money was found.")
    told = {"withdrawal_id": proposal, "approved": True, "portal_url": PORTAL_URL}
    decide_withdrawal(by=approver, round_id=subject.id, **told)
    with later():
        (due,) = [each for each in queries.due(most=10_000)[0] if each.kind == "tender_not_admitted"]
        named = "Tender of Lantern Yard Workshop" if opened else "A tender that was never opened"
        assert due.title.startswith(named) and ("Lantern" in due.title) is opened
        services.run(by=THE_PORTAL)
    session.expire_all()
    assert session.get_one(Application, application_id).erased_at is not None

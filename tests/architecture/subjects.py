"""For every lifecycle of the house something that lives it, and somebody who may move it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session

from evaluation.assignments.lifecycle import ASSIGNMENT
from evaluation.assignments.models import Assignment
from evaluation.challenges.lifecycle import CHALLENGE
from evaluation.challenges.models import Challenge
from evaluation.inquiries.lifecycle import INQUIRY
from evaluation.inquiries.models import Inquiry
from evaluation.outcomes.lifecycle import DECISION, RELEASE
from evaluation.outcomes.models import Decision
from evaluation.outcomes.release_models import Release
from evaluation.reconsiderations.lifecycle import RECONSIDERATION
from evaluation.reconsiderations.models import Reconsideration
from evaluation.records.lifecycle import RECORD_FILE
from evaluation.records.models import RecordFile
from evaluation.summaries.lifecycle import SUMMARY
from evaluation.summaries.models import AssessmentSummary
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.lifecycle import ORGANISATION
from portal.accounts.models import Organisation
from portal.agreements.lifecycle import AGREEMENT, VERSION
from portal.agreements.models import PARTIES, AgreementSignature, AgreementVersion, PlacementAgreement
from portal.blocks.lifecycle import BLOCK
from portal.blocks.models import PlaceBlock
from portal.call_offs.lifecycle import CALL_OFF
from portal.call_offs.models import CallOff
from portal.children.models import Child
from portal.children.sealing import seal
from portal.commissioning.lifecycle import REFERRAL
from portal.commissioning.models import Referral
from portal.competitions.lifecycle import COMPETITION
from portal.competitions.models import Competition
from portal.database import transaction
from portal.directory.lifecycle import STANDING
from portal.directory.models import Service, Standing
from portal.hours.lifecycle import REGISTRATION_CASE
from portal.hours.models import RegistrationCase
from portal.lifecycle import Lifecycle, move
from portal.mail.lifecycle import LETTER
from portal.mail.models import Letter
from portal.organisations.lifecycle import INVITATION, JOIN_REQUEST
from portal.organisations.models import Invitation, JoinRequest
from portal.personal_data.lifecycle import LEGAL_HOLD
from portal.personal_data.models import LegalHold
from portal.personal_data.services import place_hold
from portal.provision.lifecycle import PROPOSAL
from portal.provision.models import Proposal
from portal.shortlists.lifecycle import SHORTLIST
from portal.shortlists.models import Shortlist
from portal.standings.lifecycle import CHANGE
from portal.standings.models import StandingChange
from tender.applications.lifecycle import APPLICATION
from tender.applications.models import Application
from tender.certificates.lifecycle import CERTIFICATE
from tender.certificates.models import Certificate
from tender.clarifications.lifecycle import CLARIFICATION
from tender.clarifications.models import Clarification
from tender.frameworks.lifecycle import ROUND
from tender.frameworks.models import Framework, Lot, Question, Round, RoundWithdrawal
from tests.factories.accounts import (
    a_council,
    a_council_administrator,
    a_person,
    a_provider_person,
    a_school_person,
    an_unchecked_organisation,
)
from tests.factories.agreements import a_draft

Maker = Callable[[Session], tuple[Any, Actor]]


@dataclass(frozen=True)
class Subject:
    """How to make one in its first state, and what a move's service sets besides the state."""

    lifecycle: Lifecycle
    make: Maker
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)


def a_round(session: Session, state: str = "draft") -> tuple[Round, Actor]:
    lead = a_person(a_council(), "procurement_lead")
    today = clock.today()
    framework = Framework(
        council_id=lead.organisation_id,
        reference="R",
        title="T",
        description="",
        buyer_name="B",
        legal_regime="PA2023",
        kind="closed",
        starts_on=today,
        ends_on=today + timedelta(days=900),
    )
    session.add(framework)
    session.flush()
    closes = clock.now() - timedelta(hours=1)
    row = Round(
        framework_id=framework.id,
        number=1,
        state=state,
        opens_at=closes - timedelta(days=9),
        closes_at=closes,
    )
    session.add(row)
    session.flush()
    return row, lead


def a_round_to_withdraw(session: Session) -> tuple[Round, Actor]:
    """A round whose withdrawal somebody else has approved, should it come to that."""
    row, lead = a_round(session)
    moments = {"proposed_at": row.opens_at, "decided_at": row.opens_at}
    people = {"proposed_by_id": a_person(a_council(), "procurement_lead").person_id}
    session.add(
        RoundWithdrawal(
            round_id=row.id, reason="R", approved=True, decided_by_id=lead.person_id, **moments, **people
        )
    )
    session.flush()
    return row, lead


def an_application(session: Session) -> tuple[Application, Actor]:
    round_, lead = a_round(session)
    with transaction():
        move(ROUND, round_, "publish", by=lead)
    provider = a_provider_person()
    row = Application(
        round_id=round_.id,
        provider_id=provider.organisation_id,
        started_by_id=provider.person_id,
        state="draft",
    )
    session.add(row)
    session.flush()
    return row, provider


def a_lot(session: Session, application: Application) -> Lot:
    framework_id = session.get_one(Round, application.round_id).framework_id
    lot = Lot(framework_id=framework_id, number="1", position=1, title="L")
    session.add(lot)
    session.flush()
    return lot


def an_assignment(session: Session) -> tuple[Assignment, Actor]:
    application, _ = an_application(session)
    evaluator = a_person(a_council(), "evaluator")
    row = Assignment(application_id=application.id, evaluator_id=evaluator.person_id, state="assigned")
    session.add(row)
    session.flush()
    return row, evaluator


def a_decision(session: Session) -> tuple[Decision, Actor]:
    application, _ = an_application(session)
    council = a_council()
    lead, approver = a_person(council, "procurement_lead"), a_person(council, "approver")
    row = Decision(
        application_id=application.id,
        lot_id=a_lot(session, application).id,
        outcome="admit",
        reason="Meets every minimum.",
        recommended_by_id=lead.person_id,
        state="recommended",
    )
    session.add(row)
    session.flush()
    return row, approver


def a_challenge(session: Session) -> tuple[Challenge, Actor]:
    round_, lead = a_round(session)
    row = Challenge(
        round_id=round_.id,
        kind="complaint",
        state="open",
        received_from="Brook Lane",
        received_on=clock.today(),
        summary="A mark.",
        answer_due_on=clock.today(),
        recorded_at=clock.now(),
        recorded_by_id=lead.person_id,
    )
    session.add(row)
    session.flush()
    return row, lead


def a_reconsideration(session: Session) -> tuple[Reconsideration, Actor]:
    decision, approver = a_decision(session)
    challenge, _ = a_challenge(session)
    row = Reconsideration(
        application_id=decision.application_id,
        lot_id=decision.lot_id,
        challenge_id=challenge.id,
        replaces_id=decision.id,
        state="proposed",
        outcome="not_admit",
        reason="A mark was wrong.",
        proposed_at=clock.now(),
        proposed_by_id=decision.recommended_by_id,
    )
    session.add(row)
    session.flush()
    return row, approver


def a_release(session: Session) -> tuple[Release, Actor]:
    round_, lead = a_round(session)
    row = Release(
        round_id=round_.id,
        state="waiting",
        window_minutes=30,
        staged_at=clock.now(),
        staged_by_id=lead.person_id,
        goes_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row, lead


def a_summary(session: Session) -> tuple[AssessmentSummary, Actor]:
    application, _ = an_application(session)
    council = a_council()
    lead, approver = a_person(council, "procurement_lead"), a_person(council, "approver")
    row = AssessmentSummary(application_id=application.id, state="draft", offered_by_id=lead.person_id)
    session.add(row)
    session.flush()
    return row, approver


def a_standing(session: Session) -> tuple[Standing, Actor]:
    application, provider = an_application(session)
    today = clock.today()
    row = Standing(
        provider_id=application.provider_id,
        lot_id=a_lot(session, application).id,
        starts_on=today,
        ends_on=today + timedelta(days=900),
        state="admitted",
    )
    session.add(row)
    session.flush()
    return row, provider


def a_proposal(session: Session) -> tuple[Proposal, Actor]:
    standing, provider = a_standing(session)
    service = Service(
        standing_id=standing.id,
        provider_id=standing.provider_id,
        title="Workshop",
        summary="Engines.",
        key_stages=["KS4"],
        needs=[],
        postcode="M1 1AE",
        registered_school=False,
    )
    session.add(service)
    session.flush()
    row = Proposal(service_id=service.id, saved_at=clock.now(), saved_by_id=provider.person_id, state="draft")
    session.add(row)
    session.flush()
    return row, provider


def a_standing_change(session: Session) -> tuple[StandingChange, Actor]:
    standing, _ = a_standing(session)
    council = a_council()
    officer, approver = a_person(council, "quality_officer"), a_person(council, "approver")
    row = StandingChange(
        standing_id=standing.id,
        step="remove",
        state="proposed",
        cause="quality",
        reason="Two visits in a row.",
        proposed_at=clock.now(),
        proposed_by_id=officer.person_id,
        representations_by=clock.today(),
    )
    session.add(row)
    session.flush()
    return row, approver


def a_registration_case(session: Session) -> tuple[RegistrationCase, Actor]:
    council = a_council()
    counts = {"day": clock.today(), "full_time": 5, "protected": 0, "hours": 18, "opened_at": clock.now()}
    row = RegistrationCase(provider_id=a_provider_person().organisation_id, council_id=council.id, **counts)
    session.add(row)
    session.flush()
    return row, a_person(council, "quality_officer")


def a_referral(session: Session) -> tuple[Referral, Actor]:
    standing, provider = a_standing(session)
    service = Service(
        standing_id=standing.id,
        provider_id=standing.provider_id,
        title="S",
        summary="",
        key_stages=[],
        needs=[],
        postcode="M1 1AE",
        registered_school=False,
    )
    session.add(service)
    session.flush()
    school = a_school_person()
    row = Referral(
        reference="R-TEST",
        token=uuid4(),
        school_id=school.organisation_id,
        service_id=service.id,
        state="sent",
        year_group=9,
        needs=["SEMH"],
        days_a_week=2,
        start_wanted_on=clock.today(),
        need_summary="x",
        strengths="y",
        sent_by_id=school.person_id,
    )
    session.add(row)
    session.flush()
    return row, provider


def a_block(session: Session) -> tuple[PlaceBlock, Actor]:
    referral, provider = a_referral(session)
    row = PlaceBlock(
        buyer_id=referral.school_id,
        provider_id=provider.organisation_id,
        service_id=referral.service_id,
        state="proposed",
        places=2,
        sessions=["mon_am"],
        starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=70),
        price=80,
        price_unit="day",
        reason="Children come every autumn.",
        proposed_at=clock.now(),
        proposed_by_id=referral.sent_by_id,
    )
    session.add(row)
    session.flush()
    return row, provider


def a_competition(session: Session) -> tuple[Competition, Actor]:
    referral, _ = a_referral(session)
    school = a_school_person()
    row = Competition(
        request_id=referral.request_id,
        school_id=school.organisation_id,
        state="running",
        days_a_week=2,
        start_wanted_on=clock.today(),
        started_at=clock.now(),
        started_by_id=school.person_id,
        closes_at=clock.now() + timedelta(hours=48),
    )
    session.add(row)
    session.flush()
    return row, school


def a_call_off(session: Session) -> tuple[CallOff, Actor]:
    referral, provider = a_referral(session)
    school = a_school_person()
    row = CallOff(
        request_id=referral.request_id,
        referral_id=referral.id,
        school_id=referral.school_id,
        provider_id=provider.organisation_id,
        service_id=referral.service_id,
        route="direct_award",
        reason="It knows the child's trade.",
        chosen_at=clock.now(),
        chosen_by_id=school.person_id,
    )
    session.add(row)
    session.flush()
    return row, school


def a_placement_agreement(session: Session) -> tuple[PlacementAgreement, Actor]:
    referral, provider = a_referral(session)
    child = Child(
        school_id=referral.school_id,
        name_sealed=seal("Jamie Invented-Example"),
        born_on_sealed=seal("2012-03-04"),
        entered_at=clock.now(),
        entered_by_id=referral.sent_by_id,
    )
    session.add(child)
    session.flush()
    choice = CallOff(
        request_id=uuid4(),
        referral_id=referral.id,
        school_id=referral.school_id,
        provider_id=provider.organisation_id,
        service_id=referral.service_id,
        child_id=child.id,
        route="direct_award",
        reason="r",
        chosen_at=clock.now(),
        chosen_by_id=referral.sent_by_id,
    )
    session.add(choice)
    session.flush()
    row = PlacementAgreement(
        reference="P-TEST",
        call_off_id=choice.id,
        school_id=referral.school_id,
        provider_id=provider.organisation_id,
        service_id=referral.service_id,
        child_id=child.id,
        made_at=clock.now(),
        made_by_id=referral.sent_by_id,
    )
    session.add(row)
    session.flush()
    return row, provider


def an_agreement_version(session: Session) -> tuple[AgreementVersion, Actor]:
    """A draft that both sign in the moment in which it is to be agreed."""
    placement = a_draft()
    row = session.query(AgreementVersion).filter_by(agreement_id=placement.id).one()

    @event.listens_for(session, "before_flush")
    def _both_sign(flushed: Session, *_: Any) -> None:
        if row.state == "agreed" and inspect(row).attrs.state.history.has_changes():
            signature = {"name": "N", "signed_as": "Head", "sha256": row.sha256, "signed_at": clock.now()}
            flushed.connection().execute(
                insert(AgreementSignature),
                [
                    {**signature, "version_id": row.id, "party": party, "signed_by_id": row.made_by_id}
                    for party in PARTIES
                ],
            )

    return row, placement.school


def a_clarification(session: Session) -> tuple[Clarification, Actor]:
    application, provider = an_application(session)
    row = Clarification(
        round_id=application.round_id,
        organisation_id=provider.organisation_id,
        asked_by_id=provider.person_id,
        asked_at=clock.now(),
        text="May we?",
        state="waiting",
    )
    session.add(row)
    session.flush()
    return row, provider


def an_inquiry(session: Session) -> tuple[Inquiry, Actor]:
    round_, lead = a_round(session)
    provider = a_provider_person()
    question = Question(
        round_id=round_.id, position=1, section="s", code="c", title="T", text="T", kind="long_text",
        required=True, per_lot=False, judged_as="information",
    )  # fmt: skip
    application = Application(
        round_id=round_.id,
        provider_id=provider.organisation_id,
        started_by_id=provider.person_id,
        state="draft",
    )
    session.add_all((question, application))
    session.flush()
    row = Inquiry(
        application_id=application.id,
        question_id=question.id,
        text="Which of the two sites do you mean?",
        asked_at=clock.now(),
        asked_by_id=lead.person_id,
        due_at=clock.now() + timedelta(days=5),
        state="asked",
    )
    session.add(row)
    session.flush()
    return row, provider


def a_certificate(session: Session) -> tuple[Certificate, Actor]:
    application, provider = an_application(session)
    row = Certificate(
        application_id=application.id,
        state="asked",
        asked_at=clock.now(),
        asked_by_id=provider.person_id,
    )
    session.add(row)
    session.flush()
    return row, provider


def a_letter(session: Session) -> tuple[Letter, Actor]:
    row = Letter(
        key="k",
        to_name="n",
        to_address="a@example.org",
        subject_type="x",
        subject_id="1",
        title="t",
        body="b",
    )
    row.state = "held"
    session.add(row)
    session.flush()
    return row, a_provider_person()


def an_invitation(session: Session) -> tuple[Invitation, Actor]:
    provider = a_provider_person()
    row = Invitation(
        organisation_id=provider.organisation_id,
        email="invited@example.org",
        roles=["editor"],
        token_hash="0" * 64,
        state="sent",
        sent_at=clock.now(),
        sent_by_id=provider.person_id,
        expires_at=clock.now() + timedelta(days=14),
    )
    session.add(row)
    session.flush()
    return row, provider


def a_join_request(session: Session) -> tuple[JoinRequest, Actor]:
    provider, stranger = a_provider_person(), a_school_person()
    row = JoinRequest(
        organisation_id=provider.organisation_id,
        person_id=stranger.person_id,
        state="asked",
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row, provider


def an_organisation_that_waits(session: Session) -> tuple[Organisation, Actor]:
    return an_unchecked_organisation(), a_council_administrator()


def a_record_file(session: Session) -> tuple[RecordFile, Actor]:
    round_, lead = a_round(session)
    row = RecordFile(
        round_id=round_.id,
        kind="ledger",
        state="waiting",
        asked_at=clock.now(),
        asked_by_id=lead.person_id,
    )
    session.add(row)
    session.flush()
    return row, lead


def a_legal_hold(session: Session) -> tuple[LegalHold, Actor]:
    by = a_council_administrator()
    held = a_provider_person()
    hold_id = place_hold(subject_type="person", named=held.email, reason="A claim.", by=by)
    return session.get_one(LegalHold, hold_id), by


def a_shortlist(session: Session) -> tuple[Shortlist, Actor]:
    school = a_school_person()
    row = Shortlist(
        token=uuid4(),
        school_id=school.organisation_id,
        label="",
        address="",
        found={"entries": []},
        sha256="0" * 64,
        frozen_at=clock.now(),
        frozen_by_id=school.person_id,
    )
    session.add(row)
    session.flush()
    return row, school


SUBJECTS = (
    Subject(LEGAL_HOLD, a_legal_hold),
    Subject(
        ORGANISATION,
        an_organisation_that_waits,
        {"refuse": {"state_reason": "No such number."}, "deactivate": {"state_reason": "It has closed."}},
    ),
    Subject(INVITATION, an_invitation),
    Subject(JOIN_REQUEST, a_join_request),
    Subject(ROUND, a_round_to_withdraw),
    Subject(APPLICATION, an_application),
    Subject(CERTIFICATE, a_certificate, {"give": {"contents_sha256": "0" * 64}}),
    Subject(
        ASSIGNMENT,
        an_assignment,
        {
            "declare_conflict": {"conflict_kind": "actual", "conflict": "My sister works there."},
            "decline": {"decline_reason": "I am away until June."},
            "ask_again": {"declared_at": None},
            "return": {"locked_at": None, "locked_by_id": None},
        },
    ),
    Subject(
        DECISION,
        a_decision,
        {
            "return": {"return_reason": "Say which minimum.", "approved_at": None, "approved_by_id": None},
            "reopen": {"return_reason": "A mark changed.", "approved_at": None, "approved_by_id": None},
        },
    ),
    Subject(CHALLENGE, a_challenge, {"answer": {"answer": "We looked again."}}),
    Subject(RECONSIDERATION, a_reconsideration, {"return": {"return_reason": "Say which mark."}}),
    Subject(
        RELEASE,
        a_release,
        {"stop": {"stopped_because": "The term has ended."}, "send": {"sent_at": clock.now()}},
    ),
    Subject(
        SUMMARY,
        a_summary,
        {
            "offer": {"approved_at": None},
            "reopen": {"approved_at": None, "approved_by_id": None},
        },
    ),
    Subject(
        STANDING,
        a_standing,
        {
            "put_on_conditions": {"on_conditions": True},
            "readmit_on_conditions": {"on_conditions": True},
            "reinstate_on_conditions": {"on_conditions": True},
            "confirm": {"on_conditions": False},
            "reinstate": {"on_conditions": False},
            "readmit": {"on_conditions": False},
        },
    ),
    Subject(CHANGE, a_standing_change),
    Subject(
        REFERRAL,
        a_referral,
        {
            "accept": {"start_on": clock.today()},
            "decline": {"decline_reason": "No place before July."},
            "take_back": {"decline_reason": "A group has closed.", "start_on": None},
        },
    ),
    Subject(SHORTLIST, a_shortlist, {"close": {"closed_by_name": "Person", "closed_sha256": "0" * 64}}),
    Subject(
        BLOCK,
        a_block,
        {
            "refuse": {"answer": "Not at this price."},
            "end": {"close_reason": "The need is gone.", "answered_at": clock.now()},
        },
    ),
    Subject(
        COMPETITION,
        a_competition,
        {
            "award": {"conclusion": "Ranked first."},
            "conclude": {"conclusion": "No answer reached the minimum."},
            "abandon": {"conclusion": "The family has moved."},
        },
    ),
    Subject(CALL_OFF, a_call_off, {"cancel": {"cancel_reason": "The family has moved."}}),
    Subject(
        CLARIFICATION,
        a_clarification,
        {
            "publish": {"number": 1, "published_text": "May one?", "answer": "Yes."},
            "answer_privately": {"answer": "Yes.", "private_reason": "It tells their price."},
            "withdraw": {"withdrawn_at": clock.now()},
            "leave": {"left_reason": "It came too late."},
        },
    ),
    Subject(
        INQUIRY,
        an_inquiry,
        {"answer": {"answer": "The first."}, "withdraw": {"withdrawn_because": "We found it in the plan."}},
    ),
    Subject(
        RECORD_FILE,
        a_record_file,
        {
            "finish": {"key": "records/1", "size": 1, "sha256": "0" * 64, "ready_at": clock.now()},
            "fail": {"failure": "The store did not answer."},
            "try_again": {"failure": ""},
            "remove": {"key": None, "failure": ""},
        },
    ),
    Subject(
        REGISTRATION_CASE,
        a_registration_case,
        {"close": {"finding": "reduced", "note": "Looked at.", "settled_until": clock.today()}},
    ),
    Subject(
        AGREEMENT,
        a_placement_agreement,
        {
            "begin": {"version_in_force": 1},
            "cancel": {"closed_on": clock.today(), "close_reason": "They moved."},
            "end": {"closed_on": clock.today(), "close_reason": "They moved."},
        },
    ),
    Subject(VERSION, an_agreement_version, {"offer": {"content": [], "sha256": "0" * 64}}),
    Subject(PROPOSAL, a_proposal, {"publish": {"how": "Visited."}}),
    Subject(LETTER, a_letter, {"deliver": {"delivered_at": clock.now()}}),
)

"""From results to letters: recommended, summarised, approved, released; and what came afterwards."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from evaluation.challenges.services import Received, answer_challenge, hold_admissions, record_challenge
from evaluation.outcomes.assessment import Condition
from evaluation.outcomes.condition_queries import open_conditions
from evaluation.outcomes.condition_services import give_more_time
from evaluation.outcomes.decision_services import Proposal, approve_lot, recommend, recommend_as_suggested
from evaluation.outcomes.letter_queries import letters_of
from evaluation.outcomes.letter_services import READ_AT_ONCE, note_letters_read
from evaluation.outcomes.release_services import stage_release
from evaluation.outcomes.services import compute_results
from evaluation.summaries.queries import criteria_of, summaries_of
from evaluation.summaries.services import (
    Words,
    approve_summaries,
    draft_summaries,
    offer_all,
    write_summary,
)
from portal.clock import staged_at, today
from portal.development.demonstration.conflicts import declare_none
from portal.development.demonstration.people import Company
from tender.frameworks.models import Round


def decide(
    round: Round, lots: Mapping[str, int], applications: Sequence[int], company: Company, closes_at: datetime
) -> None:
    """Compute, recommend and approve; release the letters; note what came afterwards."""
    due_on = today() + timedelta(days=4)
    with staged_at(closes_at + timedelta(days=50)):
        compute_results(round_id=round.id, by=company.lead)
        _admit_on_a_condition(applications[1], lots["10"], due_on, company)
        for lot_id in lots.values():
            recommend_as_suggested(round_id=round.id, lot_id=lot_id, by=company.lead)
        draft_summaries(round_id=round.id, by=company.lead)
        _confirm_drafts(round, company)
        offer_all(round_id=round.id, by=company.lead)
    with staged_at(closes_at + timedelta(days=60)):
        offered = {row["application_id"]: row["version"] for row in summaries_of(round.id)[0]}
        declare_none(round.id, company.approver)
        approve_summaries(round_id=round.id, seen=offered, by=company.approver)
        for lot_id in lots.values():
            approve_lot(round_id=round.id, lot_id=lot_id, by=company.approver)
    with staged_at(closes_at + timedelta(days=62)):
        ids = [row["id"] for row in letters_of(round.id)]
        for start in range(0, len(ids), READ_AT_ONCE):
            page = ids[start : start + READ_AT_ONCE]
            note_letters_read(round_id=round.id, letter_ids=page, by=company.lead)
        stage_release(round_id=round.id, minutes=0, before_notice=True, by=company.lead)
    _give_more_time(company, due_on + timedelta(days=14), closes_at)
    _ask_and_complain(round, lots["9"], company, closes_at)


def _confirm_drafts(round: Round, company: Company) -> None:
    """The lead reads every draft and stands by it."""
    for row in summaries_of(round.id)[0]:
        write_summary(
            round_id=round.id,
            application_id=row["application_id"],
            said={
                each.answer_id: Words(each.explanation or "", each.not_higher or "")
                for each in criteria_of(round.id, row["application_id"])
            },
            version=row["version"],
            by=company.lead,
        )


def _admit_on_a_condition(application_id: int, lot_id: int, due_on: date, company: Company) -> None:
    """One provider's insurance is still short of what the lot asks for."""
    insurance = Condition(
        "A certificate of public liability insurance of at least £10 million.", "public_liability", due_on
    )
    reason = "Every mark reached its minimum. The public liability cover does not yet reach what we ask for."
    recommend(
        application_id=application_id,
        lot_id=lot_id,
        proposal=Proposal("admit_conditionally", reason, conditions=(insurance,)),
        version=0,
        by=company.lead,
    )


def _give_more_time(company: Company, due_on: date, closes_at: datetime) -> None:
    """The insurer lets the provider wait."""
    with staged_at(closes_at + timedelta(days=68)):
        for condition in open_conditions(company.lead)[0]:
            give_more_time(
                condition_id=condition.id,
                due_on=due_on,
                reason="The broker has confirmed the higher cover. The insurer issues the certificate later.",
                seen=0,
                by=company.lead,
            )


def _ask_and_complain(round: Round, lot_id: int, company: Company, closes_at: datetime) -> None:
    """A complaint that was answered, and a notice of a claim that waits for its answer and holds a lot."""
    with staged_at(closes_at + timedelta(days=66)):
        complaint = record_challenge(
            round_id=round.id,
            said=Received(
                "complaint",
                lot_id,
                "Open Gate Tuition",
                today(),
                "Asks why the answer on safeguarding did not reach the minimum.",
                today() + timedelta(days=14),
            ),
            by=company.lead,
        )
    with staged_at(closes_at + timedelta(days=70)):
        answer = "Met on site and went through the assessment summary. The provider applies again in round 6."
        answer_challenge(challenge_id=complaint, answer=answer, finding="not_upheld", by=company.lead)
    claim = record_challenge(
        round_id=round.id,
        said=Received(
            "claim",
            lot_id,
            "Solicitors for Second Bell Tutors",
            today() - timedelta(days=2),
            "Letter before action about the ranking of the lot.",
            today() + timedelta(days=8),
        ),
        by=company.lead,
    )
    hold_admissions(challenge_id=claim, reason="Counsel advises to wait for the answer.", by=company.lead)

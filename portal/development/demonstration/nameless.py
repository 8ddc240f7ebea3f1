"""A small framework whose tenders are marked without names, and whose panel is not yet through declaring."""

from datetime import timedelta
from random import Random

from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_conflict_on_list
from evaluation.calibration.services import lock_practice, mark_practice, write_practice
from portal.accounts.access import Actor
from portal.clock import london, now, staged_at
from portal.development.demonstration.cast import Provider
from portal.development.demonstration.conflicts import assess_conflicts, declare_none
from portal.development.demonstration.people import Company
from portal.development.demonstration.rounds import assignments_of, mark_tender, open_and_hand_out
from portal.development.demonstration.tenders import apply
from portal.development.demonstration.terms import PRICE, TUITION, at_noon
from tender.frameworks.models import Round
from tender.frameworks.queries import lots_of_framework
from tender.frameworks.services import create_framework, create_round, publish_round

MOST = 4  # tenderers
PRACTICE = (
    "Our designated safeguarding lead is at work whenever a pupil is with us. Tutors ring home and the "
    "school when a pupil has not arrived ten minutes after the start. Concerns are written down at once."
)
GIVEN = (
    (3, "It says who leads and when they ring, and that concerns are written down; not who trains tutors."),
    (2, "Ringing home after ten minutes is clear. Safer recruitment, which is asked for, is not there."),
)
"""What evaluators gave to the practice answer: points, and why."""


def without_names(company: Company, rng: Random) -> None:
    """A round that hides names, closed a fortnight ago, with an answer to practise on: one evaluator marks
    under codes, one has a conflict, and one has not declared, so that a reminder is due."""
    closes_at = at_noon(now() - timedelta(days=14))
    opens_at = closes_at - timedelta(days=35)
    with staged_at(opens_at - timedelta(days=1)):
        framework = create_framework(
            by=company.lead,
            reference="AP-TUITION-1",
            title="Tuition Out of School Hours",
            description="Evening, weekend and holiday tuition for pupils who are out of school.",
            buyer_name=company.lead.organisation_name,
            legal_regime="PA2023",
            kind="light_touch_reopenable",
            starts_on=london(closes_at + timedelta(days=90)).date(),
            ends_on=london(closes_at + timedelta(days=90 + 4 * 365)).date(),
            cpv_codes=["80000000"],
            lots=TUITION,
        )
        lots = [lot.id for lot in lots_of_framework(framework.id)]
        draft = create_round(
            by=company.lead,
            framework_id=framework.id,
            lots=dict.fromkeys(lots, PRICE),
            opens_at=opens_at,
            closes_at=closes_at,
            how_to_apply="Answer every question. Leave out names where you can: evaluators do not read them.",
            names_hidden=True,
        )
        assess_conflicts(draft.id, company.lead)
        round = publish_round(by=company.lead, round_id=draft.id)
    applicants: dict[int, Provider] = {}
    for place, (provider, person) in enumerate(company.providers[-MOST:]):
        with staged_at(closes_at - timedelta(hours=3 + 6 * place)):
            application_id = apply(
                round_id=round.id, lot_ids=lots, provider=provider, by=person, rng=rng, day_rate="96.00"
            )
        applicants[application_id] = provider
    with staged_at(closes_at - timedelta(days=2)):
        write_practice(round_id=round.id, code="safeguarding", text=PRACTICE, by=company.lead)
    with staged_at(closes_at + timedelta(days=1)):
        open_and_hand_out(round, company, all_accept=False)
    first, _, third = company.evaluators
    with staged_at(closes_at + timedelta(days=2)):
        for evaluator, (points, reason) in zip((first, third), GIVEN, strict=True):
            mark_practice(
                round_id=round.id, code="safeguarding", points=points, reason=reason, version=0, by=evaluator
            )
            lock_practice(round_id=round.id, by=evaluator)
        _has_a_conflict(round, third)
        declare_none(round.id, first)
        (begun, *_) = assignments_of(first, round)
        mark_tender(begun, first, applicants, rng, most=3)


def _has_a_conflict(round: Round, evaluator: Actor) -> None:
    """An evaluator knows the first tenderer of the list, and has none with the others."""
    declare_conflict_on_list(
        round_id=round.id,
        place=0,
        kind="potential",
        conflict="I have applied for a post there and wait for the answer.",
        seen=tenderers_for(evaluator, round.id).seen,
        by=evaluator,
    )
    declare_none(round.id, evaluator)

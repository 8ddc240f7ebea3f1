"""Letting the register follow decisions that take effect: providers admitted, or, where a decision was made
anew, removed."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, select

from evaluation.outcomes.assessment import ADMITTED, ON_CONDITIONS, LotOutcome
from evaluation.outcomes.letter_queries import listing_answers
from evaluation.outcomes.models import Decision
from portal import clock
from portal.accounts.access import Actor
from portal.database import db
from portal.directory.services import ServiceFacts, admit_provider
from portal.errors import Refusal
from portal.standings.new_decision_services import Decided, admit_by_new_decision, remove_by_new_decision
from tender.applications.models import Application
from tender.frameworks.queries import published_round


class FrameworkOver(Refusal):
    """Nobody can be admitted to a framework whose term has ended."""


def admit(round_id: int, admitted: Sequence[LotOutcome], by: Actor) -> None:
    """Enter these providers in the register, each with what its tender says of its service. Where the
    decision was made anew the change of its standing is written down as such. Raises `FrameworkOver`,
    `NotChecked`."""
    if not admitted:
        return
    starts_on, ends_on = term_of(round_id)
    answers = listing_answers(round_id)
    for outcome in sorted(admitted, key=lambda each: (each.provider_id, each.lot_id)):
        given = answers.get(outcome.application_id, {})
        said = {**given.get(None, {}), **given.get(outcome.lot_id, {})}
        service = ServiceFacts.from_answers(said, title=outcome.lot_title)
        on_conditions = outcome.outcome == ON_CONDITIONS
        if outcome.replaces_id is not None:
            admit_by_new_decision(
                _decided(outcome),
                starts_on=starts_on,
                ends_on=ends_on,
                service=service,
                on_conditions=on_conditions,
                by=by,
            )
            continue
        admit_provider(
            provider_id=outcome.provider_id,
            lot_id=outcome.lot_id,
            application_id=outcome.application_id,
            starts_on=starts_on,
            ends_on=ends_on,
            service=service,
            on_conditions=on_conditions,
            by=by,
        )


def take_out(outcome: LotOutcome, by: Actor) -> None:
    """Take the provider of a decision that was made anew off its lot, if it stands there because of this
    tender and of no other that admits it."""
    if not _admitted_otherwise(outcome):
        remove_by_new_decision(_decided(outcome), by=by)


def term_of(round_id: int) -> tuple[date, date]:
    """From when to when an admission of today lasts. Raises `FrameworkOver`."""
    facts = published_round(round_id)
    starts_on = max(clock.today(), facts.starts_on)
    if starts_on >= facts.ends_on:
        raise FrameworkOver("The framework's term has ended, so nobody can be admitted to it any more.")
    return starts_on, facts.ends_on


def _decided(outcome: LotOutcome) -> Decided:
    """What the register writes down of a decision that was made anew and is approved."""
    assert outcome.recommended_by_id and outcome.recommended_at
    assert outcome.approved_by_id and outcome.approved_at
    return Decided(
        provider_id=outcome.provider_id,
        lot_id=outcome.lot_id,
        application_id=outcome.application_id,
        reason=outcome.reason or "",
        proposed_at=outcome.recommended_at,
        proposed_by_id=outcome.recommended_by_id,
        approved_at=outcome.approved_at,
        approved_by_id=outcome.approved_by_id,
    )


def _admitted_otherwise(outcome: LotOutcome) -> bool:
    """Whether another tender of the provider, of another round, is admitted to the lot in effect."""
    other = (
        exists()
        .where(Application.id == Decision.application_id, Application.provider_id == outcome.provider_id)
        .where(Decision.lot_id == outcome.lot_id, Decision.application_id != outcome.application_id)
        .where(Decision.state == "released", Decision.outcome.in_(ADMITTED))
    )
    return bool(db.session.scalar(select(other)))

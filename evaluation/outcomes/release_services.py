"""Writing the outcome letters, and releasing a decided round: letters out, decisions final, providers
admitted.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from evaluation.outcomes.assessment import ADMIT, Assessment, LotOutcome
from evaluation.outcomes.letter_queries import (
    LETTER_SUBJECT,
    letters_of,
    listing_answers,
    providers_of,
    providers_without_letter,
)
from evaluation.outcomes.letters import Addressee, body_of, filling, title_of
from evaluation.outcomes.lifecycle import DECISION
from evaluation.outcomes.mark_queries import assessments_of
from evaluation.outcomes.models import Decision
from evaluation.outcomes.services import locked_round, refuse_stale
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.queries import members_of
from portal.audit.services import record
from portal.database import db, transaction
from portal.directory.services import ServiceFacts, admit_provider
from portal.errors import Conflict, Refusal
from portal.lifecycle import move
from portal.mail.models import Letter
from portal.mail.services import release_letter, write_letter
from tender.applications.models import Application
from tender.frameworks import services as frameworks
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import pack_of, published_round
from tender.frameworks.recipe import how_totals_are_made


class NotDecided(Conflict):
    """There is nothing to release before every decision is approved."""

    sentence = "This round is not decided yet: every outcome has to be approved before the letters can go."


class LetterMissing(Refusal):
    """A provider would not be told."""


class FrameworkOver(Refusal):
    """Nobody can be admitted to a framework whose term has ended."""


def write_outcome_letters(*, round_id: int, by: Actor) -> int:
    """Write each decided application's letter to each of the provider's administrators, held; return how
    many.

    To every active person of a provider that has no administrator any more. Written again, only letters that
    are missing are added. Raises `NotDecided`.
    """
    with transaction():
        if locked_round(round_id, by).state != "decided":
            raise NotDecided
        facts = published_round(round_id)
        providers = providers_of(round_id)
        people = members_of({row["provider_id"] for row in providers.values()})
        written, how = 0, how_totals_are_made(pack_of(round_id))
        for assessment in assessments_of(round_id):
            provider = providers[assessment.application_id]
            members = people.get(provider["provider_id"], [])
            administrators = [person for person in members if "administrator" in person["roles"]]
            for person in administrators or members:
                written += _write(facts, assessment, provider, person, how, by)
        if written:
            record("round.write_letters", "round", round_id, by=by, letters=written)
    return written


def _write(
    facts: RoundFacts, assessment: Assessment, provider: Any, person: Any, recipe: Sequence[str], by: Actor
) -> bool:
    to = Addressee(
        person_name=person["name"],
        provider_name=provider["name"],
        address=", ".join(filter(None, [provider["address"], provider["postcode"]])),
        numbers=provider["numbers"] or (),
    )
    letter_id = write_letter(
        key=f"outcome:{assessment.application_id}:{person['person_id']}",
        to_name=person["name"],
        to_address=person["email"],
        title=title_of(facts),
        body=body_of(facts, to, assessment, recipe),
        subject_type=LETTER_SUBJECT,
        subject_id=assessment.application_id,
        organisation_id=provider["provider_id"],
        held=True,
        by=by,
    )
    return letter_id is not None


def release_outcomes(*, round_id: int, by: Actor) -> int:
    """Release a decided round, all in one transaction, and return how many letters went to the outbox.

    Held letters are queued, decisions become final, and each admitted provider enters the register for the
    rest of the framework's term. Released again, or by two people at once, it happens once. Raises
    `NotDecided`, `LetterMissing`, `FrameworkOver`.
    """
    with transaction() as session:
        state = locked_round(round_id, by).state
        if state == "released":
            return 0
        if state != "decided":
            raise NotDecided
        if missing := providers_without_letter(round_id):
            raise LetterMissing(
                f"No letter is written to {', '.join(missing)}. Write it first, then release."
            )
        refuse_stale(round_id)
        frameworks.mark_released(round_id=round_id, by=by)
        admitted = _admit(round_id, by)
        for decision in session.scalars(
            select(Decision)
            .join(Application, Application.id == Decision.application_id)
            .where(Application.round_id == round_id)
            .order_by(Decision.id)
            .with_for_update(of=Decision)
            .execution_options(populate_existing=True)
        ):
            move(DECISION, decision, "release", by=by)
        letters = _release_letters(round_id, by)
        record("round.release_outcomes", "round", round_id, by=by, letters=letters, admitted=admitted)
    return letters


def _release_letters(round_id: int, by: Actor) -> int:
    held = [row["id"] for row in letters_of(round_id) if row["state"] == "held"]
    days = filling(clock.today())
    for letter in db.session.scalars(
        select(Letter).where(Letter.id.in_(held)).order_by(Letter.id).with_for_update()
    ):
        release_letter(letter, by=by, filling=days)
    return len(held)


def _admit(round_id: int, by: Actor) -> int:
    facts = published_round(round_id)
    admitted = [
        outcome
        for assessment in assessments_of(round_id)
        for outcome in assessment.outcomes
        if outcome.outcome == ADMIT
    ]
    starts_on = max(clock.today(), facts.starts_on)
    if admitted and starts_on >= facts.ends_on:
        raise FrameworkOver("The framework's term has ended, so nobody can be admitted to it any more.")
    answers = listing_answers(round_id)
    for outcome in sorted(admitted, key=lambda each: (each.provider_id, each.lot_id)):
        _enter(outcome, answers.get(outcome.application_id, {}), starts_on, facts.ends_on, by)
    return len(admitted)


def _enter(
    outcome: LotOutcome, answers: dict[int | None, dict[str, Any]], starts_on: date, ends_on: date, by: Actor
) -> None:
    said = {**answers.get(None, {}), **answers.get(outcome.lot_id, {})}
    admit_provider(
        provider_id=outcome.provider_id,
        lot_id=outcome.lot_id,
        application_id=outcome.application_id,
        starts_on=starts_on,
        ends_on=ends_on,
        service=ServiceFacts.from_answers(said, title=outcome.lot_title),
        by=by,
    )

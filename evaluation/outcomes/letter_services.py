"""Writing the outcome letters, taking held ones back, and noting that somebody has read them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from evaluation.conformity.check_queries import Told, told_of
from evaluation.outcomes.assessment import Assessment
from evaluation.outcomes.letter_queries import (
    LETTER_SUBJECT,
    PriceTold,
    letters_of,
    prices_told,
    providers_of,
)
from evaluation.outcomes.letters import Addressee, body_of, title_of
from evaluation.outcomes.mark_queries import assessments_of
from evaluation.outcomes.release_models import LetterReading
from evaluation.outcomes.release_queries import waiting_release
from evaluation.outcomes.services import locked_round
from evaluation.summaries.models import AssessmentSummary
from evaluation.summaries.queries import unready_tenders
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.queries import members_of
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Conflict
from portal.mail.services import discard_held, write_letter
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Round
from tender.frameworks.queries import lots_of_round, pack_of, published_round
from tender.frameworks.recipe import how_totals_are_made, minimums_of


class NotDecided(Conflict):
    """There is nothing to release before every decision is approved."""

    sentence = "This round is not decided yet: every outcome has to be approved before the letters can go."


class ReleaseUnderWay(Conflict):
    """The letters are about to go."""

    sentence = "These letters are about to go out. Cancel the release first."


def write_outcome_letters(*, round_id: int, by: Actor) -> int:
    """Write each decided application's letter to each of the provider's administrators, held; return how
    many.

    To every active person of a provider that has no administrator any more; to nobody yet whose assessment
    summary is not ready. Written again, only letters that are missing are added. Raises `NotDecided`.
    """
    with transaction():
        if locked_round(round_id, by).state != "decided":
            raise NotDecided
        unready = unready_tenders(round_id)
        facts = published_round(round_id)
        providers = providers_of(round_id)
        people = members_of({row["provider_id"] for row in providers.values()})
        written, how = 0, how_totals_are_made(pack_of(round_id), minimums_of(lots_of_round(round_id)))
        assessments = assessments_of(round_id)
        prices = prices_told(round_id, (each for found in assessments for each in found.outcomes))
        conditions = told_of(round_id) if facts.by_conditions else {}
        for assessment in assessments:
            if assessment.application_id in unready:
                continue
            provider = providers[assessment.application_id]
            members = people.get(provider["provider_id"], [])
            administrators = [person for person in members if "administrator" in person["roles"]]
            own = {
                each.lot_id: told
                for each in assessment.outcomes
                if (told := prices.get((each.application_id, each.lot_id)))
            }
            for person in administrators or members:
                asked = conditions.get(assessment.application_id, ())
                written += _write(facts, assessment, provider, person, how, own, asked, by)
        if written:
            record("round.write_letters", "round", round_id, by=by, letters=written)
    return written


def _write(
    facts: RoundFacts,
    assessment: Assessment,
    provider: Any,
    person: Any,
    recipe: Sequence[str],
    prices: Mapping[int, PriceTold],
    conditions: Sequence[Told],
    by: Actor,
) -> bool:
    own = _in_a_line(provider["registered_address"])
    postal = _in_a_line(provider["postal_address"])
    to = Addressee(
        person_name=person["name"],
        provider_name=provider["name"],
        address=own or ", ".join(filter(None, [provider["address"], provider["postcode"]])),
        numbers=provider["numbers"] or (),
        postal_address=postal if postal != own else "",
        email=provider["contact_email"] or person["email"],
    )
    letter_id = write_letter(
        key=f"outcome:{assessment.application_id}:{person['person_id']}",
        to_name=person["name"],
        to_address=person["email"],
        title=title_of(facts),
        body=body_of(facts, to, assessment, recipe, prices, conditions),
        subject_type=LETTER_SUBJECT,
        subject_id=assessment.application_id,
        organisation_id=provider["provider_id"],
        held=True,
        by=by,
    )
    return letter_id is not None


def _in_a_line(address: str | None) -> str:
    """An address of several lines, with commas between them."""
    return ", ".join(filter(None, (line.strip(" ,") for line in (address or "").splitlines())))


def note_letters_read(*, round_id: int, by: Actor, letter_ids: Collection[int]) -> int:
    """Note that `by` has read these held letters of a decided round and found them right; return how many
    nobody had read before. Raises `NotDecided`."""
    with transaction() as session:
        if locked_round(round_id, by).state != "decided":
            raise NotDecided
        unread = [
            row["id"]
            for row in letters_of(round_id)
            if row["id"] in letter_ids and row["state"] == "held" and row["read_at"] is None
        ]
        if unread:
            values = {"read_at": clock.now(), "read_by_id": by.person_id}
            session.execute(
                insert(LetterReading)
                .values([{"letter_id": letter_id, **values} for letter_id in unread])
                .on_conflict_do_nothing()
            )
            record("round.read_letters", "round", round_id, by=by, letters=len(unread))
    return len(unread)


def when_summary_is_approved(summary: AssessmentSummary, *, by: Actor) -> None:
    """Write the letter of a tender whose summary is ready, once its round is decided; anew, where one was
    held already."""
    db.session.flush()
    application = db.session.get_one(Application, summary.application_id)
    if db.session.get_one(Round, application.round_id).state == "decided":
        discard_held(LETTER_SUBJECT, summary.application_id, by=by)
        write_outcome_letters(round_id=application.round_id, by=by)


def when_summary_reopens(summary: AssessmentSummary, *, by: Actor) -> None:
    """Take back the held letters that carry what is being written anew. Raises `ReleaseUnderWay`."""
    application = db.session.get_one(Application, summary.application_id)
    if waiting_release(application.round_id):
        raise ReleaseUnderWay
    discard_held(LETTER_SUBJECT, summary.application_id, by=by)

"""Writing the outcome letters, taking held ones back, and noting that somebody has read them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
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
from portal.errors import Conflict, Refusal
from portal.mail.models import Letter
from portal.mail.services import one_line, withdraw_held, withdraw_letter, write_letter
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Round
from tender.frameworks.queries import lots_of_round, pack_of, published_round
from tender.frameworks.recipe import how_totals_are_made, minimums_of

READ_AT_ONCE = 10
"""The tenders whose letters one page shows in full, and one press says were read."""


class TooManyAtOnce(Refusal):
    """Letters are read, not waved through."""

    sentence = f"Letters are read on pages of {READ_AT_ONCE}, each in full. Read them one after the other."


class NotDecided(Conflict):
    """There is nothing to release before every decision is approved."""

    sentence = "This round is not decided yet: every outcome has to be approved before the letters can go."


class ReleaseUnderWay(Conflict):
    """The letters are about to go."""

    sentence = "These letters are about to go out. Cancel the release first."


def write_outcome_letters(*, round_id: int, by: Actor, anew: bool = False) -> int:
    """Write each decided application's letter to each of the provider's administrators, held; return how
    many.

    To every active person of a provider that has no administrator any more; to nobody yet whose assessment
    summary is not ready. Written again, only letters that are missing are added. `anew`, where a round was
    reopened and is decided again: what is held and would not be written like this today is taken back. Raises
    `NotDecided`.
    """
    with transaction():
        if locked_round(round_id, by).state != "decided":
            raise NotDecided
        letters = _outcome_letters(round_id)
        if anew:
            _take_back_what_differs(round_id, letters, by)
        written = sum(
            write_letter(
                key=each.key,
                to_name=each.to_name,
                to_address=each.to_address,
                title=each.title,
                body=each.body,
                subject_type=LETTER_SUBJECT,
                subject_id=each.application_id,
                organisation_id=each.provider_id,
                held=True,
                by=by,
            )
            is not None
            for each in letters
        )
        if written:
            record("round.write_letters", "round", round_id, by=by, letters=written)
    return written


@dataclass(frozen=True, slots=True)
class OutcomeLetter:
    """A letter as it is written today, to one person of a provider."""

    key: str
    application_id: int
    provider_id: int
    to_name: str
    to_address: str
    title: str
    body: str


def _take_back_what_differs(round_id: int, letters: Sequence[OutcomeLetter], by: Actor) -> None:
    today = {each.key: (each.to_address, each.title, each.body) for each in letters}
    held = [row["id"] for row in letters_of(round_id) if row["state"] == "held"]
    for letter in db.session.scalars(
        select(Letter).where(Letter.id.in_(held)).order_by(Letter.id).with_for_update()
    ):
        if today.get(letter.key) != (letter.to_address, letter.title, letter.body):
            withdraw_letter(letter, by=by)


def _outcome_letters(round_id: int) -> list[OutcomeLetter]:
    unready = unready_tenders(round_id)
    facts = published_round(round_id)
    providers = providers_of(round_id)
    people = members_of({row["provider_id"] for row in providers.values()})
    how = how_totals_are_made(pack_of(round_id), minimums_of(lots_of_round(round_id)))
    assessments = assessments_of(round_id)
    prices = prices_told(round_id, (each for found in assessments for each in found.outcomes))
    conditions = told_of(round_id) if facts.by_conditions else {}
    letters = []
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
            letters.append(_letter(facts, assessment, provider, person, how, own, asked))
    return letters


def _letter(
    facts: RoundFacts,
    assessment: Assessment,
    provider: Any,
    person: Any,
    recipe: Sequence[str],
    prices: Mapping[int, PriceTold],
    conditions: Sequence[Told],
) -> OutcomeLetter:
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
    return OutcomeLetter(
        key=f"outcome:{assessment.application_id}:{person['person_id']}",
        application_id=assessment.application_id,
        provider_id=provider["provider_id"],
        to_name=person["name"],
        to_address=one_line(person["email"]),
        title=one_line(title_of(facts)),
        body=body_of(facts, to, assessment, recipe, prices, conditions),
    )


def _in_a_line(address: str | None) -> str:
    """An address of several lines, with commas between them."""
    return ", ".join(filter(None, (line.strip(" ,") for line in (address or "").splitlines())))


def note_letters_read(*, round_id: int, by: Actor, letter_ids: Collection[int]) -> int:
    """Note that `by` has read these held letters of a decided round and found them right; return how many
    nobody had read before. Raises `NotDecided`, and `TooManyAtOnce` for letters of more tenders than a page
    shows."""
    with transaction() as session:
        if locked_round(round_id, by).state != "decided":
            raise NotDecided
        unread = [
            row
            for row in letters_of(round_id)
            if row["id"] in letter_ids and row["state"] == "held" and row["read_at"] is None
        ]
        if len({row["subject_id"] for row in unread}) > READ_AT_ONCE:
            raise TooManyAtOnce
        unread = [row["id"] for row in unread]
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
        withdraw_held(LETTER_SUBJECT, summary.application_id, by=by)
        write_outcome_letters(round_id=application.round_id, by=by)


def when_summary_reopens(summary: AssessmentSummary, *, by: Actor) -> None:
    """Take back the held letters that carry what is being written anew. Raises `ReleaseUnderWay`."""
    application = db.session.get_one(Application, summary.application_id)
    if waiting_release(application.round_id):
        raise ReleaseUnderWay
    withdraw_held(LETTER_SUBJECT, summary.application_id, by=by)

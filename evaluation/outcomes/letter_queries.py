"""Reading outcome letters and what they are written from, and what the register takes from a tender."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, String, and_, cast, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from evaluation.outcomes.assessment import LotOutcome
from evaluation.outcomes.models import Decision
from evaluation.outcomes.prices import pricing_of
from evaluation.outcomes.release_models import LetterReading
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, OrganisationIdentifier, Person
from portal.database import db
from portal.errors import NotFound
from portal.mail.models import Letter
from portal.profiles.models import Profile
from tender.applications.item_queries import items_of_submitted
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round
from tender.frameworks.pack import AskedQuestion

LETTER_SUBJECT = "outcome"
NEW_LETTER_SUBJECT = "new_decision"
"""What a letter about a new decision is about, by the id of the decision."""
ADMISSION_LETTER_SUBJECT = "admission"
"""What a letter is about that says that an admission waits, or has taken effect, by the application's id."""


def _letters(round_id: int) -> Any:
    return and_(
        Letter.subject_type == LETTER_SUBJECT,
        Letter.state != "withdrawn",
        Letter.subject_id.in_(select(cast(Application.id, String)).where(Application.round_id == round_id)),
    )


def letters_of(round_id: int) -> Sequence[RowMapping]:
    """The letters of a round in the order of reading: id, subject_id (the application's), provider_name,
    to_name, to_address, state, and when and by whom it was read before its release."""
    return (
        db.session.execute(
            select(
                Letter.id,
                Letter.subject_id,
                Organisation.name.label("provider_name"),
                Letter.to_name,
                Letter.to_address,
                Letter.state,
                LetterReading.read_at,
                Person.name.label("read_by"),
            )
            .join(Organisation, Organisation.id == Letter.organisation_id)
            .outerjoin(LetterReading, LetterReading.letter_id == Letter.id)
            .outerjoin(Person, Person.id == LetterReading.read_by_id)
            .where(_letters(round_id))
            .order_by(Organisation.name, Letter.id)
        )
        .mappings()
        .all()
    )


def letter_text(letter_id: int) -> RowMapping:
    """The words of one letter: title, body, written_at, released_at."""
    return letter_with_earlier(letter_id)[0]


def letter_with_earlier(letter_id: int) -> tuple[RowMapping, Sequence[RowMapping]]:
    """The words of one letter, and the letters about the same that were held and taken back, the newest
    first: id, to_name, title, body, written_at, released_at, read_at and read_by of each."""
    this = aliased(Letter)
    rows = (
        db.session.execute(
            select(
                Letter.id,
                Letter.to_name,
                Letter.title,
                Letter.body,
                Letter.written_at,
                Letter.released_at,
                LetterReading.read_at,
                Person.name.label("read_by"),
            )
            .join(this, and_(this.id == letter_id, this.subject_type == Letter.subject_type))
            .outerjoin(LetterReading, LetterReading.letter_id == Letter.id)
            .outerjoin(Person, Person.id == LetterReading.read_by_id)
            .where(
                Letter.subject_id == this.subject_id,
                (Letter.id == letter_id) | (Letter.state == "withdrawn"),
            )
            .order_by(Letter.id == letter_id, Letter.id.desc())
        )
        .mappings()
        .all()
    )
    *earlier, text = rows
    return text, earlier


@dataclass(frozen=True, slots=True)
class ToRead:
    """The unread letters to one tender's people that say the same: `people` as (name, address), `place` that
    of the last of them in the order of reading."""

    application_id: int
    provider_name: str
    title: str
    body: str
    letter_ids: tuple[int, ...]
    people: tuple[tuple[str, str], ...]
    place: int


def letters_to_read(round_id: int, *, after: int, most: int) -> tuple[list[ToRead], int]:
    """The next unread letters of a round in the order of reading, of so many tenders at most, from behind the
    place `after`; and how many letters nobody has read. Copies that differ in whom they greet, and in that
    person's own address, stand once."""
    stack = letters_of(round_id)
    unread = [
        (place, row)
        for place, row in enumerate(stack, 1)
        if row["state"] == "held" and row["read_at"] is None
    ]
    behind = [(place, row) for place, row in unread if place > after]
    tenders = list(dict.fromkeys(row["subject_id"] for _, row in behind))[:most]
    chosen = [(place, row) for place, row in behind if row["subject_id"] in tenders]
    texts = {
        row.id: row
        for row in db.session.execute(
            select(Letter.id, Letter.title, Letter.body).where(
                Letter.id.in_([row["id"] for _, row in chosen])
            )
        )
    }
    alike: dict[tuple[str, str], list[tuple[int, RowMapping]]] = {}
    for place, row in chosen:
        said = texts[row["id"]].body.partition("\n\n")[2].replace(row["to_address"], "")
        alike.setdefault((row["subject_id"], said), []).append((place, row))
    found = [
        ToRead(
            application_id=int(tender),
            provider_name=rows[0][1]["provider_name"],
            title=texts[rows[0][1]["id"]].title,
            body=texts[rows[0][1]["id"]].body,
            letter_ids=tuple(row["id"] for _, row in rows),
            people=tuple((row["to_name"], row["to_address"]) for _, row in rows),
            place=rows[-1][0],
        )
        for (tender, _), rows in alike.items()
    ]
    return found, len(unread)


def providers_without_letter(round_id: int) -> Sequence[str]:
    """The providers of submitted applications for whom no letter is written."""
    return db.session.scalars(
        select(Organisation.name)
        .join(Application, Application.provider_id == Organisation.id)
        .where(
            Application.round_id == round_id,
            Application.state == "submitted",
            ~exists().where(
                Letter.subject_type == LETTER_SUBJECT,
                Letter.subject_id == cast(Application.id, String),
                Letter.state != "withdrawn",
            ),
        )
        .order_by(Organisation.name)
    ).all()


def providers_of(round_id: int) -> dict[int, RowMapping]:
    """By application: provider_id, name, address, postcode, its numbers as [scheme, value] pairs, and of its
    profile (None without one) registered_address, postal_address and contact_email."""
    numbers = (
        select(
            func.jsonb_agg(
                func.jsonb_build_array(OrganisationIdentifier.scheme, OrganisationIdentifier.value)
            )
        )
        .where(OrganisationIdentifier.organisation_id == Organisation.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Application.id,
            Organisation.id.label("provider_id"),
            Organisation.name,
            Organisation.address,
            Organisation.postcode,
            numbers.label("numbers"),
            Profile.registered_address,
            Profile.postal_address,
            Profile.contact_email,
        )
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(Profile, Profile.provider_id == Organisation.id)
        .where(Application.round_id == round_id, Application.state == "submitted")
    ).mappings()
    return {row["id"]: row for row in rows}


class PriceTold(NamedTuple):
    """What a provider is told of the numbers behind its price: its own in pounds (None: missing), the lowest
    of the lot that counts and is ranked, weight and formula, and the lot's ceiling."""

    pounds: Decimal | None
    lowest: Decimal | None
    weight: Decimal
    formula: str
    ceiling: Decimal | None


def prices_told(round_id: int, outcomes: Iterable[LotOutcome]) -> dict[tuple[int, int], PriceTold]:
    """What each tender that stands is told of its price, by application and lot. `outcomes` are all those of
    a round whose results are computed."""
    standing = [each for each in outcomes if each.stands]
    found = {}
    for lot_id, pricing in pricing_of(
        round_id, [(each.application_id, each.lot_id) for each in standing]
    ).items():
        here = [each for each in standing if each.lot_id == lot_id]
        counting = pricing.counting()
        ranked = [each.application_id for each in here if each.rank is not None]
        of_ranked = [pricing.prices[application].pounds for application in ranked if application in counting]
        lowest = min((pounds for pounds in of_ranked if pounds is not None), default=None)
        for each in here:
            pounds = pricing.prices[each.application_id].pounds
            found[each.application_id, lot_id] = PriceTold(
                pounds, lowest, pricing.weight, pricing.formula, pricing.ceiling
            )
    return found


def listing_answers(round_id: int) -> dict[int, dict[int | None, dict[str, Any]]]:
    """What the register takes from tenders: by application, by lot (None for all lots), answers by code.

    The first price of a day on a rate card stands as `day_rate` where no question of that code is asked.
    """
    found: dict[int, dict[int | None, dict[str, Any]]] = {}
    for application_id, item in items_of_submitted(round_id, _taken):
        said = found.setdefault(application_id, {}).setdefault(item.lot_id, {})
        if item.asked.kind == "rate_card" and item.prices:
            said.setdefault("day_rate", str(item.prices[0][1]))
        said[item.asked.code] = item.value
    return found


def _taken(asked: AskedQuestion) -> bool:
    return asked.judged_as == "information" or asked.kind in ("money", "rate_card")


def own_letter(viewer: Actor, application_id: int) -> RowMapping:
    """The outcome letter to the viewer's own organisation, once it is released. Raises `NotFound` before.

    Columns: title, body, released_at, to_name, round_number, framework_title. The viewer's own copy where
    they have one.
    """
    row = (
        db.session.execute(
            select(
                Letter.title,
                Letter.body,
                Letter.released_at,
                Letter.to_name,
                Round.id.label("round_id"),
                Round.number.label("round_number"),
                Framework.title.label("framework_title"),
            )
            .join(Application, cast(Application.id, String) == Letter.subject_id)
            .join(Round, Round.id == Application.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .where(
                Application.id == application_id,
                Application.provider_id == viewer.organisation_id,
                Letter.subject_type == LETTER_SUBJECT,
                Letter.organisation_id == viewer.organisation_id,
                Letter.released_at.is_not(None),
                Round.state == "released",
            )
            .order_by((func.lower(Letter.to_address) == viewer.email.lower()).desc(), Letter.id)
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )
    if row is None or viewer.organisation_kind != "provider":
        raise NotFound
    return row


def own_new_letters(viewer: Actor, application_id: int) -> Sequence[RowMapping]:
    """The letters about new decisions on the viewer's own application, the newest first: body, written_at,
    to_name. The viewer's own copy of each, where they have one."""
    theirs = func.lower(Letter.to_address) == viewer.email.lower()
    rows = (
        db.session.execute(
            select(Letter.subject_id, Letter.body, Letter.written_at, Letter.to_name)
            .join(Decision, cast(Decision.id, String) == Letter.subject_id)
            .join(Application, Application.id == Decision.application_id)
            .where(
                Application.id == application_id,
                Application.provider_id == viewer.organisation_id,
                Letter.subject_type == NEW_LETTER_SUBJECT,
                Letter.organisation_id == viewer.organisation_id,
            )
            .order_by(Decision.id.desc(), theirs.desc(), Letter.id)
        )
        .mappings()
        .all()
    )
    return list({row["subject_id"]: row for row in reversed(rows)}.values())[::-1]


def own_admission_letters(viewer: Actor, application_id: int) -> Sequence[RowMapping]:
    """The letters that say of the viewer's own application that an admission waits or has taken effect, the
    newest first: title, body, written_at, to_name. The viewer's own copy of each, where they have one."""
    # Every copy of one letter has the same key, up to the person it is for.
    event = func.substring(Letter.key, literal_column("'^(.*):[0-9]+$'"))
    theirs = func.lower(Letter.to_address) == viewer.email.lower()
    rows = (
        db.session.execute(
            select(Letter.title, Letter.body, Letter.written_at, Letter.to_name)
            .where(
                Letter.subject_type == ADMISSION_LETTER_SUBJECT,
                Letter.subject_id == str(application_id),
                Letter.organisation_id == viewer.organisation_id,
            )
            .ext(distinct_on(event))
            .order_by(event, theirs.desc(), Letter.id)
        )
        .mappings()
        .all()
    )
    return sorted(rows, key=lambda row: row["written_at"], reverse=True)

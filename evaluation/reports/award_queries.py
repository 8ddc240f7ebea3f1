"""Reading the awards of a released round: per lot whom it admits, as a notice asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import RowMapping, and_, func, select

from evaluation.outcomes import queries as outcomes
from evaluation.outcomes.assessment import ADMITTED
from evaluation.outcomes.models import Decision
from evaluation.outcomes.release_queries import last_release
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, OrganisationIdentifier
from portal.database import db
from portal.directory.models import Standing
from portal.errors import NotFound
from portal.profiles.models import Profile
from tender.applications.models import Application, ApplicationLot
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Lot


@dataclass(frozen=True, slots=True)
class Supplier:
    """A provider that a lot admits: how the register knows it, and from when to when. `numbers` are [scheme,
    value] pairs."""

    id: int
    name: str
    address: str
    postcode: str
    numbers: Sequence[Sequence[str]]
    operation_types: Sequence[str]
    on_conditions: bool
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class LotAward:
    """One lot: how many tenders there were, who is admitted in effect, and how many admissions wait; how many
    decisions on it were made anew after a challenge, and when the last of them."""

    lot_id: int
    number: str
    title: str
    tenders: int
    waiting: int
    anew: int
    anew_at: datetime | None
    suppliers: Sequence[Supplier]


@dataclass(frozen=True, slots=True)
class Awards:
    """A released round with what its notices ask for."""

    facts: RoundFacts
    council_id: int
    cpv_codes: Sequence[str]
    value: Decimal | None
    release: RowMapping | None
    lots: Sequence[LotAward]


def awards_for(viewer: Actor, round_id: int) -> Awards:
    """The awards of a round of the viewer's council. Raises `NotFound` before its letters are out."""
    facts = outcomes.round_for(viewer, round_id)
    if facts.state != "released":
        raise NotFound
    cpv, value = db.session.execute(
        select(Framework.cpv_codes, Framework.value_amount).where(Framework.id == facts.framework_id)
    ).one()
    suppliers = _suppliers(round_id)
    return Awards(
        facts=facts,
        council_id=facts.council_id,
        cpv_codes=cpv,
        value=value,
        release=last_release(round_id),
        lots=[
            LotAward(
                *(row[name] for name in ("id", "number", "title", "tenders", "waiting", "anew", "anew_at")),
                suppliers.get(row["id"], ()),
            )
            for row in _lots(round_id)
        ],
    )


def _lots(round_id: int) -> Sequence[RowMapping]:
    return (
        db.session.execute(
            select(
                Lot.id,
                Lot.number,
                Lot.title,
                func.count().label("tenders"),
                func.count().filter(Decision.state == "told").label("waiting"),
                func.count(Decision.replaces_id).label("anew"),
                func.max(Decision.approved_at).filter(Decision.replaces_id.is_not(None)).label("anew_at"),
            )
            .select_from(ApplicationLot)
            .join(Application, Application.id == ApplicationLot.application_id)
            .join(Lot, Lot.id == ApplicationLot.lot_id)
            .outerjoin(
                Decision,
                and_(Decision.application_id == Application.id, Decision.lot_id == Lot.id, Decision.counts),
            )
            .where(Application.round_id == round_id, Application.state == "submitted")
            .group_by(Lot.id)
            .order_by(Lot.position, Lot.id)
        )
        .mappings()
        .all()
    )


def _suppliers(round_id: int) -> dict[int, list[Supplier]]:
    """Whom the round has admitted, by lot: decisions that have taken effect, with the standing they gave."""
    numbers = (
        select(
            func.coalesce(
                func.jsonb_agg(
                    func.jsonb_build_array(OrganisationIdentifier.scheme, OrganisationIdentifier.value)
                ),
                func.jsonb_build_array(),
            )
        )
        .where(OrganisationIdentifier.organisation_id == Organisation.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Decision.lot_id,
            Organisation.id,
            Organisation.name,
            Organisation.address,
            Organisation.postcode,
            numbers,
            Profile.operation_types,
            Decision.outcome != "admit",
            Standing.starts_on,
            Standing.ends_on,
        )
        .select_from(Decision)
        .join(Application, Application.id == Decision.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(
            Standing,
            and_(Standing.application_id == Application.id, Standing.lot_id == Decision.lot_id),
        )
        .outerjoin(Profile, Profile.provider_id == Organisation.id)
        .where(
            Application.round_id == round_id,
            Decision.state == "released",
            Decision.outcome.in_(ADMITTED),
        )
        .order_by(Decision.lot_id, Organisation.name, Organisation.id)
    )
    found: dict[int, list[Supplier]] = {}
    for lot_id, *values in rows:
        supplier = Supplier(*values[:5], values[5] or (), *values[6:])
        found.setdefault(lot_id, []).append(supplier)
    return found

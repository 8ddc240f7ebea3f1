"""Reading the awards of a released round: per lot whom it admits, as a notice asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import RowMapping, and_, func, or_, select

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
from tender.conflicts.models import ConflictsAssessment
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Lot


@dataclass(frozen=True, slots=True)
class Supplier:
    """A provider that a lot admits: how the register knows it, and from when to when, once its admission has
    taken effect. `numbers` are [scheme, value] pairs."""

    id: int
    name: str
    address: str
    postcode: str
    numbers: Sequence[Sequence[str]]
    operation_types: Sequence[str]
    on_conditions: bool
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class LotAward:
    """One lot: how many tenders there were, of how many a profile says from what kind of organisation, and
    of those how many from SMEs and VCSEs; how many admissions wait; how many decisions on it were made
    anew after a challenge, and when the last of them; who is admitted in effect, and who is to be."""

    lot_id: int
    number: str
    title: str
    tenders: int
    known: int
    sme: int
    vcse: int
    waiting: int
    anew: int
    anew_at: datetime | None
    suppliers: Sequence[Supplier]
    to_be_admitted: Sequence[Supplier]


@dataclass(frozen=True, slots=True)
class Awards:
    """A released round with what its notices ask for; when its conflicts assessment was prepared and last
    reviewed (None without one): a contract award notice confirms that it was (Procurement Act 2023, section
    83(5))."""

    facts: RoundFacts
    council_id: int
    cpv_codes: Sequence[str]
    value: Decimal | None
    release: RowMapping | None
    conflicts_prepared_at: datetime | None
    conflicts_reviewed_at: datetime | None
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
    prepared_at, reviewed_at = db.session.execute(
        select(func.min(ConflictsAssessment.assessed_at), func.max(ConflictsAssessment.assessed_at)).where(
            ConflictsAssessment.round_id == round_id
        )
    ).one()
    return Awards(
        facts=facts,
        council_id=facts.council_id,
        cpv_codes=cpv,
        value=value,
        release=last_release(round_id),
        conflicts_prepared_at=prepared_at,
        conflicts_reviewed_at=reviewed_at,
        lots=[
            LotAward(
                row["lot_id"],
                *(row[name] for name in _COUNTED),
                suppliers.get((row["lot_id"], True), ()),
                suppliers.get((row["lot_id"], False), ()),
            )
            for row in _lots(round_id)
        ],
    )


_COUNTED = ("number", "title", "tenders", "known", "sme", "vcse", "waiting", "anew", "anew_at")


def _lots(round_id: int) -> Sequence[RowMapping]:
    return (
        db.session.execute(
            select(
                Lot.id.label("lot_id"),
                Lot.number,
                Lot.title,
                func.count().label("tenders"),
                func.count().filter(func.cardinality(Profile.operation_types) > 0).label("known"),
                func.count().filter(Profile.operation_types.contains(["sme"])).label("sme"),
                func.count().filter(Profile.operation_types.contains(["vcse"])).label("vcse"),
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
            .outerjoin(Profile, Profile.provider_id == Application.provider_id)
            .where(Application.round_id == round_id, Application.state == "submitted")
            .group_by(Lot.id)
            .order_by(Lot.position, Lot.id)
        )
        .mappings()
        .all()
    )


def _suppliers(round_id: int) -> dict[tuple[int, bool], list[Supplier]]:
    """Whom the round admits, by lot and whether the decision has taken effect, with the standing it gave."""
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
            Decision.state == "released",
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
        .outerjoin(
            Standing,
            and_(Standing.application_id == Application.id, Standing.lot_id == Decision.lot_id),
        )
        .outerjoin(Profile, Profile.provider_id == Organisation.id)
        .where(
            Application.round_id == round_id,
            or_(Decision.state == "told", and_(Decision.state == "released", Standing.id.is_not(None))),
            Decision.outcome.in_(ADMITTED),
        )
        .order_by(Decision.lot_id, Organisation.name, Organisation.id)
    )
    found: dict[tuple[int, bool], list[Supplier]] = {}
    for lot_id, in_effect, *values in rows:
        supplier = Supplier(*values[:5], values[5] or (), *values[6:])
        found.setdefault((lot_id, in_effect), []).append(supplier)
    return found

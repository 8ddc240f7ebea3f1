"""Reading an agreement with its versions and signatures. Every query takes the viewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.agreements.access import party_of, readable_by
from portal.agreements.last_days import counts
from portal.agreements.models import PARTIES, AgreementSignature, AgreementVersion, PlacementAgreement
from portal.agreements.terms import TERMS, Content, Parties, Terms, content_of, without_the_child
from portal.blocks.models import PlaceBlock
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.database import db
from portal.directory.models import Service, Standing
from portal.errors import NotFound
from tender.frameworks.models import Framework, Lot

school = aliased(Organisation, name="school")
provider = aliased(Organisation, name="provider")
council = aliased(Organisation, name="council")
_buyer = aliased(Organisation, name="buyer")
_offerer = aliased(Person)
_withdrawer = aliased(Person)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for a party, as what, and when."""

    name: str
    signed_as: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One version, with what it says and who has signed it (by party)."""

    id: int
    number: int
    state: str
    reason: str
    begins_anew: bool
    terms: Terms
    content: Content
    sha256: str
    offered_at: datetime | None
    offered_by: str | None
    agreed_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdraw_note: str
    signatures: Mapping[str, Signature]


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """An agreement as its readers see it, its versions in order. `moves` are what the viewer may do now."""

    id: int
    reference: str
    state: str
    version_in_force: int | None
    call_off_id: int
    call_off_state: str
    child_known: bool
    school_id: int
    provider_id: int
    service_id: int
    council_id: int
    parties: Parties
    closed_on: date | None
    close_reason: str
    closed_by: str | None
    party: str
    moves: frozenset[str]
    versions: tuple[VersionFacts, ...]

    @property
    def open(self) -> VersionFacts | None:
        """The version that is written or out for signing."""
        return next((each for each in self.versions if each.state in ("draft", "offered")), None)

    @property
    def agreed(self) -> VersionFacts | None:
        """The version in force, or that was until the end."""
        return next((each for each in self.versions if each.number == self.version_in_force), None)

    @property
    def shown(self) -> VersionFacts:
        """The version that counts: the one in force, else the open one, else the last."""
        return self.agreed or self.open or self.versions[-1]

    @property
    def last_day(self) -> date:
        """The last day of the placement as it stands."""
        return self.closed_on if self.state == "ended" and self.closed_on else self.shown.terms.ends_on

    @property
    def begun(self) -> bool:
        """Whether the placement has begun, as both have signed it."""
        return self.agreed is not None and self.agreed.terms.first_day <= clock.today()

    @property
    def over(self) -> bool:
        """Whether the placement is over."""
        return self.state in ("in_force", "ended") and self.last_day < clock.today()

    @property
    def signed_by_own(self) -> Signature | None:
        """The signature of the viewer's side under the open version."""
        return self.open.signatures.get(self.party) if self.open else None

    def version(self, number: int) -> VersionFacts:
        """One version. Raises `NotFound` for one that is not there for this reader."""
        found = next((each for each in self.versions if each.number == number), None)
        if found is None:
            raise NotFound()
        return found


def agreement_for(viewer: Actor, agreement_id: int) -> AgreementFacts:
    """An agreement for its school, its provider or its council. Raises `NotFound` for anyone else.

    The provider sees no draft; the council sees what was agreed alone, without what it says of the child.
    Two statements.
    """
    return _facts(viewer, PlacementAgreement.id == agreement_id)


def agreement_of(viewer: Actor, call_off_id: int) -> int | None:
    """The id of the agreement of a call-off that is not cancelled; None where there is none to read."""
    return db.session.scalar(
        _agreements(PlacementAgreement.id)
        .where(PlacementAgreement.call_off_id == call_off_id, PlacementAgreement.state != "cancelled")
        .where(readable_by(viewer))
    )


def _facts(viewer: Actor, wanted: Any) -> AgreementFacts:
    row = db.session.execute(
        _agreements(
            *(
                getattr(PlacementAgreement, name)
                for name in AgreementFacts.__dataclass_fields__
                if hasattr(PlacementAgreement, name)
            ),
            CallOff.state.label("call_off_state"),
            CallOff.child_id.label("call_off_child"),
            Framework.council_id,
            school.name.label("school_name"),
            school.kind.label("school_kind"),
            provider.name.label("provider_name"),
            council.name.label("council_name"),
            Framework.title.label("framework_title"),
            Framework.reference.label("framework_reference"),
            Lot.number.label("lot_number"),
            Lot.title.label("lot_title"),
            Service.title.label("service_title"),
            Referral.reference.label("referral_reference"),
            Referral.year_group,
            CallOff.block_id,
            _buyer.name.label("paid_by"),
            PlaceBlock.ends_on.label("bought_until"),
            Person.name.label("closed_by"),
        )
        .join(Referral, Referral.id == CallOff.referral_id)
        .outerjoin(PlaceBlock, PlaceBlock.id == CallOff.block_id)
        .outerjoin(_buyer, _buyer.id == PlaceBlock.buyer_id)
        .outerjoin(Person, Person.id == PlacementAgreement.closed_by_id)
        .where(wanted, readable_by(viewer))
    ).one_or_none()
    if row is None:
        raise NotFound()
    told = row._asdict()
    parties = Parties(**{name: told[name] for name in Parties.__dataclass_fields__})
    party = party_of(viewer, school_id=row.school_id, provider_id=row.provider_id)
    versions = tuple(_versions(row.id, parties, party))
    if not versions:
        raise NotFound()
    own = {name: told[name] for name in AgreementFacts.__dataclass_fields__ if name in told}
    return AgreementFacts(
        **own,
        child_known=row.call_off_child is not None,
        parties=parties,
        party=party,
        moves=_moves(viewer, party, row.state, versions),
        versions=versions,
    )


def _versions(agreement_id: int, parties: Parties, party: str) -> Sequence[VersionFacts]:
    """The versions that this side may read. One statement."""
    rows = db.session.execute(
        select(
            AgreementVersion,
            _offerer.name,
            _withdrawer.name,
            AgreementSignature.party,
            AgreementSignature.name,
            AgreementSignature.signed_as,
            AgreementSignature.signed_at,
        )
        .outerjoin(_offerer, _offerer.id == AgreementVersion.offered_by_id)
        .outerjoin(_withdrawer, _withdrawer.id == AgreementVersion.withdrawn_by_id)
        .outerjoin(AgreementSignature, AgreementSignature.version_id == AgreementVersion.id)
        .where(AgreementVersion.agreement_id == agreement_id)
        .order_by(AgreementVersion.number)
        .execution_options(populate_existing=True)
    ).all()
    signatures: dict[int, dict[str, Signature]] = {}
    for version, _, _, signer, *signature in rows:
        signed = signatures.setdefault(version.id, {})
        if signer:
            signed[signer] = Signature(*signature)
    by_id = {
        version.id: (version, offered_by, withdrawn_by) for version, offered_by, withdrawn_by, *_ in rows
    }
    agreed = [version for version, *_ in by_id.values() if version.state == "agreed"]
    return [
        _version(
            version,
            parties,
            party,
            offered_by,
            withdrawn_by,
            signatures[version.id],
            _began_on(version, agreed),
        )
        for version, offered_by, withdrawn_by in by_id.values()
        if _may_read(party, version)
    ]


def _began_on(version: AgreementVersion, agreed: Sequence[AgreementVersion]) -> date | None:
    """The first day of the placement that a version varies; None where it begins it."""
    if version.begins_anew:
        return None
    before = [each for each in agreed if each.number < version.number]
    anew = max((each.number for each in before if each.begins_anew), default=0)
    return min((each.starts_on for each in before if each.number >= anew), default=None)


def _may_read(party: str, version: AgreementVersion) -> bool:
    if party == "school":
        return True
    return version.offered_at is not None if party == "provider" else version.state == "agreed"


def _version(
    version: AgreementVersion,
    parties: Parties,
    party: str,
    offered_by: str | None,
    withdrawn_by: str | None,
    signatures: Mapping[str, Signature],
    began_on: date | None,
) -> VersionFacts:
    terms = terms_of(version, began_on)
    content = version.content or content_of(parties, version.number, version.reason, terms)
    return VersionFacts(
        id=version.id,
        number=version.number,
        state=version.state,
        reason=version.reason if party else "",
        begins_anew=version.begins_anew,
        terms=terms,
        content=content if party else without_the_child(content),
        sha256=version.sha256 or "",
        offered_at=version.offered_at,
        offered_by=offered_by,
        agreed_at=version.agreed_at,
        withdrawn_at=version.withdrawn_at,
        withdrawn_by=withdrawn_by,
        withdraw_note=version.withdraw_note,
        signatures=signatures,
    )


def terms_of(version: AgreementVersion, began_on: date | None = None) -> Terms:
    """The terms of a version's row; of a variation with the placement's first day."""
    return Terms(**{name: getattr(version, name) for name in TERMS}, began_on=began_on)


def days_agreed(agreement_id: int) -> tuple[date | None, date | None]:
    """The first day of a placement, and from when the version in force counts; None before one is agreed."""
    row = db.session.execute(
        select(func.min(AgreementVersion.starts_on), func.max(AgreementVersion.starts_on)).where(
            AgreementVersion.agreement_id == agreement_id, counts()
        )
    ).one()
    return row[0], row[1]


def _moves(viewer: Actor, party: str, state: str, versions: Sequence[VersionFacts]) -> frozenset[str]:
    """What the viewer may do with the agreement now; the services ask the same again under a lock."""
    opened = next((each for each in versions if each.state in ("draft", "offered")), None)
    writes = party == "school" and viewer.may("agreement:write")
    signs = party in PARTIES and viewer.may("agreement:sign")
    offered = opened is not None and opened.state == "offered"
    able = {
        "write": writes and opened is not None and opened.state == "draft",
        "offer": writes and opened is not None and opened.state == "draft",
        "take_back": writes and offered,
        "cancel": writes and state in ("draft", "signing"),
        "drop": writes and state == "in_force" and opened is not None,
        "vary": writes and state == "in_force" and opened is None,
        "sign": signs and offered and opened is not None and party not in opened.signatures,
        "send_back": signs and party == "provider" and offered,
        "end": signs and state == "in_force",
    }
    return frozenset(name for name, may in able.items() if may)


def _agreements(*columns: Any) -> Select[Any]:
    """Agreements with their call-off, service, lot, framework and organisations."""
    return joined(select(*columns).select_from(PlacementAgreement))


def joined(statement: Select[Any]) -> Select[Any]:
    """A statement over `PlacementAgreement`, with all that an agreement is about."""
    return (
        statement.join(CallOff, CallOff.id == PlacementAgreement.call_off_id)
        .join(Service, Service.id == PlacementAgreement.service_id)
        .join(Standing, Standing.id == Service.standing_id)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
        .join(school, school.id == PlacementAgreement.school_id)
        .join(provider, provider.id == PlacementAgreement.provider_id)
        .join(council, council.id == Framework.council_id)
    )

"""Reading who a child is, and what goes with it.

Unlike elsewhere these queries write one thing: `identity_for` and `names_for` leave a line in the trail, kept
before anything is opened, so that no room can show a name without the reading being known. It waits for the
disk: nobody has read a name whose reading a power cut could take back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.accounts.queries import members_with_permission
from portal.audit.services import record
from portal.call_offs.models import CallOff
from portal.children.access import last_day, read_until, readable_by
from portal.children.kinds import FILE_KINDS, REASONS_WITHOUT_UPN
from portal.children.models import Child, ChildFile
from portal.children.sealing import unseal
from portal.commissioning.models import Referral
from portal.commissioning.provider_standing import provider_standing
from portal.database import db, transaction
from portal.directory.models import Service
from portal.errors import NotFound
from portal.storage.models import Document
from portal.storage.refusals import in_megabytes

_School, _Provider = aliased(Organisation), aliased(Organisation)


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice and whether its child is known, without anything that says who it is.

    `revision` is that of the child: 0 while nobody has said who it is. `last_day` is that of the placement,
    None where none was agreed.
    """

    id: int
    reference: str
    referral_id: int
    state: str
    school_id: int
    school_name: str
    provider_id: int
    provider_name: str
    service_id: int
    service_title: str
    chosen_at: datetime
    last_day: date | None
    child_id: int | None
    revision: int
    entered_at: datetime | None
    erased_at: datetime | None

    @property
    def known(self) -> bool:
        """Whether the school has said who the child is, and it is still kept."""
        return self.child_id is not None and self.erased_at is None

    @property
    def read_until(self) -> date | None:
        """The last day on which the provider reads of the child; None while there is none."""
        return read_until(self.last_day)

    @property
    def provider_reads(self) -> bool:
        """Whether the provider reads of the child today, or will once it is named."""
        return self.state == "chosen" and (self.read_until is None or self.read_until >= clock.today())


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the child of a choice is, in clear. Never to be written anywhere but on the page."""

    child_id: int
    name: str
    born_on: date
    upn: str
    no_upn_reason: str
    has_ehcp: bool
    looked_after: bool
    revision: int

    @property
    def upn_in_words(self) -> str:
        """The UPN, or why there is none."""
        return self.upn or f"None. {REASONS_WITHOUT_UPN.get(self.no_upn_reason, '')}".strip()


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file that the school gave with a choice. `size` is in bytes."""

    id: int
    kind: str
    document_id: UUID
    filename: str
    size: int
    scan_state: str
    added_at: datetime
    added_by: str

    @property
    def title(self) -> str:
        """'Risk assessment'."""
        return FILE_KINDS[self.kind]

    @property
    def size_in_words(self) -> str:
        """'1.4 MB'."""
        return in_megabytes(self.size)


def choice_for(viewer: Actor, call_off_id: int) -> Choice:
    """A choice whose child the viewer may read of. Raises `NotFound` for everybody else."""
    found = db.session.execute(_choices().where(CallOff.id == call_off_id, readable_by(viewer))).one_or_none()
    if found is None:
        raise NotFound()
    return Choice(**found._asdict())


def choice_to_identify(viewer: Actor, call_off_id: int) -> Choice:
    """A choice of the viewer's own school that stands, for those who may say who the child is.

    Raises `NotFound`.
    """
    choice = choice_for(viewer, call_off_id)
    own = choice.school_id == viewer.organisation_id and viewer.may("referral:send")
    if not own or choice.state != "chosen" or choice.erased_at is not None:
        raise NotFound()
    return choice


def identity_for(viewer: Actor, call_off_id: int) -> Identity:
    """Who the child of a choice is; that the viewer reads it is written down first.

    Raises `NotFound` for who may not know, and while the school has not said it; `WrongKey`.
    """
    found = db.session.execute(_sealed().where(CallOff.id == call_off_id, readable_by(viewer))).one_or_none()
    if found is None:
        raise NotFound()
    with transaction():
        _note_reading(viewer, found.id, call_off_id)
    return Identity(
        child_id=found.id,
        name=unseal(found.name_sealed),
        born_on=date.fromisoformat(unseal(found.born_on_sealed)),
        upn=unseal(found.upn_sealed) if found.upn_sealed else "",
        no_upn_reason=found.no_upn_reason,
        has_ehcp=found.has_ehcp,
        looked_after=found.looked_after,
        revision=found.revision,
    )


def identity_if_known(viewer: Actor, choice: Choice) -> Identity | None:
    """The same for a page that is drawn while nothing is known, or not any more, as well."""
    return identity_for(viewer, choice.id) if choice.known else None


def names_for(viewer: Actor, call_off_ids: Collection[int]) -> Mapping[int, str]:
    """The names of these choices' children, as far as the viewer may know them, each reading written down.

    One statement that reads and one that writes, however many there are.
    """
    found = db.session.execute(_sealed().where(CallOff.id.in_(call_off_ids), readable_by(viewer))).all()
    if not found:
        return {}
    with transaction():
        for row in found:
            _note_reading(viewer, row.id, row.call_off_id)
    return {row.call_off_id: unseal(row.name_sealed) for row in found}


def _note_reading(viewer: Actor, child_id: int, call_off_id: int) -> None:
    record(
        "child.read", "child", child_id, by=viewer, call_off=call_off_id, organisation=viewer.organisation_id
    )


def closed_to(choice: Choice) -> str:
    """Why the provider may not be told more of the child today, as a sentence; empty where it may, or where
    it reads nothing any more. At most one statement."""
    if not choice.provider_reads:
        return ""
    return provider_standing(choice.service_id).closed(placed=choice.last_day is not None)


def readers_of(choice: Choice) -> list[str]:
    """The names of those at the chosen provider who read of the child today."""
    if not choice.provider_reads:
        return []
    return [member["name"] for member in members_with_permission(choice.provider_id, "child:read")]


def files_for(viewer: Actor, call_off_id: int) -> list[FileLine]:
    """The files that were given with a choice, the newest first: what they are, not what they hold."""
    rows = db.session.execute(
        select(
            ChildFile.id,
            ChildFile.kind,
            ChildFile.document_id,
            Document.filename,
            Document.size,
            Document.scan_state,
            ChildFile.added_at,
            Person.name.label("added_by"),
        )
        .join(CallOff, CallOff.id == ChildFile.call_off_id)
        .join(Document, Document.id == ChildFile.document_id)
        .join(Person, Person.id == ChildFile.added_by_id)
        .where(ChildFile.call_off_id == call_off_id, readable_by(viewer))
        .order_by(ChildFile.id.desc())
    )
    return [FileLine(**row._asdict()) for row in rows]


def _sealed() -> Select[Any]:
    return (
        select(
            CallOff.id.label("call_off_id"),
            Child.id,
            Child.name_sealed,
            Child.born_on_sealed,
            Child.upn_sealed,
            Child.no_upn_reason,
            Child.has_ehcp,
            Child.looked_after,
            Child.revision,
        )
        .join(CallOff, CallOff.child_id == Child.id)
        .where(Child.erased_at.is_(None))
    )


def _choices() -> Select[Any]:
    return (
        select(
            CallOff.id,
            Referral.reference,
            CallOff.referral_id,
            CallOff.state,
            CallOff.school_id,
            _School.name.label("school_name"),
            CallOff.provider_id,
            _Provider.name.label("provider_name"),
            CallOff.service_id,
            Service.title.label("service_title"),
            CallOff.chosen_at,
            last_day().label("last_day"),
            CallOff.child_id,
            func.coalesce(Child.revision, 0).label("revision"),
            Child.entered_at,
            Child.erased_at,
        )
        .join(Referral, Referral.id == CallOff.referral_id)
        .join(_School, _School.id == CallOff.school_id)
        .join(_Provider, _Provider.id == CallOff.provider_id)
        .join(Service, Service.id == CallOff.service_id)
        .outerjoin(Child, Child.id == CallOff.child_id)
    )

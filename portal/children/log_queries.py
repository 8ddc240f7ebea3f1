"""Who has read or changed what a school keeps of its children here: for its safeguarding lead."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Text, cast, func, select

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.models import AuditLine
from portal.audit.words import happened
from portal.call_offs.models import CallOff
from portal.children.kinds import FILE_KINDS
from portal.children.models import Child
from portal.commissioning.models import Referral
from portal.database import db
from portal.errors import NotFound

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that somebody read or did. `reference` is the referral's, `organisation` the reader's own."""

    at: datetime
    actor_name: str
    action: str
    kind: str | None
    organisation: str | None
    call_off_id: int | None
    reference: str | None

    @property
    def what(self) -> str:
        """'Name and facts read', 'File opened: EHC plan'."""
        words = happened(self.action)
        return f"{words}: {FILE_KINDS[self.kind]}" if self.kind in FILE_KINDS else words


def log_for(
    viewer: Actor, *, skip: int, call_off_id: int | None = None, others_only: bool = False
) -> tuple[list[LogLine], int]:
    """A page of what was read and done of the school's children, or of the child of one choice, newest first;
    and how many lines there are. `others_only` leaves out what the school's own people did.

    Raises `NotFound` for who may not know. One statement.
    """
    if not viewer.may("child:log"):
        raise NotFound()
    line = AuditLine.__table__.c
    children = select(cast(Child.id, Text)).where(Child.school_id == viewer.organisation_id)
    if call_off_id is not None:
        children = children.where(Child.id.in_(select(CallOff.child_id).where(CallOff.id == call_off_id)))
    organisation = cast(line.details["organisation"].astext, BigInteger)
    wanted = [line.subject_type == "child", line.subject_id.in_(children)]
    if others_only:
        wanted.append(organisation.is_distinct_from(viewer.organisation_id))
    rows = db.session.execute(
        select(
            line.at,
            line.actor_name,
            line.action,
            line.details["kind"].astext.label("kind"),
            Organisation.name.label("organisation"),
            CallOff.id.label("call_off_id"),
            Referral.reference,
            func.count().over().label("total"),
        )
        .outerjoin(Organisation, Organisation.id == organisation)
        .outerjoin(CallOff, CallOff.id == cast(line.details["call_off"].astext, BigInteger))
        .outerjoin(Referral, Referral.id == CallOff.referral_id)
        .where(*wanted)
        .order_by(line.id.desc())
        .limit(A_PAGE)
        .offset(skip)
    ).all()
    return [LogLine(*row[:7]) for row in rows], (rows[0].total if rows else 0)


def reference_of(viewer: Actor, call_off_id: int) -> str:
    """The reference of a choice of the viewer's own school. Raises `NotFound`."""
    found = db.session.scalar(
        select(Referral.reference)
        .join(CallOff, CallOff.referral_id == Referral.id)
        .where(CallOff.id == call_off_id, CallOff.school_id == viewer.organisation_id)
    )
    if found is None or not viewer.may("child:log"):
        raise NotFound()
    return found

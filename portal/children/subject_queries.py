"""Finding one school's child by what its parents know, for a copy of what is kept (UK GDPR, Article 15)."""

from datetime import date

from sqlalchemy import select

from portal.audit.services import Doer, record
from portal.children.models import Child
from portal.children.queries import Identity
from portal.children.sealing import digest, unseal
from portal.children.upn import WrongNumber, normal_upn
from portal.database import db, transaction
from portal.errors import Refusal


class SeveralChildren(Refusal):
    """A name alone must not hand one child's data to another's parents."""

    sentence = "Several children of this school have this name. Ask for the UPN, and enter that."


def child_for_subject_access(*, school_id: int, about: str, by: Doer) -> Identity | None:
    """The child of this school with this UPN or exactly this name; None where there is none.

    The caller has checked that `by` may put such a file together; the reading is written down where the
    school's safeguarding lead sees it. Names are sealed, so each of the school's is opened to compare.
    Raises `SeveralChildren` and `portal.children.sealing.WrongKey`.
    """
    kept = select(Child).where(Child.school_id == school_id, Child.erased_at.is_(None))
    try:
        found = list(db.session.scalars(kept.where(Child.upn_digest == digest(normal_upn(about)))))
    except WrongNumber:
        wanted = " ".join(about.split()).casefold()
        found = [each for each in db.session.scalars(kept) if _name_of(each).casefold() == wanted]
    if len(found) > 1:
        raise SeveralChildren(field="about")
    return _opened(found[0], by) if found else None


def _opened(child: Child, by: Doer) -> Identity:
    with transaction():
        organisation = getattr(by, "organisation_id", None)
        record("child.read", "child", child.id, by=by, organisation=organisation, purpose="subject access")
    return Identity(
        child_id=child.id,
        name=_name_of(child),
        born_on=date.fromisoformat(unseal(child.born_on_sealed or b"")),
        upn=unseal(child.upn_sealed) if child.upn_sealed else "",
        no_upn_reason=child.no_upn_reason,
        has_ehcp=child.has_ehcp,
        looked_after=child.looked_after,
        revision=child.revision,
    )


def _name_of(child: Child) -> str:
    return unseal(child.name_sealed or b"")

"""Saying who the child of a choice is, and changing it.

`portal_url` is the address under which people reach the portal, for the links in letters.
"""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.services import record
from portal.call_offs.models import CallOff
from portal.children.access import last_day, provider_reads, read_until
from portal.children.facts import WORDS, ChildFacts, checked
from portal.children.letters import tell_provider
from portal.children.models import Child
from portal.children.sealing import digest, seal, unseal
from portal.commissioning.models import Referral
from portal.commissioning.provider_standing import require_open
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal

NOTHING_TO_IT = (
    "So nothing about a child goes to it now. Wait until the council tells you that this has changed, or "
    "choose another provider: cancel this choice first, or end the agreement of a child who is there."
)


class ChangedMeanwhile(Conflict):
    """Somebody else said or changed who the child is after the page was drawn."""

    sentence = (
        "A colleague has changed this meanwhile. Go back and read what is kept now; save yours again only if "
        "it is right."
    )


class KnownChild(Refusal):
    """The school has named a child with this UPN before, and said something else of it."""

    def __init__(self, differing: list[str], earlier: str) -> None:
        named = [WORDS[each] for each in differing]
        said = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
        super().__init__(
            f"Your school has named a child with this UPN before, for referral {earlier}. What you entered "
            f"differs in {said}. If it is the same child, say so: what you entered then replaces what was "
            "kept, for every provider that may read it.",
            field="same_child",
        )


def identify_child(
    *,
    call_off_id: int,
    name: str,
    born_on: date,
    upn: str,
    no_upn_reason: str,
    has_ehcp: bool,
    looked_after: bool,
    seen: int = 0,
    same_child: bool = False,
    portal_url: str,
    by: Actor,
) -> int:
    """Say who the child of a choice is, or change what was said; the provider is told that, and not what.

    `seen` is the revision that the page showed (0: nothing was said yet). Returns the child's id; the same
    sent twice is kept once. Raises `NotFound` for who may not or a choice that does not stand, `Refusal` with
    the field that is wrong, `KnownChild` where `same_child` has to be said, `ChangedMeanwhile`, `NotAdmitted`
    and `Excluded` (`reader_remains`), and `portal.children.sealing.WrongKey` before anything is sealed by a
    key that opens nothing of what is kept.
    """
    facts = checked(
        name=name, born_on=born_on, upn=upn, no_upn_reason=no_upn_reason, has_ehcp=has_ehcp,
        looked_after=looked_after,
    )  # fmt: skip
    with transaction() as session:
        call_off = own_choice(session, call_off_id, by)
        reader_remains(session, call_off)
        _one_at_a_time(session, call_off.school_id)
        _check_key(session)
        if call_off.child_id is None:
            return _name(session, call_off, facts, same_child, portal_url, by)
        child = session.get_one(Child, call_off.child_id, with_for_update=True, populate_existing=True)
        if child.erased_at is not None:
            raise NotFound()
        differing = facts.differing(kept_facts(child))
        if not differing:
            return child.id
        if child.revision != seen:
            raise ChangedMeanwhile()
        if (other := _with_number(session, child.school_id, facts.upn)) and other.id != child.id:
            raise Refusal(
                "This UPN belongs to another child that your school has named here. Check it. If this choice "
                "is for that other child, cancel it and choose again.",
                field="upn",
            )
        _change(session, child, facts, differing, portal_url, by)
    return child.id


def own_choice(session: Session, call_off_id: int, by: Actor) -> CallOff:
    """A choice of the actor's own school that stands, locked. Raises `NotFound`."""
    call_off = session.get(CallOff, call_off_id, with_for_update=True, populate_existing=True)
    if call_off is None or not by.may("referral:send") or call_off.school_id != by.organisation_id:
        raise NotFound()
    if call_off.state != "chosen":
        raise NotFound()
    return call_off


def reader_remains(session: Session, call_off: CallOff) -> bool:
    """Whether the provider of a choice still reads of the child, so that it can be told more.

    Raises `NotAdmitted` or `Excluded` where it does and may not have a child today: a new one unless its
    standing is open, one that is placed there already unless no child may be there any more.
    """
    last = session.scalar(select(last_day()).select_from(CallOff).where(CallOff.id == call_off.id))
    until = read_until(last)
    if until and until < clock.today():
        return False
    require_open(call_off.service_id, therefore=NOTHING_TO_IT, placed=last is not None)
    return True


def kept_facts(child: Child) -> ChildFacts:
    """What is kept of a child, in clear. Raises `WrongKey`."""
    assert child.name_sealed and child.born_on_sealed
    return ChildFacts(
        name=unseal(child.name_sealed),
        born_on=date.fromisoformat(unseal(child.born_on_sealed)),
        upn=unseal(child.upn_sealed) if child.upn_sealed else "",
        no_upn_reason=child.no_upn_reason,
        has_ehcp=child.has_ehcp,
        looked_after=child.looked_after,
    )


def _one_at_a_time(session: Session, school_id: int) -> None:
    """Let colleagues who name the same child for two choices wait for each other, and nobody else."""
    session.execute(
        select(Organisation.id).where(Organisation.id == school_id).with_for_update(key_share=True)
    )


def _check_key(session: Session) -> None:
    """Raise `WrongKey` where the newest child was sealed by another, before this one seals anything."""
    newest = session.scalar(
        select(Child.name_sealed).where(Child.erased_at.is_(None)).order_by(Child.id.desc()).limit(1)
    )
    if newest:
        unseal(newest)


def _name(
    session: Session, call_off: CallOff, facts: ChildFacts, same_child: bool, portal_url: str, by: Actor
) -> int:
    """Say it for the first time: of a new child, or of one that the school has named for another choice."""
    child = _with_number(session, call_off.school_id, facts.upn)
    if child is None:
        child = Child(
            school_id=call_off.school_id,
            entered_at=clock.now(),
            entered_by_id=by.person_id,
            revision=1,
            **_columns(facts),
        )
        session.add(child)
        session.flush()
    elif differing := facts.differing(kept_facts(child)):
        if not same_child:
            raise KnownChild(differing, _last_reference(session, child))
        _change(session, child, facts, differing, portal_url, by)
    call_off.child_id = child.id
    session.flush()
    record("child.name", "child", child.id, by=by, call_off=call_off.id, organisation=by.organisation_id)
    _tell(session, "named", call_off, child.id, portal_url, by)
    return child.id


def _last_reference(session: Session, child: Child) -> str:
    """By which referral the school knows the child: that of its newest choice."""
    return session.scalars(
        select(Referral.reference)
        .join(CallOff, CallOff.referral_id == Referral.id)
        .where(CallOff.child_id == child.id)
        .order_by(CallOff.id.desc())
        .limit(1)
    ).one()


def _with_number(session: Session, school_id: int, upn: str) -> Child | None:
    """The school's own child with this UPN, locked. Nobody learns whether another school has it as well."""
    if not upn:
        return None
    return session.scalar(
        select(Child).where(Child.school_id == school_id, Child.upn_digest == digest(upn)).with_for_update()
    )


def _change(
    session: Session, child: Child, facts: ChildFacts, differing: list[str], portal_url: str, by: Actor
) -> None:
    for column, value in _columns(facts).items():
        setattr(child, column, value)
    child.revision += 1
    session.flush()
    choices = session.scalars(
        select(CallOff).where(CallOff.child_id == child.id, provider_reads()).order_by(CallOff.id)
    ).all()
    for call_off in choices:
        record(
            "child.change", "child", child.id, by=by,
            call_off=call_off.id, organisation=by.organisation_id, fields=differing,
        )  # fmt: skip
        _tell(session, "changed", call_off, child.revision, portal_url, by)


def _columns(facts: ChildFacts) -> dict[str, Any]:
    return {
        "name_sealed": seal(facts.name),
        "born_on_sealed": seal(facts.born_on.isoformat()),
        "upn_sealed": seal(facts.upn) if facts.upn else None,
        "upn_digest": digest(facts.upn) if facts.upn else None,
        "no_upn_reason": facts.no_upn_reason,
        "has_ehcp": facts.has_ehcp,
        "looked_after": facts.looked_after,
    }


def _tell(session: Session, event: str, call_off: CallOff, once: object, portal_url: str, by: Actor) -> None:
    tell_provider(
        event,
        call_off_id=call_off.id,
        provider_id=call_off.provider_id,
        reference=reference_of(session, call_off),
        school=by.organisation_name,
        once=once,
        portal_url=portal_url,
        by=by,
    )


def reference_of(session: Session, call_off: CallOff) -> str:
    """The reference of the referral that was chosen."""
    return session.scalars(select(Referral.reference).where(Referral.id == call_off.referral_id)).one()

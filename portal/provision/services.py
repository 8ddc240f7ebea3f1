"""Keeping a service's page: saving its parts, sending them for the council's check, and that check."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.directory.models import Service, Standing
from portal.directory.offer import SESSIONS
from portal.directory.offer_services import change_offer, confirm_free_places, free_where_open
from portal.directory.queries import service_named, sites_of
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused, move
from portal.provision import facts, letters
from portal.provision.lifecycle import PROPOSAL
from portal.provision.models import OwnWords, Proposal
from tender.frameworks.models import Framework, Lot


class StalePage(Conflict):
    """Somebody else saved the page since it was opened."""

    sentence = (
        "A colleague saved this page while you were writing. Compare both versions, then save again "
        "to keep yours."
    )


class ChangedAgain(Conflict):
    """What an officer read is not what schools read any more."""

    sentence = "The provider has changed this again since you opened the page. Read it once more."


class BeingChecked(Conflict):
    """What the council is checking does not change under its hands."""

    sentence = "The council is checking your page. Take it back first, then change it and send it again."


def save_part(*, service_id: int, part: str, values: Mapping[str, Any], seen: str, by: Actor) -> bool:
    """Save one part of a service's page; whether schools see it at once.

    A part that the council checks is kept as a proposal; what equals a verified page is no proposal any more.
    Another is shown at once, and an officer is told that it has changed (`OwnWords`).
    Raises `NotFound` for somebody else's service or an unknown part, `StalePage` when the page was saved
    since `seen`, `BeingChecked`, and `Refusal` (with the field) for what schools could not use.
    """
    if part not in facts.PARTS:
        raise NotFound()
    facts.require_well_formed(part, values)
    with transaction():
        service = _own(service_id, by)
        proposal = _open_proposal(service_id)
        if seen != f"{service.version}.{proposal.version if proposal else 0}":
            raise StalePage()
        if not facts.PARTS[part].checked:
            _require_room(service, values)
            before = facts.facts_of(service_named(service.id), (), part)
            change_offer(service=service, values=values, by=by)
            _note_own_words(service, part, before, values, by)
            return True
        if proposal is not None and proposal.state == "waiting":
            raise BeingChecked()
        _propose(service, proposal, part, values, by)
    return False


def _note_own_words(
    service: Service, part: str, before: Mapping[str, Any], now: Mapping[str, Any], by: Actor
) -> None:
    """Let an officer read what has changed; nothing is left to read where it is again as it was."""
    session = db.session()
    change = session.scalar(
        select(OwnWords).where(OwnWords.service_id == service.id, OwnWords.part == part).with_for_update()
    )
    if facts.stored(now) == (change.before if change else facts.stored(before)):
        if change:
            session.delete(change)
        return
    if change is None:
        change = OwnWords(service_id=service.id, part=part, before=facts.stored(before), version=0)
        session.add(change)
    assert by.person_id is not None
    change.version, change.changed_at, change.changed_by_id = change.version + 1, clock.now(), by.person_id


def note_as_read(*, own_words_id: int, version: int, by: Actor) -> None:
    """An officer has read what a provider changed without a check: it waits no longer.

    Raises `NotFound`, also where a colleague was first, and `ChangedAgain`.
    """
    with transaction() as session:
        change = session.get(OwnWords, own_words_id, with_for_update=True)
        if change is None or not by.may("service:check"):
            raise NotFound()
        service = session.get_one(Service, change.service_id)
        if _council_of(service) != by.organisation_id:
            raise NotFound()
        if change.version != version:
            raise ChangedAgain()
        session.delete(change)
        record(
            "service.read_change",
            "standing",
            service.standing_id,
            by=by,
            service=service.id,
            part=change.part,
        )


def _require_room(service: Service, values: Mapping[str, Any]) -> None:
    """Refuse fewer places than are confirmed as free in a session in which the service stays open."""
    free = free_where_open(service.free_by_session or [0] * len(SESSIONS), values.get("sessions", ()))
    if "places" in values and values["places"] < max(free):
        raise Refusal(
            f"You confirmed {max(free)} free places in one session. Change that first.", field="places"
        )


def _propose(
    service: Service, proposal: Proposal | None, part: str, values: Mapping[str, Any], by: Actor
) -> None:
    session = db.session()
    entry = service_named(service.id)
    now = facts.facts_of(entry, sites_of(service.id), part)
    kept = dict(proposal.facts) if proposal else {}
    if dict(values) == now and part in entry.verified:
        kept.pop(part, None)
    else:
        kept[part] = facts.stored(values)
    if proposal is None:
        proposal = Proposal(service_id=service.id, version=0)
        session.add(proposal)
    assert by.person_id is not None
    proposal.facts, proposal.version = kept, proposal.version + 1
    proposal.saved_at, proposal.saved_by_id = clock.now(), by.person_id
    session.flush()
    record("service_page.save", "service_page", proposal.id, by=by, service=service.id, part=part)


def send_for_check(*, service_id: int, portal_url: str, by: Actor) -> None:
    """Send the council all checked parts that it has not verified as they are to be.

    Raises `NotFound`, `Refusal` while one of them is not complete or nothing is to be checked, and
    `MoveRefused` when it was sent already.
    """
    with transaction() as session:
        service = _own(service_id, by)
        proposal = _open_proposal(service_id)
        entry, sites = service_named(service_id), sites_of(service_id)
        kept = dict(proposal.facts) if proposal else {}
        for part in facts.CHECKED:
            if part not in kept and part not in entry.verified:
                kept[part] = facts.stored(facts.facts_of(entry, sites, part))
        for part, said in kept.items():
            if not facts.is_complete(part, facts.read(said)):
                raise Refusal(
                    f"“{facts.PARTS[part].title}” is not complete. Open it and fill in what is missing."
                )
        if not kept:
            raise Refusal("Nothing is to be checked: the council has verified all that it checks.")
        assert by.person_id is not None
        if proposal is None:
            proposal = Proposal(
                service_id=service_id, version=0, saved_at=clock.now(), saved_by_id=by.person_id
            )
            session.add(proposal)
        proposal.facts, proposal.reason, proposal.version = kept, "", proposal.version + 1
        session.flush()
        move(PROPOSAL, proposal, "send", by=by)
        council_id = _council_of(service)
        letters.tell_checkers(
            proposal_id=proposal.id,
            version=proposal.version,
            provider=entry.provider_name,
            title=entry.title,
            council_id=council_id,
            portal_url=portal_url,
            by=by,
        )


def take_back(*, service_id: int, by: Actor) -> None:
    """Let the provider change what the council has not checked yet. Raises `NotFound` and `MoveRefused`."""
    with transaction():
        _own(service_id, by)
        proposal = _open_proposal(service_id)
        if proposal is None:
            raise MoveRefused(PROPOSAL["take_back"].refusal)
        proposal.version += 1
        move(PROPOSAL, proposal, "take_back", by=by)


def publish(*, proposal_id: int, version: int, how: str, portal_url: str, by: Actor) -> None:
    """The council has verified what is proposed: schools read it, with today's date.

    `how` says by what it was verified. Raises `NotFound`, `Refusal` without `how`, `MoveRefused`, and
    `StalePage` when what is proposed is no longer what was shown.
    """
    if not how.strip():
        raise Refusal("Say how you checked it: what you read, whom you asked, when you visited.", field="how")
    with transaction() as session:
        proposal, service = _to_check(proposal_id, by)
        if proposal.version != version:
            raise StalePage()
        values: dict[str, Any] = {}
        for said in proposal.facts.values():
            values |= facts.read(said)
        proposal.how = how.strip()
        move(PROPOSAL, proposal, "publish", by=by)
        session.flush()
        change_offer(service=service, values=values, verified=list(proposal.facts), by=by)
        _tell(proposal, service, "", portal_url, by)


def send_back(*, proposal_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Ask the provider to change what it proposes. Raises `NotFound`, `Refusal` and `MoveRefused`."""
    if not reason.strip():
        raise Refusal("Say what the provider has to change. It reads this.", field="reason")
    with transaction():
        proposal, service = _to_check(proposal_id, by)
        proposal.reason = reason.strip()
        move(PROPOSAL, proposal, "send_back", by=by)
        _tell(proposal, service, proposal.reason, portal_url, by)


def confirm_places(*, service_id: int, free: Sequence[int], by: Actor) -> None:
    """Say how many places are free today in each session of a week. Raises `NotFound` and `Refusal`."""
    with transaction():
        confirm_free_places(service=_own(service_id, by), free=free, by=by)


def _own(service_id: int, by: Actor) -> Service:
    """The actor's own service, locked."""
    service = db.session().get(Service, service_id, with_for_update=True, populate_existing=True)
    if service is None or service.provider_id != by.organisation_id or not by.may("service:edit"):
        raise NotFound()
    return service


def _open_proposal(service_id: int) -> Proposal | None:
    return db.session.scalar(
        select(Proposal)
        .where(Proposal.service_id == service_id, Proposal.state != "published")
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _to_check(proposal_id: int, by: Actor) -> tuple[Proposal, Service]:
    """A proposal that was sent to the actor's council, and its service, both locked: the service first."""
    session = db.session()
    service_id = session.scalar(select(Proposal.service_id).where(Proposal.id == proposal_id))
    service = session.get(Service, service_id or 0, with_for_update=True, populate_existing=True)
    proposal = session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if service is None or proposal is None or proposal.state == "draft" or not by.may("service:check"):
        raise NotFound()
    if _council_of(service) != by.organisation_id:
        raise NotFound()
    return proposal, service


def _council_of(service: Service) -> int:
    return db.session.execute(
        select(Framework.council_id)
        .join(Lot, Lot.framework_id == Framework.id)
        .join(Standing, Standing.lot_id == Lot.id)
        .where(Standing.id == service.standing_id)
    ).scalar_one()


def _tell(proposal: Proposal, service: Service, reason: str, portal_url: str, by: Doer) -> None:
    letters.tell_provider(
        proposal_id=proposal.id,
        version=proposal.version,
        service_id=service.id,
        title=service.title,
        provider_id=service.provider_id,
        reason=reason,
        portal_url=portal_url,
        by=by,
    )

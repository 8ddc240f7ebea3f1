"""Reading service pages: the provider's own with what it proposes, and what waits for the council's check."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, select

from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.directory.entries import ServiceEntry
from portal.directory.models import Service, Site, Standing
from portal.directory.queries import own_service, service_named, sites_of
from portal.errors import NotFound
from portal.provision import facts
from portal.provision.models import OwnWords, Proposal
from tender.frameworks.models import Framework, Lot


@dataclass(frozen=True)
class PartShown:
    """A part of a page: what schools read, what is proposed instead, and how far that is.

    `status` is one of "shown" (the provider's own words), "verified", "not verified" (as the tender said it),
    "proposed" and "missing" (something that the council needs is not there).
    """

    code: str
    title: str
    checked: bool
    status: str
    now: dict[str, Any]
    proposed: dict[str, Any] | None
    verified_on: date | None

    @property
    def values(self) -> dict[str, Any]:
        """What the form begins with."""
        return self.now if self.proposed is None else self.proposed


@dataclass(frozen=True)
class ServicePage:
    """A service's page as its provider keeps it. `seen` stands for all that a save could overwrite."""

    service: ServiceEntry
    sites: Sequence[Site]
    parts: dict[str, PartShown]
    state: str
    seen: str
    reason: str = ""
    sent_at: datetime | None = None
    proposal_id: int | None = None

    @property
    def to_send(self) -> list[PartShown]:
        """The parts that the council has not verified as they are to be."""
        return [part for part in self.parts.values() if part.checked and part.status != "verified"]

    @property
    def can_send(self) -> bool:
        """Whether all of these are complete, and the council does not check them already."""
        return (
            self.state != "waiting"
            and bool(self.to_send)
            and all(facts.is_complete(part.code, part.values) for part in self.to_send)
        )


def page_of(viewer: Actor, service_id: int) -> ServicePage:
    """The page of a service of the viewer's own organisation. Raises `NotFound`."""
    service = own_service(viewer, service_id)
    proposal = db.session.scalar(
        select(Proposal).where(Proposal.service_id == service_id, Proposal.state != "published")
    )
    return _page(service, proposal)


def _page(service: ServiceEntry, proposal: Proposal | None) -> ServicePage:
    sites = sites_of(service.id)
    kept = proposal.facts if proposal else {}
    parts = {}
    for code, part in facts.PARTS.items():
        now = facts.facts_of(service, sites, code)
        proposed = facts.read(kept[code]) if code in kept else None
        verified_on = service.verified_on(code)
        said = now if proposed is None else proposed
        if not facts.is_complete(code, said):
            status = "missing"
        elif not part.checked:
            status = "shown"
        elif proposed is not None:
            status = "proposed"
        else:
            status = "verified" if verified_on else "not verified"
        parts[code] = PartShown(code, part.title, part.checked, status, now, proposed, verified_on)
    return ServicePage(
        service=service,
        sites=sites,
        parts=parts,
        state=proposal.state if proposal else "none",
        seen=f"{service.version}.{proposal.version if proposal else 0}",
        reason=proposal.reason if proposal and proposal.state == "draft" else "",
        sent_at=proposal.sent_at if proposal else None,
        proposal_id=proposal.id if proposal else None,
    )


@dataclass(frozen=True)
class Check:
    """A proposal as the council checks it."""

    id: int
    page: ServicePage
    state: str
    sent_at: datetime | None
    decided_at: datetime | None
    how: str
    rows: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    """By title of the part: (what, what schools read now, what is proposed)."""


def _of_council(viewer: Actor, of: type[Proposal] | type[OwnWords], *columns: Any) -> Select[Any]:
    """These columns, with which service it is about, of what concerns the viewer's council."""
    return (
        select(
            *(of.id, *columns),
            Service.title,
            Organisation.name.label("provider_name"),
            Lot.number.label("lot_number"),
            Lot.title.label("lot_title"),
            func.count().over().label("total"),
        )
        .join(Service, Service.id == of.service_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .join(Standing, Standing.id == Service.standing_id)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
        .where(Framework.council_id == viewer.organisation_id)
    )


def checks_waiting(viewer: Actor, *, size: int, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """One page of what waits for the viewer's council, the oldest first, and how many there are."""
    waiting = _of_council(viewer, Proposal, Proposal.sent_at).where(Proposal.state == "waiting")
    return _page_of_rows(waiting.order_by(Proposal.sent_at, Proposal.id), size, skip)


def own_words_waiting(viewer: Actor, *, size: int, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """One page of what providers changed without a check and nobody has read since, the oldest first, and how
    many there are."""
    waiting = _of_council(viewer, OwnWords, OwnWords.part, OwnWords.changed_at)
    return _page_of_rows(waiting.order_by(OwnWords.changed_at, OwnWords.id), size, skip)


def _page_of_rows(statement: Select[Any], size: int, skip: int) -> tuple[Sequence[RowMapping], int]:
    rows = db.session.execute(statement.limit(size).offset(skip)).mappings().all()
    return rows, (rows[0]["total"] if rows else 0)


def numbers_waiting(viewer: Actor) -> tuple[int, int]:
    """How many pages wait for a check by the viewer's council, and how many changes to be read."""
    waiting = _of_council(viewer, Proposal).where(Proposal.state == "waiting").subquery()
    unread = _of_council(viewer, OwnWords).subquery()
    numbers = (select(func.count()).select_from(each).scalar_subquery() for each in (waiting, unread))
    pages, changes = db.session.execute(select(*numbers)).one()
    return pages, changes


@dataclass(frozen=True)
class Changed:
    """What a provider changed in a part of a page: (what, when it was read last, now) in `rows`."""

    id: int
    version: int
    part: str
    changed_at: datetime
    changed_by: str
    service: ServiceEntry
    rows: list[tuple[str, str, str]]


def own_words_for(viewer: Actor, own_words_id: int) -> Changed:
    """A change without a check, for the council on whose framework the service stands. Raises `NotFound`."""
    found = db.session.execute(
        _of_council(
            viewer, OwnWords, *(OwnWords.service_id, OwnWords.part, OwnWords.before, OwnWords.version),
            *(OwnWords.changed_at, Person.name.label("changed_by")),
        )
        .join(Person, Person.id == OwnWords.changed_by_id)
        .where(OwnWords.id == own_words_id)
    ).one_or_none()  # fmt: skip
    if found is None or not viewer.may("service:check"):
        raise NotFound()
    service = service_named(found.service_id)
    now = dict(facts.in_words(found.part, facts.facts_of(service, (), found.part)))
    before = dict(facts.in_words(found.part, facts.read(found.before)))
    return Changed(
        id=own_words_id,
        version=found.version,
        part=facts.PARTS[found.part].title,
        changed_at=found.changed_at,
        changed_by=found.changed_by,
        service=service,
        rows=[(what, before.get(what, "–"), said) for what, said in now.items()],
    )


def check_for(viewer: Actor, proposal_id: int) -> Check:
    """A proposal that was sent to the viewer's council. Raises `NotFound`."""
    found = db.session.execute(_of_council(viewer, Proposal).where(Proposal.id == proposal_id)).one_or_none()
    if found is None or not viewer.may("service:check"):
        raise NotFound()
    proposal = db.session.get_one(Proposal, proposal_id)
    if proposal.state == "draft":
        raise NotFound()
    page = _page(service_named(proposal.service_id), proposal)
    rows = {}
    for code in facts.CHECKED:
        part = page.parts[code]
        if part.proposed is not None:
            now = dict(facts.in_words(code, part.now))
            proposed = dict(facts.in_words(code, part.proposed))
            rows[part.title] = [
                (what, now.get(what, "–"), proposed.get(what, "–")) for what in {**now, **proposed}
            ]
    return Check(
        id=proposal_id,
        page=page,
        state=proposal.state,
        sent_at=proposal.sent_at,
        decided_at=proposal.decided_at,
        how=proposal.how,
        rows=rows,
    )

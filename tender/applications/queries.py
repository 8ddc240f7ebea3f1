"""Reading applications: the provider's own at any time; the council's side only once the box is opened.

Every function that gives anything to the council checks by itself that the round is opened (`access`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, bindparam, exists, func, or_, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.accounts.permissions import role_list
from portal.accounts.queries import members_with_permission
from portal.audit.queries import reads_of, trail_of
from portal.database import db
from portal.errors import NotFound
from portal.storage.models import Document
from tender.applications.access import OPENED, barred, is_opened, is_own, may_read, withheld
from tender.applications.closed_queries import refuse_undeclared
from tender.applications.closing import closing_time_of_application
from tender.applications.contents import Item, Tender, in_order, next_after, those_asked
from tender.applications.item_queries import item_from, items_select, lots_applied_for
from tender.applications.models import Answer, Application, ApplicationLot, PromisedFile, Receipt
from tender.certificates.models import Certificate
from tender.frameworks.closing import closing_time, opening_time
from tender.frameworks.lifecycle import ABANDONED, phase
from tender.frameworks.models import Framework, Lot, Question, Round, ScaleBand
from tender.frameworks.queries import ApplicationCounts, lots_of_round
from tender.packs.versions import newest_version


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """An application with its round, framework and provider, and the phase at the moment of asking.

    `closes_at` is when its own time is over, and the phase follows from it; `round_closes_at` is the round's.
    `called` is its reference for the telephone, `reference` the framework's. `files_to_follow` counts the
    files that are promised and not here; `left_out` are the numbers of the lots that were not complete when
    it was submitted.
    """

    id: int
    called: str
    state: str
    started_at: datetime
    submitted_at: datetime | None
    round_id: int
    round_number: int
    round_state: str
    opens_at: datetime
    closes_at: datetime
    round_closes_at: datetime
    sections: Sequence[Mapping[str, str]]
    framework_id: int
    council_id: int
    framework_title: str
    legal_regime: str
    reference: str
    buyer_name: str
    starts_on: date
    provider_id: int
    provider_name: str
    receipt_number: str | None
    needs_certificate: bool
    certificate_state: str | None
    pack_version: int | None
    late_upload_hours: int | None
    files_to_follow: int
    lot_ids: frozenset[int]
    left_out: tuple[str, ...]
    phase: str
    own: bool = False

    @property
    def name(self) -> str:
        """What it is an application to: 'Invented Framework, round 4'."""
        return f"{self.framework_title}, round {self.round_number}"

    @property
    def spoken(self) -> str:
        """Its reference in groups, to be read out: 'A4F29-1C07B'."""
        return f"{self.called[:5]}-{self.called[5:]}"

    @property
    def stage(self) -> str:
        """How far its provider is: draft, ready to certify, certified, submitted."""
        if self.state == "submitted" or not self.needs_certificate:
            return self.state
        return {"asked": "ready to certify", "given": "certified"}.get(self.certificate_state or "", "draft")

    @property
    def files_follow_until(self) -> datetime | None:
        """Until when files may follow that were promised before the close; None where none may."""
        return self.closes_at + timedelta(hours=self.late_upload_hours) if self.late_upload_hours else None

    @property
    def files_awaited(self) -> bool:
        """Whether it is submitted, and files that were promised can still follow."""
        until = self.files_follow_until
        sealed = self.state == "submitted" and self.round_state == "published"
        return sealed and self.files_to_follow > 0 and until is not None and clock.arrived() < until

    @property
    def editable(self) -> bool:
        """Whether its provider can change it now."""
        return self.own and self.state == "draft" and self.phase == "open"

    @property
    def withdrawable(self) -> bool:
        """Whether its provider can take it back now."""
        return self.own and self.state == "submitted" and self.phase == "open"

    @property
    def too_late(self) -> bool:
        """Whether the round closed before it was submitted."""
        return self.state == "draft" and self.phase not in ("draft", "upcoming", "open", "withdrawn")

    @property
    def goes_on(self) -> bool:
        """Whether what it holds can be taken to a later round: it came too late, its round was ended without
        an outcome, or its letter is out."""
        if self.round_state in ABANDONED:
            return True
        return self.too_late or (self.state == "submitted" and self.round_state == "released")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works on an application, with their roles in words, and what they saved last."""

    name: str
    roles: str
    last: Item | None


def application_for(viewer: Actor, application_id: int) -> ApplicationFacts:
    """An application that `viewer` may read now (see `access.may_read`). Raises `NotFound`, and
    `NotDeclaredYet` where a declaration comes first."""
    open_to = [Application.id.not_in(closed) for closed in barred(viewer)]
    facts = _facts(viewer, Application.id == application_id, *open_to)
    if not facts or not may_read(
        viewer,
        provider_id=facts[0].provider_id,
        council_id=facts[0].council_id,
        state=facts[0].state,
        round_state=facts[0].round_state,
    ):
        raise NotFound()
    refuse_undeclared(viewer, [application_id])
    return facts[0]


def own_application_for(viewer: Actor, application_id: int) -> ApplicationFacts:
    """An application of the viewer's own organisation. Raises `NotFound`."""
    facts = _facts(viewer, Application.id == application_id)
    if not facts or not facts[0].own:
        raise NotFound()
    return facts[0]


def open_drafts(viewer: Actor) -> list[ApplicationFacts]:
    """What the viewer's organisation has saved and not submitted while it still can, the next to close first.

    One statement, and none for people who write no applications: every page of theirs shows it.
    """
    if viewer.organisation_kind != "provider" or not viewer.may("application:edit"):
        return []
    own = (Application.provider_id == viewer.organisation_id, Application.state == "draft")
    found = _facts(viewer, *own, Round.state == "published", order=closing_time_of_application())
    return [facts for facts in found if facts.editable]


def tender_of(facts: ApplicationFacts) -> Tender:
    """All that an application holds, in two statements. The caller got `facts` by one of the checks above."""
    offered = lots_of_round(facts.round_id)
    rows = db.session.execute(items_select().where(Application.id == facts.id)).all()
    return Tender(
        headings=facts.sections,
        offered=offered,
        chosen=tuple(lot for lot in offered if lot.id in facts.lot_ids),
        items=in_order(those_asked(item_from(row) for row in rows)),
    )


def read_tender(viewer: Actor, facts: ApplicationFacts) -> Tender:
    """As `tender_of`; for the council without the answers that are withheld from the viewer, which `withheld`
    names."""
    tender = tender_of(facts)
    if facts.own or not (codes := withheld(viewer, facts.round_id, facts.id)):
        return tender
    shut = [item for item in tender.items if item.asked.code in codes]
    return replace(
        tender,
        items=tuple(item for item in tender.items if item not in shut),
        withheld=tuple(dict.fromkeys(item.asked.title for item in shut)),
    )


def own_item_for(viewer: Actor, application_id: int, code: str, lot_id: int | None) -> Item:
    """One item of the viewer's own organisation's application, in one statement, even when another answer has
    made it one that is not asked: what was typed for it is kept.

    Raises `NotFound`, also where nothing is asked so.
    """
    own = {"application_id": application_id, "provider_id": viewer.organisation_id, "code": code}
    statement = _own_items_select("lot" if lot_id is not None else "once")
    # By the connection, as every save asks this: see `portal.accounts.queries.in_session`.
    row = db.session.connection().execute(statement, {**own, "lot_id": lot_id}).one_or_none()
    if row is None or not is_own(viewer, viewer.organisation_id or 0):
        raise NotFound()
    return item_from(row)


def item_after(viewer: Actor, application_id: int, item: Item) -> Item | None:
    """Where the viewer goes on in their own application after `item` (see `next_after`), in one statement."""
    own = {"application_id": application_id, "provider_id": viewer.organisation_id}
    rows = db.session.execute(_own_items_select("all"), own)
    return next_after((item.asked.code, item.lot_id), in_order(those_asked(item_from(row) for row in rows)))


@cache
def _own_items_select(which: str) -> Select[Any]:
    """Items of a provider's own application, by parameters: `all`, or the one asked `once` or for a `lot`."""
    asked = Question.code == bindparam("code")
    narrowed = {
        "all": (),
        "once": (asked, ~Question.per_lot),
        "lot": (asked, Question.per_lot, Lot.id == bindparam("lot_id")),
    }
    return items_select().where(
        Application.id == bindparam("application_id"),
        Application.provider_id == bindparam("provider_id"),
        *narrowed[which],
    )


def bands_of(item: Item) -> Sequence[RowMapping]:
    """The scale on which a scored question is marked, best band first: points, label, descriptor."""
    if item.asked.scale_id is None:
        return ()
    return (
        db.session.execute(
            select(ScaleBand.points, ScaleBand.label, ScaleBand.descriptor)
            .where(ScaleBand.scale_id == item.asked.scale_id)
            .order_by(ScaleBand.points.desc())
        )
        .mappings()
        .all()
    )


def receipts_of(facts: ApplicationFacts) -> Sequence[RowMapping]:
    """Every receipt of an application, the newest first: number, submitted_at, submitted_by, manifest,
    sha256, withdrawn_at."""
    return (
        db.session.execute(
            select(
                Receipt.number,
                Receipt.submitted_at,
                Person.name.label("submitted_by"),
                Receipt.manifest,
                Receipt.sha256,
                Receipt.withdrawn_at,
            )
            .join(Person, Person.id == Receipt.submitted_by_id)
            .where(Receipt.application_id == facts.id)
            .order_by(Receipt.id.desc())
        )
        .mappings()
        .all()
    )


def document_of(viewer: Actor, facts: ApplicationFacts, document_id: UUID) -> Document:
    """A document given in answer to what the application is asked. Raises `NotFound` for all others, and for
    those of an answer that is withheld from the viewer."""
    given = {file.id for item in read_tender(viewer, facts).items for file in item.files}
    found = db.session.get(Document, document_id) if document_id in given else None
    if found is None:
        raise NotFound()
    return found


def submitters_of(facts: ApplicationFacts) -> list[str]:
    """The names of those who may submit for this provider."""
    return [row["name"] for row in members_with_permission(facts.provider_id, "application:submit")]


def team_of(facts: ApplicationFacts, tender: Tender) -> list[Colleague]:
    """Who works on this provider's applications, and what of this one each of them saved last."""
    saved = sorted((item for item in tender.items if item.saved_at), key=lambda item: str(item.saved_at))
    last = {item.saved_by: item for item in saved}
    return [
        Colleague(row["name"], role_list(row["roles"]), last.get(row["name"]))
        for row in members_with_permission(facts.provider_id, "application:edit")
    ]


def history_for(viewer: Actor, facts: ApplicationFacts) -> Sequence[RowMapping]:
    """The trail of an application for those who may read trails; nothing for anyone else."""
    return trail_of("application", facts.id) if viewer.may("audit:read") else ()


def readings_for(viewer: Actor, facts: ApplicationFacts) -> Sequence[RowMapping]:
    """Who read an application, for those who may read trails; nothing for anyone else."""
    return reads_of("application", facts.id) if viewer.may("audit:read") else ()


def sealed_applications(round_id: int) -> Sequence[RowMapping]:
    """Submitted applications of an opened round, by provider's name, in one statement.

    Columns: id, provider_id, provider_name, submitted_at, receipt_number, lot_ids. Raises `NotFound` while
    the tender box is shut.
    """
    rows = (
        db.session.execute(
            select(
                Round.state,
                Application.id,
                Application.provider_id,
                Organisation.name.label("provider_name"),
                Application.submitted_at,
                Receipt.number.label("receipt_number"),
                lots_applied_for().label("lot_ids"),
            )
            .select_from(Round)
            .outerjoin(Application, and_(Application.round_id == Round.id, Application.state == "submitted"))
            .outerjoin(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(Receipt, _standing_receipt())
            .where(Round.id == round_id, Round.state.in_(OPENED))
            .order_by(Organisation.name, Application.id)
        )
        .mappings()
        .all()
    )
    if not rows:
        raise NotFound()
    return [row for row in rows if row["id"] is not None]


def answers_of(application_id: int) -> tuple[ApplicationFacts, Tender]:
    """What an evaluator reads of one application: its facts, and its lots, questions, answers and files.

    Three statements. The caller has checked that the person may read it; this function refuses by itself what
    nobody at the council may read: raises `NotFound` for a draft and while the tender box is shut.
    """
    facts = _facts(None, Application.id == application_id)
    if not facts or facts[0].state != "submitted" or not is_opened(facts[0].round_state):
        raise NotFound()
    return facts[0], tender_of(facts[0])


def counts(round_ids: Sequence[int]) -> dict[int, ApplicationCounts]:
    """How many applications were started and submitted, by round: all that may be known before the
    opening."""
    submitted = func.count().filter(Application.state == "submitted")
    rows = db.session.execute(
        select(Application.round_id, func.count(), submitted)
        .where(Application.round_id.in_(round_ids))
        .group_by(Application.round_id)
    )
    return {round_id: ApplicationCounts(started, sent) for round_id, started, sent in rows}


def newest_of(viewer: Actor, most: int) -> list[ApplicationFacts]:
    """The newest applications of the viewer's organisation; none for people who write no applications."""
    if viewer.organisation_kind != "provider" or not viewer.may("application:edit"):
        return []
    own = Application.provider_id == viewer.organisation_id
    return _facts(viewer, own, order=Application.id.desc(), most=most)


def _files_to_follow() -> ColumnElement[int]:
    """How many promised files of what `Application` applies for are not here."""
    applied_for = exists().where(
        ApplicationLot.application_id == Application.id, ApplicationLot.lot_id == Answer.lot_id
    )
    return (
        select(func.count())
        .select_from(PromisedFile)
        .join(Answer, Answer.id == PromisedFile.answer_id)
        .where(Answer.application_id == Application.id, PromisedFile.document_id.is_(None))
        .where(or_(Answer.lot_id.is_(None), applied_for.correlate_except(ApplicationLot)))
        .correlate(Application)
        .scalar_subquery()
    )


def _standing_receipt() -> ColumnElement[bool]:
    return and_(Receipt.application_id == Application.id, Receipt.withdrawn_at.is_(None))


def _facts(
    viewer: Actor | None,
    *conditions: ColumnElement[bool],
    order: ColumnElement[Any] | None = None,
    most: int | None = None,
) -> list[ApplicationFacts]:
    """Facts of the applications that meet the conditions, in one statement."""
    statement = (
        _facts_select()
        .where(*conditions)
        .order_by(order if order is not None else Application.id)
        .limit(most)
    )
    at = clock.arrived()
    found = []
    for row in db.session.execute(statement).mappings():
        known: dict[str, Any] = {str(name): value for name, value in row.items()}
        known["lot_ids"] = frozenset(known["lot_ids"])
        known["left_out"] = tuple(lot["number"] for lot in known["left_out"] or ())
        known["phase"] = phase(known["round_state"], known["opens_at"], known["closes_at"], at)
        known["own"] = viewer is not None and is_own(viewer, known["provider_id"])
        found.append(ApplicationFacts(**known))
    return found


@cache
def _facts_select() -> Select[Any]:
    """The columns of `ApplicationFacts`, without what follows from the time and the viewer."""
    return (
        select(
            Application.id,
            Application.reference.label("called"),
            Application.state,
            Application.started_at,
            Application.submitted_at,
            Application.round_id,
            Round.number.label("round_number"),
            Round.state.label("round_state"),
            opening_time().label("opens_at"),
            closing_time_of_application().label("closes_at"),
            closing_time().label("round_closes_at"),
            Round.sections,
            Round.framework_id,
            Framework.council_id,
            Framework.title.label("framework_title"),
            Framework.legal_regime,
            Framework.reference,
            Framework.buyer_name,
            Framework.starts_on,
            Application.provider_id,
            Organisation.name.label("provider_name"),
            Receipt.number.label("receipt_number"),
            Framework.needs_certificate,
            Certificate.state.label("certificate_state"),
            newest_version().label("pack_version"),
            Round.late_upload_hours,
            _files_to_follow().label("files_to_follow"),
            lots_applied_for().label("lot_ids"),
            Receipt.manifest["left_out"].label("left_out"),
        )
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(Receipt, _standing_receipt())
        .outerjoin(
            Certificate,
            and_(Certificate.application_id == Application.id, Certificate.state != "void"),
        )
    )

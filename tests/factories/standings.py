"""Standings with the people who work on them, and the documents that keep them open."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.models import Service, Standing
from portal.evidence.models import EvidenceVersion
from portal.standings.evidence_services import ask_for_evidence, check_document
from portal.standings.services import Intended, change, decide
from tender.frameworks.models import Framework, Lot
from tender.frameworks.queries import lots_of_framework
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.commissioning import PORTAL_URL
from tests.factories.directory import a_service
from tests.factories.evidence import INSURANCE, an_evidence
from tests.factories.frameworks import a_framework, a_procurement_lead


@dataclass(frozen=True)
class Stood:
    """A provider on one lot, its administrator, and the council's people."""

    standing_id: int
    lot_id: int
    service: Service
    provider: Actor
    officer: Actor
    approver: Actor

    @property
    def row(self) -> Standing:
        """The standing as it is now."""
        return db.session.get_one(Standing, self.standing_id, populate_existing=True)


def a_stood(council: Organisation | None = None) -> Stood:
    """A provider admitted to a lot of a new framework of a council."""
    council = council or a_council()
    framework = a_framework(1, lead=a_procurement_lead(council))
    lot_id = lots_of_framework(framework.id)[0].id
    provider = a_provider_person()
    service = a_service(lot_id, provider.organisation_id)
    return Stood(
        service.standing_id,
        lot_id,
        service,
        provider,
        a_person(council, "quality_officer"),
        a_person(council, "approver"),
    )


def in_days(days: int) -> date:
    """A day from today on."""
    return clock.today() + timedelta(days=days)


def later(days: int) -> AbstractContextManager[None]:
    """Let the block live so many days from now."""
    return clock.staged_at(clock.now() + timedelta(days=days))


def intended(step: str, **changed: object) -> Intended:
    """What an officer might want, with what the step needs and some of it changed."""
    said: dict[str, object] = {"step": step, "cause": "safeguarding", "reason": "Two checks were missing."}
    if step in ("suspend_new", "suspend", "keep"):
        said["review_on"] = in_days(30)
    if step in ("suspend_new", "suspend"):
        said["invited_on"] = clock.today()
    if step == "remove":
        said["representations_by"] = in_days(14)
    return Intended(**said | changed)  # type: ignore[arg-type]


def changed(stood: Stood, step: str, **said: object) -> int:
    """A change made, or a removal proposed, by the officer; its id."""
    return change(
        standing_id=stood.standing_id,
        intended=intended(step, **said),
        portal_url=PORTAL_URL,
        by=stood.officer,
    )


def removed(stood: Stood) -> int:
    """A removal proposed, its time to answer over, and approved."""
    with clock.staged_at(clock.now() - timedelta(days=20)):
        change_id = changed(stood, "remove")
    decide(change_id=change_id, approve=True, note="Heard.", portal_url=PORTAL_URL, by=stood.approver)
    return change_id


def asks_for(stood: Stood, *kinds: str, days: int = 10) -> None:
    """The standing's lot asks for these kinds of document; what is new counts in so many days."""
    ask_for_evidence(lot_id=stood.lot_id, kinds=kinds, applies_from=in_days(days), by=stood.officer)


def let_evidence_run_out(standing_id: int) -> None:
    """The standing's lot asks for a document since some days, and its provider has none."""
    lot_id, council = db.session.execute(
        select(Standing.lot_id, Organisation)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
        .join(Organisation, Organisation.id == Framework.council_id)
        .where(Standing.id == standing_id)
    ).one()
    officer = a_person(council, "quality_officer")
    with clock.staged_at(clock.now() - timedelta(days=20)):
        ask_for_evidence(lot_id=lot_id, kinds=("public_liability",), applies_from=in_days(10), by=officer)


def a_document(stood: Stood, days: int = 300, kind: str = "public_liability") -> EvidenceVersion:
    """A document in the provider's vault that is valid for so many days more."""
    facts = replace(INSURANCE, expires_on=in_days(days))
    evidence_id = an_evidence(stood.provider, type=kind, facts=facts)
    return newest_of(evidence_id)


def newest_of(evidence_id: int) -> EvidenceVersion:
    """The newest version of an evidence."""
    return db.session.scalars(
        select(EvidenceVersion)
        .where(EvidenceVersion.evidence_id == evidence_id)
        .order_by(EvidenceVersion.version.desc())
        .limit(1)
    ).one()


def check(stood: Stood, version: EvidenceVersion, *, accepted: bool = True, note: str = "") -> None:
    """The officer's check of a document."""
    check_document(
        document_id=version.document_id,
        accepted=accepted,
        note=note,
        seen_expires_on=version.expires_on,
        portal_url=PORTAL_URL,
        by=stood.officer,
    )

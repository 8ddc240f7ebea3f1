"""Certifying an application, as a step of its own or in one with its submission.

What is certified is the part that could be submitted now, by the SHA-256 of its contents. The application's
row is held meanwhile, so that nothing is saved between what was read and what is certified.
"""

from typing import Any

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.audit.services import Doer
from portal.database import transaction
from portal.errors import Conflict, Refusal
from tender.applications import letters
from tender.applications.contents import Tender
from tender.applications.holding import Incomplete, Submitted, Unconfirmed, check_open, locked_with_round
from tender.applications.models import Application, ApplicationLot
from tender.applications.parts import ready_part
from tender.applications.queries import ApplicationFacts, own_application_for, tender_of
from tender.applications.receipts import STATEMENT, contents_sha256
from tender.certificates.models import Certificate
from tender.certificates.services import (
    ask_for_certificate,
    give_certificate,
    given_certificate,
    void_certificates_of_drafts,
)
from tender.frameworks.framework_services import ChangedLot
from tender.packs.amendment_services import PublishedVersion

UNCERTIFIED = "Certify the application before it is submitted."


class ChangedMeanwhile(Conflict):
    """Somebody saved something after the page was drawn on which this would have been certified."""

    sentence = (
        "Something in this application was changed after you opened this page, so it was not certified. "
        "Read it once more, then certify it."
    )


def ask_to_certify(*, application_id: int, by: Actor, portal_url: str = "") -> None:
    """Ask the provider's certifiers to certify its draft: each gets a letter, which leads to it at
    `portal_url`, and a line at home.

    Nothing happens when that was asked before, or it is certified as it is. Raises `NotFound`,
    `RoundNotOpen`, `Submitted`, `Incomplete`.
    """
    with transaction():
        facts, part = _draft_with_part(application_id, by=by)
        certificate_id = ask_for_certificate(
            application_id=application_id, contents_sha256=contents_sha256(facts, part), by=by
        )
        if certificate_id is not None:
            letters.send_request_to_certify(facts, certificate_id, portal_url=portal_url, by=by)


def certify_application(*, application_id: int, stated: bool, contents: str | None, by: Actor) -> None:
    """Certify what is ready to be submitted. `contents` is the SHA-256 that the page showed.

    Raises what `ask_to_certify` does, `ChangedMeanwhile`, and `Refusal` (field `certified`) without the
    statement, or for somebody who may not.
    """
    with transaction():
        facts, part = _draft_with_part(application_id, by=by)
        _certify(facts, part, stated=stated, contents=contents, by=by)


def standing_certificate(facts: ApplicationFacts, tender: Tender) -> Certificate | None:
    """The certificate that stands over what is to be submitted, held; None where it has to be given yet."""
    certificate = given_certificate(facts.id) if facts.needs_certificate else None
    stands = certificate is not None and certificate.contents_sha256 == contents_sha256(facts, tender)
    return certificate if stands else None


def certificate_for(
    facts: ApplicationFacts,
    tender: Tender,
    standing: Certificate | None,
    *,
    certified: bool,
    contents: str | None,
    by: Actor,
) -> dict[str, Any] | None:
    """The certificate under which this is submitted, as its receipt shows it: the one that is `standing`, or
    with `certified` one given now. None where the framework asks for none. Raises `Refusal`,
    `ChangedMeanwhile`.
    """
    if not facts.needs_certificate:
        return None
    with transaction() as session:
        certificate = standing or _certify(facts, tender, stated=certified, contents=contents, by=by)
        assert certificate.given_at is not None
        return {
            "by": session.get_one(Person, certificate.given_by_id).name,
            "at": certificate.given_at.isoformat(),
            "statement": certificate.statement,
            "contents_sha256": certificate.contents_sha256,
        }


def void_for_version(version: PublishedVersion, *, portal_url: str, by: Doer) -> None:
    """Certificates of a round's drafts are of its questions as they were. Subscribes to versions of packs."""
    of_round = select(Application.id).where(Application.round_id == version.facts.id)
    void_certificates_of_drafts(of_round, reason="The questions of the round")


def void_for_lot(changed: ChangedLot, *, portal_url: str, by: Doer) -> None:
    """What is certified names its lots. Subscribes to changes of lots."""
    before, after = changed.before, changed.after
    if (before.number, before.title) != (after.number, after.title):
        with_lot = select(ApplicationLot.application_id).where(ApplicationLot.lot_id == after.id)
        void_certificates_of_drafts(with_lot, reason=f"The name of lot {after.number}")


def _draft_with_part(application_id: int, *, by: Actor) -> tuple[ApplicationFacts, Tender]:
    """The held draft, and the part of it that is ready."""
    arrived = clock.arrived()
    with transaction() as session:
        application, round, closes_at = locked_with_round(session, application_id, by=by)
        check_open(round.state, round.opens_at, closes_at, arrived)
        if application.state != "draft":
            raise Submitted()
        facts = own_application_for(by, application_id)
        whole = tender_of(facts)
        part = ready_part(whole)
        if part is None:
            raise Incomplete(whole.missing)
    return facts, part


def _certify(
    facts: ApplicationFacts, tender: Tender, *, stated: bool, contents: str | None, by: Actor
) -> Certificate:
    if not by.may("application:certify"):
        raise Refusal("You cannot certify. Ask an administrator or certifier of your organisation.")
    if not stated:
        raise Unconfirmed({"certified": UNCERTIFIED})
    digest = contents_sha256(facts, tender)
    if contents is not None and contents != digest:
        raise ChangedMeanwhile()
    return give_certificate(application_id=facts.id, contents_sha256=digest, statement=STATEMENT, by=by)

"""Asking for a certificate, giving it, and making it void. The caller holds the application's row."""

from sqlalchemy import BigInteger, Select, cast, delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.lifecycle import move
from tender.certificates.lifecycle import CERTIFICATE
from tender.certificates.models import Certificate


def ask_for_certificate(*, application_id: int, contents_sha256: str, by: Actor) -> int | None:
    """Ask for a certificate over what has this SHA-256 and return its id; None when one is asked for already,
    or stands over the same content. One over anything else becomes void."""
    with transaction() as session:
        certificate = _live(session, application_id)
        if certificate is not None:
            if certificate.state == "asked" or certificate.contents_sha256 == contents_sha256:
                return None
            _void(session, certificate, "What it was given over", by)
        return _asked(session, application_id, by).id


def give_certificate(*, application_id: int, contents_sha256: str, statement: str, by: Actor) -> Certificate:
    """Certify what has this SHA-256, asked for or not. One that stands over the same content is returned;
    one over anything else becomes void."""
    with transaction() as session:
        certificate = _live(session, application_id)
        if certificate is not None and certificate.state == "given":
            if certificate.contents_sha256 == contents_sha256:
                return certificate
            _void(session, certificate, "Certified again", by)
            certificate = None
        if certificate is None:
            certificate = _asked(session, application_id, by)
        certificate.contents_sha256, certificate.statement = contents_sha256, statement
        with session.no_autoflush:  # the digest and the moment belong together
            move(CERTIFICATE, certificate, "give", by=by, contents_sha256=contents_sha256)
            certificate.given_at = clock.arrived()
        session.flush()
    return certificate


def void_certificate(*, application_id: int, reason: str, by: Actor, given: bool = False) -> None:
    """Make the certificate that is asked for or given void, if there is one; with `given` not one that is
    asked for alone."""
    with transaction() as session:
        certificate = _live(session, application_id)
        if certificate is not None and (not given or certificate.state == "given"):
            _void(session, certificate, reason, by)


def void_certificates_of_drafts(applications: Select[tuple[int]], *, reason: str) -> None:
    """Make the certificates void that are given to drafts among these (a select of ids), whatever the number
    in one statement: as the database does where an answer changes, it names nobody and says `reason`."""
    ids = applications.subquery()
    with transaction() as session:
        nobody = cast(None, BigInteger)
        session.execute(select(func.void_certificate(ids.c[0], clock.now(), nobody, reason)))


def given_certificate(application_id: int) -> Certificate | None:
    """The certificate that is given and not void, held until the transaction ends."""
    with transaction() as session:
        found = _live(session, application_id)
    return found if found and found.state == "given" else None


def remove_certificates(application_id: int) -> None:
    """Remove the certificates of an application that is itself erased."""
    with transaction() as session:
        session.execute(delete(Certificate).where(Certificate.application_id == application_id))


def _live(session: Session, application_id: int) -> Certificate | None:
    return session.scalar(
        select(Certificate)
        .where(Certificate.application_id == application_id, Certificate.state != "void")
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _asked(session: Session, application_id: int, by: Actor) -> Certificate:
    assert by.person_id is not None
    certificate = Certificate(
        application_id=application_id, state="asked", asked_at=clock.arrived(), asked_by_id=by.person_id
    )
    session.add(certificate)
    session.flush()
    record("certificate.ask", "certificate", certificate.id, by=by, application=application_id)
    return certificate


def _void(session: Session, certificate: Certificate, reason: str, by: Actor) -> None:
    with session.no_autoflush:
        move(CERTIFICATE, certificate, "void", by=by, reason=reason)
    certificate.void_reason = reason
    session.flush()

"""Keeping the vault: adding, replacing, correcting, removing, opening."""

from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.queries import subject_of
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.evidence.document_types import DOCUMENT_TYPES
from portal.evidence.facts import Facts
from portal.evidence.models import Evidence, EvidenceReminder, EvidenceVersion
from portal.evidence.queries import VaultVersion, in_use, same_in_vault, versions_for
from portal.storage import uploads
from portal.storage.inspection import KINDS
from portal.storage.models import Document
from portal.storage.services import (
    KeptFile,
    document_link,
    file_document,
    forget_file,
    keep_file,
    remove_document,
)

ACCEPTED = frozenset(KINDS)
LARGEST = uploads.LARGEST_FILE  # bytes
MOST = 200  # evidences of one provider
LONGEST = 200  # characters of a title, an issuer, a number


class CorrectedMeanwhile(Conflict):
    """Somebody corrected the facts, or replaced the document, after the page was drawn."""

    sentence = "A colleague has changed this meanwhile. Check what is shown now, and send yours again."


class InUse(Refusal):
    """An application, or a check by the council, names a document of the evidence."""

    sentence = (
        "An application uses this document, or the council has checked it, so it stays. Replace it with a "
        "newer version instead."
    )


def add_evidence(
    *,
    type: str,
    title: str,
    facts: Facts,
    by: Actor,
    stream: BinaryIO | None = None,
    filename: str = "",
    upload_id: UUID | None = None,
) -> int:
    """Put a document into the provider's vault with its facts; return the evidence's id. It comes as a stream
    with its name, or by an upload that has arrived: done twice with one of these, it is there once. The very
    file under the same title, with the same facts, is not added again.

    Raises `NotFound` for somebody who may not, `Refusal` with the field that is wrong, a subclass of
    `portal.storage.refusals.FileRefused` for the file, and `NotUploaded` when the store fails.
    """
    _check(type, title, facts)
    if upload_id is not None:
        kept = _arrived(upload_id, by)
        with transaction():
            document, _ = uploads.file_upload(upload_id=upload_id, kept=kept, by=by)
            return keep_document(document=document, type=type, title=title, facts=facts, by=by)
    kept = _keep(stream, filename, by)
    with transaction() as session:
        _hold_vault(session, by)
        same = same_in_vault(by, type=type, title=title.strip(), facts=facts, sha256=kept.found.sha256)
        if same is None:
            return _begin(session, type, title, facts, _file(kept, by), by)
    forget_file(kept)
    return same


def keep_document(*, document: Document, type: str, title: str, facts: Facts, by: Actor) -> int:
    """Put a document that the provider gave elsewhere into its vault; return the evidence's id.

    Done twice, it is there once. Raises `NotFound` for another organisation's document, and `Refusal`.
    """
    _check(type, title, facts)
    if document.organisation_id != by.organisation_id or document.scan_state == "infected":
        raise NotFound()
    with transaction() as session:
        session.execute(select(Document.id).where(Document.id == document.id).with_for_update())
        there = session.scalar(
            select(EvidenceVersion.evidence_id).where(EvidenceVersion.document_id == document.id)
        )
        return there or _begin(session, type, title, facts, document, by)


def replace_evidence(
    *,
    evidence_id: int,
    facts: Facts,
    by: Actor,
    stream: BinaryIO | None = None,
    filename: str = "",
    upload_id: UUID | None = None,
) -> int:
    """Give an evidence its next version; return the version's number. Earlier ones stay. What is the newest
    version already, to the byte and with the same facts, does not follow itself.

    The document comes as in `add_evidence`, which says what is raised.
    """
    if upload_id is not None:
        arrived = _arrived(upload_id, by)
        with transaction() as session:
            newest = _held(session, evidence_id, by)
            document, _ = uploads.file_upload(upload_id=upload_id, kept=arrived, by=by)
            if document.id == newest.document_id:
                return newest.version
            return _follow(session, newest, facts, document, by)
    versions_for(by, evidence_id)  # before a file is kept for nothing
    kept = _keep(stream, filename, by)
    with transaction() as session:
        newest = _held(session, evidence_id, by)
        if (newest.sha256, newest.facts) != (kept.found.sha256, facts):
            return _follow(session, newest, facts, _file(kept, by), by)
    forget_file(kept)
    return newest.version


def _follow(session: Session, newest: VaultVersion, facts: Facts, document: Document, by: Actor) -> int:
    """Put a document after the newest version; its number."""
    _check(newest.type, newest.title, facts)
    number = newest.version + 1
    _add_version(session, newest.evidence_id, number, facts, document, by)
    record("evidence.replace", "evidence", newest.evidence_id, by=by, version=number, sha256=document.sha256)
    return number


def correct_evidence(
    *, evidence_id: int, version_id: int, revision: int, title: str, facts: Facts, by: Actor
) -> None:
    """Correct what is recorded of the newest version. Applications that were submitted keep what they had.
    What is recorded so already is not corrected again.

    Raises `NotFound`, `CorrectedMeanwhile` on a stale `version_id` or `revision`, and `Refusal`.
    """
    with transaction() as session:
        newest = _held(session, evidence_id, by)
        _check(newest.type, title, facts)
        if (newest.id, newest.title, newest.facts) == (version_id, title.strip(), facts):
            return
        if (newest.id, newest.revision) != (version_id, revision):
            raise CorrectedMeanwhile()
        version = session.get_one(EvidenceVersion, newest.id, populate_existing=True)
        for name, value in _columns(facts).items():
            setattr(version, name, value)
        version.revision += 1
        session.get_one(Evidence, evidence_id).title = title.strip()
        record(
            "evidence.correct", "evidence", evidence_id, by=by, before=newest.facts.words, after=facts.words
        )


def remove_evidence(*, evidence_id: int, by: Actor) -> None:
    """Take an evidence with all its versions out of the vault; nothing happens when it was taken out before.

    Raises `NotFound`, and `InUse`.
    """
    known = {"row": evidence_id, "provider": by.organisation_id}
    with transaction() as session:
        try:
            newest = _held(session, evidence_id, by)
        except NotFound:
            if subject_of("evidence.remove", **known) is None:
                raise
            return
        versions = versions_for(by, evidence_id)
        documents = session.scalars(
            select(Document)
            .where(Document.id.in_([version.document_id for version in versions]))
            .with_for_update()  # so that no application begins to use it meanwhile
        ).all()
        if in_use(versions):
            raise InUse()
        of_these = EvidenceReminder.evidence_version_id.in_([version.id for version in versions])
        session.execute(delete(EvidenceReminder).where(of_these))
        session.execute(delete(EvidenceVersion).where(EvidenceVersion.evidence_id == evidence_id))
        session.execute(delete(Evidence).where(Evidence.id == evidence_id))
        for document in documents:
            remove_document(document)
        record("evidence.remove", "evidence", evidence_id, by=by, type=newest.type, **known)


def open_version(*, evidence_id: int, version: int, by: Actor) -> str:
    """A short-lived link to one version's document, with a line in the trail.

    Raises `NotFound`, and `portal.storage.refusals.DocumentWithheld` for a file that is given to nobody.
    """
    found = [each for each in versions_for(by, evidence_id) if each.version == version]
    if not found:
        raise NotFound()
    with transaction() as session:
        link = document_link(session.get_one(Document, found[0].document_id))
        record("evidence.read", "evidence", evidence_id, by=by, version=version)
    return link


def _check(type: str, title: str, facts: Facts) -> None:
    """Raise `Refusal` for a type that is not in the table, and for what a document of it must say."""
    described = DOCUMENT_TYPES.get(type)
    if described is None:
        raise Refusal("Choose what kind of document it is.", field="type")
    if not title.strip() or len(title) > LONGEST:
        raise Refusal(f"Give it a name of up to {LONGEST} characters.", field="title")
    if described.expires and facts.expires_on is None:
        raise Refusal("Say until when it is valid: documents of this kind run out.", field="expires_on")
    if described.covers and facts.cover is None:
        raise Refusal("Enter the cover in pounds. It stands on the certificate.", field="cover")
    if facts.cover is not None and facts.cover <= 0:
        raise Refusal("The cover must be more than £0.", field="cover")
    if facts.valid_from and facts.expires_on and facts.expires_on < facts.valid_from:
        raise Refusal("The last day of validity must not be before the first.", field="expires_on")


def _arrived(upload_id: UUID, by: Actor) -> KeptFile | Document:
    """A file that arrived in parts and waits. Outside a transaction, for it is read once more."""
    return uploads.take_upload(upload_id=upload_id, **at_vault(by), accepted=ACCEPTED, limit=LARGEST)


def at_vault(by: Actor) -> dict[str, Any]:
    """Where the vault's files on their way are, as the store knows it. Raises `NotFound` for whoever keeps no
    vault."""
    if not keeps_a_vault(by):
        raise NotFound()
    return {"place": "vault", "organisation_id": by.organisation_id or 0}


def _keep(stream: BinaryIO | None, filename: str, by: Actor) -> KeptFile:
    """A file that came with its form. Outside a transaction, for a store may be slow."""
    if stream is None or not keeps_a_vault(by):
        raise NotFound()
    return keep_file(stream=stream, filename=filename, accepted=ACCEPTED, limit=LARGEST)


def _file(kept: KeptFile, by: Actor) -> Document:
    return file_document(kept, organisation_id=by.organisation_id or 0, by=by)


def _hold_vault(session: Session, by: Actor) -> None:
    """Let two presses go one after the other, so that the second sees what the first did."""
    own = select(Organisation.id).where(Organisation.id == by.organisation_id)
    session.execute(own.with_for_update(key_share=True))


def keeps_a_vault(by: Actor) -> bool:
    """Whether they may put documents into a provider's vault."""
    return by.organisation_kind == "provider" and by.may("evidence:edit")


def _begin(session: Session, type: str, title: str, facts: Facts, document: Document, by: Actor) -> int:
    if not keeps_a_vault(by):
        raise NotFound()
    own = select(func.count()).select_from(Evidence).where(Evidence.provider_id == by.organisation_id)
    if session.scalars(own).one() >= MOST:
        raise Refusal(f"Your vault holds {MOST} documents, which is the most. Remove one first.")
    evidence = Evidence(provider_id=by.organisation_id or 0, type=type, title=title.strip())
    session.add(evidence)
    session.flush()
    _add_version(session, evidence.id, 1, facts, document, by)
    record("evidence.add", "evidence", evidence.id, by=by, type=type, sha256=document.sha256)
    return evidence.id


def _add_version(
    session: Session, evidence_id: int, number: int, facts: Facts, document: Document, by: Actor
) -> None:
    session.add(
        EvidenceVersion(
            evidence_id=evidence_id,
            version=number,
            document_id=document.id,
            added_at=clock.now(),
            added_by_id=by.person_id,
            **_columns(facts),
        )
    )
    session.flush()


def _columns(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}


def _held(session: Session, evidence_id: int, by: Actor) -> VaultVersion:
    """The newest version of the provider's own evidence, held until the end. Raises `NotFound`."""
    session.execute(select(Evidence.id).where(Evidence.id == evidence_id).with_for_update())
    return versions_for(by, evidence_id)[0]

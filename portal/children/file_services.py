"""Files about a child: given by the school with a choice, opened by those who may, and removed for good."""

from dataclasses import replace
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.queries import subject_of
from portal.audit.services import Doer, record
from portal.call_offs.models import CallOff
from portal.children.kinds import FILE_KINDS
from portal.children.letters import tell_provider, tell_school_of_virus
from portal.children.models import ChildFile
from portal.children.queries import Choice, choice_for, choice_to_identify, files_for
from portal.children.services import own_choice, reader_remains
from portal.commissioning.models import Referral
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.storage.filenames import ending_of
from portal.storage.inspection import KINDS
from portal.storage.models import Document
from portal.storage.services import KeptFile, document_link, erase_document, file_document, keep_file

ACCEPTED = frozenset(KINDS)
LARGEST = 10 * 1024 * 1024  # bytes
MOST = 20  # files with one choice


def add_file(
    *, call_off_id: int, kind: str, stream: BinaryIO, filename: str, portal_url: str, by: Actor
) -> int:
    """Give a file with a choice, under a name made of its kind; return its id. The provider is told.

    Raises `NotFound`, `Refusal` with the field that is wrong or when the provider reads nothing of the child
    any more, what `portal.children.services.reader_remains` raises, a subclass of
    `portal.storage.refusals.FileRefused` for the file, and `NotUploaded` when the store fails.
    """
    choice = choice_to_identify(by, call_off_id)
    if kind not in FILE_KINDS:
        raise Refusal("Choose what kind of file it is.", field="kind")
    if not choice.known:
        raise Refusal("Say first who the child is.", field="file")
    kept = keep_file(stream=stream, filename=filename, accepted=ACCEPTED, limit=LARGEST)
    named = replace(kept, filename=f"{kind.replace('_', '-')}.{ending_of(kept.filename)}")
    with transaction() as session:
        return _file(session, choice, kind, named, portal_url, by)


def _file(session: Session, choice: Choice, kind: str, kept: KeptFile, portal_url: str, by: Actor) -> int:
    document = file_document(kept, organisation_id=choice.school_id, by=by)
    call_off = own_choice(session, choice.id, by)
    if not reader_remains(session, call_off):
        raise Refusal(
            "The placement is over, and the provider reads nothing of the child any more: nobody would get "
            "this file.",
            field="file",
        )
    given = select(func.count()).select_from(ChildFile).where(ChildFile.call_off_id == choice.id)
    if session.scalars(given).one() >= MOST:
        raise Refusal(
            f"{MOST} files are given with this choice, which is the most. Remove one first.", field="file"
        )
    file = ChildFile(
        call_off_id=choice.id,
        kind=kind,
        document_id=document.id,
        added_at=clock.now(),
        added_by_id=by.person_id,
    )
    session.add(file)
    session.flush()
    _record("add_file", call_off, file, by)
    _tell("file_added", choice, file.id, portal_url, by)
    return file.id


def remove_file(*, call_off_id: int, file_id: int, portal_url: str, by: Actor) -> None:
    """Remove a file for good; its provider is told to delete what it saved. Raises `NotFound`.

    A second click finds nothing left to do.
    """
    choice = choice_to_identify(by, call_off_id)
    with transaction() as session:
        call_off = own_choice(session, call_off_id, by)
        file = session.get(ChildFile, file_id, with_for_update=True, populate_existing=True)
        if file is None and subject_of("child.remove_file", call_off=call_off_id, file=file_id):
            return
        if file is None or file.call_off_id != call_off_id:
            raise NotFound()
        erase_file(session, file)
        _record("remove_file", call_off, file, by)
        _tell("file_removed", choice, file_id, portal_url, by)


def erase_file(session: Session, file: ChildFile) -> None:
    """Take a file's row and its document away, inside the caller's transaction."""
    document = session.get_one(Document, file.document_id)
    session.delete(file)
    session.flush()
    erase_document(document)


def open_file(*, call_off_id: int, file_id: int, by: Actor) -> str:
    """A link of a minute to a file, after a line in the trail; the file is named by the reference.

    Raises `NotFound`, and `portal.storage.refusals.DocumentWithheld` for a file that is given to nobody.
    """
    choice = choice_for(by, call_off_id)
    found = [each for each in files_for(by, call_off_id) if each.id == file_id]
    if not found:
        raise NotFound()
    with transaction() as session:
        name = f"{choice.reference}-{found[0].filename}"
        link = document_link(session.get_one(Document, found[0].document_id), name=name)
        record(
            "child.read_file", "child", choice.child_id, by=by,
            call_off=call_off_id, organisation=by.organisation_id, kind=found[0].kind,
        )  # fmt: skip
    return link


def tell_of_virus(document: Document, *, by: Doer) -> None:
    """Write to the school whose file is infected, inside the transaction that keeps the verdict."""
    with transaction() as session:
        given = session.execute(
            select(CallOff.id, CallOff.school_id, CallOff.child_id, Referral.reference, ChildFile.kind)
            .join(ChildFile, ChildFile.call_off_id == CallOff.id)
            .join(Referral, Referral.id == CallOff.referral_id)
            .where(ChildFile.document_id == document.id)
        ).one_or_none()
        if given is None:
            return
        record("child.find_virus", "child", given.child_id, by=by, call_off=given.id, kind=given.kind)
        tell_school_of_virus(
            call_off_id=given.id,
            school_id=given.school_id,
            reference=given.reference,
            document=document.id,
            by=by,
        )


def _record(verb: str, call_off: CallOff, file: ChildFile, by: Actor) -> None:
    record(
        f"child.{verb}", "child", call_off.child_id, by=by,
        call_off=call_off.id, organisation=by.organisation_id, kind=file.kind, file=file.id,
    )  # fmt: skip


def _tell(event: str, choice: Choice, once: object, portal_url: str, by: Actor) -> None:
    tell_provider(
        event,
        call_off_id=choice.id,
        provider_id=choice.provider_id,
        reference=choice.reference,
        school=choice.school_name,
        once=once,
        portal_url=portal_url,
        by=by,
    )

"""Adding papers to a round, giving them new versions, taking them out of a draft, and downloading them."""

from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal import clock
from portal.accounts.access import Actor
from portal.audit.queries import subject_of
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.storage.inspection import sha256_of
from portal.storage.models import Document
from portal.storage.services import KeptFile, document_link, remove_document, store_document
from portal.storage.uploads import LARGEST_FILE, file_upload, take_upload
from tender.documents.models import KINDS, RoundDocument, RoundDocumentDownload
from tender.documents.queries import Version, file_of, papers_in, round_of, version_for
from tender.followers.services import tell_everyone
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Round
from tender.frameworks.queries import intakes_after, round_for

ACCEPTED = frozenset({"pdf", "docx", "xlsx"})
LARGEST = LARGEST_FILE  # bytes
MOST = 50  # papers and versions of a round
LONGEST_TITLE = 200


def add(
    *,
    round_id: int,
    title: str,
    kind: str,
    portal_url: str,
    by: Actor,
    stream: BinaryIO | None = None,
    filename: str = "",
    upload_id: UUID | None = None,
) -> int:
    """Add a paper to a draft or published round; return its id. Of a published one everyone is told. The same
    file under the same title is added once. The later intakes of a framework that is always open have it too.
    The file comes as a stream with its name, or by an upload that has arrived.

    Raises `NotFound`, `Conflict` once the round has closed, a subclass of
    `portal.storage.refusals.FileRefused` for the file, and `Refusal` (fields `title`, `kind`).
    """
    title = title.strip()
    if not title or len(title) > LONGEST_TITLE:
        raise Refusal(f"Give the document a title of up to {LONGEST_TITLE} characters.", field="title")
    if kind not in KINDS:
        raise Refusal("Choose what kind of document it is.", field="kind")
    file = _taken(round_id, by, stream, filename, upload_id)
    with transaction() as session:
        facts = _held(session, round_id, by)
        known = (RoundDocument.round_id == facts.id, RoundDocument.title == title, RoundDocument.kind == kind)
        if same := _same_file(session, file.sha256, *known):
            return same
        document = file.document(facts, by)
        added = _keep(session, facts, document, title=title, kind=kind, by=by)
        if facts.state != "draft":
            later = intakes_after(facts)
            for each in later:
                _keep(session, each, document, title=title, kind=kind, by=by)
            for each in (facts, *later):
                line = f"The council has added a document to {each.title}, round {each.number}: “{title}”."
                _tell(each, added, f"New document: {each.title}, round {each.number}", [line], portal_url, by)
    return added.id


def copy_papers(before: Round, made: Round, *, by: Actor) -> None:
    """Give a draft the newest version of each paper of another round, as its own first version.

    The files are the same ones. Joins the transaction.
    """
    session = db.session
    later = aliased(RoundDocument)
    newest = session.scalars(
        select(RoundDocument)
        .outerjoin(later, later.follows_id == RoundDocument.id)
        .where(RoundDocument.round_id == before.id, later.id.is_(None))
        .order_by(RoundDocument.id)
    ).all()
    session.add_all(
        RoundDocument(
            round_id=made.id,
            title=paper.title,
            kind=paper.kind,
            document_id=paper.document_id,
            added_at=clock.now(),
            added_by_id=by.person_id,
        )
        for paper in newest
    )
    session.flush()


def replace(
    *,
    round_document_id: int,
    reason: str,
    portal_url: str,
    by: Actor,
    stream: BinaryIO | None = None,
    filename: str = "",
    upload_id: UUID | None = None,
) -> int:
    """Give a paper a new version, with the reason that everyone reads; return its id. The old one stays.

    The same file sent twice is one version. Later intakes that have the same paper have the new version of it
    too. Raises as `add` does; `NotFound` also when another version followed meanwhile.
    """
    reason = reason.strip()
    round_id = round_of(by, round_document_id)
    file = _taken(round_id, by, stream, filename, upload_id)
    with transaction() as session:
        facts = _held(session, round_id, by)
        if same := _same_file(session, file.sha256, RoundDocument.follows_id == round_document_id):
            return same
        before = version_for(by, round_document_id)
        if facts.state != "draft" and not reason:
            raise Refusal("Say what is different and why. Everyone who is told will read it.", field="reason")
        document = file.document(facts, by)
        added = _follow(session, facts, document, before, reason, by)
        if facts.state != "draft":
            _tell_of_version(facts, added, added, portal_url, by)
            for later in intakes_after(facts):
                if same := _same_paper(later.id, before):
                    theirs = _follow(session, later, document, same, reason, by)
                    _tell_of_version(later, theirs, added, portal_url, by)
    return added.id


def _same_paper(round_id: int, paper: Version) -> Version | None:
    """The newest version of a later intake's paper, where it is this very one."""
    newest = [each.newest for each in papers_in(round_id)]
    return next((each for each in newest if each.document_id == paper.document_id), None)


def _follow(
    session: Session, facts: RoundFacts, document: Document, before: Version, reason: str, by: Actor
) -> RoundDocument:
    return _keep(
        session,
        facts,
        document,
        title=before.title,
        kind=before.kind,
        version=before.version + 1,
        follows_id=before.id,
        reason=reason,
        by=by,
    )


def _tell_of_version(
    facts: RoundFacts, added: RoundDocument, first: RoundDocument, portal_url: str, by: Actor
) -> None:
    """Tell of a version; `first` is that of the intake in which it was made, so that nobody is told twice."""
    lines = [
        f"The council has replaced a document of {facts.title}, round {facts.number}: “{added.title}” is now "
        f"version {added.version}.",
        f"What is different and why:\n{added.reason}",
    ]
    title = f"New version of a document: {facts.title}, round {facts.number}"
    _tell(facts, first, title, lines, portal_url, by)


def remove(*, round_document_id: int, by: Actor) -> int:
    """Take the newest version of a paper out of a draft round; return the round's id. A second time nothing
    happens.

    Raises `NotFound`, and `Conflict` for a published round.
    """
    with transaction() as session:
        try:
            version = version_for(by, round_document_id)
            facts = _held(session, version.round_id, by)
            file = file_of(by, facts.id, version.id)
        except NotFound:
            if (removed_from := subject_of("round.remove_document", row=round_document_id)) is None:
                raise
            return round_for(by, int(removed_from)).id
        if facts.state != "draft":
            raise Conflict("The round is published, so its documents stay. Give this one a new version.")
        # The council's own looks at its draft go with it: nobody else could have had it.
        looks = RoundDocumentDownload.round_document_id == version.id
        session.execute(delete(RoundDocumentDownload).where(looks))
        session.execute(delete(RoundDocument).where(RoundDocument.id == version.id))
        remove_document(file)
        known = {"document": version.title, "row": version.id}
        record("round.remove_document", "round", facts.id, by=by, **known)
    return version.round_id


def discard_papers(draft: Round, *, by: Doer) -> None:
    """Take out every paper of a draft round that is discarded, with its file. Joins the transaction."""
    papers = db.session.execute(
        select(RoundDocument.id, RoundDocument.document_id)
        .where(RoundDocument.round_id == draft.id)
        .order_by(RoundDocument.version.desc())
    ).all()
    for paper_id, document_id in papers:
        looks = RoundDocumentDownload.round_document_id == paper_id
        db.session.execute(delete(RoundDocumentDownload).where(looks))
        db.session.execute(delete(RoundDocument).where(RoundDocument.id == paper_id))
        remove_document(db.session.get_one(Document, document_id))


def download(*, round_id: int, round_document_id: int, by: Actor) -> str:
    """A short-lived link to a document, counted; who is signed in, and for whom, is kept with it.

    Raises `NotFound`, and `portal.storage.refusals.DocumentWithheld` for a file that is given to nobody.
    """
    link = document_link(file_of(by, round_id, round_document_id))
    with transaction() as session:
        session.add(
            RoundDocumentDownload(
                round_document_id=round_document_id,
                at=clock.now(),
                person_id=by.person_id,
                organisation_id=by.organisation_id,
            )
        )
    return link


def _held(session: Session, round_id: int, by: Actor) -> RoundFacts:
    """The round, held so that it is not published meanwhile. Raises `NotFound`, `Conflict`."""
    session.execute(select(Round.id).where(Round.id == round_id).with_for_update(key_share=True))
    return takes_papers(by, round_id)


def takes_papers(by: Actor, round_id: int) -> RoundFacts:
    """A round that papers can be added to. Raises `NotFound`, `Conflict`."""
    facts = round_for(by, round_id)
    if facts.phase not in ("draft", "upcoming", "open"):
        raise Conflict("The round has closed, so its documents stay as they are.")
    return facts


def at_round(by: Actor, round_id: int) -> dict[str, Any]:
    """Where the files of a round's papers on their way are, as the store knows it. Raises `NotFound`."""
    facts = round_for(by, round_id)
    if not by.may("framework:manage"):
        raise NotFound()
    return {"place": f"papers of round {facts.id}", "organisation_id": facts.council_id}


@dataclass(frozen=True, slots=True)
class _Taken:
    """The file of a form: one that came with it, or one that arrived before and waited."""

    sha256: str
    stream: BinaryIO | None
    filename: str
    upload_id: UUID | None
    kept: KeptFile | Document | None

    def document(self, facts: RoundFacts, by: Actor) -> Document:
        """File it, in the current transaction."""
        if self.upload_id is not None and self.kept is not None:
            return file_upload(upload_id=self.upload_id, kept=self.kept, by=by)[0]
        if self.stream is None:
            raise NotFound()
        return store_document(
            stream=self.stream,
            filename=self.filename,
            organisation_id=facts.council_id,
            accepted=ACCEPTED,
            limit=LARGEST,
            by=by,
        )


def _taken(
    round_id: int, by: Actor, stream: BinaryIO | None, filename: str, upload_id: UUID | None
) -> _Taken:
    """The file of a form, an uploaded one read once more: outside a transaction. Raises as `take_upload`."""
    if upload_id is None:
        return _Taken(sha256_of(stream) if stream else "", stream, filename, None, None)
    kept = take_upload(upload_id=upload_id, **at_round(by, round_id), accepted=ACCEPTED, limit=LARGEST)
    sha256 = kept.sha256 if isinstance(kept, Document) else kept.found.sha256
    return _Taken(sha256, None, "", upload_id, kept)


def _same_file(session: Session, sha256: str, *conditions: ColumnElement[bool]) -> int | None:
    """The paper (id) among these that is this very file."""
    same = (Document.id == RoundDocument.document_id, Document.sha256 == sha256)
    return session.scalar(select(RoundDocument.id).where(*conditions, exists().where(*same)).limit(1))


def _keep(
    session: Session, facts: RoundFacts, document: Document, *, by: Actor, **details: object
) -> RoundDocument:
    """Write the row of a version and its line in the trail."""
    count = select(func.count()).select_from(RoundDocument).where(RoundDocument.round_id == facts.id)
    if session.scalars(count).one() >= MOST:
        raise Refusal(f"A round has at most {MOST} documents with all their versions.")
    added = RoundDocument(
        round_id=facts.id,
        document_id=document.id,
        added_at=clock.now(),
        added_by_id=by.person_id,
        **details,
    )
    session.add(added)
    session.flush()
    known = {"document": added.title, "version": added.version, "sha256": document.sha256}
    record("round.add_document", "round", facts.id, by=by, reason=added.reason, **known)
    return added


def _tell(
    facts: RoundFacts, added: RoundDocument, title: str, lines: list[str], portal_url: str, by: Actor
) -> None:
    tell_everyone(
        round_id=facts.id,
        event=f"round-document:{added.id}",
        title=title,
        lines=[*lines, f"Documents of the round: {portal_url}/opportunities/{facts.id}#documents"],
        signed=facts.buyer_name,
        by=by,
    )

"""Reading what there is of a round's records, and whether it may be read."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, Select, select

from evaluation.assignments.conflict_queries import has_conflict
from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.queries import conforming_applications
from evaluation.outcomes.queries import round_for
from evaluation.records.access import HasConflict, NotAllLocked, kinds_for
from evaluation.records.models import RecordFile
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import Conflict, NotFound
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts

MOST_FILES = 50
AFTER_MARKING = ("decided", "released", "terminated")


def why_withheld(viewer: Actor, facts: RoundFacts) -> Conflict | None:
    """Why the viewer may not have the records of a round now; None when they may.

    Once a round is decided no mark is made any more. Before, every tender that meets the conditions must be
    complete: two evaluators or more, all of them locked.
    """
    if has_conflict(viewer, select(Application.id).where(Application.round_id == facts.id)):
        return HasConflict()
    if facts.state in AFTER_MARKING:
        return None
    of_round = select(Application.id).where(Application.round_id == facts.id)
    waiting = select(Application.id).where(
        Application.id.in_(conforming_applications(facts.id)),
        Application.id.not_in(complete_applications(of_round)),
    )
    if facts.state != "marking" or db.session.execute(waiting.limit(1)).first():
        return NotAllLocked()
    return None


def round_with_records(viewer: Actor, round_id: int) -> RoundFacts:
    """A round whose records the viewer may have now. Raises `NotFound`, `NotAllLocked`, `HasConflict`."""
    facts = round_for(viewer, round_id)
    if withheld := why_withheld(viewer, facts):
        raise withheld
    return facts


def _files(viewer: Actor, round_id: int) -> Select[tuple[int]]:
    return (
        select(
            RecordFile.id,
            RecordFile.round_id,
            RecordFile.kind,
            RecordFile.purpose,
            RecordFile.state,
            RecordFile.asked_at,
            RecordFile.step,
            RecordFile.done,
            RecordFile.steps,
            RecordFile.key,
            RecordFile.size,
            RecordFile.sha256,
            RecordFile.ready_at,
            RecordFile.failure,
            RecordFile.warning,
            Person.name.label("asked_by"),
        )
        .join(Person, Person.id == RecordFile.asked_by_id)
        .where(RecordFile.round_id == round_id, RecordFile.kind.in_(kinds_for(viewer)))
    )


def files_of(viewer: Actor, round_id: int) -> Sequence[RowMapping]:
    """The newest files of a round that the viewer may have, those included that are still to be made.

    Columns: id, round_id, kind, purpose, state, asked_at, asked_by, step, done, steps, key, size, sha256,
    ready_at, failure, warning. The caller has asked `round_with_records`.
    """
    newest = _files(viewer, round_id).order_by(RecordFile.id.desc()).limit(MOST_FILES)
    return db.session.execute(newest).mappings().all()


def file_for(viewer: Actor, round_id: int, file_id: int) -> RowMapping:
    """One of those files. Raises `NotFound`."""
    found = db.session.execute(_files(viewer, round_id).where(RecordFile.id == file_id))
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound
    return row

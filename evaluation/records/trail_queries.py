"""Comparing a round's marks with what the trail kept of them when they were saved, locked and agreed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Row, select, text

from evaluation.records.tables import stream
from evaluation.reports.queries import Proof
from evaluation.scoring.digests import digest_together, mark_digest
from portal.database import db
from portal.web.filters import plural
from tender.frameworks.models import Framework, Round

MOST_NAMED = 10
_SLOW = text("SET LOCAL statement_timeout = '5min'")

# Evaluators' marks, assignment by assignment, each with the newest line that says that it was saved; those
# that were returned with the line of their own version. A lock vouches for all marks of its tender together.
# An assignment without any mark is there as well, or a lock could lose all of them unseen.
_MARKS = text(
    """
    WITH own AS MATERIALIZED (
      SELECT assignment.id, assignment.application_id AS tender, assignment.evaluator_id AS by,
             assignment.state = 'locked' AS locked, application.reference, person.name
      FROM application
      JOIN assignment ON assignment.application_id = application.id
      JOIN person ON person.id = assignment.evaluator_id
      WHERE application.round_id = :round
    ), saved AS MATERIALIZED (
      SELECT said.id, own.id AS assignment, said.details ->> 'question' AS code,
             coalesce(said.details ->> 'lot', '') AS lot, said.details ->> 'version' AS version,
             said.details ->> 'sha256' AS sha256,
             row_number() OVER (
               PARTITION BY own.id, said.details ->> 'question', coalesce(said.details ->> 'lot', '')
               ORDER BY said.id DESC
             ) = 1 AS newest
      FROM own
      JOIN audit_line AS said ON said.subject_type = 'assignment' AND said.subject_id = own.id::text
        AND said.action = 'mark.save'
    ), lock AS MATERIALIZED (
      SELECT DISTINCT ON (own.id) own.id AS assignment, said.id, (said.details ->> 'marks')::integer AS marks,
             said.details ->> 'sha256' AS sha256
      FROM own
      JOIN audit_line AS said ON said.subject_type = 'assignment' AND said.subject_id = own.id::text
        AND said.action = 'assignment.lock'
      WHERE own.locked
      ORDER BY own.id, said.id DESC
    ), given AS (
      SELECT own.id AS assignment, false AS former, answer.id AS answer, answer.lot_id, mark.question_id,
             mark.points, mark.reason, mark.version, mark.answer_version, mark.pack_version
      FROM own
      JOIN answer ON answer.application_id = own.tender
      JOIN mark ON mark.answer_id = answer.id AND mark.evaluator_id = own.by
      UNION ALL
      SELECT own.id, true, answer.id, answer.lot_id, answer.question_id, old.points, old.reason, old.version,
             old.answer_version, old.pack_version
      FROM own
      JOIN answer ON answer.application_id = own.tender
      JOIN returned_mark AS old ON old.answer_id = answer.id AND old.evaluator_id = own.by
    )
    SELECT own.id AS assignment, own.tender, own.by, own.reference, own.name, own.locked,
           lock.id AS lock_line, lock.marks AS locked_marks, lock.sha256 AS locked_sha256,
           given.former, given.answer, given.question_id AS question, given.points, given.reason,
           given.version, given.answer_version, given.pack_version, asked.title, lot.number AS lot,
           saved.id AS line, saved.sha256
    FROM own
    LEFT JOIN given ON given.assignment = own.id
    LEFT JOIN question AS asked ON asked.id = given.question_id
    LEFT JOIN lot ON lot.id = given.lot_id
    LEFT JOIN lock ON lock.assignment = own.id
    LEFT JOIN saved ON saved.assignment = own.id AND saved.code = asked.code
      AND saved.lot = coalesce(lot.number, '')
      AND CASE WHEN given.former THEN saved.version = given.version::text ELSE saved.newest END
    ORDER BY own.reference, own.id, given.former, given.answer, given.version
    """
)
# Agreed marks, each with the newest line that says that it was agreed; those that were unlocked with the line
# of their own version.
_AGREED = text(
    """
    WITH given AS MATERIALIZED (
      SELECT agreed.answer_id, agreed.question_id, agreed.moderator_id, agreed.points, agreed.reason,
             agreed.version, false AS former
      FROM question JOIN agreed_mark AS agreed ON agreed.question_id = question.id
      WHERE question.round_id = :round
      UNION ALL
      SELECT old.answer_id, answer.question_id, old.moderator_id, old.points, old.reason, old.version, true
      FROM question
      JOIN answer ON answer.question_id = question.id
      JOIN unlocked_mark AS old ON old.answer_id = answer.id
      WHERE question.round_id = :round
    ), saved AS MATERIALIZED (
      SELECT said.id, said.subject_id::bigint AS answer_id, said.details ->> 'version' AS version,
             said.details ->> 'sha256' AS sha256,
             row_number() OVER (PARTITION BY said.subject_id ORDER BY said.id DESC) = 1 AS newest
      FROM (SELECT DISTINCT answer_id FROM given) AS each
      JOIN audit_line AS said ON said.subject_type = 'agreed_mark' AND said.subject_id = each.answer_id::text
        AND said.action = 'agreed_mark.save'
    )
    SELECT answer.application_id AS tender, given.moderator_id AS by, application.reference, person.name,
           given.former, given.answer_id AS answer, given.question_id AS question, given.points, given.reason,
           given.version, NULL AS answer_version, NULL AS pack_version, asked.title, lot.number AS lot,
           saved.id AS line, saved.sha256
    FROM given
    JOIN answer ON answer.id = given.answer_id
    JOIN application ON application.id = answer.application_id
    JOIN question AS asked ON asked.id = answer.question_id
    JOIN person ON person.id = given.moderator_id
    LEFT JOIN lot ON lot.id = answer.lot_id
    LEFT JOIN saved ON saved.answer_id = given.answer_id
      AND CASE WHEN given.former THEN saved.version = given.version::text ELSE saved.newest END
    ORDER BY application.reference, given.former, answer.id, given.version
    """
)


@dataclass(frozen=True, slots=True)
class Compared:
    """How many marks of a round were compared with the trail, and for how many the trail has no digest,
    because they are older than that one is kept; the first that differ, in words, and how many do. `sha256`
    is of the digests of all of them as they are, a line each: evaluators' by tender, then agreed ones."""

    marks: int
    without: int
    differing: int
    named: Sequence[str]
    sha256: str

    @property
    def proof(self) -> Proof:
        """What a decision report says of it."""
        return Proof(self.sha256, self.marks + self.without, self.warning)

    @property
    def warning(self) -> str:
        """What to say where something differs, in a sentence or two; nothing where nothing does."""
        if not self.differing:
            return ""
        many = plural(self.differing, "mark is not what", "marks are not what")
        return f"{many} the audit trail kept. {self.named[0]}"


def compared_with_trail(round_id: int) -> Compared:
    """Compare every mark of a round, returned and unlocked ones included, with the digest in the trail.

    Evaluators' marks come first, tender by tender; two statements, read as streams.
    """
    marks = without = differing = 0
    named: list[str] = []
    all_together = sha256()
    for found in chain(_evaluators(round_id), _agreed(round_id)):
        if found.digest:
            marks, without = marks + found.known, without + (not found.known)
            all_together.update(f"{found.digest}\n".encode())
        if found.wrong:
            differing += 1
            named += [found.wrong] if len(named) < MOST_NAMED else []
    return Compared(marks, without, differing, tuple(named), all_together.hexdigest())


def every_round_compared() -> Iterator[tuple[str, Compared]]:
    """Each round that has been marked, by its name, compared; for whoever checks the whole trail."""
    rounds = db.session.execute(
        select(Framework.title, Round.number, Round.id)
        .join(Round, Round.framework_id == Framework.id)
        .where(Round.marking_started_at.is_not(None))
        .order_by(Round.id)
    ).all()
    for title, number, round_id in rounds:
        db.session.execute(_SLOW)
        yield f"round {number} of {title}", compared_with_trail(round_id)


class _Found(NamedTuple):
    """What is found of a mark: its digest, whether the trail has one, and what is wrong; of a lock the last
    alone."""

    digest: str
    known: bool
    wrong: str


def _evaluators(round_id: int) -> Iterator[_Found]:
    for _, group in groupby(stream(_MARKS, {"round": round_id}), attrgetter("assignment")):
        rows = list(group)
        given = [row for row in rows if row.answer is not None]
        found = [_found(row, f"The mark of {row.name}") for row in given]
        yield from found
        if not any(each.wrong for each in found):
            stand = [each.digest for row, each in zip(given, found, strict=True) if not row.former]
            yield _Found("", False, _difference_together(rows[0], stand))


def _agreed(round_id: int) -> Iterator[_Found]:
    for row in stream(_AGREED, {"round": round_id}):
        yield _found(row, "The agreed mark")


def _found(row: Row[Any], whose: str) -> _Found:
    digest = _digest(row)
    return _Found(digest, row.sha256 is not None, _difference(row, digest, whose))


def _digest(row: Row[Any]) -> str:
    return mark_digest(
        tender=row.tender,
        answer=row.answer,
        question=row.question,
        by=row.by,
        points=row.points,
        reason=row.reason,
        version=row.version,
        answer_version=row.answer_version,
        pack_version=row.pack_version,
    )


def _difference(row: Row[Any], digest: str, whose: str) -> str:
    """What is wrong with a mark of which the trail has a digest; nothing where it is as it was saved."""
    if row.sha256 in (None, digest):
        return ""
    lot = f" (lot {row.lot})" if row.lot else ""
    former = f", version {row.version}," if row.former else ""
    return (
        f"{whose}{former} for “{row.title}”{lot} of tender {row.reference} is not the one that was saved "
        f"(line {row.line} of the audit trail)."
    )


def _difference_together(own: Row[Any], digests: Sequence[str]) -> str:
    """What is wrong with the marks that were locked together, where each by itself is as it was saved."""
    if own.locked_sha256 in (None, digest_together(digests)):
        return ""
    return (
        f"{own.name} locked {plural(own.locked_marks, 'mark')} of tender {own.reference} (line "
        f"{own.lock_line} of the audit trail), and they are not the {len(digests)} that are there."
    )

"""Preparing the next version of a published pack, and publishing it.

An amendment is kept as one document and touches no row of the pack before it is published. Publication adds
the version first: the database lets the rows change in that transaction alone (0016_pack_versions.sql).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from tender.frameworks.default_pack import Pack
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Question, Scale
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.pack_rows import question_row
from tender.frameworks.queries import intakes_after
from tender.frameworks.readiness import faults_of
from tender.frameworks.services import locked_round
from tender.packs.amendments import Amendment, amendment_for
from tender.packs.codes import code_from
from tender.packs.differences import CHANGEABLE, Change, changes_between
from tender.packs.models import PackVersion, StagedPack
from tender.packs.portable import as_document, pack_of_round
from tender.packs.refusals import ChangedMeanwhile, Faulty
from tender.packs.rows import numbered, with_question, without_question
from tender.packs.services import question_in, same_question

LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version that everybody asks by from now on."""

    facts: RoundFacts
    number: int
    reason: str
    changes: tuple[Change, ...]

    def codes(self, kind: str) -> tuple[str, ...]:
        """The codes of the questions that were added, changed or withdrawn."""
        return tuple(change.code for change in self.changes if change.kind == kind)


Listener = Callable[..., None]
_listeners: list[Listener] = []


def when_version_publishes(*listeners: Listener) -> None:
    """Call `listener(version, portal_url=..., by=...)` inside the transaction of every later publication.

    Called once, when the application is put together: so nouns above this one hear of a new version.
    """
    _listeners[:] = listeners


def change_question(*, by: Actor, round_id: int, code: str, asked: AskedQuestion, seen: str) -> None:
    """Let a question ask in other words, or count otherwise, from the next version on.

    Of `asked` only what `differences.CHANGEABLE` names is taken: kind and code never change. `seen` is the
    fingerprint of the question on the page that was edited. Raises `ChangedMeanwhile`, `Faulty`, `NotFound`.
    """
    with transaction() as session:
        locked_round(round_id, by)
        amendment = amendment_for(by, round_id)
        before = question_in(amendment.pack, code)
        after = replace(before, **{name: getattr(asked, name) for name in CHANGEABLE})
        if after == before:
            return
        if seen != before.fingerprint:
            raise ChangedMeanwhile()
        pack = with_question(amendment.pack, after, code)
        if faults := faults_of(pack, pack.question(code), amendment.lots):
            raise Faulty(faults)
        _stage(session, amendment, pack, by=by)


def add_question(*, by: Actor, round_id: int, asked: AskedQuestion) -> str:
    """Let a question be asked from the next version on, at the end of its section; return its code. A
    question that says the very same there already is that one.

    Raises `Faulty`, and `NotFound` for a section that the pack does not have.
    """
    with transaction() as session:
        locked_round(round_id, by)
        amendment = amendment_for(by, round_id)
        if asked.section not in {section.code for section in amendment.pack.sections}:
            raise NotFound()
        if same := same_question(amendment.pack, asked):
            return same
        # A withdrawn question keeps its code, and its answers.
        taken = set(session.scalars(select(Question.code).where(Question.round_id == round_id)))
        taken |= {each.code for each in amendment.pack.questions}
        code = code_from(asked.code or asked.title, taken)
        pack = with_question(amendment.pack, replace(asked, code=code))
        if faults := faults_of(pack, pack.question(code), amendment.lots):
            raise Faulty(faults)
        _stage(session, amendment, pack, by=by)
    return code


def withdraw_question(*, by: Actor, round_id: int, code: str) -> None:
    """Let a question no longer be asked from the next version on. What the rest lacks then, publication says.

    Nothing happens when it is out already. Raises `NotFound`.
    """
    with transaction() as session:
        locked_round(round_id, by)
        amendment = amendment_for(by, round_id)
        if code in {change.code for change in amendment.changes if change.kind == "withdrawn"}:
            return
        question_in(amendment.pack, code)
        _stage(session, amendment, without_question(amendment.pack, code), by=by)


def restore_question(*, by: Actor, round_id: int, code: str) -> None:
    """Let a question stay as it is published: no change to it, no withdrawal. Raises `NotFound`."""
    with transaction() as session:
        locked_round(round_id, by)
        amendment = amendment_for(by, round_id)
        published = question_in(amendment.standing, code)
        known = {each.code for each in amendment.pack.questions}
        pack = with_question(amendment.pack, published, code if code in known else None)
        pack = _in_published_order(pack, amendment.standing)
        if pack != amendment.pack:
            _stage(session, amendment, pack, by=by)


def discard_amendment(*, by: Actor, round_id: int) -> None:
    """Forget what was prepared. Nothing published changes; what waits beside a draft is no amendment."""
    with transaction() as session:
        if locked_round(round_id, by).state == "draft":
            return
        forgotten = session.execute(delete(StagedPack).where(StagedPack.round_id == round_id))
        if forgotten.rowcount:  # type: ignore[attr-defined]
            record("round.discard_amendment", "round", round_id, by=by)


def publish_amendment(*, by: Actor, round_id: int, reason: str, seen: str, portal_url: str) -> int:
    """Publish what was prepared as the next version, tell everyone who is to know, and return its number.

    Of a framework that is always open the later intakes ask by it too: each has a version with the same
    changes. `seen` is the amendment's fingerprint on the page that was read. Sent twice, it is published
    once: while nothing new is prepared, the same reason is of the version that stands.

    Raises `Refusal` (field `reason`), with the problems as its sentence where there are any, also those that
    it would make in a later intake, and `ChangedMeanwhile`.
    """
    reason = reason.strip()
    with transaction() as session:
        locked_round(round_id, by)
        amendment = amendment_for(by, round_id)
        if amendment.begun_at is None and reason and _newest_reason(session, round_id) == reason:
            return amendment.number - 1
        if seen != amendment.fingerprint:
            raise ChangedMeanwhile()
        if amendment.problems:
            raise Refusal(" ".join(amendment.problems))
        if not reason or len(reason) > LONGEST_REASON:
            sentence = f"Say why, in up to {LONGEST_REASON:,} characters. Everyone who is told reads it."
            raise Refusal(sentence, field="reason")
        later = [_carried(each.id, amendment.changes, by) for each in intakes_after(amendment.facts)]
        for each in (amendment, *later):
            if each.changes:
                _publish(session, each, reason, portal_url=portal_url, by=by)
    return amendment.number


def _publish(session: Session, amendment: Amendment, reason: str, *, portal_url: str, by: Actor) -> None:
    """Let a round ask by the next version from now on, and tell whoever listens."""
    round_id, pack = amendment.facts.id, _portable(amendment, amendment.pack)
    session.add(
        PackVersion(
            round_id=round_id,
            number=amendment.number,
            content=as_document(pack),
            reason=reason,
            published_at=clock.now(),
            published_by_id=by.person_id,
        )
    )
    session.flush()
    _write_rows(session, amendment, pack)
    session.execute(delete(StagedPack).where(StagedPack.round_id == round_id))
    version = PublishedVersion(amendment.facts, amendment.number, reason, amendment.changes)
    codes = {kind: list(version.codes(kind)) for kind in ("changed", "added", "withdrawn")}
    record("round.amend_pack", "round", round_id, by=by, version=version.number, reason=reason, **codes)
    for listener in _listeners:
        listener(version, portal_url=portal_url, by=by)


def _carried(round_id: int, changes: Sequence[Change], by: Actor) -> Amendment:
    """What the changes of an intake make of a later one, which may ask otherwise in other questions.

    Raises `Refusal` where that one is being amended itself, or could not be published like this.
    """
    locked_round(round_id, by)
    later = amendment_for(by, round_id)
    if later.begun_at is not None:
        raise Refusal(
            f"Round {later.facts.number}, a later intake, has an amendment of its own that is begun. Publish "
            "or discard that one first: this one is to count there too."
        )
    pack = later.pack
    for change in changes:
        known = {asked.code: asked for asked in pack.questions}
        if change.kind == "withdrawn":
            pack = without_question(pack, change.code)
        elif change.code in known:
            words = {name: getattr(change.asked, name) for name in CHANGEABLE}
            pack = with_question(pack, replace(known[change.code], **words), change.code)
        elif change.kind == "added":
            pack = with_question(pack, change.asked)
    carried = replace(later, pack=pack, changes=changes_between(later.standing, pack))
    if carried.changes and carried.problems:
        raise Refusal(f"In round {carried.facts.number}, a later intake: {' '.join(carried.problems)}")
    return carried


def _newest_reason(session: Session, round_id: int) -> str | None:
    of_round = select(PackVersion.reason).where(PackVersion.round_id == round_id)
    return session.scalar(of_round.order_by(PackVersion.number.desc()).limit(1))


def _portable(amendment: Amendment, pack: RoundPack) -> Pack:
    return pack_of_round(pack, {lot.id: lot.number for lot in amendment.lots})


def _stage(session: Session, amendment: Amendment, pack: RoundPack, *, by: Actor) -> None:
    """Keep the pack as what the next version would be."""
    content, at = as_document(_portable(amendment, pack)), clock.now()
    changed = {"content": content, "changed_at": at, "changed_by_id": by.person_id}
    begun = {"round_id": amendment.facts.id, "staged_at": at, "staged_by_id": by.person_id}
    session.execute(
        insert(StagedPack)
        .values(**begun, **changed)
        .on_conflict_do_update(index_elements=["round_id"], set_=changed)
    )
    if amendment.begun_at is None:
        record("round.begin_amendment", "round", amendment.facts.id, by=by, version=amendment.number)


def _in_published_order(pack: RoundPack, published: RoundPack) -> RoundPack:
    """The pack with its questions in the order in which they are published, new ones last."""
    places = {asked.code: place for place, asked in enumerate(published.questions)}
    return numbered(
        pack,
        [
            replace(
                section,
                questions=tuple(
                    sorted(section.questions, key=lambda asked: places.get(asked.code, len(places)))
                ),
            )
            for section in pack.sections
        ],
    )


def _write_rows(session: Session, amendment: Amendment, pack: Pack) -> None:
    """Let the pack's rows say what the version that was just added says."""
    round_id = amendment.facts.id
    of_round = Question.round_id == round_id
    position = session.scalars(select(func.max(Question.position)).where(of_round)).one()
    scales = {
        name: scale_id
        for name, scale_id in session.execute(select(Scale.name, Scale.id).where(Scale.round_id == round_id))
    }
    rows = {row.code: row for row in session.scalars(select(Question).where(of_round))}
    written = {question.code: question for question in pack.questions}
    for change in amendment.changes:
        if change.kind == "withdrawn":
            rows[change.code].withdrawn_in = amendment.number
        elif change.kind == "changed":
            for name in CHANGEABLE:
                value = getattr(written[change.code], name)
                setattr(rows[change.code], name, list(value) if isinstance(value, tuple) else value)
            rows[change.code].changed_in = amendment.number
        else:
            position += 1
            row = question_row(round_id, position, written[change.code], scales, amendment.lot_ids)
            row.changed_in = amendment.number
            session.add(row)
    session.flush()

"""Preparing the next version of a published pack, and publishing it.

An amendment is kept as one document and touches no row of the pack before it is published. Publication adds
the version first: the database lets the rows change in that transaction alone (0016_pack_versions.sql).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.errors import NotFound, Refusal
from tender.frameworks.default_pack import Pack
from tender.frameworks.facts import OF_A_ROUND, RoundFacts
from tender.frameworks.models import Question, Round, RoundLot, Scale
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.pack_rows import question_row
from tender.frameworks.queries import intakes_after
from tender.frameworks.readiness import faults_of
from tender.frameworks.services import check_offer, locked_round
from tender.packs.amendments import Amendment, amendment_for
from tender.packs.codes import code_from
from tender.packs.differences import CHANGEABLE, Aspect, Change, faults_beside
from tender.packs.models import PackVersion, StagedPack
from tender.packs.portable import as_document, asked_of, from_document, pack_of_round
from tender.packs.refusals import ChangedMeanwhile, Faulty
from tender.packs.rows import numbered, with_question, without_question
from tender.packs.services import question_in, same_question
from tender.packs.terms import LotTerms, Terms, terms_document

LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version that everybody asks by from now on."""

    facts: RoundFacts
    number: int
    reason: str
    changes: tuple[Change, ...]
    terms_changed: tuple[Aspect, ...]

    def codes(self, kind: str) -> tuple[str, ...]:
        """The codes of the questions that were added, changed or withdrawn."""
        return tuple(change.code for change in self.changes if change.kind == kind)

    @property
    def widened(self) -> tuple[str, ...]:
        """The codes of the changed questions that people may have to answer who did not have to before."""
        return tuple(
            change.code
            for change in self.changes
            if change.kind == "changed"
            and change.before is not None
            and (
                change.before.ask_if != change.asked.ask_if or change.asked.required > change.before.required
            )
        )


Listener = Callable[..., None]
_listeners: list[Listener] = []


def when_version_publishes(*listeners: Listener) -> None:
    """Call `listener(version, portal_url=..., by=...)` inside the transaction of every later publication.

    Called once, when the application is put together: so nouns above this one hear of a new version.
    """
    _listeners[:] = listeners


def change_question(*, by: Actor, round_id: int, code: str, asked: AskedQuestion, seen: str) -> None:
    """Let a question ask in other words, or count otherwise, from the next version on.

    Of `asked` only what `differences.CHANGEABLE` names is taken: kind and code never change. It is checked as
    in a draft, and beside what answers were given to. `seen` is the fingerprint of the question on the page
    that was edited. Raises `ChangedMeanwhile`, `Faulty`, `NotFound`.
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
        faults = [
            *faults_of(pack, pack.question(code), amendment.lots),
            *faults_beside(_published_as(session, amendment, code), after),
        ]
        if faults:
            raise Faulty(faults)
        _stage(session, amendment, pack, by=by)


def _published_as(session: Session, amendment: Amendment, code: str) -> list[AskedQuestion]:
    """The question as the versions of the pack have asked it."""
    contents = session.scalars(
        select(PackVersion.content).where(PackVersion.round_id == amendment.facts.id)
    ).all()
    packs = (asked_of(from_document(each), amendment.facts.id, amendment.lot_ids) for each in contents)
    return [asked for pack in packs for asked in pack.questions if asked.code == code]


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


def change_terms(
    *, by: Actor, round_id: int, how_to_apply: str, lots: Mapping[int, LotTerms], seen: str
) -> None:
    """Let the round's words on applying, and its highest prices and minimum totals (by lot id), be these from
    the next version on; a lot that is not named stays as it is. `seen` is the fingerprint of the terms on the
    page that was edited.

    Raises `ChangedMeanwhile`, and `Refusal` for a price or a total without sense.
    """
    with transaction() as session:
        locked_round(round_id, by)
        amendment = amendment_for(by, round_id)
        numbers = {lot.id: lot.number for lot in amendment.lots}
        given = {numbers[lot_id]: terms for lot_id, terms in lots.items() if lot_id in numbers}
        after = Terms(how_to_apply, {**amendment.terms.lots, **given})
        if after == amendment.terms:
            return
        if seen != amendment.terms.fingerprint:
            raise ChangedMeanwhile()
        check_offer(
            {lot_id: terms.price_ceiling for lot_id, terms in lots.items()},
            [terms.minimum_total for terms in lots.values() if terms.minimum_total is not None],
        )
        _stage(session, replace(amendment, terms=after), amendment.pack, by=by)


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
        later = [_carried(each.id, amendment, by) for each in intakes_after(amendment.facts)]
        for each in (amendment, *later):
            if each.differs:
                _publish(session, each, reason, portal_url=portal_url, by=by)
    return amendment.number


def _publish(session: Session, amendment: Amendment, reason: str, *, portal_url: str, by: Actor) -> None:
    """Let a round ask by the next version from now on, and tell whoever listens."""
    round_id, pack = amendment.facts.id, _portable(amendment, amendment.pack)
    session.add(
        PackVersion(
            round_id=round_id,
            number=amendment.number,
            content=_document(amendment, pack),
            reason=reason,
            published_at=clock.now(),
            published_by_id=by.person_id,
        )
    )
    session.flush()
    _write_rows(session, amendment, pack)
    _write_terms(session, amendment)
    session.execute(delete(StagedPack).where(StagedPack.round_id == round_id))
    version = PublishedVersion(
        amendment.facts, amendment.number, reason, amendment.changes, amendment.terms_changed
    )
    told: dict[str, list[str]] = {
        kind: list(version.codes(kind)) for kind in ("changed", "added", "withdrawn")
    }
    if version.terms_changed:
        told["terms"] = [aspect.name for aspect in version.terms_changed]
    record("round.amend_pack", "round", round_id, by=by, version=version.number, reason=reason, **told)
    for listener in _listeners:
        listener(version, portal_url=portal_url, by=by)


def _carried(round_id: int, amendment: Amendment, by: Actor) -> Amendment:
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
    for change in amendment.changes:
        known = {asked.code: asked for asked in pack.questions}
        if change.kind == "withdrawn":
            pack = without_question(pack, change.code)
        elif change.code in known:
            words = {name: getattr(change.asked, name) for name in CHANGEABLE}
            pack = with_question(pack, replace(known[change.code], **words), change.code)
        elif change.kind == "added":
            pack = with_question(pack, change.asked)
    terms = later.terms.changed_as(amendment.standing_terms, amendment.terms)
    carried = replace(later, pack=pack, terms=terms, lots=terms.of(later.lots))
    if carried.differs and carried.problems:
        raise Refusal(f"In round {carried.facts.number}, a later intake: {' '.join(carried.problems)}")
    return carried


def _newest_reason(session: Session, round_id: int) -> str | None:
    of_round = select(PackVersion.reason).where(PackVersion.round_id == round_id)
    return session.scalar(of_round.order_by(PackVersion.number.desc()).limit(1))


def _portable(amendment: Amendment, pack: RoundPack) -> Pack:
    return pack_of_round(pack, {lot.id: lot.number for lot in amendment.lots})


def _document(amendment: Amendment, pack: Pack) -> dict[str, Any]:
    """What is kept of a version: the pack, and the terms under which it is asked."""
    return {**as_document(pack), "terms": terms_document(amendment.terms)}


def _stage(session: Session, amendment: Amendment, pack: RoundPack, *, by: Actor) -> None:
    """Keep the pack as what the next version would be."""
    content, at = _document(amendment, _portable(amendment, pack)), clock.now()
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
            row = rows[change.code]
            after = question_row(round_id, row.position, written[change.code], scales, amendment.lot_ids)
            offered = {value for value, _ in after.options}
            known = {value: label for value, label in (*row.former_options, *row.options)}
            row.former_options = [[value, label] for value, label in known.items() if value not in offered]
            for name in CHANGEABLE:
                setattr(row, name, getattr(after, name))
            row.changed_in = amendment.number
        else:
            position += 1
            row = question_row(round_id, position, written[change.code], scales, amendment.lot_ids)
            row.changed_in = amendment.number
            session.add(row)
    session.flush()


def _write_terms(session: Session, amendment: Amendment) -> None:
    """Let the round say what the terms of the version say that was just added."""
    if not amendment.terms_changed:
        return
    session.execute(
        update(Round).where(Round.id == amendment.facts.id).values(how_to_apply=amendment.terms.how_to_apply)
    )
    for lot in amendment.lots:
        of_lot = (RoundLot.round_id == amendment.facts.id, RoundLot.lot_id == lot.id)
        terms = {name: getattr(lot, name) for name in OF_A_ROUND}
        session.execute(update(RoundLot).where(*of_lot).values(terms))


def discard_staged(draft: Round, *, by: Doer) -> None:
    """Forget a pack that waited beside a draft round that is discarded. Joins the transaction."""
    db.session.execute(delete(StagedPack).where(StagedPack.round_id == draft.id))

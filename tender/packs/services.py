"""Drafting the questions of a round: add, change, move, duplicate, remove, weigh.

Sections: `section_services`; scales: `scale_services`; taking another round's pack: `copy_services`.
Every service locks the draft round, so that two officers' changes come one after the other; what is sent
twice is done once, because the second finds what it wants to be so already. A question that
is saved is sound within its pack as it stands; what later changes break, publication finds
(`frameworks.readiness`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import delete, select

from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from tender.frameworks import queries
from tender.frameworks.models import Question
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.readiness import Fault, faults_of
from tender.frameworks.services import locked_draft
from tender.packs.codes import PATTERN, code_from
from tender.packs.queries import depending_on, weights_fingerprint
from tender.packs.refusals import ChangedMeanwhile, Faulty
from tender.packs.rows import columns_of, numbered, put_in_order, with_question

MOST_QUESTIONS = 300


def add_question(*, by: Actor, round_id: int, asked: AskedQuestion) -> str:
    """Add a question at the end of its section and give its code, made from the title when it has none. A
    question that says the very same there already is that one.

    Raises `Faulty`, and `NotFound` for a section that the pack does not have.
    """
    with transaction() as session:
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        if same := same_question(pack, asked):
            return same
        if len(pack.questions) >= MOST_QUESTIONS:
            raise Refusal(f"A pack holds at most {MOST_QUESTIONS} questions.")
        codes = {each.code for each in pack.questions}
        added = replace(asked, id=0, code=asked.code or code_from(asked.title, codes))
        _check(with_question(pack, added), added)
        row = Question(round_id=round_id, position=len(codes) + 1, **columns_of(added))
        session.add(row)
        session.flush()
        _put_in_order(with_question(pack, replace(added, id=row.id)))
        record("round.add_question", "round", round_id, by=by, question=added.code)
    return added.code


def change_question(*, by: Actor, round_id: int, code: str, asked: AskedQuestion, seen: str) -> str:
    """Let the question with this code say what `asked` says; give its code, which may be a new one.

    `seen` is the fingerprint of the question on the page that was edited. Raises `ChangedMeanwhile` when it
    is another by now, `Faulty`, and `NotFound`.
    """
    with transaction() as session:
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        standing = question_in(pack, code)
        changed = replace(asked, id=standing.id, kind=standing.kind, code=asked.code or standing.code)
        if columns_of(changed) == columns_of(standing):
            return code
        if seen != standing.fingerprint:
            raise ChangedMeanwhile()
        if changed.code != code and (others := depending_on(pack, code)):
            raise Faulty([Fault("code", f"Keep the code: {_named(others)} depends on it.")])
        _check(with_question(pack, changed, code), changed)
        row = session.get_one(Question, standing.id)
        for name, value in columns_of(changed).items():
            setattr(row, name, value)
        session.flush()
        if changed.section != standing.section:
            _put_in_order(with_question(pack, changed, code))
        record("round.edit_question", "round", round_id, by=by, question=changed.code)
    return changed.code


def move_question(*, by: Actor, round_id: int, code: str, down: bool, place: int | None = None) -> None:
    """Let a question change places with the one above or below it in its section. At the end it stays, and
    where it no longer has the `place` (its position) at which the page showed it."""
    with transaction():
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        moved = question_in(pack, code)
        if place not in (None, moved.position):
            return
        questions = list(pack.section(moved.section).questions)
        _swap(questions, questions.index(moved), down)
        sections = [
            replace(section, questions=tuple(questions)) if section.code == moved.section else section
            for section in pack.sections
        ]
        _put_in_order(numbered(pack, sections))
        record("round.move_question", "round", round_id, by=by, question=code)


def duplicate_question(*, by: Actor, round_id: int, code: str) -> str:
    """Put a copy of a question, its weight too, below it and give the copy's code; a copy that nobody has
    changed yet is not copied once more."""
    with transaction() as session:
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        original = question_in(pack, code)
        copy = replace(
            original,
            id=0,
            code=code_from(original.code, {each.code for each in pack.questions}),
            title=f"{original.title} (copy)",
        )
        if same := same_question(pack, copy):
            return same
        row = Question(round_id=round_id, position=len(pack.questions) + 1, **columns_of(copy))
        session.add(row)
        session.flush()
        questions = list(pack.section(original.section).questions)
        questions.insert(questions.index(original) + 1, replace(copy, id=row.id))
        sections = [
            replace(section, questions=tuple(questions)) if section.code == original.section else section
            for section in pack.sections
        ]
        _put_in_order(numbered(pack, sections))
        record("round.add_question", "round", round_id, by=by, question=copy.code)
    return copy.code


def remove_question(*, by: Actor, round_id: int, code: str) -> None:
    """Take a question out; nothing happens when it is gone. Raises `Refusal` while another is asked only
    after an answer to it."""
    with transaction() as session:
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        removed = next((each for each in pack.questions if each.code == code), None)
        if removed is None:
            return
        if others := depending_on(pack, code):
            raise Refusal(f"{_named(others)} is asked only after an answer to this. Change that first.")
        session.execute(delete(Question).where(Question.id == removed.id))
        put_in_order(round_id, [each.id for each in pack.questions if each.id != removed.id])
        record("round.remove_question", "round", round_id, by=by, question=code)


def set_weights(*, by: Actor, round_id: int, weights: Mapping[str, tuple[Decimal, int]], seen: str) -> None:
    """Give scored questions, by code, their weights (per cent) and minimums (points), all at once.

    `seen` is `queries.weights_fingerprint` of the page that was edited. Raises `ChangedMeanwhile`, `Faulty`
    with the fields `<code>-weight` and `<code>-minimum`, and `NotFound` for a question that is not scored.
    """
    with transaction() as session:
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        standing = {asked.code: (asked.weight, asked.minimum) for asked in pack.scored}
        if all(standing.get(code) == given for code, given in weights.items()):
            return
        if seen != weights_fingerprint(pack):
            raise ChangedMeanwhile()
        lots, faults = queries.lots_of_round(round_id), []
        for code, (weight, minimum) in weights.items():
            asked = question_in(pack, code)
            if not asked.scored:
                raise NotFound()
            weighed = replace(asked, weight=weight, minimum=minimum)
            faults += [
                Fault(f"{code}-{fault.field}", fault.sentence)
                for fault in faults_of(pack, weighed, lots)
                if fault.field in ("weight", "minimum")
            ]
        if faults:
            raise Faulty(faults)
        for row in session.scalars(select(Question).where(Question.round_id == round_id)):
            if row.code in weights:
                row.weight, row.minimum = weights[row.code]
        record("round.set_weights", "round", round_id, by=by)


def question_in(pack: RoundPack, code: str) -> AskedQuestion:
    """The question with this code. Raises `NotFound`."""
    try:
        return pack.question(code)
    except KeyError:
        raise NotFound() from None


def same_question(pack: RoundPack, asked: AskedQuestion) -> str | None:
    """The code of a question of the pack that says the very same in the same section, whatever its code."""
    said = columns_of(replace(asked, code=""))
    return next((each.code for each in pack.questions if columns_of(replace(each, code="")) == said), None)


def _check(pack: RoundPack, asked: AskedQuestion) -> None:
    """Refuse a question that is not sound within the pack that holds it. Raises `Faulty`, `NotFound`."""
    if asked.section not in {section.code for section in pack.sections}:
        raise NotFound()
    faults = []
    if not PATTERN.fullmatch(asked.code):
        sentence = "Use up to 40 small letters, digits and underscores, beginning with a letter."
        faults.append(Fault("code", sentence))
    elif [each.code for each in pack.questions].count(asked.code) > 1:
        faults.append(Fault("code", "Another question of this round has this code. Give it its own."))
    else:
        faults += faults_of(pack, pack.question(asked.code), queries.lots_of_round(pack.round_id))
    if faults:
        raise Faulty(faults)


def _put_in_order(pack: RoundPack) -> None:
    put_in_order(pack.round_id, [each.id for each in pack.questions])


def _swap(questions: list[AskedQuestion], place: int, down: bool) -> None:
    other = place + 1 if down else place - 1
    if 0 <= other < len(questions):
        questions[place], questions[other] = questions[other], questions[place]


def _named(questions: Sequence[AskedQuestion]) -> str:
    return f"“{questions[0].title}”"

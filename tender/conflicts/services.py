"""Writing an assessment of conflicts of interest, and each review of it."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.errors import Refusal
from tender.conflicts.models import KINDS, ConflictsAssessment
from tender.conflicts.queries import Conflict
from tender.frameworks.models import Round
from tender.frameworks.queries import round_for

MOST = 20  # conflicts of one assessment
LONGEST = 5_000  # characters of a text


def assess(
    *, by: Actor, round_id: int, people: str, conflicts: Sequence[Conflict], after: int | None = None
) -> int:
    """Keep an assessment as made by `by` now, beside the earlier ones; return its id.

    `people` are those who take part, one a line. `after` is the newest assessment on the page: the same
    words sent twice after it are one assessment, while a later review may say the same again. Raises
    `NotFound`, and `Refusal` (fields `people`, `conflicts`) for what is missing: a conflict needs to say who,
    which, and what is done about it.
    """
    people = people.strip()
    if not people or len(people) > LONGEST:
        raise Refusal("Say who takes part in the procurement, one a line.", field="people")
    if len(conflicts) > MOST:
        raise Refusal(f"Write at most {MOST} conflicts.", field="conflicts")
    for conflict in conflicts:
        told = (conflict.person, conflict.nature, conflict.mitigation)
        if conflict.kind not in KINDS or not all(words.strip() and len(words) <= LONGEST for words in told):
            raise Refusal(
                "For each conflict say who has it, whether it is actual, potential or perceived, what it is, "
                "and what you do about it.",
                field="conflicts",
            )
    with transaction() as session:
        facts = round_for(by, round_id)
        session.execute(select(Round.id).where(Round.id == facts.id).with_for_update(key_share=True))
        found = [conflict.as_row() for conflict in conflicts]
        newest = session.scalar(
            select(ConflictsAssessment)
            .where(ConflictsAssessment.round_id == facts.id)
            .order_by(ConflictsAssessment.id.desc())
            .limit(1)
        )
        if newest is not None and after not in (None, newest.id):
            said = (newest.people, newest.conflicts, newest.assessed_by_id)
            if said == (people, found, by.person_id):
                return newest.id
        added = ConflictsAssessment(
            round_id=facts.id,
            people=people,
            conflicts=found,
            assessed_at=clock.now(),
            assessed_by_id=by.person_id,
        )
        session.add(added)
        session.flush()
        record("round.assess_conflicts", "round", facts.id, by=by, assessment=added.id, found=len(conflicts))
    return added.id


def copy_assessment(before: Round, made: Round, *, by: Actor) -> None:
    """Give a draft the newest assessment of another round, as made by whom and when it was: intakes are
    published with one assessment. Joins the transaction."""
    session = db.session
    newest = session.scalar(
        select(ConflictsAssessment)
        .where(ConflictsAssessment.round_id == before.id)
        .order_by(ConflictsAssessment.id.desc())
        .limit(1)
    )
    if newest is not None:
        session.add(
            ConflictsAssessment(
                round_id=made.id,
                people=newest.people,
                conflicts=newest.conflicts,
                assessed_at=newest.assessed_at,
                assessed_by_id=newest.assessed_by_id,
            )
        )
        session.flush()


def discard_assessments(draft: Round, *, by: Doer) -> None:
    """Take out what was assessed for a draft round that is discarded: nothing was bought by it. Joins the
    transaction."""
    db.session.execute(delete(ConflictsAssessment).where(ConflictsAssessment.round_id == draft.id))

"""Planning intakes, publishing them with the first, adding more, and taking longer to answer."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Conflict, Refusal
from portal.lifecycle import move
from portal.web.filters import uk_datetime
from tender.frameworks.closing import closes_for_everyone_at
from tender.frameworks.facts import OF_A_ROUND
from tender.frameworks.lifecycle import ABANDONED, ROUND
from tender.frameworks.models import Round, RoundLot
from tender.frameworks.pack_rows import write_pack
from tender.frameworks.queries import lots_of_round, pack_of
from tender.frameworks.services import locked_round
from tender.packs.portable import pack_of_round

MOST = 24  # intakes that are planned at once
LONGEST_PROMISE = 120  # working days

Copier = Callable[..., None]
_copiers: list[Copier] = []


def check_takes_intakes(always_open: bool, state: str) -> None:
    """Raise `Conflict` for a round whose framework takes no further intakes."""
    if not always_open or state == "draft":
        raise Conflict("Only a published framework that is always open takes further intakes.")


def copy_also(*copiers: Copier) -> None:
    """Let nouns above give a new intake what they keep for a round: `copier(before, made, by=...)`, two
    rounds, inside the transaction. Called once, when the application is put together."""
    _copiers[:] = copiers


def plan_intakes(
    *,
    by: Actor,
    round_id: int,
    always_open: bool,
    cut_offs: Sequence[datetime] = (),
    answer_within: int | None = None,
    answer_at_most: int | None = None,
) -> None:
    """Say in a draft whether the framework is always open, the cut-offs after its own close, and within how
    many working days of a close everyone has an answer, or at most when it takes longer.

    Raises `NotFound`, `Conflict` for a published round, and `Refusal` (fields `cut_offs`, `answer_within`,
    `answer_at_most`).
    """
    wanted = sorted(set(cut_offs)) if always_open else []
    with transaction():
        planned = locked_round(round_id, by)
        if planned.state != "draft":
            raise Conflict("This round is published, so what it promises cannot be changed.")
        _check_promise(always_open, answer_within, answer_at_most)
        if planned.closes_at:
            _check_cut_offs(wanted, planned.closes_at)
        planned.always_open, planned.later_cut_offs = always_open, wanted
        planned.answer_within, planned.answer_at_most = answer_within, answer_at_most
        promised = {"answer_within": answer_within, "answer_at_most": answer_at_most}
        told = [moment.isoformat() for moment in wanted]
        record("round.plan_intakes", "round", round_id, by=by, cut_offs=told, **promised)


def publish_following(published: Round, *, by: Actor) -> None:
    """With the first intake publish those that are planned after it. Subscribes to a round's publication."""
    _publish_after(published, published.later_cut_offs, by=by)


def add_intakes(*, by: Actor, round_id: int, cut_offs: Sequence[datetime]) -> list[int]:
    """Publish further intakes after the last one of the round's framework, as that one; return their ids.

    Where the last one has closed, the first of the new ones opens now. Cut-offs that are published already
    are not published again. Raises `NotFound`, `Conflict` for a
    round that is not always open, and `Refusal` (field `cut_offs`).
    """
    wanted = sorted(set(cut_offs))
    with transaction() as session:
        asked = locked_round(round_id, by)
        check_takes_intakes(asked.always_open, asked.state)
        last = session.scalars(
            select(Round)
            .where(Round.framework_id == asked.framework_id, Round.always_open, Round.state != "draft")
            .order_by(Round.closes_at.desc())
            .limit(1)
            .with_for_update()
        ).one()
        if not wanted:
            raise Refusal("Enter at least one cut-off.", field="cut_offs")
        standing = session.scalars(
            select(Round.id).where(
                Round.framework_id == asked.framework_id,
                Round.always_open,
                Round.state != "draft",
                Round.closes_at.in_(wanted),
            )
        ).all()
        if len(standing) == len(wanted):
            return list(standing)
        _check_cut_offs(wanted, max(closes_for_everyone_at(last.id) or clock.now(), clock.now()))
        return _publish_after(last, wanted, by=by)


def answer_later(*, by: Actor, round_id: int, reason: str) -> None:
    """Take the longer time that the round allows to answer its applicants, for a reason that they read.

    Done twice, it is done once. Raises `NotFound`, `Conflict` where no longer time was published or the
    letters are out, and `Refusal` (field `reason`).
    """
    reason = reason.strip()
    with transaction():
        round = locked_round(round_id, by)
        if round.answer_later_because:
            return
        if round.answer_at_most is None or round.state in ("draft", "released", *ABANDONED):
            raise Conflict("This round cannot take longer to answer than it promises.")
        if not reason:
            raise Refusal("Say why the answer takes longer. Applicants read it.", field="reason")
        round.answer_later_because = reason
        record("round.answer_later", "round", round_id, by=by, reason=reason)


def _publish_after(before: Round, cut_offs: Sequence[datetime], *, by: Actor) -> list[int]:
    """Copy and publish an intake for each cut-off, each opening when the one before it closes."""
    made_ids = []
    opens_at = max(closes_for_everyone_at(before.id) or clock.now(), clock.now())
    for cut_off in cut_offs:
        made = _copied(before, opens_at, cut_off)
        for copier in _copiers:
            copier(before, made, by=by)
        record("round.create", "round", made.id, by=by, number=made.number, closes_at=cut_off.isoformat())
        move(ROUND, made, "publish", by=by)
        made_ids.append(made.id)
        opens_at = cut_off
    return made_ids


def _copied(before: Round, opens_at: datetime, closes_at: datetime) -> Round:
    """A draft with the lots, prices, words and pack of another round, and its times for questions."""
    session = db.session
    highest = select(func.max(Round.number)).where(Round.framework_id == before.framework_id)
    until, answers_by = _question_times(before, opens_at, closes_at)
    made = Round(
        framework_id=before.framework_id,
        number=session.scalars(highest).one() + 1,
        opens_at=opens_at,
        closes_at=closes_at,
        questions_until=until,
        answers_by=answers_by,
        late_upload_hours=before.late_upload_hours,
        names_hidden=before.names_hidden,
        how_to_apply=before.how_to_apply,
        always_open=True,
        answer_within=before.answer_within,
        answer_at_most=before.answer_at_most,
    )
    session.add(made)
    session.flush()
    lots = lots_of_round(before.id)
    session.add_all(
        RoundLot(round_id=made.id, lot_id=lot.id, **{name: getattr(lot, name) for name in OF_A_ROUND})
        for lot in lots
    )
    session.flush()
    write_pack(made, pack_of_round(pack_of(before.id), {lot.id: lot.number for lot in lots}))
    return made


def _question_times(
    before: Round, opens_at: datetime, closes_at: datetime
) -> tuple[datetime | None, datetime | None]:
    """As long before the close as in the other round; none where that would be before the opening."""
    if before.closes_at is None or before.questions_until is None or before.answers_by is None:
        return None, None
    until = closes_at - (before.closes_at - before.questions_until)
    return (until, closes_at - (before.closes_at - before.answers_by)) if until > opens_at else (None, None)


def _check_promise(always_open: bool, within: int | None, at_most: int | None) -> None:
    if always_open and within is None:
        raise Refusal("Say within how many working days applicants have an answer.", field="answer_within")
    if within is not None and not 1 <= within <= LONGEST_PROMISE:
        raise Refusal(f"Promise an answer within 1 to {LONGEST_PROMISE} working days.", field="answer_within")
    if at_most is not None and (within is None or not within < at_most <= LONGEST_PROMISE):
        raise Refusal(
            f"The longer time must be more than the usual one, and at most {LONGEST_PROMISE} working days.",
            field="answer_at_most",
        )


def _check_cut_offs(cut_offs: Sequence[datetime], after: datetime) -> None:
    if len(cut_offs) > MOST:
        raise Refusal(f"Plan at most {MOST} intakes at once.", field="cut_offs")
    if cut_offs and cut_offs[0] <= after:
        raise Refusal(f"Each cut-off must come after {uk_datetime(after)}.", field="cut_offs")

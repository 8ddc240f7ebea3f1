"""Reading frameworks, rounds and packs.

A council reads its own; a draft is for those who manage frameworks; what is published is everyone's.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import Conflict, NotFound
from tender.frameworks.closing import (
    answers_end,
    closing_time,
    last_closing_time,
    opening_time,
    questions_end,
)
from tender.frameworks.facts import OF_A_ROUND, ApplicationCounts, Detail, LotFacts, RoundFacts
from tender.frameworks.lifecycle import ABANDONED, phase
from tender.frameworks.models import (
    BoxOpening,
    Extension,
    Framework,
    Lot,
    Question,
    Round,
    RoundLot,
    Scale,
    ScaleBand,
)
from tender.frameworks.pack import AskedQuestion, AskedSection, Band, MarkingScale, RoundPack

PUBLIC_PAGE = 20
NOTICE_OF_WITHDRAWAL = timedelta(days=28)  # for so long home reminds the council of the notice
NO_DRAFT = (
    "This round is published, so its lots and dates cannot be changed. The page of the round leads to a new "
    "version of its questions, its highest prices and how to apply, and to more time."
)
TIME_TO_CONFIRM = timedelta(minutes=30)  # as the database's own rule for `box_opening`


Counter = Callable[[Sequence[int]], Mapping[int, ApplicationCounts]]
_counters: list[Counter] = []


def count_applications_with(counter: Counter) -> None:
    """Let the applications' noun, which is above this one, tell how many there are by round id.

    Called once, when the application is put together. `counter` costs one statement whatever it is asked.
    """
    _counters[:] = [counter]


def application_counts(round_ids: Sequence[int]) -> dict[int, ApplicationCounts]:
    """Started and submitted applications of each of these rounds."""
    known: Mapping[int, ApplicationCounts] = _counters[0](round_ids) if _counters and round_ids else {}
    return {round_id: known.get(round_id, ApplicationCounts()) for round_id in round_ids}


def round_for(viewer: Actor, round_id: int) -> RoundFacts:
    """A round of the viewer's own council; drafts only for those who manage frameworks. Raises `NotFound`."""
    facts = _round(Round.id == round_id, Framework.council_id == viewer.organisation_id)
    hidden = facts.state == "draft" and not viewer.may("framework:manage")
    if hidden or viewer.organisation_kind != "council":
        raise NotFound()
    return facts


def draft_for(viewer: Actor, round_id: int) -> RoundFacts:
    """A draft round of the viewer's council. Raises `NotFound`, and `Conflict` when it is published."""
    facts = round_for(viewer, round_id)
    if facts.state != "draft":
        raise Conflict(NO_DRAFT)
    return facts


def published_round(round_id: int) -> RoundFacts:
    """A round that everyone may read about. Raises `NotFound` for a draft."""
    return _round(Round.id == round_id, Round.state != "draft")


def open_rounds() -> list[RoundFacts]:
    """The rounds to which providers can apply now, the next to close first."""
    at = clock.now()
    return _rounds(
        _rounds_select()
        .where(Round.state == "published", opening_time() <= at, closing_time() > at)
        .order_by(closing_time(), Round.id),
        at,
    )


def open_round_of(framework_id: int) -> RoundFacts | None:
    """The round of a framework to which providers can apply now; of several the one that closes first."""
    at = clock.now()
    found = _rounds(
        _rounds_select()
        .where(Framework.id == framework_id, Round.state == "published")
        .where(opening_time() <= at, closing_time() > at)
        .order_by(closing_time(), Round.id)
        .limit(1),
        at,
    )
    return found[0] if found else None


def intakes_of(framework_id: int) -> list[RoundFacts]:
    """The published rounds of a framework that is always open, in order. Everyone may read about them."""
    published = (Round.framework_id == framework_id, Round.always_open, Round.state != "draft")
    return _rounds(_rounds_select().where(*published).order_by(Round.opens_at, Round.id), clock.now())


def intakes_after(facts: RoundFacts) -> list[RoundFacts]:
    """The published intakes that open after this one, in order; no statement where there can be none."""
    if not facts.always_open or facts.state == "draft":
        return []
    intakes = intakes_of(facts.framework_id)
    later = intakes[[each.id for each in intakes].index(facts.id) + 1 :]
    return [each for each in later if not each.abandoned]


def intake_after(facts: RoundFacts) -> RoundFacts | None:
    """The published intake that opens when this one closes; None where there is none."""
    return next(iter(intakes_after(facts)), None)


def public_rounds(page: int = 1, size: int = PUBLIC_PAGE) -> tuple[list[RoundFacts], int]:
    """One page of all published rounds, and how many there are: open ones first, then those to come."""
    at = clock.now()
    over = or_(closing_time() <= at, Round.state.in_(ABANDONED))
    group = case((over, 2), (opening_time() > at, 1), else_=0)
    # Within a group the closing time nearest to now comes first, in the future as in the past.
    nearness = func.abs(func.extract("epoch", closing_time() - at))
    # Of a framework that is always open the intakes to come stand on the page of the one that is open.
    shown = and_(Round.state != "draft", ~and_(Round.always_open, opening_time() > at))
    statement = (
        _rounds_select()
        .where(shown)
        .order_by(group, nearness, Round.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    total = db.session.scalar(select(func.count()).select_from(Round).where(shown)) or 0
    return _rounds(statement, at), total


def lots_of_round(round_id: int) -> tuple[LotFacts, ...]:
    """The lots that a round offers, in order."""
    return lots_of_rounds([round_id])[round_id]


def lots_of_rounds(round_ids: Sequence[int]) -> dict[int, tuple[LotFacts, ...]]:
    """The lots of several rounds, in one statement."""
    rows = db.session.execute(
        select(RoundLot.round_id, *_lot_columns(), *(getattr(RoundLot, name) for name in OF_A_ROUND))
        .join(Lot, Lot.id == RoundLot.lot_id)
        .where(RoundLot.round_id.in_(round_ids))
        .order_by(Lot.position, Lot.id)
    ).all()
    found: dict[int, list[LotFacts]] = {round_id: [] for round_id in round_ids}
    for round_id, *lot in rows:
        found[round_id].append(LotFacts(*lot))
    return {round_id: tuple(lots) for round_id, lots in found.items()}


def lots_of_framework(framework_id: int) -> tuple[LotFacts, ...]:
    """All lots of a framework, in order, each with the price from which a new round starts."""
    rows = db.session.execute(
        select(*_lot_columns(), Lot.price_ceiling, Lot.price_unit)
        .where(Lot.framework_id == framework_id)
        .order_by(Lot.position, Lot.id)
    )
    return tuple(LotFacts(*row) for row in rows)


def lot_for(viewer: Actor, framework_id: int, lot_id: int) -> LotFacts:
    """A lot of a framework of the viewer's own council. Raises `NotFound`."""
    framework_for(viewer, framework_id)
    found = [lot for lot in lots_of_framework(framework_id) if lot.id == lot_id]
    if not found:
        raise NotFound()
    return found[0]


def is_published(framework_id: int) -> bool:
    """Whether a round of the framework was ever published."""
    published = exists().where(Round.framework_id == framework_id, Round.state != "draft")
    return bool(db.session.scalar(select(published)))


def rounds_under_way(framework_id: int) -> Sequence[int]:
    """The numbers of the framework's rounds that are published and not over, the oldest first."""
    running = (Round.framework_id == framework_id, Round.state.not_in(("draft", "released", *ABANDONED)))
    return db.session.scalars(select(Round.number).where(*running).order_by(Round.number)).all()


def running_rounds(framework_id: int) -> list[RoundFacts]:
    """The framework's published rounds that have not closed, in order."""
    published = (Round.framework_id == framework_id, Round.state == "published")
    rounds = _rounds(_rounds_select().where(*published).order_by(Round.number), clock.now())
    return [facts for facts in rounds if facts.phase in ("upcoming", "open")]


def rounds_offering(lot_id: int) -> list[RoundFacts]:
    """The published rounds that offer a lot, in order. They know nothing of who asks: use `lot_for` first."""
    offered = exists().where(RoundLot.round_id == Round.id, RoundLot.lot_id == lot_id)
    return _rounds(
        _rounds_select().where(Round.state != "draft", offered).order_by(Round.number), clock.now()
    )


def questions_of(round_id: int) -> dict[int, AskedQuestion]:
    """The questions of a round as they stand by id, in order: without those that were withdrawn."""
    questions: dict[int, AskedQuestion] = {}
    for found in db.session.execute(
        select(*_question_columns())
        .where(Question.round_id == round_id, Question.withdrawn_in.is_(None))
        .order_by(Question.position)
    ):
        row = found._asdict()
        asked: dict[str, Any] = {
            **row,
            "accepted": tuple(row["accepted"]),
            "options": tuple((value, label) for value, label in row["options"]),
            "former_options": tuple((value, label) for value, label in row["former_options"]),
            "lots": tuple(row["lots"]),
        }
        questions[row["id"]] = AskedQuestion(**asked)
    return questions


def pack_of(round_id: int) -> RoundPack:
    """The pack of a round as it stands, in two statements: without the questions that were withdrawn.

    It knows nothing of who asks: use `round_for` first.
    """
    sections: list[dict[str, str]] = []
    bands: dict[tuple[int, str, int], list[Band]] = {}
    columns = (Scale.id, Scale.name, Scale.highest, ScaleBand.points, ScaleBand.label, ScaleBand.descriptor)
    for parts, scale_id, name, highest, *band in db.session.execute(
        select(Round.sections, *columns)
        .outerjoin(Scale, Scale.round_id == Round.id)
        .outerjoin(ScaleBand, ScaleBand.scale_id == Scale.id)
        .where(Round.id == round_id)
        .order_by(Scale.id, ScaleBand.points)
    ):
        sections = parts
        if band[0] is not None:
            bands.setdefault((scale_id, name, highest), []).append(Band(*band))
    questions: dict[str, list[AskedQuestion]] = {}
    for asked in questions_of(round_id).values():
        questions.setdefault(asked.section, []).append(asked)
    return RoundPack(
        round_id,
        tuple(
            AskedSection(
                section["code"],
                section["title"],
                section["introduction"],
                tuple(questions.get(section["code"], ())),
            )
            for section in sections
        ),
        tuple(MarkingScale(*scale, tuple(found)) for scale, found in bands.items()),
    )


def details_of(facts: RoundFacts, viewer: Actor, details: Sequence[Detail]) -> dict[str, object]:
    """What nouns above say of a round, by name, in one statement for all of them."""
    columns = {detail.name: detail.column(facts, viewer) for detail in details}
    asked = {name: column for name, column in columns.items() if column is not None}
    row = db.session.execute(select(*asked.values())).one() if asked else ()
    found = dict(zip(asked, row, strict=True))
    return {detail.name: detail.read(facts, found.get(detail.name)) for detail in details}


def frameworks_for(viewer: Actor, page: int = 1, size: int = PUBLIC_PAGE) -> tuple[Sequence[Any], int]:
    """One page of the council's frameworks, newest first, and how many there are.

    Each has id, reference, title, kind, legal_regime, starts_on, ends_on and lots (how many)."""
    own = Framework.council_id == viewer.organisation_id
    lots = select(func.count()).where(Lot.framework_id == Framework.id).correlate(Framework).scalar_subquery()
    rows = (
        db.session.execute(
            select(
                Framework.id,
                Framework.reference,
                Framework.title,
                Framework.kind,
                Framework.legal_regime,
                Framework.starts_on,
                Framework.ends_on,
                lots.label("lots"),
            )
            .where(own)
            .order_by(Framework.created_at.desc(), Framework.id.desc())
            .limit(size)
            .offset((page - 1) * size)
        )
        .mappings()
        .all()
    )
    return rows, db.session.scalar(select(func.count()).select_from(Framework).where(own)) or 0


def framework_for(viewer: Actor, framework_id: int) -> Framework:
    """A framework of the viewer's own council, without its lots. Raises `NotFound`."""
    found = db.session.scalar(
        select(Framework).where(Framework.id == framework_id, Framework.council_id == viewer.organisation_id)
    )
    if found is None or viewer.organisation_kind != "council":
        raise NotFound()
    return found


def framework_and_openings(viewer: Actor, framework_id: int) -> tuple[Framework, Sequence[datetime]]:
    """A framework as `framework_for` gives it, and when its published rounds open, in one statement."""
    opens = select(Round.opens_at).where(Round.framework_id == Framework.id, Round.state != "draft")
    row = db.session.execute(
        select(Framework, func.array(opens.correlate(Framework).scalar_subquery())).where(
            Framework.id == framework_id, Framework.council_id == viewer.organisation_id
        )
    ).one_or_none()
    if row is None or viewer.organisation_kind != "council":
        raise NotFound()
    return row[0], row[1]


def rounds_of(viewer: Actor, framework_ids: Sequence[int]) -> dict[int, list[RoundFacts]]:
    """The rounds of these frameworks by framework id, newest first; drafts for those who manage them."""
    statement = (
        _rounds_select()
        .where(Round.framework_id.in_(framework_ids), Framework.council_id == viewer.organisation_id)
        .order_by(Round.number.desc())
    )
    if not viewer.may("framework:manage"):
        statement = statement.where(Round.state != "draft")
    found: dict[int, list[RoundFacts]] = {framework_id: [] for framework_id in framework_ids}
    for facts in _rounds(statement, clock.now()):
        found[facts.framework_id].append(facts)
    return found


def unfinished_rounds(viewer: Actor) -> list[RoundFacts]:
    """The rounds of the viewer's council that are not released, drafts and those that were ended of late
    among them, the next to close first.

    For those who manage frameworks.
    """
    of_late = or_(Round.state.not_in(ABANDONED), Round.withdrawn_at > clock.now() - NOTICE_OF_WITHDRAWAL)
    return _rounds(
        _rounds_select()
        .where(Round.state != "released", of_late, Framework.council_id == viewer.organisation_id)
        .order_by(closing_time(), Round.id),
        clock.now(),
    )


def extensions_of(round_id: int, named: bool = False) -> Sequence[RowMapping]:
    """The extensions of a round for everyone, or (`named`) those for named applicants, the newest first.

    Each has id, closes_at, reason, fairness and extended_at.
    """
    return (
        db.session.execute(
            select(
                Extension.id,
                Extension.closes_at,
                Extension.reason,
                Extension.fairness,
                Extension.extended_at,
            )
            .where(Extension.round_id == round_id, Extension.for_everyone.is_(not named))
            .order_by(Extension.id.desc())
        )
        .mappings()
        .all()
    )


def openings_of(round_id: int) -> Sequence[RowMapping]:
    """The opening log of a round, the newest first: id, begun_at, begun_by, begun_by_id, confirmed_at,
    confirmed_by."""
    first, second = aliased(Person), aliased(Person)
    return (
        db.session.execute(
            select(
                BoxOpening.id,
                BoxOpening.begun_at,
                BoxOpening.begun_by_id,
                first.name.label("begun_by"),
                BoxOpening.confirmed_at,
                second.name.label("confirmed_by"),
            )
            .join(first, first.id == BoxOpening.begun_by_id)
            .outerjoin(second, second.id == BoxOpening.confirmed_by_id)
            .where(BoxOpening.round_id == round_id)
            .order_by(BoxOpening.id.desc())
        )
        .mappings()
        .all()
    )


def may_confirm(viewer: Actor) -> bool:
    """Whether the viewer may be the second of the two who open a tender box."""
    return viewer.organisation_kind == "council" and viewer.may("round:open", "round:witness")


def weighs() -> ColumnElement[bool]:
    """Whether the pack of a `Round` has anything that adds to a total."""
    return exists().where(
        Question.round_id == Round.id,
        Question.judged_as.in_(("scored", "priced")),
        Question.withdrawn_in.is_(None),
    )


def known_options() -> ColumnElement[Any]:
    """The options of a `Question` with those that earlier versions offered: how an answer reads."""
    return (Question.options + Question.former_options).label("options")


def _rounds_select() -> Select[Any]:
    """The columns of `RoundFacts`, from the round or else from its framework."""
    computed = {
        "opens_at": opening_time(),
        "closes_at": closing_time(),
        "published_closes_at": Round.closes_at,
        "last_closes_at": last_closing_time(),
        "questions_until": questions_end(),
        "answers_by": answers_end(),
        "weighs": weighs(),
    }
    names = [name for name in RoundFacts.__dataclass_fields__ if name != "phase"]
    columns = [
        computed[name].label(name)
        if name in computed
        else getattr(Round if hasattr(Round, name) else Framework, name)
        for name in names
    ]
    return select(*columns).join(Framework, Framework.id == Round.framework_id)


def _rounds(statement: Select[Any], at: datetime) -> list[RoundFacts]:
    return [
        RoundFacts(**row._asdict(), phase=phase(row.state, row.opens_at, row.closes_at, at))
        for row in db.session.execute(statement)
    ]


def _round(*conditions: ColumnElement[bool]) -> RoundFacts:
    found = _rounds(_rounds_select().where(*conditions), clock.now())
    if not found:
        raise NotFound()
    return found[0]


def _lot_columns() -> tuple[Any, ...]:
    """Those of `LotFacts` but for what a round has of its own."""
    return tuple(getattr(Lot, name) for name in LotFacts.__dataclass_fields__ if name not in OF_A_ROUND)


def _question_columns() -> tuple[Any, ...]:
    return tuple(getattr(Question, name) for name in AskedQuestion.__dataclass_fields__)


def cut_offs_of(facts: RoundFacts) -> Sequence[datetime]:
    """The cut-offs that a draft plans after its own close. The caller got `facts` by `round_for`.

    No statement for a framework that is not always open, nor once they are intakes of their own.
    """
    if facts.state != "draft" or not facts.always_open:
        return ()
    return db.session.scalars(select(Round.later_cut_offs).where(Round.id == facts.id)).one()

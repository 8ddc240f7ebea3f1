"""Reading findings: the tenderers of an opened round, what stands of each, and what stood before."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, array, distinct_on

from evaluation.conformity.queries import lots_with_standing
from evaluation.exclusions.models import ExclusionFinding
from evaluation.exclusions.parts import PARTS, parts_of
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.profiles.words import LAWS
from portal.tasks import Task
from portal.web.filters import plural
from tender.applications.access import OPENED
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Round

TENDERERS_A_PAGE = 20
FOUND_IN = ("opened", "marking")
"""The states of a round in which everybody who stands is to be looked at."""
RECORDED_IN = (*FOUND_IN, "decided", "released")
"""The states in which somebody may look, or look again: once the letters are out for an admission that waits,
or a new decision."""

CLEAR, UNDONE, REFERRED, EXCLUDED = "clear", "undone", "referred", "excluded"


@dataclass(frozen=True, slots=True)
class Tenderer:
    """A tenderer of an opened round. `settled` parts neither refer nor wait; `old` are the codes of those of
    them that are too old to be relied on today. `stands` is whether a lot of its tender goes on, and a
    tenderer of whom none does need not be looked at."""

    application_id: int
    provider_id: int
    name: str
    submitted_at: Any
    settled: int
    old: Sequence[str]
    referred: int
    excluded: bool
    needed: int
    stands: bool

    @property
    def standing(self) -> str:
        """Where it is: clear, undone, referred or excluded."""
        if self.excluded:
            return EXCLUDED
        if self.referred:
            return REFERRED
        return CLEAR if self.settled >= self.needed else UNDONE


def tenderers_of(round_id: int, *, skip: int = 0) -> tuple[list[Tenderer], int]:
    """One page of the tenderers of a round, those with something to do first; and how many there are."""
    facts = _tenderers().where(Application.round_id == round_id).add_columns(func.count().over().label("of"))
    told = facts.subquery()
    done = case((~told.c.stands, 2), (_is_clear(told) | told.c.excluded, 1), else_=0)
    rows = db.session.execute(
        select(told).order_by(done, told.c.name, told.c.application_id).limit(TENDERERS_A_PAGE).offset(skip)
    ).all()
    return [Tenderer(*row[:-1]) for row in rows], (rows[0][-1] if rows else 0)


def tenderer_for(round_id: int, application_id: int) -> Tenderer:
    """One tenderer of an opened round. The caller got the round by `round_for`. Raises `NotFound`."""
    row = db.session.execute(
        _tenderers().where(Application.round_id == round_id, Application.id == application_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Tenderer(*row)


def findings_of(application_id: int) -> Mapping[str, Sequence[RowMapping]]:
    """What was found of a tenderer, by part, the newest first: version, result, checked_on, looked_at,
    ground, self_cleaning, excludes, heard, reasons, recorded_at, recorded_by."""
    finding = ExclusionFinding
    rows = db.session.execute(
        select(
            finding.part,
            finding.version,
            finding.result,
            finding.checked_on,
            finding.looked_at,
            finding.ground,
            finding.self_cleaning,
            finding.excludes,
            finding.heard,
            finding.reasons,
            finding.recorded_at,
            Person.name.label("recorded_by"),
        )
        .join(Person, Person.id == finding.recorded_by_id)
        .where(finding.application_id == application_id)
        .order_by(finding.version.desc())
    ).mappings()
    found: dict[str, list[RowMapping]] = {}
    for row in rows:
        found.setdefault(row["part"], []).append(row)
    return found


def first_not_clear(application_ids: Iterable[int], *, today: bool = False) -> Tenderer | None:
    """The first by name of these tenderers that is not clear, with `today` also one of whose checks is too
    old today; None when all are."""
    return next(iter(_not_clear(application_ids, today=today, most=1)), None)


def not_clear_today(application_ids: Iterable[int]) -> dict[int, Tenderer]:
    """Those of these tenderers that are not clear, or one of whose checks is too old today."""
    return {each.application_id: each for each in _not_clear(application_ids, today=True)}


def _not_clear(application_ids: Iterable[int], *, today: bool, most: int | None = None) -> list[Tenderer]:
    told = _tenderers().where(Application.id.in_(list(application_ids))).subquery()
    wrong = _is_not_clear_today(told) if today else told.c.excluded | ~_is_clear(told)
    rows = db.session.execute(select(told).where(wrong).order_by(told.c.name).limit(most))
    return [Tenderer(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class RoundToCheck:
    """A round of whose tenderers somebody has to look at `left`: the `first` of them by name."""

    id: int
    number: int
    title: str
    state: str
    left: int
    first: Tenderer

    @property
    def task(self) -> Task:
        """What there is to do before anybody is recommended."""
        return Task(
            f"{plural(self.left, 'tenderer')} to check for exclusion in round {self.number} of {self.title}",
            "Check them",
            "exclusions.index",
            {"round_id": self.id},
            detail="Nobody is recommended for admission before every check is made.",
        )


def rounds_to_check(of: ColumnElement[bool], admitted: Select[tuple[int]]) -> list[RoundToCheck]:
    """The rounds `of` which somebody has to look at a tenderer: while a round is judged, at each who stands
    and is not clear; afterwards at each of the `admitted` who would not be admitted today, because of a
    finding, or of a check that is missing or too old. One statement. The caller has checked who may ask."""
    told = (
        _tenderers()
        .add_columns(Round.id.label("round_id"), Round.number, Framework.title, Round.state)
        .where(of, or_(Round.state.in_(FOUND_IN), Application.id.in_(admitted)))
        .subquery()
    )
    while_judged = and_(told.c.stands, ~told.c.excluded, ~_is_clear(told))
    left = func.count().over(partition_by=told.c.round_id)
    rows = db.session.execute(
        select(told, left)
        .ext(distinct_on(told.c.round_id))
        .where(case((told.c.state.in_(FOUND_IN), while_judged), else_=_is_not_clear_today(told)))
        .order_by(told.c.round_id, told.c.name)
    )
    return [
        RoundToCheck(round_id, number, title, state, waiting, Tenderer(*tenderer))
        for *tenderer, round_id, number, title, state, waiting in rows
    ]


def excluding_grounds(application_ids: Collection[int]) -> set[tuple[int, str]]:
    """Which of these tenderers is excluded for which ground, by the newest finding of a part, as
    (application, ground); in one statement."""
    newest = _newest()
    rows = db.session.execute(
        select(newest.c.application_id, newest.c.ground).where(
            newest.c.application_id.in_(application_ids), newest.c.excludes
        )
    )
    return {(application_id, ground) for application_id, ground in rows}


def exclusion_of(application_id: int) -> RowMapping | None:
    """What excludes a tenderer: ground and reasons of the newest finding that does; None where none does. The
    caller has checked who may read it."""
    newest = _newest()
    return (
        db.session.execute(
            select(newest.c.ground, newest.c.reasons)
            .where(newest.c.application_id == application_id, newest.c.excludes)
            .order_by(newest.c.recorded_at.desc())
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )


def on_round_page(viewer: Actor, facts: RoundFacts) -> Sequence[Task]:
    """For the page of a round: whether checks are still to be made, for whoever reads them."""
    if facts.state not in FOUND_IN or not viewer.may("conformity:decide"):
        return ()
    nobody = select(Application.id).where(false())
    return tuple(each.task for each in rounds_to_check(Round.id == facts.id, nobody))


def _is_clear(told: Any) -> Any:
    """Whether a tenderer of `_tenderers` is through every part; excluded ones apart."""
    return and_(told.c.referred == 0, told.c.settled >= told.c.needed)


def _is_not_clear_today(told: Any) -> Any:
    return or_(told.c.excluded, ~_is_clear(told), func.cardinality(told.c.old) > 0)


def _newest() -> Subquery:
    """The finding that stands of each part of every tenderer."""
    finding = ExclusionFinding
    return (
        select(finding)
        .ext(distinct_on(finding.application_id, finding.part))
        .order_by(finding.application_id, finding.part, finding.version.desc())
        .subquery()
    )


def _tenderers() -> Select[Any]:
    """The facts of `Tenderer`, for every submitted application to an opened round."""
    newest = _newest()
    since = {part.code: clock.today() - timedelta(days=part.lasts) for part in PARTS.values()}
    is_old = and_(newest.c.result != "refer", newest.c.checked_on < case(since, value=newest.c.part))
    nothing = cast(array([]), ARRAY(Text))
    found = (
        select(
            newest.c.application_id,
            func.count().filter(newest.c.result != "refer").label("settled"),
            func.array_agg(newest.c.part).filter(is_old).label("old"),
            func.count().filter(newest.c.result == "refer").label("referred"),
            func.coalesce(func.bool_or(newest.c.excludes), false()).label("excluded"),
        )
        .group_by(newest.c.application_id)
        .subquery()
    )
    lots = lots_with_standing(None).subquery()
    stands = select(func.bool_or(lots.c.stands)).where(lots.c.application_id == Application.id)
    needed = case({law: len(parts_of(law)) for law in LAWS}, value=Framework.legal_regime)
    return (
        select(
            Application.id.label("application_id"),
            Application.provider_id,
            Organisation.name,
            Application.submitted_at,
            func.coalesce(found.c.settled, 0).label("settled"),
            func.coalesce(found.c.old, nothing).label("old"),
            func.coalesce(found.c.referred, 0).label("referred"),
            func.coalesce(found.c.excluded, false()).label("excluded"),
            needed.label("needed"),
            func.coalesce(stands.scalar_subquery(), false()).label("stands"),
        )
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(found, found.c.application_id == Application.id)
        .where(Application.state == "submitted", Round.state.in_(OPENED))
    )

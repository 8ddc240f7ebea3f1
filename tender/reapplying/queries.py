"""Reading to which open rounds a provider can take an earlier application, and how much of it comes along."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.database import db
from portal.tasks import GoingOn, Waiting
from portal.web.filters import plural, uk_datetime
from tender.applications.carrying_queries import asked_again, comes, lots_held
from tender.applications.last_time import Verdict, verdicts_on
from tender.applications.models import Application, ApplicationLot
from tender.applications.queries import ApplicationFacts
from tender.frameworks.closing import closing_time, opening_time
from tender.frameworks.facts import LotFacts, RoundFacts
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import lots_of_round


@dataclass(frozen=True, slots=True)
class Chance:
    """An open round into which an earlier application can be carried: `carried` of the `asked` questions.

    `number` and `submitted_at` are of the earlier application's round; `draft_id` is what the provider has in
    the open round already, `lots` how many lots it tries again.
    """

    application_id: int
    number: int
    submitted_at: datetime
    title: str
    into_id: int
    into_number: int
    closes_at: datetime
    draft_id: int | None
    draft_state: str | None
    conditions_stand: bool
    lots: int
    asked: int
    carried: int

    @property
    def name(self) -> str:
        """'Apply again'; 'Apply for more lots' where no lot is tried again."""
        return "Apply again" if self.lots else "Apply for more lots"

    @property
    def counted(self) -> str:
        """'23 of 31 things are carried over'."""
        return f"{self.carried} of {plural(self.asked, 'thing')} carried over"


@dataclass(frozen=True, slots=True)
class Start:
    """What the start page shows beside its chance: the lots of the open round that are tried again, held
    and neither; the lots (with the reason) and the questions of the earlier application that did not pass."""

    again: tuple[LotFacts, ...]
    held: tuple[LotFacts, ...]
    others: tuple[LotFacts, ...]
    refused: tuple[Verdict, ...]
    not_passed: tuple[Verdict, ...]


def chances(viewer: Actor, *conditions: ColumnElement[bool]) -> list[Chance]:
    """The open rounds to which the viewer's own organisation can take its newest decided application, the
    next to close first; one statement, and none for people who write no applications."""
    if viewer.organisation_kind != "provider" or not viewer.may("application:edit"):
        return []
    source, mine = aliased(Round), aliased(Application)
    rows = asked_again().subquery()
    tried, at = aliased(ApplicationLot), clock.now()
    lots = select(func.count()).where(tried.application_id == Application.id, comes(tried.lot_id))
    found = db.session.execute(
        select(
            Application.id,
            source.number,
            Application.submitted_at,
            Framework.title,
            Round.id,
            Round.number,
            closing_time(),
            mine.id,
            mine.state,
            Framework.passed_conditions_stand,
            lots.correlate(Application, Round).scalar_subquery(),
            func.count(),
            func.count().filter(rows.c.fits),
        )
        .select_from(Application)
        .join(source, source.id == Application.round_id)
        .join(Framework, Framework.id == source.framework_id)
        .join(Round, and_(Round.framework_id == Framework.id, Round.id != source.id))
        .join(rows, and_(rows.c.application_id == Application.id, rows.c.round_id == Round.id))
        .outerjoin(mine, and_(mine.round_id == Round.id, mine.provider_id == Application.provider_id))
        .where(Application.provider_id == viewer.organisation_id, _decided(Application, source))
        .where(Round.state == "published", opening_time() <= at, closing_time() > at, *conditions)
        .where(~_decided_later(source))
        .group_by(Application.id, source.id, Framework.id, Round.id, mine.id)
        .order_by(closing_time(), Round.id),
        {"today": clock.today()},
    )
    return [Chance(*row) for row in found]


def chance_for(viewer: Actor, facts: ApplicationFacts) -> Chance | None:
    """The chance that the viewer's own application gives; None where no round is open to it, or a newer
    application was decided since."""
    return next(iter(chances(viewer, Application.id == facts.id)), None)


def start_of(viewer: Actor, facts: ApplicationFacts, chance: Chance) -> Start:
    """What to know before a chance is taken, in three statements."""
    offered = lots_of_round(chance.into_id)
    failed = [verdict for verdict in verdicts_on(viewer, [facts.id]) if not verdict.passed]
    stands_on = lots_held(viewer)
    held = tuple(lot for lot in offered if lot.id in stands_on)
    again = tuple(lot for lot in offered if lot.id in facts.lot_ids and lot not in held)
    return Start(
        again=again,
        held=held,
        others=tuple(lot for lot in offered if lot not in again and lot not in held),
        refused=tuple(verdict for verdict in failed if verdict.code is None),
        not_passed=tuple(verdict for verdict in failed if verdict.code is not None),
    )


def on_opportunity(facts: RoundFacts, viewer: Actor) -> Mapping[str, object]:
    """For the public page of a round: `chance`, where the viewer has one here and no draft yet."""
    here = chances(viewer, Round.id == facts.id) if facts.phase == "open" else []
    return {"chance": next((chance for chance in here if chance.draft_id is None), None)}


def waiting_for(viewer: Actor) -> Waiting:
    """For a provider's people: open rounds to which they can take an earlier application, and have not."""
    return Waiting(
        going_on=tuple(
            GoingOn(
                f"{chance.name} to {chance.title}, round {chance.into_number}",
                "open",
                "reapplying.start",
                {"application_id": chance.application_id},
                f"{chance.counted} from round {chance.number}. Closes {uk_datetime(chance.closes_at)}",
            )
            for chance in chances(viewer)
            if chance.draft_id is None
        )
    )


def _decided(application: Any, its_round: Any) -> ColumnElement[bool]:
    """Whether an application was judged, and its letter is out."""
    return and_(
        application.state == "submitted", application.erased_at.is_(None), its_round.state == "released"
    )


def _decided_later(source: Any) -> ColumnElement[bool]:
    """Whether a newer application of the same provider to the same framework is decided too."""
    newer, its_round = aliased(Application), aliased(Round)
    return exists().where(
        newer.provider_id == Application.provider_id,
        newer.submitted_at > Application.submitted_at,
        its_round.id == newer.round_id,
        its_round.framework_id == source.framework_id,
        _decided(newer, its_round),
    )

"""What a provider may know of its own earlier applications, for the applications' noun below.

Nothing before the round's letters are released, nothing but what these letters say, and no mark.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Text, and_, cast, null, select, union_all

from evaluation.conformity.models import ConformityCheck
from evaluation.moderation.models import AgreedMark
from evaluation.outcomes.assessment import ADMITTED
from evaluation.outcomes.models import Decision
from portal.accounts.access import Actor
from portal.database import db
from tender.applications.last_time import Verdict
from tender.applications.models import Answer, Application
from tender.frameworks.models import Lot, Question, Round


def verdicts_for(viewer: Actor, application_ids: Collection[int]) -> Sequence[Verdict]:
    """The verdicts on those of these applications that are the viewer's own organisation's and released, in
    the order of the applications; one statement.

    A condition passed when its check did, a scored answer when its agreed mark reached the minimum, a lot
    when the provider was admitted to it.
    """
    if viewer.organisation_kind != "provider":
        return ()
    conditions = (
        select(
            Application.id,
            Question.code,
            Question.title,
            ConformityCheck.lot_id,
            (ConformityCheck.result == "pass").label("passed"),
            ConformityCheck.reason,
        )
        .join(ConformityCheck, ConformityCheck.application_id == Application.id)
        .join(Question, Question.id == ConformityCheck.question_id)
        .where(ConformityCheck.result != "refer")
    )
    marks = (
        select(
            Application.id,
            Question.code,
            Question.title,
            Answer.lot_id,
            AgreedMark.points >= Question.minimum,
            AgreedMark.reason,
        )
        .join(Answer, Answer.application_id == Application.id)
        .join(AgreedMark, AgreedMark.answer_id == Answer.id)
        .join(Question, Question.id == AgreedMark.question_id)
    )
    lots = (
        select(
            Application.id,
            cast(null(), Text),
            Lot.title,
            Decision.lot_id,
            Decision.outcome.in_(ADMITTED),
            Decision.reason,
        )
        .join(
            Decision,
            and_(Decision.application_id == Application.id, Decision.state.in_(("told", "released"))),
        )
        .join(Lot, Lot.id == Decision.lot_id)
    )
    own = _own_released(viewer, application_ids)
    found = union_all(
        *(each.join(Round, Round.id == Application.round_id).where(own) for each in (conditions, marks, lots))
    ).subquery()
    return [Verdict(*row) for row in db.session.execute(select(found).order_by(found.c.id))]


def _own_released(viewer: Actor, application_ids: Collection[int]) -> ColumnElement[bool]:
    return and_(
        Application.id.in_(application_ids),
        Application.provider_id == viewer.organisation_id,
        Application.state == "submitted",
        Application.erased_at.is_(None),
        Round.state == "released",
    )

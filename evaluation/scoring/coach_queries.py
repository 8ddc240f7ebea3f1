"""Reading what the coach needs: an evaluator's own reasons of one tender, and the other providers."""

from collections.abc import Iterable

from sqlalchemy import RowMapping, and_, func, select
from sqlalchemy.orm import aliased

from evaluation.assignments.models import Assignment
from evaluation.scoring.coach import advice_on, by_short_name
from evaluation.scoring.masked import Shown
from evaluation.scoring.models import Mark
from portal.accounts.models import Organisation
from portal.database import db
from tender.applications.models import Answer, Application
from tender.applications.values import in_words
from tender.frameworks.models import Question, ScaleBand
from tender.frameworks.queries import known_options

LOOKED_AT = 40  # reasons for other tenders, the newest: what is copied was written shortly before


def advice_for(assignment: RowMapping, shown: Shown, answer_id: int | None = None) -> dict[int, list[str]]:
    """By answer, what the coach says about the evaluator's own saved reasons, where it says something.

    Of one tender, which is `shown` to them so, or of one of its answers. In two statements; nothing of
    anybody else's marks is read.
    """
    if assignment["state"] != "accepted":
        return {}
    rows = _own_reasons(assignment, answer_id)
    if not rows:
        return {}
    # Where names are hidden its own provider's is one of them: nothing tells whether a guess is right.
    others = by_short_name(shown.tenderers if shown.code else _other_tenderers(assignment))
    found = {
        row["answer_id"]: advice_on(
            row["reason"],
            descriptor=row["descriptor"],
            question=f"{row['title']} {row['text']}",
            answer=shown.words(" ".join(in_words(row["kind"], row["options"], row["value"], row["shape"]))),
            elsewhere=row["elsewhere"] or (),
            other_providers=others,
            names_hidden=bool(shown.code),
        )
        for row in rows
    }
    return {answer_id: advice for answer_id, advice in found.items() if advice}


def _other_tenderers(assignment: RowMapping) -> Iterable[str]:
    return db.session.scalars(
        select(Organisation.name)
        .join(Application, Application.provider_id == Organisation.id)
        .where(
            Application.round_id == assignment["round_id"],
            Application.state == "submitted",
            Application.id != assignment["application_id"],
        )
        .order_by(Organisation.name)
    )


def _own_reasons(assignment: RowMapping, answer_id: int | None) -> list[RowMapping]:
    other, judged = aliased(Mark), aliased(Answer)
    newest = (
        select(other.reason)
        .join(judged, judged.id == other.answer_id)
        .where(
            other.evaluator_id == Mark.evaluator_id,
            other.question_id == Mark.question_id,
            # The answers of one tender's lots may well earn the same words.
            judged.application_id != Answer.application_id,
        )
        .order_by(other.marked_at.desc(), other.id)
        .limit(LOOKED_AT)
        .correlate(Mark, Answer)
        .scalar_subquery()
    )
    wanted = (
        select(
            Mark.answer_id,
            Mark.reason,
            ScaleBand.descriptor,
            Question.title,
            Question.text,
            Question.kind,
            known_options(),
            Question.shape,
            Answer.value,
            func.array(newest).label("elsewhere"),
        )
        .join(Answer, Answer.id == Mark.answer_id)
        .join(Question, Question.id == Answer.question_id)
        .join(ScaleBand, and_(ScaleBand.scale_id == Mark.scale_id, ScaleBand.points == Mark.points))
        .join(
            Assignment,
            and_(
                Assignment.application_id == Answer.application_id,
                Assignment.evaluator_id == Mark.evaluator_id,
            ),
        )
        .where(Assignment.id == assignment["id"])
    )
    if answer_id is not None:
        wanted = wanted.where(Mark.answer_id == answer_id)
    return list(db.session.execute(wanted).mappings())

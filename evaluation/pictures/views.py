"""Pages with pictures of an evaluation, each with its table beneath."""

from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from evaluation.outcomes.assessment import Assessment, Criterion
from evaluation.outcomes.mark_queries import assessment_for
from evaluation.outcomes.queries import round_for as judged_round_for
from evaluation.pictures import drawing, queries
from portal import clock
from portal.accounts.gate import actor, requires
from tender.applications.closed_queries import round_with_tenderers
from tender.frameworks.queries import lots_of_round

bp = Blueprint("pictures", __name__)


@bp.get("/rounds/<int:round_id>/progress")
@requires("panel:manage", "tender:moderate", "evaluation:read")
def progress(round_id: int) -> ResponseReturnValue:
    """How far each evaluator is, lot by lot: answers marked and to mark."""
    round = round_with_tenderers(actor(), round_id)
    people = drawing.marking_of(queries.board_of(round_id))
    lots: list[str | None] = [None, *(lot.number for lot in lots_of_round(round_id))]
    return render_template(
        "pictures/progress.html",
        round=round,
        people=people,
        chart=drawing.board_chart(people) if people else None,
        lots=[lot for lot in lots if any(lot in each.by_lot for each in people)],
        as_at=clock.now(),
    )


@bp.get("/rounds/<int:round_id>/moderation/spread")
@requires("tender:moderate", "evaluation:read")
def spread(round_id: int) -> ResponseReturnValue:
    """How far the marks of each question are apart."""
    round = round_with_tenderers(actor(), round_id)
    questions = queries.spread_by_question(actor(), round_id)
    return render_template(
        "pictures/spread.html",
        round=round,
        questions=questions,
        chart=drawing.spread_chart(questions) if questions else None,
    )


@bp.get("/rounds/<int:round_id>/moderation/evaluators")
@requires("tender:moderate", "panel:manage")
def severity(round_id: int) -> ResponseReturnValue:
    """How far each evaluator's marks are from the panel's: for whoever leads the panel, or the round."""
    round = round_with_tenderers(actor(), round_id)
    people = queries.severity_of(actor(), round_id)
    return render_template(
        "pictures/severity.html",
        round=round,
        people=people,
        chart=drawing.severity_chart(people, queries.highest_of(round_id)) if people else None,
        signed=drawing.signed,
    )


@bp.get("/rounds/<int:round_id>/results/<int:application_id>/profile")
@requires("evaluation:read")
def profile(round_id: int, application_id: int) -> ResponseReturnValue:
    """A tender's agreed marks beside the most and the least that they can be.

    Of a sealed round not even whose it is.
    """
    round = judged_round_for(actor(), round_id)
    assessment = assessment_for(actor(), round_id, application_id)
    return render_template(
        "pictures/profile.html",
        round=round,
        assessment=assessment,
        parts=[
            (heading, criteria, drawing.profile_chart(assessment.provider_name, heading, criteria))
            for heading, criteria in _parts(assessment)
        ],
    )


def _parts(assessment: Assessment) -> list[tuple[str, Sequence[Criterion]]]:
    """The answers that count for every lot, then those of each lot that stands."""
    parts: list[tuple[str, Sequence[Criterion]]] = [("answers that count for every lot", assessment.common)]
    parts += [
        (tender.lot_name, assessment.of_lot(tender.lot_id)) for tender in assessment.outcomes if tender.stands
    ]
    return [part for part in parts if part[1]]

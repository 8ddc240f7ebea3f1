"""Questions of the council to one tenderer, asked and answered through the services."""

import io
from typing import Any

from evaluation.inquiries.queries import Point, points_of
from evaluation.inquiries.services import answer, ask
from portal import clock
from tests.factories.evaluation import Evaluation
from tests.factories.outcomes import provider_of
from tests.storage import corpus

PORTAL_URL = "https://portal.example.org"
TEXT = "You name two sites. Which of them do you mean by “the workshop”?"
ANSWER = "We mean the site at the canal."


def a_point(evaluation: Evaluation, application: int = 0, title: str = "") -> Point:
    """The first thing that a tender says, or the first whose title holds this."""
    points = points_of(evaluation.applications[application])
    return next(point for point in points if title in point.title)


def an_inquiry(evaluation: Evaluation, application: int = 0, about: Point | None = None, **said: Any) -> int:
    """One that the lead has asked; `said` replaces its words or its working days."""
    point = about or a_point(evaluation, application)
    return ask(
        application_id=evaluation.applications[application],
        about=(point.question_id, point.lot_id),
        portal_url=PORTAL_URL,
        by=evaluation.lead,
        **{"text": TEXT, "days": 3, **said},
    )


def an_answered_inquiry(
    evaluation: Evaluation, application: int = 0, about: Point | None = None, files: int = 1
) -> int:
    """One that the tenderer has answered, with so many files."""
    inquiry_id = an_inquiry(evaluation, application, about)
    answer(
        inquiry_id=inquiry_id,
        text=ANSWER,
        files=[(io.BytesIO(corpus.pdf()), f"Plan {number}.pdf") for number in range(files)],
        arrived=clock.now(),
        portal_url=PORTAL_URL,
        by=provider_of(evaluation, application),
    )
    return inquiry_id

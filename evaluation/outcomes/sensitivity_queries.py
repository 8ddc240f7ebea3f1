"""What the page of single marks needs beside the marks: the bands of each question, and names."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.accounts.models import Organisation
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.models import Question, ScaleBand


def bands_of(round_id: int) -> tuple[dict[int, list[int]], dict[int, str]]:
    """By scored question, the points that a mark can be from the lowest, and its title."""
    bands: dict[int, list[int]] = {}
    titles: dict[int, str] = {}
    for question, title, points in db.session.execute(
        select(Question.id, Question.title, ScaleBand.points)
        .join(ScaleBand, ScaleBand.scale_id == Question.scale_id)
        .where(Question.round_id == round_id, Question.judged_as == "scored")
        .order_by(Question.id, ScaleBand.points)
    ):
        bands.setdefault(question, []).append(points)
        titles[question] = title
    return bands, titles


def names_of(application_ids: Iterable[int]) -> dict[int, str]:
    """The providers' names by application."""
    rows = db.session.execute(
        select(Application.id, Organisation.name)
        .join(Organisation, Organisation.id == Application.provider_id)
        .where(Application.id.in_(set(application_ids)))
    )
    return {application: name for application, name in rows}

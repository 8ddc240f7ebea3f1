"""Taking hold of an application before it is changed, and the refusals that every change shares."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.errors import Conflict, NotFound, Refusal
from portal.web.filters import uk_datetime
from tender.applications.closing import closing_time_of_application
from tender.applications.contents import Problem
from tender.applications.models import Application
from tender.frameworks.lifecycle import phase
from tender.frameworks.models import Round


class RoundNotOpen(Refusal):
    """The round is not open at the moment at which the request arrived."""


class Submitted(Conflict):
    """The application is submitted, and therefore sealed."""

    sentence = (
        "This application is submitted, so it cannot be changed. "
        "Until the round closes you can withdraw it, change it and submit it again."
    )


class Incomplete(Refusal):
    """The application lacks what `problems` say."""

    def __init__(self, problems: Collection[Problem]) -> None:
        super().__init__("Your application is not complete, so it was not submitted.")
        self.problems = tuple(problems)


class Unconfirmed(Refusal):
    """Whoever submits left something unconfirmed; `boxes` has a sentence by the name of each box."""

    def __init__(self, boxes: Mapping[str, str]) -> None:
        super().__init__(" ".join(boxes.values()), field=next(iter(boxes)))
        self.boxes = dict(boxes)


def check_open(state: str, opens_at: datetime | None, closes_at: datetime | None, arrived: datetime) -> None:
    """Raise `RoundNotOpen` unless the round was open at the moment `arrived`; the closing time is closed."""
    stage = phase(state, opens_at, closes_at, arrived)
    if stage == "upcoming":
        raise RoundNotOpen(f"This round opens at {uk_datetime(opens_at)}. Come back then.")
    if stage == "withdrawn":
        raise RoundNotOpen("The council has withdrawn this round, so nothing can be changed.")
    if stage != "open":
        raise RoundNotOpen(f"This round closed at {uk_datetime(closes_at)}, so nothing can be changed.")


def locked_with_round(
    session: Session, application_id: int, *, by: Actor
) -> tuple[Application, Round, datetime]:
    """The provider's own application, its round held so that the tender box cannot be opened meanwhile, and
    when the application's time is over.

    Raises `NotFound`.
    """
    own = (Application.id == application_id, Application.provider_id == by.organisation_id)
    found = session.execute(
        select(Round, closing_time_of_application())
        .join(Application, Application.round_id == Round.id)
        .where(*own)
        .with_for_update(read=True, of=Round)
        .execution_options(populate_existing=True)
    ).one_or_none()
    application = session.scalar(
        select(Application).where(*own).with_for_update().execution_options(populate_existing=True)
    )
    if found is None or application is None or not by.may("application:edit"):
        raise NotFound()
    return application, *found

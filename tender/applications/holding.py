"""Taking hold of an application before it is changed, the refusals that every change shares, and the line
that a refusal leaves."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import is_new_refusal, record
from portal.database import after_rollback, transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.web.filters import uk_datetime
from tender.applications.closing import closing_time_of_application
from tender.applications.contents import Problem
from tender.applications.models import Application
from tender.frameworks.lifecycle import phase
from tender.frameworks.models import Round

REASONS = {
    "closed": "The round had closed",
    "not_open": "The round was not open yet",
    "withdrawn": "The council had withdrawn the round",
    "incomplete": "Something was missing",
    "uncertified": "It was not certified",
    "undeclared": "The declaration was not confirmed",
    "changed": "Somebody had changed it meanwhile",
    "not_permitted": "This person may not submit",
    "overloaded": "The portal took too long",
    "fault": "The portal failed",
}
"""Why a submission or a change was refused, by the word under which the trail keeps it."""
# What PostgreSQL says of a statement, or a wait for a row, that took too long.
_TOO_LONG = ("57014", "55P03")


class RoundNotOpen(Refusal):
    """The round is not open at the moment at which the request arrived. `closed_at`: None before it opens."""

    def __init__(self, sentence: str, *, closed_at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.closed_at = closed_at


class RoundWithdrawn(RoundNotOpen):
    """The council has withdrawn the round, so it takes nothing any more."""

    sentence = (
        "The council has withdrawn this round, so nothing can be submitted or changed. What you saved stays "
        "yours to read, and you can take it to another round."
    )

    def __init__(self) -> None:
        super().__init__(self.sentence)


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
    """Raise `RoundNotOpen`, or `RoundWithdrawn`, unless the round was open at the moment `arrived`; the
    closing time is closed."""
    stage = phase(state, opens_at, closes_at, arrived)
    if stage == "upcoming":
        raise RoundNotOpen(f"This round opens at {uk_datetime(opens_at)}. Come back then.")
    if stage == "withdrawn":
        raise RoundWithdrawn
    if stage != "open":
        raise RoundNotOpen(
            f"This round closed at {uk_datetime(closes_at)}, so nothing can be changed.", closed_at=closes_at
        )


def keep_refusal(application_id: int, *, by: Actor, submitting: bool = False) -> None:
    """Let a line stay in the trail, in a transaction of its own, should the present one be undone: of a
    submission whatever refused it, of any other change that it came too late.

    It says who, for which application, why, when it reached us by our clock, and when by the database's; and
    nothing of what was sent. See `is_new_refusal` for how many there can be. Whoever finds nothing, as at
    another provider's application, leaves none.
    """
    arrived = clock.arrived()

    def note(error: Exception) -> None:
        reason = _reason_of(error)
        if reason is None or not (submitting or reason == "closed"):
            return
        told = {"reason": reason, "arrived": arrived.isoformat()}
        about = ("application", application_id)
        with transaction():
            if submitting and is_new_refusal("application.refuse_submit", *about, reason=reason):
                record("application.refuse_submit", *about, by=by, **told)
            if not submitting and is_new_refusal("application.refuse_change", *about, reason=reason):
                record("application.refuse_change", *about, by=by, **told)

    after_rollback(note)


def _reason_of(error: Exception) -> str | None:
    """One of `REASONS`; None where nothing was found, or the database is away and keeps no line either."""
    if isinstance(error, NotFound):
        return None
    if isinstance(error, RoundWithdrawn):
        return "withdrawn"
    if isinstance(error, RoundNotOpen):
        return "closed" if error.closed_at else "not_open"
    if isinstance(error, Unconfirmed):
        return "uncertified" if "certified" in error.boxes else "undeclared"
    if isinstance(error, DBAPIError):
        return "overloaded" if getattr(error.orig, "sqlstate", None) in _TOO_LONG else None
    kinds = {
        Incomplete: "incomplete",
        Conflict: "changed",
        Refusal: "not_permitted",
    }
    return next((reason for kind, reason in kinds.items() if isinstance(error, kind)), "fault")


def locked_with_round(
    session: Session, application_id: int, *, by: Actor, submitting: bool = False
) -> tuple[Application, Round, datetime]:
    """The provider's own application, its round held so that the tender box cannot be opened meanwhile, and
    when the application's time is over. What refuses the change, or with `submitting` the submission, from
    here on leaves a line: see `keep_refusal`.

    Raises `NotFound`.
    """
    keep_refusal(application_id, by=by, submitting=submitting)
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

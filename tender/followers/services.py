"""Following a round, and telling everyone who is to know of it."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import Doer
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.mail.services import write_letter
from tender.followers.models import RoundFollower
from tender.followers.queries import may_follow, recipients_of
from tender.frameworks.models import Round


def follow(*, round_id: int, by: Actor) -> None:
    """Let a provider's person hear what happens to a published round; twice is once.

    It leaves no line in the trail, which the council reads. Raises `NotFound`, and `Refusal` for others.
    """
    if not may_follow(by):
        raise Refusal("Only people who work on a provider's applications can follow a round.")
    with transaction() as session:
        state = session.scalar(select(Round.state).where(Round.id == round_id))
        if state is None or state == "draft":
            raise NotFound()
        session.execute(
            insert(RoundFollower)
            .values(round_id=round_id, person_id=by.person_id, followed_at=clock.now())
            .on_conflict_do_nothing()
        )


def unfollow(*, round_id: int, by: Actor) -> None:
    """Stop hearing of a round. Whoever has started an application to it is still told."""
    with transaction() as session:
        session.execute(
            delete(RoundFollower).where(
                RoundFollower.round_id == round_id, RoundFollower.person_id == by.person_id
            )
        )


def tell_everyone(
    *,
    round_id: int,
    event: str,
    title: str,
    lines: Sequence[str],
    signed: str,
    by: Doer,
    applications: Sequence[int] | None = None,
) -> int:
    """Write one letter of `lines` to everyone who is told of the round; return how many were written.

    `event` names what happened ("clarification:12"): the same person is told of it once, however often this
    is called. With `applications` (ids), only the people of their providers are told.
    """
    written = 0
    with transaction():
        for person in recipients_of(round_id, applications):
            letter = write_letter(
                key=f"{event}:{person.person_id}",
                to_name=person.name,
                to_address=person.address,
                title=title,
                body="\n\n".join([f"Dear {person.name}", *lines, signed]) + "\n",
                subject_type="round",
                subject_id=round_id,
                organisation_id=person.organisation_id,
                by=by,
            )
            written += letter is not None
    return written

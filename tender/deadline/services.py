"""Giving more time, in one step: the extension, whom it is for, and the letters."""

from collections.abc import Sequence
from datetime import datetime

from portal.accounts.access import Actor
from portal.database import transaction
from portal.errors import NotFound
from tender.applications.services import give_more_time
from tender.deadline import letters
from tender.followers.services import tell_everyone
from tender.frameworks.models import Extension
from tender.frameworks.opening_services import extend_round
from tender.frameworks.queries import intake_after, round_for


def extend(
    *,
    round_id: int,
    closes_at: datetime,
    reason: str,
    portal_url: str,
    by: Actor,
    references: Sequence[str] | None = None,
    fairness: str = "",
    questions_until: datetime | None = None,
    answers_by: datetime | None = None,
) -> Extension:
    """Let a round close later for everyone, or with `references` for those alone, and tell everyone.

    For everyone, the times for questions can move with it: see `extend_round`.
    `references` are of applications or receipts, as their providers gave them. Raises `NotFound`, `Conflict`
    and `Refusal` as `extend_round` and `give_more_time` do.
    """
    if not by.may("framework:manage"):
        raise NotFound()
    with transaction():
        extension = extend_round(
            by=by,
            round_id=round_id,
            closes_at=closes_at,
            reason=reason,
            for_everyone=references is None,
            fairness=fairness,
            questions_until=questions_until,
            answers_by=answers_by,
        )
        named = None
        if references is not None:
            named = give_more_time(extension_id=extension.id, references=references, by=by)
        facts = round_for(by, round_id)
        following = intake_after(facts)

        def tell(
            round_id: int, event: str, words: tuple[str, list[str]], applications: Sequence[int] | None = None
        ) -> None:
            title, lines = words
            tell_everyone(
                round_id=round_id,
                event=f"extension:{extension.id}{event}",
                title=title,
                lines=lines,
                signed=facts.buyer_name,
                by=by,
                applications=applications,
            )

        if following is not None and extension.for_everyone:
            tell(following.id, ":next", letters.words_of_next(following, extension, portal_url))
        tell(round_id, "", letters.words(facts, extension, following, portal_url), named)
        if named is not None:
            # Of one event nobody is told twice: this reaches those who are not named.
            tell(round_id, "", letters.words_for_others(facts, extension, len(set(named)), portal_url))
    return extension

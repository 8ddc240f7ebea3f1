"""Answer once: what a provider has said before is offered again, for a person to check and to save.

A suggestion is drawn into the form and saved by nobody but the person who presses the button.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.access import Actor
from portal.database import db
from portal.profiles.queries import FIELDS, in_words, profile_of, share_codes_of, standing_declaration
from portal.profiles.words import LEGAL_FORMS
from portal.web.filters import uk_date
from tender.applications.contents import Item
from tender.applications.models import Answer, Application
from tender.applications.queries import ApplicationFacts
from tender.applications.values import checked, is_blank
from tender.frameworks.models import Question, Round


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer that was given before, and the sentence that says where and when."""

    value: Any
    sentence: str


def suggested_answer(viewer: Actor, facts: ApplicationFacts, item: Item) -> Suggestion | None:
    """What to draw into the form of a question that has no answer yet, in at most one statement.

    Share code, exclusion grounds and the fields of the profile come from the profile; everything else from
    the provider's latest application that answered the same question: same code, kind, words and options.
    Within one framework an answer to other words is offered too, as long as it can be an answer, and says so.
    """
    if item.version or item.asked.kind == "file" or not facts.editable:
        return None
    from_profile = _FROM_PROFILE.get(item.asked.code)
    found = from_profile(viewer, facts, item) if from_profile else _from_an_application(viewer, facts, item)
    return None if found is None or is_blank(found.value) else found


def _from_an_application(viewer: Actor, facts: ApplicationFacts, item: Item) -> Suggestion | None:
    asked, before = aliased(Question), aliased(Question)
    moment = func.coalesce(Application.submitted_at, Application.started_at)
    same_words = and_(before.text == asked.text, before.options == asked.options, before.shape == asked.shape)
    row = db.session.execute(
        select(Answer.value, moment, same_words)
        .join(Application, Application.id == Answer.application_id)
        .join(Round, Round.id == Application.round_id)
        .join(before, before.id == Answer.question_id)
        .join(asked, asked.id == item.asked.id)
        .where(
            Application.provider_id == viewer.organisation_id,
            Application.id != facts.id,
            Application.erased_at.is_(None),
            before.code == asked.code,
            before.kind == asked.kind,
            before.per_lot == asked.per_lot,
            or_(same_words, Round.framework_id == facts.framework_id),
        )
        .order_by(
            same_words.desc(),
            Answer.lot_id.is_not_distinct_from(item.lot_id).desc(),
            (Application.state == "submitted").desc(),
            moment.desc(),
        )
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    value, day, in_these_words = row
    if in_these_words:
        return Suggestion(
            value, f"From your application of {uk_date(day)}. Check that it still holds, then save it."
        )
    try:
        value = checked(item.asked.kind, item.asked.options, value, item.asked.shape)
    except ValueError:
        return None
    return Suggestion(
        value,
        f"From your application of {uk_date(day)}, where the question had other words. "
        "Check that it answers this one, then save it.",
    )


def _share_code(viewer: Actor, facts: ApplicationFacts, item: Item) -> Suggestion | None:
    newest = next(iter(share_codes_of(facts.provider_id, most=1)), None)
    if newest is None:
        return None
    recorded = f"recorded on {uk_date(newest['recorded_at'])} by {newest['recorded_by']}"
    return Suggestion(
        newest["code"],
        f"From your profile, {recorded}. Make a new one on the platform if anything has changed since.",
    )


def _exclusion(viewer: Actor, facts: ApplicationFacts, item: Item) -> Suggestion | None:
    declared = standing_declaration(viewer, facts.legal_regime)
    if declared is None:
        return None
    value = "some" if declared["grounds"] else "none"
    if value not in dict(item.asked.options):
        return None
    return Suggestion(value, _declared(declared))


def _exclusion_detail(viewer: Actor, facts: ApplicationFacts, item: Item) -> Suggestion | None:
    declared = standing_declaration(viewer, facts.legal_regime)
    if declared is None or item.asked.kind != "long_text":
        return None
    return Suggestion("\n\n".join(map(in_words, declared["grounds"])), _declared(declared))


def _declared(declared: Any) -> str:
    return (
        f"From your profile: {declared['declared_by']} declared this on {uk_date(declared['declared_at'])}. "
        "Check that it still holds, then save it."
    )


def _field(viewer: Actor, facts: ApplicationFacts, item: Item) -> Suggestion | None:
    profile = profile_of(facts.provider_id)
    value = profile.values[item.asked.code]
    if item.asked.kind == "choice" and value not in dict(item.asked.options):
        return None
    if item.asked.kind not in ("short_text", "long_text", "choice"):
        return None
    spelled = LEGAL_FORMS.get(value, value) if item.asked.kind != "choice" else value
    return Suggestion(
        spelled, f"From your profile of {uk_date(profile.saved_at)}. Check that it still holds, then save it."
    )


_FROM_PROFILE: dict[str, Callable[[Actor, ApplicationFacts, Item], Suggestion | None]] = {
    **{name: _field for name in FIELDS if name != "operation_types"},
    "share_code": _share_code,
    "exclusion": _exclusion,
    "exclusion_detail": _exclusion_detail,
}

"""The invented providers' applications: every question answered in the provider's own voice."""

import hashlib
import io
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.database import db
from portal.development.demonstration import voices
from portal.development.demonstration.cast import Provider
from portal.development.demonstration.papers import paper
from portal.evidence.queries import choices_for
from tender.applications.answer_services import attach_document, save_answer
from tender.applications.carrying_services import carry_over
from tender.applications.contents import Item
from tender.applications.models import Application
from tender.applications.promise_services import promise_file
from tender.applications.queries import own_application_for, tender_of
from tender.applications.services import choose_lots, start_application, submit_application
from tender.applications.vault_services import use_from_vault

_CHOSEN = {
    "exclusion": "none",
    "registration_test": "below",
    "registration_status": "non_school",
}
_PAPERS = {
    "safeguarding_policy": ("pdf", "Safeguarding policy"),
    "health_safety_policy": ("docx", "Health and safety policy"),
    "fire_risk": ("jpg", "Fire risk assessment"),
    "finance": ("xlsx", "Budget for the next 12 months"),
}


def apply(
    *,
    round_id: int,
    lot_ids: Sequence[int],
    provider: Provider,
    by: Actor,
    rng: Random,
    strength: float | None = None,
    share: float = 1.0,
    submit: bool = True,
    day_rate: str | None = None,
    promising: str = "",
) -> int:
    """Start an application, answer the first `share` of its questions, and submit it; its id.

    `strength` and `day_rate` replace the provider's own; a file of the name `promising` is promised.
    """
    application_id = start_application(round_id=round_id, by=by)
    choose_lots(application_id=application_id, lot_ids=lot_ids, by=by)
    for _ in ("what is asked of everybody", "what is asked because of an answer"):
        items = tender_of(own_application_for(by, application_id)).items
        for item in items[: round(len(items) * share)]:
            if not item.answered:
                _answer(application_id, item, provider, by, rng, strength or provider.strength, day_rate)
    if promising:
        promise_file(
            application_id=application_id,
            code="safeguarding_policy",
            filename=promising,
            size=9_400_000,
            sha256=hashlib.sha256(promising.encode()).hexdigest(),
            by=by,
        )
    if submit:
        submit_application(application_id=application_id, declared=True, certified=True, by=by)
    return application_id


def take_over(round_id: int, by: Actor) -> int:
    """Take the application of the first round into this one; the draft's id.

    Of a refusal the lot comes along and what passed, the price is to be put right. Whoever was admitted does
    not repeat what is asked once, and chooses further lots.
    """
    first = select(Application.id).where(
        Application.provider_id == by.organisation_id, Application.round_id != round_id
    )
    earlier = db.session.scalars(first.order_by(Application.id).limit(1)).one()
    return carry_over(application_id=earlier, into_round_id=round_id, by=by)


def _answer(
    application_id: int,
    item: Item,
    provider: Provider,
    by: Actor,
    rng: Random,
    strength: float,
    day_rate: str | None,
) -> None:
    code = item.asked.code
    if item.asked.kind == "file":
        if _from_the_vault(application_id, item, by):
            return
        kind, title = _PAPERS[code]
        stream = io.BytesIO(paper(kind, title))
        filename = f"{title} {provider.name}.{kind}"
        attach_document(
            application_id=application_id,
            code=code,
            lot_id=item.lot_id,
            stream=stream,
            filename=filename,
            by=by,
        )
        return
    value = _value(item, provider, rng, strength, day_rate)
    if value:
        save_answer(
            application_id=application_id, code=code, lot_id=item.lot_id, value=value, version=0, by=by
        )


def _from_the_vault(application_id: int, item: Item, by: Actor) -> bool:
    """Use what the provider's vault holds of the type that is asked for, if it holds any."""
    wanted = item.asked.shape.get("document_type")
    for version in choices_for(by, wanted):
        if version.type == wanted:
            use_from_vault(
                application_id=application_id,
                code=item.asked.code,
                lot_id=item.lot_id,
                version_id=version.id,
                by=by,
            )
            return True
    return False


def _value(item: Item, provider: Provider, rng: Random, strength: float, day_rate: str | None) -> Any:
    """What the provider answers; empty for what it leaves out."""
    code = item.asked.code
    if item.asked.judged_as == "scored":
        return voices.answer(code, provider, strength, rng)
    if provider.school and code in ("registration_test", "registration_status", "urn"):
        urn = str(990_000 + sum(map(ord, provider.name)) % 9_999)
        return {"registration_test": "registered", "registration_status": "registered_school", "urn": urn}[
            code
        ]
    known = {
        "summary": voices.summary(provider),
        "key_stages": list(provider.key_stages),
        "sen_needs": list(provider.needs),
        "site_postcode": provider.postcode,
        "places": str(provider.places),
        "day_rate": day_rate or provider.day_rate,
        "ico_number": f"ZZ{100_000 + sum(map(ord, provider.name)):06}",
        "staff": _staff(provider),
        "other_prices": _other_prices(day_rate or provider.day_rate),
        **_CHOSEN,
    }
    return known.get(code, "yes")


def _staff(provider: Provider) -> list[dict[str, str]]:
    """Who works there: one adult to four pupils, a lead, and somebody by the hour."""
    adults = max(2, provider.places // 4)
    rows = (
        ("Head of provision and designated safeguarding lead", 1, 35),
        (f"Tutors for {provider.trade}", adults, adults * 30),
        ("Mentors and teaching assistants", adults, adults * 25),
        ("Counsellor, by the hour", 1, 6),
    )
    return [{"role": role, "people": str(people), "hours": str(hours)} for role, people, hours in rows]


def _other_prices(day_rate: str) -> dict[str, str]:
    """A half day at three fifths of a day in a group; twice as much for one to one."""
    half, hour = (round(Decimal(day_rate) * part) for part in (Decimal("0.6"), Decimal("0.22")))
    prices = {"half_day.group": half, "half_day.one": half * 2, "hour.group": hour, "hour.one": hour * 2}
    return {**{code: f"{price}.00" for code, price in prices.items()}, "transport": "18.50"}

"""Changing the pack of a draft round in few words."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from portal.accounts.access import Actor
from tender.frameworks.models import Round
from tender.frameworks.pack import AskedQuestion
from tender.frameworks.queries import pack_of
from tender.packs import services
from tender.packs.blank import blank_question
from tender.packs.queries import weights_fingerprint


def asked(draft: Round, code: str) -> AskedQuestion:
    """A question of the draft as it stands."""
    return pack_of(draft.id).question(code)


def weigh(draft: Round, *, by: Actor, **weights: str) -> None:
    """Give questions, by code, other weights (per cent)."""
    pack = pack_of(draft.id)
    given = {code: (Decimal(weight), pack.question(code).minimum or 0) for code, weight in weights.items()}
    services.set_weights(by=by, round_id=draft.id, weights=given, seen=weights_fingerprint(pack))


def changed(draft: Round, code: str, /, *, by: Actor, **values: Any) -> str:
    """Change some values of a question of the draft."""
    standing = asked(draft, code)
    return services.change_question(
        by=by,
        round_id=draft.id,
        code=code,
        asked=replace(standing, **values),
        seen=standing.fingerprint,
    )


def added(draft: Round, kind: str, *, by: Actor, section: str = "listing", **values: Any) -> str:
    """Add a question of this kind, for information unless told otherwise, and give its code."""
    blank = blank_question(pack_of(draft.id), section, kind)
    usual = {"title": "Invented", "text": "What is it?", "judged_as": "information", "rule": None}
    plain = {"scale_id": None, "weight": None, "minimum": None}
    written = replace(blank, **{**usual, **plain, **values})
    return services.add_question(by=by, round_id=draft.id, asked=written)

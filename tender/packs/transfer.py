"""Reading what is exported of a round's pack, and the pack that waits to be taken over."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from tender.frameworks import queries
from tender.frameworks.facts import LotFacts, RoundFacts
from tender.frameworks.pack import RoundPack, fingerprint_of
from tender.frameworks.readiness import problems_of_pack
from tender.packs.models import StagedPack
from tender.packs.portable import asked_of, portable_of, read_portable


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pack that waits to be taken over into a draft.

    `pack` is fit for the round's lots, `own` is what it would replace. `missing_lots` are the numbers of lots
    that it names and the round does not offer, `left_out` the titles of questions that fall away with them.
    """

    facts: RoundFacts
    lots: tuple[LotFacts, ...]
    own: RoundPack
    pack: RoundPack
    missing_lots: tuple[str, ...]
    left_out: tuple[str, ...]
    problems: tuple[str, ...]
    file: str
    staged_at: datetime
    staged_by: str
    fingerprint: str


def exported(viewer: Actor, round_id: int) -> tuple[str, str]:
    """A name for the file and the document of a round's pack as JSON text. Raises `NotFound`."""
    facts = queries.round_for(viewer, round_id)
    lots = {lot.id: lot.number for lot in queries.lots_of_round(round_id)}
    origin = {"framework": facts.reference, "title": facts.title, "round": facts.number}
    document = {**portable_of(queries.pack_of(round_id), lots), "from": origin}
    name = f"{facts.reference} round {facts.number} pack.json"
    return name, json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def waiting_pack(viewer: Actor, round_id: int) -> Waiting:
    """The pack that waits to be taken over into a draft. Raises `NotFound`, and `Conflict` for another."""
    facts = queries.draft_for(viewer, round_id)
    staged = db.session.execute(
        select(StagedPack.content, StagedPack.file, StagedPack.staged_at, Person.name)
        .join(Person, Person.id == StagedPack.staged_by_id)
        .where(StagedPack.round_id == round_id)
    ).one_or_none()
    if staged is None:
        raise NotFound()
    lots = queries.lots_of_round(round_id)
    found = read_portable(staged.content, [lot.number for lot in lots])
    pack = asked_of(found, round_id, {lot.number: lot.id for lot in lots})
    return Waiting(
        facts=facts,
        lots=lots,
        own=queries.pack_of(round_id),
        pack=pack,
        missing_lots=found.missing_lots,
        left_out=found.left_out,
        problems=tuple(problem.sentence for problem in problems_of_pack(pack, lots, facts.admits_by)),
        file=staged.file,
        staged_at=staged.staged_at,
        staged_by=staged.name,
        fingerprint=fingerprint_of_staged(staged.content),
    )


def fingerprint_of_staged(content: Mapping[str, Any]) -> str:
    """Of a document that waits: tells whether another took its place since a page was drawn."""
    return fingerprint_of(json.dumps(content, sort_keys=True))

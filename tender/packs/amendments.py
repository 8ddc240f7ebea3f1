"""Reading the amendment of a published pack: what is asked now, what would be asked, and what differs."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import Conflict
from tender.frameworks.facts import LotFacts, RoundFacts
from tender.frameworks.pack import RoundPack, fingerprint_of
from tender.frameworks.queries import lots_of_round, pack_of, round_for
from tender.frameworks.readiness import problems_of_pack
from tender.packs.differences import Aspect, Change, changes_between
from tender.packs.models import PackVersion, StagedPack
from tender.packs.portable import asked_of, from_document, pack_of_round
from tender.packs.terms import Terms, terms_between, terms_in, terms_of

AMENDABLE = ("upcoming", "open")
NOT_AMENDABLE = {
    "draft": "This round is a draft: change its pack itself.",
    "closed": "The round has closed, so its questions stay as they are.",
}


@dataclass(frozen=True)
class Amendment:
    """The next version of a published pack. `begun_at` is None while nobody has begun one.

    `standing` is what is asked now, `pack` what would be; both have places for ids. `standing_terms` and
    `terms` are alike, and `lots` are under `terms`. `number` is the version that it would become.
    """

    facts: RoundFacts
    lots: tuple[LotFacts, ...]
    standing: RoundPack
    pack: RoundPack
    standing_terms: Terms
    terms: Terms
    number: int
    begun_at: datetime | None = None
    begun_by: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The questions that would be different."""
        return changes_between(self.standing, self.pack)

    @cached_property
    def terms_changed(self) -> tuple[Aspect, ...]:
        """What of the round's terms would be different."""
        return terms_between(self.standing_terms, self.terms)

    @property
    def differs(self) -> bool:
        """Whether anything would be different."""
        return bool(self.changes or self.terms_changed)

    @property
    def lot_ids(self) -> dict[str, int]:
        """The ids of the round's lots by number."""
        return {lot.number: lot.id for lot in self.lots}

    @property
    def fingerprint(self) -> str:
        """Of all that would be published: tells whether somebody changed it since a page was drawn."""
        return fingerprint_of(self.number, self.pack, self.terms.fingerprint)

    @property
    def problems(self) -> list[str]:
        """Why it cannot be published as it is, a sentence each."""
        found = [
            problem.sentence
            for problem in problems_of_pack(self.pack, self.lots, self.facts.admits_by)
            if problem.stops
        ]
        if not self.differs:
            found.append("Nothing is changed yet.")
        found += [
            f"“{change.asked.title}” is scored. A scored question can be added only before the round opens: "
            "applications that are submitted already would have no answer to score."
            for change in self.changes
            if change.kind == "added" and change.asked.weighed and self.facts.phase != "upcoming"
        ]
        return found


def amendment_for(viewer: Actor, round_id: int) -> Amendment:
    """The amendment of a round that is published and not closed. Raises `NotFound`, and `Conflict`."""
    facts = round_for(viewer, round_id)
    if facts.phase not in AMENDABLE:
        raise Conflict(NOT_AMENDABLE.get(facts.phase, NOT_AMENDABLE["closed"]))
    lots = lots_of_round(round_id)
    standing_terms = terms_of(facts.how_to_apply, lots)
    ids = {lot.number: lot.id for lot in lots}
    published = pack_of_round(pack_of(round_id), {lot.id: lot.number for lot in lots})
    begun, changed = aliased(Person), aliased(Person)
    newest = select(func.max(PackVersion.number)).where(PackVersion.round_id == round_id).scalar_subquery()
    staged = db.session.execute(
        select(
            newest, StagedPack.content, StagedPack.staged_at, begun.name, StagedPack.changed_at, changed.name
        )
        .select_from(select(1).subquery())
        .outerjoin(StagedPack, StagedPack.round_id == round_id)
        .outerjoin(begun, begun.id == StagedPack.staged_by_id)
        .outerjoin(changed, changed.id == StagedPack.changed_by_id)
    ).one()
    number, content, begun_at, begun_by, changed_at, changed_by = staged
    standing = asked_of(published, round_id, ids)
    pack = standing if content is None else asked_of(from_document(content), round_id, ids)
    terms = standing_terms if content is None else terms_in(content)
    return Amendment(
        facts=facts,
        lots=terms.of(lots),
        standing=standing,
        pack=pack,
        standing_terms=standing_terms,
        terms=terms,
        number=(number or 0) + 1,
        begun_at=begun_at,
        begun_by=begun_by or "",
        changed_at=changed_at,
        changed_by=changed_by or "",
    )

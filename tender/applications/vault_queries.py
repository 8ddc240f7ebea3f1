"""What a provider's vault offers for a file question of its application."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.accounts.access import Actor
from portal.evidence.facts import Facts
from portal.evidence.queries import VaultVersion, choices_for, kept_among
from portal.storage.filenames import ending_of
from tender.applications.contents import Item
from tender.applications.queries import ApplicationFacts


@dataclass(frozen=True, slots=True)
class Offer:
    """A document of the vault, and what speaks against it here, in sentences."""

    version: VaultVersion
    warnings: tuple[str, ...]

    @property
    def words(self) -> str:
        """Its type, its facts, and what to check."""
        facts = ", ".join((self.version.type_name, *self.version.facts.words)) + "."
        return " ".join((facts, *(f"Check: {warning}" for warning in self.warnings)))


@dataclass(frozen=True, slots=True)
class FromVault:
    """For one question: `offers` of the type that it asks for and `others`, and of the documents given
    already the facts that the vault knows (`kept`) with what speaks against them (`warnings`)."""

    offers: tuple[Offer, ...] = ()
    others: tuple[Offer, ...] = ()
    kept: Mapping[UUID, Facts] | None = None
    warnings: Mapping[UUID, tuple[str, ...]] | None = None

    def words_for(self, document_id: UUID) -> str:
        """The facts of a document given here; empty where the vault does not know it."""
        facts = (self.kept or {}).get(document_id)
        if facts is None:
            return ""
        checks = (f"Check: {warning}" for warning in (self.warnings or {}).get(document_id, ()))
        return " ".join((f"From your vault: {', '.join(facts.words) or 'no facts are recorded'}.", *checks))


def from_vault(viewer: Actor, facts: ApplicationFacts, item: Item) -> FromVault:
    """What the vault has for a file question of an application that can be changed, in at most two
    statements; nothing for any other question."""
    if item.asked.kind != "file" or not facts.editable:
        return FromVault()
    given = {file.id for file in item.files}
    shape, starts_on = item.asked.shape, facts.starts_on
    kept, wanted = kept_among(given), shape.get("document_type")
    fitting = [
        Offer(version, version.facts.warnings(shape, starts_on))
        for version in choices_for(viewer, wanted)
        if version.document_id not in given and ending_of(version.filename) in item.asked.accepted
    ]
    return FromVault(
        offers=tuple(offer for offer in fitting if wanted in (None, "", offer.version.type)),
        others=tuple(offer for offer in fitting if wanted not in (None, "", offer.version.type)),
        kept=kept,
        warnings={document_id: each.warnings(shape, starts_on) for document_id, each in kept.items()},
    )

"""Telling everyone of a new version of a round's questions, each person once."""

from portal.audit.services import Doer
from portal.database import transaction
from tender.applications.amended_queries import touched_by
from tender.followers.letters import touched_words, version_title, version_words
from tender.followers.services import tell_everyone
from tender.packs.amendment_services import PublishedVersion


def tell_of_version(version: PublishedVersion, *, portal_url: str, by: Doer) -> None:
    """Write to those whose applications the version touches what it means for them, then to all others.

    Both letters are of one event, of which nobody is told twice.
    """
    round_id = version.facts.id
    letter = {
        "round_id": round_id,
        "event": f"pack-version:{round_id}:{version.number}",
        "title": version_title(version),
        "signed": version.facts.buyer_name,
        "by": by,
    }
    with transaction():
        for touched in touched_by(round_id, version.number, version.codes("added"), version.widened):
            lines = touched_words(version, touched, portal_url)
            tell_everyone(**letter, lines=lines, applications=[touched.id])
        tell_everyone(**letter, lines=version_words(version, portal_url))

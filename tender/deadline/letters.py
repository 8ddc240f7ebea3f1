"""The words of the letter about a later closing time."""

from portal.web.filters import uk_datetime
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Extension


def words(facts: RoundFacts, extension: Extension, portal_url: str) -> tuple[str, list[str]]:
    """Title and lines: the same for everyone who is told."""
    who = "for everyone" if extension.for_everyone else "for your application"
    return (
        f"More time: {facts.title}, round {facts.number}",
        [
            f"{facts.title}, round {facts.number}, now closes {who} at {uk_datetime(extension.closes_at)}.",
            f"The reason: {extension.reason}",
            "If you have submitted, your application stands. You can withdraw it, change it and submit it "
            "again until then.",
            f"The opportunity: {portal_url}/opportunities/{facts.id}",
        ],
    )

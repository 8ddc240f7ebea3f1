"""Reading the intakes of a framework."""

from collections.abc import Mapping

from portal.accounts.access import Actor
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import intakes_of


def on_opportunity(facts: RoundFacts, viewer: Actor) -> Mapping[str, object]:
    """For the public page of a round: `intakes`, where the framework is always open."""
    return {"intakes": intakes_of(facts.framework_id) if facts.always_open else ()}

"""What addresses name: whose it is, and in which states the rules know it; what many nouns share of that."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.architecture.places import ROUNDS as STAGED_ROUNDS

ROUND_STATES = ("draft", "open", "closed", "opened", "marking", "decided", "released")
OPENED = ("opened", "marking", "decided", "released")


@dataclass(frozen=True)
class Thing:
    """Something that an address names by `parameters`.

    `owners` says by kind of organisation, or for one "person", which column of the database names its owner.
    `states` are those that the world must hold.
    """

    name: str
    parameters: frozenset[str]
    owners: Mapping[str, str]
    states: tuple[str, ...]
    statement: str


def thing(
    name: str,
    source: str,
    states: tuple[str, ...],
    *,
    state: str,
    owners: Mapping[str, str],
    **parameters: str,
) -> Thing:
    """The thing of which `source` (SQL) holds the rows, with the column of each of its parameters."""
    columns = [*((column, name) for name, column in parameters.items()), (state, "state")]
    columns += [(column, f"owner_{kind}") for kind, column in owners.items()]
    chosen = ", ".join(f"{column} AS {name}" for column, name in columns)
    order = ", ".join(str(place) for place in range(1, len(parameters) + 1)) or "1"
    statement = f"SELECT {chosen} FROM {source} ORDER BY {order}"
    return Thing(name, frozenset(parameters), owners, states, statement)


# Where a round stands; the stages of marking are one.
PHASE = "CASE WHEN phase IN ('computed', 'recommended', 'nameless') THEN 'marking' ELSE phase END"
ROUNDS = f"{STAGED_ROUNDS} JOIN framework ON framework.id = round.framework_id"
COUNCIL = {"council": "framework.council_id"}
APPLICATIONS = f"{ROUNDS} JOIN application ON application.round_id = round.id"
TENDER = f"concat_ws(' ', {PHASE}, application.state)"
BOTH_SIDES = {"provider": "application.provider_id", **COUNCIL}
# Draft and submitted applications in every state that they reach; a draft stays one when its round closes.
TENDER_STATES = (
    "open draft",
    "open submitted",
    "closed draft",
    *(f"{phase} submitted" for phase in ("closed", *OPENED)),
)
ANSWERS = f"{APPLICATIONS} JOIN answer ON answer.application_id = application.id"
LOTS = "JOIN application_lot ON application_lot.application_id = application.id"
ASSIGNMENTS = f"{APPLICATIONS} JOIN assignment ON assignment.application_id = application.id"
ASSIGNED = {"person": "assignment.evaluator_id", **COUNCIL}
PROVIDERS = {"provider": "provider_id"}

"""The conflicts assessment with which every invented round is published, and what people declare in it."""

from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_no_conflicts
from portal.accounts.access import Actor
from tender.conflicts.queries import Conflict
from tender.conflicts.services import assess

INVOLVED = (
    "Priya Lindqvist, procurement lead: writes the pack and runs the round\n"
    "The evaluators of the panel: mark by themselves\n"
    "The moderator: leads the panel to agreed marks\n"
    "The head of commissioning: approves"
)
SCHOOL_GOVERNOR = Conflict(
    "An evaluator of the panel",
    "perceived",
    "Is a governor of a school that places children with several providers.",
    "Declares on each provider before reading its tender, and marks none that the school uses.",
)


def assess_conflicts(round_id: int, by: Actor) -> None:
    """Write the assessment of a draft round."""
    assess(by=by, round_id=round_id, people=INVOLVED, conflicts=[SCHOOL_GOVERNOR])


def declare_none(round_id: int, by: Actor) -> None:
    """Somebody reads the list of all tenderers and has no conflict with any."""
    declare_no_conflicts(round_id=round_id, seen=tenderers_for(by, round_id).seen, by=by)

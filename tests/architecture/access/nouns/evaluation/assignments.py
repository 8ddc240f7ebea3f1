"""Who marks what: an evaluator's own part, and the panel of the council's rounds."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import assignment, council_round, judged_round, owner
from tests.architecture.access.things import ASSIGNED, ASSIGNMENTS, COUNCIL, PHASE, ROUNDS, thing

NOUN = Noun(
    things=(
        thing(
            "assignment",
            ASSIGNMENTS,
            ("assigned", "accepted", "conflicted", "locked"),
            state="assignment.state",
            owners=ASSIGNED,
            assignment_id="assignment.id",
        ),
        thing(
            "declared conflict",
            f"{ASSIGNMENTS} AND assignment.conflict_kind <> ''",
            ("",),
            state="''",
            owners=COUNCIL,
            assignment_id="assignment.id",
        ),
        thing(
            "part of a panel",
            f"{ROUNDS} JOIN panel_member ON panel_member.round_id = round.id "
            "AND panel_member.role = 'evaluator'",
            ("marking", "decided"),
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            person_id="panel_member.person_id",
        ),
    ),
    named_by={**dict.fromkeys(("waivers.show", "waivers.propose", "waivers.decide"), ("declared conflict",))},
    of_things={"assignment": assignment, "declared conflict": owner, "part of a panel": council_round},
    of_routes={**dict.fromkeys(("panels.proposal", "panels.apply"), judged_round)},
    only_while={
        "assignments.assign": frozenset({"marking"}),
        **dict.fromkeys(("assignments.declare", "assignments.decline"), frozenset({"accepted", "assigned"})),
    },
)

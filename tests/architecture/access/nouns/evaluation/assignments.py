"""Who marks what: an evaluator's own part, and the panel of the council's rounds."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import (
    YES,
    Case,
    assignment,
    council_round,
    judged_round,
    owner,
    shown,
)
from tests.architecture.access.things import (
    APPLICATIONS,
    ASSIGNED,
    ASSIGNMENTS,
    COUNCIL,
    PHASE,
    ROUNDS,
    thing,
)
from tests.architecture.places import NOT_WITH_A_TENDER


def list_of_tenderers(case: Case) -> str:
    """The leads, approvers and moderators of the round's council; once the box is open."""
    return shown(
        judged_round(case) == YES and case.may("outcome:recommend", "outcome:approve", "tender:moderate")
    )


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
            "conflict declared on a list",
            f"{APPLICATIONS} JOIN conflict_declaration "
            "ON conflict_declaration.application_id = application.id AND conflict_kind <> '' "
            f"AND {NOT_WITH_A_TENDER}",
            ("",),
            state="''",
            owners=COUNCIL,
            declaration_id="conflict_declaration.id",
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
    of_things={
        "assignment": assignment,
        "declared conflict": owner,
        "conflict declared on a list": owner,
        "part of a panel": council_round,
    },
    of_routes={
        **dict.fromkeys(("panels.proposal", "panels.apply"), judged_round),
        **dict.fromkeys(
            ("declarations.show", "declarations.declare", "declarations.declare_conflict"), list_of_tenderers
        ),
    },
    only_while={
        "assignments.assign": frozenset({"marking"}),
        **dict.fromkeys(("assignments.declare", "assignments.decline"), frozenset({"accepted", "assigned"})),
    },
)

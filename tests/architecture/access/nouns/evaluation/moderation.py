"""Agreed marks, returned tenders and meetings: the round's council."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import ANSWERS, APPLICATIONS, ASSIGNMENTS, COUNCIL, ROUNDS, thing
from tests.architecture.places import NOT_WITH_A_TENDER

# An answer comes before the panel when everybody who marks its tender has locked.
AGENDA = f"""
  {ANSWERS} JOIN question ON question.id = answer.question_id AND question.judged_as = 'scored'
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_and(state = 'locked'), false) AS complete FROM assignment
    WHERE application_id = application.id AND state NOT IN ('conflicted', 'declined')
  ) AS panel
"""
COMPLETE = "CASE WHEN panel.complete THEN 'complete' ELSE 'incomplete' END"


def returnable(case: Case) -> str:
    """Whoever reads marks, once the tender is locked; whoever runs the round and the moderators of its own
    panel may return one."""
    allowed = case.may("panel:manage") or not case.changes
    return shown(case.own and case.state == "locked" and allowed)


def answer_to_agree_on(case: Case) -> str:
    """The round's council, when everybody who marks the tender has locked."""
    return shown(case.own and case.state == "complete")


def found_late(case: Case) -> str:
    """The leads of the round's council, while it is being marked."""
    return shown(case.own and case.state == "late")


NOUN = Noun(
    things=(
        thing(
            "conflict found after the lock",
            f"{APPLICATIONS} JOIN conflict_declaration "
            "ON conflict_declaration.application_id = application.id AND conflict_kind <> '' "
            f"AND {NOT_WITH_A_TENDER}",
            ("other", "late"),
            state="CASE WHEN round.state = 'marking' AND EXISTS (SELECT FROM assignment "
            "WHERE assignment.state = 'locked' AND evaluator_id = person_id "
            "AND assignment.application_id = application.id) THEN 'late' ELSE 'other' END",
            owners=COUNCIL,
            declaration_id="conflict_declaration.id",
        ),
        thing(
            "answer to agree on",
            AGENDA,
            ("incomplete", "complete"),
            state=COMPLETE,
            owners=COUNCIL,
            answer_id="answer.id",
        ),
        thing(
            "assignment of a colleague",
            f"{ASSIGNMENTS} AND round.state = 'marking'",
            ("assigned", "accepted", "locked"),
            state="assignment.state",
            owners=COUNCIL,
            assignment_id="assignment.id",
        ),
        thing(
            "meeting of a panel",
            f"{ROUNDS} JOIN moderation_meeting ON moderation_meeting.round_id = round.id",
            ("running", "ended"),
            state="CASE WHEN ended_at IS NULL THEN 'running' ELSE 'ended' END",
            owners=COUNCIL,
            meeting_id="moderation_meeting.id",
        ),
    ),
    named_by={
        **dict.fromkeys(("returns.show", "returns.send_back"), ("assignment of a colleague",)),
        **dict.fromkeys(("set_aside.show", "set_aside.save"), ("conflict found after the lock",)),
    },
    of_things={
        "conflict found after the lock": found_late,
        "answer to agree on": answer_to_agree_on,
        "assignment of a colleague": returnable,
        "meeting of a panel": owner,
    },
)

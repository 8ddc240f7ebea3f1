"""What a decision report tells beside totals: conflicts as they were decided, and what the record holds."""

import re

import pytest
from sqlalchemy.orm import Session

from evaluation.assignments.services import accept, declare_conflict, decline
from evaluation.assignments.waiver_services import decide_waiver, propose_mitigation
from evaluation.exclusions.services import record_finding
from evaluation.moderation.meeting_services import begin_meeting, save_meeting
from evaluation.outcomes.price_services import decide_price
from evaluation.outcomes.services import compute_results
from evaluation.records.disclosure_tables import SUMMARIES
from evaluation.records.report_sections import sections_of
from evaluation.reports.paper import decision_report, said_by
from evaluation.reports.queries import report_for
from portal import clock
from tests.evaluation.conftest import Build
from tests.evaluation.pages import statements_of
from tests.factories.evaluation import Evaluation, a_marking_evaluation, agree_all, mark_tender
from tests.factories.exclusions import a_ground, clear
from tests.factories.frameworks import lot_ids
from tests.factories.inquiries import ANSWER, TEXT, an_answered_inquiry
from tests.factories.outcomes import a_computed_evaluation, agree, offer_summaries, summarise
from tests.factories.returns import WHY, return_two

DRIVES, BUSY = "My brother-in-law drives their minibus", "I am away that week."


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """One tender. Of three evaluators one had a conflict that was waived, one handed the tender back."""

    def made() -> Evaluation:
        evaluation = a_marking_evaluation(evaluators=3, accepted=False)
        first, second, third = evaluation.evaluators
        own = evaluation.assignment(0).id
        declare_conflict(assignment_id=own, conflict=DRIVES, kind="perceived", by=first)
        propose_mitigation(assignment_id=own, mitigation="A third reads along.", by=evaluation.lead)
        by = evaluation.person("approver")
        decide_waiver(assignment_id=own, granted=True, reason="He left in 2020.", by=by)
        accept(assignment_id=evaluation.assignment(1).id, by=second)
        accept(assignment_id=evaluation.assignment(2).id, by=third)
        decline(assignment_id=evaluation.assignment(2).id, reason=BUSY, by=third)
        mark_tender(evaluation, 0)
        mark_tender(evaluation, 1)
        return_two(evaluation)
        there = [evaluation.moderator.person_id, first.person_id, second.person_id]
        meeting = begin_meeting(
            round_id=evaluation.round_id, present=there, observers="A clerk", by=evaluation.moderator
        )
        agree_all(evaluation)
        save_meeting(
            meeting_id=meeting, present=there, observers="A clerk", absent_views="", version=1, end=True,
            by=evaluation.moderator,
        )  # fmt: skip
        agree(evaluation)
        clear(evaluation)
        record_finding(
            application_id=evaluation.applications[0], parts=["mandatory"],
            found=a_ground(excludes=False, ground="pcr_convictions"), seen={"mandatory": 1},
            by=evaluation.lead,
        )  # fmt: skip
        an_answered_inquiry(evaluation)
        compute_results(round_id=evaluation.round_id, by=evaluation.lead)
        return evaluation

    return build(made)


def told(evaluation: Evaluation, title: str) -> list[list[str]]:
    """The entries of one section, as the report has them."""
    report = report_for(evaluation.lead, evaluation.round_id, sections_of(evaluation.round_id))
    (found,) = [each for each in said_by(report)["sections"] if each["title"] == title]
    return found["entries"]


def declared(evaluation: Evaluation) -> dict[str, str]:
    rows = said_by(report_for(evaluation.lead, evaluation.round_id))["panel"]
    return {row[0]: row[3] for row in rows}


def test_a_waived_conflict_is_told_as_one_with_who_waived_it_and_why(
    session: Session, computed: Evaluation
) -> None:
    said = declared(computed)[computed.evaluators[0].name]
    assert re.fullmatch(
        rf"Perceived conflict, waived by .+, .+, because: He left in 2020\. What was declared: {DRIVES}\. "
        r"Mitigation: A third reads along\.",
        said,
    )
    assert declared(computed)[computed.evaluators[1].name] == "No conflict"


def test_a_tender_that_was_handed_back_says_why(session: Session, computed: Evaluation) -> None:
    assert declared(computed)[computed.evaluators[2].name] == f"Handed back: {BUSY}"


def test_a_conflict_that_was_not_waived_stands_with_the_reason(session: Session) -> None:
    evaluation = a_computed_evaluation(evaluators=3, conflicts={0: 0})
    own = evaluation.assignment(0).id
    propose_mitigation(assignment_id=own, mitigation="A third reads along.", by=evaluation.lead)
    by = evaluation.person("approver")
    decide_waiver(assignment_id=own, granted=False, reason="Too close.", by=by)
    said = declared(evaluation)[evaluation.evaluators[0].name]
    assert said.startswith("Actual conflict: A relative works there. Not waived, by ")
    assert said.endswith("because: Too close.")


def test_exclusion_and_debarment_are_told_and_looks_without_a_find_are_counted(
    session: Session, computed: Evaluation
) -> None:
    entries = told(computed, "Exclusion and debarment")
    (ground,) = [said for about, said in entries if "mandatory grounds" in about]
    assert (
        "not excluded for it. It is spent, and cannot happen again. Self-cleaning: They dismissed" in ground
    )
    clear_of = dict(entries)["Connected and associated persons"]
    assert clear_of.startswith(f"Nothing was found in 1 look by {computed.lead.name}")


def test_clarifications_meetings_returned_and_unlocked_marks_are_told(
    session: Session, computed: Evaluation
) -> None:
    ((_, clarified),) = told(computed, "Clarifications of tenders")
    assert TEXT in clarified and ANSWER in clarified
    ((number, meeting),) = told(computed, "Moderation meetings")
    assert number == "Meeting 1"
    assert f"{computed.moderator.name} (moderator)" in meeting
    assert f"Away: {computed.evaluators[2].name} (evaluator)." in meeting
    assert "Others in the room: A clerk." in meeting
    returned = [said for _, said in told(computed, "Marks returned to evaluators")]
    assert all("had given 3: " in said and f"because: {WHY}" in said for said in returned)
    assert sorted(said[-13:] for said in returned) == [" It is 3 now.", " It is 5 now."]
    unlocked = told(computed, "Agreed marks unlocked")
    assert len(unlocked) == len(computed.answers())
    assert all("because: Looked at again." in said for _, said in unlocked)


def test_changes_of_the_panel_are_told_oldest_first(session: Session, computed: Evaluation) -> None:
    entries = told(computed, "Changes of the panel, and sections released")
    assert [title for title, _ in entries] == ["Panel named", "Tenders given to evaluators"]
    assert f"{computed.moderator.name} joins as moderator." in entries[0][1]
    assert computed.lead.name in entries[1][1]


def test_who_approved_the_summaries_is_told(session: Session) -> None:
    evaluation = a_computed_evaluation()
    offer_summaries(evaluation)
    ((_, waits),) = told(evaluation, "Assessment summaries")
    assert waits.startswith(f"Sent for approval by {evaluation.lead.name}") and "Approved" not in waits


def test_who_approved_the_summaries_is_told_once_they_are(session: Session) -> None:
    evaluation = a_computed_evaluation()
    approver = summarise(evaluation)
    ((_, said),) = told(evaluation, "Assessment summaries")
    assert f"Approved by {approver.name}, " in said


def test_every_text_of_every_summary_is_in_it(session: Session) -> None:
    evaluation = a_computed_evaluation(({}, {}))
    summarise(evaluation)
    kept = [dict(zip(SUMMARIES.head, row, strict=True)) for row in SUMMARIES.read(evaluation.round_id)]
    newest = {(row["Tender"], row["Question"], row["Lot"]): row for row in kept}
    said = told(evaluation, "What the assessment summaries say")
    assert len(said) == len(newest) == len(evaluation.answers(0)) + len(evaluation.answers(1))
    for (_, words), row in zip(said, newest.values(), strict=True):
        assert str(row["Explanation"]) in words and str(row["Why not higher"]) in words
        assert "not approved" not in words


def test_decisions_on_prices_are_told(session: Session) -> None:
    evaluation = a_computed_evaluation(({}, {}), prices=["100", "30"])
    ((about, said),) = told(evaluation, "Decisions on prices")
    assert about.endswith(", lot 1") and said.startswith("The price counts. The provider showed us")
    decide_price(
        round_id=evaluation.round_id, application_id=evaluation.applications[1],
        lot_id=lot_ids(evaluation.round)[0], counts=False, reason="It cannot.", version=1, by=evaluation.lead,
    )  # fmt: skip
    compute_results(round_id=evaluation.round_id, by=evaluation.lead)
    (_, before), (_, now) = told(evaluation, "Decisions on prices")
    assert before == f"{said} It was decided anew." and now.startswith("The price does not count. It cannot.")


def test_it_is_set_as_pdf_and_costs_the_same_for_more_tenders(session: Session, computed: Evaluation) -> None:
    report = report_for(computed.lead, computed.round_id, sections_of(computed.round_id))
    assert decision_report(report, at=clock.now())[0].startswith(b"%PDF")
    connection = session.connection()
    more = a_computed_evaluation(({}, {}, {}))
    one, three = (
        statements_of(connection, lambda of=of: sections_of(of.round_id)) for of in (computed, more)
    )
    assert one == three <= 20

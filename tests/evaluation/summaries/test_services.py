"""Assessment summaries: drafted, edited in versions, approved by somebody else, frozen when they go out."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from evaluation.outcomes.letter_queries import letter_text, letters_of
from evaluation.outcomes.release_services import SummariesLacking
from evaluation.outcomes.waiting_queries import waiting_for as outcomes_waiting
from evaluation.summaries.queries import (
    Coverage,
    coverage_of,
    criteria_of,
    history_of,
    summaries_of,
    summary_for,
    waiting_for,
)
from evaluation.summaries.services import (
    NotCovered,
    OwnSummary,
    SummariesClosed,
    SummaryChanged,
    Words,
    approve_summaries,
    approve_summary,
    draft_summaries,
    offer_all,
    offer_summary,
    return_summary,
    write_summary,
)
from portal.accounts.access import Actor
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from tests.evaluation.conftest import Build
from tests.evaluation.pages import statements_of
from tests.factories.evaluation import AGREED, Evaluation, an_approver
from tests.factories.frameworks import a_procurement_lead
from tests.factories.outcomes import (
    a_computed_evaluation,
    a_decided_evaluation,
    agree,
    confirm_drafts,
    offer_summaries,
    release_all,
)

BETTER = Words("It names who is trained, and when.", "It does not say what was found on the last visit.")


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """Two tenders for one lot, eight criteria each; one mark is the highest."""
    return build(lambda: a_computed_evaluation([{"outcomes": 5}, {}]))


@pytest.fixture(scope="module")
def decided(build: Build) -> Evaluation:
    """All decisions and summaries approved, the letters held."""
    return build(lambda: a_decided_evaluation([{}, {}]))


def draft(evaluation: Evaluation) -> int:
    return draft_summaries(round_id=evaluation.round_id, by=evaluation.lead)


def state(evaluation: Evaluation, tender: int = 0) -> tuple[str, int]:
    row = summary_for(evaluation.lead, evaluation.round_id, evaluation.applications[tender])
    return row["state"], row["version"]


def write(evaluation: Evaluation, words: Words = BETTER, by: Actor | None = None, **changes: int) -> int:
    """Write about the first answer of the first tender."""
    answer = evaluation.answers()[0]
    return write_summary(
        round_id=evaluation.round_id,
        application_id=evaluation.applications[0],
        said={answer: words},
        by=by or evaluation.lead,
        **{"version": state(evaluation)[1], **changes},
    )


def on(evaluation: Evaluation, **further: object) -> dict[str, object]:
    """The first tender, as its summary stands."""
    of = {"round_id": evaluation.round_id, "application_id": evaluation.applications[0]}
    return {**of, "version": state(evaluation)[1], **further}


def test_drafts_hold_the_agreed_reason_and_what_the_next_mark_asks_for(
    session: Session, computed: Evaluation
) -> None:
    criteria = len(computed.answers()) * 2
    assert coverage_of(computed.round_id) == Coverage(criteria, 0, 0, 2, 0)
    assert draft(computed) == criteria
    # The one at the top of its scale needs no word why it is no higher.
    assert coverage_of(computed.round_id) == Coverage(criteria, 1, criteria, 2, 0)
    found = criteria_of(computed.round_id, computed.applications[0])
    assert {each.explanation for each in found} == {AGREED}
    for each in found:
        assert bool(each.not_higher) is (each.points == 3)
        assert each.not_higher == "" or (each.next_descriptor or "?") in each.not_higher


def test_what_was_drafted_from_the_scale_counts_once_a_person_stands_by_it(
    session: Session, computed: Evaluation
) -> None:
    draft(computed)
    assert offer_all(round_id=computed.round_id, by=computed.lead) == 0
    with pytest.raises(NotCovered, match="edit or confirm"):
        offer_summary(**on(computed, by=computed.lead))  # type: ignore[arg-type]
    before = criteria_of(computed.round_id, computed.applications[0])
    confirm_drafts(computed)
    after = criteria_of(computed.round_id, computed.applications[0])
    assert [each.not_higher for each in after] == [each.not_higher for each in before]
    assert all(each.covered and not each.drafted for each in after if not each.at_the_top)
    assert offer_all(round_id=computed.round_id, by=computed.lead) == 2


def test_drafting_again_leaves_what_a_person_wrote(session: Session, computed: Evaluation) -> None:
    draft(computed)
    write(computed)
    assert draft(computed) == 0
    assert coverage_of(computed.round_id).as_drafted == coverage_of(computed.round_id).criteria - 1


def test_every_edit_is_a_version_that_stays(session: Session, computed: Evaluation) -> None:
    draft(computed)
    write(computed)
    assert write(computed) == 0
    versions = history_of(computed.applications[0])[computed.answers()[0]]
    assert [(row["version"], row["explanation"]) for row in versions] == [
        (2, BETTER.explanation),
        (1, AGREED),
    ]
    with pytest.raises(DBAPIError, match="its rows are a record"), session.begin_nested():
        session.execute(text("UPDATE summary_text SET explanation = 'x'"))


@pytest.mark.parametrize(
    ("words", "field"), [(Words(" ", "b"), "explanation"), (Words("a", " "), "not_higher")]
)
def test_a_text_must_be_there(session: Session, computed: Evaluation, words: Words, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        write(computed, words)
    assert refused.value.field == f"{field}_{computed.answers()[0]}"


def test_the_highest_mark_needs_no_word_why_it_is_not_higher(session: Session, computed: Evaluation) -> None:
    top = next(each for each in criteria_of(computed.round_id, computed.applications[0]) if each.at_the_top)
    write_summary(
        **on(computed, said={top.answer_id: Words("All is there.", "")}, by=computed.lead)  # type: ignore[arg-type]
    )
    newest = history_of(computed.applications[0])[top.answer_id][0]
    assert (newest["explanation"], newest["not_higher"]) == ("All is there.", "")


def test_two_who_write_at_once_do_not_overwrite_each_other(session: Session, computed: Evaluation) -> None:
    draft(computed)
    seen = state(computed)[1]
    write(computed)
    with pytest.raises(SummaryChanged):
        write(computed, Words("Another.", "Another."), by=computed.moderator, version=seen)


def test_a_summary_that_lacks_a_text_is_not_offered(session: Session, computed: Evaluation) -> None:
    write(computed)
    with pytest.raises(NotCovered, match="No text of a person"):
        offer_summary(**on(computed, by=computed.lead))  # type: ignore[arg-type]
    assert offer_all(round_id=computed.round_id, by=computed.lead) == 0


def test_somebody_else_approves(session: Session, computed: Evaluation) -> None:
    draft(computed)
    confirm_drafts(computed)
    write(computed, by=computed.moderator)
    offer_summary(**on(computed, by=computed.lead))  # type: ignore[arg-type]
    for author in (computed.lead, computed.moderator):
        with pytest.raises(OwnSummary):
            approve_summary(**on(computed, by=author))  # type: ignore[arg-type]
    approver = an_approver(computed)
    for _ in range(2):
        approve_summary(**on(computed, by=approver))  # type: ignore[arg-type]
    assert state(computed)[0] == "approved"


def test_what_changed_after_the_page_was_drawn_is_not_approved(
    session: Session, computed: Evaluation
) -> None:
    offer_summaries(computed)
    seen = {row["application_id"]: row["version"] for row in summaries_of(computed.round_id)[0]}
    write(computed)
    offer_all(round_id=computed.round_id, by=computed.lead)
    with pytest.raises(SummaryChanged):
        approve_summaries(round_id=computed.round_id, seen=seen, by=an_approver(computed))


def test_a_summary_is_returned_with_a_reason(session: Session, computed: Evaluation) -> None:
    offer_summaries(computed)
    approver = an_approver(computed)
    with pytest.raises(Refusal) as refused:
        return_summary(**on(computed, reason=" ", by=approver))  # type: ignore[arg-type]
    assert refused.value.field == "reason"
    return_summary(**on(computed, reason="Say which visit.", by=approver))  # type: ignore[arg-type]
    assert state(computed)[0] == "draft"
    with pytest.raises(MoveRefused):
        approve_summary(**on(computed, by=approver))  # type: ignore[arg-type]


def test_a_mark_that_is_agreed_anew_uncovers_its_criterion(session: Session, computed: Evaluation) -> None:
    offer_summaries(computed)
    approve_summary(**on(computed, by=an_approver(computed)))  # type: ignore[arg-type]
    agree(computed, 0, {"outcomes": 4})
    coverage = coverage_of(computed.round_id)
    assert (coverage.ready, coverage.complete) == (0, False)
    assert draft(computed) == len(computed.answers())
    assert state(computed)[0] == "draft"


def test_nothing_is_released_while_a_criterion_lacks_its_text(session: Session, decided: Evaluation) -> None:
    write(decided)
    assert len(letters_of(decided.round_id)) == 1
    with pytest.raises(SummariesLacking, match="1 assessment summary is not approved"):
        release_all(decided)


def test_a_summary_that_is_written_anew_writes_its_letter_anew(session: Session, decided: Evaluation) -> None:
    write(decided)
    offer_all(round_id=decided.round_id, by=decided.lead)
    approve_summary(**on(decided, by=an_approver(decided)))  # type: ignore[arg-type]
    bodies = [letter_text(row["id"])["body"] for row in letters_of(decided.round_id)]
    assert [BETTER.not_higher in body for body in bodies].count(True) == 1
    release_all(decided)
    assert {row["state"] for row in letters_of(decided.round_id)} == {"queued"}


def test_what_is_out_stands_in_the_database_too(session: Session, decided: Evaluation) -> None:
    release_all(decided)
    with pytest.raises(SummariesClosed):
        write(decided)
    for change in (
        "UPDATE assessment_summary SET state = 'draft', approved_at = NULL, approved_by_id = NULL",
        "DELETE FROM assessment_summary",
        "INSERT INTO summary_text SELECT answer_id, 9, 'x', '', 1, false, now(), written_by_id"
        " FROM summary_text",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(change))


def test_an_approved_text_changes_in_the_database_only_when_the_summary_is_opened_again(
    session: Session, decided: Evaluation
) -> None:
    with pytest.raises(IntegrityError, match="the summary approved"):
        session.execute(
            text(
                "INSERT INTO summary_text SELECT answer_id, 9, 'x', '', 1, false, now(), written_by_id"
                " FROM summary_text"
            )
        )


def test_whoever_declared_a_conflict_neither_reads_nor_writes(session: Session) -> None:
    evaluation = a_computed_evaluation([{}, {}], evaluators=3, conflicts={0: 2})
    person = evaluation.evaluators[2]
    with pytest.raises(NotFound):
        summary_for(person, evaluation.round_id, evaluation.applications[0])
    with pytest.raises(NotFound):
        write_summary(
            round_id=evaluation.round_id,
            application_id=evaluation.applications[0],
            said={},
            version=0,
            by=person,
        )


def test_another_councils_round_is_not_found(session: Session, computed: Evaluation) -> None:
    with pytest.raises(NotFound):
        draft_summaries(round_id=computed.round_id, by=a_procurement_lead())


def test_each_step_waits_for_the_right_person(session: Session, computed: Evaluation) -> None:
    approver = an_approver(computed)
    draft(computed)
    confirm_drafts(computed)
    assert waiting_for(approver).now == ()
    offer_all(round_id=computed.round_id, by=computed.lead)
    assert "2 assessment summaries to approve" in waiting_for(approver).now[0].sentence
    return_summary(**on(computed, reason="Say which visit.", by=approver))  # type: ignore[arg-type]
    assert "1 assessment summary was returned" in outcomes_waiting(computed.lead).now[0].sentence


def test_reading_costs_the_same_however_many_there_are(session: Session, computed: Evaluation) -> None:
    draft(computed)
    connection = session.connection()
    for read in (
        lambda: coverage_of(computed.round_id),
        lambda: summaries_of(computed.round_id),
        lambda: criteria_of(computed.round_id, computed.applications[0]),
        lambda: history_of(computed.applications[0]),
    ):
        assert statements_of(connection, read) == 1

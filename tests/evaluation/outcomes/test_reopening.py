"""Reopening a decision before its letter goes: what stood is kept, and it is decided and approved again."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evaluation.challenges.services import Received, hold_admissions, record_challenge
from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.services import ConformityOver, decide_check
from evaluation.outcomes.decision_services import Proposal, approve_decision, recommend
from evaluation.outcomes.letter_queries import letter_text, letter_with_earlier, letters_of
from evaluation.outcomes.letter_services import NotDecided, ReleaseUnderWay
from evaluation.outcomes.models import Decision
from evaluation.outcomes.queries import outcomes_of, versions_of
from evaluation.outcomes.release_services import cancel_release, stage_release
from evaluation.outcomes.reopening_services import NotToReopen, reopen_decision
from evaluation.outcomes.services import MarksIncomplete, compute_results
from evaluation.outcomes.waiting_queries import waiting_for
from evaluation.records.afterwards_tables import REOPENED
from evaluation.scoring.queries import answers_to_mark
from evaluation.scoring.services import lock_marks, record_mark
from portal import clock
from portal.errors import NotFound, Refusal
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.evaluation import REASON, Evaluation, an_approver
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.factories.outcomes import a_decided_evaluation, agree, decisions_of, read_letters, release_all
from tests.web_client import sign_in

GOOD, WEAK = range(2)
WHY = "The letter admits a provider that asked to be left out."


@pytest.fixture(scope="module")
def decided(build: Build) -> Evaluation:
    """Two tenders for one lot, of which one is admitted; every letter is written and held."""
    return build(lambda: a_decided_evaluation([{}, {"safeguarding": 2}]))


@pytest.fixture(scope="module")
def failed(build: Build) -> Evaluation:
    """A tender for two lots, of which a condition ended one; everything is approved."""
    return build(lambda: a_decided_evaluation([{}], lots=2, failed={0: [1]}))


def of(evaluation: Evaluation, application: int = GOOD, lot: int = 0) -> Decision:
    lot_id = lot_ids(evaluation.round)[lot]
    wanted = (evaluation.applications[application], lot_id)
    return next(each for each in decisions_of(evaluation) if (each.application_id, each.lot_id) == wanted)


def reopen(evaluation: Evaluation, application: int = GOOD, lot: int = 0, reason: str = WHY) -> None:
    decision = of(evaluation, application, lot)
    reopen_decision(decision_id=decision.id, reason=reason, version=decision.version, by=evaluation.lead)


def decide_anew(evaluation: Evaluation, outcome: str = "not_admit", reason: str = "It withdrew.") -> None:
    decision = of(evaluation)
    recommend(
        application_id=decision.application_id,
        lot_id=decision.lot_id,
        proposal=Proposal(outcome, reason),
        version=decision.version,
        by=evaluation.lead,
    )
    decision = of(evaluation)
    approve_decision(decision_id=decision.id, version=decision.version, by=an_approver(evaluation))


def state_of(session: Session, evaluation: Evaluation) -> tuple[str, datetime | None]:
    session.expire_all()
    return evaluation.round.state, evaluation.round.decided_at


def test_a_reopened_decision_is_approved_no_more_and_the_round_is_being_decided_on(
    session: Session, decided: Evaluation
) -> None:
    reopen(decided)
    first, second = of(decided), of(decided, WEAK)
    assert (first.state, first.approved_by_id, first.return_reason) == ("returned", None, WHY)
    assert second.state == "approved"
    assert state_of(session, decided) == ("marking", None)
    with pytest.raises(NotDecided):
        stage_release(round_id=decided.round_id, minutes=0, before_notice=True, by=decided.lead)
    assert waiting_for(decided.lead).now[0].sentence.startswith("1 outcome to recommend")


def test_what_stood_is_kept_with_why_it_was_reopened_and_never_changed(
    session: Session, decided: Evaluation
) -> None:
    before = of(decided)
    stood = (before.outcome, before.reason, before.approved_at)
    reopen(decided)
    decide_anew(decided)
    (kept,) = versions_of(of(decided).id)
    assert (kept.outcome, kept.reason, kept.approved_at) == stood
    assert (kept.because, kept.reopened_by) == (WHY, decided.lead.name)
    assert kept.in_words.startswith("Admit. Reason: Every condition was met")
    (told,) = REOPENED.read(decided.round_id)
    said = dict(zip(REOPENED.head, told, strict=True))
    assert (said["Outcome"], said["Reason"], said["Approved at"]) == stood
    assert (said["Reopened because"], said["Reopened by"]) == (WHY, decided.lead.name)
    with pytest.raises(DBAPIError, match="record"), session.begin_nested():
        session.execute(text("UPDATE decision_version SET because = 'x'"))


def test_only_letters_that_say_something_else_are_written_anew_and_the_old_ones_are_kept(
    session: Session, decided: Evaluation
) -> None:
    read_letters(decided)
    before = {row["subject_id"]: row["id"] for row in letters_of(decided.round_id)}
    reopen(decided)
    decide_anew(decided)
    assert state_of(session, decided)[0] == "decided"
    after = {row["subject_id"]: row for row in letters_of(decided.round_id)}
    good, weak = (str(decided.applications[place]) for place in (GOOD, WEAK))
    assert (after[weak]["id"], after[weak]["read_by"]) == (before[weak], decided.lead.name)
    assert (after[good]["id"] != before[good], after[good]["read_at"]) == (True, None)
    assert "It withdrew." in letter_text(after[good]["id"])["body"]
    (old,) = letter_with_earlier(after[good]["id"])[1]
    assert "You are admitted to this lot" in old["body"]
    release_all(decided)
    assert {row["state"] for row in letters_of(decided.round_id)} == {"queued"}
    assert letter_with_earlier(after[good]["id"])[1] == [old]


def test_decided_again_as_it_was_every_letter_stays_read(session: Session, decided: Evaluation) -> None:
    read_letters(decided)
    stood = of(decided)
    outcome, reason = stood.outcome, stood.reason
    reopen(decided)
    decide_anew(decided, outcome, reason)
    assert all(row["read_at"] for row in letters_of(decided.round_id))
    assert not any(letter_with_earlier(row["id"])[1] for row in letters_of(decided.round_id))


def test_it_is_reopened_once_with_a_reason_and_by_the_councils_own_people(
    session: Session, decided: Evaluation
) -> None:
    with pytest.raises(Refusal) as refused:
        reopen(decided, reason=" ")
    assert refused.value.field == "reason"
    decision = of(decided)
    said = {"decision_id": decision.id, "reason": WHY, "version": decision.version}
    with pytest.raises(NotFound):
        reopen_decision(**said, by=a_procurement_lead())
    reopen_decision(**said, by=decided.lead)
    reopen_decision(**said, by=decided.lead)
    assert len(versions_of(decision.id)) == 1
    with pytest.raises(NotToReopen):
        reopen_decision(**{**said, "reason": "Another one."}, by=decided.lead)


def test_nothing_is_reopened_while_letters_are_about_to_go_or_once_they_are_out(
    session: Session, decided: Evaluation
) -> None:
    release_all(decided, minutes=30)
    with pytest.raises(ReleaseUnderWay):
        reopen(decided)
    cancel_release(round_id=decided.round_id, by=decided.lead)
    release_all(decided)
    with pytest.raises(NotToReopen):
        reopen(decided)


def test_a_condition_that_failed_in_error_is_put_right_once_a_decision_on_the_tender_is_reopened(
    session: Session, failed: Evaluation
) -> None:
    with pytest.raises(ConformityOver, match="reopen a decision"):
        pass_it(session, failed)
    assert of(failed, lot=1).outcome == "not_admit"
    reopen(failed, lot=1, reason="The price was read as one for two days.")
    pass_it(session, failed)
    first, second = of(failed), of(failed, lot=1)
    assert (first.state, second.state) == ("returned", "returned")
    assert "condition of this tender was decided anew" in first.return_reason
    assert len(versions_of(first.id)) == 1
    with pytest.raises(MarksIncomplete):
        compute_results(round_id=failed.round_id, by=failed.lead)
    for place, evaluator in enumerate(failed.evaluators):
        assignment = failed.assignment(place)
        assert assignment.state == "accepted"
        row = {"id": assignment.id, "state": assignment.state, "round_id": failed.round_id}
        for answer in answers_to_mark(row):
            if answer["points"] is None:
                record_mark(
                    assignment_id=assignment.id, answer_id=answer["answer_id"], points=3, reason=REASON,
                    version=0, by=evaluator,
                )  # fmt: skip
        lock_marks(assignment_id=assignment.id, by=evaluator)
    agree(failed)
    compute_results(round_id=failed.round_id, by=failed.lead)
    outcomes, _ = outcomes_of(failed.round_id)
    assert [each.suggestion.outcome for each in outcomes if each.suggestion] == ["admit", "admit"]


def pass_it(session: Session, evaluation: Evaluation) -> None:
    check = session.scalars(
        select(ConformityCheck).where(
            ConformityCheck.application_id == evaluation.applications[0], ConformityCheck.result == "fail"
        )
    ).one()
    decide_check(
        check_id=check.id, result="pass", reason="It is for one day.", version=check.version,
        by=evaluation.lead,
    )  # fmt: skip


def test_the_pages_lead_there_and_the_approver_reads_what_stood(
    session: Session, app: Flask, decided: Evaluation
) -> None:
    browser = sign_in(app.test_client(), decided.lead.email)
    here = f"/rounds/{decided.round_id}/decisions"
    page = f"{here}/{decided.applications[GOOD]}/{lot_ids(decided.round)[0]}/reopen"
    assert page in browser.get(here).text
    shown = browser.get(page).text
    assert faults(shown, app) == []
    version = of(decided).version
    empty = browser.post(page, data={"version": version, "reason": ""})
    assert empty.status_code == 422 and faults(empty.text, app) == []
    answer = browser.post(page, data={"version": version, "reason": WHY})
    assert answer.location == page.removesuffix("/reopen")
    anew = browser.get(answer.location).text
    assert faults(anew, app) == [] and WHY in anew and "Every condition was met" in anew
    again = browser.post(page, data={"version": version, "reason": "Twice."}).text
    assert "can be reopened once it is approved" in again and faults(again, app) == []
    address = f"/rounds/{decided.round_id}/letters"
    letters = browser.get(address).text
    assert "A decision of this round was reopened" in letters and faults(letters, app) == []
    decision = of(decided)
    recommend(
        application_id=decision.application_id, lot_id=decision.lot_id,
        proposal=Proposal("not_admit", "It withdrew."), version=decision.version, by=decided.lead,
    )  # fmt: skip
    approver = sign_in(app.test_client(), an_approver(decided).email)
    read = approver.get(f"/approvals/{decision.id}").text
    assert faults(read, app) == []
    assert "Reopened before the letters went" in read and WHY in read


def test_the_pages_of_letters_cost_twelve_statements_at_most(
    session: Session, app: Flask, connection: Connection, decided: Evaluation
) -> None:
    reopen(decided)
    decide_anew(decided)
    browser = sign_in(app.test_client(), decided.lead.email)
    held = hold(decided)
    pages = [f"/rounds/{decided.round_id}/letters", f"/rounds/{decided.round_id}/letters/reading"]
    costs = [statements_of(connection, lambda page=page: browser.get(page)) for page in pages]
    assert held and max(costs) <= 12, costs


def hold(evaluation: Evaluation) -> int:
    said = Received("claim", None, "Brook Lane", clock.today(), "A mark.", clock.today())
    challenge = record_challenge(round_id=evaluation.round_id, said=said, by=evaluation.lead)
    hold_admissions(challenge_id=challenge, reason="Counsel advises to wait.", by=evaluation.lead)
    return challenge

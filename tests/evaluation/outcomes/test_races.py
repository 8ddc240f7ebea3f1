"""Two people at the same moment: on a database of its own, really committed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from evaluation.challenges.services import hold_admissions, lift_hold
from evaluation.outcomes.condition_queries import more_time_of, open_conditions
from evaluation.outcomes.condition_services import MetAlready, give_more_time, meet_condition
from evaluation.outcomes.decision_services import approve_decision, recommend_as_suggested
from evaluation.outcomes.effect_services import admit_due
from evaluation.outcomes.letter_queries import letters_of
from evaluation.outcomes.models import Decision
from evaluation.outcomes.release_services import stage_release
from evaluation.outcomes.services import ChangedMeanwhile, compute_results
from evaluation.reconsiderations.services import ProposedAlready, approve
from portal.accounts.access import THE_PORTAL, Actor
from portal.database import db
from portal.directory.models import Standing
from portal.errors import Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tests.factories.evaluation import Evaluation, an_approver, declare_none
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import (
    INSURANCE,
    a_computed_evaluation,
    a_conditional_admission,
    a_decided_evaluation,
    a_recommended_evaluation,
    a_released_evaluation,
    an_agreed_evaluation,
    approve_all,
    decisions_of,
    read_letters,
    release_all,
    summarise,
)
from tests.factories.reconsiderations import a_challenge, a_proposal


def at_once(racing: Flask, *actions: Callable[[], Any]) -> list[Any]:
    """What each action gives, or the kind of its refusal, when all of them start together."""
    together = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        with racing.app_context():
            together.wait()
            try:
                return action()
            except Refusal as refusal:
                return type(refusal)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def built(racing: Flask, factory: Callable[[], Evaluation]) -> Evaluation:
    with racing.app_context():
        return factory()


def test_two_releases_at_once_send_every_letter_once(racing: Flask) -> None:
    decided = built(racing, lambda: a_decided_evaluation([{}, {}]))

    with racing.app_context():
        read_letters(decided)

    def release() -> None:
        stage_release(round_id=decided.round_id, minutes=0, before_notice=True, by=decided.lead)

    assert at_once(racing, release, release) == [None, None]
    with racing.app_context():
        assert [row["state"] for row in letters_of(decided.round_id)] == ["queued", "queued"]
        admitted = select(func.count()).where(Standing.application_id.in_(decided.applications))
        assert db.session.scalar(admitted) == 2


def test_the_last_two_approvals_at_once_decide_the_round_once(racing: Flask) -> None:
    recommended = built(racing, lambda: a_recommended_evaluation([{}, {}]))
    with racing.app_context():
        first, second = (decision.id for decision in decisions_of(recommended))
        approvers = [summarise(recommended), an_approver(recommended)]
    answers = at_once(
        racing,
        lambda: approve_decision(decision_id=first, version=1, by=approvers[0]),
        lambda: approve_decision(decision_id=second, version=1, by=approvers[1]),
    )
    assert sorted(answers) == [False, True]
    with racing.app_context():
        assert recommended.round.state == "decided"
        assert len(letters_of(recommended.round_id)) == 2


def test_two_bulk_recommendations_at_once_make_each_decision_once(racing: Flask) -> None:
    computed = built(racing, lambda: a_computed_evaluation([{}, {}]))
    with racing.app_context():
        lot_id = lot_ids(computed.round)[0]

    def suggested() -> int:
        return recommend_as_suggested(round_id=computed.round_id, lot_id=lot_id, by=computed.lead)

    assert sorted(at_once(racing, suggested, suggested)) == [0, 2]
    with racing.app_context():
        made = select(func.count()).where(Decision.application_id.in_(computed.applications))
        assert db.session.scalar(made) == 2


def test_two_computations_at_once_leave_one_result_each(racing: Flask) -> None:
    agreed = built(racing, lambda: an_agreed_evaluation([{}, {}]))

    def compute() -> int:
        return compute_results(round_id=agreed.round_id, by=agreed.lead)

    assert at_once(racing, compute, compute) == [2, 2]


def on_a_condition() -> Evaluation:
    """A tender that is admitted on one condition, and its letter is out."""
    evaluation = a_computed_evaluation([{}])
    a_conditional_admission(evaluation, 0, INSURANCE)
    approve_all(evaluation)
    release_all(evaluation)
    return evaluation


def test_two_people_who_give_more_time_at_once_move_the_day_once(racing: Flask) -> None:
    released = built(racing, on_a_condition)
    with racing.app_context():
        [asked] = open_conditions(released.lead)[0]
        people = [released.lead, released.person("quality_officer")]

    def give(by: Actor) -> None:
        later = INSURANCE.due_on + timedelta(days=by.person_id or 0)
        give_more_time(condition_id=asked.id, due_on=later, reason="Waits.", seen=0, by=by)

    answers = at_once(racing, *(partial(give, by) for by in people))
    assert {None, ChangedMeanwhile} == set(answers)
    with racing.app_context():
        assert len(more_time_of(asked.id)) == 1


def test_what_is_met_at_the_same_moment_is_given_more_time_before_or_not_at_all(racing: Flask) -> None:
    released = built(racing, on_a_condition)
    with racing.app_context():
        [asked] = open_conditions(released.lead)[0]
    later = INSURANCE.due_on + timedelta(days=7)
    met, given = at_once(
        racing,
        lambda: meet_condition(condition_id=asked.id, how="Seen.", document_id=None, by=released.lead),
        lambda: give_more_time(
            condition_id=asked.id, due_on=later, reason="Waits.", seen=0, by=released.lead
        ),
    )
    assert met is True
    assert given in (None, MetAlready)
    with racing.app_context():
        assert len(more_time_of(asked.id)) == (given is None)


def test_two_leads_who_propose_a_new_decision_at_once_propose_one(racing: Flask) -> None:
    released = built(racing, lambda: a_released_evaluation([{}, {"safeguarding": 2}]))
    with racing.app_context():
        challenge = a_challenge(released)
        leads = [released.lead, released.person("procurement_lead")]
        declare_none(released, leads[1])

    def proposes(by: Actor) -> int:
        return a_proposal(released, 1, challenge_id=challenge, by=by, reason=f"Looked at by {by.name}.")

    answers = at_once(racing, *(partial(proposes, by) for by in leads))
    assert answers.count(ProposedAlready) == 1


def test_two_approvals_of_one_new_decision_at_once_make_one(racing: Flask) -> None:
    released = built(racing, lambda: a_released_evaluation([{}, {"safeguarding": 2}]))
    with racing.app_context():
        proposal = a_proposal(released, 1)
        approvers = [an_approver(released), an_approver(released)]
    answers = at_once(racing, *(partial(approve, reconsideration_id=proposal, by=by) for by in approvers))
    assert answers.count(MoveRefused) == 1
    with racing.app_context():
        assert [each.state for each in decisions_of(released)] == ["released", "superseded", "released"]
        (new,) = (answer for answer in answers if isinstance(answer, int))
        letters = select(func.count()).where(
            Letter.subject_type == "new_decision", Letter.subject_id == str(new)
        )
        assert db.session.scalar(letters) == 1


def test_an_admission_taken_back_while_it_takes_effect_leaves_nobody_admitted(
    racing: Flask,
) -> None:
    told = built(racing, lambda: a_decided_evaluation([{}]))
    with racing.app_context():
        challenge = a_challenge_that_holds(told)
        release_all(told)
        proposal, approver = a_proposal(told, 0, "not_admit", challenge_id=challenge), an_approver(told)
        lift_hold(challenge_id=challenge, reason="Settled.", by=told.lead)
    _, new = at_once(
        racing, lambda: admit_due(THE_PORTAL), lambda: approve(reconsideration_id=proposal, by=approver)
    )
    assert isinstance(new, int)
    with racing.app_context():
        assert admit_due(THE_PORTAL) == 0
        left = select(Standing.state).where(Standing.application_id.in_(told.applications))
        assert db.session.scalars(left).all() in ([], ["removed"])


def a_challenge_that_holds(evaluation: Evaluation) -> int:
    """A complaint that was upheld and holds every lot."""
    challenge = a_challenge(evaluation)
    hold_admissions(challenge_id=challenge, reason="Counsel advises to wait.", by=evaluation.lead)
    return challenge

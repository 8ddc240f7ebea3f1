"""Two people deal with one conflict at the same moment: on a database of its own, really committed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from evaluation.assignments.conflict_queries import conflicts_in
from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_conflict_on_list
from evaluation.assignments.services import declare_conflict
from evaluation.assignments.waiver_queries import waivers_of
from evaluation.assignments.waiver_services import NothingToWaive, decide_waiver, propose_mitigation
from portal.database import db
from portal.errors import Refusal
from tests.factories.evaluation import Evaluation, a_marking_evaluation

Named = dict[str, int]


@pytest.fixture(params=["with a tender", "on the list"])
def declared(racing: Flask, request: pytest.FixtureRequest) -> tuple[Evaluation, Named]:
    """A round, and the conflict that somebody declared in it."""
    with racing.app_context():
        marking = a_marking_evaluation()
        if request.param == "with a tender":
            own = marking.assignment().id
            declare_conflict(assignment_id=own, conflict="I taught there.", by=marking.evaluators[0])
            return marking, {"assignment_id": own}
        listed, by = tenderers_for(marking.moderator, marking.round_id), marking.moderator
        declare_conflict_on_list(
            round_id=marking.round_id,
            place=0,
            kind="actual",
            conflict="I taught there.",
            seen=listed.seen,
            by=by,
        )
        return marking, {"declaration_id": conflicts_in(marking.round_id)[0]["declaration_id"]}


def at_once(racing: Flask, *actions: Callable[[], Any]) -> list[Any]:
    """The kind of each action's refusal, None for none, when all of them start together."""
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


def test_of_two_proposals_at_once_one_waits(racing: Flask, declared: tuple[Evaluation, Named]) -> None:
    marking, conflict = declared

    def propose() -> None:
        propose_mitigation(**conflict, mitigation="A third marks it.", by=marking.lead)

    assert sorted(at_once(racing, propose, propose), key=str) == [NothingToWaive, None]
    with racing.app_context():
        assert len(waivers_of(**conflict)) == 1


def test_of_two_decisions_at_once_one_stands(racing: Flask, declared: tuple[Evaluation, Named]) -> None:
    marking, conflict = declared
    with racing.app_context():
        approvers = [marking.person("approver"), marking.person("approver")]
        propose_mitigation(**conflict, mitigation="A third marks it.", by=marking.lead)

    def deciding(place: int) -> Callable[[], None]:
        return lambda: decide_waiver(**conflict, granted=bool(place), reason="So it is.", by=approvers[place])

    assert sorted(at_once(racing, deciding(0), deciding(1)), key=str) == [NothingToWaive, None]
    with racing.app_context():
        (decided,) = waivers_of(**conflict)
        found = conflicts_in(marking.round_id)[0]
        assert (found["state"] == "conflicted") == (decided["granted"] is False)

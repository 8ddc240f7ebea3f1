"""Every state x every move of every noun, against the real database.

Each subject is led from its first state to every other by the declared moves alone, so that the CHECK
constraints are met on the way; then every move is tried from there.
"""

from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.database import transaction
from portal.lifecycle import Lifecycle, MoveRefused, move, move_of
from tests.architecture.subjects import SUBJECTS, Subject

CELLS = [
    (s, state, step.name) for s in SUBJECTS for state in s.lifecycle.states for step in s.lifecycle.moves
]


def make_move(session: Session, subject: Subject, row: Any, name: str, by: Actor) -> None:
    with transaction(), session.no_autoflush:
        for column, value in subject.facts.get(name, {}).items():
            setattr(row, column, value)
        move(subject.lifecycle, row, name, by=by)


def in_state(session: Session, subject: Subject, state: str) -> tuple[Any, Actor]:
    """A subject led to `state` along the shortest path of declared moves."""
    row, by = subject.make(session)
    paths: dict[str, list[str]] = {row.state: []}
    waiting = [row.state]
    while waiting:
        here = waiting.pop(0)
        for step in subject.lifecycle.moves:
            if here in step.sources and step.target not in paths:
                paths[step.target] = [*paths[here], step.name]
                waiting.append(step.target)
    assert state in paths, f"no move leads to {state}"
    for name in paths[state]:
        make_move(session, subject, row, name, by)
    assert row.state == state
    return row, by


@pytest.mark.parametrize(
    ("subject", "state", "name"),
    CELLS,
    ids=[f"{s.lifecycle.noun}-{state}-{name}" for s, state, name in CELLS],
)
def test_a_move_leads_on_from_its_own_states_alone(session, subject, state, name):
    row, by = in_state(session, subject, state)
    step = subject.lifecycle[name]
    if state in step.sources:
        make_move(session, subject, row, name, by)
        assert row.state == step.target
        action = f"{subject.lifecycle.noun}.{name}"
        line = next(line for line in trail_of(subject.lifecycle.noun, row.id) if line["action"] == action)
        assert line["details"]["before"] == state
    else:
        with pytest.raises(MoveRefused):
            move(subject.lifecycle, row, name, by=by)
        assert row.state == state


@pytest.mark.parametrize("subject", SUBJECTS, ids=[s.lifecycle.noun for s in SUBJECTS])
def test_the_database_refuses_a_state_that_is_not_declared(session, subject):
    row, _ = subject.make(session)
    table = inspect(type(row)).local_table
    key = table.primary_key.columns[0].name
    with pytest.raises(IntegrityError, match="state"), session.begin_nested():
        session.execute(text(f"UPDATE {table.name} SET state = 'nonsense' WHERE {key} = {row.id}"))


def test_every_lifecycle_of_the_house_is_tried():
    import gc

    declared = {
        thing.noun for thing in gc.get_objects() if isinstance(thing, Lifecycle) and thing.noun != "test"
    }
    assert declared == {subject.lifecycle.noun for subject in SUBJECTS}


def test_a_table_with_a_state_that_nobody_declared_is_refused():
    with pytest.raises(ValueError, match="undeclared"):
        Lifecycle("test", states=("a",), moves=(move_of("go", "a", "b"),))

"""Rounds on their way through the evaluation, with tenders, a panel and marks, built through the services."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_no_conflicts
from evaluation.assignments.models import Assignment
from evaluation.assignments.services import accept, assign_panel, name_panel
from evaluation.conformity.answer_queries import markable_answers
from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.services import decide_check, start_marking
from evaluation.moderation.services import agree_mark
from evaluation.scoring.queries import answers_to_mark
from evaluation.scoring.services import lock_marks, record_mark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from tender.applications.access import DECLARES_FIRST
from tender.applications.models import Application
from tender.frameworks.default_pack import PackQuestion
from tender.frameworks.models import Framework, Round
from tender.frameworks.opening_services import open_box
from tests.factories.accounts import a_person
from tests.factories.applications import a_submitted_application
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids

REASON = "The answer names who does it, how often, and what was found."
AGREED = "The panel agreed: the answer is clear about its work, with evidence from the last year."

Answers = dict[str, Any]
Points = Callable[[int, int], int]
"""The points for the answer with the second place, from the evaluator (or for the tender) with the first."""


@dataclass
class Evaluation:
    """A round with its people. `applications` are ids in the order in which they were made."""

    lead: Actor
    round_id: int
    applications: list[int]
    evaluators: list[Actor] = field(default_factory=list)
    moderator: Actor | None = None

    @property
    def round(self) -> Round:
        """The round as it is now."""
        return db.session.get_one(Round, self.round_id)

    @property
    def council(self) -> Organisation:
        """The round's council."""
        return db.session.get_one(
            Organisation, db.session.get_one(Framework, self.round.framework_id).council_id
        )

    def assignment(self, evaluator: int = 0, application: int = 0) -> Assignment:
        """The assignment of the evaluator and the application with these places."""
        return db.session.execute(
            select(Assignment)
            .where(
                Assignment.evaluator_id == self.evaluators[evaluator].person_id,
                Assignment.application_id == self.applications[application],
            )
            .execution_options(populate_existing=True)
        ).scalar_one()

    def answers(self, application: int = 0) -> list[int]:
        """The ids of an application's answers that count, in order of their ids."""
        found = markable_answers(self.round_id).subquery()
        ids = select(found.c.id).where(found.c.application_id == self.applications[application])
        return list(db.session.scalars(ids.order_by(found.c.id)))

    def person(self, *roles: str) -> Actor:
        """Somebody else of the round's council."""
        return a_person(self.council, *roles)


def an_opened_evaluation(
    tenders: int = 1,
    lots: int = 1,
    answers: Sequence[Answers] = (),
    asking: Sequence[PackQuestion] = (),
    names_hidden: bool = False,
) -> Evaluation:
    """A round whose tender box is open, with so many tenders for all its lots; its lead has declared no
    conflict.

    `answers` replaces, tender by tender, what is answered to a question, by code; `asking` are questions
    after those of the default pack.
    """
    lead = a_procurement_lead()
    round = a_closed_round(lots, lead, asking=asking, names_hidden=names_hidden)
    made = [
        a_submitted_application(round, lot_ids(round), answers=answers[n] if n < len(answers) else None)
        for n in range(tenders)
    ]
    open_box(by=lead, round_id=round.id)
    evaluation = Evaluation(lead, round.id, made)
    declare_none(evaluation, lead)
    return evaluation


def pass_referred(evaluation: Evaluation) -> None:
    """Let a person pass every condition that is referred."""
    checks = db.session.scalars(
        select(ConformityCheck)
        .join(Application, Application.id == ConformityCheck.application_id)
        .where(Application.round_id == evaluation.round_id, ConformityCheck.result == "refer")
    ).all()
    for check in checks:
        decide_check(
            check_id=check.id,
            result="pass",
            reason="It is in order.",
            version=check.version,
            by=evaluation.lead,
        )


def with_panel(evaluation: Evaluation, evaluators: int = 2) -> Evaluation:
    """Name a panel of new people: so many evaluators and a moderator."""
    evaluation.evaluators = [evaluation.person("evaluator") for _ in range(evaluators)]
    evaluation.moderator = evaluation.person("moderator")
    name_panel(
        round_id=evaluation.round_id,
        evaluators=[person.person_id for person in evaluation.evaluators],
        moderators=[evaluation.moderator.person_id],
        by=evaluation.lead,
    )
    return evaluation


def a_marking_evaluation(
    tenders: int = 1,
    lots: int = 1,
    evaluators: int = 2,
    answers: Sequence[Answers] = (),
    accepted: bool = True,
    asking: Sequence[PackQuestion] = (),
    names_hidden: bool = False,
) -> Evaluation:
    """A round being marked: conditions decided, tenders handed out and, unless told otherwise, accepted.

    Its moderator has declared no conflict.
    """
    opened = an_opened_evaluation(tenders, lots, answers, asking, names_hidden)
    evaluation = with_panel(opened, evaluators)
    pass_referred(evaluation)
    start_marking(round_id=evaluation.round_id, by=evaluation.lead)
    assign_panel(round_id=evaluation.round_id, by=evaluation.lead)
    declare_none(evaluation, evaluation.moderator)
    if accepted and names_hidden:
        for evaluator in evaluation.evaluators:
            declare_none(evaluation, evaluator)
    elif accepted:
        for place, evaluator in enumerate(evaluation.evaluators):
            for application in range(tenders):
                accept(assignment_id=evaluation.assignment(place, application).id, by=evaluator)
    return evaluation


def declare_none(evaluation: Evaluation, by: Actor) -> None:
    """Let somebody declare on the list of all tenderers that they have no conflict with any."""
    seen = tenderers_for(by, evaluation.round_id).seen
    declare_no_conflicts(round_id=evaluation.round_id, seen=seen, by=by)


def mark_tender(
    evaluation: Evaluation,
    evaluator: int = 0,
    application: int = 0,
    points: Points | int = 3,
    lock: bool = True,
) -> None:
    """Let one evaluator mark every answer of a tender and, unless told otherwise, lock."""
    assignment = evaluation.assignment(evaluator, application)
    by = evaluation.evaluators[evaluator]
    row = {"id": assignment.id, "state": assignment.state, "round_id": evaluation.round_id}
    for place, answer in enumerate(answers_to_mark(row)):
        record_mark(
            assignment_id=assignment.id,
            answer_id=answer["answer_id"],
            points=points if isinstance(points, int) else points(evaluator, place),
            reason=REASON,
            version=0,
            by=by,
        )
    if lock:
        lock_marks(assignment_id=assignment.id, by=by)


def a_locked_evaluation(
    tenders: int = 1,
    lots: int = 1,
    evaluators: int = 2,
    points: Points | int = 3,
    answers: Sequence[Answers] = (),
    asking: Sequence[PackQuestion] = (),
) -> Evaluation:
    """A round whose evaluators have marked and locked everything: ready for moderation."""
    evaluation = a_marking_evaluation(tenders, lots, evaluators, answers, asking=asking)
    for place in range(evaluators):
        for application in range(tenders):
            mark_tender(evaluation, place, application, points)
    return evaluation


def agree_all(evaluation: Evaluation, application: int = 0, points: Points | int = 3) -> None:
    """Let the moderator agree a mark for every answer of a tender."""
    for place, answer_id in enumerate(evaluation.answers(application)):
        agree_mark(
            answer_id=answer_id,
            points=points if isinstance(points, int) else points(application, place),
            reason=AGREED,
            version=0,
            by=evaluation.moderator,
        )


def a_moderated_evaluation(
    tenders: int = 1,
    lots: int = 1,
    points: Points | int = 3,
    answers: Sequence[Answers] = (),
    asking: Sequence[PackQuestion] = (),
) -> Evaluation:
    """A round whose every answer has its agreed mark: ready for results.

    `points` gives the agreed mark by the tender's and the answer's place.
    """
    evaluation = a_locked_evaluation(tenders, lots, answers=answers, asking=asking)
    for application in range(tenders):
        agree_all(evaluation, application, points)
    return evaluation


def somebody_declared(evaluation: Evaluation, *roles: str) -> Actor:
    """Somebody of the council with these roles, who has no conflict with any tenderer of the round: by their
    own word, where the roles ask for it."""
    person = evaluation.person(*roles)
    if person.may(*DECLARES_FIRST):
        declare_none(evaluation, person)
    return person


def an_approver(evaluation: Evaluation) -> Actor:
    """An approver of the council who has no conflict with any tenderer of the round."""
    return somebody_declared(evaluation, "approver")

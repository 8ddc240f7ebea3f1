"""Rounds with results, with decisions, decided and released, built through the services."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from evaluation.assignments.services import accept, assign_panel, declare_conflict
from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.services import decide_check, start_marking
from evaluation.moderation.models import AgreedMark
from evaluation.moderation.services import agree_mark
from evaluation.moderation.unlock_services import unlock_mark
from evaluation.outcomes.assessment import Condition
from evaluation.outcomes.decision_services import Proposal, approve_lot, recommend, recommend_as_suggested
from evaluation.outcomes.letter_queries import letters_of
from evaluation.outcomes.letter_services import READ_AT_ONCE, note_letters_read
from evaluation.outcomes.models import Decision
from evaluation.outcomes.price_queries import prices_of
from evaluation.outcomes.price_services import decide_price
from evaluation.outcomes.release_services import stage_release
from evaluation.outcomes.services import compute_results
from evaluation.summaries.queries import criteria_of, summaries_of
from evaluation.summaries.services import (
    Words,
    approve_summaries,
    draft_summaries,
    offer_all,
    write_summary,
)
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Membership, Person
from portal.accounts.queries import actor_by_email
from portal.database import db
from tender.applications.models import Answer, Application
from tender.frameworks.default_pack import PackQuestion, default_pack
from tender.frameworks.models import Question
from tests.factories.evaluation import (
    AGREED,
    Evaluation,
    an_approver,
    an_opened_evaluation,
    declare_none,
    mark_tender,
    pass_referred,
    with_panel,
)
from tests.factories.exclusions import clear
from tests.factories.frameworks import lot_ids

Marks = Mapping[str | tuple[str, int], int]
"""Agreed points by a question's code, or by its code and the place of the lot; 3 for what is not named."""

Failed = Mapping[int, Iterable[int]]
"""By a tender's place, the places of the lots for which its price is failed."""

PRICED = replace(
    next(asked for asked in default_pack().questions if asked.code == "partnership"),
    title="Your price for one child for one day", kind="money", judged_as="priced", rule="lowest_price",
    rule_value="40", scale=None, minimum=None, word_limit=None, per_lot=True,
)  # fmt: skip
"""A price for 10% of the total, looked at by a person when 40% below the average."""

INSURANCE = Condition(
    "A certificate of public liability insurance of at least £5 million.",
    "public_liability",
    clock.today() + timedelta(days=30),
)

TOO_DEAR = "The price includes transport and is above the ceiling."


def agree(evaluation: Evaluation, application: int = 0, marks: Marks | None = None) -> None:
    """Agree every mark of a tender, or agree it anew where there is one already."""
    marks = marks or {}
    lots = list(lot_ids(evaluation.round))
    for answer_id in evaluation.answers(application):
        code, lot_id, version = db.session.execute(
            select(Question.code, Answer.lot_id, AgreedMark.version)
            .join(Question, Question.id == Answer.question_id)
            .outerjoin(AgreedMark, AgreedMark.answer_id == Answer.id)
            .where(Answer.id == answer_id)
        ).one()
        place = lots.index(lot_id) if lot_id else 0
        points = marks.get((code, place), marks.get(code, 3))
        if version:
            unlock_mark(answer_id=answer_id, why="Looked at again.", version=version, by=evaluation.moderator)
        agree_mark(
            answer_id=answer_id, points=points, reason=AGREED, version=version or 0, by=evaluation.moderator
        )


def fail_price(evaluation: Evaluation, application: int, lots: Iterable[int]) -> None:
    """Let a person fail the price of a tender for the lots with these places."""
    ids = lot_ids(evaluation.round)
    for place in lots:
        check = db.session.scalars(
            select(ConformityCheck)
            .join(Question, Question.id == ConformityCheck.question_id)
            .where(
                ConformityCheck.application_id == evaluation.applications[application],
                ConformityCheck.lot_id == ids[place],
                Question.code == "day_rate",
            )
        ).one()
        decide_check(
            check_id=check.id, result="fail", reason=TOO_DEAR, version=check.version, by=evaluation.lead
        )


def an_agreed_evaluation(
    marks: Sequence[Marks] = ({},),
    lots: int = 1,
    failed: Failed | None = None,
    evaluators: int = 2,
    conflicts: Mapping[int, int] | None = None,
    prices: Sequence[str] = (),
    price: PackQuestion | None = None,
) -> Evaluation:
    """A round with one tender for each of `marks`, every mark agreed and every tenderer clear: ready for
    results.

    `conflicts` gives the place of an evaluator who declares one, by the tender's place. With `prices`, one a
    tender in pounds, the question about partnership makes way for a price that is scored: `price`, or PRICED.
    """
    asking = [price or PRICED] if prices else []
    answers = [{"partnership": pounds} for pounds in prices]
    evaluation = an_opened_evaluation(len(marks), lots, answers, asking)
    pass_referred(evaluation)
    for place, ended in (failed or {}).items():
        fail_price(evaluation, place, ended)
    with_panel(evaluation, evaluators)
    start_marking(round_id=evaluation.round_id, by=evaluation.lead)
    assign_panel(round_id=evaluation.round_id, by=evaluation.lead)
    declare_none(evaluation, evaluation.moderator)
    judged = [place for place in range(len(marks)) if evaluation.answers(place)]
    for tender in judged:
        for place, evaluator in enumerate(evaluation.evaluators):
            if (conflicts or {}).get(tender) == place:
                assignment_id = evaluation.assignment(place, tender).id
                declare_conflict(
                    assignment_id=assignment_id, conflict="A relative works there.", by=evaluator
                )
                continue
            accept(assignment_id=evaluation.assignment(place, tender).id, by=evaluator)
            mark_tender(evaluation, place, tender, points=3 + place)
        agree(evaluation, tender, marks[tender])
    clear(evaluation)
    return evaluation


def a_computed_evaluation(
    marks: Sequence[Marks] = ({},),
    lots: int = 1,
    failed: Failed | None = None,
    evaluators: int = 2,
    conflicts: Mapping[int, int] | None = None,
    prices: Sequence[str] = (),
) -> Evaluation:
    """A round with results; a price that a person must look at counts, where there is one."""
    evaluation = an_agreed_evaluation(marks, lots, failed, evaluators, conflicts, prices)
    for lot_id in lot_ids(evaluation.round) if prices else ():
        for price in prices_of(evaluation.round_id, lot_id)[0]:
            if price["referred"] and price["given"]:
                let_count(evaluation, price["application_id"], lot_id)
    compute_results(round_id=evaluation.round_id, by=evaluation.lead)
    return evaluation


def let_count(evaluation: Evaluation, application_id: int, lot_id: int) -> None:
    """Let a person say that a price counts of which nobody has said anything."""
    decide_price(
        round_id=evaluation.round_id, application_id=application_id, lot_id=lot_id, counts=True,
        reason="The provider showed us how it delivers at that price.", version=0, by=evaluation.lead,
    )  # fmt: skip


def a_recommended_evaluation(
    marks: Sequence[Marks] = ({},), lots: int = 1, failed: Failed | None = None
) -> Evaluation:
    """A round whose every outcome is recommended as the rules suggest."""
    evaluation = a_computed_evaluation(marks, lots, failed)
    for lot_id in lot_ids(evaluation.round):
        recommend_as_suggested(round_id=evaluation.round_id, lot_id=lot_id, by=evaluation.lead)
    return evaluation


def confirm_drafts(evaluation: Evaluation, tenders: int | None = None) -> None:
    """Let the lead stand by every drafted text as it is, of so many tenders or of all."""
    for row in summaries_of(evaluation.round_id)[0][:tenders]:
        criteria = criteria_of(evaluation.round_id, row["application_id"])
        said = {
            each.answer_id: Words(each.explanation or "", each.not_higher or "")
            for each in criteria
            if each.fits
        }
        write_summary(
            round_id=evaluation.round_id,
            application_id=row["application_id"],
            said=said,
            version=row["version"],
            by=evaluation.lead,
        )


def offer_summaries(evaluation: Evaluation) -> None:
    """Draft every assessment summary from the agreed reasons, confirm it and send it for approval."""
    draft_summaries(round_id=evaluation.round_id, by=evaluation.lead)
    confirm_drafts(evaluation)
    offer_all(round_id=evaluation.round_id, by=evaluation.lead)


def summarise(evaluation: Evaluation) -> Actor:
    """Have every assessment summary drafted, and approved by somebody, who is returned."""
    approver = an_approver(evaluation)
    offer_summaries(evaluation)
    seen = {row["application_id"]: row["version"] for row in summaries_of(evaluation.round_id)[0]}
    approve_summaries(round_id=evaluation.round_id, seen=seen, by=approver)
    return approver


def approve_all(evaluation: Evaluation) -> None:
    """Let an approver of the council approve whatever waits, the assessment summaries first."""
    approver = summarise(evaluation)
    for lot_id in lot_ids(evaluation.round):
        approve_lot(round_id=evaluation.round_id, lot_id=lot_id, by=approver)


def a_decided_evaluation(
    marks: Sequence[Marks] = ({},), lots: int = 1, failed: Failed | None = None
) -> Evaluation:
    """A round whose outcomes are all approved; its letters are written and held."""
    evaluation = a_recommended_evaluation(marks, lots, failed)
    approve_all(evaluation)
    return evaluation


def a_released_evaluation(
    marks: Sequence[Marks] = ({},), lots: int = 1, failed: Failed | None = None
) -> Evaluation:
    """A round whose letters are out and whose admitted providers are in the register."""
    evaluation = a_decided_evaluation(marks, lots, failed)
    release_all(evaluation)
    return evaluation


def read_letters(evaluation: Evaluation) -> None:
    """Let the lead read every letter that is held."""
    ids = [row["id"] for row in letters_of(evaluation.round_id)]
    for start in range(0, len(ids), READ_AT_ONCE):
        page = ids[start : start + READ_AT_ONCE]
        note_letters_read(round_id=evaluation.round_id, letter_ids=page, by=evaluation.lead)


def release_all(evaluation: Evaluation, minutes: int = 0, standstill_days: int | None = None) -> None:
    """Let the lead read every letter and release them, at once unless there is a window."""
    read_letters(evaluation)
    stage_release(
        round_id=evaluation.round_id,
        minutes=minutes,
        standstill_days=standstill_days,
        before_notice=True,
        by=evaluation.lead,
    )


def a_conditional_admission(evaluation: Evaluation, application: int = 0, *asked: Condition) -> None:
    """Recommend a tender of the first lot for admission on these conditions, and all others as suggested."""
    recommend(
        application_id=evaluation.applications[application],
        lot_id=lot_ids(evaluation.round)[0],
        proposal=Proposal("admit_conditionally", "It meets every minimum.", conditions=asked or (INSURANCE,)),
        version=0,
        by=evaluation.lead,
    )
    for lot_id in lot_ids(evaluation.round):
        recommend_as_suggested(round_id=evaluation.round_id, lot_id=lot_id, by=evaluation.lead)


def decisions_of(evaluation: Evaluation) -> list[Decision]:
    """The round's decisions in the order in which they were made, as the database has them now."""
    return list(
        db.session.scalars(
            select(Decision)
            .join(Application, Application.id == Decision.application_id)
            .where(Application.round_id == evaluation.round_id)
            .order_by(Decision.id)
            .execution_options(populate_existing=True)
        )
    )


def provider_of(evaluation: Evaluation, application: int = 0) -> Actor:
    """The first person of the provider whose tender has this place."""
    email = db.session.scalar(
        select(Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .join(Application, Application.provider_id == Membership.organisation_id)
        .where(Application.id == evaluation.applications[application])
        .order_by(Person.id)
    )
    return actor_by_email(email or "")

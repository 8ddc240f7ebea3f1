"""Going on in another round without typing anything again."""

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.storage.models import Document
from tender.applications.carrying_queries import asked, asked_again, expires_on, lots_that_come
from tender.applications.models import Answer, AnswerFile, Application, ApplicationLot, CarriedAnswer
from tender.applications.queries import ApplicationFacts, own_application_for
from tender.applications.services import Submitted, check_open, locked_with_round, start_application
from tender.applications.values import checked, is_blank
from tender.frameworks.models import Round


def carry_over(*, application_id: int, into_round_id: int, by: Actor) -> int:
    """Copy an application's lots, answers and documents into the provider's draft of another round of the
    same framework, which is started where there is none; return the draft's id.

    Only what is empty there is filled, so doing it twice does it once and nothing that was typed is lost. A
    question is the same when its code, its kind and its being asked per lot are; an answer to other words
    stays behind and is suggested. The documents are the same documents, without those that have run out. Of
    what was submitted, declarations and the lots on which the provider stands by now stay behind too. The
    application they come from stays as it is.

    Raises `NotFound` (also for an application that was erased), `Refusal` while it can still be changed
    where it is, and `RoundNotOpen` or `Submitted` as its round's own services do.
    """
    arrived = clock.arrived()
    with transaction() as session:
        facts = own_application_for(by, application_id)
        _check_target(session, facts, into_round_id, by=by)
        if facts.phase == "open":
            raise Refusal("This application's own round is still open. Go on with it where it is.")
        into_id = start_application(round_id=into_round_id, by=by)
        into, round, closes_at = locked_with_round(session, into_id, by=by)
        check_open(round.state, round.opens_at, closes_at, arrived)
        if into.state != "draft":
            raise Submitted()
        lots = _carry_lots(session, application_id, into)
        answers = _carry_answers(session, application_id, into, by=by)
        documents = _carry_documents(session, answers)
        if lots or answers:
            carried = {"lots": lots, "answers": len(answers), "documents": documents}
            record("application.carry_over", "application", into_id, by=by, before=application_id, **carried)
    return into_id


def _check_target(session: Session, facts: ApplicationFacts, into_round_id: int, *, by: Actor) -> None:
    """Raise `NotFound` unless `by` may carry this application, which is held so that it is not erased
    meanwhile, into a published round of its framework."""
    source = session.scalar(
        select(Application.id)
        .where(Application.id == facts.id, Application.erased_at.is_(None))
        .with_for_update(read=True)
    )
    target = session.scalar(
        select(Round.id).where(
            Round.id == into_round_id,
            Round.framework_id == facts.framework_id,
            Round.id != facts.round_id,
            Round.state != "draft",
        )
    )
    if source is None or target is None or not by.may("application:edit"):
        raise NotFound()


def _carry_lots(session: Session, application_id: int, into: Application) -> list[int]:
    """Apply for the same lots, where the round offers them; return those that are new."""
    wanted = session.scalars(lots_that_come(application_id, into.round_id), {"today": clock.today()}).all()
    if not wanted:
        return []
    return list(
        session.scalars(
            insert(ApplicationLot)
            .values([{"application_id": into.id, "lot_id": lot_id} for lot_id in wanted])
            .on_conflict_do_nothing()
            .returning(ApplicationLot.lot_id)
        )
    )


def _carry_answers(session: Session, application_id: int, into: Application, *, by: Actor) -> dict[int, int]:
    """Write the answers that the other application lacks; return the new answer's id by the old one's."""
    found = {
        (row.asked_id, row.lot_id): (row, kept)
        for row in _answers_that_fit(session, application_id, into)
        if (kept := _kept(row)) is not None
    }
    if not found:
        return {}
    saved = {
        "application_id": into.id,
        "version": 1,
        "saved_at": clock.arrived(),
        "saved_by_id": by.person_id,
    }
    written = session.execute(
        insert(Answer)
        .values(
            [
                {**saved, "question_id": question_id, "lot_id": lot_id, "value": value}
                for (question_id, lot_id), (_, (value,)) in found.items()
            ]
        )
        .on_conflict_do_nothing(constraint="uq_answer_application_id_question_id_lot_id")
        .returning(Answer.id, Answer.question_id, Answer.lot_id)
    ).all()
    carried = {new_id: found[question_id, lot_id][0] for new_id, question_id, lot_id in written}
    session.add_all(
        CarriedAnswer(answer_id=new_id, from_application_id=application_id, ran_out_on=row.ran_out_on)
        for new_id, row in carried.items()
    )
    return {row.answer_id: new_id for new_id, row in carried.items()}


def _answers_that_fit(session: Session, application_id: int, into: Application) -> list[Any]:
    """The answers to questions that the other round asks too, for lots that it offers; also those whose every
    document has run out, to be asked anew."""
    rows = asked_again().subquery()
    return list(
        session.execute(
            select(rows, Answer.value, asked.kind, asked.options, asked.shape)
            .join(Answer, Answer.id == rows.c.answer_id)
            .join(asked, asked.id == rows.c.asked_id)
            .where(rows.c.application_id == application_id, rows.c.round_id == into.round_id)
            .where(or_(rows.c.fits, rows.c.ran_out_on.is_not(None))),
            {"today": clock.today()},
        )
    )


def _kept(row: Any) -> tuple[Any] | None:
    """The value as the other round keeps it; None where it says nothing or is no answer there."""
    if row.kind == "file":
        return (None,)
    try:
        value = checked(row.kind, row.options, row.value, row.shape)
    except ValueError:
        return None
    return None if is_blank(value) else (value,)


def _carry_documents(session: Session, answers: dict[int, int]) -> int:
    """Give the same documents to the new answers; return how many. What holds a virus or has run out stays
    behind."""
    given = session.execute(
        select(AnswerFile.answer_id, AnswerFile.document_id)
        .join(Document, Document.id == AnswerFile.document_id)
        .where(
            AnswerFile.answer_id.in_(answers),
            Document.scan_state != "infected",
            Document.removed_at.is_(None),
            func.coalesce(expires_on() >= clock.today(), True),
        )
    ).all()
    session.add_all(
        AnswerFile(answer_id=answers[answer_id], document_id=document_id) for answer_id, document_id in given
    )
    session.flush()
    return len(given)

"""Reading conformity: the tenders of an opened round against its conditions, and the lots that stand.

A lot of an application *stands* while no failed check concerns it: a failed common condition ends all of the
application's lots, a failed condition of one lot ends that lot alone. Nothing here exists before the tender
box is opened, because the checks themselves are made by opening it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, exists, func, or_, select, true

from evaluation.conformity.models import ConformityCheck
from evaluation.inquiries.waiting_queries import HELD_UP_IN, as_waiting, asked_in_round
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.storage.models import Document
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.contents import Item
from tender.applications.item_queries import items_of_submitted
from tender.applications.models import AnswerFile, Application, ApplicationLot
from tender.frameworks.models import Framework, Lot, Question, Round
from tender.frameworks.queries import weighs

TENDERS_A_PAGE = 20
REFERS_SHOWN = 20
UNDECIDED = "undecided"


@dataclass(frozen=True)
class TenderChecks:
    """One tender's line: its checks by question id, in the order of its lots."""

    application_id: int
    provider_name: str
    refers: int
    fails: int
    checks: dict[int, list[RowMapping]]


def to_judge(round_id: int) -> Iterator[tuple[int, Item]]:
    """Every condition that a submitted application was asked, with the application's id."""
    return items_of_submitted(round_id, lambda asked: asked.judged_as == "condition")


def lots_with_standing(round_id: int | None) -> Select[tuple[int, int, bool]]:
    """Select of (application_id, lot_id, stands) for every lot applied for in submitted applications: of one
    round, or of all rounds when it is None."""
    failed = exists().where(
        ConformityCheck.application_id == ApplicationLot.application_id,
        ConformityCheck.result == "fail",
        or_(ConformityCheck.lot_id.is_(None), ConformityCheck.lot_id == ApplicationLot.lot_id),
    )
    applied = (
        select(ApplicationLot.application_id, ApplicationLot.lot_id, (~failed).label("stands"))
        .join(Application, Application.id == ApplicationLot.application_id)
        .where(Application.state == "submitted")
    )
    return applied if round_id is None else applied.where(Application.round_id == round_id)


def conditions_of(round_id: int) -> Sequence[RowMapping]:
    """The round's conditions in the order asked: id, code, title."""
    return (
        db.session.execute(
            select(Question.id, Question.code, Question.title)
            .where(
                Question.round_id == round_id,
                Question.judged_as == "condition",
                Question.withdrawn_in.is_(None),
            )
            .order_by(Question.position)
        )
        .mappings()
        .all()
    )


def tenders_of(
    round_id: int, *, lot_id: int | None = None, only: str = "", skip: int = 0
) -> tuple[list[TenderChecks], int]:
    """One page of tenders with their checks, those with most to decide first; and how many there are.

    Of one lot alone, its tenders with the checks that concern it; `only` those with a check that a rule
    refers (`refer`), that fails (`fail`), or that nobody has decided yet (`undecided`).
    """
    check = ConformityCheck
    refers = func.count().filter(check.result == "refer")
    fails = func.count().filter(check.result == "fail")
    tenders = (
        db.session.execute(
            select(
                Application.id,
                Organisation.name,
                refers.label("refers"),
                fails.label("fails"),
                func.count().over().label("total"),
            )
            .join(check, check.application_id == Application.id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .where(Application.round_id == round_id, *_of_lot(lot_id))
            .group_by(Application.id, Organisation.name)
            .having(_ONLY[only] if only else true())
            .order_by(refers.desc(), fails.desc(), Organisation.name, Application.id)
            .limit(TENDERS_A_PAGE)
            .offset(skip)
        )
        .mappings()
        .all()
    )
    checks = _checks_of([tender["id"] for tender in tenders], lot_id)
    lines = [
        TenderChecks(
            tender["id"], tender["name"], tender["refers"], tender["fails"], checks.get(tender["id"], {})
        )
        for tender in tenders
    ]
    return lines, (tenders[0]["total"] if tenders else 0)


_ONLY: Mapping[str, ColumnElement[bool]] = {
    "refer": func.bool_or(ConformityCheck.rule_result == "refer"),
    "fail": func.bool_or(ConformityCheck.result == "fail"),
    UNDECIDED: func.bool_or(ConformityCheck.result == "refer"),
}


def _of_lot(lot_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Checks that concern a lot, of applications for it; all checks where no lot is named."""
    if lot_id is None:
        return ()
    applied = exists().where(
        ApplicationLot.application_id == ConformityCheck.application_id, ApplicationLot.lot_id == lot_id
    )
    return or_(ConformityCheck.lot_id.is_(None), ConformityCheck.lot_id == lot_id), applied


def _checks_of(application_ids: Iterable[int], lot_id: int | None) -> dict[int, dict[int, list[RowMapping]]]:
    check = ConformityCheck
    rows = (
        db.session.execute(
            select(
                check.id,
                check.application_id,
                check.question_id,
                check.result,
                check.rule_result,
                Lot.number.label("lot_number"),
            )
            .outerjoin(Lot, Lot.id == check.lot_id)
            .where(check.application_id.in_(list(application_ids)), *_of_lot(lot_id))
            .order_by(check.application_id, Lot.position)
        )
        .mappings()
        .all()
    )
    found: dict[int, dict[int, list[RowMapping]]] = {}
    for row in rows:
        found.setdefault(row["application_id"], {}).setdefault(row["question_id"], []).append(row)
    return found


def to_decide(
    round_id: int,
    *,
    first: int | None = None,
    last: Collection[int] = (),
    most: int = REFERS_SHOWN,
) -> Sequence[RowMapping]:
    """Referred checks in the order of the questions, those of question `first` before all others, and those
    of the applications `last` behind them.

    Columns: id, question_id, application_id, title, provider_name, lot_number, total (of all that are
    referred).
    """
    check = ConformityCheck
    return (
        db.session.execute(
            select(
                check.id,
                check.question_id,
                check.application_id,
                Question.title,
                Organisation.name.label("provider_name"),
                Lot.number.label("lot_number"),
                func.count().over().label("total"),
            )
            .join(Question, Question.id == check.question_id)
            .join(Application, Application.id == check.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(Lot, Lot.id == check.lot_id)
            .where(Question.round_id == round_id, check.result == "refer")
            .order_by(
                case((check.application_id.in_(last), 1), else_=0),
                case((Question.id == first, 0), else_=1),
                Question.position,
                Organisation.name,
                check.id,
            )
            .limit(most)
        )
        .mappings()
        .all()
    )


def files_of(answer_id: int | None) -> Sequence[RowMapping]:
    """The documents given with an answer: id, filename, size in bytes, scan_state, facts (see
    `portal.evidence.facts.frozen_words`)."""
    if answer_id is None:
        return []
    return (
        db.session.execute(
            select(Document.id, Document.filename, Document.size, Document.scan_state, AnswerFile.facts)
            .join(AnswerFile, AnswerFile.document_id == Document.id)
            .where(AnswerFile.answer_id == answer_id, Document.removed_at.is_(None))
            .order_by(Document.filename, Document.id)
        )
        .mappings()
        .all()
    )


def waiting_for(viewer: Actor) -> Waiting:
    """For the procurement lead: checks to decide in opened rounds, and rounds where marking can start; whom
    they asked what its tender means, and who has answered."""
    if not viewer.may("conformity:decide"):
        return Waiting()
    check = ConformityCheck
    rows = db.session.execute(
        select(
            Round.id,
            Round.number,
            Round.state,
            Framework.title,
            func.count(check.id).filter(check.result == "refer").label("refers"),
            weighs().label("weighs"),
            asked_in_round(viewer).label("asked"),
        )
        .join(Framework, Framework.id == Round.framework_id)
        .outerjoin(Application, and_(Application.round_id == Round.id, Round.state == "opened"))
        .outerjoin(check, check.application_id == Application.id)
        .where(Round.state.in_(HELD_UP_IN), Framework.council_id == viewer.organisation_id)
        .group_by(Round.id, Round.number, Framework.title)
        .order_by(Round.id)
    ).mappings()
    found = [(row, as_waiting(row["id"], row["asked"])) for row in rows]
    return Waiting(
        now=(
            *(_task(row) for row, _ in found if row["state"] == "opened"),
            *(task for _, asked in found for task in asked.now),
        ),
        going_on=tuple(line for _, asked in found for line in asked.going_on),
    )


def _task(row: RowMapping) -> Task:
    place = f"round {row['number']} of {row['title']}"
    if row["refers"]:
        sentence, verb = f"{plural(row['refers'], 'condition')} to decide in {place}", "Decide them"
    elif row["weighs"]:
        sentence, verb = f"Every condition is decided in {place}, so marking can start", "Start marking"
    else:
        sentence, verb = f"Every condition is decided in {place}, so outcomes can be", "Go on to them"
    return Task(sentence, verb, "conformity.show", {"round_id": row["id"]})

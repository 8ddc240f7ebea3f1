"""Reading the map of a round's disagreement: tenders down, questions across, how far the marks are apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, func, select, tuple_

from evaluation.moderation.agenda_queries import items_of
from evaluation.moderation.models import AgendaItem
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.models import Lot, Question, Scale

TENDERS_A_PAGE = 20
STEPS = 4  # shades between no difference at all and the whole scale
# Of a line's answers together. Each is kept to 30 decimals, of which the last few differ between equal sums.
APART = func.round(func.sum(AgendaItem.turn), 20)


@dataclass(frozen=True)
class Cell:
    """How far the marks of one answer are apart, and the shade of that."""

    answer_id: int
    lowest: int
    highest: int
    agreed: bool
    shade: int

    @property
    def spread(self) -> int:
        """Points apart."""
        return self.highest - self.lowest


@dataclass(frozen=True)
class Line:
    """A tender, or what it answers for one lot alone: its cells by question id, and what its marks weigh."""

    provider_name: str
    lot_number: str | None
    to_agree: int
    cells: Mapping[int, Cell]


def questions_on_map(round_id: int) -> Sequence[RowMapping]:
    """The scored questions of a round in the order asked: id, title, weight."""
    return (
        db.session.execute(
            select(Question.id, Question.title, Question.weight)
            .where(
                Question.round_id == round_id,
                Question.judged_as == "scored",
                Question.withdrawn_in.is_(None),
            )
            .order_by(Question.position)
        )
        .mappings()
        .all()
    )


def lines_of(viewer: Actor, round_id: int, *, skip: int = 0) -> tuple[list[Line], int]:
    """One page of the map's lines, those that differ most by weight first; and how many there are.

    A line is of a tender's answers that count for all lots, or of those for one lot.
    """
    weighed = (
        items_of(viewer, round_id)
        .with_only_columns(
            AgendaItem.application_id,
            AgendaItem.lot_id,
            APART.label("turn"),
            func.count().filter(~AgendaItem.agreed).label("to_agree"),
            func.count().over().label("total"),
        )
        .group_by(AgendaItem.application_id, AgendaItem.lot_id)
        .order_by(APART, AgendaItem.application_id, AgendaItem.lot_id)
        .limit(TENDERS_A_PAGE)
        .offset(skip)
        .subquery()
    )
    rows = db.session.execute(
        select(weighed, Organisation.name.label("provider_name"), Lot.number.label("lot_number"))
        .join(Application, Application.id == weighed.c.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(Lot, Lot.id == weighed.c.lot_id)
        .order_by(weighed.c.turn, weighed.c.application_id, weighed.c.lot_id)
    ).all()
    cells = _cells(viewer, round_id, [(row.application_id, row.lot_id or 0) for row in rows])
    lines = [
        Line(
            row.provider_name, row.lot_number, row.to_agree, cells[row.application_id, row.lot_id or 0]
        )
        for row in rows
    ]  # fmt: skip
    return lines, (rows[0].total if rows else 0)


def _cells(
    viewer: Actor, round_id: int, keys: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], dict[int, Cell]]:
    """The cells by application and lot (0 for none), then by question."""
    rows = db.session.execute(
        items_of(viewer, round_id)
        .join(Scale, Scale.id == Question.scale_id)
        .with_only_columns(
            AgendaItem.application_id,
            AgendaItem.lot_id,
            AgendaItem.question_id,
            AgendaItem.answer_id,
            AgendaItem.lowest,
            AgendaItem.highest,
            AgendaItem.agreed,
            Scale.highest.label("most"),
        )
        .where(tuple_(AgendaItem.application_id, func.coalesce(AgendaItem.lot_id, 0)).in_(keys))
    )
    found: dict[tuple[int, int], dict[int, Cell]] = {}
    for row in rows:
        shade = -(-STEPS * (row.highest - row.lowest) // row.most)  # rounded up
        cell = Cell(row.answer_id, row.lowest, row.highest, row.agreed, shade)
        found.setdefault((row.application_id, row.lot_id or 0), {})[row.question_id] = cell
    return found

"""From what a question says to its row, and the order of rows. Everything here joins the transaction."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from portal.database import db
from tender.frameworks.models import Question
from tender.frameworks.pack import EDITABLE, AskedQuestion, AskedSection, RoundPack


def columns_of(asked: AskedQuestion) -> dict[str, Any]:
    """The columns of a question's row, without its id, its place and the version that changed it."""
    plain = {name: getattr(asked, name) for name in EDITABLE}
    return {
        **plain,
        "accepted": list(asked.accepted),
        "options": [list(option) for option in asked.options],
        "lots": list(asked.lots),
        "shape": dict(asked.shape),
        "ask_if": dict(asked.ask_if) if asked.ask_if else None,
    }


def put_in_order(round_id: int, question_ids: Iterable[int]) -> None:
    """Number the questions of a round from 1 in this order."""
    of_round = Question.round_id == round_id
    # Two steps, because no two rows may have one position at any moment.
    db.session.execute(update(Question).where(of_round).values(position=-Question.position))
    order = (
        func.unnest(func.cast(list(question_ids), ARRAY(BigInteger)))
        .table_valued("id", with_ordinality="place")
        .render_derived()
    )
    db.session.execute(
        update(Question).where(of_round, Question.id == order.c.id).values(position=order.c.place)
    )


def with_question(pack: RoundPack, asked: AskedQuestion, instead_of: str | None = None) -> RoundPack:
    """The pack as it would be with `asked` at the end of its section, or in the place of the question with
    the code `instead_of` when it stays in that one's section. Positions are counted anew."""
    sections = []
    for section in pack.sections:
        questions = [each for each in section.questions if each.code != instead_of]
        if section.code == asked.section:
            codes = [each.code for each in section.questions]
            place = codes.index(instead_of) if instead_of in codes else len(questions)
            questions.insert(place, asked)
        sections.append(replace(section, questions=tuple(questions)))
    return numbered(pack, sections)


def without_question(pack: RoundPack, code: str) -> RoundPack:
    """The pack as it would be without a question. Positions are counted anew."""
    return numbered(
        pack,
        [
            replace(section, questions=tuple(each for each in section.questions if each.code != code))
            for section in pack.sections
        ],
    )


def numbered(pack: RoundPack, sections: Iterable[AskedSection]) -> RoundPack:
    """The pack with these sections, its questions numbered from 1."""
    position, counted = 0, []
    for section in sections:
        questions = []
        for asked in section.questions:
            position += 1
            questions.append(replace(asked, position=position))
        counted.append(replace(section, questions=tuple(questions)))
    return replace(pack, sections=tuple(counted))

"""Writing a whole pack into a round's own rows: the one way, for the default pack and for every other."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from portal.database import db
from tender.frameworks.default_pack import Pack, PackQuestion, default_pack, judged_by_conditions
from tender.frameworks.models import Lot, Question, Round, RoundLot, Scale, ScaleBand
from tender.regimes.reference import CONDITIONS, MARKS

# What a question's row takes from a pack as it stands.
_PLAIN = (
    *("section", "code", "title", "text", "why", "how_judged", "kind", "required", "per_lot", "word_limit"),
    *("max_bytes", "standard", "judged_as", "rule", "weight", "minimum", "breaks_ties", "rule_value"),
)


def copy_default_pack(made: Round, legal_regime: str, admits_by: str = MARKS) -> None:
    """Give the round its own copy: what is edited in it changes no other round. Joins the transaction.

    Without marks where the framework's kind admits by conditions alone (`admits_by`).
    """
    registered = (
        select(Lot.number)
        .join(RoundLot)
        .where(RoundLot.round_id == made.id, Lot.registered_only)
        .order_by(Lot.position)
    )
    lots = tuple(db.session.scalars(registered))
    pack = default_pack(legal_regime, lots)  # type: ignore[arg-type]
    write_pack(made, judged_by_conditions(pack) if admits_by == CONDITIONS else pack)


def write_pack(of: Round, pack: Pack) -> None:
    """Let a draft round ask this pack and nothing else. Joins the transaction; expects the round locked.

    Raises `KeyError` for a scale that the pack or a lot that the round does not have.
    """
    _empty(of.id)
    of.sections = [
        {"code": section.code, "title": section.title, "introduction": section.introduction}
        for section in pack.sections
    ]
    scales = _write_scales(of.id, pack)
    lots = lots_by_number(of.id) if any(asked.lots for asked in pack.questions) else {}
    db.session.add_all(
        question_row(of.id, position, asked, scales, lots)
        for position, asked in enumerate(pack.questions, start=1)
    )
    db.session.flush()


def lots_by_number(round_id: int) -> dict[str, int]:
    """The ids of the lots that a round offers, by the notice's numbers."""
    offered = select(Lot.number, Lot.id).join(RoundLot).where(RoundLot.round_id == round_id)
    return {number: lot_id for number, lot_id in db.session.execute(offered)}


def question_row(
    round_id: int,
    position: int,
    asked: PackQuestion,
    scales: Mapping[str, int],
    lots: Mapping[str, int],
) -> Question:
    """A question's row; `scales` are ids by name, `lots` by number. Raises `KeyError` for another."""
    return Question(
        round_id=round_id,
        position=position,
        accepted=list(asked.accepted),
        options=[list(option) for option in asked.options],
        scale_id=scales[asked.scale] if asked.scale else None,
        shape=dict(asked.shape),
        ask_if=dict(asked.ask_if) if asked.ask_if else None,
        lots=[lots[number] for number in asked.lots],
        **{name: getattr(asked, name) for name in _PLAIN},
    )


def _empty(round_id: int) -> None:
    of_round = select(Scale.id).where(Scale.round_id == round_id)
    db.session.execute(delete(Question).where(Question.round_id == round_id))
    db.session.execute(delete(ScaleBand).where(ScaleBand.scale_id.in_(of_round)))
    db.session.execute(delete(Scale).where(Scale.round_id == round_id))


def _write_scales(round_id: int, pack: Pack) -> dict[str, int]:
    scales = {
        scale.name: Scale(
            round_id=round_id, name=scale.name, highest=max(band.points for band in scale.bands)
        )
        for scale in pack.scales
    }
    db.session.add_all(scales.values())
    db.session.flush()
    ids = {name: scale.id for name, scale in scales.items()}
    db.session.add_all(
        ScaleBand(scale_id=ids[scale.name], points=band.points, label=band.label, descriptor=band.descriptor)
        for scale in pack.scales
        for band in scale.bands
    )
    db.session.flush()
    return ids

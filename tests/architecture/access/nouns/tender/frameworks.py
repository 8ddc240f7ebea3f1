"""Frameworks and their rounds: the council's own; what is published is for everybody."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import council_round, owner, published
from tests.architecture.access.things import COUNCIL, PHASE, ROUND_STATES, ROUNDS, thing

NOUN = Noun(
    things=(
        thing("round", ROUNDS, ROUND_STATES, state=PHASE, owners=COUNCIL, round_id="round.id"),
        thing("framework", "framework", ("",), state="''", owners=COUNCIL, framework_id="framework.id"),
        thing(
            "lot of a framework",
            "lot JOIN framework ON framework.id = lot.framework_id",
            ("",),
            state="''",
            owners=COUNCIL,
            framework_id="framework.id",
            lot_id="lot.id",
        ),
        thing(
            "opening of the box",
            f"{ROUNDS} JOIN box_opening ON box_opening.round_id = round.id",
            ("closed",),
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            opening_id="box_opening.id",
        ),
        thing(
            "withdrawal of a round",
            f"{ROUNDS} JOIN round_withdrawal ON round_withdrawal.round_id = round.id",
            ("open", "withdrawn"),
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            withdrawal_id="round_withdrawal.id",
        ),
    ),
    of_things={
        "withdrawal of a round": council_round,
        "round": council_round,
        "framework": owner,
        "lot of a framework": owner,
        "opening of the box": council_round,
    },
    shared={
        "opportunities.show": (
            published,
            "A tender notice is for everybody (Procurement Act 2023, section 21).",
        )
    },
    drawn_while=dict.fromkeys(("rounds.edit", "rounds.discard"), frozenset({"draft"})),
    only_while={
        **dict.fromkeys(
            ("withdrawals.propose", "withdrawals.decide"),
            frozenset({"open", "closed", "opened", "marking", "decided"}),
        ),
        "rounds.publish": frozenset({"draft"}),
        **dict.fromkeys(("rounds.open_box", "rounds.confirm_opening"), frozenset({"closed"})),
    },
)

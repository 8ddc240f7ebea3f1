"""Block purchases: of the buyer and of the provider that was asked."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import thing


def service_to_buy(case: Case) -> str:
    """Whoever buys, while it stands."""
    return shown(case.state == "admitted")


NOUN = Noun(
    things=(
        thing(
            "block purchase",
            "place_block JOIN organisation AS buyer ON buyer.id = buyer_id",
            ("proposed", "agreed"),
            state="place_block.state",
            owners={
                "provider": "provider_id",
                "school": "CASE WHEN buyer.kind = 'school' THEN buyer_id END",
                "school_group": "CASE WHEN buyer.kind = 'school_group' THEN buyer_id END",
                "council": "CASE WHEN buyer.kind = 'council' THEN buyer_id END",
            },
            block_id="place_block.id",
        ),
    ),
    of_things={"block purchase": owner},
    shared=dict.fromkeys(
        ("blocks.new", "blocks.check", "blocks.change", "blocks.propose"),
        (service_to_buy, "A school and the council buy of any provider that stands in the register."),
    ),
    only_while={
        "blocks.answer": frozenset({"proposed"}),
        "blocks.close": frozenset({"proposed", "agreed"}),
        "blocks.take": frozenset({"accepted"}),
    },
)

"""Standings: the council's whose framework it is; the provider reads and answers what is made of its own."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import owner
from tests.architecture.access.things import COUNCIL, thing

STANDINGS = "standing JOIN lot ON lot.id = standing.lot_id JOIN framework ON framework.id = lot.framework_id"

NOUN = Noun(
    things=(
        thing(
            "standing",
            STANDINGS,
            ("admitted", "suspended"),
            state="standing.state",
            owners=COUNCIL,
            standing_id="standing.id",
        ),
        thing(
            "change of a standing",
            f"{STANDINGS} JOIN standing_change ON standing_change.standing_id = standing.id",
            ("made", "proposed"),
            state="standing_change.state",
            owners={"provider": "standing.provider_id", **COUNCIL},
            change_id="standing_change.id",
        ),
        thing(
            "document that a lot asks for",
            f"{STANDINGS} JOIN lot_evidence ON lot_evidence.lot_id = standing.lot_id "
            "JOIN evidence ON evidence.provider_id = standing.provider_id AND evidence.type = document_type "
            "JOIN evidence_version ON evidence_version.evidence_id = evidence.id "
            "AND NOT EXISTS (SELECT FROM evidence_version AS later "
            "WHERE later.evidence_id = evidence.id AND later.version > evidence_version.version)",
            ("",),
            state="''",
            owners=COUNCIL,
            document_id="evidence_version.document_id",
        ),
        thing(
            "lot of a register",
            "lot JOIN framework ON framework.id = lot.framework_id",
            ("",),
            state="''",
            owners=COUNCIL,
            lot_id="lot.id",
        ),
    ),
    of_things={
        "standing": owner,
        "change of a standing": owner,
        "document that a lot asks for": owner,
        "lot of a register": owner,
    },
    only_while={"standings.decide": frozenset({"proposed"})},
)

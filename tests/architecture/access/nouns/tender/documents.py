"""The papers of a round."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import COUNCIL, PHASE, ROUNDS, thing


def published_or_own(case: Case) -> str:
    """Everybody once the round is published; before that whoever prepares it."""
    return shown(case.state != "draft" or (case.own and case.may("framework:manage")))


NOUN = Noun(
    things=(
        thing(
            "paper of a round",
            f"{ROUNDS} JOIN round_document ON round_document.round_id = round.id",
            ("draft", "open"),
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            round_document_id="round_document.id",
        ),
        thing(
            "paper",
            f"{ROUNDS} JOIN round_document ON round_document.round_id = round.id AND NOT EXISTS "
            "(SELECT FROM round_document AS later WHERE later.follows_id = round_document.id)",
            ("draft", "open"),
            state=PHASE,
            owners=COUNCIL,
            round_document_id="round_document.id",
        ),
        thing(
            "file on its way to a round's papers",
            f"{ROUNDS} JOIN upload ON upload.place = concat('papers of round ', round.id)",
            ("draft", "open"),
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            upload_id="upload.id",
        ),
    ),
    of_things={"paper": owner, "file on its way to a round's papers": owner},
    shared={
        "round_documents.download": (
            published_or_own,
            "The papers of a tender are for everybody, as its notice is.",
        )
    },
    only_while={
        "round_documents.remove": frozenset({"draft"}),
        "paper_uploads.begin": frozenset({"draft", "upcoming", "open"}),
    },
)

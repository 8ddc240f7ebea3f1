"""Tables and files of an evaluation: the round's council, disclosure by who may disclose."""

from evaluation.records.tables import WORKBOOK
from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, judged_round, owner, shown
from tests.architecture.access.things import COUNCIL, PHASE, ROUNDS, thing


def disclosure(case: Case) -> str:
    """The round's council, by those who may disclose."""
    return shown(case.own and case.may("record:disclose"))


NOUN = Noun(
    things=(
        thing(
            "record of an evaluation",
            f"{ROUNDS} JOIN record_file ON record_file.round_id = round.id "
            "AND record_file.kind <> 'disclosure'",
            ("waiting", "failed", "removed"),
            state="record_file.state",
            owners=COUNCIL,
            round_id="round.id",
            file_id="record_file.id",
        ),
        thing(
            "disclosure of an evaluation",
            f"{ROUNDS} JOIN record_file ON record_file.round_id = round.id "
            "AND record_file.kind = 'disclosure'",
            ("ready",),
            state="record_file.state",
            owners=COUNCIL,
            round_id="round.id",
            file_id="record_file.id",
        ),
        thing(
            "table of an evaluation",
            f"{ROUNDS} CROSS JOIN (SELECT '{WORKBOOK[0].name}'::text AS name) AS sheet",
            ("draft", "open", "closed", "opened", "decided", "released"),
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            sheet="sheet.name",
        ),
    ),
    named_by={"records.fetch": ("disclosure of an evaluation",)},
    of_things={
        "record of an evaluation": owner,
        "disclosure of an evaluation": disclosure,
        "table of an evaluation": judged_round,
    },
    of_routes={**dict.fromkeys(("records.index", "records.ask"), judged_round)},
    drawn_while={"records.table": frozenset({"decided", "released"})},
    only_while={"records.again": frozenset({"failed"})},
)

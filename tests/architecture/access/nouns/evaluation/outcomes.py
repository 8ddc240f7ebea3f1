"""Totals, decisions, letters and conditions of admission: the round's council."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, judged_round, judged_tender, one_of_ones_own, owner, shown
from tests.architecture.access.things import APPLICATIONS, COUNCIL, LOTS, PHASE, TENDER, TENDER_STATES, thing

PRICES = f"""
  {APPLICATIONS} {LOTS} JOIN question ON question.round_id = round.id AND question.judged_as = 'priced'
"""


def outcome_letter(case: Case) -> str:
    """Its provider's people, once the letters are out."""
    return shown(case.own and case.state == "released submitted")


NOUN = Noun(
    things=(
        thing(
            "tender for a lot",
            f"{APPLICATIONS} {LOTS}",
            TENDER_STATES,
            state=TENDER,
            owners=COUNCIL,
            round_id="round.id",
            application_id="application.id",
            lot_id="application_lot.lot_id",
        ),
        thing(
            "decision",
            f"{APPLICATIONS} JOIN decision ON decision.application_id = application.id "
            "AND decision.state <> 'superseded'",
            ("recommended", "approved", "released"),
            state="decision.state",
            owners=COUNCIL,
            decision_id="decision.id",
        ),
        thing(
            "condition of an admission",
            f"{APPLICATIONS} JOIN decision ON decision.application_id = application.id "
            "JOIN admission_condition ON admission_condition.decision_id = decision.id "
            "AND decision.state = 'released'",
            ("open", "met"),
            state="CASE WHEN met_at IS NULL THEN 'open' ELSE 'met' END",
            owners=COUNCIL,
            condition_id="admission_condition.id",
        ),
        thing("round with prices", PRICES, ("marking",), state=PHASE, owners=COUNCIL, round_id="round.id"),
        thing(
            "price",
            PRICES,
            ("marking submitted",),
            state=TENDER,
            owners=COUNCIL,
            round_id="round.id",
            application_id="application.id",
            lot_id="application_lot.lot_id",
        ),
    ),
    named_by={
        "prices.show": ("round with prices",),
        **dict.fromkeys(("prices.price", "prices.decide"), ("price",)),
    },
    of_things={
        "tender for a lot": judged_tender,
        "decision": owner,
        "condition of an admission": owner,
        "price": judged_tender,
    },
    of_routes={
        "release.letter": outcome_letter,
        **dict.fromkeys(
            (
                "outcomes.results",
                "outcomes.compute",
                "outcomes.decisions",
                "outcomes.recommend_all",
                "release.letters",
                "release.read",
                "release.reading",
                "release.read_on",
                "release.note_notice",
                "release.stage",
                "release.cancel",
                "release.write_missing",
                "sensitivity.show",
                "prices.show",
            ),
            judged_round,
        ),
        "outcomes.approve_all": one_of_ones_own,
    },
    only_while={
        **dict.fromkeys(("outcomes.compute", "outcomes.recommend_all"), frozenset({"marking"})),
        **dict.fromkeys(
            ("release.stage", "release.cancel", "release.read", "release.read_on", "release.write_missing"),
            frozenset({"decided"}),
        ),
        **dict.fromkeys(("outcomes.approve", "outcomes.send_back"), frozenset({"recommended"})),
        "outcomes.save_recommendation": frozenset({"marking submitted"}),
        "outcomes.reopen": frozenset({"marking submitted", "decided submitted"}),
        "release.note_notice": frozenset({"released"}),
        **dict.fromkeys(("conditions.meet", "conditions.extend"), frozenset({"open"})),
    },
)

"""Mini-competitions: of the school that runs them; a provider answers its own referral in one."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import thing


def competing(case: Case) -> str:
    """Its provider, while it competes."""
    return shown(case.own and case.state == "competing")


def judged(case: Case) -> str:
    """Its provider, once it is decided."""
    return shown(case.own and case.state == "awarded")


NOUN = Noun(
    things=(
        thing(
            "mini-competition",
            "competition",
            ("running", "opened", "awarded", "abandoned"),
            state="state",
            owners={"school": "school_id"},
            competition_id="id",
        ),
        thing(
            "opened answer",
            "competition_entry JOIN competition ON competition.id = competition_id"
            " AND opened_at IS NOT NULL AND submitted_at IS NOT NULL"
            " JOIN referral ON referral.id = referral_id JOIN service ON service.id = service_id",
            ("opened", "awarded"),
            state="competition.state",
            owners={"school": "competition.school_id", "provider": "service.provider_id"},
            entry_id="competition_entry.id",
        ),
    ),
    of_things={"mini-competition": owner, "opened answer": owner},
    of_routes={
        "competitions.entry": competing,
        "competitions.save_entry": competing,
        "competitions.result": judged,
    },
    only_while={
        "competitions.open_answers": frozenset({"running"}),
        "competitions.award": frozenset({"opened"}),
        "competitions.abandon": frozenset({"running", "opened"}),
        "competitions.mark": frozenset({"opened"}),
    },
)

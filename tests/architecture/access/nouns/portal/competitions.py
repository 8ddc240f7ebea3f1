"""Mini-competitions: of the school that runs them; a provider answers its own referral in one."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import thing


def judged(case: Case) -> str:
    """Its provider, once it is decided."""
    return shown(case.own and case.state in ("awarded", "no_winner"))


NOUN = Noun(
    things=(
        thing(
            "mini-competition",
            "competition",
            ("running", "opened", "awarded", "no_winner", "abandoned"),
            state="state",
            owners={"school": "school_id"},
            competition_id="id",
        ),
        thing(
            "opened answer",
            "competition_entry JOIN competition ON competition.id = competition_id"
            " AND opened_at IS NOT NULL AND submitted_at IS NOT NULL"
            " JOIN referral ON referral.id = referral_id JOIN service ON service.id = service_id",
            ("opened", "awarded", "no_winner"),
            state="competition.state",
            owners={"school": "competition.school_id", "provider": "service.provider_id"},
            entry_id="competition_entry.id",
        ),
        thing(
            "invitation to compete",
            "competition_entry JOIN referral ON referral.id = referral_id"
            " AND referral.state IN ('sent', 'accepted')"
            " JOIN service ON service.id = referral.service_id",
            ("competing", "over"),
            state="CASE WHEN referral.competition_id = competition_entry.competition_id THEN 'competing'"
            " ELSE 'over' END",
            owners={"school": "referral.school_id", "provider": "service.provider_id"},
            referral_id="referral.id",
        ),
    ),
    named_by={
        "competitions.entry": ("invitation to compete",),
        "competitions.save_entry": ("invitation to compete",),
    },
    of_things={"mini-competition": owner, "opened answer": owner, "invitation to compete": owner},
    of_routes={"competitions.result": judged},
    only_while={
        "competitions.open_answers": frozenset({"running"}),
        "competitions.award": frozenset({"opened"}),
        "competitions.conclude": frozenset({"opened"}),
        "competitions.save_entry": frozenset({"competing"}),
        "competitions.abandon": frozenset({"running", "opened"}),
        "competitions.mark": frozenset({"opened"}),
    },
)

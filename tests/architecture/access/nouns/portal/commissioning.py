"""Referrals: of the school that sent it and the provider that was asked."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, everybody, owner, shown
from tests.architecture.access.things import thing


def service_to_refer_to(case: Case) -> str:
    """Every school, while it stands."""
    return shown(case.state == "admitted")


NOUN = Noun(
    things=(
        thing(
            "referral",
            "referral JOIN service ON service.id = referral.service_id",
            ("sent", "competing", "accepted", "declined", "withdrawn", "not_chosen"),
            state="CASE WHEN competition_id IS NULL THEN referral.state ELSE 'competing' END",
            owners={"provider": "service.provider_id", "school": "referral.school_id"},
            referral_id="referral.id",
        ),
    ),
    of_things={"referral": owner},
    shared={
        **dict.fromkeys(
            ("commissioning.refer", "commissioning.check", "commissioning.change"),
            (service_to_refer_to, "A school refers a child to any provider that stands in the register."),
        ),
        **dict.fromkeys(
            ("school_checks.show", "school_checks.sign"),
            (service_to_refer_to, "A school checks any provider that it might send a child to."),
        ),
        "commissioning.send": (everybody, "As above; of a service that has just gone the page says so."),
    },
    drawn_while={"commissioning.ask_to_withdraw": frozenset({"sent"})},
    only_while={
        "commissioning.accept": frozenset({"sent"}),
        **dict.fromkeys(
            ("commissioning.decline", "commissioning.withdraw"), frozenset({"sent", "competing"})
        ),
        "commissioning.take_back": frozenset({"accepted"}),
    },
)

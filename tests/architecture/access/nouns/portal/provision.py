"""Service pages: kept by their provider, checked by the council on whose framework it stands."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import COUNCIL, thing

STANDS = "service JOIN standing ON standing.id = service.standing_id"


def page_to_check(case: Case) -> str:
    """The council on whose framework the provider stands, once the provider has sent it."""
    return shown(case.own and case.state != "draft")


NOUN = Noun(
    things=(
        thing(
            "part of a page",
            STANDS,
            ("admitted", "suspended"),
            state="standing.state",
            owners={"provider": "service.provider_id"},
            service_id="service.id",
            part="'prices'::text",
        ),
        thing(
            "page to check",
            f"service_proposal JOIN ({STANDS}) ON service.id = service_proposal.service_id "
            "JOIN lot ON lot.id = standing.lot_id JOIN framework ON framework.id = lot.framework_id",
            ("draft", "waiting", "published"),
            state="service_proposal.state",
            owners=COUNCIL,
            proposal_id="service_proposal.id",
        ),
        thing(
            "change to read",
            f"service_own_words JOIN ({STANDS}) ON service.id = service_own_words.service_id "
            "JOIN lot ON lot.id = standing.lot_id JOIN framework ON framework.id = lot.framework_id",
            ("",),
            state="''",
            owners=COUNCIL,
            own_words_id="service_own_words.id",
        ),
    ),
    of_things={"part of a page": owner, "page to check": page_to_check, "change to read": owner},
    only_while={
        **dict.fromkeys(("service_checks.publish", "service_checks.send_back"), frozenset({"waiting"}))
    },
)

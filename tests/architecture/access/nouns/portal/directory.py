"""The register: what schools choose from, and what the council reads of a provider."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import thing

# Providers as the council knows them: admitted to a lot, judged, or no more than a sealed application.
KNOWN = """
  organisation
  CROSS JOIN LATERAL (
    SELECT CASE WHEN EXISTS (SELECT FROM standing WHERE provider_id = organisation.id AND state <> 'removed')
                THEN 'admitted'
                WHEN EXISTS (SELECT FROM application JOIN round ON round.id = round_id
                             WHERE provider_id = organisation.id AND application.state = 'submitted'
                               AND round.state IN ('opened', 'marking', 'decided', 'released'))
                THEN 'applied, opened'
                WHEN EXISTS (SELECT FROM application WHERE provider_id = organisation.id
                             AND application.state = 'submitted')
                THEN 'applied, sealed' END AS state
  ) AS known
  CROSS JOIN LATERAL (
    SELECT council_id FROM framework
    JOIN round ON round.framework_id = framework.id JOIN application ON round_id = round.id
    WHERE provider_id = organisation.id ORDER BY application.id LIMIT 1
  ) AS to_council
"""
COUNCIL_OF_KNOWN = {"council": "to_council.council_id"}


def service_entry(case: Case) -> str:
    """Everybody who may search while it stands; its provider and auditors always."""
    mine = case.own and case.may("service:edit")
    searches = case.state == "admitted" and case.may("directory:search")
    return shown(mine or searches or case.may("audit:read"))


def known_provider(case: Case) -> str:
    """The council with which it is admitted, or whose opened round it applied to."""
    return shown(case.own and case.state in ("admitted", "applied, opened"))


NOUN = Noun(
    things=(
        thing(
            "service",
            "service JOIN standing ON standing.id = service.standing_id",
            ("admitted", "suspended"),
            state="standing.state",
            owners={"provider": "service.provider_id"},
            service_id="service.id",
        ),
        thing(
            "share code",
            f"{KNOWN} JOIN share_code ON share_code.provider_id = organisation.id",
            ("applied, opened",),
            state="known.state",
            owners=COUNCIL_OF_KNOWN,
            organisation_id="share_code.provider_id",
            share_code_id="share_code.id",
        ),
        thing(
            "known provider",
            KNOWN,
            ("admitted", "applied, opened", "applied, sealed"),
            state="known.state",
            owners=COUNCIL_OF_KNOWN,
            organisation_id="organisation.id",
        ),
    ),
    named_by={"providers.show": ("known provider",)},
    of_things={"service": owner, "share code": known_provider},
    shared={
        "directory.show": (
            service_entry,
            "The register is what schools choose from, and auditors read all of it.",
        ),
        "providers.show": (
            known_provider,
            "The council reads what those it judges and admits say of themselves.",
        ),
    },
)

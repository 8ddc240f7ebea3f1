"""Placement agreements: of the school that writes one and the provider that was asked to sign it; then of the
council whose framework it is under, from the moment at which both have signed."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, Rule, shown
from tests.architecture.access.things import thing

AGREEMENTS = (
    "placement_agreement JOIN service ON service.id = placement_agreement.service_id "
    "JOIN standing ON standing.id = service.standing_id JOIN lot ON lot.id = standing.lot_id "
    "JOIN framework ON framework.id = lot.framework_id"
)
OWNERS = {
    "school": "placement_agreement.school_id",
    "provider": "placement_agreement.provider_id",
    "council": "framework.council_id",
}
WAS_OFFERED = (
    "EXISTS (SELECT FROM agreement_version "
    "WHERE agreement_id = placement_agreement.id AND offered_at IS NOT NULL)"
)
OPEN = (
    "(SELECT agreement_version.state FROM agreement_version WHERE agreement_id = placement_agreement.id "
    "AND agreement_version.state IN ('draft', 'offered'))"
)
STATE = (
    f"CASE WHEN placement_agreement.state = 'draft' AND {WAS_OFFERED} THEN 'sent back' "
    f"WHEN placement_agreement.state = 'in_force' THEN concat_ws(' ', 'in force', {OPEN}) "
    "ELSE placement_agreement.state END"
)
WRITTEN = frozenset({"draft", "sent back", "in force draft"})
OUT = frozenset({"signing", "in force offered"})
IN_FORCE = frozenset({"in force", "in force draft", "in force offered"})
STATES = (*WRITTEN, *OUT, "in force", "ended", "cancelled")


def places_itself(case: Case) -> bool:
    """Whoever places children for the council reads its own alone; those of schools are none."""
    return case.viewer.role == "commissioner"


def agreement(case: Case) -> str:
    """Its school always; its provider once it was offered, unless it was cancelled; its council once both
    have signed."""
    seen = {
        "school": True,
        "provider": case.state not in ("draft", "cancelled"),
        "council": case.state in {*IN_FORCE, "ended"} and not places_itself(case),
    }
    return shown(case.own and seen.get(case.viewer.kind, False))


def paper(case: Case) -> str:
    """The same, where the version that counts for the reader was offered."""
    drafts = {"school": ("draft", "sent back")}.get(case.viewer.kind, ())
    return agreement(case) if case.state not in drafts else shown(False)


def copy_for_parents(case: Case) -> str:
    """What is or was in force, for school and provider."""
    return shown(case.own and case.viewer.kind != "council" and case.state in {*IN_FORCE, "ended"})


def schools(*states: str) -> Rule:
    """Its school, in these states."""
    return lambda case: shown(case.own and case.viewer.kind == "school" and case.state in states)


def sent_back_by_the_provider(case: Case) -> str:
    """Its provider, while it is out for signing."""
    return shown(case.own and case.viewer.kind == "provider" and case.state in OUT)


def ended_by_either(case: Case) -> str:
    """School or provider, while it is in force."""
    return shown(case.own and case.viewer.kind != "council" and case.state in IN_FORCE)


def version(case: Case) -> str:
    """The school reads every version, the provider those that were offered, the council those agreed."""
    seen = {
        "school": True,
        "provider": case.state in ("offered", "agreed", "withdrawn"),
        "council": case.state == "agreed" and not places_itself(case),
    }
    return shown(case.own and seen.get(case.viewer.kind, False))


def choice(case: Case) -> str:
    """The school that chose, while its choice stands; of one that was cancelled a sentence says so."""
    return shown(case.own and case.viewer.kind == "school" and (case.changes or case.state == "chosen"))


NOUN = Noun(
    things=(
        thing(
            "agreement",
            AGREEMENTS,
            tuple(sorted(STATES)),
            state=STATE,
            owners=OWNERS,
            agreement_id="placement_agreement.id",
        ),
        thing(
            "page of an agreement",
            f"{AGREEMENTS} CROSS JOIN unnest(ARRAY['times', 'price', 'aims', 'care']) AS steps(step)",
            tuple(sorted(STATES)),
            state=STATE,
            owners=OWNERS,
            agreement_id="placement_agreement.id",
            step="steps.step",
        ),
        thing(
            "version of an agreement",
            f"{AGREEMENTS} JOIN agreement_version ON agreement_version.agreement_id = placement_agreement.id",
            ("unseen", "offered", "agreed", "withdrawn", "cancelled"),
            state="CASE WHEN placement_agreement.state = 'cancelled' THEN 'cancelled' "
            "WHEN offered_at IS NULL THEN 'unseen' ELSE agreement_version.state END",
            owners=OWNERS,
            agreement_id="placement_agreement.id",
            version="agreement_version.number",
        ),
        thing(
            "choice to agree on",
            "call_off",
            ("chosen", "cancelled"),
            state="call_off.state",
            owners={"school": "call_off.school_id", "provider": "call_off.provider_id"},
            call_off_id="call_off.id",
        ),
    ),
    named_by=dict.fromkeys(("agreements.begin", "agreements.start"), ("choice to agree on",)),
    of_things={
        "agreement": agreement,
        "page of an agreement": schools(*WRITTEN),
        "version of an agreement": version,
        "choice to agree on": choice,
    },
    of_routes={
        "agreements.offer": schools(*STATES),
        "agreement_papers.pdf": paper,
        "agreement_papers.parents": copy_for_parents,
        "agreement_papers.parents_copy": copy_for_parents,
        "agreement_acts.send_back": sent_back_by_the_provider,
        "agreement_acts.take_back": schools(*OUT),
        "agreement_acts.cancel": schools("draft", "sent back", "signing"),
        "agreement_acts.vary": schools("in force"),
        "agreement_acts.drop": schools("in force draft", "in force offered"),
        "agreement_acts.end": ended_by_either,
    },
    only_while={
        "agreements.offer": WRITTEN,
        "agreements.sign": OUT,
        "agreements.start": frozenset({"chosen"}),
    },
)

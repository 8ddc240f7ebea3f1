"""Who may read an application, for every role, state and stage of the round."""

import itertools

import pytest

from portal.accounts.access import Actor
from portal.accounts.permissions import ROLES, permissions_of
from tender.applications.access import may_read
from tender.applications.lifecycle import APPLICATION
from tender.frameworks.lifecycle import ROUND

PROVIDER, OTHER, COUNCIL, OTHER_COUNCIL = 1, 2, 3, 4
COUNCIL_READERS = {"procurement_lead", "moderator", "approver", "auditor"}


def somebody(kind: str, role: str, organisation_id: int) -> Actor:
    return Actor(
        1, "Somebody", organisation_id=organisation_id, organisation_kind=kind, roles=frozenset({role}),
        permissions=permissions_of(kind, [role]),
    )  # fmt: skip


def reads(viewer: Actor, state: str, round_state: str) -> bool:
    return may_read(viewer, provider_id=PROVIDER, council_id=COUNCIL, state=state, round_state=round_state)


EVERY_ROLE = [(kind, role) for kind, roles in ROLES.items() for role in roles]


@pytest.mark.parametrize(("kind", "role"), EVERY_ROLE)
@pytest.mark.parametrize("state", APPLICATION.states)
@pytest.mark.parametrize("round_state", ROUND.states)
def test_only_the_council_reads_and_only_submitted_applications_of_opened_rounds(
    kind, role, state, round_state
):
    sealed = state == "draft" or round_state in ("draft", "published", "withdrawn")
    expected = kind == "council" and role in COUNCIL_READERS and not sealed
    assert reads(somebody(kind, role, COUNCIL), state, round_state) is expected


@pytest.mark.parametrize(("state", "round_state"), list(itertools.product(APPLICATION.states, ROUND.states)))
def test_a_provider_reads_its_own_always_and_anothers_never(state, round_state):
    for role in ROLES["provider"]:
        assert reads(somebody("provider", role, PROVIDER), state, round_state)
        assert not reads(somebody("provider", role, OTHER), state, round_state)


@pytest.mark.parametrize("role", sorted(ROLES["council"]))
def test_another_council_never_reads(role):
    assert not reads(somebody("council", role, OTHER_COUNCIL), "submitted", "opened")


def test_an_organisation_with_the_same_number_but_of_another_kind_is_not_the_provider():
    assert not reads(somebody("school", "commissioner", PROVIDER), "submitted", "released")
    assert not reads(somebody("council", "procurement_lead", PROVIDER), "draft", "published")

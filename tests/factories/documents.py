"""Documents of rounds, with real files in the store, built through the services."""

from typing import Any

from portal.accounts.access import Actor
from tender.documents.services import add, replace
from tender.frameworks.models import Round
from tests.factories.applications import a_file
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_procurement_lead


def a_round_document(round: Round, by: Actor | None = None, title: str = "Specification", **file: Any) -> int:
    """A document of a draft or open round; its id."""
    return add(
        round_id=round.id,
        title=title,
        kind="specification",
        portal_url=PORTAL_URL,
        by=by or a_procurement_lead(round),
        **(file or a_file(name="Specification")),
    )


def a_new_version(
    round_document_id: int,
    by: Actor,
    reason: str = "The hours of lot 2 were wrong.",
    file: dict[str, Any] | None = None,
) -> int:
    """A further version of a document; its id."""
    return replace(
        round_document_id=round_document_id,
        reason=reason,
        portal_url=PORTAL_URL,
        by=by,
        **(file or a_file(name="Specification 2")),
    )

"""Shortlists, frozen, decided on and signed through the services that the pages use."""

from typing import Any
from uuid import uuid4

from portal import clock
from portal.accounts.access import Actor
from portal.directory.search import SearchCriteria
from portal.shortlists.models import Shortlist
from portal.shortlists.queries import shortlist_for
from portal.shortlists.services import Choice, close_shortlist, decide, freeze_search


def a_shortlist(by: Actor, *, address: str = "", label: str = "Case 12", **searched: Any) -> Shortlist:
    """A search frozen by somebody of a school; of everything, unless more is said."""
    return freeze_search(
        criteria=SearchCriteria(clock.today(), **searched),
        address=address,
        label=label,
        token=uuid4(),
        by=by,
    )


def decided(shortlist: Shortlist, by: Actor, *, keep: int = 1, reason: str = "Too far.") -> None:
    """Keep the first ones, and leave the others out for one reason."""
    listed = shortlist_for(by, shortlist.id).listed
    decide(
        shortlist_id=shortlist.id,
        version=shortlist.version,
        choices=[Choice(each.place, "kept" if each.place <= keep else "") for each in listed],
        reason_for_all=reason,
        leave_out_rest=True,
        by=by,
    )


def a_signed_shortlist(by: Actor, *, keep: int = 1, **searched: Any) -> Shortlist:
    """One that nothing changes any more."""
    shortlist = a_shortlist(by, **searched)
    decided(shortlist, by, keep=keep)
    close_shortlist(shortlist_id=shortlist.id, version=shortlist.version, by=by)
    return shortlist

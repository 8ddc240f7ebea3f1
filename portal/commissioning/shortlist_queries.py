"""What a school goes on to do with the services of its shortlists: its own checks, and its referrals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from portal.accounts.access import Actor
from portal.commissioning.check_queries import CheckState, checks_of
from portal.commissioning.models import Referral
from portal.commissioning.requests import profiles_to_send_on
from portal.commissioning.services import MOST_ASKED
from portal.database import db
from portal.shortlists.queries import ShortlistFacts


@dataclass(frozen=True, slots=True)
class BesideService:
    """For a service that was kept: every kind of own check of its provider, and the referrals (id, reference,
    state) that the school has sent there since the search."""

    checks: Sequence[CheckState]
    asked: Sequence[Row[Any]]

    @property
    def fresh(self) -> int:
        """How many checks are in date."""
        return sum(check.fresh for check in self.checks)

    @property
    def missing(self) -> tuple[CheckState, ...]:
        """Those that are not."""
        return tuple(check for check in self.checks if not check.fresh)


def on_shortlist(shortlist: ShortlistFacts, viewer: Actor) -> Mapping[str, object]:
    """`beside`: what goes with each service that was kept, by its id; `written`: profiles to send on to them;
    `most_asked`: how many can be asked in one step.

    At most three statements.
    """
    if not shortlist.kept or not viewer.may("referral:read"):
        return {"beside": {}, "written": (), "most_asked": MOST_ASKED}
    checks = checks_of(viewer, {each.provider_id for each in shortlist.kept})
    asked: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.session.execute(
        select(Referral.id, Referral.reference, Referral.state, Referral.service_id)
        .where(Referral.school_id == viewer.organisation_id)
        .where(Referral.service_id.in_([each.service_id for each in shortlist.kept]))
        .where(Referral.sent_at >= shortlist.frozen_at)
        .order_by(Referral.id)
    ):
        asked[row.service_id].append(row)
    return {
        "beside": {
            each.service_id: BesideService(checks[each.provider_id], asked[each.service_id])
            for each in shortlist.kept
        },
        "written": profiles_to_send_on(viewer) if viewer.may("referral:send") else (),
        "most_asked": MOST_ASKED,
    }

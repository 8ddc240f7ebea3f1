"""Whether a provider may be given a child today: what the register says of it. Said before somebody acts, and
looked at once more when they do."""

from dataclasses import dataclass

from sqlalchemy import select

from portal import clock
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.models import Service, Standing
from portal.directory.services import NotAdmitted
from portal.directory.statuses import STATUSES, Status, status_on
from portal.errors import NotFound, Refusal

# By status, for a sentence that begins with the provider's name.
_WHY = {
    "excluded": "is excluded by the council",
    "suspended": "is suspended by the council",
    "suspended_new": "is suspended by the council for new children",
    "removed": "was removed by the council from the lot under which it offers this",
    "evidence_expired": "has no document in force that the council asks it for",
    "conditional": "has not met every condition of its admission",
    "not_started": "is admitted for a term that has not begun",
    "expired": "was admitted for a term that is over",
    "inactive": "was deactivated by the council",
}
_CLOSED_TO_ALL = ("excluded", "suspended", "removed", "inactive")
"""In these no child may be taught there, those who are there already included."""

NOT_IN_FORCE = (
    "While that is so, no agreement that gives it a child, or more of a child’s week, can come into force. "
    "Speak to the council before you sign."
)
"""What a standing that is not open means for an agreement; said from the choice on."""


class Excluded(Refusal):
    """The council has found that the provider must be excluded, or excludes it."""


@dataclass(frozen=True, slots=True)
class ProviderStanding:
    """A service's provider as the register has it today: `status` is a key of `STATUSES`."""

    provider_name: str
    status: str

    @property
    def described(self) -> Status:
        """The status in words."""
        return STATUSES[self.status]

    def closed(self, *, placed: bool = False) -> str:
        """Why the provider may not have a child, as a sentence; empty where it may. One that is `placed`
        already stays where only new ones are closed out."""
        if self.status == "admitted" or (placed and self.status not in _CLOSED_TO_ALL):
            return ""
        return f"{self.provider_name} {_WHY[self.status]}."


def provider_standing(service_id: int) -> ProviderStanding:
    """The standing of a service's provider. One statement; the caller has checked who may read of the
    service. Raises `NotFound` for no service."""
    row = db.session.execute(
        select(Organisation.name, status_on(clock.today()))
        .select_from(Service)
        .join(Standing, Standing.id == Service.standing_id)
        .join(Organisation, Organisation.id == Standing.provider_id)
        .where(Service.id == service_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return ProviderStanding(*row)


def require_open(service_id: int, *, therefore: str, placed: bool = False) -> None:
    """Raise `NotAdmitted` or `Excluded` where the provider may not have a child (`ProviderStanding.closed`),
    with `therefore`, which says what that means and what to do. The standing stays so until the commit."""
    db.session.execute(
        select(Standing.id)
        .join(Service, Service.standing_id == Standing.id)
        .where(Service.id == service_id)
        .with_for_update(read=True, of=Standing)
    )
    found = provider_standing(service_id)
    if why := found.closed(placed=placed):
        raise (Excluded if found.status == "excluded" else NotAdmitted)(f"{why} {therefore}")

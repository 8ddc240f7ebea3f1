"""The letter about services that fit a saved search and did not before."""

from collections.abc import Sequence

from portal import clock
from portal.audit.services import Doer
from portal.mail.services import write_letter
from portal.web.filters import plural

_MOST_NAMED = 10


def tell_of_new(
    *,
    search_id: int,
    name: str,
    address: str,
    found: Sequence[tuple[int, str]],
    person_id: int,
    to_name: str,
    to_address: str,
    organisation_id: int,
    portal_url: str,
    by: Doer,
) -> bool:
    """Name what is new (`found`: service, its name in a line), and where to read it.

    False where this search has brought a letter today: nothing is written then.
    """
    lines = [f"- {line}\n  {portal_url}/services/{service_id}" for service_id, line in found[:_MOST_NAMED]]
    if len(found) > _MOST_NAMED:
        lines.append(f"- and {len(found) - _MOST_NAMED} more")
    written = write_letter(
        key=f"saved_search:{search_id}:{clock.today().isoformat()}:{person_id}",
        to_name=to_name,
        to_address=to_address,
        title=f"{plural(len(found), 'new service')} for “{name}”",
        body=(
            f"Dear {to_name}\n\n"
            f"Since we last looked, {plural(len(found), 'more service fits', 'more services fit')} your "
            f"saved search “{name}”:\n\n" + "\n".join(lines) + "\n\n"
            f"All that fits today:\n{portal_url}/search?{address}\n\n"
            "Being listed is not a recommendation: your school must make its own checks.\n"
            f"To get no more of these letters, remove the search:\n{portal_url}/searches\n"
        ),
        subject_type="saved_search",
        subject_id=search_id,
        organisation_id=organisation_id,
        by=by,
    )
    return written is not None

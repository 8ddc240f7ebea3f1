"""The letter that says that something new fits a saved search.

It goes by e-mail, so it says neither what was looked for, which can hold a child's postcode and whatever was
typed, nor what fits, which tells of the need: that is read at the saved searches, after signing in.
"""

from portal import clock
from portal.audit.services import Doer
from portal.mail.services import write_letter
from portal.web.filters import plural


def tell_of_new(
    *,
    search_id: int,
    name: str,
    number: int,
    person_id: int,
    to_name: str,
    to_address: str,
    organisation_id: int,
    portal_url: str,
    by: Doer,
) -> bool:
    """Say that a `number` of services fit that did not before, and where to read which.

    False where this search has brought a letter today: nothing is written then.
    """
    written = write_letter(
        key=f"saved_search:{search_id}:{clock.today().isoformat()}:{person_id}",
        to_name=to_name,
        to_address=to_address,
        title=f"{plural(number, 'new service')} for “{name}”",
        body=(
            f"Dear {to_name}\n\n"
            f"Since we last looked, {plural(number, 'more service fits', 'more services fit')} your "
            f"saved search “{name}”. Sign in to read which:\n{portal_url}/searches\n\n"
            "Being listed is not a recommendation: your school must make its own checks.\n"
            "To get no more of these letters, remove the search on that page.\n"
        ),
        subject_type="saved_search",
        subject_id=search_id,
        organisation_id=organisation_id,
        by=by,
    )
    return written is not None

"""Taking a person's data out of a closed account."""

from uuid import uuid4

from sqlalchemy import delete

from portal import clock
from portal.accounts.models import Membership, Person
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.errors import NotFound


def erase_person(person_id: int, *, by: Doer) -> None:
    """Leave of an account only that it was: no name, no address, no way to sign in. Raises `NotFound`."""
    with transaction() as session:
        person = session.get(Person, person_id, with_for_update=True)
        if person is None:
            raise NotFound()
        session.execute(delete(Membership).where(Membership.person_id == person_id))
        person.name, person.email = "A former user", f"erased-{person_id}@erased.invalid"
        person.password, person.active, person.fs_uniquifier = "", False, uuid4().hex
        person.erased_at = clock.now()
        record("person.erase", "person", person_id, by=by)

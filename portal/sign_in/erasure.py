"""Taking away how somebody signs in: when they lost their second step, or when their data goes."""

from sqlalchemy import delete

from portal.accounts import erasure
from portal.accounts.access import Actor
from portal.accounts.credentials import end_sessions
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.sign_in.models import Authenticator, IssuerLink, KeptForm, MailedToken, Passkey, RecoveryCode

SECOND_FACTORS = (Authenticator, Passkey, RecoveryCode)


def remove_second_factors(*, person_id: int, by: Actor) -> None:
    """For somebody who has lost phone and codes, by whoever has checked that it is them.

    They are signed out everywhere; council staff set up another second step when they sign in next.
    """
    with transaction() as session:
        for table in SECOND_FACTORS:
            session.execute(delete(table).where(table.person_id == person_id))
        end_sessions(person_id=person_id, by=by)
        record("second_factor.remove", "person", person_id, by=by, kind="all")


def erase_person(person_id: int, *, by: Doer) -> None:
    """As `portal.accounts.erasure`, with everything that signing in has kept. Raises `NotFound`."""
    with transaction() as session:
        for table in (*SECOND_FACTORS, IssuerLink, MailedToken, KeptForm):
            session.execute(delete(table).where(table.person_id == person_id))
        erasure.erase_person(person_id, by=by)

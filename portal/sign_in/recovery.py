"""Recovery codes: ten words for the day on which the phone is lost, each good once."""

import secrets
from hashlib import sha256

from sqlalchemy import delete, insert

from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.sign_in.models import RecoveryCode

HOW_MANY = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_GROUPS, _LENGTH = 3, 5


def new_recovery_codes(*, person_id: int, by: Actor) -> list[str]:
    """Ten fresh codes; those before are good no longer. They are shown this once: only hashes are kept."""
    codes = [_code() for _ in range(HOW_MANY)]
    with transaction() as session:
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
        session.execute(
            insert(RecoveryCode), [{"person_id": person_id, "code_hash": _hash(code)} for code in codes]
        )
        record("second_factor.new_recovery_codes", "person", person_id, by=by)
    return codes


def use_recovery_code(*, person_id: int, code: str, by: Actor) -> bool:
    """Whether this is one of the person's codes; it is used up by that."""
    with transaction() as session:
        used = session.execute(
            delete(RecoveryCode).where(
                RecoveryCode.person_id == person_id, RecoveryCode.code_hash == _hash(code)
            )
        )
        if used.rowcount:  # type: ignore[attr-defined]
            record("second_factor.use_recovery_code", "person", person_id, by=by)
    return bool(used.rowcount)  # type: ignore[attr-defined]


def remove_recovery_codes(person_id: int) -> None:
    """Forget them all: there is no second factor left that they could stand in for."""
    with transaction() as session:
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def _code() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _hash(code: str) -> str:
    """74 random bits need no slow hash."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return sha256(plain.encode()).hexdigest()

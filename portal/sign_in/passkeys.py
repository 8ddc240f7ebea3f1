"""Passkeys (WebAuthn): added, used as the second step, or as both steps where they verify their holder."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.credentials import spend
from portal.accounts.models import Person
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.sign_in.models import Passkey
from portal.sign_in.queries import passkeys_of

MOST = 10
_CHALLENGE_FOR = timedelta(minutes=10)


class PasskeyRefused(Refusal):
    """Not a passkey of ours, or not from this portal, or not for this request."""

    sentence = "That passkey did not work. Try again, or sign in another way."


@dataclass(frozen=True)
class Place:
    """Where passkeys belong: the portal's own address, as the browser states it."""

    origin: str
    service: str

    @property
    def host(self) -> str:
        """The name that passkeys are bound to."""
        return urlsplit(self.origin).hostname or ""


def options_to_add(person: Person, place: Place) -> tuple[str, str]:
    """What a browser needs to make a passkey (JSON), and the challenge in it."""
    options = generate_registration_options(
        rp_id=place.host,
        rp_name=place.service,
        user_id=f"portal-{person.id}".encode(),
        user_name=person.email,
        user_display_name=person.name,
        exclude_credentials=[_descriptor(row) for row in passkeys_of(person.id)],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return options_to_json(options), _text(options.challenge)


def options_to_use(person_id: int | None, place: Place) -> tuple[str, str]:
    """What a browser needs to use a passkey (JSON), and the challenge in it.

    Without a person any passkey of this portal will do that verifies its holder: it is both steps at once.
    """
    verification = (
        UserVerificationRequirement.PREFERRED if person_id else UserVerificationRequirement.REQUIRED
    )
    options = generate_authentication_options(
        rp_id=place.host,
        allow_credentials=[_descriptor(row) for row in passkeys_of(person_id)] if person_id else None,
        user_verification=verification,
    )
    return options_to_json(options), _text(options.challenge)


def add_passkey(
    *, person_id: int, name: str, credential: dict[str, Any], challenge: str, place: Place, by: Actor
) -> None:
    """Keep a new passkey. Raises `PasskeyRefused`."""
    _spend(challenge)
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.host,
            expected_origin=place.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused() from error
    transports = credential.get("response", {}).get("transports") or []
    with transaction() as session:
        count = session.scalar(select(func.count()).where(Passkey.person_id == person_id)) or 0
        known = session.scalar(select(Passkey.id).where(Passkey.credential_id == verified.credential_id))
        if known or count >= MOST:
            raise PasskeyRefused("That passkey is here already, or there are too many. Remove one first.")
        session.add(
            Passkey(
                person_id=person_id,
                name=name or f"Passkey {count + 1}",
                credential_id=verified.credential_id,
                public_key=verified.credential_public_key,
                sign_count=verified.sign_count,
                transports=[each for each in transports if each in _TRANSPORTS],
                verifies=verified.user_verified,
                added_at=clock.now(),
            )
        )
        record("second_factor.add", "person", person_id, by=by, kind="passkey")


def use_passkey(
    *, credential: dict[str, Any], challenge: str, place: Place, person_id: int | None = None
) -> int:
    """Whose passkey signed the challenge (the person's id). Raises `PasskeyRefused`.

    With `person_id` it must be theirs; without, it must have verified its holder.
    """
    _spend(challenge)
    with transaction() as session:
        kept = session.execute(
            select(Passkey).where(Passkey.credential_id == _id_of(credential)).with_for_update()
        ).scalar_one_or_none()
        if kept is None or (person_id is not None and kept.person_id != person_id):
            raise PasskeyRefused()
        try:
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=place.host,
                expected_origin=place.origin,
                credential_public_key=kept.public_key,
                credential_current_sign_count=kept.sign_count,
                require_user_verification=person_id is None,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefused() from error
        kept.sign_count = verified.new_sign_count
        kept.last_used_at = clock.now()
        return kept.person_id


def remove_passkey(*, passkey_id: int, person_id: int, by: Actor) -> None:
    """Forget a passkey. Raises `NotFound` when it is not theirs."""
    with transaction() as session:
        removed = session.execute(
            delete(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person_id)
        )
        if not removed.rowcount:  # type: ignore[attr-defined]
            raise NotFound()
        record("second_factor.remove", "person", person_id, by=by, kind="passkey")


def _spend(challenge: str) -> None:
    if not challenge or not spend(f"challenge:{challenge}", clock.now() + _CHALLENGE_FOR):
        raise PasskeyRefused()


def _id_of(credential: dict[str, Any]) -> bytes:
    try:
        return base64url_to_bytes(credential["rawId"])
    except (KeyError, TypeError, ValueError) as error:
        raise PasskeyRefused() from error


def _descriptor(row: Any) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=row["credential_id"], transports=[AuthenticatorTransport(each) for each in row["transports"]]
    )


def _text(challenge: bytes) -> str:
    return bytes_to_base64url(challenge)


_TRANSPORTS = {each.value for each in AuthenticatorTransport}

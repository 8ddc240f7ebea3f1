"""Sealing what says who a child is, so that nobody reads it from the database or a copy of it.

Fernet (AES-128-CBC with HMAC-SHA-256), by `CHILD_DATA_KEY`: of several keys the first seals and each opens.
The digest by which a child is known again is keyed as well, by a key derived from the last of them, which
therefore has to stay: a plain hash of a UPN would be guessed by trying all of them.
"""

import hmac
import logging
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.errors import Refusal

log = logging.getLogger(__name__)
_fernet = MultiFernet([Fernet(Fernet.generate_key())])
_digest_key = Fernet.generate_key()


class WrongKey(Refusal):
    """What is kept was sealed with another key than this installation has."""

    sentence = (
        "The portal cannot open what it keeps about this child: its key (CHILD_DATA_KEY) is not the one with "
        "which it was sealed. Nothing is lost. Tell whoever runs the portal."
    )


def configure_sealing(keys: Sequence[str]) -> None:
    """Set the keys (URL-safe base64 of 32 bytes each), the one that seals first."""
    global _fernet, _digest_key
    _fernet = MultiFernet([Fernet(key) for key in keys])
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal: digest of a pupil's number")
    _digest_key = derived.derive(keys[-1].encode())


def seal(text: str) -> bytes:
    """`text` sealed: twice the same text gives two different seals."""
    return _fernet.encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """What was sealed. Raises `WrongKey`."""
    try:
        return _fernet.decrypt(bytes(sealed)).decode()
    except InvalidToken:
        log.error("CHILD_DATA_KEY does not open what was sealed before: was the key replaced?")
        raise WrongKey() from None


def digest(text: str) -> bytes:
    """By what the same text is known again, without being read. 32 bytes."""
    return hmac.new(_digest_key, text.encode(), sha256).digest()

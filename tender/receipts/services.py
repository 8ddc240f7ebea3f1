"""Checking a receipt, with guessing slowed down."""

from datetime import timedelta

from portal.errors import Refusal
from portal.sign_in.throttle import Limit, attempt_or_refuse, take_back
from tender.receipts.queries import Standing, standing_of

GUESSES = Limit("receipts", 20, timedelta(seconds=30), timedelta(minutes=15))


class NoSuchReceipt(Refusal):
    """No receipt has this number and this SHA-256 together."""

    sentence = "We have no receipt with this number and this SHA-256. Compare both with your copy."


def check_receipt(*, number: str, sha256: str, further: str, network: str) -> Standing:
    """What anyone may learn who knows a receipt's number and SHA-256, however they are spaced.

    `network` is whence it is asked: many wrong questions from one make the next wait. Raises `NoSuchReceipt`,
    the same whether the number or the SHA-256 is wrong, and `TooMany`.
    """
    attempt_or_refuse(GUESSES, network)
    found = standing_of(*("".join(each.split()) for each in (number.upper(), sha256.lower())), further)
    if found is None:
        raise NoSuchReceipt(field="number")
    take_back(GUESSES, network)
    return found

"""Slowing down whoever guesses, so that nobody else is kept out.

Guesses at a password are counted by the pair of account and network; a browser that has signed this person
in before is counted by itself; and a right password that a second step follows is let through in any case. So
what a stranger does from elsewhere never keeps the owner out, on the day of the deadline least of all. Each
attempt is counted before it is looked at, by one statement: many at once are not more than one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from sqlalchemy import text

from portal import clock
from portal.database import db, transaction
from portal.errors import Refusal


@dataclass(frozen=True)
class Limit:
    """So many attempts are `free`; then each waits, twice as long every time; later all is forgotten."""

    name: str
    free: int
    first_wait: timedelta
    longest_wait: timedelta
    forgotten_after: timedelta = timedelta(hours=2)


PASSWORD = Limit("password", 5, timedelta(seconds=30), timedelta(minutes=15))
NETWORK = Limit("network", 60, timedelta(seconds=5), timedelta(minutes=5))
SECOND_STEP = Limit("second step", 6, timedelta(seconds=30), timedelta(minutes=15))
LETTERS = Limit("letters", 3, timedelta(minutes=2), timedelta(hours=1))
LETTERS_OF_NETWORK = Limit("letters of network", 20, timedelta(minutes=1), timedelta(minutes=30))
REGISTRATIONS = Limit("registrations", 10, timedelta(minutes=1), timedelta(minutes=30))
CODES = Limit("codes", 20, timedelta(seconds=30), timedelta(minutes=15))


class TooMany(Refusal):
    """Tried too often; the sentence says when it may be tried again."""

    def __init__(self, free_at: datetime) -> None:
        upwards = clock.london(free_at + timedelta(seconds=59))
        super().__init__(f"Too many attempts. Try again at {upwards:%H:%M}, UK time.")


_COUNT = text(
    """
    INSERT INTO attempt_count AS known (key, count, last_at, free_at)
    VALUES (:key, 1, :now, CASE WHEN :free <= 1 THEN :now + :first ELSE :now END)
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN known.last_at < :forgotten THEN 1 ELSE known.count + 1 END,
      last_at = :now,
      free_at = CASE
        WHEN known.last_at < :forgotten OR known.count + 1 < :free THEN :now
        ELSE :now + least(:first * power(2, least(known.count + 1 - :free, 20)), :longest) END
    WHERE known.free_at <= :now OR known.count < :free OR known.last_at < :forgotten
    RETURNING count
    """
)
_FREE_AT = text("SELECT free_at FROM attempt_count WHERE key = :key")
_FORGIVE = text("UPDATE attempt_count SET count = 0, free_at = last_at WHERE key = :key")
_TAKE_BACK = text("UPDATE attempt_count SET count = greatest(count - 1, 0) WHERE key = :key")
_FORGET = text("DELETE FROM attempt_count WHERE last_at < :long_ago")
_KEPT_FOR = timedelta(days=1)


def attempt(limit: Limit, *who: object) -> datetime | None:
    """Count one more attempt of `who`. None: go ahead; else the moment from which on they may try again."""
    now, key = clock.now(), _key(limit, who)
    with transaction() as session:
        counted = session.execute(
            _COUNT,
            {
                "key": key,
                "now": now,
                "free": limit.free,
                "first": limit.first_wait,
                "longest": limit.longest_wait,
                "forgotten": now - limit.forgotten_after,
            },
        ).scalar_one_or_none()
        if counted == 1:
            session.execute(_FORGET, {"long_ago": now - _KEPT_FOR})
    return None if counted else db.session.execute(_FREE_AT, {"key": key}).scalar_one()


def attempt_or_refuse(limit: Limit, *who: object) -> None:
    """Count one more attempt of `who`. Raises `TooMany`."""
    if free_at := attempt(limit, *who):
        raise TooMany(free_at)


def forgive(limit: Limit, *who: object) -> None:
    """Forget the attempts of `who`: the last one was right."""
    with transaction() as session:
        session.execute(_FORGIVE, {"key": _key(limit, who)})


def take_back(limit: Limit, *who: object) -> None:
    """The last attempt of `who` was right: it does not count among the wrong ones."""
    with transaction() as session:
        session.execute(_TAKE_BACK, {"key": _key(limit, who)})


def network_of(address: str | None) -> str:
    """The network an address counts for: an IPv6 user has 2^64 addresses (RFC 4291), an IPv4 user one."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def _key(limit: Limit, who: tuple[object, ...]) -> str:
    return sha256("\0".join([limit.name, *(str(part).strip().lower() for part in who)]).encode()).hexdigest()

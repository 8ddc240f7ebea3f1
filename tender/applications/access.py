"""Who may read an application, and when. One function answers it for pages, documents and lists.

Before the tender box is opened nobody at the council reads a word of any application, and never a draft.
"""

from collections.abc import Callable, Collection

from sqlalchemy import Select

from portal.accounts.access import Actor

# Not `tender:mark`: an evaluator reads what is assigned to them, after declaring that they have no conflict
# of interest, and does so in the marking room.
READS_TENDERS = ("evaluation:read", "conformity:decide", "tender:moderate")
DECLARES_FIRST = ("conformity:decide", "tender:moderate", "outcome:recommend", "outcome:approve")
"""Permissions that have a part in decisions of a round, so that a declaration comes before a tender opens."""
OPENED = ("opened", "marking", "decided", "released", "terminated")
"""The states of a round whose tender box was opened."""


def is_opened(round_state: str) -> bool:
    """Whether the round's tender box has been opened."""
    return round_state in OPENED


def is_own(viewer: Actor, provider_id: int) -> bool:
    """Whether the viewer is one of the provider's people who work on its applications."""
    return (
        viewer.organisation_kind == "provider"
        and viewer.organisation_id == provider_id
        and viewer.may("application:edit", "application:submit")
    )


def may_read(viewer: Actor, *, provider_id: int, council_id: int, state: str, round_state: str) -> bool:
    """Whether `viewer` may read this application now.

    Its provider's own people always may. The council whose framework it is may once it is submitted and the
    box is opened, by a permission that reads tenders.
    """
    if is_own(viewer, provider_id):
        return True
    return (
        viewer.organisation_kind == "council"
        and viewer.organisation_id == council_id
        and viewer.may(*READS_TENDERS)
        and state == "submitted"
        and is_opened(round_state)
    )


Barring = Callable[[Actor], Select[tuple[int]]]
_barring: list[Barring] = []
_declaring: list[Barring] = []


def bar_readers_with(barring: Barring, undeclared: Barring) -> None:
    """Let the evaluation, which is above this noun, name the applications that a person must not read, and
    those on whose provider they have to declare first.

    Called once, when the application is put together; `barring` gives a select of ids, and `undeclared` one
    over `Application` of the ids of the rounds.
    """
    _barring[:] = [barring]
    _declaring[:] = [undeclared]


Withholding = Callable[[Actor, int, int], Collection[str]]
_withholding: list[Withholding] = []


def withhold_with(withholding: Withholding) -> None:
    """Let the evaluation name the questions (codes) whose answers this person of the council does not read
    with a whole tender yet, by the ids of its round and its application. Called once, when the application is
    put together."""
    _withholding[:] = [withholding]


def withheld(viewer: Actor, round_id: int, application_id: int) -> frozenset[str]:
    """The codes of those questions."""
    return frozenset(code for each in _withholding for code in each(viewer, round_id, application_id))


def barred(viewer: Actor) -> list[Select[tuple[int]]]:
    """Selects of the ids of applications that somebody of the council must not read, a declared conflict of
    interest being why; whatever their other roles."""
    return [barring(viewer) for barring in _barring] if viewer.organisation_kind == "council" else []


def undeclared(viewer: Actor) -> list[Select[tuple[int]]]:
    """Selects over `Application` of the rounds of applications that the viewer opens, at work on the round's
    decisions, only once they have declared whether they have a conflict of interest. None for anybody else:
    auditors decide nothing, and evaluators declare in the marking room."""
    return [each(viewer) for each in _declaring] if viewer.may(*DECLARES_FIRST) else []

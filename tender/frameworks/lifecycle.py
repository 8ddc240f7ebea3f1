"""The states of a round, and the phase that follows from its dates."""

from datetime import datetime

from portal.lifecycle import Lifecycle, move_of

# published: the clock decides whether it is open. opened: the tender box was opened after the close.
# marking: conformity is done and the panel marks, or, where conditions alone decide, outcomes are recommended
# at once. decided: every lot of every application has its approved decision; one that is reopened before the
# letters go takes the round back to marking. released: the letters are out and the admissions stand.
# withdrawn: the council ended it before the box was opened, and it never is. terminated: the council ended it
# after the opening; what was read and judged until then stays to be read, and nothing more is judged.
ROUND = Lifecycle(
    "round",
    states=("draft", "published", "opened", "marking", "decided", "released", "withdrawn", "terminated"),
    moves=(
        move_of("publish", "draft", "published", stamp="published"),
        move_of(
            "open_box",
            "published",
            "opened",
            stamp="opened",
            refusal="This round has been opened already, or was never published.",
        ),
        move_of(
            "withdraw",
            "published",
            "withdrawn",
            stamp="withdrawn",
            refusal="This round cannot be withdrawn: it was never published, or its tender box is open.",
        ),
        move_of(
            "end",
            ("opened", "marking", "decided"),
            "terminated",
            stamp="withdrawn",
            refusal="This round cannot be ended any more: it has ended already, or its letters are out.",
        ),
        move_of("start_marking", "opened", "marking", stamp="marking_started"),
        move_of("decide", "marking", "decided", stamp="decided"),
        move_of("reopen", "decided", "marking"),
        move_of("release", "decided", "released", stamp="released"),
    ),
)

ABANDONED = ("withdrawn", "terminated")
"""The states of a round that the council ended without an outcome: nobody is admitted by it."""


def ending_from(state: str) -> str:
    """The name of the move by which the council would end a round in this `state` without an outcome. Whether
    it still can, the move says."""
    return "withdraw" if state in ("draft", "published") else "end"


def phase(state: str, opens_at: datetime | None, closes_at: datetime | None, at: datetime) -> str:
    """Where a round stands at the moment `at`.

    One of draft, upcoming, open, closed (box still shut), opened, marking, decided, released, withdrawn,
    terminated. A moment equal to the closing time is closed: an application must arrive before it.
    """
    if state != "published" or opens_at is None or closes_at is None:
        return state
    if at < opens_at:
        return "upcoming"
    return "open" if at < closes_at else "closed"

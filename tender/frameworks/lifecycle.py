"""The states of a round, and the phase that follows from its dates."""

from datetime import datetime

from portal.lifecycle import Lifecycle, move_of

# published: the clock decides whether it is open. opened: the tender box was opened after the close.
# marking: conformity is done and the panel marks, or, where conditions alone decide, outcomes are recommended
# at once. decided: every lot of every application has its approved decision; one that is reopened before the
# letters go takes the round back to marking. released: the letters are out and the admissions stand.
# withdrawn: the procurement was terminated before the box was opened, and it never is.
ROUND = Lifecycle(
    "round",
    states=("draft", "published", "opened", "marking", "decided", "released", "withdrawn"),
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
        move_of("start_marking", "opened", "marking", stamp="marking_started"),
        move_of("decide", "marking", "decided", stamp="decided"),
        move_of("reopen", "decided", "marking"),
        move_of("release", "decided", "released", stamp="released"),
    ),
)


def phase(state: str, opens_at: datetime | None, closes_at: datetime | None, at: datetime) -> str:
    """Where a round stands at the moment `at`.

    One of draft, upcoming, open, closed (box still shut), opened, marking, decided, released, withdrawn. A
    moment equal to the closing time is closed: an application must arrive before it.
    """
    if state != "published" or opens_at is None or closes_at is None:
        return state
    if at < opens_at:
        return "upcoming"
    return "open" if at < closes_at else "closed"

"""The steps about the child on the page of a choice."""

from collections.abc import Sequence

from portal.accounts.access import Actor
from portal.call_offs.steps import Step
from portal.children.queries import Choice, choice_for
from portal.errors import NotFound


def steps_about_child(viewer: Actor, call_off_id: int) -> Sequence[Step]:
    """What this viewer does or reads about the child; nothing for who may not. One statement."""
    try:
        choice = choice_for(viewer, call_off_id)
    except NotFound:
        return ()
    log = _log(choice) if viewer.may("child:log") else ()
    return (*_about(viewer, choice), *log)


def _about(viewer: Actor, choice: Choice) -> Sequence[Step]:
    values = {"call_off_id": choice.id}
    if choice.known:
        return (Step("Who the child is", "done", "Read it, with the files", "children.show", values),)
    if choice.state != "chosen" or choice.erased_at is not None:
        return ()
    if viewer.may("referral:send"):
        return (Step("Who the child is", "to_do", "Say who the child is", "children.identify", values),)
    return (Step("Who the child is", "waiting", "See whether it is known", "children.show", values),)


def _log(choice: Choice) -> Sequence[Step]:
    return (
        Step(
            "Who has read of the child",
            "open",
            "Open the access log",
            "children.log",
            {"call_off_id": choice.id},
        ),
    )

"""The step about the child on the page of a choice."""

from collections.abc import Sequence

from portal.accounts.access import Actor
from portal.call_offs.steps import Step
from portal.children.queries import choice_for
from portal.errors import NotFound

TITLE = "Who the child is"


def steps_about_child(viewer: Actor, call_off_id: int) -> Sequence[Step]:
    """What this viewer says or reads about the child; nothing for who may not. One statement."""
    try:
        choice = choice_for(viewer, call_off_id)
    except NotFound:
        return ()
    values = {"call_off_id": choice.id}
    if choice.known:
        return (Step(TITLE, "done", "Read it, with the files", "children.show", values),)
    if choice.state != "chosen" or choice.erased_at is not None:
        return ()
    if viewer.may("referral:send"):
        return (Step(TITLE, "to_do", "Say who the child is", "children.identify", values),)
    return (Step(TITLE, "waiting", "See who will read it", "children.show", values),)

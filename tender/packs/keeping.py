"""Keeping what the form of a question says, in a draft or an amendment, or saying on it why not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.errors import Refusal
from tender.frameworks.pack import AskedQuestion
from tender.packs.refusals import ChangedMeanwhile, Faulty


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a form: the question's `code` once it is kept, else the `status` of the page again."""

    code: str | None = None
    status: int = 200

    @property
    def clash(self) -> bool:
        """Whether somebody else saved the question after the page was drawn."""
        return self.status == 409


def keep_question(form: Any, standing: AskedQuestion, save: Callable[..., str | None]) -> Kept:
    """Call `save(asked=...)` with what was sent for the question that is `standing`, where anything was.

    `save` returns the question's code where it may be another. What it refuses stands at its fields.
    """
    if not form.validate_on_submit():
        return Kept(status=form.http_status)
    try:
        return Kept(save(asked=form.asked(standing)) or standing.code)
    except ChangedMeanwhile as conflict:
        form.refuse(conflict)
        form.seen.data = standing.fingerprint
        return Kept(status=409)
    except Faulty as refusal:
        for fault in refusal.faults:
            form.refuse(fault.sentence, fault.field)
    except Refusal as refusal:
        form.refuse(refusal)
    return Kept(status=422)

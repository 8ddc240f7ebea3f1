"""Letters about mini-competitions. They go by e-mail, so they say nothing of the child."""

from datetime import datetime

from portal.mail.words import Words
from portal.web.filters import uk_datetime


def joined(*, reference: str, school: str, closes_at: datetime, address: str) -> Words:
    """To a provider that was asked before: its referral is answered in a competition now."""
    return Words(
        f"Referral {reference} is a mini-competition now",
        f"{school} has asked several providers to compete for the child of referral {reference}. You can"
        f" answer until {uk_datetime(closes_at)}; nobody reads your answer before then, or before everybody"
        f" has answered.\n\nHow offers are judged, and where to answer:\n{address}\n",
    )


_CAME = {
    True: "Your offer came first.",
    False: "Another offer came first.",
    None: "No answer reached the minimum, so no offer came first. Your offer stands: the school may still "
    "choose it in another way, and you can take it back until then.",
}


def judged(*, reference: str, school: str, first: bool | None, address: str) -> Words:
    """To a provider that answered: the competition is decided, and here is how its answer was judged.

    `first` is None where every answer was below a minimum.
    """
    return Words(
        f"How your answer to referral {reference} was judged",
        f"The mini-competition of {school} for referral {reference} is decided. {_CAME[first]}"
        f"\n\nYour points, each with its reason, your total and your place stand here:\n{address}\n",
    )


def abandoned(*, reference: str, school: str, reason: str, answered: bool, address: str) -> Words:
    """To a provider that was invited: the competition has ended without a winner."""
    then = (
        f"Your offer stands, and {school} may still choose it."
        if answered
        else "The referral is open: you can answer it as any other. What you had sent was not read."
    )
    return Words(
        f"The mini-competition for referral {reference} has ended",
        f"{school} has ended it without choosing anybody.\n\nReason: {reason}\n\n{then}\n{address}\n",
    )

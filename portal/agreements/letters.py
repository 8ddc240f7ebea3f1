"""The letters about placement agreements. They name the reference alone.

What is agreed, and for which child, stands behind the sign-in.
"""

from datetime import date

from portal.mail.words import Words, letter
from portal.web.filters import uk_date


def offered(*, reference: str, school: str, starts_on: date, variation: bool, address: str) -> Words:
    """To the provider: there is something to read and sign."""
    what = "a variation of placement agreement" if variation else "placement agreement"
    return letter(
        f"Please sign {what} {reference}",
        f"{school} has sent you {what} {reference} to read and sign."
        + ("" if variation else f" The child is to start on {uk_date(starts_on, weekday=True)}."),
        f"Sign it, or send it back with a note, here:\n{address}",
        "What was agreed before counts until both have signed."
        if variation
        else "The placement is agreed once both have signed. No child should start before.",
    )


def signed_by_one(*, reference: str, signer: str, address: str) -> Words:
    """To the other party: its signature is what is missing."""
    return letter(
        f"{signer} has signed placement agreement {reference}",
        f"{signer} has signed placement agreement {reference}. Your signature is missing.",
        f"Read and sign it here:\n{address}",
    )


def agreed(*, reference: str, other: str, starts_on: date, variation: bool, address: str) -> Words:
    """To each party: both have signed."""
    if variation:
        return letter(
            f"Placement agreement {reference} is varied",
            f"You and {other} have both signed. What you agreed counts from"
            f" {uk_date(starts_on, weekday=True)}.",
            f"Read it, with the version before it, here:\n{address}",
        )
    return letter(
        f"Placement agreement {reference} is in force",
        f"You and {other} have both signed. The first day is {uk_date(starts_on, weekday=True)}."
        " The council has been told.",
        f"Read it, and its plain English copy for parents, here:\n{address}",
    )


def placed(
    *, reference: str, school: str, provider: str, lot: str, starts_on: date, variation: bool, address: str
) -> Words:
    """To the council: the notice of a placement, or of its variation."""
    happened = "have varied a placement" if variation else "have agreed a placement"
    return letter(
        f"{'Varied placement' if variation else 'Placement'} {reference}: {provider}",
        f"{school} and {provider} {happened} ({lot}), from {uk_date(starts_on, weekday=True)}.",
        f"Read what was agreed here:\n{address}",
    )


def sent_back(*, reference: str, provider: str, address: str) -> Words:
    """To the school: the provider asks for a change. Its note may speak of the child, so it stands on the
    page."""
    return letter(
        f"{provider} asks for a change to placement agreement {reference}",
        f"{provider} has not signed placement agreement {reference} and has sent you a note.",
        f"Read it, change the agreement and send it again here:\n{address}",
    )


def taken_back(*, reference: str, school: str, address: str) -> Words:
    """To the provider: what it was to sign is being changed."""
    return letter(
        f"{school} is changing placement agreement {reference}",
        f"{school} has taken back the version of placement agreement {reference} that you were asked to sign."
        " Signatures under it count for nothing. You get a letter when there is a new one to sign.",
        f"What you may read of it is here:\n{address}",
    )


def cancelled(*, reference: str, school: str) -> Words:
    """To the provider: there is no agreement to sign."""
    return letter(
        f"Placement agreement {reference} was cancelled",
        f"{school} has cancelled placement agreement {reference} before both had signed. You need do"
        " nothing, and"
        " the agreement is no longer shown to you.",
    )


def ended(*, reference: str, by_whom: str, last_day: date, address: str) -> Words:
    """To the other party and the council: the placement ends early. The reason stands on the page."""
    return letter(
        f"Placement {reference} ends early",
        f"{by_whom} has ended placement agreement {reference}. The last day is"
        f" {uk_date(last_day, weekday=True)}.",
        f"Read why here:\n{address}",
    )

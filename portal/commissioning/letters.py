"""The letters about referrals. They go by e-mail, so the year group is all that they say of the child."""

from datetime import date, datetime

from portal.mail.words import Words, letter
from portal.web.filters import uk_date, uk_datetime


def referral_sent(
    *,
    reference: str,
    school: str,
    service: str,
    year_group: int,
    urgent: bool,
    answer_by: datetime,
    competing: bool,
    address: str,
) -> Words:
    """To the provider: somebody asks, and until when it is waited for an answer."""
    return letter(
        f"{'Emergency: new' if urgent else 'New'} referral {reference}: year {year_group}",
        f"{school} asks whether {service} can take a child in year {year_group}.",
        f"Please answer by {uk_datetime(answer_by)}" + (": the child has nowhere to go." if urgent else "."),
        "It is a mini-competition: several providers are asked, and nobody reads your answer before then or "
        "before everybody has answered. How offers are judged stands on the page."
        if competing
        else "",
        f"Read what the child needs and answer here:\n{address}",
        f"You need to sign in. {school} is waiting for your answer, also if it is no.",
    )


def answer_awaited(
    *,
    reference: str,
    school: str,
    service: str,
    year_group: int,
    answer_by: datetime,
    over: bool,
    address: str,
) -> Words:
    """To the provider: nobody has answered yet."""
    return letter(
        f"Referral {reference} {'was to be answered' if over else 'waits for your answer'}: year "
        f"{year_group}",
        f"{school} asks whether {service} can take a child in year {year_group}, and nobody has answered."
        f" {'The answer was due' if over else 'Please answer'} by {uk_datetime(answer_by)}."
        + (f" You can still answer, but {school} may ask others now." if over else ""),
        f"Answer here, also if it is no:\n{address}",
    )


def not_answered(
    *, reference: str, service: str, year_group: int, answer_by: datetime, address: str
) -> Words:
    """To the school: the window is over."""
    return letter(
        f"No answer to referral {reference}",
        f"{service} has not answered your referral of a child in year {year_group} by "
        f"{uk_datetime(answer_by)}."
        " It has been told so, and can still answer.",
        f"You can wait, or withdraw the referral and ask others:\n{address}",
    )


def referral_accepted(
    *, reference: str, provider: str, year_group: int, start_on: date, address: str
) -> Words:
    """To the school: yes."""
    return letter(
        f"Referral {reference} was accepted",
        f"{provider} can take the child in year {year_group}, from {uk_date(start_on, weekday=True)}.",
        f"Read the offer, and compare it with the other answers, here:\n{address}",
        "The provider learns who the child is when you have chosen it. Before the child starts, visit the"
        " site and get written confirmation of the safeguarding checks.",
    )


def referral_declined(*, reference: str, provider: str, year_group: int, address: str) -> Words:
    """To the school: no. The reason stands on the page, since it may speak of the child."""
    return letter(
        f"Referral {reference} was declined",
        f"{provider} cannot take the child in year {year_group}.",
        f"Read the reason, and search for others, here:\n{address}",
    )


def offer_taken_back(*, reference: str, provider: str, year_group: int, address: str) -> Words:
    """To the school: no after all. The reason stands on the page."""
    return letter(
        f"The offer for referral {reference} was taken back",
        f"{provider} cannot take the child in year {year_group} after all. It can no longer be chosen.",
        f"Read the reason, and see who else answered, here:\n{address}",
    )


def referral_withdrawn(*, reference: str, school: str, year_group: int, address: str) -> Words:
    """To the provider: no answer is needed any more."""
    return letter(
        f"Referral {reference} was withdrawn",
        f"{school} has withdrawn its referral of a child in year {year_group}. You need not answer it.",
        f"It is kept here:\n{address}",
    )


def not_chosen(*, reference: str, school: str, answered: bool, address: str) -> Words:
    """To a provider: the child goes elsewhere. Whom the school chose stands in no letter."""
    return letter(
        f"Referral {reference}: you were not chosen",
        f"Thank you. {school} will not place the child of referral {reference} with you."
        + (
            " The place that you offered is yours to give again."
            if answered
            else " You need not answer it any more."
        ),
        f"What {school} wrote of the child is no longer shown to you. Please delete what you noted or"
        " printed of it.",
        f"It is kept here, with its dates:\n{address}",
    )

"""The letters about referrals. They go by e-mail, so the year group is all that they say of the child."""

from dataclasses import dataclass
from datetime import date

from portal.web.filters import uk_date


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's title and body."""

    title: str
    body: str


def _letter(title: str, *paragraphs: str) -> Words:
    return Words(title, "\n\n".join(paragraphs) + "\n")


def referral_sent(*, reference: str, school: str, service: str, year_group: int, address: str) -> Words:
    """To the provider: somebody asks."""
    return _letter(
        f"New referral {reference}: year {year_group}",
        f"{school} asks whether {service} can take a child in year {year_group}.",
        f"Read what the child needs and answer here:\n{address}",
        "You need to sign in. The school is waiting for your answer, also if it is no.",
    )


def referral_accepted(
    *, reference: str, provider: str, year_group: int, start_on: date, address: str
) -> Words:
    """To the school: yes."""
    return _letter(
        f"Referral {reference} was accepted",
        f"{provider} can take the child in year {year_group}, from {uk_date(start_on, weekday=True)}.",
        f"Read the answer here:\n{address}",
        "Before the child starts, agree the placement with the provider and the family, visit the site, and"
        " get written confirmation of the safeguarding checks. Tell the council of the placement.",
    )


def referral_declined(*, reference: str, provider: str, year_group: int, address: str) -> Words:
    """To the school: no. The reason stands on the page, since it may speak of the child."""
    return _letter(
        f"Referral {reference} was declined",
        f"{provider} cannot take the child in year {year_group}.",
        f"Read the reason, and search for others, here:\n{address}",
    )


def referral_withdrawn(*, reference: str, school: str, year_group: int, address: str) -> Words:
    """To the provider: no answer is needed any more."""
    return _letter(
        f"Referral {reference} was withdrawn",
        f"{school} has withdrawn its referral of a child in year {year_group}. You need not answer it.",
        f"It is kept here:\n{address}",
    )

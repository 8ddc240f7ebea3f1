"""The plain English copy for parents: what, where, when, whom to call, how to complain.

No name of the child stands in it, so that a page left lying about says nothing of anybody: the school writes
the name on it by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.agreements.queries import AgreementFacts
from portal.agreements.terms import Terms, plural_hours
from portal.directory.offer import session_names
from portal.web.filters import plural, uk_date


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what is said under it, paragraph by paragraph."""

    title: str
    paragraphs: Sequence[str]


def title_for(agreement: AgreementFacts) -> str:
    """The title of the copy."""
    return f"Your child’s place at {agreement.parties.provider_name}"


def copy_for_parents(agreement: AgreementFacts) -> Sequence[Part]:
    """What parents read of the version that counts."""
    parties, terms = agreement.parties, agreement.shown.terms
    us = parties.side
    parts = (
        Part(
            "What is this?",
            [
                f"{parties.school_name} and {parties.provider_name} have agreed that your child learns at"
                f" {parties.provider_name} for part of the week."
                + (" Your child stays a pupil of the school." if us == "school" else ""),
                f"This is a short copy. The full agreement has the reference {parties.reference}. Ask"
                f" the {us} if you want to read it.",
            ],
        ),
        Part("What is it for?", [terms.objectives]),
        Part("What will my child do there?", [terms.plan, _learns(terms.curriculum)]),
        Part(
            "When?",
            [
                f"From {uk_date(terms.first_day, weekday=True)} to"
                f" {uk_date(agreement.last_day, weekday=True)}.",
                _at_most(terms, us),
                _since(terms),
                f"{session_names(terms.sessions)}: {plural(len(terms.sessions), 'half day')} of"
                f" {plural_hours(terms.session_hours)}, together {plural_hours(terms.hours)} a week.",
            ],
        ),
        Part("Where?", [terms.site]),
        Part("How does my child get there?", [terms.transport]),
        Part("Does it cost us anything?", [_paid(parties.paid_by, us)]),
        Part(
            "If my child cannot go",
            [
                f"Call the {us} on that morning, as you would for a day at school:",
                terms.school_contact,
                terms.attendance_reported_by,
            ],
        ),
        Part(
            "How will we know how it goes?",
            [
                f"{us.capitalize()} and provider look at it together on these days. You are invited:",
                "; ".join(uk_date(day, weekday=True) for day in terms.reviews_on) + ".",
                f"Your child is ready to come back, or to go on, when: {terms.reintegration}",
            ],
        ),
        Part(
            "If you are worried that a child is not safe",
            [
                "Call one of these people. They have to act on it. In an emergency call 999.",
                f"At the {us}: {terms.school_safeguarding_lead}",
                f"At the provider: {terms.provider_safeguarding_lead}",
            ],
        ),
        Part("What do they tell each other about my child?", [terms.data_sharing]),
        Part(
            "If you are not happy",
            [
                f"Speak to the {us} first. It chose the place and can change or end it.",
                f"If that does not help, ask {parties.school_name} for its complaints procedure."
                f" Every {us} has one."
                + (
                    f" You can also tell {parties.council_name}, which approves the providers."
                    if us == "school"
                    else ""
                ),
            ],
        ),
    )
    said = (Part(part.title, [words for words in part.paragraphs if words.strip()]) for part in parts)
    return [part for part in said if part.paragraphs]


def _at_most(terms: Terms, us: str) -> str:
    """The longest period, where one is agreed."""
    if terms.longest_weeks is None:
        return ""
    weeks = plural(terms.longest_weeks, "week")
    return f"It lasts {weeks} at most, unless {us} and provider agree to a longer time in writing."


def _since(terms: Terms) -> str:
    """From when what follows counts, where it varies what was agreed at first."""
    return (
        f"What is said here counts from {uk_date(terms.starts_on, weekday=True)}." if terms.began_on else ""
    )


def _paid(paid_by: str | None, us: str) -> str:
    """Who pays: whoever bought the place before it was known for whom, else whoever commissions."""
    if paid_by is None:
        return f"No. The {us} pays for the place."
    return f"No. The place was bought in advance, and {paid_by} pays for it."


def _learns(curriculum: str) -> str:
    return f"Subjects and qualifications: {curriculum}" if curriculum else ""

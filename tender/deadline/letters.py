"""The words of the letter about a later closing time."""

from portal.web.filters import plural, uk_datetime
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Extension


def words(
    facts: RoundFacts, extension: Extension, following: RoundFacts | None, portal_url: str
) -> tuple[str, list[str]]:
    """Title and lines: the same for everyone who is told. `following` is the intake after this one."""
    who = "for everyone" if extension.for_everyone else "for your application"
    return (
        f"More time: {facts.title}, round {facts.number}",
        [
            f"{facts.title}, round {facts.number}, now closes {who} at {uk_datetime(extension.closes_at)}.",
            *_questions(facts, extension),
            f"The reason: {extension.reason}",
            "If you have submitted, your application stands. You can withdraw it, change it and submit it "
            "again until then.",
            *_intakes(facts, extension, following),
            f"The opportunity: {portal_url}/opportunities/{facts.id}",
        ],
    )


def words_for_others(
    facts: RoundFacts, extension: Extension, named: int, portal_url: str
) -> tuple[str, list[str]]:
    """Title and lines for those whose time stays as it is, where `named` applicants alone have more."""
    return (
        f"More time for some: {facts.title}, round {facts.number}",
        [
            f"After a fault, the council has given more time to {plural(named, 'applicant')} in "
            f"{facts.title}, round {facts.number}: until {uk_datetime(extension.closes_at)}.",
            f"The reason: {extension.reason}",
            "Your own time stays as it was.",
            f"The opportunity: {portal_url}/opportunities/{facts.id}",
        ],
    )


def words_of_next(following: RoundFacts, extension: Extension, portal_url: str) -> tuple[str, list[str]]:
    """Title and lines for those who follow the intake that opens later because of it."""
    return (
        f"Opens later: {following.title}, round {following.number}",
        [
            f"{following.title}, round {following.number}, now opens at {uk_datetime(extension.closes_at)}, "
            "because the intake before it was given more time. It closes as published, at "
            f"{uk_datetime(following.closes_at)}.",
            f"The reason: {extension.reason}",
            f"The opportunity: {portal_url}/opportunities/{following.id}",
        ],
    )


def _questions(facts: RoundFacts, extension: Extension) -> list[str]:
    """Which times for questions have moved, and to when; nothing where none has."""
    moved = []
    if extension.questions_until:
        moved.append(f"Questions can be asked until {uk_datetime(extension.questions_until)}.")
    if extension.answers_by:
        moved.append(f"The council answers them by {uk_datetime(extension.answers_by)}.")
    elif moved and facts.answers_by:
        moved.append(f"The council answers them by {uk_datetime(facts.answers_by)}, as before.")
    return [" ".join(moved)] if moved else []


def _intakes(facts: RoundFacts, extension: Extension, following: RoundFacts | None) -> list[str]:
    """Into which intake an application goes, where there are several."""
    if following is None:
        return []
    if extension.for_everyone:
        return [f"The next intake, round {following.number}, opens when this one has closed."]
    return [f"Until then your application stays in round {facts.number}, also where the next intake is open."]

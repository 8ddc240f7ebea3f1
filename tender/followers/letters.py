"""The words of the letters that follow a new version of a round's questions."""

from collections.abc import Sequence

from portal.web.differences import Piece
from portal.web.filters import uk_datetime
from tender.applications.amended_queries import TouchedApplication, TouchedQuestion
from tender.frameworks.facts import RoundFacts
from tender.frameworks.withdrawal_services import WithdrawnRound
from tender.packs.amendment_services import PublishedVersion

_WHAT = {"changed": "changed", "added": "new", "withdrawn": "withdrawn: it is no longer asked"}

_CERTIFIED = (
    "A certificate is of the questions as they were: an application that is certified and not submitted has "
    "to be certified again."
)


def _certified(facts: RoundFacts) -> list[str]:
    """What becomes of certificates, in a round that asks for them."""
    return [_CERTIFIED] if facts.needs_certificate else []


def version_title(version: PublishedVersion) -> str:
    """The title of every letter about the version."""
    return f"What is asked in {version.facts.title}, round {version.facts.number}, has changed"


def version_words(version: PublishedVersion, portal_url: str) -> list[str]:
    """The lines for whoever follows the round or has answered nothing that changed."""
    facts = version.facts
    changes = [f"“{change.asked.title}”: {_WHAT[change.kind]}" for change in version.changes]
    return [
        *_opening(version),
        "What is different:\n" + "\n".join([*changes, *_terms(version)]),
        f"Before and now side by side: {portal_url}/opportunities/{facts.id}/versions/{version.number}",
        *_certified(facts),
        f"The round closes at {uk_datetime(facts.closes_at)}.",
    ]


def touched_words(version: PublishedVersion, touched: TouchedApplication, portal_url: str) -> list[str]:
    """The lines for the people of an application that the version touches."""
    facts = version.facts
    here = f"{portal_url}/applications/{touched.id}"
    if touched.state == "submitted":
        standing = [
            "Your application is submitted, and stays so as it is. If you want to answer anew, withdraw it, "
            f"change it and submit it again before the close: {here}"
        ]
        if any(question.kind == "added" for question in touched.questions):
            standing.append("Without an answer to a new question, your application is judged as without one.")
        if not all(question.fits for question in touched.questions):
            standing.append("An answer that no longer fits is judged as you gave it.")
    else:
        standing = ["Look at these answers again before you submit.", *_certified(facts)]
    return [
        *_opening(version),
        "This concerns your application:\n"
        + "\n\n".join(_named(question, here) for question in touched.questions),
        *(["Different for everybody:\n" + "\n".join(_terms(version))] if version.terms_changed else []),
        *standing,
        f"Before and now side by side: {portal_url}/opportunities/{facts.id}/versions/{version.number}",
        f"Your time to submit ends at {uk_datetime(touched.closes_at)}.",
    ]


def withdrawn_title(withdrawn: WithdrawnRound) -> str:
    """The title of every letter about a round that was withdrawn or terminated."""
    became = "is withdrawn" if withdrawn.facts.state == "withdrawn" else "has ended without an outcome"
    return f"{withdrawn.facts.title}, round {withdrawn.facts.number}, {became}"


def withdrawn_words(withdrawn: WithdrawnRound, state: str | None, portal_url: str) -> list[str]:
    """The lines for the people of an application in this `state`, or for whoever has none."""
    facts = withdrawn.facts
    where = f"{portal_url}/applications"
    draft = f"You need do nothing more. What you wrote stays yours to read, and nobody else reads it: {where}"
    if facts.state == "withdrawn":
        happened = (
            f"The council has withdrawn round {facts.number} of {facts.title}. No application is opened or "
            "judged, and nobody is admitted by this round."
        )
        submitted = (
            "Your application was not opened, and nobody will open it. You can go on reading it and its "
            f"receipt: {where}"
        )
    else:
        happened = (
            f"The council has ended round {facts.number} of {facts.title} without an outcome. Applications "
            "are not judged any further, and nobody is admitted by this round."
        )
        submitted = (
            "Your application was opened, and is not judged any further: no decision on it follows. You need "
            "not answer what the council may have asked you about it. You can go on reading it and its "
            f"receipt: {where}"
        )
    standing = {"submitted": submitted, "draft": draft}.get(state or "", "")
    return [
        happened,
        f"The reason: {withdrawn.reason}",
        *([standing] if standing else []),
        f"The public page: {portal_url}/opportunities/{facts.id}",
    ]


def _opening(version: PublishedVersion) -> list[str]:
    facts = version.facts
    return [
        f"The council has changed what it asks in {facts.title}, round {facts.number}. Version "
        f"{version.number} of the questions counts from now on.",
        f"The reason: {version.reason}",
    ]


def _terms(version: PublishedVersion) -> list[str]:
    """What of the round's prices, totals and words on applying is different, a line each."""
    return [
        f"{aspect.name}: {_WHAT['changed']}"
        if aspect.name == "How to apply"
        else f"{aspect.name}: {_text(aspect.after)}. Before: {_text(aspect.before)}"
        for aspect in version.terms_changed
    ]


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _named(question: TouchedQuestion, here: str) -> str:
    lot = f", lot {question.lot_number}" if question.lot_number else ""
    said = f"“{question.title}”{lot}: {_WHAT[question.kind]}"
    if question.kind == "withdrawn":
        return said
    if not question.fits:
        said += ". Your answer no longer fits it as it stands"
    place = f"/lots/{question.lot_id}" if question.lot_id else ""
    return f"{said}\n{here}{place}/questions/{question.code}"

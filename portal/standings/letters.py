"""Letters to a provider about its standing, and to schools about a provider of theirs."""

from collections.abc import Sequence
from datetime import date

from portal.directory.statuses import STATUSES
from portal.mail.words import Words, letter
from portal.standings.queries import StandingLine
from portal.web.filters import uk_date

_NO_NEW = "schools do not find you for this lot, and no new child can be placed with you."
_TO_NEW = (
    "You are suspended for new referrals",
    f"From now on {_NO_NEW} Children who are with you already stay.",
)
_TOLD = "Schools with a child with you are told today."
_ENDED = "Your suspension has ended"
_FOUND_AGAIN = (
    "Schools find you again, unless a condition of your admission is still open or evidence that the lot "
    "asks for has run out: your standing in the portal says so."
)
_REMOVED = (
    "You are removed",
    "You are taken off this lot. Only a new application in a later round brings you back.",
)
WORDS = {
    ("admitted", "suspend_new"): _TO_NEW,
    ("suspended", "suspend_new"): (
        "Your suspension is eased",
        "Children who were placed with you may be taught by you again. For new referrals it goes on: "
        f"{_NO_NEW}",
    ),
    ("admitted", "suspend"): (
        "You are suspended",
        "From now on schools do not find you for this lot, and no child may be placed with you or taught by "
        f"you under it. {_TOLD}",
    ),
    ("conditional", "suspend"): (
        "You are suspended",
        "From now on no child may be placed with you or taught by you under this lot. To meet the conditions "
        f"of your admission does not end that. {_TOLD}",
    ),
    ("suspended_new", "suspend"): (
        "You are suspended",
        "You were suspended for new referrals. From now on no child may be taught by you under this lot "
        f"either. {_TOLD}",
    ),
    ("suspended_new", "reinstate"): (_ENDED, _FOUND_AGAIN),
    ("suspended", "reinstate"): (
        _ENDED,
        f"Children who were placed with you may be taught by you again. {_FOUND_AGAIN}",
    ),
    ("suspended_new", "keep"): (
        "Your suspension for new referrals goes on",
        "It has been reviewed. Children who are with you stay; no new child can be placed with you.",
    ),
    ("suspended", "keep"): (
        "Your suspension goes on",
        "It has been reviewed. No child may be placed with you or taught by you under this lot.",
    ),
    **{(state, "remove"): _REMOVED for state in ("conditional", "admitted", "suspended_new", "suspended")},
}
"""By the state before and the step: the title, and what it means for the provider."""


def change_made(
    standing: StandingLine,
    *,
    step: str,
    cause: str,
    reason: str,
    decided_by: str,
    heard: str,
    representations_by: date | None,
    review_on: date | None,
    address: str,
) -> Words:
    """To the provider: what was decided, why, what it can say to it and when it is looked at again.

    `standing` is as it was before the change.
    """
    title, effect = WORDS[standing.state, step]
    return letter(
        f"{title}: {standing.lot_name}",
        f"{standing.framework_title}\n{standing.lot_name}",
        effect,
        f"Cause: {cause}.\nReason: {reason}\nDecided by: {decided_by}",
        heard,
        representations_by
        and f"You can answer until the end of {uk_date(representations_by, weekday=True)}. Whoever reviews "
        "this "
        "reads your answer.",
        review_on and f"This is reviewed by {uk_date(review_on, weekday=True)}.",
        f"Your standing, and where you can answer:\n{address}",
    )


def removal_proposed(
    standing: StandingLine,
    *,
    cause: str,
    reason: str,
    proposed_by: str,
    representations_by: date,
    address: str,
) -> Words:
    """To the provider: somebody proposes to remove it; it is heard before that is decided."""
    return letter(
        f"Removal proposed: {standing.lot_name}",
        f"{standing.framework_title}\n{standing.lot_name}",
        "An officer of the council proposes to remove you from this lot. Nothing has been decided. Somebody "
        "else "
        "decides, and not before you have answered or your time to answer is over.",
        f"Cause: {cause}.\nReason: {reason}\nProposed by: {proposed_by}",
        f"You can answer until the end of {uk_date(representations_by, weekday=True)}:\n{address}",
    )


def removal_returned(standing: StandingLine, *, decided_by: str, address: str) -> Words:
    """To the provider: the proposal was not approved."""
    return letter(
        f"You are not removed: {standing.lot_name}",
        f"{standing.framework_title}\n{standing.lot_name}",
        f"The proposal to remove you from this lot was not approved by {decided_by}. Your "
        "standing is as it was before.",
        f"Your standing:\n{address}",
    )


def answered(standing: StandingLine, *, address: str) -> Words:
    """To whoever proposed or made the change: the provider has answered."""
    return letter(
        f"{standing.provider_name} has answered: {standing.lot_name}",
        f"{standing.provider_name} has made representations about its standing on {standing.lot_name} of "
        f"{standing.framework_title}.",
        f"Read them here:\n{address}",
    )


def document_checked(*, kind: str, accepted: bool, note: str, expires_on: date | None, address: str) -> Words:
    """To the provider: its document was looked at, and whether it counts."""
    if accepted:
        until = f" It counts until {uk_date(expires_on)}." if expires_on else ""
        return letter(
            f"Checked: {kind}",
            f"The council has checked your document “{kind}”.{until}",
            f"What this means for each of your lots:\n{address}",
        )
    return letter(
        f"Not accepted: {kind}",
        f"The council has looked at your document “{kind}” and cannot accept it: {note}",
        "Put another document in its place in your evidence vault. It is then checked anew.",
        f"What this means for each of your lots:\n{address}",
    )


def closing(standings: list[tuple[StandingLine, list[str]]], *, open_until: date, address: str) -> Words:
    """To the provider: these standings close to new children by themselves after a day, and what runs out."""
    opens = any(each.status == "admitted" for each, _ in standings)
    return letter(
        f"You can take new children until {uk_date(open_until)}"
        if opens
        else f"What runs out for you on {uk_date(open_until)}",
        f"At the end of {uk_date(open_until, weekday=True)} evidence or a term runs out, under:",
        *(
            f"{each.lot_name}, {each.framework_title}: {'; '.join(documents) or 'its term ends'}.\n"
            + what_closing_means(each.status, documents=bool(documents))
            for each, documents in standings
        ),
        "Where a document runs out, put a new one into your evidence vault: it counts when the council has "
        "checked it, so do not leave it to the last day.",
        f"What runs out when, and what to do:\n{address}",
    )


def what_closing_means(status: str, *, documents: bool) -> str:
    """What it means for a provider of this status (`portal.directory.statuses`) that documents, or its term,
    run out."""
    if status == "admitted":
        return (
            "You can take new children until then. After it schools will not find you, and no new child can "
            "be placed with you. Children who are with you already stay."
        )
    until = " before the council has checked a document that is in force" if documents else ""
    return (
        f"You take no new children there today: {STATUSES[status].words.lower()}. "
        f"{STATUSES[status].to_provider} Even when that is over, you take no new children after this "
        f"day{until}."
    )


def lot_changed(
    standing: StandingLine, *, before: Sequence[str], after: Sequence[str], reason: str, address: str
) -> Words:
    """To a provider that stands on the lot: what the lot asks for now, and that the standing stays."""
    return letter(
        f"{after[0]} of {standing.framework_title} has changed",
        f"The council has changed {before[0]} in {standing.framework_title}, on which you stand.",
        f"The reason: {reason}",
        "Before:\n" + "\n".join(before),
        "Now:\n" + "\n".join(after),
        "Your standing is as it was: nothing of it changes by itself. If you do not meet what the lot asks "
        "for now, tell the council when you will.",
        f"Your standing, and the documents that the lot asks you to have in force:\n{address}",
    )

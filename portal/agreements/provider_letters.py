"""The letters to a school about the standing of a provider with which it has a child, or that it asks."""

from dataclasses import dataclass, field
from datetime import date

from portal.mail.words import Words, letter
from portal.web.filters import uk_date

BY_HAND = ("suspend_new", "ease", "suspend", "reinstate", "reinstate_on_conditions", "remove")
"""The directory's moves that an officer's change stands behind, with what it says to schools."""

_BACK = "Before a child returns, satisfy yourself that what led to it has been put right."
_CLOSING = {
    "suspend_new": (
        "takes no new children",
        "The council has suspended new referrals to {provider} for {service}. Children who are there already "
        "stay; no new child can be placed.",
    ),
    "ease": (
        "still takes no new children",
        "The council has eased the suspension of {provider} for {service}: children who were placed there "
        f"may go there again. {_BACK} No new child can be placed.",
    ),
    "suspend": (
        "is suspended",
        "The council has suspended {provider} for {service}. A child of yours must not go there until the "
        "suspension is lifted: agree today with the family where the child is taught instead.",
    ),
    "remove": (
        "is no longer approved",
        "The council has removed {provider} from the lot under which it offers {service}. A child of yours "
        "must not go there under this framework: agree today with the family where the child is taught "
        "instead.",
    ),
    "put_on_conditions": (
        "takes no new children",
        "By a new decision of the council a condition of the admission of {provider} for {service} is open. "
        "Children who are there already stay; no new child can be placed until it is met.",
    ),
}
_OPENING = {
    "reinstate": ("The suspension of {provider} for {service} has ended", _BACK),
    "reinstate_on_conditions": ("The suspension of {provider} for {service} has ended", _BACK),
    "readmit": ("The council has admitted {provider} for {service} again", _BACK),
    "readmit_on_conditions": ("The council has admitted {provider} for {service} again", _BACK),
    "confirm": ("{provider} has met every condition of its admission for {service}", ""),
}
STEPS = (*_CLOSING, *_OPENING)
"""The directory's moves of which schools are told."""

_BUT = {
    "conditional": "a condition of its admission is open",
    "evidence_expired": "a document that the council asks for has run out",
    "excluded": "the council excludes it",
    "not_started": "its term has not begun",
    "expired": "its term on the framework is over",
    "inactive": "the council has deactivated it",
    "suspended_new": "the council has suspended it for new children",
    "suspended": "the council has suspended it, and no child may go there before that is lifted",
}
"""By status (`portal.directory.statuses`): why a standing takes no new children yet."""

_EXCLUDED = (
    "is excluded by the council",
    "The council has found that a ground of exclusion applies to {provider}, which offers {service}. Schools "
    "do not find it, no new child can be placed with it, and no agreement or change that gives it more of a "
    "child’s week can be signed. This does not by itself end a placement: ask the council today whether a "
    "child of yours may still go there, and agree with the family where the child is taught if not.",
)
_NOT_EXCLUDED = "{provider}, which offers {service}, is no longer excluded by the council"

_ORGANISATION = {
    "deactivate": (
        "is deactivated",
        "The council has deactivated {provider}, which offers {service}: its people can do nothing in the "
        "portal, schools do not find it, and no child can be placed with it. Ask the council today whether a "
        "child of yours may still go there.",
    ),
    "reactivate": (
        "is active again",
        "The council has ended the deactivation of {provider}, which offers {service}. Whether it takes new "
        "children stands on the pages below.",
    ),
}


_NOT_YET = "No new child can be placed until that has changed."
_SAFETY = "Questions about the child’s safety go to your designated safeguarding lead first."


@dataclass(slots=True)
class Concern:
    """What a school has with a provider: lines with references and addresses. `placed`: agreements that both
    have signed; `chosen`: choices without; `offers` that can be chosen; `asked`: referrals without answer."""

    provider: str
    services: list[str]
    placed: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def fill(self, sentence: str) -> str:
        """A sentence with the names in it."""
        return sentence.format(provider=self.provider, service=" and ".join(self.services))

    def lists(self, *, open_again: bool) -> list[str]:
        """What is concerned, one paragraph a kind."""
        asked = "Referrals that wait for its answer"
        kinds = (
            ("Placement agreements that you both have signed:", self.placed),
            ("Children for whom you have chosen it, without an agreement in force:", self.chosen),
            ("Offers of it that you have not chosen:", self.offers),
            (f"{asked}{'' if open_again else '; it cannot say yes for now'}:", self.asked),
        )
        return ["\n".join((title, *lines)) for title, lines in kinds if lines]


def standing_changed(concern: Concern, *, step: str, status: str, said: str) -> Words:
    """What its provider's standing is from now on. `step` is one of `STEPS`; `status` what the standing is
    worth after it, which is not open where, say, evidence has run out meanwhile."""
    opens = step in _OPENING and status == "admitted"
    title, effect = _CLOSING[step] if step in _CLOSING else _opened(*_OPENING[step], status)
    return letter(
        f"{concern.provider} {title}",
        concern.fill(effect.strip()),
        *([f"The council says: {said}"] if said else []),
        *concern.lists(open_again=opens),
        _SAFETY,
    )


def exclusion_changed(concern: Concern, *, status: str) -> Words:
    """That the council excludes its provider, or does so no longer: `status` is what the standing is worth
    now. What was found, and of whom, is between the council and the provider."""
    opens = status == "admitted"
    title, effect = _EXCLUDED if status == "excluded" else _opened(_NOT_EXCLUDED, _BACK, status)
    return letter(
        f"{concern.provider} {title}", concern.fill(effect), *concern.lists(open_again=opens), _SAFETY
    )


def _opened(happened: str, then: str, status: str) -> tuple[str, str]:
    """Title and effect of something that was in the way and is over: what comes next, or what else is."""
    if status == "admitted":
        return "is approved again", f"{happened}. {then}"
    return "takes no new children yet", f"{happened}, but {_BUT[status]}. {_NOT_YET}"


def organisation_changed(concern: Concern, *, step: str) -> Words:
    """That the council has deactivated its provider as a whole, or has brought it back."""
    title, effect = _ORGANISATION[step]
    return letter(
        f"{concern.provider} {title}",
        concern.fill(effect),
        *concern.lists(open_again=step == "reactivate"),
        _SAFETY,
    )


_LAPSED = {
    "admitted": "{provider} takes no new children for {service}: at the end of {day} {why}.",
    "suspended_new": "The council has suspended new referrals to {provider} for {service} already. At the "
    "end of {day} {why} as well: it takes no new children before both are put right.",
    "conditional": "{provider} takes no new children for {service}, as a condition of its admission is open. "
    "At the end of {day} {why} as well.",
}
"""By the state of a standing that evidence or a term closes. Under one that is suspended no child is taught,
and nothing changes for a school."""


def standing_lapsed(concern: Concern, *, state: str, open_until: date, term_over: bool) -> Words:
    """That evidence or its term has run out for its provider, which takes no new children for that, or would
    take none if its standing (`state`) let it."""
    why = "its term on the framework ended" if term_over else "a document that the council asks for ran out"
    said = _LAPSED[state].replace("{day}", uk_date(open_until, weekday=True)).replace("{why}", why)
    return letter(
        f"{concern.provider} takes no new children",
        concern.fill(f"{said} Children who are there already stay."),
        *concern.lists(open_again=False),
        "Ask the provider when it will be in order, and check for yourself what matters for the child’s "
        "safety.",
    )

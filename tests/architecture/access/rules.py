"""Who is answered what, once the gate has let them through: whose a thing is, and in which state it is whose.

Each rule is a function of a case. Those that several nouns share are here, the others in the module of their
noun (`nouns/`), with what its addresses name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.architecture.access.cast import PERSON, Viewer
from tests.architecture.access.things import OPENED

YES, NOT_NOW, NOT_FOUND = "yes", "not now", "not found"
FORBIDDEN, SIGN_IN = "forbidden", "sign in"
OWN, ANOTHERS, NOBODYS = "own", "another's", ""


@dataclass(frozen=True)
class Case:
    """A viewer whom the gate has let through to a thing in a state, by GET or by a method that changes."""

    viewer: Viewer
    whose: str
    state: str
    changes: bool

    @property
    def own(self) -> bool:
        """Whether it is theirs, or their organisation's."""
        return self.whose == OWN

    def may(self, *permissions: str) -> bool:
        """Whether the viewer holds any of these permissions."""
        return bool(self.viewer.permissions & set(permissions))


Rule = Callable[[Case], str]


def shown(visible: bool) -> str:
    """Not found and not allowed look alike."""
    return YES if visible else NOT_FOUND


def everybody(case: Case) -> str:
    """Whoever passes the gate."""
    return YES


def owner(case: Case) -> str:
    """Its own organisation's people, in every state."""
    return shown(case.own)


def published(case: Case) -> str:
    """Everybody, once the round is published."""
    return shown(case.state != "draft")


def council_round(case: Case) -> str:
    """The council's whose round it is; a draft is for those who prepare rounds."""
    return shown(case.own and (case.state != "draft" or case.may("framework:manage")))


def judged_round(case: Case) -> str:
    """The round's council, and only after the tender box was opened."""
    return shown(case.own and case.state.split()[0] in OPENED)


def judged_tender(case: Case) -> str:
    """A submitted tender, for the round's council, and only after the tender box was opened."""
    return judged_round(case)


def application(case: Case) -> str:
    """Its provider's people always; its round's council when it was submitted and the box is open."""
    if case.viewer.kind == "provider":
        return owner(case)
    return judged_tender(case)


def receipt(case: Case) -> str:
    """As the application, where it was ever submitted."""
    return application(case) if "submitted" in case.state else NOT_FOUND


def assignment(case: Case) -> str:
    """The evaluator to whom it was given, and no colleague."""
    return shown(case.viewer is PERSON)


def person(case: Case) -> str:
    """That very person."""
    return shown(case.viewer is PERSON)


def one_of_ones_own(case: Case) -> str:
    """The page for everybody; what its form names must be one's own, and an empty form names nothing."""
    return NOT_FOUND if case.changes else YES

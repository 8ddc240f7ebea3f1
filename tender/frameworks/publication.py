"""What keeps a round from publication: its dates, lots and pack, and what nouns above this one ask for."""

from collections.abc import Callable, Iterable, Sequence

from portal import clock
from tender.frameworks.facts import LotFacts, RoundFacts
from tender.frameworks.pack import RoundPack
from tender.frameworks.readiness import Problem, problems_of

Check = Callable[[RoundFacts], Iterable[Problem]]
_checks: list[Check] = []


def check_before_publication(*checks: Check) -> None:
    """Let nouns above this one find further problems of a draft.

    Called once, when the application is put together.
    """
    _checks[:] = checks


def problems_before_publication(
    facts: RoundFacts, pack: RoundPack, lots: Sequence[LotFacts]
) -> tuple[list[Problem], list[Problem]]:
    """What must be put right before a draft can be published, and what is only worth a thought."""
    own = problems_of(
        pack,
        opens_at=facts.opens_at,
        closes_at=facts.closes_at,
        lots=lots,
        at=clock.now(),
        admits_by=facts.admits_by,
    )
    found = [*own, *(problem for check in _checks for problem in check(facts))]
    return [each for each in found if each.stops], [each for each in found if not each.stops]

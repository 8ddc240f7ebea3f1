"""What all nouns say about access, put together: the thing of each route, and the rule of each."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from tests.architecture.access.noun import Noun
from tests.architecture.access.nouns import NOUNS
from tests.architecture.access.rules import Rule
from tests.architecture.access.things import Thing

Value = TypeVar("Value")


def _together(maps: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    """One map of several. Raises `LookupError` where two nouns say something about the same."""
    joined: dict[str, Value] = {}
    for each in maps:
        if twice := sorted(joined.keys() & each.keys()):
            raise LookupError(f"said by two nouns: {twice}")
        joined |= each
    return joined


def _by_parameters(nouns: Iterable[Noun]) -> dict[frozenset[str], Thing]:
    """What an address names where no noun says that the route is an exception (`Noun.named_by`)."""
    exceptions = {name for names in NAMED_BY.values() for name in names}
    found: dict[frozenset[str], Thing] = {}
    for thing in (thing for noun in nouns for thing in noun.things if thing.name not in exceptions):
        if thing.parameters in found:
            raise LookupError(f"{thing.name}: say in `named_by` which routes name it")
        found[thing.parameters] = thing
    return found


NAMED_BY = _together(noun.named_by for noun in NOUNS)
OF_THINGS: Mapping[str, Rule] = _together(noun.of_things for noun in NOUNS)
OF_ROUTES: Mapping[str, Rule] = _together(noun.of_routes for noun in NOUNS)
SHARED: Mapping[str, tuple[Rule, str]] = _together(noun.shared for noun in NOUNS)
DRAWN_WHILE: Mapping[str, frozenset[str]] = _together(noun.drawn_while for noun in NOUNS)
ONLY_WHILE: Mapping[str, frozenset[str]] = _together([DRAWN_WHILE, *(noun.only_while for noun in NOUNS)])
_BY_NAME = _together({thing.name: thing} for noun in NOUNS for thing in noun.things)
_BY_PARAMETERS = _by_parameters(NOUNS)


def thing_of(endpoint: str, parameters: frozenset[str]) -> Thing | None:
    """What a route's addresses name; None where nobody has said."""
    own = (_BY_NAME[name] for name in NAMED_BY.get(endpoint, ()))
    return next((thing for thing in own if thing.parameters == parameters), _BY_PARAMETERS.get(parameters))

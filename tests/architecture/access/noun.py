"""What a package of the code says about access: what its addresses name, and who is answered what there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.architecture.access.rules import Rule
from tests.architecture.access.things import Thing


@dataclass(frozen=True)
class Noun:
    """The declarations of one package, for `declarations.py` to put together.

    A route has the rule of the thing that its address names (`of_things`), unless it has one of its own
    (`of_routes`). What is meant to be read or done across organisations stands in `shared`, each with its
    reason, and nowhere else.
    """

    things: tuple[Thing, ...] = ()
    # Where two things have the same parameters: the routes whose addresses name the second.
    named_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_things: Mapping[str, Rule] = field(default_factory=dict)
    of_routes: Mapping[str, Rule] = field(default_factory=dict)
    shared: Mapping[str, tuple[Rule, str]] = field(default_factory=dict)
    # Pages that are there in some states of a thing only; in others a sentence says why not.
    drawn_while: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # In which further states something can be done; in others nothing is changed. (The moves of every noun,
    # from every state, are in tests/architecture/test_lifecycles.py.)
    only_while: Mapping[str, frozenset[str]] = field(default_factory=dict)

"""Every event that the code can record has words for the timelines."""

import ast
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import evaluation
import portal
import tender
from portal.audit.words import WORDS, happened
from portal.lifecycle import Lifecycle

ROOMS = (portal, tender, evaluation)


def recorded(source: str) -> Iterator[str]:
    """The event names that a module's `record(...)` calls can give.

    A name with one hole, f"noun.{action}", is filled with what the module passes to the function around it.
    """
    tree = ast.parse(source)
    yield from (str(call.args[0].value) for call, _ in calls(tree, "record_read") if is_text(call.args[0]))
    yield from (f"{call.args[1].value}.read" for call, _ in calls(tree, "read_by") if is_text(call.args[1]))
    for call, around in calls(tree, "record"):
        name = call.args[0]
        if isinstance(name, ast.Constant):
            yield str(name.value)
        elif isinstance(name, ast.JoinedStr) and isinstance(name.values[0], ast.Constant) and around:
            for outer, _ in calls(tree, around):
                verbs = [each.value for each in outer.args if isinstance(each, ast.Constant)]
                yield from (f"{name.values[0].value}{verb}" for verb in verbs if isinstance(verb, str))


def is_text(node: ast.AST) -> bool:
    """Whether it is a text written out."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def calls(tree: ast.AST, name: str, around: str = "") -> Iterator[tuple[ast.Call, str]]:
    """Calls of the function `name`, each with the function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        inside = node.name if isinstance(node, ast.FunctionDef) else around
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node, inside
        yield from calls(node, name, inside)


def events() -> set[str]:
    """All that is recorded, by `record` and by the moves of the lifecycles."""
    found = set()
    for room in ROOMS:
        folder = Path(room.__path__[0])
        for file in folder.rglob("*.py"):
            found |= set(recorded(file.read_text(encoding="utf-8")))
        for module in pkgutil.walk_packages([str(folder)], f"{room.__name__}."):
            if module.name.endswith(".lifecycle") and module.name != "portal.lifecycle":
                held = vars(import_module(module.name)).values()
                cycles = [each for each in held if isinstance(each, Lifecycle)]
                found |= {f"{cycle.noun}.{move.name}" for cycle in cycles for move in cycle.moves}
    return found


def test_every_event_has_words() -> None:
    assert events() - WORDS.keys() == set()


def test_no_words_are_left_over() -> None:
    assert WORDS.keys() - events() == set()


def test_a_name_that_is_put_together_is_found_too() -> None:
    source = """
def _note(verb):
    record(f"thing.{verb}")

def do():
    record("thing.do")
    _note("undo")
"""
    assert set(recorded(source)) == {"thing.do", "thing.undo"}


@pytest.mark.parametrize(
    ("action", "words"),
    [("round.open_box", "Tender box opened"), ("panel.stand_down", "Panel: stand down")],
)
def test_an_event_is_told_in_words(action: str, words: str) -> None:
    assert happened(action) == words

"""Who hears of a search that found nothing: higher rooms, put together in `portal.app`."""

from collections.abc import Callable

from portal.directory.search import SearchCriteria

_listeners: list[Callable[[SearchCriteria], None]] = []


def when_nothing_is_found(listener: Callable[[SearchCriteria], None]) -> None:
    """Call `listener(criteria)` for every later search in which somebody who may refer finds nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def nothing_found(criteria: SearchCriteria) -> None:
    """Tell them."""
    for listener in _listeners:
        listener(criteria)

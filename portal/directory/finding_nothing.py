"""Who hears of a search that found nothing: higher rooms, put together in `portal.app`."""

from collections.abc import Callable

from portal.directory.search import SearchCriteria

Listener = Callable[[SearchCriteria, int], None]
_listeners: list[Listener] = []


def when_nothing_is_found(listener: Listener) -> None:
    """Call `listener(criteria, organisation_id)` for every later page on which somebody who may refer
    children for that organisation finds nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def nothing_found(criteria: SearchCriteria, organisation_id: int) -> None:
    """Tell them."""
    for listener in _listeners:
        listener(criteria, organisation_id)

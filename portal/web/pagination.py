"""Long lists, twenty at a time. A query counts and slices; a `Page` tells where the reader is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request, url_for

Row = TypeVar("Row")
SIZE = 20
FURTHEST = 100_000  # an offset beyond this costs the database more than it helps anybody


def page_number(value: str | None) -> int:
    """The page asked for in an address; anything that is not a page is the first."""
    if value is None or not (value.isascii() and value.isdigit() and len(value) < 7):
        return 1
    return min(max(int(value), 1), FURTHEST // SIZE)


def offset_of(number: int, size: int = SIZE) -> int:
    """How many rows a query skips to reach page `number`."""
    return (number - 1) * size


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of `items` out of `total`."""

    items: Sequence[Row]
    number: int
    total: int
    size: int = SIZE

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The place in the whole list of the first item here, counted from 1; 0 when there is none."""
        return offset_of(self.number, self.size) + 1 if self.items else 0

    @property
    def last(self) -> int:
        """The place in the whole list of the last item here."""
        return offset_of(self.number, self.size) + len(self.items) if self.items else 0

    @property
    def previous(self) -> int | None:
        """The page before; past the end, the last page that there is."""
        return min(self.number - 1, self.pages) if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The page after, if any."""
        return self.number + 1 if self.number < self.pages else None

    @property
    def numbers(self) -> list[int | None]:
        """The pages to link to: first, last, this one and its neighbours; None where some are left out."""
        near = {1, self.pages, self.number - 1, self.number, self.number + 1}
        shown = sorted(page for page in near if 1 <= page <= self.pages)
        linked: list[int | None] = []
        for page in shown:
            before = linked[-1] if linked else 0
            if before is not None and page - before == 2:
                linked.append(page - 1)
            elif before is not None and page - before > 2:
                linked.append(None)
            linked.append(page)
        return linked


def page_url(number: int) -> str:
    """The address of the present page with another page number and every other choice kept."""
    choices: dict[str, list[str]] = {name: values for name, values in request.args.lists() if name != "page"}
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **choices, "page": number})

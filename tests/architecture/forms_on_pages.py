"""The forms that a page shows, and what somebody might send with them: nothing at all, or nonsense."""

import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

NONSENSE = "‮nonsense\x00 <b>'; DROP TABLE round; --</b> 99999999999999999999 ☃"
TYPED = {"input", "select", "textarea", "button"}


@dataclass
class FormOnPage:
    """Where a form goes, the kinds of its fields by name, and what it carries unseen.

    `saves_to` is where a script saves it meanwhile.
    """

    action: str
    method: str
    saves_to: str = ""
    further_actions: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)

    @property
    def targets(self) -> list[str]:
        """Every address that its buttons lead to."""
        return [self.action, *self.further_actions]

    def empty(self, token: str) -> dict[str, Any]:
        """What a browser sends when nothing is filled in."""
        return {**self.carried, "csrf_token": token}

    def nonsense(self, token: str) -> dict[str, Any]:
        """Nonsense in every field, and a program under the name of a document."""
        filled: dict[str, Any] = {name: NONSENSE for name in self.fields}
        for name, kind in self.fields.items():
            if kind == "file":
                filled[name] = (io.BytesIO(b"MZ\x90\x00 this is no document"), "policy.pdf")
        return {**filled, "csrf_token": token}


class _Forms(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.found: list[FormOnPage] = []
        self.inside = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = given.get("action") or urlsplit(self.address).path
            method = given.get("method", "get").lower()
            self.found.append(FormOnPage(action, method, given.get("data-autosave", "")))
            self.inside = True
        elif self.inside and tag in TYPED:
            self._note(tag, given)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        form = self.found[-1]
        if name := given.get("name"):
            form.fields[name] = given.get("type", tag)
            if given.get("type") == "hidden":
                form.carried[name] = given.get("value", "")
        if action := given.get("formaction"):
            form.further_actions.append(action)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def forms_of(html: str, address: str) -> list[FormOnPage]:
    """The forms of the page at `address`."""
    parser = _Forms(address)
    parser.feed(html)
    return parser.found

"""A person's browser, as far as it is needed without JavaScript: pages, links, forms, cookies, redirects.

Nothing is sent that the page did not offer: a field that is not in the form, a choice that is not among the
options or a button that is not there ends the play. `Visitor.send` alone goes past the page, to try what no
page offers.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from statistics import median
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from lxml import html

from portal.development.headless.checks import Failed, check
from portal.development.headless.forms import Upload, Value, fill, successful
from portal.development.second_steps import code_of_now

_SECONDS = 120


@dataclass
class Pace:
    """How fast the portal answers on this machine: the seconds that each request took."""

    seconds: list[float] = field(default_factory=list)

    @property
    def usual(self) -> float:
        """The seconds that half of the requests stayed below; the first few take longer and tell nothing."""
        return median(self.seconds)


class Page:
    """An answer of the portal. `address` is where redirects led; `text` is what can be read in it."""

    def __init__(self, address: str, status: int, body: bytes, content_type: str) -> None:
        self.address, self.status, self.body = address, status, body
        self.path = urlsplit(address).path
        shown = body if content_type.startswith("text/html") and body.strip() else b"<p></p>"
        self.tree = html.document_fromstring(shown.decode("utf-8", "replace"))
        for unseen in self.tree.xpath("//script|//style|//template"):
            unseen.drop_tree()

    @property
    def text(self) -> str:
        """The words of the page's own part, on one line."""
        return _words((self.tree.xpath("//main") or [self.tree])[0])

    @property
    def heading(self) -> str:
        """The h1."""
        return next((_words(each) for each in self.tree.xpath("//h1")), "")

    @property
    def caption(self) -> str:
        """The line above the h1."""
        return next((_words(each) for each in self.tree.xpath("//span[contains(@class, 'caption')]")), "")

    @property
    def problems(self) -> list[str]:
        """The sentences of the error summary."""
        return [_words(each) for each in self.tree.xpath("//*[@data-module='govuk-error-summary']//li")]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of every row of every table."""
        return [[_words(cell) for cell in row.xpath("./td|./th")] for row in self.tree.xpath("//tr")]

    def links(self, part: str) -> list[str]:
        """The addresses of the links whose path holds `part`, in order, each once."""
        found = (urlsplit(link).path for link in self.tree.xpath("//main//a/@href"))
        return list(dict.fromkeys(path for path in found if part in path))

    def offers(self, button: str) -> bool:
        """Whether the page has a button or link with these words."""
        return self._button(button) is not None or self._link(button) is not None

    def says(self, *sentences: str) -> Page:
        """Raise `Failed` unless the page says each of these."""
        for sentence in sentences:
            check(sentence in self.text, f"the page {self.path} to say “{sentence}”", self.described)
        return self

    def hides(self, *sentences: str) -> Page:
        """Raise `Failed` if the page says any of these."""
        for sentence in sentences:
            check(sentence not in self.text, f"the page {self.path} not to say “{sentence}”", self.described)
        return self

    @property
    def described(self) -> str:
        """The page in a line, for whoever reads that something failed."""
        said = f" It says: {' '.join(self.problems)}" if self.problems else f" It begins: {self.text[:200]}"
        return f"{self.status} “{self.heading}” at {self.path}.{said}"

    def _link(self, words: str) -> Any:
        return _named(self.tree.xpath("//a[@href]"), words)

    def _button(self, words: str) -> Any:
        return _named(self.tree.xpath("//form//button[not(@type='button')]"), words)


@dataclass
class Visitor:
    """One person at the portal, with cookies of their own and the page in front of them."""

    name: str
    portal: str
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
        self.page = Page(self.portal, 0, b"", "")

    def open(self, address: str, expect: int = 200) -> Page:
        """Go to an address."""
        return self._arrive(Request(urljoin(self.portal, address)), expect)

    def follow(self, words: str, expect: int = 200) -> Page:
        """Follow the link with these words, or the first that begins with them."""
        link = self.page._link(words)
        if link is None:
            raise Failed(f"a link “{words}” for {self.name}", self.page.described)
        return self.open(urljoin(self.page.address, link.get("href")), expect)

    def press(self, button: str, fields: Mapping[str, Value] | None = None, expect: int = 200) -> Page:
        """Fill the form that has this button, by the names of its fields, and press the button."""
        found = self.page._button(button)
        if found is None:
            raise Failed(f"a button “{button}” for {self.name}", self.page.described)
        form = next(found.iterancestors("form"))
        try:
            uploads = fill(form, fields or {})
        except ValueError as error:
            raise Failed(f"{error} beside “{button}” for {self.name}", self.page.described) from error
        pairs = successful(form)
        if found.get("name"):
            pairs.append((found.get("name"), found.get("value", "")))
        address = urljoin(self.page.address, found.get("formaction") or form.get("action") or "")
        if (form.get("method") or "get").lower() == "get":
            return self.open(f"{address.partition('?')[0]}?{urlencode(pairs)}", expect)
        multipart = form.get("enctype") == "multipart/form-data"
        return self._arrive(_posted(address, pairs, uploads, multipart), expect)

    def send(self, path: str, fields: Mapping[str, str], expect: int) -> Page:
        """Post what no button of the page offers, with the token that the page has."""
        tokens = self.page.tree.xpath("//input[@name='csrf_token']/@value")
        check(bool(tokens), "a page with a form", self.page.described)
        pairs = [("csrf_token", tokens[0]), *fields.items()]
        return self._arrive(_posted(urljoin(self.portal, path), pairs, [], False), expect)

    def sign_in(self, email: str, password: str) -> Page:
        """Sign in, to the home page."""
        self.open("/sign-in")
        page = self.press("Sign in", {"email": email, "password": password})
        if page.heading == "Second step":
            page = self.press("Continue", {"code": code_of_now(email)})
        return page.says("What needs you now")

    def refused(self, *paths: str, status: int = 404) -> None:
        """Raise `Failed` unless each of these pages answers with `status`."""
        for path in paths:
            self.open(path, expect=status)

    def _arrive(self, request: Request, expect: int) -> Page:
        begun = time.monotonic()
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                page = _page(answer)
        except HTTPError as answer:
            page = _page(answer)
        except (OSError, HTTPException) as error:
            raise Failed(f"{request.full_url} to answer {self.name}", repr(error)) from error
        self.pace.seconds.append(time.monotonic() - begun)
        asked = f"{request.get_method()} {urlsplit(request.full_url).path}"
        check(page.status == expect, f"{asked} by {self.name} to be answered with {expect}", page.described)
        self.page = page
        return page


def _page(answer: Any) -> Page:
    return Page(answer.url, answer.status, answer.read(), answer.headers.get("Content-Type", ""))


def _posted(address: str, pairs: list[tuple[str, str]], uploads: list[Upload], multipart: bool) -> Request:
    if not multipart:
        return Request(address, data=urlencode(pairs).encode())
    boundary = uuid.uuid4().hex
    parts = [_part(name, value.encode(), "") for name, value in pairs]
    parts += [
        _part(each.field, each.content, f'; filename="{each.name}"\r\nContent-Type: {each.kind}')
        for each in uploads
    ]
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part for part in parts)
    body += b"--" + boundary.encode() + b"--\r\n"
    return Request(address, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})


def _part(name: str, content: bytes, more: str) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


def _named(elements: Iterable[Any], words: str) -> Any:
    """The element that says exactly this, or else the first that begins with it."""
    named = [(_words(element), element) for element in elements]
    exact = [element for said, element in named if said == words]
    begun = [element for said, element in named if said.startswith(words)]
    return next(iter(exact or begun), None)

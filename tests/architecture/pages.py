"""What every page must be, as a list of problems found in its HTML."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

XHTML = "{http://www.w3.org/1999/xhtml}"
TYPED = {"input", "select", "textarea"}
UNLABELLED = {"hidden", "submit", "button"}


def problems_of(html: str, app: Flask | None = None) -> list[str]:
    """Every problem of one page; an empty list for a good one. With `app`, links must lead somewhere."""
    parser = html5lib.HTMLParser(strict=False)
    document = parser.parse(html)
    found = [f"not valid HTML: {code} at {position}" for position, code, _ in parser.errors]
    elements = [
        (element.tag.removeprefix(XHTML), element)
        for element in document.iter()
        if isinstance(element.tag, str)
    ]
    found += list(_headings(elements))
    found += list(_identifiers(elements))
    found += list(_labels(elements))
    found += list(_inline(elements))
    found += list(_error_summary(elements))
    if app:
        found += list(_links(elements, app))
    return found


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _headings(elements: list[tuple[str, Element]]) -> Iterator[str]:
    headings = [_text(element) for tag, element in elements if tag == "h1"]
    if len(headings) != 1 or not headings[0]:
        yield f"{len(headings)} h1 headings: {headings}"
    titles = [_text(element) for tag, element in elements if tag == "title"]
    if not titles or not titles[0].partition("–")[0].strip() or "–" not in titles[0]:
        yield f"the title does not name the page and the service: {titles}"
    if not any(tag == "main" for tag, _ in elements):
        yield "no main"
    if not any(tag == "html" and element.get("lang") == "en" for tag, element in elements):
        yield "no language"


def _identifiers(elements: list[tuple[str, Element]]) -> Iterator[str]:
    counted = Counter(element.get("id") for _, element in elements if element.get("id") is not None)
    yield from (f"id '{name}' stands {count} times" for name, count in counted.items() if count > 1)
    for tag, element in elements:
        for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            for name in (element.get(attribute) or "").split():
                if name not in counted:
                    yield f"{attribute} of {tag} names '{name}', which is not on the page"


def _labels(elements: list[tuple[str, Element]]) -> Iterator[str]:
    labelled = {element.get("for") for tag, element in elements if tag == "label"}
    for tag, element in elements:
        if tag in TYPED and element.get("type") not in UNLABELLED:
            named = element.get("aria-label") or element.get("aria-labelledby")
            if element.get("id") not in labelled and not named:
                yield f"{tag} '{element.get('name')}' has no label"
        if tag == "img" and element.get("alt") is None:
            yield f"img {element.get('src')} has no alt"


def _inline(elements: list[tuple[str, Element]]) -> Iterator[str]:
    for tag, element in elements:
        if element.get("style") is not None:
            yield f"{tag} has an inline style, which the content security policy ignores"
        if any(name.startswith("on") for name in element.attrib):
            yield f"{tag} has an inline handler, which the content security policy refuses"
        if tag == "script" and element.text and element.text.strip() and not element.get("nonce"):
            yield "an inline script without a nonce"
        posts = tag == "form" and (element.get("method") or "get").lower() == "post"
        if posts and not any(child.get("name") == "csrf_token" for child in element.iter()):
            yield f"the form to {element.get('action')} carries no token"


def _error_summary(elements: list[tuple[str, Element]]) -> Iterator[str]:
    identifiers = {element.get("id") for _, element in elements}
    summaries = [
        element for _, element in elements if "govuk-error-summary" in (element.get("class") or "").split()
    ]
    errors = [
        element for _, element in elements if "govuk-error-message" in (element.get("class") or "").split()
    ]
    if errors and not summaries:
        yield "errors at fields, but no error summary"
    for summary in summaries:
        for link in summary.iter(f"{XHTML}a"):
            target = (link.get("href") or "").removeprefix("#")
            if target not in identifiers:
                yield f"the error summary leads to '{target}', which is not on the page"


def _links(elements: list[tuple[str, Element]], app: Flask) -> Iterator[str]:
    adapter = app.url_map.bind("localhost")
    for tag, element in elements:
        target = element.get("href") if tag == "a" else element.get("action") if tag == "form" else None
        if not target or not target.startswith("/") or target.startswith("/assets/"):
            continue
        method = (element.get("method") or "get").upper() if tag == "form" else "GET"
        try:
            adapter.match(urlsplit(target).path, method=method)
        except RequestRedirect:
            continue
        except MethodNotAllowed:
            yield f"{tag} leads to {method} {target}, which takes no {method}"
        except HTTPException:
            yield f"{tag} leads to {target}, which is not there"

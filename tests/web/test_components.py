"""Our macros write what GOV.UK Frontend's own macros write, for the examples that it publishes."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask

from tests.web import govuk_fixtures as govuk

Adapter = Callable[[govuk.Options], govuk.Options]


def tag(options: govuk.Options) -> govuk.Options:
    """Colours are classes there and names here."""
    colour = options.get("classes", "").removeprefix("govuk-tag--") or None
    return {"text": govuk.words(options), "colour": colour, "attributes": options.get("attributes", {})}


def notification(options: govuk.Options) -> govuk.Options:
    """Text as the heading of the banner."""
    ours = {"text": options["text"], "title": options.get("titleText"), "role": options.get("role")}
    return ours | {"success": options.get("type") == "success"}


def with_text(**names: str) -> Adapter:
    """Components of a text and little else."""
    rename = govuk.plain(**names)
    return lambda options: rename(options) | {"text": govuk.words(options)}


MACROS: dict[str, tuple[str, Adapter]] = {
    "input": ("inputs.html text_input", govuk.text_input),
    "textarea": ("inputs.html textarea", govuk.textarea),
    "character-count": ("inputs.html textarea", govuk.textarea),
    "password-input": ("inputs.html password_input", govuk.group),
    "file-upload": ("inputs.html file_upload", govuk.file_upload),
    "radios": ("choices.html radios", govuk.choices),
    "checkboxes": ("choices.html checkboxes", govuk.choices),
    "select": ("choices.html select", govuk.choices),
    "date-input": ("dates.html date_input", govuk.date_input),
    "button": ("forms.html button", govuk.button),
    "error-summary": ("forms.html error_list", govuk.error_list),
    "summary-list": ("lists.html summary_list", govuk.summary_list),
    "table": ("lists.html table", govuk.table),
    "task-list": ("lists.html task_list", govuk.task_list),
    "pagination": ("navigation.html page_links", govuk.page_links),
    "tag": ("notices.html tag", tag),
    "details": ("notices.html details", with_text(summaryText="summary")),
    "inset-text": ("notices.html inset", with_text()),
    "warning-text": ("notices.html warning", with_text()),
    "panel": ("notices.html panel", with_text(titleText="title", titleHtml="title", headingLevel="level")),
    "notification-banner": ("notices.html notification", notification),
}
EXAMPLES = tomllib.loads(Path(__file__).with_name("examples.toml").read_text())
CASES = [(component, name) for component, names in EXAMPLES.items() for name in names]


def normal(html: str) -> Any:
    """What a browser makes of `html`: elements, attributes in any order, words with single spaces."""

    def of(node: Any) -> Any:
        attributes = dict(node.attrib)
        if "class" in attributes:
            attributes["class"] = " ".join(attributes["class"].split())
        keep = node.tag.endswith("textarea")
        texts = [node.text, *(child.tail for child in node)]
        words = [(text or "") if keep else " ".join((text or "").split()) for text in texts]
        return node.tag, attributes, words, [of(child) for child in node]

    return of(html5lib.parseFragment(html))


@pytest.mark.parametrize(("component", "name"), CASES, ids=[": ".join(case) for case in CASES])
def test_a_macro_writes_the_markup_that_the_design_system_publishes(
    edge: Flask, component: str, name: str
) -> None:
    options, html = govuk.example(component, name)
    where, adapt = MACROS[component]
    file, macro = where.split()
    drawn = getattr(edge.jinja_env.get_template(f"components/{file}").module, macro)(**adapt(options))
    assert normal(str(drawn)) == normal(html)


def test_text_from_people_is_escaped_and_markup_from_templates_is_not(edge: Flask) -> None:
    inputs = edge.jinja_env.get_template("components/inputs.html").module
    drawn = str(inputs.text_input("x", "<b>Label</b>", value='"><script>', hint="<i>", error="<u>"))
    assert "<script>" not in drawn and "<b>" not in drawn and "<i>" not in drawn and "<u>" not in drawn

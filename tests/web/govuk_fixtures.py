"""GOV.UK Frontend's own examples: the options of its macros, put into the words of ours."""

import json
import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from portal.web.assets import GOVUK

Options = dict[str, Any]
BUTTON = ("name", "value", "disabled", "id", "href", "classes", "type", "attributes")
PLAIN = ("id", "classes", "attributes", "open", "level")


def example(component: str, name: str) -> tuple[Options, str]:
    """The options and the HTML of a published example."""
    published = json.loads((GOVUK / "components" / component / "fixtures.json").read_text())["fixtures"]
    found = next(each for each in published if each["name"] == name)
    options, html = dict(found["options"]), found["html"]
    if component == "date-input" and "namePrefix" not in options:
        # Our boxes are always named after their field: <name>-day.
        options["namePrefix"] = options["id"]
        html = re.sub(r'name="(day|month|year)"', rf'name="{options["id"]}-\1"', html)
    return options, html


def words(part: Options | None) -> Any:
    """The text of `{text}` or `{html}`."""
    if not part:
        return None
    return Markup(part["html"]) if part.get("html") else part.get("text")


def same(options: Options, names: tuple[str, ...]) -> Options:
    """The options whose names are the same here."""
    return {name: options[name] for name in names if name in options}


def group(options: Options, **more: Any) -> Options:
    """What every field has in common."""
    label = options.get("label") or (options.get("fieldset") or {}).get("legend") or {}
    ours = {
        "name": options.get("name", ""),
        "id": options.get("id") or options.get("idPrefix"),
        "label": words(label),
        "label_classes": label.get("classes", ""),
        "heading": label.get("isPageHeading", False),
        "hint": words(options.get("hint")),
        "error": words(options.get("errorMessage")),
        "classes": options.get("classes", ""),
        "group_classes": (options.get("formGroup") or {}).get("classes", ""),
        "described_by": options.get("describedBy") or (options.get("fieldset") or {}).get("describedBy"),
        "attributes": options.get("attributes", {}),
    }
    return {**ours, **{name: value for name, value in more.items() if value is not None}}


def choices(options: Options) -> Options:
    """Radios, checkboxes and selects."""

    def choice(item: Options) -> Options:
        opens = words(item.get("conditional"))
        return {**item, "text": words(item), "hint": words(item.get("hint")), "conditional": opens}

    items = [item and choice(item) for item in options.get("items", [])]
    return group(options, items=items, value=options.get("value"), values=options.get("values"))


def file_upload(options: Options) -> Options:
    """A box for files."""
    return group(options, **same(options, ("multiple", "disabled")))


def text_input(options: Options) -> Options:
    """A one-line box."""
    names = ("type", "inputmode", "autocomplete", "autocapitalize", "spellcheck", "value", "disabled")
    affixes = {name: words(options.get(name)) for name in ("prefix", "suffix")}
    return group(options, **same(options, names), **affixes)


def textarea(options: Options) -> Options:
    """A box of several lines, with or without the counter."""
    limits = {"max_words": options.get("maxwords"), "max_characters": options.get("maxlength")}
    return group(options, **limits, **same(options, ("rows", "value", "spellcheck", "autocomplete")))


def date_input(options: Options) -> Options:
    """Three boxes for a day."""
    items = options.get("items") or []
    wrong = [item["name"] for item in items if "govuk-input--error" in item.get("classes", "")]
    ours = group(options, values={item["name"]: item.get("value") for item in items}, wrong=wrong)
    return ours | {"name": options["namePrefix"]}


def button(options: Options) -> Options:
    """A button or a link that looks like one."""
    return {"text": words(options), "start": options.get("isStartButton", False), **same(options, BUTTON)}


def error_list(options: Options) -> Options:
    """The summary of what is wrong."""
    problems = [(item.get("href"), words(item)) for item in options.get("errorList", [])]
    description = options.get("descriptionText")
    return {"problems": problems, "title": options["titleText"], "description": description}


def action(options: Options) -> Options:
    """A link beside a fact."""
    return {**options, "text": words(options), "hidden": options.get("visuallyHiddenText")}


def summary_list(options: Options) -> Options:
    """Facts, with or without a card."""
    rows = [
        {
            "key": words(row["key"]),
            "value": words(row["value"]),
            "classes": row.get("classes"),
            "actions": [action(each) for each in (row.get("actions") or {}).get("items", [])],
        }
        for row in options["rows"]
        if row
    ]
    card = options.get("card") or {}
    card_actions = [action(each) for each in (card.get("actions") or {}).get("items", [])]
    level = (card.get("title") or {}).get("headingLevel", 2)
    ours = {"rows": rows, "card": words(card.get("title")), "card_actions": card_actions, "card_level": level}
    return {**ours, "classes": options.get("classes", ""), "attributes": options.get("attributes", {})}


def task_list(options: Options) -> Options:
    """Tasks and how far they are."""

    def task(item: Options) -> Options:
        status, ours = item["status"], {"title": words(item["title"]), "hint": words(item.get("hint"))}
        if "tag" in status:
            colour = status["tag"].get("classes", "").removeprefix("govuk-tag--")
            ours["tag"] = (words(status["tag"]), colour)
        return ours | {
            "href": item.get("href"),
            "status": words(status),
            "status_classes": status.get("classes"),
        }

    items = [item and task(item) for item in options["items"]]
    return {"items": items, "id": options.get("idPrefix", "task-list")}


def table(options: Options) -> Options:
    """Rows and columns."""

    def cells(row: list[Options] | None) -> list[Options]:
        return [dict(each, text=words(each), numeric=each.get("format") == "numeric") for each in row or []]

    return {
        "rows": [cells(row) for row in options["rows"]],
        "head": cells(options.get("head")),
        "caption": options.get("caption"),
        "caption_size": options.get("captionClasses", "").removeprefix("govuk-table__caption--") or None,
        "classes": options.get("classes", ""),
        "row_headers": options.get("firstCellIsHeader", False),
        "scroll": False,
    }


def page_links(options: Options) -> Options:
    """Pages of a long list."""
    ends = {name: (options.get(name) or {}).get("href") for name in ("previous", "next")}
    items = [{**item, "hidden": item.get("visuallyHiddenText")} for item in options.get("items") or []]
    label = options.get("landmarkLabel", "Pagination")
    return {**ends, "items": items, "label": label, "classes": options.get("classes", "")}


def plain(**names: str) -> Callable[[Options], Options]:
    """Options that only change their names; `text` is text or markup."""

    def rename(options: Options) -> Options:
        renamed = {ours: options[theirs] for theirs, ours in names.items() if theirs in options}
        return same(options, PLAIN) | renamed

    return rename

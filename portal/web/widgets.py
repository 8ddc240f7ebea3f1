"""From a WTForms field to the macro that draws it: one place decides, templates only ask.

`widget_of` names the macro and gives its parameters; what a template passes besides replaces them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.fields import MultipleFileField

from portal.web.fields import MoneyField, PostcodeField, UKDateField, UKDateTimeField, WholeNumberField
from portal.web.grid_fields import GridField

Parameters = dict[str, Any]

# What a phone's keyboard and a browser's memory should offer, by kind of field.
_TEXT_KINDS: tuple[tuple[type[Field], Parameters], ...] = (
    (MoneyField, {"prefix": "£", "inputmode": "decimal", "classes": "govuk-input--width-10"}),
    (WholeNumberField, {"inputmode": "numeric", "classes": "govuk-input--width-5"}),
    (IntegerField, {"inputmode": "numeric", "classes": "govuk-input--width-5"}),
    (PostcodeField, {"autocomplete": "postal-code", "classes": "govuk-input--width-10"}),
    (EmailField, {"type": "email", "autocomplete": "email", "spellcheck": False}),
    (TelField, {"type": "tel", "autocomplete": "tel", "classes": "govuk-input--width-20"}),
    (URLField, {"type": "url", "autocomplete": "url"}),
    (SearchField, {"type": "search"}),
)


def html_attrs(attributes: Mapping[str, Any]) -> Markup:
    """` name="value"` for each attribute; True gives the bare name; None and False leave it out."""
    written = []
    for name, value in attributes.items():
        if value is True:
            written.append(f" {escape(name)}")
        elif value is not None and value is not False:
            written.append(f' {escape(name)}="{escape(value)}"')
    return Markup("".join(written))


def join_ids(*ids: str | None) -> str | None:
    """The ids that are there, for aria-describedby; None when there is none."""
    return " ".join(filter(None, ids)) or None


def widget_of(field: Field, overrides: Mapping[str, Any]) -> tuple[str, Parameters]:
    """The name of the macro that draws `field`, and its parameters with `overrides` put over them.

    Raises `TypeError` for a parameter that says how WTForms should draw, which it does not do here.
    """
    if field.render_kw:
        raise TypeError(f"{field.name} has render_kw. Pass what the page needs to field() instead.")
    macro, parameters = _describe(field)
    extra = dict(overrides)
    hints = extra.pop("hints", {})
    conditional = extra.pop("conditional", {})
    divider_before = extra.pop("divider_before", None)
    if "items" in parameters and macro in ("radios", "checkboxes"):
        parameters["items"] = list(_dressed(parameters["items"], hints, conditional, divider_before))
    return macro, {**parameters, **extra}


def _describe(field: Field) -> tuple[str, Parameters]:
    """The macro and the parameters that follow from the field alone."""
    common: Parameters = {
        "name": field.name,
        "id": field.id,
        "label": _label(field),
        "hint": field.description or None,
        "error": field.errors[0] if field.errors else None,
    }
    if isinstance(field, GridField):
        own = field.own_errors
        return "field_groups", {**common, "groups": field.groups, "error": own[0] if own else None}
    if isinstance(field, UKDateTimeField | UKDateField):
        macro = "datetime_input" if isinstance(field, UKDateTimeField) else "date_input"
        wrong = field.wrong_parts or (field.parts_asked if field.errors else ())
        return macro, {**common, "values": field.parts, "wrong": wrong}
    if isinstance(field, RadioField):
        return "radios", {**common, "items": _choices(field), "value": str(field.data)}
    if isinstance(field, SelectMultipleField):
        chosen = [str(value) for value in field.data or ()]
        return "checkboxes", {**common, "items": _choices(field), "values": chosen}
    if isinstance(field, SelectField):
        return "select", {**common, "items": _choices(field), "value": str(field.data)}
    if isinstance(field, BooleanField):
        item = {"value": "y", "text": common.pop("label"), "checked": bool(field.data)}
        return "checkboxes", {**common, "label": None, "items": [item]}
    if isinstance(field, MultipleFileField | FileField):
        return "file_upload", {**common, "multiple": isinstance(field, MultipleFileField)}
    if isinstance(field, PasswordField):
        return "password_input", common
    if isinstance(field, TextAreaField):
        words = getattr(field.flags, "max_words", None)
        return "textarea", {**common, "value": field._value(), "max_words": words, "rows": _rows(words)}
    kind = next((extra for kind, extra in _TEXT_KINDS if isinstance(field, kind)), {})
    return "text_input", {**common, "value": field._value() or None, **kind}


def _label(field: Field) -> str:
    """The label; what may be left empty says so, and what must be filled says nothing."""
    label = field.label.text
    return f"{label} (optional)" if field.flags.optional and "(optional)" not in label else label


def _choices(field: Any) -> list[Parameters]:
    """The choices of a radio, checkbox or select field. Groups of a select are written one after another."""
    return [{"value": str(choice.value), "text": choice.label} for choice in field.iter_choices()]


def _dressed(
    items: Iterable[Parameters], hints: Mapping[str, Any], conditional: Mapping[str, Any], divider: str | None
) -> Iterable[Parameters]:
    """Choices with their hints, what each one opens, and 'or' before the one that excludes the rest."""
    for item in items:
        value = item["value"]
        exclusive = {}
        if divider is not None and value == divider:
            yield {"divider": "or"}
            exclusive = {"behaviour": "exclusive"}
        yield {**item, "hint": hints.get(value), "conditional": conditional.get(value), **exclusive}


def _rows(words: int | None) -> int:
    """A box as tall as the answer that is asked for: about twelve words a line, 5 to 18 lines."""
    return 5 if words is None else max(5, min(18, words // 12 + 1))

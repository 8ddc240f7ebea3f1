"""The form that every form derives from: safe text in, the token checked, nothing typed lost.

`Form` is for POST, `QueryForm` for searches and filters in an address (GET, no token).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, PasswordField, SelectMultipleField, StringField
from wtforms.csrf.core import CSRFTokenField
from wtforms.fields import FieldList, FormField

from portal.errors import NotFound, Refusal
from portal.web.fields import UKDateField
from portal.web.grid_fields import GridField
from portal.web.text import clean_text

EXPIRED = "This page was open for a long time. Nothing you typed is lost: check it and send it again."


SENTENCES = {
    "Not a valid choice.": "Choose one of the options.",
    "Invalid Choice: could not coerce.": "Choose one of the options.",
    "Invalid choice(s): one or more data inputs could not be coerced.": "Choose from the options.",
    "Not a valid integer value.": "Enter a whole number, such as 12.",
    "Not a valid decimal value.": "Enter a number, such as 12.5.",
    "'%(value)s' is not a valid choice for this field.": "Choose from the options.",
    "'%(value)s' are not valid choices for this field.": "Choose from the options.",
    "Invalid email address.": "Enter an email address, such as name@example.org.",
    "Invalid URL.": "Enter a web address that begins with https://.",
    "Invalid input.": "Check what you entered: it is not in the form that is asked for.",
    "This field is required.": "Fill this in.",
    "Field cannot be longer than %(max)d character.": "Use at most %(max)d character.",
    "Field cannot be longer than %(max)d characters.": "Use at most %(max)d characters.",
    "Field must be at least %(min)d character long.": "Use at least %(min)d character.",
    "Field must be at least %(min)d characters long.": "Use at least %(min)d characters.",
}


class _Sentences:
    """What WTForms says by itself, put into sentences that say what to do."""

    def gettext(self, string: str) -> str:
        """The sentence for a built-in message."""
        return SENTENCES.get(string, string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The sentence for a built-in message with a count."""
        return self.gettext(singular if n == 1 else plural)


def _stripped(value: Any) -> Any:
    """Text without the spaces around it."""
    return value.strip() if isinstance(value, str) else value


class _TokenField(CSRFTokenField):
    """The token against forgery, made when it is drawn: most forms that are sent are answered without one."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Take what was sent; no token is made for that."""
        HiddenField.process(self, *args, **kwargs)

    def _value(self) -> str:
        return self.csrf_impl.generate_csrf_token(self)


class _Token(FlaskForm.Meta.csrf_class):  # type: ignore[misc]
    field_class = _TokenField


class Form(FlaskForm):
    """A form with a token against forgery. What came in stays in its fields when something is wrong."""

    class Meta(FlaskForm.Meta):
        """Cleans every text on its way in, and takes the spaces around it away (never in a password)."""

        csrf_class = _Token

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """The submitted data without characters that cannot be kept (`clean_text`); files untouched."""
            data = super().wrap_formdata(form, formdata)
            return None if data is None else _cleaned(data)

        def get_translations(self, form: FlaskForm) -> _Sentences:
            """Our own sentences in the place of translations."""
            return _Sentences()

        def bind_field(self, form: FlaskForm, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Give text fields the filter that strips."""
            text = issubclass(unbound_field.field_class, StringField)
            if text and not issubclass(unbound_field.field_class, PasswordField):
                options["filters"] = [_stripped, *unbound_field.kwargs.get("filters", ())]
            return unbound_field.bind(form=form, **options)

    refused_with = 422

    @property
    def http_status(self) -> int:
        """The status of a page that shows this form: 200, or `refused_with` where something is wrong."""
        return self.refused_with if self.errors else 200

    def refuse(self, refusal: Refusal | str, field: str | None = None) -> None:
        """Show what a service refused: at the field that the refusal names, else above the form."""
        sentence = refusal.sentence if isinstance(refusal, Refusal) else refusal
        name = field or (refusal.field if isinstance(refusal, Refusal) else None)
        target = self._fields.get(name) if name else None
        if target is None:
            self.form_errors = [*self.form_errors, sentence]
        else:
            target.errors = [*target.errors, sentence]

    def carried(self) -> list[tuple[str, Any]]:
        """(name, value) of everything typed, for the hidden fields of a page that shows it once more."""
        pairs: list[tuple[str, Any]] = []
        for field in self:
            if isinstance(field, UKDateField):
                pairs += [(f"{field.name}-{part}", value) for part, value in field.parts.items()]
            elif isinstance(field, SelectMultipleField):
                pairs += [(field.name, value) for value in field.data or ()]
            elif field.name != self.meta.csrf_field_name:
                pairs.append((field.name, field.raw_data[0] if field.raw_data else field.data or ""))
        return pairs

    @contextmanager
    def refusals(self, otherwise: str | None = None) -> Iterator[None]:
        """Show what a service refuses inside the block, and leave the block; `NotFound` passes on.

        A refusal that names no field is shown at `otherwise`, where that is given.
        """
        try:
            yield
        except NotFound:
            raise
        except Refusal as refusal:
            self.refuse(refusal, refusal.field or otherwise)


class QueryForm(Form):
    """A search or filter form: it reads the address, changes nothing and needs no token."""

    class Meta(Form.Meta):
        """Without the token."""

        csrf = False

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("formdata", request.args)
        super().__init__(**kwargs)


def form_problems(form: FlaskForm) -> list[tuple[str | None, str]]:
    """(link, sentence) for everything wrong in `form`, by field; no link: the whole form."""
    problems: list[tuple[str | None, str]] = [(None, str(sentence)) for sentence in form.form_errors]
    for field in form:
        if field.name == form.meta.csrf_field_name:
            problems += [(None, EXPIRED)] if field.errors else []
        else:
            problems += _problems_of(field)
    return problems


def _problems_of(field: Field) -> Iterator[tuple[str | None, str]]:
    """A field's own problems, or those of the fields inside it."""
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _problems_of(inner)
    elif isinstance(field, GridField):
        yield from ((f"#{field.id}", error) for error in field.own_errors)
        for inner in field.fields:
            yield from _problems_of(inner)
    elif isinstance(field, FieldList):
        yield from ((f"#{field.id}", str(error)) for error in field.errors if isinstance(error, str))
        for inner in field.entries:
            yield from _problems_of(inner)
    else:
        anchor = getattr(field, "first_wrong_id", field.id)
        yield from ((f"#{anchor}", str(error)) for error in field.errors)


def _cleaned(data: Any) -> MultiDict[str, Any]:
    """A copy of submitted data with every text cleaned."""
    pairs = data.lists() if hasattr(data, "lists") else ((name, [value]) for name, value in data.items())
    return MultiDict(
        (name, clean_text(value) if isinstance(value, str) else value)
        for name, values in pairs
        for value in values
    )

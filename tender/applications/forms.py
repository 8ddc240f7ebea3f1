"""The forms of an application: its lots, one question, and the declaration at the end."""

from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields import MultipleFileField
from wtforms.validators import ValidationError

from portal.errors import Refusal
from portal.storage.inspection import endings_for, kinds_in_words
from portal.storage.refusals import in_megabytes
from portal.web.filters import plural
from portal.web.forms import Form, QueryForm
from portal.web.text import id_in
from portal.web.words import WORD_RULE
from tender.applications.answer_fields import field_for
from tender.applications.answer_services import (
    LARGEST_DOCUMENT,
    MOST_BYTES,
    MOST_DOCUMENTS,
    kinds_accepted,
)
from tender.applications.contents import Item
from tender.applications.holding import Unconfirmed
from tender.applications.limits import allowed
from tender.applications.receipts import DECLARATION, STATEMENT
from tender.applications.values import kept_value, typed_value
from tender.frameworks.pack import AskedQuestion
from tender.frameworks.queries import LotFacts

_LARGEST_VERSION = 2**31


class LotsForm(Form):
    """Which lots the application is for."""

    lots = SelectMultipleField("Which lots do you apply for?", coerce=int, validate_choice=False)

    def offer(self, lots: Sequence[LotFacts]) -> "LotsForm":
        """Let the form offer these lots."""
        self.lots.choices = {lot.id: lot.name for lot in lots}
        return self


class SubmitForm(Form):
    """The statement of whoever certifies and the declaration of whoever submits.

    `contents` is the SHA-256 of what the page shows, `leave_out` the lots that are not ready, `key` is the
    form's own: sent again, it submits nothing again.
    """

    certified = BooleanField(STATEMENT)
    declared = BooleanField(DECLARATION)
    contents = HiddenField()
    leave_out = HiddenField()
    key = HiddenField()

    def draw(self, contents: str, unready: Sequence[LotFacts]) -> "SubmitForm":
        """Let the form be drawn for these contents; a statement on other contents has to be made again."""
        if self.contents.data and self.contents.data != contents:
            self.certified.data = False
        for field, value in (
            (self.contents, contents),
            (self.leave_out, " ".join(str(lot.id) for lot in unready)),
            (self.key, token_urlsafe(16)),
        ):
            field.data, field.raw_data = value, None
        return self

    def refuse(self, refusal: Refusal | str, field: str | None = None) -> None:
        """Show what a service refused, at every box that was left open."""
        if isinstance(refusal, Unconfirmed):
            for box, sentence in refusal.boxes.items():
                super().refuse(sentence, box)
        else:
            super().refuse(refusal, field)

    @property
    def left_out(self) -> list[int]:
        """The ids of the lots that the page left out."""
        typed = (self.leave_out.data or "").split()
        return [number for each in typed if (number := id_in(each, None)) is not None]

    @property
    def sent_under(self) -> str | None:
        """The key under which the form was sent."""
        return (self.key.data or "")[:100] or None


class WithdrawForm(Form):
    """Withdrawing what this receipt was given for, and no later submission."""

    receipt = HiddenField()


class VersionForm(Form):
    """What is saved over a version of an answer: `version` is the one which the page was drawn with."""

    version = HiddenField(default="0")

    @property
    def drawn_with(self) -> int:
        """The version sent along; 0 for what is not a version."""
        typed = self.version.data or ""
        return min(int(typed), _LARGEST_VERSION) if typed.isascii() and typed.isdigit() else 0

    def put_version(self, version: int) -> None:
        """Let the form be drawn with another version than was sent along."""
        self.version.data = str(version)
        self.version.raw_data = None


class PutBackForm(VersionForm):
    """Which `earlier` version of an answer is to be put back."""

    earlier = HiddenField()

    def put_earlier(self, number: int) -> None:
        """Let the form be drawn for this version, whichever was sent along."""
        self.earlier.data = str(number)
        self.earlier.raw_data = None


class AnswerForm(VersionForm):
    """One question; `value` is added by kind."""

    asked: AskedQuestion

    @property
    def drawing(self) -> dict[str, Any]:
        """How the field is drawn: the question's text is its label; long answers get the counter of words."""
        asked = self.asked
        if asked.kind == "declaration":
            return {"hint": asked.why or None}
        labelled = {"label": asked.text, "hint": asked.why or None}
        if isinstance(self["value"], TextAreaField):
            words = asked.word_limit
            return {**labelled, "max_words": words, "rows": max(5, min(18, (words or 60) // 12))}
        limit = f"Up to {plural(asked.word_limit, 'word')}. {WORD_RULE}" if asked.word_limit else ""
        several = "Choose all that apply." if asked.kind == "choices" else ""
        inline = {"classes": "govuk-radios--inline"} if asked.kind == "yes_no" else {}
        hints = (asked.why, limit, several, allowed(asked.kind, asked.shape))
        return {**labelled, "hint": " ".join(filter(None, hints)) or None, **inline}

    @property
    def kept(self) -> Any:
        """What was typed, as it is kept (see `values`)."""
        return kept_value(self.asked.kind, self["value"].data, self.asked.shape)

    def validate_value(self, field: Field) -> None:
        """Choices must be among the options. (Words are counted by the page: a long answer is kept.)"""
        options = field.choices if isinstance(field, RadioField) else {}
        if options and field.data and field.data not in options:
            raise ValidationError("Choose one of the options.")


class DocumentsForm(Form):
    """The documents of a file question."""

    value = MultipleFileField("Choose one or more files")
    endings = ""
    largest = 0  # bytes of one file

    @property
    def files(self) -> list[FileStorage]:
        """The files that were chosen; a browser sends one without a name when there is none."""
        return [file for file in self.value.data or () if isinstance(file, FileStorage) and file.filename]


def answer_form(item: Item, *, sent: bool = True, rows: int = 0) -> AnswerForm:
    """The form for a question that is not a file question, with what is kept, and a table with at least so
    many `rows`.

    Without `sent`, what the request brings is left alone.
    """
    asked = item.asked
    typed = typed_value(asked.kind, item.value, asked.shape)

    class DrawnForm(AnswerForm):
        value = field_for(asked, filled=len(typed or ()) if asked.kind == "table" else 0, rows=rows)

    kept = {"value": typed, "version": str(item.version)}
    form = DrawnForm(data=kept) if sent else DrawnForm(formdata=None, data=kept)
    form.asked = asked
    return form


def documents_form(asked: AskedQuestion, *, sent: bool = True) -> DocumentsForm:
    """The form for a file question, saying what is accepted before anything is chosen.

    Without `sent`, what the request brings is left alone.
    """
    form = DocumentsForm() if sent else DocumentsForm(formdata=None)
    kinds = kinds_accepted(asked.accepted)
    form.largest = min(asked.max_bytes or LARGEST_DOCUMENT, LARGEST_DOCUMENT)
    form.value.description = (
        f"{kinds_in_words(kinds)}, each up to {in_megabytes(form.largest)}, at most {MOST_DOCUMENTS} here. "
        f"All documents of an application together: up to {in_megabytes(MOST_BYTES)}."
    )
    form.endings = endings_for(kinds)
    return form


TRY = "try_"
"""What the names of answers begin with that somebody tries in a preview, before the question's code."""


class TryForm(QueryForm):
    """Answers that whoever writes a pack tries, to see what is asked then. Saved nowhere: they stand in the
    page's address."""

    deciding: tuple[str, ...] = ()
    """The names of its fields, one for each question on which others depend."""

    @property
    def tried(self) -> dict[str, list[str]]:
        """The values that were chosen, by the question's code."""
        return {name.removeprefix(TRY): list(self[name].raw_data or ()) for name in self.deciding}

    @property
    def tries(self) -> bool:
        """Whether anything was chosen."""
        return any(self.tried.values())


def try_form(deciding: Sequence[AskedQuestion]) -> TryForm:
    """The form with these questions, each with its own answers."""
    fields = {f"{TRY}{asked.code}": field_for(asked) for asked in deciding}
    return type("DrawnTryForm", (TryForm,), {**fields, "deciding": tuple(fields)})()

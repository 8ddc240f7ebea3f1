"""Forms for the next version of a published pack."""

from dataclasses import replace

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional

from portal.storage.inspection import KINDS as FILE_KINDS
from portal.web.fields import OfHundredField, Required, WholeNumberField
from portal.web.forms import Form
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.packs.forms import KindForm, at_most
from tender.packs.kind_forms import LARGEST_MEGABYTES, MEGABYTE


class AmendForm(Form):
    """What may change in a published question. A question has only the fields that its kind has."""

    seen = HiddenField()
    title = StringField("Title", [Required("Enter the title."), at_most(200)])
    text = TextAreaField("Question", [Required("Enter the question."), at_most(20_000)])
    why = TextAreaField("Why you ask (optional)", [at_most(20_000)])
    required = BooleanField("Everyone who is asked must answer")
    word_limit = WholeNumberField("Word limit", [Optional()], noun="The word limit", least=1, most=10_000)
    accepted = SelectMultipleField(
        "Types of file",
        [Required("Choose at least one type of file.")],
        choices={name: kind.name for name, kind in FILE_KINDS.items()},
    )
    megabytes = WholeNumberField(
        "Largest size of a file",
        [Required("Enter the largest size.")],
        noun="The largest size",
        least=1,
        most=LARGEST_MEGABYTES,
    )
    weight = OfHundredField("Weight", [Required("Enter the weight.")], noun="The weight")
    minimum = SelectField("Minimum mark", coerce=int)
    how_judged = TextAreaField("What you look for (optional)", [at_most(20_000)])

    def asked(self, before: AskedQuestion) -> AskedQuestion:
        """The question as typed, where the form does not ask as it was `before`."""
        plain = ("title", "text", "why", "required", "word_limit", "weight", "minimum", "how_judged")
        said = {name: self[name].data for name in plain if name in self}
        # The same types may be spelt by other endings: only another choice is a change.
        if "accepted" in self and set(self.accepted.data or ()) != set(_types(before)):
            chosen = (FILE_KINDS[name].endings for name in self.accepted.data or ())
            said["accepted"] = tuple(ending for endings in chosen for ending in endings)
        if "megabytes" in self and self.megabytes.data != _megabytes(before):
            said["max_bytes"] = self.megabytes.data * MEGABYTE
        return replace(before, **said)


class NewQuestionForm(KindForm):
    """In which section a new question stands, and of which kind it is."""

    section = SelectField("Section")


class PublishForm(Form):
    """Why the pack changes; `seen` is what the page showed."""

    seen = HiddenField()
    reason = TextAreaField(
        "Why the questions change",
        [Required("Say why."), at_most(2_000)],
        description="Everyone who is told reads it, and it stands on the public page.",
    )


def amend_form(asked: AskedQuestion, pack: RoundPack) -> AmendForm:
    """The form of one published question, without what it does not have."""
    form = AmendForm(
        data={
            **{name: getattr(asked, name) for name in ("title", "text", "why", "required", "word_limit")},
            **{name: getattr(asked, name) for name in ("weight", "minimum", "how_judged")},
            "accepted": _types(asked),
            "megabytes": _megabytes(asked),
            "seen": asked.fingerprint,
        }
    )
    if asked.word_limit is None:
        del form.word_limit
    if asked.kind != "file":
        del form.accepted, form.megabytes
    if asked.scored:
        bands = pack.scale_of(asked).bands
        form.minimum.choices = {band.points: f"{band.points}: {band.label}" for band in bands}
    else:
        del form.weight, form.minimum
    return form


def _types(asked: AskedQuestion) -> list[str]:
    return [name for name, kind in FILE_KINDS.items() if not set(kind.endings).isdisjoint(asked.accepted)]


def _megabytes(asked: AskedQuestion) -> int:
    return (asked.max_bytes or 10 * MEGABYTE) // MEGABYTE

"""Asking and answering."""

from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.validators import Length

from portal.errors import Refusal
from portal.web.fields import Required
from portal.web.forms import Form
from tender.clarifications.queries import Asked
from tender.clarifications.services import LONGEST, LONGEST_ANSWER, LONGEST_REASON, NamesSomebody

HOW = {
    "publish": "To everyone, in words that do not show who asked",
    "private": "To the asker alone",
}


def _at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Use at most {characters:,} characters.")


class AskForm(Form):
    """A question about a round."""

    text = TextAreaField(
        "Your question",
        description="Leave out your organisation's name and anything that only you would know. "
        "The council publishes questions with their answers, and never says who asked.",
        validators=[Required("Enter your question."), _at_most(LONGEST)],
    )


class SpeakingForm(Form):
    """Words that everyone will read, which must name no provider. The tick is shown where they seem to."""

    names_nobody = BooleanField(
        "This names no provider: the words are meant as they stand",
        description="For a provider whose name is an ordinary word. That you ticked this is recorded.",
    )
    seems_to_name = False

    def refuse(self, refusal: Refusal | str, field: str | None = None) -> None:
        """Show what a service refused, and the tick where it can help."""
        self.seems_to_name = self.seems_to_name or isinstance(refusal, NamesSomebody)
        super().refuse(refusal, field)

    @property
    def asks_for_names(self) -> bool:
        """Whether the page shows the tick."""
        return self.seems_to_name or bool(self.names_nobody.data)


class AnswerForm(SpeakingForm):
    """An answer: to everyone with the question in neutral words, or to the asker with a reason."""

    answer = TextAreaField("Answer", validators=[Required("Enter the answer."), _at_most(LONGEST_ANSWER)])
    how = RadioField(
        "Who is told",
        choices=HOW,
        default="publish",
        validators=[Required("Choose who is told.")],
    )
    text = TextAreaField(
        "The question as everyone will read it",
        description="Change it until nothing shows who asked. The words above stay private.",
        validators=[_at_most(LONGEST)],
    )
    reason = TextAreaField(
        "Why only the asker is told",
        description="Only for what is commercially confidential. The reason is kept, and the asker reads it.",
        validators=[_at_most(2_000)],
    )


class OwnForm(SpeakingForm):
    """Something that the council says unasked."""

    text = TextAreaField(
        "What it is about",
        description="In a sentence. Everyone reads it above the rest.",
        validators=[Required("Enter what it is about."), _at_most(LONGEST)],
    )
    answer = TextAreaField(
        "What you want to say", validators=[Required("Enter what you want to say."), _at_most(LONGEST_ANSWER)]
    )


class CorrectForm(SpeakingForm):
    """Another version of what everyone reads; `seen` is the number of the one that the page showed."""

    seen = HiddenField()
    text = TextAreaField(
        "The question as everyone will read it",
        validators=[Required("Enter the question."), _at_most(LONGEST)],
    )
    answer = TextAreaField("Answer", validators=[Required("Enter the answer."), _at_most(LONGEST_ANSWER)])
    reason = TextAreaField(
        "Why it is corrected",
        description="Everyone who is told reads it, and it stands between the two versions.",
        validators=[Required("Say why."), _at_most(LONGEST_REASON)],
    )


class LeaveForm(Form):
    """Why a question was not answered."""

    reason = TextAreaField(
        "Why it was not answered",
        description="The asker alone reads it.",
        validators=[Required("Say why."), _at_most(LONGEST_REASON)],
    )


def correct_form(asked: Asked) -> CorrectForm:
    """The form of what everyone reads now."""
    standing = asked.standing
    form = CorrectForm(data={"text": standing.text, "answer": standing.answer, "seen": str(standing.version)})
    if asked.own:
        form.text.label.text, form.answer.label.text = "What it is about", "What you want to say"
    return form

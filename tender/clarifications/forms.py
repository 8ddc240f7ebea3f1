"""Asking and answering."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import Length

from portal.web.fields import Required
from portal.web.forms import Form
from tender.clarifications.services import LONGEST, LONGEST_ANSWER

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


class AnswerForm(Form):
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

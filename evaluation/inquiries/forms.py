"""Asking a tenderer, answering, and withdrawing a question."""

from collections.abc import Sequence

from wtforms import MultipleFileField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from evaluation.inquiries.queries import Point
from evaluation.inquiries.services import FEWEST_DAYS, LONGEST, LONGEST_ANSWER, MOST_DAYS, MOST_FILES
from portal.web.fields import Required, WholeNumberField
from portal.web.forms import Form
from portal.web.text import id_in


def _at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Use at most {characters:,} characters.")


class AskForm(Form):
    """What one tenderer is asked to make clear, and how long it has."""

    point = SelectField("What you ask about", validate_choice=False)
    text = TextAreaField(
        "Your question",
        [Required("Enter your question."), _at_most(LONGEST)],
        description="Quote what is unclear and ask what it means. Do not ask for anything new.",
    )
    days = WholeNumberField(
        "Working days to answer",
        [Required("Enter how many working days they have.")],
        least=FEWEST_DAYS,
        most=MOST_DAYS,
        noun="The number of working days",
        description="The answer is due at 5pm on the last of them.",
    )

    def offer(self, points: Sequence[Point]) -> None:
        """Let the lead choose among what the tender says."""
        self.point.choices = [("", "Choose one"), *((point.key, point.words) for point in points)]

    @property
    def about(self) -> tuple[int, int | None]:
        """The ids of the question and of the lot; 0, which nothing has, for what is not an answer."""
        question, _, lot = (self.point.data or "").partition("-")
        return id_in(question, 0), id_in(lot, 0) or None


class AnswerForm(Form):
    """The answer, with files."""

    text = TextAreaField("Your answer", [Required("Enter your answer."), _at_most(LONGEST_ANSWER)])
    files = MultipleFileField(
        "Files", [Optional()], description=f"Up to {MOST_FILES} files of up to 10 MB each, if they help."
    )


class WithdrawForm(Form):
    """Why no answer is needed any more."""

    because = TextAreaField(
        "Why you withdraw it",
        [Required("Say why no answer is needed any more. The tenderer is told."), _at_most(2_000)],
        description="The tenderer is told.",
    )

"""Forms for the intakes of a framework that is always open, and for taking longer to answer."""

from datetime import datetime
from typing import Any

from wtforms import BooleanField, FieldList, TextAreaField
from wtforms.validators import Length, Optional

from portal.web.fields import Required, UKDateTimeField, WholeNumberField
from portal.web.forms import Form
from tender.frameworks.facts import RoundFacts
from tender.intakes.services import LONGEST_PROMISE, MOST

BOXES = 6


class CutOffsForm(Form):
    """Further cut-offs; a row that stays empty is none."""

    cut_offs = FieldList(
        UKDateTimeField("Cut-off", noun="The cut-off", validators=[Optional()]),
        min_entries=BOXES,
        max_entries=MOST,
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for number, row in enumerate(self.cut_offs, start=1):
            row.label.text = f"Further cut-off {number}"
            row.noun = f"Cut-off {number}"

    @property
    def chosen(self) -> list[datetime]:
        """The cut-offs that were entered."""
        return [row.data for row in self.cut_offs if row.data is not None]


class PlanForm(CutOffsForm):
    """What a draft promises: always open or not, the cut-offs, and when there is an answer."""

    always_open = BooleanField(
        "This framework is always open",
        description="Providers apply at any time. What comes before a cut-off is assessed together.",
    )
    answer_within = WholeNumberField(
        "Answer within",
        noun="The time for an answer",
        least=1,
        most=LONGEST_PROMISE,
        description="Working days after the close or cut-off. A dynamic purchasing system answers within 10.",
        validators=[Optional()],
    )
    answer_at_most = WholeNumberField(
        "Or at most",
        noun="The longer time",
        least=1,
        most=LONGEST_PROMISE,
        description="Working days, when you say why it takes longer. For a dynamic purchasing system 15.",
        validators=[Optional()],
    )


class LaterForm(Form):
    """Why the answer takes longer."""

    reason = TextAreaField(
        "Why does the answer take longer?",
        description="It is shown on the public page.",
        validators=[Required("Say why the answer takes longer."), Length(max=1_000)],
    )


def plan_form(facts: RoundFacts, cut_offs: list[datetime]) -> PlanForm:
    """The plan of a draft as it stands, with room for more cut-offs."""
    spare = max(BOXES - len(cut_offs), 1)
    return PlanForm(
        data={
            "always_open": facts.always_open,
            "answer_within": facts.answer_within,
            "answer_at_most": facts.answer_at_most,
            "cut_offs": [*cut_offs, *[None] * spare][:MOST],
        }
    )

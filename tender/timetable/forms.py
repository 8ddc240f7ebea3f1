"""The form of a round's planned dates."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.web.fields import UKDateField
from portal.web.forms import Form
from tender.timetable.models import STEPS


class PlanForm(Form):
    """A day for each step; one that stays empty is not planned."""

    @property
    def planned(self) -> dict[str, date | None]:
        """The days by step."""
        return {step: self[step].data for step in STEPS}


for _step, _name in STEPS.items():
    setattr(PlanForm, _step, UKDateField(_name, noun=f"“{_name}”"))


def plan_form(planned: Mapping[str, date]) -> PlanForm:
    """The form of what is planned."""
    data: dict[str, Any] = dict(planned)
    return PlanForm(data=data)

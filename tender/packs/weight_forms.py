"""The forms for all weights at once and for taking over another round's pack."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField

from portal.web.fields import OfHundredField, Required, WholeNumberField
from portal.web.forms import Form
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.packs.queries import weights_fingerprint
from tender.packs.refusals import Faulty


class WeightsForm(Form):
    """The weights of a pack. `weights_form` adds two fields for each scored question."""

    seen = HiddenField()
    scored: Sequence[AskedQuestion] = ()

    def given(self) -> dict[str, tuple[Decimal, int]]:
        """Weight and minimum by the question's code."""
        return {
            asked.code: (self[f"{asked.code}-weight"].data, self[f"{asked.code}-minimum"].data)
            for asked in self.scored
        }

    def show(self, refusal: Faulty) -> None:
        """Put what was refused at its fields."""
        for fault in refusal.faults:
            self.refuse(fault.sentence, fault.field)


def weights_form(pack: RoundPack) -> WeightsForm:
    """The form of all weights and minimums of a pack, with what they are now."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"seen": weights_fingerprint(pack)}
    for asked in pack.scored:
        named = f"of “{asked.title}”"
        fields[f"{asked.code}-weight"] = OfHundredField(
            f"Weight {named}",
            [Required(f"Enter the weight {named}.")],
            noun=f"The weight {named}",
        )
        fields[f"{asked.code}-minimum"] = WholeNumberField(
            f"Minimum mark {named}",
            [Required(f"Enter the minimum mark {named}.")],
            noun=f"The minimum mark {named}",
            most=100,
        )
        data |= {f"{asked.code}-weight": asked.weight, f"{asked.code}-minimum": asked.minimum}
    form: WeightsForm = type("DrawnForm", (WeightsForm,), fields)(data=data)
    form.scored = pack.scored
    return form


class CopyForm(Form):
    """Which round's pack to take over, and that the draft's own may go."""

    source = RadioField("Round", coerce=int, validators=[Required("Choose a round.")])
    sure = BooleanField(
        "Replace every question, section and scale of this draft",
        validators=[Required("Tick that the pack of this draft may be replaced.")],
    )

    @classmethod
    def offering(cls, sources: Sequence[Any]) -> "CopyForm":
        """The form with these rounds to choose from."""
        form = cls()
        form.source.choices = {
            source.id: f"Round {source.number} of {source.title} ({source.reference})" for source in sources
        }
        return form

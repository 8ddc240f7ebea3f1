"""Forms for changing a framework and for a lot with its conditions."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional

from portal.web.fields import MoneyField, Required, UKDateField, WholeNumberField
from portal.web.forms import Form
from tender.frameworks.facts import LotFacts
from tender.frameworks.forms import PlainFrameworkForm, at_most
from tender.frameworks.framework_services import RULES
from tender.frameworks.models import KEY_STAGES, PRICE_UNITS, Framework
from tender.frameworks.services import LotDetails

MOST_COVER = Decimal(1_000_000_000)


def _reason(told: str) -> TextAreaField:
    return TextAreaField(
        "Reason for the change",
        description=f"A round is published with this. {told}",
        validators=[at_most(1_000)],
    )


def _cover(label: str, noun: str) -> MoneyField:
    return MoneyField(
        label,
        noun=noun,
        least=Decimal(1),
        most=MOST_COVER,
        description="The least cover in pounds. Providers may have it by the award.",
        validators=[Optional()],
    )


class EditFrameworkForm(PlainFrameworkForm):
    """A framework's facts, without the notice and the lots that it started from."""

    lots = None
    first_awarded_on = UKDateField(
        "First award on",
        noun="The first award",
        description="The term of an open framework counts from here. Leave it empty until it is known.",
    )
    reason = _reason(
        "Your reason stays in the trail. Of another term we tell everyone who applies or follows."
    )
    standing: Sequence[tuple[str, str]] = ()
    """What cannot be changed now, as label and value in words."""

    def let_rules_stand(self) -> None:
        """Show the rules of rounds that are under way as what they are, and ask for no others."""
        self.standing = [(self[name].label.text, _in_words(self[name])) for name in RULES]
        for name in RULES:
            del self[name]


class LotForm(Form):
    """A lot and what it asks of whoever joins it."""

    number = StringField("Number", validators=[Required("Enter the number."), at_most(100)])
    title = StringField("Title", validators=[Required("Enter the title."), at_most(300)])
    registered_only = BooleanField("Registered schools only")
    minimum_hours_a_week = WholeNumberField(
        "Least hours a week", noun="The least hours a week", least=1, most=60, validators=[Optional()]
    )
    maximum_hours_a_week = WholeNumberField(
        "Most hours a week", noun="The most hours a week", least=1, most=60, validators=[Optional()]
    )
    key_stages = SelectMultipleField(
        "Key stages", choices=KEY_STAGES, description="Leave all empty when the lot is for every age."
    )
    largest_group = WholeNumberField(
        "Largest group",
        noun="The largest group",
        least=1,
        most=200,
        description="The most children taught together. 1 means one to one.",
        validators=[Optional()],
    )
    public_liability = _cover("Public liability", "Public liability")
    employers_liability = _cover("Employers’ liability", "Employers’ liability")
    professional_indemnity = _cover("Professional indemnity", "Professional indemnity")
    price_ceiling = MoneyField(
        "Highest price for new rounds",
        noun="The highest price",
        least=Decimal("0.01"),
        most=Decimal("99999.99"),
        description="In pounds for one child, without VAT. Each round can change it, or accept any price.",
        validators=[Optional()],
    )
    price_unit = SelectField("The highest price is for", choices=PRICE_UNITS, default="day")
    reason = _reason("Everyone who is told reads your reason, and it stays in the trail.")

    def details(self) -> LotDetails:
        """The lot as it was typed."""
        names = [name for name in LotDetails.__dataclass_fields__ if name != "key_stages"]
        return LotDetails(
            key_stages=tuple(self.key_stages.data or ()), **{name: self[name].data for name in names}
        )


def edit_framework_form(framework: Framework, published: bool, under_way: bool) -> EditFrameworkForm:
    """The form of a framework: a reason once a round is published, no other rules while one is under way.

    A page that was drawn before that sends its rules, and they are not ignored: the service refuses others.
    """
    known = {"cpv": ", ".join(framework.cpv_codes)}
    form: EditFrameworkForm = _with_reason(EditFrameworkForm(obj=framework, data=known), published)
    if under_way and not form.legal_regime.raw_data:
        form.let_rules_stand()
    return form


def _in_words(field: Any) -> str:
    if isinstance(field, BooleanField):
        return "Yes" if field.object_data else "No"
    return dict(field.choices)[field.object_data]


def lot_form(published: bool, lot: LotFacts | None = None) -> LotForm:
    """The form of a lot, or of a new one."""
    return _with_reason(LotForm(obj=lot), published)


def _with_reason(form: Any, published: bool) -> Any:
    if not published:
        del form.reason
    return form

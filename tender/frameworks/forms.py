"""Forms for a framework from its notice and for a round."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import (
    Form as PlainForm,
)
from wtforms.validators import Length, Optional, StopValidation

from portal.web.fields import (
    MoneyField,
    OfHundredField,
    Required,
    UKDateField,
    UKDateTimeField,
    WholeNumberField,
)
from portal.web.forms import Form
from portal.web.text import id_in
from tender.frameworks.facts import LotFacts
from tender.frameworks.models import (
    CALL_OFF_ROUTES,
    FRAMEWORK_KINDS,
    LEGAL_REGIMES,
    PRICE_UNITS,
    ROUTES_AT_FIRST,
)
from tender.frameworks.notice import Notice
from tender.frameworks.services import LotDetails

SPARE_LOTS = 3
LOTS_AT_FIRST = 6
CPV_DIGITS = 8
MOST_LOTS = 250
HOW_TO_APPLY = (
    "Answer every question and send your application before the round closes. Applications that reach us "
    "another way, or after the closing time, cannot be read."
)


def at_most(characters: int) -> Length:
    """A text of up to so many characters."""
    return Length(max=characters, message=f"Use at most {characters:,} characters.")


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class NoticeForm(Form):
    """The file of a published notice."""

    file = FileField(
        "Published notice",
        description="The OCDS release package (a file that ends in .json) of the tender or contract notice.",
        validators=[Required("Choose the file of the notice.")],
    )


class LotRow(PlainForm):
    """One lot. A row without number and title is an empty place for one more."""

    keep = BooleanField("Keep this lot")
    number = StringField("Number", filters=[_stripped], validators=[at_most(100)])
    title = StringField("Title", filters=[_stripped], validators=[at_most(300)])
    registered_only = BooleanField("Registered schools only")
    minimum_hours_a_week = WholeNumberField(
        "Minimum hours a week", noun="The minimum hours a week", least=1, most=60, validators=[Optional()]
    )

    @property
    def kept(self) -> bool:
        """Whether this row is a lot of the framework."""
        return bool(self.keep.data and (self.number.data or self.title.data))

    def validate(self, extra_validators: Any = None) -> bool:
        """A lot that is kept needs a number and a title; what a dropped one holds does not matter."""
        if not self.kept:
            return True
        valid = super().validate(extra_validators)
        if not self.number.data:
            self.number.errors = [*self.number.errors, f"Give “{self.title.data}” a number."]
        if not self.title.data:
            self.title.errors = [*self.title.errors, f"Give lot {self.number.data} a title."]
        return bool(valid and self.number.data and self.title.data)


class FrameworkForm(Form):
    """What was read from the notice, to be confirmed. `notice` is the sealed notice itself."""

    notice = HiddenField()
    title = StringField(
        "Title",
        description="As applicants will read it. Leave the number of the round out: we add it.",
        validators=[Required("Enter the title."), at_most(300)],
    )
    reference = StringField(
        "Reference",
        description="The council's own, such as TC1108.",
        validators=[Required("Enter the reference."), at_most(100)],
    )
    buyer_name = StringField("Buyer", validators=[Required("Enter the name of the buyer."), at_most(300)])
    legal_regime = RadioField("Law that applies", choices=LEGAL_REGIMES)
    kind = SelectField("Kind of framework", choices=FRAMEWORK_KINDS)
    value_amount = MoneyField(
        "Estimated value",
        noun="The estimated value",
        least=Decimal(1),
        most=Decimal("999999999999.99"),
        description="In pounds, for the whole term.",
        validators=[Optional()],
    )
    starts_on = UKDateField("Starts on", noun="The start", validators=[Required("Enter the day it starts.")])
    ends_on = UKDateField("Ends on", noun="The end", validators=[Required("Enter the day it ends.")])
    extendable_until = UKDateField(
        "Ends on, with all extensions",
        noun="The end with all extensions",
        description="The latest day that its documents allow. Leave it empty where they allow no extension.",
    )
    opened_by_two = BooleanField(
        "Two people open the tender box of each round together",
        description="A procurement lead begins, and another lead or an approver confirms within 30 minutes.",
    )
    needs_certificate = BooleanField(
        "A named person certifies each application before it is submitted",
        description="An administrator or certifier of the provider. A later change voids the certificate.",
    )
    passed_conditions_stand = BooleanField(
        "Conditions that a provider passed in an earlier round stand",
        description="For an answer carried over and left as it is, instead of a person deciding anew. "
        "Marks are never carried.",
    )
    call_off_routes = SelectMultipleField(
        "How schools choose a provider for a child",
        choices=CALL_OFF_ROUTES,
        validators=[Required("Choose at least one way in which schools may choose.")],
        description="As the framework’s documents allow. Schools can choose in these ways alone.",
    )
    lots = FieldList(FormField(LotRow), max_entries=MOST_LOTS)

    def lot_details(self) -> list[LotDetails]:
        """The lots that are kept."""
        return [
            LotDetails(
                row.form.number.data,
                row.form.title.data,
                row.form.registered_only.data,
                row.form.minimum_hours_a_week.data,
            )
            for row in self.lots
            if row.form.kept
        ]


class PlainFrameworkForm(FrameworkForm):
    """A framework that is started without a notice: what a notice would have said is typed."""

    notice = None
    description = TextAreaField(
        "What it is for",
        description="Applicants read it on the page of each round. You can leave it empty.",
        validators=[at_most(10_000)],
    )
    cpv = StringField(
        "Codes of the common procurement vocabulary",
        description="Eight digits each, with commas between them, such as 80000000. They tell whether the "
        "services are light touch. You can leave it empty.",
        filters=[_stripped],
        validators=[at_most(500)],
    )

    @property
    def cpv_codes(self) -> list[str]:
        """The codes as they are kept: without what follows a hyphen, each once."""
        given = (part.strip().partition("-")[0] for part in (self.cpv.data or "").split(","))
        return list(dict.fromkeys(filter(None, given)))

    def validate_cpv(self, field: StringField) -> None:
        """Each code has eight digits."""
        for code in self.cpv_codes:
            if len(code) != CPV_DIGITS or not (code.isascii() and code.isdigit()):
                raise StopValidation(f"“{code}” is no code: give eight digits, such as 80000000.")


def plain_framework_form(buyer_name: str) -> PlainFrameworkForm:
    """The form of a framework without a notice, with room for a few lots."""
    return PlainFrameworkForm(
        data={
            "buyer_name": buyer_name,
            "legal_regime": "PA2023",
            "kind": "light_touch_reopenable",
            "opened_by_two": True,
            "needs_certificate": True,
            "call_off_routes": list(ROUTES_AT_FIRST),
            "lots": [{"keep": True} for _ in range(LOTS_AT_FIRST)],
        }
    )


def framework_form(notice: Notice, sealed: str) -> FrameworkForm:
    """A confirmation form that holds what was read, with room for a few more lots."""
    rows = [
        {
            "keep": True,
            "number": lot.number,
            "title": lot.title,
            "registered_only": bool(lot.registered_only),
            "minimum_hours_a_week": lot.minimum_hours_a_week,
        }
        for lot in notice.lots
    ]
    return FrameworkForm(
        formdata=None,
        data={
            "notice": sealed,
            "title": notice.title,
            "reference": notice.reference or "",
            "buyer_name": notice.buyer_name or "",
            "legal_regime": notice.legal_regime,
            "kind": notice.framework_kind,
            "value_amount": notice.value or None,
            "starts_on": notice.starts_on,
            "ends_on": notice.ends_on,
            "opened_by_two": True,
            "needs_certificate": True,
            "call_off_routes": list(ROUTES_AT_FIRST),
            "lots": [*rows, *({"keep": True} for _ in range(SPARE_LOTS))],
        },
    )


class OfferedLotRow(PlainForm):
    """Whether a round offers a lot, and the highest price for it, where there is one, with its unit."""

    lot_id = HiddenField()
    offered = BooleanField()
    ceiling = MoneyField(
        "Highest price (optional)",
        noun="The highest price",
        least=Decimal("0.01"),
        most=Decimal("99999.99"),
        validators=[Optional()],
    )
    unit = SelectField("For", choices=PRICE_UNITS, default="day")

    minimum_total = OfHundredField(
        "Minimum total", [Optional()], noun="The minimum total", description="Empty for none."
    )

    def call_it(self, lot: LotFacts) -> None:
        """Put the lot's name on the row's fields."""
        self.offered.label.text = lot.name
        self.minimum_total.label.text = f"Minimum total out of 100 for lot {lot.number}"
        self.minimum_total.noun = f"The minimum total for lot {lot.number}"
        self.ceiling.noun = f"The highest price for lot {lot.number}"
        self.ceiling.label.text = f"Highest price for lot {lot.number} (optional)"
        self.unit.label.text = f"The price of lot {lot.number} is for"

    def validate_ceiling(self, field: MoneyField) -> None:
        """What stands beside a lot that is not offered does not matter."""
        if not self.offered.data:
            field.errors.clear()


class RoundForm(Form):
    """A draft round: its number, lots, prices, times and how to apply."""

    number = WholeNumberField(
        "Number of the round",
        noun="The number of the round",
        least=1,
        most=999,
        validators=[Required("Enter the number of the round.")],
    )
    source = SelectField(
        "Start from these questions",
        coerce=int,
        default=0,
        description="With their sections, scales and weights. You can change everything until you publish. "
        "Lots are matched by their numbers; what was asked for a lot that you do not offer is left out.",
    )
    lots = FieldList(FormField(OfferedLotRow), max_entries=MOST_LOTS)
    opens_at = UKDateTimeField(
        "Opens at",
        noun="The opening time",
        description="UK time, on the 24-hour clock. For example 9 3 2026 at 09:00.",
        validators=[Required("Enter when the round opens.")],
    )
    closes_at = UKDateTimeField(
        "Closes at",
        noun="The closing time",
        description="UK time, on the 24-hour clock. Noon on a working day is kind to everybody.",
        validators=[Required("Enter when the round closes.")],
    )
    questions_until = UKDateTimeField(
        "Questions until",
        noun="The last time for questions",
        description="Providers may ask until then. Leave this and the next empty to take no questions.",
    )
    answers_by = UKDateTimeField(
        "Answers by",
        noun="The time for answers",
        description="You answer everything by then, in good time before the round closes.",
    )
    late_upload_hours = WholeNumberField(
        "Hours after the close in which promised files may follow",
        noun="The hours",
        description="Up to 24. A provider on a slow line gives the fingerprint of a file before the close "
        "and uploads that very file after it. The tender box stays shut until then. Leave empty for none.",
        least=1,
        most=24,
        validators=[Optional()],
    )
    names_hidden = BooleanField(
        "Evaluators mark without names",
        description="They read a code instead of each tenderer's name until they have locked all their "
        "marks, and the names that we know are hidden in the answers. Files are given as they were sent. "
        "This is published with the round. Whoever evaluates can have no role that reads who applied.",
    )
    how_to_apply = TextAreaField(
        "How to apply",
        description="What applicants should know besides the steps that the page gives them.",
        validators=[Required("Say how to apply."), at_most(5_000)],
    )

    def chosen(self) -> dict[int, Decimal | None]:
        """The highest price by lot id, None where any is accepted, for the lots that are offered."""
        return {lot_id: row.ceiling.data for lot_id, row in self._offered()}

    def units(self) -> dict[int, str]:
        """What the highest price is for, by lot id."""
        return {lot_id: row.unit.data for lot_id, row in self._offered()}

    def _offered(self) -> list[tuple[int, OfferedLotRow]]:
        rows = [row.form for row in self.lots if row.form.offered.data]
        known = ((id_in(row.lot_id.data, None), row) for row in rows)
        return [(lot_id, row) for lot_id, row in known if lot_id is not None]

    def minimum_totals(self) -> dict[int, Decimal]:
        """The minimum total by lot id, for the lots that are offered and ask for one."""
        totals = {lot_id: row.minimum_total.data for lot_id, row in self._offered()}
        return {lot_id: total for lot_id, total in totals.items() if total is not None}


_F = TypeVar("_F", bound=RoundForm)


def round_form(
    lots: Sequence[LotFacts],
    data: dict[str, Any],
    offered: Sequence[LotFacts] = (),
    *,
    kind: type[_F] = RoundForm,  # type: ignore[assignment]
) -> _F:
    """A round's form over these lots, each under its own name; `offered` are those that it has already."""
    having = {lot.id: lot for lot in offered}
    rows = [
        {
            "lot_id": str(lot.id),
            "offered": not offered or lot.id in having,
            "ceiling": having.get(lot.id, lot).price_ceiling,
            "unit": having.get(lot.id, lot).price_unit,
            "minimum_total": having.get(lot.id, lot).minimum_total,
        }
        for lot in lots
    ]
    form = kind(data={**data, "lots": rows})
    known = {str(lot.id): lot for lot in lots}
    for row in form.lots:
        if lot := known.get(str(row.form.lot_id.data)):
            row.form.call_it(lot)
    return form


class WithdrawalForm(Form):
    """Why a published round is ended without an outcome."""

    reason = TextAreaField(
        "Why does the round end?",
        description="Everyone reads it: on the public page, and in the letters to all who applied or follow.",
        validators=[Required("Say why the round ends."), at_most(5_000)],
    )

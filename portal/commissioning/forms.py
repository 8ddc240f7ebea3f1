"""The form of a need profile, and those of its answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID, uuid4

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import Optional, ValidationError

from portal.commissioning.models import PRICE_UNITS
from portal.commissioning.need_profile import EHC_PLANS, SEXES, SaidOfChild
from portal.commissioning.offers import Offer, first_price, suggested_sessions
from portal.commissioning.services import IdentifiesTheChild, NeedProfile
from portal.commissioning.windows import in_words
from portal.directory.entries import ServiceEntry
from portal.directory.offer import NEEDS, SESSIONS
from portal.errors import Refusal
from portal.web.fields import MoneyField, Required, UKDateField, WordLimitedTextArea
from portal.web.forms import Form
from portal.web.text import uuid_in


class NeedProfileForm(Form):
    """One child's needs. `token` names what is sent, so that sending it twice sends it once; `services` are
    those that are asked, where there are several to choose from."""

    token = HiddenField()
    request = HiddenField()
    services = SelectMultipleField("Who is asked?", validate_choice=False)
    urgency = RadioField(
        "When do you need an answer?",
        choices={"normal": "In the usual time", "emergency": "The child has nowhere to go: an emergency"},
        default="normal",
    )
    year_group = SelectField(
        "Year group",
        [Required("Choose the year group.")],
        choices={"": "Choose a year group", **{str(year): f"Year {year}" for year in range(1, 14)}},
    )
    needs = SelectMultipleField("Needs", [Optional()], choices=NEEDS, description="Choose all that apply.")
    ehc_plan = RadioField(
        "Has the child an education, health and care plan?",
        [Required("Say whether the child has an education, health and care plan.")],
        choices=EHC_PLANS,
    )
    sex = RadioField(
        "Sex",
        [Optional()],
        choices={"": "Leave it out", **SEXES},
        default="",
        description="Say it only where it matters. With the year group and a need that few children have it "
        "can say who the child is.",
    )
    days_a_week = SelectField(
        "Days a week",
        [Required("Choose how many days a week.")],
        choices={
            "": "Choose a number of days",
            **{str(days): f"{days} day{'s' if days > 1 else ''}" for days in range(1, 6)},
        },
    )
    sessions_wanted = SelectMultipleField(
        "Which half days?",
        [Optional()],
        choices=SESSIONS,
        description="Tick those that you want, on as many days as you ask for. Leave all empty if any days "
        "will do.",
    )
    start_wanted_on = UKDateField(
        "When should the child start?",
        [Required("Enter the day on which you want the child to start.")],
        noun="The start",
        description="For example, 27 3 2026.",
    )
    need_summary = WordLimitedTextArea(
        "What does the child need?",
        250,
        [Required("Say what the child needs.")],
        description="What is hard at the moment, what a good day looks like, and what the placement is for.",
    )
    strengths = WordLimitedTextArea(
        "What is the child good at, and what do they enjoy?",
        150,
        [Required("Say what the child is good at and enjoys.")],
    )
    what_has_worked = WordLimitedTextArea("What has worked before, and what has not?", 150, [Optional()])
    transport = WordLimitedTextArea(
        "How will the child get there?", 60, [Optional()], description="For example: by bus with an adult."
    )

    @classmethod
    def empty(cls) -> "NeedProfileForm":
        """A form for a new referral."""
        return cls(formdata=None, token=str(uuid4()))

    @classmethod
    def like(cls, profile: NeedProfile, request_id: UUID) -> "NeedProfileForm":
        """A form for another referral of the same child, with what was written before."""
        said = asdict(profile) | {
            "year_group": str(profile.year_group),
            "days_a_week": str(profile.days_a_week),
            "urgency": "emergency" if profile.urgent else "normal",
        }
        return cls(formdata=None, token=str(uuid4()), request=str(request_id), **said)

    def say_windows(self, windows: Mapping[str, int]) -> None:
        """Say how long the provider has, in the one case and in the other."""
        self.urgency.choices = [
            ("normal", in_words(urgent=False, **windows).capitalize()),
            ("emergency", f"The child has nowhere to go: {in_words(urgent=True, **windows)}"),
        ]

    def profile(self) -> NeedProfile:
        """What was typed, as the service takes it."""
        return NeedProfile(
            year_group=int(self.year_group.data),
            sex=self.sex.data or "",
            ehc_plan=self.ehc_plan.data or "",
            sessions_wanted=self.sessions_wanted.data or (),
            needs=self.needs.data or [],
            days_a_week=int(self.days_a_week.data),
            start_wanted_on=self.start_wanted_on.data,
            need_summary=self.need_summary.data,
            strengths=self.strengths.data,
            what_has_worked=self.what_has_worked.data or "",
            transport=self.transport.data or "",
            urgent=self.urgency.data == "emergency",
        )

    def offer_services(self, offered: Sequence[ServiceEntry], but: Collection[int] = ()) -> None:
        """Say who can be asked. Of several the school ticks whom it asks; at first all, `but` some."""
        self.services.choices = [
            (str(each.id), f"{each.provider_name}, {each.title} (lot {each.lot_number})") for each in offered
        ]
        if not self.is_submitted():
            self.services.data = [str(each.id) for each in offered if each.id not in but]
        elif len(offered) == 1:
            self.services.data = [str(offered[0].id)]

    def validate_services(self, field: SelectMultipleField) -> None:
        """Somebody is asked."""
        if not self.asked():
            raise ValidationError("Choose whom you ask: at least one service.")

    def asked(self) -> list[int]:
        """The services that are ticked, of those that were offered."""
        return [int(value) for value, _ in self.services.choices if value in (self.services.data or ())]

    def sent_token(self) -> UUID:
        """The token of the page; a new one when it was tampered with."""
        return uuid_in(self.token.data) or uuid4()

    def joined_request(self) -> UUID | None:
        """The request that it belongs to; None for a new one, or when it was tampered with."""
        return uuid_in(self.request.data)

    def refuse(self, refusal: Refusal | str, field: str | None = None) -> None:
        """Show what a service refused, at every field that it is about."""
        if isinstance(refusal, IdentifiesTheChild):
            for about, sentence in refusal.problems.items():
                super().refuse(sentence, about)
        else:
            super().refuse(refusal, field)


class OfferForm(Form):
    """Yes: from when, in which half days, at what price."""

    start_on = UKDateField(
        "When can the child start?",
        [Required("Enter the day on which the child can start.")],
        noun="The start date",
        description="For example, 27 3 2026.",
    )
    sessions = SelectMultipleField(
        "Which half days do you offer?",
        [Required("Choose the half days that you offer: at least one.")],
        choices=SESSIONS,
    )
    price = MoneyField(
        "Price, in pounds without VAT",
        [Required("Enter the price.")],
        noun="The price",
        most=Decimal("99999.99"),
    )
    unit = RadioField(
        "What is the price for?",
        [Required("Choose what the price is for.")],
        choices={unit: f"For {words}" for unit, words in PRICE_UNITS.items()},
    )
    price_reason = WordLimitedTextArea(
        "Why does it cost more than your page says?",
        60,
        [Optional()],
        description="Only where your price is above that of your page. The commissioner reads this.",
    )
    answer_note = WordLimitedTextArea(
        "Anything the commissioner should know first",
        100,
        [Optional()],
        description="For example, whom to call to agree a visit. Name no child.",
    )

    @classmethod
    def suggesting(cls, service: ServiceEntry, need: SaidOfChild) -> "OfferForm":
        """A form filled with what the service's page says, as far as it is wanted."""
        free = service.sessions if service.places_stale else service.free_sessions
        price, unit = first_price(service) or (None, None)
        return cls(
            formdata=None,
            sessions=suggested_sessions(free, need.days_a_week or 0, need.sessions_wanted or ()),
            price=price,
            unit=unit,
        )

    def offer(self) -> Offer:
        """What was typed, as the service takes it."""
        return Offer(
            start_on=self.start_on.data,
            sessions=self.sessions.data or (),
            price=self.price.data,
            unit=self.unit.data,
            note=self.answer_note.data or "",
            price_reason=self.price_reason.data or "",
        )


class DeclineForm(Form):
    """No, or no after all, with the reason."""

    decline_reason = WordLimitedTextArea(
        "Why can you not take the child?",
        100,
        [Required("Say why, so that the commissioner knows where else to look.")],
        description="The commissioner reads this.",
    )

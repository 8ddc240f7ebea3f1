"""Forms of mini-competitions: who competes, a provider's answer, marks, the conclusion."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.validators import Optional

from portal.commissioning.forms import OfferForm
from portal.competitions.criteria import CRITERIA, MARKED, POINTS
from portal.competitions.services import LONGEST_REASON
from portal.directory.offer import session_names
from portal.web.fields import Required, WordLimitedTextArea
from portal.web.forms import Form
from portal.web.text import id_in


class StartForm(Form):
    """Which services compete."""

    services = SelectMultipleField(
        "Who competes?", [Required("Choose the services that compete.")], validate_choice=False
    )

    def service_ids(self) -> list[int]:
        """The services that were chosen, whatever else was sent."""
        return [number for each in self.services.data or () if (number := id_in(each, 0))]


class EntryForm(OfferForm):
    """A provider's answer: an offer, and then words for what is marked, as its page has them."""

    fit = WordLimitedTextArea(
        CRITERIA["fit"].question,
        CRITERIA["fit"].words,
        [Required("Answer this question.")],
        description=f"{CRITERIA['fit'].weight:f}% of the total. Name no child.",
    )
    travel = WordLimitedTextArea(
        CRITERIA["travel"].question,
        CRITERIA["travel"].words,
        [Required("Answer this question.")],
        description=f"{CRITERIA['travel'].weight:f}% of the total.",
    )

    @classmethod
    def showing(cls, answer: Mapping[str, Any]) -> "EntryForm":
        """The form with the answer as it stands."""
        said = dict(answer)
        return cls(formdata=None, unit=said.pop("price_unit"), answer_note=said.pop("note"), **said)

    def words(self) -> dict[str, str]:
        """What was written, by criterion."""
        return {code: self[code].data or "" for code in MARKED}

    def typed(self) -> list[tuple[str, str]]:
        """(question, what was typed) of all that was filled in, right or wrong, to be shown and copied."""
        unit = dict(self.unit.choices).get(self.unit.data, "")
        said = {
            "start_on": " ".join(filter(None, self.start_on.parts.values())),
            "sessions": session_names(self.sessions.data or ()),
            "price": " ".join(filter(None, ((self.price.raw_data or [""])[0], unit.lower()))),
        }
        texts = (*MARKED, "answer_note", "price_reason")
        said |= {name: self[name].data or "" for name in texts}
        return [(self[name].label.text, words) for name, words in said.items() if words]


class MarkForm(Form):
    """Points and reasons for what is marked."""

    @classmethod
    def showing(cls, marks: Mapping[str, tuple[int, str]]) -> "MarkForm":
        """The form with the marks so far."""
        said: dict[str, Any] = {}
        for code, (number, reason) in marks.items():
            said |= {f"{code}_points": str(number), f"{code}_reason": reason}
        return cls(formdata=None, **said)

    def given(self) -> dict[str, tuple[int, str]]:
        """Points and reason, by criterion."""
        return {code: (int(self[f"{code}_points"].data), self[f"{code}_reason"].data) for code in MARKED}


for _code in MARKED:
    _title = CRITERIA[_code].title
    setattr(
        MarkForm,
        f"{_code}_points",
        RadioField(
            f"{_title}: points",
            [Required("Choose the points.")],
            choices={str(number): words for number, words in enumerate(POINTS)},
        ),
    )
    setattr(
        MarkForm,
        f"{_code}_reason",
        WordLimitedTextArea(
            f"{_title}: why",
            LONGEST_REASON,
            [Required("Say why.")],
            description="The provider reads it when the competition is decided. Name no child.",
        ),
    )


class AwardForm(Form):
    """The offer that is chosen, and what child and parents said."""

    entry = HiddenField()
    reason = WordLimitedTextArea(
        "What decides between equal offers",
        LONGEST_REASON,
        [Optional()],
        description="Only where several are first. The providers that competed read it. Name no child.",
    )
    pupil_preference = WordLimitedTextArea(
        "What the child wants", 100, [Optional()], description="Ask, and note it. Name no child."
    )
    parent_preference = WordLimitedTextArea("What the parents want", 100, [Optional()])

    def entry_id(self) -> int:
        """The offer; 0 for what is none."""
        return id_in(self.entry.data, 0)


class AbandonForm(Form):
    """Why a competition ends without a winner."""

    ending = WordLimitedTextArea(
        "Why do you end it?",
        LONGEST_REASON,
        [Required("Say why you end it. The providers are told.")],
        description="The providers read it. Name no child.",
    )

"""Forms for the next version of a published pack."""

from wtforms import HiddenField, SelectField, TextAreaField

from portal.web.fields import Required
from portal.web.forms import Form
from tender.frameworks.facts import LotFacts
from tender.frameworks.forms import RoundForm, round_form
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.packs.forms import KindForm, QuestionForm, Surroundings, at_most, prepared
from tender.packs.kind_forms import FORMS
from tender.packs.queries import deciding_questions
from tender.packs.terms import LotTerms, Terms

STAYING = ("section", "code", "standard", "per_lot", "lots", "judged_as", "scale_id", "breaks_ties")
"""The fields of a question's form that no new version changes: `differences.CHANGEABLE` is the rest."""


class NewQuestionForm(KindForm):
    """In which section a new question stands, and of which kind it is."""

    section = SelectField("Section")


class PublishForm(Form):
    """Why the pack changes; `seen` is what the page showed."""

    seen = HiddenField()
    reason = TextAreaField(
        "Why the questions change",
        [Required("Say why."), at_most(2_000)],
        description="Everyone who is told reads it, and it stands on the public page.",
    )


class TermsForm(RoundForm):
    """What of a published round may change with its pack; `seen` is what the page showed."""

    number = source = opens_at = closes_at = None
    questions_until = answers_by = late_upload_hours = names_hidden = None
    seen = HiddenField()

    def terms(self) -> dict[int, LotTerms]:
        """The terms of each lot by its id."""
        units, totals = self.units(), self.minimum_totals()
        return {
            lot_id: LotTerms(ceiling, units[lot_id], totals.get(lot_id))
            for lot_id, ceiling in self.chosen().items()
        }


def terms_form(terms: Terms, lots: tuple[LotFacts, ...]) -> TermsForm:
    """The form of these terms; `lots` are those of the round, under them."""
    known = {"how_to_apply": terms.how_to_apply, "seen": terms.fingerprint}
    return round_form(lots, known, lots, kind=TermsForm)


def amend_form(asked: AskedQuestion, pack: RoundPack, lots: tuple[LotFacts, ...]) -> QuestionForm:
    """The form of one published question: that of a draft, without what stays as it was published."""
    form = prepared(
        FORMS[asked.kind], asked, Surroundings(pack, lots, deciding_questions(pack, asked, asked.section))
    )
    form.let_stay(STAYING)
    return form

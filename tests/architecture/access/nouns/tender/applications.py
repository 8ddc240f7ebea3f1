"""Applications: their provider's; the council's once they are submitted and the box is open."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import NOT_FOUND, Case, application, owner, published, receipt, shown
from tests.architecture.access.things import (
    ANSWERS,
    APPLICATIONS,
    BOTH_SIDES,
    LOTS,
    TENDER,
    TENDER_STATES,
    thing,
)

QUESTIONS = f"{APPLICATIONS} JOIN question ON question.round_id = round.id AND question.kind <> 'file'"
FILES_ASKED = f"{APPLICATIONS} JOIN question ON question.round_id = round.id AND question.kind = 'file'"
PROMISED = f"""
  {ANSWERS} JOIN promised_file ON promised_file.answer_id = answer.id
  JOIN question ON question.id = answer.question_id
"""
ON_THEIR_WAY = f"""
  {APPLICATIONS} JOIN question ON question.round_id = round.id
  JOIN upload ON upload.place LIKE concat('application ', application.id, ', ', question.code, ', lot %')
"""


def promise(case: Case) -> str:
    """Its provider's people, while it can still be changed."""
    return shown(case.own and case.state == "open draft")


def delivery(case: Case) -> str:
    """Its provider's people, once it is submitted."""
    return shown(case.own and "submitted" in case.state)


def tender_document(case: Case) -> str:
    """Who reads the application; an evaluator reads documents in the marking room alone."""
    if case.viewer.kind == "council" and not case.may(
        "evaluation:read", "conformity:decide", "tender:moderate"
    ):
        return NOT_FOUND
    return application(case)


NOUN = Noun(
    things=(
        thing(
            "application",
            APPLICATIONS,
            TENDER_STATES,
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
        ),
        thing(
            "document of an application",
            f"{ANSWERS} JOIN answer_file ON answer_file.answer_id = answer.id",
            TENDER_STATES,
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            document_id="answer_file.document_id",
        ),
        thing(
            "answer",
            f"{QUESTIONS} AND NOT question.per_lot",
            TENDER_STATES,
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            code="question.code",
        ),
        thing(
            "answer for a lot",
            f"{QUESTIONS} AND question.per_lot {LOTS}",
            TENDER_STATES,
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            code="question.code",
            lot_id="application_lot.lot_id",
        ),
        thing(
            "file asked for",
            f"{FILES_ASKED} AND NOT question.per_lot",
            TENDER_STATES,
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            code="question.code",
        ),
        thing(
            "file asked for a lot",
            f"{FILES_ASKED} AND question.per_lot {LOTS}",
            TENDER_STATES,
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            code="question.code",
            lot_id="application_lot.lot_id",
        ),
        thing(
            "promised file",
            f"{PROMISED} AND NOT question.per_lot",
            ("open draft",),
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            code="question.code",
            promise_id="promised_file.id",
        ),
        thing(
            "promised file for a lot",
            f"{PROMISED} AND question.per_lot {LOTS}",
            ("open draft",),
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            code="question.code",
            promise_id="promised_file.id",
            lot_id="application_lot.lot_id",
        ),
        thing(
            "file on its way",
            f"{APPLICATIONS} JOIN upload "
            "ON upload.place = concat('application ', application.id, ', promised')",
            ("open submitted",),
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            upload_id="upload.id",
        ),
        thing(
            "file on its way to an answer",
            f"{ON_THEIR_WAY} AND NOT question.per_lot",
            ("open draft",),
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            code="question.code",
            upload_id="upload.id",
        ),
        thing(
            "file on its way to an answer for a lot",
            f"{ON_THEIR_WAY} AND question.per_lot {LOTS}",
            ("open draft",),
            state=TENDER,
            owners=BOTH_SIDES,
            application_id="application.id",
            code="question.code",
            upload_id="upload.id",
            lot_id="application_lot.lot_id",
        ),
    ),
    named_by={
        **dict.fromkeys(("uploads.begin", "promises.promise"), ("file asked for", "file asked for a lot"))
    },
    of_things={
        "application": owner,
        "document of an application": owner,
        "answer": owner,
        "answer for a lot": owner,
        "file asked for": owner,
        "file asked for a lot": owner,
        "promised file": owner,
        "promised file for a lot": owner,
        "file on its way": owner,
        "file on its way to an answer": owner,
        "file on its way to an answer for a lot": owner,
    },
    of_routes={
        **dict.fromkeys(("applications.show", "applications.read"), application),
        "applications.receipt": receipt,
        "applications.document": tender_document,
        "promises.promise": promise,
        **dict.fromkeys(("promises.show", "promises.begin"), delivery),
    },
    shared={
        "applications.apply": (
            published,
            "Every provider may apply to a published round, ask about it and follow it.",
        )
    },
    only_while={
        **dict.fromkeys(
            (
                "answers.save",
                "answers.confirm",
                "answer_versions.save",
                "applications.lots",
                "applications.ask",
                "applications.certify",
                "applications.submit",
                "promises.take_back",
                "uploads.begin",
                "uploads.finish",
                "uploads.cancel",
            ),
            frozenset({"open draft"}),
        ),
        "applications.withdraw": frozenset({"open submitted"}),
        "applications.carry": frozenset({"closed draft", "released submitted"}),
        "applications.apply": frozenset({"open"}),
    },
)

"""Questions to one tenderer: both sides'."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import owner
from tests.architecture.access.things import APPLICATIONS, BOTH_SIDES, thing

NOUN = Noun(
    things=(
        thing(
            "question to a tenderer",
            f"{APPLICATIONS} JOIN inquiry ON inquiry.application_id = application.id",
            ("asked", "answered", "withdrawn"),
            state="inquiry.state",
            owners=BOTH_SIDES,
            inquiry_id="inquiry.id",
        ),
        thing(
            "document of a tenderer's answer",
            f"{APPLICATIONS} JOIN inquiry ON inquiry.application_id = application.id "
            "JOIN inquiry_file ON inquiry_file.inquiry_id = inquiry.id",
            ("answered",),
            state="inquiry.state",
            owners=BOTH_SIDES,
            inquiry_id="inquiry.id",
            document_id="inquiry_file.document_id",
        ),
    ),
    of_things={"question to a tenderer": owner, "document of a tenderer's answer": owner},
    only_while={
        **dict.fromkeys(("inquiries.answer", "inquiries.withdraw"), frozenset({"asked"})),
        "inquiries.show": frozenset({"answered"}),
    },
)

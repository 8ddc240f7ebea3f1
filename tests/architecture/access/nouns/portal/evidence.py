"""A provider's vault."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import owner
from tests.architecture.access.things import PROVIDERS, thing

NOUN = Noun(
    things=(
        thing("evidence", "evidence", ("",), state="''", owners=PROVIDERS, evidence_id="evidence.id"),
        thing(
            "version of evidence",
            "evidence JOIN evidence_version ON evidence_version.evidence_id = evidence.id",
            ("",),
            state="''",
            owners=PROVIDERS,
            evidence_id="evidence.id",
            version="evidence_version.version",
        ),
        thing(
            "file on its way to the vault",
            "upload JOIN organisation ON organisation.id = upload.organisation_id AND place = 'vault'",
            ("",),
            state="''",
            owners={"provider": "organisation.id"},
            upload_id="upload.id",
        ),
    ),
    of_things={"evidence": owner, "version of evidence": owner, "file on its way to the vault": owner},
)

"""The letter about a document that runs out."""

from datetime import date

from portal.audit.services import Doer
from portal.mail.services import write_letter
from portal.web.filters import uk_date


def send_reminder(
    *,
    version_id: int,
    evidence_id: int,
    title: str,
    expires_on: date,
    rule: int,
    today: date,
    provider_id: int,
    person_id: int,
    name: str,
    email: str,
    portal_url: str,
    by: Doer,
) -> None:
    """Write to one person of the provider; a second letter for the same rule and day is not written."""
    verb = "runs out" if expires_on >= today else "ran out"
    write_letter(
        key=f"evidence:{version_id}:{expires_on}:{rule}:{person_id}",
        to_name=name,
        to_address=email,
        title=f"“{title}” {verb} on {uk_date(expires_on)}",
        body=(
            f"Dear {name}\n\n"
            f"“{title}” in your evidence vault {verb} on {uk_date(expires_on)}.\n\n"
            "Put the new document in its place, so that you can use it in your applications:\n"
            f"{portal_url}/organisation/evidence/{evidence_id}/replace\n\n"
            "Applications that you have submitted already keep the document that they were submitted with.\n"
        ),
        subject_type="evidence",
        subject_id=evidence_id,
        organisation_id=provider_id,
        by=by,
    )

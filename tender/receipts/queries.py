"""What anyone who holds a receipt may learn of it."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import func, select

from portal.database import db
from tender.applications.models import Receipt


@dataclass(frozen=True, slots=True)
class Standing:
    """When a submission arrived, whether it stands, and how much was submitted; nothing of whose it is.

    `names` says what a further SHA-256 is on the receipt: `file`, `answer`, `promise` (a file that
    was to follow), or nothing ("").
    """

    number: str
    submitted_at: datetime
    withdrawn_at: datetime | None
    answers: int
    files: int
    names: str


def standing_of(number: str, sha256: str, further: str = "") -> Standing | None:
    """The receipt with this number and this SHA-256; None when there is none, whichever of the two is wrong.

    `further` is a SHA-256 to look for on it.
    """
    row = db.session.execute(
        select(
            Receipt.number, Receipt.submitted_at, Receipt.withdrawn_at, Receipt.sha256, Receipt.manifest
        ).where(func.replace(Receipt.number, "-", "") == number.replace("-", ""))
    ).one_or_none()
    if not compare_digest(row.sha256 if row else "-" * 64, sha256) or row is None:
        return None
    kinds = {
        "file": row.manifest["files"],
        "answer": row.manifest["answers"],
        "promise": row.manifest.get("promised", ()),
    }
    found = [kind for kind, listed in kinds.items() if further in {each["sha256"] for each in listed}]
    return Standing(
        number=row.number,
        submitted_at=row.submitted_at,
        withdrawn_at=row.withdrawn_at,
        answers=len(row.manifest["answers"]),
        files=len(row.manifest["files"]),
        names=found[0] if found else "",
    )

"""Reading certificates. The caller has checked that the viewer may read the application."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.database import db
from tender.certificates.models import Certificate


def standing_over(contents: str, certificates: Sequence[RowMapping]) -> RowMapping | None:
    """The one of an application's certificates that stands over the contents with this SHA-256."""
    return next(
        (each for each in certificates if each["state"] == "given" and each["contents_sha256"] == contents),
        None,
    )


def certificates_of(application_id: int) -> Sequence[RowMapping]:
    """Every certificate of an application, the newest first, in one statement.

    Columns: state, asked_at, asked_by, given_at, given_by, statement, contents_sha256, voided_at, voided_by,
    void_reason.
    """
    asker, giver, voider = aliased(Person), aliased(Person), aliased(Person)
    return (
        db.session.execute(
            select(
                Certificate.state,
                Certificate.asked_at,
                asker.name.label("asked_by"),
                Certificate.given_at,
                giver.name.label("given_by"),
                Certificate.statement,
                Certificate.contents_sha256,
                Certificate.voided_at,
                voider.name.label("voided_by"),
                Certificate.void_reason,
            )
            .join(asker, asker.id == Certificate.asked_by_id)
            .outerjoin(giver, giver.id == Certificate.given_by_id)
            .outerjoin(voider, voider.id == Certificate.voided_by_id)
            .where(Certificate.application_id == application_id)
            .order_by(Certificate.id.desc())
        )
        .mappings()
        .all()
    )

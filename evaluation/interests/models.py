"""Table of interests."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

KINDS = {
    "governor": "I am a governor of it",
    "trustee": "I am a trustee or director of it",
    "employment": "I work or worked for it",
    "ownership": "I own a part of it",
    "close": "Somebody close to me has to do with it",
}


class Interest(Base):
    """An organisation with which a person of the council has to do, in their own words."""

    __tablename__ = "interest"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "organisation_name"),
        CheckConstraint("kind IN (" + ", ".join(f"'{kind}'" for kind in KINDS) + ")", name="kind"),
        CheckConstraint("organisation_name <> ''", name="organisation_name"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(Text)
    organisation_name: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

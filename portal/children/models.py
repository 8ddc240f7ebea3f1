"""The table of children."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class Child(Base):
    """One child of one school. What says who it is, is sealed: nobody reads it from the database alone.

    `upn_digest` (keyed SHA-256 of the unique pupil number) is the same in every school's row of a child, so
    that hours which several commissioners agree for it are added up without anybody reading its name.
    `has_ehcp` and `looked_after` count for the registration test (`portal.hours`).
    """

    __tablename__ = "child"
    __table_args__ = (
        UniqueConstraint("school_id", "upn_digest"),
        CheckConstraint("(upn_sealed IS NULL) = (upn_digest IS NULL)", name="upn"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    born_on_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    upn_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    upn_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    has_ehcp: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    looked_after: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    entered_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

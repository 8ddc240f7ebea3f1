"""Tables of children and of the files that go with a choice."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.children.kinds import FILE_KINDS, REASONS_WITHOUT_UPN
from portal.database import Base


class Child(Base):
    """One child of one school. What says who it is, is sealed: nobody reads it from the database alone.

    `upn_digest` (keyed SHA-256 of the unique pupil number) is the same in every school's row of a child, so
    that hours which several commissioners agree for it are added up without anybody reading its name.
    `has_ehcp` and `looked_after` count for the registration test (`portal.hours`). `revision` counts changes:
    one upon a stale revision is refused. Of an erased child the row alone stays, since agreements name it.
    """

    __tablename__ = "child"
    __table_args__ = (
        UniqueConstraint("school_id", "upn_digest"),
        CheckConstraint("(upn_sealed IS NULL) = (upn_digest IS NULL)", name="upn"),
        CheckConstraint(
            "(erased_at IS NULL) = (name_sealed IS NOT NULL) AND"
            " (erased_at IS NULL) = (born_on_sealed IS NOT NULL) AND"
            " (erased_at IS NULL OR upn_sealed IS NULL)",
            name="erased_at",
        ),
        CheckConstraint(
            "no_upn_reason = '' OR (upn_sealed IS NULL AND no_upn_reason IN ("
            + ", ".join(f"'{code}'" for code in REASONS_WITHOUT_UPN)
            + "))",
            name="no_upn_reason",
        ),
        CheckConstraint("revision > 0", name="revision"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    born_on_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    upn_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    upn_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    no_upn_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    has_ehcp: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    looked_after: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    revision: Mapped[int] = mapped_column(SmallInteger, server_default=sql("1"), default=1)
    entered_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    erased_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class ChildFile(Base):
    """A file about a child that its school gave with one choice. `kind` is a code of `FILE_KINDS`.

    The document's name is made of its kind: what a school calls a file often says whose it is.
    """

    __tablename__ = "child_file"
    __table_args__ = (
        CheckConstraint("kind IN (" + ", ".join(f"'{kind}'" for kind in FILE_KINDS) + ")", name="kind"),
        UniqueConstraint("document_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_off_id: Mapped[int] = mapped_column(ForeignKey("call_off.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    added_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

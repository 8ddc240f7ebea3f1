"""The table of record files."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, String, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from evaluation.records.lifecycle import RECORD_FILE
from portal.database import Base

KINDS = ("ledger", "workbook", "report", "disclosure")
_UNDER_WAY = "state IN ('waiting', 'building')"


class RecordFile(Base):
    """A file about a round that somebody asked for, and how far the worker is with it.

    `done` of `steps` pieces are made, `step` names the one under way; `beat_at` is when the worker last said
    so, and `attempts` how often one took it. `size` (bytes) and `sha256` stay when the file is removed.
    `warning` is what a person has to know of what it holds: that marks are not those that were locked.
    """

    __tablename__ = "record_file"
    __table_args__ = (
        CheckConstraint(RECORD_FILE.check_constraint(), name="state"),
        CheckConstraint("kind IN (" + ", ".join(f"'{kind}'" for kind in KINDS) + ")", name="kind"),
        CheckConstraint("kind <> 'disclosure' OR purpose <> ''", name="purpose"),
        CheckConstraint("(state = 'ready') = (key IS NOT NULL)", name="key"),
        CheckConstraint("(state = 'failed') = (failure <> '')", name="failure"),
        CheckConstraint(
            "(ready_at IS NULL) = (sha256 IS NULL) AND (ready_at IS NULL) = (size IS NULL)", name="ready"
        ),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("done BETWEEN 0 AND steps", name="done"),
        Index("ix_record_file_round_id", "round_id", "id"),
        Index("ix_record_file_under_way", "id", postgresql_where=sql(_UNDER_WAY)),
        # Asked for twice, by a double click or in two windows, it is built once.
        Index(
            "uq_record_file_under_way",
            "round_id",
            "kind",
            "asked_by_id",
            unique=True,
            postgresql_where=sql(_UNDER_WAY),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    kind: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    state: Mapped[str] = mapped_column(Text, server_default=sql("'waiting'"), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"), default=0)
    step: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    done: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"), default=0)
    steps: Mapped[int] = mapped_column(SmallInteger, server_default=sql("1"), default=1)
    beat_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    key: Mapped[str | None] = mapped_column(Text, unique=True)
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    ready_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    failure: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    warning: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")

"""The table of findings."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Integer, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class ExclusionFinding(Base):
    """One look at one part of one tenderer; the newest `version` of a part stands.

    `ground` is a code of `portal.profiles.words`, `self_cleaning` what the tenderer did about it and how that
    was weighed; `excludes` says whether it is excluded for it, and `heard` how it could answer before that.
    """

    __tablename__ = "exclusion_finding"
    __table_args__ = (
        UniqueConstraint("application_id", "part", "version"),
        CheckConstraint("part IN ('mandatory', 'discretionary', 'persons', 'debarment')", name="part"),
        CheckConstraint("result IN ('nothing_found', 'ground_applies', 'refer')", name="result"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("looked_at <> '' AND reasons <> ''", name="said"),
        CheckConstraint("(result = 'ground_applies') = (excludes IS NOT NULL)", name="excludes"),
        CheckConstraint(
            "(result = 'ground_applies') = (ground <> '' AND self_cleaning <> '')", name="self_cleaning"
        ),
        CheckConstraint("excludes IS NOT TRUE OR heard <> ''", name="heard"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    part: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    result: Mapped[str] = mapped_column(Text)
    checked_on: Mapped[date]
    looked_at: Mapped[str] = mapped_column(Text)
    ground: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    self_cleaning: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    excludes: Mapped[bool | None]
    heard: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    reasons: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

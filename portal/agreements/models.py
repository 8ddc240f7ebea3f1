"""Tables of placement agreements, their versions and signatures."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.agreements.lifecycle import AGREEMENT
from portal.commissioning.models import PRICE_UNITS
from portal.database import Base
from portal.directory.offer import SESSIONS, TIERS

PARTIES = ("school", "provider")


class PlacementAgreement(Base):
    """The agreement for one child from one call-off.

    `version_in_force` is the number of the newest version that both have signed; `closed_on` the last day of
    an agreement that was ended (before its end) or the day it was cancelled.
    """

    __tablename__ = "placement_agreement"
    __table_args__ = (
        CheckConstraint(AGREEMENT.check_constraint(), name="state"),
        CheckConstraint(
            "(state IN ('in_force', 'ended')) = (version_in_force IS NOT NULL)", name="version_in_force"
        ),
        CheckConstraint("(state IN ('ended', 'cancelled')) = (closed_on IS NOT NULL)", name="closed_on"),
        CheckConstraint("(closed_on IS NULL) = (close_reason = '')", name="close_reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    call_off_id: Mapped[int] = mapped_column(ForeignKey("call_off.id"), unique=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'draft'"), default="draft")
    version_in_force: Mapped[int | None] = mapped_column(SmallInteger)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closed_on: Mapped[date | None]
    close_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AgreementVersion(Base):
    """What was agreed, or is proposed. A version that somebody has signed never changes.

    `sessions` are codes of `portal.directory.offer.SESSIONS`, each `session_hours` hours long; the price is
    pounds without VAT for one `price_unit`. `ends_on` is the last day. `reason` says why it varies the
    version before it; empty in the first.
    """

    __tablename__ = "agreement_version"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("ends_on >= starts_on", name="term"),
        CheckConstraint("session_hours > 0 AND session_hours <= 6", name="session_hours"),
        CheckConstraint(
            "sessions <@ ARRAY[" + ", ".join(f"'{code}'" for code in SESSIONS) + "]", name="sessions"
        ),
        CheckConstraint("tier IN (''" + "".join(f", '{code}'" for code in TIERS) + ")", name="tier"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint(
            "price_unit IN (" + ", ".join(f"'{unit}'" for unit in PRICE_UNITS) + ")", name="price_unit"
        ),
        CheckConstraint("baseline_attendance BETWEEN 0 AND 100", name="baseline_attendance"),
        CheckConstraint("notice_days BETWEEN 0 AND 90", name="notice_days"),
        CheckConstraint("(number = 1) = (reason = '')", name="reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("placement_agreement.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    tier: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    site: Mapped[str] = mapped_column(Text)
    sessions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    session_hours: Mapped[Decimal] = mapped_column(Numeric(3, 1))
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    price_unit: Mapped[str] = mapped_column(Text)
    price_covers: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    transport: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    objectives: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    baseline: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    baseline_attendance: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    plan: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    curriculum: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    school_contact: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    school_safeguarding_lead: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    provider_safeguarding_lead: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    vetting_confirmed_on: Mapped[date | None]
    attendance_reported_by: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    reviews_on: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default=sql("'{}'"), default=list)
    reintegration: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    data_sharing: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    notice_days: Mapped[int] = mapped_column(SmallInteger)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class AgreementSignature(Base):
    """One party's signature under one version, over the SHA-256 of what the page showed. Never changed."""

    __tablename__ = "agreement_signature"
    __table_args__ = (
        UniqueConstraint("version_id", "party"),
        CheckConstraint("party IN (" + ", ".join(f"'{party}'" for party in PARTIES) + ")", name="party"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("signed_as <> ''", name="signed_as"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"))
    party: Mapped[str] = mapped_column(Text)
    signed_as: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

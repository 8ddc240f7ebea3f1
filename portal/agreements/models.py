"""Tables of placement agreements, their versions and signatures."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.agreements.lifecycle import AGREEMENT, VERSION
from portal.children.models import Child
from portal.commissioning.models import PRICE_UNITS
from portal.commissioning.need_profile import EHC_PLANS
from portal.database import Base
from portal.directory.offer import SESSIONS, TIERS

PARTIES = ("school", "provider")


class PlacementAgreement(Base):
    """The agreement for one child from one call-off, which has at most one that is not cancelled.

    `version_in_force` is the number of the newest version that both have signed; `closed_on` the last day of
    an agreement that was ended (before its end) or the day it was cancelled. `child_id` is taken from the
    call-off when the first version is offered: nobody signs for a child that nobody has named.
    """

    __tablename__ = "placement_agreement"
    __table_args__ = (
        CheckConstraint(AGREEMENT.check_constraint(), name="state"),
        CheckConstraint(
            "(state IN ('in_force', 'ended')) = (version_in_force IS NOT NULL)", name="version_in_force"
        ),
        CheckConstraint("(state IN ('ended', 'cancelled')) = (closed_on IS NOT NULL)", name="closed_on"),
        CheckConstraint("(closed_on IS NULL) = (close_reason = '')", name="close_reason"),
        CheckConstraint("state IN ('draft', 'cancelled') OR child_id IS NOT NULL", name="child_id"),
        Index(
            "uq_placement_agreement_call_off_id_open",
            "call_off_id",
            unique=True,
            postgresql_where=sql("state <> 'cancelled'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    call_off_id: Mapped[int] = mapped_column(ForeignKey("call_off.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    child_id: Mapped[int | None] = mapped_column(ForeignKey(Child.id), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'draft'"), default="draft")
    version_in_force: Mapped[int | None] = mapped_column(SmallInteger)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closed_on: Mapped[date | None]
    close_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AgreementVersion(Base):
    """What was agreed, or is proposed. A version that was offered for signing never changes.

    `content` is what its page says, word for word, as it was offered, and `sha256` the SHA-256 of that.
    `sessions` are codes of `portal.directory.offer.SESSIONS`, each `session_hours` hours long; the price is
    pounds without VAT for one `price_unit`. `ends_on` is the last day, and `longest_weeks` after how many
    weeks from the placement's first day it ends at the latest. `reason` says why it varies the version before
    it; empty in the first. One that `begins_anew` was made before the placement had begun:
    once both have signed it, nothing of the versions before it counts, nor their first day. `withdraw_note`
    says why a version was taken back or sent back.
    While it is a draft some of it may be missing.
    """

    __tablename__ = "agreement_version"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number"),
        CheckConstraint(VERSION.check_constraint(), name="state"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("ends_on >= starts_on", name="term"),
        CheckConstraint("longest_weeks BETWEEN 1 AND 200", name="longest_weeks"),
        CheckConstraint("session_hours > 0 AND session_hours <= 6", name="session_hours"),
        CheckConstraint(
            "sessions <@ ARRAY[" + ", ".join(f"'{code}'" for code in SESSIONS) + "]", name="sessions"
        ),
        CheckConstraint("tier IN (''" + "".join(f", '{code}'" for code in TIERS) + ")", name="tier"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint(
            "price_unit IN (" + ", ".join(f"'{unit}'" for unit in PRICE_UNITS) + ")", name="price_unit"
        ),
        CheckConstraint(
            "ehc_plan IN (''" + "".join(f", '{code}'" for code in EHC_PLANS) + ")", name="ehc_plan"
        ),
        CheckConstraint("baseline_attendance BETWEEN 0 AND 100", name="baseline_attendance"),
        CheckConstraint("notice_days BETWEEN 0 AND 90", name="notice_days"),
        CheckConstraint("(number = 1) = (reason = '')", name="reason"),
        CheckConstraint("NOT (begins_anew AND number = 1)", name="begins_anew"),
        CheckConstraint(
            "state = 'withdrawn' OR (state <> 'draft') = (offered_at IS NOT NULL)", name="offered_at"
        ),
        CheckConstraint("(state = 'agreed') = (agreed_at IS NOT NULL)", name="agreed_at"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint(
            "(offered_at IS NULL) = (content IS NULL) AND (content IS NULL) = (sha256 IS NULL)",
            name="content",
        ),
        Index(
            "uq_agreement_version_agreement_id_open",
            "agreement_id",
            unique=True,
            postgresql_where=sql("state IN ('draft', 'offered')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("placement_agreement.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'draft'"), default="draft")
    reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    begins_anew: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    longest_weeks: Mapped[int | None] = mapped_column(SmallInteger)
    tier: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    site: Mapped[str] = mapped_column(Text)
    sessions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    session_hours: Mapped[Decimal] = mapped_column(Numeric(3, 1))
    price: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    price_unit: Mapped[str] = mapped_column(Text)
    price_covers: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    transport: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    ehc_plan: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
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
    content: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    sha256: Mapped[str | None] = mapped_column(Text)
    offered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    agreed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdraw_note: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")


class AgreementSignature(Base):
    """One party's signature under one version, over the SHA-256 of what the page showed. Never changed.

    `signed_as` is the signer's role in the organisation, as they typed it; `name` their name on that day.
    """

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
    name: Mapped[str] = mapped_column(Text)
    signed_as: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

"""Tables of referrals, and of what schools have checked of providers themselves."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Numeric, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.commissioning.lifecycle import REFERRAL
from portal.commissioning.need_profile import EHC_PLANS, SEXES
from portal.commissioning.own_checks import OWN_CHECKS
from portal.database import Base
from portal.directory.offer import SESSIONS

PRICE_UNITS = {"day": "a day", "half_day": "a half day", "hour": "an hour"}
"""What a price is for: units in which services state their prices."""


class Referral(Base):
    """One child's needs, without the child's name, sent by a school to one service.

    `token` comes from the page that sent it, so that a double click sends one referral. `needs` are codes of
    `portal.directory.models.NEEDS`, `sessions_wanted` the half days that are wanted (none: any will do).
    Referrals of one child to several services share a `request_id`, which
    the school alone sees. `answer_by` is when the provider's window to answer ends (empty for what was sent
    before there were windows), `reminders` how many of its letters are written: one before the end, one after
    it. What is answered late is answered all the same.

    While `competition_id` names a mini-competition (`portal.competitions`), the referral is answered there.

    An acceptance is an offer: from when, in which sessions (`portal.directory.offer.SESSIONS`), at what price
    (pounds without VAT for one `offered_unit`), and why, where that is above the price of the service's page.
    Once the school has chosen somebody, the others are released and read nothing more of the child.
    """

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint(REFERRAL.check_constraint(), name="state"),
        CheckConstraint(
            "(start_on IS NULL OR state IN ('accepted', 'not_chosen'))"
            " AND (start_on IS NOT NULL OR state <> 'accepted')",
            name="start_on",
        ),
        CheckConstraint("state <> 'declined' OR decline_reason <> ''", name="decline_reason"),
        CheckConstraint(
            "state = 'not_chosen' OR (state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)",
            name="answered_at",
        ),
        CheckConstraint("(state = 'not_chosen') = (released_at IS NOT NULL)", name="released_at"),
        CheckConstraint(
            "offered_sessions <@ ARRAY[" + ", ".join(f"'{code}'" for code in SESSIONS) + "]",
            name="offered_sessions",
        ),
        CheckConstraint(
            "(offered_price IS NULL) = (offered_unit = '') AND offered_price >= 0"
            " AND offered_unit IN ('', " + ", ".join(f"'{unit}'" for unit in PRICE_UNITS) + ")",
            name="offered_price",
        ),
        CheckConstraint(
            "offered_price_reason = '' OR offered_price IS NOT NULL", name="offered_price_reason"
        ),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("year_group BETWEEN 1 AND 13", name="year_group"),
        CheckConstraint("days_a_week BETWEEN 1 AND 5", name="days_a_week"),
        CheckConstraint("sex IN (''" + "".join(f", '{code}'" for code in SEXES) + ")", name="sex"),
        CheckConstraint(
            "ehc_plan IN (''" + "".join(f", '{code}'" for code in EHC_PLANS) + ")", name="ehc_plan"
        ),
        CheckConstraint(
            "sessions_wanted <@ ARRAY[" + ", ".join(f"'{code}'" for code in SESSIONS) + "]",
            name="sessions_wanted",
        ),
        CheckConstraint("answer_by > sent_at", name="answer_by"),
        CheckConstraint("reminders BETWEEN 0 AND 2", name="reminders"),
        Index("ix_referral_school_id_state", "school_id", "state"),
        Index("ix_referral_service_id_state", "service_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    token: Mapped[UUID] = mapped_column(unique=True)
    request_id: Mapped[UUID] = mapped_column(server_default=sql("gen_random_uuid()"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    state: Mapped[str] = mapped_column(Text, server_default=sql("'sent'"), default="sent")
    year_group: Mapped[int] = mapped_column(SmallInteger)
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    days_a_week: Mapped[int] = mapped_column(SmallInteger)
    start_wanted_on: Mapped[date]
    need_summary: Mapped[str] = mapped_column(Text)
    strengths: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    ehc_plan: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    sessions_wanted: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    what_has_worked: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    transport: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    competition_id: Mapped[int | None] = mapped_column(ForeignKey("competition.id"), index=True)
    urgent: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    answer_by: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    reminders: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"), default=0)
    sent_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    start_on: Mapped[date | None]
    offered_sessions: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    offered_price: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    offered_unit: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    offered_price_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    decline_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    answer_note: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")


class SchoolCheck(Base):
    """Something that a school has checked of a provider itself, signed by a person of the school.

    Never changed: what is checked again is another row. Of each kind the newest counts, for every child of
    the school.
    """

    __tablename__ = "school_check"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in OWN_CHECKS)})", name="kind"),
        CheckConstraint("done_by <> ''", name="done_by"),
        CheckConstraint("note <> ''", name="note"),
        Index("ix_school_check_school_id_provider_id", "school_id", "provider_id"),
        Index("ix_school_check_provider_id", "provider_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(Text)
    done_on: Mapped[date]
    done_by: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

"""Tables of invitations and of requests to join."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.organisations.lifecycle import INVITATION, JOIN_REQUEST

JOINABLE = ("provider", "school", "school_group")
"""Kinds that anybody may ask to join. A council invites its people itself."""


def hash_of(token: str) -> str:
    """What the database keeps of a token: whoever reads the table cannot use it."""
    return sha256(token.encode()).hexdigest()


class Invitation(Base):
    """An organisation invites an address to take these roles. Only the hash of its token is kept here."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(INVITATION.check_constraint(), name="state"),
        CheckConstraint("cardinality(roles) > 0", name="has_roles"),
        CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_at"),
        Index(
            "uq_invitation_open",
            "organisation_id",
            func.lower(text("email")),
            unique=True,
            postgresql_where=text("state = 'sent'"),
        ),
        Index("ix_invitation_email", func.lower(text("email"))),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    email: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(Text, server_default=text("'sent'"), default="sent")
    times_sent: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    sent_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class JoinRequest(Base):
    """A person asks to become a member of an organisation."""

    __tablename__ = "join_request"
    __table_args__ = (
        CheckConstraint(JOIN_REQUEST.check_constraint(), name="state"),
        CheckConstraint(
            "(state IN ('approved', 'declined')) = (answered_at IS NOT NULL)", name="answered_at"
        ),
        Index(
            "uq_join_request_open",
            "person_id",
            "organisation_id",
            unique=True,
            postgresql_where=text("state = 'asked'"),
        ),
        Index("ix_join_request_waiting", "organisation_id", postgresql_where=text("state = 'asked'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    message: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    state: Mapped[str] = mapped_column(Text, server_default=text("'asked'"), default="asked")
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")

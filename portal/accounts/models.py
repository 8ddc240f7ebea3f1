"""Tables of people, organisations and memberships."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.lifecycle import ORGANISATION
from portal.database import Base

ORGANISATION_KINDS = ("provider", "school", "school_group", "council")
# Schemes as the central digital platform writes them (org-id.guide): a charity is registered where it works.
IDENTIFIER_SCHEMES = {
    "GB-COH": "Company number",
    "GB-CHC": "Charity number, England and Wales",
    "GB-SC": "Charity number, Scotland",
    "GB-NIC": "Charity number, Northern Ireland",
    "GB-UKPRN": "UK provider reference number (UKPRN)",
    "GB-URN": "School reference number (URN)",
    "GB-UID": "Group number of the register of schools (UID)",
    "GB-PPON": "Public procurement organisation number (PPON)",
}


class Organisation(Base):
    """A provider, a school, a group of schools (a trust) or a council.

    `state_reason` says why the council refused or deactivated it. A school's `group_id` is its trust;
    `phase` and `authority` (its local authority's name) are what the register of schools says of it.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('provider', 'school', 'school_group', 'council')", name="kind"),
        CheckConstraint(ORGANISATION.check_constraint(), name="state"),
        CheckConstraint("state NOT IN ('refused', 'deactivated') OR state_reason <> ''", name="state_reason"),
        CheckConstraint("group_id IS NULL OR kind = 'school'", name="group"),
        Index("ix_organisation_kind_name", "kind", "name"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text, server_default=text("''"))
    postcode: Mapped[str] = mapped_column(Text, server_default=text("''"))
    website: Mapped[str] = mapped_column(Text, server_default=text("''"))
    telephone: Mapped[str] = mapped_column(Text, server_default=text("''"))
    registered_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))
    state: Mapped[str] = mapped_column(Text, server_default=text("'waiting'"), default="waiting")
    state_reason: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    checked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    phase: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    authority: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    schools: Mapped[list["Organisation"]] = relationship(lazy="raise", order_by="Organisation.name")
    identifiers: Mapped[list["OrganisationIdentifier"]] = relationship(lazy="raise")


class OrganisationIdentifier(Base):
    """A number under which a register knows an organisation."""

    __tablename__ = "organisation_identifier"
    __table_args__ = (UniqueConstraint("scheme", "value"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    scheme: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Person(Base):
    """Somebody who can sign in. `fs_uniquifier` is what a session holds: changing it ends all of them.

    `confirmed_at` is when a letter to the address was answered; without it the address may be anybody's.
    """

    __tablename__ = "person"
    __table_args__ = (Index("uq_person_email", func.lower(text("email")), unique=True),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    password: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    fs_uniquifier: Mapped[str] = mapped_column(Text, unique=True, default=lambda: uuid4().hex)
    confirmed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    registered_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))
    erased_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    memberships: Mapped[list["Membership"]] = relationship(lazy="raise", back_populates="person")


class Membership(Base):
    """A person's roles in one organisation. One that is not `active` grants nothing until it is again."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id"),
        CheckConstraint("cardinality(roles) > 0", name="has_roles"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    person: Mapped[Person] = relationship(lazy="raise", back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class SpentKey(Base):
    """Something that works once and has been used: a session that was ended, a challenge, a state."""

    __tablename__ = "spent_key"
    __table_args__ = (Index("ix_spent_key_until", "until"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

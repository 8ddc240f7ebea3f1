"""Tables of profiles."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.profiles.words import APPLIES_TO, CONNECTED_KINDS, GROUND_NAMES, LAWS, LEGAL_FORMS


def _one_of(column: str, values: Iterable[str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


def _text() -> Mapped[str]:
    return mapped_column(Text, server_default=sql("''"), default="")


class Profile(Base):
    """What a provider says of itself. A save with a stale `version` is refused.

    `dsl` is the designated safeguarding lead; `operation_types` are codes of `words.OPERATION_TYPES`.
    """

    __tablename__ = "profile"
    __table_args__ = (
        CheckConstraint(_one_of("legal_form", ("", *LEGAL_FORMS)), name="legal_form"),
        CheckConstraint("version > 0", name="version"),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    legal_form: Mapped[str] = _text()
    trading_name: Mapped[str] = _text()
    registered_address: Mapped[str] = _text()
    postal_address: Mapped[str] = _text()
    website: Mapped[str] = _text()
    operation_types: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"))
    description: Mapped[str] = _text()
    contact_name: Mapped[str] = _text()
    contact_email: Mapped[str] = _text()
    contact_telephone: Mapped[str] = _text()
    dsl_name: Mapped[str] = _text()
    dsl_email: Mapped[str] = _text()
    dsl_telephone: Mapped[str] = _text()
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    saved_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ConnectedPerson(Base):
    """A person or organisation that controls, directs or owns the provider. `nature` is its role, or the
    nature of its control."""

    __tablename__ = "connected_person"
    __table_args__ = (
        CheckConstraint(_one_of("kind", CONNECTED_KINDS), name="kind"),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("until >= since", name="until"),
        Index("ix_connected_person_provider_id", "provider_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    nature: Mapped[str] = _text()
    since: Mapped[date | None]
    until: Mapped[date | None]
    saved_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ExclusionGround(Base):
    """A ground that applies, or may apply, to somebody.

    `managed` is how it is managed (self-cleaning), `ended_on` when the circumstances ended, `published_at`
    the web page of a public authority that records it.
    """

    __tablename__ = "exclusion_ground"
    __table_args__ = (
        CheckConstraint(_one_of("ground", GROUND_NAMES), name="ground"),
        CheckConstraint(_one_of("applies_to", APPLIES_TO), name="applies_to"),
        CheckConstraint("applies_to = 'supplier' OR applies_to_name <> ''", name="applies_to_name"),
        CheckConstraint("in_uk OR jurisdiction <> ''", name="jurisdiction"),
        CheckConstraint("detail <> '' AND managed <> ''", name="detail"),
        Index("ix_exclusion_ground_provider_id", "provider_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    ground: Mapped[str] = mapped_column(Text)
    applies_to: Mapped[str] = mapped_column(Text)
    applies_to_name: Mapped[str] = _text()
    in_uk: Mapped[bool]
    jurisdiction: Mapped[str] = _text()
    happened_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    detail: Mapped[str] = mapped_column(Text)
    managed: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = _text()
    published_at: Mapped[str] = _text()
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ExclusionDeclaration(Base):
    """That no ground of a law applies, or that `grounds` (as they stood then) do, by a named person.

    A change of a ground supersedes it: what a provider declares is what stands.
    """

    __tablename__ = "exclusion_declaration"
    __table_args__ = (
        CheckConstraint(_one_of("law", LAWS), name="law"),
        CheckConstraint("superseded_at >= declared_at", name="superseded_at"),
        Index(
            "uq_exclusion_declaration_standing",
            "provider_id",
            "law",
            unique=True,
            postgresql_where=sql("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    law: Mapped[str] = mapped_column(Text)
    grounds: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    declared_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    superseded_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class ShareCode(Base):
    """A share code of the central digital platform as the provider recorded it.

    `is_latest` is what the platform told the council that verified it (`share_code_is_latest`).
    """

    __tablename__ = "share_code"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Za-z0-9]{8}$'", name="code"),
        CheckConstraint(
            "(verified_at IS NULL) = (verified_by_id IS NULL)"
            " AND (verified_at IS NULL) = (is_latest IS NULL)",
            name="verified",
        ),
        Index("ix_share_code_provider_id", "provider_id", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_latest: Mapped[bool | None]

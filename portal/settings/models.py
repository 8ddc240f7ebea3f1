"""The table of settings, one row a change."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, deferred, mapped_column

from portal.database import Base

COLOUR = "^#[0-9a-f]{6}$"
PERIOD_BOUNDS = {
    "answer_working_days": (1, 10),
    "emergency_hours": (1, 24),
    "fresh_days_visit": (30, 1095),
    "fresh_days_registration": (30, 1095),
    "fresh_days_insurance": (30, 1095),
    "fresh_days_safeguarding": (30, 1095),
}
"""The least and the most that a period (`portal.settings.periods`) can be: nobody waits for longer than two
weeks, and a check of three years ago is none."""


class SettingsVersion(Base):
    """All settings as one person left them. An empty text: as the environment has it; an empty period: what
    is usual. `logo` is a PNG."""

    __tablename__ = "settings_version"
    __table_args__ = (
        CheckConstraint(f"brand_colour = '' OR brand_colour ~ '{COLOUR}'", name="brand_colour"),
        CheckConstraint(f"accent_colour = '' OR accent_colour ~ '{COLOUR}'", name="accent_colour"),
        CheckConstraint("(logo IS NULL) = (logo_sha256 = '')", name="logo"),
        *(
            CheckConstraint(f"{name} BETWEEN {least} AND {most}", name=name)
            for name, (least, most) in PERIOD_BOUNDS.items()
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    council_name: Mapped[str] = mapped_column(Text)
    service_name: Mapped[str] = mapped_column(Text)
    brand_colour: Mapped[str] = mapped_column(Text)
    accent_colour: Mapped[str] = mapped_column(Text)
    mail_sender: Mapped[str] = mapped_column(Text)
    mail_sender_name: Mapped[str] = mapped_column(Text)
    logo: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    logo_sha256: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    answer_working_days: Mapped[int | None] = mapped_column(SmallInteger)
    emergency_hours: Mapped[int | None] = mapped_column(SmallInteger)
    fresh_days_visit: Mapped[int | None] = mapped_column(SmallInteger)
    fresh_days_registration: Mapped[int | None] = mapped_column(SmallInteger)
    fresh_days_insurance: Mapped[int | None] = mapped_column(SmallInteger)
    fresh_days_safeguarding: Mapped[int | None] = mapped_column(SmallInteger)
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"))

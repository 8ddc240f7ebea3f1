"""Tables of reminders: what was sent, and who wants none."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class Reminder(Base):
    """A reminder that was written. The key is the promise "once each": a rule, an application, a closing
    time, a person. A later closing time is another key, so its reminders are planned anew."""

    __tablename__ = "reminder"

    rule: Mapped[str] = mapped_column(Text, primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    closes_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    written_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class RemindersOff(Base):
    """Somebody who wants no reminders, since when."""

    __tablename__ = "reminders_off"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

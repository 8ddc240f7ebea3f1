"""The table of followers."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class RoundFollower(Base):
    """A person at a provider who is told what happens to a round."""

    __tablename__ = "round_follower"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    followed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

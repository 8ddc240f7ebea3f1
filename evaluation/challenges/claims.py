"""Until when a claim against a decision can be started in court."""

from datetime import date, timedelta

# A claim must be started within 30 days that begin with the day on which its grounds are first known: the
# Procurement Act 2023, section 106, and regulation 92 of the Public Contracts Regulations 2015.
CLAIM_DAYS = 30


def last_day_to_claim(told_on: date) -> date:
    """The last of the days, counted from the day on which the grounds were told."""
    return told_on + timedelta(days=CLAIM_DAYS - 1)

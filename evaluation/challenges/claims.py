"""Until when a claim against a decision can be started in court."""

from datetime import date, timedelta

# A claim must be started within 30 days that begin with the day on which the claimant first knew, or ought to
# have known, of its grounds: the Procurement Act 2023, section 106(2), and the Public Contracts Regulations
# 2015, regulation 92(2). A court may give longer for a good reason, up to three months from that same day:
# section 106(3); regulation 92(4) and (5). What is asked for after a contract is made has other limits, six
# months at the longest: section 106(1); regulation 93. (gov.uk, "Guidance: Remedies", on Part 9 of the Act;
# Ward Hadaway, "Procurement Act 2023 Guidance: Limitation" and "Time limits", on both.)
CLAIM_DAYS = 30


def last_day_to_claim(told_on: date) -> date:
    """The last of the days, counted from the day on which the grounds were told."""
    return told_on + timedelta(days=CLAIM_DAYS - 1)

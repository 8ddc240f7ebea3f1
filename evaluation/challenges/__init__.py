"""Complaints and challenges about a round: what came, from whom, about which lot, by when it is answered.

Words: a *challenge* is a question about an outcome, a complaint, or a claim in court. Its *finding* says
whether it was right: upheld, partly upheld or not upheld. A complaint is answered with its finding; a
question may have none; what comes out of a claim is often known only after it was answered, and is noted
then. What is upheld, or partly, lets `evaluation.reconsiderations` make decisions anew. A challenge may
*hold* the admissions of its lot, or of every lot: an admission that has not taken effect waits until the hold
is lifted. It holds nothing that has taken effect. A claim must be started within 30 days of knowledge of its
grounds (Procurement Act 2023 and Public Contracts Regulations 2015, on the time for claims).
"""

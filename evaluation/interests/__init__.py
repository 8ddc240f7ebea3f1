"""What panel members, leads and approvers declare of themselves once, and what of a tenderer resembles it.

Words: an *interest* is an organisation with which somebody has to do, as governor, trustee, employee or
owner, or through somebody close; a *consideration* is a resemblance between one of them or their interests
and a tenderer or its connected persons. A consideration is never a finding: it asks the evaluator, who
declares, and the lead, who knows both, to think of it (Procurement Act 2023, section 83: actual,
potential and perceived conflicts are assessed, and the assessment is kept under review).
"""

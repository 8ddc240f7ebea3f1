"""Individual marks: one evaluator, one answer, the points of a band and the reason.

An evaluator sees their own marks only, until every evaluator of that application has locked theirs.
"""

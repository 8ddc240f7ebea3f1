"""The record of conflicts assessments that a round is published with and kept under review by.

Words: an *assessment* says who takes part in the procurement and which conflicts of interest were found; each
conflict is actual, potential or perceived and has a *mitigation*. Source: Procurement Act 2023, section
83 (prepared before the tender notice, kept under review, revised as necessary). It is the council's own
paper: its leads write it, auditors read it, and it is never public. What an evaluator declares on one tender
belongs to `evaluation.assignments`.
"""

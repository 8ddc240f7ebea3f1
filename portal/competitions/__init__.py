"""A mini-competition for one child: several providers answer sealed until one close, by the same criteria.

The answers are opened together. What can be counted is counted (start, half days, price), the rest is marked
with reasons, and the totals are those of `evaluation.outcomes.python_totals`: the same function that ranks
tenders. The first-ranked offer is the one that is chosen (`portal.call_offs`, route `mini_competition`), or
none. Competition among the providers of a framework: Procurement Act 2023, sections 45 and 46.
"""

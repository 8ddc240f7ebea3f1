"""Frameworks that are always open: their intakes, and when applicants have their answer.

Words: an *intake* is a round that opens at the *cut-off* at which the one before it closes. All planned
intakes are published together, each with its own copy of the pack, so that at any moment one is open and what
comes after a cut-off goes into the next. Sealing, opening and marking then work for each as for any round.
The *promise* is the number of working days after the close within which everyone has an answer. The rows are
the rounds' (`tender.frameworks`).
"""

"""Agreed marks and their reasons, question by question, once every evaluator of an application has locked.

Words: an *agenda item* is an answer that a panel can agree on, with its marks in short; the widest difference
that weighs most comes first. A *meeting* keeps who of the panel was there, from when to when; what is agreed
while it runs belongs to it. Individual marks are never changed: the agreed mark stands in a table of its own
beside them, until it is unlocked with a reason.
"""

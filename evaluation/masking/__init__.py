"""Hiding in a tender's own words what says whose tender it is.

Words: an *identifier* is a name, number or address by which a provider or one of its people is known to the
portal. What is shown is masked and says so in place; the answer itself is never touched, and the content of a
file cannot be masked.
"""

"""Pass / fail / refer checks of an opened application against the pack's conditions.

Words: a *check* is the result of one condition for one application (and one lot, where the condition is asked
per lot). A rule gives pass, fail or refer; a person decides what is referred and may override, with a reason,
and a later run of the rules never overwrites a person. A failed condition ends the application for the lots
that it concerns, and only for those.
"""

"""The audit trail: an append-only, hash-chained record of what happened.

Any noun calls `services.record(...)` inside its transaction; the lines are written as the last thing before
the commit, so that the chain's lock is held for a moment only. The database refuses to change or remove a
line (triggers in the migrations), and computes the chain itself.

Words: a *line* has an actor, an action (`application.submit`), a subject (a noun and its id) and details.
"""

"""Who marks what, and conflict declarations.

Words: a *panel member* serves a round as evaluator or moderator; an *assignment* gives one application to one
evaluator. Nothing of an application but the provider's name is shown before the evaluator has declared
whether they have a conflict with that provider; a declared conflict ends the assignment. Locking says that
the evaluator's marks for that application are done.
"""

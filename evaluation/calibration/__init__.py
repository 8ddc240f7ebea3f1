"""Practice before the real marking: invented answers that everybody marks first.

Words: a *practice answer* is an invented answer of the lead's to one question of the round; every evaluator,
whatever their part, marks it like a tender's. Once everybody who has something to mark has locked their
practice, all of them, the moderator and the lead see how far the marks lie apart, and can agree how the scale
is read. Practice counts for nothing. No tender is marked by an evaluator who has not locked their practice.
"""

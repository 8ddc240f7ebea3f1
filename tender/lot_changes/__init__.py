"""What was changed of a lot, or of the framework's term, after a round was published: shown and told.

Words: a *change* is a lot's conditions before and after, with the reason. It stands on the public page of
every round that was running then, and everyone who follows such a round or applies to it is told, those whose
application has the lot what it means for them. Another *term* of the framework is told
to the same people; the framework's trail keeps it, and the public page shows the term as it is.
"""

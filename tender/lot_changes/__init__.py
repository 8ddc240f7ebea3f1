"""What was changed of a lot after a round that offers it was published: kept, shown and told.

Words: a *change* is a lot's conditions before and after, with the reason. It stands on the public page of
every round that was running then, and everyone who follows such a round or applies to it is told, those whose
application has the lot what it means for them.
"""

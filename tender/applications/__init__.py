"""A provider's application to a round: lots, answers, documents, submission and receipt.

Words: an *application* belongs to one provider and one round and is for one or more lots; an *answer* is to
one question, once, or once for each lot where the question is asked per lot; *submitting* seals all of it and
gives a *receipt*, whose manifest lists every answer and file with its SHA-256. Until the tender box is
opened only the provider's own people can read any of it, and the database refuses to change a sealed one.
"""

"""Letters: an outbox in the database, delivered by SMTP after the commit.

A noun writes a letter with `services.write_letter` inside its own transaction; a `held` letter waits to be
reviewed and released, a `queued` one goes out with the next delivery. The key makes a letter unique: the
same event and recipient is written once however often the event is retried.
"""

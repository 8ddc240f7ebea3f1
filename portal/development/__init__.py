"""What the portal brings along so that it runs, whole, on a machine that has nothing but Python.

Owns the embedded services (PostgreSQL, an S3 object store, a mail server) and the demonstration data.
Words: an *embedded service* is the real program, started as a child of this one, keeping everything it
writes under the data folder. Called by ``portal.cli`` and by the tests; the rest of the portal never
imports it and cannot tell an embedded service from a real one.
"""

"""Documents: what people upload, looked into, kept in S3, and given back only by permission.

Words: an *inspection* is what was found in a file before it is kept; a *document* is the row that names
an object in the *bucket*; an *upload* is a file on its way in parts, straight from a browser to the bucket.
Any noun may call `services.store_document`, `document_link`, `read_document` and `remove_document`, and the
functions of `uploads`, and records its own audit line; nobody else touches the bucket.
"""

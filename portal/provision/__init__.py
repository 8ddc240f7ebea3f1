"""Service pages: what a provider keeps of its offer for schools, and what the council has checked of it.

Words: a *page* is a service as schools read it, in *parts*. Some parts are the provider's own words and are
seen at once; the others are *checked*: what is saved there is a *proposal*, which the provider sends, the
council checks against what it knows and publishes, or sends back. Until then schools read what stood before
(at first what the tender said). *Free places* are confirmed session by session, on a page of their own.

A part that the council verified bears the day on which it did, until the provider proposes otherwise and the
council publishes that. Rows of `service` are written through `portal.directory.offer_services`.
"""

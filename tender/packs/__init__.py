"""The drafting of a round's pack: writing it, carrying it between rounds, and changing it after publication.

Words: a *portable pack* is a pack as one document without ids, as it is exported, imported and kept; a
*version* is what a published pack says from a moment on, each with its reason; an *amendment* is the next
version while it is prepared. The rows of a pack belong to `tender.frameworks`, which reads them for everyone.
"""

"""The auditor's pages: the whole trail, filtered, paged, and as a file.

The trail itself is kept by `portal.audit`, at the bottom of the house. These pages stand above the tender
room, because they must know which applications are still sealed: before a round's box is opened nobody at
the council learns from the trail who applies.
"""

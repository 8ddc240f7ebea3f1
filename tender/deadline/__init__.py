"""The last day of a round: the lead's board, and more time after a fault.

Words: the *board* shows how far applications are, without names and without a word of what is in them; an
*extension* is a later closing time with its reason, for everyone or for *named* applications, which their
providers name on the telephone by a reference that does not show who they are.
"""

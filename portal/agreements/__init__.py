"""Individual placement agreements: what school and provider agree for one child, in versions, signed by both.

Words: an agreement starts from a call-off (`portal.call_offs`). What it says are the *terms* of a *version*.
A version is a draft until the school *offers* it for signing; from then on it never changes, and both sign
the SHA-256 of exactly what it says (its *content*). Taking it back, or sending it back, leaves it as it is
and makes another draft. A *variation* is a later version: the one before it counts until both have signed.
Signing is the notice to the council, which reads *placements*: agreements in force, without what they say of
the child.

Schools hear from here what becomes of a provider's standing (`provider_news`): only here it is known until
when a child is there.
"""

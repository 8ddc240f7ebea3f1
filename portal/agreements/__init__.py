"""Individual placement agreements: what school and provider agree for one child, in versions, signed by both.

Signing is the notice to the council. An agreement starts from the call-off (`portal.call_offs`); a variation
is another version, and the one before it stays readable.
"""

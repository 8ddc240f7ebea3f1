"""Signing in, and all that guards it: second factors, letters with codes, throttling, sessions that end.

Words: the *first step* is a password, a passkey that has verified its holder, or the council's own issuer
(OpenID Connect); the *second step* is a code from an authenticator app, a passkey, or a recovery code.
Council staff cannot do without the second; others may have it. A *mailed token* is a link and a code in a
letter, which prove that an address is theirs. An *attempt count* slows down whoever guesses, by the pair of
account and network, so that nobody can keep somebody else out.
"""

"""Applying again to a framework after a refusal, and applying for further lots once admitted.

Words: a *chance* is a round that is open now to a provider one of whose applications to the same framework
was decided and its letter released; what is *carried over* goes from that application into the new draft. The
carrying itself, and what was said last time, belong to the applications' noun.
"""

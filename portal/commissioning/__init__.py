"""How schools ask providers: referrals, for one child who is not named.

Words: a *referral* is a de-identified need profile sent by a school to one service; the provider *accepts*
with an *offer* (start, half days, price) or *declines* with a reason, by the end of its *window*. It is found
under its reference; nothing in it says who the child is. A provider reads of the child while it may be the
one; who declined, was *released* or lost its referral reads the reference and the dates.

Referrals of one child to several services are one *request*; a provider does not learn who else is asked.
When everybody who was asked has said no, or nothing in time until the school withdrew, the need is kept as
*unmet*, without the child. The higher room `portal.call_offs` keeps which offer was chosen; this one asks it
(`choices`) and lets the others go (`release_services`).

A school's *own checks* of a provider are signed by a person of it, and fresh for a while for all its
children.
"""

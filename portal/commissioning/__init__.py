"""How schools ask providers: referrals, for one child who is not named.

Words: a *referral* is a de-identified need profile sent by a school to one service; the provider *accepts*
with a start date or *declines* with a reason. It is found under its reference; nothing in it says who the
child is.
"""

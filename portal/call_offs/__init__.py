"""Calling off from the framework: by which route a school chose one provider for one child, and why.

A call-off is a contract under the framework (Procurement Act 2023, section 45); for one learner it becomes a
placement agreement (`portal.agreements`). The rules of the framework say which routes are open.

Words: a *request* is one child with all referrals for it; a *choice* (call-off) is the one offer that the
school takes up. Higher rooms add what comes next (`steps.subscribe`), call `services.call_off` for routes
that have pages of their own, and may refuse that a choice is cancelled (`CALL_OFF.subscribe("cancel", …)`).
"""

"""Calling off from the framework: by which route a school chose one provider for one child, and why.

A call-off is a contract under the framework (Procurement Act 2023, section 45); for one learner it becomes a
placement agreement (`portal.agreements`). The rules of the framework say which routes are open.
"""

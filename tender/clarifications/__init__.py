"""Questions that providers ask about a round, and the council's answers.

Words: a *clarification* is a question asked in private by somebody at a provider; the council *publishes* it
in words that do not show who asked, with a number and an answer that everyone is told, or answers it
*privately* with a reason (only what is commercially confidential). Questions are taken until the round's
first date and answered by its second. What is published stays: a *correction* is its next version, beside the
one before. The council may publish a clarification *of its own*, which nobody asked for. A question that is
still waiting at the close is *unanswered*; the lead *leaves* it so, with a reason that its asker is told. Who
asked is hidden from the council too until the tender box is opened, and from everyone else for ever: the
trail and the letters never name them.
"""

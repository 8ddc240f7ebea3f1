"""Assessment summaries: why each mark is what it is and not the next one up, in words for the provider.

Words: a tender's *summary* has, for each answer that counts, an *explanation* and why the mark is *not
higher* (nothing at the highest). They are drafted from the agreed reasons, edited by a person, offered, and
approved by another person; every edit is a version that stays. An answer is *covered* while its newest text
was written for the agreed mark as it stands; a summary is *ready* when it is approved and every answer is
covered.

What a summary has to hold follows the Procurement Regulations 2024, regulation 31: the marks, an explanation
of each by reference to relevant information in the tender; what concerns lots (totals, why a tender failed)
is added by `evaluation.outcomes`, whose letters carry the approved text.
"""

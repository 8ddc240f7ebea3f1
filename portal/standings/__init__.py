"""What becomes of a standing: suspended, reinstated, removed; and the evidence that keeps it open.

Words: a *change* is one step in a standing's life with its cause, its reason, who decided, and what the
provider answered to it (*representations*). Removing a provider is *proposed* by one person and decided by
another, after the provider could answer. A *lot asks for* kinds of documents from a day on; a *check* is the
council's word that it has seen one, over the dates that the document had then. From the two of them follows
until when a standing is open to new children: the database keeps that day (`standing.evidence_until`), every
page and every referral compares it with today, and children who are there already are not touched by it.

Where the evaluation decides anew on a tender after a challenge, the standing follows as a change like any
other (`new_decision_services`). The standing itself and its moves are the directory's. `portal.agreements`
listens to the moves, and to evidence that has lapsed, so that schools with a child there are told.
"""

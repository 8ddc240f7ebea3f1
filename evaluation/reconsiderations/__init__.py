"""New decisions after an upheld challenge: one person proposes, another approves, the provider is told.

Words: a *reconsideration* proposes a *new decision* for one tender and lot, in the place of the one that its
provider was told, because a challenge of that round, about that lot or every lot, was upheld or upheld in
part. The earlier decision, its letter and its assessment summary stay as they were; marks and totals too: the
reason says what was wrong with them. Admitting, on conditions or without, and not admitting can be decided
anew; an exclusion has its own checks and its own letter (`evaluation.exclusions`), and none is made here.

Who decides: whoever recommends proposes, whoever approves outcomes approves, never the same person; whoever
declared a conflict with the provider does neither, and the approver has declared on it (Procurement Act 2023,
section 83). A provider that loses its admission was heard before, and the proposal says how.

The letter goes in the transaction of the approval. Letters of a round are staged and read through so that all
tenderers are told at the same time; this is one letter to one provider, whose words both people read before
they decide, and the register must say nothing that its provider has not been told. What becomes of the
decision, and when it takes effect, is `evaluation.outcomes`' own (`replacement_services`).
"""

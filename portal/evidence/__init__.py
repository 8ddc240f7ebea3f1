"""The evidence vault: a provider's documents with their facts, given once and used in every application.

Words: an *evidence* is one thing that a provider can show (its public liability insurance), a *version* is
one document of it with its *facts*: issuer, number, cover in pounds, valid from and until. The newest version
is the one that is offered; earlier ones stay. Applications name the stored document itself, so that nothing
that happens here later reaches what was submitted.

Owns evidence, its versions, and the ledger of reminders. The provider's own people alone read the vault; what
the council may read of it the directory decides, which knows who is admitted and what was opened; and
`portal.standings`, which lets it open what a lot asks an admitted provider to have in force.
"""

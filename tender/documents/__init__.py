"""The documents of a round: specification, contract terms, guidance, as everyone may read them.

Words: a *round document* is one version of a paper that the council publishes with a round; a later version
*follows* an earlier one with a reason, and both stay to be read. Before publication papers come and go; after
it nothing is removed, and everyone who is told of the round hears of each paper and each version. Downloads
are counted; who read what is shown to nobody, as it would show who thinks of applying.
"""

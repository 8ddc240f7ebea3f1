"""The documents of a round: specification, contract terms, guidance, as everyone may read them.

Words: a *round document* is one version of a paper that the council publishes with a round; a later version
*follows* an earlier one with a reason, and both stay to be read. Before publication papers come and go; after
it nothing is removed, and everyone who is told of the round hears of each paper and each version. Downloads
are counted. Which organisations had which paper is part of the seal, as it shows who thinks of applying: the
council reads it once the tender box is open, without the persons, and nobody else ever does.
"""

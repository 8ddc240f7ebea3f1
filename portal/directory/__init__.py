"""The register: who is admitted to which lot, in what standing; their services; the search.

Words: a *standing* is a provider's place on one lot of a framework, for its whole life (conditional,
admitted, suspended, removed); a *service* is what a provider offers under one standing, as schools read it
(`portal.provision` keeps it); an *offer* is what it says, in codes with their words (`offer`); a *search row*
is the narrow copy of a service that the search reads, kept by the write that changes the service or the
standing. A provider that is not admitted has no row that the search can find.
"""

"""Ready-made people, rounds and applications for tests, built through the services that the pages use."""

"""What schools do with what they find: saved searches with letters, comparing, exporting; unmet need.

Words: a *saved search* is what one person looks for, under a name, and may bring a letter when a service fits
that did not before, once a day at most; *unmet need* is what was looked for in vain, kept by day without
anything about a person: the choices of the filters, also those that words name, and the first half of a
postcode, never the words typed. The same search counts once a day for each organisation.
"""

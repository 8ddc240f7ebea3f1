"""Searches that a school keeps as evidence: what was found at a moment, and why each was kept or left out.

Words: a search is *frozen* with the words of every result as they were; that list never changes. Each
service in it is *kept* or *left out*, with a reason for each that is left out. Then a person of the school
*signs* it, and nothing in it changes any more. Only its own school reads a shortlist.

What the school does next with the services that it kept is said by rooms above (`views.add_to_shortlist`).
"""

"""How people come to an organisation, and leave it: invitations, requests to join, members, schools' import.

Owns invitations and requests to join; memberships and organisations themselves are written by the services
of `portal.accounts`. Words: an *invitation* goes to an address and is accepted by whoever holds its letter
and the address; a *request to join* comes from a person and is answered by an administrator.
"""

"""The table of access: every route, role, one's own or another's, in each state, and what is answered."""

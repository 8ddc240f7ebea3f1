"""The first page of every person: what needs them now, then what goes on; and the pages at its foot.

Each noun says for itself what waits for a person (`queries.waiting_for`); this room puts that in order.
"""

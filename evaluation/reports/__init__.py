"""What leaves a decided round for others to read: the decision report, and the data of an award notice.

Words: the *decision report* is everything on which a round's decisions rest, as one PDF, from the recipe to
the hashes, for whoever has to answer a challenge; `evaluation.records` makes it, beside the web server, and
says who may have it. *Award data* is what a contract award notice and a contract details notice ask for, lot
by lot, as a page and as OCDS JSON. Both are put together from the same queries as the pages of results and
decisions, so that no number can differ, and nothing here writes.
"""

"""Who a child is: kept encrypted, read by its school and by the one provider that was chosen.

The provider reads while the choice stands, and until some weeks after the placement's last day (`access`);
it is told nothing more while it may not have a child (`portal.commissioning.provider_standing`).

A *child* is one child of one school: name, date of birth and UPN are sealed. A *file* (an EHC plan, a risk
assessment) is given with one choice (`portal.call_offs`) and read by that choice's provider alone. Each
*reading* is written down before anything is given out, and the school's safeguarding lead reads who read.

Higher rooms get a name from `queries.identity_for` and `queries.names_for` alone, which write the reading.
No letter, address, title, file name or line of the trail holds anything that says who a child is.
"""

"""Personal data: how long it is kept, what must not go yet, and what the portal holds on one person.

Retention is rows, not code: a period for each kind of record, each from a day on, with its source. A legal
hold keeps everything of a subject whatever the periods say. The run (`portal retention run`) lists what is
due and lets the noun that owns it erase it; the audit trail keeps that it was erased, when, and under which
period, but never what it said.

Child data (referrals) stands apart from tender data: other tables, other readers, other periods. Of a DBS
check the portal keeps the fact and the date, never the certificate (DBS code of practice).

Used by the administrator's pages and the command; nothing below imports it.
"""

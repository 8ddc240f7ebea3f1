"""A round's timetable: all its dates in order, those that stand and those that are planned.

Words: a *step* is something that happens on a day (marking, letters). The round's own dates and what happened
are the round's (`tender.frameworks`); what the lead means to do, and when, is kept here as *planned dates*.
Gaps are said in working days (`portal.working_days`).
"""

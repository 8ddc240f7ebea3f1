"""The profile of a provider: what it tells every council once, and says again in no application.

Words (those of the central digital platform): a *connected person* controls, directs or owns the organisation
(Procurement Act 2023, Schedule 6); an *exclusion ground* is an entry of Schedules 6 and 7 that
applies to somebody; a *declaration* says, dated and by a named person, that no ground applies, or which; a
*share code* opens a snapshot of what the organisation has entered on the platform.

Its own people alone read and write it. What of it the council reads, and when, the directory decides.
"""

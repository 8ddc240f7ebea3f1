"""Totals, ranks, decisions and their conditions, letters and their release.

Words: a *result* is an application's exact total for one lot, with the thresholds met and its rank; a
*decision* recommends an outcome per lot (admit, admit on *conditions*, do not admit, exclude) and is approved
by a second person; *releasing* a round delivers all of its letters together, once each was read and a
window to cancel is over, and enters the admitted providers in the register: at once, or after a standstill,
which begins with the letters or with the contract award notice, as the law says. Before that an approved
decision can be *reopened*: what stood is kept, and it is decided and approved again.

The recipe: total = sum over the lot's scored questions of weight x agreed points / highest points of the
scale, and of what its price earns by the published formula, out of 100, kept as an exact fraction. Ranks
compare unrounded totals; equal ones are told apart by the questions that the pack names for it, then by all
marks, or else share a rank. Rounding (half up, two places) happens at display only. An answer given for one
lot counts for that lot, an answer given once for every lot applied for; a lot that a failed condition ended
has no total there, and one below a minimum, of a mark or of the total that the lot asks for, or whose price
does not count, has a total but no rank.

`totals` and `python_totals` add up, each by its own road; `keeping` keeps what the first says, `services`
confirms it where the second says the same, and lets nothing rest on what is not confirmed;
`price_services` decides on prices that are missing or low; `decision_services` recommends and approves;
`reopening_services` sends an approved one back before its letter goes; `letter_services` writes the
letters, `release_services` releases the round, `award_notice_services` notes with what a standstill begins,
`effect_services` lets admissions that waited take effect and tells their providers, `admission_services`
lets the register follow; `condition_services` notes which conditions are met and gives them more time;
`replacement_services` puts a new decision in the place of one that was told, after an upheld challenge.
Only these write results, decisions and releases.

Of the decisions on a tender for a lot one *counts*; those that a new one replaced are `superseded` and stay
as they were (`Decision.counts`).
"""

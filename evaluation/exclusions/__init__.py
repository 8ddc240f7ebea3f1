"""Whether a tenderer must or may be excluded: what somebody at the council looked at, and what they found.

Words: a *part* is one of the looks that are taken at every tenderer: mandatory grounds, discretionary
grounds, its connected and associated persons, and under the Procurement Act 2023 the debarment list. A
*finding* says who looked at what, when, and that nothing was found, that a ground applies, or that it is
*referred*, to be looked at again. Self-cleaning is considered, and the tenderer heard, before anybody is
excluded. A later finding is added, and the earlier ones stay. A tenderer is *clear* when the newest finding
of each part neither refers nor excludes; nobody else is recommended for admission, or told of it, or
admitted. A part that was looked at long ago is looked at again before the letters go, and before an
admission that waits takes effect.
"""

"""Before somebody starts: a dozen plain questions that tell a small provider whether to apply now.

Words: a *topic* is one question with its answers, each of which *counts* as ready, as something to do
*first*, or as something that *stops* an application for now; together they give an *outcome*. Anyone may ask,
nothing is stored and nobody at the council learns of it. The words of those that most rounds share are in
``topics.toml``; what else a round's pack demands is asked in the pack's own words. Nothing here is part of an
application.
"""

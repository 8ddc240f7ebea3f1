"""Before somebody starts: ten plain questions that tell a small provider whether to apply now.

Words: a *topic* is one question with its answers, each of which *counts* as ready, as something to do
*first*, or as something that *stops* an application for now; together they give an *outcome*. Anyone may ask,
nothing is stored and nobody at the council learns of it. The words are in ``topics.toml``. Nothing here is
part of an application.
"""

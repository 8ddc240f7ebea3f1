"""Frameworks, their lots and rounds, and the published pack.

Words: a *framework* is divided into *lots*; a *round* is a dated window in which providers apply for the lots
that it offers; its *pack* is the questions, each judged as a condition (pass or fail), scored on a scale of
*bands* with a weight and a minimum, or taken as information. Publishing freezes the pack. Whether a round is
open follows from the time and is computed by `lifecycle.phase`, never stored.
"""

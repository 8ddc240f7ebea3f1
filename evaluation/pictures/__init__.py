"""Pictures of an evaluation: how far the panel is, where its marks differ, and a tender's marks as a profile.

Each is a chart drawn on the server as SVG, with a title, a description and the table of its figures beneath.
The same rules hold as for the figures themselves: no mark shows before all evaluators of its application have
locked, nothing about a provider with whom the viewer declared a conflict, and progress is counted in answers
marked, never in what the marks are.
"""

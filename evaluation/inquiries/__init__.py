"""A question of the council to one tenderer, about a point in its tender, and the answer.

Words: an *inquiry* asks one tenderer to make clear what it wrote in answer to one question; it never lets a
tender be improved. Questions that providers ask the council are clarifications, another noun. An inquiry has
a deadline of its own in working days, is closed by the clock, and may be withdrawn before it is answered.
Whoever reads the evaluation reads it; the evaluators of that question read an answer only once the lead has
*shown* it to them. Other tenderers are told nothing.
"""

"""What the law allows each kind of framework: dated reference data, and the warnings that follow from it.

Words: a *regime* is the law a procurement is under (PCR2015, PA2023); a *kind* is the vehicle (light touch
framework, open framework, dynamic market, flexible purchasing system, closed framework). The rules and sums
stand in `regimes.toml`, each with its source and the day from which it holds. Nothing here refuses anything:
a warning names its source, and a lawyer decides.
"""

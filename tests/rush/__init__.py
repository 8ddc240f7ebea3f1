"""The hour before a round closes, and the worst days: providers at work against the real portal, and what
must be true of database and store afterwards.

`client` is a browser, `applicants` and `plan` say how people behave, `journal` keeps what they were told,
`stage` is the portal with services that can be killed, `oracle` compares what was told with what is kept.
"""

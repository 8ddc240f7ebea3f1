"""What the council sets for itself: its name, the service's name, its colours, its logo, its letters' sender.

Each change is a new row, with who made it and when; the newest holds, and what it leaves empty comes from the
environment (`config.Settings`). A low room: mail and web read it, the administrator's pages write it.
"""

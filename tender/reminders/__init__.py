"""Reminders of applications that are saved, not submitted, before their time is over.

Words: a *rule* says how long before the close; each rule reminds each person once of each closing time. The
worker writes them; whoever wants none turns them off.
"""

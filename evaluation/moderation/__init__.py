"""Agreed marks and their reasons, question by question, once every evaluator of an application has locked.

Individual marks are never changed: the agreed mark stands in a table of its own beside them.
"""

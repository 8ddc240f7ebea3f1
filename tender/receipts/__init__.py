"""Receipts on paper, and the page on which anyone who holds one can check that it is genuine.

Words: a receipt's *code* is its number and its SHA-256; whoever knows both holds the receipt. What the page
answers to them says when the submission arrived and whether it stands, and never whose it is or what it says.
"""

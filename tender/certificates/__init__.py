"""Certificates: a named person's statement over the exact content of one application.

Words: an editor *asks* for a certificate; a certifier *gives* it, over the SHA-256 of what the application
holds at that moment; a change, a withdrawal or a newer certificate makes it *void*, with who and when. At
most one is asked for or given at a time. This noun knows the SHA-256 alone and never what it was taken of:
who may ask and certify, and what of, is the applications' business, which holds the row meanwhile.
"""

"""Placement agreements."""

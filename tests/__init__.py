"""Tests mirror the code; `architecture/` holds the rules of the house, `journeys/` a real browser."""

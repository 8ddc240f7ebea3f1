"""Whose is what in portal/, a module for each of its packages."""

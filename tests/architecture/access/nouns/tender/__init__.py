"""Whose is what in tender/, a module for each of its packages."""

"""Whose is what in evaluation/, a module for each of its packages."""

"""Tests of what is asked and what was answered."""

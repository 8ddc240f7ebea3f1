"""Tests of applications, from the first click to the receipt."""

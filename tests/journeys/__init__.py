"""Whole journeys in a real browser: what each person does, and what they may not see."""

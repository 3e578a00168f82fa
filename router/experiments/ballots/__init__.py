"""Blind votes: what a rater is shown, without a way to know which arm drew it, and what they say of it."""

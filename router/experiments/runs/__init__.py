"""Runs: the same prompts with the same seeds, drawn by every arm of an experiment while nobody waits."""

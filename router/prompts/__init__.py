"""Prompts on their way to a model: foreign syntax read or named, and what is too long shortened where it may be."""

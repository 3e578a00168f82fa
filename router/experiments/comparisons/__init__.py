"""Comparisons on the spot: a prompt, or a set of them, drawn in several ways by a batch, and shown side by side."""

"""Backups of a studio: its rows and the files that they name, taken while it runs, verified, and restored elsewhere."""

"""Weights from a web server, a hub and a folder: fetched once, whole, and never a pickle."""

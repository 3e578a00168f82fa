"""Webhooks, against real receivers."""

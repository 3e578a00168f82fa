"""Durable jobs: what one is, the protocol that keeps them, and the SQL store behind it."""

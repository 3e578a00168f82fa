"""Batches: many jobs that are asked for in one call, planned before any begins, followed and fetched as one."""

"""The engine's parts that need no model."""

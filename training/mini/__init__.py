"""mini: a small FLUX-architecture model trained on a procedural world, so that a clone can draw at once."""

"""Models measured without weights: what the memory of a GPU is planned with."""

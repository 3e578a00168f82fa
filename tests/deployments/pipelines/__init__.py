"""A pipeline's engine and its parts, with a pipeline that is no model."""

"""The runner's parts, with a pipeline that is no model."""

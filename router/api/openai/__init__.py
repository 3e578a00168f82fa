"""OpenAI's Images API, as its own SDK speaks it."""

"""OpenAI's Images API, read as requests of ours and answered in its words. Pure."""
